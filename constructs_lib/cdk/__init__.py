"""The constructs: checked props become Terraform JSON and HCL through CDKTF."""
