"""Fewer statements and patterns of the same meaning; see `PolicyDocument.minimised`."""

from __future__ import annotations

import re
from typing import Any

from constructs_lib.ram.canonical import KEY_ENCODER, LISTS, in_order
from constructs_lib.ram.terraform_expressions import is_unknown

# Stand for what `?` and `*` match; no UTF-8 text holds them.
_ANY_CHARACTER, _ANY_TEXT = "\ud800", "\ud801"
_AS_MATCHED = str.maketrans({"?": _ANY_CHARACTER, "*": _ANY_TEXT})


def minimised(statements: list[Any]) -> list[Any]:
    """Canonical statements without what others cover, those put together that differ in one list alone."""
    statements = [_without_subsumed(statement) for statement in statements]
    while True:
        merged = _merged(_merged(statements, "Action"), "Resource")
        if len(merged) == len(statements):
            return merged
        statements = merged


def _merged(statements: list[Any], element: str) -> list[Any]:
    """The statements, those that differ in this list alone put together."""
    groups: dict[str, list[Any]] = {}
    for index, statement in enumerate(statements):
        items = statement.get(element)
        if items and isinstance(items, list) and not is_unknown(items):
            rest = KEY_ENCODER.encode({name: value for name, value in statement.items() if name != element})
        else:
            rest = str(index)
        groups.setdefault(rest, []).append(statement)
    return [
        _without_subsumed({**group[0], element: [item for one in group for item in one[element]]})
        if len(group) > 1
        else group[0]
        for group in groups.values()
    ]


def _without_subsumed(statement: dict[str, Any]) -> dict[str, Any]:
    return {
        element: _minimal(value, ignore_case=element.endswith("Action"))
        if element in LISTS and isinstance(value, list)
        else value
        for element, value in statement.items()
    }


def _minimal(items: list[Any], *, ignore_case: bool) -> list[Any]:
    """The items without those that another one covers; of two that cover each other the first stays."""
    ordered = in_order(items)
    opaque = [item for item in ordered if not isinstance(item, str) or "{" in item]
    patterns: dict[str, str] = {}
    for item in ordered:
        if item not in opaque:
            patterns.setdefault(_folded(item) if ignore_case else item, item)
    others = {pattern: _coverage(pattern) for pattern in patterns if "*" in pattern or "?" in pattern}
    for pattern in list(reversed(patterns)):
        matched = pattern.translate(_AS_MATCHED)
        if any(other != pattern and coverage.fullmatch(matched) for other, coverage in others.items()):
            del patterns[pattern]
            others.pop(pattern, None)
    return in_order([*patterns.values(), *opaque])


def _folded(action: str) -> str:
    return action.lower() if action.isascii() else action


def covers(pattern: str, other: str) -> bool:
    """Whether a pattern matches whatever another one matches; False where that cannot be told."""
    return _coverage(pattern).fullmatch(other.translate(_AS_MATCHED)) is not None


def _coverage(pattern: str) -> re.Pattern[str]:
    """What fully matches another pattern, written `_AS_MATCHED`, only if this one matches all of its texts.

    A `*` of the other can become any text: only a `*` of this one may match it. Atomic groups keep the time
    linear in the number of `*`.
    """
    first, *others = [_one_by_one(part) for part in pattern.split("*")]
    if not others:
        return re.compile(first, re.DOTALL)
    *middle, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + ".*" + last, re.DOTALL)


def _one_by_one(part: str) -> str:
    return "".join(f"[^{_ANY_TEXT}]" if character == "?" else re.escape(character) for character in part)
