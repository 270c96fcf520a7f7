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
import string
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from typing import NamedTuple

WILDCARD = re.compile(r"[*?]")
MAX_COMPONENTS = 400
MAX_REPRESENTATIVES = 4_000
MAX_POSITIONS = 20_000


class TooComplexError(ValueError):
    """A guard was hit: what was asked stays undecided."""


_LOWER_CASE = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def folded(text: str) -> str:
    """A text in lower case, as far as it is ASCII."""
    return text.lower() if text.isascii() else text.translate(_LOWER_CASE)


def matches(pattern: str, text: str, hole: str = ".") -> bool:
    """Whether a pattern matches a text: `*` any number of characters, `?` one, with case.

    `hole`: the regular expression of what a `?` matches. Between two `*` the leftmost position is as good as
    any: what follows has the most room there.
    """
    if "*" not in pattern:
        return pattern == text if "?" not in pattern else bool(_compiled(pattern, hole).fullmatch(text))
    first, *middle, last = pattern.split("*")
    start, end = len(first), len(text) - len(last)
    if start > end or not _begins(first, text, 0, hole) or not _begins(last, text, end, hole):
        return False
    for part in middle:
        at = _find(part, text, start, end, hole)
        if at < 0:
            return False
        start = at + len(part)
    return True


def covers(pattern: str, other: str) -> bool:
    """Whether a pattern matches whatever another one matches; False where one pattern alone cannot tell.

    The wildcards of the other are read as characters: only a `*` matches its `*`, which can become any text.
    """
    return matches(pattern, other, "[^*]")


def _begins(part: str, text: str, start: int, hole: str) -> bool:
    return bool(_compiled(part, hole).match(text, start)) if "?" in part else text.startswith(part, start)


def _find(part: str, text: str, start: int, end: int, hole: str) -> int:
    if "?" not in part:
        return text.find(part, start, end)
    found = _compiled(part, hole).search(text, start, end)
    return found.start() if found else -1


@lru_cache(4096)
def _compiled(part: str, hole: str) -> re.Pattern[str]:
    return re.compile(hole.join(map(re.escape, part.split("?"))), re.DOTALL)


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
    return max((block.count("?") for pattern in patterns for block in _BLOCK.findall(pattern)), default=0)


class Intersection(NamedTuple):
    """Patterns that match exactly what two patterns both match, and the steps that it takes to tell."""

    patterns: tuple[str, ...]
    work: int = 1


@lru_cache(8192)
def intersection(pattern: str, other: str) -> Intersection:
    """What two patterns have in common; the work is the same whether it was done before or not.

    TooComplexError: it would be too many patterns.
    """
    if covers(pattern, other):
        return Intersection((other,))
    if covers(other, pattern):
        return Intersection((pattern,))
    if not is_wild(pattern) or not is_wild(other) or not _ends_agree(pattern, other):
        return Intersection(())
    patterns, work = _merge(tidy(pattern), tidy(other))
    return Intersection(tuple(dict.fromkeys(map(tidy, patterns))), work)


def tidy(pattern: str) -> str:
    """The same pattern with the wildcards of each block in one order: `?` first, then one `*`."""
    return _MIXED.sub(lambda block: "?" * block[0].count("?") + "*", pattern)


_MIXED = re.compile(r"[*?]*\*[*?]*")


def _ends_agree(pattern: str, other: str) -> bool:
    """Whether what stands before the first and after the last wildcard can be equal."""
    first, second = WILDCARD.split(pattern), WILDCARD.split(other)
    head, tail = min(len(first[0]), len(second[0])), min(len(first[-1]), len(second[-1]))
    return pattern[:head] == other[:head] and pattern[len(pattern) - tail :] == other[len(other) - tail :]


Step = tuple[str, int, int]


def _steps(pattern: str, other: str, i: int, j: int) -> list[Step]:
    """What two patterns can begin with from here on, and where each of them goes on.

    A `*` ends, or swallows what the other begins with; two `*` become one, and one of them ends.
    """
    a, b = pattern[i : i + 1], other[j : j + 1]
    if a == "*" and b == "*":
        return [("*", i + 1, j), ("*", i, j + 1)]
    if a == "*":
        return _swallowed(pattern, other, i, j)
    if b == "*":
        return [(text, at, on) for text, on, at in _swallowed(other, pattern, j, i)]
    if "?" in (a, b):
        return [(b if a == "?" else a, i + 1, j + 1)] if a and b else []
    size = min(_until_wildcard(pattern, i), _until_wildcard(other, j))
    text = pattern[i : i + size]
    return [(text, i + size, j + size)] if text and text == other[j : j + size] else []


def _swallowed(pattern: str, other: str, i: int, j: int) -> list[Step]:
    """The steps from a `*` at `i` of one pattern: it can end where what follows it may begin in the other."""
    following = pattern[i + 1 : i + 2]
    if not following:
        return [(other[j:], i + 1, len(other))]
    end = j
    while end < len(other) and "?" != following != other[end] not in "*?":
        end += 1
    if end == len(other):
        return []
    text = other[j:end]
    if other[end] == "*":
        return [(text, i, end)]
    return [(text, i + 1, end), (text + other[end], i, end + 1)]


def _until_wildcard(pattern: str, start: int) -> int:
    """How many characters stand before the next wildcard."""
    found = WILDCARD.search(pattern, start)
    return (found.start() if found else len(pattern)) - start


def _merge(pattern: str, other: str) -> Intersection:
    """The intersection: forwards to all pairs of positions within reach, then backwards with the rests."""
    steps: dict[tuple[int, int], list[Step]] = {}
    waiting = [(0, 0)]
    while waiting:
        position = waiting.pop()
        if position not in steps:
            steps[position] = _steps(pattern, other, *position)
            waiting += [(i, j) for _, i, j in steps[position]]
            if len(steps) > MAX_POSITIONS:
                raise TooComplexError("patterns too long to tell what they have in common")
    rests: dict[tuple[int, int], dict[str, None]] = {}
    work = len(steps)
    for position in sorted(steps, reverse=True):
        here: dict[str, None] = {"": None} if position == (len(pattern), len(other)) else {}
        for text, i, j in steps[position]:
            for rest in rests[i, j]:
                here[text + (rest.lstrip("*") if text == "*" else rest)] = None
        rests[position] = here
        work += len(here)
        if len(here) > MAX_COMPONENTS or work > MAX_POSITIONS:
            raise TooComplexError("patterns with too many `*` in common")
    return Intersection(tuple(rests[0, 0]), work)
