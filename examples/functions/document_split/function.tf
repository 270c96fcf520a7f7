terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

locals {
  buckets = [for number in range(300) : format("acs:oss:*:*:team-%03d-reports/*", number)]
  document = jsonencode({
    Version = "1"
    Statement = [
      { Effect = "Allow", Action = ["oss:Get*", "oss:List*"], Resource = local.buckets },
      { Effect = "Deny", Action = "oss:*", Resource = "acs:oss:*:*:team-000-reports/salaries*" },
    ]
  })
  parts = provider::alipolicy::document_split(local.document)
  # The same with one more statement in front: it goes where there is room, and all others stay.
  larger = jsonencode({
    Version = "1"
    Statement = concat(
      [{ Effect = "Allow", Action = "ram:Get*", Resource = "*" }],
      jsondecode(local.document).Statement
    )
  })
}

output "split" {
  value = {
    bytes   = [for part in local.parts : length(part)]
    changed = [for part in provider::alipolicy::document_split(local.larger, local.parts...) : !contains(local.parts, part)]
  }
}
