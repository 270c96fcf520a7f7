"""The exact difference of two documents, held against an oracle that knows nothing of the method."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pytest

from constructs_lib.ram import access
from constructs_lib.ram.access import (
    Comparison,
    Grant,
    Reason,
    Verdict,
    compare,
    compare_denials,
    dead_parts,
    equivalent,
    must_allow,
    must_not_allow,
    proved_minimised,
    within,
)
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.evaluator import (
    ABSENT_KEY,
    RESOURCE_CASE,
    Assumption,
    UnreadableError,
    Witness,
    allows,
)

BUCKET = "acs:oss:*:*:photos"


def statement(actions: Any = "oss:Get*", resources: Any = "*", **others: Any) -> PolicyStatement:
    return PolicyStatement(**{"effect": "Allow", "actions": actions, "resources": resources, **others})


def deny(actions: Any, resources: Any = "*", **others: Any) -> PolicyStatement:
    return statement(actions, resources, effect="Deny", **others)


def document(*statements: PolicyStatement) -> PolicyDocument:
    return PolicyDocument(statements)


def verdict(before: PolicyDocument, after: PolicyDocument) -> Verdict:
    comparison = compare(before, after)
    recheck(before, after, comparison)
    return comparison.verdict


def recheck(before: PolicyDocument, after: PolicyDocument, comparison: Comparison) -> None:
    """Every witness shows what it is said to show."""
    for grants, giving, other in ((comparison.gained, after, before), (comparison.lost, before, after)):
        for grant in grants:
            assert answer(giving, grant.witness) is True, grant
            assert answer(other, grant.witness) is False, grant
            alone = giving.statements[grant.statement]
            assert answer(document(alone), grant.witness) is True, grant
            assert (grant.condition or None) == (alone.conditions or None)


def answer(of: PolicyDocument, witness: Witness) -> bool | None:
    return allows(of, witness.action, witness.resource, witness.context, witness.assuming)


# ------------------------------------------------------------ the oracle


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
            following = tuple(step(*one, letter) for one in zip(patterns, state, strict=True))
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
        (lies_in,) = [(wanted,)]
        places = closure(wanted, frozenset({0}))
        for letter in value:
            places = step(*lies_in, places, letter)
        return len(wanted) in places
    if operator.startswith("Numeric"):
        return bool(eval(f"{value} {COMPARE[operator.removeprefix('Numeric')]} {wanted}"))
    if operator == "IpAddress":
        network, _, size = wanted.partition("/")
        return value in block(network, int(size or "-1"))
    return value.lower() == wanted.lower() if operator.endswith("IgnoreCase") else value == wanted


def block(network: str, size: int) -> list[str]:
    """The addresses of a small network, counted by hand."""
    if network == "2001:db8::":
        return ["2001:db8::1", "2001:db8::2"]
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
            found = {one + other for one in found for other in of_key}
    order = [index for key in UNIVERSE for index, test in enumerate(tests) if test[1] == key]
    return {tuple(value for _, value in sorted(zip(order, one, strict=True))) for one in found}


Cell = tuple[int, str, str]


def expected(before: Sequence[Small], after: Sequence[Small], *, fold: bool, meet: bool = False) -> set[Cell]:
    """The pairs of patterns of `after` that allow something that `before` does not (or does: `meet`)."""
    everything = [*before, *after]
    tests = list(dict.fromkeys(test for one in everything for test in one.conditions))
    actions = tuple(dict.fromkeys(text.lower() for one in everything for text in one.actions))
    spelled = {text: text.lower() if fold else text for one in everything for text in one.resources}
    resources = tuple(dict.fromkeys(spelled.values()))
    letters = "ab!" if fold else "abA!"
    needs = [[tests.index(test) for test in one.conditions] for one in everything]
    contexts = {
        tuple(all(context[i] for i in need) for need in needs)
        for absent in (True, False)
        for context in verdicts_of(tests, absent)
    }
    # What of each statement matches, for every kind of action, resource and context.
    listed = [{actions.index(text.lower()) for text in one.actions} for one in everything]
    on = [{resources.index(spelled[text]) for text in one.resources} for one in everything]
    cells: set[Cell] = set()
    for place, where in product(memberships(actions, "ab!"), memberships(resources, letters)):
        inside = [
            any(place[i] for i in listed[n]) != one.not_actions
            and any(where[i] for i in on[n]) != one.not_resources
            for n, one in enumerate(everything)
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
    applying = [one.is_allow for one, yes in zip(statements, applies, strict=False) if yes]
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
    for number, (one, yes) in enumerate(zip(statements, applies, strict=True)):
        if one.is_allow and yes:
            mine = [text for text in one.actions if place[actions.index(text.lower())]]
            on = [text for text in one.resources if where[resources.index(spelled[text])]]
            pairs = product(["*"] if one.not_actions else mine, ["*"] if one.not_resources else on)
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
    return PolicyDocument(one.written() for one in statements)


def cells(grants: Iterable[Grant]) -> dict[Cell, bool | None]:
    """The pairs of patterns that are told, with the reading of resources they belong to."""
    return {
        (grant.statement, action, resource): grant.witness.assuming.get(RESOURCE_CASE)
        for grant in grants
        for action in grant.actions
        for resource in grant.resources
    }


def hold_against_the_oracle(before: list[Small], after: list[Small]) -> None:
    old, new = written(before), written(after)
    comparison = compare(old, new)
    assert comparison.undecided is None
    recheck(old, new, comparison)
    for grants, giving, other in ((comparison.gained, after, before), (comparison.lost, before, after)):
        found = cells(grants)
        exact = expected(other, giving, fold=False)
        has_case = any(text != text.lower() for one in (*before, *after) for text in one.resources)
        folded = expected(other, giving, fold=True) if has_case else exact
        assert set(found) == exact | folded, (before, after)
        assert {cell for cell, reading in found.items() if reading is not True} == exact
        assert {cell for cell, reading in found.items() if reading is not False} == folded


GLOBS = {"action": "ab*", "resource": "ab*"}
HOLES = {"action": "ab*?", "resource": "ab*?"}
CASES = {"action": "ab*", "resource": "aAb*"}
CONDITIONS = {"action": "a*", "resource": "b*", "conditions": 2}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("kind", "count"),
    [(GLOBS, 1050), (HOLES, 750), (CASES, 450), (CONDITIONS, 300)],
    ids=["*", "?", "A", "if"],
)
def test_random_pairs_have_exactly_the_differences_that_the_oracle_finds(
    kind: dict[str, Any], count: int, seed: int
) -> None:
    for before, after in pairs(seed, count, **kind):
        hold_against_the_oracle(before, after)


def test_random_documents_meet_where_the_oracle_finds_it() -> None:
    for before, after in pairs(99, 400, **GLOBS):
        forbidden, of = written(before), written(after)
        answer_given = must_not_allow(of, forbidden)
        assert answer_given.undecided is None
        assert set(cells(answer_given.breaches)) == expected(before, after, fold=False, meet=True)
        for grant in answer_given.breaches:
            assert answer(of, grant.witness) is answer(forbidden, grant.witness) is True


def with_token(draw: random.Random, side: list[Small], token: str) -> tuple[list[Small], list[Small]]:
    """A document with what a token stands for in the place of a pattern, and with the token."""
    at, prefix, on_actions = draw.randrange(len(side)), draw.choice(("", "a")), draw.random() < 0.5
    documents = []
    for text in (token, "${var.t}"):
        one = side[at]
        mended = (
            one._replace(actions=(prefix + text, *one.actions[1:]))
            if on_actions
            else one._replace(resources=(prefix + text, *one.resources[1:]))
        )
        documents.append([*side[:at], mended, *side[at + 1 :]])
    return documents[0], documents[1]


def test_whatever_a_token_stands_for_nothing_new_is_missed() -> None:
    draw = random.Random(7)
    quiet = 0
    for before, after in pairs(5, 600, **GLOBS):
        token = pattern(draw, "ab*")
        (before, old), (after, new) = (with_token(draw, side, token) for side in (before, after))
        told = compare(written(old), written(new))
        assert told.undecided is None
        recheck(written(old), written(new), told)
        quiet += not told.gained
        if not told.gained:
            assert not compare(written(before), written(after)).gained
    assert quiet > 100


def test_random_minimised_documents_are_proven_equal() -> None:
    for statements, _ in pairs(11, 400, action="abB*?", resource="aAb*", conditions=1):
        full = written(statements)
        assert proved_minimised(full) == full.minimised()


def test_dead_parts_of_random_documents_can_be_dropped_and_no_other_statement_can() -> None:
    for statements, _ in pairs(13, 250, **GLOBS):
        full = written(statements)
        dead = {part.path for part in dead_parts(full)}
        left = [one for index, one in enumerate(statements) if f"Statement[{index}]" not in dead]
        for one, other in ((statements, left), (left, statements)):
            assert not expected(one, other, fold=False)
        for index in range(len(left)):
            fewer = written(left[:index] + left[index + 1 :])
            kept = written(left)
            same = equivalent(kept, fewer) and compare_denials(kept, fewer).verdict is Verdict.EQUIVALENT
            assert not same or len(left) == 1


# ------------------------------------------------------------ traps


ALL = document(statement("*"))
NONE = PolicyDocument([])
MFA = {"Bool": {"acs:MFAPresent": "true"}}
OFFICE = {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}

SAME = {
    "order, repetition, case of actions": (
        document(statement(["oss:Get*", "oss:Put*"]), statement("ecs:*")),
        document(statement("ECS:*"), statement(["oss:put*", "oss:Get*", "oss:Get*"])),
    ),
    "an action under its service": (
        document(statement(["oss:*", "oss:PutObject"])),
        document(statement("oss:*")),
    ),
    "a network in two halves": (
        document(statement(conditions=OFFICE)),
        document(statement(conditions={"IpAddress": {"acs:SourceIp": ["10.0.0.0/9", "10.128.0.0/9"]}})),
    ),
    "a*b is ab and a?*b": (document(statement("a*b")), document(statement(["ab", "a?*b"]))),
    "a union of `?`": (document(statement("a*")), document(statement(["a", "a?", "a??", "a???*"]))),
    "an Allow that is denied": (document(statement("a:x"), deny("a:*")), document(deny("a:*"))),
    "numbers that are spelled differently": (
        document(statement(conditions={"NumericLessThan": {"k": "5"}})),
        document(statement(conditions={"NumericLessThan": {"k": "5.0"}})),
    ),
    "a date in another zone": (
        document(statement(conditions={"DateLessThan": {"k": "2030-01-01T00:00:00Z"}})),
        document(statement(conditions={"DateLessThan": {"k": "2030-01-01T08:00:00+08:00"}})),
    ),
    "a list of the same token": (
        document(statement(["oss:${var.a}", "oss:Get"])),
        document(statement(["oss:Get", "oss:${var.a}"])),
    ),
    "the same unknown operator": (
        document(statement(conditions={"Null": {"k": "true"}})),
        document(statement("oss:get*", conditions={"Null": {"k": ["true"]}})),
    ),
    "no resource on both sides": (document(statement("a", None)), document(statement("a", ()))),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_it_is_the_same(before: PolicyDocument, after: PolicyDocument) -> None:
    assert verdict(before, after) is Verdict.EQUIVALENT
    assert equivalent(after, before)


WIDER = {
    "a Deny removed": (document(statement("a:*"), deny("a:x")), document(statement("a:*"))),
    "a Deny narrowed": (document(statement("a:*"), deny("a:x*")), document(statement("a:*"), deny("a:xy*"))),
    "one more exception of a Deny": (
        document(statement("*"), statement(None, not_actions="a:*", effect="Deny")),
        document(statement("*"), statement(None, not_actions=["a:*", "b:x"], effect="Deny")),
    ),
    "one exception less of an Allow": (
        document(statement(None, not_actions=["ram:*", "sts:*"])),
        document(statement(None, not_actions=["ram:*"])),
    ),
    "future Get actions": (
        document(statement(["oss:GetObject", "oss:GetBucket"])),
        document(statement("oss:Get*")),
    ),
    "an empty segment": (
        document(statement("a", "acs:ram::1:role/x")),
        document(statement("a", "acs:ram:*:1:role/x")),
    ),
    "a condition dropped": (document(statement(conditions=OFFICE)), document(statement())),
    "a condition on one key less": (
        document(statement(conditions={**OFFICE, **MFA})),
        document(statement(conditions=OFFICE)),
    ),
    "a token where nothing was": (document(statement("a:b")), document(statement(["a:b", "a:${var.x}"]))),
    "a token of one character is no `?`": (
        document(statement(["a:b", "c:?"])),
        document(statement(["a:b", "c:?", "c:${var.x}"])),
    ),
    "a Deny with a token removed": (
        document(statement("a:*"), deny("a:${var.x}")),
        document(statement("a:*")),
    ),
    "a policy variable removed": (
        document(statement("a:*", "acs:oss:*:*:${acs:user}/*")),
        document(statement("a:*", "acs:oss:*:*:*")),
    ),
    "IPv6 where all of IPv4 was": (
        document(statement(conditions={"IpAddress": {"k": "0.0.0.0/0"}})),
        document(statement(conditions={"IpAddress": {"k": ["0.0.0.0/0", "::/0"]}})),
    ),
    "a value without case": (
        document(statement(conditions={"StringEquals": {"k": "Production"}})),
        document(statement(conditions={"StringEqualsIgnoreCase": {"k": "Production"}})),
    ),
}


@pytest.mark.parametrize(("before", "after"), WIDER.values(), ids=WIDER)
def test_it_is_wider_and_back_it_is_narrower(before: PolicyDocument, after: PolicyDocument) -> None:
    assert verdict(before, after) is Verdict.WIDER
    assert verdict(after, before) is Verdict.NARROWER
    assert within(before, after)
    assert not within(after, before)


def only(grants: Sequence[Grant]) -> Grant:
    (grant,) = grants
    return grant


def test_mfa_by_deny_is_not_mfa_by_allow_the_key_may_be_absent() -> None:
    before = document(statement("a:*", conditions=MFA))
    after = document(statement("a:*"), deny("a:*", conditions={"Bool": {"acs:MFAPresent": "false"}}))
    grant = only(compare(before, after).gained)
    assert grant.witness.absent == ("acs:MFAPresent",)
    assert grant.reason is Reason.CONDITION
    assert "acs:MFAPresent is absent" in str(grant.witness)


def test_a_dropped_network_is_told_with_an_address() -> None:
    grant = only(compare(document(statement(conditions=OFFICE)), document(statement())).gained)
    assert dict(grant.witness.context) == {"acs:SourceIp": "203.0.113.7"}


def test_a_difference_that_depends_on_absent_keys_says_so() -> None:
    before = document(statement(), deny("oss:*", conditions=OFFICE))
    after = document(statement(conditions={"NotIpAddress": OFFICE["IpAddress"]}))
    comparison = compare(before, after)
    recheck(before, after, comparison)
    assert comparison.verdict is Verdict.NARROWER
    assert only(comparison.lost).witness.assuming == {ABSENT_KEY: False}


def test_roles_in_other_case_differ_in_one_reading_only() -> None:
    before = document(statement("ram:PassRole", "acs:ram:*:1:role/MyRole"))
    after = document(statement("ram:PassRole", "acs:ram:*:1:role/myrole"))
    comparison = compare(before, after)
    assert comparison.verdict is Verdict.CHANGED
    for grants in (comparison.gained, comparison.lost):
        assert only(grants).witness.assuming == {RESOURCE_CASE: False}


def test_what_only_an_odd_resource_shows_comes_last() -> None:
    before = document(statement("oss:*", "acs:oss:*:*:*"))
    after = document(statement("oss:*"), statement("ecs:Run*", "acs:ecs:*:*:instance/*"))
    gained = compare(before, after).gained
    assert [(grant.statement, grant.is_unusual) for grant in gained] == [(1, False), (0, True)]


def test_a_grant_tells_statement_patterns_condition_and_a_readable_witness() -> None:
    before = document(statement("oss:Get*"))
    after = document(
        statement("oss:Get*"), statement(["oss:PutObject", "oss:GetObject"], f"{BUCKET}/*", conditions=MFA)
    )
    grant = only(compare(before, after).gained)
    assert (grant.statement, grant.actions, grant.resources) == (1, ("oss:PutObject",), (f"{BUCKET}/*",))
    assert grant.condition == MFA
    assert str(grant.witness) == (
        "oss:PutObject on acs:oss:cn-hangzhou:1234567890123456:photos/example when acs:MFAPresent = true"
    )


def test_an_unknown_operator_is_over_reported_with_its_assumption() -> None:
    def having(*values: str) -> PolicyDocument:
        return document(statement(conditions={"StringEqualsIfExists": {"k": list(values)}}))

    grant = only(compare(having("a"), having("a", "b")).gained)
    assert {type(one) for one in grant.witness.assuming} == {Assumption}
    assert "StringEqualsIfExists k a" in str(grant.witness)


def test_an_unknown_effect_may_be_either() -> None:
    unknown = document(statement("a:*"), statement("a:x", effect="${var.effect}"))
    assert verdict(document(statement("a:*")), unknown) is Verdict.NARROWER
    assert verdict(NONE, document(statement("a:x", effect="${var.effect}"))) is Verdict.WIDER
    assert verdict(unknown, unknown) is Verdict.EQUIVALENT


class Lazy:
    def resolve(self, context: Any) -> Any:
        raise AssertionError("a comparison must not resolve a token")


def test_values_that_are_tokens_are_equal_only_to_themselves() -> None:
    one, other = Lazy(), Lazy()
    assert equivalent(document(statement(one)), document(statement(one)))
    assert verdict(document(statement(one)), document(statement(other))) is Verdict.CHANGED
    conditional = statement(conditions={"StringEquals": {"k": one}})
    assert equivalent(document(conditional), document(conditional))


UNREADABLE = {
    "Terraform": PolicyDocument(Lazy()),  # type: ignore[arg-type]
    "one of Action": document(statement("a", not_actions="b")),
    "effect": document(statement("a", effect="allow")),
    "empty list": document(statement(())),
    "both Resource": document(statement("a", "b", not_resources="c")),
    "malformed condition": document(statement("a", conditions={"Bool": {"k": []}})),
}


@pytest.mark.parametrize(("words", "of"), UNREADABLE.items(), ids=UNREADABLE)
def test_what_cannot_be_read_is_undecided_never_nothing_new(words: str, of: PolicyDocument) -> None:
    comparison = compare(ALL, of)
    assert comparison.verdict is Verdict.UNDECIDED
    assert words in str(comparison.undecided)
    assert within(of, ALL).holds is None
    assert not within(of, ALL)
    assert dead_parts(of) == ()
    with pytest.raises(UnreadableError, match=words):
        allows(of, "a", "b")


MANY_STARS = [f"*{'*'.join(letters)}*" for letters in ("abcdefghijkl", "lkjihgfedcba", "aabbccddeeff")]
TOO_MUCH = {
    "stars": (document(statement("*"), deny(MANY_STARS)), document(statement(MANY_STARS))),
    "holes": (document(statement("?*?*" * 9)), document(statement("*a*b*c*d*e*f*g*h*i*"))),
    "exceptions": (
        document(*(statement(None, not_actions=[f"*{a}*{b}*" for b in "stuvw"]) for a in "abcdefgh")),
        document(statement("*"), statement("*x*y*z*")),
    ),
    "conditions": (
        document(*(statement(conditions={"StringLike": {f"k{n}": ["a*", "*b"]}}) for n in range(16))),
        document(statement(), deny("*", conditions={"Bool": {"z": "false"}})),
    ),
    "long": (document(statement("*ab" * 900 + "*")), document(statement("*ba" * 900 + "*"))),
}


@pytest.mark.parametrize(("before", "after"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_work_is_bounded(before: PolicyDocument, after: PolicyDocument) -> None:
    pair = access.Pair(before, after)
    assert pair.work == access.MAX_WORK
    comparison = compare(before, after)
    recheck(before, after, comparison)
    assert comparison.verdict in (Verdict.UNDECIDED, Verdict.WIDER, Verdict.CHANGED)


def test_a_guard_that_is_hit_leaves_it_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MAX_WORK", 3)
    comparison = compare(NONE, document(*(statement(f"a:{n}") for n in range(9))))
    assert comparison.verdict is Verdict.UNDECIDED
    assert not equivalent(
        document(statement("a"), statement("b*")), document(statement("b*"), statement("a?"))
    )


def test_the_same_input_gives_the_same_output() -> None:
    for before, after in pairs(3, 60, **CONDITIONS):
        assert repr(compare(written(before), written(after))) == repr(
            compare(written(before), written(after))
        )


def test_promises() -> None:
    reader = document(statement(["oss:Get*", "oss:List*"], [BUCKET, f"{BUCKET}/*"]))
    assert within(reader, document(statement("oss:*")))
    assert must_allow(reader, document(statement("oss:GetObject", f"{BUCKET}/a.png")))
    missing = must_allow(reader, document(statement(["oss:GetObject", "oss:PutObject"], f"{BUCKET}/*")))
    assert missing.holds is False
    assert only(missing.breaches).actions == ("oss:PutObject",)
    assert must_not_allow(reader, document(statement("oss:Put*")))
    breach = only(
        must_not_allow(reader, document(statement("*", f"{BUCKET}/secret/*"), deny("oss:List*"))).breaches
    )
    assert breach.reason is Reason.FORBIDDEN
    assert breach.witness.action == "oss:GetExample"


def test_a_deny_that_changes_nothing_here_still_counts_beside_other_policies() -> None:
    guarded = document(statement("oss:*"), deny("ram:*"))
    bare = document(statement("oss:*"))
    assert equivalent(guarded, bare)
    assert compare_denials(guarded, bare).verdict is Verdict.NARROWER
    assert dead_parts(guarded) == ()


def test_dead_parts_are_told_by_their_place() -> None:
    of = document(
        statement(["oss:Get*", "oss:GetObject"], [BUCKET, "acs:oss:*:*:*"]),
        statement("oss:GetBucket", BUCKET),
        deny(["ram:*", "ram:Create*"]),
    )
    assert [(part.path, part.text) for part in dead_parts(of)] == [
        ("Statement[0].Action[1]", "oss:GetObject"),
        ("Statement[0].Resource[0]", BUCKET),
        ("Statement[1]", None),
        ("Statement[2].Action[1]", "ram:Create*"),
    ]


# ------------------------------------------------------------ the evaluator


def test_a_request_is_allowed_by_an_allow_and_by_no_deny() -> None:
    of = document(statement("oss:*", f"{BUCKET}/*"), deny("oss:Delete*"))
    assert allows(of, "OSS:getobject", "acs:oss:cn:1:photos/a") is True
    assert allows(of, "oss:DeleteObject", "acs:oss:cn:1:photos/a") is False
    assert allows(of, "oss:GetObject", "acs:oss:cn:1:Photos/a") is False
    assert allows(of, "oss:GetObject", "acs:oss:cn:1:Photos/a", {}, {RESOURCE_CASE: True}) is True
    assert allows(of, "ecs:RunInstances", "*") is False


def test_keys_are_anded_values_ored_and_unknowns_left_open() -> None:
    of = document(statement(conditions={**MFA, "StringEquals": {"k": ["a", "b"]}}))
    assert allows(of, "oss:Get", "x", {"acs:MFAPresent": "true", "k": "b"}) is True
    assert allows(of, "oss:Get", "x", {"acs:MFAPresent": "true", "k": "c"}) is False
    assert allows(of, "oss:Get", "x", {"k": "b"}) is False
    negated = document(statement(conditions={"StringNotEquals": {"k": ["a", "b"]}}))
    assert allows(negated, "oss:Get", "x", {"k": "b"}) is False
    assert allows(negated, "oss:Get", "x") is None
    assert allows(negated, "oss:Get", "x", {}, {ABSENT_KEY: True}) is True
    assert allows(document(statement("oss:${var.x}")), "oss:Get", "x") is None
    assert allows(document(statement("oss:${var.x}")), "ecs:Get", "x") is False
    assert allows(document(statement("oss:*"), deny("oss:${var.x}")), "oss:Get", "x") is None
    assert allows(document(statement(["oss:Get", "oss:${var.x}"])), "oss:Get", "x") is True
    assert allows(document(statement("a", None)), "a", "x") is None


def test_only_documents_are_compared() -> None:
    with pytest.raises(TypeError, match="from_json"):
        compare(ALL, {"Version": "1"})  # type: ignore[arg-type]
