"""All requests that some statements can tell apart: where actions and resources lie, what conditions ask.

What a statement requires beside its lists is a set of bits, one for each requirement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from constructs_lib.ram.analysis.conditions import ConditionTest, values_for
from constructs_lib.ram.analysis.evaluator import Assumption, Patterns, Statement
from constructs_lib.ram.analysis.pattern_index import Dimension, IndexedPattern, Membership
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES, size_of

MAX_WORK = 1_000_000  # steps of about a microsecond
MAX_COMPARISON_WORK = 200_000  # then what is small is decided in another way


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
        is_possible = bits & self.all == self.all and not bits & self.none
        return is_possible and all(bits & group for group in self.some)


def indexes_of(bits: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def union_of(bits: Iterable[int]) -> int:
    """All bits that are set in one of them."""
    union = 0
    for each in bits:
        union |= each
    return union


def distinct_options(options: Iterable[Option], asked: int, wanted: int) -> list[Option]:
    """Options that differ in what is asked, the first of each kind, if they have what is wanted."""
    distinct: dict[int, Option] = {}
    matters = any(option.bits & asked for option in options if option.holds_absent is not None)
    for option in options:
        if option.bits & wanted == wanted:
            if option.holds_absent is not None and not matters:
                option = option._replace(holds_absent=None)
            distinct.setdefault(option.bits & asked, option)
    return list(distinct.values())


def is_implied(base: Need, needs: Iterable[Need]) -> bool:
    """Whether one of the needs is met wherever the base is."""
    return any(not need.some and not need.none and not need.all & ~base.all for need in needs)


def variables_of(
    statements: Iterable[Statement], bits: dict[tuple[Assumption, bool], int], fresh: str
) -> Iterator[tuple[int, list[Option]]]:
    """The variables of all requirements, each with its bits and options; `bits` is filled."""
    tests: dict[str, dict[ConditionTest, Assumption]] = {}
    unknown: dict[Assumption, None] = {}
    for statement in statements:
        for requirement in sorted(statement.requirements, key=str):
            bits.setdefault(requirement, 1 << len(bits))
            assumption = requirement[0]
            if isinstance(assumption.subject, ConditionTest):
                tests.setdefault(assumption.subject.key, {})[assumption.subject] = assumption
            else:
                unknown.setdefault(assumption)
    for key, of_key in tests.items():
        values = values_for(list(of_key), fresh)
        if values is None:
            unknown.update(dict.fromkeys(of_key.values()))
        else:
            bits_of_key = {test: bits[condition, True] for test, condition in of_key.items()}
            yield _key_variable(key, values, bits_of_key)
    for assumption in unknown:
        true, false = (bits.get((assumption, value), 0) for value in (True, False))
        yield true | false, [Option(true, assumption, True), Option(false, assumption, False)]


def _key_variable(key: str, values: list[str], bits: dict[ConditionTest, int]) -> tuple[int, list[Option]]:
    """A condition key: its values, and its absence, with negated operators in both readings."""

    def holding(value: str | None, when_absent: bool = False) -> int:
        return union_of(bit for test, bit in bits.items() if test.holds(value, when_absent=when_absent))

    options = [Option(holding(value), key, value) for value in values]
    if holding(None, True):
        options += [Option(holding(None, absent), key, None, absent) for absent in (True, False)]
    else:
        options.append(Option(0, key, None))
    return union_of(bits.values()), options


def fresh_character(statements: Iterable[Statement]) -> str:
    """A character that stands in no pattern and no condition value, in either case."""
    texts = [each.text for statement in statements for each in statement.actions.items]
    texts += [each.text for statement in statements for each in statement.resources.items]
    subjects = [assumption.subject for statement in statements for assumption, _ in statement.requirements]
    tests = [subject for subject in subjects if isinstance(subject, ConditionTest)]
    used = set("".join([*texts, *(str(value) for test in tests for value in test.values)]).lower())
    letters = chain("xzqjkvwy0123456789", map(chr, range(0x4E00, 0xD7FF)))
    return next((letter for letter in letters if letter not in used), "\uffff")


class RequestSpace:
    """The requests around some statements, with all that a search among them needs.

    A statement is a bit, and so is a requirement. `work`: the steps that are left for the search.

    * `actions`; `readings`: the resources, with case, and without where that makes a difference.
    * `needs`: what each statement requires beside its lists; `variables`: what the requirements depend on.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        documents: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.statements = list(statements)
        self._documents = documents
        self.work = min(MAX_WORK, MAX_COMPARISON_WORK) if documents else MAX_WORK
        self.fresh = fresh_character(statements)
        lists = [statement.resources for statement in statements]
        self.actions = Dimension([statement.actions for statement in statements], self.fresh)
        self.readings = [Dimension(lists, self.fresh)]
        if _has_both_cases(lists):
            self.readings.append(Dimension(lists, self.fresh, ignore_case=True))
        self._bits: dict[tuple[Assumption, bool], int] = {}
        self.variables = list(variables_of(statements, self._bits, self.fresh))
        self._needs = list(map(self._need_of, statements))

    @cached_property
    def is_small(self) -> bool:
        """Whether RAM takes documents of this size, so that they have to be decided whatever it takes."""
        sizes = [size_of(document).bytes for document in self._documents]
        return bool(sizes) and max(sizes) <= MAX_DOCUMENT_BYTES

    def replace(self, index: int, statement: Statement) -> None:
        """Put a statement into the place of another; its patterns and requirements are known already."""
        self.statements[index] = statement
        self.actions.relist(index, statement.actions)
        for reading in self.readings:
            reading.relist(index, statement.resources)
        self._needs[index] = self._need_of(statement)

    def _need_of(self, statement: Statement) -> Need:
        return Need(union_of(map(self._bits.__getitem__, statement.requirements)))

    def spend(self, work: int) -> None:
        """TooComplexError: no work is left."""
        self.work -= work
        if self.work < 0:
            raise TooComplexError("the documents are too large, or overlap too much, to be compared exactly")

    def need(self, index: int, *memberships: Membership) -> Need:
        """What a statement asks for of an action and a resource, patterns of unknown extent included."""
        need = self._needs[index]
        for membership in memberships:
            if membership.unknown:
                bit = 1 << index
                unlisted = bit & ~membership.certain
                listing = [self.bit_of(each) for each in membership.unknown if each.listed & unlisted]
                excepting = [self.bit_of(each) for each in membership.unknown if each.excepted & bit]
                some = (*need.some, union_of(listing)) if listing else need.some
                need = Need(need.all, some, need.none | union_of(excepting))
        return need

    def bit_of(self, pattern: IndexedPattern) -> int:
        """The bit of the assumption about a pattern."""
        assumption = pattern.assumption
        assert assumption is not None
        if (assumption, True) not in self._bits:
            bit = self._bits[assumption, True] = 1 << len(self._bits)
            self.variables.append((bit, [Option(bit, assumption, True), Option(0, assumption, False)]))
        return self._bits[assumption, True]


def _has_both_cases(lists: Iterable[Patterns]) -> bool:
    """Whether some letter stands in both cases: if not, it does not matter whether case counts."""
    used = set().union(*(item.text for patterns in lists for item in patterns.items))
    return any(letter.isupper() and letter.lower() in used for letter in used if letter.isascii())
