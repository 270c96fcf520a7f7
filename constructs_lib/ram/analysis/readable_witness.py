"""A witness in names that a person knows: `example` for any, one region, one account."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import evolve

from constructs_lib.ram.analysis.evaluator import RESOURCE_CASE, Witness, folded

Shows = Callable[[Witness], bool]


def readable(witness: Witness, fresh: str, written: tuple[str, str], shows: Shows) -> Witness | None:
    """The same witness in names that a person knows, where it still shows what it has to show.

    `fresh`: the character that stands for any; `written`: the action and resource pattern as their author
    wrote them. None where not even the witness itself shows it.
    """
    for one in _candidates(witness, fresh, written):
        if shows(one):
            return _without_needless(one, shows)
    return None


def _candidates(witness: Witness, fresh: str, written: tuple[str, str]) -> Iterator[Witness]:
    actions = [*_actions(witness, fresh, written), witness.action]
    resources = [*_resources(witness, fresh), witness.resource]
    context = {key: _value(value, fresh) for key, value in witness.context.items()}
    for resource in resources:
        yield evolve(witness, action=actions[0], resource=resource, context=context)
    for action in actions[:-1]:
        yield evolve(witness, action=action, context=context)
    for resource in resources[:-1]:
        yield evolve(witness, action=actions[0], resource=resource)
    yield witness


def _without_needless(witness: Witness, shows: Shows) -> Witness:
    # Which reading of resources a witness belongs to is told in any case.
    for assumption in [one for one in witness.assuming if one != RESOURCE_CASE]:
        rest = {one: holds for one, holds in witness.assuming.items() if one != assumption}
        if shows(without := evolve(witness, assuming=rest)):
            witness = without
    return witness


def _actions(witness: Witness, fresh: str, written: tuple[str, str]) -> Iterator[str]:
    action, resource = written
    if witness.action == fresh:
        service = resource.split(":")[1] if resource.startswith("acs:") else "*"
        yield f"{service if service.isalnum() else 'example'}:Example"
    if folded(action.replace("*", fresh)) == witness.action:
        yield action.replace("*", "Example")
    yield witness.action.replace(fresh, "example")


def _resources(witness: Witness, fresh: str) -> Iterator[str]:
    """The example of a resource: with a path for an action on objects, in one region and account."""
    service = witness.action.split(":")[0]
    text = f"acs:{service}:{fresh}:{fresh}:{fresh}" if witness.resource == fresh else witness.resource
    parts = text.split(":", 4)
    named = [part.replace(fresh, "example") for part in parts]
    if len(parts) == 5:
        named[2] = "cn-hangzhou" if parts[2] == fresh else named[2]
        named[3] = "1234567890123456" if parts[3] == fresh else named[3]
        if "object" in witness.action and parts[4] == fresh:
            named[4] = "example/example"
    yield ":".join(named)


def _value(value: str, fresh: str) -> str:
    return "any-other-value" if value == fresh else value.replace(fresh, "example")
