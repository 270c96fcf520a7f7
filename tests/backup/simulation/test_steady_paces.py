"""Points at a steady pace are not looked at one by one; what is found is what a walk over them finds."""

from __future__ import annotations

import random
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from constructs_lib import BackupPolicyRule
from constructs_lib.backup.recovery import simulate
from constructs_lib.backup.simulation.timeline import Timeline
from tests.backup.policies import DAY, cron, every, keep, moment, policy
from tests.backup.readings import expiries
from tests.backup.recovery_oracle import counts_of, worst_cases_by_links

BEGIN = moment("2025-05-05")
ZONES: tuple[tzinfo, ...] = (
    ZoneInfo("Asia/Shanghai"),
    ZoneInfo("Asia/Kolkata"),
    ZoneInfo("Europe/Berlin"),
    timezone(timedelta(hours=-3, minutes=-30)),
)
STEADY = ("PT1H", "PT2H", "PT8H", "PT12H", "P1D", "P2D", "P7D", "PT36H", "PT7H", "PT25H")
CRONS = (
    "0 7 * * * ?",
    "0 7 4 * * ?",
    "0 7 1/6 * * ?",
    "0 7 8,12,18 * * ?",
    "0 7 4 ? * MON-FRI",
    "0 0 0 * * ?",
)


def random_policy(seed: int) -> tuple[list[BackupPolicyRule], tzinfo]:
    dice = random.Random(seed)
    start = BEGIN + dice.choice((0, 0, 1, 9 * 3_600 + 59, 5 * DAY + 17))
    rules = [cron(dice.choice(CRONS), start) if dice.random() < 0.4 else every(dice.choice(STEADY), start)]
    if dice.random() < 0.3:
        rules.append(cron("0 9 3 L * ?", start) if dice.random() < 0.6 else every(dice.choice(STEADY), start))
    firsts = {
        period: dice.randint(2, most)
        for period, most in (("daily", 40), ("weekly", 90), ("monthly", 200), ("yearly", 500))
        if dice.random() < 0.6
    }
    rules.append(keep(dice.randint(1, 12), newest=dice.randint(0, 1), **firsts))
    return rules, dice.choice(ZONES)


@pytest.mark.parametrize("block", range(4))
def test_the_worst_case_and_the_counts_are_those_of_a_walk_from_point_to_point(block: int) -> None:
    for seed in range(block, 60, 4):
        rules, zone = random_policy(seed)
        timeline = simulate(policy(*rules), begin=BEGIN, end=BEGIN + 500 * DAY, tz=zone).backups
        assert timeline is not None
        times, ends = list(timeline.times), expiries(timeline)
        assert [tuple(case) for case in timeline.worst_cases] == worst_cases_by_links(
            times, ends, timeline.end
        ), seed
        points = list(timeline.points())[::7]
        assert [each.expires for each in points] == [
            moment if moment < 10**29 else None for moment in ends[::7]
        ], seed
        check_counts(timeline, seed)


def check_counts(timeline: Timeline, seed: int) -> None:
    times, ends = list(timeline.times), expiries(timeline)
    if timeline.counts is not None:
        since, until, lowest, mean, highest = timeline.counts
        expected = counts_of(times, ends, since, until)
        assert (lowest, highest) == expected[::2], seed
        assert mean == pytest.approx(expected[1]), seed
    for at in range(timeline.begin, timeline.end, 97 * DAY + 12_345):
        alive = [place for place, time in enumerate(times) if time <= at < ends[place]]
        assert timeline.places(at) == alive, (seed, at)
        assert timeline.count(at) == len(alive), (seed, at)


def test_a_steady_pace_is_kept_as_one_and_ten_years_of_quarter_hours_as_well() -> None:
    rules = (every("PT15M", BEGIN), keep(7, daily=30, weekly=90))
    timeline = simulate(policy(*rules), begin=BEGIN, end=BEGIN + 3_652 * DAY).backups
    assert timeline is not None
    assert isinstance(timeline.times, range)
    assert len(timeline.times) == 3_652 * 96
    assert [case.loss for case in timeline.worst_cases] == [900, DAY, 7 * DAY, None]
