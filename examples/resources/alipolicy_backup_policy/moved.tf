moved {
  from = alicloud_hbr_policy.nightly
  to   = alipolicy_backup_policy.nightly
}
