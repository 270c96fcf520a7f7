"""CreatePolicyVersion of RAM in plain Python: documents and checks."""
