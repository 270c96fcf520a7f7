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

resource "alipolicy_policy" "writers" {
  policy_name = "log-writers"
  description = "Write to the project of the web shop, and read nothing."
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect   = "Allow"
      Action   = ["log:PostLogStoreLogs"]
      Resource = ["acs:log:*:*:project/web-shop/*"]
    }]
  })
  tags = {
    team = "web"
  }
}

output "version_id" {
  value = alipolicy_policy.writers.version_id
}
