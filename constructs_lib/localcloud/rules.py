"""The rules of a backup policy on the wire: judged by `constructs_lib.backup.checks`, answered in full.

What a rule leaves out comes back as a filler (0, "", [], false), and a filler that is sent counts as left
out: the official provider sends all of them, and the live API took that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import NOTHING, fields

from constructs_lib.backup.checks import CHECKS, check_backup_policy, undocumented_retention
from constructs_lib.backup.policy import BLOCKS, PROPS, TYPES, BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.rule import (
    AdvancedRetention,
    BackupPolicyRule,
    CrossAccount,
    DataSourceFilter,
    TagFilter,
    TagOperator,
)
from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError, describe_findings
from constructs_lib.localcloud.parameters import Fields
from constructs_lib.tokens import literal

WireRule = dict[str, Any]

# Only what is malformed is refused. uncertain: which of the documented structural rules (a BACKUP rule at
# least, one TRANSITION rule, one vault) the service enforces; it was seen to take policies against most. Also
# whether it takes a retention of -1, which the SDK sends as it is: here it does not.
_ENFORCED = tuple(check for check in CHECKS if check.code[2] == "1" or check is undocumented_retention)


def _name_parameter(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


_FILLER = {"a whole number": 0, "True or False": False}


def _make_fillers(kind: type) -> WireRule:
    """By API parameter, what an object reads back as that was sent empty."""
    types = TYPES[kind]
    return {
        _name_parameter(prop): _FILLER.get(types[prop], "") if prop in types else [] for prop in PROPS[kind]
    }


# uncertain: whether what was left out reads back as a filler or not at all; whether a schedule of the form
# C|… reads back to the letter, as one of the form I|… was seen to do.
_FILLERS = {"RuleId": "", **_make_fillers(BackupPolicyRule)}
_FILLERS_OF_LISTS = {
    # uncertain: what WhichSnapshot reads back as where it was left out; 1 is its only value.
    "RetentionRules": _make_fillers(AdvancedRetention) | {"WhichSnapshot": 1},
    # uncertain: what AccountScope and Accounts do, and how they read back: only the SDK has them.
    "DataSourceFilters": _make_fillers(DataSourceFilter),
    "Accounts": _make_fillers(CrossAccount),
    "TagFilters": _make_fillers(TagFilter) | {"Operator": str(TagOperator.EQUAL)},
}


def _make_fields(fillers: WireRule) -> Fields:
    return {name: _make_fields(_FILLERS_OF_LISTS.get(name, {})) for name in fillers}


CHANGED_RULE_FIELDS: Fields = {**_make_fields(_FILLERS), "ColdArchiveDays": {}}
NEW_RULE_FIELDS: Fields = _make_fields(_make_fillers(BackupPolicyRule))


def derive_policy_type(name: str, policy_type: str, rules: list[Any] | None) -> str:
    """The type of a policy that may be created: as sent, else by the vaults in its rules.

    ApiError where the checks find it malformed.
    """
    if any(isinstance(rule, Mapping) and rule.get("BackupType") == "" for rule in rules or ()):
        raise ApiError(errors.MALFORMED_POLICY, "BackupType is empty: it is to be left out instead.")
    props = BackupPolicyProps(
        policy_name=literal(name),
        policy_type=literal(policy_type) or None,
        rules=None if rules is None else [_read_props(BackupPolicyRule, rule) for rule in rules],
    )
    findings = check_backup_policy(props, _ENFORCED)
    if findings:
        raise ApiError(errors.MALFORMED_POLICY, describe_findings(findings))
    derived = BackupPolicyView.of(props).policy_type
    assert derived is not None, "a policy without findings has a type"
    return str(derived)


def _read_props(kind: type, value: Any) -> Any:
    """A wire object as the props that the checks look at; what is not an object stays, for them to report."""
    if not isinstance(value, Mapping):
        return literal(value)
    required = [prop.name for prop in fields(kind) if prop.default is NOTHING]
    given: dict[str, Any] = dict.fromkeys(required)
    for name in PROPS[kind]:
        item = value.get(_name_parameter(name))
        if _is_left_out(kind, name, item):
            continue
        element = BLOCKS.get(name)
        is_list = isinstance(item, list)
        given[name] = (
            [_read_props(element, entry) for entry in item or ()] if element and is_list else literal(item)
        )
    return kind(**given)


def _is_left_out(kind: type, name: str, value: Any) -> bool:
    """Whether the service takes a value as not sent: a filler is, but for an empty BackupType, which the live
    API refused, and an advanced retention of 0 days, which has no meaning."""
    if value is None:
        return True
    if name == "backup_type" or (kind is AdvancedRetention and name == "retention"):
        return False
    return value in ("", [], False)


def keep_rules(rules: list[Any], rule_ids: list[str]) -> list[WireRule]:
    """Rules without findings as the service keeps them: with ids, without fillers and unknown fields."""
    return [
        {name: rule[name] for name in _FILLERS if rule.get(name)} | {"RuleId": rule_id}
        for rule, rule_id in zip(rules, rule_ids, strict=True)
    ]


def describe_rule(rule: WireRule) -> WireRule:
    """A rule as DescribePoliciesV2 returns it: every field is there."""
    return _fill(rule, _FILLERS)


def _fill(given: WireRule, fillers: WireRule) -> WireRule:
    full = fillers | {name: value for name, value in given.items() if name in fillers and value}
    for name in full.keys() & _FILLERS_OF_LISTS.keys():
        full[name] = [_fill(item, _FILLERS_OF_LISTS[name]) for item in full[name]]
    return full
