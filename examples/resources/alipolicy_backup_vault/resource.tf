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
  vault_name  = "gold"
  description = "Buckets and file systems of production."

  tags = {
    team = "storage"
  }
}

output "vault_id" {
  value = alipolicy_backup_vault.gold.id
}
