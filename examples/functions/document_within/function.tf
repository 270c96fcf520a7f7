terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

locals {
  boundary = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = ["oss:Get*", "oss:List*"], Resource = "*" }]
  })
  document = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = "oss:GetObject", Resource = "acs:oss:*:*:reports/*" }]
  })
}

# A plan ends here where the document allows more than the boundary.
check "within_the_boundary" {
  assert {
    condition     = provider::alipolicy::document_within(local.document, local.boundary)
    error_message = "The document allows what the boundary does not allow."
  }
}

output "is_within" {
  value = provider::alipolicy::document_within(local.document, local.boundary)
}
