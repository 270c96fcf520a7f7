moved {
  from = alicloud_ram_policy.writers
  to   = alipolicy_policy.writers
}
