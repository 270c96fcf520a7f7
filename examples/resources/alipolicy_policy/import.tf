import {
  to = alipolicy_policy.writers
  id = "log-writers"
}
