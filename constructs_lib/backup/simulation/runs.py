"""The points that schedules make, one after the other, and what each is the first of."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from itertools import chain, islice, repeat
from operator import lt

from attrs import field, frozen

from constructs_lib.backup.simulation.calendar import (
    ALL_FLAGS,
    DAY,
    SECONDS_OF_DAY,
    begins,
    first_of,
    steady_offset,
)

MOST_RUNS = 400_000
"""So many starts are looked at, and no more: ten years with one every 15 minutes are 350,640."""

_AT_ONCE = 256
# Beside more schedules than so many, fewer starts are looked at: each of them takes longer.
_FEW = 16


def _most_runs(schedules: Sequence[object]) -> int:
    return MOST_RUNS if len(schedules) <= _FEW else MOST_RUNS * _FEW // len(schedules)


@frozen(eq=False)
class Runs:
    """The points that a policy makes before `end`, deleted or not.

    * `times`: strictly rising; a `range` where the points come at a steady pace.
    * `parts`: the points that came from each schedule, the same way.
    * `next_time`: the first point at or after `end`; None where the schedules have ended.
    * `cut_short`: whether `end` was moved forward, to where the looking stopped.
    """

    times: Sequence[int] = field(repr=False)
    parts: Sequence[Sequence[int]] = field(repr=False)
    end: int
    next_time: int | None
    cut_short: bool

    @classmethod
    def none(cls, schedules: int, end: int) -> Runs:
        """No points at all."""
        return cls([], [[]] * schedules, end, None, False)

    @classmethod
    def of(cls, schedules: Sequence[Iterable[int]], end: int, job_length: int) -> Runs:
        """The union of the starts of all schedules, without those that come while a job runs.

        Of starts in the same second the schedule named first makes the point.
        """
        if job_length:
            return cls._one_after_the_other(schedules, end, job_length)
        most = _most_runs(schedules)
        found = [_looked_at(starts, end, most) for starts in schedules]
        following = min((start for _, start in found if start is not None), default=None)
        starts = _merged([starts for starts, _ in found])
        if len(starts) <= most:
            return cls._united([starts for starts, _ in found], end, following, False)
        stop = max(starts[most], starts[most - 1] + 1)
        return cls._united([_before(starts, stop) for starts, _ in found], stop, stop, True)

    @classmethod
    def _united(
        cls, starts: Sequence[Sequence[int]], end: int, next_time: int | None, cut_short: bool
    ) -> Runs:
        """Of starts that do not run into each other, the points, each once."""
        parts: list[Sequence[int]] = []
        if len(starts) > _FEW:
            seen: set[int] = set()
            for times in starts:
                part = _distinct(times)
                parts.append(part if seen.isdisjoint(part) else [time for time in part if time not in seen])
                seen.update(part)
            return cls(_merged(parts), parts, end, next_time, cut_short)
        for times in starts:
            part = _distinct(times)
            for other in parts:
                part = _without(part, other)
            parts.append(part)
        return cls(_merged(parts), parts, end, next_time, cut_short)

    @classmethod
    def _one_after_the_other(cls, schedules: Sequence[Iterable[int]], end: int, job_length: int) -> Runs:
        times: list[int] = []
        parts: list[list[int]] = [[] for _ in schedules]
        last, free, most = -1, 0, _most_runs(schedules)
        tagged = [zip(starts, repeat(source)) for source, starts in enumerate(schedules)]
        for looked_at, (time, source) in enumerate(heapq.merge(*tagged)):
            if looked_at >= most and time < end:
                stop = max(time, last + 1)
                return cls(times, parts, stop, max(stop, free), True)
            if time < free or time == last:
                if looked_at < 2 * most:
                    continue
                # Only to know what follows `end`: a job that runs past everything looked at.
                time = free
            if time >= end:
                return cls(times, parts, end, time, False)
            times.append(time)
            parts[source].append(time)
            last, free = time, time + job_length
        return cls(times, parts, end, None, False)

    def before(self, end: int, cut_short: bool) -> Runs:
        """The same, looked at only before an `end` that is not later."""
        times = _before(self.times, end)
        next_time = self.times[len(times)] if len(times) < len(self.times) else self.next_time
        return Runs(times, [_before(part, end) for part in self.parts], end, next_time, cut_short)

    @property
    def pieces(self) -> list[Sequence[int]]:
        """All points; apart where at most one piece of them comes at a steady pace, and the others seldom."""
        steady = sum(isinstance(part, range) and bool(part) for part in self.parts)
        return [part for part in self.parts if part] if steady == 1 else [self.times]

    def firsts(self, flag: int, zone: tzinfo) -> Sequence[int]:
        """The places of the points that are the first of their day, week, month or year in `zone`."""
        times = self.times
        if not times:
            return ()
        if not isinstance(times, range):
            found = [bisect_left(times, moment) for moment in begins(zone, flag, times[0], times[-1])]
        elif flag == DAY and not times.step % SECONDS_OF_DAY and _is_steady(times, zone):
            return range(len(times))
        else:
            start, step = times.start, times.step
            found = [-((start - moment) // step) for moment in begins(zone, flag, start, times[-1])]
        return list(dict.fromkeys((0, *found)))

    def kind(self, place: int, zone: tzinfo) -> int:
        """What decides how long a point lives: what it is first of, and 16 times its source."""
        flags = first_of(zone, self.times[place - 1], self.times[place]) if place else ALL_FLAGS
        return flags + (ALL_FLAGS + 1) * self.source(self.times[place])

    def source(self, time: int) -> int:
        """The place of the schedule that a point came from."""
        return next(place for place, part in enumerate(self.parts) if holds(part, time))


def holds(times: Sequence[int], time: int) -> bool:
    """Whether a moment is among rising ones."""
    if isinstance(times, range):
        return time in times
    place = bisect_left(times, time)
    return place < len(times) and times[place] == time


def _is_steady(times: range, zone: tzinfo) -> bool:
    return steady_offset(zone, times[0], times[-1]) is not None


def _looked_at(starts: Iterable[int], end: int, most: int) -> tuple[Sequence[int], int | None]:
    """The starts before `end`, at most one more than are looked at, and the first that comes after."""
    if isinstance(starts, range):
        count = bisect_left(starts, end)
        return starts[: min(count, most + 1)], starts[count] if count < len(starts) else None
    found: list[int] = []
    following = iter(starts)
    while len(found) <= most and (more := list(islice(following, _AT_ONCE))):
        found += more
        if more[-1] >= end:
            count = bisect_left(found, end)
            return found[: most + 1] if count > most else found[:count], found[count]
    return found[: most + 1], None


def _distinct(starts: Sequence[int]) -> Sequence[int]:
    if isinstance(starts, range) or all(map(lt, starts, islice(starts, 1, None))):
        return starts
    return list(dict.fromkeys(starts))


def _before(times: Sequence[int], end: int) -> Sequence[int]:
    return times[: bisect_left(times, end)]


def _without(times: Sequence[int], others: Sequence[int]) -> Sequence[int]:
    found = {*(others if len(others) < len(times) else times)}
    if not found.intersection(times if len(others) < len(times) else others):
        return times
    return [time for time in times if not holds(others, time)]


def _merged(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    return parts[0] if len(parts) == 1 else sorted(chain.from_iterable(parts))
