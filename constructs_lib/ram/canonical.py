"""The one canonical form of a document: its order, its JSON text, its size, its text for Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from constructs_lib.ram.terraform_expressions import certain, escaped, holds_unknown, is_unknown
from constructs_lib.tokens import Literal, Resolvable, whole

MAX_DOCUMENT_BYTES = 6144
# In characters: far beyond what RAM takes, even where each is escaped as six. To judge and compare it in
# every way would take minutes.
FAR_TOO_LARGE = 6 * MAX_DOCUMENT_BYTES
LISTS = ("Action", "NotAction", "Resource", "NotResource")

_CDKTF_TOKEN = "TfToken["
# Each is compared with all before it: no document has so many values that are no strings.
_MOST_COMPARED = 100
# Of a string so many characters are looked at in one go.
_PIECE = 100_000


def _text_of_token(value: Any) -> str:
    # What is of no known class, such as `variable.value`, has no text before CDKTF resolves it.
    return str(value.to_string()) if hasattr(value, "to_string") else _name_of_token(value)


def _name_of_token(value: Any) -> str:
    return f"{_CDKTF_TOKEN}{id(value)}]"


_TEXT_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_text_of_token)
# JSON to compare by. What an IResolvable would resolve to is not asked: that is a call to Node.
KEY_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_name_of_token)


def json_text(value: Any) -> str:
    """Compact JSON; a token stands in it by its text. Half of a surrogate pair is escaped, as JSON allows."""
    text = _TEXT_ENCODER.encode(value)
    return text if text.isascii() else _utf8(text).decode()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of a document's JSON form; what is malformed in it stays as it is."""
    form = {element: document[element] for element in in_order(document)}
    if isinstance(statements := form.get("Statement"), (list, tuple)):
        form["Statement"] = canonical_statements(statements)
    return form


def canonical_statements(statements: Iterable[Any]) -> list[Any]:
    """Statements in canonical form and order, each once."""
    by_text = {KEY_ENCODER.encode(each): each for each in map(_canonical_statement, statements)}
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
            value = _canonical_values(value, 2)
        elif element == "Principal":
            value = canonical_principal(value)
        if element != "Condition" or value != {}:
            form[element] = value
    return form


def canonical_principal(principal: Any) -> Any:
    """A principal by its value: who, in order and once, whether as a string or in a list."""
    return _canonical_values(principal, 1)


def _canonical_values(values: Any, levels: int) -> Any:
    """Values that lie so many levels of keys deep."""
    if levels and isinstance(values, Mapping):
        return {key: _canonical_values(values[key], levels - 1) for key in in_order(values)}
    if levels or not isinstance(values, (list, tuple)):
        return values
    ordered = in_order(values)
    return ordered[0] if len(ordered) == 1 and not is_unknown(ordered) else ordered


def in_order(items: Iterable[Any]) -> list[Any]:
    """Sorted and without duplicates; other values, and those with a token, keep their order at the end."""
    rest: list[Any] = []
    strings = set()
    for item in whole(items):
        if isinstance(item, str) and (_CDKTF_TOKEN not in item or isinstance(item, Literal)):
            strings.add(item)
        elif len(rest) > _MOST_COMPARED or item not in rest:
            rest.append(item)
    return sorted(strings) + rest


def is_larger(value: Any, characters: int) -> bool:
    """Whether a JSON value has more characters than that, besides blanks: as much work whatever its size."""
    left, values = characters, [value]
    while values and left >= 0:
        item = values.pop()
        if isinstance(item, str):
            for start in range(0, len(item), _PIECE):
                left -= len("".join(item[start : start + _PIECE].split()))
                if left < 0:
                    break
        elif isinstance(item, (list, tuple, Mapping)) and not is_unknown(item):
            left -= 2 * len(item)
            if left >= 0:
                values += [*item.keys(), *item.values()] if isinstance(item, Mapping) else item
    return left < 0


class Size(NamedTuple):
    """Bytes of a document's canonical text as RAM receives it, and whether no token can add to them."""

    bytes: int
    is_exact: bool


def size_of(document: Mapping[str, Any]) -> Size:
    """The size of a document's JSON form."""
    return _size(canonical(document))


def size_above(document: Mapping[str, Any], few: int) -> Size | None:
    """The size of a document's JSON form; None where a glance tells that it is no more than so few bytes."""
    # Nothing grows but a string that becomes a list: by two bytes, and it has at least two.
    return None if 2 * len(_utf8(KEY_ENCODER.encode(document))) <= few else size_of(document)


def size_of_statement(statement: Mapping[str, Any]) -> Size:
    """The size of a statement's JSON form."""
    return _size(_canonical_statement(statement))


def _size(form: Any) -> Size:
    text = KEY_ENCODER.encode(form)
    if "${" not in text and "%{" not in text and _CDKTF_TOKEN not in text:
        return Size(len(_utf8(text)), True)
    return Size(len(_utf8(KEY_ENCODER.encode(certain(form)))), not holds_unknown(form))


def terraform_json(form: Any, encode: Callable[[Any], str], *, keep_order: bool = False) -> str | Resolvable:
    """The form of a document without findings as text in which Terraform fills in what it knows later.

    * `form`: as `grammar.parse` gives it. `keep_order`: it is written as given, and not in canonical form.
    * `encode`, CDKTF's `Fn.jsonencode`, is called for each value that no text can carry: a list token, a map
      token, an `IResolvable`. It returns the text of a token that stands for the value's JSON. CDKTF cannot
      encode a `Lazy` that turns out as plain values instead of an expression.

    A policy variable is escaped, as `$${acs:…}`; any other expression is left to Terraform. What is itself
    unknown, such as `Fn.file(…)` or an `IResolvable`, stays what it is.
    """
    if isinstance(form, Mapping):
        return _terraform(form if keep_order else canonical(form), encode)
    unknown: str | Resolvable = form  # not JSON yet: Terraform completes it
    return escaped(unknown) if isinstance(unknown, str) else unknown


def _terraform(value: Any, encode: Callable[[Any], str]) -> str:
    if isinstance(value, str):
        return escaped(json_text(value))
    if isinstance(value, float):
        return f'"{encode(value)}"'  # a number token: RAM takes numbers as strings
    if is_unknown(value):
        return encode(value)
    if isinstance(value, Mapping):
        pairs = (f"{_terraform(key, encode)}:{_terraform(item, encode)}" for key, item in value.items())
        return f"{{{','.join(pairs)}}}"
    return f"[{','.join(_terraform(item, encode) for item in value)}]"
