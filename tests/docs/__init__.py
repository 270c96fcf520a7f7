"""What makes the pages of `docs/`, and the tests of them."""
