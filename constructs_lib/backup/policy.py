"""A backup policy as the API takes it: the props that all doors share, and their types."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import NOTHING, fields, frozen

from constructs_lib.backup.rule import (
    AdvancedRetention,
    BackupPolicyRule,
    CrossAccount,
    DataSourceFilter,
    PolicyType,
    TagFilter,
)
from constructs_lib.backup.schedule import Schedule
from constructs_lib.findings import MAX_WHOLE_NUMBER, Problem, Problems, is_encodable, what_to_write
from constructs_lib.tokens import Resolvable, advise_on_part, is_token


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


# What a prop may be, in words: the name in its annotation (the first that fits), and its classes.
_KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "a Schedule, or its string": ("Schedule", (Schedule, str)),
    "a whole number": ("Number", (int,)),
    "True or False": ("Boolean", (bool,)),
    "a string": ("str", (str,)),
}
# What each prop that is no list may be.
TYPES: dict[type, dict[str, str]] = {
    owner: {
        prop.name: next(words for words, (name, _) in _KINDS.items() if name in prop.type)
        for prop in fields(owner)
        if not prop.type.startswith("Sequence")
    }
    for owner in (
        *(BackupPolicyProps, BackupPolicyRule, AdvancedRetention),
        *(DataSourceFilter, CrossAccount, TagFilter),
    )
}
# The class of each list's elements, by prop: for Terraform, these lists are nested blocks.
BLOCKS: dict[str, type] = {
    "rules": BackupPolicyRule,
    "retention_rules": AdvancedRetention,
    "data_source_filters": DataSourceFilter,
    "accounts": CrossAccount,
    "tag_filters": TagFilter,
}
# The props of each class. The API has the same parameters, Terraform the same attributes.
PROPS = {kind: tuple(prop.name for prop in fields(kind)) for kind in TYPES}
_ELEMENTS: dict[str, type] = {**BLOCKS, "data_source_ids": str}
_REQUIRED = {kind: {prop.name for prop in fields(kind) if prop.default is NOTHING} for kind in TYPES}
# What nearly every value is, so that the common case is one look-up: the name of each prop, what it may be,
# and the classes that are that for certain.
_USUAL: dict[type, list[tuple[str, str, frozenset[type]]]] = {
    kind: [
        (name, expected, frozenset(_KINDS[expected][1] + (() if name in _REQUIRED[kind] else (type(None),))))
        for name, expected in props.items()
    ]
    for kind, props in TYPES.items()
}
_LISTS = {kind: [prop for prop in props if prop in _ELEMENTS] for kind, props in PROPS.items()}


def type_problems(path: str, owner: object) -> Problems:
    """Every value in the props at this path that has another type than the API's; tokens are stepped over."""
    kind = owner.__class__
    prefix = f"{path}." if path else ""
    for name, expected, usual in _USUAL[kind]:
        value = getattr(owner, name)
        if value.__class__ in usual:
            if value.__class__ is int and abs(value) > MAX_WHOLE_NUMBER:
                hint = advise_on_part(value) or "Fix the number: beyond 2**53 it would be rounded silently."
                yield Problem(f"{prefix}{name}", value, "a whole number up to 2**53", hint)
            elif value.__class__ is str and not (value.isascii() or is_encodable(value)):
                hint = "Take out the half of a surrogate pair: no file and no request can hold it."
                yield Problem(f"{prefix}{name}", value, "a string that UTF-8 can encode", hint)
        elif advise_on_part(value) or not _fits(value, expected):
            yield Problem(f"{prefix}{name}", value, expected, what_to_write(value, expected))
    for name in _LISTS[kind]:
        value = getattr(owner, name)
        if value is not None and not is_token(value):
            yield from _list_problems(f"{prefix}{name}", value, _ELEMENTS[name])


def _fits(value: object, expected: str) -> bool:
    return is_token(value) or (isinstance(value, _KINDS[expected][1]) and not isinstance(value, bool))


def _list_problems(path: str, value: object, element: type) -> Problems:
    if not isinstance(value, (list, tuple)):
        yield Problem(path, value, f"a list of {element.__name__}", "Write the elements in [ ].")
        return
    for index, item in enumerate(value):
        advice = advise_on_part(item)
        if isinstance(item, element) and not advice:
            if element in TYPES:
                yield from type_problems(f"{path}[{index}]", item)
        elif advice or not is_token(item):
            hint = advice or f"Write {element.__name__}(…)."
            yield Problem(f"{path}[{index}]", item, f"{element.__name__}(…)", hint)
