"""Values on the wire: msgpack as Terraform writes and reads it, by type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import msgpack  # type: ignore[import-untyped]

from constructs_lib.provider.protocol.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Type,
    object_of,
    tuple_of,
    type_bytes,
    type_from_json,
    type_name,
)
from constructs_lib.provider.protocol.values import (
    UNKNOWN,
    Dynamic,
    Unknown,
    WrongValueError,
    exact_decimal,
    number,
)

# From the wire.

Decode = Callable[[Any], Any]


def unpack(data: bytes) -> Any:
    """What msgpack holds, unknowns already in place. ValueError: it is not what Terraform sends."""
    try:
        return msgpack.unpackb(data, raw=False, ext_hook=_extension)
    except UnicodeDecodeError:
        raise ValueError("a string in the value is not UTF-8") from None
    except (msgpack.UnpackException, RecursionError) as error:
        raise ValueError(f"the value is not msgpack: {error or type(error).__name__}") from None


def _extension(code: int, data: bytes) -> Unknown:
    # 12 is an unknown of which Terraform already knows something, such as a prefix.
    if code not in (0, 12):
        raise ValueError(f"msgpack extension {code} is nothing that Terraform sends")
    return UNKNOWN


def decoder(kind: Type) -> Decode | None:
    """How to turn what `unpack` gives into Python values; None where that is the value already."""
    match kind.kind:
        case "number":
            return number
        case "dynamic":
            return _decode_dynamic
        case "list" | "set" | "map":
            return _element_decoder(kind)
        case "object":
            return _field_decoder(kind.attributes.items())
        case "tuple":
            return _field_decoder(enumerate(kind.items))
    return None


def _element_decoder(kind: Type) -> Decode | None:
    element = decoder(kind.element)
    if element is None:
        return None

    def decode_list(value: Any) -> Any:
        return value if value is None or value is UNKNOWN else [element(item) for item in value]

    def decode_map(value: Any) -> Any:
        if value is None or value is UNKNOWN:
            return value
        return {key: element(item) for key, item in value.items()}

    return decode_map if kind.kind == "map" else decode_list


def _field_decoder(kinds: Iterable[tuple[Any, Type]]) -> Decode | None:
    """For an object by names or a tuple by places; the value is changed in place."""
    fields = [(step, field) for step, kind in kinds if (field := decoder(kind))]
    if not fields:
        return None

    def decode(value: Any) -> Any:
        if value is not None and value is not UNKNOWN:
            for step, field in fields:
                value[step] = field(value[step])
        return value

    return decode


def _decode_dynamic(value: Any) -> Any:
    if value is None or value is UNKNOWN:
        return value
    described, inner = value
    kind = type_from_json(json.loads(described))
    decode = decoder(kind)
    return Dynamic(kind, decode(inner) if decode else inner)


# To the wire.

Encode = Callable[[Any], Any]

_UNKNOWN_ON_THE_WIRE = msgpack.ExtType(0, b"\0")


def pack(value: Any) -> bytes:
    """msgpack of what an `encoder` gave."""
    try:
        packed: bytes = msgpack.packb(value)
    except UnicodeEncodeError:
        raise WrongValueError("a string in the value cannot be written as UTF-8") from None
    return packed


def encoder(kind: Type) -> Encode:
    """How to turn Python values into what `pack` takes. It raises `WrongValueError` with the path."""
    match kind.kind:
        case "string":
            return _encode_string
        case "number":
            return _encode_number
        case "bool":
            return _encode_bool
        case "dynamic":
            return _encode_dynamic
        case "list" | "set":
            return _list_encoder(kind)
        case "map":
            return _map_encoder(kind)
        case "tuple":
            return _tuple_encoder(kind)
    return object_encoder({name: encoder(field) for name, field in kind.attributes.items()})


def _unfit(value: object, wanted: str) -> WrongValueError:
    # The value itself stays out of the message: it may be a secret.
    return WrongValueError(f"expected {wanted}, got {type(value).__name__}")


def _unknown_or_unfit(value: Any, wanted: str) -> Any:
    if value is UNKNOWN:
        return _UNKNOWN_ON_THE_WIRE
    raise _unfit(value, wanted)


def _absent(value: Any) -> Any:
    """A value that is null or not known."""
    return None if value is None else _UNKNOWN_ON_THE_WIRE


def _encode_string(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return _unknown_or_unfit(value, "a string")


def _encode_bool(value: Any) -> Any:
    if value is None or value is True or value is False:
        return value
    return _unknown_or_unfit(value, "a bool")


def _encode_number(value: Any) -> Any:
    if type(value) is int:
        # As digits: Terraform reads them as it reads its own state. It takes a number from a msgpack integer
        # for another one, and `plan -refresh-only -detailed-exitcode` for drift (hashicorp/terraform#36403).
        return str(value) if -(2**63) <= value < 2**63 else f"{exact_decimal(value):f}"
    if value is None or value is UNKNOWN:
        return _absent(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _encode_number(int(value))
    if isinstance(value, float):
        # As digits, so that 0.1 means a tenth, as it does in a configuration.
        return value if value in (float("inf"), float("-inf")) else f"{exact_decimal(repr(value)):f}"
    if type(value).__name__ == "Decimal":
        return f"{exact_decimal(value):f}"
    raise _unfit(value, "a number")


def _list_encoder(kind: Type) -> Encode:
    element = encoder(kind.element)
    wanted = type_name(kind)

    def encode(value: Any) -> Any:
        if value is None or value is UNKNOWN:
            return _absent(value)
        if isinstance(value, set | frozenset):
            value = sorted(value)
        elif not isinstance(value, list | tuple) or isinstance(value, Dynamic):
            raise _unfit(value, wanted)
        return encode_items(element, value)

    return encode


def encode_items(element: Encode, values: Any) -> list[Any]:
    """Every item encoded; a problem carries the place of its item."""
    try:
        return [element(item) for item in values]
    except WrongValueError:
        # Found again with the place, which the fast way above does not count.
        for place, item in enumerate(values):
            try:
                element(item)
            except WrongValueError as error:
                raise error.within(place) from None
        raise


def _map_encoder(kind: Type) -> Encode:
    element = encoder(kind.element)
    wanted = type_name(kind)

    def encode(value: Any) -> Any:
        if value is None or value is UNKNOWN:
            return _absent(value)
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise _unfit(value, wanted)
        encoded = {}
        for key, item in value.items():
            try:
                encoded[key] = element(item)
            except WrongValueError as error:
                raise error.within(key) from None
        return encoded

    return encode


def _tuple_encoder(kind: Type) -> Encode:
    elements = [encoder(item) for item in kind.items]

    def encode(value: Any) -> Any:
        if value is None or value is UNKNOWN:
            return _absent(value)
        if not isinstance(value, list | tuple) or len(value) != len(elements):
            raise _unfit(value, f"a tuple of {len(elements)}")
        return [element(item) for element, item in zip(elements, value, strict=True)]

    return encode


def object_encoder(fields: dict[str, Encode]) -> Encode:
    """Encode a dict by its attributes: what it lacks is null, what it has too many is a problem."""
    pairs = list(fields.items())

    def encode(value: Any) -> Any:
        if value is None or value is UNKNOWN:
            return _absent(value)
        if not isinstance(value, dict):
            raise _unfit(value, "an object")
        encoded = {}
        name = ""
        get = value.get
        try:
            for name, field in pairs:
                encoded[name] = field(get(name))
        except WrongValueError as error:
            raise error.within(name) from None
        if not value.keys() <= encoded.keys():
            raise WrongValueError(f"the schema has no {sorted(value.keys() - encoded.keys())}")
        return encoded

    return encode


def _encode_dynamic(value: Any) -> Any:
    if value is None or value is UNKNOWN:
        return _absent(value)
    if not isinstance(value, Dynamic):
        value = Dynamic(_inferred(value), value)
    return [type_bytes(value.type), encoder(value.type)(value.value)]


def _inferred(value: Any) -> Type:
    """The type that Terraform itself would give to such a value."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, str):
        return STRING
    if isinstance(value, int | float) or type(value).__name__ == "Decimal":
        return NUMBER
    if isinstance(value, dict):
        return object_of({name: _inferred(item) for name, item in value.items()})
    if value is None or value is UNKNOWN or isinstance(value, Dynamic):
        return DYNAMIC
    if isinstance(value, list | tuple):
        return tuple_of([_inferred(item) for item in value])
    raise _unfit(value, "a value that Terraform knows")
