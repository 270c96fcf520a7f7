"""Where a change of the clock, such as to summer time, meets the times of a cron expression.

The props of a policy name no zone, so that no check at synth can see this; a simulation has one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from constructs_lib.backup.quartz import LAST_YEAR, QuartzCron
from constructs_lib.backup.schedule import Schedule
from constructs_lib.backup.simulation.calendar import SECONDS_OF_DAY, offset_of_year


class _ClockChange(NamedTuple):
    """A change at `moment`, UNIX seconds: the clock skips, or repeats, from `first` to before `last`."""

    moment: int
    first: datetime
    last: datetime
    is_skip: bool


def clock_change_notes(path: str, schedule: Schedule, zone: tzinfo, since: int, until: int) -> Iterator[str]:
    """A sentence if the clock of the zone skips a cron time of a rule, and one if it repeats one.

    `path`: of the rule. `since`, `until`: UNIX seconds, `until` not looked at. What becomes of such a start
    is read as Quartz 2.5 was seen to do it; other engines do otherwise.
    """
    cron = schedule.cron_expression
    if cron is None:
        return
    reported: set[bool] = set()
    for change in _changes(zone, max(since, schedule.start), until):
        if change.is_skip in reported or (met := _first_met(cron, change)) is None:
            continue
        reported.add(change.is_skip)
        clock = met.time().isoformat("seconds" if met.second else "minutes")
        where = f"{path} is to start at {clock}, which the clock of {zone}"
        if change.is_skip:
            yield (
                f"{where} skips on {met.date()}: as in Quartz, what is skipped is left out. "
                "Another engine may start it later."
            )
        else:
            yield (
                f"{where} shows twice on {met.date()}: as in Quartz, it starts at the second time only. "
                "Another engine may start it at the first, or at both."
            )
        if len(reported) == 2:
            return


def _first_met(cron: QuartzCron, change: _ClockChange) -> datetime | None:
    """The first time of the expression that the change skips or repeats, by the clock on the wall."""
    day = change.first.date()
    while day <= change.last.date():
        if next(cron.dates(day), None) == day:
            for hour in cron.hours:
                # Most hours lie elsewhere, and one may hold 3,600 times.
                opening = datetime.combine(day, time(hour))
                if change.first - timedelta(hours=1) < opening < change.last:
                    for minute, second in product(cron.minutes, cron.seconds):
                        found = opening.replace(minute=minute, second=second)
                        if change.first <= found < change.last:
                            return found
        day += timedelta(days=1)
    return None


def _changes(zone: tzinfo, since: int, until: int) -> Iterator[_ClockChange]:
    """The changes of the clock in a time, in order."""
    first, last = (datetime.fromtimestamp(moment, zone).year for moment in (since, until))
    for year in range(first, min(last, LAST_YEAR) + 1):
        if offset_of_year(zone, year) is None:
            of_year = _changes_of_year if isinstance(zone, ZoneInfo) else _changes_of_year.__wrapped__
            yield from (change for change in of_year(zone, year) if since <= change.moment < until)


@lru_cache(maxsize=4096)
def _changes_of_year(zone: tzinfo, year: int) -> tuple[_ClockChange, ...]:
    """All changes of a year of the zone; of two within a day, what both together come to."""
    new_years = (datetime(each, 1, 1, tzinfo=zone) for each in (year, year + 1))
    begin, end = (int(new_year.timestamp()) - 1 for new_year in new_years)
    days = (range(day, min(day + SECONDS_OF_DAY, end) + 1) for day in range(begin, end, SECONDS_OF_DAY))
    return tuple(change for day in days if (change := _change_within(zone, day)))


def _change_within(zone: tzinfo, seconds: range) -> _ClockChange | None:
    before, after = _offset(zone, seconds[0]), _offset(zone, seconds[-1])
    if before == after:
        return None
    moment = seconds[bisect_left(seconds, True, key=lambda second: _offset(zone, second) != before)]
    at = datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
    first, last = sorted((at + before, at + after))
    return _ClockChange(moment, first, last, after > before)


def _offset(zone: tzinfo, moment: int) -> timedelta:
    return datetime.fromtimestamp(moment, zone).utcoffset() or timedelta()
