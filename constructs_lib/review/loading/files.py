"""What a review reads: a `cdktf.out`, Terraform JSON, or what `terraform show -json` prints of a plan.

Each file becomes a list of `LoadedResource` resources; HCL is read by Terraform alone: give its plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from os.path import isdir, isfile  # unlike those of Path, they answer for any path
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import evolve

from constructs_lib.review.loading import plan
from constructs_lib.review.loading.alignment import align, with_no_old_side
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.expansion import (
    ExpandedResource,
    expand,
    forgotten_blocks,
    imported_addresses,
    moved_blocks,
    unread_modules,
    unrelated_blocks,
)
from constructs_lib.review.loading.json_text import InputError, JsonText, pointer
from constructs_lib.review.loading.module_tree import Files, ModuleTree, configuration_files
from constructs_lib.review.loading.oversized import without_oversized
from constructs_lib.review.loading.plan_providers import providers_of_state
from constructs_lib.review.loading.resource import Input, LoadedResource, OtherResource, Side, UnreadModule
from constructs_lib.review.loading.state import read_state
from constructs_lib.review.loading.surroundings import surroundings
from constructs_lib.review.loading.terraform_module import Argument, TerraformModule
from constructs_lib.review.loading.variables import NO_VARIABLES, Variables
from constructs_lib.tokens import literal

# Blocks of Terraform's JSON configuration syntax, and CDKTF's comment.
_CONFIGURATION = {
    "//",
    "action",
    "check",
    "data",
    "ephemeral",
    "import",
    "locals",
    "module",
    "moved",
    "output",
} | {
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
}
_HCL_SUFFIXES = (".tf", ".tofu")
_HCL = (
    "Terraform's own language is not read here: run `terraform plan -out PLAN`, and give what "
    "`terraform show -json PLAN` prints; of an app of CDKTF give the cdktf.out that `cdktf synth` writes."
)
_FORMS = "Give cdktf.out, Terraform JSON, or what `terraform show -json` prints."


def read_input(
    new: Path, old: Path | Callable[[], Side] | None = None, variables: Variables = NO_VARIABLES
) -> Input:
    """Read both sides, `new` first; a plan is both. Raises `InputError`.

    * `old`: a file or a folder, or what reads that side. `variables`: values of Terraform's variables.
    """
    try:
        name = _name(new)
        if _is_folder(new):
            after = read_side(new, variables=variables)
        else:
            text, content = _read_file(new, name)
            if plan.is_plan(content):
                if old is not None:
                    advice = "Leave --against and --base out, or review the configuration instead."
                    raise InputError(name, "", "a plan already holds the state before the change", advice)
                return plan.read_plan(name, text, content)
            after = _single(new, name, text, content, variables, is_old=False)
        if old is None:
            return with_no_old_side(after)
        if isinstance(old, Path):
            return align(after, read_side(old, variables=variables, is_old=True))
        return align(after, old())
    except RecursionError:
        raise InputError(_name(new), "", "it is nested too deeply", _FORMS) from None


def read_side(
    path: Path, name: str | None = None, variables: Variables = NO_VARIABLES, *, is_old: bool = False
) -> Side:
    """Read a file or folder that is one side, in messages called `name`. Raises `InputError`.

    * `is_old`: which side it is: what is known to Terraform alone is never the same on both.
    """
    name = name or _name(path)
    if _is_folder(path):
        folder, name = (path, name) if isdir(path) else (path.parent, str(PurePosixPath(name).parent))
        return _folder(folder, name, variables, is_old)
    text, content = _read_file(path, name)
    return _single(path, name, text, content, variables, is_old=is_old)


def _is_folder(path: Path) -> bool:
    """Whether it is a folder, or stands for the one around it."""
    return isdir(path) or (path.name == "manifest.json" and isdir(path.parent / "stacks"))


def _read_file(path: Path, name: str) -> tuple[JsonText, dict[str, Any]]:
    if path.suffix in _HCL_SUFFIXES:
        raise InputError(name, "", "this is HCL", _HCL)
    text = JsonText.read(path, name)
    return text, text.parse()


def _single(
    path: Path, name: str, text: JsonText, content: dict[str, Any], variables: Variables, *, is_old: bool
) -> Side:
    """A file that is one side."""
    if plan.is_plan(content):
        advice = (
            "Give it alone: it holds the state before the change, too. Here, give configuration or a state."
        )
        raise InputError(name, "", "a plan is both sides at once", advice)
    if plan.is_state(content):
        values = content.get("values")
        made_by = tuple(
            providers_of_state(name, values.get("root_module") if isinstance(values, dict) else None)
        )
        return evolve(read_state(name, text, content), surroundings=made_by, is_single=True)
    tree = ModuleTree(path.parent, str(PurePosixPath(name).parent), is_old, {name: text})
    return evolve(_configuration(name, [(name, content)], tree, _stem(path), variables), is_single=True)


def _name(path: Path) -> str:
    """The path as given; on every system with `/`."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def _stem(path: Path) -> str:
    return path.name.removesuffix(".json").removesuffix(".tf")


def _folder(folder: Path, name: str, variables: Variables, is_old: bool) -> Side:
    manifest = folder / "manifest.json"
    if isfile(manifest):
        return _synthesized(folder, name, manifest, variables, is_old)
    tree = ModuleTree(folder, name, is_old)
    if hcl := [path.name for path in configuration_files(folder) if path.suffix in _HCL_SUFFIXES]:
        raise InputError(f"{name}/{hcl[0]}", "", "this is HCL", _HCL)
    files = tree.module(folder)
    if not files:
        if isfile(folder / "cdktf.json"):
            advice = "Run `alipolicy synth` or `cdktf synth`, and give the cdktf.out that it writes."
            raise InputError(name, "", "this is the folder of an app", advice)
        problem = "there is no manifest.json and no *.tf.json in this folder"
        raise InputError(name, "", problem, "Give cdktf.out, or the folder of one Terraform configuration.")
    of_folder = variables.of_folder(folder, name)
    return evolve(_configuration(name, files, tree, folder.resolve().name, of_folder), is_single=True)


def _synthesized(folder: Path, name: str, manifest: Path, variables: Variables, is_old: bool) -> Side:
    """The output of `cdktf synth`: all stacks that its manifest lists."""
    file = f"{name}/manifest.json"
    content = JsonText.read(manifest, file).parse()
    stacks = content.get("stacks")
    if not isinstance(stacks, dict):
        raise InputError(file, "/stacks", "there is no list of stacks", "Synthesise anew: `alipolicy synth`.")
    modules = []
    for stack, entry in stacks.items():
        path = entry.get("synthesizedStackPath") if isinstance(entry, dict) else None
        if not isinstance(path, str) or not _stays_inside(folder, path):
            at = pointer(["stacks", stack, "synthesizedStackPath"])
            raise InputError(file, at, "the stack has no file here", "Synthesise anew: `alipolicy synth`.")
        if not isfile(folder / path) and isfile((folder / path).with_name("cdk.tf")):
            raise InputError(f"{name}/{path}", "", "the stack was synthesised as HCL", "Synthesise as JSON.")
        inside = f"{name}/{PurePosixPath(path)}"
        text = JsonText.read(folder / path, inside)
        above = str(PurePosixPath(inside).parent)
        tree = ModuleTree((folder / path).parent, above, is_old, {inside: text})
        of_folder = variables.of_folder(tree.root, above)
        configuration = text.parse()
        module = _root_module([(inside, configuration)], tree, of_folder)
        modules.append((inside, _stack_name(configuration) or stack, module))
    for _, _, module in modules:
        module.stacks = [other for _, _, other in modules]
    return _joined(name, [_side(inside, stack, module) for inside, stack, module in modules])


def _stays_inside(folder: Path, path: str) -> bool:
    try:
        return (folder / path).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return False


def _joined(name: str, sides: list[Side]) -> Side:
    return Side(
        name=name,
        stacks=tuple(dict.fromkeys(stack for side in sides for stack in side.stacks)),
        resources=tuple(resource for side in sides for resource in side.resources),
        texts={file: text for side in sides for file, text in side.texts.items()},
        moved={key: value for side in sides for key, value in side.moved.items()},
        forgotten=frozenset(key for side in sides for key in side.forgotten),
        imported=frozenset(key for side in sides for key in side.imported),
        others=tuple(other for side in sides for other in side.others),
        modules=tuple(module for side in sides for module in side.modules),
        surroundings=tuple(each for side in sides for each in side.surroundings),
        unrelated={key: value for side in sides for key, value in side.unrelated.items()},
        notes=tuple(note for side in sides for note in side.notes),
    )


# ------------------------------------------------------------ configuration


def _configuration(name: str, files: Files, tree: ModuleTree, stack: str, variables: Variables) -> Side:
    stack = next(filter(None, (_stack_name(content) for _, content in files)), stack)
    return _side(name, stack, _root_module(files, tree, variables))


def _root_module(files: Files, tree: ModuleTree, variables: Variables) -> TerraformModule:
    for file, content in files:
        _refuse_other_json(file, content)
    given = {variable: Argument(value) for variable, value in variables.values.items()}
    return TerraformModule(tree, files, tree.root, given=given)


def _side(name: str, stack: str, configuration: TerraformModule) -> Side:
    tree = configuration.tree
    resources = tuple(expand(configuration))
    modules = tuple(unread_modules(configuration, stack))
    return Side(
        name=name,
        stacks=(stack,),
        resources=tuple(_load(stack, each) for each in resources if each.type_name in RESOURCE_TYPES),
        others=tuple(_load_other(stack, each) for each in resources if each.type_name not in RESOURCE_TYPES),
        texts=tree.texts,
        moved={(stack, start): to for start, to in moved_blocks(configuration)},
        forgotten=frozenset((stack, address) for address in forgotten_blocks(configuration)),
        imported=frozenset((stack, address) for address in imported_addresses(configuration)),
        modules=modules,
        surroundings=tuple(surroundings(configuration, stack)),
        unrelated={(stack, address): of for address, *of in unrelated_blocks(configuration)},
        notes=tuple(_notes(modules, tree)),
    )


def _refuse_other_json(name: str, content: Mapping[str, Any]) -> None:
    if "resources" in content and "serial" in content:
        advice = "Give what `terraform show -json` prints of it."
        raise InputError(name, "", "this is Terraform's own state file", advice)
    if content and not content.keys() & _CONFIGURATION:
        problem = f"neither Terraform configuration nor a plan: it begins with {next(iter(content))!r}"
        raise InputError(name, "line 1 column 1", problem, _FORMS)


def _stack_name(content: Mapping[str, Any]) -> str | None:
    value: Any = content
    for key in ("//", "metadata", "stackName"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None


def _load(stack: str, resource: ExpandedResource) -> LoadedResource:
    block = resource.block
    return LoadedResource(
        stack=stack,
        address=resource.address,
        type=RESOURCE_TYPES[resource.type_name],
        file=block.file,
        parts=block.parts,
        body=block.value,
        attributes=resource.attributes,
        is_applied=False,
        settings=resource.settings,
        refers_to=resource.refers_to,
        **_comment(block.value),
    )


def _load_other(stack: str, resource: ExpandedResource) -> OtherResource:
    return OtherResource(
        stack=stack,
        address=resource.address,
        type_name=resource.type_name,
        attributes=without_oversized(resource.attributes),
        settings=resource.settings,
        refers_to=resource.refers_to,
        file=resource.block.file,
        parts=resource.block.parts,
        policies=resource.policies,
    )


def _comment(body: Mapping[str, Any]) -> dict[str, Any]:
    """What stands under `//`: CDKTF's path of the construct, and what the construct says of itself."""
    comment = body.get("//")
    if not isinstance(comment, dict):
        return {}
    metadata, own = comment.get("metadata"), comment.get("alipolicy")
    path = metadata.get("path") if isinstance(metadata, dict) else None
    source = own.get("source") if isinstance(own, dict) else None
    reasons = own.get("acknowledge") if isinstance(own, dict) else None
    return {
        "construct_path": path if isinstance(path, str) else None,
        "source": source if isinstance(source, str) else None,
        "commented": {code: literal(reason) for code, reason in reasons.items() if isinstance(reason, str)}
        if isinstance(reasons, dict)
        else {},
    }


def _notes(modules: Iterable[UnreadModule], tree: ModuleTree) -> Iterator[str]:
    for file in dict.fromkeys(module.file for module in modules):
        yield f"{file} calls modules, which are not looked into: review the plan to see their policies."
    if names := sorted(tree.defaults):
        listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        yield f"Variables have their defaults here, which --var-file and --tf-vars change: {listed}."
