"""Policy documents that the official provider makes of `statement` blocks."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from constructs_lib.review.loading.blocks import listed
from constructs_lib.review.loading.values import UnresolvedError

_ELEMENTS = {"effect": "Effect", "action": "Action", "resource": "Resource"}
_OF_STATEMENT = frozenset((*_ELEMENTS, "condition", "principal"))
_OF_CONDITION = frozenset(("operator", "values", "variable"))
_OF_PRINCIPAL = frozenset(("entity", "identifiers"))


def document_of_statements(block: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the blocks in `alicloud_ram_policy`, or in data of `alicloud_ram_policy_document`.

    Raises `UnresolvedError` where the documentation does not say what it is. Source: aliyun/alicloud.
    """
    if "dynamic" in block:
        raise UnresolvedError("dynamic blocks are not read here")
    return {
        "Version": block.get("version") or "1",
        "Statement": [_statement(statement) for statement in listed(block.get("statement"))],
    }


def refuse_unknown(block: Mapping[str, Any], names: Set[str]) -> None:
    """Raise `UnresolvedError` where there are other arguments than these: nobody knows what they do."""
    for name in sorted(block.keys() - names - {"//"}):
        if block[name] is not None:
            raise UnresolvedError(f"{name} is not known here")


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    refuse_unknown(block, _OF_STATEMENT)
    statement: dict[str, Any] = {"Effect": "Allow"}
    for name, element in _ELEMENTS.items():
        if block.get(name) not in (None, [], ""):
            statement[element] = block[name]
    conditions: dict[str, dict[str, Any]] = {}
    for condition in listed(block.get("condition")):
        refuse_unknown(condition, _OF_CONDITION)
        keys = conditions.setdefault(str(condition.get("operator")), {})
        variable = str(condition.get("variable"))
        if variable in keys:
            raise UnresolvedError("two conditions have the same operator and variable")
        keys[variable] = condition.get("values")
    if conditions:
        statement["Condition"] = conditions
    principals = {}
    for principal in listed(block.get("principal")):
        refuse_unknown(principal, _OF_PRINCIPAL)
        entity = str(principal.get("entity"))
        if entity in principals:
            raise UnresolvedError("two principals have the same entity")
        principals[entity] = principal.get("identifiers")
    if principals:
        statement["Principal"] = principals
    return statement
