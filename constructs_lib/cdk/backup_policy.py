"""The construct `BackupPolicy`: CreatePolicyV2 of Cloud Backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any, Self, Unpack

from attrs import evolve

from constructs_lib.backup.bound_sources import BoundSource
from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.resource_types import ALICLOUD, CODES, RESOURCE_TYPES
from constructs_lib.backup.rule import (
    AdvancedRetention,
    AdvancedRetentionType,
    BackupPolicyRule,
    PolicyType,
    RuleType,
)
from constructs_lib.backup.schedule import Schedule
from constructs_lib.backup.stack_checks import protects_nothing
from constructs_lib.cdk.backup_attributes import (
    IN_ALICLOUD,
    IN_ALIPOLICY,
    NESTED,
    holds_token_for_blocks,
)
from constructs_lib.cdk.backup_policy_binding import BackupPolicyBinding, BindingArguments
from constructs_lib.cdk.comment import write_reasons
from constructs_lib.cdk.element import MetaArguments, ResourceConstruct, annotate
from constructs_lib.cdk.engine import constructs
from constructs_lib.cdk.providers import find_provider_name, find_region
from constructs_lib.findings import Finding, approved, shown
from constructs_lib.tokens import Number, Resolvable, is_token


class BackupPolicy(ResourceConstruct):
    """A backup policy of Cloud Backup (HBR), as CreatePolicyV2 makes it.

    * `policy_name`: the name shown in the console (API: PolicyName).
    * `policy_type`: STANDARD or UDM_ECS_ONLY; left out, the service decides by the vaults in the rules. A
      change makes Terraform destroy the policy and make another (API: PolicyType).
    * `policy_description`: free text (API: PolicyDescription).
    * `rules`: 1 to 10 rules, among them a BACKUP and a TRANSITION rule (API: Rules).
    * `acknowledge`: reasons by finding code, for 2xx and 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    What is given can be read again, such as `policy.rules` in an aspect, and `add_rule` adds to it;
    `TF_RESOURCE_TYPE` is the type of the Terraform resource.

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
        self._resource_type, self._acknowledge, self._id = resource_type, acknowledge, id_
        self._place = scope, meta.get("provider")
        warnings = self._check(props)
        self._reasons = write_reasons(acknowledge, resource_type)
        super().__init__(
            scope,
            id_,
            terraform_type=resource_type.name,
            provider_name=resource_type.provider_name,
            **self._write(props),
            blocks=NESTED,
            **meta,
        )
        self._props, self._warnings = props, warnings
        annotate(self, warnings)

    def _check(self, props: BackupPolicyProps) -> list[Finding]:
        """The warnings that are left. InvalidPropsError: there are errors."""
        checks, rules = CHECKS + self._resource_type.checks, props.rules
        has_copies = isinstance(rules, (list, tuple)) and RuleType.REPLICATION in map(_rule_type, rules)
        region = find_region(*self._place) if has_copies else None
        findings = check_backup_policy(props, checks, region)
        return approved(f"BackupPolicy {self._id!r}", findings, self._acknowledge, CODES)

    def _write(self, props: BackupPolicyProps) -> dict[str, Any]:
        attributes = IN_ALICLOUD if self._resource_type is ALICLOUD else IN_ALIPOLICY
        dynamic = attributes.dynamic_blocks() if holds_token_for_blocks(props) else None
        return {
            "attributes": attributes.write(props) | self._reasons,
            "dynamic": dynamic,
            "if_unbound": "" if protects_nothing.code in (self._acknowledge or ()) else _if_unbound(props),
        }

    def add_rule(self, *rules: BackupPolicyRule) -> None:
        """Further rules; all are checked again, those so far and these.

        Raises `InvalidPropsError` with all findings, and ValueError where the rules so far are a token; then
        none is added.
        """
        given = self._props.rules
        if is_token(given) or not isinstance(given, (list, tuple)):
            raise ValueError(f"BackupPolicy {self._id!r}: its rules are a token, to which none can be added")
        props = evolve(self._props, rules=[*given, *rules])
        warnings = self._check(props)
        self.replace_attributes(**self._write(props))
        annotate(self, [warning for warning in warnings if warning not in self._warnings])
        self._props, self._warnings = props, warnings

    def bind(
        self, source: BoundSource, id_: str | None = None, **more: Unpack[BindingArguments]
    ) -> BackupPolicyBinding:
        """Let the policy back up a source, such as `OssBucket("logs")`.

        The binding is made beside the policy, and for the same provider. Its id is that of the policy, with
        the type and the name of the source: `nightly-OSS-logs`; `id_` chooses another, and has to where the
        name is a token. `more`: as in `BackupPolicyBinding`.

        ValueError: the id is taken, since the source is bound already, or cannot be made of a token.
        """
        name = source.name if isinstance(source, BoundSource) else "source"
        if id_ is None and (not isinstance(name, str) or is_token(name)):
            raise ValueError(
                f"BackupPolicy {self._id!r}: the source is {shown(name)}; write id_=…, as no id of the "
                "binding can be made of that"
            )
        kind = source.TYPE if isinstance(source, BoundSource) else ""
        return BackupPolicyBinding(
            self._place[0],
            id_ or f"{self._id}-{kind}-{name}",
            policy_id=self.policy_id,
            policy_type=BackupPolicyView.of(self._props).policy_type,
            source=source,
            provider=self.provider,
            **more,
        )

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
        arguments: dict[str, Any] = {
            **meta,
            "policy_name": policy_name,
            "policy_type": PolicyType.UDM_ECS_ONLY if vault_id is None else PolicyType.STANDARD,
            "policy_description": policy_description,
            "rules": [
                BackupPolicyRule.backup(
                    schedule=schedule, vault_id=vault_id, keep_latest_snapshots=keep_latest_snapshots
                ),
                BackupPolicyRule.transition(retention=retention, retention_rules=retention_rules or None),
                *rules,
            ],
            "acknowledge": acknowledge,
        }
        return cls._make(scope, id_, arguments)

    @classmethod
    def _make(cls, scope: constructs.Construct, id_: str, arguments: dict[str, Any]) -> Self:
        """A policy of this class; without its own constructor, where that takes other arguments."""
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            signature(cls.__init__).bind(None, scope, id_, **given)
        except TypeError:
            policy = cls.__new__(cls)
            BackupPolicy.__init__(policy, scope, id_, **given)
            return policy
        return cls(scope, id_, **given)

    @property
    def policy_name(self) -> str | Resolvable | None:
        """The name, as given."""
        return self._props.policy_name

    @property
    def policy_type(self) -> PolicyType | str | Resolvable | None:
        """The type, as given; None where the service decides."""
        return self._props.policy_type

    @property
    def policy_description(self) -> str | Resolvable | None:
        """The description, as given."""
        return self._props.policy_description

    @property
    def rules(self) -> Sequence[BackupPolicyRule] | Resolvable | None:
        """The rules, as given."""
        return self._props.rules

    @property
    def id(self) -> str:
        """The same as `policy_id`, by Terraform's name. A token."""
        return self.policy_id

    @property
    def policy_id(self) -> str:
        """The id that the service gives the policy, such as `po-000…` (API: PolicyId). A token."""
        return self.string_attribute("id")

    @property
    def create_time(self) -> str:
        """When the policy was created. A token."""
        return self.string_attribute("create_time")


def _if_unbound(props: BackupPolicyProps) -> str:
    """The warning of a policy that nothing binds; empty where it chooses its sources by tags."""
    return next((each.message for each in protects_nothing(BackupPolicyView.of(props))), "")


def _rule_type(rule: object) -> object:
    return rule.rule_type if isinstance(rule, BackupPolicyRule) else None
