"""Schemas, declared: what a resource, a data source or the provider takes and gives.

    Schema(
        {
            "id": Attribute(STRING, "The id that the service gave.", computed=True),
            "name": Attribute(STRING, "Unique in the account.", required=True, force_new=True),
            "rules": Block(Nesting.LIST, {"days": Attribute(NUMBER, required=True)}, min_items=1),
        },
        "A Markdown description.",
        timeouts={"create": 600},
    )

Everything declared can be read back, so that documentation is generated from it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from constructs_lib.provider.protocol.types import STRING, Type, list_of, map_of, object_of, set_of
from constructs_lib.provider.protocol.values import Path


class Nesting(enum.Enum):
    """How often nested things may come; the values are those of the wire."""

    SINGLE = 1
    LIST = 2
    SET = 3
    MAP = 4


# Tuples, not attrs classes: each of those takes a millisecond of every start.
class Nested(NamedTuple):
    """The type of an attribute that is made of attributes, each with its own flags.

    For output (`versions` of a data source). For input take a `Block`: Terraform drops misspelt keys of
    nested attributes in silence, where it refuses them in blocks.
    """

    nesting: Nesting
    attributes: Mapping[str, Attribute]


class Attribute(NamedTuple):
    """One attribute.

    * `type`: a type of `types`, or `Nested`.
    * `description`: Markdown.
    * `required`, `optional`, `computed`: who sets it. Optional and computed: the provider, where the user
      does not.
    * `default`: the value where the configuration has none (it makes the attribute computed as well).
    * `sensitive`: Terraform hides it in its output, this package in logs and errors.
    * `deprecated`: what to use instead; empty where it is not deprecated.
    * `force_new`: a change replaces the resource.
    * `same`: whether two known values mean the same, though they are written differently. What is in the
      state then stays, and nothing is planned. Terraform allows this in lists for an element that kept its
      place, and not in sets.
    * `fillers`: values that mean the same as null: an element of a list that differs by them alone did not
      change.
    * `keep`: a computed value stays on update. False: every update makes it unknown. Within blocks and
      nested attributes it stays with an element that did not change, wherever that moves.
    * `follows`: names of top-level attributes: a change of one makes this computed value unknown.
    """

    type: Type | Nested
    description: str = ""
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    deprecated: str = ""
    default: Any = None
    force_new: bool = False
    same: Callable[[Any, Any], bool] | None = None
    fillers: tuple[Any, ...] = ()
    keep: bool = True
    follows: tuple[str, ...] = ()

    @property
    def computable(self) -> bool:
        """Whether the provider may set it."""
        return self.computed or self.default is not None

    @property
    def value_type(self) -> Type:
        """The type of its values."""
        if not isinstance(self.type, Nested):
            return self.type
        element = object_of({name: inner.value_type for name, inner in self.type.attributes.items()})
        return _nested_type(self.type.nesting, element)


def required(description: str, kind: Type | Nested = STRING, **more: Any) -> Attribute:
    """An attribute that the user sets."""
    return Attribute(kind, description, required=True, **more)


def optional(description: str, kind: Type | Nested = STRING, **more: Any) -> Attribute:
    """An attribute that the user may set."""
    return Attribute(kind, description, optional=True, **more)


def computed(description: str, kind: Type | Nested = STRING, **more: Any) -> Attribute:
    """An attribute that the provider sets."""
    return Attribute(kind, description, computed=True, **more)


class Block(NamedTuple):
    """A nested block, `rules { … }`; SINGLE, LIST or SET.

    `min_items`, `max_items` (0: no limit): Terraform itself holds them, for LIST and SET.
    """

    nesting: Nesting
    body: SchemaBody
    description: str = ""
    min_items: int = 0
    max_items: int = 0
    deprecated: str = ""

    @property
    def value_type(self) -> Type:
        """The type of its values."""
        return _nested_type(self.nesting, _body_type(self.body))


SchemaBody = Mapping[str, Attribute | Block]
"""What stands in a schema or a block, by name."""


class Schema:
    """A resource, a data source or the provider's configuration.

    * `body`: attributes and blocks by name.
    * `description`: Markdown.
    * `version`: raised where stored state has to be rewritten; see `Resource.upgrade`.
    * `timeouts`: seconds by operation (create, read, update, delete) unless the user's `timeouts` block says
      otherwise; the block is added for the operations named.

    Raises ValueError where the declaration contradicts itself.
    """

    def __init__(
        self,
        body: SchemaBody,
        description: str = "",
        *,
        version: int = 0,
        timeouts: Mapping[str, float] | None = None,
        deprecated: str = "",
    ) -> None:
        self.description, self.version, self.deprecated = description, version, deprecated
        self.timeouts = dict(timeouts or {})
        self.body: dict[str, Attribute | Block] = dict(body)
        if self.timeouts:
            self.body["timeouts"] = _timeouts_block(self.timeouts)
        _check_body(self.body, (), frozenset(self.body))

    @property
    def value_type(self) -> Type:
        """The object type of its values."""
        return _body_type(self.body)

    def walk(self) -> Iterator[tuple[tuple[str, ...], Attribute | Block]]:
        """Every attribute and block with the names that lead to it, depth first, as declared."""
        return _walk(self.body, ())


def _walk(body: SchemaBody, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Attribute | Block]]:
    for name, node in body.items():
        yield (*above, name), node
        yield from _walk(inner_body(node), (*above, name))


def inner_body(node: Attribute | Block) -> SchemaBody:
    """What is declared inside a block or a nested attribute; empty for every other attribute."""
    if isinstance(node, Block):
        return node.body
    return node.type.attributes if isinstance(node.type, Nested) else {}


def nesting_of(node: Attribute | Block) -> Nesting | None:
    """How often the node's inside may come; None where it has none."""
    if isinstance(node, Block):
        return node.nesting
    return node.type.nesting if isinstance(node.type, Nested) else None


def elements_of(nesting: Nesting, value: Any) -> list[tuple[Path, Any]]:
    """The elements of a block or nested attribute, each with the step that leads to it; none where the value
    is not of that nesting."""
    if nesting is Nesting.SINGLE:
        return [((), value)]
    if isinstance(value, dict):
        return [((key,), element) for key, element in value.items()]
    return [((place,), item) for place, item in enumerate(value)] if isinstance(value, list | tuple) else []


def _nested_type(nesting: Nesting, element: Type) -> Type:
    wrap = {Nesting.LIST: list_of, Nesting.SET: set_of, Nesting.MAP: map_of}.get(nesting)
    return wrap(element) if wrap else element


def _body_type(body: SchemaBody) -> Type:
    return object_of({name: node.value_type for name, node in body.items()})


def _timeouts_block(timeouts: Mapping[str, float]) -> Block:
    if wrong := sorted(timeouts.keys() - {"create", "read", "update", "delete"}):
        raise ValueError(f"timeouts: there is no operation {wrong}")
    body = {
        name: Attribute(STRING, f"How long {name} may take, such as `90s` or `10m`. Default: `{seconds:g}s`.",
                        optional=True)
        for name, seconds in timeouts.items()
    }  # fmt: skip
    return Block(Nesting.SINGLE, body, "How long operations may take.")


_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def _check_body(body: SchemaBody, above: tuple[str, ...], followable: frozenset[str]) -> None:
    for name, node in body.items():
        place = (*above, name)
        problem = "" if _NAME.fullmatch(name) else "no name for an attribute or block"
        if isinstance(node, Block):
            problem = problem or _block_problem(node)
        else:
            problem = problem or _attribute_problem(node, followable if not above else frozenset())
        if problem:
            raise ValueError(f"schema, {'.'.join(place)}: {problem}")
        _check_body(inner_body(node), place, followable)


def _block_problem(block: Block) -> str:
    if block.nesting is Nesting.MAP:
        return "a block comes SINGLE, as LIST or as SET"
    if block.nesting is Nesting.SINGLE and (block.min_items or block.max_items):
        return "a SINGLE block has no number of items"
    return ""


def _attribute_problem(attribute: Attribute, followable: frozenset[str]) -> str:
    if attribute.required and (attribute.optional or attribute.computable):
        return "required excludes optional, computed and a default"
    if not (attribute.required or attribute.optional or attribute.computed):
        return "one of required, optional, computed must be set"
    if attribute.default is not None and not attribute.optional:
        return "only an optional attribute has a default"
    if (attribute.follows or not attribute.keep) and not (attribute.computed and followable):
        return "keep and follows are for computed attributes at the top level"
    if unknown := sorted(set(attribute.follows) - followable):
        return f"it follows {unknown}, which the schema does not have"
    return ""
