"""The construct `BackupPolicy`: CreatePolicyV2 of Cloud Backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self, Unpack

from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.resource_types import ALICLOUD, RESOURCE_TYPES
from constructs_lib.backup.rule import (
    AdvancedRetention,
    AdvancedRetentionType,
    BackupPolicyRule,
    PolicyType,
    RuleType,
)
from constructs_lib.backup.schedule import Schedule
from constructs_lib.cdk.backup_attributes import (
    IN_ALICLOUD,
    IN_ALIPOLICY,
    NESTED,
    holds_token_for_blocks,
)
from constructs_lib.cdk.comment import make_comment
from constructs_lib.cdk.element import MetaArguments, ResourceConstruct, annotate
from constructs_lib.cdk.engine import constructs
from constructs_lib.cdk.providers import find_provider_name, find_region
from constructs_lib.findings import approved
from constructs_lib.tokens import Number, Resolvable


class BackupPolicy(ResourceConstruct):
    """A backup policy of Cloud Backup (HBR), as CreatePolicyV2 makes it.

    * `policy_name`: the name shown in the console (API: PolicyName).
    * `policy_type`: STANDARD or UDM_ECS_ONLY; left out, the service decides by the vaults in the rules. A
      change makes Terraform destroy the policy and make another (API: PolicyType).
    * `policy_description`: free text (API: PolicyDescription).
    * `rules`: 1 to 10 rules, among them a BACKUP and a TRANSITION rule (API: Rules).
    * `acknowledge`: reasons by finding code, for 2xx and 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    Every value may be a CDKTF token. Becomes `alicloud_hbr_policy` or `alipolicy_backup_policy`, as the
    provider of the stack (or `provider=`) decides.

    Raises `InvalidPropsError` with all findings at once; ValueError and TypeError for what is wrong with the
    scope, the id, the provider or a meta-argument.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        rules: Sequence[BackupPolicyRule] | Resolvable,
        policy_name: str | Resolvable | None = None,
        policy_type: PolicyType | str | Resolvable | None = None,
        policy_description: str | Resolvable | None = None,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        props = BackupPolicyProps(
            policy_name=policy_name,
            policy_type=policy_type,
            policy_description=policy_description,
            rules=rules,
        )
        resource_type = RESOURCE_TYPES[find_provider_name(scope, meta.get("provider"))]
        checks = CHECKS + resource_type.checks
        has_copies = isinstance(rules, (list, tuple)) and RuleType.REPLICATION in map(_rule_type, rules)
        region = find_region(scope, meta.get("provider")) if has_copies else None
        findings = check_backup_policy(props, checks, region)
        warnings = approved(f"BackupPolicy {id_!r}", findings, acknowledge, (check.code for check in checks))
        attributes = IN_ALICLOUD if resource_type is ALICLOUD else IN_ALIPOLICY
        super().__init__(
            scope,
            id_,
            terraform_type=resource_type.name,
            provider_name=resource_type.provider_name,
            attributes=attributes.write(props) | make_comment(acknowledge),
            blocks=NESTED,
            dynamic=attributes.dynamic_blocks() if holds_token_for_blocks(props) else None,
            **meta,
        )
        annotate(self, warnings)

    @classmethod
    def tiered(
        cls,
        scope: constructs.Construct,
        id_: str,
        *,
        schedule: Schedule | str | Resolvable,
        retention: Number,
        daily: Number | None = None,
        weekly: Number | None = None,
        monthly: Number | None = None,
        yearly: Number | None = None,
        vault_id: str | Resolvable | None = None,
        keep_latest_snapshots: Number = 1,
        rules: Sequence[BackupPolicyRule] = (),
        policy_name: str | Resolvable | None = None,
        policy_description: str | Resolvable | None = None,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> Self:
        """The usual tiers: every backup is kept for a while, the first of a period longer.

        * `schedule`: when backups start.
        * `retention`: days that every backup is kept.
        * `daily`, `weekly`, `monthly`, `yearly`: days that the first backup of each such period is kept; left
          out, it is kept no longer than any other.
        * `vault_id`: the vault of a STANDARD policy; left out, the policy is UDM_ECS_ONLY.
        * `keep_latest_snapshots`: 1, the default, keeps the newest backup forever; 0 does not.
        * `rules`: further rules, such as REPLICATION and TAG.
        """
        retention_rules = [
            AdvancedRetention(advanced_retention_type=period, retention=days)
            for period, days in zip(AdvancedRetentionType, (daily, weekly, monthly, yearly), strict=True)
            if days is not None
        ]
        return cls(
            scope,
            id_,
            policy_name=policy_name,
            policy_type=PolicyType.UDM_ECS_ONLY if vault_id is None else PolicyType.STANDARD,
            policy_description=policy_description,
            rules=[
                BackupPolicyRule.backup(
                    schedule=schedule, vault_id=vault_id, keep_latest_snapshots=keep_latest_snapshots
                ),
                BackupPolicyRule.transition(retention=retention, retention_rules=retention_rules or None),
                *rules,
            ],
            acknowledge=acknowledge,
            **meta,
        )

    @property
    def policy_id(self) -> str:
        """The id that the service gives the policy, such as `po-000…` (API: PolicyId). A token."""
        return self.string_attribute("id")

    @property
    def create_time(self) -> str:
        """When the policy was created. A token."""
        return self.string_attribute("create_time")


def _rule_type(rule: object) -> object:
    return rule.rule_type if isinstance(rule, BackupPolicyRule) else None
