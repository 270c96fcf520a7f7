"""The way that takes any number of wildcards, held against the oracle: all is left to it here."""

from __future__ import annotations

import random
from typing import Any

import pytest

from constructs_lib.ram.access import Verdict, compare, must_not_allow
from constructs_lib.ram.analysis import request_space
from constructs_lib.ram.analysis.pattern_walk import PatternWalk
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from tests.ram.analysis.oracle import cells, expected, lies_in, memberships, pairs, pattern, written
from tests.ram.analysis.test_witnesses import hold_against_all_values
from tests.ram.test_access import GLOBS, IDS, KINDS, hold_against_the_oracle


@pytest.fixture(autouse=True)
def without_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search gives up at once."""
    monkeypatch.setattr(request_space, "MAX_WORK", 0)


@pytest.mark.parametrize(("kind", "count"), KINDS, ids=IDS)
def test_random_pairs_have_exactly_the_differences_that_the_oracle_finds(
    kind: dict[str, Any], count: int
) -> None:
    for before, after in pairs(31, count // 2, **kind):
        hold_against_the_oracle(before, after)


def test_random_documents_meet_where_the_oracle_finds_it() -> None:
    for before, after in pairs(32, 100, **GLOBS):
        answer = must_not_allow(written(after), written(before))
        assert answer.undecided is None
        assert set(cells(answer.breaches)) == expected(before, after, fold=False, meet=True)


def test_a_text_is_found_wherever_there_is_one() -> None:
    draw = random.Random(5)
    missing = 0
    for _ in range(3_000):
        inside, outside = (
            ["", *(pattern(draw, "ab**?") for _ in range(draw.randint(1, most)))][1:] for most in (3, 5)
        )
        found = PatternWalk(outside, "x").find(inside, range(len(outside)))
        every = memberships((*inside, *outside), "ab!")
        assert isinstance(found, str) == any(
            all(each[: len(inside)]) and not any(each[len(inside) :]) for each in every
        )
        if isinstance(found, str):
            assert all(lies_in(each, found) for each in inside)
            assert not any(lies_in(each, found) for each in outside)
        else:
            missing += 1
            guilty = [outside[number] for number in sorted(found)]
            assert not isinstance(PatternWalk(guilty, "x").find(inside, range(len(guilty))), str)
    assert 500 < missing < 2_500


def test_ordinary_patterns_beside_one_of_a_day_are_decided() -> None:
    resources = ["acs:oss:*:*:logs-*-*/*", "acs:oss:*:*:day-????????/*"]

    def document(*actions: str) -> PolicyDocument:
        return PolicyDocument([PolicyStatement(effect="Allow", actions=actions, resources=resources)])

    before, after = document("oss:GetObject"), document("oss:GetObject", "oss:PutObject")
    assert compare(before, after).verdict is Verdict.WIDER
    assert compare(after, before).verdict is Verdict.NARROWER


def test_what_is_not_known_is_supposed() -> None:
    token = PolicyDocument([PolicyStatement(effect="Allow", actions="a:${var.x}", resources="*")])
    assert compare(token, PolicyDocument([])).verdict is Verdict.NARROWER


def test_witnesses_with_policy_variables_are_shown_by_one_value() -> None:
    hold_against_all_values(8, 40)
