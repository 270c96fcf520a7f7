"""The messages of plugin protocol 6, as classes made from a table.

No generated code, so no tie to one release of protobuf: the classes are built at start (2 ms). The table has
what a provider of resources, data sources, lists and functions needs; fields that it lacks are skipped by
protobuf, as the protocol wants it.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]

PACKAGE = "tfplugin6"

# One message a line: the number, type and name of its fields. `*` repeats, `map:T` maps strings to T, `@name`
# puts a field into a oneof. What the protocol calls an enum is an int64 here: on the wire they are alike.
_TABLE = """
DynamicValue: 1 bytes msgpack, 2 bytes json
AttributePath: 1 AttributePath.Step* steps
AttributePath.Step: 1 string attribute_name @selector, 2 string element_key_string @selector, 3 int64 element_key_int @selector
Diagnostic: 1 int64 severity, 2 string summary, 3 string detail, 4 AttributePath attribute
RawState: 1 bytes json, 2 map:string flatmap
Schema: 1 int64 version, 2 Schema.Block block
Schema.Block: 1 int64 version, 2 Schema.Attribute* attributes, 3 Schema.NestedBlock* block_types, 4 string description, 5 int64 description_kind, 6 bool deprecated
Schema.Attribute: 1 string name, 2 bytes type, 10 Schema.Object nested_type, 3 string description, 4 bool required, 5 bool optional, 6 bool computed, 7 bool sensitive, 8 int64 description_kind, 9 bool deprecated, 11 bool write_only
Schema.NestedBlock: 1 string type_name, 2 Schema.Block block, 3 int64 nesting, 4 int64 min_items, 5 int64 max_items
Schema.Object: 1 Schema.Attribute* attributes, 3 int64 nesting
ServerCapabilities: 1 bool plan_destroy, 2 bool get_provider_schema_optional, 3 bool move_resource_state, 4 bool generate_resource_config
TypeName: 1 string type_name
GetMetadata.Request:
GetMetadata.Response: 1 ServerCapabilities server_capabilities, 2 Diagnostic* diagnostics, 3 TypeName* data_sources, 4 TypeName* resources, 5 FunctionName* functions, 7 TypeName* list_resources
FunctionName: 1 string name
GetProviderSchema.Request:
GetProviderSchema.Response: 1 Schema provider, 2 map:Schema resource_schemas, 3 map:Schema data_source_schemas, 4 Diagnostic* diagnostics, 5 Schema provider_meta, 6 ServerCapabilities server_capabilities, 7 map:Function functions, 9 map:Schema list_resource_schemas
Function: 1 Function.Parameter* parameters, 2 Function.Parameter variadic_parameter, 3 Function.Return return, 4 string summary, 5 string description, 6 int64 description_kind, 7 string deprecation_message
Function.Parameter: 1 string name, 2 bytes type, 3 bool allow_null_value, 4 bool allow_unknown_values, 5 string description, 6 int64 description_kind
Function.Return: 1 bytes type
FunctionError: 1 string text, 2 int64 function_argument @given
ResourceIdentitySchema: 1 int64 version, 2 ResourceIdentitySchema.IdentityAttribute* identity_attributes
ResourceIdentitySchema.IdentityAttribute: 1 string name, 2 bytes type, 3 bool required_for_import, 4 bool optional_for_import, 5 string description
ResourceIdentityData: 1 DynamicValue identity_data
GetResourceIdentitySchemas.Request:
GetResourceIdentitySchemas.Response: 1 map:ResourceIdentitySchema identity_schemas, 2 Diagnostic* diagnostics
UpgradeResourceIdentity.Request: 1 string type_name, 2 int64 version, 3 RawState raw_identity
UpgradeResourceIdentity.Response: 1 ResourceIdentityData upgraded_identity, 2 Diagnostic* diagnostics
ValidateProviderConfig.Request: 1 DynamicValue config
ValidateProviderConfig.Response: 2 Diagnostic* diagnostics
ValidateResourceConfig.Request: 1 string type_name, 2 DynamicValue config
ValidateResourceConfig.Response: 1 Diagnostic* diagnostics
ValidateDataResourceConfig.Request: 1 string type_name, 2 DynamicValue config
ValidateDataResourceConfig.Response: 1 Diagnostic* diagnostics
UpgradeResourceState.Request: 1 string type_name, 2 int64 version, 3 RawState raw_state
UpgradeResourceState.Response: 1 DynamicValue upgraded_state, 2 Diagnostic* diagnostics
ConfigureProvider.Request: 1 string terraform_version, 2 DynamicValue config
ConfigureProvider.Response: 1 Diagnostic* diagnostics
ReadResource.Request: 1 string type_name, 2 DynamicValue current_state, 3 bytes private, 6 ResourceIdentityData current_identity
ReadResource.Response: 1 DynamicValue new_state, 2 Diagnostic* diagnostics, 3 bytes private, 5 ResourceIdentityData new_identity
PlanResourceChange.Request: 1 string type_name, 2 DynamicValue prior_state, 3 DynamicValue proposed_new_state, 4 DynamicValue config, 5 bytes prior_private, 8 ResourceIdentityData prior_identity
PlanResourceChange.Response: 1 DynamicValue planned_state, 2 AttributePath* requires_replace, 3 bytes planned_private, 4 Diagnostic* diagnostics, 7 ResourceIdentityData planned_identity
ApplyResourceChange.Request: 1 string type_name, 2 DynamicValue prior_state, 3 DynamicValue planned_state, 4 DynamicValue config, 5 bytes planned_private, 7 ResourceIdentityData planned_identity
ApplyResourceChange.Response: 1 DynamicValue new_state, 2 bytes private, 3 Diagnostic* diagnostics, 5 ResourceIdentityData new_identity
ImportResourceState.Request: 1 string type_name, 2 string id, 4 ResourceIdentityData identity
ImportResourceState.ImportedResource: 1 string type_name, 2 DynamicValue state, 3 bytes private, 4 ResourceIdentityData identity
ImportResourceState.Response: 1 ImportResourceState.ImportedResource* imported_resources, 2 Diagnostic* diagnostics
MoveResourceState.Request: 1 string source_provider_address, 2 string source_type_name, 3 int64 source_schema_version, 4 RawState source_state, 5 string target_type_name, 6 bytes source_private
MoveResourceState.Response: 1 DynamicValue target_state, 2 Diagnostic* diagnostics, 3 bytes target_private, 4 ResourceIdentityData target_identity
ReadDataSource.Request: 1 string type_name, 2 DynamicValue config
ReadDataSource.Response: 1 DynamicValue state, 2 Diagnostic* diagnostics
GenerateResourceConfig.Request: 1 string type_name, 2 DynamicValue state
GenerateResourceConfig.Response: 1 DynamicValue config, 2 Diagnostic* diagnostics
ListResource.Request: 1 string type_name, 2 DynamicValue config, 3 bool include_resource_object, 4 int64 limit
ListResource.Event: 1 ResourceIdentityData identity, 2 string display_name, 3 DynamicValue resource_object, 4 Diagnostic* diagnostic
ValidateListResourceConfig.Request: 1 string type_name, 2 DynamicValue config, 3 DynamicValue include_resource_object, 4 DynamicValue limit
ValidateListResourceConfig.Response: 1 Diagnostic* diagnostics
GetFunctions.Request:
GetFunctions.Response: 1 map:Function functions, 2 Diagnostic* diagnostics
CallFunction.Request: 1 string name, 2 DynamicValue* arguments
CallFunction.Response: 1 DynamicValue result, 2 FunctionError error
StopProvider.Request:
StopProvider.Response: 1 string Error
"""  # noqa: E501

# By the name of a message.
_FIELDS = {name: fields for name, _, fields in (line.partition(":") for line in _TABLE.strip().splitlines())}

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"bytes": _FIELD.TYPE_BYTES, "string": _FIELD.TYPE_STRING,
            "int64": _FIELD.TYPE_INT64, "bool": _FIELD.TYPE_BOOL}  # fmt: skip


class Messages:
    """The message classes by name: `messages["PlanResourceChange.Request"]`."""

    def __init__(self) -> None:
        pool = descriptor_pool.DescriptorPool()
        pool.Add(_file())
        self._classes: dict[str, Any] = {}
        for name in _FIELDS:
            found = pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
            self._classes[name] = message_factory.GetMessageClass(found)

    def __getitem__(self, name: str) -> Any:
        return self._classes[name]

    def rpc_names(self) -> list[str]:
        """The calls that have a request here."""
        return [name.removesuffix(".Request") for name in self._classes if name.endswith(".Request")]


def _file() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto3")
    created: dict[str, Any] = {}
    for name in _FIELDS:
        _message(file, created, name)
    for name, fields in _FIELDS.items():
        for field in filter(None, fields.split(",")):
            _add_field(created[name], name, field.split())
    return file


def _message(file: Any, created: dict[str, Any], name: str) -> Any:
    """The message of that name; one with a dot lies inside another, made where the table has none."""
    if name not in created:
        outer, _, own = name.rpartition(".")
        created[name] = _message(file, created, outer).nested_type.add() if outer else file.message_type.add()
        created[name].name = own
    return created[name]


def _add_field(message: Any, owner: str, words: list[str]) -> None:
    number, kind, name, *oneof = words
    field = message.field.add(name=name, number=int(number), label=_FIELD.LABEL_OPTIONAL)
    if kind.startswith("map:"):
        kind = _add_entry(message, owner, name, kind.removeprefix("map:")) + "*"
    if kind.endswith("*"):
        field.label = _FIELD.LABEL_REPEATED
    _set_type(field, kind.removesuffix("*"))
    if oneof:
        field.oneof_index = 0
        if not message.oneof_decl:
            message.oneof_decl.add(name=oneof[0].removeprefix("@"))


def _add_entry(message: Any, owner: str, field: str, kind: str) -> str:
    """The message behind a map field: key and value."""
    name = "".join(part.capitalize() for part in field.split("_")) + "Entry"
    entry = message.nested_type.add(name=name)
    entry.options.map_entry = True
    _set_type(entry.field.add(name="key", number=1, label=_FIELD.LABEL_OPTIONAL), "string")
    _set_type(entry.field.add(name="value", number=2, label=_FIELD.LABEL_OPTIONAL), kind)
    return f"{owner}.{name}"


def _set_type(field: Any, kind: str) -> None:
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = _FIELD.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind}"
