"""The rows of a worst case: no two of them read as if they held from the same age on."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from constructs_lib.backup.recovery import simulate
from constructs_lib.ram.access import Verdict, compare
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.review import wording
from constructs_lib.review.recovery_comparison import Recoveries, steps
from constructs_lib.review.report import AccessReview, Action, EditedValue, Step
from tests.backup.policies import copy_to, cron, keep, moment, policy
from tests.review.configurations import allow, document


def test_ages_that_would_read_alike_are_given_to_the_second() -> None:
    """Where the clock is put back, an hourly backup is missing, an hour of age before the first rung ends."""
    begin = moment("2026-01-01", "Europe/Berlin")
    rules = (cron("0 0 * * * ?", begin), keep(7, daily=30))
    timeline = simulate(policy(*rules), tz="Europe/Berlin").backups
    ages = [wording.detection(step) for step in steps(None, timeline)]
    assert ages == [
        "at any time",
        "after more than 6 days, 22 hours",
        "after more than 6 days, 23 hours",
        "after more than 28.9 days",
    ]


def test_a_length_is_given_to_the_second() -> None:
    assert wording.exact_length(86_400 + 3_600 + 61) == "1 day, 1 hour, 1 minute, 1 second"
    assert wording.exact_length(120) == "2 minutes"


@pytest.mark.parametrize(
    ("before", "after", "is_worse", "is_better"),
    [
        (None, None, False, False),
        (None, 5, False, True),
        (5, None, True, False),
        (5, 5, False, False),
        (5, 6, True, False),
        (6, 5, False, True),
    ],
)
def test_less_data_lost_is_better(
    before: int | None, after: int | None, *, is_worse: bool, is_better: bool
) -> None:
    step = Step(older_than=0, before=before, after=after)
    assert (step.is_worse, step.is_better) == (is_worse, is_better)


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        ("a", "a", Action.UNCHANGED),
        (None, "a", Action.ADDED),
        ("a", None, Action.REMOVED),
        ("a", "b", Action.CHANGED),
    ],
)
def test_what_becomes_of_a_value(before: str | None, after: str | None, action: Action) -> None:
    assert EditedValue("x", before, after).action is action


def test_one_side_alone_is_before_or_after() -> None:
    begin = moment("2026-01-01", "UTC")
    props = policy(cron("0 0 * * * ?", begin), keep(7), copy_to("cn-beijing", 30))
    recoveries = Recoveries(begin, "UTC")
    gone, come = recoveries.review(props, None), recoveries.review(None, props)
    assert gone.before is not None
    assert come.after is not None
    assert (gone.after, come.before) == (None, None)
    assert [(each.region, each.is_copies) for each in gone.points] == [(None, False), ("cn-beijing", True)]
    assert [each.after for each in gone.points] == [each.before for each in come.points] == [None, None]
    assert not any(each.is_unknown for each in (*gone.points, *come.points))
    assert {step.is_better for step in gone.steps} == {step.is_worse for step in come.steps} == {False}
    assert (gone.is_worse, come.is_worse) == (True, False)


@pytest.mark.parametrize("name", ["newly_refused", "no_longer_refused"])
def test_access_changes_where_only_what_is_refused_does(name: str) -> None:
    review = AccessReview(verdict=Verdict.EQUIVALENT)
    assert not review.is_changed
    allowed = PolicyDocument.from_json(document(allow("oss:*")))
    (grant,) = compare(PolicyDocument([]), allowed).gained
    changes: Any = {name: (grant,)}
    assert evolve(review, **changes).is_changed
