import {
  to = alipolicy_backup_vault.gold
  identity = {
    vault_id = "v-0001a2b3c4d5e6f7g8h9"
  }
}
