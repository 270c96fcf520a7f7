terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

locals {
  # As a person writes it, or as another tool leaves it.
  document = <<-JSON
    {
      "Statement": [{"Resource": ["*"], "Effect": "Allow", "Action": ["oss:List*", "oss:Get*", "oss:Get*"]}],
      "Version": "1"
    }
  JSON
}

output "document" {
  value = provider::alipolicy::document_canonical(local.document)
}
