"""A cron expression in local time as the one in UTC+8 that the service needs, and when it is off.

The pages name no zone in which the service evaluates cron times; the clock times that they print are UTC+8.
An expression has one distance to UTC+8, and a zone that changes its clocks has two: for a part of the year it
runs an hour off.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import product
from typing import NamedTuple, NoReturn

from constructs_lib.backup.quartz import YEARS, DaysOfMonth, DaysOfWeek, QuartzCron, ScheduleError

MINUTES_OF_DAY = 1_440
DAYS_AHEAD = 3_653
_UTC8 = timedelta(hours=8)


class LocalTimeChange(NamedTuple):
    """A day on which the clock of a zone changes.

    * `day`: the first day, on that clock, on which the schedule runs otherwise.
    * `minutes`: how much later than written it runs on that clock from then on; 0: as written again.
    """

    day: date
    minutes: int


def in_utc8(cron: QuartzCron, zone: tzinfo, start: datetime) -> str:
    """The expression in UTC+8 of one in local time, with the distance that the zone has at `start`.

    Raises `ScheduleError` where one expression cannot say it: the times, or the days, fall apart.
    """
    distance = _UTC8 - _offset(zone, start)
    shift, rest = divmod(distance, timedelta(minutes=1))
    if rest:
        _refuse(cron, f"{zone} is {distance} away from UTC+8, which is no whole number of minutes")
    moved = [hour * 60 + minute + shift for hour, minute in product(cron.hours, cron.minutes)]
    days = {moment // MINUTES_OF_DAY for moment in moved}
    clock = {moment % MINUTES_OF_DAY for moment in moved}
    hours, minutes = {moment // 60 for moment in clock}, {moment % 60 for moment in clock}
    if len(clock) != len(hours) * len(minutes):
        _refuse(cron, "in UTC+8 its hours do not all have the same minutes")
    fields = cron.expression.split()
    second, minute, hour, month_day, month, week_day, *year = fields
    if shift % 60:
        minute = _field(minutes, 60)
    if shift:
        hour = _field(hours, 24)
    if days != {0}:
        month_day, week_day = _days(cron, days, month_day, week_day)
    return " ".join((second, minute, hour, month_day, month, week_day, *year))


def _days(cron: QuartzCron, days: set[int], month_day: str, week_day: str) -> tuple[str, str]:
    """The day fields, moved to the day before or after where all times are on that one."""
    if cron.is_every_day and cron.years == YEARS:
        return month_day, week_day
    if len(days) > 1:
        _refuse(cron, "in UTC+8 some of its times are on another day, and some are not")
    (by,) = days
    which = cron.days
    if isinstance(which, DaysOfWeek):
        if not which.nth and len(cron.months) == 12 and cron.years == YEARS:
            return "?", _field({(day - 1 + by) % 7 + 1 for day in which.days}, 7)
    elif isinstance(which, DaysOfMonth) and not which.nearest_weekdays:
        moved = {day + by for day in which.days}
        if min(which.days) >= 1 and all(1 <= day <= 28 for day in (*which.days, *moved)):
            return _field(moved, 31), "?"
    _refuse(cron, f"in UTC+8 it runs on the day {'after' if by > 0 else 'before'} those that it names")


def _field(values: set[int], size: int) -> str:
    return "*" if len(values) == size else ",".join(map(str, sorted(values)))


def _refuse(cron: QuartzCron, problem: str) -> NoReturn:
    advice = "Write two schedules, or one directly in UTC+8, without zone."
    raise ScheduleError(cron.expression, 1, "zone", f"{problem}: one cron expression cannot say it", advice)


def clock_changes(zone: tzinfo, start: datetime) -> Iterator[LocalTimeChange]:
    """The days of the ten years from `start` on, on which what `in_utc8` made changes its time."""
    written = before = _offset(zone, start)
    first = start.astimezone(zone).date()
    for day in (first + timedelta(days=number) for number in range(DAYS_AHEAD)):
        now = _offset(zone, datetime.combine(day, time(23, 59), zone))
        if now != before:
            yield LocalTimeChange(day, (now - written) // timedelta(minutes=1))
            before = now


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(UTC).astimezone(zone).utcoffset() or timedelta()
