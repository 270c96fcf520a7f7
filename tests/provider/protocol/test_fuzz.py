"""Whatever Terraform may send, for whatever schema: it comes back as it was, or as a diagnostic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.provider.protocol.context import Context, State, Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.resource import DataSource, Provider, Resource
from constructs_lib.provider.protocol.schema import Attribute, Block, Nested, Nesting, Schema
from constructs_lib.provider.protocol.server import RPCS, STREAMED_RPCS
from constructs_lib.provider.protocol.service import RpcService
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.types import DYNAMIC, NUMBER, Type, type_as_json
from constructs_lib.provider.protocol.values import Dynamic, without_unknowns
from tests.properties import examples
from tests.provider.protocol.caller import MESSAGES, NULL, Caller, messages_of
from tests.provider.protocol.example import NOTE, Lab
from tests.provider.protocol.plan_rules import violations
from tests.provider.protocol.strategies import configurations, types, values_of

fuzz = examples(60)
NOWHERE = Path("/nowhere")


# ------------------------------------------------------------ a provider of any schema


class Echo(Resource):
    """It is what is planned; what nobody knows is null."""

    type_name = "echo"

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def create(self, ctx: Context, planned: State) -> State:
        found: State = without_unknowns(planned)
        return found

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        return self.create(ctx, planned)

    def read(self, ctx: Context, state: State) -> State | None:
        return state

    def delete(self, ctx: Context, state: State) -> None:
        return None


class Reported(DataSource):
    type_name = "reported"

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def read(self, ctx: Context, config: State) -> State:
        return config


class Any_(Provider):
    name = "any"

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def resources(self) -> list[Resource]:
        return [Echo(self.schema)]

    def data_sources(self) -> list[DataSource]:
        return [Reported(self.schema)]


leaf_types = st.one_of(types, st.just(DYNAMIC))
flags: list[dict[str, bool]] = [
    {"required": True},
    {"optional": True},
    {"computed": True},
    {"optional": True, "computed": True},
    {"optional": True, "sensitive": True},
    {"optional": True, "force_new": True},
]
letters = st.sampled_from("pqrs")
leaves = st.builds(lambda kind, chosen: Attribute(kind, **chosen), leaf_types, st.sampled_from(flags))
nested = st.builds(
    lambda nesting, inside: Attribute(Nested(nesting, inside), optional=True),
    st.sampled_from(list(Nesting)),
    st.dictionaries(letters, leaves, max_size=2),
)
block_nestings = st.sampled_from([Nesting.SINGLE, Nesting.LIST, Nesting.SET])
bodies = st.recursive(
    st.dictionaries(letters, st.one_of(leaves, nested), max_size=3),
    lambda inside: st.dictionaries(
        letters,
        st.one_of(leaves, st.builds(lambda nesting, body: Block(nesting, body), block_nestings, inside)),
        max_size=3,
    ),
    max_leaves=4,
)
schemas = bodies.map(Schema)
cases = schemas.flatmap(lambda schema: st.tuples(st.just(schema), configurations(schema.body, values_of)))


def caller_of(schema: Schema) -> Caller:
    caller = Caller(NOWHERE, lambda: Any_(schema))
    caller.states = States(schema)
    return caller


@fuzz
@given(cases)
def test_a_configuration_is_planned_as_it_is_or_refused(case: tuple[Schema, State]) -> None:
    schema, config = case
    caller, sent = caller_of(schema), States(schema).write(config)
    checked = caller.call("ValidateResourceConfig", type_name="echo", config=sent)
    planned = caller.call(
        "PlanResourceChange", type_name="echo", config=sent, prior_state=NULL, proposed_new_state=sent
    )
    assert messages_of(checked) == messages_of(planned) == []
    assert list(violations(schema.body, config, None, caller.value(planned.planned_state))) == []


@fuzz
@given(cases)
def test_what_was_applied_is_read_and_stored_as_it_is(case: tuple[Schema, State]) -> None:
    schema, config = case
    caller, sent = caller_of(schema), States(schema).write(config)
    planned = caller.call(
        "PlanResourceChange", type_name="echo", config=sent, prior_state=NULL, proposed_new_state=sent
    ).planned_state
    created = caller.call(
        "ApplyResourceChange",
        type_name="echo",
        config=sent,
        prior_state=NULL,
        planned_state=planned.msgpack,
    )
    state = caller.value(created.new_state)
    assert messages_of(created) == []
    assert state == States(schema).conform(without_unknowns(caller.value(planned)))
    read = caller.call("ReadResource", type_name="echo", current_state=created.new_state.msgpack)
    stored = caller.call(
        "UpgradeResourceState", type_name="echo", raw_state=as_json(schema.value_type, state).encode()
    )
    reported = caller.call("ReadDataSource", type_name="reported", config=created.new_state.msgpack)
    for answer in (read.new_state, stored.upgraded_state, reported.state):
        assert caller.value(answer) == state
    assert messages_of(read) == messages_of(stored) == messages_of(reported) == []


@fuzz
@given(
    schemas.flatmap(lambda schema: st.tuples(*[configurations(schema.body, values_of)] * 2, st.just(schema)))
)
def test_any_change_is_planned_as_terraform_wants_it(case: tuple[State, State, Schema]) -> None:
    before, config, schema = case
    caller, sent = caller_of(schema), States(schema).write(config)
    prior = States(schema).conform(without_unknowns(before))
    planned = caller.call(
        "PlanResourceChange",
        type_name="echo",
        config=sent,
        prior_state=States(schema).write(prior),
        proposed_new_state=sent,
    )
    assert messages_of(planned) == []
    assert list(violations(schema.body, config, prior, caller.value(planned.planned_state))) == []


def as_json(kind: Type, value: Any) -> str:
    """A value as Terraform stores it: numbers with all their digits, a dynamic one with its type."""
    if value is None:
        return "null"
    if isinstance(value, Dynamic):
        return f'{{"type":{json.dumps(type_as_json(value.type))},"value":{as_json(value.type, value.value)}}}'
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        fields = kind.fields or {}
        items = (
            f"{json.dumps(key)}:{as_json(fields.get(key) or kind.element, each)}"
            for key, each in value.items()
        )
        return f"{{{','.join(items)}}}"
    if isinstance(value, list):
        inner = kind.items if kind.of is None else [kind.of] * len(value)
        return f"[{','.join(as_json(each, item) for each, item in zip(inner, value, strict=True))}]"
    return json.dumps(value)


# ------------------------------------------------------------ what Terraform would never send

junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(),
        st.text(max_size=4),
        st.binary(max_size=4),
        st.sampled_from(
            ["1e999999999", "-", "NaN", "9" * 5000, msgpack.ExtType(0, b""), msgpack.ExtType(12, b"\x80")]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(letters, st.text(max_size=4)), inner, max_size=4),
    ),
    max_leaves=8,
)


@st.composite
def requests(
    draw: st.DrawFn, types_: Mapping[str, str], values: st.SearchStrategy[bytes]
) -> tuple[str, bytes]:
    """A call with any fields; `types_`: a type name by the word that its field's name holds."""
    rpc = draw(st.sampled_from(sorted(RPCS | STREAMED_RPCS)))
    request = MESSAGES[f"{rpc}.Request"]()
    for field in request.DESCRIPTOR.fields:
        inner = getattr(field.message_type, "name", "")
        if field.name == "arguments":
            for value in draw(st.lists(values, max_size=2)):
                request.arguments.add(msgpack=value)
        elif inner == "ResourceIdentityData":
            getattr(request, field.name).identity_data.msgpack = draw(values)
        elif inner == "DynamicValue" and draw(st.booleans()):
            getattr(request, field.name).msgpack = draw(values)
        elif inner == "DynamicValue" or inner == "RawState":
            getattr(request, field.name).json = draw(junk_json)
        elif "type_name" in field.name:
            setattr(request, field.name, types_["data" if "Data" in rpc else "resource"])
        elif field.name in ("private", "prior_private", "planned_private", "source_private"):
            setattr(request, field.name, draw(st.one_of(st.binary(max_size=9), junk_json)))
        elif field.name in ("limit", "include_resource_object"):
            setattr(request, field.name, draw(st.integers(0, 1)))
        elif field.name in ("version", "source_schema_version"):
            setattr(request, field.name, draw(st.integers(-1, 3)))
        else:
            setattr(request, field.name, draw(st.sampled_from(["shout", ""]) | st.text(max_size=5)))
    return rpc, request.SerializeToString()


junk_json = st.one_of(
    st.binary(max_size=9),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.one_of(letters, st.just("type")), inner, max_size=3),
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
)
junk_bytes = st.one_of(junk.map(msgpack.packb), st.binary(max_size=30), st.just(NULL), st.just(b""))


@st.composite
def broken(draw: st.DrawFn, schema: Schema) -> bytes:
    """A value of the schema, one place of which holds anything at all."""
    value = msgpack.unpackb(States(schema).write(draw(configurations(schema.body, values_of))))
    place, steps = value, draw(st.integers(0, 4))
    above: Any = None
    step: Any = None
    while steps and place and isinstance(place, dict | list):
        above, step = (
            place,
            draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))),
        )
        place, steps = above[step], steps - 1
    if above is None:
        value = draw(junk)
    else:
        above[step] = draw(junk)
    packed: bytes = msgpack.packb(value)
    return packed


LAB = {"resource": "lab_note", "data": "lab_notes"}


@examples(100)
@given(st.lists(requests(LAB, st.one_of(broken(NOTE), junk_bytes)), min_size=1, max_size=3))
def test_no_call_crashes_in_any_order_and_before_it_is_configured(calls: list[tuple[str, bytes]]) -> None:
    service = RpcService(Lab, Stopping(grace=0.2), Secrets())
    for rpc, data in calls:
        if rpc in STREAMED_RPCS:
            events = [MESSAGES[f"{rpc}.Event"].FromString(each) for each in service.stream(rpc, data)]
            assert all(each.summary for event in events for each in event.diagnostic)
            continue
        answer = MESSAGES[f"{rpc}.Response"].FromString(service.answer(rpc, data))
        if rpc not in ("StopProvider", "CallFunction"):
            assert all(each.summary for each in answer.diagnostics)


@pytest.mark.parametrize("depth", [1_000, 100_000])
@pytest.mark.parametrize("shape", [b"\x91", b"\x81\xa1a"])
def test_a_value_nested_without_end_is_refused(shape: bytes, depth: int) -> None:
    caller = caller_of(Schema({"p": Attribute(DYNAMIC, optional=True)}))
    value = b"\x81\xa1p" + shape * depth + NULL
    for rpc, field in (("ValidateResourceConfig", "config"), ("ReadResource", "current_state")):
        found = caller.call(rpc, type_name="echo", **{field: value})
        assert len(found.diagnostics) == 1
    stored = b'{"p":' + b"[" * depth + b"]" * depth + b"}"
    assert caller.call("UpgradeResourceState", type_name="echo", raw_state=stored).diagnostics


@pytest.mark.parametrize("digits", ["9" * 100_000, "0." + "3" * 10_000, "1e-1000", "-1e100000"])
def test_a_long_number_is_kept_exactly(digits: str) -> None:
    found = planned_number(digits)
    assert messages_of(found) == []
    again = States(NUMBERS).read(found.planned_state)
    assert again is not None
    assert Decimal(again["p"]) == Decimal(digits)


@pytest.mark.parametrize("digits", ["1e999999999", "-1e-999999999", "nan", "one"])
def test_a_number_that_cannot_be_written_is_refused(digits: str) -> None:
    assert messages_of(planned_number(digits)) == ["ERROR A value does not fit the schema"]
    stored = json.dumps({"p": 0}).replace("0", digits).encode()
    found = caller_of(NUMBERS).call("UpgradeResourceState", type_name="echo", raw_state=stored)
    assert len(found.diagnostics) == 1


NUMBERS = Schema({"p": Attribute(NUMBER, optional=True)})


def planned_number(digits: str) -> Any:
    sent = msgpack.packb({"p": digits})
    return caller_of(NUMBERS).call(
        "PlanResourceChange", type_name="echo", config=sent, prior_state=NULL, proposed_new_state=sent
    )
