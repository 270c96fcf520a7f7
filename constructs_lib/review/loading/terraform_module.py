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
from constructs_lib.review.loading.blocks import ConfigurationBlock, ModuleBlocks, listed, without_comment
from constructs_lib.review.loading.evaluation import EvaluationScope, convert, evaluate
from constructs_lib.review.loading.expressions import Path
from constructs_lib.review.loading.functions import json_text
from constructs_lib.review.loading.json_text import LongText
from constructs_lib.review.loading.module_tree import Files, ModuleFiles, ModuleTree, digest
from constructs_lib.review.loading.oversized import MOST_STATEMENTS
from constructs_lib.review.loading.ram_statements import document_of_statements, refuse_unknown
from constructs_lib.review.loading.values import (
    MAX_NUMBER,
    MAX_WRITTEN,
    UNDECIDED,
    SetValue,
    TooLargeError,
    UnresolvedError,
    as_string,
    nodes_of,
    pairs_of,
)
from constructs_lib.review.loading.variables import FromEnvironment

MAX_MODULES = 16  # levels of modules
MAX_STEPS = 30  # from one local to the next
MAX_INSTANCES = 2_000

Names = Mapping[str, Any]
"""What `each`, `count` and the iterators of dynamic blocks stand for."""

# Names in expressions that stand for no block.
NOT_BLOCKS = ("each", "count", "self", "path", "terraform")
_KINDS = ("local", "var", "path", "module", "data")
# What a resource computes that is always the same, or the argument, by whichever name, that it is.
_COMPUTED = {("alicloud_ram_policy", "type"): "Custom", ("alipolicy_policy", "policy_type"): "Custom"}
_SAME = {
    **dict.fromkeys(
        (("alicloud_ram_policy", name) for name in ("id", "name", "policy_name")), ("policy_name", "name")
    ),
    ("alipolicy_policy", "id"): ("policy_name",),
}
_OF_CALL = frozenset(("source", "version", "providers", "depends_on", "count", "for_each", "lifecycle", "//"))


@frozen
class Argument:
    """A value given to a module's variable: an expression in the caller's scope; without one it is final."""

    value: Any
    caller: TerraformModule | None = None
    names: Names = field(factory=dict)
    call: Mapping[str, Any] = field(factory=dict)


@frozen
class UndecidedValue:
    """A value that the files do not decide: an expression in a module."""

    expression: Any
    module: TerraformModule = field(repr=False)
    names: Names


@frozen
class Instances:
    """The instances of a block with `count`, `for_each` or `enabled`: what follows the address, and the names
    inside.

    * `undecided`: the one of these that the files do not decide: then there is one instance.
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
        self.given = dict(given or {})
        self.stacks: Sequence[TerraformModule] = ()
        self._level: int = 0 if caller is None else caller._level + 1
        self._evaluating: list[Path] = []
        self._values: dict[Path, Any] = {}
        self._unresolved: dict[Path, str] = {}
        self.fingerprints: dict[str, str] = {}
        self.files = ModuleFiles(tree, folder)

    @property
    def file(self) -> str:
        """The first of its files, for what stands in none of them."""
        return self._files[0][0]

    @property
    def root(self) -> TerraformModule:
        return self if self.caller is None else self.caller.root

    # -------------------------------------------------------- values

    def scope(self, names: Names) -> EvaluationScope:
        return EvaluationScope(self._lookup, self.tree.budget, self.files, names)

    def resolve(self, value: Any, names: Names) -> Any:
        """A value with everything filled in. Raises `UnresolvedError`."""
        if isinstance(value, LongText):
            raise UnresolvedError("a string is too long")
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
                # Otherwise it may be that of a circle.
                if len(self._evaluating) == 1 or isinstance(error, TooLargeError):
                    self._unresolved[key] = str(error)
                raise
            finally:
                self._evaluating.pop()
        return self._values[key], used

    def _key(self, path: Path) -> tuple[Path | None, int]:
        """The block that a reference begins with (and, of a resource, the argument), and its length."""
        root, name, label, *_ = (*map(str, path), "", "")
        if root in ("local", "var") or (root == "path" and name in ("module", "root")):
            steps = 2
        elif root in NOT_BLOCKS:
            return None, 0
        elif root == "module":
            steps = 4 if any(suffix for suffix, _ in self.children.get(name, ())) else 3
        elif root == "data":
            steps = 5 if _is_repeated(self.blocks.data.get((name, label))) else 4
        else:
            steps = 4 if _is_repeated(self.blocks.resources.get((root, name))) else 3
        if len(path) < steps:
            return None, 0
        key = path[:steps]
        return key if root in _KINDS else ("resource", *key), steps

    def _value(self, key: Path) -> Any:
        kind, name = key[0], str(key[1])
        if kind == "local":
            if name not in self.blocks.locals:
                raise UnresolvedError(f"there is no local.{name} in the files")
            return self.resolve(_small(self.blocks.locals[name].value), {})
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
            return self._data(self.blocks.data.get((name, str(key[2]))), key)
        return self._argument(self.blocks.resources.get((name, str(key[2]))), key)

    def _path(self, name: str) -> str:
        if name == "root":
            return "."
        relative = self.folder.resolve()
        if not relative.is_relative_to(self.tree.root.resolve()):
            raise UnresolvedError("a module outside of the folder has a path of its own")
        return relative.relative_to(self.tree.root.resolve()).as_posix()

    def _variable(self, name: str) -> Any:
        block = self.blocks.variables.get(name)
        body: Mapping[str, Any] = {} if block is None else block.body
        _refuse_sensitive(f"var.{name}", body)
        given = self.given.get(name)
        value = None
        if given is not None and block is not None:
            value = given.caller.resolve(given.value, given.names) if given.caller else given.value
        if given is None or (value is None and body.get("nullable") is False):
            if "default" not in body:
                raise UnresolvedError(f"var.{name} has no value here")
            value = _whole_numbers(_small(body["default"]))  # a default holds no expression
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
        _refuse_sensitive(f"the output {name}", block.body)
        return self.resolve(block.body["value"], {})

    def _argument(self, block: ConfigurationBlock | None, key: Path) -> Any:
        body, name = {} if block is None else block.body, str(key[-1])
        if block is not None and (computed := _COMPUTED.get((str(key[1]), name))):
            return computed
        name = next((other for other in _SAME.get((str(key[1]), name), ()) if other in body), name)
        cannot = UnresolvedError(f"{'.'.join(map(str, key[1:]))} is known only after an apply")
        if name not in body or "lifecycle" in body:
            raise cannot
        value = self.resolve(body[name], self._names_of_instance(body, key[3:-1]))
        # What else a provider makes of an argument, its schema tells, which is not here.
        if not isinstance(value, str) or not value or value.strip("0123456789") == "" or value in _WORDS:
            raise cannot
        return value

    def _data(self, block: ConfigurationBlock | None, key: Path) -> Any:
        """What follows from the files of a data source: a document of its blocks, and the text of a file."""
        body = {} if block is None else without_comment(block.body)
        names = self._names_of_instance(body, key[3:-1])
        if (key[1], key[-1]) == ("alicloud_ram_policy_document", "document") and body:
            refuse_unknown(body, _OF_DOCUMENT)
            if len(listed(body.get("statement"))) > MOST_STATEMENTS:
                raise UnresolvedError("it has too many statements")
            return json_text(document_of_statements(self.resolve_blocks(body, names)))
        if (key[1], key[-1]) in (("local_file", "content"), ("local_sensitive_file", "content")):
            return self.files.text(as_string(self.resolve(body.get("filename"), names)))
        raise UnresolvedError(f"{'.'.join(map(str, key))} is read by Terraform alone")

    def _names_of_instance(self, body: Mapping[str, Any], index: Path) -> Names:
        """What `each` and `count` stand for in one instance of a block. Raises `UnresolvedError`."""
        instances = self.instances(body, {})
        suffix = _suffix(index[0]) if index else ""
        for each, names in () if instances.undecided else instances.items:
            if each == suffix:
                return names
        raise UnresolvedError("there is no such instance")

    def resolve_blocks(self, body: Any, names: Names) -> Any:
        """Arguments and nested blocks, with the `dynamic` ones as what they stand for.

        Raises `UnresolvedError`.
        """
        if isinstance(body, list):
            return [self.resolve_blocks(item, names) for item in body]
        if not isinstance(body, dict):
            return self.resolve(body, names)
        filled = {
            key: self.resolve_blocks(item, names) for key, item in body.items() if key not in _OF_BLOCKS
        }
        for dynamic in listed(body.get("dynamic")):
            for name, blocks in dynamic.items():
                if name in body:
                    raise UnresolvedError("the order of blocks is not known")
                made = [item for block in listed(blocks) for item in self.dynamic_blocks(name, block, names)]
                filled[name] = [*filled.get(name, ()), *made]
        return filled

    def dynamic_blocks(self, name: str, block: Mapping[str, Any], names: Names) -> list[Any]:
        """The blocks that a `dynamic` block stands for. Raises `UnresolvedError`."""
        iterator = str(block.get("iterator") or name)
        items = pairs_of(self.resolve(block.get("for_each"), names))
        if len(items) > MOST_STATEMENTS:
            raise UnresolvedError("it stands for too many blocks")
        return [
            self.resolve_blocks(content, {**names, iterator: {"key": key, "value": item}})
            for key, item in items
            for content in listed(block.get("content"))
        ]

    # -------------------------------------------------------- instances and modules

    def instances(self, body: Mapping[str, Any], names: Names) -> Instances:
        """The instances of a block."""
        given = repetition(body)
        if not given:
            return Instances((("", names),))
        try:
            if len(given) > 1:
                raise UnresolvedError("it has several of them")
            if "count" in given:
                return Instances(_counted(self.resolve(given["count"], names), names))
            if "enabled" in given:
                return Instances(_enabled(self.resolve(given["enabled"], names), names))
            return Instances(_for_each(self._collection(given["for_each"], names), names))
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
                values[str(self.resolve(key, names))] = UndecidedValue(value, self, names)
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

    def provider(self, reference: str) -> tuple[TerraformModule, Mapping[str, Any]] | str | None:
        """The configuration of a provider, such as `alicloud.west`, and the module where it stands.

        Where it is not in the files, the reference that leads to it; None for one without an alias.
        """
        name, _, alias = reference.partition(".")
        for label, block in self.blocks.providers:
            if label == name and (block.body.get("alias") or "") == alias:
                return self, block.body
        if self.caller is None:
            return reference if alias else None
        for given in listed(self.call.get("providers")):
            if isinstance(handed := given.get(reference), str):
                return self.caller.provider(handed.removeprefix("${").removesuffix("}"))
        return reference if alias else self.caller.provider(reference)

    @cached_property
    def everything(self) -> str:
        """The name of all of the files."""
        if self.caller is not None:
            return self.root.everything
        given = {name: argument.value for name, argument in self.given.items()}
        return digest([given, *self._all_contents()])

    def _all_contents(self) -> Iterator[Any]:
        yield {name.rpartition("/")[2]: content for name, content in self._files}
        for called in self.children.values():
            for _, child in called[:1]:
                yield from child._all_contents()


def _refuse_sensitive(what: str, body: Mapping[str, Any]) -> None:
    """Leave what is sensitive an expression, which is never shown. Raises `UnresolvedError`."""
    if body.get("sensitive") not in (None, False, "false"):
        raise UnresolvedError(f"{what} is sensitive")


def _small(value: Any) -> Any:
    """A value as it is written in a file. Raises `TooLargeError`."""
    nodes_of(value, MAX_WRITTEN)
    return value


def _whole_numbers(value: Any) -> Any:
    """JSON's value, whose numbers are whole. Raises `UnresolvedError`."""
    if isinstance(value, dict):
        return {key: _whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    if isinstance(value, (int, float)) and (abs(value) > MAX_NUMBER or value != int(value)):
        raise UnresolvedError("a number is not whole, or too large")
    return int(value) if isinstance(value, float) else value


_OF_BLOCKS = ("count", "dynamic", "for_each")
# Of alicloud_ram_policy_document all that Terraform and the provider know.
_OF_DOCUMENT = frozenset(
    (*_OF_BLOCKS, "depends_on", "lifecycle", "output_file", "provider", "statement", "version")
)
_WORDS = ("true", "false", "null")


def _type(given: object) -> Any:
    """The tree of a type constraint; None where there is none. Raises `UnresolvedError`."""
    if given is None:
        return None
    try:
        text = str(given).strip()
        return expressions.parse_expression(text[2:-1] if text.startswith("${") else text)
    except expressions.ParseError:
        raise UnresolvedError("a type is not read here") from None


def _is_repeated(block: ConfigurationBlock | None) -> bool:
    return block is not None and not block.body.keys().isdisjoint(("count", "for_each"))


def _suffix(key: Any) -> str:
    return f"[{json.dumps(key, ensure_ascii=False)}]"


def repetition(body: Mapping[str, Any]) -> dict[str, Any]:
    """What says how many instances there are: `count`, `for_each`, or `enabled` of OpenTofu's `lifecycle`."""
    given = {key: body[key] for key in ("count", "for_each") if body.get(key) is not None}
    for lifecycle in listed(body.get("lifecycle")):
        if lifecycle.get("enabled") is not None:
            given["enabled"] = lifecycle["enabled"]
    return given


def _enabled(is_enabled: Any, names: Names) -> tuple[tuple[str, Names], ...]:
    if is_enabled not in (True, False, "true", "false"):
        raise UnresolvedError("whether there is an instance is not decided")
    return (("", names),) if is_enabled in (True, "true") else ()


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
        {"key": key, UNDECIDED: value} if isinstance(value, UndecidedValue) else {"key": key, "value": value}
    )
