"""Text without a second meaning. For the checks, `${…}` is a value that Terraform fills in later; for a
service, it is the text that was sent."""

from __future__ import annotations

from typing import Any

from constructs_lib.ram.document import Ambiguous
from constructs_lib.ram.policy_version import MAX_LEVELS

# CDKTF's number tokens lie below; a number that far out is malformed anyway.
_LOWEST_NUMBER = -1e200


def literal(value: Any) -> Any:
    """The value for a check to judge: as it is, but nothing in it can be taken for a token."""
    if isinstance(value, str):
        return value.replace("{", "(")
    if isinstance(value, float):
        return max(value, _LOWEST_NUMBER)
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, dict):
        plain = {literal(key): literal(item) for key, item in value.items()}
        if isinstance(value, Ambiguous):
            ambiguous = Ambiguous(plain)
            ambiguous.repeated = [literal(key) for key in value.repeated]
            return ambiguous
        return plain
    return value


def refuse_deep(value: Any, levels: int = MAX_LEVELS) -> None:
    """ValueError where JSON is nested deeper than anything a service knows: it could exhaust the stack."""
    if isinstance(value, (list, dict)):
        if not levels:
            raise ValueError(f"nested deeper than {MAX_LEVELS} levels")
        for item in value.values() if isinstance(value, dict) else value:
            refuse_deep(item, levels - 1)
