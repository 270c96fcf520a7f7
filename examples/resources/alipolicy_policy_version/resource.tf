terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

provider "alipolicy" {
  region = "cn-hangzhou"
}

# The policy oss-readers already exists and is attached to the users it is for.
resource "alipolicy_policy_version" "readers" {
  policy_name = "oss-readers"
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect   = "Allow"
      Action   = ["oss:GetObject", "oss:ListObjects"]
      Resource = ["acs:oss:*:*:reports", "acs:oss:*:*:reports/*"]
    }]
  })

  # false stages the version: it exists, but does not take effect yet.
  set_as_default  = true
  rotate_strategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
}

output "version_id" {
  value = alipolicy_policy_version.readers.version_id
}
