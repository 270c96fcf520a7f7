"""Where a text lies: in which of some statements, told by the patterns that it matches."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from constructs_lib.ram.analysis.evaluator import Assumption, Pattern, Patterns, folded
from constructs_lib.ram.analysis.patterns import matches

_WILDCARDS = re.compile(r"[*?]")


class Entry:
    """A pattern with the statements that list it, as bits: `listed`, or `but` where it is an exception.

    * `head`, `tail`: what stands before its first and after its last wildcard; all of it where it has none.
    * `core`: stands behind that head in whatever the pattern matches; all of it where it has no wildcard.
    """

    __slots__ = ("assumption", "but", "core", "head", "listed", "number", "tail", "text")

    def __init__(self, text: str, assumption: Assumption | None, number: int) -> None:
        self.text, self.assumption, self.number = text, assumption, number
        self.listed = self.but = 0
        parts = _WILDCARDS.split(text)
        self.head, self.tail = parts[0], parts[-1]
        self.core = max(parts[1:] or parts, key=len)


class Place(NamedTuple):
    """Which statements a text lies in, as bits.

    * `certain`: with their lists as far as these are known, exceptions of unknown extent left out.
    * `possible`: those also that list a pattern of unknown extent which may match.
    * `unknown`: these patterns.
    """

    certain: int
    possible: int
    unknown: tuple[Entry, ...]


class Dimension:
    """All patterns of the actions, or of the resources, of some statements."""

    def __init__(self, lists: Sequence[Patterns], *, ignore_case: bool = False) -> None:
        self._ignore_case = ignore_case
        self._entries: dict[str | tuple[str, Assumption], Entry] = {}
        self.negated = 0
        self._places: dict[str, Place] = {}
        self._matched: dict[str, tuple[Entry, ...]] = {}
        self._of = [self._list(index, patterns) for index, patterns in enumerate(lists)]
        self.size = len(self._entries)
        self._index = Index(self._entries.values())
        self.holes = Index([one for one in self._entries.values() if "?" in one.text])

    def spelled(self, text: str) -> str:
        """A text as it is compared here."""
        return folded(text) if self._ignore_case else text

    def relist(self, index: int, patterns: Patterns) -> None:
        """Give a statement another list, of patterns that are known here already."""
        bit = 1 << index
        self.negated &= ~bit
        for entry in self._of[index]:
            entry.listed &= ~bit
            entry.but &= ~bit
        self._places.clear()
        self._of[index] = self._list(index, patterns)

    def _list(self, index: int, patterns: Patterns) -> list[Entry]:
        bit = 1 << index
        entries = [self._entry(one) for one in patterns.items]
        self.negated |= bit if patterns.is_negated else 0
        for entry in entries:
            if patterns.is_negated:
                entry.but |= bit
            else:
                entry.listed |= bit
        return entries

    def _entry(self, pattern: Pattern) -> Entry:
        text = self.spelled(pattern.text)
        assumption = pattern.assumption
        key = text if assumption is None else (text, assumption)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(text, assumption, len(self._entries))
        return entry

    def place(self, text: str) -> Place:
        """The statements that a text lies in."""
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = self._place(text)
        return place

    def _place(self, text: str) -> Place:
        matched = self._matching(text)
        listed = but = unknown = 0
        for entry in matched:
            if entry.assumption is None:
                listed |= entry.listed
                but |= entry.but
            else:
                unknown |= entry.listed
        certain = listed | (self.negated & ~but)
        return Place(
            certain,
            certain | unknown,
            tuple(one for one in matched if one.assumption and one.listed | one.but),
        )

    def _matching(self, text: str) -> tuple[Entry, ...]:
        """The patterns that match a text."""
        matching = self._matched.get(text)
        if matching is None:
            matching = self._matched[text] = tuple(
                entry
                for entry in self._index.beginning(text)
                if entry.core in text and matches(entry.text, text)
            )
        return matching

    def among(self, bits: int) -> Index:
        """The patterns that some statements list, or except."""
        return Index([one for one in self._index.entries if (one.listed | one.but) & bits])


class Index:
    """Patterns, found by what stands before their first wildcard, so that few are tried."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: entry.head)
        self._heads = [entry.head for entry in self.entries]
        self._before = list(_places_before(self._heads))

    def beginning(self, text: str) -> Iterator[Entry]:
        """The patterns whose head a text begins with, the longest head first.

        Sorted, all heads that it begins with stand before it, and the last one before it, if it is none of
        them, begins with them too.
        """
        place = bisect_right(self._heads, text) - 1
        while place >= 0 and not text.startswith(self._heads[place]):
            place = self._before[place]
        while place >= 0:
            yield self.entries[place]
            place = self._before[place]

    def near(self, pattern: str) -> list[Entry]:
        """The patterns that may have something in common with one, in the order of the lists."""
        parts = _WILDCARDS.split(pattern)
        head, tail = parts[0], parts[-1]
        if len(parts) == 1:
            found = [one for one in self.beginning(pattern) if one.core in pattern]
        else:
            found = [one for one in self.beginning(head) if len(one.head) < len(head)]
            for entry in islice(self.entries, bisect_left(self._heads, head), None):
                if not entry.head.startswith(head):
                    break
                found.append(entry)
        if not found:
            return found
        found = [one for one in found if one.tail.endswith(tail) or tail.endswith(one.tail)]
        return sorted(found, key=lambda entry: entry.number)


def _places_before(heads: Sequence[str]) -> Iterator[int]:
    """For each of some sorted texts the place of the last one before it that it begins with; -1 for none."""
    open_: list[int] = []
    for place, head in enumerate(heads):
        while open_ and not head.startswith(heads[open_[-1]]):
            open_.pop()
        yield open_[-1] if open_ else -1
        open_.append(place)
