"""Expressions are computed as Terraform computes them, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading import evaluation
from constructs_lib.review.loading.evaluation import EvaluationScope, NoFiles
from constructs_lib.review.loading.expressions import references
from constructs_lib.review.loading.values import Budget, UnresolvedError
from tests.review.loading.terraform_expressions import LOCALS, REFUSED, expressions

# What Terraform said of each expression; tests/e2e asks it again.
ANSWERS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data/review/expressions.json").read_text("utf-8")
)


def value_of(expression: str, budget: int = 100_000) -> Any:
    def lookup(path: tuple[str | int, ...]) -> tuple[Any, int]:
        if path[0] == "local" and len(path) > 1 and path[1] in LOCALS:
            return LOCALS[str(path[1])], 2
        raise UnresolvedError(f"{path} is not known")

    return evaluation.evaluate(f"${{{expression}}}", EvaluationScope(lookup, Budget(budget), NoFiles()))


def test_what_is_computed_is_what_terraform_says() -> None:
    computed = {}
    for expression in expressions():
        try:
            computed[expression] = json.loads(json.dumps(value_of(expression)))
        except UnresolvedError:
            continue
    assert {text: ANSWERS[text] for text in computed} == computed
    assert len(computed) > 180


def test_jsonencode_writes_the_bytes_that_terraform_writes() -> None:
    for expression in expressions():
        if expression.startswith("jsonencode") and "1.5" not in expression:
            assert value_of(expression) == ANSWERS[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_what_terraform_refuses_has_no_value(expression: str) -> None:
    with pytest.raises(UnresolvedError):
        value_of(expression)


HOSTILE = {
    "deep brackets": "[" * 5000 + "]" * 5000,
    "deep parentheses": "(" * 5000 + "1" + ")" * 5000,
    "deep quotes": '"${' * 5000 + "1" + '}"' * 5000,
    "deep minus": "-" * 5000 + "1",
    "deep not": "!" * 5000 + "true",
    "many operators": "+".join(["1"] * 5000),
    "many steps": "local.object" + ".a" * 5000,
    "many splats": "local.list" + "[*]" * 5000,
    "nested for": "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]",
    "a string that grows": "join(join(local.name, range(1000)), range(1000))",
    "replacing that grows": 'replace(join("a", range(1000)), "a", join("b", range(1000)))',
    "open": "[",
    "an open string": '"abc',
    "an open comment": "/* abc",
    "nothing": "",
    "NUL": "\0",
    "surrogates": '"\ud800"',
    "too long": "[" + "1," * 200_000 + "]",
    "huge number": "9" * 10_000,
    "power": "999999999 * 999999999",
}


@pytest.mark.parametrize("expression", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_expression_is_unresolved_soon(expression: str) -> None:
    with pytest.raises(UnresolvedError):
        value_of(expression)


def test_references_are_those_that_terraform_follows() -> None:
    found = references('${[for x in local.a : x.y + local.b if f(var.z)]}${a.b[0].c} ${data.x.y["k"]}')
    assert found is not None
    paths, calls = found
    assert paths == {
        ("local", "a"),
        ("local", "b"),
        ("var", "z"),
        ("a", "b", 0, "c"),
        ("data", "x", "y", "k"),
    }
    assert {call.name for call in calls} == {"f"}
    assert references("%{ if local.a }x%{ endif }") is None
    assert references("$${local.a} ${acs:UserName}") == (frozenset(), frozenset())
