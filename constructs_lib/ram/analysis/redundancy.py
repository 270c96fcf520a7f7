"""What can be dropped from a document without a change of meaning, proven part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from constructs_lib.ram.analysis.difference import Difference
from constructs_lib.ram.analysis.evaluator import Statement, UnreadableError, read
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.analysis.request_space import MAX_WORK, RequestSpace, union_of
from constructs_lib.ram.analysis.search import Search, Sides
from constructs_lib.ram.canonical import LISTS

MAX_PROOF_WORK = 5 * MAX_WORK


@frozen
class RedundantPart:
    """A part of a document that can be dropped without a change of meaning.

    * `path`: such as `Statement[2]` or `Statement[2].Action[1]`; `text`: the pattern, if it is one.
    """

    path: str
    text: str | None = None


Part = tuple[int, str | None, int]


def redundant_parts(document: Mapping[str, Any], work: int = MAX_PROOF_WORK) -> tuple[RedundantPart, ...]:
    """Statements, actions and resources that can all be dropped together without a change of meaning.

    `document` is in its JSON form. A Deny is redundant only where other Denies refuse the same (see
    `compare_denials`). Of parts that make each other redundant the last ones are reported. What is
    undecided is not reported, nor what is left after so much `work`, in steps of about a microsecond.
    """
    try:
        statements = read(document)
    except UnreadableError:
        return ()
    rest = _Rest(statements, work)
    redundant = {part: shown for part, shown in _parts(document) if rest.can_spare(part)}
    order = sorted(redundant, key=lambda part: (part[0], part[1] or "", part[2]))
    return tuple(redundant[part] for part in order)


class _Rest:
    """What is left of a document while redundant parts are dropped from it.

    One more statement stands behind those of the document: the one that is tried, without a part.
    """

    def __init__(self, statements: tuple[Statement, ...], work: int) -> None:
        self._work = work
        self._space = RequestSpace([*statements, *statements[:1]])
        self._tried = len(statements)
        self._places: dict[int, list[int]] = {}
        for at, statement in enumerate(statements):
            self._places.setdefault(statement.index, []).append(at)
        self._allow = union_of(1 << index for index, each in enumerate(statements) if each.is_allow)
        self._deny = (1 << len(statements)) - 1 - self._allow

    def can_spare(self, part: Part) -> bool:
        """Whether a part can be dropped from what is left; if so, it is."""
        index, element, position = part
        if self._work <= 0:
            return False
        left = self._allow | self._deny
        # A statement of unknown effect stands there twice.
        of_part = [at for at in self._places[index] if left >> at & 1]
        if not of_part or (element is None and left == union_of(1 << at for at in of_part)):
            return False
        self._space.work = granted = min(self._work, MAX_WORK)
        try:
            if element is None:
                return self._drop(of_part)
            return self._shorten(of_part, element, position)
        except TooComplexError:
            return False
        finally:
            self._work -= granted - self._space.work

    def _drop(self, indexes: list[int]) -> bool:
        dropped = union_of(1 << index for index in indexes)
        if any(self._finds(index, index, but=dropped) for index in indexes):
            return False
        self._allow &= ~dropped
        self._deny &= ~dropped
        return True

    def _shorten(self, indexes: list[int], element: str, position: int) -> bool:
        """Drop a pattern of a list: it takes requests from the statement; an exception less adds some."""
        statements = self._space.statements
        shorter = {index: _without(statements[index], element, position) for index in indexes}
        dropped = union_of(1 << index for index in indexes)
        for index, statement in shorter.items():
            if not (statement.actions.items and statement.resources.items):
                return False
            self._space.replace(self._tried, statement)
            if element.startswith("Not"):
                needed = self._finds(index, self._tried, but=dropped, beside=1 << index)
            else:
                only = {element.lower(): position}
                needed = self._finds(index, index, but=dropped, beside=1 << self._tried, **only)
            if needed:
                return False
        for index, statement in shorter.items():
            self._space.replace(index, statement)
        return True

    def _finds(self, index: int, base: int, but: int, beside: int = 0, **only: int) -> bool:
        """Whether `base` gives what those left of the same effect do not, `but` some and `beside` others.

        A Deny is taken for an Allow: whatever is allowed, what is denied has to stay the same.
        """
        is_deny = self._deny >> index & 1
        alike, deny = (self._deny, 0) if is_deny else (self._allow, self._deny)
        sides = Sides(allow=1 << base, deny=deny, other_allow=alike & ~but | beside)
        return Search(self._space, sides).finds(base, **only)


def _without(statement: Statement, element: str, position: int) -> Statement:
    """A statement without one pattern."""
    is_action = element.endswith("Action")
    patterns = statement.actions if is_action else statement.resources
    fewer = evolve(patterns, items=patterns.items[:position] + patterns.items[position + 1 :])
    return evolve(statement, actions=fewer) if is_action else evolve(statement, resources=fewer)


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[Part, RedundantPart]]:
    """What could be dropped: whole statements first, the last one first."""
    numbered = list(enumerate(document["Statement"]))[::-1]
    for index, _ in numbered:
        yield (index, None, 0), RedundantPart(f"Statement[{index}]")
    for element in LISTS:
        for index, statement in numbered:
            items = statement.get(element)
            if isinstance(items, (list, tuple)):
                for position, item in list(enumerate(items))[::-1]:
                    text = item if isinstance(item, str) else None
                    path = f"Statement[{index}].{element}[{position}]"
                    yield (index, element, position), RedundantPart(path, text)


def is_proven_equivalent(document: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents are proven to allow the same and to deny the same."""
    try:
        return are_equivalent(document, other)
    except (TooComplexError, UnreadableError):
        return False


def are_equivalent(document: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents allow the same and deny the same. TooComplexError, UnreadableError: undecided."""
    for denials in (True, False):
        difference = Difference(document, other, denials=denials, is_bounded=True)
        if difference.differs(0) or difference.differs(1):
            return False
    return True
