import {
  to = alipolicy_backup_policy_binding.logs
  identity = {
    policy_id      = "po-000zemnuyx2li3y9y"
    source_type    = "OSS"
    data_source_id = "company-logs"
  }
}
