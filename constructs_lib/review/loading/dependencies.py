"""What a value depends on: everything behind its expressions, under one name.

A reviewed value that holds an expression is the same on both sides of a review only where all that the
expression refers to is: locals, variables and their defaults, data sources, files, other resources, modules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.review.loading import expressions
from constructs_lib.review.loading.attributes import FORMER_NAMES, RESOURCE_TYPES
from constructs_lib.review.loading.blocks import ConfigurationBlock, ModuleBlocks, listed, without_comment
from constructs_lib.review.loading.evaluation import value_of_tree
from constructs_lib.review.loading.expressions import FunctionCall, Path
from constructs_lib.review.loading.module_tree import ModuleTree, digest
from constructs_lib.review.loading.other_changes import VAULTS
from constructs_lib.review.loading.provider_arguments import of_place, of_unknown_place, reference_of
from constructs_lib.review.loading.terraform_module import (
    NOT_BLOCKS,
    Argument,
    Names,
    TerraformModule,
    UndecidedValue,
    repetition,
)
from constructs_lib.review.loading.values import UnresolvedError, as_string

MAX_STACKS = 4  # from one stack to the next
MAX_REFERENCES = 2_000  # behind one expression
MAX_EXPRESSIONS = 5_000  # likewise

# What these return does not follow from the files.
_IMPURE = ("bcrypt", "plantimestamp", "timestamp", "uuid")
_READS_FILE = (
    *("file", "fileset", "templatefile", "fileexists", "filemd5", "filesha1", "filesha256", "filesha512"),
    *("filebase64", "filebase64sha256", "filebase64sha512", "filebase64gzip"),
)
# What begins the reference to a block that is no resource, before its type.
_OF_KIND = ("data", "ephemeral")
# Data of blocks alone, which may be many.
_OF_NO_FILES = "alicloud_ram_policy_document"
# Data that comes of a program, whatever it reads.
OF_PROGRAMS = ("external", "shell_script")


def fingerprint(module: TerraformModule, value: Any, names: Names) -> str:
    """The name of all that the expressions in a value refer to, step by step.

    Where two sides have the same, and the same expressions, they have the same value.
    """
    if names or not isinstance(value, str):
        return _digest_behind(module, value, names)
    if value not in module.fingerprints:
        module.fingerprints[value] = _digest_behind(module, value, names)
    return module.fingerprints[value]


def _digest_behind(module: TerraformModule, value: Any, names: Names) -> str:
    walk = _DependencyWalk(module.tree, 0)
    walk.follow(module, value, names)
    return walk.digest()


def strings_in(value: Any) -> Iterator[str]:
    """All strings inside of a JSON value, keys too."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, (list, tuple)):
            left += item
        elif isinstance(item, (dict, Mapping)):
            left += item.keys()
            left += item.values()


class _DependencyWalk:
    """Everything that was met behind a value; `level`: how many stacks lie between."""

    def __init__(self, tree: ModuleTree, level: int) -> None:
        self._tree, self._level = tree, level
        self._met: dict[str, Any] = {}
        self._expressions = 0
        self._left: list[tuple[TerraformModule, Any, Names]] = []

    def digest(self) -> str:
        while self._left and len(self._met) <= MAX_REFERENCES and self._tree.references:
            self._tree.references -= 1
            self._visit(*self._left.pop())
        if self._left or self._expressions > MAX_EXPRESSIONS:
            return self._tree.only_here("more than can be followed")
        return digest(self._met) if self._met else ""

    def follow(self, module: TerraformModule, value: Any, names: Names) -> None:
        self._left.append((module, value, names))

    def _visit(self, module: TerraformModule, value: Any, names: Names) -> None:
        # At a glance: a value may be large, and most hold nothing that is to be followed.
        written = json.dumps(value, default=repr)
        if not expressions.has_expression(written):
            return
        if "dynamic" in written:
            names = {**dict.fromkeys(_iterators(value), "of a dynamic block"), **names}
        for text in strings_in(value):
            if not expressions.has_expression(text):
                continue
            self._expressions += 1
            if self._expressions > MAX_EXPRESSIONS:
                return
            found = expressions.references(text)
            if found is None:
                self._met["everything"] = module.everything
                self._met[f"{module.address} names"] = names
                continue
            paths, calls = found
            for call in sorted(calls, key=repr):
                self._meet_call(module, call, names)
            for path in sorted(paths, key=str):
                self._meet(module, path, names)

    def _meet(self, module: TerraformModule, path: Path, names: Names) -> None:
        if path[0] in names:
            self._meet_name(module, path, names[str(path[0])])
            return
        if path[0] in NOT_BLOCKS:
            return
        length = 3 if path[0] in _OF_KIND else 2
        name = f"{module.address}{'.'.join(map(str, path[:length]))}"
        is_of_stack = path[:2] == ("data", "terraform_remote_state")
        if path[0] == "module" or path[-1] == "id" or is_of_stack:
            name = f"{module.address}{'.'.join(map(str, path))}"
        if name in self._met:
            return
        block = _block(module.blocks, path)
        if block is None:
            self._met[name] = self._tree.only_here(name)
            return
        content = block.value  # a local is a value, not a block: it may be a list of one, with any key
        if path[0] != "local":
            content = _as_referred_to(path, without_comment(block.unwrapped.value))
        self._met[name] = content
        if path[0] == "var":
            self._follow_variable(module, name, module.given.get(str(path[1])))
        elif path[0] == "module":
            self._follow_module(module, path, content)
        else:
            if is_of_stack:
                self._follow_outputs(module, name, path)
            if path[0] != "local" and isinstance(content, Mapping):
                self._meet_files(module, name, path, content)
                self._meet_provider(module, name, path, content)
            self.follow(module, content, {})

    def _meet_name(self, module: TerraformModule, path: Path, value: Any) -> None:
        """What `each`, `count` or an iterator stands for."""
        self._met[f"{module.address}{path[0]}"] = value
        for item in value.values() if isinstance(value, Mapping) else ():
            if isinstance(item, UndecidedValue):
                self.follow(item.module, item.expression, item.names)

    def _meet_provider(
        self, module: TerraformModule, name: str, path: Path, content: Mapping[str, Any]
    ) -> None:
        """Where the provider of a data source or a resource works: elsewhere it has other values."""
        type_name = _type_name(path)
        found = module.provider(reference_of(content, type_name).partition("[")[0])
        if isinstance(found, str):
            self._met[f"{name} provider"] = found
        elif found is not None:
            owner, arguments = found
            place = {**of_place(arguments, type_name), **of_unknown_place(arguments)}
            place = {key: value for key, value in place.items() if value is not None}
            self._met[f"{name} provider"] = [place, arguments.get("for_each") if place else None]
            self.follow(owner, self._met[f"{name} provider"], {})

    # ---- files

    def _meet_call(self, module: TerraformModule, call: FunctionCall, names: Names) -> None:
        name = call.name.removeprefix("core::")
        if name in _IMPURE:
            self._met[f"{name}()"] = self._tree.only_here(name)
        if name not in _READS_FILE:
            return
        scope = module.scope(names)
        try:
            path, *others = [as_string(value_of_tree(each, scope)) for each in _paths_of(call, name)]
            found = scope.files.names(path, *others) if name == "fileset" else self._content(module, path)
        except (UnresolvedError, TypeError, ValueError):
            found = self._tree.only_here(name)
        self._met[f"{module.address}{call}"] = found

    def _content(self, module: TerraformModule, path: str) -> str:
        """The name of what is in a file, which as a template may call functions. Raises `UnresolvedError`."""
        content = module.files.content(path)
        is_pure = not any(f"{name}(".encode() in content for name in (*_IMPURE, *_READS_FILE))
        return hashlib.sha256(content).hexdigest() if is_pure else self._tree.only_here(path)

    def _meet_files(self, module: TerraformModule, name: str, path: Path, content: Any) -> None:
        """The files that a data source, a resource or a module is given the names of, which it may read."""
        type_name = _type_name(path)
        if type_name in OF_PROGRAMS:
            self._met[f"{name} program"] = self._tree.only_here(name)
        if type_name == _OF_NO_FILES:
            return
        is_reader = path[0] == "data" and type_name.startswith("local_")
        arguments = [item for key, item in content.items() if key != "source" or path[0] != "module"]
        for _, names in module.instances(content, {}).items:
            for text in strings_in(arguments):
                try:
                    for file in strings_in(module.resolve(text, names)):
                        self._meet_file(module, f"{name} {file}", file, is_reader, path[0] == "module")
                except UnresolvedError:
                    if is_reader or "path." in text:
                        self._met[f"{name} file"] = self._tree.only_here(name)

    def _meet_file(
        self, module: TerraformModule, name: str, file: str, is_reader: bool, may_be_folder: bool
    ) -> None:
        if module.files.is_file(file) or is_reader:
            self._met[name] = hashlib.sha256(module.files.content(file)).hexdigest()
        elif may_be_folder and module.files.is_folder(file):
            self._met[name] = self._tree.contents(self._tree.root / file) or self._tree.only_here(name)

    # ---- modules and stacks

    def _follow_variable(self, module: TerraformModule, name: str, given: Argument | None) -> None:
        if given is None:
            return
        repeated = repetition(given.call)
        self._met[f"{name} given"] = [given.value, given.names, repeated]
        if given.caller is not None:
            self.follow(given.caller, [given.value, repeated], given.names)

    def _follow_outputs(self, module: TerraformModule, name: str, path: Path) -> None:
        """The outputs of this name of all stacks at hand: the state may be that of one of them."""
        for stack in module.root.stacks:
            for label, output in stack.blocks.outputs.items():
                if label in path[4:] or len(path) < 5:
                    walk = _DependencyWalk(stack.tree, self._level + 1)
                    walk.follow(stack, output.body.get("value"), {})
                    behind = walk.digest() if self._level < MAX_STACKS else self._tree.only_here(name)
                    self._met[f"{name} {stack.folder.name} {label}"] = [output.body.get("value"), behind]

    def _follow_module(self, module: TerraformModule, path: Path, content: Any) -> None:
        self.follow(module, content, {})
        children = module.children.get(str(path[1]), ())
        if not children:
            if isinstance(content, Mapping):
                self._meet_files(module, f"{module.address}module.{path[1]}", path, content)
            source = content.get("source") if isinstance(content, Mapping) else None
            if not isinstance(source, str) or source.startswith("."):
                name = f"{module.address}module.{path[1]} files"
                found = self._tree.contents(module.folder / source) if isinstance(source, str) else None
                self._met[name] = found or self._tree.only_here(name)
            return
        for suffix, child in children:
            for label, output in child.blocks.outputs.items():
                if label in path[2:] or len(path) < 3:
                    self._met[f"{child.address}output.{label}{suffix}"] = without_comment(output.value)
                    self.follow(child, without_comment(output.unwrapped.value), {})


def _paths_of(call: FunctionCall, name: str) -> tuple[Any, ...]:
    """The arguments that say which files are read."""
    return call.arguments if name == "fileset" else call.arguments[:1]


def _type_name(path: Path) -> str:
    return str(path[1] if path[0] in _OF_KIND else path[0])


def _iterators(value: Any) -> Iterator[str]:
    """What the contents of the dynamic blocks in a value refer to: the names of their items."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, (dict, Mapping)):
            for dynamic in listed(item["dynamic"]) if "dynamic" in item else ():
                names = {name: block for name, blocks in dynamic.items() for block in listed(blocks)}
                yield from (str(block.get("iterator") or name) for name, block in names.items())
            left += item.values()
        elif isinstance(item, (list, tuple)):
            left += item


def _block(blocks: ModuleBlocks, path: Path) -> ConfigurationBlock | None:
    kind, name, label, *_ = (*map(str, path), "", "")
    if kind == "local":
        return blocks.locals.get(name)
    if kind == "var":
        return blocks.variables.get(name)
    if kind == "module":
        return blocks.modules.get(name)
    if kind in _OF_KIND:
        return (blocks.data if kind == "data" else blocks.ephemeral).get((name, label))
    return blocks.resources.get((kind, name))


# Of a variable, what says nothing of its value.
_OF_NO_VALUE = ("description", "validation")
# Arguments of a vault that are known to be changed in place: with any other it may be another vault.
_OF_SAME_VAULT = ("acknowledge", "description", "vault_name")
_OF_INSTANCES = ("count", "for_each", "provider")


def _as_referred_to(path: Path, content: Any) -> Any:
    """What of a block a reference depends on: an id stays while its resource is not made anew."""
    if path[0] == "var" and isinstance(content, Mapping):
        return {name: value for name, value in content.items() if name not in _OF_NO_VALUE}
    if path[-1] != "id" or not isinstance(content, Mapping):
        return content
    if path[0] in VAULTS:
        return {name: value for name, value in content.items() if name not in _OF_SAME_VAULT}
    if kind := RESOURCE_TYPES.get(str(path[0])):
        names = {*kind.forces_new_resource, *_OF_INSTANCES}
        names |= {FORMER_NAMES[name] for name in kind.forces_new_resource if name in FORMER_NAMES}
        return {name: content[name] for name in sorted(names) if name in content}
    return content
