"""The blocks of Terraform's JSON configuration, each with its place, put together as Terraform does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from constructs_lib.review.loading.json_text import InputError, pointer

ADVICE = "Fix the file, or synthesise anew."


@frozen
class ConfigurationBlock:
    """A JSON value with its place."""

    value: Any
    file: str
    parts: tuple[str | int, ...] = ()

    @property
    def body(self) -> Mapping[str, Any]:
        """The arguments of the block; empty where it is none."""
        return self.unwrapped.value if isinstance(self.unwrapped.value, Mapping) else {}

    @property
    def unwrapped(self) -> ConfigurationBlock:
        """The block itself, where it stands in a list of its own."""
        if isinstance(self.value, list) and len(self.value) == 1:
            return ConfigurationBlock(self.value[0], self.file, (*self.parts, 0))
        return self

    def inside(self, key: str) -> ConfigurationBlock | None:
        """The block of a kind; None where there is none."""
        value = self.body.get(key)
        return None if value is None else ConfigurationBlock(value, self.file, (*self.parts, key))


def labelled(block: ConfigurationBlock, what: str = "") -> Iterator[tuple[str, ConfigurationBlock]]:
    """The labelled blocks inside; Terraform takes a list of objects for one object.

    Raises `InputError` for what is not an object, which it calls `what`; without a name it is passed over.
    """
    value = block.value
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from labelled(ConfigurationBlock(item, block.file, (*block.parts, index)), what)
    elif isinstance(value, dict):
        for label, item in value.items():
            if label != "//":
                yield label, ConfigurationBlock(item, block.file, (*block.parts, label))
    elif what:
        raise InputError(block.file, pointer(block.parts), f"{what} is not an object", ADVICE)


def listed(value: Any) -> list[Mapping[str, Any]]:
    """Nested blocks of a kind: one may stand without a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def without_comment(value: Any) -> Any:
    """A block without the comment that Terraform ignores."""
    if not isinstance(value, Mapping):
        return value
    return {key: item for key, item in value.items() if key != "//"}


Named = dict[str, ConfigurationBlock]
Typed = dict[tuple[str, str], ConfigurationBlock]


@frozen
class ModuleBlocks:
    """All blocks of the files of one module."""

    locals: Named = field(factory=dict)
    variables: Named = field(factory=dict)
    outputs: Named = field(factory=dict)
    modules: Named = field(factory=dict)
    resources: Typed = field(factory=dict)
    data: Typed = field(factory=dict)
    ephemeral: Typed = field(factory=dict)
    actions: Typed = field(factory=dict)
    checks: Named = field(factory=dict)
    terraform: list[ConfigurationBlock] = field(factory=list)
    providers: list[tuple[str, ConfigurationBlock]] = field(factory=list)
    moved: list[Mapping[str, Any]] = field(factory=list)
    removed: list[Mapping[str, Any]] = field(factory=list)
    imported: list[Mapping[str, Any]] = field(factory=list)

    @classmethod
    def of(cls, files: Iterable[tuple[str, Mapping[str, Any]]]) -> ModuleBlocks:
        """Of the files of a folder, by name, overrides last. Raises `InputError`."""
        blocks = cls()
        for name, content in sorted(files, key=lambda file: (_is_override(file[0]), file[0])):
            blocks._add(ConfigurationBlock(content, name), is_override=_is_override(name))
        return blocks

    def _add(self, file: ConfigurationBlock, *, is_override: bool) -> None:
        if block := file.inside("locals"):
            for label, item in labelled(block):
                if is_override:  # a local is a value, not a block: it is replaced as a whole
                    self.locals.pop(label, None)
                _define(self.locals, label, item, f"locals.{label}", is_override)
        for key, named in (
            ("variable", self.variables),
            ("output", self.outputs),
            ("module", self.modules),
            ("check", self.checks),
        ):
            if block := file.inside(key):
                for label, item in labelled(block):
                    _define(named, label, item, f"{key}.{label}", is_override)
        for key, typed in (
            ("resource", self.resources),
            ("data", self.data),
            ("ephemeral", self.ephemeral),
            ("action", self.actions),
        ):
            if block := file.inside(key):
                for type_name, of_type in labelled(block, f"`{key}`"):
                    for label, item in labelled(of_type, f"`{key}.{type_name}`"):
                        _define(typed, (type_name, label), item, f"{type_name}.{label}", is_override)
        if block := file.inside("provider"):
            for name, of_name in labelled(block):
                for body in listed(of_name.value):
                    self._add_provider(name, ConfigurationBlock(body, file.file), is_override)
        if block := file.inside("terraform"):
            bodies = block.value if isinstance(block.value, list) else [block.value]
            self.terraform.extend(ConfigurationBlock(body, file.file, block.parts) for body in bodies)
        self.moved.extend(listed(file.body.get("moved")))
        self.removed.extend(listed(file.body.get("removed")))
        self.imported.extend(listed(file.body.get("import")))

    def _add_provider(self, name: str, block: ConfigurationBlock, is_override: bool) -> None:
        for index, (other, before) in enumerate(self.providers if is_override else ()):
            if other == name and before.body.get("alias") == block.body.get("alias"):
                self.providers[index] = (name, _overridden(before, block))
                return
        self.providers.append((name, block))


def _is_override(name: str) -> bool:
    stem = name.rpartition("/")[2].removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
    return stem == "override" or stem.endswith("_override")


def _define(
    index: dict[Any, ConfigurationBlock], key: Any, block: ConfigurationBlock, what: str, is_override: bool
) -> None:
    before = index.get(key)
    if before is None:
        index[key] = block
    elif is_override:
        index[key] = _overridden(before, block)
    else:
        problem = f"{what} is defined twice, in {before.file} as well"
        raise InputError(block.file, pointer(block.parts), problem, ADVICE)


def _overridden(base: ConfigurationBlock, override: ConfigurationBlock) -> ConfigurationBlock:
    """As Terraform merges an override file: argument by argument, and those of `lifecycle` one by one."""
    first, second = base.unwrapped, override.unwrapped
    if not isinstance(first.value, Mapping) or not isinstance(second.value, Mapping):
        return override
    merged = {**first.value, **second.value}
    if "lifecycle" in first.value and "lifecycle" in second.value:
        cycles = [item for body in (first, second) for item in listed(body.value["lifecycle"])]
        merged["lifecycle"] = {name: value for cycle in cycles for name, value in cycle.items()}
    return ConfigurationBlock(merged, first.file, first.parts)
