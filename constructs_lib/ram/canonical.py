"""The one canonical form of a document, and its size in bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from constructs_lib.ram.terraform_expressions import certain, holds_unknown, is_unknown

LISTS = ("Action", "NotAction", "Resource", "NotResource")

_CDKTF_TOKEN = "TfToken["


def _text_of_token(value: Any) -> str:
    # What is of no known class, such as `variable.value`, has no text before CDKTF resolves it.
    return str(value.to_string()) if hasattr(value, "to_string") else _name_of_token(value)


def _name_of_token(value: Any) -> str:
    return f"{_CDKTF_TOKEN}{id(value)}]"


TEXT_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_text_of_token)
# What an IResolvable would resolve to is not asked here: that is a call to Node.
KEY_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_name_of_token)


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of a document's JSON form; what is malformed in it stays as it is."""
    form = {name: document[name] for name in in_order(document)}
    if isinstance(statements := form.get("Statement"), (list, tuple)):
        form["Statement"] = canonical_statements(statements)
    return form


def canonical_statements(statements: Iterable[Any]) -> list[Any]:
    """Statements in canonical form and order, each once."""
    by_text = {KEY_ENCODER.encode(one): one for one in map(_canonical_statement, statements)}
    return [by_text[text] for text in in_order(by_text)]


def _canonical_statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    form = {}
    for element in in_order(statement):
        value = statement[element]
        if element in LISTS and isinstance(value, (str, list, tuple)):
            value = in_order([value] if isinstance(value, str) else value)
        elif element == "Condition":
            value = _by_key(value, _canonical_keys)
        elif element == "Principal":
            value = _canonical_keys(value)
        if element != "Condition" or value != {}:
            form[element] = value
    return form


def _canonical_keys(values_of_keys: Any) -> Any:
    return _by_key(values_of_keys, _canonical_values)


def _by_key(value: Any, form: Callable[[Any], Any]) -> Any:
    return {key: form(value[key]) for key in in_order(value)} if isinstance(value, Mapping) else value


def _canonical_values(values: Any) -> Any:
    if not isinstance(values, (list, tuple)):
        return values
    ordered = in_order(values)
    return ordered[0] if len(ordered) == 1 and not is_unknown(ordered) else ordered


def in_order(items: Iterable[Any]) -> list[Any]:
    """Sorted and without duplicates; what is no text, or holds a token, keeps its order after the rest."""
    literal, rest = set(), []
    for item in items:
        if isinstance(item, str) and _CDKTF_TOKEN not in item:
            literal.add(item)
        elif item not in rest:
            rest.append(item)
    return sorted(literal) + rest


class Size(NamedTuple):
    """Bytes of a document's canonical text as RAM receives it, and whether no token can add to them."""

    bytes: int
    is_exact: bool


def size_of(document: Mapping[str, Any]) -> Size:
    """The size of a document's JSON form."""
    return _size(canonical(document))


def size_above(document: Mapping[str, Any], few: int) -> Size | None:
    """The size of a document's JSON form; None where a glance tells that it is no more than so few bytes."""
    # Nothing grows but a text that becomes a list: by two bytes, and it has at least two.
    return None if 2 * len(KEY_ENCODER.encode(document).encode()) <= few else size_of(document)


def size_of_statement(statement: Mapping[str, Any]) -> Size:
    """The size of a statement's JSON form."""
    return _size(_canonical_statement(statement))


def _size(form: Any) -> Size:
    text = KEY_ENCODER.encode(form)
    if "${" not in text and "%{" not in text and _CDKTF_TOKEN not in text:
        return Size(len(text.encode()), True)
    return Size(len(KEY_ENCODER.encode(certain(form)).encode()), not holds_unknown(form))
