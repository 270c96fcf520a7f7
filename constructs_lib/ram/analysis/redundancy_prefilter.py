"""A glance at a document: whether some part of it may be redundant, before any proof.

Most documents have no such part, and most programs have only such documents: they need not load the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from constructs_lib.ram.analysis.patterns import matches
from constructs_lib.ram.terraform_expressions import widest

# Stands for whatever a wildcard matches, or Terraform fills in; no UTF-8 text holds it.
_ANY = "\ud800"
_AS_MATCHED = str.maketrans({"?": _ANY, "*": _ANY})
# Beyond this the proof, which sorts the patterns first, is quicker than the glance.
MANY_PATTERNS = 60


class _Item(NamedTuple):
    """A pattern, None where it is unknown; a text that it matches, and no other pattern names; as given."""

    pattern: str | None
    text: str
    given: Any

    def covers(self, other: _Item) -> bool:
        """Whether it matches the text that stands for another one; what is unknown covers only itself."""
        if self.pattern is None:
            return self.given is other.given or bool(self.given == other.given)
        return matches(self.pattern, other.text)


class _Lists(NamedTuple):
    is_deny: bool
    actions: Sequence[_Item]
    resources: Sequence[_Item]


def may_have_dead_parts(statements: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a part of some well-formed statements may be dead; where not, none is.

    A part is alive if some request needs it. Tried is one request for each pattern: it, and the first pattern
    of the statement's other list, with a text that no pattern names in the place of wildcards. Conditions are
    stepped over, as if all that matches applied, unless they might contradict each other.
    """
    lists = [_lists(one) for one in statements]
    known = [one for one in lists if one is not None]
    if len(known) < len(lists) or any(map(_may_contradict, statements)):
        return True
    if sum(len(one.actions) + len(one.resources) for one in known) > MANY_PATTERNS:
        return True
    return any(_is_met_elsewhere(place, one, known) for place, one in enumerate(known))


def _lists(statement: Mapping[str, Any]) -> _Lists | None:
    """The lists of a statement; None where it has others, or empty ones."""
    lists: tuple[Any, Any] = (statement.get("Action"), statement.get("Resource"))
    if not all(lists) or "NotAction" in statement or "NotResource" in statement:
        return None
    actions, resources = ([*map(_item, one if isinstance(one, (list, tuple)) else [one])] for one in lists)
    return _Lists(statement.get("Effect") == "Deny", [*map(_folded, actions)], resources)


def _item(given: Any) -> _Item:
    if not isinstance(given, str):
        return _Item(None, _ANY, given)
    text = widest(given, _ANY)
    return _Item(given if text == given else None, text.translate(_AS_MATCHED), given)


def _folded(action: _Item) -> _Item:
    return action._replace(pattern=action.pattern and action.pattern.lower(), text=action.text.lower())


def _may_contradict(statement: Mapping[str, Any]) -> bool:
    """Whether a condition asks twice for the same key, or is not known."""
    condition = statement.get("Condition") or {}
    of_operators = list(condition.values()) if isinstance(condition, Mapping) else [None]
    known = [keys for keys in of_operators if isinstance(keys, Mapping)]
    asked = [key for keys in known for key in keys]
    return len(known) < len(of_operators) or len(set(asked)) < len(asked)


def _is_met_elsewhere(place: int, statement: _Lists, lists: Sequence[_Lists]) -> bool:
    """Whether one of the requests that stand for a statement lies in another one, or twice in its own."""
    others = [one for at, one in enumerate(lists) if at != place and (one.is_deny or not statement.is_deny)]
    return any(
        _count(statement.actions, action) > 1
        or _count(statement.resources, resource) > 1
        or any(_count(one.actions, action) and _count(one.resources, resource) for one in others)
        for action, resource in _requests(statement)
    )


def _count(items: Sequence[_Item], covered: _Item) -> int:
    return sum(one.covers(covered) for one in items)


def _requests(statement: _Lists) -> Iterator[tuple[_Item, _Item]]:
    for action in statement.actions:
        yield action, statement.resources[0]
    for resource in statement.resources[1:]:
        yield statement.actions[0], resource
