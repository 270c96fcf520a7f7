"""Chaos: real Terraform, our provider and a local cloud, while requests fail and processes are killed."""
