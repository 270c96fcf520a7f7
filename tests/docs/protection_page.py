"""The guide from an empty account to working protection: the stack and the configuration as they are."""

from __future__ import annotations

from pathlib import Path

from tests.docs.front_matter import front_matter

ROOT = Path(__file__).parents[2]
STACK, CONFIGURATION = "stacks/protection.py", "examples/protection/protection.tf"

PAGE = """\
# From an empty account to working protection

A backup policy protects nothing before it has a vault to write into and a source that it is bound to. A
policy version permits nothing before its policy is attached to somebody. Five resources close the circle:

| resource | what it is for |
|---|---|
| `alipolicy_backup_vault` | where the recovery points are |
| `alipolicy_backup_policy` | when backups run, and how long they are kept |
| `alipolicy_backup_policy_binding` | which bucket, instance, file system or table is backed up |
| `alipolicy_policy` | what is allowed |
| `alipolicy_policy_attachment` | to which user, group or role |

The bucket and the role are there already: making those is the work of the official provider, which can stand
in the same stack. A destroy takes all five away again. A vault that holds recovery points stays, and the plan
says how many they are and until when they are kept; `force_destroy = true` deletes them with it.

`make deploy-local` in a checkout deploys both forms to a local cloud, plans again without a change, destroys
them, and looks whether anything is left.

## In Python

```python
{stack}
```

With the official provider, `PolicyVersion` makes the policy: `alicloud_ram_policy` is policy and version in
one.

## In HCL

```terraform
{configuration}
```
"""


def protection_page() -> str:
    title = "From an empty account to working protection"
    description = "A vault, a policy and its binding; a permission policy and its attachment."
    source = f"{STACK}, {CONFIGURATION} and tests/docs/protection_page.py"
    stack, configuration = ((ROOT / file).read_text("utf-8").strip() for file in (STACK, CONFIGURATION))
    page = PAGE.format(stack=stack, configuration=configuration)
    return "\n".join([*front_matter(title, "", description, source), page])
