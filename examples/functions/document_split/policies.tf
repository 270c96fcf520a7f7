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

variable "teams" {
  type    = list(string)
  default = ["billing", "web"]
}

# The policies so far, which their tag tells from all others: none at first.
data "alipolicy_policies" "reports" {
  policy_type = "Custom"
  tags        = { split = "reports" }
}

data "alipolicy_policy_versions" "reports" {
  for_each    = toset(data.alipolicy_policies.reports.names)
  policy_name = each.value
}

locals {
  document = jsonencode({
    Version = "1"
    Statement = [for team in var.teams : {
      Effect   = "Allow"
      Action   = ["oss:Get*", "oss:List*"]
      Resource = [for number in range(12) : format("acs:oss:*:*:%s-%03d-reports/*", team, number)]
    }]
  })
  previous = flatten([for name, policy in data.alipolicy_policy_versions.reports : [
    for version in policy.versions : version.policy_document if version.is_default_version
  ]])
  parts = provider::alipolicy::document_split(local.document, local.previous...)
}

resource "alipolicy_policy" "reports" {
  count           = length(local.parts)
  policy_name     = format("reports-%02d", count.index)
  policy_document = local.parts[count.index]
  tags            = { split = "reports" }
}
