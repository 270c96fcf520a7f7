"""The environment of these tests: no Alibaba SDK may leave this machine to look for credentials."""

import os

# Read when the SDK is imported.
os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
