"""The types of Terraform's values, as a schema names them and as they travel (JSON)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Type(NamedTuple):
    """The type of a value; make one with the constants and functions below.

    * `kind`: string, number, bool, dynamic, list, set, map, object or tuple.
    * `of`: what a list, set or map holds.
    * `fields`: the attributes of an object.
    * `items`: the types of a tuple, one by one.
    """

    kind: str
    of: Type | None = None
    fields: Mapping[str, Type] | None = None
    items: tuple[Type, ...] = ()

    @property
    def element(self) -> Type:
        """What a list, set or map holds. TypeError: another type holds no elements of one type."""
        if self.of is None:
            raise TypeError(f"{type_name(self)} has no one type of element")
        return self.of

    @property
    def attributes(self) -> Mapping[str, Type]:
        """The attributes of an object. TypeError: another type has none."""
        if self.fields is None:
            raise TypeError(f"{type_name(self)} has no attributes")
        return self.fields


STRING, NUMBER, BOOL, DYNAMIC = Type("string"), Type("number"), Type("bool"), Type("dynamic")
_PRIMITIVES = {kind.kind: kind for kind in (STRING, NUMBER, BOOL, DYNAMIC)}


def list_of(element: Type) -> Type:
    return Type("list", of=element)


def set_of(element: Type) -> Type:
    """An unordered collection; its value in Python is a list."""
    return Type("set", of=element)


def map_of(element: Type) -> Type:
    """Texts to values of one type."""
    return Type("map", of=element)


def object_of(attributes: Mapping[str, Type]) -> Type:
    return Type("object", fields=dict(attributes))


def tuple_of(items: Sequence[Type]) -> Type:
    return Type("tuple", items=tuple(items))


def type_as_json(value: Type) -> Any:
    """The type as Terraform writes it: `"string"`, `["list", "string"]`, `["object", {…}]`."""
    if value.kind in _PRIMITIVES:
        return value.kind
    if value.kind == "object":
        return ["object", {name: type_as_json(field) for name, field in value.attributes.items()}]
    if value.kind == "tuple":
        return ["tuple", [type_as_json(item) for item in value.items]]
    return [value.kind, type_as_json(value.element)]


def type_bytes(value: Type) -> bytes:
    return json.dumps(type_as_json(value), separators=(",", ":"), sort_keys=True).encode()


def type_from_json(data: object) -> Type:
    """Read a type as Terraform writes it. ValueError: it is none."""
    match data:
        case str() if data in _PRIMITIVES:
            return _PRIMITIVES[data]
        case ["list" | "set" | "map" as kind, element]:
            return Type(kind, of=type_from_json(element))
        case ["object", {**attributes}] | ["object", {**attributes}, [*_]]:
            return object_of({str(name): type_from_json(field) for name, field in attributes.items()})
        case ["tuple", [*items]]:
            return tuple_of([type_from_json(item) for item in items])
    raise ValueError(f"{data!r} is not a type that Terraform knows")


def type_name(value: Type) -> str:
    """The type in words, for a message: `list of string`."""
    if value.of is not None:
        return f"{value.kind} of {type_name(value.of)}"
    return value.kind
