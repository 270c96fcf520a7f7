"""Access that one document gives and another does not, with the reason and a readable witness."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.findings import printable
from constructs_lib.ram.analysis.evaluator import RESOURCE_CASE, Assumptions
from constructs_lib.ram.analysis.patterns import folded, matches


@frozen
class Witness:
    """A request that shows a difference.

    * `action`, `resource`: names that need not exist; `example` stands for any.
    * `context`, `absent`: the condition keys that it has, and those it does not have although they are
      asked for.
    * `assuming`: what it takes for granted where nobody knows; empty for most.
    * `is_found`: False where no values of the policy variables were found that make true what it takes for
      granted: then nobody knows of such a request, and the string does not show one.

    As a string it is safe to print: what would break a line or a terminal is escaped.
    """

    action: str
    resource: str
    context: Mapping[str, str]
    absent: tuple[str, ...] = ()
    assuming: Assumptions = field(factory=dict)
    is_found: bool = True

    def __str__(self) -> str:
        if not self.is_found:
            return printable(
                f"{self.action}, depending on the values of policy variables; no example was found"
            )
        when = [f"{key} = {value}" for key, value in self.context.items()]
        when += [f"{key} is absent" for key in self.absent]
        given = [f"{'' if holds else 'not: '}{assumption}" for assumption, holds in self.assuming.items()]
        text = f"{self.action} on {self.resource}"
        text += f" when {' and '.join(when)}" if when else ""
        return printable(text + (f", assuming {'; '.join(given)}" if given else ""))


class Reason(enum.StrEnum):
    """Why the other document does not allow it."""

    NOT_ALLOWED = "not allowed"
    CONDITION = "allowed only under a condition"
    DENIED = "denied"
    FORBIDDEN = "forbidden"


@frozen
class Grant:
    """Access that one document gives and the other does not, by one of its statements.

    * `statement`: its index in the document that gives it; `condition` is that statement's.
    * `actions`, `resources`: its patterns, as written; each pair of them gives something. `*` where the
      statement has NotAction or NotResource: then `not_actions`, `not_resources` are the exceptions.
    * `reason`: why the other document does not allow the witness.
    * `is_unusual`: only a resource that is no ARN of the action's service shows it.
    """

    statement: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Any
    reason: Reason
    witness: Witness
    not_actions: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    is_unusual: bool = False


def gives(grant: Grant, witness: Witness) -> bool:
    """Whether the patterns of a grant match a request; conditions are not looked at."""
    action = folded(witness.action)
    return (
        any(matches(folded(pattern), action) for pattern in grant.actions)
        and not any(matches(folded(pattern), action) for pattern in grant.not_actions)
        and any(matches(pattern, witness.resource) for pattern in grant.resources)
        and not any(matches(pattern, witness.resource) for pattern in grant.not_resources)
    )


def gives_any_action(grant: Grant) -> bool:
    """Whether it is of every action, or of all but some."""
    return any(pattern in ("*", "*:*") for pattern in grant.actions)


# ------------------------------------------------------------ names that a person knows

Shows = Callable[[Witness], bool]


def readable(witness: Witness, fresh: str, written: tuple[str, str], shows: Shows) -> Witness | None:
    """The same witness in names that a person knows, where it still shows what it has to show.

    `fresh`: the character that stands for any; `written`: the action and resource pattern as their author
    wrote them. None where not even the witness itself shows it.
    """
    shown = next(filter(shows, _candidates(witness, fresh, written)), None)
    return shown and _without_needless(shown, shows)


def _candidates(witness: Witness, fresh: str, written: tuple[str, str]) -> Iterator[Witness]:
    actions, resource = list(_actions(witness, fresh, written)), _resource(witness, fresh)
    context = {
        key: "any-other-value" if value == fresh else value.replace(fresh, "example")
        for key, value in witness.context.items()
    }
    yield evolve(witness, action=actions[0], resource=resource, context=context)
    for action in actions:
        yield evolve(witness, action=action, context=context)
    yield evolve(witness, action=actions[0], resource=resource)
    yield witness


def _without_needless(witness: Witness, shows: Shows) -> Witness:
    """The same without what need not be taken for granted; as much at a time as is possible."""
    # Which reading of resources a witness belongs to is always part of it.
    waiting = [[each for each in witness.assuming if each != RESOURCE_CASE]]
    while waiting:
        needless = waiting.pop()
        left_out, half = set(needless), len(needless) // 2
        rest = {each: holds for each, holds in witness.assuming.items() if each not in left_out}
        if needless and shows(without := evolve(witness, assuming=rest)):
            witness = without
        elif half:
            waiting += [needless[half:], needless[:half]]
    return witness


def _actions(witness: Witness, fresh: str, written: tuple[str, str]) -> Iterator[str]:
    action, resource = written
    if witness.action == fresh:
        service = resource.split(":")[1] if resource.startswith("acs:") else "*"
        yield f"{service if service.isalnum() else 'example'}:Example"
    if folded(action.replace("*", fresh)) == witness.action:
        yield action.replace("*", "Example")
    yield witness.action.replace(fresh, "example")


def _resource(witness: Witness, fresh: str) -> str:
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
    return ":".join(named)
