"""What statements require of a request, as bits, and the values of conditions that can tell it apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from constructs_lib.ram.analysis.conditions import Test, values_for
from constructs_lib.ram.analysis.evaluator import Assumption, Statement


class Option(NamedTuple):
    """A value of a variable, and the requirements that hold with it, as bits.

    A variable is a condition key, whose value may be absent (None), or an assumption. `holds_absent`: where
    the value is absent, the reading of negated operators that these bits belong to.
    """

    bits: int
    subject: str | Assumption
    value: str | bool | None
    holds_absent: bool | None = None


class Need(NamedTuple):
    """What a statement that lies around a request asks for: all bits, one of each group, none of some."""

    all: int
    some: tuple[int, ...] = ()
    none: int = 0

    def is_met(self, bits: int) -> bool:
        return bits & self.all == self.all and not bits & self.none and all(bits & one for one in self.some)


def indexes_of(bits: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def union_of(bits: Iterable[int]) -> int:
    """All bits that are set in one of them."""
    union = 0
    for one in bits:
        union |= one
    return union


def distinct_options(options: Iterable[Option], asked: int, wanted: int) -> list[Option]:
    """Options that differ in what is asked, the first of each kind, if they have what is wanted."""
    distinct: dict[int, Option] = {}
    absent = [option for option in options if option.holds_absent is not None]
    matters = any(option.bits & asked for option in absent)
    for option in options:
        if option.bits & wanted == wanted:
            is_fixed = option.holds_absent is None or matters
            distinct.setdefault(
                option.bits & asked, option if is_fixed else option._replace(holds_absent=None)
            )
    return list(distinct.values())


def is_implied(base: Need, needs: Iterable[Need]) -> bool:
    """Whether one of the needs is met wherever the base is."""
    return any(not need.some and not need.none and not need.all & ~base.all for need in needs)


def variables_of(
    statements: Iterable[Statement], bits: dict[tuple[Assumption, bool], int], fresh: str
) -> Iterator[tuple[int, list[Option]]]:
    """The variables of all requirements, each with its bits and options; `bits` is filled."""
    tests: dict[str, dict[Test, Assumption]] = {}
    unknown: dict[Assumption, None] = {}
    for statement in statements:
        for requirement in sorted(statement.requirements, key=str):
            bits.setdefault(requirement, 1 << len(bits))
            assumption = requirement[0]
            if isinstance(assumption.subject, Test):
                tests.setdefault(assumption.subject.key, {})[assumption.subject] = assumption
            else:
                unknown.setdefault(assumption)
    for key, of_key in tests.items():
        values = values_for(list(of_key), fresh)
        if values is None:
            unknown.update(dict.fromkeys(of_key.values()))
        else:
            yield _key_variable(key, values, {test: bits[one, True] for test, one in of_key.items()})
    for assumption in unknown:
        true, false = (bits.get((assumption, value), 0) for value in (True, False))
        yield true | false, [Option(true, assumption, True), Option(false, assumption, False)]


def _key_variable(key: str, values: list[str], bits: dict[Test, int]) -> tuple[int, list[Option]]:
    """A condition key: its values, and its absence, with negated operators in both readings."""

    def holding(value: str | None, when_absent: bool = False) -> int:
        return union_of(bit for test, bit in bits.items() if test.holds(value, when_absent=when_absent))

    options = [Option(holding(value), key, value) for value in values]
    if holding(None, when_absent=True):
        options += [Option(holding(None, when_absent=one), key, None, one) for one in (True, False)]
    else:
        options.append(Option(0, key, None))
    return union_of(bits.values()), options


def fresh_character(statements: Iterable[Statement]) -> str:
    """A character that stands in no pattern and no condition value, in either case."""
    texts = [item.text for one in statements for of in (one.actions, one.resources) for item in of.items]
    subjects = [assumption.subject for one in statements for assumption, _ in one.requirements]
    texts += [str(value) for one in subjects if isinstance(one, Test) for value in one.values]
    used = set("".join(map(str, texts)).lower())
    letters = chain("xzqjkvwy0123456789", map(chr, range(0x4E00, 0xD7FF)))
    return next((letter for letter in letters if letter not in used), "\uffff")
