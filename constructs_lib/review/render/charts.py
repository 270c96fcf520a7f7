"""Charts of what a backup policy promises, as the shapes of which the HTML page makes inline SVG.

Three charts, each as wide as a phone, so that they stand beside each other on a screen:

* the recovery points by age, a lane for each retention;
* the worst-case data loss, by the time until an incident is detected, ending in "no promise";
* the days of the last 53 weeks that can be restored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from constructs_lib.backup.simulation.timeline import Point, Timeline
from constructs_lib.review import wording
from constructs_lib.review.report import PointsReview, Step

# ------------------------------------------------------------ what is drawn

_LEFT, _RIGHT = 44.0, 352.0
_DAY = 86_400
# The calendar: where it begins, and how far apart its weeks and weekdays are.
_DAYS_LEFT, _DAYS_TOP = 40.0, 8.0
_WEEKS, _PITCH, _ROW = 53, 5.9, 18.0
_MARKS = (
    (60, "1 min"),
    (3_600, "1 hour"),
    (_DAY, "1 day"),
    (7 * _DAY, "1 week"),
    (30 * _DAY, "1 month"),
    (365 * _DAY, "1 year"),
    (3_650 * _DAY, "10 years"),
    (36_500 * _DAY, "100 years"),
    (365_000 * _DAY, "1000 years"),
)


class Shape(NamedTuple):
    """An SVG element: its name, its attributes as SVG spells them, and its text."""

    tag: str
    attributes: dict[str, Any]
    text: str | None = None


class Figure(NamedTuple):
    """A chart with its heading, and a description for who cannot see it."""

    heading: str
    description: str
    height: float
    shapes: list[Shape]


class Lane(NamedTuple):
    """The points that one retention decides about, before and after, as `(age, day)` in seconds and days.

    `thickness`: of its bars in the calendar; the more, the longer it keeps.
    """

    keeps: str
    days_before: int | None
    days_after: int | None
    before: tuple[Point, ...]
    after: tuple[Point, ...]
    thickness: int

    @property
    def points(self) -> tuple[Point, ...]:
        return (*self.before, *self.after)

    @property
    def label(self) -> str:
        """`first backup of each week: 60 → 30 days`."""
        name = self.keeps.removeprefix("the ")
        was, now = self.days_before, self.days_after
        if was is None and now is None:
            return name
        if was is None or now is None or was == now:
            kept = wording.plural(was or now or 0, "day")
            return f"{name}: {kept}{' → not kept' if now is None else ''}"
        return f"{name}: {was:,} → {wording.plural(now, 'day')}"


@frozen(eq=False)
class Scene:
    """The points that exist at one moment long after the change, and the worst case.

    * `at`: that moment, UNIX seconds. `is_change`: whether there are two sides to tell apart.
    """

    at: int
    zone: tzinfo
    lanes: tuple[Lane, ...]
    steps: tuple[Step, ...]
    is_change: bool

    @classmethod
    def of(cls, points: PointsReview, zone: str) -> Scene | None:
        """None where nothing can be drawn: a side is unknown, or nothing is ever backed up."""
        before, after, steps = points.before, points.after, points.steps
        sides = [side for side in (before, after) if side is not None and side.times]
        if points.is_unknown or not sides or not steps:
            return None
        at = min(side.end - 1 if side.ends is None else side.ends for side in sides)
        is_change = before is not None and after is not None
        if after is None:  # what goes is drawn as it is
            before, after = None, before
            steps = tuple(evolve(step, before=None, after=step.before) for step in steps)
        # What keeps the newest point has nothing to show while other retentions keep it anyway.
        lanes = [
            lane for lane in _lanes(before, after, at) if lane.days_before or lane.days_after or lane.points
        ]
        return cls(at, ZoneInfo(zone), tuple(lanes), steps, is_change)

    @property
    def losses(self) -> list[int]:
        """All worst-case losses that are promised, in seconds."""
        return [loss for step in self.steps for loss in (step.before, step.after) if loss]

    @property
    def longest(self) -> int:
        """The most that an axis has to show, in seconds."""
        ages = [self.at - point.time for lane in self.lanes for point in lane.points]
        return max([*ages, *(step.older_than for step in self.steps), *self.losses, 2 * _DAY])

    @property
    def shortest(self) -> int:
        """The least that an axis has to show: the largest round mark below the smallest loss."""
        least = min(self.losses, default=_DAY)
        return max((size for size, _ in _MARKS if size <= least), default=60)


def _lanes(before: Timeline | None, after: Timeline | None, at: int) -> Iterator[Lane]:
    sides = [_by_keeps(timeline, at) for timeline in (before, after)]
    names = dict.fromkeys([*sides[1], *sides[0]])
    days = {name: max(side[name][0] or 0 for side in sides if name in side) for name in names}
    ranks = sorted(set(days.values()))
    for name in names:
        (was, had), (now, has) = (side.get(name, (None, ())) for side in sides)
        yield Lane(name, was, now, had, has, 3 + 2 * min(ranks.index(days[name]), 3))


def _by_keeps(timeline: Timeline | None, at: int) -> dict[str, tuple[int | None, tuple[Point, ...]]]:
    """The days of the retentions by what they keep, with the points that each decides about at a moment."""
    if timeline is None:
        return {}
    points: dict[str, list[Point]] = {retention.keeps: [] for retention in timeline.retentions}
    for point in timeline.existing(at) if timeline.begin <= at < timeline.end else ():
        points[point.kept_by.keeps].append(point)
    return {kept.keeps: (kept.days, tuple(points[kept.keeps])) for kept in timeline.retentions}


# ------------------------------------------------------------ axes


@frozen
class _Axis:
    """A logarithmic axis: lengths of time in seconds from `low` to `high`, drawn from `start` to `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def position(self, seconds: float) -> float:
        share = math.log(max(seconds, self.low) / self.low) / math.log(self.high / self.low)
        return round(self.start + (self.stop - self.start) * min(share, 1.0), 1)

    def marks(self, apart: float) -> Iterator[tuple[float, str]]:
        """The round lengths, so far apart that their labels do not meet."""
        last = -math.inf
        for size, label in _MARKS:
            position = self.position(size)
            if self.low <= size <= self.high and abs(position - last) >= apart:
                yield position, label
                last = position


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(x: float, y: float, text: str, kind: str | None = None, anchor: str | None = None) -> Shape:
    return Shape("text", {"x": _number(x), "y": _number(y), "class": kind, "text-anchor": anchor}, text)


def _path(d: str, kind: str, **attributes: Any) -> Shape:
    return Shape("path", {"d": d, "class": kind, **attributes})


def _rectangle(x: float, y: float, width: float, height: float, kind: str, **attributes: Any) -> Shape:
    place = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height)}
    return Shape("rect", {**place, "class": kind, **attributes})


def _ages(axis: _Axis, top: float, bottom: float, caption: str) -> Iterator[Shape]:
    """The axis of ages below a chart, with lines up to its top."""
    marks = list(axis.marks(60))
    lines = "".join(f"M{_number(x)} {_number(top)}V{_number(bottom)}" for x, _ in marks)
    yield _path(lines, "grid")
    if len(marks) > 1 and marks[-1][0] > _RIGHT - 22 and marks[-1][0] - marks[-2][0] < 78:
        del marks[-1]  # it would be moved to the left, onto the label before it
    for x, label in marks:
        anchor = "start" if x < axis.start + 10 else "end" if x > _RIGHT - 22 else "middle"
        yield _text(x, bottom + 14, label, anchor=anchor)
    yield _text(_RIGHT, bottom + 29, caption, "muted", "end")


# ------------------------------------------------------------ the three charts


def figures(scene: Scene) -> tuple[Figure, Figure, Figure]:
    """The charts, to stand side by side."""
    return by_age(scene), worst_case(scene), calendar(scene)


def by_age(scene: Scene) -> Figure:
    """The recovery points by age, a lane for each retention."""
    axis = _Axis(scene.shortest, max(scene.longest, scene.shortest * 2) * 1.2, _LEFT, _RIGHT)
    y = 12.0
    shapes: list[Shape] = []
    descriptions = []
    for lane in scene.lanes:
        shapes.append(_rectangle(0, y - lane.thickness, 6, lane.thickness, "bar"))
        shapes.append(_text(12, y, lane.label))
        rows = [("after", lane.after, "bar")]
        was, now = ([point.time for point in points] for points in (lane.before, lane.after))
        if scene.is_change and was != now:
            rows.insert(0, ("before", lane.before, "was"))
        for name, points, kind in rows:
            y += 16
            if scene.is_change:
                shapes.append(_text(0, y, name if len(rows) > 1 else "both", "muted"))
            shapes.append(_ticks(axis, [scene.at - point.time for point in points], y - 9, kind))
            if not points:
                shapes.append(_text(_LEFT + 4, y, "none", "muted"))
        y += 22
        beside = f", before {len(lane.before):,}" if len(rows) > 1 else ""
        descriptions.append(f"{lane.label}: {wording.plural(len(lane.after), 'point')}{beside}")
    bottom = y - 12
    when = wording.moment(scene.at, str(scene.zone))
    description = f"Points that exist on {when}. {'; '.join(descriptions)}."
    shapes = [*_ages(axis, 18, bottom, "age of the recovery point"), *shapes]
    return Figure("Points by age", description, bottom + 34, shapes)


def _ticks(axis: _Axis, ages: Sequence[int], y: float, kind: str) -> Shape:
    """One path; points that would be drawn over each other are drawn once."""
    positions = sorted({round(axis.position(age)) for age in ages})
    steps = [f"M{positions[0]} {_number(y)}v9"] if positions else []
    steps += [f"m{now - was}-9v9" for was, now in pairwise(positions)]
    return _path("".join(steps), f"tick {kind}")


def worst_case(scene: Scene) -> Figure:
    """The worst case as a staircase, and where nothing is promised any more."""
    top, bottom, labels = 10.0, 150.0, 56.0
    low, longest = scene.shortest, max(scene.longest, scene.shortest * 2)
    # So much room on the right that "no promise" can be read.
    x_axis = _Axis(low / 2, longest * (longest / low) ** 0.42, labels, _RIGHT)
    y_axis = _Axis(low / 2, max([*scene.losses, low * 2]) * 2, bottom, top)
    after = _stretches([(step.older_than, step.after) for step in scene.steps], x_axis)
    before = _stretches([(step.older_than, step.before) for step in scene.steps], x_axis)
    shapes = list(_ages(x_axis, top, bottom, "time until the incident is detected"))
    for y, label in y_axis.marks(14):
        shapes.append(_path(f"M{_number(labels)} {_number(y)}H{_number(_RIGHT)}", "grid"))
        shapes.append(_text(labels - 6, y + 4, label, anchor="end"))
    for start, stop, loss in after:
        if loss is None:
            shapes.append(_rectangle(start, top, stop - start, bottom - top, "none", fill="url(#hatch)"))
    is_compared = scene.is_change and before != after
    if is_compared:
        shapes.append(_path(_staircase(before, y_axis, bottom), "stair was"))
    shapes.append(_path(_staircase(after, y_axis, bottom), "stair now"))
    shapes += _losses(after, y_axis, top)
    if is_compared:
        for x, name, kind in ((0, "before", "was"), (74, "after", "now")):
            shapes.append(_path(f"M{x} {bottom + 25}h22", f"stair {kind}"))
            shapes.append(_text(x + 26, bottom + 29, name, "muted"))
    description = "; ".join(
        f"incident detected {wording.detection(step)}: at most {wording.length(step.after)}"
        + (f", before {wording.length(step.before)}" if scene.is_change else "")
        for step in scene.steps
    )
    return Figure("Worst-case data loss (RPO)", f"{description}.", bottom + 34, shapes)


Stretch = tuple[float, float, int | None]


def _stretches(cases: Sequence[tuple[int, int | None]], axis: _Axis) -> list[Stretch]:
    """From where to where on the axis which loss holds; equal neighbours are one."""
    starts = [axis.position(after) if number else axis.start for number, (after, _) in enumerate(cases)]
    stops = [*starts[1:], axis.stop]
    stretches: list[Stretch] = []
    for loss, group in groupby(zip(starts, stops, cases, strict=True), key=lambda part: part[2][1]):
        members = list(group)
        stretches.append((members[0][0], members[-1][1], loss))
    return stretches


def _staircase(stretches: Sequence[Stretch], axis: _Axis, bottom: float) -> str:
    path = ""
    for start, stop, loss in stretches:
        if loss is None:
            continue
        y = _number(axis.position(loss))
        path += f"{f'V{y}' if path else f'M{_number(start)} {y}'}H{_number(stop)}"
    return path or f"M{_number(stretches[0][0])} {_number(bottom)}"


def _losses(stretches: Sequence[Stretch], axis: _Axis, top: float) -> Iterator[Shape]:
    """The losses in words, above their stretch, where there is room."""
    free, level = -math.inf, -math.inf
    for start, stop, loss in stretches:
        label = wording.length(loss)
        width = 6.6 * len(label)
        if loss is None:
            if stop - start >= width:
                yield _text((start + stop) / 2, top + 74, label, "halo strong", "middle")
            continue
        y = axis.position(loss) - 5
        if stop - start >= width and (start >= free or abs(y - level) >= 14):
            yield _text(start + 3, y, label, "halo")
            free, level = start + width + 6, y


# ------------------------------------------------------------ the calendar


def calendar(scene: Scene) -> Figure:
    """The days of the last 53 weeks of which a point is left, and those that the change loses."""
    now = datetime.fromtimestamp(scene.at, scene.zone).date()
    first = now - timedelta(days=now.isoweekday() % 7 + 7 * (_WEEKS - 1))
    was, has = _by_day(scene, first, is_after=False), _by_day(scene, first, is_after=True)
    lost = [day for day in was if day not in has] if scene.is_change else []
    shapes = [
        _text(_DAYS_LEFT - 6, _DAYS_TOP + _ROW * number + 13, name, "muted", "end")
        for number, name in enumerate(("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))
    ]
    days = (now - first).days + 1
    shapes.append(_path(_runs(dict.fromkeys(range(days), 1), 1), "day empty"))
    for thickness in sorted(set(has.values())):
        shapes.append(_path(_runs(has, thickness), "day bar", **{"stroke-width": thickness}))
    bottom = _DAYS_TOP + 7 * _ROW
    for week, label in ((0, "52"), (13, "39"), (26, "26"), (39, "13")):
        shapes.append(_text(_DAYS_LEFT + _PITCH * week + 2.2, bottom + 14, label, None, "middle"))
    shapes.append(_text(_RIGHT, bottom + 14, "now", None, "end"))
    shapes.append(_text(_RIGHT, bottom + 29, "weeks ago", "muted", "end"))
    if lost:
        shapes.append(_path(_crosses(lost), "cross"))
    legend = list(_legend(scene, has, lost, days))
    for number, (sample, label) in enumerate(legend):
        y = bottom + 48 + 17 * number
        shapes += [sample(y - 4), _text(24, y, label)]
    description = f"Of the last {days} days, {len(has)} have a point left"
    description += f", before {len(was)}; {len(lost)} are lost by the change." if scene.is_change else "."
    height = bottom + 38 + 17 * len(legend)
    return Figure("Days that can be restored, once settled", description, height, shapes)


def _legend(
    scene: Scene, has: dict[int, int], lost: Sequence[int], days: int
) -> Iterator[tuple[Callable[[float], Shape], str]]:
    """What each mark stands for: how to draw it at a height, and in words; marks differ in shape, too."""
    for thickness in sorted(set(has.values()), reverse=True):
        names = [lane.label for lane in scene.lanes if lane.thickness == thickness and lane.after]
        bar = partial(_sample, "day bar", thickness)
        yield bar, f"{'; '.join(names[:2])}{' and others' if len(names) > 2 else ''}"
    if lost:
        label = f"{wording.plural(len(lost), 'day')} not restorable any more"
        yield (lambda y: _path(f"M7 {_number(y - 3)}l4.4 6m0-6l-4.4 6", "cross")), label
    if len(has) + len(lost) < days:
        yield partial(_sample, "day empty", 2), "no recovery point is left of the day"


def _sample(kind: str, thickness: int, y: float) -> Shape:
    return _path(f"M1 {_number(y)}h16.2", kind, **{"stroke-width": thickness})


def _by_day(scene: Scene, first: date, *, is_after: bool) -> dict[int, int]:
    """The thickness of the longest-lasting point of each day, counted from the first day."""
    start = datetime(first.year, first.month, first.day, tzinfo=scene.zone).timestamp()
    days: dict[int, int] = {}
    for lane in scene.lanes:
        for point in lane.after if is_after else lane.before:
            if point.time >= start:
                day = (datetime.fromtimestamp(point.time, scene.zone).date() - first).days
                days[day] = max(days.get(day, 0), lane.thickness)
    return days


def _runs(days: dict[int, int], thickness: int) -> str:
    """Days in a row, week after week, are one dashed line, whose dashes are the days."""
    path = ""
    for weekday in range(7):
        weeks = [week for week in range(_WEEKS) if days.get(7 * week + weekday) == thickness]
        for _, group in groupby(enumerate(weeks), key=lambda pair: pair[1] - pair[0]):
            run = [week for _, week in group]
            x, y = _DAYS_LEFT + _PITCH * run[0], _DAYS_TOP + _ROW * weekday + _ROW / 2
            path += f"M{_number(x)} {_number(y)}h{_number(_PITCH * len(run) - 1.5)}"
    return path


def _crosses(days: Iterable[int]) -> str:
    path = ""
    for day in sorted(days):
        x, y = _DAYS_LEFT + _PITCH * (day // 7), _DAYS_TOP + _ROW * (day % 7 + 0.5) - 3
        path += f"M{_number(x)} {_number(y)}l4.4 6m0-6l-4.4 6"
    return path
