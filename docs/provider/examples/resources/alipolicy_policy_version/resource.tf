terraform {
  required_providers {
    alipolicy = {
      source = "alipolicy.internal/alibabacloud/alipolicy"
    }
  }
}

provider "alipolicy" {
  region = "cn-hangzhou"
}

# The policy oss-readers exists already, and is attached to whom it is for.
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

  # false stages the version: it is there, and nobody is governed by it yet.
  set_as_default  = true
  rotate_strategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
}

output "version_in_force" {
  value = alipolicy_policy_version.readers.version_id
}
