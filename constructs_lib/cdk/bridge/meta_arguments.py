"""What Terraform takes on any resource: checked, and under the names that Node knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from inspect import signature
from typing import Any, TypedDict, TypeGuard

from constructs_lib.cdk.engine import cdktf
from constructs_lib.findings import printable
from constructs_lib.tokens import is_token


class MetaArguments(TypedDict, total=False):
    """The engine's own types. None is the same as left out."""

    depends_on: Sequence[cdktf.ITerraformDependable] | None
    count: int | float | cdktf.TerraformCount | None  # a number token is a float
    for_each: cdktf.ITerraformIterator | None
    lifecycle: cdktf.TerraformResourceLifecycle | Mapping[str, Any] | None
    provider: cdktf.TerraformProvider | None
    provisioners: Sequence[Provisioner] | None
    connection: Connection | None


Provisioner = cdktf.FileProvisioner | cdktf.LocalExecProvisioner | cdktf.RemoteExecProvisioner
Connection = cdktf.SSHProvisionerConnection | cdktf.WinrmProvisionerConnection

# Parameters of every construct that are given by place.
_NOT_BY_NAME = ("scope", "id_", "meta")
_IN_NODE = {"depends_on": "dependsOn", "for_each": "forEach"}


def read_meta_arguments(meta: Mapping[str, object], constructor: Callable[..., None]) -> dict[str, object]:
    """The meta-arguments for Node. TypeError, ValueError: one does not exist, or is not what it should be."""
    for name in meta:
        if name not in MetaArguments.__annotations__:
            parameters = signature(constructor).parameters
            own = [parameter for parameter in parameters if parameter not in _NOT_BY_NAME]
            raise TypeError(describe_unexpected(name, [*own, *MetaArguments.__annotations__]))
    given = {name: value for name, value in meta.items() if value is not None}
    for name, value in given.items():
        expected = _find_expected(name, value)
        if expected:
            raise TypeError(f"{name} must be {expected}; got {value!r}")
    if "count" in given and "for_each" in given:
        raise ValueError("count and for_each exclude each other")
    lifecycle = given.get("lifecycle")
    if isinstance(lifecycle, Mapping):
        given["lifecycle"] = cdktf.TerraformResourceLifecycle(**lifecycle)
    return {_IN_NODE.get(name, name): value for name, value in given.items()}


def describe_unexpected(name: str, known: Iterable[str]) -> str:
    """What to say of an argument that is none of the known ones."""
    close = get_close_matches(name, known, 1)
    return f"unexpected argument {printable(name)}" + (f"; did you mean {close[0]}?" if close else "")


def _find_expected(name: str, value: object) -> str | None:
    """What was expected instead of this value; None if it will do."""
    match name:
        case "depends_on":
            fits = _is_list(value) and all(hasattr(type(item), "fqn") for item in value)
            expected = "a list of resources, data sources or modules"
        case "count":
            fits = isinstance(value, cdktf.TerraformCount) or _is_count(value)
            expected = "a whole number from 0, a number token or a TerraformCount"
        case "for_each":
            fits = isinstance(value, cdktf.TerraformIterator)
            expected = "an iterator, such as TerraformIterator.from_list([…])"
        case "lifecycle":
            fits = isinstance(value, (cdktf.TerraformResourceLifecycle, Mapping))
            expected = "a TerraformResourceLifecycle, or a dict of its fields"
        case "provider":
            fits = isinstance(value, cdktf.TerraformProvider)
            expected = "a provider construct"
        case "provisioners":
            fits = _is_list(value) and all(isinstance(item, Provisioner) for item in value)
            expected = "a list of FileProvisioner, LocalExecProvisioner and RemoteExecProvisioner"
        case _:
            fits = isinstance(value, Connection)
            expected = "an SSHProvisionerConnection or a WinrmProvisionerConnection"
    return None if fits else expected


def _is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, (list, tuple))


def _is_count(value: object) -> bool:
    if isinstance(value, float):
        return is_token(value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
