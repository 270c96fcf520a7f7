"""Which points a policy makes from a moment on, and which it has made before a change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import chain, count, dropwhile, product
from typing import NamedTuple

from constructs_lib.backup.quartz import LAST_YEAR, QuartzCron
from constructs_lib.backup.schedule import Schedule
from constructs_lib.backup.simulation.calendar import (
    LATEST,
    SECONDS_OF_DAY,
    Clock,
    just_before,
    new_year,
    offset_of_year,
    steady_offset,
)
from constructs_lib.backup.simulation.policy_terms import PolicyTerms
from constructs_lib.backup.simulation.runs import Runs

_YEAR_SECONDS = 366 * SECONDS_OF_DAY
_CENTURY = 100 * _YEAR_SECONDS


def runs_from(terms: PolicyTerms, clock: Clock, opening: int, end: int | None) -> Runs:
    """The points from `opening` on, until `end` or as long as there is something new to see."""
    if end is not None:
        return runs_between(terms, clock, opening, min(end, LATEST))
    starts = (iter(_starts(schedule, opening, opening, clock.zone)) for _, schedule in terms.schedules)
    first = min((start for own in starts if (start := next(own, None)) is not None), default=opening)
    # Five years hold every kind of year and of clock change.
    seen = first + 5 * _YEAR_SECONDS + 2 * min(terms.turn, _CENTURY)
    settled = terms.longest if terms.longest <= _CENTURY else 0
    runs = runs_between(terms, clock, opening, min(seen + settled, LATEST))
    # Points on the way to counts that never settle would show nothing new.
    return runs.before(seen, False) if runs.cut_short and seen <= runs.end <= first + settled else runs


def runs_between(terms: PolicyTerms, clock: Clock, opening: int, end: int) -> Runs:
    """The points from `opening` to before `end`; none where the schedules are not known."""
    schedules = [schedule for _, schedule in terms.schedules]
    if terms.backups_known and terms.sources:
        schedules = [source.schedule for source in terms.sources]
    if terms.hides_all or not schedules:
        return Runs.none(len(schedules), end)
    starts = [_starts(schedule, opening, end, clock.zone) for schedule in schedules]
    return Runs.of(starts, end, clock.job_length)


class RunsBefore(NamedTuple):
    """The points made before a change by a policy that took effect at `begun`, those before `since` left out.

    `complete`: whether they are all that can exist at the change.
    """

    begun: int
    since: int
    runs: Runs
    complete: bool


def runs_before(terms: PolicyTerms, clock: Clock, since: int, at: int) -> RunsBefore:
    """The points made before `at` by a policy that took effect at `since`, as many as can be looked at."""
    if since >= at:
        return RunsBefore(since, at, Runs.none(len(terms.sources), at), True)
    begun, since = since, max(since, _enough(terms, clock, at))
    runs = runs_between(terms, clock, since, at)
    if not runs.times or (clock.job_length and since > begun):
        # The newest may be older, and each job starts when those before it leave room.
        whole = runs_between(terms, clock, begun, at)
        since, runs = (since, runs) if whole.cut_short else (begun, whole)
    complete = not runs.cut_short
    while runs.cut_short:
        # As much time before the change as was looked at from the beginning, but at most half of the last.
        since = at - min(runs.end - since, (at - since) // 2)
        runs = runs_between(terms, clock, since, at)
    return RunsBefore(begun, since, runs, complete)


def _enough(terms: PolicyTerms, clock: Clock, at: int) -> int:
    """From when on points matter at a moment: older ones have gone.

    A year and a week before that tell what is first of its periods.
    """
    gone = max(at - terms.longest, 0)
    new_year = datetime(datetime.fromtimestamp(gone, clock.zone).year, 1, 1, tzinfo=clock.zone)
    return int(new_year.timestamp()) - 7 * SECONDS_OF_DAY


def runs_over_same_time(
    old: PolicyTerms, new: PolicyTerms, clock: Clock, opening: int, end: int | None
) -> tuple[Runs, Runs]:
    """The points of both policies until the same end: the later one that suits them, if both get there."""
    runs = [runs_from(terms, clock, opening, end) for terms in (old, new)]
    until = end or max(own.end for own in runs)
    was, now = (
        own if own.end == until and not own.cut_short else runs_between(terms, clock, opening, until)
        for terms, own in zip((old, new), runs, strict=True)
    )
    shortest = min(was.end, now.end)
    cut_short = was.cut_short or now.cut_short
    return was.before(shortest, cut_short), now.before(shortest, cut_short)


def _starts(schedule: Schedule, opening: int, end: int, zone: tzinfo) -> Iterable[int]:
    """The starts of a schedule from `opening` on, rising, past `end`; those of one second repeat it.

    A `range` where they come at a steady pace.
    """
    opening = max(opening, schedule.start)
    if (cron := schedule.cron_expression) is not None:
        steady = _steady_cron(cron, opening, max(opening, end), zone)
        if steady is not None:
            return steady
        return dropwhile(opening.__gt__, chain.from_iterable(_cron_starts(cron, opening, zone)))
    interval = schedule.interval
    if interval is None or interval.months:
        return _unix(schedule.occurrences(after=just_before(opening), tz=zone))
    length, parts = interval.seconds.as_integer_ratio()
    missed = -((schedule.start - opening) * parts // length)
    if parts == 1:
        return range(schedule.start + missed * length, LATEST, length)
    return (schedule.start + place * length // parts for place in count(missed))


def _unix(moments: Iterable[datetime]) -> Iterator[int]:
    return (int(moment.timestamp()) for moment in moments)


def _times_of_a_day(cron: QuartzCron) -> list[int]:
    """When it runs on a day, in seconds after midnight."""
    return [
        (hour * 60 + minute) * 60 + second
        for hour, minute, second in product(cron.hours, cron.minutes, cron.seconds)
    ]


def _steady_cron(cron: QuartzCron, opening: int, end: int, zone: tzinfo) -> range | None:
    """The starts as a range, until a year after `end`, where one comes as long after the other every day."""
    year = datetime.fromtimestamp(opening, zone).year
    last = datetime.fromtimestamp(end, zone).year + 1
    if last >= LAST_YEAR or not {*range(year - 1, last + 1)} <= {*cron.years}:
        return None
    if not cron.is_every_day:
        return None
    times = _times_of_a_day(cron)
    step = SECONDS_OF_DAY // len(times)
    offset = steady_offset(zone, opening - SECONDS_OF_DAY, end + _YEAR_SECONDS)
    if offset is None or times != list(range(times[0], times[0] + SECONDS_OF_DAY, step)):
        return None
    missed = -((times[0] - offset - opening) // step)
    return range(times[0] - offset + missed * step, end + _YEAR_SECONDS, step)


def _cron_starts(cron: QuartzCron, opening: int, zone: tzinfo) -> Iterator[Iterable[int]]:
    """The same as `QuartzCron.occurrences`, a year or a day at a time, which is much faster.

    On days that are longer or shorter than 24 hours, `QuartzCron.occurrences` itself has its say.
    """
    times = _times_of_a_day(cron)
    first = datetime.fromtimestamp(opening, zone).date() - timedelta(days=1)
    for year in cron.years:
        if year < first.year:
            continue
        offset = offset_of_year(zone, year)
        if offset is None:
            yield from _day_by_day(cron, max(first, date(year, 1, 1)), times, zone)
        else:
            opening_of_year = new_year(year) - offset
            days = cron.days_of_year(year)
            days = days[bisect_left(days, (first - date(year, 1, 1)).days) :]
            midnights = [opening_of_year + day * SECONDS_OF_DAY for day in days]
            yield [midnight + time for midnight in midnights for time in times]


def _day_by_day(cron: QuartzCron, first: date, times: list[int], zone: tzinfo) -> Iterator[Iterable[int]]:
    """The starts of a year from a day on."""
    for day in cron.dates(first):
        if day.year > first.year:
            return
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        if midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset():
            yield map(int(midnight.timestamp()).__add__, times)
        else:
            yield _unix(_of_day(cron, day, midnight))


def _of_day(cron: QuartzCron, day: date, midnight: datetime) -> Iterator[datetime]:
    for moment in cron.occurrences(midnight.astimezone(UTC) - timedelta(seconds=1), midnight.tzinfo or UTC):
        if moment.date() > day:
            return
        if moment.date() == day:
            yield moment
