terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

output "recovery_points" {
  value = provider::alipolicy::recovery_points([
    { rule_type = "BACKUP", backup_type = "COMPLETE", schedule = "I|1648647166|P1D", vault_id = "v-0001aaaa" },
    { rule_type = "TRANSITION", retention = 7 },
  ])
}
