moved {
  from = alicloud_hbr_policy_binding.logs
  to   = alipolicy_backup_policy_binding.logs
}
