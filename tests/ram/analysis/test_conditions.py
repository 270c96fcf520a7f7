"""Condition tests: when they hold, and values that show all there is to see."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest

from constructs_lib.ram.analysis.conditions import RELATIONS, ConditionTest, values_for

HOLDS: list[tuple[str, list[str], str, bool]] = [
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", ["a"], "A", False),
    ("StringEquals", ["a*"], "ab", False),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", ["aB"], "Ab", True),
    ("StringNotEqualsIgnoreCase", ["aB"], "Ab", False),
    ("StringLike", ["a*", "?c"], "bc", True),
    ("StringNotLike", ["a*", "?c"], "bc", False),
    ("NumericEquals", ["5"], "5.0", True),
    ("NumericNotEquals", ["5"], "5.0", False),
    ("NumericLessThan", ["5"], "5", False),
    ("NumericLessThanEquals", ["5"], "5", True),
    ("NumericGreaterThan", ["5", "3"], "4", True),
    ("NumericGreaterThanEquals", ["-5"], "-5", True),
    ("NumericLessThan", ["5"], "five", False),
    ("DateEquals", ["2030-01-01T00:00:00Z"], "2030-01-01T08:00:00+08:00", True),
    ("DateNotEquals", ["2030-01-01T00:00:00Z"], "2030-01-01T08:00:00+08:00", False),
    ("DateLessThan", ["2030-01-01T00:00:00Z"], "2029-12-31T23:59:59Z", True),
    ("DateGreaterThanEquals", ["2030-01-01T00:00:00Z"], "2029-12-31T23:59:59Z", False),
    ("Bool", ["true"], "True", True),
    ("Bool", ["false"], "true", False),
    ("IpAddress", ["10.0.0.0/8", "203.0.113.7"], "10.255.255.255", True),
    ("IpAddress", ["10.0.0.0/8"], "11.0.0.0", False),
    ("IpAddress", ["2001:db8::/32"], "2001:db8::1", True),
    ("IpAddress", ["0.0.0.0/0"], "::1", False),
    ("NotIpAddress", ["10.0.0.0/8"], "::1", True),
]


@pytest.mark.parametrize(("operator", "values", "value", "holds"), HOLDS)
def test_a_test_holds(operator: str, values: list[str], value: str, holds: bool) -> None:
    assert ConditionTest(operator, "k", values).holds(value) is holds


UNKNOWN: list[tuple[str, list[Any]]] = [
    ("Null", ["true"]),
    ("StringEqualsIfExists", ["a"]),
    ("IpAddressIncludeBorder", ["10.0.0.0/8"]),
    ("NumericEquals", ["five"]),
    ("NumericEquals", ["1e9"]),
    ("DateLessThan", ["2030-01-01"]),
    ("DateLessThan", ["2030-01-01T00:00:00"]),
    ("DateLessThan", ["2030-02-30T00:00:00Z"]),
    ("Bool", ["yes"]),
    ("Bool", ["true", "false"]),
    ("IpAddress", ["10.0.0.1/8"]),
    ("IpAddress", ["*"]),
    ("StringEquals", ["a", "${acs:user}"]),
    ("StringEquals", [object()]),
    ("StringEqualsIgnoreCase", ["straße"]),
]


@pytest.mark.parametrize(("operator", "values"), UNKNOWN)
def test_what_is_not_documented_is_not_guessed(operator: str, values: list[str]) -> None:
    test = ConditionTest(operator, "k", values)
    assert test.holds("a") is test.holds(None) is None
    assert values_for([test], "!") is None


def test_a_key_that_terraform_fills_in_is_unknown() -> None:
    assert ConditionTest("StringEquals", "acs:ResourceTag/${var.x}", ["a"]).holds("a") is None


@pytest.mark.parametrize("operator", RELATIONS)
def test_without_its_key_a_test_fails_and_a_negated_one_is_open(operator: str) -> None:
    sample = {"N": "5", "D": "2030-01-01T00:00:00Z", "B": "true", "I": "10.0.0.1"}.get(operator[0], "a")
    test = ConditionTest(operator, "k", ["10.0.0.1" if "Ip" in operator else sample.replace("10.0.0.1", "5")])
    if "Not" in operator:
        assert [test.holds(None, when_absent=each) for each in (True, False, None)] == [True, False, None]
    else:
        assert test.holds(None, when_absent=True) is False


def test_order_and_repetition_of_values_do_not_matter() -> None:
    assert ConditionTest("StringEquals", "k", ["b", "a", "b"]) == ConditionTest(
        "StringEquals", "k", ["a", "b"]
    )


# ------------------------------------------------------------ value classes


def classes(tests: list[ConditionTest], values: list[str]) -> set[tuple[bool | None, ...]]:
    return {tuple(test.holds(value) for test in tests) for value in values}


TEXT_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
SHORT = ["".join(text) for size in range(5) for text in product("aAbB*!", repeat=size)]
ADDRESSES = [
    "0.0.0.0",
    "255.255.255.255",
    "9.9.9.9",
    *(f"10.0.0.{n}" for n in range(20)),
    "::",
    "2001:db8::3",
]


@pytest.mark.parametrize("seed", range(4))
def test_texts_show_every_combination(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(40):
        tests = []
        for _ in range(draw.randint(1, 4)):
            operator = draw.choice(TEXT_OPERATORS)
            letters = "aAb*?" if "Like" in operator else "aAb*"
            values = ["".join(draw.choices(letters, k=draw.randint(1, 3))) for _ in range(draw.randint(1, 2))]
            tests.append(ConditionTest(operator, "k", values))
        found = values_for(tests, "!")
        assert found is not None
        assert classes(tests, found) >= classes(tests, SHORT)


@pytest.mark.parametrize("seed", range(4))
def test_numbers_dates_and_addresses_show_every_combination(seed: int) -> None:
    draw = random.Random(seed)
    numbers = [str(half / 2) for half in range(-30, 60)]
    dates = [f"2030-01-{day:02}T{hour:02}:00:00Z" for day in range(1, 12) for hour in (0, 12)]
    networks = [
        "10.0.0.0/28",
        "10.0.0.0/30",
        "10.0.0.4/31",
        "10.0.0.7",
        "0.0.0.0/0",
        "2001:db8::/126",
        "::/0",
    ]
    order = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    for _ in range(60):
        for prefix, operands, universe in (
            ("Numeric", [str(n) for n in range(-9, 20, 2)], numbers),
            ("Date", dates[2:-2:4], dates),
        ):
            tests = [
                ConditionTest(prefix + draw.choice(order), "k", draw.choices(operands, k=2))
                for _ in range(draw.randint(1, 4))
            ]
            assert classes(tests, values_for(tests, "!") or []) >= classes(tests, universe)
        tests = [
            ConditionTest(
                draw.choice(("IpAddress", "NotIpAddress")), "k", draw.choices(networks, k=draw.randint(1, 2))
            )
            for _ in range(draw.randint(1, 4))
        ]
        assert classes(tests, values_for(tests, "!") or []) >= classes(tests, ADDRESSES)


def test_a_key_compared_as_text_and_as_boolean_is_still_exact() -> None:
    tests = [ConditionTest("Bool", "k", ["true"]), ConditionTest("StringEquals", "k", ["TRUE"])]
    found = values_for(tests, "!")
    assert found is not None
    assert classes(tests, found) == {(True, True), (True, False), (False, False)}


def test_a_key_of_several_kinds_is_not_promised() -> None:
    assert (
        values_for(
            [ConditionTest("NumericEquals", "k", ["5"]), ConditionTest("StringEquals", "k", ["5"])], "!"
        )
        is None
    )


def test_too_many_patterns_of_one_key_are_not_promised() -> None:
    tests = [ConditionTest("StringLike", "k", [f"*{a}*{b}*" for a in "abcdef" for b in "ghijkl"])]
    assert values_for(tests, "!") is None


def test_likely_values_come_first() -> None:
    assert values_for([ConditionTest("IpAddress", "k", ["10.0.0.0/8"])], "!") == [
        "203.0.113.7",
        "0.0.0.1",
        "10.0.0.1",
        "2001:db8::7",
    ]
    assert (values_for([ConditionTest("StringLike", "k", ["dev-*", "prod"])], "!") or [])[0] == "prod"
