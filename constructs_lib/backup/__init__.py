"""CreatePolicyV2 of Cloud Backup (HBR) in plain Python: rules, schedules, checks."""
