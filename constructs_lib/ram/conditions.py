"""Patterns and condition tests: when they hold, and a few values that show all there is to see.

Two documents are compared by trying representative requests. This file finds the representatives of one
dimension: of a set of patterns (`representatives`, `intersection`), and of one condition key (`values_for`).

Why few texts are enough. Let F be a character that stands in no pattern.

* Replace what a `*` of p matched in a text by as many F: a pattern q that did not match the text still does
  not, since only `*` and `?` can match F, and they would have matched anything.
* Let q match a text with a run of F longer than the number of `?` in any block of wildcards of q. A `*` of q
  lies in that run, so q matches every longer run too. Hence runs longer than that number plus one show
  nothing new; and where no q has a `?`, a run of one F escapes whatever a run of any length escapes.

So if some text matches p and none of the q's, then so does one of p's representatives.

Sources: RAM, help pages "Conditional operators" and "Policy elements". What they leave open is not decided
here: `Test.holds` says None.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import pairwise, product
from typing import Any, NamedTuple

from attrs import define, field

MAX_COMPONENTS = 400
MAX_REPRESENTATIVES = 4_000
MAX_PLACES = 20_000


class TooComplexError(ValueError):
    """A guard was hit: what was asked stays undecided."""


# ------------------------------------------------------------ patterns


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a text: `*` any number of characters, `?` one, with case.

    Between two `*` the leftmost place is as good as any: what follows has the most room there.
    """
    if "*" not in pattern:
        return pattern == text if "?" not in pattern else _stands_at(pattern, text, 0, len(text))
    first, *middle, last = pattern.split("*")
    start, end = len(first), len(text) - len(last)
    if start > end or not _begins(first, text, 0) or not _begins(last, text, end):
        return False
    for part in middle:
        found = _find(part, text, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return True


def _begins(part: str, text: str, start: int) -> bool:
    return _stands_at(part, text, start, start + len(part)) if "?" in part else text.startswith(part, start)


def _stands_at(part: str, text: str, start: int, end: int) -> bool:
    return _with_holes(part).fullmatch(text, start, end) is not None


def _find(part: str, text: str, start: int, end: int) -> int:
    if "?" not in part:
        return text.find(part, start, end)
    found = _with_holes(part).search(text, start, end)
    return found.start() if found else -1


@lru_cache(4096)
def _with_holes(part: str) -> re.Pattern[str]:
    return re.compile(".".join(map(re.escape, part.split("?"))), re.DOTALL)


def is_wild(pattern: str) -> bool:
    """Whether a pattern matches more than one text."""
    return "*" in pattern or "?" in pattern


def representatives(pattern: str, longest: int, fresh: str) -> list[str]:
    """Texts that match a pattern and escape whatever can be escaped (see above).

    `longest`: how many `?` stand in one block of wildcards of a pattern to escape, at most. Runs of one
    character come first: they look most like a real name.
    """
    if "*" not in pattern:
        return [pattern.replace("?", fresh)]
    parts = pattern.replace("?", fresh).split("*")
    if not longest:
        return [fresh.join(parts)]
    runs = [fresh, "", *(fresh * count for count in range(2, longest + 2))]
    if len(runs) ** (len(parts) - 1) > MAX_REPRESENTATIVES:
        raise TooComplexError("too many `*` beside patterns with `?`")
    filled = product(runs, repeat=len(parts) - 1)
    return ["".join(map("".join, zip(parts, (*gaps, ""), strict=True))) for gaps in filled]


_BLOCK = re.compile(r"[*?]*\?[*?]*")


def longest_block(patterns: Iterable[str]) -> int:
    """How many `?` stand in one block of wildcards, at most."""
    return max(
        (block.count("?") for pattern in patterns if "?" in pattern for block in _BLOCK.findall(pattern)),
        default=0,
    )


class Common(NamedTuple):
    """What two patterns have in common, and the steps that it takes to tell."""

    patterns: tuple[str, ...]
    work: int = 1


def intersection(one: str, other: str) -> tuple[str, ...]:
    """Patterns that together match exactly what both patterns match; empty where they have nothing in common.

    TooComplexError: they would be too many.
    """
    return common(one, other).patterns


@lru_cache(8192)
def common(one: str, other: str) -> Common:
    """The intersection, with the work that it is: the same whether it was done before or not."""
    if one == other:
        return Common((one,))
    if not is_wild(one):
        return Common((one,) if matches(other, one) else ())
    if not is_wild(other):
        return Common((other,) if matches(one, other) else ())
    if not _ends_agree(one, other):
        return Common(())
    for wider, narrower in ((one, other), (other, one)):
        # No `?`, so nothing but a `*` can match a wildcard of the other.
        if "?" not in wider and matches(wider, narrower):
            return Common((narrower,))
    patterns, work = _merge(_tidy(one), _tidy(other))
    return Common(tuple(dict.fromkeys(map(_tidy, patterns))), work)


def _tidy(pattern: str) -> str:
    """The same pattern with the wildcards of each block in one order: `?` first, then one `*`."""
    return _MIXED.sub(lambda block: "?" * block[0].count("?") + "*", pattern)


_MIXED = re.compile(r"[*?]*\*[*?]*")
_WILDCARD = re.compile(r"[*?]")


def _ends_agree(one: str, other: str) -> bool:
    """Whether what stands before the first and after the last wildcard can be equal."""
    first, second = _WILDCARD.split(one), _WILDCARD.split(other)
    head, tail = min(len(first[0]), len(second[0])), min(len(first[-1]), len(second[-1]))
    return one[:head] == other[:head] and one[len(one) - tail :] == other[len(other) - tail :]


def _steps(one: str, other: str, i: int, j: int) -> list[tuple[str, int, int]]:
    """What two patterns can begin with from here on, and where each of them goes on.

    A `*` ends, or swallows what the other begins with; two `*` become one, and one of them ends.
    """
    a, b = one[i : i + 1], other[j : j + 1]
    if a == "*" and b == "*":
        return [("*", i + 1, j), ("*", i, j + 1)]
    if a == "*":
        return [("", i + 1, j), (b, i, j + 1)] if b else [("", i + 1, j)]
    if b == "*":
        return [("", i, j + 1), (a, i + 1, j)] if a else [("", i, j + 1)]
    if a and b and (a == b or "?" in (a, b)):
        return [(b if a == "?" else a, i + 1, j + 1)]
    return []


def _merge(one: str, other: str) -> Common:
    """The intersection: forwards to all pairs of places within reach, then backwards with the rests."""
    steps: dict[tuple[int, int], list[tuple[str, int, int]]] = {}
    waiting = [(0, 0)]
    while waiting:
        place = waiting.pop()
        if place not in steps:
            steps[place] = _steps(one, other, *place)
            waiting += [(i, j) for _, i, j in steps[place]]
            if len(steps) > MAX_PLACES:
                raise TooComplexError("patterns too long to tell what they have in common")
    rests: dict[tuple[int, int], dict[str, None]] = {}
    work = len(steps)
    for place in sorted(steps, reverse=True):
        found: dict[str, None] = {"": None} if place == (len(one), len(other)) else {}
        for text, i, j in steps[place]:
            for rest in rests[i, j]:
                found[text + (rest.lstrip("*") if text == "*" else rest)] = None
        rests[place] = found
        work += len(found)
        if len(found) > MAX_COMPONENTS or work > MAX_PLACES:
            raise TooComplexError("patterns with too many `*` in common")
    return Common(tuple(rests[0, 0]), work)


# ------------------------------------------------------------ tests


class Kind(enum.Enum):
    """What a condition operator compares."""

    TEXT = enum.auto()
    NUMBER = enum.auto()
    DATE = enum.auto()
    BOOLEAN = enum.auto()
    ADDRESS = enum.auto()


class Relation(NamedTuple):
    """What an operator asks: `holds(value of the request, value of the policy)`."""

    kind: Kind
    holds: Callable[[Any, Any], bool]
    is_negated: bool = False


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, wanted: bool(value == wanted),
    "LessThan": lambda value, wanted: bool(value < wanted),
    "LessThanEquals": lambda value, wanted: bool(value <= wanted),
    "GreaterThan": lambda value, wanted: bool(value > wanted),
    "GreaterThanEquals": lambda value, wanted: bool(value >= wanted),
}
_POSITIVE = {
    "StringEquals": Relation(Kind.TEXT, _ORDER["Equals"]),
    "StringEqualsIgnoreCase": Relation(
        Kind.TEXT, lambda value, wanted: bool(value.lower() == wanted.lower())
    ),
    "StringLike": Relation(Kind.TEXT, lambda value, wanted: matches(wanted, value)),
    **{f"Numeric{name}": Relation(Kind.NUMBER, holds) for name, holds in _ORDER.items()},
    **{f"Date{name}": Relation(Kind.DATE, holds) for name, holds in _ORDER.items()},
    "Bool": Relation(Kind.BOOLEAN, _ORDER["Equals"]),
    "IpAddress": Relation(
        Kind.ADDRESS, lambda value, wanted: value.version == wanted.version and value in wanted
    ),
}
_NEGATED = {
    **{f"StringNot{name}": f"String{name}" for name in ("Equals", "EqualsIgnoreCase", "Like")},
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
# IpAddressIncludeBorder is named on the page, but not explained: its tests stay unknown.
RELATIONS = _POSITIVE | {
    name: Relation(_POSITIVE[positive].kind, _POSITIVE[positive].holds, is_negated=True)
    for name, positive in _NEGATED.items()
}

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3}|\.\d{6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@lru_cache(4096)
def _parsed(kind: Kind, text: str) -> Any:
    """A value of a request in its kind; None where it is none."""
    try:
        if kind is Kind.TEXT:
            return text
        if kind is Kind.NUMBER:
            return Decimal(text) if _NUMBER.fullmatch(text) else None
        if kind is Kind.DATE:
            return datetime.fromisoformat(text).astimezone(UTC) if _DATE.fullmatch(text) else None
        if kind is Kind.BOOLEAN:
            return {"true": True, "false": False}.get(text.lower())
        return ip_address(text)
    except (ValueError, OverflowError):
        return None


def _is_filled_in(text: str) -> bool:
    return "{" in text and ("${" in text or "%{" in text or "TfToken[" in text)


@lru_cache(4096)
def _operand(kind: Kind, operator: str, text: str) -> Any:
    """A value of a policy in its kind; None where it is not certain what RAM makes of it."""
    if _is_filled_in(text):
        return None
    if operator.endswith("IgnoreCase") and not text.isascii():
        return None
    if kind is not Kind.ADDRESS:
        return _parsed(kind, text)
    try:
        return ip_network(text)
    except ValueError:
        return None


def _ordered(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(set(values), key=str))


@define(frozen=True, slots=False)
class Test:
    """One operator with one key and its values: one line of a Condition.

    Several values are alternatives; a negated operator holds where none of them matches. What holds a token,
    an unknown operator, or a value of another kind is unknown, and equal only to itself.
    """

    __test__ = False  # no test case of pytest

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
        return relation if relation.kind is not Kind.BOOLEAN or len(self.operands) == 1 else None

    @cached_property
    def operands(self) -> tuple[Any, ...]:
        kind = RELATIONS[self.operator].kind if self.operator in RELATIONS else Kind.TEXT
        return tuple(
            _operand(kind, self.operator, value) if isinstance(value, str) else None for value in self.values
        )

    def holds(self, value: str | None, *, when_absent: bool | None = None) -> bool | None:
        """Whether a request whose key has this value passes; None where that is not known.

        `value`: None where the request has no such key. Then no test holds, but for negated ones, of which
        RAM's pages do not tell: they are what `when_absent` says.
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


def values_for(tests: Sequence[Test], fresh: str) -> list[str] | None:
    """Values of one condition key: whichever of its tests hold together for some value, do for one of these.

    The likeliest values come first. None where that cannot be promised: unknown tests, tests of several
    kinds, too many patterns. `fresh`: a character that no test contains, in either case.
    """
    relations = [test.relation for test in tests]
    kinds = {relation.kind for relation in relations if relation}
    if None in relations or (len(kinds) > 1 and kinds != {Kind.TEXT, Kind.BOOLEAN}):
        return None
    operands = [operand for test in tests for operand in test.operands]
    if Kind.TEXT in kinds:
        try:
            return _texts(tests, fresh)
        except TooComplexError:
            return None
    (kind,) = kinds
    if kind is Kind.NUMBER:
        return [format(number, "f") for number in _around(operands, Decimal(1), _between_numbers)]
    if kind is Kind.DATE:
        return [_as_date(date) for date in _around(operands, timedelta(days=1), _between_dates)]
    if kind is Kind.BOOLEAN:
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


def _between_dates(low: datetime, high: datetime) -> datetime:
    return low + (high - low) / 2


def _as_date(date: datetime) -> str:
    return date.isoformat().replace("+00:00", "Z")


# Addresses that documentation may use (RFC 5737, RFC 3849).
_EXAMPLES = (int(IPv4Address("203.0.113.7")), int(IPv6Address("2001:db8::7")))


def _addresses(networks: Sequence[IPv4Network | IPv6Network]) -> Iterator[IPv4Address | IPv6Address]:
    """An address of every stretch that no border of a network divides, the ends of either family included."""
    families: tuple[tuple[int, type[IPv4Address | IPv6Address], int], ...] = (
        (4, IPv4Address, 2**32),
        (6, IPv6Address, 2**128),
    )
    for (version, address, end), example in zip(families, _EXAMPLES, strict=True):
        borders = {0, end}
        for network in networks:
            if network.version == version:
                borders |= {int(network.network_address), int(network.broadcast_address) + 1}
        stretches = list(pairwise(sorted(borders)))
        stretches.sort(key=lambda stretch: not stretch[0] <= example < stretch[1])
        for first, after in stretches:
            is_example = first <= example < after
            yield address(example if is_example else min(first + 1, after - 1))


# Stand for `*` and `?` that are meant literally, while patterns are put together.
_LITERAL = {ord("*"): "\ue02a", ord("?"): "\ue03f"}
_AS_WRITTEN = {0xE02A: "*", 0xE03F: "?"}


def _texts(tests: Sequence[Test], fresh: str) -> list[str]:
    """Values of texts: whatever lies in some patterns and not in the others has one of these.

    All intersections of patterns are formed; a text in some patterns and no other lies in one of them, and
    one of its representatives escapes the others.
    """
    literal: dict[str, None] = {}
    wild: dict[str, None] = {}
    ignoring_case: dict[str, None] = {}
    for test in tests:
        is_like = test.operator.endswith("Like")
        for text in test.values:
            if test.operator.endswith("IgnoreCase") or test.operator == "Bool":
                ignoring_case.setdefault(text.lower())
            else:
                into = wild if is_like and is_wild(text) else literal
                into.setdefault(text if is_like else text.translate(_LITERAL))
    if any(test.operator == "Bool" for test in tests):
        ignoring_case.update({"true": None, "false": None})
    components = _closed(wild)
    longest = longest_block(wild)
    found = dict.fromkeys(literal)
    for component in components:
        found.update(dict.fromkeys(representatives(component, longest, fresh)))
        if len(found) > MAX_REPRESENTATIVES:
            raise TooComplexError("too many values of one condition key")
    for text in ignoring_case:
        found.update(dict.fromkeys(_spellings(text.translate(_LITERAL), list(literal), list(wild))))
    likeliest = sorted(found, key=lambda text: (fresh in text, text == ""))
    return [text.translate(_AS_WRITTEN) for text in likeliest]


def _closed(patterns: Iterable[str]) -> list[str]:
    """What any of the patterns have in common, none of them included: `*`."""
    closed = {"*": None}
    for pattern in patterns:
        for one in list(closed):
            closed.update(dict.fromkeys(intersection(one, pattern)))
            if len(closed) > MAX_COMPONENTS:
                raise TooComplexError("too many patterns of one condition key that overlap")
    return list(closed)


def _spellings(text: str, literals: Sequence[str], wild: Sequence[str]) -> list[str]:
    """Spellings of a text in other case that show all that tests with case can tell apart.

    Texts with case tell apart only themselves: they, and one spelling that none of them has, are enough.
    Patterns can tell any spelling from any other, so that all are needed.
    """
    letters = sum(character.isalpha() for character in text)
    is_touched = any(matches(pattern.lower(), text) for pattern in wild)
    if is_touched and letters > 6:
        raise TooComplexError("patterns with case beside a long text without")
    choices = product(*({letter: None, letter.upper(): None} for letter in text))
    if is_touched:
        return ["".join(choice) for choice in choices]
    same = [literal for literal in literals if literal.lower() == text]
    # One more than all that are taken: one of them is free, if any is.
    other = next((one for choice in choices if (one := "".join(choice)) not in same), text)
    return [other, *same]
