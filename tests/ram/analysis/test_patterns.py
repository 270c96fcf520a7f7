"""Patterns: what they match, cover and have in common, and texts that show all there is to see."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.ram.analysis.patterns import (
    TooComplexError,
    covers,
    folded,
    intersection,
    longest_block,
    matches,
    representatives,
)
from tests.properties import examples

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


@examples(400)
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


@examples(400)
@given(patterns, patterns)
def test_an_intersection_matches_what_both_patterns_match(one: str, other: str) -> None:
    both = intersection(one, other).patterns
    for text in TEXTS:
        assert any(oracle(each, text) for each in both) == (oracle(one, text) and oracle(other, text))


def test_an_intersection_of_too_many_stars_is_refused() -> None:
    with pytest.raises(TooComplexError):
        intersection("*".join("abcdefghijkl"), "*" + "*".join("lkjihgfedcba") + "*")
    with pytest.raises(TooComplexError):
        intersection("*ab" * 200 + "*", "*ba" * 200 + "*")


@examples(300)
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


@examples(400)
@given(patterns, patterns)
def test_a_pattern_covers_only_what_it_matches(pattern: str, other: str) -> None:
    if covers(pattern, other):
        assert all(oracle(pattern, text) for text in TEXTS if oracle(other, text))


@examples(400)
@given(st.text("a*", max_size=5), patterns)
def test_without_question_marks_covering_is_exact(pattern: str, other: str) -> None:
    # "b" is in no pattern here, so that a text with it stands for any text.
    assert covers(pattern, other) == all(oracle(pattern, text) for text in TEXTS if oracle(other, text))


@pytest.mark.parametrize(
    ("pattern", "other", "expected"),
    [
        ("a?", "a*", False),
        ("a?*", "a*", False),
        ("a*", "a?*", True),
        ("?", "?", True),
        ("a", "a", True),
        ("*", "", True),
        ("a", "?", False),
        ("*", "\ud801", True),
        ("\ud801", "*", False),
        ("\ud800", "?", False),
    ],
)
def test_a_question_mark_covers_one_character_never_a_star(pattern: str, other: str, expected: bool) -> None:
    assert covers(pattern, other) is expected


def test_many_wildcards_take_no_time() -> None:
    assert not covers("*a" * 40 + "*b", "a" * 5_000)


def test_case_is_folded_as_far_as_it_is_ascii() -> None:
    assert folded("OSS:GetObject") == "oss:getobject"
    assert folded("Ä\u212aİ\ud800A") == "Ä\u212aİ\ud800a"
