terraform {
  required_version = ">= 1.5"
  required_providers {
    alipolicy = {
      source = "alipolicy.internal/alibabacloud/alipolicy"
    }
  }
}

# The access key is not written here: ALIBABA_CLOUD_ACCESS_KEY_ID and
# ALIBABA_CLOUD_ACCESS_KEY_SECRET, or a profile of the aliyun CLI, have it.
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
