"""What the code of an app imports, read by its syntax alone: nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.adopt.estate import EstateKind
from constructs_lib.backup.bound_sources import SOURCE_CLASSES

_KIND_OF_CALL = {
    "BackupVault": EstateKind.VAULT,
    "BackupPolicy": EstateKind.BACKUP_POLICY,
    "BackupPolicyBinding": EstateKind.BINDING,
    "bind": EstateKind.BINDING,
    "Policy": EstateKind.POLICY,
    "PolicyAttachment": EstateKind.ATTACHMENT,
    "attach_to_user": EstateKind.ATTACHMENT,
    "attach_to_group": EstateKind.ATTACHMENT,
    "attach_to_role": EstateKind.ATTACHMENT,
}

_SOURCES = {each.__name__: str(each.TYPE) for each in SOURCE_CLASSES}


def imports_in(tree: ast.Module) -> Iterator[tuple[EstateKind | None, str, str]]:
    """Each `….import_from("id")`: the kind of what is imported, if the code shows it, the id, and on what."""
    calls = calls_by_target(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr == "import_from" and (id_ := _text(node.args[0])):
            target = node.func.value
            made = target if isinstance(target, ast.Call) else calls.get(ast.unparse(target))
            yield _kind_of(made, id_), id_, ast.unparse(target)


def calls_by_target(tree: ast.Module) -> dict[str, ast.Call]:
    return {
        ast.unparse(target): node.value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }


def names_of_policies(tree: ast.Module) -> dict[str, str]:
    """The names of RAM policies that the code makes, by the attributes or the variables that hold them."""
    return {
        target.rpartition(".")[2]: name
        for target, call in calls_by_target(tree).items()
        if {"Policy", "PolicyVersion"} & set(_names_in(call.func)) and (name := _given(call, "policy_name"))
    }


def made_in(tree: ast.Module, policies: Mapping[str, str], target: str) -> Iterator[tuple[EstateKind, str]]:
    """What the code makes and does not import: its kind, and what people call it, where the code shows it.

    `policies`: as `names_of_policies` has them, of all modules. `target`: the provider.
    """
    on_which = {on for _, _, on in imports_in(tree)}
    imported = {call for on, call in calls_by_target(tree).items() if on in on_which}
    for call in ast.walk(tree):
        if (
            isinstance(call, ast.Attribute)
            and call.attr == "import_from"
            and isinstance(call.value, ast.Call)
        ):
            imported.add(call.value)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or call in imported:
            continue
        kind = _kind_of(call, "" if target == "alicloud" else ":")
        if kind is not None and (name := _name_of(call, kind, policies)):
            yield kind, name


def _name_of(call: ast.Call, kind: EstateKind, policies: Mapping[str, str]) -> str:
    """As `EstateObject.name` has it; empty where the code does not show it."""
    if kind is EstateKind.BINDING:
        source = next((each.value for each in call.keywords if each.arg == "source"), None) or _first(call)
        made = _SOURCES.get(ast.unparse(source.func)) if isinstance(source, ast.Call) else None
        return f"{made} {_text(_first(source))}" if made and isinstance(source, ast.Call) else ""
    if kind is EstateKind.ATTACHMENT:
        names = _names_in(call.func)
        principals = [_given(call, f"{each}_name") for each in ("user", "group", "role")]
        principal = _text(_first(call)) if names[0].startswith("attach_to_") else "".join(principals)
        policy = _given(call, "policy_name") or policies.get(names[1] if len(names) > 1 else "", "")
        return f"{policy} {principal}" if policy and principal else ""
    return _given(call, "vault_name" if kind is EstateKind.VAULT else "policy_name")


def _first(call: ast.Call) -> ast.expr | None:
    return call.args[0] if call.args else None


def _given(call: ast.Call, name: str) -> str:
    return next((_text(each.value) for each in call.keywords if each.arg == name), "")


def _text(node: ast.expr | None) -> str:
    """A string as the cloud has it; empty for all else."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value.replace("$${", "${").replace("%%{", "%{") if isinstance(value, str) else ""


def _names_in(function: Any) -> list[str]:
    """The names of `a.b.c`, from the last to the first."""
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    return [*names, function.id] if isinstance(function, ast.Name) else names


def _kind_of(made: ast.Call | None, id_: str) -> EstateKind | None:
    names = _names_in(made.func) if made else []
    if "PolicyVersion" in names:
        return EstateKind.VERSION if ":" in id_ else EstateKind.POLICY
    return next((kind for name in names if (kind := _KIND_OF_CALL.get(name))), None)


def construct_id_of(call: ast.Call | None) -> str:
    """The id of a construct where it is written as its second argument."""
    given = call.args[1] if call is not None and len(call.args) > 1 else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
