"""The section `Schema` of a page of the provider, laid out as the Terraform Registry's own pages are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from constructs_lib.provider.protocol.schema import (
    Attribute,
    Block,
    Nesting,
    Schema,
    inner_body,
    nesting_of,
)
from constructs_lib.provider.protocol.types import Type

Body = Mapping[str, Attribute | Block]

_NESTED = {
    Nesting.SINGLE: "Block",
    Nesting.LIST: "Block List",
    Nesting.SET: "Block Set",
}


def schema_section(schema: Schema) -> Iterator[str]:
    """The lines of the section: every attribute and block once, grouped by who sets it."""
    yield "## Schema"
    yield ""
    yield from _groups(schema.body, (), "###")
    yield from _nested_sections(schema.body, ())


def anchor(path: tuple[str, ...]) -> str:
    return "nested--" + "--".join(path)


def _groups(body: Body, above: tuple[str, ...], level: str) -> Iterator[str]:
    """The groups that are not empty."""
    for title, belongs in _GROUPS.items():
        lines = [_line((*above, name), node) for name, node in body.items() if belongs(node)]
        if lines:
            yield f"{level} {title}" if not above else f"{title}:"
            yield ""
            yield from lines
            yield ""


def _is_required(node: Attribute | Block) -> bool:
    return node.min_items > 0 if isinstance(node, Block) else node.required


def _is_read_only(node: Attribute | Block) -> bool:
    return isinstance(node, Attribute) and not (node.required or node.optional)


_GROUPS = {
    "Required": _is_required,
    "Optional": lambda node: not _is_required(node) and not _is_read_only(node),
    "Read-Only": _is_read_only,
}


def _line(path: tuple[str, ...], node: Attribute | Block) -> str:
    labels = [_type_of(node)]
    description = node.description
    if isinstance(node, Attribute):
        if node.sensitive:
            labels.append("Sensitive")
        if node.force_new:
            labels.append("Forces new resource")
        if node.default is not None and "Default: " not in description:
            description += f" Default: `{json.dumps(node.default)}`."
    elif node.max_items:
        labels.append(f"Max: {node.max_items}")
    if node.deprecated:
        labels.append("Deprecated")
        description += f" **Deprecated:** {node.deprecated}"
    if nesting_of(node):
        description += f" (see [below for nested schema](#{anchor(path)}))"
    return f"- `{path[-1]}` ({', '.join(labels)}) {description.strip()}"


def _type_of(node: Attribute | Block) -> str:
    nesting = nesting_of(node)
    if nesting is None:
        assert isinstance(node, Attribute)
        return type_words(node.value_type)
    if isinstance(node, Block):
        return _NESTED[nesting]
    return "Attributes" if nesting is Nesting.SINGLE else f"Attributes {nesting.name.title()}"


def type_words(value: Type) -> str:
    """A type as the registry writes it: `List of String`."""
    names = {"bool": "Boolean", "dynamic": "Dynamic"}
    name = names.get(value.kind, value.kind.title())
    return f"{name} of {type_words(value.element)}" if value.of is not None else name


def _nested_sections(body: Body, above: tuple[str, ...]) -> Iterator[str]:
    for name, node in body.items():
        path = (*above, name)
        if nesting_of(node) is None:
            continue
        yield f'<a id="{anchor(path)}"></a>'
        yield f"### Nested Schema for `{'.'.join(path)}`"
        yield ""
        yield from _groups(inner_body(node), path, "####")
        yield from _nested_sections(inner_body(node), path)
