from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.provider.protocol.checks import config_problems
from constructs_lib.provider.protocol.context import Context, State, Stopping
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.logs import Secrets
from constructs_lib.provider.protocol.resource import Provider
from constructs_lib.provider.protocol.schema import Block, Nesting, Schema
from constructs_lib.provider.protocol.server import RPCS, STREAMED_RPCS
from constructs_lib.provider.protocol.service import CALLS, STREAMS, RpcService
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.properties import examples
from tests.provider.protocol import example
from tests.provider.protocol.caller import MESSAGES, NULL, Caller, known, messages_of, request_of
from tests.provider.protocol.example import NOTE, Lab, Note
from tests.provider.protocol.strategies import configurations, values_of

fuzz = examples(60)


def test_the_server_offers_what_the_service_answers() -> None:
    assert frozenset(CALLS) == RPCS
    assert frozenset(STREAMS) == STREAMED_RPCS
    assert frozenset(MESSAGES.rpc_names()) == RPCS | STREAMED_RPCS


def test_it_says_what_it_has(caller: Caller) -> None:
    metadata, schema = caller.call("GetMetadata"), caller.call("GetProviderSchema")
    assert [each.type_name for each in metadata.resources] == ["lab_note"]
    assert list(schema.data_source_schemas) == ["lab_notes"]
    for response in (metadata, schema):
        assert response.server_capabilities.plan_destroy
        assert response.server_capabilities.get_provider_schema_optional
        assert response.server_capabilities.move_resource_state
        assert response.server_capabilities.generate_resource_config
    assert list(schema.list_resource_schemas) == ["lab_note"]


def test_validation_steps_around_what_is_not_known(caller: Caller) -> None:
    assert messages_of(caller.validate(rules=[{"days": UNKNOWN}, {"days": 0}])) == [
        "ERROR Too few days [rules 1 days]"
    ]
    assert messages_of(caller.validate(rules=UNKNOWN, weight=UNKNOWN)) == []


def test_computed_values_cannot_be_configured_wherever_they_are(caller: Caller) -> None:
    found = messages_of(
        caller.validate(
            id="x", rules=[{"days": 1, "rule_id": "r", "parts": [{"key": "k", "part_id": UNKNOWN}]}]
        )
    )
    assert found == [
        "ERROR id cannot be set [id]",
        "ERROR rule_id cannot be set [rules 0 rule_id]",
        "ERROR part_id cannot be set [rules 0 parts 0 part_id]",
    ]


def test_what_is_deprecated_is_reported(monkeypatch: pytest.MonkeyPatch, caller: Caller) -> None:
    assert messages_of(caller.validate(old="x")) == ["WARNING old is deprecated [old]"]
    assert messages_of(caller.validate(old=UNKNOWN)) == ["WARNING old is deprecated [old]"]
    assert messages_of(caller.validate()) == []
    monkeypatch.setattr(NOTE, "deprecated", "Use `lab_letter`.")
    assert messages_of(caller.validate()) == ["WARNING Deprecated"]


def test_a_deprecated_block_that_is_not_there_is_no_matter() -> None:
    schema = Schema({"old": Block(Nesting.LIST, {}, deprecated="Use `new`.")})
    assert [each.path for each in config_problems(schema, {"old": [{}]})] == [("old",)]
    assert list(config_problems(schema, {"old": []})) == []


def test_a_create_fills_every_value_and_keeps_private_data(caller: Caller) -> None:
    response = caller.apply(rules=[{"days": 1}], document='{ "a": 1 }')
    state = caller.value(response.new_state)
    assert state["rules"][0]["rule_id"].startswith("rule-")
    assert state["document"] == '{ "a": 1 }'
    assert response.private == b'{"made_by":"create"}'


def test_a_read_keeps_the_users_spelling(caller: Caller) -> None:
    state = caller.create(document='{ "a": 1 }', timeouts={"create": "1m"})
    read = caller.call("ReadResource", type_name="lab_note", current_state=caller.states.write(state))
    assert caller.value(read.new_state) == state


def test_an_update_that_changes_nothing_but_timeouts_is_not_called(caller: Caller) -> None:
    state = caller.create()
    response = caller.apply(state, b"whatever", timeouts={"create": "2m"})
    assert not response.diagnostics
    assert caller.value(response.new_state)["revision"] == 1


def test_a_destroy_is_planned_with_its_hook(caller: Caller) -> None:
    prior = caller.states.write(caller.create())
    planned = caller.call(
        "PlanResourceChange", type_name="lab_note", prior_state=prior, proposed_new_state=NULL, config=NULL
    )
    assert planned.planned_state.msgpack == NULL
    assert messages_of(planned) == ["WARNING Note goes away"]


def misbehaving(monkeypatch: pytest.MonkeyPatch, **operations: Any) -> None:
    for name, operation in operations.items():
        monkeypatch.setattr(Note, name, operation)


def test_what_a_failing_create_saved_is_stored_with_unknowns_as_null(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(self: Note, ctx: Context, planned: State) -> State:
        ctx.save({**planned, "id": "n1"})
        raise SystemExit(3)

    misbehaving(monkeypatch, create=create)
    response = caller.apply(rules=[{"days": 1}])
    state = caller.value(response.new_state)
    assert (state["id"], state["kind"], state["rules"][0]["rule_id"]) == ("n1", None, None)
    assert messages_of(response) == ["ERROR Unexpected error in the provider"]


def test_a_create_that_reports_an_error_and_returns_keeps_its_state(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(self: Note, ctx: Context, planned: State) -> State:
        ctx.error("Half done", path="rules[0].days")
        return {"id": "n1", "name": "one"}

    misbehaving(monkeypatch, create=create)
    response = caller.apply(rules=[{"days": 1}])
    assert caller.value(response.new_state)["id"] == "n1"
    assert messages_of(response) == ["ERROR Half done [rules 0 days]"]


def test_a_delete_that_reports_an_error_keeps_the_state(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehaving(monkeypatch, delete=lambda self, ctx, state: (state.clear(), ctx.error("In use")))
    state = caller.create()
    response = caller.call(
        "ApplyResourceChange",
        type_name="lab_note",
        prior_state=caller.states.write(state),
        planned_state=NULL,
        config=NULL,
    )
    assert caller.value(response.new_state) == state
    assert messages_of(response) == ["ERROR In use"]


def test_a_value_that_does_not_fit_costs_that_value_and_not_the_object(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(self: Note, ctx: Context, planned: State) -> State:
        return {"id": "n1", "name": "one", "weight": "heavy", "revision": UNKNOWN, "nonsense": 1}

    misbehaving(monkeypatch, create=create)
    response = caller.apply()
    state = caller.value(response.new_state)
    assert (state["id"], state["weight"]) == ("n1", None)
    assert messages_of(response) == [
        "ERROR A value is still unknown [revision]",
        "ERROR A value does not fit the schema [weight]",
    ]


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "odd",
    [
        {"title": "\ud800"},
        {"labels": {"\ud800": "x"}},
        {"rules": [{"days": 1, "label": "\udfff"}]},
        {"extra": nested(600)},
        {"extra": nested(5000)},
        {"extra": {1: "a", "b": 2}},
        {"places": {"a", 1}},
        {"places": {"a", UNKNOWN}},
        {1: "x", "y": 2},
    ],
)
def test_what_cannot_be_stored_costs_an_attribute_and_not_the_object(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, odd: State
) -> None:
    def create(self: Note, ctx: Context, planned: State) -> State:
        ctx.save({**planned, "id": "n1", **odd})
        raise Failure("Half done")

    misbehaving(monkeypatch, create=create)
    response = caller.apply()
    state = caller.value(response.new_state)
    assert (state["id"], state["name"]) == ("n1", "one")
    assert messages_of(response)[0] == "ERROR Half done"
    assert len(response.diagnostics) == 2


def test_a_text_that_cannot_be_sent_is_reported_with_its_attribute(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehaving(monkeypatch, read=lambda self, ctx, state: {**state, "title": "\ud83d"})
    state = caller.states.write(caller.states.conform({"id": "1"}))
    response = caller.call("ReadResource", type_name="lab_note", current_state=state)
    assert messages_of(response) == ["ERROR A value does not fit the schema [title]"]


def test_a_comparison_that_fails_costs_no_object(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(self: Note, ctx: Context, planned: State) -> State:
        return {**known(planned), "id": "n1", "revision": 1, "document": "[" * 100_000}

    misbehaving(monkeypatch, create=create)
    response = caller.apply(document="{}")
    assert caller.value(response.new_state)["id"] == "n1"
    assert "RecursionError" in response.diagnostics[0].detail


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("speechless")


def test_an_error_that_cannot_be_explained_costs_no_object(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(self: Note, ctx: Context, planned: State) -> State:
        ctx.save({**planned, "id": "n1"})
        raise Unspeakable if planned["title"] == "untitled" else ValueError

    misbehaving(monkeypatch, create=create)
    response = caller.apply()
    assert caller.value(response.new_state)["id"] == "n1"
    assert "speechless" in response.diagnostics[0].detail
    monkeypatch.setattr(Lab, "explain", lambda self, error: 1 / 0)
    response = caller.apply(title="explained")
    assert caller.value(response.new_state)["id"] == "n1"
    assert "ZeroDivisionError" in response.diagnostics[0].detail


def test_a_create_that_returns_nothing_is_a_bug(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    misbehaving(monkeypatch, create=lambda self, ctx, planned: None)
    response = caller.apply()
    assert response.new_state.msgpack == NULL
    assert "NoneType instead of the state" in response.diagnostics[0].detail


def test_an_unexpected_error_is_reported_and_logged_without_secrets(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read(self: Note, ctx: Context, state: State) -> State | None:
        raise RuntimeError(f"cannot use {state['secret']}")

    misbehaving(monkeypatch, read=read)
    state = caller.states.write(caller.states.conform({"id": "1", "secret": "hunter2hunter2"}))
    with caplog.at_level(logging.ERROR):
        response = caller.call("ReadResource", type_name="lab_note", current_state=state)
    assert (
        "ReadResource of lab_note failed with RuntimeError: cannot use (sens"
        in response.diagnostics[0].detail
    )
    assert "Traceback" in caplog.text
    assert caller.secrets.mask(caplog.text).count("hunter2hunter2") == 0


def test_the_domain_may_explain_its_errors(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(self: Note, ctx: Context, state: State) -> State | None:
        raise BlockingIOError("no space")

    misbehaving(monkeypatch, read=read)
    state = caller.states.write(caller.states.conform({"id": "1"}))
    response = caller.call("ReadResource", type_name="lab_note", current_state=state)
    assert messages_of(response) == ["ERROR The disk is full"]


def test_a_provider_that_cannot_be_loaded_says_so_in_every_answer(tmp_path: Path) -> None:
    def load() -> Provider:
        raise ImportError("No module named 'tea'")

    service = RpcService(load, Stopping(), Secrets())
    for rpc in RPCS - {"StopProvider", "CallFunction"}:
        response = MESSAGES[f"{rpc}.Response"].FromString(service.answer(rpc, b""))
        assert "No module named 'tea'" in response.diagnostics[0].detail
    (event,) = service.stream("ListResource", b"")
    assert b"No module named 'tea'" in event
    response = MESSAGES["CallFunction.Response"].FromString(service.answer("CallFunction", b""))
    assert "No module named 'tea'" in response.error.text


def test_unknown_types_are_reported_by_name(caller: Caller) -> None:
    assert messages_of(caller.call("ReadResource", type_name="lab_x")) == ["ERROR There is no resource lab_x"]
    assert messages_of(caller.call("ReadDataSource", type_name="x")) == ["ERROR There is no data source x"]


def test_an_identity_is_upgraded_and_imported_by(caller: Caller) -> None:
    old = caller.call("UpgradeResourceIdentity", type_name="lab_note", version=0, raw_identity=b'{"id":"x"}')
    assert States(Note.identity).read(old.upgraded_identity.identity_data) == {"id": "x"}
    newer = caller.call("UpgradeResourceIdentity", type_name="lab_note", version=2, raw_identity=b"{}")
    assert messages_of(newer) == ["ERROR The state is from a newer provider"]
    identity = States(Note.identity).write({"id": caller.create()["id"]})
    imported = caller.call("ImportResourceState", type_name="lab_note", identity=identity)
    assert imported.imported_resources[0].identity.identity_data.msgpack == identity
    broken = caller.call("ImportResourceState", type_name="lab_note", identity=b"\xc1")
    assert len(broken.diagnostics) == 1


def listed(caller: Caller, limit: int = 100, **more: Any) -> list[Any]:
    config = States(example.ListNotes.schema).write({"name": more.pop("name", None)})
    return caller.stream("ListResource", type_name="lab_note", config=config, limit=limit, **more)


def test_a_list_gives_an_identity_and_what_is_asked_for(caller: Caller) -> None:
    note = caller.create()
    caller.create(name="two")
    (event,) = listed(caller, name="one")
    assert event.display_name == "one"
    assert States(Note.identity).read(event.identity.identity_data) == {"id": note["id"]}
    assert not event.HasField("resource_object")
    (event,) = listed(caller, name="one", include_resource_object=True)
    assert caller.value(event.resource_object) == note
    assert len(listed(caller)) == 2


def test_a_list_ends_at_its_limit_and_says_so(caller: Caller) -> None:
    for name in ("a", "b", "c"):
        caller.create(name=name)
    first, second = listed(caller, 2)
    assert not first.diagnostic
    assert second.diagnostic[0].summary == "There are more than 2 of list.lab_note"
    assert [len(event.diagnostic) for event in listed(caller, 3)] == [0, 0, 0]


def test_a_list_that_fails_ends_with_an_error(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    caller.create()
    monkeypatch.setattr(Note, "identify", lambda self, ctx, state, known: None)
    (event,) = listed(caller)
    assert event.diagnostic[0].summary == "one has no identity"
    assert not event.display_name
    (event,) = caller.stream("ListResource", type_name="lab_x")
    assert event.diagnostic[0].summary == "There is no list resource lab_x"
    config = States(example.ListNotes.schema).write({"name": ""})
    refused = caller.call("ValidateListResourceConfig", type_name="lab_note", config=config)
    assert messages_of(refused) == ["ERROR Empty name [name]"]
    config = b"\xc0"
    assert not caller.call("ValidateListResourceConfig", type_name="lab_note", config=config).diagnostics


def test_a_list_may_be_left_at_any_object(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caller.create()
    request = request_of("ListResource", type_name="lab_note").SerializeToString()
    stream = caller.service.stream("ListResource", request)
    next(stream)
    del stream
    assert caplog.text == ""


def test_a_configuration_is_generated_of_what_a_person_writes(caller: Caller) -> None:
    state = caller.create(
        rules=[{"days": 1, "label": "x"}, {"days": 2}], document="{}", place={"region": "r"}
    )
    state = {**state, "old": "x", "timeouts": {"create": "1m"}}
    response = caller.call("GenerateResourceConfig", type_name="lab_note", state=caller.states.write(state))
    config = caller.value(response.config)
    assert {name for name, value in config.items() if value} == {
        *("name", "kind", "document", "rules", "place", "timeouts")
    }
    assert [(rule["days"], rule["label"], rule["rule_id"]) for rule in config["rules"]] == [
        (1, "x", None),
        (2, None, None),
    ]
    nothing = caller.call("GenerateResourceConfig", type_name="lab_note", state=NULL)
    assert nothing.config.msgpack == NULL


def test_a_stop_reaches_the_operations(caller: Caller) -> None:
    assert caller.call("StopProvider").Error == ""
    assert caller.stopping.requested


def test_a_state_from_terraform_0_11_is_refused(caller: Caller) -> None:
    response = caller.call("UpgradeResourceState", type_name="lab_note", version=0)
    assert messages_of(response) == ["ERROR The state is too old"]


@pytest.mark.parametrize(
    "state", [b"{", b"[]", b'{"rules":5}', b'{"rules":[1]}', b'{"extra":{"type":"odd"}}']
)
def test_a_broken_state_is_an_error_and_no_crash(caller: Caller, state: bytes) -> None:
    response = caller.call("UpgradeResourceState", type_name="lab_note", version=2, raw_state=state)
    assert len(response.diagnostics) == 1


def test_a_move_from_elsewhere_is_refused_with_advice(caller: Caller) -> None:
    response = caller.call("MoveResourceState", source_type_name="x_y", target_type_name="lab_note")
    assert messages_of(response) == ["ERROR The resource cannot be moved"]


def test_a_data_source_sees_its_defaults_and_nothing_unknown(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[State] = []

    def read(self: example.Notes, ctx: Context, config: State) -> State:
        seen.append(config)
        return {"notes": []}

    monkeypatch.setattr(example.Notes, "read", read)
    caller.call("ReadDataSource", type_name="lab_notes", config=b"\x83\xa4name\xc0\xa5limit\xc0\xa5notes\xc0")
    assert seen == [{"name": None, "limit": 10, "notes": None}]


def test_a_hook_may_change_what_it_is_shown(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def plan(self: Note, ctx: Context, change: Any) -> None:
        if change.prior:
            change.prior.clear()
            change.config.clear()
            change.planned["kind"] = UNKNOWN

    misbehaving(monkeypatch, plan=plan)
    prior = caller.create(labels={"a": "b"})
    planned = caller.value(caller.plan(prior, name="two", labels={"a": "b"}).planned_state)
    assert planned["kind"] is UNKNOWN
    assert [path.steps[0].attribute_name for path in caller.plan(prior, name="two").requires_replace] == [
        "name"
    ]


def test_a_replacement_that_names_nothing_is_an_error(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    misbehaving(monkeypatch, plan=lambda self, ctx, change: change.replace("nowhere"))
    assert messages_of(caller.plan(caller.create())) == ["ERROR The plan cannot be made"]


def test_a_failure_that_cannot_be_written_is_reported_all_the_same(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def validate(self: Note, ctx: Context, config: State) -> None:
        raise Failure("\ud800 broken", "\ud800")

    misbehaving(monkeypatch, validate=validate)
    assert messages_of(caller.validate()) == ["ERROR ? broken"]


# Whatever arrives, a valid answer goes back.


@fuzz
@given(rpc=st.sampled_from(sorted(RPCS)), data=st.binary(max_size=60))
def test_no_bytes_crash_a_call(tmp_path_factory: pytest.TempPathFactory, rpc: str, data: bytes) -> None:
    service = RpcService(Lab, Stopping(), Secrets())
    MESSAGES[f"{rpc}.Response"].FromString(service.answer(rpc, data))


@fuzz
@given(
    rpc=st.sampled_from(
        ["ValidateResourceConfig", "ReadResource", "PlanResourceChange", "ApplyResourceChange"]
    ),
    values=st.lists(st.binary(max_size=20), min_size=3, max_size=3),
)
def test_no_value_crashes_a_call(
    tmp_path_factory: pytest.TempPathFactory, rpc: str, values: list[bytes]
) -> None:
    caller = Caller(tmp_path_factory.getbasetemp() / "fuzz")
    names = [
        field.name
        for field in MESSAGES[f"{rpc}.Request"].DESCRIPTOR.fields
        if field.message_type is not None and field.message_type.name == "DynamicValue"
    ]
    caller.call(rpc, type_name="lab_note", **dict(zip(names, values, strict=False)))


@fuzz
@given(configurations(NOTE.body, values_of))
def test_any_configuration_is_planned_or_refused(
    tmp_path_factory: pytest.TempPathFactory, config: dict[str, Any]
) -> None:
    caller = Caller(tmp_path_factory.getbasetemp() / "fuzz")
    for response in (caller.validate(**config), caller.plan(**config)):
        assert all(each.summary for each in response.diagnostics)
