"""Quartz cron: what is refused, what is doubted, and when an expression runs."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib.backup.quartz import QuartzCron, ScheduleError

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


def test_an_expression_without_a_question_mark_passes_with_a_doubt_though_quartz_refuses_it() -> None:
    cron = QuartzCron.parse("0 0 2 * * *")
    assert cron.doubts == (
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
    assert runs("0 0 22-2/2 * * ?", 3) == ["2026-01-01 02:00:00", "2026-01-01 22:00:00", "2026-01-02 00:00:00"]


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


# An oracle that knows nothing of the code: it asks of each day, and of each minute of it, whether it fits.

Fits = Callable[[date], bool]


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
    number = st.integers(low, high)
    texts: list[str] = []
    found: set[int] = set()
    for kind in draw(st.lists(st.sampled_from(["one", "range", "stepped", "from", "each"]), min_size=1, max_size=3)):
        first, last, step = draw(number), draw(number), draw(st.integers(1, high))
        text, more = {
            "one": (f"{first}", {first}),
            "range": (f"{first}-{last}", ring(first, last, 1, low, high)),
            "stepped": (f"{first}-{last}/{step}", ring(first, last, step, low, high)),
            "from": (f"{first}/{step}", ring(first, high, step, low, high)),
            "each": (f"*/{step}", ring(low, high, step, low, high)),
        }[kind]
        texts.append(text)
        found |= more
    return ",".join(texts), found


def is_last_day_but(offset: int) -> Fits:
    return lambda day: (day + timedelta(days=offset + 1)).day == 1 and (day + timedelta(days=offset)).month == day.month


def is_weekday_nearest_to(fits: Fits) -> Fits:
    def nearest(day: date) -> bool:
        wanted = [other for other in days_of_the_month_of(day) if fits(other)]
        workdays = [other for other in days_of_the_month_of(day) if other.weekday() < 5]
        # Of two that are equally near there is never need to choose: only Saturday and Sunday move.
        return any(day == min(workdays, key=lambda other: abs((other - goal).days)) for goal in wanted)

    return nearest


def days_of_the_month_of(day: date) -> list[date]:
    return [day.replace(day=number + 1) for number in range(monthrange(day.year, day.month)[1])]


def is_weekday_in(wanted: set[int]) -> Fits:
    return lambda day: day.isoweekday() % 7 + 1 in wanted


def is_nth(weekday: int, nth: int) -> Fits:
    return lambda day: is_weekday_in({weekday})(day) and (day - timedelta(days=7 * nth)).month != day.month and (
        nth == 1 or (day - timedelta(days=7 * (nth - 1))).month == day.month
    )


def is_last(weekday: int) -> Fits:
    return lambda day: is_weekday_in({weekday})(day) and (day + timedelta(days=7)).month != day.month


@st.composite
def day_fields(draw: st.DrawFn) -> tuple[str, str, Fits]:
    kind = draw(st.sampled_from(["days", "L", "L-n", "nW", "LW", "L-nW", "weekdays", "nth", "last", "every"]))
    number, weekday, nth = draw(st.integers(1, 31)), draw(st.integers(1, 7)), draw(st.integers(1, 5))
    offset = draw(st.integers(1, 30))
    of_month, wanted_days = draw(values(1, 31))
    of_week, wanted_weekdays = draw(values(1, 7))
    choices: dict[str, tuple[str, str, Fits]] = {
        "days": (of_month, "?", lambda day: day.day in wanted_days),
        "L": ("L", "?", is_last_day_but(0)),
        "L-n": (f"L-{offset}", "?", is_last_day_but(offset)),
        "nW": (f"{number}W", "?", is_weekday_nearest_to(lambda day: day.day == number)),
        "LW": ("LW", "?", is_weekday_nearest_to(is_last_day_but(0))),
        "L-nW": (f"L-{offset}W", "?", is_weekday_nearest_to(is_last_day_but(offset))),
        "weekdays": ("?", of_week, is_weekday_in(wanted_weekdays)),
        "nth": ("?", f"{weekday}#{nth}", is_nth(weekday, nth)),
        "last": ("?", f"{weekday}L", is_last(weekday)),
        "every": ("*", "?", lambda day: True),
    }
    return choices[kind]


@st.composite
def expressions(draw: st.DrawFn) -> tuple[str, Callable[[datetime], bool]]:
    """An expression, and whether a wall-clock time fits it."""
    fields = [draw(st.one_of(st.just(("0", {0})), values(0, 59))) for _ in range(2)] + [draw(values(0, 23))]
    (second, seconds), (minute, minutes), (hour, hours) = fields
    month, months = draw(st.one_of(st.just(("*", set(range(1, 13)))), values(1, 12)))
    of_month, of_week, fits = draw(day_fields())

    def fits_at(wall: datetime) -> bool:
        return (
            wall.hour in hours
            and wall.minute in minutes
            and wall.second in seconds
            and wall.month in months
            and fits(wall.date())
        )

    return f"{second} {minute} {hour} {of_month} {month} {of_week}", fits_at


def walked(fits_at: Callable[[datetime], bool], after: datetime, days: int) -> Iterator[datetime]:
    """Day by day, minute by minute, second by second."""
    for number in range(days):
        day = after.date() + timedelta(days=number)
        for minute in range(1440):
            for second in range(60) if any(
                fits_at(datetime.combine(day, time(minute // 60, minute % 60, second))) for second in range(60)
            ) else ():
                moment = datetime.combine(day, time(minute // 60, minute % 60, second))
                if moment > after and fits_at(moment):
                    yield moment
