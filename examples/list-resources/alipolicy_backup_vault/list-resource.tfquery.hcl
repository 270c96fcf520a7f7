list "alipolicy_backup_vault" "web" {
  provider = alipolicy

  config {
    tags = { team = "web" }
  }
}
