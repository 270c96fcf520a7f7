terraform {
  required_version = ">= 1.5"
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

# The access key is not written here: it comes from ALIBABA_CLOUD_ACCESS_KEY_ID and
# ALIBABA_CLOUD_ACCESS_KEY_SECRET, or from a profile of the aliyun CLI.
provider "alipolicy" {
  region            = "cn-hangzhou"
  max_retry_timeout = 120
}

# Another region, for the policies that name it: provider = alipolicy.shanghai
provider "alipolicy" {
  alias  = "shanghai"
  region = "cn-shanghai"
}

data "alipolicy_backup_policies" "in_shanghai" {
  provider = alipolicy.shanghai
}

output "policies_in_shanghai" {
  value = data.alipolicy_backup_policies.in_shanghai.ids
}
