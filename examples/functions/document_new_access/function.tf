terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

locals {
  old = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = "oss:GetObject", Resource = "acs:oss:*:*:reports/*" }]
  })
  new = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = ["oss:GetObject", "oss:PutObject"], Resource = "acs:oss:*:*:reports/*" }]
  })
}

output "new_access" {
  value = provider::alipolicy::document_new_access(local.old, local.new)
}
