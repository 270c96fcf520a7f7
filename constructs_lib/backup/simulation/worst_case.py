"""The worst case by the age of the damage, and where two of them differ.

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


class Layer(NamedTuple):
    """Points that live `life` seconds, told of already for the first `shorter` seconds.

    `times`: when they are made, rising. A `range` where they come at a steady pace: one such layer, and parts
    of it, each slower one a part of the faster ones.
    """

    shorter: int
    life: int
    times: Sequence[int]


class Rung(NamedTuple):
    """One step of the worst case: damage older than this (seconds) loses at most that (seconds).

    A `loss` of None promises nothing: there may be no point left from before the damage. The first rung
    holds from age 0 on, that is also for damage noticed at once.
    """

    older_than: int
    loss: int | None


def worst_case(layers: Sequence[Layer], end: int, newest_until: int | None = None) -> tuple[Rung, ...]:
    """The ladder for damage before `end`.

    * `newest_until`: when the last point goes if nothing but being the newest keeps it; None where being the
      newest keeps no point.

    Damage is undone from the newest point before it that still exists: from the newest of all, until that
    expires; from then on from the newest of those that live longer, and so on. How old these are at the
    damage decides what is lost and until when; the older, the worse. So damage just before a point is made is
    worst, and of those only the ones count where no later one finds everything as old or older.
    """
    if not layers:
        return (Rung(0, None),)
    losses: dict[int, int] = {}
    nothing_from = FOREVER
    damages, lives, ages = _worst_damages(layers, end)
    for damage, found in zip(damages, zip(*ages, strict=True), strict=True):
        # What has gone before the damage is missing at age 0 already.
        until = -1
        held = -1 if newest_until is None else newest_until - damage if damage == end else 0
        for age, life in sorted(zip(found, lives, strict=True)):
            left = max(life - age, held)
            if left > until:
                if losses.get(until, 0) < age:
                    losses[until] = age
                until = left
            held = -1
        nothing_from = min(nothing_from, until)
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


def _worst_damages(layers: Sequence[Layer], end: int) -> tuple[list[int], list[int], list[list[int]]]:
    """When damage is worst; how long the points of each layer live, and how old its newest one is then."""
    steady = [one for one in layers if isinstance(one.times, range)]
    others = sorted((one for one in layers if one not in steady), key=lambda one: -len(one.times))
    damages = _damages([one.times for one in steady], [one.times for one in others], end)
    ages = [_ages(damages, one.times) for one in steady]
    for place, layer in enumerate(others):
        ages.append(_ages(damages, layer.times))
        renewed = set[int]().union(*(one.times for one in others[place + 1 :]))
        damages, ages = _without_surpassed(damages, ages, renewed)
    return damages, [one.life for one in (*steady, *others)], ages


def _damages(steady: Sequence[Sequence[int]], others: Sequence[Sequence[int]], end: int) -> list[int]:
    """The points before which damage may be worst, and the end.

    Of points at a steady pace only the last before each of the others: all before it find the same, but for
    what is younger then.
    """
    if not steady:
        # The largest layer holds all points.
        return [*others[0][1:], end]
    found = {end}.union(*others, *((one[0], one[-1]) for one in steady))
    for times in steady:
        pace = times[1] - times[0] if len(times) > 1 else 1
        found.update([min(one - (one - times[0]) % pace, times[-1]) for one in found if one >= times[0]])
    found.discard(min(found))
    return sorted(found)


def _ages(damages: Sequence[int], times: Sequence[int]) -> list[int]:
    """How old the newest of the points is at each damage; `FOREVER` without one."""
    if len(damages) == len(times) and damages[0] > times[0] and damages[:-1] == times[1:]:
        return list(map(sub, damages, times))
    if isinstance(times, range):
        first, last, pace = times[0], times[-1], times.step
        return [
            max((damage - first - 1) % pace + 1, damage - last) if damage > first else FOREVER
            for damage in damages
        ]
    newest = (bisect_left(times, damage) - 1 for damage in damages)
    return [
        damage - times[place] if place >= 0 else FOREVER
        for damage, place in zip(damages, newest, strict=True)
    ]


def _without_surpassed(
    damages: list[int], ages: list[list[int]], renewed: Container[int]
) -> tuple[list[int], list[list[int]]]:
    """Without damages that find nothing older than the next one does, unless something is `renewed` between.

    The last two stay: what is just made at the end may be kept longer as the newest.
    """
    while True:
        falling = [map(gt, one, islice(one, 1, None)) for one in ages]
        stays = falling[0] if len(falling) == 1 else map(any, zip(*falling, strict=True))
        kept = list(map(or_, stays, map(renewed.__contains__, damages)))
        kept = [*kept[:-1], *[True] * min(2, len(damages))]
        before = len(damages)
        damages, ages = list(compress(damages, kept)), [list(compress(one, kept)) for one in ages]
        # Each turn is worth its time as long as much is left out.
        if len(damages) > before * 3 // 4:
            return damages, ages


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
