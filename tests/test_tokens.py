from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import cdktf
from constructs_lib.tokens import Deferred, Literal, holds_token, is_token, known, literal


class Word(enum.StrEnum):
    ONE = "one"


PLAIN = [
    None, "", "text", "$", "{}", "$$", "cost: $5 {x}", "$${escaped}", "%%{ if x }", 0, 7, -1, True, 7.5,
    float("inf"), float("-inf"), float("nan"), -1e200, [], ["x"], ["x", "y"], (), ("x",), {}, {"a": "b"},
    Word.ONE, Path("x"), 1j, "1.5e+298",
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_a_plain_value_is_no_token(value: object) -> None:
    assert not is_token(value)
    assert not holds_token([value, {"key": value}])


@pytest.mark.parametrize(
    "text", ["${var.x}", "a${var.x}", "$$${var.x}", "%{ if x }", "%%%{ if x }", "${TfToken[TOKEN.0]}"]
)
def test_an_expression_of_terraform_is_as_unknown_as_a_token(text: str) -> None:
    assert is_token(text)


def tokens() -> list[Any]:
    """One of each kind that CDKTF makes."""
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "s")
    variable = cdktf.TerraformVariable(stack, "v", type="any")
    resource = cdktf.TerraformResource(stack, "r", terraform_resource_type="test")
    return [
        variable.string_value,
        variable.number_value,
        variable.list_value,
        variable.boolean_value,
        cdktf.Token.as_string_map(variable.value),
        cdktf.Token.as_number_map(variable.value),
        cdktf.Token.as_boolean_map(variable.value),
        cdktf.Token.as_any_map(variable.value),
        cdktf.Token.as_number_list(variable.value),
        cdktf.Fn.upper(variable.string_value),
        cdktf.Fn.split(",", variable.string_value),
        cdktf.Fn.length_of(variable.list_value),
        cdktf.Fn.element(variable.list_value, 0),
        cdktf.Fn.merge([{"a": "b"}]),
        variable.value,
        cdktf.TerraformLocal(stack, "local", "x").expression,
        cdktf.Fn.conditional(True, "a", "b"),
        resource.fqn,
        resource.get_string_attribute("a"),
        resource.get_number_attribute("a"),
        resource.get_boolean_attribute("a"),
        resource.get_list_attribute("a"),
        resource.get_string_map_attribute("a"),
        f"prefix-{variable.string_value}-suffix",
        f"n{variable.number_value}",
    ]


def test_every_kind_of_token_is_known_from_the_value_alone() -> None:
    assert [token for token in tokens() if not is_token(token)] == []


def test_a_token_is_found_however_deep_it_lies() -> None:
    token = "${TfToken[TOKEN.0]}"
    assert holds_token({"a": [({"b": token},)]})
    assert holds_token({token: 1})
    assert not is_token({"a": token})


def test_known_gives_the_value_of_the_kind_that_is_asked_for() -> None:
    assert known(7, int) == 7
    assert known("one", str) == "one"
    assert known(Word.ONE, str) is Word.ONE


@pytest.mark.parametrize("value", [None, True, "7", 7.0, -8.10956221259138e298, "${var.x}", 1j])
def test_known_gives_nothing_of_another_kind_or_unknown(value: object) -> None:
    assert known(value, int) is None
    assert value == "7" or known(value, str) is None


LOOKS_LIKE_TOKENS: list[Any] = [
    "${var.x}", "%{ if x }", "${TfToken[TOKEN.0]}", "n-1.8e+289", -8.10956221259138e298,
    ["#{TfToken[TOKEN.2]}"], {"&{TfToken[TOKEN.5]}": "x"}, [-1.8881545897087626e289],
    {"${var.x}": ["${var.y}", {"a": "${var.z}"}]},
]  # fmt: skip


@pytest.mark.parametrize("value", LOOKS_LIKE_TOKENS, ids=repr)
def test_what_is_literal_is_known_whatever_it_looks_like(value: object) -> None:
    assert holds_token(value)
    assert not holds_token(literal(value))
    assert literal(value) == value
    assert repr(literal(value)) == repr(value)


def test_a_literal_is_known_as_a_value_of_its_kind() -> None:
    assert known(Literal("${var.x}"), str) == "${var.x}"
    assert [literal(value) for value in (None, True, 7)] == [None, True, 7]


def test_what_is_deferred_is_unknown_whatever_it_looks_like() -> None:
    later = Deferred("known after apply")
    assert is_token(later)
    assert is_token(literal({"a": [later]})["a"][0])
    assert known(later, str) is None
