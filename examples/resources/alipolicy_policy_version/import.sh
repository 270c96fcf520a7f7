terraform import alipolicy_policy_version.readers oss-readers:v3
