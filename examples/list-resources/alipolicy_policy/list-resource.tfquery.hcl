list "alipolicy_policy" "oss" {
  provider = alipolicy

  config {
    name_prefix = "oss-"
  }
}
