"""Whether each prop has a type that the API and Terraform can take, told from its annotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import fields, has

from constructs_lib.findings import MAX_WHOLE_NUMBER, Problem, Problems, is_encodable, what_to_write
from constructs_lib.tokens import advise_on_part, is_token

# What a prop may be, in words, by the name in its annotation: the first that fits.
_KINDS: dict[str, tuple[str, type]] = {
    "Mapping": ("a dict of strings", Mapping),
    "Number": ("a whole number", int),
    "Boolean": ("True or False", bool),
    "str": ("a string", str),
}


def prop_type_problems(path: str, owner: Any) -> Problems:
    """Every value in the props at this path that has another type than the API's; tokens are stepped over."""
    for prop in fields(type(owner)):
        value, at = getattr(owner, prop.name), f"{path}.{prop.name}" if path else prop.name
        if value is None or (is_token(value) and not advise_on_part(value)):
            continue
        if prop.type.startswith("Sequence"):
            yield from _list_problems(at, value)
        else:
            expected, kind = next(words for name, words in _KINDS.items() if name in prop.type)
            yield from _value_problems(at, value, expected, kind)


def _list_problems(path: str, value: object) -> Problems:
    if not isinstance(value, (list, tuple)):
        yield Problem(path, value, "a list", "Write the elements in [ ].")
        return
    for index, item in enumerate(value):
        if has(type(item)):
            yield from prop_type_problems(f"{path}[{index}]", item)
        elif not is_token(item):
            yield from _value_problems(f"{path}[{index}]", item, "a string", str)


def _value_problems(path: str, value: object, expected: str, kind: type) -> Problems:
    advice = advise_on_part(value)
    is_boolean = isinstance(value, bool)
    if advice or not isinstance(value, kind) or is_boolean != (kind is bool):
        yield Problem(path, value, expected, what_to_write(value, expected))
    elif isinstance(value, int) and abs(value) > MAX_WHOLE_NUMBER:
        yield Problem(path, value, "a whole number up to 2**53", "Fix it: it would be rounded silently.")
    elif isinstance(value, str) and not is_encodable(value):
        hint = "Take out the half of a surrogate pair: no file and no request can hold it."
        yield Problem(path, value, "a string that UTF-8 can encode", hint)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not (isinstance(key, str) and (isinstance(item, str) or is_token(item))):
                yield Problem(path, {key: item}, expected, "Write strings.")
