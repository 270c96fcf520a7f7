terraform {
  required_providers {
    alipolicy = {
      source  = "alipolicy.internal/alibabacloud/alipolicy"
      version = "~> 0.1"
    }
  }
}

provider "alipolicy" {
  region = "cn-hangzhou"
}

# The policy oss-readers and the role app exist already.
resource "alipolicy_policy_attachment" "app" {
  policy_name = "oss-readers"
  role_name   = "app"
}

output "attachment" {
  value = alipolicy_policy_attachment.app.id
}
