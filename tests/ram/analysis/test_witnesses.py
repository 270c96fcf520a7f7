"""Every witness is a request that can exist, policy variables included."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from constructs_lib.ram.access import Verdict, compare
from constructs_lib.ram.analysis.evaluator import About
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from tests.ram.analysis.oracle import Small, lies_in, pairs, written

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
