list "alipolicy_policy_version" "staged" {
  provider = alipolicy

  config {
    policy_name        = "oss-readers"
    is_default_version = false
  }
}
