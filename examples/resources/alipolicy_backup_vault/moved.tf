moved {
  from = alicloud_hbr_vault.gold
  to   = alipolicy_backup_vault.gold
}
