import {
  to = alipolicy_backup_policy.nightly
  id = "po-000zemnuyx2li3y9y"
}
