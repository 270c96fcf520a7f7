list "alipolicy_backup_policy" "all" {
  provider = alipolicy
  limit    = 1000

  config {
    name_prefix = "nightly"
    policy_type = "STANDARD"
  }
}
