"""An oracle for the difference of two documents that knows nothing of the method, and random documents."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from constructs_lib.ram.analysis.evaluator import About
from constructs_lib.ram.analysis.grants import Grant, Witness
from constructs_lib.ram.document import PolicyDocument, PolicyStatement


class Small(NamedTuple):
    """A statement as the oracle sees it."""

    is_allow: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def written(self) -> PolicyStatement:
        conditions: dict[str, dict[str, list[str]]] = {}
        for operator, key, values in self.conditions:
            conditions.setdefault(operator, {})[key] = list(values)
        return PolicyStatement(
            effect="Allow" if self.is_allow else "Deny",
            conditions=conditions or None,
            actions=None if self.not_actions else self.actions,
            not_actions=self.actions if self.not_actions else None,
            resources=None if self.not_resources else self.resources,
            not_resources=self.resources if self.not_resources else None,
        )


@cache
def memberships(patterns: tuple[str, ...], letters: str) -> frozenset[tuple[bool, ...]]:
    """Every combination of patterns in which some text lies: a walk through the product of their automata.

    The state of a pattern is the set of places in it that can be reached; `letters` stands for all texts.
    """
    start = tuple(closure(pattern, frozenset({0})) for pattern in patterns)
    seen, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        for letter in letters:
            following = tuple(step(*pattern, letter) for pattern in zip(patterns, state, strict=True))
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return frozenset(
        tuple(len(pattern) in places for pattern, places in zip(patterns, state, strict=True))
        for state in seen
    )


@cache
def closure(pattern: str, places: frozenset[int]) -> frozenset[int]:
    found = set(places)
    for place in sorted(places):
        while pattern[place : place + 1] == "*":
            place += 1
            found.add(place)
    return frozenset(found)


@cache
def step(pattern: str, places: frozenset[int], letter: str) -> frozenset[int]:
    following = set()
    for place in places:
        symbol = pattern[place : place + 1]
        if symbol == "*":
            following.add(place)
        elif symbol in (letter, "?"):
            following.add(place + 1)
    return closure(pattern, frozenset(following))


def lies_in(pattern: str, text: str) -> bool:
    places = closure(pattern, frozenset({0}))
    for letter in text:
        places = step(pattern, places, letter)
    return len(pattern) in places


TEXTS = ["", *("".join(text) for size in range(1, 5) for text in product("abABc", repeat=size))]
UNIVERSE: dict[str, list[str]] = {
    "text": TEXTS,
    "number": [str(half / 2) for half in range(-3, 12)],
    "flag": ["true", "false"],
    "ip": ["9.9.9.9", *(f"10.0.0.{last}" for last in range(9)), "2001:db8::1", "2001:db8::2", "::1"],
}
COMPARE = {
    "Equals": "==",
    "LessThan": "<",
    "LessThanEquals": "<=",
    "GreaterThan": ">",
    "GreaterThanEquals": ">=",
}


@cache
def passes(operator: str, values: tuple[str, ...], value: str) -> bool:
    if "Not" in operator:
        return not passes(operator.replace("Not", ""), values, value)
    return any(passes_one(operator, wanted, value) for wanted in values)


def passes_one(operator: str, wanted: str, value: str) -> bool:
    if operator == "StringLike":
        return lies_in(wanted, value)
    if operator.startswith("Numeric"):
        return bool(eval(f"{value} {COMPARE[operator.removeprefix('Numeric')]} {wanted}"))
    if operator.startswith("Date"):  # in UTC, so that they are ordered as they are written
        return bool(eval(f"{value!r} {COMPARE[operator.removeprefix('Date')]} {wanted!r}"))
    if operator == "IpAddress":
        network, _, size = wanted.partition("/")
        return value in block(network, int(size or "-1"))
    ignores_case = operator == "Bool" or operator.endswith("IgnoreCase")
    return value.lower() == wanted.lower() if ignores_case else value == wanted


def block(network: str, size: int) -> list[str]:
    """The addresses of a small network, counted by hand."""
    if network == "2001:db8::":
        return ["2001:db8::1", "2001:db8::2", "2001:db8::7"]
    first, count = int(network.rsplit(".", 1)[1]), 1 if size < 0 else 2 ** (32 - size)
    return [f"10.0.0.{last}" for last in range(first, first + count)]


def verdicts_of(tests: Sequence[tuple[str, str, tuple[str, ...]]], absent: bool) -> set[tuple[bool, ...]]:
    """Every combination of tests that some context passes; `absent`: what negated tests say without a key."""
    found: set[tuple[bool, ...]] = {()}
    for key, values in UNIVERSE.items():
        mine = [index for index, test in enumerate(tests) if test[1] == key]
        if mine:
            of_key = {tuple(passes(tests[i][0], tests[i][2], value) for i in mine) for value in values}
            of_key.add(tuple("Not" in tests[i][0] and absent for i in mine))
            found = {each + other for each in found for other in of_key}
    order = [index for key in UNIVERSE for index, test in enumerate(tests) if test[1] == key]
    return {tuple(value for _, value in sorted(zip(order, each, strict=True))) for each in found}


class Request(NamedTuple):
    """A request, and its reading: what negated tests say without a key, whether resources have case."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
    absent: bool = False
    fold: bool = False


def applies_to(statement: Small, request: Request, *, conditions: bool = True) -> bool:
    resource = request.resource.lower() if request.fold else request.resource
    spelled = [text.lower() if request.fold else text for text in statement.resources]
    lists = (
        any(lies_in(text.lower(), request.action.lower()) for text in statement.actions)
        != statement.not_actions
        and any(lies_in(text, resource) for text in spelled) != statement.not_resources
    )
    context = dict(request.context)
    return lists and (
        not conditions
        or all(
            passes(operator, values, context[key]) if key in context else "Not" in operator and request.absent
            for operator, key, values in statement.conditions
        )
    )


def allowed(statements: Sequence[Small], request: Request) -> bool:
    """Whether a document allows a request, by the definition."""
    applying = [statement.is_allow for statement in statements if applies_to(statement, request)]
    return bool(applying) and all(applying)


def reason(statements: Sequence[Small], request: Request) -> str:
    """Why a document does not allow a request."""
    allows = [statement for statement in statements if statement.is_allow]
    if any(applies_to(statement, request) for statement in allows):
        return "denied"
    listed = any(applies_to(statement, request, conditions=False) for statement in allows)
    return "allowed only under a condition" if listed else "not allowed"


Cell = tuple[int, str, str]


def expected(before: Sequence[Small], after: Sequence[Small], *, fold: bool, meet: bool = False) -> set[Cell]:
    """The pairs of patterns of `after` that allow something that `before` does not (or does: `meet`)."""
    everything = [*before, *after]
    tests = list(dict.fromkeys(test for statement in everything for test in statement.conditions))
    actions = tuple(dict.fromkeys(text.lower() for statement in everything for text in statement.actions))
    spelled = {
        text: text.lower() if fold else text for statement in everything for text in statement.resources
    }
    resources = tuple(dict.fromkeys(spelled.values()))
    letters = "ab!" if fold else "abA!"
    needs = [[tests.index(test) for test in statement.conditions] for statement in everything]
    contexts = {
        tuple(all(context[i] for i in need) for need in needs)
        for absent in (True, False)
        for context in verdicts_of(tests, absent)
    }
    # What of each statement matches, for every kind of action, resource and context.
    listed = [{actions.index(text.lower()) for text in statement.actions} for statement in everything]
    on = [{resources.index(spelled[text]) for text in statement.resources} for statement in everything]
    cells: set[Cell] = set()
    for place, where in product(memberships(actions, "ab!"), memberships(resources, letters)):
        inside = [
            any(place[i] for i in listed[n]) != statement.not_actions
            and any(where[i] for i in on[n]) != statement.not_resources
            for n, statement in enumerate(everything)
        ]
        if not any(inside):
            continue
        for context in contexts:
            applies = [yes and holds for yes, holds in zip(inside, context, strict=True)]
            said = [decided(before, applies), decided(after, applies[len(before) :])]
            if said[1] and said[0] == meet:
                cells |= set(
                    cells_of(after, applies[len(before) :], place, where, actions, resources, spelled)
                )
    return cells


def decided(statements: Sequence[Small], applies: Sequence[bool]) -> bool:
    applying = [statement.is_allow for statement, yes in zip(statements, applies, strict=False) if yes]
    return bool(applying) and all(applying)


def cells_of(
    statements: Sequence[Small],
    applies: Sequence[bool],
    place: Sequence[bool],
    where: Sequence[bool],
    actions: Sequence[str],
    resources: Sequence[str],
    spelled: dict[str, str],
) -> Iterator[Cell]:
    for number, (statement, yes) in enumerate(zip(statements, applies, strict=True)):
        if statement.is_allow and yes:
            mine = [text for text in statement.actions if place[actions.index(text.lower())]]
            on = [text for text in statement.resources if where[resources.index(spelled[text])]]
            pairs = product(
                ["*"] if statement.not_actions else mine, ["*"] if statement.not_resources else on
            )
            yield from ((number, *pair) for pair in pairs)


# ------------------------------------------------------------ random documents


def pattern(draw: random.Random, letters: str) -> str:
    return "".join(draw.choice(letters) for _ in range(draw.randint(1, 4)))


def small(draw: random.Random, *, action: str, resource: str, conditions: int = 0) -> Small:
    lists = [
        tuple(dict.fromkeys(pattern(draw, letters) for _ in range(draw.choice((1, 1, 1, 2, 3)))))
        for letters in (action, resource)
    ]
    tests = {(test[0], test[1]): test for test in (a_test(draw) for _ in range(draw.randint(0, conditions)))}
    return Small(
        draw.random() < 0.65,
        lists[0],
        draw.random() < 0.2,
        lists[1],
        draw.random() < 0.15,
        tuple(tests.values()),
    )


def a_test(draw: random.Random) -> tuple[str, str, tuple[str, ...]]:
    key = draw.choice(("text", "text", "number", "flag", "ip"))
    if key == "flag":
        return "Bool", key, (draw.choice(("true", "false")),)
    operators = {
        "text": ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"),
        "number": (*(f"Numeric{name}" for name in COMPARE), "NumericNotEquals"),
        "ip": ("IpAddress", "NotIpAddress"),
    }[key]
    operator = draw.choice(operators)
    values: Callable[[], str] = {
        "text": lambda: pattern(draw, "abA*?" if "Like" in operator else "abA")[:3],
        "number": lambda: str(draw.randint(0, 4)),
        "ip": lambda: draw.choice(("10.0.0.0/30", "10.0.0.4/31", "10.0.0.2/31", "10.0.0.3", "2001:db8::/64")),
    }[key]
    return operator, key, tuple(dict.fromkeys(values() for _ in range(draw.choice((1, 1, 2)))))


def changed(draw: random.Random, before: Sequence[Small], **kind: Any) -> list[Small]:
    """The same document with a few statements dropped, added or altered: or quite another one."""
    after = list(before)
    for _ in range(draw.choice((1, 1, 2))):
        at = draw.randrange(len(after))
        other = small(draw, **kind)
        part = draw.choice(("actions", "resources", "is_allow", "conditions", "drop", "add"))
        if part == "add":
            after.append(other)
        elif part != "drop":
            after[at] = after[at]._replace(**{part: getattr(other, part)})
        elif len(after) > 1:
            del after[at]
    draw.shuffle(after)
    return after


def pairs(seed: int, count: int, **kind: Any) -> Iterator[tuple[list[Small], list[Small]]]:
    draw = random.Random(seed)
    for _ in range(count):
        before = [small(draw, **kind) for _ in range(draw.choice((1, 2, 2, 3)))]
        related = draw.random() < 0.7
        yield (
            before,
            changed(draw, before, **kind)
            if related
            else [small(draw, **kind) for _ in range(draw.choice((1, 2, 2, 3)))],
        )


def written(statements: Iterable[Small]) -> PolicyDocument:
    return PolicyDocument(statement.written() for statement in statements)


def cells(grants: Iterable[Grant]) -> dict[Cell, bool | None]:
    """The pairs of patterns that are granted, with the reading of resources they belong to."""
    return {
        (grant.statement, action, resource): reading_of(grant)
        for grant in grants
        for action in grant.actions
        for resource in grant.resources
    }


def reading_of(grant: Grant) -> bool | None:
    """Whether a grant is only there if resources are compared without case, or only with; None: both."""
    readings = {assumption.about: holds for assumption, holds in grant.witness.assuming.items()}
    return readings.get(About.RESOURCE_CASE)


def request_of(witness: Witness) -> Request:
    """A witness as the oracle reads it."""
    readings = {assumption.about: holds for assumption, holds in witness.assuming.items()}
    assert set(readings) <= {About.RESOURCE_CASE, About.ABSENT_KEY}
    return Request(
        witness.action,
        witness.resource,
        tuple(witness.context.items()),
        absent=readings.get(About.ABSENT_KEY, False),
        fold=readings.get(About.RESOURCE_CASE, False),
    )
