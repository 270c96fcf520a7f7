terraform import alipolicy_policy.writers log-writers
