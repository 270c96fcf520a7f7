"""Terraform's functions that are computed here, as Terraform computes them, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from constructs_lib.review.loading.values import (
    SetValue,
    UnresolvedError,
    as_boolean,
    as_list,
    as_map,
    as_number,
    as_one_kind,
    as_set,
    as_string,
    check_length,
    items_of,
    normalized,
    object_of,
)


def _as_strings(value: Any) -> list[str]:
    return [as_string(item) for item in as_list(value)]


def _as_text(value: Any) -> str:
    """A string of which Terraform and Python count the characters alike."""
    text = as_string(value)
    if not text.isascii():
        raise UnresolvedError("a string beyond ASCII is not computed here")
    return text


def json_text(value: Any) -> str:
    """As Terraform's `jsonencode` writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _refuse_number(text: str) -> int:
    raise UnresolvedError(f"{text} is no whole number")


def _from_json(text: str) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return object_of([(normalized(key), item) for key, item in pairs])

    return json.loads(
        text, parse_float=_refuse_number, parse_constant=_refuse_number, object_pairs_hook=members
    )


def _merge(*values: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for value in values:
        merged.update(as_map(value) if value is not None else {})
    return merged


def _flatten(values: Any) -> list[Any]:
    return [
        item
        for value in as_list(values)
        for item in (_flatten(value) if isinstance(value, (list, SetValue)) else [value])
    ]


def _find(value: Any, key: Any, *default: Any) -> Any:
    found = as_map(value)
    if key in found:
        return found[key]
    if default[0] is not None and {type(item) for item in found.values()} - {type(default[0])}:
        raise UnresolvedError("a default of another type is converted")
    return default[0]


def _in_order(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise UnresolvedError("it is not a list")
    return values


def _element(values: Any, index: Any) -> Any:
    items, place = _in_order(values), as_number(index)
    if place < 0:
        raise UnresolvedError("not every Terraform counts from the end")
    return items[place % len(items)] if items else items[0]


def _one(values: Any) -> Any:
    items = as_list(values)
    if len(items) > 1:
        raise UnresolvedError("there is more than one")
    return items[0] if items else None


def _slice(values: Any, start: Any, end: Any) -> list[Any]:
    items, first, last = _in_order(values), as_number(start), as_number(end)
    if not 0 <= first <= last <= len(items):
        raise UnresolvedError("such a slice is not computed here")
    return items[first:last]


def _format_list(template: Any, *values: Any) -> list[str]:
    lists = [as_list(value) for value in values if isinstance(value, (list, SetValue))]
    if len({len(items) for items in lists}) != 1:
        raise UnresolvedError("such lists are not computed here")
    rows = range(len(lists[0]))
    columns = [as_list(each) if isinstance(each, (list, SetValue)) else [each] * len(rows) for each in values]
    return [_format(template, *(column[row] for column in columns)) for row in rows]


def _coalesce(*values: Any) -> Any:
    given = [value for value in values if value is not None]
    if len({type(value) for value in given}) != 1 or not isinstance(given[0], (str, int)):
        raise UnresolvedError("values of several types become one")
    return next(value for value in (*given, None) if value != "")


_VERB = re.compile(r"%(.?)", re.DOTALL)


def _format(template: Any, *values: Any) -> str:
    """`format` with `%s`, `%d` and `%%` only."""
    left = list(values)

    def fill(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        if match[1] not in ("s", "d") or not left:
            raise UnresolvedError("such a format is not computed here")
        value = left.pop(0)
        return as_string(value) if match[1] == "s" else str(as_number(value))

    text = _VERB.sub(fill, as_string(template))
    if left:
        raise UnresolvedError("such a format is not computed here")
    return text


def _replace(text: Any, old: Any, new: Any) -> str:
    whole, pattern, replacement = as_string(text), as_string(old), as_string(new)
    if not pattern or (len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")):
        raise UnresolvedError("a regular expression is not computed here")
    check_length(len(whole) + whole.count(pattern) * len(replacement))
    return whole.replace(pattern, replacement)


def _contains(values: Any, wanted: Any) -> bool:
    items = as_list(values)
    if any(type(item) is not type(wanted) or not isinstance(item, (str, int)) for item in items):
        raise UnresolvedError("values of several types are compared")
    return wanted in items


def _distinct(values: Any) -> list[Any]:
    items = as_one_kind(as_list(values))
    if any(not isinstance(item, (str, int)) for item in items):
        raise UnresolvedError("such elements are not compared here")
    return list(dict.fromkeys(items))


def _length(value: Any) -> int:
    return len(_as_text(value)) if isinstance(value, str) else len(items_of(value))


def _sort(values: Any) -> list[str]:
    return sorted(_as_strings(values))


def _to_map(value: Any) -> dict[str, Any]:
    members = as_map(value)
    return dict(zip(members, as_one_kind(list(members.values())), strict=True))


def _range(*limits: Any) -> list[int]:
    numbers = [as_number(limit) for limit in limits]
    if len(numbers) > 2 or len(found := range(*numbers)) > 1024 or numbers[-1] < (numbers[:-1] or [0])[0]:
        raise UnresolvedError("such a range is not computed here")
    return list(found)


def _split(separator: Any, text: Any) -> list[str]:
    return as_string(text).split(as_string(separator))


def _join(separator: Any, first: Any, *others: Any) -> str:
    between = as_string(separator)
    items = [item for each in (first, *others) for item in _as_strings(each)]
    check_length(len(between) * len(items) + sum(map(len, items)))
    return between.join(items)


def _compact(values: Any) -> list[str]:
    items = as_list(values)
    if any(not isinstance(item, (str, type(None))) for item in items):
        raise UnresolvedError("elements of several types become one")
    return [item for item in items if item]


def _concat(first: Any, *others: Any) -> list[Any]:
    return [item for each in (first, *others) for item in as_list(each)]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": lambda number: abs(as_number(number)),
    "ceil": as_number,
    "chomp": lambda text: re.sub(r"[\r\n]*\Z", "", as_string(text)),
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "endswith": lambda text, end: as_string(text).endswith(as_string(end)),
    "flatten": _flatten,
    "floor": as_number,
    "format": _format,
    "formatlist": _format_list,
    "join": _join,
    "jsondecode": lambda text: _from_json(as_string(text)),
    "jsonencode": json_text,
    "keys": lambda value: sorted(as_map(value)),
    "length": _length,
    "lookup": _find,
    "lower": lambda text: _as_text(text).lower(),
    "max": lambda *numbers: max(map(as_number, numbers)),
    "merge": _merge,
    "min": lambda *numbers: min(map(as_number, numbers)),
    "nonsensitive": lambda value: value,
    "one": _one,
    "range": _range,
    "replace": _replace,
    "reverse": lambda values: _in_order(values)[::-1],
    "setunion": lambda *sets: as_set([item for each in sets for item in as_set(each)]),
    "slice": _slice,
    "sort": _sort,
    "split": _split,
    "startswith": lambda text, start: as_string(text).startswith(as_string(start)),
    "tobool": lambda value: None if value is None else as_boolean(value),
    "tolist": lambda value: as_one_kind(as_list(value)),
    "tomap": _to_map,
    "tonumber": lambda value: None if value is None else as_number(value),
    "toset": as_set,
    "tostring": lambda value: None if value is None else as_string(value),
    "trimprefix": lambda text, start: as_string(text).removeprefix(as_string(start)),
    "trimspace": lambda text: _as_text(text).strip(" \t\n\r\v\f"),
    "trimsuffix": lambda text, end: as_string(text).removesuffix(as_string(end)),
    "upper": lambda text: _as_text(text).upper(),
    "values": lambda value: [item for _, item in sorted(as_map(value).items())],
    "zipmap": lambda names, values: object_of(list(zip(_as_strings(names), _in_order(values), strict=True))),
}
"""By name; each takes values, and may raise `UnresolvedError`."""
