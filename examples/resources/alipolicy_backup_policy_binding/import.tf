import {
  to = alipolicy_backup_policy_binding.logs
  id = "po-000zemnuyx2li3y9y:OSS:company-logs"
}
