"""Values of Terraform's expressions, and their conversions: never a guess.

Values are those of JSON, whole numbers only, and `SetValue`. What is not computed here raises
`UnresolvedError`, with the reason.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from attrs import define

# In characters, and in nodes: far beyond what a document or a policy can hold.
MAX_STRING = 1_000_000
MAX_VALUE = 100_000
# Of what is written, of which an expression may take a part.
MAX_WRITTEN = 400_000
# Of whole numbers: what lies further from 0 is not computed.
MAX_NUMBER = 10**15
# A name that no expression can have: of the part of an object that is not decided.
UNDECIDED = "\0"


class UnresolvedError(ValueError):
    """The files do not decide the value; the text says which part, and why."""


class TooLargeError(UnresolvedError):
    """A value is too large to be looked into, wherever it is asked for."""


class NoMemberError(UnresolvedError):
    """A value that is known has no such member: Terraform refuses that, or goes on in `try`."""


class SetValue(tuple[Any, ...]):
    """A set of Terraform: strings, or whole numbers, in order, each once."""


@define
class Budget:
    """How much work one side of a review may take: a step is a node of an expression, or 100 characters."""

    steps: int = 3_000_000

    def spend(self, steps: int) -> None:
        """Raises `UnresolvedError` once nothing is left."""
        self.steps -= steps
        if self.steps < 0:
            raise UnresolvedError("the configuration takes too much work to be resolved")


def weigh(value: Any, budget: Budget) -> None:
    """Pay for a value as if nothing in it were shared. Raises `UnresolvedError` where it is too large."""
    budget.spend(nodes_of(value, MAX_VALUE) // 4)


def nodes_of(value: Any, most: int) -> int:
    """How much work a value makes. Raises `TooLargeError` where that is more than so many nodes."""
    left = [value]
    nodes = 0
    while left:
        item = left.pop()
        nodes += 1 + (len(item) // 100 if isinstance(item, str) else 0)
        if nodes > most:
            raise TooLargeError("a value is too large")
        if isinstance(item, (dict, list, SetValue)):
            left += items_of(item)
    return nodes


def normalized(text: str) -> str:
    """As Terraform keeps strings: in Unicode's form NFC."""
    if text.isascii():
        return text
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnresolvedError("a string is no Unicode text")
    return unicodedata.normalize("NFC", text)


def as_string(value: Any) -> str:
    """As a template has it. Raises `UnresolvedError`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise UnresolvedError("it is not a string, whole number or boolean")


def as_boolean(value: Any) -> bool:
    """As a condition has it. Raises `UnresolvedError`."""
    if value in ("true", "false"):
        return str(value) == "true"
    if not isinstance(value, bool):
        raise UnresolvedError("it is no boolean")
    return value


def as_number(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 15:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnresolvedError("it is no whole number")
    return value


def as_list(value: Any) -> list[Any]:
    if not isinstance(value, (list, SetValue)):
        raise UnresolvedError("it is not a list")
    return list(value)


def as_map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnresolvedError("it is no map")
    return value


def as_one_kind(items: list[Any]) -> list[Any]:
    """The elements of a list or a set, which have one type."""
    kinds = {type(item) for item in items}
    if str in kinds and kinds <= {str, int, bool}:
        return [as_string(item) for item in items]
    if len({json.dumps(_shape(item), sort_keys=True) for item in items}) <= 1 and None not in items:
        return items
    raise UnresolvedError("elements of several types become one")


def as_set(value: Any) -> SetValue:
    """As `toset` makes it. Raises `UnresolvedError`."""
    items = as_one_kind(as_list(value))
    if any(isinstance(item, bool) or not isinstance(item, (str, int)) for item in items):
        raise UnresolvedError("a set of such elements is not computed here")
    return SetValue(sorted(set(items)))


def as_one_type(value: Any, other: Any) -> Any:
    """The value, where a conversion to the type of both changes nothing."""
    if value is None or other is None:
        # The type of what is null is unknown here; nothing but null is null.
        return value
    if type(value) is type(other):
        if not isinstance(value, (list, dict, SetValue)):
            return value
        if _shape(value) == _shape(other):
            return value
        kinds = {type(item) for each in (value, other) for item in items_of(each)}
        if kinds in (set(), {str}, {int}, {bool}):
            return value
    raise UnresolvedError("both branches of a conditional become one type")


def items_of(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return type(value).__name__


def pairs_of(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return sorted(value.items(), key=lambda pair: pair[0])
    if isinstance(value, SetValue):
        return [(item, item) for item in value]
    if isinstance(value, list):
        return list(enumerate(value))
    raise UnresolvedError("it is no collection")


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise UnresolvedError("an object has a key twice")
    return members


def check_length(length: int) -> None:
    if length > MAX_STRING:
        raise UnresolvedError("a string becomes too long")
