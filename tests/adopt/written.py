"""Apps that `alipolicy adopt` writes, run in this process, and what their resources are."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from constructs_lib import cdktf
from constructs_lib.adopt.adopting import Adoption, adopt_estate
from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.estate import Estate, EstateKind, EstateObject
from constructs_lib.adopt.props import written_of
from constructs_lib.ram.canonical import canonical

_NUMBERS = count()
_REFERENCE = re.compile(r"\$\{(\w+\.[\w-]+)\.\w+\}")
_KINDS = {
    "backup_vault": EstateKind.VAULT,
    "hbr_vault": EstateKind.VAULT,
    "backup_policy": EstateKind.BACKUP_POLICY,
    "hbr_policy": EstateKind.BACKUP_POLICY,
    "backup_policy_binding": EstateKind.BINDING,
    "hbr_policy_binding": EstateKind.BINDING,
    "policy": EstateKind.POLICY,
    "ram_policy": EstateKind.POLICY,
    "policy_version": EstateKind.VERSION,
    "policy_attachment": EstateKind.ATTACHMENT,
}


def adopt_into(folder: Path, objects: Iterable[EstateObject], target: str = "alipolicy") -> Adoption:
    """What one run adopts, in the region of the tests."""
    return adopt_estate(AdoptedApp.read(folder, target), Estate.of(objects, "cn-hangzhou"))


def synthesise(folder: Path) -> dict[str, Any]:
    """The Terraform JSON of an app."""
    name, package = f"adopted_estate_{next(_NUMBERS)}", folder / "estate"
    spec = importlib.util.spec_from_file_location(
        name, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        stack = importlib.import_module(f"{name}.stack").EstateStack(cdktf.Testing.app(), "estate")
        content: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
        return content
    finally:
        for module in [each for each in sys.modules if each.partition(".")[0] == name]:
            del sys.modules[module]


def found_in(content: Mapping[str, Any]) -> dict[tuple[EstateKind, str], dict[str, Any]]:
    """What each imported resource says, by what it imports, in one spelling."""
    ids = {each["to"]: each["id"] for each in content.get("import", ())}
    found = {}
    for type_name, resources in content["resource"].items():
        for name, body in resources.items():
            address = f"{type_name}.{name}"
            attributes = _resolved({key: value for key, value in body.items() if key != "acknowledge"}, ids)
            kind = _KINDS.get(type_name.partition("_")[2], EstateKind.ATTACHMENT)
            id_ = ids.get(address, attributes.get("policy_name", ""))
            if type_name.endswith("_policy_attachment") and type_name.startswith("alicloud"):
                who, policy, policy_type, principal = id_.split(":")
                id_ = ":".join((who, principal, policy_type, policy))
            found[kind, id_] = spelled(kind, attributes)
    return found


def spelled(kind: EstateKind, state: Mapping[str, Any]) -> dict[str, Any]:
    """What of attributes means something, in one spelling."""
    given = written_of(EstateObject(kind=kind, id="", state=state))
    if "policy_document" in given:
        given["policy_document"] = canonical(json.loads(given["policy_document"]))
    for name in ("source", "include", "exclude"):
        if str(given.get(name)).startswith("["):
            given[name] = json.loads(given[name])
    return given


def _resolved(value: Any, ids: Mapping[str, str]) -> Any:
    """A value as Terraform will have it: references by what they are, escapes undone."""
    if isinstance(value, dict):
        return {_resolved(key, ids): _resolved(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, ids) for item in value]
    if not isinstance(value, str):
        return value
    if reference := _REFERENCE.fullmatch(value):
        return ids[reference[1]]
    return value.replace("$${", "${").replace("%%{", "%{")
