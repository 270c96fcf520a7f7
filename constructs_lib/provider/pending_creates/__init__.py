"""Creates that were sent and are not in the state yet: a killed run loses no object and doubles none.

Neither API has an idempotency token, so a create is recorded on disk before its request goes out, and looked
for where its answer does not come, or where the next run finds it unfinished.

| module | what it is for |
|---|---|
| `create_once` | creates an object once: takes over what a lost answer or a killed run has left |
| `journal` | what this process begins, and what earlier ones left unfinished, on disk |
| `log` | the file of one process in the journal, and the locks |
| `plan_messages` | what the processes of one plan tell each other |
| `terraform_run` | which workspace, which state and which run of Terraform this process serves |
| `matching` | whether an object is what was asked for |

`cloud` creates through `CreateOnce` and `Creator`. The resources tell the journal what their state knows and
what their plan wants through `unclaimed_creates` and `default_history`, and nothing else.
"""

from constructs_lib.provider.pending_creates.create_once import Created, CreateOnce, Creator
from constructs_lib.provider.pending_creates.journal import Journal
from constructs_lib.provider.pending_creates.log import PendingOperation, Scope
from constructs_lib.provider.pending_creates.matching import (
    backup_policy_request,
    digest_of,
    has_let_go,
    is_young,
    load_document,
    same_document,
    same_rules,
    version_request,
)
from constructs_lib.provider.pending_creates.terraform_run import StoredObject

__all__ = [
    "CreateOnce",
    "Created",
    "Creator",
    "Journal",
    "PendingOperation",
    "Scope",
    "StoredObject",
    "backup_policy_request",
    "digest_of",
    "has_let_go",
    "is_young",
    "load_document",
    "same_document",
    "same_rules",
    "version_request",
]
