"""Condition tests: when they hold, and a few values that show all there is to see.

Two documents are compared by trying representative requests. This file finds the representatives of one
condition key (`values_for`); `constructs_lib.ram.analysis.patterns` finds those of a set of patterns.

Sources: RAM, help pages "Conditional operators" and "Policy elements". What they leave open is not decided
here: `ConditionTest.holds` returns None.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import pairwise, product
from typing import Any, NamedTuple

from attrs import define, field

from constructs_lib.ram.analysis.patterns import (
    MAX_COMPONENTS,
    MAX_REPRESENTATIVES,
    TooComplexError,
    folded,
    intersection,
    is_wild,
    longest_block,
    matches,
    representatives,
)
from constructs_lib.ram.grammar import CIDR, DATE, NUMBER


class OperatorKind(enum.Enum):
    """What a condition operator compares."""

    TEXT = enum.auto()
    NUMBER = enum.auto()
    DATE = enum.auto()
    BOOLEAN = enum.auto()
    ADDRESS = enum.auto()


class Relation(NamedTuple):
    """What an operator asks: `holds(value of the request, value of the policy)`."""

    kind: OperatorKind
    holds: Callable[[Any, Any], bool]
    is_negated: bool = False


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_POSITIVE = {
    "StringEquals": Relation(OperatorKind.TEXT, operator.eq),
    "StringEqualsIgnoreCase": Relation(
        OperatorKind.TEXT, lambda value, wanted: folded(value) == folded(wanted)
    ),
    "StringLike": Relation(OperatorKind.TEXT, lambda value, wanted: matches(wanted, value)),
    **{f"Numeric{name}": Relation(OperatorKind.NUMBER, holds) for name, holds in _COMPARISONS.items()},
    **{f"Date{name}": Relation(OperatorKind.DATE, holds) for name, holds in _COMPARISONS.items()},
    "Bool": Relation(OperatorKind.BOOLEAN, operator.eq),
    "IpAddress": Relation(
        OperatorKind.ADDRESS, lambda value, wanted: value.version == wanted.version and value in wanted
    ),
}
_NEGATED = {
    **{f"StringNot{name}": f"String{name}" for name in ("Equals", "EqualsIgnoreCase", "Like")},
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
# IpAddressIncludeBorder is named on the page, but not explained: its tests stay unknown.
RELATIONS = _POSITIVE | {name: _POSITIVE[other]._replace(is_negated=True) for name, other in _NEGATED.items()}


@lru_cache(4096)
def _parsed(kind: OperatorKind, text: str) -> Any:
    """A value of a request in its kind; None where it is none."""
    try:
        if kind is OperatorKind.TEXT:
            return text
        if kind is OperatorKind.NUMBER:
            return Decimal(text) if NUMBER.fullmatch(text) else None
        if kind is OperatorKind.DATE:
            return datetime.fromisoformat(text).astimezone(UTC) if DATE.fullmatch(text) else None
        if kind is OperatorKind.BOOLEAN:
            return {"true": True, "false": False}.get(folded(text))
        return ip_address(text)
    except (ValueError, OverflowError):
        return None


def _is_filled_in(text: str) -> bool:
    return "{" in text and ("${" in text or "%{" in text or "TfToken[" in text)


@lru_cache(4096)
def _operand(kind: OperatorKind, name: str, text: str) -> Any:
    """A value of a policy in its kind; None where it is not certain what RAM makes of it."""
    if _is_filled_in(text):
        return None
    if name.endswith("IgnoreCase") and not text.isascii():
        return None
    if kind is not OperatorKind.ADDRESS:
        return _parsed(kind, text)
    try:
        return ip_network(text) if CIDR.fullmatch(text) else None
    except ValueError:
        return None


def _ordered(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(set(values), key=str))


@define(frozen=True, slots=False)
class ConditionTest:
    """One operator with one key and its values: one line of a Condition.

    Several values are alternatives; a negated operator holds where none of them matches. What holds a token,
    an unknown operator, or a value of another kind is unknown, and equal only to itself.
    """

    operator: str
    key: str
    values: tuple[Any, ...] = field(converter=_ordered)

    @cached_property
    def relation(self) -> Relation | None:
        """What the operator asks; None where it is not known."""
        relation = RELATIONS.get(self.operator)
        if relation is None or None in self.operands or _is_filled_in(self.key):
            return None
        # RAM documents one value for Bool.
        return relation if relation.kind is not OperatorKind.BOOLEAN or len(self.operands) == 1 else None

    @cached_property
    def operands(self) -> tuple[Any, ...]:
        kind = RELATIONS[self.operator].kind if self.operator in RELATIONS else OperatorKind.TEXT
        return tuple(
            _operand(kind, self.operator, value) if isinstance(value, str) else None for value in self.values
        )

    def holds(self, value: str | None, *, when_absent: bool | None = None) -> bool | None:
        """Whether a request whose key has this value passes; None where that is not known.

        `value`: None where the request has no such key. Then no test holds, but for negated ones, of which
        RAM's pages say nothing: they are what `when_absent` says.
        """
        relation = self.relation
        if relation is None:
            return None
        if value is None:
            return when_absent if relation.is_negated else False
        parsed = _parsed(relation.kind, value)
        if parsed is None:
            return None if relation.is_negated else False
        return any(relation.holds(parsed, wanted) for wanted in self.operands) != relation.is_negated


# ------------------------------------------------------------ value classes


def values_for(tests: Sequence[ConditionTest], fresh: str) -> list[str] | None:
    """Values of one condition key: whichever of its tests hold together for some value, do for one of these.

    The likeliest values come first. None where that cannot be promised: unknown tests, tests of several
    kinds, too many patterns. `fresh`: a character that no test contains, in either case.
    """
    relations = [test.relation for test in tests]
    kinds = {relation.kind for relation in relations if relation}
    if None in relations or (len(kinds) > 1 and kinds != {OperatorKind.TEXT, OperatorKind.BOOLEAN}):
        return None
    operands = [operand for test in tests for operand in test.operands]
    if OperatorKind.TEXT in kinds:
        try:
            return _texts(tests, fresh)
        except TooComplexError:
            return None
    (kind,) = kinds
    if kind is OperatorKind.NUMBER:
        return [format(number, "f") for number in _around(operands, Decimal(1), _between_numbers)]
    if kind is OperatorKind.DATE:
        dates = _around(operands, timedelta(days=1), lambda low, high: low + (high - low) / 2)
        return [date.isoformat().replace("+00:00", "Z") for date in dates]
    if kind is OperatorKind.BOOLEAN:
        return ["true", "false"]
    return [str(address) for address in _addresses(operands)]


def _around(points: Iterable[Any], step: Any, between: Callable[[Any, Any], Any]) -> Iterator[Any]:
    """The points, something between any two neighbours, and something beyond both ends.

    Comparisons with the points cannot tell two values apart that lie between the same neighbours.
    """
    points = sorted(set(points))
    yield from points
    for low, high in pairwise(points):
        middle = between(low, high)
        if low < middle < high:
            yield middle
    for point, away in ((points[-1], step), (points[0], -step)):
        try:
            yield point + away
        except OverflowError:
            continue  # the calendar ends there


def _between_numbers(low: Decimal, high: Decimal) -> Decimal:
    whole = Decimal(int((low + high) / 2))
    return whole if low < whole < high else (low + high) / 2


# Addresses that documentation may use (RFC 5737, RFC 3849).
_EXAMPLES = (IPv4Address("203.0.113.7"), IPv6Address("2001:db8::7"))


def _addresses(networks: Sequence[IPv4Network | IPv6Network]) -> Iterator[IPv4Address | IPv6Address]:
    """An address of every stretch that no border of a network divides, the ends of either family included."""
    for example in _EXAMPLES:
        borders = {0, 2**example.max_prefixlen}
        for network in networks:
            if network.version == example.version:
                borders |= {int(network.network_address), int(network.broadcast_address) + 1}
        others = []
        for first, after in pairwise(sorted(borders)):
            if first <= int(example) < after:
                yield example
            else:
                others.append(type(example)(min(first + 1, after - 1)))
        yield from others


def _texts(tests: Sequence[ConditionTest], fresh: str) -> list[str]:
    """Values of texts: whatever lies in some patterns and not in the others has one of these.

    All intersections of patterns are formed; a text in some patterns and no other lies in one of them, and
    one of its representatives escapes the others.
    """
    literal: dict[str, None] = {}
    wild: dict[str, None] = {}
    ignoring_case: dict[str, None] = {}
    for test in tests:
        for text in test.values:
            if test.operator.endswith("IgnoreCase") or test.operator == "Bool":
                ignoring_case.setdefault(folded(text))
            elif test.operator.endswith("Like") and is_wild(text):
                wild.setdefault(text)
            else:
                literal.setdefault(text)
    longest = longest_block(wild)
    values = dict.fromkeys(literal)
    for component in _closure(wild):
        values.update(dict.fromkeys(representatives(component, longest, fresh)))
        if len(values) > MAX_REPRESENTATIVES:
            raise TooComplexError("too many values of one condition key")
    for text in ignoring_case:
        values.update(dict.fromkeys(_spellings(text, list(literal), list(wild))))
    return sorted(values, key=lambda text: (fresh in text, text == ""))


def _closure(patterns: Iterable[str]) -> list[str]:
    """What any of the patterns have in common, none of them included: `*`."""
    closed = {"*": None}
    for pattern in patterns:
        for component in list(closed):
            closed.update(dict.fromkeys(intersection(component, pattern).patterns))
            if len(closed) > MAX_COMPONENTS:
                raise TooComplexError("too many patterns of one condition key that overlap")
    return list(closed)


def _spellings(text: str, literals: Sequence[str], wild: Sequence[str]) -> list[str]:
    """Spellings of a text in other case that show all that tests with case can tell apart.

    Texts with case tell apart only themselves: they, and one spelling that none of them has, are enough.
    Patterns can tell any spelling from any other, so that all are needed.
    """
    is_touched = any(matches(folded(pattern), text) for pattern in wild)
    if is_touched and sum(character.isalpha() for character in text) > 6:
        raise TooComplexError("patterns with case beside a long text without")
    spellings = map("".join, product(*({letter: None, letter.upper(): None} for letter in text)))
    if is_touched:
        return list(spellings)
    same = [literal for literal in literals if folded(literal) == text]
    # One more than all that are taken: one of them is free, if any is.
    return [next((spelling for spelling in spellings if spelling not in same), text), *same]
