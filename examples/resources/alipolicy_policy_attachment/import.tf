import {
  to = alipolicy_policy_attachment.app
  id = "role:app:Custom:oss-readers"
}
