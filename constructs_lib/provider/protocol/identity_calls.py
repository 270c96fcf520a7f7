"""The calls about identities: what tells an object from all others. Terraform knows them since 1.12."""

from __future__ import annotations

import logging
import re
from typing import Any

from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.schema import Schema
from constructs_lib.provider.protocol.session import CompiledResource, RpcCall, Session
from constructs_lib.provider.protocol.states import load_json
from constructs_lib.provider.protocol.wire_schema import fill_identity

# Terraform 1.12 refuses an identity that changes with the id of its object, and older ones know none.
_KEPT_SINCE = (1, 13)

log = logging.getLogger("provider")


def get_schemas(session: Session, call: RpcCall) -> None:
    for name, resource in session.resources.items():
        if resource.declared.identity is not None:
            fill_identity(call.response.identity_schemas[name], resource.declared.identity)


def upgrade(session: Session, call: RpcCall) -> None:
    request = call.request
    managed = session.resource(call, request.type_name)
    if managed.declared.identity is None or managed.identities is None:
        raise Failure(f"{request.type_name} has no identity")
    check_version(request.version, managed.declared.identity)
    identity = managed.identities.conform(load_json(request.raw_identity.json))
    call.response.upgraded_identity.identity_data.msgpack = managed.identities.write(identity)


def check_version(version: int, schema: Schema) -> None:
    """Failure: what is stored has a version that this provider does not know."""
    if version > schema.version:
        raise Failure(
            "The state is from a newer provider",
            f"It has schema version {version}; this provider knows {schema.version}. Use the newer provider.",
        )


def write_identity(
    session: Session,
    managed: CompiledResource,
    ctx: Context,
    state: State | None,
    known: Any,
    message: Any,
    *,
    is_asked: bool = False,
) -> None:
    """Write the identity of a state into a `ResourceIdentityData` message, where Terraform keeps it, or has
    asked for it. `known`: such a message with what is stored so far."""
    if managed.identities is None or state is None or not (is_asked or _keeps(session.terraform_version)):
        return
    try:
        stored = managed.identities.read(known.identity_data) if known else None
        identity = managed.declared.identify(ctx, state, stored)
        if identity is not None:
            message.identity_data.msgpack = managed.identities.write(identity)
    except Exception:
        # What has been done is done: it must not look like a failure for want of an identity.
        log.exception("%s could not be identified", managed.declared.type_name)


def _keeps(version: str) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and tuple(map(int, numbers.groups())) >= _KEPT_SINCE
