"""What Terraform demands of a plan, written down again from its side: an oracle for the planner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.provider.protocol.schema import Attribute, Block, Nesting, inner_body, nesting_of
from constructs_lib.provider.protocol.values import UNKNOWN


def violations(
    body: Mapping[str, Attribute | Block], config: Any, prior: Any, planned: Any, at: str = ""
) -> Iterator[str]:
    """Why Terraform would refuse the plan: a line for each reason."""
    if planned is None or planned is UNKNOWN or config is None or config is UNKNOWN:
        if planned is not config:
            yield f"{at}: planned {planned!r}, configured {config!r}"
        return
    for name, node in body.items():
        own_prior = None if prior is None else prior.get(name)
        yield from _node(node, config.get(name), own_prior, planned[name], f"{at}.{name}")


def _node(node: Attribute | Block, config: Any, prior: Any, planned: Any, at: str) -> Iterator[str]:
    if isinstance(node, Attribute):
        nested = nesting_of(node) is not None and config is not None and config is not UNKNOWN
        if not nested:
            if not _leaf_is_fine(node, config, prior, planned):
                yield f"{at}: planned {planned!r}, configured {config!r}, was {prior!r}"
            return
    elif config is UNKNOWN:
        if planned is not UNKNOWN:
            yield f"{at}: the block is unknown, its plan is not"
        return
    if planned is UNKNOWN or (planned is None and nesting_of(node) is not Nesting.SINGLE):
        yield f"{at}: planned {planned!r}, configured {config!r}"
        return
    yield from _nested(node, config, prior, planned, at)


def _nested(node: Attribute | Block, config: Any, prior: Any, planned: Any, at: str) -> Iterator[str]:
    nesting, body = nesting_of(node), inner_body(node)
    if nesting is Nesting.SINGLE:
        yield from violations(body, config, prior, planned, at)
    elif nesting is Nesting.MAP:
        if planned.keys() != config.keys():
            yield f"{at}: other keys"
            return
        for key, element in config.items():
            yield from violations(body, element, (prior or {}).get(key), planned[key], f"{at}[{key}]")
    elif len(planned) != len(config or []):
        yield f"{at}: another number of elements"
    elif nesting is Nesting.LIST:
        before = [*(prior or []), *[None] * len(planned)]
        for place, element in enumerate(config or []):
            yield from violations(body, element, before[place], planned[place], f"{at}[{place}]")
    else:
        yield from _set(body, config or [], planned, at)


def _set(
    body: Mapping[str, Attribute | Block], config: list[Any], planned: list[Any], at: str
) -> Iterator[str]:
    """In a set there is no prior: every planned element must do for some configured one, and vice versa."""
    for one, others, order in ((planned, config, 1), (config, planned, -1)):
        for element in one:
            pairs = [(other, element)[::order] for other in others]
            if not any(not list(violations(body, wanted, None, created)) for wanted, created in pairs):
                yield f"{at}: nothing matches {element!r}"


def _leaf_is_fine(node: Attribute, config: Any, prior: Any, planned: Any) -> bool:
    if planned is config or (planned == config and type(planned) is type(config)):
        return True
    if planned == prior and prior is not None and config is not None:
        return True
    return (node.computed or node.default is not None) and config is None
