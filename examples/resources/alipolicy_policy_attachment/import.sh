terraform import alipolicy_policy_attachment.app role:app:Custom:oss-readers
