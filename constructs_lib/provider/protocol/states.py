"""The values of one schema: between wire, stored JSON and Python, and what of them is secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from constructs_lib.provider.protocol.codec import (
    Encode,
    decoder,
    encode_items,
    encoder,
    object_encoder,
    pack,
    unpack,
)
from constructs_lib.provider.protocol.context import State
from constructs_lib.provider.protocol.schema import (
    Attribute,
    Block,
    Nesting,
    Schema,
    SchemaBody,
    elements_of,
    inner_body,
    nesting_of,
)
from constructs_lib.provider.protocol.types import Type, type_from_json
from constructs_lib.provider.protocol.values import (
    UNKNOWN,
    Dynamic,
    WrongValueError,
    leaves,
    number,
    without_unknowns,
)


class States:
    """Reads and writes the values of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._body = schema.body
        self._encode = _body_encoder(schema.body)
        self._decode = decoder(schema.value_type)
        self._secret = _leading_to_secrets(schema.body)

    def read(self, message: Any) -> State | None:
        """The value in a `DynamicValue` message; None for null. ValueError: it is not of this schema."""
        if not message.msgpack:
            return self.conform(load_json(message.json)) if message.json else None
        value = unpack(message.msgpack)
        if self._decode is not None:
            try:
                value = self._decode(value)
            except (KeyError, TypeError, AttributeError, IndexError) as error:
                raise ValueError(
                    f"the value does not fit the schema: {type(error).__name__} {error}"
                ) from None
        if value is not None and not isinstance(value, dict):
            raise ValueError("the value is not an object")
        return value

    def write(self, value: State | None) -> bytes:
        """The value as msgpack. WrongValueError: it does not fit the schema; its `path` says where."""
        encoded = self._encode(value)
        try:
            return pack(encoded)
        except WrongValueError:
            # Found again with the name, which the fast way above does not tell.
            for name, item in (encoded or {}).items():
                try:
                    pack(item)
                except WrongValueError as error:
                    raise error.within(name) from None
            raise

    def salvage(self, value: State) -> State:
        """The attributes that can be stored, where some cannot: the others become null."""
        kept: State = {}
        for name, node in self._body.items():
            try:
                found = without_unknowns(value.get(name))
                pack(_node_encoder(node)(found))
                kept[name] = found
            except Exception:
                kept[name] = None
        return kept

    def conform(self, data: Any) -> State:
        """Stored JSON as a value of this schema: what it lacks is null, what it has too much is dropped.

        WrongValueError: it is something else altogether.
        """
        if not isinstance(data, dict):
            raise WrongValueError("the stored state is not an object")
        return _conform_body(self._body, data)

    def secrets(self, value: State | None) -> Iterator[str]:
        """The strings in sensitive attributes."""
        if self._secret and value is not None:
            yield from _secrets(self._secret, value)


def written_part(body: SchemaBody, value: State) -> State:
    """What a person would write of a state: neither what only the provider sets, nor what is the same left
    out, nor what is deprecated."""
    return {name: _written_node(node, value.get(name)) for name, node in body.items()}


def _written_node(node: Attribute | Block, value: Any) -> Any:
    if isinstance(node, Block):
        if node.nesting is Nesting.SINGLE:
            return None if value is None or node.deprecated else written_part(node.body, value)
        return [written_part(node.body, item) for item in (() if node.deprecated else value or ())]
    if node.deprecated or not (node.required or node.optional):
        return None
    is_same = value == node.default or value in node.fillers
    return None if node.optional and is_same else value


def load_json(data: bytes) -> Any:
    """JSON with exact numbers. ValueError: it is none."""
    try:
        return json.loads(data, parse_float=number, parse_int=number)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _body_encoder(body: SchemaBody) -> Encode:
    return object_encoder({name: _node_encoder(node) for name, node in body.items()})


def _node_encoder(node: Attribute | Block) -> Encode:
    if isinstance(node, Attribute):
        return encoder(node.value_type)
    element, unknown = _body_encoder(node.body), encoder(node.value_type)
    if node.nesting is Nesting.SINGLE:
        return element

    def encode(value: Any) -> Any:
        if value is None:
            # Terraform knows no block that is null: none of them is an empty list.
            return []
        if not isinstance(value, list | tuple):
            return unknown(value)
        return encode_items(element, value)

    return encode


def _conform_body(body: SchemaBody, data: dict[str, Any]) -> dict[str, Any]:
    return {name: _at(name, _conform_node, node, data.get(name)) for name, node in body.items()}


def _at(step: str | int, conform: Callable[[Any, Any], Any], kind: Any, data: Any) -> Any:
    try:
        return conform(kind, data)
    except WrongValueError as error:
        raise error.within(step) from None


def _conform_node(node: Attribute | Block, data: Any) -> Any:
    if isinstance(node, Attribute):
        return _conform_value(node.value_type, data)
    if node.nesting is Nesting.SINGLE:
        return _conform_element(node.body, data)
    if data is None or data is UNKNOWN:
        return [] if data is None else data
    items = enumerate(_expect(list, data))
    return [_at(place, _conform_element, node.body, item) for place, item in items]


def _conform_element(body: SchemaBody, data: Any) -> Any:
    if data is None or data is UNKNOWN:
        return data
    return _conform_body(body, _expect(dict, data))


def _conform_value(kind: Type, data: Any) -> Any:
    if data is None or data is UNKNOWN or isinstance(data, Dynamic):
        return data
    match kind.kind:
        case "dynamic":
            described = _expect(dict, data)
            inner = type_from_json(described.get("type"))
            return Dynamic(inner, _conform_value(inner, described.get("value")))
        case "list" | "set":
            items = enumerate(_expect(list, data))
            return [_at(place, _conform_value, kind.element, item) for place, item in items]
        case "map":
            pairs = _expect(dict, data).items()
            return {key: _at(key, _conform_value, kind.element, item) for key, item in pairs}
        case "object":
            fields = _expect(dict, data)
            return {
                name: _at(name, _conform_value, field, fields.get(name))
                for name, field in kind.attributes.items()
            }
        case "tuple":
            items = enumerate(_expect(list, data))
            return [_at(place, _conform_value, kind.items[place], item) for place, item in items]
    return data


def _expect(wanted: type, data: Any) -> Any:
    if isinstance(data, tuple):
        data = list(data)
    if not isinstance(data, wanted):
        raise WrongValueError(f"expected a {wanted.__name__}, got {type(data).__name__}")
    return data


# A schema cut down to what leads to sensitive attributes: by name None for one of them, or what is below.
_Secret = dict[str, "tuple[Nesting, _Secret] | None"]


def _leading_to_secrets(body: SchemaBody) -> _Secret:
    found: _Secret = {}
    for name, node in body.items():
        if isinstance(node, Attribute) and node.sensitive:
            found[name] = None
        elif (nesting := nesting_of(node)) and (inside := _leading_to_secrets(inner_body(node))):
            found[name] = (nesting, inside)
    return found


def _secrets(secret: _Secret, value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name, below in secret.items():
        inside = value.get(name)
        if inside is None or inside is UNKNOWN:
            continue
        if below is None:
            yield from (leaf for _, leaf in leaves(inside) if isinstance(leaf, str))
        else:
            for _, element in elements_of(below[0], inside):
                yield from _secrets(below[1], element)
