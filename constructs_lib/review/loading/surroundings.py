"""What stands around the resources of a configuration, and decides what becomes of them.

Which provider, and which version of it, carries the change out; in which state Terraform looks for what it
has made; and what runs commands, which may do anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from constructs_lib.review.loading.blocks import ConfigurationBlock, labelled, listed, without_comment
from constructs_lib.review.loading.command_files import named_files
from constructs_lib.review.loading.dependencies import OF_PROGRAMS, fingerprint, strings_in
from constructs_lib.review.loading.module_tree import digest
from constructs_lib.review.loading.other_changes import is_of_concern
from constructs_lib.review.loading.provider_arguments import (
    PROVIDERS,
    REGISTRY,
    reference_of,
    required_providers,
    source_and_version,
)
from constructs_lib.review.loading.resource import AT_DESTROY, Surrounding, SurroundingKind
from constructs_lib.review.loading.terraform_module import TerraformModule, repetition
from constructs_lib.review.loading.values import UnresolvedError

# Arguments of a backend that say how a state is kept, and not which.
_OF_KEEPING = frozenset(
    [
        "acl",
        "dynamodb_table",
        "encrypt",
        "kms_key_id",
        "max_retries",
        "tablestore_endpoint",
        "tablestore_table",
        "use_lockfile",
    ]
)
LOCK = ".terraform.lock.hcl"
_LOCKED = re.compile(r'provider\s+"([^"]+)"\s*\{[^}]*?\bversion\s*=\s*"([^"]+)"')
_RUNS = ("connection", "provisioner")


def surroundings(configuration: TerraformModule, stack: str) -> Iterator[Surrounding]:
    """All of a module and of those that it calls."""
    found = [*_providers(configuration), *_locked(configuration), *_commands(configuration)]
    found += [_state(configuration, stack)] if configuration.caller is None else []
    for kind, address, name, shown, block in found:
        yield Surrounding(
            kind=kind,
            stack=stack,
            address=f"{configuration.address}{address}",
            name=name,
            shown=shown,
            file=block.file,
            parts=block.parts,
        )
    for children in configuration.children.values():
        for _, child in children:
            yield from surroundings(child, stack)


_Found = tuple[SurroundingKind, str, str, str, ConfigurationBlock]

# ------------------------------------------------------------ providers


def _providers(configuration: TerraformModule) -> Iterator[_Found]:
    """The source of each provider, and of those that have policies the version."""
    blocks = configuration.blocks
    required = required_providers(blocks)
    used = {
        reference_of(block.body, type_name).partition(".")[0]: block
        for (type_name, _), block in blocks.resources.items()
        if is_of_concern(type_name)
    }
    for label, block in {**used, **required}.items():
        source, version = source_and_version(blocks, label)
        yield SurroundingKind.PROVIDER, label, source, source, block
        if label in used or source.rpartition("/")[2] in PROVIDERS:
            own = [body.body.get("version") for name, body in blocks.providers if name == label]
            constraints = sorted({str(each) for each in (version, *own) if each})
            yield SurroundingKind.VERSION, label, digest(constraints), ", ".join(constraints) or "any", block


def _locked(configuration: TerraformModule) -> Iterator[_Found]:
    """The versions that the lock file of the root module has chosen; nothing where there is none."""
    try:
        text = configuration.files.text(LOCK) if configuration.caller is None else ""
    except UnresolvedError:
        return
    at = ConfigurationBlock({}, configuration.file)
    for source, version in _LOCKED.findall(text):
        if source.rpartition("/")[2] in PROVIDERS:
            yield SurroundingKind.VERSION, f"{REGISTRY.sub('', source)} in {LOCK}", version, version, at


# ------------------------------------------------------------ the state


def _state(configuration: TerraformModule, stack: str) -> _Found:
    """Which state it is: the last backend counts, that of an override file."""
    kind, at = "local", ConfigurationBlock({}, configuration.file)
    for block in configuration.blocks.terraform:
        if inside := block.inside("backend"):
            kind, at = [*labelled(inside), (kind, at)][0]
        if inside := block.inside("cloud"):
            kind, at = "cloud", inside.unwrapped
    arguments = {key: value for key, value in at.body.items() if key not in _OF_KEEPING and key != "//"}
    path = PurePosixPath(str(arguments.get("path")))
    if kind == "local" and path.is_absolute() and path.name == f"terraform.{stack}.tfstate":
        arguments["path"] = path.name  # as CDKTF writes it, in the folder of the app, wherever that is
    name = digest([kind, arguments, fingerprint(configuration, arguments, {})])
    return SurroundingKind.STATE, "the state", name, kind, at


# ------------------------------------------------------------ what runs


def _commands(configuration: TerraformModule) -> Iterator[_Found]:
    """What runs commands, or actions of providers."""
    blocks = configuration.blocks
    for (type_name, label), block in blocks.resources.items():
        if runs := _runs(block.body):
            # A change of a policy is told there; of any other resource each may be a reason to run.
            content = runs if is_of_concern(type_name) else without_comment(block.unwrapped.value)
            yield _command(configuration, f"{type_name}.{label}", content, block)
    for address, type_name, block in _data(configuration):
        if type_name in OF_PROGRAMS:
            content = without_comment(block.unwrapped.value)
            yield _command(configuration, address, content, block)
    for (type_name, label), block in blocks.actions.items():
        content = without_comment(block.unwrapped.value)
        yield _command(configuration, f"action.{type_name}.{label}", content, block)
    for removed in blocks.removed:
        if removed.get("provisioner"):
            at = ConfigurationBlock(removed, configuration.file)
            yield _command(configuration, f"removed {removed.get('from')}", removed, at)


def _data(configuration: TerraformModule) -> Iterator[tuple[str, str, ConfigurationBlock]]:
    """All data sources, those of `check` blocks too."""
    for (type_name, label), block in configuration.blocks.data.items():
        yield f"data.{type_name}.{label}", type_name, block
    for name, check in configuration.blocks.checks.items():
        inside = check.inside("data")
        for type_name, of_type in labelled(inside) if inside else ():
            for label, block in labelled(of_type):
                yield f"check.{name}.data.{type_name}.{label}", type_name, block


def _runs(body: Mapping[str, Any]) -> dict[str, Any]:
    """The provisioners of a resource, and what triggers actions; empty where there are none."""
    triggers = [
        cycle["action_trigger"] for cycle in listed(body.get("lifecycle")) if "action_trigger" in cycle
    ]
    if not (triggers or body.get("provisioner")):
        return {}
    return {"triggers": triggers, **{name: body[name] for name in _RUNS if name in body}}


def _command(configuration: TerraformModule, address: str, content: Any, block: ConfigurationBlock) -> _Found:
    behind: list[Any] = [fingerprint(configuration, content, {})]
    if files := named_files(configuration, block.body, content):
        behind.append(files)
    if configuration.is_repeated:
        assert configuration.caller is not None
        call = repetition(configuration.call)
        behind += [digest(call), fingerprint(configuration.caller, call, {})]
    shown = AT_DESTROY if "destroy" in map(str.strip, strings_in(content)) else ""
    return SurroundingKind.COMMAND, address, digest([content, *behind]), shown, block
