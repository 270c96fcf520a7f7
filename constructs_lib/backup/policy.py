"""A backup policy as the API takes it: the props that checks, constructs and provider share."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from constructs_lib.backup.rule import BackupPolicyRule, PolicyType
from constructs_lib.tokens import Resolvable


@frozen(kw_only=True)
class BackupPolicyProps:
    """The parameters of CreatePolicyV2.

    * `policy_name`: the name shown in the console (API: PolicyName).
    * `policy_type`: left out, the service decides by the vaults in the rules (API: PolicyType).
    * `policy_description`: free text (API: PolicyDescription).
    * `rules`: 1 to 10 rules (API: Rules).
    """

    policy_name: str | Resolvable | None = None
    policy_type: PolicyType | str | Resolvable | None = None
    policy_description: str | Resolvable | None = None
    rules: Sequence[BackupPolicyRule] | Resolvable | None = None
