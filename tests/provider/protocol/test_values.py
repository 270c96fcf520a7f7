from __future__ import annotations

import contextlib
import copy
import pickle
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.provider.protocol import codec
from constructs_lib.provider.protocol.schema import Attribute, Schema
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Type,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
    type_as_json,
    type_bytes,
    type_from_json,
    type_name,
)
from constructs_lib.provider.protocol.values import (
    UNKNOWN,
    Dynamic,
    WrongValueError,
    holds_unknown,
    without_unknowns,
)
from tests.provider.protocol.strategies import types, values_of


def decoded(kind: Type, data: bytes) -> Any:
    value = codec.unpack(data)
    decode = codec.decoder(kind)
    return decode(value) if decode else value


def encoded(kind: Type, value: Any) -> bytes:
    return codec.pack(codec.encoder(kind)(value))


typed_values = st.one_of(types, st.just(DYNAMIC)).flatmap(
    lambda kind: st.tuples(st.just(kind), values_of(kind))
)


@given(typed_values)
def test_every_value_comes_back_as_it_was(pair: tuple[Type, Any]) -> None:
    kind, value = pair
    again = decoded(kind, encoded(kind, value))
    assert again == value
    assert holds_unknown(again) == holds_unknown(value)


@given(types)
def test_every_type_comes_back_as_it_was(kind: Type) -> None:
    assert type_from_json(type_as_json(kind)) == kind
    assert type_name(kind)


@given(st.one_of(types, st.just(DYNAMIC)), st.binary(max_size=40))
def test_no_bytes_crash_the_decoder(kind: Type, data: bytes) -> None:
    # These are what `States.read` turns into a diagnostic.
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, IndexError):
        decoded(kind, data)


@given(
    types,
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just(UNKNOWN), st.binary()
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)
        ),
        max_leaves=4,
    ),
)
def test_a_value_of_another_type_is_refused_and_nothing_else_happens(kind: Type, value: Any) -> None:
    try:
        data = encoded(kind, value)
    except WrongValueError:
        return
    decoded(kind, data)


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (7, 7),
        (7.0, 7),
        (-0.0, 0),
        (0.5, Decimal("0.5")),
        ("0.1", Decimal("0.1")),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("-12", -12),
        (2.0**70, 2**70),
        (float("inf"), float("inf")),
    ],
)
def test_a_number_is_exact_in_each_of_its_three_forms(sent: Any, value: Any) -> None:
    found = decoded(NUMBER, msgpack.packb(sent))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("sent", [2.095903274289385, 0.30102999566398114, 1e-07])
def test_a_fraction_that_terraform_computed_goes_back_with_its_digits(sent: float) -> None:
    assert codec.unpack(encoded(NUMBER, decoded(NUMBER, msgpack.packb(sent)))) == f"{Decimal(repr(sent)):f}"


def test_ten_thousand_digits_survive() -> None:
    digits = "9" * 10_000
    assert codec.unpack(encoded(NUMBER, decoded(NUMBER, msgpack.packb(digits)))) == digits


@pytest.mark.parametrize("number", [0, -7, -(2**63), 2**63, 10**100])
def test_an_integer_travels_as_digits(number: int) -> None:
    assert codec.unpack(encoded(NUMBER, number)) == str(number)


def test_a_float_is_the_decimal_that_a_person_reads() -> None:
    assert codec.unpack(encoded(NUMBER, 0.1)) == "0.1"
    assert codec.unpack(encoded(NUMBER, 1e22)) == "10000000000000000000000"


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), True, "1"])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(WrongValueError):
        encoded(NUMBER, value)


@pytest.mark.parametrize("extension", [(0, b"\0"), (0, b""), (12, b"\x82\x01\xc2\x02\xa8nightly-")])
def test_plain_and_refined_unknowns_are_unknown(extension: tuple[int, bytes]) -> None:
    data = msgpack.packb({"a": msgpack.ExtType(*extension)})
    assert decoded(object_of({"a": STRING}), data) == {"a": UNKNOWN}


def test_another_extension_is_refused() -> None:
    with pytest.raises(ValueError, match="extension 5"):
        codec.unpack(msgpack.packb(msgpack.ExtType(5, b"")))


def test_an_unknown_goes_out_as_terraform_writes_it() -> None:
    assert encoded(STRING, UNKNOWN) == b"\xd4\x00\x00"


def test_unknown_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="not known yet"):
        bool(UNKNOWN)


def test_there_is_one_unknown() -> None:
    assert copy.deepcopy({"a": UNKNOWN})["a"] is UNKNOWN
    assert copy.copy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_a_problem_says_where_it_is() -> None:
    kind = object_of({"rules": list_of(object_of({"days": NUMBER})), "tags": map_of(STRING)})
    with pytest.raises(WrongValueError) as caught:
        encoded(kind, {"rules": [{"days": 1}, {"days": "s3cret"}]})
    assert caught.value.path == ("rules", 1, "days")
    assert str(caught.value) == "expected a number, got str"
    with pytest.raises(WrongValueError) as caught:
        encoded(kind, {"tags": {"env": 1}})
    assert caught.value.path == ("tags", "env")


def test_an_attribute_that_the_schema_does_not_have_is_refused() -> None:
    with pytest.raises(WrongValueError, match="wrong"):
        encoded(object_of({"right": STRING}), {"right": "x", "wrong": "y"})


def test_what_is_left_out_is_null() -> None:
    assert codec.unpack(encoded(object_of({"a": STRING}), {})) == {"a": None}


def test_a_python_set_is_written_in_order() -> None:
    assert codec.unpack(encoded(set_of(STRING), {"b", "a", "c"})) == ["a", "b", "c"]


def test_a_python_value_becomes_dynamic_as_terraform_would_type_it() -> None:
    value = {"a": [1, "x", None, Decimal("0.5")], "b": True}
    found = decoded(DYNAMIC, encoded(DYNAMIC, value))
    items = [NUMBER, STRING, DYNAMIC, NUMBER]
    assert found == Dynamic(object_of({"a": tuple_of(items), "b": BOOL}), value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(WrongValueError, match="UTF-8"):
        encoded(STRING, "\ud800")


def test_a_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        codec.unpack(b"\xa1\xff")


def test_of_a_sensitive_value_only_the_texts_are_secret_and_not_its_type() -> None:
    states = States(Schema({"key": Attribute(DYNAMIC, optional=True, sensitive=True)}))
    value = {"key": Dynamic(object_of({"a": tuple_of([STRING, NUMBER])}), {"a": ["hunter2", 5]})}
    assert list(states.secrets(value)) == ["hunter2"]


def test_a_dynamic_value_of_stored_json_is_read_as_the_type_that_it_names() -> None:
    states = States(Schema({"key": Attribute(DYNAMIC, optional=True)}))
    stored = {"key": {"type": ["tuple", ["string", "number"]], "value": ["a", 5]}}
    assert states.conform(stored) == {"key": Dynamic(tuple_of([STRING, NUMBER]), ["a", 5])}


def test_a_value_that_is_no_object_is_refused() -> None:
    message: Any = SimpleNamespace(msgpack=codec.pack("x"), json=b"")
    with pytest.raises(ValueError, match="not an object"):
        States(Schema({})).read(message)


def test_unknowns_become_null() -> None:
    value = {"a": UNKNOWN, "b": [UNKNOWN, 1], "c": Dynamic(tuple_of([STRING]), [UNKNOWN])}
    assert without_unknowns(value) == {"a": None, "b": [None, 1], "c": Dynamic(tuple_of([STRING]), [None])}


def test_a_type_reads_as_terraform_writes_it() -> None:
    assert type_bytes(map_of(list_of(STRING))) == b'["map",["list","string"]]'
    assert type_from_json(["object", {"a": "string"}, ["a"]]) == object_of({"a": STRING})
    with pytest.raises(ValueError, match="not a type"):
        type_from_json(["bag", "string"])


def test_a_type_without_elements_says_so() -> None:
    with pytest.raises(TypeError, match="string"):
        _ = STRING.element
    with pytest.raises(TypeError, match="string"):
        _ = STRING.attributes
