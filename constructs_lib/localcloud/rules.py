"""The rules of a backup policy on the wire: judged by `constructs_lib.backup.checks`, answered in full.

What a rule leaves out comes back as a filler (0, "", [], false), and a filler that is sent counts as left
out: the official provider sends all of them, and the live API took that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import NOTHING, fields

from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.rule import (
    AdvancedRetention,
    BackupPolicyRule,
    DataSourceFilter,
    TagFilter,
    TagOperator,
)
from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError, told
from constructs_lib.tokens import literal

WireRule = dict[str, Any]

# Only what is malformed is refused. uncertain: which of the documented structural rules (a BACKUP rule at
# least, one TRANSITION rule, one vault) the service enforces; it was seen to take policies against most.
_ENFORCED = tuple(check for check in CHECKS if check.code[2] == "1")

# uncertain: whether what was left out reads back as a filler or not at all; whether a schedule of the form
# C|… reads back to the letter, as one of the form I|… was seen to do.
_FILLERS: WireRule = {
    "RuleId": "",
    "RuleType": "",
    "Schedule": "",
    "BackupType": "",
    "Retention": 0,
    "ReplicationRegionId": "",
    "RetentionRules": [],
    "VaultId": "",
    "KeepLatestSnapshots": 0,
    "Immutable": False,
    "ArchiveDays": 0,
    "DataSourceFilters": [],
    "TagFilters": [],
}
_FILLERS_OF_LISTS: dict[str, WireRule] = {
    # uncertain: what WhichSnapshot reads back as where it was left out; 1 is its only value.
    "RetentionRules": {"AdvancedRetentionType": "", "WhichSnapshot": 1, "Retention": 0},
    "DataSourceFilters": {"SourceType": "", "DataSourceIds": []},
    "TagFilters": {"Key": "", "Operator": str(TagOperator.EQUAL), "Value": ""},
}
# Fields of a DataSourceFilter that only the newest SDK has.
_ALSO_KNOWN = ("AccountScope", "Accounts")


def _wire_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


_NAMES: dict[type, dict[str, str]] = {
    kind: {_wire_name(one.name): one.name for one in fields(kind)}
    for kind in (BackupPolicyRule, AdvancedRetention, DataSourceFilter, TagFilter)
}
_ELEMENTS: dict[str, type] = {
    "retention_rules": AdvancedRetention,
    "data_source_filters": DataSourceFilter,
    "tag_filters": TagFilter,
}


def policy_type_of(name: str, policy_type: str, rules: list[Any] | None) -> str:
    """The type of a policy that may be created: as sent, else by the vaults in its rules.

    ApiError where the checks find it malformed.
    """
    props = BackupPolicyProps(
        policy_name=literal(name),
        policy_type=literal(policy_type) or None,
        rules=None if rules is None else [_props(BackupPolicyRule, rule) for rule in rules],
    )
    findings = check_backup_policy(props, _ENFORCED)
    if findings:
        raise ApiError(errors.MALFORMED_POLICY, told(findings))
    derived = BackupPolicyView.of(props).policy_type
    assert derived is not None, "a policy without findings has a type"
    return str(derived)


def _props(kind: type, value: Any) -> Any:
    """A wire object as the props that the checks look at; what is no object stays, for them to report."""
    if not isinstance(value, Mapping):
        return literal(value)
    given: dict[str, Any] = {one.name: None for one in fields(kind) if one.default is NOTHING}
    for wire_name, name in _NAMES[kind].items():
        item = value.get(wire_name)
        if _is_left_out(kind, name, item):
            continue
        element = _ELEMENTS.get(name)
        is_list = isinstance(item, list)
        given[name] = [_props(element, one) for one in item or ()] if element and is_list else literal(item)
    return kind(**given)


def _is_left_out(kind: type, name: str, value: Any) -> bool:
    """Whether the service takes a value as not sent: a filler is, but for an empty BackupType, which the live
    API refused, and an advanced retention of 0 days, which has no meaning."""
    if value is None:
        return True
    if name == "backup_type" or (kind is AdvancedRetention and name == "retention"):
        return False
    return value in ("", [], False)


def accepted(rules: list[Any], rule_ids: list[str]) -> list[WireRule]:
    """Rules without findings as the service keeps them: with ids, without fillers and unknown fields."""
    return [
        {name: rule[name] for name in _FILLERS if rule.get(name)} | {"RuleId": rule_id}
        for rule, rule_id in zip(rules, rule_ids, strict=True)
    ]


def described(rule: WireRule) -> WireRule:
    """A rule as DescribePoliciesV2 tells it: every field is there."""
    full = _FILLERS | rule
    for name, fillers in _FILLERS_OF_LISTS.items():
        known = (*fillers, *_ALSO_KNOWN)
        full[name] = [
            fillers | {key: value for key, value in item.items() if key in known and value}
            for item in full[name]
        ]
    return full
