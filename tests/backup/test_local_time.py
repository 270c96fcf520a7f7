"""A cron schedule in local time: the one in UTC+8, the days on which it is off, and what it cannot say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from constructs_lib import Schedule, Severity
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.schedule import ScheduleError
from tests.backup.test_checks import BACKUP, TRANSITION, policy

WINTER = datetime(2026, 1, 1, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def moved(expression: str, zone: str, start: datetime = WINTER) -> str:
    schedule = Schedule.cron(expression, start=start, zone=zone)
    assert schedule.local_expression == expression
    return str(schedule).rpartition("|")[2]


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ("0 0 2 31 12 ?", None),
        ("0 0 2 * * ? 2026", date(2026, 3, 29)),
        ("0 0 2 ? 1,2 MON-FRI", None),
        ("0 0 2 1 7 ?", date(2026, 3, 29)),
    ],
)
def test_a_clock_change_between_whose_runs_nothing_lies_moves_nothing(
    expression: str, first: date | None
) -> None:
    schedule = Schedule.cron(expression, start=WINTER, zone="Europe/Berlin")
    changes = list(islice(schedule.clock_changes(), 9))
    assert (changes[0].day if changes else None) == first
    assert all(change.minutes == 60 for change in changes) or expression == "0 0 2 * * ? 2026"


@pytest.mark.parametrize(
    ("expression", "zone", "in_utc8"),
    [
        ("0 30 2 * * ?", "Europe/Berlin", "0 30 9 * * ?"),
        ("0 0 20 * * ?", "Europe/Berlin", "0 0 3 * * ?"),
        ("0 0 2,20 * * ?", "Europe/Berlin", "0 0 3,9 * * ?"),
        ("0 0 20 ? * MON-FRI", "Europe/Berlin", "0 0 3 ? * 3,4,5,6,7"),
        ("0 0 20 ? * 7", "Europe/Berlin", "0 0 3 ? * 1"),
        ("0 0 2 ? * 2", "Pacific/Auckland", "0 0 21 ? * 1"),
        ("0 0 20 1,15 * ?", "Europe/Berlin", "0 0 3 2,16 * ?"),
        ("0 0 2 L * ?", "Europe/Berlin", "0 0 9 L * ?"),
        ("0 15 2 * * ?", "Asia/Kolkata", "0 45 4 * * ?"),
        ("0 0 * * * ?", "Asia/Kolkata", "0 30 * * * ?"),
        ("0 0 2 * * ?", "Asia/Shanghai", "0 0 2 * * ?"),
    ],
)
def test_local_time_becomes_utc8(expression: str, zone: str, in_utc8: str) -> None:
    assert moved(expression, zone) == in_utc8


def test_it_runs_at_the_local_time_until_the_clock_changes() -> None:
    schedule = Schedule.cron("0 30 2 ? * MON", start=WINTER, zone="Europe/Berlin")
    local = [each.astimezone(ZoneInfo("Europe/Berlin")) for each in islice(schedule.occurrences(), 20)]
    changes = schedule.clock_changes()
    until = next(changes)
    assert until == (date(2026, 3, 29), 60)
    assert next(changes) == (date(2026, 10, 25), 0)
    assert {(each.weekday(), each.hour, each.minute) for each in local if each.date() < until.day} == {
        (0, 2, 30)
    }
    assert {(each.weekday(), each.hour) for each in local if each.date() >= until.day} == {(0, 3)}


def test_the_distance_is_that_of_the_start() -> None:
    assert moved("0 0 2 * * ?", "Europe/Berlin", SUMMER) == "0 0 8 * * ?"
    changes = Schedule.cron("0 0 2 * * ?", start=SUMMER, zone="Europe/Berlin").clock_changes()
    assert next(changes) == (date(2026, 10, 25), -60)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kolkata", timezone(timedelta(hours=1))])
def test_a_clock_that_never_changes_breaks_nothing(zone: str) -> None:
    schedule = Schedule.cron("0 0 2 * * ?", start=WINTER, zone=zone)
    assert list(schedule.clock_changes()) == []
    assert check_backup_policy(policy(evolve(BACKUP, schedule=schedule), TRANSITION)) == []


@pytest.mark.parametrize(
    ("expression", "zone", "problem"),
    [
        ("0 0 20 L * ?", "Europe/Berlin", "the day after"),
        ("0 0 20 31 * ?", "Europe/Berlin", "the day after"),
        ("0 0 2 1 * ?", "Pacific/Auckland", "the day before"),
        ("0 0 20 ? * 6#3", "Europe/Berlin", "the day after"),
        ("0 0 20 ? 6 2", "Europe/Berlin", "the day after"),
        ("0 0 20 * * ? 2026", "Europe/Berlin", "the day after"),
        ("0 0 2,20 ? * 2", "Europe/Berlin", "on another day"),
        ("0 0,45 2 * * ?", "Asia/Kolkata", "the same minutes"),
    ],
)
def test_what_one_expression_cannot_say_is_refused(expression: str, zone: str, problem: str) -> None:
    with pytest.raises(ScheduleError, match=problem) as raised:
        Schedule.cron(expression, start=WINTER, zone=zone)
    assert "one cron expression cannot say it. Write two schedules" in str(raised.value)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ScheduleError, match="not a time zone"):
        Schedule.cron("0 0 2 * * ?", start=WINTER, zone="Europe/Berln")


def test_bp311_names_the_days() -> None:
    schedule = Schedule.cron("0 30 2 * * ?", start=WINTER, zone="Europe/Berlin")
    (finding,) = check_backup_policy(policy(evolve(BACKUP, schedule=schedule), TRANSITION))
    assert (finding.code, finding.path, finding.severity) == ("BP311", "rules[0].schedule", Severity.WARNING)
    assert "C|1767225600|0 30 9 * * ?, made of 0 30 2 * * ? in Europe/Berlin" in finding.received
    assert (
        "from 2026-03-29 60 minutes later than written, and from 2026-10-25 as written again" in finding.hint
    )
