"""The calls about resources."""

from __future__ import annotations

from typing import Any

from constructs_lib.provider.protocol.checks import config_problems, timeout_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.identity_calls import check_version, write_identity
from constructs_lib.provider.protocol.paths import path_text, wire_steps
from constructs_lib.provider.protocol.resource import MoveSource, PlannedChange, Resource
from constructs_lib.provider.protocol.schema import Schema
from constructs_lib.provider.protocol.session import Compiled, RpcCall, Session
from constructs_lib.provider.protocol.states import load_json, written_part
from constructs_lib.provider.protocol.values import UNKNOWN, Path, leaves, without_unknowns

NULL = b"\xc0"


def validate(session: Session, call: RpcCall) -> None:
    managed = session.resource(call, call.request.type_name)
    config = session.read(managed.states, call.request.config) or {}
    call.diagnostics.extend(config_problems(managed.schema, config))
    managed.declared.validate(session.context(call), config)


def upgrade(session: Session, call: RpcCall) -> None:
    request = call.request
    managed = session.resource(call, request.type_name)
    if not request.raw_state.json:
        raise Failure("The state is too old", "Terraform 0.11 or older wrote it. Import the resource anew.")
    state = load_json(request.raw_state.json)
    check_version(request.version, managed.schema)
    session.secrets.learn(managed.states.secrets(state))
    if request.version < managed.schema.version:
        state = managed.declared.upgrade(session.context(call), request.version, state)
    call.response.upgraded_state.msgpack = managed.states.write(managed.states.conform(state))


def read(session: Session, call: RpcCall) -> None:
    request, response = call.request, call.response
    managed = session.resource(call, request.type_name)
    stored = session.read(managed.states, request.current_state)
    if stored is None:
        response.new_state.msgpack = NULL
        return
    ctx = session.context(call, request.private, timeout_of(managed.schema, "read", stored))
    # Decoded twice, since the resource may change what it is given.
    new = managed.declared.read(ctx, managed.states.read(request.current_state) or {})
    if new is not None:
        new = managed.planner.respell(_with_timeouts(managed.schema, new, stored), stored)
    response.new_state.msgpack = managed.states.write(new)
    response.private = ctx.private_bytes()
    write_identity(session, managed, ctx, new, request.current_identity, response.new_identity)


def plan(session: Session, call: RpcCall) -> None:
    request, response = call.request, call.response
    managed = session.resource(call, request.type_name)
    ctx = session.context(call, request.prior_private)
    prior = session.read(managed.states, request.prior_state)
    if request.proposed_new_state.msgpack == NULL:
        managed.declared.plan_destroy(ctx, prior or {})
        response.planned_state.msgpack = NULL
        planned = prior
    else:
        planned = _plan_change(session, call, managed, ctx, prior)
    response.planned_private = ctx.private_bytes()
    if request.HasField("prior_identity"):
        write_identity(session, managed, ctx, planned, request.prior_identity, response.planned_identity)


def _plan_change(
    session: Session, call: RpcCall, managed: Compiled[Resource], ctx: Context, prior: State | None
) -> State:
    config = session.read(managed.states, call.request.config) or {}
    planned = managed.planner.plan(config, prior)
    # Decoded again, since the plan shares values with both and the hook may change them.
    shown = managed.states.read(call.request.prior_state)
    change = PlannedChange(
        shown, managed.states.read(call.request.config) or {}, planned.value, planned.changed
    )
    managed.declared.plan(ctx, change)
    call.response.planned_state.msgpack = managed.states.write(change.planned)
    if shown is not None:
        before = managed.states.read(call.request.prior_state) or {}
        forced = managed.planner.replacements(change.planned, before)
        for path in [*forced, *change.replaced]:
            _add_path(call, path)
    return change.planned


def _add_path(call: RpcCall, path: Path) -> None:
    steps = list(wire_steps(call.body, path))
    if not steps:
        raise Failure("The plan cannot be made", f"{path_text(path)} is not an attribute of {call.subject}.")
    message = call.response.requires_replace.add()
    for step in steps:
        message.steps.add(**step)


def apply(session: Session, call: RpcCall) -> None:
    request = call.request
    managed = session.resource(call, request.type_name)
    prior = session.read(managed.states, request.prior_state)
    planned = session.read(managed.states, request.planned_state)
    session.read(managed.states, request.config)
    operation = "create" if prior is None else "delete" if planned is None else "update"
    call.subject = f"{operation} of {request.type_name}"
    ctx = session.context(
        call, request.planned_private, timeout_of(managed.schema, operation, planned or prior)
    )
    try:
        new = _perform(managed.declared, ctx, prior, managed.states.read(request.planned_state))
    except BaseException as error:
        call.diagnostics.append(session.explained(error, call.subject))
        new = None
    if new is None and ctx.failed:
        # Terraform stores what comes back beside an error: of a create, a tainted resource.
        new = ctx.saved if ctx.saved is not None else managed.states.read(request.prior_state)
    call.response.new_state.msgpack = _result(session, call, managed, ctx, new, planned)
    call.response.private = ctx.private_bytes()
    write_identity(session, managed, ctx, new, request.planned_identity, call.response.new_identity)


def _perform(resource: Resource, ctx: Context, prior: State | None, planned: State | None) -> State | None:
    if planned is None:
        resource.delete(ctx, prior or {})
        return None
    if prior is None:
        new = resource.create(ctx, planned)
    elif "timeouts" in planned and {**planned, "timeouts": None} == {**prior, "timeouts": None}:
        return planned
    else:
        new = resource.update(ctx, prior, planned)
    if not isinstance(new, dict):
        raise TypeError(f"the operation returned {type(new).__name__} instead of the state")
    return new


def _result(
    session: Session,
    call: RpcCall,
    managed: Compiled[Resource],
    ctx: Context,
    new: State | None,
    planned: State | None,
) -> bytes:
    """The state to store. Whatever is wrong with it, the rest of it is kept: the object exists."""
    if new is None:
        return NULL
    try:
        if planned is not None:
            new = managed.planner.respell(_with_timeouts(managed.schema, new, planned), planned)
        if not ctx.failed:
            for path in [path for path, leaf in leaves(new) if leaf is UNKNOWN]:
                ctx.error("A value is still unknown", f"{call.subject} did not set {path_text(path)}.", path)
        return managed.states.write(without_unknowns(new))
    except Exception as error:
        call.diagnostics.append(session.explained(error, call.subject))
        return managed.states.write(managed.states.salvage(new))


def _with_timeouts(schema: Schema, new: State, source: State) -> State:
    """The timeouts belong to the user: a resource need not repeat them."""
    return {**new, "timeouts": source.get("timeouts")} if schema.timeouts else new


def import_(session: Session, call: RpcCall) -> None:
    managed = session.resource(call, call.request.type_name)
    ctx = session.context(call, timeout=timeout_of(managed.schema, "read", None))
    given = managed.identities and managed.identities.read(call.request.identity.identity_data)
    if given:
        state = managed.declared.import_identity(ctx, given)
    else:
        state = managed.declared.import_(ctx, call.request.id)
    imported = managed.states.write(state)
    if not ctx.failed:
        message = call.response.imported_resources.add(type_name=call.request.type_name)
        message.state.msgpack, message.private = imported, ctx.private_bytes()
        write_identity(session, managed, ctx, state, None, message.identity, is_asked=bool(given))


def move(session: Session, call: RpcCall) -> None:
    request = call.request
    managed = session.resource(call, request.target_type_name)
    state: Any = load_json(request.source_state.json) if request.source_state.json else {}
    source = MoveSource(
        request.source_provider_address, request.source_type_name, request.source_schema_version, state
    )
    ctx = session.context(call, request.source_private)
    moved = managed.declared.move(ctx, source)
    if moved is None:
        raise Failure(
            "The resource cannot be moved",
            f"{source.type_name} of {source.provider} cannot become {call.subject}. Import it instead.",
        )
    call.response.target_state.msgpack = managed.states.write(moved)
    call.response.target_private = ctx.private_bytes()
    # Terraform moves before it configures the provider: then neither its version is known, and one that keeps
    # no identities passes over this, nor the account.
    ctx.client = None
    write_identity(session, managed, ctx, moved, None, call.response.target_identity, is_asked=True)


def generate(session: Session, call: RpcCall) -> None:
    """Terraform before 1.14 does without, by the flags of the schema alone."""
    managed = session.resource(call, call.request.type_name)
    state = session.read(managed.states, call.request.state)
    config = None if state is None else managed.declared.generate(written_part(managed.schema.body, state))
    call.response.config.msgpack = managed.states.write(config)
