list "alipolicy_backup_policy_binding" "buckets" {
  provider = alipolicy
  limit    = 1000

  config {
    source_type = "OSS"
  }
}
