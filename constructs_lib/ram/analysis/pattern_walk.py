"""A text that lies in some patterns and in none of others, by a walk through their automata.

Unlike the representatives of `patterns`, which are few for what people write, this takes any number of
wildcards. A place in each pattern to lie in is guessed; of those to stay out of, all places
are followed at once, as bits of one number. Where no pattern to lie in asks for a character, one that stands
in no pattern is read: it takes the others nowhere where any other character would not take them, too. Of two
walks, the one whose bits are all bits of the other leads to a text, if any does, where it is at the same
places, or at a later `*` of a pattern where the other one is at a `*`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import product, repeat
from math import inf

from constructs_lib.ram.analysis.patterns import covers, matches, tidy

Places = tuple[int, ...]


class PatternWalk:
    """Walks through the automata of some patterns; `fresh` is a character that stands in none of them."""

    def __init__(self, patterns: Sequence[str], fresh: str) -> None:
        self._fresh = fresh
        self._patterns = list(map(tidy, patterns))
        self._starts: list[int] = []
        self._lasts: list[int] = []
        self._star = self._ends = self._sealed = self._any = 0
        self._symbols: dict[str, int] = {}
        self._before: dict[int, int] = {}
        size = 0
        for pattern in self._patterns:
            self._starts.append(size)
            for place, symbol in enumerate(pattern, size):
                self._symbols[symbol] = self._symbols.get(symbol, 0) | 1 << place
                self._before[place] = (1 << place) - (1 << size)
            size += len(pattern)
            self._lasts.append(size)
            self._ends |= 1 << size
            self._sealed |= 1 << size - 1 if pattern.endswith("*") else 0
            size += 1
        self._size = size
        self._star, self._any = self._symbols.pop("*", 0), self._symbols.pop("?", 0)
        self._characters = self._any | sum(self._symbols.values())
        self._all = sum(1 << start for start in self._starts)
        self._numbers = {last: number for number, last in enumerate(self._lasts)}
        self._reachable: dict[str, list[int]] = {}

    def find(self, inside: Iterable[str], outside: Iterable[int]) -> str | frozenset[int]:
        """A text in all of some patterns, and in none of those at some positions of the list.

        If there is none, the positions of those that are enough to leave none.
        """
        numbers = list(outside)
        patterns = tuple(map(tidy, inside))
        for number in numbers:
            if any(covers(self._patterns[number], pattern) for pattern in patterns):
                return frozenset((number,))
        text = self._walk(patterns, sum(1 << self._starts[number] for number in numbers))
        if isinstance(text, int):
            return frozenset(number for number in numbers if text >> self._lasts[number] & 1)

        def is_right(shorter: str) -> bool:
            return all(matches(pattern, shorter) for pattern in patterns) and not any(
                matches(self._patterns[number], shorter) for number in numbers
            )

        return self._shortened(text, is_right)

    def matching(self, text: str) -> list[int]:
        """The positions of the patterns that a text lies in."""
        bits = self._opened_stars(self._all)
        for character in text:
            read = (bits & (self._symbols.get(character, 0) | self._any)) << 1
            bits = self._opened_stars(read | bits & self._star)
        bits &= self._ends
        numbers = []
        while bits:
            last = bits & -bits
            numbers.append(self._numbers[last.bit_length() - 1])
            bits ^= last
        return numbers

    def _opened_stars(self, bits: int) -> int:
        return bits | (bits & self._star) << 1

    def _walk(self, patterns: tuple[str, ...], start: int) -> str | int:
        """A text, or the last places of patterns that are enough to leave none.

        The walk with the least left of the patterns to lie in goes first.
        """
        guilty = 0
        size = sum(map(len, patterns))
        seen: dict[Places, list[int]] = {}
        waiting = [(size, 0, (0,) * len(patterns), self._closed(start), "")]
        while waiting:
            _, _, places, bits, text = heappop(waiting)
            if not _have_room(pattern[place:] for pattern, place in zip(patterns, places, strict=True)):
                continue
            bits &= self._together(patterns, places)
            if match := (bits & self._sealed) << 1:  # the end behind a last star
                guilty |= 0 if match & guilty else match & -match
                continue
            fixed, ahead = _compared(patterns, places)
            if not _is_new(seen.setdefault(fixed, []), ahead << self._size | bits):
                continue
            rests = [pattern[place : place + 2] for pattern, place in zip(patterns, places, strict=True)]
            if all(rest in ("", "*") for rest in rests):
                match = bits & self._ends
                if not match:
                    return text
                guilty |= 0 if match & guilty else match & -match
            for character in self._characters_of(rests):
                read = self._step(bits, character)
                for following in product(*map(_following, patterns, places, repeat(character))):
                    left = size - sum(following)
                    heappush(waiting, (left, read.bit_count(), following, read, text + character))
        return guilty

    def _together(self, patterns: tuple[str, ...], places: Places) -> int:
        """The places in all patterns from which some rest of a text lies in all that are to lie in."""
        together = -1
        for pattern, place in zip(patterns, places, strict=True):
            together &= self._reachable_from(pattern)[place]
        return together

    def _characters_of(self, rests: list[str]) -> set[str]:
        """What may be read next: what a pattern asks for, or, where none does, what leads out of a star."""
        asked = {rest[0] for rest in rests if rest and rest[0] not in "*?"}
        if asked:
            return asked if len(asked) == 1 else set()
        return {self._fresh, *(rest[1] for rest in rests if rest[:1] == "*" and rest[1:])}

    def _step(self, bits: int, character: str) -> int:
        read = (bits & (self._symbols.get(character, 0) | self._any)) << 1
        return self._closed(read | bits & self._star)

    def _closed(self, bits: int) -> int:
        """All places that are reached: behind a star, and before it, where nothing else can be reached."""
        bits = self._opened_stars(bits)
        stars = bits & self._star
        while stars:
            star = stars.bit_length() - 1
            bits |= self._before[star]
            stars &= ~self._before[star] & ~(1 << star)
        return bits

    def _reachable_from(self, pattern: str) -> list[int]:
        """For each place in a pattern to lie in, the bits from which an end can be reached with its rest."""
        if pattern not in self._reachable:
            bits = self._opened(self._ends)
            backwards = [bits]
            for symbol in reversed(pattern):
                if symbol == "*":
                    before = 0
                    while before != bits:
                        before, bits = bits, bits | bits >> 1 & (self._characters | self._star)
                else:
                    read = self._characters if symbol == "?" else self._symbols.get(symbol, 0) | self._any
                    bits = self._opened(bits >> 1 & read | bits & self._star)
                backwards.append(bits)
            self._reachable[pattern] = backwards[::-1]
        return self._reachable[pattern]

    def _opened(self, bits: int) -> int:
        return bits | bits >> 1 & self._star

    def _shortened(self, text: str, is_right: Callable[[str], bool]) -> str:
        """The same text with shorter runs of the fresh character, as far as it is still right."""
        parts = re.split(f"({re.escape(self._fresh)}+)", text)
        for at in range(1, len(parts), 2):
            for run in (self._fresh, ""):
                if len(run) < len(parts[at]) and is_right("".join([*parts[:at], run, *parts[at + 1 :]])):
                    parts[at] = run
                    break
        return "".join(parts)


def _have_room(rests: Iterable[str]) -> bool:
    """Whether each rest of a pattern may be as short as those that have no `*` are."""
    least, most = 0, inf
    for rest in rests:
        stars = rest.count("*")
        least = max(least, len(rest) - stars)
        most = most if stars else min(most, len(rest))
    return least <= most


def _compared(patterns: tuple[str, ...], places: Places) -> tuple[Places, int]:
    """The places that are no `*`, and, as bits, what is ahead from those that are one."""
    fixed, ahead, size = [], 0, 0
    for pattern, place in zip(patterns, places, strict=True):
        is_star = pattern.startswith("*", place)
        fixed.append(-1 if is_star else place)
        ahead |= (1 << len(pattern) - place) - 1 << size if is_star else 0
        size += len(pattern)
    return tuple(fixed), ahead


def _is_new(seen: list[int], bits: int) -> bool:
    """Whether none of the walks before had only bits of these; then they are noted."""
    if any(not other & ~bits for other in seen):
        return False
    seen[:] = [other for other in seen if bits & ~other]
    seen.append(bits)
    return True


_SURE = re.compile(r"\*[^*?]\?*\*")


def _following(pattern: str, place: int, character: str) -> Iterator[int]:
    """The places that a character leads to from one; `*` keeps it, or lets what follows begin."""
    if pattern[place : place + 1] == "*":
        begins = pattern[place + 1 : place + 2] == character
        if begins:
            yield place + 2
        if not begins or not _SURE.match(pattern, place):
            yield place
    elif pattern[place : place + 1] in ("?", character):
        yield place + 1
