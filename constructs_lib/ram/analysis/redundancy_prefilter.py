"""A cheap test before the proof: whether some part of a document may be redundant.

Most documents have no such part, and most programs have only such documents: they need not load the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from constructs_lib.ram.analysis.patterns import folded, matches
from constructs_lib.ram.terraform_expressions import widest

# Stands for whatever a wildcard matches, or Terraform fills in; no pattern that RAM takes names it.
_ANY = "\ud800"
_AS_MATCHED = str.maketrans({"?": _ANY, "*": _ANY})
# Beyond this the proof, which sorts the patterns first, is quicker than this test.
MANY_PATTERNS = 60


class _Probe(NamedTuple):
    """A pattern, None where it is unknown; a text that it matches, and no other pattern names; as given."""

    pattern: str | None
    text: str
    given: Any

    def matches(self, other: _Probe) -> bool:
        """Whether it matches the text of another one; what is unknown matches only its own."""
        if self.pattern is None:
            return self.given is other.given or bool(self.given == other.given)
        return matches(self.pattern, other.text)


class _Lists(NamedTuple):
    is_deny: bool
    actions: Sequence[_Probe]
    resources: Sequence[_Probe]


def may_have_redundant_parts(statements: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a part of some well-formed statements may be redundant; where not, none is.

    A part is needed if some request needs it. For each pattern one is tried: the pattern, and the first one
    of the statement's other list, with a text that no pattern names in the place of wildcards. Conditions are
    ignored, as if all that matches applied, unless they might contradict each other.
    """
    known = [lists for lists in map(_lists, statements) if lists is not None]
    if len(known) < len(statements) or any(map(_may_contradict, statements)):
        return True
    if sum(len(lists.actions) + len(lists.resources) for lists in known) > MANY_PATTERNS:
        return True
    return any(_is_met_elsewhere(index, known) for index in range(len(known)))


def _lists(statement: Mapping[str, Any]) -> _Lists | None:
    """The lists of a statement; None where it has others, or empty ones."""
    actions, resources = statement.get("Action"), statement.get("Resource")
    if not actions or not resources or "NotAction" in statement or "NotResource" in statement:
        return None
    is_deny = statement.get("Effect") == "Deny"
    return _Lists(is_deny, list(_probes(actions, ignore_case=True)), list(_probes(resources)))


def _probes(items: Any, *, ignore_case: bool = False) -> Iterator[_Probe]:
    for item in items if isinstance(items, (list, tuple)) else [items]:
        if not isinstance(item, str):
            yield _Probe(None, _ANY, item)
            continue
        text = widest(item, _ANY)
        spelled = folded(text) if ignore_case else text
        yield _Probe(spelled if text == item else None, spelled.translate(_AS_MATCHED), item)


def _may_contradict(statement: Mapping[str, Any]) -> bool:
    """Whether a condition asks twice for the same key, or is not known."""
    condition = statement.get("Condition") or {}
    of_operators = list(condition.values()) if isinstance(condition, Mapping) else [None]
    known = [keys for keys in of_operators if isinstance(keys, Mapping)]
    asked = [key for keys in known for key in keys]
    return len(known) < len(of_operators) or len(set(asked)) < len(asked)


def _is_met_elsewhere(index: int, lists: Sequence[_Lists]) -> bool:
    """Whether one of the requests that stand for a statement lies in another one, or twice in its own."""
    own = lists[index]
    others = [each for at, each in enumerate(lists) if at != index and (each.is_deny or not own.is_deny)]
    return any(
        _count(own.actions, action) > 1
        or _count(own.resources, resource) > 1
        or any(_count(each.actions, action) and _count(each.resources, resource) for each in others)
        for action, resource in _requests(own)
    )


def _count(patterns: Sequence[_Probe], probe: _Probe) -> int:
    return sum(pattern.matches(probe) for pattern in patterns)


def _requests(statement: _Lists) -> Iterator[tuple[_Probe, _Probe]]:
    for action in statement.actions:
        yield action, statement.resources[0]
    for resource in statement.resources[1:]:
        yield statement.actions[0], resource
