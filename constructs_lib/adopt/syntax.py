"""What the code of an app imports, read by its syntax alone: nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from constructs_lib.adopt.estate import EstateKind

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


def imports_in(tree: ast.Module) -> Iterator[tuple[EstateKind | None, str, str]]:
    """Each `….import_from("id")`: the kind of what is imported, if the code shows it, the id, and on what."""
    calls = calls_by_target(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        given = node.args[0]
        if (
            node.func.attr == "import_from"
            and isinstance(given, ast.Constant)
            and isinstance(given.value, str)
        ):
            target = node.func.value
            made = target if isinstance(target, ast.Call) else calls.get(ast.unparse(target))
            # What is escaped for Terraform stands for the id itself.
            id_ = given.value.replace("$${", "${").replace("%%{", "%{")
            yield _kind_of(made, id_), id_, ast.unparse(target)


def calls_by_target(tree: ast.Module) -> dict[str, ast.Call]:
    return {
        ast.unparse(target): node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
    }


def _kind_of(made: ast.Call | None, id_: str) -> EstateKind | None:
    names: list[str] = []
    function: Any = made.func if made else None
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    if isinstance(function, ast.Name):
        names.append(function.id)
    if "PolicyVersion" in names:
        return EstateKind.VERSION if ":" in id_ else EstateKind.POLICY
    return next((kind for name in names if (kind := _KIND_OF_CALL.get(name))), None)


def construct_id_of(call: ast.Call | None) -> str:
    """The id of a construct where it is written as its second argument."""
    given = call.args[1] if call is not None and len(call.args) > 1 else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
