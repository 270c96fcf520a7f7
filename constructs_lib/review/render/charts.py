"""Pictures of what a backup policy promises, as inline SVG.

Three pictures, each as wide as a phone, so that they stand beside each other on a screen:

* the recovery points by age, a lane for each retention;
* the worst case: how much is lost at most, by the age of the damage, ending in "no promise";
* the days of the last 53 weeks that can be restored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attrs import frozen

from constructs_lib.backup.simulation.timeline import Point, Retention, Timeline
from constructs_lib.review import wording as words
from constructs_lib.review.render.markup import Markup, element
from constructs_lib.review.report import PointsReview, Step

# ------------------------------------------------------------ what is drawn

_WIDTH = 360
_LEFT, _RIGHT = 44.0, 352.0
_DAY = 86_400
_WEEKS = 53
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
DEFINITIONS = element(
    "svg",
    element(
        "defs",
        element(
            "pattern",
            element("path", d="M0 0v6", class_="hatching"),
            id="hatch",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    ),
    class_="definitions",
    width=0,
    height=0,
    aria_hidden="true",
    focusable="false",
)
"""What all pictures of a page refer to; once, before the first of them."""


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
            kept = words.plural(was or now or 0, "day")
            return f"{name}: {kept}{' → not kept' if now is None else ''}"
        return f"{name}: {was:,} → {words.plural(now, 'day')}"


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
        sides = [one for one in (points.before, points.after) if one is not None and one.times]
        if points.is_unknown or not sides or not points.steps:
            return None
        at = min(one.end - 1 if one.ends is None else one.ends for one in sides)
        is_change = points.before is not None and points.after is not None
        before, after = points.before, points.after
        if after is None:  # what goes is drawn as it is
            before, after = None, before
        steps = points.steps
        if points.after is None:
            steps = tuple(Step(older_than=one.older_than, before=None, after=one.before) for one in steps)
        # What keeps the newest point has nothing to show while other retentions keep it anyway.
        lanes = [one for one in _lanes(before, after, at) if one.days_before or one.days_after or one.points]
        return cls(at, ZoneInfo(zone), tuple(lanes), steps, is_change)

    @property
    def longest(self) -> int:
        """The most that an axis has to show, in seconds."""
        ages = [self.at - one.time for lane in self.lanes for one in lane.points]
        steps = [one.older_than for one in self.steps]
        losses = [loss for one in self.steps for loss in (one.before, one.after) if loss is not None]
        return max([*ages, *steps, *losses, 2 * _DAY])

    @property
    def shortest(self) -> int:
        """The least that an axis has to show: the largest round mark below the smallest loss."""
        losses = [loss for one in self.steps for loss in (one.before, one.after) if loss]
        least = min(losses, default=_DAY)
        return max((size for size, _ in _MARKS if size <= least), default=60)


def _lanes(before: Timeline | None, after: Timeline | None, at: int) -> Iterator[Lane]:
    found = [_by_keeps(one, at) for one in (before, after)]
    names = dict.fromkeys([*found[1], *found[0]])
    days = {name: max((_days(side[name][0]) for side in found if name in side), default=0) for name in names}
    ranks = sorted(set(days.values()))
    for name in names:
        (was, had), (now, has) = (side.get(name, (None, ())) for side in found)
        yield Lane(
            name,
            was.days if was else None,
            now.days if now else None,
            had,
            has,
            3 + 2 * min(ranks.index(days[name]), 3),
        )


def _days(retention: Retention | None) -> int:
    return (retention.days or 0) if retention else 0


def _by_keeps(timeline: Timeline | None, at: int) -> dict[str, tuple[Retention | None, tuple[Point, ...]]]:
    """The retentions by what they keep, each with the points that it decides about at that moment."""
    if timeline is None:
        return {}
    points: dict[str, list[Point]] = {one.keeps: [] for one in timeline.retentions}
    for point in timeline.existing(at) if timeline.begin <= at < timeline.end else ():
        points[point.kept_by.keeps].append(point)
    return {one.keeps: (one, tuple(points[one.keeps])) for one in timeline.retentions}


# ------------------------------------------------------------ axes


@frozen
class _Axis:
    """A logarithmic axis: lengths of time in seconds from `low` to `high`, drawn from `start` to `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def place(self, seconds: float) -> float:
        share = math.log(max(seconds, self.low) / self.low) / math.log(self.high / self.low)
        return round(self.start + (self.stop - self.start) * min(share, 1.0), 1)

    def marks(self, apart: float) -> Iterator[tuple[float, str]]:
        """The round lengths, so far apart that their labels do not meet."""
        last = -math.inf
        for size, label in _MARKS:
            place = self.place(size)
            if self.low <= size <= self.high and abs(place - last) >= apart:
                yield place, label
                last = place


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(x: float, y: float, content: str, kind: str | None = None, anchor: str | None = None) -> Markup:
    return element("text", content, x=_number(x), y=_number(y), class_=kind, text_anchor=anchor)


def _ages(axis: _Axis, top: float, bottom: float, caption: str) -> Iterator[Markup]:
    """The axis of ages below a picture, with lines up to its top."""
    marks = list(axis.marks(60))
    lines = "".join(f"M{_number(x)} {_number(top)}V{_number(bottom)}" for x, _ in marks)
    yield element("path", d=lines, class_="grid")
    if len(marks) > 1 and marks[-1][0] > _RIGHT - 22 and marks[-1][0] - marks[-2][0] < 78:
        del marks[-1]  # it would be moved to the left, onto the label before it
    for x, label in marks:
        anchor = "start" if x < axis.start + 10 else "end" if x > _RIGHT - 22 else "middle"
        yield _text(x, bottom + 14, label, anchor=anchor)
    yield _text(_RIGHT, bottom + 29, caption, "muted", "end")


def _figure(key: str, heading: str, told: str, height: float, parts: Iterable[object]) -> Markup:
    picture = element(
        "svg",
        element("title", heading, id=f"{key}-t"),
        element("desc", told, id=f"{key}-d"),
        *parts,
        viewBox=f"0 0 {_WIDTH} {_number(height)}",
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
    )
    return element("figure", element("figcaption", heading), picture)


# ------------------------------------------------------------ the three pictures


def figures(scene: Scene, key: str) -> Markup:
    """The pictures side by side; `key` begins their ids."""
    return element(
        "div",
        by_age(scene, f"{key}a"),
        worst_case(scene, f"{key}w"),
        calendar(scene, f"{key}c"),
        class_="pictures",
    )


def by_age(scene: Scene, key: str) -> Markup:
    """The recovery points by age, a lane for each retention."""
    axis = _Axis(scene.shortest, max(scene.longest, scene.shortest * 2) * 1.2, _LEFT, _RIGHT)
    y = 12.0
    parts: list[Markup] = []
    told = []
    for lane in scene.lanes:
        parts.append(element("rect", x=0, y=y - lane.thickness, width=6, height=lane.thickness, class_="bar"))
        parts.append(_text(12, y, lane.label))
        rows = [("after", lane.after, "bar")]
        if scene.is_change and not _same(lane):
            rows.insert(0, ("before", lane.before, "was"))
        for name, points, kind in rows:
            y += 16
            if scene.is_change:
                parts.append(_text(0, y, name if len(rows) > 1 else "both", "muted"))
            parts.append(_ticks(axis, [scene.at - one.time for one in points], y - 9, kind))
            if not points:
                parts.append(_text(_LEFT + 4, y, "none", "muted"))
        y += 22
        was = f", before {len(lane.before):,}" if len(rows) > 1 else ""
        told.append(f"{lane.label}: {words.plural(len(lane.after), 'point')}{was}")
    bottom = y - 12
    axis_parts = list(_ages(axis, 18, bottom, "age of the recovery point"))
    told_all = f"Points that exist on {words.moment(scene.at, str(scene.zone))}. {'; '.join(told)}."
    return _figure(key, "Points by age", told_all, bottom + 34, [*axis_parts, *parts])


def _same(lane: Lane) -> bool:
    return [one.time for one in lane.before] == [one.time for one in lane.after]


def _ticks(axis: _Axis, ages: Sequence[int], y: float, kind: str) -> Markup:
    """One path; points that would be drawn over each other are drawn once."""
    places = sorted({round(axis.place(age)) for age in ages})
    steps = [f"M{places[0]} {_number(y)}v9"] if places else []
    steps += [f"m{now - was}-9v9" for was, now in pairwise(places)]
    return element("path", d="".join(steps), class_=f"tick {kind}")


def worst_case(scene: Scene, key: str) -> Markup:
    """The worst case as a staircase, and where nothing is promised any more."""
    top, bottom, labels = 10.0, 150.0, 56.0
    low, longest = scene.shortest, max(scene.longest, scene.shortest * 2)
    # So much room on the right that "no promise" can be read.
    x_axis = _Axis(low / 2, longest * (longest / low) ** 0.42, labels, _RIGHT)
    losses = [loss for one in scene.steps for loss in (one.before, one.after) if loss]
    y_axis = _Axis(low / 2, max([*losses, low * 2]) * 2, bottom, top)
    after = _stretches([(one.older_than, one.after) for one in scene.steps], x_axis)
    before = _stretches([(one.older_than, one.before) for one in scene.steps], x_axis)
    parts = list(_ages(x_axis, top, bottom, "age of the damage when it is noticed"))
    for y, label in y_axis.marks(14):
        parts.append(element("path", d=f"M{_number(labels)} {_number(y)}H{_number(_RIGHT)}", class_="grid"))
        parts.append(_text(labels - 6, y + 4, label, anchor="end"))
    for start, stop, loss in after:
        if loss is None:
            area = {"x": _number(start), "y": top, "width": _number(stop - start), "height": bottom - top}
            parts.append(element("rect", **area, fill="url(#hatch)", class_="none"))
    if scene.is_change and before != after:
        parts.append(element("path", d=_staircase(before, y_axis, bottom), class_="stair was"))
    parts.append(element("path", d=_staircase(after, y_axis, bottom), class_="stair now"))
    parts += _losses(after, y_axis, top)
    if scene.is_change and before != after:
        parts.append(element("path", d=f"M0 {bottom + 25}h22", class_="stair was"))
        parts.append(_text(26, bottom + 29, "before", "muted"))
        parts.append(element("path", d=f"M74 {bottom + 25}h22", class_="stair now"))
        parts.append(_text(100, bottom + 29, "after", "muted"))
    told = "; ".join(
        f"damage of {words.age(one)}: at most {words.length(one.after)}"
        + (f", before {words.length(one.before)}" if scene.is_change else "")
        for one in scene.steps
    )
    return _figure(key, "Worst case: what a damage costs at most", f"{told}.", bottom + 34, parts)


Stretch = tuple[float, float, int | None]


def _stretches(ladder: Sequence[tuple[int, int | None]], axis: _Axis) -> list[Stretch]:
    """From where to where on the axis which loss holds; equal neighbours are one."""
    starts = [axis.place(age) if number else axis.start for number, (age, _) in enumerate(ladder)]
    stops = [*starts[1:], axis.stop]
    found: list[Stretch] = []
    for loss, group in groupby(zip(starts, stops, ladder, strict=True), key=lambda one: one[2][1]):
        members = list(group)
        found.append((members[0][0], members[-1][1], loss))
    return found


def _staircase(stretches: Sequence[Stretch], axis: _Axis, bottom: float) -> str:
    path = ""
    for start, stop, loss in stretches:
        if loss is None:
            continue
        y = _number(axis.place(loss))
        path += f"{f'V{y}' if path else f'M{_number(start)} {y}'}H{_number(stop)}"
    return path or f"M{_number(stretches[0][0])} {_number(bottom)}"


def _losses(stretches: Sequence[Stretch], axis: _Axis, top: float) -> Iterator[Markup]:
    """The losses in words, above their stretch, where there is room."""
    free, level = -math.inf, -math.inf
    for start, stop, loss in stretches:
        label = words.length(loss)
        width = 6.6 * len(label)
        if loss is None:
            if stop - start >= width:
                yield _text((start + stop) / 2, top + 74, label, "halo strong", "middle")
            continue
        y = axis.place(loss) - 5
        if stop - start >= width and (start >= free or abs(y - level) >= 14):
            yield _text(start + 3, y, label, "halo")
            free, level = start + width + 6, y


# ------------------------------------------------------------ the calendar


def calendar(scene: Scene, key: str) -> Markup:
    """The days of the last 53 weeks of which a point is left, and those that the change loses."""
    left, top, pitch, row = 40.0, 8.0, 5.9, 18.0
    now = datetime.fromtimestamp(scene.at, scene.zone).date()
    first = now - timedelta(days=now.isoweekday() % 7 + 7 * (_WEEKS - 1))
    was, has = _by_day(scene, first, is_after=False), _by_day(scene, first, is_after=True)
    lost = {day: 1 for day in was if day not in has}
    parts = [
        _text(left - 6, top + row * number + 13, name, "muted", "end")
        for number, name in enumerate(("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))
    ]
    days = (now - first).days + 1
    everything = dict.fromkeys(range(days), 1)
    parts.append(element("path", d=_runs(everything, 1, left, top, pitch, row), class_="day empty"))
    for thickness in sorted(set(has.values())):
        path = _runs(has, thickness, left, top, pitch, row)
        parts.append(element("path", d=path, class_="day bar", stroke_width=thickness))
    if scene.is_change and lost:
        parts.append(element("path", d=_crosses(lost, left, top, pitch, row), class_="cross"))
    bottom = top + 7 * row
    for week, label in ((0, "52"), (13, "39"), (26, "26"), (39, "13"), (52, "now")):
        x = _RIGHT if week == 52 else left + pitch * week + 2.2
        parts.append(_text(x, bottom + 14, label, None, "end" if week == 52 else "middle"))
    parts.append(_text(_RIGHT, bottom + 29, "weeks ago", "muted", "end"))
    if scene.is_change and lost:
        parts.append(element("path", d=f"M2 {bottom + 22}l6 7m0-7l-6 7", class_="cross"))
        what = f"{words.plural(len(lost), 'day')} not restorable any more"
        parts.append(_text(14, bottom + 29, what, "muted"))
    else:
        parts.append(_text(0, bottom + 29, "taller bars are kept longer", "muted"))
    told = f"Of the last {days} days, {len(has)} have a point left"
    told += f", before {len(was)}; {len(lost)} are lost by the change." if scene.is_change else "."
    heading = "Days that can be restored, once settled"
    return _figure(key, heading, told, bottom + 34, parts)


def _by_day(scene: Scene, first: date, *, is_after: bool) -> dict[int, int]:
    """The thickness of the longest-lasting point of each day, counted from the first day."""
    start = datetime(first.year, first.month, first.day, tzinfo=scene.zone).timestamp()
    found: dict[int, int] = {}
    for lane in scene.lanes:
        for point in lane.after if is_after else lane.before:
            if point.time >= start:
                day = (datetime.fromtimestamp(point.time, scene.zone).date() - first).days
                found[day] = max(found.get(day, 0), lane.thickness)
    return found


def _runs(days: dict[int, int], thickness: int, left: float, top: float, pitch: float, row: float) -> str:
    """Days in a row, week after week, are one dashed line, whose dashes are the days."""
    path = ""
    for weekday in range(7):
        weeks = [week for week in range(_WEEKS) if days.get(7 * week + weekday) == thickness]
        for _, group in groupby(enumerate(weeks), key=lambda one: one[1] - one[0]):
            run = [week for _, week in group]
            x, y = left + pitch * run[0], top + row * weekday + row / 2
            path += f"M{_number(x)} {_number(y)}h{_number(pitch * len(run) - 1.5)}"
    return path


def _crosses(days: Iterable[int], left: float, top: float, pitch: float, row: float) -> str:
    return "".join(
        f"M{_number(left + pitch * (day // 7))} {_number(top + row * (day % 7 + 0.5) - 3)}l4.4 6m0-6l-4.4 6"
        for day in sorted(days)
    )
