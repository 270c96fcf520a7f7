terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

output "next_runs" {
  value = provider::alipolicy::schedule_next_runs("C|1631685600|0 0 2 ? * 3,5,7", "2026-11-30T00:00:00Z", 3)
}
