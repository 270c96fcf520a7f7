"""What can be dropped from a document without a change of meaning, proven part by part."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from constructs_lib.ram.analysis.difference import Pair
from constructs_lib.ram.analysis.evaluator import Statement, UnreadableError, read
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.analysis.request_space import MAX_WORK, Space
from constructs_lib.ram.analysis.requirements import indexes_of, union_of
from constructs_lib.ram.analysis.search import Search, Sides
from constructs_lib.ram.document import PolicyDocument

MAX_DEAD_WORK = 5 * MAX_WORK


@frozen
class DeadPart:
    """A part of a document that can be dropped without a change of meaning.

    * `path`: such as `Statement[2]` or `Statement[2].Action[1]`; `text`: the pattern, if it is one.
    """

    path: str
    text: str | None = None


_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
Part = tuple[int, str | None, int]


def dead_parts(document: PolicyDocument, work: int = MAX_DEAD_WORK) -> tuple[DeadPart, ...]:
    """Statements, actions and resources that can all be dropped together without a change of meaning.

    A Deny counts as dead only where other Denies refuse the same (see `compare_denials`). Of parts that make
    each other needless the last ones are dead. What is undecided is not, nor what is left after so much
    `work`, in steps of about a microsecond.
    """
    try:
        statements = read(document)
    except UnreadableError:
        return ()
    rest = _Rest(statements, work)
    dead = {part: shown for part, shown in _parts(document) if rest.can_spare(part)}
    return tuple(dead[part] for part in sorted(dead, key=lambda part: (part[0], part[1] or "", part[2])))


class _Rest:
    """What is left of a document while dead parts are dropped from it.

    One more statement stands behind those of the document: the one that is tried, without a part.
    """

    def __init__(self, statements: tuple[Statement, ...], work: int) -> None:
        self._work = work
        self._space = Space([*statements, *statements[:1]])
        self._tried = len(statements)
        self._allow = union_of(1 << place for place, one in enumerate(statements) if one.is_allow)
        self._deny = (1 << len(statements)) - 1 - self._allow

    def can_spare(self, part: Part) -> bool:
        """Whether a part can be dropped from what is left; if so, it is."""
        index, element, position = part
        left = self._allow | self._deny
        # A statement of unknown effect stands there twice.
        of_part = [place for place in indexes_of(left) if self._space.statements[place].index == index]
        if not of_part or (element is None and left == union_of(1 << place for place in of_part)):
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

    def _drop(self, places: list[int]) -> bool:
        dropped = union_of(1 << place for place in places)
        for place in places:
            if self._finds(place, place, but=dropped):
                return False
        self._allow &= ~dropped
        self._deny &= ~dropped
        return True

    def _shorten(self, places: list[int], element: str, position: int) -> bool:
        """Drop a pattern of a list: it takes requests from the statement; an exception less adds some."""
        fewer = {place: _without(self._space.statements[place], element, position) for place in places}
        dropped = union_of(1 << place for place in places)
        for place, one in fewer.items():
            if one is None:
                return False
            self._space.replace(self._tried, one)
            tried = 1 << self._tried
            if element.startswith("Not"):
                needed = self._finds(place, self._tried, but=dropped, beside=1 << place)
            elif element == "Action":
                needed = self._finds(place, place, but=dropped, beside=tried, action=position)
            else:
                needed = self._finds(place, place, but=dropped, beside=tried, resource=position)
            if needed:
                return False
        for place, one in fewer.items():
            if one is not None:
                self._space.replace(place, one)
        return True

    def _finds(self, place: int, base: int, but: int, beside: int = 0, **only: int) -> bool:
        """Whether `base` gives what those left of the same effect do not, `but` some and `beside` others.

        A Deny is taken for an Allow: whatever is allowed, what is denied has to stay the same.
        """
        is_deny = self._deny >> place & 1
        alike, deny = (self._deny, 0) if is_deny else (self._allow, self._deny)
        sides = Sides(allow=1 << base, deny=deny, other_allow=alike & ~but | beside)
        return Search(self._space, sides).finds(base, **only)


def _without(statement: Statement, element: str, position: int) -> Statement | None:
    """A statement without one pattern; None where nothing would be left of the list."""
    is_action = element.endswith("Action")
    patterns = statement.actions if is_action else statement.resources
    items = tuple(item for at, item in enumerate(patterns.items) if at != position)
    if not items:
        return None
    fewer = evolve(patterns, items=items)
    return evolve(statement, actions=fewer) if is_action else evolve(statement, resources=fewer)


def _parts(document: PolicyDocument) -> Iterator[tuple[Part, DeadPart]]:
    """What could be dropped: whole statements first, the last one first."""
    numbered = list(enumerate(document.statements))[::-1]
    for index, _ in numbered:
        yield (index, None, 0), DeadPart(f"Statement[{index}]")
    for element, name in _LISTS.items():
        for index, statement in numbered:
            items = getattr(statement, name)
            if isinstance(items, tuple):
                for position, item in list(enumerate(items))[::-1]:
                    text = item if isinstance(item, str) else None
                    yield (
                        (index, element, position),
                        DeadPart(f"Statement[{index}].{element}[{position}]", text),
                    )


def means_the_same(one: PolicyDocument, other: PolicyDocument) -> bool:
    """Whether two documents are proven to allow the same and to deny the same."""
    try:
        for denials in (True, False):
            pair = Pair(one, other, denials=denials)
            if pair.differs(0) or pair.differs(1):
                return False
    except (TooComplexError, UnreadableError):
        return False
    return True
