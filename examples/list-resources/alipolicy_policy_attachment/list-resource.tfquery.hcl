list "alipolicy_policy_attachment" "roles" {
  provider = alipolicy

  config {
    kind        = "role"
    policy_type = "Custom"
  }
}
