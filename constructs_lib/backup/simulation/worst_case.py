"""The worst-case data loss (RPO) by the age of an incident when it is detected, and where two differ.

Knows times and how long points live, nothing else. All times are whole UNIX seconds, all lengths seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from itertools import compress, islice
from operator import gt, or_, sub
from typing import NamedTuple

FOREVER = 10**30
"""An end that never comes; above every other time."""


class Lifetime(NamedTuple):
    """Points that live `life` seconds; another lifetime counts them for the first `shorter` seconds.

    `times`: when they are made, rising. A `range` where they come at a steady pace: of several such lifetimes
    each slower one is a part of the faster ones.
    """

    shorter: int
    life: int
    times: Sequence[int]


class WorstCase(NamedTuple):
    """An incident that is older than this when it is detected loses at most that, both in seconds.

    A `loss` of None promises nothing: there may be no point left from before the incident. The first case
    holds from age 0 on: also for an incident that is detected at once.
    """

    older_than: int
    loss: int | None


def worst_cases(
    lifetimes: Sequence[Lifetime], end: int, newest_until: int | None = None
) -> tuple[WorstCase, ...]:
    """The worst cases for incidents before `end`, by the age at which they are detected.

    * `newest_until`: when the last point goes if nothing but being the newest keeps it; None where being the
      newest keeps no point.

    An incident is undone from the newest point before it that still exists: from the newest of all, until
    that expires; from then on from the newest of those that live longer, and so on. How old these are at the
    incident decides what is lost and until when; the older, the worse. So the worst incidents are those just
    before a point is made, and of those only the ones count where no later one finds everything as old.
    """
    if not lifetimes:
        return (WorstCase(0, None),)
    losses: dict[int, int] = {}
    nothing_from = FOREVER
    incidents, lives, ages = _worst_incidents(lifetimes, end)
    for incident, found in zip(incidents, zip(*ages, strict=True), strict=True):
        # What has gone before the incident is missing at age 0 already.
        until = -1
        held = -1 if newest_until is None else newest_until - incident if incident == end else 0
        for age, life in sorted(zip(found, lives, strict=True)):
            left = max(life - age, held)
            if left > until:
                if losses.get(until, 0) < age:
                    losses[until] = age
                until = left
            held = -1
        nothing_from = min(nothing_from, until)
    return tuple(_cases(losses, nothing_from))


def _cases(losses: dict[int, int], nothing_from: int) -> Iterator[WorstCase]:
    """Of the losses by age only those that exceed all at lower ages."""
    worst = 0
    for age in sorted(losses):
        if age >= nothing_from:
            break
        if losses[age] > worst:
            worst = losses[age]
            yield WorstCase(max(age, 0), worst)
    if nothing_from < FOREVER // 2:
        yield WorstCase(max(nothing_from, 0), None)


def _worst_incidents(lifetimes: Sequence[Lifetime], end: int) -> tuple[list[int], list[int], list[list[int]]]:
    """When incidents are worst; the length of each lifetime, and how old its newest point is then."""
    steady = [lifetime for lifetime in lifetimes if isinstance(lifetime.times, range)]
    others = [lifetime for lifetime in lifetimes if lifetime not in steady]
    others.sort(key=lambda lifetime: -len(lifetime.times))
    incidents = _incidents([each.times for each in steady], [each.times for each in others], end)
    ages = [_ages(incidents, lifetime.times) for lifetime in steady]
    for place, lifetime in enumerate(others):
        ages.append(_ages(incidents, lifetime.times))
        renewed = set[int]().union(*(lifetime.times for lifetime in others[place + 1 :]))
        incidents, ages = _without_surpassed(incidents, ages, renewed)
    return incidents, [lifetime.life for lifetime in (*steady, *others)], ages


def _incidents(steady: Sequence[Sequence[int]], others: Sequence[Sequence[int]], end: int) -> list[int]:
    """The points before which an incident may be worst, and the end.

    Of points at a steady pace only the last before each of the others: all before it find the same, but for
    what is younger then.
    """
    if not steady:
        # The largest one holds all points.
        return [*others[0][1:], end]
    found = {end}.union(*others, *((times[0], times[-1]) for times in steady))
    for times in steady:
        pace = times[1] - times[0] if len(times) > 1 else 1
        first, last = times[0], times[-1]
        found.update([min(moment - (moment - first) % pace, last) for moment in found if moment >= first])
    found.discard(min(found))
    return sorted(found)


def _ages(incidents: Sequence[int], times: Sequence[int]) -> list[int]:
    """How old the newest of the points is at each incident; `FOREVER` without one."""
    if len(incidents) == len(times) and incidents[0] > times[0] and incidents[:-1] == times[1:]:
        return list(map(sub, incidents, times))
    if isinstance(times, range):
        first, last, pace = times[0], times[-1], times.step
        return [
            max((incident - first - 1) % pace + 1, incident - last) if incident > first else FOREVER
            for incident in incidents
        ]
    newest = (bisect_left(times, incident) - 1 for incident in incidents)
    return [
        incident - times[place] if place >= 0 else FOREVER
        for incident, place in zip(incidents, newest, strict=True)
    ]


def _without_surpassed(
    incidents: list[int], ages: list[list[int]], renewed: Container[int]
) -> tuple[list[int], list[list[int]]]:
    """Without incidents that find nothing older than the next one does, unless one is `renewed` between.

    The last two stay: what is just made at the end may be kept longer as the newest.
    """
    while True:
        falling = [map(gt, of_lifetime, islice(of_lifetime, 1, None)) for of_lifetime in ages]
        stays = falling[0] if len(falling) == 1 else map(any, zip(*falling, strict=True))
        kept = list(map(or_, stays, map(renewed.__contains__, incidents)))
        kept = [*kept[:-1], *[True] * min(2, len(incidents))]
        before = len(incidents)
        incidents, *ages = (list(compress(values, kept)) for values in (incidents, *ages))
        # Each turn is worth its time as long as much is left out.
        if len(incidents) > before * 3 // 4:
            return incidents, ages


def side_by_side(
    before: Sequence[WorstCase], after: Sequence[WorstCase]
) -> Iterator[tuple[int, int | None, int | None]]:
    """Both worst cases from age 0 on, whenever one of them changes: the age, and the two losses.

    Nothing is promised (None) where there is no case. Of two cases of age 0 the second holds from just after
    it on.
    """
    # The first case holds for age 0 itself, too.
    old, new = (
        {case.older_than if place else -1: case.loss for place, case in enumerate(cases)}
        for cases in (before, after)
    )
    was = now = last = None
    for age in sorted({-1, *old, *new}):
        was, now = old.get(age, was), new.get(age, now)
        if (was, now) != last:
            last = (was, now)
            yield max(age, 0), was, now
