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

resource "alipolicy_backup_policy" "nightly" {
  policy_name        = "nightly"
  policy_type        = "STANDARD"
  policy_description = "File systems of production; copies in Shanghai."

  rules {
    rule_type   = "BACKUP"
    backup_type = "COMPLETE"
    schedule    = "C|1631685600|0 0 2 ? * 3,5,7" # Tue, Thu, Sat at 02:00
    vault_id    = "v-0001aaaa"
  }

  rules {
    rule_type = "TRANSITION"
    retention = 14

    retention_rules {
      advanced_retention_type = "WEEKLY"
      retention               = 60
    }
    retention_rules {
      advanced_retention_type = "MONTHLY"
      retention               = 730
    }
  }

  rules {
    rule_type             = "REPLICATION"
    replication_region_id = "cn-shanghai"
    retention             = 30
  }

  rules {
    rule_type = "TAG"

    data_source_filters {
      source_type = "NAS"
    }
    tag_filters {
      key   = "env"
      value = "production"
    }
  }
}

output "policy_id" {
  value = alipolicy_backup_policy.nightly.id
}
