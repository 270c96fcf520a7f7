"""Code for what exists: an account, a state, a plan or documents become a CDKTF app that imports them."""
