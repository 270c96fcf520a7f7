moved {
  from = alicloud_ram_role_policy_attachment.app
  to   = alipolicy_policy_attachment.app
}
