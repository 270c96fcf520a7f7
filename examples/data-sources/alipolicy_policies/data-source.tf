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

data "alipolicy_policies" "own" {
  policy_type = "Custom"
}

output "unused" {
  value = [
    for policy in data.alipolicy_policies.own.policies :
    policy.policy_name if policy.attachment_count == 0
  ]
}
