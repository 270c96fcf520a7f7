"""One Terraform module: what its expressions stand for, and what they refer to.

A reviewed value that holds an expression is the same on both sides of a review only where all that the
expression refers to is: locals, variables and their defaults, data sources, other resources, modules. What
the files alone decide is filled in; of the rest, `fingerprint` names everything that stands behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from attrs import field, frozen

from constructs_lib.review.loading import expressions
from constructs_lib.review.loading.attributes import FORMER_NAMES, RESOURCE_TYPES
from constructs_lib.review.loading.blocks import ConfigurationBlock, ModuleBlocks, listed, without_comment
from constructs_lib.review.loading.evaluation import (
    EvaluationScope,
    SetValue,
    UnresolvedError,
    convert,
    evaluate,
    json_text,
)
from constructs_lib.review.loading.expressions import Path
from constructs_lib.review.loading.module_tree import Files, ModuleTree, digest
from constructs_lib.review.loading.ram_statements import document_of_statements
from constructs_lib.review.loading.variables import FromEnvironment

MAX_MODULES = 16  # levels of modules
MAX_STACKS = 4  # from one stack to the next
MAX_STEPS = 30  # from one local to the next
MAX_INSTANCES = 2_000
MAX_REFERENCES = 2_000  # behind one expression

Names = Mapping[str, Any]
"""What `each`, `count` and the iterators of dynamic blocks stand for."""

# What these return does not follow from the files.
_IMPURE = ("bcrypt", "plantimestamp", "timestamp", "uuid")
_OF_FILES = ("file", "filebase64", "fileexists", "filemd5", "fileset", "filesha256", "filesha512")
_UNPROVEN = frozenset(
    (*_IMPURE, *_OF_FILES, "filebase64sha256", "filebase64sha512", "filesha1", "templatefile")
)
_NO_BLOCKS = ("each", "count", "self", "path", "terraform")
_OF_CALL = frozenset(("source", "version", "providers", "depends_on", "count", "for_each", "//"))


@frozen
class Argument:
    """A value given to a module's variable: an expression in the caller's scope; without one it is final."""

    value: Any
    caller: TerraformModule | None = None
    names: Names = field(factory=dict)
    call: Mapping[str, Any] = field(factory=dict)


@frozen
class UndecidedValue:
    """A value that the files do not decide; `name`: of all that it depends on."""

    name: str


@frozen
class Instances:
    """The instances of a block with `count` or `for_each`: what follows the address, and the names inside.

    * `undecided`: `count` or `for_each` where the files do not decide how many there are: then it is one.
    """

    items: tuple[tuple[str, Names], ...]
    undecided: Mapping[str, Any] = field(factory=dict)


class TerraformModule:
    """One module: its blocks, the values of its variables, and the modules that it calls.

    * `files`: of its folder. `address`: as in `module.a["x"].`; empty for the root module.
    * `given`: the values of its variables. `stacks`: of a root module, the root modules beside it.
    """

    def __init__(
        self,
        tree: ModuleTree,
        files: Files,
        folder: FilePath,
        *,
        address: str = "",
        given: Mapping[str, Argument] | None = None,
        caller: TerraformModule | None = None,
        call: Mapping[str, Any] | None = None,
    ) -> None:
        self.tree, self.folder, self.address = tree, folder, address
        self.caller, self.call = caller, call or {}
        self.blocks = ModuleBlocks.of(files)
        self._files = files
        self._given = dict(given or {})
        self.stacks: Sequence[TerraformModule] = ()
        self._level: int = 0 if caller is None else caller._level + 1
        self._evaluating: list[Path] = []
        self._values: dict[Path, Any] = {}
        self._unresolved: dict[Path, str] = {}
        self._fingerprints: dict[str, str] = {}

    @property
    def root(self) -> TerraformModule:
        return self if self.caller is None else self.caller.root

    # -------------------------------------------------------- values

    def scope(self, names: Names) -> EvaluationScope:
        def read_file(path: str) -> str:
            return self.tree.read_file(self.folder, path)

        return EvaluationScope(self._lookup, self.tree.budget, read_file, names)

    def resolve(self, value: Any, names: Names) -> Any:
        """A value with everything filled in. Raises `UnresolvedError`."""
        if isinstance(value, str):
            return evaluate(value, self.scope(names)) if expressions.has_expression(value) else value
        if isinstance(value, dict):
            pairs = [
                (str(self.resolve(key, names)), self.resolve(item, names)) for key, item in value.items()
            ]
            if len(dict(pairs)) < len(pairs):
                raise UnresolvedError("an object has a key twice")
            return dict(pairs)
        if isinstance(value, list):
            return [self.resolve(item, names) for item in value]
        return _whole_numbers(value)

    def _lookup(self, path: Path) -> tuple[Any, int]:
        key, used = self._key(path)
        dotted = ".".join(map(str, path))
        if key is None:
            raise UnresolvedError(f"{dotted} is known to Terraform alone")
        if key in self._unresolved:
            raise UnresolvedError(self._unresolved[key])
        if key not in self._values:
            if key in self._evaluating or len(self._evaluating) >= MAX_STEPS:
                raise UnresolvedError(f"{dotted} refers to itself, or through too many others")
            self._evaluating.append(key)
            try:
                self._values[key] = self._value(key)
            except UnresolvedError as error:
                if len(self._evaluating) == 1:  # otherwise it may be that of a circle
                    self._unresolved[key] = str(error)
                raise
            finally:
                self._evaluating.pop()
        return self._values[key], used

    def _key(self, path: Path) -> tuple[Path | None, int]:
        """The block that a reference begins with (and, of a resource, the argument), and its length."""
        root = path[0]
        if root in ("local", "var") and len(path) > 1:
            return path[:2], 2
        if root == "module" and len(path) > 2:
            steps = 4 if len(path) > 3 and f"{_suffix(path[2])}" in self._suffixes(str(path[1])) else 3
            return path[:steps], steps
        if root == "data" and len(path) > 3:
            return path[:4], 4
        if root == "path" and len(path) > 1 and path[1] in ("module", "root"):
            return path[:2], 2
        if root in ("data", "module", "local", "var", *_NO_BLOCKS):
            return None, 0
        return (("resource", *path[:3]), 3) if len(path) > 2 else (None, 0)

    def _suffixes(self, module: str) -> list[str]:
        return [suffix for suffix, _ in self.children.get(module, ()) if suffix]

    def _value(self, key: Path) -> Any:
        kind, name = key[0], str(key[1])
        if kind == "local":
            if name not in self.blocks.locals:
                raise UnresolvedError(f"there is no local.{name} in the files")
            return self.resolve(self.blocks.locals[name].value, {})
        if kind == "var":
            return self._variable(name)
        if kind == "path":
            return self._path(name)
        if kind == "module":
            suffix = _suffix(key[2]) if len(key) > 3 else ""
            for each, called in self.children.get(name, ()):
                if each == suffix and not called.is_repeated:
                    return called._output(str(key[-1]))
            raise UnresolvedError(f"module.{name} is not in the files")
        if kind == "data":
            return self._data(name, str(key[2]), str(key[3]))
        return self._argument(str(key[1]), str(key[2]), str(key[3]))

    def _path(self, name: str) -> str:
        if name == "root" or self.caller is None:
            return "."
        relative = self.folder.resolve()
        if not relative.is_relative_to(self.tree.root.resolve()):
            raise UnresolvedError("a module outside of the folder has a path of its own")
        return relative.relative_to(self.tree.root.resolve()).as_posix()

    def _variable(self, name: str) -> Any:
        block = self.blocks.variables.get(name)
        body: Mapping[str, Any] = {} if block is None else block.body
        given = self._given.get(name)
        value = None
        if given is not None and block is not None:
            value = given.caller.resolve(given.value, given.names) if given.caller else given.value
        if given is None or (value is None and body.get("nullable") is False):
            if "default" not in body:
                raise UnresolvedError(f"var.{name} has no value here")
            value = _whole_numbers(body["default"])  # a default holds no expression
            if self.caller is None:
                self.tree.defaults.add(name)
        wanted = _type(body.get("type"))
        if isinstance(value, FromEnvironment):
            value = value.as_type(wanted)
        return convert(value, wanted, self.scope({}))

    def _output(self, name: str) -> Any:
        block = self.blocks.outputs.get(name)
        if block is None or "value" not in block.body:
            raise UnresolvedError(f"the module has no output {name}")
        return self.resolve(block.body["value"], {})

    def _argument(self, type_name: str, label: str, name: str) -> Any:
        block = self.blocks.resources.get((type_name, label))
        body: Mapping[str, Any] = {} if block is None else block.body
        cannot = UnresolvedError(f"{type_name}.{label}.{name} is known only after an apply")
        if name not in body or {"count", "for_each", "lifecycle"} & body.keys():
            raise cannot
        value = self.resolve(body[name], {})
        # What else a provider makes of an argument, its schema tells, which is not here.
        if not isinstance(value, str) or not value or value.strip("0123456789") == "" or value in _WORDS:
            raise cannot
        return value

    def _data(self, type_name: str, label: str, name: str) -> Any:
        block = self.blocks.data.get((type_name, label))
        body: Mapping[str, Any] = {} if block is None else block.body
        is_document = type_name == "alicloud_ram_policy_document" and name == "document"
        if not body or not is_document or {"count", "for_each"} & body.keys():
            raise UnresolvedError(f"data.{type_name}.{label}.{name} is read by Terraform alone")
        return json_text(document_of_statements(self.resolve(dict(without_comment(body)), {})))

    # -------------------------------------------------------- instances and modules

    def instances(self, body: Mapping[str, Any], names: Names) -> Instances:
        """The instances of a block."""
        count, for_each = body.get("count"), body.get("for_each")
        given = {key: value for key, value in (("count", count), ("for_each", for_each)) if value is not None}
        if not given:
            return Instances((("", names),))
        try:
            if len(given) > 1:
                raise UnresolvedError("it has both")
            if count is not None:
                return Instances(_counted(self.resolve(count, names), names))
            return Instances(_for_each(self._collection(for_each, names), names))
        except UnresolvedError:
            return Instances((("", names),), given)

    def _collection(self, for_each: Any, names: Names) -> Any:
        """The keys and values; a value that the files do not decide goes by what it refers to."""
        if not isinstance(for_each, dict):
            return self.resolve(for_each, names)
        values: dict[str, Any] = {}
        for key, value in for_each.items():
            try:
                values[str(self.resolve(key, names))] = self.resolve(value, names)
            except UnresolvedError:
                values[str(self.resolve(key, names))] = UndecidedValue(
                    digest([value, self.fingerprint(value, names)])
                )
        if len(values) < len(for_each):
            raise UnresolvedError("an object has a key twice")
        return values

    @cached_property
    def children(self) -> Mapping[str, tuple[tuple[str, TerraformModule], ...]]:
        """The modules of the same tree that this one calls: by name, all instances."""
        return {name: tuple(self._call(name, block)) for name, block in self.blocks.modules.items()}

    @cached_property
    def is_repeated(self) -> bool:
        """Whether there may be several of it, or none."""
        return self.caller is not None and bool(self.caller.instances(self.call, {}).undecided)

    def _call(self, name: str, block: ConfigurationBlock) -> Iterator[tuple[str, TerraformModule]]:
        body = block.body
        source = body.get("source")
        if not isinstance(source, str) or not source.startswith(("./", "../")) or self._level >= MAX_MODULES:
            return
        folder = self.folder / source
        files = self.tree.module(folder)
        if files is None:
            return
        instances = self.instances(body, {}).items
        if len(instances) > self.tree.modules:
            return
        self.tree.modules -= len(instances)
        for suffix, names in instances:
            given = {
                key: Argument(value, self, names, body) for key, value in body.items() if key not in _OF_CALL
            }
            address = f"{self.address}module.{name}{suffix}."
            yield (
                suffix,
                TerraformModule(
                    self.tree, files, folder, address=address, given=given, caller=self, call=body
                ),
            )

    def provider(self, reference: str) -> tuple[TerraformModule, Mapping[str, Any]] | None:
        """The configuration of a provider, such as `alicloud.west`, and the module where it stands."""
        name, _, alias = reference.partition(".")
        for label, block in self.blocks.providers:
            if label == name and (block.body.get("alias") or "") == alias:
                return self, block.body
        if self.caller is None:
            return None
        given = self.call.get("providers")
        handed = given.get(reference) if isinstance(given, Mapping) else None
        if isinstance(handed, str):
            return self.caller.provider(handed.removeprefix("${").removesuffix("}"))
        return None if alias else self.caller.provider(reference)

    # -------------------------------------------------------- references

    def fingerprint(self, value: Any, names: Names) -> str:
        """The name of all that the expressions in a value refer to, step by step.

        Where two sides have the same, and the same expressions, they have the same value.
        """
        if isinstance(value, str) and not names and value in self._fingerprints:
            return self._fingerprints[value]
        walk = _ReferenceWalk(self.tree, 0)
        walk.follow(self, value, names)
        found = walk.digest()
        if isinstance(value, str) and not names:
            self._fingerprints[value] = found
        return found

    @cached_property
    def everything(self) -> str:
        """The name of all of the files."""
        if self.caller is not None:
            return self.root.everything
        given = {name: argument.value for name, argument in self._given.items()}
        return digest([given, *self._all_contents()])

    def _all_contents(self) -> Iterator[Any]:
        yield {name.rpartition("/")[2]: content for name, content in self._files}
        for called in self.children.values():
            for _, child in called[:1]:
                yield from child._all_contents()


class _ReferenceWalk:
    """Everything that was met behind an expression; `level`: how many stacks lie between."""

    def __init__(self, tree: ModuleTree, level: int) -> None:
        self._tree, self._level = tree, level
        self._met: dict[str, Any] = {}
        self._left: list[tuple[TerraformModule, Any, Names]] = []

    def digest(self) -> str:
        while self._left and len(self._met) <= MAX_REFERENCES and self._tree.references > 0:
            self._tree.references -= 1
            self._visit(*self._left.pop())
        if self._left:
            return self._tree.only_here("more than can be followed")
        return digest(self._met) if self._met else ""

    def follow(self, configuration: TerraformModule, value: Any, names: Names) -> None:
        self._left.append((configuration, value, names))

    def _visit(self, configuration: TerraformModule, value: Any, names: Names) -> None:
        names = {**dict.fromkeys(_iterators(value), "of a dynamic block"), **names}
        for text in strings_in(value):
            if not expressions.has_expression(text):
                continue
            found = expressions.references(text)
            if found is None:
                self._met["everything"] = configuration.everything
                self._met[f"{configuration.address} names"] = names
                continue
            paths, functions = found
            for function in sorted(functions & _UNPROVEN):
                self._met[f"{function}()"] = self._tree.only_here(function)
            for path in sorted(paths, key=str):
                self._meet(configuration, path, names)

    def _meet(self, configuration: TerraformModule, path: Path, names: Names) -> None:
        if path[0] in names:
            self._met[f"{configuration.address}{path[0]}"] = names[str(path[0])]
            return
        if path[0] in _NO_BLOCKS:
            return
        length = 3 if path[0] == "data" else 2
        name = f"{configuration.address}{'.'.join(map(str, path[:length]))}"
        is_of_stack = path[:2] == ("data", "terraform_remote_state")
        if path[0] == "module" or path[-1] == "id" or is_of_stack:
            name = f"{configuration.address}{'.'.join(map(str, path))}"
        if name in self._met:
            return
        block = _block(configuration.blocks, path)
        if block is None:
            self._met[name] = self._tree.only_here(name)
            return
        content = block.value  # a local is a value, not a block: it may be a list of one, with any key
        if path[0] != "local":
            content = _as_referred_to(path, without_comment(block.unwrapped.value))
        self._met[name] = content
        if path[0] == "var":
            self._follow_variable(configuration, name, configuration._given.get(str(path[1])))
        elif path[0] == "module":
            self._follow_module(configuration, path, content)
        elif is_of_stack:
            self._follow_outputs(configuration, name, path)
            self.follow(configuration, content, {})
        else:
            self.follow(configuration, content, {})

    def _follow_variable(self, configuration: TerraformModule, name: str, given: Argument | None) -> None:
        if given is None:
            return
        repeated = {key: given.call[key] for key in ("count", "for_each") if key in given.call}
        self._met[f"{name} given"] = [given.value, given.names, repeated]
        if given.caller is not None:
            self.follow(given.caller, [given.value, repeated], given.names)

    def _follow_outputs(self, configuration: TerraformModule, name: str, path: Path) -> None:
        """The outputs of this name of all stacks at hand: the state may be that of one of them."""
        for stack in configuration.root.stacks:
            for label, output in stack.blocks.outputs.items():
                if label in path[4:] or len(path) < 5:
                    walk = _ReferenceWalk(stack.tree, self._level + 1)
                    walk.follow(stack, output.body.get("value"), {})
                    behind = walk.digest() if self._level < MAX_STACKS else self._tree.only_here(name)
                    self._met[f"{name} {stack.folder.name} {label}"] = [output.body.get("value"), behind]

    def _follow_module(self, configuration: TerraformModule, path: Path, content: Any) -> None:
        self.follow(configuration, content, {})
        children = configuration.children.get(str(path[1]), ())
        if not children:
            source = content.get("source") if isinstance(content, Mapping) else None
            if not isinstance(source, str) or source.startswith("."):
                name = f"{configuration.address}module.{path[1]} files"
                found = (
                    self._tree.contents(configuration.folder / source) if isinstance(source, str) else None
                )
                self._met[name] = found or self._tree.only_here(name)
            return
        for suffix, child in children:
            for label, output in child.blocks.outputs.items():
                if label in path[2:] or len(path) < 3:
                    self._met[f"{child.address}output.{label}{suffix}"] = without_comment(output.value)
                    self.follow(child, without_comment(output.unwrapped.value), {})


def _iterators(value: Any) -> Iterator[str]:
    """What the contents of the dynamic blocks in a value refer to: the names of their items."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, Mapping):
            for dynamic in listed(item.get("dynamic")):
                names = {name: block for name, blocks in dynamic.items() for block in listed(blocks)}
                yield from (str(block.get("iterator") or name) for name, block in names.items())
            left += item.values()
        elif isinstance(item, (list, tuple)):
            left += item


def _whole_numbers(value: Any) -> Any:
    """JSON's value, whose numbers are whole. Raises `UnresolvedError`."""
    if isinstance(value, dict):
        return {key: _whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    if isinstance(value, (int, float)) and (abs(value) > 10**15 or value != int(value)):
        raise UnresolvedError("a number is not whole, or too large")
    return int(value) if isinstance(value, float) else value


_WORDS = ("true", "false", "null")
_OF_INSTANCES = ("count", "for_each", "provider")
# Arguments of a vault that Terraform changes in place; source: aliyun/alicloud, alicloud_hbr_vault.
_OF_SAME_VAULT = frozenset(("description", "vault_name"))


def _as_referred_to(path: Path, content: Any) -> Any:
    """What of a block a reference depends on: an id stays while its resource is not made anew."""
    if path[-1] != "id" or not isinstance(content, Mapping):
        return content
    if kind := RESOURCE_TYPES.get(str(path[0])):
        names = {*kind.forces_new_resource, *_OF_INSTANCES}
        names |= {FORMER_NAMES[name] for name in kind.forces_new_resource if name in FORMER_NAMES}
        return {name: content[name] for name in sorted(names) if name in content}
    if path[0] == "alicloud_hbr_vault":
        return {name: value for name, value in content.items() if name not in _OF_SAME_VAULT}
    return content


def _block(blocks: ModuleBlocks, path: Path) -> ConfigurationBlock | None:
    kind, name = path[0], str(path[1]) if len(path) > 1 else ""
    if kind == "local":
        return blocks.locals.get(name)
    if kind == "var":
        return blocks.variables.get(name)
    if kind == "module":
        return blocks.modules.get(name)
    if kind == "data":
        return blocks.data.get((name, str(path[2]))) if len(path) > 2 else None
    return blocks.resources.get((str(kind), name))


def strings_in(value: Any) -> Iterator[str]:
    """All strings inside of a JSON value, keys too."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, (list, tuple)):
            left += item


def _type(given: object) -> Any:
    """The tree of a type constraint; None where there is none. Raises `UnresolvedError`."""
    if given is None:
        return None
    try:
        text = str(given).strip()
        return expressions.parse_expression(text[2:-1] if text.startswith("${") else text)
    except expressions.ParseError:
        raise UnresolvedError("a type is not read here") from None


def _suffix(key: Any) -> str:
    return f"[{json.dumps(key, ensure_ascii=False)}]"


def _counted(count: Any, names: Names) -> tuple[tuple[str, Names], ...]:
    if isinstance(count, str) and count.isascii() and count.isdecimal() and len(count) < 10:
        count = int(count)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MAX_INSTANCES:
        raise UnresolvedError("the number of instances is not decided")
    return tuple((_suffix(index), {**names, "count": {"index": index}}) for index in range(count))


def _for_each(value: Any, names: Names) -> tuple[tuple[str, Names], ...]:
    if isinstance(value, SetValue):
        value = {item: item for item in value}
    if value == []:
        value = {}
    if (
        not isinstance(value, dict)
        or len(value) > MAX_INSTANCES
        or not all(isinstance(key, str) for key in value)
    ):
        raise UnresolvedError("the instances are not decided")
    return tuple((_suffix(key), {**names, "each": _each(key, item)}) for key, item in sorted(value.items()))


def _each(key: str, value: Any) -> dict[str, Any]:
    # No expression can name the last one; it tells two unknown values apart.
    return (
        {"key": key, "\0": value.name} if isinstance(value, UndecidedValue) else {"key": key, "value": value}
    )
