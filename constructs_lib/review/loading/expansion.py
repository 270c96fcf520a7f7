"""The resources that a configuration stands for: each instance on its own, with what is known filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from constructs_lib.ram.resource_types import ALICLOUD
from constructs_lib.review.loading import expressions
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.blocks import ADVICE, ConfigurationBlock, listed, without_comment
from constructs_lib.review.loading.bound_policies import policies_behind
from constructs_lib.review.loading.dependencies import fingerprint, strings_in
from constructs_lib.review.loading.evaluation import evaluate, value_of
from constructs_lib.review.loading.expressions import Expression
from constructs_lib.review.loading.functions import json_text
from constructs_lib.review.loading.json_text import InputError, pointer
from constructs_lib.review.loading.module_tree import digest
from constructs_lib.review.loading.other_changes import is_of_concern
from constructs_lib.review.loading.oversized import MOST_STATEMENTS, named_by_size
from constructs_lib.review.loading.provider_arguments import (
    PROVIDER_CONFIGURATION,
    PROVIDERS,
    of_place,
    of_unknown_place,
    reference_of,
    source_and_version,
)
from constructs_lib.review.loading.ram_statements import document_of_statements
from constructs_lib.review.loading.resource import UnreadModule
from constructs_lib.review.loading.terraform_module import Names, TerraformModule, repetition
from constructs_lib.review.loading.values import (
    MAX_VALUE,
    SetValue,
    TooLargeError,
    UnresolvedError,
    as_string,
    nodes_of,
    weigh,
)
from constructs_lib.tokens import literal

_META = frozenset(
    ("//", "connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner")
)
_VERSION = re.compile(r"v?[0-9]+(\.[0-9]+)*([-+.][\w.+-]+)?")
_FIXED_REFERENCE = re.compile(
    r"[?&](ref=([0-9a-f]{40}|([^&]*/)?v?[0-9]+\.[0-9][\w.+-]*)|checksum=[^&]+)(&|$)"
)
_ANY_INSTANCE = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')


@frozen(kw_only=True, eq=False)
class ExpandedResource:
    """An instance of a resource block.

    * `attributes`: with everything filled in that the files decide. `settings`: what else is of the resource.
    * `refers_to`: of each expression that is left, the name of all that it refers to.
    """

    address: str
    type_name: str
    block: ConfigurationBlock
    attributes: Mapping[str, Any]
    settings: Mapping[str, Any]
    refers_to: Mapping[str, str]
    policies: frozenset[str] | None


def expand(configuration: TerraformModule) -> Iterator[ExpandedResource]:
    """All policies of a module, and what else is of concern, and those of the modules that it calls.

    Raises `InputError`.
    """
    for (type_name, label), block in configuration.blocks.resources.items():
        if type_name in RESOURCE_TYPES or is_of_concern(type_name):
            yield from _instances(configuration, type_name, label, block.unwrapped)
    for children in configuration.children.values():
        for _, child in children:
            yield from expand(child)


def unrelated_blocks(configuration: TerraformModule) -> Iterator[tuple[str, str, str]]:
    """The resources of no concern, as they are written: address, type, and a name for what stands there."""
    for (type_name, label), block in configuration.blocks.resources.items():
        if not (type_name in RESOURCE_TYPES or is_of_concern(type_name)):
            content = digest(without_comment(block.unwrapped.value))
            yield f"{configuration.address}{type_name}.{label}", type_name, content
    for children in configuration.children.values():
        for _, child in children:
            yield from unrelated_blocks(child)


def unread_modules(configuration: TerraformModule, stack: str) -> Iterator[UnreadModule]:
    """The calls of modules that are not looked into."""
    for label, block in configuration.blocks.modules.items():
        children = configuration.children.get(label, ())
        for _, child in children:
            yield from unread_modules(child, stack)
        if not children and not _is_none(configuration, block.body):
            address = f"{configuration.address}module.{label}"
            behind = fingerprint(configuration, f"${{module.{label}}}", {})
            name = digest([behind, *_places(configuration, block.body)])
            yield UnreadModule(
                stack=stack,
                address=address,
                name=name,
                file=block.file,
                parts=block.parts,
                is_fixed=_is_fixed(configuration, block.body),
            )


def _is_fixed(configuration: TerraformModule, call: Mapping[str, Any]) -> bool:
    """Whether a module is always the same: of one version, one commit or one tag of it; or in a folder, which
    is compared with all that is in it, and calls no module from elsewhere."""
    source, version = (str(call.get(name) or "").strip() for name in ("source", "version"))
    if source.startswith("."):
        return not configuration.tree.calls_others(configuration.folder / source)
    is_one = _VERSION.fullmatch(version.removeprefix("=").strip()) is not None
    return is_one or _FIXED_REFERENCE.search(source) is not None


def _places(configuration: TerraformModule, call: Mapping[str, Any]) -> Iterator[Any]:
    """Where the providers work that a module is given, and those that it has without being given them."""
    handed = [str(name) for given in listed(call.get("providers")) for name in given.values()]
    for reference in dict.fromkeys((*handed, *PROVIDERS, *_inherited(configuration))):
        filling = Filling(configuration, {})
        yield [reference, filling.place({"provider": reference}, ""), filling.refers_to]


def _inherited(configuration: TerraformModule) -> Iterator[str]:
    """The providers without an alias of a module and of those around it."""
    yield from sorted(name for name, block in configuration.blocks.providers if not block.body.get("alias"))
    if configuration.caller is not None:
        yield from _inherited(configuration.caller)


def moved_blocks(configuration: TerraformModule) -> Iterator[tuple[str, str]]:
    """What `moved` blocks say, by whole addresses: from where, and to where."""
    for block in configuration.blocks.moved:
        start, to = (_address(configuration, block.get(name)) for name in ("from", "to"))
        if start and to:
            yield start, to
    for children in configuration.children.values():
        for _, child in children:
            yield from moved_blocks(child)


def imported_addresses(configuration: TerraformModule) -> Iterator[str]:
    """The addresses into which `import` blocks take what is deployed, without their instances."""
    for block in configuration.blocks.imported:
        if address := _address(configuration, block.get("to")):
            yield _ANY_INSTANCE.sub("", address)


def forgotten_blocks(configuration: TerraformModule) -> Iterator[str]:
    """The addresses that `removed` blocks leave as they are."""
    for block in configuration.blocks.removed:
        address = _address(configuration, block.get("from"))
        if address and any(cycle.get("destroy") is False for cycle in listed(block.get("lifecycle"))):
            yield address
    for children in configuration.children.values():
        for _, child in children:
            yield from forgotten_blocks(child)


def _address(configuration: TerraformModule, given: object) -> str | None:
    if not isinstance(given, str):
        return None
    return f"{configuration.address}{given.removeprefix('${').removesuffix('}')}"


def _is_none(configuration: TerraformModule, body: Mapping[str, Any]) -> bool:
    """Whether a block stands for no instance at all."""
    return not configuration.instances(body, {}).items


def _instances(
    configuration: TerraformModule, type_name: str, label: str, block: ConfigurationBlock
) -> Iterator[ExpandedResource]:
    address = f"{configuration.address}{type_name}.{label}"
    if not isinstance(block.value, Mapping):
        raise InputError(block.file, pointer(block.parts), f"{address} is not an object", ADVICE)
    instances = configuration.instances(block.value, {})
    for suffix, names in instances.items:
        filling = Filling(configuration, names)
        settings = dict(instances.undecided)
        if configuration.is_repeated:
            settings |= {f"module {key}": value for key, value in repetition(configuration.call).items()}
        caller = configuration.caller or configuration
        for key, value in settings.items():
            filling.note(value, caller if key.startswith("module ") else configuration)
        place, others = filling.place(block.value, type_name)
        settings |= {"provider": place} if place else {}
        settings |= {PROVIDER_CONFIGURATION: others} if others else {}
        if ignored := _of_lifecycle(block.value, "ignore_changes"):
            settings["ignore_changes"] = ignored
        if triggers := _of_lifecycle(block.value, "replace_triggered_by"):
            settings["replace_triggered_by"] = [f"${{{trigger}}}" for trigger in triggers]
            filling.note(settings["replace_triggered_by"], configuration)
        yield ExpandedResource(
            address=f"{address}{suffix}",
            type_name=type_name,
            block=block,
            attributes=filling.attributes(block.value, type_name),
            settings=settings,
            refers_to=filling.refers_to,
            policies=policies_behind(configuration, block.value.get("policy_id"), names),
        )


def _of_lifecycle(body: Mapping[str, Any], name: str) -> list[str]:
    """The references that an argument of `lifecycle` lists."""
    names: list[str] = []
    for lifecycle in listed(body.get("lifecycle")):
        given = lifecycle.get(name)
        for item in given if isinstance(given, list) else [given]:
            if isinstance(item, str):
                names.append(item.removeprefix("${").removesuffix("}"))
    return sorted(set(names))


def _is_large(name: str, value: Any) -> bool:
    """Whether there are more blocks or values than are filled in."""
    if name == "statement" and len(listed(value)) > MOST_STATEMENTS:
        return True
    try:
        nodes_of(value, MAX_VALUE)
    except TooLargeError:
        return True
    return False


class Filling:
    """Fills values in, as far as the files decide them, and remembers what the rest refers to."""

    def __init__(self, configuration: TerraformModule, names: Names) -> None:
        self._configuration, self._names = configuration, names
        self.refers_to: dict[str, str] = {}

    def note(self, value: Any, configuration: TerraformModule) -> None:
        """That a value of the file is not filled in."""
        for text in strings_in(value):
            if expressions.has_expression(text):
                self.refers_to[text] = fingerprint(configuration, text, self._names)

    def attributes(self, body: Mapping[str, Any], type_name: str) -> dict[str, Any]:
        """The arguments of a resource; of `statement` blocks the document that they make."""
        written = {key: item for key, item in body.items() if key not in _META}
        large = {key: item for key, item in written.items() if "dynamic" not in body and _is_large(key, item)}
        filled = self.block({key: item for key, item in written.items() if key not in large})
        if "lifecycle" in body:
            filled["lifecycle"] = body["lifecycle"]
        for key, item in large.items():
            behind = fingerprint(self._configuration, item, self._names)
            filled[key] = named_by_size(key, item, [behind, filled.get("version")])
        has_document = filled.get("policy_document") is not None or filled.get("document") is not None
        if type_name == ALICLOUD.name and "statement" in filled and not has_document:
            try:
                is_large = "statement" in large
                made = filled["statement"] if is_large else json_text(document_of_statements(filled))
                filled["policy_document"] = made
            except UnresolvedError:
                source = "${alicloud_ram_policy.statement}"
                filled["policy_document"] = source
                self.refers_to[source] = digest(body["statement"])
        return filled

    def block(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A block's arguments and nested blocks; `dynamic` ones become what they stand for."""
        filled = {key: self.value(item) for key, item in body.items() if key != "dynamic"}
        for dynamic in listed(body.get("dynamic")):
            for name, block in dynamic.items():
                self._expand_dynamic(filled, body, name, block)
        return filled

    def _expand_dynamic(self, filled: dict[str, Any], body: Mapping[str, Any], name: str, block: Any) -> None:
        try:
            if name in body:
                raise UnresolvedError("the order of blocks is not known")
            expand = self._configuration.dynamic_blocks
            made = [item for each in listed(block) for item in expand(name, each, self._names)]
            filled[name] = [*filled.get(name, ()), *literal(_plain(made))]
        except (UnresolvedError, RecursionError):
            source = f"${{dynamic.{name}}}"
            filled["dynamic"] = {**filled.get("dynamic", {}), name: block}
            behind = fingerprint(self._configuration, {"dynamic": {name: block}}, self._names)
            self.refers_to[source] = digest([block, body.get(name), behind])

    def value(self, value: Any) -> Any:
        """A value with everything filled in that is known; strings are then final."""
        if isinstance(value, str):
            return self._string(value) if expressions.has_expression(value) else value
        if isinstance(value, dict):
            if "dynamic" in value:
                return self.block(value)
            return {str(self.value(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value

    def _string(self, text: str) -> Any:
        scope = self._configuration.scope(self._names)
        try:
            value = evaluate(text, scope)
            weigh(value, self._configuration.tree.budget)
            return literal(_plain(value))
        except (UnresolvedError, RecursionError):
            pass
        parts = expressions.parse_template(text)
        if len(parts) == 1:
            self.note(text, self._configuration)
            return text
        pieces = []
        for part in parts:
            try:
                found = part if isinstance(part, str) else as_string(value_of(part, scope))
                pieces.append(found.replace("${", "$${").replace("%{", "%%{"))
            except (UnresolvedError, RecursionError):
                assert isinstance(part, Expression)
                self.note(part.source, self._configuration)
                pieces.append(part.source)
        return "".join(pieces)

    def _source(self, reference: str, type_name: str) -> dict[str, str]:
        """From where the provider comes, if it is another one than that of the resource's type."""
        blocks, own = self._configuration.blocks, type_name.partition("_")[0]
        name = reference.partition(".")[0]
        if name == own:
            return {}
        sources = [source_and_version(blocks, each)[0] for each in (name, own)]
        return {"source": sources[0]} if sources[0] != sources[1] else {}

    def place(self, body: Mapping[str, Any], type_name: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Where the provider of a resource works: what of its configuration says account and region; and a
        name for each other argument that may say so."""
        reference, bracket, instance = reference_of(body, type_name).partition("[")
        found = self._configuration.provider(reference)
        source = self._source(reference, type_name)
        if not isinstance(found, tuple):
            return {"alias": found} if found else {}, source
        configuration, arguments = found
        filling = Filling(configuration, {})
        place: dict[str, Any] = {}
        for name, argument in of_place(arguments, type_name).items():
            if name == "access_key":
                value: Any = _hidden(configuration, argument)
            else:
                value = filling.value(argument)
            if name.startswith("assume_role") and not isinstance(value, str):
                value = [role.get("role_arn") for role in listed(value)] or None
            if value not in (None, "", [], {}):
                place[name] = value
        if bracket:
            place |= {"instance": instance, "for_each": filling.value(arguments.get("for_each"))}
        self.refers_to |= filling.refers_to
        others = of_unknown_place(arguments).items()
        hidden = {name: _hidden(configuration, value) for name, value in others}
        hidden |= {f"the file of {name}": _content(configuration, value) for name, value in place.items()}
        return place, source | {name: value for name, value in hidden.items() if value}


def _hidden(configuration: TerraformModule, value: Any) -> str | None:
    """The name of a value that may be a secret, with all that it depends on; None where it is empty."""
    filled = Filling(configuration, {})
    value = filled.value(value)
    return None if value in (None, "", [], {}) else digest([value, filled.refers_to])


def _content(configuration: TerraformModule, path: object) -> str | None:
    """The name of what is in a file of the folder, such as one of credentials."""
    try:
        return digest(configuration.files.text(path)) if isinstance(path, str) else None
    except UnresolvedError:
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, (list, SetValue)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
