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

data "alipolicy_policy_attachments" "administrators" {
  policy_name = "AdministratorAccess"
  policy_type = "System"
}

output "administrators" {
  value = [
    for each in data.alipolicy_policy_attachments.administrators.attachments :
    "${each.kind} ${each.name}"
  ]
}
