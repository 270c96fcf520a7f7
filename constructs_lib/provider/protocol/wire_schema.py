"""Schemas as Terraform reads them."""

from __future__ import annotations

from typing import Any

from constructs_lib.provider.protocol.schema import Attribute, Nested, Schema, SchemaBody
from constructs_lib.provider.protocol.types import type_bytes

_MARKDOWN = 1


def fill_schema(message: Any, schema: Schema) -> None:
    """Write a schema into a `Schema` message."""
    message.version = schema.version
    message.block.version = schema.version
    _describe(message.block, schema.description, schema.deprecated)
    _fill_body(message.block, schema.body)


def _fill_body(message: Any, body: SchemaBody) -> None:
    for name, node in body.items():
        if isinstance(node, Attribute):
            _fill_attribute(message.attributes.add(name=name), node)
        else:
            nested = message.block_types.add(
                type_name=name, nesting=node.nesting.value, min_items=node.min_items, max_items=node.max_items
            )
            _describe(nested.block, node.description, node.deprecated)
            _fill_body(nested.block, node.body)


def _fill_attribute(message: Any, attribute: Attribute) -> None:
    _describe(message, attribute.description, attribute.deprecated)
    message.required, message.optional = attribute.required, attribute.optional
    message.computed, message.sensitive = attribute.computable, attribute.sensitive
    if isinstance(attribute.type, Nested):
        message.nested_type.nesting = attribute.type.nesting.value
        for name, inner in attribute.type.attributes.items():
            _fill_attribute(message.nested_type.attributes.add(name=name), inner)
    else:
        message.type = type_bytes(attribute.type)


def fill_identity(message: Any, identity: Schema) -> None:
    """Write an identity into a `ResourceIdentitySchema` message."""
    message.version = identity.version
    for name, node in identity.body.items():
        if isinstance(node, Attribute):
            message.identity_attributes.add(
                name=name,
                type=type_bytes(node.value_type),
                required_for_import=node.required,
                optional_for_import=node.optional,
                description=node.description,
            )


def _describe(message: Any, description: str, deprecated: str) -> None:
    # Terraform's own warning says only that something is deprecated, so what to use instead stands here.
    parts = [description, f"**Deprecated:** {deprecated}" if deprecated else ""]
    message.description = "\n\n".join(filter(None, parts))
    message.description_kind = _MARKDOWN
    message.deprecated = bool(deprecated)
