"""Does Terraform JSON fit a provider's schema? What `terraform validate` says, without Terraform.

A schema is what `terraform providers schema -json` prints. Stricter than Terraform in one point: a
literal must have the attribute's own type, where Terraform turns the text "7" into the number 7.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

Json = Any

META_ARGUMENTS = {
    "provider": {"alias", "version"},
    "resource": {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"},
    "data": {"count", "depends_on", "for_each", "lifecycle", "provider"},
}
BUILT_IN = "terraform_"  # Terraform's own types, such as terraform_data

_EXPRESSION = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")  # `$${` and `%%{` are escapes
_PRIMITIVES: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "bool": (bool,)}


def assert_accepts(terraform: Json, schema: Json) -> None:
    """Fail with every place of the configuration that the schema refuses."""
    found = list(problems(terraform, schema))
    assert not found, "\n  ".join(["the schema refuses", *found])


def problems(terraform: Json, schema: Json) -> Iterator[str]:
    """Every place of the configuration that the schema refuses, and why."""
    yield from _unresolved_tokens("", terraform)
    providers = schema["provider_schemas"]
    blocks = {
        "provider": {address.rpartition("/")[2]: known["provider"] for address, known in providers.items()},
        "resource": _merged(known.get("resource_schemas", {}) for known in providers.values()),
        "data": _merged(known.get("data_source_schemas", {}) for known in providers.values()),
    }
    for kind, name, path, body in _bodies(terraform):
        if name.startswith(BUILT_IN):
            continue
        if name not in blocks[kind]:
            yield f"{path}: the schema has no such {kind}"
        else:
            yield from _block(path, body, blocks[kind][name]["block"], META_ARGUMENTS[kind])


def _bodies(terraform: Json) -> Iterator[tuple[str, str, str, Json]]:
    for name, bodies in terraform.get("provider", {}).items():
        for body in _listed(bodies):
            yield "provider", name, f"provider.{name}", body
    for kind in ("resource", "data"):
        for name, instances in terraform.get(kind, {}).items():
            for label, body in instances.items():
                yield kind, name, f"{kind}.{name}.{label}", _listed(body)[0]


def _block(path: str, body: Json, block: Json, meta: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with the body of a block."""
    if not isinstance(body, dict):
        yield f"{path}: a block must be an object, not {body!r}"
        return
    attributes, nested = block.get("attributes", {}), block.get("block_types", {})
    dynamic = body.get("dynamic", {})
    for name, value in body.items():
        if name in attributes:
            yield from _attribute(f"{path}.{name}", value, attributes[name])
        elif name not in nested and name not in meta and name not in ("//", "dynamic"):
            yield f"{path}.{name}: no such argument; there are {', '.join(sorted({*attributes, *nested}))}"
    for name, attribute in attributes.items():
        if attribute.get("required") and body.get(name) is None:
            yield f"{path}.{name}: required, but not set"
    for name, kind in nested.items():
        yield from _blocks(f"{path}.{name}", body.get(name), dynamic.get(name), kind)
    for name in dynamic.keys() - nested.keys():
        yield f"{path}.dynamic.{name}: no such block"


def _blocks(path: str, value: Json, dynamic: Json, kind: Json) -> Iterator[str]:
    """What is wrong with the blocks of one name: those written out, and those made by `dynamic`."""
    mode = kind["nesting_mode"]
    labelled = mode == "map" and isinstance(value, dict)
    bodies = value if labelled else dict(enumerate(_listed(value)))
    for key, body in bodies.items():
        yield from _block(f"{path}[{key}]", body, kind["block"])
    for generator in _listed(dynamic):
        if "for_each" not in generator or "content" not in generator:
            yield f"{path}: a dynamic block needs for_each and content"
        for content in _listed(generator.get("content")):
            yield from _block(f"{path}[dynamic]", content, kind["block"])
        for name in generator.keys() - {"for_each", "content", "iterator", "labels"}:
            yield f"{path}[dynamic].{name}: no such argument of a dynamic block"
    most = 1 if mode in ("single", "group") else kind.get("max_items", 0)
    if most and len(bodies) > most:
        yield f"{path}: {len(bodies)} blocks, where the schema takes at most {most}"
    if not dynamic and len(bodies) < kind.get("min_items", 0):
        yield f"{path}: {len(bodies)} blocks, where the schema wants at least {kind['min_items']}"


def _attribute(path: str, value: Json, attribute: Json) -> Iterator[str]:
    if value is None:
        return
    if not attribute.get("optional") and not attribute.get("required"):
        yield f"{path}: computed by the provider, it cannot be set"
    yield from _value(path, value, attribute["type"])


def _value(path: str, value: Json, kind: Json) -> Iterator[str]:
    """What is wrong with a value: its type must be the schema's, or it is an expression."""
    if value is None or kind == "dynamic" or (isinstance(value, str) and _EXPRESSION.search(value)):
        return
    if isinstance(kind, str):
        if not isinstance(value, _PRIMITIVES[kind]) or (kind != "bool" and isinstance(value, bool)):
            yield f"{path}: {value!r} is not a {kind}"
        return
    container, inner = kind
    if container in ("list", "set") and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value(f"{path}[{index}]", item, inner)
    elif container == "map" and isinstance(value, dict):
        for key, item in value.items():
            yield from _value(f"{path}.{key}", item, inner)
    elif container == "object" and isinstance(value, dict):
        for key, item in value.items():
            if key in inner:
                yield from _value(f"{path}.{key}", item, inner[key])
            else:
                yield f"{path}.{key}: no such key; there are {', '.join(sorted(inner))}"
    else:
        yield f"{path}: {value!r} is not a {container}"


def _unresolved_tokens(path: str, value: Json) -> Iterator[str]:
    """Where a CDKTF token was written out instead of what it stands for."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _unresolved_tokens(path, key)
            yield from _unresolved_tokens(f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unresolved_tokens(f"{path}[{index}]", item)
    elif (isinstance(value, str) and "{TfToken[" in value) or (isinstance(value, float) and value < -1e280):
        yield f"{path[1:]}: {value!r} is a token that CDKTF did not resolve"


def _listed(value: Json) -> list[Json]:
    """Terraform JSON writes one block as an object, several as a list of objects, none as null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _merged(schemas: Iterator[dict[str, Json]]) -> dict[str, Json]:
    return {name: schema for known in schemas for name, schema in known.items()}
