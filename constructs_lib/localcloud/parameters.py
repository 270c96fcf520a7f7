"""The parameters of a request, read as what an operation expects; anything else is refused, never a crash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError, ErrorCode
from constructs_lib.ram.grammar import MAX_LEVELS

T = TypeVar("T")
# The fields of JSON objects at every level; an empty mapping stands for any value that has none to look at.
Fields = Mapping[str, "Fields"]
# What follows the name of a flattened list and a dot: the number of an item, and the rest.
ITEM = re.compile(r"([1-9][0-9]{0,3})(?:\.(.+))?")


class Parameters:
    """Parameters by name, from query and body alike; where a name comes twice, the last one counts."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values = dict(pairs)

    def as_dict(self) -> dict[str, str]:
        return dict(self._values)

    def optional(self, name: str) -> str | None:
        """The string as sent, which may be empty; None where it was left out."""
        return self._values.get(name)

    def string(self, name: str) -> str:
        """The string; the empty string where it was left out."""
        return self._values.get(name, "")

    def required(self, name: str) -> str:
        if not (value := self.string(name)):
            raise ApiError(errors.MISSING, name)
        return value

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """One of the allowed strings; the first of them where it was left out or empty."""
        value = self.string(name) or allowed[0]
        if value not in allowed:
            raise ApiError(errors.INVALID, name)
        return value

    def position(self, name: str) -> int:
        """Where a list goes on, as an earlier answer said; left out or empty is its beginning."""
        # uncertain: the code for a position that the service did not give out.
        return self.whole(name, 0, low=0, high=10**15)

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """True or false in any case: Python SDKs write `True`. Left out or empty is the default."""
        value = self.string(name).lower()
        if value not in ("", "true", "false"):
            raise ApiError(errors.INVALID, name)
        return value == "true" if value else default

    def whole(
        self, name: str, default: int, *, low: int, high: int, refusal: ErrorCode = errors.INVALID
    ) -> int:
        """A whole number in a range; left out or empty is the default."""
        value = self.string(name)
        if not value:
            return default
        # uncertain: whether a number out of range is refused or taken for the nearest one.
        if not (value.isascii() and value.isdigit() and len(value) < 19 and low <= int(value) <= high):
            raise ApiError(refusal, name)
        return int(value)

    def json_list(self, name: str) -> list[Any] | None:
        """A list that travels as a JSON string; None where it was left out or empty."""
        return self._json(name, list)

    def json_object(self, name: str) -> dict[str, Any] | None:
        """An object that travels as a JSON string; None where it was left out or empty."""
        return self._json(name, dict)

    def unknown_field(self, name: str, fields: Fields) -> str | None:
        """The path of a field that is not among these, in JSON or in a flattened name; None where all are."""
        top, *rest = name.split(".")
        if not rest:
            return next(_list_unknown(self._json(name, object), fields, top), None)
        for part in rest:
            if not part.isdigit():
                if fields and part not in fields:
                    return name
                fields = fields.get(part, {})
        return None

    def _json(self, name: str, kind: type[T]) -> T | None:
        if not (text := self.string(name)):
            return None
        try:
            value = json.loads(text, parse_constant=_no_constant)
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be sent back
            _refuse_deep(value)
        except (ValueError, RecursionError):
            raise ApiError(errors.INVALID, name) from None
        if not isinstance(value, kind):
            raise ApiError(errors.INVALID, name)
        return value

    def numbered(self, name: str) -> list[tuple[int, str, str]]:
        """What is flattened under a name, in the order of its numbers: number, rest (`Key`), value."""
        found = []
        for key, value in self._values.items():
            top, _, rest = key.partition(".")
            if top == name and (item := ITEM.fullmatch(rest)):
                found.append((int(item[1]), item[2] or "", value))
        return sorted(found)

    def strings(self, name: str, flattened: str) -> list[str]:
        """A list of strings: a JSON string, or flattened (`Name.1`, `Name.2`)."""
        if (listed := self.json_list(name)) is None:
            listed = [value for _, rest, value in self.numbered(flattened) if not rest]
        if not all(isinstance(item, str) and item for item in listed):
            raise ApiError(errors.INVALID, name)
        return listed

    def tags(self, name: str = "Tag") -> dict[str, str]:
        """Tags: `[{"Key": …, "Value": …}]` as a JSON string, or flattened (`Tag.1.Key`, `Tag.1.Value`)."""
        listed = self.json_list(name)
        if listed is None:
            of_number: dict[int, dict[str, str]] = {}
            for number, rest, value in self.numbered(name):
                of_number.setdefault(number, {})[rest] = value
            listed = list(of_number.values())
        tags: dict[str, str] = {}
        for tag in listed:
            if not isinstance(tag, Mapping):
                raise ApiError(errors.INVALID, name)
            key, value = tag.get("Key"), tag.get("Value", "")
            if not (isinstance(key, str) and key and isinstance(value, str)):
                raise ApiError(errors.INVALID, name)
            tags[key] = value
        return tags


def _list_unknown(value: Any, fields: Fields, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _list_unknown(item, fields, f"{path}[{index}]")
    elif isinstance(value, Mapping) and fields:
        for name, inner in value.items():
            if name not in fields:
                yield f"{path}.{name}"
            else:
                yield from _list_unknown(inner, fields[name], f"{path}.{name}")


def _no_constant(_: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")


def _refuse_deep(value: Any, levels: int = MAX_LEVELS) -> None:
    """ValueError where JSON is nested deeper than anything a service knows: it could exhaust the stack."""
    if isinstance(value, (list, dict)):
        if not levels:
            raise ValueError(f"nested deeper than {MAX_LEVELS} levels")
        for item in value.values() if isinstance(value, dict) else value:
            _refuse_deep(item, levels - 1)
