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

data "alipolicy_policy_versions" "readers" {
  policy_name = "oss-readers"
}

output "default_version" {
  value = data.alipolicy_policy_versions.readers.default_version
}

output "documents" {
  value = {
    for version in data.alipolicy_policy_versions.readers.versions :
    version.version_id => jsondecode(version.policy_document)
  }
}
