"""Expressions are computed as Terraform computes them, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading import evaluation
from constructs_lib.review.loading.evaluation import EvaluationScope, NoFiles
from constructs_lib.review.loading.expressions import parse_expression, parse_template, references
from constructs_lib.review.loading.values import Budget, UnresolvedError, weigh
from constructs_lib.review.loading.variables import FromEnvironment
from tests.review.loading.terraform_expressions import LOCALS, NOT_COMPUTED, REFUSED, expressions

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
            computed[expression] = json.dumps(value_of(expression), sort_keys=True)
        except UnresolvedError:
            continue
    assert {text: json.dumps(ANSWERS[text], sort_keys=True) for text in computed} == computed
    assert ANSWERS.keys() - computed.keys() == set(NOT_COMPUTED)


def test_jsonencode_writes_the_bytes_that_terraform_writes() -> None:
    for expression in expressions():
        if expression.startswith("jsonencode") and "1.5" not in expression:
            assert value_of(expression) == ANSWERS[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_what_terraform_refuses_has_no_value(expression: str) -> None:
    with pytest.raises(UnresolvedError):
        value_of(expression)


OF_LINES = {
    "1 +\n2": 3,
    "(\n1\n)": 1,
    "[\n1\n,\n2\n]": [1, 2],
    "{ (\n1\n) = (\n2\n)\n b = 3 }": {"1": 2, "b": 3},
    "{ a = [for\nx\nin\n[1]\n:\nx\n] }": {"a": [1]},
    "{ a = local.list[\n0\n] }": {"a": "b"},
    '{ a = upper(\n"a"\n) }': {"a": "A"},
    "<<E\nplain\nE\n": "plain\n",
}


@pytest.mark.parametrize("expression", OF_LINES)
def test_newlines_count_in_objects_alone(expression: str) -> None:
    assert value_of(expression) == OF_LINES[expression]


@pytest.mark.parametrize(
    "expression",
    [
        "<<E\n${local.name}\nE\n",
        "<<E\n%{ if local.on }x%{ endif }\nE\n",
        '"$$${x}"',
        '"\\U00110000"',
        "7 % 0",
        "8 / 0",
        "element(local.list, -1)",
        "range(1025)",
        "tolist([1, true])",
        "tolist([null])",
        "toset([true])",
        "toset([[1]])",
    ],
)
def test_what_may_be_something_else_has_no_value(expression: str) -> None:
    with pytest.raises(UnresolvedError):
        value_of(expression)


TYPES: list[tuple[str, Any, Any]] = [
    ("list(string)", [1], ["1"]),
    ("set(string)", ["b", "a"], ["a", "b"]),
    ("map(number)", {"a": "1"}, {"a": 1}),
    ("object({ a = string })", {"a": 1, "b": 2}, {"a": "1"}),
    ("object({ a = list(string) })", {"a": [1]}, {"a": ["1"]}),
    ("object({ a = optional(number, 3) })", {}, {"a": 3}),
    ("object({ a = optional(number) })", {}, {"a": None}),
    ("object({ a = optional(number, 3) })", {"a": "4"}, {"a": 4}),
    ("object({ a = string })", {}, UnresolvedError),
    ("object(string)", {"a": 1}, UnresolvedError),
    ("tuple({ a = string })", {"a": 1}, UnresolvedError),
    ("list(string, number)", ["a"], UnresolvedError),
    ("text", "a", UnresolvedError),
    ("1", "a", UnresolvedError),
]


@pytest.mark.parametrize(("wanted", "value", "expected"), TYPES)
def test_a_value_becomes_what_its_type_makes_of_it(wanted: str, value: Any, expected: Any) -> None:
    scope = EvaluationScope(evaluation._refuse_reference, Budget(), NoFiles())
    if expected is UnresolvedError:
        with pytest.raises(UnresolvedError):
            evaluation.convert(value, parse_expression(wanted), scope)
    else:
        assert json.loads(json.dumps(evaluation.convert(value, parse_expression(wanted), scope))) == expected


def test_a_value_of_the_environment_without_a_type_is_text() -> None:
    assert FromEnvironment("7").as_type(None) == "7"
    assert FromEnvironment("[7]").as_type(parse_expression("list(number)")) == [7]
    with pytest.raises(UnresolvedError):
        FromEnvironment("[" * 5000).as_type(parse_expression("list(number)"))
    with pytest.raises(UnresolvedError):
        FromEnvironment("-" * 5000).as_type(parse_expression("list(number)"))


class OneFile:
    """The text of a template for every path, and one name for every pattern."""

    def text(self, path: str) -> str:
        return "I am ${who}"

    def names(self, folder: str, pattern: str) -> list[str]:
        return [f"{folder}/{pattern}"]


OF_FILES = {
    'file("a")': "I am ${who}",
    'fileset("a", "b")': ("a/b",),
    'templatefile("a", { who = "b" })': "I am b",
}


@pytest.mark.parametrize("expression", OF_FILES)
def test_a_file_is_read_with_the_arguments_that_terraform_takes(expression: str) -> None:
    scope = EvaluationScope(evaluation._refuse_reference, Budget(), OneFile())
    assert evaluation.evaluate(f"${{{expression}}}", scope) == OF_FILES[expression]


@pytest.mark.parametrize(
    "expression",
    [
        "file()",
        'file("a", "b")',
        'fileset("a")',
        'fileset("a", "b", "c")',
        'templatefile("a")',
        'templatefile("a", {})',
        'templatefile("a", { who = "b" }, "c")',
    ],
)
def test_no_file_is_read_with_other_arguments(expression: str) -> None:
    scope = EvaluationScope(evaluation._refuse_reference, Budget(), OneFile())
    with pytest.raises(UnresolvedError):
        evaluation.evaluate(f"${{{expression}}}", scope)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('a ${~ "}" ~} b', ["a ", '${~ "}" ~}', " b"]),
        ('${~ {a = "{"} ~}b', ['${~ {a = "{"} ~}', "b"]),
        ("${~ open", ["${~ open"]),
        ('{"${~ a ~}"}', ['{"', "${~ a ~}", '"}']),
    ],
)
def test_what_is_not_read_ends_at_its_brace(text: str, parts: list[str]) -> None:
    assert [part if isinstance(part, str) else part.source for part in parse_template(text)] == parts


def test_long_strings_and_large_values_are_refused() -> None:
    for expression in (
        'join("", [for x in range(1000) : join("0123456789", range(200))])',
        f'"{"${join(`0123456789`, range(900))}" * 200}"'.replace("`", '"'),
    ):
        with pytest.raises(UnresolvedError, match="too long"):
            value_of(expression, 3_000_000)
    shared = "a, a, a, a, a, a, a, a, a, a, a, a"  # of each list the same one: cheap, until somebody looks
    for use in ("jsonencode(c)", "true ? c : c"):
        tens = f"[for b in [[{shared}]] : [for c in [[{shared.replace('a', 'b')}]] : {use}]]"
        with pytest.raises(UnresolvedError, match="too large"):
            value_of(f"[for a in [range(900)] : {tens}]")
    with pytest.raises(UnresolvedError, match="too large"):
        weigh(["a" * 1_000] * 10_000, Budget())


HOSTILE = {
    "deep brackets": "[" * 5000 + "]" * 5000,
    "deep parentheses": "(" * 5000 + "1" + ")" * 5000,
    "deep quotes": '"${' * 5000 + "1" + '}"' * 5000,
    "deep minus": "-" * 5000 + "1",
    "deep not": "!" * 5000 + "true",
    "many operators": "+".join(["1"] * 5000),
    "many computed steps": "local.list" + "[0 + 0]" * 5000,
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
