"""From files, folders, plans and git to the resources that a review compares."""
