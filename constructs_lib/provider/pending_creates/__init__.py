"""Creates that were sent and are not in the state yet: a killed run loses no object and doubles none."""
