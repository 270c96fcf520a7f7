"""Which of some statements a text lies in, found by the patterns that it matches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from constructs_lib.ram.analysis.evaluator import Assumption, Pattern, Patterns
from constructs_lib.ram.analysis.pattern_walk import PatternWalk
from constructs_lib.ram.analysis.patterns import WILDCARD, folded, matches

# So many patterns are matched one by one, and more at once.
_FEW = 12


class IndexedPattern:
    """A pattern with the statements that list it, as bits: `listed`, or `excepted` where it is an exception.

    * `number`: its position among the patterns of all lists.
    * `head`, `tail`: what stands before its first and after its last wildcard; all of it where it has none.
    * `core`: stands behind that head in whatever the pattern matches; all of it where it has no wildcard.
    """

    __slots__ = ("assumption", "core", "excepted", "head", "listed", "number", "tail", "text")

    def __init__(self, text: str, assumption: Assumption | None, number: int) -> None:
        self.text, self.assumption, self.number = text, assumption, number
        self.listed = self.excepted = 0
        parts = WILDCARD.split(text)
        self.head, self.tail = parts[0], parts[-1]
        self.core = max(parts[1:] or parts, key=len)


class Membership(NamedTuple):
    """Which statements a text lies in, as bits.

    * `certain`: with their lists as far as these are known, exceptions of unknown extent left out.
    * `possible`: those also that list a pattern of unknown extent which may match.
    * `unknown`: these patterns.
    """

    certain: int
    possible: int
    unknown: tuple[IndexedPattern, ...]


class Dimension:
    """All patterns of the actions, or of the resources, of some statements; `fresh` stands in none."""

    def __init__(self, lists: Sequence[Patterns], fresh: str, *, ignore_case: bool = False) -> None:
        self._fresh = fresh
        self._ignore_case = ignore_case
        self._patterns: dict[str | tuple[str, Assumption], IndexedPattern] = {}
        self.negated = 0
        self._memberships: dict[str, Membership] = {}
        self._matched: dict[str, tuple[IndexedPattern, ...]] = {}
        self._of = [self._list(index, patterns) for index, patterns in enumerate(lists)]
        self.patterns = tuple(self._patterns.values())
        self._index = PatternIndex(self.patterns)
        self.holes = PatternIndex(each for each in self.patterns if "?" in each.text)

    def spelled(self, text: str) -> str:
        """A text as it is compared here."""
        return folded(text) if self._ignore_case else text

    def relist(self, index: int, patterns: Patterns) -> None:
        """Give a statement another list, of patterns that are known here already."""
        bit = 1 << index
        self.negated &= ~bit
        for pattern in self._of[index]:
            pattern.listed &= ~bit
            pattern.excepted &= ~bit
        self._memberships.clear()
        self._of[index] = self._list(index, patterns)

    def _list(self, index: int, patterns: Patterns) -> list[IndexedPattern]:
        bit = 1 << index
        indexed = list(map(self._indexed, patterns.items))
        self.negated |= bit if patterns.is_negated else 0
        for pattern in indexed:
            if patterns.is_negated:
                pattern.excepted |= bit
            else:
                pattern.listed |= bit
        return indexed

    def _indexed(self, pattern: Pattern) -> IndexedPattern:
        text, assumption = self.spelled(pattern.text), pattern.assumption
        key = text if assumption is None else (text, assumption)
        indexed = self._patterns.get(key)
        if indexed is None:
            indexed = self._patterns[key] = IndexedPattern(text, assumption, len(self._patterns))
        return indexed

    def patterns_of(self, index: int) -> list[IndexedPattern]:
        """The patterns that a statement lists, or excepts."""
        return self._of[index]

    def membership(self, text: str) -> Membership:
        """The statements that a text lies in."""
        membership = self._memberships.get(text)
        if membership is None:
            membership = self._memberships[text] = self._membership(text)
        return membership

    def _membership(self, text: str) -> Membership:
        matching = self.matching(text)
        listed = excepted = unknown = 0
        for pattern in matching:
            if pattern.assumption is None:
                listed |= pattern.listed
                excepted |= pattern.excepted
            else:
                unknown |= pattern.listed
        certain = listed | (self.negated & ~excepted)
        uncertain = (each for each in matching if each.assumption and each.listed | each.excepted)
        return Membership(certain, certain | unknown, tuple(uncertain))

    def matching(self, text: str) -> tuple[IndexedPattern, ...]:
        """The patterns that match a text."""
        matching = self._matched.get(text)
        if matching is None:
            near = [pattern for pattern in self._index.beginning(text) if pattern.core in text]
            if len(near) > _FEW:
                matching = tuple(self.patterns[number] for number in self.walk.matching(text))
            else:
                matching = tuple(pattern for pattern in near if matches(pattern.text, text))
            self._matched[text] = matching
        return matching

    @cached_property
    def walk(self) -> PatternWalk:
        """The automata of all patterns."""
        return PatternWalk([pattern.text for pattern in self.patterns], self._fresh)

    def among(self, bits: int) -> PatternIndex:
        """The patterns that some statements list, or except."""
        return PatternIndex(each for each in self._index.patterns if (each.listed | each.excepted) & bits)


class PatternIndex:
    """Patterns, found by what stands before their first wildcard, so that few are tried."""

    def __init__(self, patterns: Iterable[IndexedPattern]) -> None:
        self.patterns = sorted(patterns, key=lambda pattern: pattern.head)
        self._heads = [pattern.head for pattern in self.patterns]
        self._shorter = list(_shorter_heads(self._heads))

    def beginning(self, text: str) -> Iterator[IndexedPattern]:
        """The patterns whose head a text begins with, the longest head first.

        Sorted, all heads that it begins with stand before it, and the last one before it, if it is none of
        them, begins with them too.
        """
        at = bisect_right(self._heads, text) - 1
        while at >= 0 and not text.startswith(self._heads[at]):
            at = self._shorter[at]
        while at >= 0:
            yield self.patterns[at]
            at = self._shorter[at]

    def near(self, pattern: str) -> list[IndexedPattern]:
        """The patterns that may have something in common with one, in the order of the lists."""
        parts = WILDCARD.split(pattern)
        head, tail = parts[0], parts[-1]
        if len(parts) == 1:
            near = [each for each in self.beginning(pattern) if each.core in pattern]
        else:
            near = [each for each in self.beginning(head) if len(each.head) < len(head)]
            for each in islice(self.patterns, bisect_left(self._heads, head), None):
                if not each.head.startswith(head):
                    break
                near.append(each)
        near = [each for each in near if each.tail.endswith(tail) or tail.endswith(each.tail)]
        return sorted(near, key=lambda each: each.number)


def _shorter_heads(heads: Sequence[str]) -> Iterator[int]:
    """For each of some sorted heads the index of the last one before it that it begins with; -1 for none."""
    open_: list[int] = []
    for at, head in enumerate(heads):
        while open_ and not head.startswith(heads[open_[-1]]):
            open_.pop()
        yield open_[-1] if open_ else -1
        open_.append(at)
