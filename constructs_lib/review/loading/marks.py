"""What may be another value than before looks so: an expression is marked, and what is hidden."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from constructs_lib.review.loading.json_text import is_same
from constructs_lib.review.loading.resource import LoadedResource, OtherResource
from constructs_lib.tokens import Literal, Sensitive


def find_marks(old: LoadedResource | OtherResource, new: LoadedResource | OtherResource) -> Mapping[str, str]:
    """What the expressions are called that may be other values than before."""
    return {
        source: f"{source[:-1]} /* changed */}}"
        for source, name in new.refers_to.items()
        if old.refers_to.get(source, name) != name
    }


def mark(value: Any, marks: Mapping[str, str]) -> Any:
    """A value whose expressions have these marks."""
    if isinstance(value, Literal):
        return value
    if isinstance(value, str):
        for source, marked in marks.items():
            for write in (lambda text: text, lambda text: json.dumps(text, ensure_ascii=False)[1:-1]):
                value = value.replace(write(source), write(marked))
        return value
    if isinstance(value, dict):
        return {mark(key, marks): mark(item, marks) for key, item in value.items()}
    return [mark(item, marks) for item in value] if isinstance(value, list) else value


def tell_apart(
    old: Mapping[str, Any], new: Mapping[str, Any], attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes of the new one of two states: what is hidden is the same only where it is as before."""
    return {
        name: value if is_same(old.get(name), new.get(name)) else _hidden_anew(value)
        for name, value in attributes.items()
    }


def _hidden_anew(value: Any) -> Any:
    if isinstance(value, Sensitive):
        return Sensitive(f"{value[:-1]}, after}}")
    if isinstance(value, dict):
        return {key: _hidden_anew(item) for key, item in value.items()}
    return [_hidden_anew(item) for item in value] if isinstance(value, list) else value
