"""The calls about the provider itself and its data sources."""

from __future__ import annotations

from typing import Any

from constructs_lib.provider.protocol.checks import config_problems, timeout_of
from constructs_lib.provider.protocol.function_calls import fill_function
from constructs_lib.provider.protocol.session import RpcCall, Session
from constructs_lib.provider.protocol.values import without_unknowns
from constructs_lib.provider.protocol.wire_schema import fill_schema


def get_metadata(session: Session, call: RpcCall) -> None:
    _announce(call.response.server_capabilities)
    for name in session.resources:
        call.response.resources.add(type_name=name)
    for name in session.data_sources:
        call.response.data_sources.add(type_name=name)
    for name in session.list_resources:
        call.response.list_resources.add(type_name=name)
    for name in session.functions:
        call.response.functions.add(name=name)


def get_schema(session: Session, call: RpcCall) -> None:
    _announce(call.response.server_capabilities)
    fill_schema(call.response.provider, session.provider.schema)
    for name, resource in session.resources.items():
        fill_schema(call.response.resource_schemas[name], resource.schema)
    for name, source in session.data_sources.items():
        fill_schema(call.response.data_source_schemas[name], source.schema)
    for name, listing in session.list_resources.items():
        fill_schema(call.response.list_resource_schemas[name], listing.schema)
    for name, function in session.functions.items():
        fill_function(call.response.functions[name], function)


def _announce(capabilities: Any) -> None:
    capabilities.plan_destroy = True
    # Terraform then fetches the schema from one process of ours instead of from each.
    capabilities.get_provider_schema_optional = True
    capabilities.move_resource_state = True
    capabilities.generate_resource_config = True


def validate(session: Session, call: RpcCall) -> None:
    call.body = session.provider.schema.body
    config = session.read(session.settings, call.request.config) or {}
    call.diagnostics.extend(config_problems(session.provider.schema, config))
    session.provider.validate(session.context(call), config)


def configure(session: Session, call: RpcCall) -> None:
    call.body = session.provider.schema.body
    session.stopping.reset()
    session.terraform_version = call.request.terraform_version
    config = session.read(session.settings, call.request.config) or {}
    session.client = session.provider.configure(session.context(call), config)


def stop(session: Session, call: RpcCall) -> None:
    session.stopping.request()


def validate_data(session: Session, call: RpcCall) -> None:
    source = session.data_source(call, call.request.type_name)
    config = session.read(source.states, call.request.config) or {}
    call.diagnostics.extend(config_problems(source.schema, config))
    source.declared.validate(session.context(call), config)


def read_data(session: Session, call: RpcCall) -> None:
    source = session.data_source(call, call.request.type_name)
    config = session.read(source.states, call.request.config) or {}
    # The defaults as for a new resource; what is computed is for the data source to say.
    config = without_unknowns(source.planner.plan(config, None).value)
    ctx = session.context(call, timeout=timeout_of(source.schema, "read", config))
    result = source.declared.read(ctx, dict(config))
    call.response.state.msgpack = source.states.write({**config, **result})
