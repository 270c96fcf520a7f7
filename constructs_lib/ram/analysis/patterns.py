"""Patterns: what they match, what they have in common, and a few texts that show all there is to see.

Why few texts are enough. Let F be a character that stands in no pattern.

* Replace what a `*` of p matched in a text by as many F: a pattern q that did not match the text still does
  not, since only `*` and `?` can match F, and they would have matched anything.
* Let q match a text with a run of F longer than the number of `?` in any block of wildcards of q. A `*` of q
  lies in that run, so q matches every longer run too. Hence runs longer than that number plus one show
  nothing new; and where no q has a `?`, a run of one F escapes whatever a run of any length escapes.

So if some text matches p and none of the q's, then so does one of p's representatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from typing import NamedTuple

MAX_COMPONENTS = 400
MAX_REPRESENTATIVES = 4_000
MAX_PLACES = 20_000


class TooComplexError(ValueError):
    """A guard was hit: what was asked stays undecided."""


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


Step = tuple[str, int, int]


def _steps(one: str, other: str, i: int, j: int) -> list[Step]:
    """What two patterns can begin with from here on, and where each of them goes on.

    A `*` ends, or swallows what the other begins with; two `*` become one, and one of them ends.
    """
    a, b = one[i : i + 1], other[j : j + 1]
    if a == "*" and b == "*":
        return [("*", i + 1, j), ("*", i, j + 1)]
    if a == "*":
        return _swallowed(one, other, i, j)
    if b == "*":
        return [(text, at, on) for text, on, at in _swallowed(other, one, j, i)]
    if "?" in (a, b):
        return [(b if a == "?" else a, i + 1, j + 1)] if a and b else []
    size = min(_until_wildcard(one, i), _until_wildcard(other, j))
    return (
        [(one[i : i + size], i + size, j + size)] if size and one[i : i + size] == other[j : j + size] else []
    )


def _swallowed(one: str, other: str, i: int, j: int) -> list[Step]:
    """The steps from a `*` at `i` of one pattern: it can end where what follows it may begin in the other."""
    following = one[i + 1 : i + 2]
    if not following:
        return [(other[j:], i + 1, len(other))]
    place = j
    while place < len(other) and "?" != following != other[place] not in "*?":
        place += 1
    if place == len(other):
        return []
    text = other[j:place]
    if other[place] == "*":
        return [(text, i, place)]
    return [(text, i + 1, place), (text + other[place], i, place + 1)]


def _until_wildcard(pattern: str, start: int) -> int:
    """How many characters stand before the next wildcard."""
    found = _WILDCARD.search(pattern, start)
    return (found.start() if found else len(pattern)) - start


def _merge(one: str, other: str) -> Common:
    """The intersection: forwards to all pairs of places within reach, then backwards with the rests."""
    steps: dict[tuple[int, int], list[Step]] = {}
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
