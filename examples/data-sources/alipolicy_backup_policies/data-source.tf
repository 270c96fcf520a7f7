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

data "alipolicy_backup_policies" "all" {}

data "alipolicy_backup_policies" "nightly" {
  policy_name = "nightly"
}

output "policies_that_back_up_nothing" {
  value = [
    for policy in data.alipolicy_backup_policies.all.policies : policy.policy_name
    if policy.policy_binding_count == 0
  ]
}

output "nightly" {
  value = data.alipolicy_backup_policies.nightly.ids
}
