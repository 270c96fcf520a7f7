"""The clock and the calendar of a simulation: moments, days, weeks, months and years in its zone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import chain
from math import ceil
from zoneinfo import ZoneInfo

from attrs import frozen

from constructs_lib.backup.quartz import ScheduleError
from constructs_lib.backup.schedule import unix_seconds, zone_of

DAY, WEEK, MONTH, YEAR = 1, 2, 4, 8
"""What a point is the first of; the flags add up."""

ALL_FLAGS = DAY | WEEK | MONTH | YEAR
SECONDS_OF_DAY = 86_400
# How long the periods last that all last as long, but for changes of the clock.
PERIOD_SECONDS = {DAY: SECONDS_OF_DAY, WEEK: 7 * SECONDS_OF_DAY}
# The last second looked at: every zone can tell it, and the day after.
LATEST = 253_370_764_800
_EPOCH = datetime(1970, 1, 1)
Moment = int | datetime
"""UNIX seconds, or an aware datetime (a fraction of a second is cut off)."""


@frozen
class Clock:
    """Where the clock stands, and how long a job runs."""

    zone: tzinfo
    job_length: int

    @classmethod
    def of(cls, tz: tzinfo | str, job_length: int) -> Clock:
        """Raises `ScheduleError` for what is no zone, or no length in whole seconds."""
        if job_length.__class__ is not int or not 0 <= job_length < LATEST:
            problem, advice = "it is not a length in seconds", "Pass a whole number."
            raise ScheduleError(job_length, None, "job_length", problem, advice)
        return cls(zone_of(tz), job_length)

    def shown(self, moment: int) -> str:
        return f"{datetime.fromtimestamp(moment, self.zone):%Y-%m-%d %H:%M:%S}"


def seconds_of(moment: Moment, where: str) -> int:
    """UNIX seconds, a fraction cut off; raises `ScheduleError` for what cannot be looked at."""
    if isinstance(moment, datetime) and moment.utcoffset() is not None:
        moment = unix_seconds(moment.replace(microsecond=0))
    if moment.__class__ is int and 0 <= moment < LATEST:
        return moment
    advice = "Pass UNIX seconds, or an aware datetime, from 1970 to the end of 9998."
    raise ScheduleError(moment, None, where, "it is not such a time", advice)


def end_of(end: Moment, opening: int) -> int:
    """The same for an end, which has to be after the opening."""
    if (until := seconds_of(end, "end")) > opening:
        return until
    raise ScheduleError(end, None, "end", "it is not after the begin", "Pass a later one.")


def just_before(moment: int) -> datetime:
    """A time before the moment, with no start between the two."""
    # No interval has a smaller fraction of a second.
    return _EPOCH.replace(tzinfo=UTC) + timedelta(seconds=moment, microseconds=-1)


def steady_offset(zone: tzinfo, since: int, until: int) -> int | None:
    """How many seconds the zone is ahead of UTC; None if that changes in one of the years looked at."""
    years = _years(zone, since, until)
    first = offset_of_year(zone, years[0])
    return first if all(offset_of_year(zone, year) == first for year in years[1:]) else None


def offset_of_year(zone: tzinfo, year: int) -> int | None:
    """How many seconds the zone is ahead of UTC in a year; None if that changes, or is not found out fast."""
    # What is no value cannot be kept.
    return _offset_of_year(zone, year) if isinstance(zone, (ZoneInfo, timezone)) else None


def new_year(year: int) -> int:
    """The first second of a year in UTC, in UNIX seconds."""
    return _midnights(YEAR, year)[0]


def begins(zone: tzinfo, flag: int, since: int, until: int) -> list[int]:
    """When the days, weeks, months or years of the zone begin, after `since` and up to `until`.

    Weeks begin on Sunday 00:00. All are whole UNIX seconds, rounded up.
    """
    offset = steady_offset(zone, since, until)
    years = _years(zone, since, until)
    if offset is not None:
        found = [moment - offset for moment in chain.from_iterable(_midnights(flag, year) for year in years)]
    else:
        of_year = _begins_of_year if isinstance(zone, ZoneInfo) else _begins_of_year.__wrapped__
        found = list(chain.from_iterable(of_year(zone, flag, year) for year in years))
    return found[bisect_right(found, since) : bisect_right(found, until)]


def first_of(zone: tzinfo, previous: int, time: int) -> int:
    """What a point at `time` is the first of, after one at `previous` (UNIX seconds), as flags."""
    before, here = (datetime.fromtimestamp(moment, zone).date() for moment in (previous, time))
    if before == here:
        return 0
    # Day 7 of the calendar was a Sunday.
    flags = DAY if before.toordinal() // 7 == here.toordinal() // 7 else DAY | WEEK
    if before.year != here.year:
        return flags | MONTH | YEAR
    return flags if before.month == here.month else flags | MONTH


def _years(zone: tzinfo, since: int, until: int) -> range:
    first, last = (datetime.fromtimestamp(moment, zone).year for moment in (since, until))
    return range(first, last + 1)


@lru_cache(maxsize=4096)
def _offset_of_year(zone: tzinfo, year: int) -> int | None:
    """The seconds ahead of UTC, if they are the same at every midnight of a year and of the next new year."""
    if year >= 9_998:
        return None
    new_year = datetime(year, 1, 1, tzinfo=zone)
    offsets = {(new_year + timedelta(days=day)).utcoffset() for day in range(367)}
    offset = offsets.pop()
    if offsets or offset is None or offset.microseconds:
        return None
    return offset.days * SECONDS_OF_DAY + offset.seconds


@lru_cache(maxsize=4096)
def _midnights(flag: int, year: int) -> tuple[int, ...]:
    """The midnights with which a period begins in a year, in seconds from 1970 by the clock on the wall."""
    return tuple((day - _EPOCH.toordinal()) * SECONDS_OF_DAY for day in _days(flag, year))


def _days(flag: int, year: int) -> Iterator[int]:
    new_year, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    if flag == YEAR:
        yield new_year
    elif flag == MONTH:
        yield from (date(year, month, 1).toordinal() for month in range(1, 13))
    elif flag == WEEK:
        yield from range(-(-new_year // 7) * 7, last + 1, 7)
    else:
        yield from range(new_year, last + 1)


@lru_cache(maxsize=4096)
def _begins_of_year(zone: tzinfo, flag: int, year: int) -> tuple[int, ...]:
    midnights = (_EPOCH + timedelta(seconds=seconds) for seconds in _midnights(flag, year))
    return tuple(ceil(midnight.replace(tzinfo=zone).timestamp()) for midnight in midnights)
