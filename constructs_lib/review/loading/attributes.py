"""The Terraform resources that a review reads, and their attributes as props.

Terraform takes `"7"` for 7 and `"true"` for true; a review does so, too. What it cannot read stays as it is:
the checks say what is wrong with it. In configuration `${…}` is an expression, unknown until Terraform runs;
in a plan or a state every value is final, but for what is `Deferred`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, fields

from constructs_lib.backup import resource_types as backup_resource_types
from constructs_lib.backup.policy import BLOCKS, PROPS, TYPES, BackupPolicyProps
from constructs_lib.ram import resource_types as ram_resource_types
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.resource_type import ResourceKind, ResourceType
from constructs_lib.review.loading.expressions import end_of_expression, has_expression
from constructs_lib.review.loading.oversized import without_oversized
from constructs_lib.review.normal_form import Props
from constructs_lib.tokens import Deferred, Oversized, is_token, literal

RESOURCE_TYPES = {
    each.name: each for each in (*backup_resource_types.RESOURCE_TYPES.values(), *ram_resource_types.REVIEWED)
}
# Older names of the official provider.
FORMER_NAMES = {"policy_name": "name", "policy_document": "document", "policy_description": "description"}

_KINDS = [(name, kind) for props in TYPES.values() for name, kind in props.items()]
_NUMBERS = {name for name, kind in _KINDS if kind == "a whole number"}
_BOOLEANS = {name for name, kind in _KINDS if kind == "True or False"} | {"set_as_default"}
_NAMES = PROPS | {PolicyVersionProps: tuple(prop.name for prop in fields(PolicyVersionProps))}


def judged_names(resource_type: ResourceType) -> frozenset[str]:
    """The attributes of a resource that its props are made of, former names too."""
    names = _NAMES[_props_class(resource_type)]
    return frozenset(names) | {former for name, former in FORMER_NAMES.items() if name in names}


def _props_class(resource_type: ResourceType) -> type[BackupPolicyProps] | type[PolicyVersionProps]:
    return BackupPolicyProps if resource_type.kind is ResourceKind.BACKUP_POLICY else PolicyVersionProps


def props_of(resource_type: ResourceType, attributes: Mapping[str, Any], *, is_applied: bool) -> Props:
    """The props of a resource.

    * `is_applied`: the attributes are values of a plan or a state, which are final; what was left out may
      stand there as an empty string, 0 or false.
    """
    value = _applied_value if is_applied else _configured_value
    kind = _props_class(resource_type)
    attributes = without_oversized(attributes)
    attributes = literal(attributes) if is_applied else attributes
    given = {
        name: attributes.get(FORMER_NAMES.get(name, name) if attributes.get(name) is None else name)
        for name in _NAMES[kind]
    }
    if kind is BackupPolicyProps:
        return BackupPolicyProps(**_read(kind, {**attributes, **given}, value))
    document = _document(given["policy_document"], is_applied=is_applied)
    props = PolicyVersionProps(**_read(kind, given, value), policy_document=document)
    # It has no such argument; if someone wrote one, PV401 says so.
    is_default = resource_type.is_whole_policy and props.set_as_default is None
    return evolve(props, set_as_default=True) if is_default else props


def _read(kind: type, body: Mapping[str, Any], value: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {name: _attribute(name, body, value) for name in _NAMES[kind] if name != "policy_document"}


def _attribute(name: str, body: Mapping[str, Any], value: Callable[[str, Any], Any]) -> Any:
    if name in BLOCKS:
        return _blocks(name, body, value)
    given = body.get(name)
    if isinstance(given, (list, tuple)):
        return [value(name, item) for item in given] or None
    return value(name, given)


def _blocks(name: str, body: Mapping[str, Any], value: Callable[[str, Any], Any]) -> Any:
    dynamic = _listed(body.get("dynamic"))
    if isinstance(dynamic, list) and any(isinstance(block, dict) and name in block for block in dynamic):
        return Deferred(f"${{dynamic.{name}}}")
    given = _listed(body.get(name))
    if given is None or given == []:
        return None
    if not isinstance(given, (list, tuple)):
        return given
    kind = BLOCKS[name]
    return [kind(**_read(kind, item, value)) if isinstance(item, dict) else item for item in given]


def _listed(blocks: Any) -> Any:
    """One block may stand without a list."""
    return [blocks] if isinstance(blocks, dict) else blocks


_WHOLE_NUMBER = re.compile(r"-?\d{1,15}")


def _configured_value(name: str, value: Any) -> Any:
    """A value of a configuration, as Terraform reads it."""
    if isinstance(value, str) and not is_token(value):
        if name in _NUMBERS and _WHOLE_NUMBER.fullmatch(value):
            return int(value)
        if name in _BOOLEANS and value in ("true", "false"):
            return value == "true"
    elif isinstance(value, bool):
        if name not in _BOOLEANS and name not in _NUMBERS:
            return "true" if value else "false"
    elif isinstance(value, float):
        return int(value) if name in _NUMBERS and value.is_integer() else value
    elif isinstance(value, int) and name not in _NUMBERS and name not in _BOOLEANS:
        return str(value)
    return value


def _applied_value(name: str, value: Any) -> Any:
    """A value of a plan or a state: what stands for nothing is nothing."""
    value = _configured_value(name, value)
    if value in ("", 0) and not (name == "keep_latest_snapshots" and value == 0):
        return None
    return value


# ------------------------------------------------------------ policy documents

_ESCAPED_VARIABLE = re.compile(r"\$\$\{(?=acs:)")


def _document(value: Any, *, is_applied: bool) -> Any:
    if is_applied or not isinstance(value, str) or isinstance(value, Oversized):
        return value
    return _ESCAPED_VARIABLE.sub("${", with_quoted_expressions(value))


# What is more than one character of JSON text in which Terraform's expressions stand.
_PIECE = re.compile(r"(?P<expression>\$\{(?!acs:)|%\{)|\$\$\{|%%\{|\\.|.", re.DOTALL)


def with_quoted_expressions(text: str) -> str:
    """JSON text in which expressions cannot break the JSON: `${…}` outside of a string becomes one.

    Text that is one expression as a whole stays as it is.
    """
    if not has_expression(text) or text.startswith(("${", "%{")):
        return text
    pieces: list[str] = []
    inside = False
    place = 0
    while match := _PIECE.match(text, place):
        piece, place = match.group(), match.end()
        if match["expression"]:
            place = end_of_expression(text, match.start())
            piece = json.dumps(text[match.start() : place])
            piece = piece[1:-1] if inside else piece
        elif piece == '"':
            inside = not inside
        pieces.append(piece)
    return "".join(pieces)
