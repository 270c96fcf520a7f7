"""The rules of a backup policy, under the names of CreatePolicyV2.

Source: Cloud Backup, CreatePolicyV2 (API version 2017-09-08), parameter `Rules`. Every value may be
a CDKTF token. Nothing is judged here: `constructs_lib.backup.checks` does that, for all at once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Any, cast

from attrs import fields, frozen

from constructs_lib.backup.schedule import Schedule
from constructs_lib.findings import shown
from constructs_lib.tokens import Boolean, Number, Resolvable, is_token


class PolicyType(enum.StrEnum):
    """What a policy backs up. Left out, the service decides: with a vault STANDARD, else UDM_ECS_ONLY."""

    STANDARD = "STANDARD"  # everything but ECS instances, into a vault
    UDM_ECS_ONLY = "UDM_ECS_ONLY"  # ECS instances only, without a vault


class RuleType(enum.StrEnum):
    """What a rule is for."""

    BACKUP = "BACKUP"
    TRANSITION = "TRANSITION"
    REPLICATION = "REPLICATION"
    TAG = "TAG"
    SECURITY = "SECURITY"  # not on the page; in the API's own metadata


class BackupType(enum.StrEnum):
    """How a backup is taken. The page knows COMPLETE, the API's metadata the others."""

    COMPLETE = "COMPLETE"
    INCREMENTAL = "INCREMENTAL"
    DIFFERENTIAL = "DIFFERENTIAL"
    LOG = "LOG"
    INDEX = "INDEX"
    ARCHIVE = "ARCHIVE"
    ARCHIVE_BY_SEARCH = "ARCHIVE_BY_SEARCH"


class AdvancedRetentionType(enum.StrEnum):
    """Of which period the first backup is kept longer."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class SourceType(enum.StrEnum):
    """What a data source is."""

    UDM_ECS = "UDM_ECS"  # an ECS instance; only with UDM_ECS_ONLY
    OSS = "OSS"
    NAS = "NAS"
    ECS_FILE = "ECS_FILE"
    OTS = "OTS"  # Tablestore


class CrossAccountType(enum.StrEnum):
    """How the backups of an account are allowed, by the SDK's texts on other operations."""

    SELF_ACCOUNT = "SELF_ACCOUNT"  # the account that the policy is in
    CROSS_ACCOUNT = "CROSS_ACCOUNT"  # another one, by a RAM role there
    CROSS_ACCOUNT_BY_RD = "CROSS_ACCOUNT_BY_RD"  # another one of the resource directory


class TagOperator(enum.StrEnum):
    """How a tag is matched."""

    EQUAL = "EQUAL"  # key and value
    NOT = "NOT"  # the key, but not the value


class NestedBlock:
    """What Terraform has as a nested block."""

    __slots__ = ()

    def as_block(self) -> dict[str, Any]:
        """Its attributes by Terraform's names, unset fields left out: what `iterator.dynamic(…)` takes."""
        names = (prop.name for prop in fields(cast(Any, type(self))))
        values = {name: getattr(self, name) for name in names}
        return {name: _as_attribute(value) for name, value in values.items() if value is not None}


def _as_attribute(value: Any) -> Any:
    if isinstance(value, NestedBlock):
        return value.as_block()
    if isinstance(value, (list, tuple)) and not is_token(value):
        return [_as_attribute(item) for item in value]
    return str(value) if isinstance(value, Schedule) else value


@frozen(kw_only=True)
class AdvancedRetention(NestedBlock):
    """The first backup of each period is kept for a time of its own.

    * `advanced_retention_type`: the period (API: AdvancedRetentionType).
    * `retention`: days, at least 1; useful only above the rule's own retention (API: Retention).
    * `which_snapshot`: which backup of the period; 1, the first, is the only value (API: WhichSnapshot).
    """

    advanced_retention_type: AdvancedRetentionType | str | Resolvable
    retention: Number
    which_snapshot: Number | None = None


@frozen(kw_only=True)
class CrossAccount(NestedBlock):
    """An account whose data sources a filter looks at. Only the SDK has it; no page describes it.

    * `cross_account_user_id`: the account's id, a whole number (API: CrossAccountUserId).
    * `cross_account_type`: how its backups are allowed (API: CrossAccountType).
    * `cross_account_role_name`: the RAM role there, with CROSS_ACCOUNT (API: CrossAccountRoleName).
    """

    cross_account_user_id: Number | None = None
    cross_account_type: CrossAccountType | str | Resolvable | None = None
    cross_account_role_name: str | Resolvable | None = None


@frozen(kw_only=True)
class DataSourceFilter(NestedBlock):
    """Which data sources a TAG rule looks at.

    * `source_type`: the kind of data source (API: SourceType).
    * `data_source_ids`: deprecated by the API, and refused by the official provider (API: DataSourceIds).
    * `account_scope`: whose sources; its values are not documented, and the official provider does not have
      it (API: AccountScope).
    * `accounts`: the accounts meant; as `account_scope` (API: Accounts).
    """

    source_type: SourceType | str | Resolvable
    data_source_ids: Sequence[str] | Resolvable | None = None
    account_scope: str | Resolvable | None = None
    accounts: Sequence[CrossAccount] | Resolvable | None = None


@frozen(kw_only=True)
class TagFilter(NestedBlock):
    """Which tags a data source must have.

    Whether a source must match all filters of a rule, or any of them, is not documented; `*` and `?` are
    taken literally.

    * `key`: the tag's key (API: Key).
    * `value`: the tag's value; left out or empty, any value matches (API: Value).
    * `operator`: EQUAL or NOT (API: Operator).
    """

    key: str | Resolvable
    value: str | Resolvable | None = None
    operator: TagOperator | str | Resolvable = TagOperator.EQUAL


@frozen(kw_only=True)
class BackupPolicyRule(NestedBlock):
    """One rule of a backup policy, of any type, with every field that the API has.

    `BackupPolicyRule.backup`, `.transition`, `.replication`, `.tag` and `.security` take only what their
    rule type knows; prefer them.

    * `rule_type`: what the rule is for (API: RuleType).
    * `schedule`: when backups start; BACKUP (API: Schedule).
    * `backup_type`: how a backup is taken; BACKUP (API: BackupType).
    * `retention`: days, 1 to 364,635; BACKUP, TRANSITION, REPLICATION (API: Retention).
    * `replication_region_id`: where copies go, such as `cn-shanghai`; REPLICATION (API: ReplicationRegionId).
    * `retention_rules`: at most 99; TRANSITION (API: RetentionRules).
    * `vault_id`: the vault to back up into; BACKUP (API: VaultId).
    * `keep_latest_snapshots`: 1 keeps the newest backup forever, 0 does not (API: KeepLatestSnapshots).
    * `immutable`: lock the backups; only with UDM_ECS_ONLY (API: Immutable).
    * `archive_days`: days until a backup moves to the archive tier; TRANSITION (API: ArchiveDays).
    * `data_source_filters`, `tag_filters`: what to back up by tags; TAG (API: DataSourceFilters, TagFilters).
    """

    rule_type: RuleType | str | Resolvable
    schedule: Schedule | str | Resolvable | None = None
    backup_type: BackupType | str | Resolvable | None = None
    retention: Number | None = None
    replication_region_id: str | Resolvable | None = None
    retention_rules: Sequence[AdvancedRetention] | Resolvable | None = None
    vault_id: str | Resolvable | None = None
    keep_latest_snapshots: Number | None = None
    immutable: Boolean | None = None
    archive_days: Number | None = None
    data_source_filters: Sequence[DataSourceFilter] | Resolvable | None = None
    tag_filters: Sequence[TagFilter] | Resolvable | None = None

    @classmethod
    def backup(
        cls,
        *,
        schedule: Schedule | str | Resolvable,
        backup_type: BackupType | str | Resolvable = BackupType.COMPLETE,
        retention: Number | None = None,
        vault_id: str | Resolvable | None = None,
        keep_latest_snapshots: Number | None = None,
        immutable: Boolean | None = None,
    ) -> BackupPolicyRule:
        """When backups start and where they go.

        `retention` (days) may be left out where a TRANSITION rule says it; that one wins in any case.
        """
        return cls(
            rule_type=RuleType.BACKUP,
            schedule=schedule,
            backup_type=backup_type,
            retention=retention,
            vault_id=vault_id,
            keep_latest_snapshots=keep_latest_snapshots,
            immutable=immutable,
        )

    @classmethod
    def transition(
        cls,
        *,
        retention: Number,
        retention_rules: Sequence[AdvancedRetention] | Resolvable | None = None,
        archive_days: Number | None = None,
        keep_latest_snapshots: Number | None = None,
    ) -> BackupPolicyRule:
        """How long backups are kept (days), which of them longer, and when they move to the archive tier."""
        return cls(
            rule_type=RuleType.TRANSITION,
            retention=retention,
            retention_rules=retention_rules,
            archive_days=archive_days,
            keep_latest_snapshots=keep_latest_snapshots,
        )

    @classmethod
    def replication(
        cls,
        *,
        replication_region_id: str | Resolvable,
        retention: Number,
        keep_latest_snapshots: Number | None = None,
    ) -> BackupPolicyRule:
        """To which region backups are copied, and how long the copies are kept (days)."""
        return cls(
            rule_type=RuleType.REPLICATION,
            replication_region_id=replication_region_id,
            retention=retention,
            keep_latest_snapshots=keep_latest_snapshots,
        )

    @classmethod
    def tag(
        cls,
        *,
        source_types: Iterable[SourceType | str] | SourceType | str,
        tag_filters: Sequence[TagFilter] | Resolvable,
        account_scope: str | Resolvable | None = None,
        accounts: Sequence[CrossAccount] | Resolvable | None = None,
    ) -> BackupPolicyRule:
        """Which data sources the policy backs up, by their tags.

        * `source_types`: one or several. TypeError: they are known only to Terraform; a `BackupPolicyRule`
          takes `data_source_filters` as a token.
        * `account_scope`, `accounts`: whose sources, for each of the types; as in `DataSourceFilter`.
        """
        if is_token(source_types) or not isinstance(source_types, Iterable):
            raise TypeError(
                f"source_types is {shown(source_types)}; write a list such as [SourceType.OSS], or give "
                "BackupPolicyRule(…) its data_source_filters as a token"
            )
        source_types = [source_types] if isinstance(source_types, str) else source_types
        return cls(
            rule_type=RuleType.TAG,
            data_source_filters=[
                DataSourceFilter(source_type=source_type, account_scope=account_scope, accounts=accounts)
                for source_type in source_types
            ],
            tag_filters=tag_filters,
        )

    @classmethod
    def security(
        cls,
        *,
        immutable: Boolean = True,
        schedule: Schedule | str | Resolvable | None = None,
        backup_type: BackupType | str | Resolvable | None = None,
        retention: Number | None = None,
    ) -> BackupPolicyRule:
        """Lock the backups of ECS instances.

        The page does not know this rule type; fields beyond `immutable` were only seen to be taken by the
        live API, and what they do there is not documented.
        """
        return cls(
            rule_type=RuleType.SECURITY,
            immutable=immutable,
            schedule=schedule,
            backup_type=backup_type,
            retention=retention,
        )
