"""Which points live how long, as lifetimes: that of all points, and the more time that some of them have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from constructs_lib.backup.simulation.calendar import DAY, MONTH, PERIOD_SECONDS, YEAR, begins, steady_offset
from constructs_lib.backup.simulation.runs import Runs
from constructs_lib.backup.simulation.worst_case import Lifetime


def lifetimes_of(runs: Runs, bases: Sequence[int], firsts: Mapping[int, int], zone: tzinfo) -> list[Lifetime]:
    """The lifetimes of the points, the longer ones after the others; none without points.

    * `bases`: how many seconds the points of each source live at least.
    * `firsts`: how many seconds the first of a day, week, month or year lives at least, by its flag.
    """
    if not runs.times:
        return []
    parts = [(life, part) for life, part in zip(bases, runs.parts, strict=True) if part]
    least = min(life for life, _ in parts)
    lives = sorted({life for life in (*(life for life, _ in parts), *firsts.values()) if life >= least})
    found: list[Lifetime] = []
    shorter = 0
    for life in lives:
        flags = {flag for flag, seconds in firsts.items() if seconds >= life}
        longer = [part for seconds, part in parts if seconds >= life]
        pieces = runs.pieces if len(longer) == len(parts) else list(_pieces(runs, flags, longer, zone))
        # Points that all live longer than that do not live that long.
        counted = sum(len(lifetime.times) for lifetime in found if lifetime.life == shorter)
        if found and sum(map(len, pieces)) == counted:
            lowest = found[-1].shorter
            found = [lifetime for lifetime in found if lifetime.life < shorter]
            shorter = lowest
        found += [Lifetime(shorter, life, piece) for piece in pieces]
        shorter = life
    return found


def _pieces(
    runs: Runs, flags: set[int], parts: Sequence[Sequence[int]], zone: tzinfo
) -> Iterator[Sequence[int]]:
    """The points that are the first of one of the periods, or come from one of the sources."""
    # The first of a year is the first of a month, and every first one that of a day.
    needed = {DAY} if DAY in flags else flags - {YEAR} if MONTH in flags else flags
    times = runs.times
    paces = {} if parts else {flag: _at_a_steady_pace(times, flag, zone) for flag in needed}
    steady = {flag: pace for flag, pace in paces.items() if pace}
    if steady:
        regular = steady[min(steady)]
        yield regular
        places = [(0,), *(runs.firsts(flag, zone) for flag in needed - {*steady})]
        if rest := [times[place] for place in _union(places) if times[place] not in regular]:
            yield rest
        return
    places = [runs.firsts(flag, zone) for flag in sorted(needed)]
    found = [times[place] for place in (places[0] if len(places) == 1 else _union(places))]
    found = _union([found, *parts]) if parts else found
    yield times if len(found) == len(times) else found


def _at_a_steady_pace(times: Sequence[int], flag: int, zone: tzinfo) -> range:
    """The first points of all days or weeks but the first one, if they come at a steady pace."""
    length = PERIOD_SECONDS.get(flag)
    if length is None or not isinstance(times, range) or length % times.step:
        return range(0)
    if steady_offset(zone, times[0], times[-1]) is None:
        return range(0)
    begin = begins(zone, flag, times[0], times[0] + length)[0]
    return times[-((times[0] - begin) // times.step) :: length // times.step]


def _union(rising: Sequence[Sequence[int]]) -> list[int]:
    return sorted(set[int]().union(*rising))
