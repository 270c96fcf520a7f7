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

data "alipolicy_backup_vaults" "standard" {
  vault_type = "STANDARD"
}

output "recovery_points" {
  value = {
    for vault in data.alipolicy_backup_vaults.standard.vaults :
    vault.vault_id => vault.snapshot_count
  }
}
