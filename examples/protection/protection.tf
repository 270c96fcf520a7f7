# From an empty account to a bucket that is backed up every night and a role that may read it.
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

locals {
  bucket = "example-reports" # it exists, as the role report-reader does
}

resource "alipolicy_backup_vault" "backups" {
  vault_name = "${local.bucket}-backups"
}

resource "alipolicy_backup_policy" "nightly" {
  policy_name = "${local.bucket} every night"
  policy_type = "STANDARD"

  rules {
    rule_type             = "BACKUP"
    backup_type           = "COMPLETE"
    schedule              = "C|1767196800|0 0 2 * * ?"
    vault_id              = alipolicy_backup_vault.backups.id
    keep_latest_snapshots = 1
  }

  rules {
    rule_type = "TRANSITION"
    retention = 14

    retention_rules {
      advanced_retention_type = "MONTHLY"
      retention               = 365
    }
  }
}

resource "alipolicy_backup_policy_binding" "reports" {
  policy_id      = alipolicy_backup_policy.nightly.id
  source_type    = "OSS"
  data_source_id = local.bucket
}

resource "alipolicy_policy" "readers" {
  policy_name = "${local.bucket}-readers"
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect   = "Allow"
      Action   = ["oss:GetObject", "oss:ListObjects"]
      Resource = ["acs:oss:*:*:${local.bucket}", "acs:oss:*:*:${local.bucket}/*"]
    }]
  })
}

resource "alipolicy_policy_attachment" "reader" {
  policy_name = alipolicy_policy.readers.policy_name
  role_name   = "report-reader"
}

output "vault_id" {
  value = alipolicy_backup_vault.backups.id
}
