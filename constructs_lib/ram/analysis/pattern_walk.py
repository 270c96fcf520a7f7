"""A text that lies in some patterns and in none of others, by a walk through their automata.

Unlike the representatives of `patterns`, which are few for what people write, this takes any number of
wildcards. A place in each pattern to lie in is guessed; of those to stay out of, all places
are followed at once, as bits of one number. Where no pattern to lie in asks for a character, one that stands
in no pattern is read: it takes the others nowhere where any other character would not take them, too. Of two
walks at the same places, the one whose bits are all bits of the other leads to a text, if any does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from constructs_lib.ram.analysis.patterns import matches, tidy

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
        size = 0
        for pattern in self._patterns:
            self._starts.append(size)
            for place, symbol in enumerate(pattern, size):
                self._symbols[symbol] = self._symbols.get(symbol, 0) | 1 << place
            size += len(pattern)
            self._lasts.append(size)
            self._ends |= 1 << size
            self._sealed |= 1 << size - 1 if pattern.endswith("*") else 0
            size += 1
        self._star, self._any = self._symbols.pop("*", 0), self._symbols.pop("?", 0)
        self._characters = self._any | sum(self._symbols.values())
        self._start_of = dict(zip(self._patterns, self._starts, strict=True))
        self._reachable: dict[str, list[int]] = {}

    def find(self, inside: Iterable[str], outside: Iterable[int]) -> str | frozenset[int]:
        """A text in all of some patterns, and in none of those at some positions of the list.

        If there is none, the positions of those that are enough to leave none.
        """
        numbers = list(outside)
        patterns = tuple(map(tidy, inside))
        text = self._walk(patterns, sum(1 << self._starts[number] for number in numbers))
        if isinstance(text, int):
            return frozenset(number for number in numbers if text >> self._lasts[number] & 1)

        def is_right(shorter: str) -> bool:
            return all(matches(pattern, shorter) for pattern in patterns) and not any(
                matches(self._patterns[number], shorter) for number in numbers
            )

        return self._shortened(text, is_right)

    def _walk(self, patterns: tuple[str, ...], start: int) -> str | int:
        """A text, or the last places of patterns that are enough to leave none."""
        guilty = 0
        reachable = [self._reachable_from(pattern) for pattern in patterns]
        starts = [self._start_of.get(pattern) for pattern in patterns]
        seen: dict[Places, list[int]] = {}
        waiting: list[tuple[Places, int, str]] = [((0,) * len(patterns), self._closed(start), "")]
        while waiting:
            places, bits, text = waiting.pop()
            together = -1
            for of_pattern, place in zip(reachable, places, strict=True):
                together &= of_pattern[place]
            if not all(
                start is None or together >> start + place & 1
                for start, place in zip(starts, places, strict=True)
            ):
                continue  # no rest of a text lies in all of them
            bits &= together
            if match := bits & self._sealed:
                match <<= 1  # the end behind a last star
                guilty |= 0 if match & guilty else match & -match
                continue
            if not self._is_new(seen.setdefault(places, []), bits):
                continue
            symbols = [pattern[place : place + 1] for pattern, place in zip(patterns, places, strict=True)]
            if not any(symbols):
                if not bits & self._ends:
                    return text
                match = bits & self._ends
                guilty |= 0 if match & guilty else match & -match
                continue
            for at, symbol in enumerate(symbols):
                if symbol == "*":
                    waiting.append(((*places[:at], places[at] + 1, *places[at + 1 :]), bits, text))
            literals = {symbol for symbol in symbols if symbol not in ("*", "?")}
            if len(literals) < 2 and "" not in literals:
                character = literals.pop() if literals else self._fresh
                following = tuple(
                    place if symbol == "*" else place + 1
                    for place, symbol in zip(places, symbols, strict=True)
                )
                waiting.append((following, self._step(bits, character), text + character))
        return guilty

    def _is_new(self, seen: list[int], bits: int) -> bool:
        """Whether none of the walks at the same places had only bits of these; then they are noted."""
        if any(not other & ~bits for other in seen):
            return False
        seen[:] = [other for other in seen if bits & ~other]
        seen.append(bits)
        return True

    def _step(self, bits: int, character: str) -> int:
        read = (bits & (self._symbols.get(character, 0) | self._any)) << 1
        return self._closed(read | bits & self._star)

    def _closed(self, bits: int) -> int:
        return bits | (bits & self._star) << 1

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
