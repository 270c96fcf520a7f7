"""Recovery points over time: which exist when, and what they promise for a damage of a given age.

Knows times and how long points live, but no policy; `constructs_lib.backup.recovery` reads that. All times
are whole UNIX seconds, all lengths seconds. Every figure is worked out from all points: nothing is sampled.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, repeat
from operator import gt
from typing import NamedTuple

from attrs import field, frozen

FOREVER = 10**30
"""An end that never comes; above every other time."""


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


class Rung(NamedTuple):
    """One step of the worst case: damage older than this (seconds) loses at most that (seconds).

    A `loss` of None promises nothing: there may be no point left from before the damage. The first rung
    holds from age 0 on, that is also for damage noticed at once.
    """

    older_than: int
    loss: int | None


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


class Contribution(NamedTuple):
    """What one retention of a policy does.

    * `decides`: of how many of the points made it decides when they are deleted; 0: it has no effect.
    * `kept`: how many of these exist at a time, on average.
    * `only_by_it`: how many points exist at a time, on average, that would be gone without it.

    The averages are weighted by time, over the same time as `Timeline.empty_share`.
    """

    retention: Retention
    decides: int
    kept: float
    only_by_it: float


class Life(NamedTuple):
    """How long points of one kind live: `seconds`, by the retention at `decided_by`; else `otherwise`."""

    seconds: int
    decided_by: int
    otherwise: int


@frozen(eq=False)
class Timeline:
    """All points that are made from `begin` to before `end` (UNIX seconds), and when each is deleted.

    * `times`: when the points are made, rising. `kinds`: of which of the `lives` each is.
    * `retentions`: all that keep points, in the order of the policy.
    * `newest`: the place of the retention that keeps the newest point; None where nothing does.
    * `next_time`: the first point at or after `end`; None where the schedules have ended by then.
    """

    begin: int
    end: int
    times: Sequence[int] = field(repr=False)
    kinds: Sequence[int] = field(repr=False)
    lives: Sequence[Life] = field(repr=False)
    retentions: tuple[Retention, ...]
    newest: int | None
    next_time: int | None

    @property
    def ends(self) -> int | None:
        """The last backup ever (UNIX seconds), if none comes after `end`; None where more come."""
        return self.times[-1] if self.times and self.next_time is None else None

    @cached_property
    def expiries(self) -> list[int]:
        """When each point is deleted (UNIX seconds, `FOREVER` for never), beside `times`."""
        own = self._own_ends
        return own if self.newest is None else list(map(max, own, self._followers))

    @cached_property
    def ladder(self) -> tuple[Rung, ...]:
        """The worst case by the age of the damage: ages and losses rise, the last rung may promise nothing.

        It holds for damage from the first point on until `end`, whenever it is noticed: a rung says how much
        is lost at most, from the newest point before the damage that still exists to the damage itself.
        Without any point it is one rung that promises nothing.
        """
        return worst_case(self.times, self.expiries, self.end)

    @cached_property
    def settled(self) -> int | None:
        """From when on (UNIX seconds) as many points go as come; None where that is not before `end`."""
        if not self.times:
            return self.begin
        moment = self.times[0] + max(self.lives[kind].seconds for kind in set(self.kinds))
        return moment if moment < self.end else None

    @cached_property
    def counts(self) -> Counts | None:
        """How many points exist once settled; None where that is not before `end`."""
        if (since := self.settled) is None:
            return None
        lowest, highest = _extremes(self.times, self._deaths, since, self.end)
        held = _clamped(self._deaths, since, self.end) - _clamped(self.times, since, self.end)
        return Counts(since, self.end, lowest, held / (self.end - since), highest)

    @cached_property
    def empty_share(self) -> float:
        """The share of time, 0 to 1, with nothing to restore: once settled, else from the first point on."""
        since = self._since
        empty, full_until = 0, since
        for time, expiry in zip(self.times, self.expiries, strict=True):
            if time > full_until:
                empty += time - full_until
            full_until = max(full_until, expiry)
        return (empty + max(0, self.end - full_until)) / (self.end - since)

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each retention does, in the order of the policy."""
        length = self.end - self._since
        decides, kept, only = ([0] * len(self.retentions) for _ in range(3))
        for place, group in self._groups():
            made, gone, gone_without = (_clamped(moments, self._since, self.end) for moments in group)
            decides[place] += len(group[0])
            kept[place] += gone - made
            only[place] += gone - gone_without
        return tuple(
            Contribution(retention, decides[place], kept[place] / length, only[place] / length)
            for place, retention in enumerate(self.retentions)
        )

    def count(self, at: int) -> int:
        """How many points exist at that moment (UNIX seconds, from `begin` to before `end`).

        This and the next raise ValueError for a moment outside.
        """
        self._refuse_outside(at)
        return bisect_right(self.times, at) - bisect_right(self._deaths, at)

    def existing(self, at: int) -> list[Point]:
        """The points that exist at that moment, the oldest first, each with what keeps it."""
        self._refuse_outside(at)
        made = bisect_right(self.times, at)
        return [self.point(place) for place in range(made) if self.expiries[place] > at]

    def oldest_age(self, at: int) -> int | None:
        """How old (seconds) the oldest point is at that moment; None where there is none."""
        return next((at - point.time for point in self.existing(at)), None)

    def kept_by(self, at: int) -> dict[Retention, int]:
        """How many of the points that exist at that moment each retention decides about."""
        amounts = dict.fromkeys(self.retentions, 0)
        for point in self.existing(at):
            amounts[point.kept_by] += 1
        return amounts

    def points(self) -> Iterator[Point]:
        """All points, in order of time."""
        return map(self.point, range(len(self.times)))

    def loss_at(self, age: int) -> int | None:
        """The worst loss for damage noticed at this age, both in seconds; None where nothing is promised."""
        passed = [rung for rung in self.ladder if rung.older_than < age]
        return (passed or self.ladder[:1])[-1].loss

    @cached_property
    def _own_ends(self) -> list[int]:
        lengths = [life.seconds for life in self.lives]
        return [time + lengths[kind] for time, kind in zip(self.times, self.kinds, strict=True)]

    @cached_property
    def _followers(self) -> list[int]:
        """The time of the next point for each point."""
        return [*islice(self.times, 1, None), *[self.next_time or FOREVER] * bool(self.times)]

    def _groups(self) -> Iterator[tuple[int, tuple[list[int], list[int], list[int]]]]:
        """Points with the same life and end: what decides it; when they come, go, and would go without it."""
        groups: dict[tuple[int, bool], list[int]] = {}
        newest = self.newest
        outlives: Iterable[bool] = (
            map(gt, self.expiries, self._own_ends) if newest is not None else repeat(False)
        )
        for place, key in enumerate(zip(self.kinds, outlives, strict=False)):
            groups.setdefault(key, []).append(place)
        for (kind, is_newest), places in groups.items():
            life = self.lives[kind]
            made = [self.times[place] for place in places]
            gone = [self.expiries[place] for place in places]
            decided_by = newest if is_newest and newest is not None else life.decided_by
            length = life.seconds if is_newest else life.otherwise
            without = [time + length for time in made]
            if newest is not None and not is_newest:
                # It would then be kept as the newest, if by nothing else.
                without = [
                    max(self._followers[place], end) for place, end in zip(places, without, strict=True)
                ]
            yield decided_by, (made, gone, without)

    @cached_property
    def _deaths(self) -> list[int]:
        return sorted(self.expiries)

    @property
    def _since(self) -> int:
        """The time that shares and averages begin with."""
        return self.times[0] if self.settled is None else self.settled

    def point(self, place: int) -> Point:
        expiry = self.expiries[place]
        kept_by = self.lives[self.kinds[place]].decided_by
        if self.newest is not None and expiry > self._own_ends[place]:
            kept_by = self.newest
        return Point(self.times[place], None if expiry >= FOREVER else expiry, self.retentions[kept_by])

    def _refuse_outside(self, at: int) -> None:
        if not self.begin <= at < self.end:
            raise ValueError(f"received {at}: only {self.begin} to before {self.end} is looked at")


def worst_case(times: Sequence[int], expiries: Sequence[int], end: int) -> tuple[Rung, ...]:
    """The ladder of points made at `times` (rising) and deleted at `expiries`, for damage before `end`.

    Damage between two points is undone from the earlier one, until that expires; from then on from the
    nearest older point that lives longer, and so on. Along such a chain the worst damage is the last one
    before a point goes out of it: the loss is largest there, and the age smallest. So each link counts once.
    """
    if not times:
        return (Rung(0, None),)
    losses: dict[int, int] = {}
    nothing_from = FOREVER
    # The chain that ends with the newest point: each lives longer than all after it.
    open_times: list[int] = []
    open_ends: list[int] = []
    widest, previous = 0, times[0]
    for time, expiry in chain(zip(times, expiries, strict=True), ((end, FOREVER),)):
        if time - previous > widest:
            widest = time - previous
        previous = time
        while open_ends and open_ends[-1] <= expiry:
            # What has gone before the damage is missing at age 0 already.
            age = max(-1, open_ends.pop() - time)
            open_times.pop()
            if not open_times:
                nothing_from = min(nothing_from, age)
            elif losses.get(age, 0) < (loss := time - open_times[-1]):
                losses[age] = loss
        open_times.append(time)
        open_ends.append(expiry)
    losses[-1] = max(losses.get(-1, 0), widest)
    return tuple(_rungs(losses, nothing_from))


def _rungs(losses: dict[int, int], nothing_from: int) -> Iterator[Rung]:
    """Of the links by age only those that lose more than all at lower ages."""
    worst = 0
    for age in sorted(losses):
        if age >= nothing_from:
            break
        if losses[age] > worst:
            worst = losses[age]
            yield Rung(max(age, 0), worst)
    if nothing_from < FOREVER // 2:
        yield Rung(max(nothing_from, 0), None)


def _clamped(moments: Sequence[int], since: int, until: int) -> int:
    """The sum of rising moments, each held between `since` and `until`.

    Of when points come and when they go, the difference is for how long they exist, all in all.
    """
    early, late = bisect_left(moments, since), bisect_right(moments, until)
    return early * since + sum(moments[early:late]) + (len(moments) - late) * until


def _extremes(births: Sequence[int], deaths: Sequence[int], since: int, until: int) -> tuple[int, int]:
    """The fewest and the most points that exist at a moment, from `since` to before `until`."""
    born, dead = bisect_right(births, since), bisect_right(deaths, since)
    last_born, last_dead = bisect_left(births, until), bisect_left(deaths, until)
    lowest = highest = born - dead
    for place in range(born, last_born):
        birth = births[place]
        while dead < last_dead and deaths[dead] < birth:
            dead += 1
        if place - dead < lowest:
            lowest = place - dead
        # Who dies at the very moment of a birth does so at once with it.
        while dead < last_dead and deaths[dead] == birth:
            dead += 1
        if place + 1 - dead > highest:
            highest = place + 1 - dead
        elif place + 1 - dead < lowest:
            lowest = place + 1 - dead
    return min(lowest, last_born - last_dead), highest


class Shift(NamedTuple):
    """Where two ladders differ: damage older than this, up to that age (seconds; None: any), lost and loses.

    `before`, `after`: the worst losses in seconds; None promises nothing.
    """

    older_than: int
    up_to: int | None
    before: int | None
    after: int | None

    @property
    def is_worse(self) -> bool:
        return (FOREVER if self.after is None else self.after) > (
            FOREVER if self.before is None else self.before
        )


def shifts(before: Sequence[Rung], after: Sequence[Rung]) -> tuple[Shift, ...]:
    """Where the second ladder promises something else than the first, the lowest ages first."""
    found: list[Shift] = []
    old, new = dict(_steps(before)), dict(_steps(after))
    was = now = None
    for age in sorted({*old, *new}):
        was, now = old.get(age, was), new.get(age, now)
        start = max(age, 0)
        if found and found[-1].up_to is None:
            if (was, now) == found[-1][2:]:
                continue
            found[-1] = found[-1]._replace(up_to=start)
        if was != now:
            found.append(Shift(start, None, was, now))
    return tuple(found)


def _steps(ladder: Sequence[Rung]) -> Iterator[tuple[int, int | None]]:
    """Each age with the loss beyond it, the first at -1: it holds for age 0 itself too."""
    for place, rung in enumerate(ladder):
        yield rung.older_than if place else -1, rung.loss
