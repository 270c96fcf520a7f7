"""What a plan hides: marks of sensitive and unknown values, laid over the values.

A mark is true for all of a value, or an object or list with marks for its parts. What has another shape than
its value hides all of it: nothing is shown by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat, zip_longest
from typing import Any

from constructs_lib.tokens import Deferred

Hide = Callable[[str], Deferred]


def is_marked(marks: Any) -> bool:
    """Whether something is hidden: all of a value, or a part of it."""
    if isinstance(marks, dict):
        return any(map(is_marked, marks.values()))
    return any(map(is_marked, marks)) if isinstance(marks, list) else bool(marks)


def merged(first: Any, second: Any) -> Any:
    """What either of two marks hides."""
    if not is_marked(second):
        return first
    if not is_marked(first):
        return second
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: merged(first.get(key), second.get(key)) for key in [*first, *second]}
    if isinstance(first, list) and isinstance(second, list):
        return [merged(*pair) for pair in zip_longest(first, second)]
    return True


def masked(value: Any, marks: Any, path: str, hide: Hide) -> Any:
    """The value, with what `hide` makes of its path in each place that is marked."""
    if not is_marked(marks):
        return value
    if isinstance(marks, dict) and (value is None or isinstance(value, dict)):
        old = value or {}
        inside = {key: masked(old.get(key), mark, f"{path}.{key}", hide) for key, mark in marks.items()}
        return {**old, **{key: item for key, item in inside.items() if item is not None}}
    if isinstance(marks, list) and isinstance(value, list):
        marked = enumerate(zip(value, chain(marks, repeat(None)), strict=False))
        return [masked(item, mark, f"{path}[{index}]", hide) for index, (item, mark) in marked]
    return hide(path)


def marked_values(marks: Any, before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """What is hidden: the path, and what stands there on both sides."""
    if not is_marked(marks):
        return
    if isinstance(marks, dict) and all(side is None or isinstance(side, dict) for side in (before, after)):
        for key, mark in marks.items():
            was, now = (side.get(key) if side else None for side in (before, after))
            yield from marked_values(mark, was, now, f"{path}.{key}" if path else key)
    elif isinstance(marks, list) and all(side is None or isinstance(side, list) for side in (before, after)):
        for index, (mark, was, now) in enumerate(zip_longest(marks, before or (), after or ())):
            yield from marked_values(mark, was, now, f"{path}[{index}]")
    else:
        yield path, before, after
