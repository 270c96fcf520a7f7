import {
  to = alipolicy_policy_version.readers
  id = "oss-readers:v3"
}
