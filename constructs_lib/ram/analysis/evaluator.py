"""What one policy document says of one request: plain, slow, and the judge of every witness.

A statement applies where its actions, its resources and its condition do. A request is allowed where some
Allow applies and no Deny does. Source: RAM, help pages "Policy evaluation process" and "Policy elements".

Not everything is known: what Terraform fills in, what an undocumented operator means. Each such thing is an
`Assumption`, the same wherever it is written the same. An answer that depends on it is None where nothing is
assumed about it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from attrs import evolve, frozen

from constructs_lib.findings import printable, shown
from constructs_lib.ram.analysis.conditions import ConditionTest
from constructs_lib.ram.analysis.patterns import folded, matches
from constructs_lib.ram.canonical import LISTS, canonical_principal
from constructs_lib.ram.terraform_expressions import is_unknown, widest, with_symbols

Context = Mapping[str, str]


class UnreadableError(ValueError):
    """A document is not known well enough, or not well-formed: nothing can be said of it."""


class About(enum.StrEnum):
    """What an assumption is about."""

    RESOURCE_CASE = "resources are compared without case"
    ABSENT_KEY = "a negated operator holds where the request does not have its key"
    CONDITION = "this condition holds"
    ACTION = "this pattern matches the action"
    RESOURCE = "this pattern matches the resource"
    PRINCIPAL = "this principal is meant"
    EFFECT = "this effect is Allow"


@frozen(cache_hash=True)
class Assumption:
    """Something that neither the documents nor the pages of RAM say.

    * `about`: what would hold.
    * `subject`: the pattern, the `ConditionTest` or the value it is about.
    """

    about: About
    subject: Any = None

    def __str__(self) -> str:
        if self.subject is None:
            return str(self.about)
        if isinstance(self.subject, ConditionTest):
            test = self.subject
            values = ", ".join(map(_shown, test.values))
            return printable(f"{self.about}: {test.operator} {test.key} {values}")
        return printable(f"{self.about}: {_shown(self.subject)}")


@lru_cache(4096)
def implies(assumption: Assumption, other: Assumption) -> bool:
    """Whether a pattern of unknown extent matches only what another one does, whatever is filled in.

    What is filled in is the same wherever it is written the same. It stands for any text: no `?` matches it.
    """
    texts = (assumption.subject, other.subject)
    is_of_patterns = assumption.about is other.about and other.about in (About.ACTION, About.RESOURCE)
    if not is_of_patterns or not all(isinstance(text, str) for text in texts):
        return False
    if any("\ue000" <= character <= "\uf8ff" for character in "".join(texts)):
        return False
    symbols: dict[str, str] = {}
    narrow, wide = (with_symbols(text, symbols) for text in texts)
    if assumption.about is About.ACTION:
        narrow, wide = folded(narrow), folded(wide)
    return matches(wide, narrow, "[^*\ue000-\uf8ff]")


RESOURCE_CASE = Assumption(About.RESOURCE_CASE)
ABSENT_KEY = Assumption(About.ABSENT_KEY)
NO_RESOURCE = "a statement without resources"

Assumptions = Mapping[Assumption, bool]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)


@frozen
class Pattern:
    """A pattern as it is compared; with an assumption, only what it matches at most."""

    text: str
    assumption: Assumption | None = None


@frozen
class Patterns:
    """A list of actions or resources; negated where the statement has NotAction or NotResource."""

    items: tuple[Pattern, ...]
    written: tuple[str, ...]
    is_negated: bool = False

    @cached_property
    def head(self) -> str:
        """Whatever one of the patterns matches begins with this."""
        texts = [item.text for item in self.items]
        first, last, size = min(texts), max(texts), 0
        while first[size : size + 1] == last[size : size + 1] not in ("", "*", "?"):
            size += 1
        return first[:size]

    def only(self, number: int) -> Patterns:
        """A list of one of the patterns; exceptions, and what is beside an unknown pattern, stay together."""
        item = self.items[number]
        return self if self.is_negated or item.assumption is not None else evolve(self, items=(item,))


@frozen
class Statement:
    """A statement as it is evaluated: it applies where both lists match and all requirements hold.

    `requirements`: each has to be what stands beside it; conditions are assumptions, too.
    """

    index: int
    is_allow: bool
    actions: Patterns
    resources: Patterns
    requirements: frozenset[tuple[Assumption, bool]]

    @property
    def meaning(self) -> tuple[Any, ...]:
        """Equal for two statements only if they apply to the same requests."""
        lists = [(frozenset(each.items), each.is_negated) for each in (self.actions, self.resources)]
        return (self.is_allow, *lists, self.requirements)


def allowed_by(
    statements: Sequence[Statement], action: str, resource: str, context: Context, assuming: Assumptions
) -> bool | None:
    """Whether a document that was read allows a request; see `constructs_lib.ram.access.allows`."""
    action = folded(action)
    request = _Request(action, resource, context, assuming)
    # Most statements are about other services: their head shows it at once.
    near = [each for each in statements if each.actions.is_negated or action.startswith(each.actions.head)]
    is_allowed = _any(request.meets(statement) for statement in near if statement.is_allow)
    if is_allowed is False:
        return False
    is_denied = _any(request.meets(statement) for statement in near if not statement.is_allow)
    return _all(iter((is_allowed, _not(is_denied))))


@frozen
class _Request:
    action: str
    resource: str
    context: Context
    assuming: Assumptions

    def meets(self, statement: Statement) -> bool | None:
        lists = self._is_listed(statement.actions, self.action)
        if lists is not False:
            ignore_case = bool(self.assuming.get(RESOURCE_CASE)) if self.assuming else False
            resource = self._is_listed(statement.resources, self.resource, ignore_case=ignore_case)
            lists = _all(iter((lists, resource)))
        if lists is False or not statement.requirements:
            return lists
        return _all(iter((lists, *(self._holds(*requirement) for requirement in statement.requirements))))

    def _is_listed(self, patterns: Patterns, text: str, *, ignore_case: bool = False) -> bool | None:
        is_listed: bool | None = False
        given = folded(text) if ignore_case else text
        head = folded(patterns.head) if ignore_case else patterns.head
        for pattern in patterns.items if given.startswith(head) else ():
            if matches(folded(pattern.text) if ignore_case else pattern.text, given):
                verdict = True if pattern.assumption is None else self.assuming.get(pattern.assumption)
                if verdict:
                    is_listed = True
                    break
                if verdict is None:
                    is_listed = None
        return _not(is_listed) if patterns.is_negated else is_listed

    def _holds(self, assumption: Assumption, wanted: bool) -> bool | None:
        verdict = self.assuming.get(assumption)
        if verdict is None and isinstance(assumption.subject, ConditionTest):
            test = assumption.subject
            verdict = test.holds(self.context.get(test.key), when_absent=self.assuming.get(ABSENT_KEY))
        return verdict if wanted else _not(verdict)


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _any(verdicts: Iterator[bool | None]) -> bool | None:
    """True if one is True, else None if one is None."""
    is_unknown = False
    for verdict in verdicts:
        if verdict:
            return True
        is_unknown = is_unknown or verdict is None
    return None if is_unknown else False


def _all(verdicts: Iterator[bool | None]) -> bool | None:
    """False if one is False, else None if one is None."""
    return _not(_any(_not(verdict) for verdict in verdicts))


# ------------------------------------------------------------ reading

_ELEMENTS = frozenset((*LISTS, "Effect", "Condition", "Sid", "Principal"))


def read(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a document's JSON form as they are evaluated; one of unknown effect is read as both.

    UnreadableError: the document has malformed or unknown statements.
    """
    statements = document["Statement"]
    if not isinstance(statements, (list, tuple)):
        raise UnreadableError("the statements are not known before Terraform runs")
    return tuple(each for index, item in enumerate(statements) for each in _read_statement(index, item))


def _read_statement(index: int, statement: Any) -> Iterator[Statement]:
    place = f"Statement[{index}]"
    if not isinstance(statement, Mapping) or not statement.keys() <= _ELEMENTS:
        raise UnreadableError(f"{place} is not a statement, or not known before Terraform runs")
    actions, not_actions = statement.get("Action"), statement.get("NotAction")
    resources, not_resources = statement.get("Resource"), statement.get("NotResource")
    if (actions is None) == (not_actions is None):
        raise UnreadableError(f"{place} has not exactly one of Action and NotAction")
    if resources is not None and not_resources is not None:
        raise UnreadableError(f"{place} has both Resource and NotResource")
    lists = (
        _read_list(place, About.ACTION, actions, not_actions),
        _read_list(place, About.RESOURCE, resources, not_resources),
    )
    requirements = frozenset(_requirements(place, statement))
    effect = statement.get("Effect")
    if effect in ("Allow", "Deny"):
        yield Statement(index, effect == "Allow", *lists, requirements)
    elif is_unknown(effect):
        # Whichever it is, all of the other reading is false.
        unknown = Assumption(About.EFFECT, _hashable(effect))
        for is_allow in (True, False):
            yield Statement(index, is_allow, *lists, requirements | {(unknown, is_allow)})
    else:
        raise UnreadableError(f"{place} has an effect that is neither Allow nor Deny")


def _read_list(place: str, about: About, listed: Any, excepted: Any) -> Patterns:
    items = excepted if listed is None else listed
    is_negated = listed is None and excepted is not None
    if not items and about is About.ACTION:
        raise UnreadableError(f"{place} has an empty list of actions")
    if not items:
        # RAM takes it, and its pages do not say what it makes of it.
        return Patterns((Pattern("*", Assumption(about, NO_RESOURCE)),), (NO_RESOURCE,), is_negated)
    if not isinstance(items, (list, tuple)):
        items = (items,)
    patterns = tuple(_read_pattern(place, about, item) for item in items)
    return Patterns(patterns, tuple(map(_shown, items)), is_negated)


def _read_pattern(place: str, about: About, item: Any) -> Pattern:
    if not isinstance(item, str):
        if not is_unknown(item):
            raise UnreadableError(f"{place} has {shown(item)} in a list of patterns")
        return Pattern("*", Assumption(about, _hashable(item)))
    text = widest(item, "*")
    spelled = folded(text) if about is About.ACTION else text
    return Pattern(spelled, None if text == item else Assumption(about, item))


def _requirements(place: str, statement: Mapping[str, Any]) -> Iterator[tuple[Assumption, bool]]:
    principal, conditions = statement.get("Principal"), statement.get("Condition")
    if principal is not None:
        yield Assumption(About.PRINCIPAL, _hashable(canonical_principal(principal))), True
    if conditions is None or conditions == {}:
        return
    if not isinstance(conditions, Mapping):
        yield Assumption(About.CONDITION, _hashable(conditions)), True
        return
    for operator, keys in conditions.items():
        if not isinstance(keys, Mapping):
            yield Assumption(About.CONDITION, (_hashable(operator), _hashable(keys))), True
            continue
        for key, values in keys.items():
            listed = values if isinstance(values, (list, tuple)) else (values,)
            if not listed or not isinstance(operator, str) or not isinstance(key, str):
                raise UnreadableError(f"{place} has a malformed condition")
            test = ConditionTest(operator, key, tuple(map(_hashable, listed)))
            yield Assumption(About.CONDITION, test), True


def _hashable(value: Any) -> Any:
    """A value that is equal to itself wherever it is written; what only Terraform knows, by its identity."""
    if isinstance(value, Mapping):
        return tuple((str(key), _hashable(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, value))
    return value if value.__hash__ is not None else _Itself(value)


@frozen(eq=False)
class _Itself:
    value: Any
