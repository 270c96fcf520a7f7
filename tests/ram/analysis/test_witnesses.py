"""Every witness is a request that can exist, policy variables included."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest

from constructs_lib.ram.access import Grant, Verdict, compare, must_not_allow
from constructs_lib.ram.analysis.evaluator import About
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from tests.ram.analysis.oracle import Request, Small, allowed, expected, lies_in, pairs, written

VARIABLES = ("${acs:UserName}", "${acs:SourceVpc}")


def reading(resource: str) -> PolicyDocument:
    return PolicyDocument([PolicyStatement(effect="Allow", actions="oss:GetObject", resources=resource)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("acs:oss:*:*:*/public/*", "acs:oss:*:*:${acs:UserName}/public/*"),
        ("acs:oss:*:*:home/*/docs/*", "acs:oss:*:*:home/${acs:UserName}/docs/*"),
        ("acs:ecs:*:*:instance/*", "acs:ecs:*:*:instance/${acs:UserName}"),
        ("acs:oss:*:*:home/${acs:UserName}/*", "acs:oss:*:*:home/${acs:UserName}/docs/*"),
        ("acs:oss:*:*:${acs:A}/*/${acs:B}", "acs:oss:*:*:${acs:A}/x/${acs:B}"),
        ("acs:oss:*:*:${var.name}/*", "acs:oss:*:*:${var.name}/docs/*"),
    ],
)
def test_a_variable_is_one_value_that_ends_at_its_own_brace(before: str, after: str) -> None:
    assert compare(reading(before), reading(after)).verdict is Verdict.NARROWER
    assert compare(reading(after), reading(before)).verdict is Verdict.WIDER


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("home/${acs:A}/*", "home/${acs:B}/docs/*"),
        ("home/???????????/*", "home/${acs:A}/*"),
        ("home/${var.a ? 1 : 2}", "home/${var.a x 1 : 2}"),
        ("${acs:A}\ue001*", "${acs:A}${acs:B}\ue001"),
    ],
)
def test_what_is_not_filled_in_by_the_same_is_another_value(before: str, after: str) -> None:
    assert compare(reading(before), reading(after)).gained


def test_a_request_is_not_shown_where_no_values_of_the_variables_were_found() -> None:
    before, after = reading("a${acs:A}b"), reading("${acs:A}aa?")
    comparison = compare(PolicyDocument([]), PolicyDocument([*after.statements, *before.statements]))
    assert all(grant.witness.is_found for grant in comparison.gained)
    (grant,) = must_not_allow(reading("b${acs:A}a"), reading("${acs:A}")).breaches
    assert not grant.witness.is_found
    assert str(grant.witness) == (
        "oss:GetObject, depending on the values of policy variables; no example was found"
    )


def with_variables(draw: random.Random, statements: Sequence[Small]) -> list[Small]:
    """The statements, with a policy variable in the place of some letters of their resources."""
    return [
        statement._replace(
            resources=tuple(
                "".join(draw.choice(VARIABLES) if draw.random() < 0.25 else letter for letter in resource)
                for resource in statement.resources
            )
        )
        for statement in statements
    ]


def test_a_witness_is_a_possible_value_of_the_patterns_that_are_assumed_to_match() -> None:
    draw = random.Random(11)
    shown = 0
    for before, after in pairs(21, 300, action="a", resource="ab*?"):
        old, new = (written(with_variables(draw, side)) for side in (before, after))
        comparison = compare(old, new)
        assert comparison.undecided is None
        for grant in (*comparison.gained, *comparison.lost):
            for assumption, holds in grant.witness.assuming.items():
                if assumption.about is About.RESOURCE and holds:
                    shown += 1
                    pattern = assumption.subject
                    for variable in VARIABLES:
                        pattern = pattern.replace(variable, "*")
                    assert lies_in(pattern, grant.witness.resource), str(grant.witness)
    assert shown > 100


VALUES = ["".join(letters) for size in range(4) for letters in product("abx", repeat=size)]
RESOURCES = ["".join(letters) for size in range(6) for letters in product("abx", repeat=size)]


def with_value(statements: Sequence[Small], value: str) -> list[Small]:
    return [
        statement._replace(resources=tuple(each.replace(VARIABLES[0], value) for each in statement.resources))
        for statement in statements
    ]


def is_shown(before: Sequence[Small], after: Sequence[Small], request: Request, value: str) -> bool:
    """Whether the second document allows a request, and the first does not, where the variable is a value."""
    return allowed(with_value(after, value), request) and not allowed(with_value(before, value), request)


def shows_more(grant: Grant, before: Sequence[Small], after: Sequence[Small]) -> bool:
    """Whether the patterns of a grant give anything, with some small value and resource."""
    return any(
        is_shown(before, after, Request(grant.witness.action, resource), value)
        for value, resource in product(VALUES, RESOURCES)
        if any(lies_in(each.replace(VARIABLES[0], value), resource) for each in grant.resources)
        and not any(lies_in(each.replace(VARIABLES[0], value), resource) for each in grant.not_resources)
    )


def test_one_value_of_a_variable_shows_a_witness_in_the_whole_of_both_documents() -> None:
    hold_against_all_values(7, 60)


def hold_against_all_values(seed: int, count: int) -> None:
    draw = random.Random(seed)
    grants = missing = 0
    for drawn in pairs(seed, count, action="a", resource="ab*?"):
        documents = [
            [
                statement._replace(
                    resources=tuple(
                        "".join(VARIABLES[0] if draw.random() < 0.3 else letter for letter in resource)
                        for resource in statement.resources
                    )
                )
                for statement in side
            ]
            for side in drawn
        ]
        before, after = documents
        comparison = compare(*map(written, documents))
        statements = {grant.statement for grant in comparison.gained}
        assert comparison.undecided is None
        for value in VALUES[:13]:
            gained = expected(with_value(before, value), with_value(after, value), fold=False)
            assert {statement for statement, _, _ in gained} <= statements
        for grant in comparison.gained:
            grants += 1
            resource = grant.witness.resource
            places = range(len(resource) + 1)
            parts = {resource[start:end] for start in places for end in places}
            request = Request(grant.witness.action, resource)
            if grant.witness.is_found:
                assert any(is_shown(before, after, request, value) for value in (*parts, "!"))
            else:
                missing += 1
                assert "no example was found" in str(grant.witness)
                assert not shows_more(grant, before, after)
    assert grants > count // 2
    assert missing <= grants // 25
