"""The oracle notices when the engine is wrong: each of these mutants of it says something else somewhere."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from types import FunctionType
from typing import Any, NamedTuple

import pytest

from constructs_lib.ram.access import compare
from constructs_lib.ram.analysis import conditions, evaluator, patterns, requirements, search
from constructs_lib.ram.analysis import difference as pair
from constructs_lib.ram.analysis import pattern_index as places
from constructs_lib.ram.analysis import redundancy as dead
from constructs_lib.ram.analysis.evaluator import RESOURCE_CASE, allows
from constructs_lib.ram.document import PolicyDocument
from tests.ram.oracle import Cell, Small, cells, expected, pairs, written

KINDS: dict[str, dict[str, Any]] = {
    "globs": {"action": "ab*", "resource": "ab*"},
    "holes": {"action": "ab*?", "resource": "ab*?"},
    "cases": {"action": "aB*", "resource": "aAb*"},
    "conditions": {"action": "a*", "resource": "b*", "conditions": 2},
}
PAIRS_OF_A_KIND = 90


def one(*conditions: tuple[str, str, tuple[str, ...]], action: str = "a", is_allow: bool = True) -> Small:
    return Small(is_allow, (action,), False, ("*",), False, conditions)


# What chance hardly finds.
RARE: list[tuple[list[Small], list[Small]]] = [
    ([one(action="*a*a*")], [one(action="*a*")]),
    (
        [
            one(("NumericLessThanEquals", "number", ("1",))),
            one(("NumericGreaterThanEquals", "number", ("2",))),
        ],
        [one(("NumericLessThan", "number", ("4",)))],
    ),
    ([one(("StringEquals", "text", ("ab",))), one(("StringNotEquals", "text", ("ab",)))], [one()]),
    ([one(("StringEquals", "text", ("ab",)))], [one(("StringEqualsIgnoreCase", "text", ("ab",)))]),
    ([one(is_allow=False), one(is_allow=False), one(action="b")], [one(action="b")]),
]


class Case(NamedTuple):
    """Two documents, and what the oracle says of each direction, with case and without."""

    documents: tuple[PolicyDocument, PolicyDocument]
    cells: tuple[tuple[set[Cell], set[Cell]], ...]


@cache
def sample() -> list[Case]:
    """The kinds take turns, so that most mutants are noticed soon."""
    drawn = [pairs(31, PAIRS_OF_A_KIND, **kind) for kind in KINDS.values()]
    return [case(*each) for each in chain(RARE, chain.from_iterable(zip(*drawn, strict=True)))]


def case(before: list[Small], after: list[Small]) -> Case:
    found = []
    for other, giving in ((before, after), (after, before)):
        exact = expected(other, giving, fold=False)
        has_case = any(text != text.lower() for each in (*before, *after) for text in each.resources)
        found.append((exact, expected(other, giving, fold=True) if has_case else exact))
    return Case((written(before), written(after)), tuple(found))


def is_right(of: Case) -> bool:
    """Whether the engine says what the oracle does, and its witnesses hold."""
    before, after = of.documents
    comparison = compare(before, after)
    if comparison.undecided:
        return False
    directions = ((comparison.gained, after, before), (comparison.lost, before, after))
    for (grants, giving, other), (exact, folded) in zip(directions, of.cells, strict=True):
        found = cells(grants)
        if {cell for cell, reading in found.items() if reading is not True} != exact:
            return False
        if {cell for cell, reading in found.items() if reading is not False} != folded:
            return False
        for grant in grants:
            request = (grant.witness.action, grant.witness.resource, grant.witness.context)
            assuming = grant.witness.assuming
            if allows(giving, *request, assuming) is not True or allows(other, *request, assuming):
                return False
            assert set(assuming) <= {RESOURCE_CASE, evaluator.ABSENT_KEY}
    return True


def can_be_spared(of: Case) -> bool:
    """Whether the document that is left without its dead parts is the same, by a comparison that is right."""
    before, _ = of.documents
    left = [each.as_written() for each in before.statements]
    for part in reversed(dead.dead_parts(before)):
        index, _, rest = part.path.removeprefix("Statement[").partition("]")
        if rest:
            element, _, position = rest.removeprefix(".").rstrip("]").partition("[")
            items = left[int(index)][element]
            left[int(index)][element] = [*items[: int(position)], *items[int(position) + 1 :]]
        else:
            del left[int(index)]
    smaller = PolicyDocument.from_json({"Version": "1", "Statement": left})
    return dead.means_the_same(before, smaller)


class Mutant(NamedTuple):
    """A function, a piece of its text, and what is put into its place."""

    of: Any
    piece: str
    instead: str
    check: Callable[[Case], bool] = is_right

    def __str__(self) -> str:
        return f"{function(self.of).__qualname__}: {self.piece} -> {self.instead}"


def function(of: Any) -> FunctionType:
    """The function behind a property or a cache."""
    plain = of.fget if isinstance(of, property) else getattr(of, "__wrapped__", of)
    assert isinstance(plain, FunctionType)
    return plain


MUTANTS = [
    # patterns
    Mutant(patterns.matches, "start > end or", ""),
    Mutant(patterns.matches, "found + len(part)", "found"),
    Mutant(patterns._with_holes, '"."', '".?"'),
    Mutant(patterns.representatives, "if not longest:", "if True:"),
    Mutant(patterns.representatives, '"", *(', "*("),
    Mutant(patterns.longest_block, 'block.count("?")', "0"),
    Mutant(patterns._ends_agree, "one[:head] == other[:head]", "one == other"),
    Mutant(patterns._steps, '[("*", i + 1, j), ("*", i, j + 1)]', '[("*", i + 1, j)]'),
    Mutant(patterns._swallowed, "[(other[j:], i + 1, len(other))]", '[("", i + 1, j)]'),
    Mutant(patterns._swallowed, ", (text + other[place], i, place + 1)]", "]"),
    Mutant(patterns._merge, 'rest.lstrip("*")', '""'),
    # where a text lies
    Mutant(places.Index.beginning, "- 1", "- 2"),
    Mutant(places.Index.near, "if len(one.head) < len(head)", "if not one.head"),
    Mutant(places.Index.near, "or tail.endswith(one.tail)", ""),
    Mutant(places._places_before, "open_[-1] if open_ else -1", "-1"),
    Mutant(places.Dimension._place, "self.negated & ~but", "self.negated"),
    Mutant(places.Dimension._list, "entry.but |= bit", "pass"),
    # the search
    Mutant(search.Sides.aside, "self.deny |", ""),
    Mutant(search.Sides.others, "self.deny |", ""),
    Mutant(search.Search._meeting, "met = dimension.negated & among", "met = 0"),
    Mutant(search.Search._components, "if around.inside:", "if False:"),
    Mutant(search.Search._components, "indexes_of(around.exceptions & dimension.negated)", "()"),
    Mutant(search.Search._spots, "place.possible >> index & 1", "True"),
    Mutant(search.Search._cell, "(RESOURCE_CASE, False)", "(RESOURCE_CASE, True)"),
    Mutant(search.Search._outcome, "any(need.is_met(bits) for need in deny)", "False"),
    Mutant(search.Search._outcome, "is_allowed and any(need.is_met(bits) for need in other_deny)", "False"),
    Mutant(search.Search._outcome, "and not other_deny", ""),
    Mutant(search.Search._environments, "for reading in (True, False)", "for reading in (True,)"),
    Mutant(search._together, "row.pattern.assumption, places", "row.pattern.assumption, len(places)"),
    Mutant(pair.Pair._bases, "or (inside and search.overlap(index, inside))", ""),
    Mutant(pair.Pair._search, "other_deny & ~self._in_both(side, other_deny)", "0"),
    Mutant(requirements.is_implied, "not need.all & ~base.all", "not base.all & ~need.all"),
    Mutant(requirements._key_variable, "for one in (True, False)", "for one in (False,)"),
    # conditions
    Mutant(conditions.Test.holds, "when_absent if relation.is_negated else False", "False"),
    Mutant(conditions.Test.holds, "!= relation.is_negated", ""),
    Mutant(conditions._around, "yield middle", "yield low"),
    Mutant(conditions._addresses, "int(network.broadcast_address) + 1", "int(network.broadcast_address)"),
    Mutant(conditions._texts, "for component in components:", "for component in ():"),
    Mutant(conditions._closed, "closed.update(dict.fromkeys(intersection(one, pattern)))", "pass"),
    Mutant(conditions._spellings, "[other, *same]", "[text]"),
    # the evaluator
    Mutant(evaluator.folded, "text.lower()", "text"),
    Mutant(evaluator.allowed_by, "one.actions.is_negated or", ""),
    Mutant(evaluator._Request._is_listed, "_not(is_listed) if patterns.is_negated else", ""),
    Mutant(evaluator._Request._holds, "verdict if wanted else _not(verdict)", "True"),
    Mutant(evaluator.Statement.meaning, "*lists, self.requirements", "*lists"),
    # dead parts
    Mutant(dead._Rest._drop, "but=dropped", "but=0", can_be_spared),
    Mutant(dead._Rest._drop, "self._deny &= ~dropped", "pass", can_be_spared),
    Mutant(dead._Rest._drop, "self._allow &= ~dropped", "pass", can_be_spared),
    Mutant(dead._Rest._shorten, "self._space.replace(place, one)", "pass", can_be_spared),
    Mutant(dead._Rest._finds, "(self._deny, 0) if is_deny else", "", can_be_spared),
]


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """The engine with one function changed, wherever it is used."""
    of = function(mutant.of)
    source = textwrap.dedent(inspect.getsource(of))
    assert source.count(mutant.piece) == 1, mutant
    names = dict(of.__globals__)
    exec(f"from __future__ import annotations\n{source.replace(mutant.piece, mutant.instead)}", names)
    original = of.__code__
    of.__code__ = function(names[of.__name__]).__code__
    forget()
    try:
        yield
    finally:
        of.__code__ = original
        forget()


def forget() -> None:
    for known in (patterns.common, patterns._with_holes, conditions._parsed, conditions._operand):
        known.cache_clear()


def is_caught(mutant: Mutant) -> bool:
    for of in sample():
        try:
            if not mutant.check(of):
                return True
        except (AssertionError, IndexError, KeyError, TypeError, ValueError):
            return True
    return False


def test_the_engine_itself_is_right() -> None:
    assert all(is_right(of) and can_be_spared(of) for of in sample())


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_caught(mutant: Mutant) -> None:
    with mutated(mutant):
        assert is_caught(mutant)
