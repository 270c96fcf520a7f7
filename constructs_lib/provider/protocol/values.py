"""Terraform's values in Python.

| Terraform | Python |
|---|---|
| string, bool, null | str, bool, None |
| number | int; Decimal where it has a fraction (exact, however long) |
| list, set, tuple | list |
| map, object | dict |
| dynamic | `Dynamic`, which keeps the type; plain Python values are accepted too |
| not known yet | `UNKNOWN` |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, NoReturn

from constructs_lib.provider.protocol.types import Type

MOST_DIGITS = 1_000_000
"""How many digits a number may have before or after its point: `1e999999999` is written in few."""

Path = tuple[str | int, ...]
"""Where a value stands: `("rules", 0, "retention")`."""


class Unknown:
    """The class of `UNKNOWN`: a value that Terraform learns only during apply.

    It is neither true nor false, so a check that forgets about it fails loudly instead of judging.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> NoReturn:
        raise TypeError("the value is not known yet: ask `value is UNKNOWN` before looking at it")

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __reduce__(self) -> Literal["UNKNOWN"]:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Dynamic(NamedTuple):
    """A value whose type is not in the schema, with the type that it came with."""

    type: Type
    value: Any


class WrongValueError(ValueError):
    """A value that its type cannot hold. `path`: where it stands."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: Path = ()

    def within(self, step: str | int) -> WrongValueError:
        self.path = (step, *self.path)
        return self

    def __str__(self) -> str:
        return self.problem


def holds_unknown(value: object) -> bool:
    """Whether the value, or anything inside it, is not known yet."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(holds_unknown, value))
    return holds_unknown(value.value) if isinstance(value, Dynamic) else value is UNKNOWN


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The single values inside a value, unknown and null ones too, each with where it stands."""
    if isinstance(value, Dynamic):
        yield from leaves(value.value, path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path, value


def without_unknowns(value: Any) -> Any:
    """The same with null for everything that is not known."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Dynamic):
        return Dynamic(value.type, without_unknowns(value.value))
    if isinstance(value, dict):
        return {key: without_unknowns(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_unknowns(item) for item in value]
    return value


def number(value: Any) -> Any:
    """A number as it came: an integer, a float, or digits where neither holds it exactly."""
    if type(value) is int or value is None or value is UNKNOWN:
        return value
    if isinstance(value, float):
        if value.is_integer():
            return int(value)
        # Terraform compares fractions by their digits; a float, such as `log` gives, has no more than needed.
        return value if value in (float("inf"), float("-inf")) else exact_decimal(repr(value))
    digits = value.removeprefix("-")
    # Beyond 4,300 digits Python refuses to read an int; a Decimal takes any number of them.
    if digits.isascii() and digits.isdigit() and len(digits) <= 4000:
        return int(value)
    return exact_decimal(value)


def exact_decimal(value: Any) -> Any:
    # Imported here: most schemas never see a fraction, and the import is felt at start.
    from decimal import Decimal, InvalidOperation

    try:
        found = Decimal(value)
    except (InvalidOperation, TypeError):
        raise WrongValueError(f"{value!r} is not a number") from None
    if not found.is_finite():
        raise WrongValueError(f"{value!r} is not a number that Terraform can hold")
    if abs(found.adjusted()) > MOST_DIGITS:
        # It travels as digits, and these would fill the memory.
        raise WrongValueError(f"a number with more than {MOST_DIGITS:,} digits is nothing to calculate with")
    return found
