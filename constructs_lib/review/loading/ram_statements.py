"""Policy documents that the official provider makes of `statement` blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs_lib.review.loading.blocks import listed
from constructs_lib.review.loading.values import UnresolvedError

_ELEMENTS = {"effect": "Effect", "action": "Action", "resource": "Resource"}


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


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow"}
    for name, element in _ELEMENTS.items():
        if block.get(name) not in (None, [], ""):
            statement[element] = block[name]
    conditions: dict[str, dict[str, Any]] = {}
    for condition in listed(block.get("condition")):
        keys = conditions.setdefault(str(condition.get("operator")), {})
        if condition.get("variable") in keys:
            raise UnresolvedError("two conditions have the same operator and variable")
        keys[str(condition.get("variable"))] = condition.get("values")
    if conditions:
        statement["Condition"] = conditions
    principals = {}
    for principal in listed(block.get("principal")):
        if principal.get("entity") in principals:
            raise UnresolvedError("two principals have the same entity")
        principals[str(principal.get("entity"))] = principal.get("identifiers")
    if principals:
        statement["Principal"] = principals
    return statement
