"""Whatever a configuration or a state holds, the provider judges it, and reports no bug of its own."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.provider.protocol.context import Stopping
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.messages import Messages
from constructs_lib.provider.protocol.schema import Schema
from constructs_lib.provider.protocol.service import RpcService
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.values import without_unknowns
from constructs_lib.provider.provider import Alipolicy
from tests.properties import examples
from tests.provider.protocol.caller import request_of
from tests.provider.protocol.plan_rules import violations
from tests.provider.protocol.strategies import configurations, values_of

MESSAGES = Messages()
NULL = b"\xc0"
SERVICE = RpcService(Alipolicy, Stopping(), Secrets())
RESOURCES = {resource.type_name: resource.schema for resource in Alipolicy().resources()}
LISTS = {listing.type_name: listing.schema for listing in Alipolicy().list_resources()}
SOURCES = {owner.type_name: owner.schema for owner in Alipolicy().data_sources()}

fuzz = examples(50)


def one_of(schemas: dict[str, Schema]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A type, and a configuration of it with any values."""
    return st.sampled_from(sorted(schemas)).flatmap(
        lambda name: st.tuples(st.just(name), configurations(schemas[name].body, values_of))
    )


def answered(rpc: str, **fields: Any) -> Any:
    """The answer of a provider that is not configured; its errors are about what it was given."""
    request = MESSAGES[f"{rpc}.Request"]()
    for name, value in fields.items():
        if isinstance(value, bytes):
            getattr(request, name).msgpack = value
        else:
            setattr(request, name, value)
    response = MESSAGES[f"{rpc}.Response"].FromString(SERVICE.answer(rpc, request.SerializeToString()))
    summaries = [each.summary for each in response.diagnostics]
    assert "Unexpected error in the provider" not in summaries, response.diagnostics
    return response


@fuzz
@given(one_of(RESOURCES))
def test_any_configuration_is_validated_and_planned(case: tuple[str, dict[str, Any]]) -> None:
    name, config = case
    sent = States(RESOURCES[name]).write(config)
    answered("ValidateResourceConfig", type_name=name, config=sent)
    planned = answered(
        "PlanResourceChange", type_name=name, config=sent, prior_state=NULL, proposed_new_state=sent
    )
    value = States(RESOURCES[name]).read(planned.planned_state)
    assert value is not None
    assert list(violations(RESOURCES[name].body, config, None, value)) == []


@fuzz
@given(one_of(RESOURCES), st.data())
def test_any_change_is_planned(case: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    name, config = case
    states, body = States(RESOURCES[name]), RESOURCES[name].body
    prior = states.conform(without_unknowns(data.draw(configurations(body, values_of))))
    sent = states.write(config)
    planned = answered(
        "PlanResourceChange",
        type_name=name,
        config=sent,
        prior_state=states.write(prior),
        proposed_new_state=sent,
    )
    value = states.read(planned.planned_state)
    assert value is not None
    assert list(violations(body, config, prior, value)) == []


@fuzz
@given(one_of(RESOURCES))
def test_before_it_is_configured_it_says_so(case: tuple[str, dict[str, Any]]) -> None:
    name, config = case
    states = States(RESOURCES[name])
    state = states.write(states.conform(without_unknowns(config)))
    created = answered(
        "ApplyResourceChange", type_name=name, config=state, prior_state=NULL, planned_state=state
    )
    assert [each.summary for each in created.diagnostics] == ["The provider is not configured yet"]
    assert created.new_state.msgpack == NULL
    read = answered("ReadResource", type_name=name, current_state=state)
    assert [each.summary for each in read.diagnostics] == ["The provider is not configured yet"]


@fuzz
@given(one_of(SOURCES))
def test_any_question_is_validated(case: tuple[str, dict[str, Any]]) -> None:
    name, config = case
    answered("ValidateDataResourceConfig", type_name=name, config=States(SOURCES[name]).write(config))


@fuzz
@given(one_of(LISTS))
def test_any_list_is_validated_and_waits_for_the_configuration(case: tuple[str, dict[str, Any]]) -> None:
    name, config = case
    states = States(LISTS[name])
    answered("ValidateListResourceConfig", type_name=name, config=states.write(config))
    asked = states.write(states.conform(without_unknowns(config)))
    request = request_of("ListResource", type_name=name, config=asked, limit=9).SerializeToString()
    (data,) = SERVICE.stream("ListResource", request)
    event = MESSAGES["ListResource.Event"].FromString(data)
    assert [each.summary for each in event.diagnostic] == ["The provider is not configured yet"]


@fuzz
@given(one_of(RESOURCES))
def test_a_configuration_is_generated_of_any_state(case: tuple[str, dict[str, Any]]) -> None:
    name, config = case
    states = States(RESOURCES[name])
    state = states.conform(without_unknowns(config))
    generated = answered("GenerateResourceConfig", type_name=name, state=states.write(state))
    written = states.read(generated.config)
    assert written is not None
    for attribute, node in RESOURCES[name].body.items():
        if getattr(node, "computed", False) and not getattr(node, "optional", False):
            assert written[attribute] is None
        elif getattr(node, "required", False):
            assert written[attribute] == state[attribute]


@fuzz
@given(configurations(Alipolicy.schema.body, values_of))
def test_any_arguments_of_the_provider_are_validated(config: dict[str, Any]) -> None:
    answered("ValidateProviderConfig", config=States(Alipolicy.schema).write(config))
