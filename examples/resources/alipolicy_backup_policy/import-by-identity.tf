import {
  to = alipolicy_backup_policy.nightly
  identity = {
    policy_id = "po-000zemnuyx2li3y9y"
  }
}
