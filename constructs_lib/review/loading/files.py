"""What a review reads: a `cdktf.out`, Terraform JSON, or what `terraform show -json` prints of a plan.

Each file becomes a list of `LoadedResource` resources; HCL is read by Terraform alone: give its plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os.path import isdir, isfile  # unlike those of Path, they answer for any path
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.review.loading import plan
from constructs_lib.review.loading.attributes import RESOURCE_TYPES, props_of
from constructs_lib.review.loading.json_text import InputError, parse, pointer, read_text
from constructs_lib.review.loading.resource import LoadedResource, Side

# Blocks of Terraform's JSON configuration syntax, and CDKTF's comment.
_CONFIGURATION = {"//", "check", "data", "ephemeral", "import", "locals", "module", "moved", "output"} | {
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
}
_HCL_SUFFIXES = (".tf", ".tofu")
_HCL = "Terraform's own language is not read here: give what `terraform show -json PLAN` prints."
_FORMS = "Give cdktf.out, Terraform JSON, or what `terraform show -json` prints."


@frozen
class Input:
    """Both sides of a review.

    * `old`: None where everything counts as new. `replaced`: addresses that the plan says are made anew.
    """

    new: Side
    old: Side | None
    replaced: frozenset[tuple[str, str]] = frozenset()


def read_input(new: Path, old: Path | Side | None = None) -> Input:
    """Read both sides; a plan is both. Raises `InputError`."""
    try:
        if isfile(new) and new.suffix not in _HCL_SUFFIXES:
            name = _name(new)
            text = read_text(new, name)
            content = parse(text, name)
            if plan.is_plan(content):
                if old is not None:
                    advice = "Leave --against and --base out, or review the configuration instead."
                    raise InputError(name, "", "a plan already holds the state before the change", advice)
                return Input(*plan.sides(name, text, content))
        return Input(read_side(new), read_side(old) if isinstance(old, Path) else old)
    except RecursionError:
        raise InputError(_name(new), "", "it is nested too deeply", _FORMS) from None


def read_side(path: Path, name: str | None = None) -> Side:
    """Read a file or folder that is one side, in messages called `name`. Raises `InputError`."""
    name = name or _name(path)
    if isdir(path):
        return _folder(path, name)
    if path.suffix in _HCL_SUFFIXES:
        raise InputError(name, "", "this is HCL", _HCL)
    if path.name == "manifest.json" and isdir(path.parent / "stacks"):
        return _folder(path.parent, str(PurePosixPath(name).parent))
    text = read_text(path, name)
    content = parse(text, name)
    if plan.is_plan(content):
        advice = (
            "Give it alone: it holds the state before the change, too. Here, give configuration or a state."
        )
        raise InputError(name, "", "a plan is both sides at once", advice)
    if plan.is_state(content):
        return evolve(plan.state(name, text, content), is_single=True)
    return evolve(_configuration(name, text, content, _stem(path)), is_single=True)


def _name(path: Path) -> str:
    """The path as given; on every system with `/`."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def _stem(path: Path) -> str:
    return path.name.removesuffix(".json").removesuffix(".tf")


def _folder(folder: Path, name: str) -> Side:
    manifest = folder / "manifest.json"
    if isfile(manifest):
        return _synthesized(folder, name, manifest)
    files = sorted(folder.glob("*.tf.json"))
    hcl = sorted([*folder.glob("*.tf"), *folder.glob("*.tofu")])
    if hcl:
        raise InputError(f"{name}/{hcl[0].name}", "", "this is HCL", _HCL)
    if not files:
        if isfile(folder / "cdktf.json"):
            advice = "Run `alipolicy synth` or `cdktf synth`, and give the cdktf.out that it writes."
            raise InputError(name, "", "this is the folder of an app", advice)
        problem = "there is no manifest.json and no *.tf.json in this folder"
        raise InputError(name, "", problem, "Give cdktf.out, or the folder of one Terraform configuration.")
    sides = [_file(file, f"{name}/{file.name}", folder.resolve().name) for file in files]
    return _joined(name, [evolve(side, stacks=(sides[0].stacks[0],)) for side in _same_stack(sides)])


def _same_stack(sides: list[Side]) -> list[Side]:
    stack = sides[0].stacks[0]
    return [
        evolve(side, resources=tuple(evolve(each, stack=stack) for each in side.resources)) for side in sides
    ]


def _synthesized(folder: Path, name: str, manifest: Path) -> Side:
    """The output of `cdktf synth`: all stacks that its manifest lists."""
    file = f"{name}/manifest.json"
    content = parse(read_text(manifest, file), file)
    stacks = content.get("stacks")
    if not isinstance(stacks, dict):
        raise InputError(file, "/stacks", "there is no list of stacks", "Synthesise anew: `alipolicy synth`.")
    sides = []
    for stack, entry in stacks.items():
        path = entry.get("synthesizedStackPath") if isinstance(entry, dict) else None
        if not isinstance(path, str) or not _stays_inside(folder, path):
            at = pointer(["stacks", stack, "synthesizedStackPath"])
            raise InputError(file, at, "the stack has no file here", "Synthesise anew: `alipolicy synth`.")
        if not isfile(folder / path) and isfile((folder / path).with_name("cdk.tf")):
            raise InputError(f"{name}/{path}", "", "the stack was synthesised as HCL", "Synthesise as JSON.")
        sides.append(_file(folder / path, f"{name}/{PurePosixPath(path)}", stack))
    return _joined(name, sides)


def _stays_inside(folder: Path, path: str) -> bool:
    try:
        return (folder / path).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return False


def _file(path: Path, name: str, stack: str) -> Side:
    text = read_text(path, name)
    return _configuration(name, text, parse(text, name), stack)


def _joined(name: str, sides: list[Side]) -> Side:
    return Side(
        name=name,
        stacks=tuple(dict.fromkeys(stack for side in sides for stack in side.stacks)),
        resources=tuple(resource for side in sides for resource in side.resources),
        texts={file: text for side in sides for file, text in side.texts.items()},
        moved={key: value for side in sides for key, value in side.moved.items()},
        notes=tuple(note for side in sides for note in side.notes),
    )


# ------------------------------------------------------------ configuration


def _configuration(name: str, text: str, content: dict[str, Any], stack: str) -> Side:
    if "resources" in content and "serial" in content:
        advice = "Give what `terraform show -json` prints of it."
        raise InputError(name, "", "this is Terraform's own state file", advice)
    if content and not content.keys() & _CONFIGURATION:
        problem = f"neither Terraform configuration nor a plan: it begins with {next(iter(content))!r}"
        raise InputError(name, "line 1 column 1", problem, _FORMS)
    stack = _stack_name(content) or stack
    return Side(
        name=name,
        stacks=(stack,),
        resources=tuple(_resources(name, content, stack)),
        texts={name: text},
        moved=dict(_moved(content, stack)),
        notes=tuple(_notes(name, content)),
    )


def _stack_name(content: Mapping[str, Any]) -> str | None:
    value: Any = content
    for key in ("//", "metadata", "stackName"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None


@frozen
class _At:
    """A JSON value with its place."""

    value: Any
    parts: tuple[str | int, ...] = field(default=())


def _members(at: _At, file: str, what: str) -> Iterator[tuple[str, _At]]:
    """The labelled blocks inside; Terraform takes a list of objects for one object."""
    value = at.value
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _members(_At(item, (*at.parts, index)), file, what)
        return
    if not isinstance(value, dict):
        raise InputError(
            file, pointer(at.parts), f"{what} is not an object", "Fix the file, or synthesise anew."
        )
    for label, item in value.items():
        if label != "//":
            yield label, _At(item, (*at.parts, label))


def _resources(file: str, content: Mapping[str, Any], stack: str) -> Iterator[LoadedResource]:
    if "resource" not in content:
        return
    for type_name, of_type in _members(_At(content["resource"], ("resource",)), file, "`resource`"):
        resource_type = RESOURCE_TYPES.get(type_name)
        if resource_type is None:
            continue
        for label, named in _members(of_type, file, f"`resource.{type_name}`"):
            address = f"{type_name}.{label}"
            body, parts = named.value, named.parts
            if isinstance(body, list) and len(body) == 1:
                body, parts = body[0], (*parts, 0)
            if not isinstance(body, dict):
                advice = "Fix the file, or synthesise anew."
                raise InputError(file, pointer(parts), f"{address} is not an object", advice)
            if not _is_there(body):
                continue
            yield LoadedResource(
                stack=stack,
                address=address,
                type=resource_type,
                file=file,
                parts=parts,
                body=body,
                props=props_of(resource_type, body, is_applied=False),
                is_applied=False,
                settings={name: body[name] for name in _SETTINGS if body.get(name) is not None},
                **_comment(body),
            )


# Which, how many, and whose: a change of these is one of the resource, too.
_SETTINGS = ("count", "for_each", "provider")


def _is_there(body: Mapping[str, Any]) -> bool:
    """Whether Terraform makes anything of a resource: not with a count of 0, and not for each of nothing."""
    is_counted_out = body.get("count") in (0, "0") and body.get("count") is not False
    return not is_counted_out and body.get("for_each") not in ({}, [])


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
        "acknowledge": {code: reason for code, reason in reasons.items() if isinstance(reason, str)}
        if isinstance(reasons, dict)
        else {},
    }


def _moved(content: Mapping[str, Any], stack: str) -> Iterator[tuple[tuple[str, str], str]]:
    blocks = content.get("moved")
    for block in blocks if isinstance(blocks, list) else [blocks]:
        if (
            isinstance(block, dict)
            and isinstance(block.get("from"), str)
            and isinstance(block.get("to"), str)
        ):
            yield (stack, block["from"]), block["to"]


def _notes(file: str, content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("module"):
        yield f"{file} calls modules, which are not looked into: review the plan to see their policies."
