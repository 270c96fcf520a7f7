"""The props of a backup policy as its checks look at them: walked once, unknown values left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from attrs import frozen

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.quartz import ScheduleError
from constructs_lib.backup.rule import (
    AdvancedRetention,
    BackupPolicyRule,
    CrossAccount,
    DataSourceFilter,
    PolicyType,
    RuleType,
    TagFilter,
)
from constructs_lib.backup.schedule import Schedule
from constructs_lib.tokens import is_token, known

T = TypeVar("T")
RuleAt = tuple[str, BackupPolicyRule]


@frozen
class BackupPolicyView:
    """The props of a policy, walked once: what is known of its rules, with the place of each."""

    props: BackupPolicyProps
    rules: list[RuleAt]
    advanced: list[tuple[str, AdvancedRetention, BackupPolicyRule]]
    data_source_filters: list[tuple[str, DataSourceFilter, BackupPolicyRule]]
    tag_filters: list[tuple[str, TagFilter, BackupPolicyRule]]
    # Whether the list of rules and the type of each are known, so that rules can be counted.
    can_count: bool
    # As written, else by the vaults in the rules; None while unknown.
    policy_type: PolicyType | None
    # Of the provider; None where it is not known.
    region: str | None = None

    @classmethod
    def of(cls, props: BackupPolicyProps, region: str | None = None) -> BackupPolicyView:
        rules = list(_items("rules", props.rules, BackupPolicyRule))
        all_are_rules = isinstance(props.rules, (list, tuple)) and len(rules) == len(props.rules)
        can_count = (props.rules is None or all_are_rules) and all(
            known(rule.rule_type, str) is not None for _, rule in rules
        )
        return cls(
            props,
            rules,
            _nested(rules, "retention_rules", AdvancedRetention),
            _nested(rules, "data_source_filters", DataSourceFilter),
            _nested(rules, "tag_filters", TagFilter),
            can_count,
            _policy_type(props, rules, can_count),
            region,
        )

    @property
    def accounts(self) -> Iterator[tuple[str, CrossAccount]]:
        """The accounts of data source filters, with their places."""
        for path, source, _ in self.data_source_filters:
            yield from _items(f"{path}.accounts", source.accounts, CrossAccount)

    def of_type(self, rule_type: RuleType) -> list[RuleAt]:
        """The rules of a type, with their places."""
        return of_type(self.rules, rule_type)


def of_type(rules: Sequence[RuleAt], rule_type: RuleType) -> list[RuleAt]:
    """Of some rules those of a type, with their places."""
    return [(path, rule) for path, rule in rules if rule.rule_type == rule_type]


def _items(path: str, value: object, kind: type[T]) -> Iterator[tuple[str, T]]:
    """The elements of a known list that are of this kind, with their places."""
    if isinstance(value, (list, tuple)) and not is_token(value):
        for index, item in enumerate(value):
            if isinstance(item, kind):
                yield f"{path}[{index}]", item


def _nested(rules: list[RuleAt], name: str, kind: type[T]) -> list[tuple[str, T, BackupPolicyRule]]:
    """The known elements of a list that rules have, with their places and their rules."""
    return [
        (at, item, rule)
        for path, rule in rules
        if (value := getattr(rule, name))
        for at, item in _items(f"{path}.{name}", value, kind)
    ]


def _policy_type(props: BackupPolicyProps, rules: list[RuleAt], can_count: bool) -> PolicyType | None:
    if props.policy_type is None:
        if any(says_something(rule.vault_id) for _, rule in rules):
            return PolicyType.STANDARD
        has_no_vault = can_count and not any(is_set(rule.vault_id) for _, rule in rules)
        return PolicyType.UDM_ECS_ONLY if has_no_vault else None
    text = known(props.policy_type, str)
    return PolicyType(text) if text and text in PolicyType.__members__ else None


def is_set(value: object) -> bool:
    """Whether a field is given: the API takes 0, false, and an empty string or list as left out. A token
    counts as given."""
    return not (value is None or value is False or value in (0, "", (), []))


def says_something(value: object) -> bool:
    """Whether a field is given and known: a token may still turn out to be null."""
    return is_set(value) and not is_token(value)


def schedule_of(rule: BackupPolicyRule) -> Schedule | None:
    """The rule's schedule where it is known and well formed."""
    if isinstance(rule.schedule, Schedule):
        return rule.schedule
    try:
        return Schedule.parse(text) if (text := known(rule.schedule, str)) else None
    except ScheduleError:
        return None
