"""Schedules that never run, run far too often, or do not mean what they seem to."""

from __future__ import annotations

import pytest
from attrs import evolve

from constructs_lib import Schedule
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.schedule import ScheduleError
from constructs_lib.findings import Finding
from tests.backup.test_checks import BACKUP, TRANSITION, policy


def findings(schedule: str) -> list[Finding]:
    return check_backup_policy(policy(evolve(BACKUP, schedule=schedule), TRANSITION))


def only(schedule: str) -> Finding:
    (finding,) = findings(schedule)
    return finding


def test_bp109_a_start_beyond_the_last_year() -> None:
    finding = only("C|1767196800|0 0 2 * * ? 2020-2024")
    assert finding.code == "BP109"
    assert finding.hint == "Its last year, 2024, is over when it starts, 2026-01-01."
    # The last second of 2026 in UTC, when it is 2027 in UTC+8.
    assert only("C|1798761599|0 0 2 * * ? 2026").hint.endswith("2026, is over when it starts, 2027-01-01.")
    late = only("C|1796054400|0 0 2 1 6 ? 2026")
    assert late.hint == "No day fits in its last year, 2026, from its start, 2026-12-01, on."


def test_bp109_no_day_fits() -> None:
    finding = only("C|0|0 0 2 30 2 ?")
    assert finding.code == "BP109"
    assert finding.hint.startswith("No day fits")


def test_bp317_a_start_with_a_digit_too_many() -> None:
    finding = only("I|16316856000|P1D")
    assert (finding.code, finding.received) == ("BP317", "the start 2487-01-22: I|16316856000|P1D")
    assert only("C|16316856000|0 0 2 * * ?").code == "BP109"
    assert findings("I|4102444799|P1D") == []


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("P1D", "Write I|<UNIX seconds>|P1D."),
        ("0 0 2 ? * 3,5,7", "Write C|<UNIX seconds>|0 0 2 ? * 3,5,7."),
        ("cron(0 5 * * ? *)", "Write 0 0 5 * * ? (1 is Sunday)."),
        ("rate(1 day)", "Write I|<UNIX seconds>|P1D."),
        ("0 2 * * *", "Write 0 0 2 * * ? (1 is Sunday)."),
        ("daily", "Write I|<UNIX seconds>|<interval>"),
    ],
)
def test_bp102_a_rhythm_without_its_start(text: str, advice: str) -> None:
    assert advice in only(text).hint


def test_bp102_milliseconds_are_told_with_the_seconds() -> None:
    assert "Write UNIX seconds: 1631685600, if these are milliseconds." in only("I|1631685600000|P1D").hint


@pytest.mark.parametrize(
    ("cron", "received"),
    [
        ("0 * 2 * * ?", "60 runs on each day that fits, every minute"),
        ("* * 2 * * ?", "3,600 runs on each day that fits, every second"),
        ("0 0/15 * * * ?", "96 runs on each day that fits, every 15 minutes"),
        ("* 0 2 * * ?", "60 runs on each day that fits, every second"),
        ("0 0,59 * * * ?", "48 runs on each day that fits, in each hour at the minutes 0, 59"),
    ],
)
def test_bp310_every_second_or_minute(cron: str, received: str) -> None:
    finding = only(f"C|1631685600|{cron}")
    assert (finding.code, finding.received) == ("BP310", f"{received}: {cron}")
    hours = cron.split()[2]
    assert finding.hint.startswith(f"0 0 {hours} * * ? runs once")


@pytest.mark.parametrize("cron", ["0 0 * * * ?", "0 30 2 ? * 3,5,7", "0 0 0/2 * * ?", "59 59 23 L * ?"])
def test_bp310_is_silent_on_runs_an_hour_apart(cron: str) -> None:
    assert [each for each in findings(f"C|1631685600|{cron}") if each.code == "BP310"] == []


@pytest.mark.parametrize(
    ("cron", "days", "meant"),
    [
        ("0 0 2 ? * 1-5", "Sunday to Thursday", "MON-FRI"),
        ("0 0 2 ? * 1-6", "Sunday to Friday", "MON-SAT"),
        ("0 0 2 ? * 6,7", "Friday and Saturday", "SAT,SUN"),
        ("0 0 2 ? * 1", "Sunday", "Monday is MON, or 2"),
        ("0 0 2 ? * 7", "Saturday", "Sunday is SUN;"),
    ],
)
def test_bp301_weekdays_by_numbers_are_explained(cron: str, days: str, meant: str) -> None:
    finding = only(f"C|1631685600|{cron}")
    assert finding.code == "BP301"
    assert "1 is Sunday" in finding.hint
    assert days in finding.hint
    assert meant in finding.hint


@pytest.mark.parametrize(
    "week", ["2-6", "SUN-THU", "3,5,7", "FRI,SAT", "1-7", "MON-FRI", "SUN", "SAT", "2", "1,7"]
)
def test_bp301_takes_what_cannot_be_misread(week: str) -> None:
    assert findings(f"C|1631685600|0 0 2 ? * {week}") == []


@pytest.mark.parametrize(
    ("local", "misread"),
    [
        ("0 0 2 ? * MON-FRI", False),  # 1,2,3,4,5 in UTC+8
        ("0 0 2 ? * SUN", False),  # 7
        ("0 0 2 ? * 1-5", True),  # 1,2,3,4,7
        ("0 0 2 ? * 7", True),  # 6
    ],
)
def test_bp301_judges_the_weekdays_that_were_written(local: str, misread: bool) -> None:
    schedule = Schedule.cron(local, start=1631685600, zone="Pacific/Auckland")
    reported = check_backup_policy(policy(evolve(BACKUP, schedule=schedule), TRANSITION))
    assert ("BP301" in {finding.code for finding in reported}) is misread


@pytest.mark.parametrize(
    ("aws", "quartz"),
    [
        ("0 5 * * ? *", "0 0 5 * * ?"),
        ("15 10 ? * MON-FRI *", "0 15 10 ? * MON-FRI"),
        ("cron(0 5 1 * ? *)", "0 0 5 1 * ?"),
        ("0 18 ? * 2-6 2027", "0 0 18 ? * 2-6 2027"),
        ("rate(1 day)", "I|<UNIX seconds>|P1D"),
        ("rate(12 hours)", "I|<UNIX seconds>|PT12H"),
    ],
)
def test_what_aws_writes_is_recognised_and_translated(aws: str, quartz: str) -> None:
    with pytest.raises(ScheduleError, match="in the form of AWS") as raised:
        Schedule.cron(aws, start=1631685600)
    assert f"Write {quartz}" in str(raised.value)


def test_a_wrong_weekday_number_says_that_1_is_sunday() -> None:
    assert "1 is Sunday" in only("C|0|0 0 2 ? * 0").hint
