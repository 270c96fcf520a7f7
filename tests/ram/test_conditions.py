"""Patterns and condition tests: when they hold, and values that show all there is to see."""

from __future__ import annotations

import random
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib.ram.analysis.conditions import (
    RELATIONS,
    Test,
    TooComplexError,
    intersection,
    longest_block,
    matches,
    representatives,
    values_for,
)

TEXTS = ["".join(text) for size in range(7) for text in product("ab", repeat=size)]
patterns = st.text("ab*?", min_size=0, max_size=6)


@cache
def oracle(pattern: str, text: str) -> bool:
    """Whether a pattern matches, by the definition of `*` and `?`."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return oracle(pattern[1:], text) or (bool(text) and oracle(pattern, text[1:]))
    return bool(text) and pattern[0] in (text[0], "?") and oracle(pattern[1:], text[1:])


# ------------------------------------------------------------ patterns


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(patterns)
def test_a_pattern_matches_by_the_definition(pattern: str) -> None:
    assert [matches(pattern, text) for text in TEXTS] == [oracle(pattern, text) for text in TEXTS]


@pytest.mark.parametrize(
    ("pattern", "text"), [("a.c", "abc"), ("[ab]", "a"), ("a", "A"), ("a?c", "ac"), ("*a?", "ba")]
)
def test_nothing_but_the_two_wildcards_is_special(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


def test_wildcards_match_line_breaks_and_stars() -> None:
    assert matches("a*c?", "a\n*cx")
    assert matches("a?c", "a*c")
    assert not matches("a*c", "a*d")


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(patterns, patterns)
def test_an_intersection_matches_what_both_patterns_match(one: str, other: str) -> None:
    both = intersection(one, other)
    for text in TEXTS:
        assert any(oracle(each, text) for each in both) == (oracle(one, text) and oracle(other, text))


def test_an_intersection_of_too_many_stars_is_refused() -> None:
    with pytest.raises(TooComplexError):
        intersection("*".join("abcdefghijkl"), "*" + "*".join("lkjihgfedcba") + "*")
    with pytest.raises(TooComplexError):
        intersection("*ab" * 200 + "*", "*ba" * 200 + "*")


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(patterns, st.lists(patterns, max_size=3))
def test_what_can_be_escaped_a_representative_escapes(pattern: str, others: list[str]) -> None:
    found = representatives(pattern, longest_block(others), "!")
    assert all(matches(pattern, text) for text in found)
    can = any(
        oracle(pattern, text) and not any(oracle(other, text) for other in others)
        for text in ["".join(text) for size in range(6) for text in product("ab!", repeat=size)]
    )
    assert not can or any(not any(matches(other, text) for other in others) for text in found)


def test_representatives_are_bounded() -> None:
    with pytest.raises(TooComplexError):
        representatives("*a" * 12, 3, "!")


# ------------------------------------------------------------ tests


HOLDS = [
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
    assert Test(operator, "k", values).holds(value) is holds


UNKNOWN = [
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
    test = Test(operator, "k", values)
    assert test.holds("a") is test.holds(None) is None
    assert values_for([test], "!") is None


def test_a_key_that_terraform_fills_in_is_unknown() -> None:
    assert Test("StringEquals", "acs:ResourceTag/${var.x}", ["a"]).holds("a") is None


@pytest.mark.parametrize("operator", RELATIONS)
def test_without_its_key_a_test_fails_and_a_negated_one_is_open(operator: str) -> None:
    sample = {"N": "5", "D": "2030-01-01T00:00:00Z", "B": "true", "I": "10.0.0.1"}.get(operator[0], "a")
    test = Test(operator, "k", ["10.0.0.1" if "Ip" in operator else sample.replace("10.0.0.1", "5")])
    if "Not" in operator:
        assert [test.holds(None, when_absent=one) for one in (True, False, None)] == [True, False, None]
    else:
        assert test.holds(None, when_absent=True) is False


def test_order_and_repetition_of_values_do_not_matter() -> None:
    assert Test("StringEquals", "k", ["b", "a", "b"]) == Test("StringEquals", "k", ["a", "b"])


# ------------------------------------------------------------ value classes


def classes(tests: list[Test], values: list[str]) -> set[tuple[bool | None, ...]]:
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
            tests.append(Test(operator, "k", values))
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
                Test(prefix + draw.choice(order), "k", draw.choices(operands, k=2))
                for _ in range(draw.randint(1, 4))
            ]
            assert classes(tests, values_for(tests, "!") or []) >= classes(tests, universe)
        tests = [
            Test(
                draw.choice(("IpAddress", "NotIpAddress")), "k", draw.choices(networks, k=draw.randint(1, 2))
            )
            for _ in range(draw.randint(1, 4))
        ]
        assert classes(tests, values_for(tests, "!") or []) >= classes(tests, ADDRESSES)


def test_a_key_compared_as_text_and_as_boolean_is_still_exact() -> None:
    tests = [Test("Bool", "k", ["true"]), Test("StringEquals", "k", ["TRUE"])]
    found = values_for(tests, "!")
    assert found is not None
    assert classes(tests, found) == {(True, True), (True, False), (False, False)}


def test_a_key_of_several_kinds_is_not_promised() -> None:
    assert values_for([Test("NumericEquals", "k", ["5"]), Test("StringEquals", "k", ["5"])], "!") is None


def test_too_many_patterns_of_one_key_are_not_promised() -> None:
    tests = [Test("StringLike", "k", [f"*{a}*{b}*" for a in "abcdef" for b in "ghijkl"])]
    assert values_for(tests, "!") is None


def test_likely_values_come_first() -> None:
    assert values_for([Test("IpAddress", "k", ["10.0.0.0/8"])], "!") == [
        "203.0.113.7",
        "0.0.0.1",
        "10.0.0.1",
        "2001:db8::7",
    ]
    assert (values_for([Test("StringLike", "k", ["dev-*", "prod"])], "!") or [])[0] == "prod"
