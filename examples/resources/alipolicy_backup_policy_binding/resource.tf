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

resource "alipolicy_backup_vault" "gold" {
  vault_name = "gold"
}

resource "alipolicy_backup_policy" "nightly" {
  policy_name = "nightly"
  policy_type = "STANDARD"

  rules {
    rule_type   = "BACKUP"
    backup_type = "COMPLETE"
    schedule    = "I|1648647166|P1D"
    vault_id    = alipolicy_backup_vault.gold.id
  }

  rules {
    rule_type = "TRANSITION"
    retention = 30
  }
}

resource "alipolicy_backup_policy_binding" "logs" {
  policy_id      = alipolicy_backup_policy.nightly.id
  source_type    = "OSS"
  data_source_id = "company-logs"
  source         = "2026/"
}

resource "alipolicy_backup_policy_binding" "web" {
  policy_id      = alipolicy_backup_policy.nightly.id
  source_type    = "ECS_FILE"
  data_source_id = "i-bp1a2b3c4d5e6f7g8h9i"
  source         = jsonencode(["/etc", "/var/www"])
  exclude        = jsonencode(["*.tmp"])
  speed_limit    = "8:20:4096"
}
