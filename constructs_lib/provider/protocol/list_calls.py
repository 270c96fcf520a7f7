"""The calls about lists: what is there of a type of resources. Terraform knows them since 1.14."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.provider.protocol.checks import config_problems
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import Listed, ListResource
from constructs_lib.provider.protocol.session import Compiled, CompiledResource, RpcCall, Session


def validate(session: Session, call: RpcCall) -> None:
    listing = session.list_resource(call, call.request.type_name)
    config = _config(session, call, listing)
    call.diagnostics.extend(config_problems(listing.schema, config))
    listing.declared.validate(session.context(call), config)


def list_objects(session: Session, call: RpcCall) -> Iterator[None]:
    """What is there, at most as much as asked for. Terraform stops at its limit without a word: 100, where
    the configuration has none. So the last one says whether there are more."""
    request = call.request
    listing = session.list_resource(call, request.type_name)
    managed = session.resources[request.type_name]
    ctx = session.context(call)
    config, is_complete = _config(session, call, listing), request.include_resource_object
    listed = listing.declared.list(ctx, config, is_complete=is_complete)
    for number, found in enumerate(listed, 1):
        if number == request.limit and next(listed, None) is not None:
            ctx.warn(
                f"There are more than {request.limit} of {call.subject}",
                f"Only {request.limit} are listed. Set limit to more, or choose by config.",
            )
        _write(call, managed, ctx, found, is_complete)
        yield
        if number == request.limit:
            return


def _config(session: Session, call: RpcCall, listing: Compiled[ListResource]) -> State:
    config = session.read(listing.states, call.request.config)
    return listing.states.conform({}) if config is None else config


def _write(call: RpcCall, managed: CompiledResource, ctx: Context, found: Listed, is_complete: bool) -> None:
    identity = managed.declared.identify(ctx, found.state, None)
    if identity is None or managed.identities is None:
        raise Failure(f"{found.name} has no identity", f"A {call.subject} cannot be listed without.")
    call.response.display_name = found.name
    call.response.identity.identity_data.msgpack = managed.identities.write(identity)
    if is_complete:
        call.response.resource_object.msgpack = managed.states.write(found.state)
