"""Recovery points over time: which exist when, and what they promise for an incident of a given age.

Knows times and how long points live, but no policy; `constructs_lib.backup.recovery` reads that. All times
are whole UNIX seconds, all lengths seconds. Every figure is worked out from all points: nothing is sampled.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from functools import cached_property, partial
from itertools import accumulate, compress, islice
from operator import sub
from typing import NamedTuple

from attrs import field, frozen

from constructs_lib.backup.simulation.runs import Runs, holds
from constructs_lib.backup.simulation.worst_case import FOREVER, Lifetime, WorstCase, worst_cases


class Retention(NamedTuple):
    """What keeps points.

    * `path`: where the policy says so, such as `rules[1].retention_rules[0].retention`.
    * `keeps`: which points, in words, such as `the first backup of each week`.
    * `days`: how long; None for the newest point, which is kept until there is a newer one.
    """

    path: str
    keeps: str
    days: int | None

    @property
    def seconds(self) -> int:
        return FOREVER if self.days is None else self.days * 86_400


class Point(NamedTuple):
    """One recovery point.

    * `time`: when its backup started, UNIX seconds.
    * `expires`: when it is deleted, UNIX seconds; None for never, as far as the schedule is known.
    * `kept_by`: the retention that decides when it is deleted.
    """

    time: int
    expires: int | None
    kept_by: Retention


class Counts(NamedTuple):
    """How many points exist at a time, once as many go as come.

    * `since`, `until`: the time looked at, UNIX seconds, `until` not in it.
    * `lowest`, `mean`, `highest`: the mean is weighted by time.
    """

    since: int
    until: int
    lowest: int
    mean: float
    highest: int


class Life(NamedTuple):
    """How long points of one kind live: `seconds`, by the retention at `decided_by`."""

    seconds: int
    decided_by: int


class _Window(NamedTuple):
    """Points, or more time for some: from when to when each exists, both rising."""

    since: Sequence[int]
    until: Sequence[int]

    def count(self, at: int) -> int:
        return bisect_right(self.since, at) - bisect_right(self.until, at)

    def held(self, since: int, until: int) -> int:
        """For how many seconds these exist, all in all, between the two moments."""
        return _clamped(self.until, since, until) - _clamped(self.since, since, until)

    def changes(self, after: int, before: int) -> Iterator[tuple[int, int]]:
        """Between the two moments, when there is one more and one less."""
        born, gone = (
            moments[bisect_right(moments, after) : bisect_left(moments, before)]
            for moments in (self.since, self.until)
        )
        if born != gone:
            both = {*born}.intersection(gone)
            yield from ((moment, 1) for moment in born if moment not in both)
            yield from ((moment, -1) for moment in gone if moment not in both)


@frozen(eq=False)
class Timeline:
    """All points that are made from `begin` to before `end` (UNIX seconds), and when each is deleted.

    * `runs`: what makes the points. `lifetimes`: how long all of them live, and the more time that some have.
    * `lives`: how long each kind of them lives. `zone`: of the days, weeks, months and years that tell kinds
      apart; None where all points are of one kind.
    * `retentions`: all that keep points, in the order of the policy.
    * `newest`: the place of the retention that keeps the newest point; None where nothing does.
    """

    begin: int
    runs: Runs = field(repr=False)
    lifetimes: Sequence[Lifetime] = field(repr=False)
    lives: Sequence[Life] = field(repr=False)
    zone: tzinfo | None = field(repr=False)
    retentions: tuple[Retention, ...]
    newest: int | None

    @property
    def times(self) -> Sequence[int]:
        """When the points are made (UNIX seconds), rising."""
        return self.runs.times

    @property
    def end(self) -> int:
        """Until when is looked at (UNIX seconds), not in it."""
        return self.runs.end

    @property
    def next_time(self) -> int | None:
        """The first point at or after `end` (UNIX seconds); None where the schedules have ended by then."""
        return self.runs.next_time

    @property
    def ends(self) -> int | None:
        """The last backup ever (UNIX seconds), if none comes after `end`; None where more come."""
        return self.times[-1] if self.times and self.next_time is None else None

    @cached_property
    def worst_cases(self) -> tuple[WorstCase, ...]:
        """The worst-case data loss (RPO) by the age of an incident when it is detected.

        Ages and losses rise; the last case may promise nothing. They hold for every incident from the first
        point on until `end`. What is lost is the time from the newest point before the incident that still
        exists to the incident. Without any point it is one case that promises nothing.
        """
        newest_until = None if self.newest is None else self.next_time or FOREVER
        return worst_cases(self.lifetimes, self.end, newest_until)

    @cached_property
    def settled(self) -> int | None:
        """From when on (UNIX seconds) as many points go as come; None where that is not before `end`."""
        if not self.lifetimes:
            return self.begin
        moment = self.times[0] + self.lifetimes[-1].life
        return moment if moment < self.end else None

    @cached_property
    def counts(self) -> Counts | None:
        """How many points exist once settled; None where that is not before `end`."""
        if (since := self.settled) is None:
            return None
        changes: dict[int, int] = {}
        for window in self._windows:
            for moment, change in window.changes(since, self.end):
                changes[moment] = changes.get(moment, 0) + change
        steps = (change for _, change in sorted(changes.items()))
        levels = list(accumulate(steps, initial=self.count(since)))
        held = sum(window.held(since, self.end) for window in self._windows)
        return Counts(since, self.end, min(levels), held / (self.end - since), max(levels))

    @cached_property
    def empty_share(self) -> float:
        """The share of time, 0 to 1, with nothing to restore: once settled, else from the first point on."""
        if not self.lifetimes:
            return 1.0
        empty = sum(max(0, until - max(since, self._since)) for since, until in self._without_any())
        return empty / (self.end - self._since)

    def count(self, at: int) -> int:
        """How many points exist at that moment (UNIX seconds, from `begin` to before `end`).

        This and the next raise ValueError for a moment outside.
        """
        self._refuse_outside(at)
        return sum(window.count(at) for window in self._windows)

    def existing(self, at: int) -> list[Point]:
        """The points that exist at that moment, the oldest first, each with what keeps it."""
        self._refuse_outside(at)
        return [self.point(place, self.kind(place)) for place in self.places(at)]

    def places(self, at: int) -> list[int]:
        """Which points exist at that moment, by their places; `end` is a moment too."""
        found: set[int] = set()
        for _, life, times in self.lifetimes:
            found.update(times[bisect_right(times, at - life) : bisect_right(times, at)])
        place_of = self.times.index if isinstance(self.times, range) else partial(bisect_left, self.times)
        places = {place_of(time) for time in found}
        last = bisect_right(self.times, at) - 1
        if self.newest is not None and last >= 0 and self._follower(last) > at:
            places.add(last)
        return sorted(places)

    def points(self) -> Iterator[Point]:
        """All points, in order of time."""
        places = range(len(self.times))
        return map(self.point, places, map(self.kind, places))

    def point(self, place: int, kind: int) -> Point:
        """One point, by its place, which is of that kind."""
        life = self.lives[kind]
        expiry, kept_by = self.times[place] + life.seconds, life.decided_by
        if self.newest is not None and expiry < (follower := self._follower(place)):
            expiry, kept_by = follower, self.newest
        return Point(self.times[place], None if expiry >= FOREVER else expiry, self.retentions[kept_by])

    def kind(self, place: int) -> int:
        """Of which of the lives a point is, by its place."""
        return 0 if self.zone is None else self.runs.kind(place, self.zone)

    def _follower(self, place: int) -> int:
        """The time of the next point."""
        following = place + 1
        return self.times[following] if following < len(self.times) else self.next_time or FOREVER

    @cached_property
    def _windows(self) -> list[_Window]:
        """When points exist: those of the lifetimes, and the newest after their time."""
        windows = [
            _Window(_later(times, shorter), _later(times, life)) for shorter, life, times in self.lifetimes
        ]
        if self.newest is not None and self.lifetimes:
            kept = [(self._own_end(place), self._follower(place)) for place in self._before_wide_gaps()]
            kept = [(own, follower) for own, follower in kept if own < follower]
            windows.append(_Window([own for own, _ in kept], [follower for _, follower in kept]))
        return windows

    def _before_wide_gaps(self) -> list[int]:
        """The places of points that may have gone before the next one is made, and the last one's."""
        times, life = self.times, self.lifetimes[0].life
        last = len(times) - 1
        if isinstance(times, range):
            return [*range(last + 1)] if times.step > life else [last]
        wide = map(life.__lt__, map(sub, islice(times, 1, None), times))
        return [*compress(range(last), wide), last]

    def _own_end(self, place: int) -> int:
        """When a point goes if nothing but its age counts."""
        time = self.times[place]
        return time + max(lifetime.life for lifetime in self.lifetimes if holds(lifetime.times, time))

    def _without_any(self) -> Iterator[tuple[int, int]]:
        """From when to when nothing can be restored, from the first point on."""
        if self.newest is not None:
            return
        for place in self._before_wide_gaps():
            time = self.times[place]
            full_until = max(
                times[bisect_right(times, time) - 1] + life
                for _, life, times in self.lifetimes
                if times[0] <= time
            )
            until = min(self._follower(place), self.end)
            if full_until < until:
                yield full_until, until

    @property
    def _since(self) -> int:
        """The time that shares and averages begin with."""
        return self.times[0] if self.settled is None else self.settled

    def _refuse_outside(self, at: int) -> None:
        if not self.begin <= at < self.end:
            raise ValueError(f"received {at}: only {self.begin} to before {self.end} is looked at")


def _later(moments: Sequence[int], seconds: int) -> Sequence[int]:
    if isinstance(moments, range):
        return range(moments.start + seconds, moments.stop + seconds, moments.step)
    return [moment + seconds for moment in moments] if seconds else moments


def _clamped(moments: Sequence[int], since: int, until: int) -> int:
    """The sum of rising moments, each held between `since` and `until`.

    Of when points come and when they go, the difference is for how long they exist, all in all.
    """
    early, late = bisect_left(moments, since), bisect_right(moments, until)
    inside = moments[early:late]
    if isinstance(inside, range) and inside:
        total = len(inside) * (inside[0] + inside[-1]) // 2
    else:
        total = sum(inside)
    return early * since + total + (len(moments) - late) * until
