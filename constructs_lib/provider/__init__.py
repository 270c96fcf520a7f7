"""The Terraform provider `alipolicy`: backup policies and RAM policy versions, one by one.

| module | what it is for |
|---|---|
| `provider` | the provider itself: its configuration block, and which attribute a cloud error is about |
| `backup_policy`, `policy_version`, `data_sources` | the resources, and what there is already |
| `operations` | between Terraform and the rest: the cloud at the operation's pace, checks, findings |
| `default_history` | which version of a RAM policy gets the default back |
| `retention` | which rule became which, and what is kept shorter than before |
| `unclaimed_creates` | what earlier runs left: the resources' side of `pending_creates` |
| `cloud`, `api_models` | the calls that the resources need, and what they return; knows no Terraform |
| `pending_creates/` | a killed run loses no object and doubles none |
| `api_client`, `errors` | one signed, retried API call, and what can go wrong |
| `configuration`, `credentials` | who calls, and where |
| `permissions`, `installation` | what the provider may do, and how Terraform finds it |
| `protocol/` | Terraform, which knows no cloud |
"""

ADDRESS = "alipolicy.internal/alibabacloud/alipolicy"
"""The provider's source: a host that no public registry can serve."""
