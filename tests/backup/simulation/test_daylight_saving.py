"""Cron times that a clock change skips or repeats, as a recovery tells them; against a walk over all days."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from constructs_lib import Schedule
from constructs_lib.backup.recovery import compare, simulate
from constructs_lib.backup.simulation.daylight_saving import clock_change_notes
from tests.backup.policies import DAY, START, copy_to, cron, every, keep, moment, policy

THREE_YEARS = 1_096 * DAY
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Asia/Shanghai",
)


def reported(expression: str, zone: str, start: int = START) -> list[str]:
    recovery = simulate(
        policy(cron(expression, start=start), keep(14)), begin=start, end=start + THREE_YEARS, tz=zone
    )
    return [sentence for sentence in recovery.assumptions if "which the clock" in sentence]


def test_a_time_that_the_clock_skips_in_berlin_is_reported() -> None:
    skipped, twice = reported("0 30 2 * * ?", "Europe/Berlin")
    assert skipped.startswith(
        "rules[0] is to start at 02:30, which the clock of Europe/Berlin skips on 2026-03-29"
    )
    assert "shows twice on 2026-10-25" in twice


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("0 0 12 * * ?", "Europe/Berlin"),
        ("0 0 3 * * ?", "Europe/Berlin"),
        ("0 30 2 ? * 2-7", "Europe/Berlin"),
        ("0 30 2 * * ? 2020-2025", "Europe/Berlin"),
        ("0 30 2 * * ?", "Asia/Shanghai"),
        ("* * * * * ?", "Asia/Shanghai"),
    ],
)
def test_a_time_that_no_change_meets_is_not(expression: str, zone: str) -> None:
    """Noon; the hour after; no Sundays; years gone by; a zone without changes."""
    assert reported(expression, zone) == []


def test_a_day_that_only_the_spring_has_reports_only_what_is_skipped() -> None:
    (sentence,) = reported("0 15 2 ? 3 1L", "Europe/Berlin")
    assert "at 02:15, which the clock of Europe/Berlin skips on 2026-03-29" in sentence


def test_a_change_at_midnight_and_one_of_a_whole_day_are_seen() -> None:
    skipped, twice = reported("0 0 0 * * ?", "America/Havana")
    assert "skips on 2026-03-08" in skipped
    assert "shows twice on 2026-11-01" in twice
    (apia,) = reported("0 0 12 * * ?", "Pacific/Apia", moment("2011-06-01"))
    assert "at 12:00, which the clock of Pacific/Apia skips on 2011-12-30" in apia


def test_shanghai_had_summer_time_once() -> None:
    assert "skips on 1986-05-04" in reported("0 30 2 * * ?", "Asia/Shanghai", moment("1986-01-01"))[0]


def test_seconds_are_printed_where_there_are_any() -> None:
    assert "at 02:30:07," in reported("7 30 2 * * ?", "Europe/Berlin")[0]


def test_a_rule_that_begins_later_meets_only_later_changes() -> None:
    late = policy(cron("0 30 2 * * ?", start=moment("2027-01-01"), retention=14))
    recovery = simulate(late, begin=START, tz="Europe/Berlin")
    assert any("skips on 2027-03-28" in sentence for sentence in recovery.assumptions)


def test_each_backup_rule_is_reported_and_no_other() -> None:
    rules = (every("P1D"), cron("0 30 2 * * ?"), cron("0 0 12 * * ?"), cron("0 45 2 * * ?"), keep(14))
    recovery = simulate(policy(*rules, copy_to("cn-shanghai", 9)), begin=START, tz="Europe/Berlin")
    reported = [sentence.split()[0] for sentence in recovery.assumptions if "which the clock" in sentence]
    assert reported == ["rules[1]", "rules[1]", "rules[3]", "rules[3]"]


def test_a_comparison_tells_it_of_the_side_it_is_about() -> None:
    night, noon = (policy(cron(f"0 {at} * * ?", retention=14)) for at in ("30 2", "0 12"))
    change = compare(night, noon, at=START + DAY, tz="Europe/Berlin")
    assert any("which the clock" in sentence for sentence in change.before.assumptions)
    assert not any("which the clock" in sentence for sentence in change.after.assumptions)


class Summer(tzinfo):
    """A zone that is no ZoneInfo: an hour ahead of UTC, and two in the second half of 2026."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        is_summer = moment is not None and moment.year == 2026 and moment.month > 6
        return timedelta(hours=2 if is_summer else 1)

    def dst(self, moment: datetime | None) -> timedelta:
        return self.utcoffset(moment) - timedelta(hours=1)

    def tzname(self, moment: datetime | None) -> str:
        return "Summer"

    def __str__(self) -> str:
        return "Summer"


def test_a_fixed_offset_and_a_zone_of_the_callers_making_are_zones_too() -> None:
    schedule = Schedule.cron("0 30 0 * * ?", start=START)
    fixed, own = (
        list(clock_change_notes("rules[0]", schedule, zone, START, START + THREE_YEARS))
        for zone in (timezone(timedelta(hours=1)), Summer())
    )
    assert fixed == []
    assert "00:30, which the clock of Summer skips on 2026-07-01" in own[0]


@pytest.mark.parametrize("zone", ZONES)
def test_the_reported_days_are_those_that_a_walk_over_all_days_finds(zone: str) -> None:
    draw = random.Random(zone)
    for _ in range(25):
        hour, minute = draw.choice((0, 0, 1, 1, 2, 2, 2, 3, 3, 23, draw.randrange(24))), draw.randrange(60)
        start = moment(f"{draw.randrange(2000, 2030)}-06-15", zone)
        schedule = Schedule.cron(f"0 {minute} {hour} * * ?", start=start)
        sentences = list(clock_change_notes("rules[0]", schedule, ZoneInfo(zone), start, start + THREE_YEARS))
        assert [(" skips " in sentence, sentence.split(" on ")[1][:10]) for sentence in sentences] == walked(
            zone, start, hour, minute
        ), (zone, str(schedule))


def walked(zone: str, start: int, hour: int, minute: int) -> list[tuple[bool, str]]:
    """The first day on which the time is skipped (True), and the first on which it comes twice."""
    found: dict[bool, str] = {}
    day = datetime.fromtimestamp(start, ZoneInfo(zone)).replace(tzinfo=None)
    for _ in range(THREE_YEARS // DAY):
        wall = day.replace(hour=hour, minute=minute, tzinfo=ZoneInfo(zone))
        there_and_back = wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None, fold=0)
        if there_and_back != wall.replace(tzinfo=None):
            found.setdefault(True, str(day.date()))
        elif wall.utcoffset() != wall.replace(fold=1).utcoffset():
            found.setdefault(False, str(day.date()))
        day += timedelta(days=1)
    return sorted(((skip, at) for skip, at in found.items()), key=lambda one: one[1])
