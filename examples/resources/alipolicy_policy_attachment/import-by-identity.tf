import {
  to = alipolicy_policy_attachment.app
  identity = {
    kind        = "role"
    name        = "app"
    policy_type = "Custom"
    policy_name = "oss-readers"
  }
}
