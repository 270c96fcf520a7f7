"""Types, values and configurations as Terraform may send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from constructs_lib.provider.protocol.schema import Attribute, Block, Nesting, inner_body, nesting_of
from constructs_lib.provider.protocol.types import (
    BOOL,
    NUMBER,
    STRING,
    Type,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
)
from constructs_lib.provider.protocol.values import UNKNOWN, Dynamic, number

keys = st.sampled_from("pqrs")
names = st.text("abcdefgh_", min_size=1, max_size=6)
types = st.recursive(
    st.sampled_from([STRING, NUMBER, BOOL]),
    lambda inner: st.one_of(
        inner.map(list_of),
        inner.map(set_of),
        inner.map(map_of),
        st.dictionaries(names, inner, max_size=3).map(object_of),
        st.lists(inner, max_size=3).map(tuple_of),
    ),
    max_leaves=6,
)
numbers = st.one_of(
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda found: number(f"{found:f}")),
)


def values_of(kind: Type) -> st.SearchStrategy[Any]:
    """Any value of the type that Terraform may send: null and unknown are among them."""
    always = st.sampled_from([None, UNKNOWN])
    match kind.kind:
        case "string":
            own: st.SearchStrategy[Any] = st.text()
        case "number":
            own = numbers
        case "bool":
            own = st.booleans()
        case "list" | "set":
            own = st.lists(values_of(kind.element), max_size=3)
        case "map":
            own = st.dictionaries(st.text(max_size=3), values_of(kind.element), max_size=3)
        case "tuple":
            own = st.tuples(*map(values_of, kind.items)).map(list)
        case "dynamic":
            own = types.flatmap(
                lambda inner: (
                    values_of(inner)
                    .filter(lambda value: value is not None and value is not UNKNOWN)
                    .map(lambda value: Dynamic(inner, value))
                )
            )
        case _:
            own = st.fixed_dictionaries({name: values_of(each) for name, each in kind.attributes.items()})
    return st.one_of(own, own, own, always)


def configurations(
    body: Mapping[str, Attribute | Block], leaf: Callable[[Type], st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    """What a user may write for a body; `leaf` gives the values of an attribute."""
    return st.fixed_dictionaries({name: _configured(node, leaf) for name, node in body.items()})


def _configured(
    node: Attribute | Block, leaf: Callable[[Type], st.SearchStrategy[Any]]
) -> st.SearchStrategy[Any]:
    if isinstance(node, Attribute) and node.computed and not node.optional:
        return st.none()
    absent = st.none() if isinstance(node, Attribute) and not node.required else st.nothing()
    nesting = nesting_of(node)
    if nesting is None:
        assert isinstance(node, Attribute)
        return st.one_of(leaf(node.value_type), absent, st.just(UNKNOWN))
    element = configurations(inner_body(node), leaf)
    if nesting is Nesting.SINGLE:
        return st.one_of(element, st.none())
    if nesting is Nesting.MAP:
        return st.one_of(st.dictionaries(keys, element, max_size=2), absent)
    unique = None if nesting is Nesting.LIST else repr
    return st.one_of(st.lists(element, max_size=3, unique_by=unique), absent, st.just(UNKNOWN))
