"""Ready stacks: to deploy with `cdktf deploy`, to import into an app of one's own, or to copy."""
