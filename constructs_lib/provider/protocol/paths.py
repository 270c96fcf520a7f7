"""Attribute paths: from a string such as `rules[0].retention` to what Terraform points at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.provider.protocol.schema import Nesting, SchemaBody, inner_body, nesting_of
from constructs_lib.provider.protocol.values import Path

_STEP = re.compile(r"""\.?(?P<name>[^.\[\]]+) | \[(?P<place>\d{1,9})\] | \["(?P<key>[^"]*)"\]""", re.VERBOSE)

# The wire has 64 bits for a place.
_LAST = 2**63 - 1


def parse_path(text: str) -> Path:
    """Read `rules[0].retention` or `tags["env"]`; what cannot be read ends the path."""
    steps: list[str | int] = []
    position = 0
    while match := _STEP.match(text, position):
        place = match["place"]
        steps.append(int(place) if place is not None else match["name"] or match["key"] or "")
        position = match.end()
    return tuple(steps)


def path_text(path: Path) -> str:
    """The path as a person writes it."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(parts).removeprefix(".")


def wire_steps(body: SchemaBody, path: Path) -> Iterator[dict[str, str | int]]:
    """The path as fields of `AttributePath.Step`, as deep as the schema goes.

    What lies inside a string (`policy_document.Statement[0]`) or a set has no address in Terraform: the path
    ends there, so that a message still points at the nearest thing that has one.
    """
    steps = iter(path)
    for step in steps:
        node = body.get(step) if isinstance(step, str) else None
        if node is None:
            return
        yield {"attribute_name": str(step)}
        nesting = nesting_of(node)
        body = inner_body(node)
        if nesting is Nesting.SINGLE:
            continue
        element = next(steps, None)
        if element is None:
            return
        kind = node.value_type.kind
        if kind == "list" and isinstance(element, int) and 0 <= element <= _LAST:
            yield {"element_key_int": element}
        elif kind == "map" and isinstance(element, str):
            yield {"element_key_string": element}
        else:
            return
