"""The rows of a worst case: no two of them read as if they held from the same age on."""

from __future__ import annotations

from constructs_lib.backup.recovery import simulate
from constructs_lib.review import wording
from constructs_lib.review.recovery_comparison import steps
from tests.backup.policies import cron, keep, moment, policy


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
