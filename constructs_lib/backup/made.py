"""The points that schedules make, one after the other, and what each is the first of."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import repeat

from attrs import field, frozen

MOST_POINTS = 400_000
"""So many starts are looked at, and no more: ten years with one every 15 minutes are 350,640."""

DAY, WEEK, MONTH, YEAR = 1, 2, 4, 8
"""What a point is the first of; the flags add up."""


@frozen(eq=False)
class Made:
    """The points that a policy makes before `end`, deleted or not.

    * `times`: strictly rising. `sources`: the place of the schedule that each came from.
    * `next_time`: the first point at or after `end`; None where the schedules have ended.
    * `cut_short`: whether `end` was moved forward, to where the looking stopped.
    """

    times: list[int] = field(repr=False)
    sources: list[int] = field(repr=False)
    end: int
    next_time: int | None
    cut_short: bool

    @classmethod
    def of(cls, schedules: Sequence[Iterable[int]], end: int, job_length: int) -> Made:
        """The union of the starts of all schedules, without those that come while a job runs.

        Of starts in the same second the schedule named first makes the point.
        """
        times: list[int] = []
        sources: list[int] = []
        last, free = -1, 0
        tagged = [zip(starts, repeat(source)) for source, starts in enumerate(schedules)]
        for looked_at, (time, source) in enumerate(heapq.merge(*tagged)):
            if looked_at >= MOST_POINTS and time < end:
                stop = max(time, last + 1)
                return cls(times, sources, stop, max(stop, free), True)
            if time < free or time == last:
                if looked_at < 2 * MOST_POINTS:
                    continue
                # Only to know what follows `end`: a job that runs past everything looked at.
                time = free
            if time >= end:
                return cls(times, sources, end, time, False)
            times.append(time)
            sources.append(source)
            last, free = time, time + job_length
        return cls(times, sources, end, None, False)

    def before(self, end: int, cut_short: bool) -> Made:
        """The same, looked at only before an `end` that is not later."""
        place = bisect_left(self.times, end)
        next_time = self.times[place] if place < len(self.times) else self.next_time
        return Made(self.times[:place], self.sources[:place], end, next_time, cut_short)

    def firsts(self, zone: tzinfo) -> list[int]:
        """What each point is the first of in `zone`, as flags. Weeks begin on Sunday 00:00."""
        flags = [0] * len(self.times)
        for place, flag in _firsts(self.times, zone):
            flags[place] = flag
        return flags


def _firsts(times: Sequence[int], zone: tzinfo) -> Iterator[tuple[int, int]]:
    week = month = year = -1
    place = 0
    while place < len(times):
        here = datetime.fromtimestamp(times[place], zone)
        flag = DAY
        # Day 7 of the calendar was a Sunday.
        if week != (week := here.toordinal() // 7):
            flag |= WEEK
        if month != (month := here.month) or year != here.year:
            flag |= MONTH
        if year != (year := here.year):
            flag |= YEAR
        yield place, flag
        midnight = datetime(here.year, here.month, here.day, tzinfo=zone) + timedelta(days=1)
        place = bisect_left(times, midnight.timestamp(), place + 1)
