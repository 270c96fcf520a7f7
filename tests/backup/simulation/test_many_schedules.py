"""The points of many schedules are those of their union, looked at for a shorter time than those of few."""

from __future__ import annotations

from constructs_lib.backup.simulation.runs import MOST_RUNS, Runs


def test_each_point_of_many_schedules_comes_from_the_first_that_makes_it() -> None:
    schedules = [range(first, 900, 7 + first % 5) for first in range(40)]
    runs = Runs.of(schedules, 800, 0)
    seen: set[int] = set()
    for schedule, part in zip(schedules, runs.parts, strict=True):
        assert list(part) == [time for time in schedule if time < 800 and time not in seen]
        seen |= {*part}
    assert list(runs.times) == sorted(seen)
    assert not runs.cut_short


def test_the_more_schedules_the_fewer_starts_are_looked_at() -> None:
    end = 10 * MOST_RUNS
    runs = Runs.of([range(first, end, 160) for first in range(160)], end, 0)
    assert runs.cut_short
    assert len(runs.times) == MOST_RUNS // 10
    assert runs.end == MOST_RUNS // 10
