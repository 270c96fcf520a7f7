"""The Terraform provider `alipolicy`: backup policies and RAM policy versions, one by one.

| module | what it is for |
|---|---|
| `provider` | the provider itself: its configuration block, and cloud errors in words |
| `backup_policy`, `policy_version` | the resources |
| `data_sources` | what there is already |
| `operations` | between Terraform and the rest: the cloud at the operation's pace, checks, findings |
| `cloud`, `calls`, `creation`, `errors` | the cloud, which knows no Terraform |
| `configuration`, `credentials` | who calls, and where |
| `protocol/` | Terraform, which knows no cloud |
"""
