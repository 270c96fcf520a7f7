"""Quartz cron: what is refused, what is ambiguous, and when an expression runs."""

from __future__ import annotations

import json
import pickle
from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import islice, takewhile
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.backup.quartz import QuartzCron, ScheduleError
from tests.properties import examples

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "cron-golden.json").read_text())
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def runs(text: str, count: int = 4, after: datetime = NEW_YEAR) -> list[str]:
    found = islice(QuartzCron.parse(text).occurrences(after, UTC), count)
    return [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in found]


def days(text: str, count: int = 4) -> list[str]:
    return [moment.split()[0] for moment in runs(text, count)]


def refusal(text: str) -> ScheduleError:
    with pytest.raises(ScheduleError) as caught:
        QuartzCron.parse(text)
    return caught.value


# What Quartz itself was seen to do.


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["cron"])
def test_every_expression_observed_in_quartz_is_refused_or_runs_as_observed(case: dict[str, Any]) -> None:
    if not case["ok"] and case["cron"] != "0 0 2 * * *":
        assert refusal(case["cron"]).text == case["cron"]
    elif case["ok"]:
        assert runs(case["cron"], 6) == case["next"]


def test_an_expression_without_a_question_mark_passes_with_an_ambiguity_though_quartz_refuses_it() -> None:
    cron = QuartzCron.parse("0 0 2 * * *")
    assert cron.ambiguities == (
        "Quartz refuses '0 0 2 * * *': one day field must be ?. Here the * is read as ?.",
    )
    assert days("0 0 2 * * *", 3) == ["2026-01-01", "2026-01-02", "2026-01-03"]


# When it runs.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 2 L * ?", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("0 0 2 LW * ?", ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30"]),
        ("0 0 2 L-3W * ?", ["2026-01-28", "2026-02-25", "2026-03-27", "2026-04-27"]),
        ("0 0 2 L-30 * ?", ["2026-01-01", "2026-03-01", "2026-05-01", "2026-07-01"]),
        ("0 0 2 15W * ?", ["2026-01-15", "2026-02-16", "2026-03-16", "2026-04-15"]),
        ("0 0 2 1W 8 ?", ["2026-08-03", "2027-08-02", "2028-08-01", "2029-08-01"]),
        ("0 0 2 31W * ?", ["2026-01-30", "2026-03-31", "2026-05-29", "2026-07-31"]),
        ("0 0 2 30W 11 ?", ["2026-11-30", "2027-11-30", "2028-11-30", "2029-11-30"]),
        ("0 0 2 L-28W 2 ?", ["2028-02-01", "2032-02-02", "2036-02-01", "2040-02-01"]),
        ("0 0 2 ? * 1", ["2026-01-04", "2026-01-11", "2026-01-18", "2026-01-25"]),
        ("0 0 2 ? * SAT-MON", ["2026-01-03", "2026-01-04", "2026-01-05", "2026-01-10"]),
        ("0 0 2 ? * 1#1", ["2026-01-04", "2026-02-01", "2026-03-01", "2026-04-05"]),
        ("0 0 2 ? * sun#5", ["2026-03-29", "2026-05-31", "2026-08-30", "2026-11-29"]),
        ("0 0 2 ? * 7L", ["2026-01-31", "2026-02-28", "2026-03-28", "2026-04-25"]),
        ("0 0 2 1 NOV-FEB ?", ["2026-01-01", "2026-02-01", "2026-11-01", "2026-12-01"]),
        ("0 0 2 1 11-2/3 ?", ["2026-02-01", "2026-11-01", "2027-02-01", "2027-11-01"]),
        ("0 0 2 29 2 ?", ["2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]),
        ("0 0 2 1 1 ? 2028/10", ["2028-01-01", "2038-01-01", "2048-01-01", "2058-01-01"]),
        ("0 0 2 1 1 ? 2027,2030-2031", ["2027-01-01", "2030-01-01", "2031-01-01"]),
        ("0 0 2 * * 3", ["2026-01-06", "2026-01-13", "2026-01-20", "2026-01-27"]),
        ("0 0 2 15 * *", ["2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"]),
    ],
)
def test_it_runs_on_the_days_of_the_calendar(text: str, expected: list[str]) -> None:
    assert days(text, 4) == expected


def test_a_wrapped_range_goes_over_midnight() -> None:
    assert runs("0 0 22-2/2 * * ?", 3) == [
        "2026-01-01 02:00:00",
        "2026-01-01 22:00:00",
        "2026-01-02 00:00:00",
    ]


def test_lists_ranges_and_steps_combine_in_one_field() -> None:
    assert QuartzCron.parse("5/20,10-12,59 */30 1 * * ?").seconds == (5, 10, 11, 12, 25, 45, 59)


def test_an_occurrence_is_strictly_after_the_moment_given() -> None:
    at_two = datetime(2026, 1, 1, 2, tzinfo=UTC)
    assert runs("0 0 2 * * ?", 1, at_two - timedelta(microseconds=1)) == ["2026-01-01 02:00:00"]
    assert runs("0 0 2 * * ?", 1, at_two) == ["2026-01-02 02:00:00"]


def test_occurrences_are_aware_and_in_the_zone_asked_for() -> None:
    first = next(QuartzCron.parse("0 0 2 * * ?").occurrences(NEW_YEAR, BERLIN))
    assert first == datetime(2026, 1, 1, 1, tzinfo=UTC)
    assert first.tzinfo is BERLIN


def test_blanks_and_tabs_may_be_many() -> None:
    assert runs("  0\t0  2 ? *   3,5,7 ", 1) == ["2026-01-01 02:00:00"]


# An oracle that knows nothing of the code: it walks through days, hours, minutes and seconds, and asks each.

Fits = Callable[[date], bool]


class Asked(NamedTuple):
    """An expression, and what it asks for."""

    text: str
    seconds: set[int]
    minutes: set[int]
    hours: set[int]
    months: set[int]
    fits: Fits

    def fits_day(self, day: date) -> bool:
        return day.month in self.months and self.fits(day)

    def fits_minute(self, wall: datetime) -> bool:
        return wall.hour in self.hours and wall.minute in self.minutes and self.fits_day(wall.date())


def ring(first: int, last: int, step: int, low: int, high: int) -> set[int]:
    """Walk from `first` to `last`, over the end of the field if need be, and keep each `step`-th value."""
    found, value, walked = set(), first, 0
    while True:
        if walked % step == 0:
            found.add(value)
        if value == last:
            return found
        value, walked = (value + 1 if value < high else low), walked + 1


@st.composite
def values(draw: st.DrawFn, low: int, high: int) -> tuple[str, set[int]]:
    texts: list[str] = []
    found: set[int] = set()
    for _ in range(draw(st.integers(1, 3))):
        first, last = draw(st.integers(low, high)), draw(st.integers(low, high))
        step = draw(st.integers(1, high))
        text, more = draw(
            st.sampled_from(
                [
                    (f"{first}", {first}),
                    (f"{first}-{last}", ring(first, last, 1, low, high)),
                    (f"{first}-{last}/{step}", ring(first, last, step, low, high)),
                    (f"{first}/{step}", ring(first, high, step, low, high)),
                    (f"*/{step}", ring(low, high, step, low, high)),
                ]
            )
        )
        texts.append(text)
        found |= more
    return ",".join(texts), found


@cache
def days_in(year: int, month: int) -> list[date]:
    return [date(year, month, 1) + timedelta(days=number) for number in range(monthrange(year, month)[1])]


def month_of(day: date) -> list[date]:
    return days_in(day.year, day.month)


def from_the_end(offset: int) -> Fits:
    return lambda day: month_of(day)[::-1].index(day) == offset


def nearest_workday(fits: Fits) -> Fits:
    def is_nearest(day: date) -> bool:
        workdays = [other for other in month_of(day) if other.weekday() < 5]
        goals = [other for other in month_of(day) if fits(other)]
        return any(day == min(workdays, key=lambda other: abs((other - goal).days)) for goal in goals)

    return is_nearest


def one_of_weekdays(wanted: set[int]) -> Fits:
    return lambda day: day.isoweekday() % 7 + 1 in wanted


def nth_weekday(weekday: int, nth: int) -> Fits:
    def is_nth(day: date) -> bool:
        alike = [other for other in month_of(day) if other.isoweekday() % 7 + 1 == weekday]
        return day in alike and (alike.index(day) == nth - 1 if nth > 0 else day == alike[-1])

    return is_nth


@st.composite
def day_fields(draw: st.DrawFn) -> tuple[str, str, Fits]:
    number, offset = draw(st.integers(1, 31)), draw(st.integers(1, 30))
    weekday, nth = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    of_month, wanted = draw(values(1, 31))
    of_week, wanted_weekdays = draw(values(1, 7))
    choice: tuple[str, str, Fits] = draw(
        st.sampled_from(
            [
                ("*", "?", lambda day: True),
                (of_month, "?", lambda day: day.day in wanted),
                ("L", "?", from_the_end(0)),
                (f"L-{offset}", "?", from_the_end(offset)),
                ("LW", "?", nearest_workday(from_the_end(0))),
                (f"L-{offset}W", "?", nearest_workday(from_the_end(offset))),
                (f"{number}W", "?", nearest_workday(lambda day: day.day == number)),
                ("?", of_week, one_of_weekdays(wanted_weekdays)),
                ("?", f"{weekday}#{nth}", nth_weekday(weekday, nth)),
                ("?", f"{weekday}L", nth_weekday(weekday, -1)),
            ]
        )
    )
    return choice


@st.composite
def expressions(draw: st.DrawFn, at_second: tuple[str, set[int]] | None = None) -> Asked:
    second, seconds = at_second or draw(values(0, 59))
    minute, minutes = draw(values(0, 59))
    hour, hours = draw(values(0, 23))
    month, months = draw(st.just(("*", set(range(1, 13)))) | values(1, 12))
    of_month, of_week, fits = draw(day_fields())
    text = f"{second} {minute} {hour} {of_month} {month} {of_week}"
    return Asked(text, seconds, minutes, hours, months, cache(fits))


def walked(asked: Asked, first: date, days: int) -> Iterator[datetime]:
    for number in range(days):
        midnight = datetime.combine(first + timedelta(days=number), time(), UTC)
        for minute in range(1440 if asked.fits_day(midnight.date()) else 0):
            if asked.fits_minute(wall := midnight + timedelta(minutes=minute)):
                yield from (wall.replace(second=second) for second in range(60) if second in asked.seconds)


@examples(150)
@given(expressions(), st.dates(date(1970, 1, 1), date(2190, 1, 1)), st.integers(0, 86_399))
def test_it_runs_exactly_when_a_walk_through_the_days_says_so(asked: Asked, first: date, clock: int) -> None:
    after = datetime.combine(first, time(), UTC) + timedelta(seconds=clock)
    end = datetime.combine(first, time(), UTC) + timedelta(days=70)
    expected = islice((moment for moment in walked(asked, first, 70) if moment > after), 30)
    found = takewhile(lambda moment: moment < end, QuartzCron.parse(asked.text).occurrences(after, UTC))
    assert list(islice(found, 30)) == list(expected)


# Clock changes.


@pytest.mark.parametrize(
    ("text", "zone", "after", "expected"),
    [
        (
            "0 30 2 * * ?",
            "Europe/Berlin",
            "2026-03-27T12:00+01:00",
            ["03-28 02:30 +0100", "03-30 02:30 +0200"],
        ),
        (
            "0 30 2 * * ?",
            "Europe/Berlin",
            "2026-10-24T12:00+02:00",
            ["10-25 02:30 +0100", "10-26 02:30 +0100"],
        ),
        (
            "0 0 1-3 * * ?",
            "Europe/Berlin",
            "2026-03-29T00:30+01:00",
            ["03-29 01:00 +0100", "03-29 03:00 +0200"],
        ),
        (
            "0 0 * * * ?",
            "Europe/Berlin",
            "2026-10-25T00:30+02:00",
            ["10-25 01:00 +0200", "10-25 02:00 +0100"],
        ),
        (
            "0 30 2 * * ?",
            "America/New_York",
            "2026-03-07T12:00-05:00",
            ["03-09 02:30 -0400", "03-10 02:30 -0400"],
        ),
        (
            "0 30 1 * * ?",
            "America/New_York",
            "2026-11-01T00:00-04:00",
            ["11-01 01:30 -0500", "11-02 01:30 -0500"],
        ),
        (
            "0 15 2 * * ?",
            "Australia/Lord_Howe",
            "2026-10-03T12:00+10:30",
            ["10-05 02:15 +1100", "10-06 02:15 +1100"],
        ),
        (
            "0 45 1 * * ?",
            "Australia/Lord_Howe",
            "2026-04-04T12:00+11:00",
            ["04-05 01:45 +1030", "04-06 01:45 +1030"],
        ),
        (
            "0 0 12 * * ?",
            "Pacific/Apia",
            "2011-12-29T00:00-10:00",
            ["12-29 12:00 -1000", "12-31 12:00 +1400"],
        ),
    ],
)
def test_a_skipped_time_is_dropped_and_a_doubled_one_is_the_second(
    text: str, zone: str, after: str, expected: list[str]
) -> None:
    found = islice(QuartzCron.parse(text).occurrences(datetime.fromisoformat(after), ZoneInfo(zone)), 2)
    assert [f"{moment:%m-%d %H:%M %z}" for moment in found] == expected


def test_a_clock_put_back_over_midnight_repeats_times_of_the_day_before() -> None:
    st_johns = ZoneInfo("America/St_Johns")
    first_pass = datetime(2006, 10, 29, 0, 0, 30, tzinfo=st_johns)
    found = next(QuartzCron.parse("0 30 23 * * ?").occurrences(first_pass, st_johns))
    assert f"{found:%m-%d %H:%M %z}" == "10-28 23:30 -0330"


CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2024, 4, 26)),
    ("Africa/Cairo", date(2024, 10, 31)),
    ("America/St_Johns", date(2006, 10, 29)),
    ("Pacific/Apia", date(2011, 12, 30)),
]


@cache
def last_showing(zone: ZoneInfo, begin: datetime) -> dict[datetime, datetime]:
    """The last instant at which each time stands on the clock, in the six days from `begin`."""
    instants = (begin + timedelta(minutes=minute) for minute in range(6 * 1440))
    return {instant.astimezone(zone).replace(tzinfo=None, fold=0): instant for instant in instants}


@examples(120)
@given(expressions(at_second=("0", {0})), st.sampled_from(CHANGES), st.integers(0, 5 * 1440))
def test_around_a_clock_change_it_runs_at_the_last_instant_that_shows_the_time(
    asked: Asked, change: tuple[str, date], minutes: int
) -> None:
    zone, begin = ZoneInfo(change[0]), datetime.combine(change[1], time(), UTC) - timedelta(days=3)
    after, end = begin + timedelta(minutes=minutes), begin + timedelta(days=6)
    showing = last_showing(zone, begin).items()
    found = (moment.astimezone(UTC) for moment in QuartzCron.parse(asked.text).occurrences(after, zone))
    assert list(takewhile(lambda moment: moment < end, found)) == sorted(
        instant for wall, instant in showing if asked.fits_minute(wall) and instant > after
    )


# Never-ending searches end.


@pytest.mark.parametrize(
    "text",
    [
        "0 0 2 30 2 ?",
        "0 0 2 31 4,6,9,11 ?",
        "0 0 2 0W * ?",
        "0 0 2 * * ? 2200",
        "0 0 2 29 2 ? 2027",
        "* * * 30 2 ?",
    ],
)
def test_what_never_runs_ends_at_once_and_says_so(text: str) -> None:
    cron = QuartzCron.parse(text)
    assert list(cron.occurrences(NEW_YEAR, UTC)) == []
    assert cron.ambiguities[-1] == f"{text!r} never runs: no day from 1970 to 2199 fits."


def test_nothing_runs_after_the_year_2199() -> None:
    assert runs("0 0 2 * * ?", 4, datetime(2199, 12, 30, tzinfo=UTC)) == [
        "2199-12-30 02:00:00",
        "2199-12-31 02:00:00",
    ]


@pytest.mark.parametrize("offset", [-23, 0, 23])
def test_the_two_ends_of_datetime_are_taken(offset: int) -> None:
    cron, zone = QuartzCron.parse("0 0 2 * * ?"), timezone(timedelta(hours=offset))
    for tz in (UTC, zone, timezone(timedelta(hours=-offset))):
        first = next(cron.occurrences(datetime.min.replace(tzinfo=zone), tz))
        assert first.replace(tzinfo=None) == datetime(1970, 1, 1, 2)
        assert list(cron.occurrences(datetime.max.replace(tzinfo=zone), tz)) == []


def test_a_moment_without_a_zone_is_refused_at_once() -> None:
    with pytest.raises(ScheduleError, match=r"the datetime has no time zone\. Pass an aware datetime"):
        QuartzCron.parse("0 0 2 * * ?").occurrences(datetime(2026, 1, 1), UTC)


# What is refused, and where.


@pytest.mark.parametrize(
    ("text", "column", "where", "problem"),
    [
        ("", 1, "cron", "it has 0 fields instead of 6 or 7"),
        ("0 0 2", 6, "cron", "it has 3 fields instead of 6 or 7"),
        ("0 0 2 * * ? 2026 x", 18, "cron", "it has 8 fields instead of 6 or 7"),
        ("0 0 2 * * ?\n", 12, "cron", "'\\n' (U+000A) has no place in a cron expression"),
        ("0 0 2 ? * \uff13", 11, "cron", "'\uff13' (U+FF13) has no place in a cron expression"),
        ("0 0 ٢ * * ?", 5, "cron", "'٢' (U+0662) has no place in a cron expression"),
        ("0 0 2 * * ?\0", 12, "cron", "'\\x00' (U+0000) has no place in a cron expression"),
        ("60 0 2 * * ?", 1, "seconds", "'60' is out of range, 0-59"),
        ("0 0,5,60 2 * * ?", 7, "minutes", "'60' is out of range, 0-59"),
        ("0 0 2-24 * * ?", 7, "hours", "'24' is out of range, 0-23"),
        ("0 0 2 0 * ?", 7, "day of month", "'0' is out of range, 1-31"),
        ("0 0 2 1,32 * ?", 9, "day of month", "'32' is out of range, 1-31"),
        ("0 0 2 32W * ?", 7, "day of month", "'32' is out of range, 0-31"),
        ("0 0 2 L-31 * ?", 9, "day of month", "'31' is out of range, 0-30"),
        ("0 0 2 1 13 ?", 9, "month", "'13' is out of range, 1-12"),
        ("0 0 2 1 0 ?", 9, "month", "'0' is out of range, 1-12"),
        ("0 0 2 1 JAN-FOO ?", 13, "month", "'FOO' is not a name here"),
        ("0 0 2 1 MON ?", 9, "month", "'MON' is not a name here"),
        ("0 0 2 ? * 8", 11, "day of week", "'8' is out of range, 1-7"),
        ("0 0 2 ? * 0", 11, "day of week", "'0' is out of range, 1-7"),
        ("0 0 2 ? * 0#2", 11, "day of week", "'0' is out of range, 1-7"),
        ("0 0 2 ? * 2#6", 13, "day of week", "'6' is out of range, 1-5"),
        ("0 0 2 ? * MON#0", 15, "day of week", "'0' is out of range, 1-5"),
        ("0 0 2 ? * MON#1W", 15, "day of week", "'1W' is out of range, 1-5"),
        ("0 0 2 ? * MON#", 15, "day of week", "'' is out of range, 1-5"),
        ("0 0 2 ? * 2#1,3#2", 11, "day of week", "'2#1,3#2' (day of week) is a list with L, or with # twice"),
        ("0 0 2 ? * 2,6L", 11, "day of week", "'2,6L' (day of week) is a list with L, or with # twice"),
        ("0 0 2 ? * L,2", 11, "day of week", "'L,2' (day of week) is a list with L, or with # twice"),
        ("0 0 2 ? * 8L", 11, "day of week", "'8' is out of range, 1-7"),
        ("0 0 2 ? * TUE-", 11, "day of week", "'TUE-' cannot be read here"),
        ("0 0 2 ? * TUE-5", 11, "day of week", "'TUE-5' cannot be read here"),
        ("0 0 2 ? * 5-TUE", 11, "day of week", "'5-TUE' cannot be read here"),
        ("0 0 2 ? * 5W", 11, "day of week", "'5W' cannot be read here"),
        ("0 0 2 5L * ?", 7, "day of month", "'5L' cannot be read here"),
        ("0 0 2 5#2 * ?", 7, "day of month", "'5#2' cannot be read here"),
        ("0 0 2 L- * ?", 7, "day of month", "'L-' cannot be read here"),
        ("0 0 2 LX * ?", 7, "day of month", "'LX' cannot be read here"),
        ("0 0 2 ?,5 * 3", 7, "day of month", "'?' cannot be read here"),
        ("0 L 2 * * ?", 3, "minutes", "'L' cannot be read here"),
        ("0 ? 2 * * ?", 3, "minutes", "'?' cannot be read here"),
        ("0 0 */ * * ?", 5, "hours", "'*/' cannot be read here"),
        ("0 0 */2x * * ?", 5, "hours", "'*/2X' cannot be read here"),
        ("0 0 1/2x * * ?", 5, "hours", "'1/2X' cannot be read here"),
        ("0 0 1- * * ?", 5, "hours", "'1-' cannot be read here"),
        ("0 0 1-55/ * * ?", 5, "hours", "'1-55/' cannot be read here"),
        ("-1 0 2 * * ?", 1, "seconds", "'-1' cannot be read here"),
        ("0 */60 2 * * ?", 5, "minutes", "'60' is out of range, 0-59"),
        ("0 0 0/24 * * ?", 7, "hours", "'24' is out of range, 0-23"),
        ("0 0 , * * ?", 5, "hours", "the list is empty"),
        ("0 0 2 ? * ?", 11, "day of week", "both day fields are ?, so one must become *"),
        (
            "0 0 2 1 * 2",
            11,
            "day of week",
            "'1' (day of month) and '2' (day of week) are set: one must become ?",
        ),
        (
            "0 0 2 */1 * 2",
            13,
            "day of week",
            "'*/1' (day of month) and '2' (day of week) are set: one must become ?",
        ),
        ("0 0 2 * * ? 2030-2028", 13, "year", "'2030-2028' ends before it begins"),
        ("0 0 2 * * ? 99999999999", 13, "year", "'99999999999' is out of range, 0-999999999"),
    ],
)
def test_the_error_names_the_column_the_field_and_the_problem(
    text: str, column: int, where: str, problem: str
) -> None:
    error = refusal(text)
    assert (error.text, error.column, error.where, error.problem) == (text, column, where, problem)


def test_an_error_tells_what_was_received_what_is_allowed_and_where() -> None:
    assert str(refusal("0 60 2 * * ?")) == (
        "received '0 60 2 * * ?', column 3 (minutes): '60' is out of range, 0-59. "
        "Allowed: 0-59; lists, ranges and steps of these; *."
    )


def test_an_error_about_a_huge_text_stays_short() -> None:
    assert len(str(refusal("0 " * 5_000))) < 400
    assert len(str(refusal(f"0 0 2 {'1' * 10_000} * ?"))) < 500


def test_an_error_survives_pickling() -> None:
    error = refusal("0 60 2 * * ?")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("unix", "quartz"),
    [
        ("0 2 * * *", "0 0 2 * * ?"),
        ("*/15 2 1,15 * *", "0 */15 2 1,15 * ?"),
        ("0 2 * * 1-5", "0 0 2 ? * 2-6"),
        ("0 2 * * 0,6,7", "0 0 2 ? * 1,7,1"),
        ("0 2 * 1/2 1-5/2", "0 0 2 ? 1/2 2-6/2"),
        ("0 2 * * MON", "0 0 2 ? * MON"),
        ("0 2 1 * 1", None),
        ("99 2 * * *", None),
        (f"{'1' * 9_000} 2 * * {'1' * 9_000}", None),
    ],
)
def test_five_fields_are_refused_with_the_quartz_form(unix: str, quartz: str | None) -> None:
    error = refusal(unix)
    assert (error.column, error.where) == (1, "cron")
    assert error.problem == "it has 5 fields, as in unix cron; Quartz begins with the seconds"
    if quartz is None:
        order = "second minute hour day-of-month month day-of-week [year]"
        assert error.advice == f"Write {order}, with ? in one day field."
    else:
        assert error.advice == f"Write {quartz} (1 is Sunday)."
        assert QuartzCron.parse(quartz).ambiguities == ()


@pytest.mark.parametrize(
    ("text", "column", "quartz"),
    [
        ("@daily", 1, "0 0 0 * * ?"),
        (" @Hourly ", 2, "0 0 * * * ?"),
        ("@weekly", 1, "0 0 0 ? * 1"),
        ("@monthly", 1, "0 0 0 1 * ?"),
        ("@yearly", 1, "0 0 0 1 1 ?"),
        ("@reboot", 1, "second minute hour day-of-month month day-of-week [year]"),
    ],
)
def test_words_with_an_at_sign_are_refused_with_the_quartz_form(text: str, column: int, quartz: str) -> None:
    error = refusal(text)
    assert (error.column, error.problem) == (column, "Quartz knows no word with @")
    assert error.advice == f"Write {quartz}."


# What is taken with an ambiguity.


@pytest.mark.parametrize(
    ("text", "same_as", "ambiguity"),
    [
        (
            "0 0 2 ? * MON-FRI/2",
            "0 0 2 ? * 2-6",
            "In 'MON-FRI/2' (day of week) Quartz reads 'MON-FRI' and ignores '/2'.",
        ),
        ("0 0 2 1 JAN/3 ?", "0 0 2 1 1 ?", "In 'JAN/3' (month) Quartz reads 'JAN' and ignores '/3'."),
        ("0 0 2 1-5W * ?", "0 0 2 1-5 * ?", "In '1-5W' (day of month) Quartz reads '1-5' and ignores 'W'."),
        (
            "0 0 2 ? * MON-FRI#2",
            "0 0 2 ? * 2-6",
            "In 'MON-FRI#2' (day of week) Quartz reads 'MON-FRI' and ignores '#2'.",
        ),
        (
            "0 0 2 ? * MONDAY",
            "0 0 2 ? * 2",
            "In 'MONDAY' (day of week) Quartz reads 'MON' and ignores 'DAY'.",
        ),
        ("0 0 2 ? * LW", "0 0 2 ? * 7", "In 'LW' (day of week) Quartz reads 'L' and ignores 'W'."),
        ("0 0 2 ? * L-3", "0 0 2 ? * 7", "In 'L-3' (day of week) Quartz reads 'L' and ignores '-3'."),
        ("0 0 2 ? * 2Lx", "0 0 2 ? * 2L", "In '2LX' (day of week) Quartz reads '2L' and ignores 'X'."),
        ("0 0 2 15WL * ?", "0 0 2 15W * ?", "In '15WL' (day of month) Quartz reads '15W' and ignores 'L'."),
        ("0 0 1-5-7 * * ?", "0 0 1-5 * * ?", "In '1-5-7' (hours) Quartz reads '1-5' and ignores '-7'."),
        ("0 0 *5 * * ?", "0 0 * * * ?", "In '*5' (hours) Quartz reads '*' and ignores '5'."),
        ("0 */0 2 * * ?", "0 * 2 * * ?", "Quartz takes the step 0 in '*/0' (minutes) as every value."),
        (
            "0 5/0 2 * * ?",
            "0 5 2 * * ?",
            "Quartz takes the step 0 in '5/0' (minutes) as the first value alone.",
        ),
        (
            "0 5-9/0 2 * * ?",
            "0 5 2 * * ?",
            "Quartz takes the step 0 in '5-9/0' (minutes) as the first value alone.",
        ),
        ("0 0 2 ? * MON,", "0 0 2 ? * 2", "Quartz skips the empty place in the list 'MON,' (day of week)."),
        ("0 0 2 5-0 * ?", "0 0 2 5-31 * ?", "Quartz reads the 0 at the end of '5-0' (day of month) as 31."),
        ("0 0 2 ? * 3,1#2", "0 0 2 ? * 1#2", "Quartz reads the list '3,1#2' (day of week) as 1#2 alone."),
        (
            "0 0 2 1,L * ?",
            None,
            "Quartz 2.5 runs '1,L' (day of month), but its documentation warns of lists with L or W.",
        ),
        (
            "0 0 2 1W,15 * ?",
            None,
            "Quartz 2.5 runs '1W,15' (day of month), but its documentation warns of lists with L or W.",
        ),
        (
            "0 0 2,3 15W * ?",
            None,
            "Where W moves a day, Quartz misses some of its several times; here none is missed.",
        ),
        (
            "0 0 2 1 1 ? 2199,2200",
            "0 0 2 1 1 ? 2199",
            "'2199,2200' (year) leaves the years that Quartz knows, 1970 to 2199.",
        ),
        (
            "0 0 2 1 1 ? 1960-1971",
            "0 0 2 1 1 ? 1970-1971",
            "'1960-1971' (year) leaves the years that Quartz knows, 1970 to 2199.",
        ),
        (
            "0 0 2 * * 3",
            "0 0 2 ? * 3",
            "Quartz refuses '0 0 2 * * 3': one day field must be ?. Here the * is read as ?.",
        ),
        (
            "0 0 2 15 * *",
            "0 0 2 15 * ?",
            "Quartz refuses '0 0 2 15 * *': one day field must be ?. Here the * is read as ?.",
        ),
    ],
)
def test_a_surprise_passes_with_one_ambiguity_and_the_meaning_that_quartz_gives_it(
    text: str, same_as: str | None, ambiguity: str
) -> None:
    assert QuartzCron.parse(text).ambiguities == (ambiguity,)
    if same_as:
        assert QuartzCron.parse(same_as).ambiguities == ()
        assert runs(text, 30) == runs(same_as, 30)


@pytest.mark.parametrize("day", [29, 30, 31])
def test_a_weekday_near_a_day_that_months_lack_is_ambiguous(day: int) -> None:
    ambiguity = f"Quartz 2.5 does not run {day}W in months without a day {day}; other releases may."
    assert QuartzCron.parse(f"0 0 2 {day}W * ?").ambiguities == (ambiguity,)
    assert QuartzCron.parse("0 0 2 28W * ?").ambiguities == ()
    assert QuartzCron.parse(f"0 0 2 {day}W 1,12 ?").ambiguities == ()


def test_the_same_surprise_is_reported_once() -> None:
    assert len(QuartzCron.parse("0 1x,1x 2 * * ?").ambiguities) == 1


def test_each_surprise_has_its_own_ambiguity() -> None:
    assert len(QuartzCron.parse("0 */0 2,3 31Wx,L FEB/2 ?").ambiguities) == 6


@pytest.mark.parametrize(
    "text",
    [
        "0 0 2 ? * 3,5,7",
        "0 0/15 8-18 ? * MON-FRI",
        "0 0 2 L * ?",
        "0 0 2 LW * ?",
        "0 0 2 L-3 * ?",
        "0 0 2 15W * ?",
        "0 0 2 ? * 6L",
        "0 0 2 ? * L",
        "0 0 2 ? * 6#3",
        "0 0 22-2 * * ?",
        "0 0 /6 * * ?",
        "0 0 2 * * ? 2026-2199",
    ],
)
def test_what_quartz_documents_is_taken_without_ambiguity(text: str) -> None:
    assert QuartzCron.parse(text).ambiguities == ()


# Whatever the text.

PIECES = st.sampled_from(
    [*"0123456789*?/,-#LW \t", "MON", "JAN", "15W", "L-3", "2#1", "0 0 2 ", "٣", "\n", "\0", "@"]
)


@examples(500)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_an_expression_that_can_be_asked_or_a_schedule_error(text: str) -> None:
    with suppress(ScheduleError):
        cron = QuartzCron.parse(text)
        assert cron.expression == text
        assert all(ambiguity.endswith(".") for ambiguity in cron.ambiguities)
        assert all(moment > NEW_YEAR for moment in islice(cron.occurrences(NEW_YEAR, BERLIN), 2))
        return
    error = refusal(text)
    assert error.text == text
    assert error.column in range(1, len(text) + 2)


@pytest.mark.parametrize(
    "text",
    [
        "9" * 10_000,
        "0 0 2 ? * " + "1," * 5_000,
        "0 0 2 1" + "0" * 10_000 + " * ?",
        "0 0 2 1/" + "0" * 10_000 + "1 * ?",
        "0 0 2 L-" + "9" * 10_000 + " * ?",
        "0 0 2 ? * 2#" + "9" * 10_000,
        "0 0 2 * * ? 1-999999999",
        "0 0 2 * * ? 0/1",
        " " * 10_000,
        "0 " * 5_000,
        "*/" * 5_000,
    ],
    ids=lambda text: text[:14],
)
def test_a_huge_text_is_answered_at_once(text: str) -> None:
    begin = process_time()
    with suppress(ScheduleError):
        next(QuartzCron.parse(text).occurrences(NEW_YEAR, UTC))
    assert process_time() - begin < 2


def test_expressions_are_equal_where_their_texts_are() -> None:
    assert QuartzCron.parse("0 0 2 * * ?") == QuartzCron.parse("0 0 2 * * ?")
    assert QuartzCron.parse("0 0 2 * * ?") != QuartzCron.parse("0 0 02 * * ?")
    assert len({QuartzCron.parse("0 0 2 * * ?"), QuartzCron.parse("0 0 2 * * ?")}) == 1
