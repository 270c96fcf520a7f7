"""Props as a person would write them: factories, enums, `Schedule`s, documents made of statements."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import fields, has

from constructs_lib.adopt.code import Atom, Call, Code, Items, Pairs, Shared, flat, string
from constructs_lib.adopt.estate import Reference
from constructs_lib.adopt.naming import identifier
from constructs_lib.backup import binding, bound_sources, rule, vault
from constructs_lib.backup.binding import BackupPolicyBindingProps
from constructs_lib.backup.bound_sources import SOURCE_CLASSES
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.rule import AdvancedRetentionType, BackupPolicyRule, PolicyType, RuleType
from constructs_lib.backup.schedule import Schedule, ScheduleError
from constructs_lib.findings import InvalidPropsError, is_encodable
from constructs_lib.ram.document import OneString, PolicyDocument, PolicyStatement
from constructs_lib.ram.grammar import Effect
from constructs_lib.ram.policy_version import RotateStrategy
from constructs_lib.tokens import Deferred

Refer = Callable[[Reference | str], Code | None]
"""The code that stands for another object, by its address or id; None where there is none."""


class Inexpressible(Exception):
    """A value for which there is no code; the text says why."""


_ENUMS = {
    name: each
    for module in (rule, vault, binding)
    for name, each in vars(module).items()
    if isinstance(each, type) and issubclass(each, enum.StrEnum) and each is not enum.StrEnum
} | {"RotateStrategy": RotateStrategy}
# What repeats itself in an estate, and what a constant of it is called.
_SHARED = (
    "replication_region_id",
    "retention_rules",
    "tag_filters",
    "kms_key_id",
    "tags",
    "resource_group_id",
)
_REFERRING = ("vault_id", "policy_id", "replication_source_vault_id")


# ------------------------------------------------------------ values


def text(value: str, kept: str = "(?!)") -> Code:
    """A string that means itself, for Terraform too. `kept`: an expression after `${` that stays as it is.

    Inexpressible: CDKTF, or Terraform, would take it for something else.
    """
    if isinstance(value, Deferred):
        raise Inexpressible(f"{value} is known only after an apply")
    if not is_encodable(value):
        raise Inexpressible("no file can hold half of a surrogate pair")
    if "TfToken[" in value:
        raise Inexpressible("CDKTF takes `TfToken[` for a mark of its own")
    if re.search(r"\$\$+\{|%%+\{", value):
        raise Inexpressible("no text in Terraform's files stands for `$${` or `%%{`")
    return string(re.sub(rf"\$\{{(?!{kept})", "$${", value).replace("%{", "%%{"))


def value_code(value: Any, kept: str = "(?!)") -> Code:
    """A plain value. `kept`: as in `text`."""
    if isinstance(value, str):
        return text(value, kept)
    if isinstance(value, Mapping):
        return Pairs([(flat(text(key, kept)), value_code(item, kept)) for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        return Items([value_code(item, kept) for item in value])
    return Atom(repr(value))


def schedule_code(written: str) -> Code:
    """A schedule; what is none stays the string that it is."""
    try:
        schedule = Schedule.parse(written)
        rhythm = schedule.interval or schedule.cron_expression
        start = ("start", Atom(str(schedule.start)))
        name = "every" if schedule.is_fixed_interval else "cron"
        expression = schedule.text.partition("|")[2].partition("|")[2]
        made = Schedule.every if schedule.is_fixed_interval else Schedule.cron
        if rhythm is None or str(made(expression, start=schedule.start)) != written:
            return Call("Schedule.parse", [("", text(written))])
        described = schedule.describe()
    except ScheduleError:
        return text(written)
    code = Call(f"Schedule.{name}", [("", text(expression)), start])
    return Shared(code, identifier(described.partition(" (")[0], "schedule").upper(), described)


def _prop_code(owner: type, name: str, value: Any, refer: Refer) -> Code:
    """The value of a prop, by what its annotation says that it may be."""
    if name in _REFERRING and isinstance(value, str) and (code := refer(value)):
        return code
    annotation = next(prop.type for prop in fields(owner) if prop.name == name)
    kind = _ENUMS.get(str(annotation).partition(" ")[0])
    if kind is not None and value in tuple(kind):
        return Atom(f"{kind.__name__}.{kind(value).name}")
    if name == "schedule" and type(value) is not bool and isinstance(value, str):
        return schedule_code(str(value))
    if has(type(value)):
        return props_code(value, refer)
    code = (
        Items([_member_code(item, refer) for item in value]) if isinstance(value, list) else value_code(value)
    )
    if name in _SHARED:
        return Shared(code, constant_name(name, value))
    if name in _REFERRING:
        return Shared(code, constant_name(name.removesuffix("_id"), value))
    return code


def _member_code(item: Any, refer: Refer) -> Code:
    return props_code(item, refer) if has(type(item)) else value_code(item)


def constant_name(name: str, value: object) -> str:
    """What a constant is called: what it is, and what is in it."""
    words = " ".join(_words_in(value))
    return identifier(f"{name} {words}", "value").upper()


def _words_in(value: Any) -> Iterator[str]:
    if has(type(value)):
        for prop in fields(type(value)):
            yield from _words_in(getattr(value, prop.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_words_in(item))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _words_in(item)
    elif value is not None:
        yield str(value)


def arguments_of(owner: Any, refer: Refer, leave_out: Sequence[str] = ()) -> list[tuple[str, Code]]:
    """The props that are set, as arguments."""
    named = [prop.name for prop in fields(type(owner)) if prop.name not in leave_out]
    return [
        (name, _prop_code(type(owner), name, value, refer))
        for name in named
        if (value := getattr(owner, name)) is not None
    ]


def props_code(props: Any, refer: Refer) -> Code:
    """An object of props; rules by the factory that says the same."""
    if not isinstance(props, BackupPolicyRule):
        leave_out = ("operator",) if getattr(props, "operator", "") == "EQUAL" else ()
        return Call(type(props).__name__, arguments_of(props, refer, leave_out))
    return _rule_code(props, refer)


# ------------------------------------------------------------ rules


def _rule_code(props: BackupPolicyRule, refer: Refer) -> Code:
    given = {
        prop.name: value
        for prop in fields(BackupPolicyRule)
        if (value := getattr(props, prop.name)) is not None
    }
    kind = str(given.pop("rule_type"))
    if kind == RuleType.TAG:
        return _tag_code(props, refer) or _generic_code(props, refer)
    if kind == RuleType.BACKUP and given.get("backup_type") == "COMPLETE":
        del given["backup_type"]
    if kind == RuleType.SECURITY and given.get("immutable") is True:
        del given["immutable"]
    factory = getattr(BackupPolicyRule, kind.lower(), None) if kind in tuple(RuleType) else None
    try:
        is_same = factory is not None and factory(**given) == props
    except TypeError:
        is_same = False
    if not is_same:
        return _generic_code(props, refer)
    listed = [(name, _prop_code(BackupPolicyRule, name, value, refer)) for name, value in given.items()]
    return Call(f"BackupPolicyRule.{kind.lower()}", listed)


def _generic_code(props: BackupPolicyRule, refer: Refer) -> Code:
    return Call("BackupPolicyRule", arguments_of(props, refer))


def _tag_code(props: BackupPolicyRule, refer: Refer) -> Code | None:
    """A TAG rule whose filters differ by their types alone, by its factory."""
    filters = props.data_source_filters
    if not isinstance(filters, list) or not filters:
        return None
    first = filters[0]
    types = [each.source_type for each in filters]
    same = BackupPolicyRule.tag(
        source_types=types,
        tag_filters=props.tag_filters or [],
        account_scope=first.account_scope,
        accounts=first.accounts,
    )
    if same != props:
        return None
    listed: list[tuple[str, Code]] = [
        ("source_types", Items([_prop_code(type(first), "source_type", each, refer) for each in types])),
        ("tag_filters", _prop_code(BackupPolicyRule, "tag_filters", props.tag_filters, refer)),
    ]
    for name in ("account_scope", "accounts"):
        if (value := getattr(first, name)) is not None:
            listed.append((name, _prop_code(type(first), name, value, refer)))
    return Call("BackupPolicyRule.tag", listed)


_PERIODS = {str(period): str(period).lower() for period in AdvancedRetentionType}


def tiered_arguments(props: BackupPolicyProps, refer: Refer) -> list[tuple[str, Code]] | None:
    """What `BackupPolicy.tiered` takes for the same policy; None where that makes no such policy."""
    rules = props.rules
    if not isinstance(rules, list) or len(rules) < 2:
        return None
    backup, transition, *others = rules
    ladder = transition.retention_rules
    if not isinstance(ladder, list) or not isinstance(transition.retention, int) or backup.schedule is None:
        return None
    same = [
        BackupPolicyRule.backup(
            schedule=backup.schedule,
            vault_id=backup.vault_id,
            keep_latest_snapshots=backup.keep_latest_snapshots,
        ),
        BackupPolicyRule.transition(retention=transition.retention, retention_rules=ladder),
    ]
    periods = [str(step.advanced_retention_type) for step in ladder]
    is_ladder = periods == [period for period in _PERIODS if period in periods]
    kind = PolicyType.UDM_ECS_ONLY if backup.vault_id is None else PolicyType.STANDARD
    if same != rules[:2] or not is_ladder or props.policy_type != kind:
        return None
    if any(step.which_snapshot is not None or not isinstance(step.retention, int) for step in ladder):
        return None
    listed = arguments_of(props, refer, ("rules", "policy_type"))
    listed += [
        ("schedule", _prop_code(BackupPolicyRule, "schedule", backup.schedule, refer)),
        ("retention", Atom(repr(transition.retention))),
        *((_PERIODS[str(step.advanced_retention_type)], Atom(repr(step.retention))) for step in ladder),
    ]
    if backup.vault_id is not None:
        listed.append(("vault_id", _prop_code(BackupPolicyRule, "vault_id", backup.vault_id, refer)))
    if backup.keep_latest_snapshots != 1:
        listed.append(("keep_latest_snapshots", Atom(repr(backup.keep_latest_snapshots or 0))))
    if others:
        listed.append(("rules", Items([_rule_code(each, refer) for each in others])))
    return listed


# ------------------------------------------------------------ bound sources

_SOURCES = {str(each.TYPE): each for each in SOURCE_CLASSES}
OF_SOURCE = (
    "source_type",
    "data_source_id",
    "source",
    "include",
    "exclude",
    "speed_limit",
    "advanced_options",
)


def source_code(props: BackupPolicyBindingProps) -> Code:
    """What is bound, by the class of its type. Inexpressible: it has what no such source has."""
    kind = _SOURCES.get(str(props.source_type))
    if kind is None:
        raise Inexpressible(f"there is no class for sources of type {props.source_type}")
    given = {
        own: getattr(props, name) for name, own in kind.NAMES.items() if getattr(props, name) is not None
    }
    for name in ("paths", "tables", "include", "exclude"):
        if name in given:
            given[name] = _list_of(given[name])
    if "path" in given and kind is bound_sources.LocalNas:
        paths = _list_of(given["path"])
        given["path"] = paths[0] if isinstance(paths, list) and len(paths) == 1 else given["path"]
    if isinstance(props.advanced_options, list):
        groups = [
            group
            for prop in fields(type(props.advanced_options[0]))
            if (group := getattr(props.advanced_options[0], prop.name))
        ]
        if len(groups) == 1:
            given["options"] = groups[0][0]
    try:
        made = kind(**given)
    except (TypeError, InvalidPropsError) as error:
        raise Inexpressible(f"{kind.__name__} does not take it: {error}") from None
    if _parameters(made.parameters()) != _parameters({name: getattr(props, name) for name in OF_SOURCE}):
        raise Inexpressible(f"it has what {kind.__name__} has not")
    own_name = kind.NAMES["data_source_id"]
    return Call(
        kind.__name__,
        [
            ("" if name == own_name else name, _member_code(value, lambda _: None))
            for name, value in given.items()
        ],
    )


def _list_of(value: str) -> Any:
    """A list that is written as JSON; anything else as it is."""
    try:
        listed = json.loads(value)
    except (ValueError, RecursionError):
        return value
    is_list = isinstance(listed, list) and listed and all(isinstance(item, str) for item in listed)
    return listed if is_list else value


def _parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters in one spelling: lists as lists."""
    return {
        name: _list_of(value)
        if name in ("source", "include", "exclude") and isinstance(value, str)
        else value
        for name, value in given.items()
        if value is not None
    }


# ------------------------------------------------------------ documents


# A policy variable of RAM, which the constructs themselves keep from Terraform.
_VARIABLE = "acs:"


def document_code(written: str) -> Code:
    """A document of statements; what `PolicyStatement` cannot say as the dict that it is."""
    document = PolicyDocument.from_json(json.loads(written))
    statements = [_statement_code(statement) for statement in document.statements]
    if None in statements:
        return value_code(json.loads(written), _VARIABLE)
    return Call("PolicyDocument", [("", Items([each for each in statements if each is not None]))])


def _statement_code(statement: PolicyStatement) -> Code | None:
    listed: list[tuple[str, Code]] = []
    for prop in fields(PolicyStatement):
        value = getattr(statement, prop.name)
        if value is None:
            continue
        if prop.name == "effect":
            listed.append((prop.name, Atom(f"Effect.{Effect(value).name}")))
        elif _is_typed(value):
            given = value[0] if isinstance(value, OneString) else value
            listed.append((prop.name, value_code(given, _VARIABLE)))
        else:
            return None
    return Call("PolicyStatement", listed)


def _is_typed(value: Any) -> bool:
    """Whether it is of strings alone, as the types of `PolicyStatement` have it."""
    if isinstance(value, Mapping):
        return all(map(_is_typed, value.values()))
    return (
        all(isinstance(item, str) for item in value) if isinstance(value, tuple) else isinstance(value, str)
    )
