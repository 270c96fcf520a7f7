import {
  to = alipolicy_policy.writers
  identity = {
    policy_name = "log-writers"
  }
}
