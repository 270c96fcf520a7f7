terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

output "schedule" {
  value = provider::alipolicy::schedule_describe("C|1631685600|0 0 2 ? * 3,5,7")
}
