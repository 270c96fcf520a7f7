"""What a timeline says, read from its points and worst cases in the way that a test asks for it."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from constructs_lib.backup.recovery import MovedPoint, RecoveryComparison
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.backup.simulation.worst_case import FOREVER, WorstCase, side_by_side


def expiries(timeline: Timeline) -> list[int]:
    """When each point is deleted, `FOREVER` for never."""
    return [FOREVER if point.expires is None else point.expires for point in timeline.points()]


def decided(timeline: Timeline) -> dict[str, int]:
    """Of how many points each retention decides when they are deleted."""
    found = Counter(point.kept_by.path for point in timeline.points())
    return {retention.path: found[retention.path] for retention in timeline.retentions}


def kept_on_average(timeline: Timeline) -> dict[str, float]:
    """How many points each retention decides about exist at a time, once counts are settled."""
    since = timeline.times[0] if timeline.settled is None else timeline.settled
    seconds = dict.fromkeys((retention.path for retention in timeline.retentions), 0)
    for point in timeline.points():
        expires = timeline.end if point.expires is None else min(point.expires, timeline.end)
        seconds[point.kept_by.path] += max(0, expires - max(point.time, since))
    return {path: total / (timeline.end - since) for path, total in seconds.items()}


def kept_by(timeline: Timeline, at: int) -> dict[str, int]:
    """How many of the points that exist at a moment each retention keeps, by what it keeps."""
    return dict(Counter(point.kept_by.keeps for point in timeline.existing(at)))


def loss_at(timeline: Timeline, age: int) -> int | None:
    """The worst-case loss of an incident detected at this age."""
    passed = [case for case in timeline.worst_cases if case.older_than < age]
    return (passed or timeline.worst_cases[:1])[-1].loss


class Shift(NamedTuple):
    """Ages above `older_than` and up to `up_to` (None: any) of which the worst case is another."""

    older_than: int
    up_to: int | None
    before: int | None
    after: int | None

    @property
    def is_worse(self) -> bool:
        was, now = (FOREVER if loss is None else loss for loss in (self.before, self.after))
        return now > was


def shifts(before: tuple[WorstCase, ...], after: tuple[WorstCase, ...]) -> tuple[Shift, ...]:
    rows = list(side_by_side(before, after))
    ends = [*(age for age, _, _ in rows[1:]), None]
    return tuple(
        Shift(age, end, was, now) for (age, was, now), end in zip(rows, ends, strict=True) if was != now
    )


def shifts_of(comparison: RecoveryComparison) -> tuple[Shift, ...]:
    nothing = (WorstCase(0, None),)
    before, after = (
        timeline.worst_cases if timeline else nothing for timeline in (comparison.before, comparison.after)
    )
    return () if comparison.unknown else shifts(before, after)


def sooner(comparison: RecoveryComparison) -> list[MovedPoint]:
    """The points that are deleted sooner because of the change."""
    return [point for point in comparison.moved if point.is_sooner]


def gets_worse(comparison: RecoveryComparison) -> bool:
    return any(shift.is_worse for shift in shifts_of(comparison)) or bool(sooner(comparison))


def gets_better(comparison: RecoveryComparison) -> bool:
    longer = len(comparison.moved) > len(sooner(comparison))
    return any(not shift.is_worse for shift in shifts_of(comparison)) or longer
