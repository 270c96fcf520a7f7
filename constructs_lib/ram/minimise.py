"""Fewer statements and patterns of the same meaning; `PolicyDocument.minimised` says by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs_lib.ram.analysis.patterns import covers, folded, is_wild
from constructs_lib.ram.analysis.redundancy import is_proven_equivalent
from constructs_lib.ram.canonical import KEY_ENCODER, LISTS, canonical, canonical_statements, in_order
from constructs_lib.ram.terraform_expressions import is_unknown


def minimised(document: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of a document of known statements, minimised.

    Only in canonical order where it is not proven that less means the same.
    """
    full = canonical(document)
    shorter = {**full, "Statement": canonical_statements(merged(full["Statement"]))}
    return shorter if is_proven_equivalent(document, shorter) else full


def merged(statements: list[Any]) -> list[Any]:
    """Canonical statements without covered patterns; those that differ in one list alone become one."""
    statements = [_without_covered(statement) for statement in statements]
    while True:
        fewer = _merged_by(_merged_by(statements, "Action"), "Resource")
        if len(fewer) == len(statements):
            return fewer
        statements = fewer


def _merged_by(statements: list[Any], element: str) -> list[Any]:
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
        _without_covered({**group[0], element: [item for statement in group for item in statement[element]]})
        if len(group) > 1
        else group[0]
        for group in groups.values()
    ]


def _without_covered(statement: dict[str, Any]) -> dict[str, Any]:
    return {
        element: _minimal(value, ignore_case=element.endswith("Action"))
        if element in LISTS and isinstance(value, list)
        else value
        for element, value in statement.items()
    }


def _minimal(items: list[Any], *, ignore_case: bool) -> list[Any]:
    """The items without those that another one covers; of two that cover each other the first stays."""
    opaque: list[Any] = []
    patterns: dict[str, str] = {}
    for item in in_order(items):
        if not isinstance(item, str) or "{" in item:
            opaque.append(item)
        else:
            patterns.setdefault(folded(item) if ignore_case else item, item)
    wild = dict.fromkeys(filter(is_wild, patterns))
    for pattern in reversed(list(patterns)):
        if any(other != pattern and covers(other, pattern) for other in wild):
            del patterns[pattern]
            wild.pop(pattern, None)
    return in_order([*patterns.values(), *opaque])
