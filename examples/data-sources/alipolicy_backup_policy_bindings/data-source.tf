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

data "alipolicy_backup_policy_bindings" "buckets" {
  source_type = "OSS"
}

output "buckets_without_backups" {
  value = [
    for binding in data.alipolicy_backup_policy_bindings.buckets.bindings :
    binding.data_source_id if binding.disabled
  ]
}
