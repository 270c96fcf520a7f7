import {
  to = alipolicy_policy_version.readers
  identity = {
    policy_name = "oss-readers"
    version_id  = "v3"
  }
}
