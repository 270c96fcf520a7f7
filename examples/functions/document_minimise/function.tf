terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

locals {
  document = jsonencode({
    Version = "1"
    Statement = [
      { Effect = "Allow", Action = ["oss:Get*", "oss:GetObject"], Resource = "acs:oss:*:*:reports/*" },
      { Effect = "Allow", Action = "oss:ListObjects", Resource = "acs:oss:*:*:reports/*" },
    ]
  })
}

output "document" {
  value = provider::alipolicy::document_minimise(local.document)
}
