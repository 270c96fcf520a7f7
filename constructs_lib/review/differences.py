"""What changed of a resource, and the name of that change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Any

from constructs_lib.backup.effective_retention import origins
from constructs_lib.findings import plural, shown
from constructs_lib.review import normal_form
from constructs_lib.review.loading.resource import LoadedResource

# The name of a delta has so many hexadecimal digits: too many to look for two changes with the same one.
_DIGITS = 32


def delta(old: LoadedResource | None, new: LoadedResource | None, *rests_on: object) -> str:
    """The name of a change, made from both sides in full: another change, or another place, has another.

    `rests_on`: all else that the verdict comes from, as JSON values, such as the document of another version.

    It does not depend on the order, the spelling or the layout of what is written, nor on the time.
    """
    sides = [side and [side.type.name, side.stack, side.address, side.form] for side in (old, new)]
    return name_of([*sides, *rests_on])


def name_of(change: object) -> str:
    """The name of any change, given as plain values."""
    return hashlib.sha256(f"alipolicy delta 1 {normal_form.text(change)}".encode()).hexdigest()[:_DIGITS]


_GONE = object()


def differences(old: LoadedResource, new: LoadedResource) -> Iterator[tuple[str, str, str]]:
    """Where two resources differ: the path, and both values in short. A document is one value."""
    before, after = dict(old.form), dict(new.form)
    documents = [form.pop("policy_document", None) for form in (before, after)]
    rules = [form.pop("rules", _GONE) for form in (before, after)]
    yield from _differences("", before, after)
    if isinstance(rules[0], list) and isinstance(rules[1], list):
        yield from _rule_differences(rules[0], rules[1], origins(old.identified_rules, new.identified_rules))
    elif rules[0] is not rules[1]:
        yield from _differences("rules", *rules)
    if documents[0] != documents[1]:
        yield ("policy_document", _size(documents[0]), _size(documents[1]))


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            inside = f"{path}.{key}" if path else key
            yield from _differences(inside, before.get(key, _GONE), after.get(key, _GONE))
    elif isinstance(before, list) and isinstance(after, list):
        for index, old, new in _aligned(before, after):
            yield from _differences(f"{path}[{index}]", old, new)
    elif before is _GONE or after is _GONE or normal_form.text(before) != normal_form.text(after):
        yield path, _shown(before), _shown(after)


def _rule_differences(
    before: list[Any], after: list[Any], places: list[int | None]
) -> Iterator[tuple[str, str, str]]:
    """The rules that belong together side by side, and their order where it is another one."""
    for index, (rule, place) in enumerate(zip(after, places, strict=True)):
        yield from _differences(f"rules[{index}]", _GONE if place is None else before[place], rule)
    for place, rule in enumerate(before):
        if place not in places:
            yield from _differences(f"rules[{place}]", rule, _GONE)
    order = [place for place in places if place is not None]
    if order != sorted(order):
        yield "rules", f"order {_listed(sorted(order))}", f"order {_listed(order)}"


def _listed(places: list[int]) -> str:
    return ", ".join(map(str, places))


def _aligned(before: list[Any], after: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """The items that belong together, by what they are about, with the index after; before, if it is gone."""
    rest: dict[str, list[int]] = {}
    for index in reversed(range(len(before))):
        rest.setdefault(_about(before[index]), []).append(index)
    for index, item in enumerate(after):
        places = rest.get(_about(item))
        yield index, before[places.pop()] if places else _GONE, item
    for index in sorted(chain.from_iterable(rest.values())):
        yield index, before[index], _GONE


def _about(item: Any) -> str:
    names = ("advanced_retention_type", "key", "source_type")
    return normal_form.text([item.get(name) for name in names] if isinstance(item, dict) else item)


def _shown(value: Any) -> str:
    return "not set" if value is _GONE else shown(value)


def _size(document: Any) -> str:
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(statements, list):
        return shown(document)
    return plural(len(statements), "statement")
