"""Which points a policy makes from a moment on, and which it has made before a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import count, dropwhile, product
from typing import NamedTuple

from constructs_lib.backup.clock import LATEST, Clock, just_before
from constructs_lib.backup.made import Made
from constructs_lib.backup.quartz import QuartzCron
from constructs_lib.backup.schedule import Schedule
from constructs_lib.backup.terms import Terms

_YEAR_SECONDS = 366 * 86_400
_CENTURY = 100 * _YEAR_SECONDS


def points_made(terms: Terms, clock: Clock, opening: int, end: int | None) -> Made:
    """The points from `opening` on, until `end` or as long as there is something new to see."""
    if end is not None:
        return points_before(terms, clock, opening, min(end, LATEST))
    firsts = [next(iter(_starts(one, opening, clock.zone)), None) for _, one in terms.schedules]
    first = min((one for one in firsts if one is not None), default=opening)
    # Five years hold every kind of year and of clock change.
    seen = first + 5 * _YEAR_SECONDS + 2 * min(terms.turn, _CENTURY)
    settled = terms.longest if terms.longest <= _CENTURY else 0
    made = points_before(terms, clock, opening, min(seen + settled, LATEST))
    # Points on the way to counts that never settle would show nothing new.
    return made.before(seen, False) if made.cut_short and seen <= made.end <= first + settled else made


def points_before(terms: Terms, clock: Clock, opening: int, end: int) -> Made:
    """The points from `opening` to before `end`; none where the schedules are not known."""
    if terms.hides_all:
        return Made([], [], end, None, False)
    by_source = terms.sources if terms.backups_known else None
    schedules = [one.schedule for one in by_source] if by_source else [one for _, one in terms.schedules]
    return Made.of([_starts(one, opening, clock.zone) for one in schedules], end, clock.job_length)


class Past(NamedTuple):
    """The points made before a change by a policy in force from `begun` on, those before `since` left out.

    `complete`: whether they are all that can exist at the change.
    """

    begun: int
    since: int
    made: Made
    complete: bool


def past_points(terms: Terms, clock: Clock, since: int, at: int) -> Past:
    """The points made before `at` by a policy in force from `since` on, as many as can be looked at."""
    if since >= at:
        return Past(since, at, Made([], [], at, None, False), True)
    begun, made = since, points_before(terms, clock, since, at)
    if made.cut_short:
        # What is older has gone, and a year and a week before that tell what is first of its periods.
        gone = max(at - terms.longest, 0)
        new_year = datetime(datetime.fromtimestamp(gone, clock.zone).year, 1, 1, tzinfo=clock.zone)
        since = max(since, int(new_year.timestamp()) - 7 * 86_400)
        made = points_before(terms, clock, since, at)
    complete = not made.cut_short
    while made.cut_short:
        # As much time before the change as was looked at from the beginning, but at most half of the last.
        since = at - min(made.end - since, (at - since) // 2)
        made = points_before(terms, clock, since, at)
    return Past(begun, since, made, complete)


def over_the_same_time(
    old: Terms, new: Terms, clock: Clock, opening: int, end: int | None
) -> tuple[Made, Made]:
    """The points of both policies until the same end: the later one that suits them, if both get there."""
    until = end or max(points_made(terms, clock, opening, None).end for terms in (old, new))
    was, now = (points_before(terms, clock, opening, until) for terms in (old, new))
    shortest = min(was.end, now.end)
    cut_short = was.cut_short or now.cut_short
    return was.before(shortest, cut_short), now.before(shortest, cut_short)


def _starts(schedule: Schedule, opening: int, zone: tzinfo) -> Iterable[int]:
    """The starts of a schedule from `opening` on, rising; those of less than a second apart fall together."""
    opening = max(opening, schedule.start)
    if (cron := schedule.cron_expression) is not None:
        return dropwhile(opening.__gt__, _cron_starts(cron, opening, zone))
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


def _cron_starts(cron: QuartzCron, opening: int, zone: tzinfo) -> Iterator[int]:
    """The same as `QuartzCron.occurrences`, a day at a time, which is several times faster.

    On days that are longer or shorter than 24 hours, `QuartzCron.occurrences` itself has its say.
    """
    times = [
        (hour * 60 + minute) * 60 + second
        for hour, minute, second in product(cron.hours, cron.minutes, cron.seconds)
    ]
    for day in cron.dates(datetime.fromtimestamp(opening, zone).date() - timedelta(days=1)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        first = int(midnight.timestamp())
        if midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset():
            yield from map(first.__add__, times)
        else:
            yield from _unix(_of_day(cron, day, midnight))


def _of_day(cron: QuartzCron, day: date, midnight: datetime) -> Iterator[datetime]:
    for moment in cron.occurrences(midnight.astimezone(UTC) - timedelta(seconds=1), midnight.tzinfo or UTC):
        if moment.date() > day:
            return
        if moment.date() == day:
            yield moment
