"""The report as one HTML file: no network, no fonts, and nothing that needs a script to be read.

The verdict comes first, then a line for each policy, then the policies: charts of what a backup policy
promises, the access that a policy version gives, findings, and what all this takes for granted. The markup is
in `templates/`; the engine escapes whatever a template prints.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

from attrs import field, frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from constructs_lib.backup.recovery import MovedPoint
from constructs_lib.findings import printable
from constructs_lib.review import wording
from constructs_lib.review.render import charts
from constructs_lib.review.report import Action, Level, PointsReview, Report, ResourceReview

MOST_OPEN = 12
"""So many policies are unfolded from the beginning; of more, none is."""
MOST_CHARTS = 100
"""So many different promises are drawn; the tables say the same of the others."""
MOST_DELETED = 25
"""So many deleted points are listed one by one."""
MOST_ROWS = 60
"""So many rows a table has; the rest is counted."""
MOST_VALUES, MOST_LINES = 100, 40
"""So many values of a statement or rule are shown; an edit of more lines than that is folded."""
MOST_UNCHANGED = 1_000
"""So many unchanged policies are listed; the rest is counted."""
_MOST_CHARACTERS = 2_000

_SCRIPT = Markup(
    "const tools=document.querySelector('.tools');if(tools){tools.hidden=false;"
    "tools.addEventListener('click',event=>{const open=event.target.dataset.open;if(open)"
    "document.querySelectorAll('details.policy').forEach(one=>{one.open=open==='yes'})})}"
)


def render(report: Report) -> str:
    """The page. The same report gives the same bytes."""
    shown = [each for each in report.resources() if each.action is not Action.UNCHANGED or each.findings]
    ids = {resource: f"p{number}" for number, resource in enumerate(shown, 1)}
    style = files("constructs_lib.review.render").joinpath("templates/page.css").read_text(encoding="utf-8")
    page = environment().get_template("page.html")
    return page.render(
        report=report,
        ids=ids,
        gravest_first=sorted(shown, key=_grade, reverse=True),
        unchanged=[resource for resource in report.resources() if resource not in ids],
        is_open=len(shown) <= MOST_OPEN,
        tiles=_tiles(report),
        drawings=_Drawings(report.zone),
        most_charts=MOST_CHARTS,
        deleted=lambda points: _deleted(points, report),
        style=Markup(style),
        script=_SCRIPT,
        security_policy=_security_policy(style),
    )


@cache
def environment() -> Environment:
    """The engine: it makes everything printable that a template prints, and escapes it."""
    engine = Environment(
        loader=PackageLoader("constructs_lib.review.render", "templates"),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    engine.globals["wording"] = wording
    engine.globals["limits"] = {
        "rows": MOST_ROWS,
        "deleted": MOST_DELETED,
        "unchanged": MOST_UNCHANGED,
        "edited": MOST_VALUES,
        "unfolded": MOST_LINES,
    }
    engine.globals["condition_lines"] = _condition_lines
    return engine


def _printable(value: object) -> object:
    """What a template prints, before it is escaped: without controls, and of a length that can be read."""
    if isinstance(value, Markup):
        return value
    text = printable(str(value))
    if len(text) > _MOST_CHARACTERS:
        return f"{text[:_MOST_CHARACTERS]}… ({len(text) - _MOST_CHARACTERS:,} characters more)"
    return text


def _security_policy(style: str) -> str:
    """What the page may load: its own style and script, and nothing else."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, _SCRIPT)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "base-uri 'none'; form-action 'none'"
    )


# ------------------------------------------------------------ what changes, in short


def _grade(resource: ResourceReview) -> tuple[int, bool]:
    return resource.level.rank if resource.level else -1, resource.action is not Action.UNCHANGED


class _Tile(NamedTuple):
    name: str
    level: Level | None
    text: str


def _tiles(report: Report) -> list[_Tile]:
    """What the change means for access and recovery, over all policies."""
    tiles = []
    accesses = [resource.access for resource in report.resources() if resource.access]
    if accesses:
        undecided = sum(1 for access in accesses if access.undecided)
        gained = sum(1 for access in accesses if access.gained)
        risks = sum(len(access.risks) for access in accesses)
        parts = [f"new in {_policies(gained)}"] if gained else []
        parts += [f"{wording.plural(risks, 'risk')} opened"] if risks else []
        parts += [f"undecided in {_policies(undecided)}"] if undecided else []
        level = Level.ERROR if risks or undecided else Level.WARNING if gained else None
        tiles.append(_Tile("Access", level, ", ".join(parts) or "nothing new"))
    recoveries = [each.recovery for each in report.resources() if each.recovery and each.recovery.before]
    if recoveries:
        all_points = [points for recovery in recoveries for points in recovery.points]
        sooner = sum(len(points.deleted_sooner) for points in all_points)
        at_once = sum(len(points.deleted_at_once(report.at)) for points in all_points)
        removed = sum(1 for recovery in recoveries if recovery.after is None)
        worse = sum(any(step.is_worse for step in recovery.steps) for recovery in recoveries)
        deleted = f"{sooner:,} deleted sooner, {at_once:,} at once" if sooner else "none deleted sooner"
        deleted = f"{_policies(removed)} removed; {deleted}" if removed else deleted
        losses = f"worse in {_policies(worse)}" if worse else "nowhere worse"
        least, limit = None, ""
        if any(points.is_unknown for points in all_points):
            least, limit = Level.WARNING, ", as far as known"
        level = Level.ERROR if sooner or removed else least
        tiles.append(_Tile("Existing recovery points", level, f"{deleted}{limit}"))
        tiles.append(_Tile("Worst-case data loss", Level.ERROR if worse else least, f"{losses}{limit}"))
    return tiles


def _policies(count: int) -> str:
    return wording.plural(count, "policy", "policies")


# ------------------------------------------------------------ recovery


class _Drawing(NamedTuple):
    """The charts of a promise, or where it is drawn already; neither where nothing can be drawn."""

    scene: charts.Scene | None = None
    figures: tuple[charts.Figure, ...] = ()
    drawn_above: str | None = None
    is_left_out: bool = False


@frozen
class _Drawings:
    """Draws each promise once; equal promises are one object."""

    zone: str
    _keys: dict[PointsReview, str] = field(factory=dict)

    def draw(self, points: PointsReview, key: str) -> _Drawing:
        """The charts, which have the id `key` if they are drawn here."""
        if points in self._keys:
            return _Drawing(drawn_above=self._keys[points])
        scene = charts.Scene.of(points, self.zone)
        if scene is None or len(self._keys) >= MOST_CHARTS:
            return _Drawing(scene, is_left_out=scene is not None)
        self._keys[points] = key
        return _Drawing(scene, charts.figures(scene))


def _deleted(points: PointsReview, report: Report) -> list[tuple[str, ...]]:
    """The existing points that a change deletes sooner; those that go at the same time are one row."""

    def times(point: MovedPoint) -> tuple[str, str]:
        is_at_once = point.after is not None and point.after <= report.at
        after = "at once" if is_at_once else wording.moment(point.after, report.zone)
        return wording.moment(point.before, report.zone), after

    rows: list[tuple[str, ...]] = []
    for (before, after), alike in groupby(points.deleted_sooner, key=times):
        members = list(alike)
        taken = wording.moment(members[0].time, report.zone)
        if len(members) > 1:
            taken = f"{taken} to {wording.moment(members[-1].time, report.zone)} ({len(members):,})"
        rows.append((taken, members[0].kept_by.keeps, before, after))
    return rows


# ------------------------------------------------------------ access


def _condition_lines(condition: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """Operator, key and values of each line; without an operator the whole, where it has another shape."""
    if not condition:
        return []
    if not (isinstance(condition, Mapping) and all(isinstance(keys, Mapping) for keys in condition.values())):
        return [("", json.dumps(condition, ensure_ascii=False, sort_keys=True, default=str), ())]
    return [
        (operator, key, tuple(map(str, value if isinstance(value, (list, tuple)) else (value,))))
        for operator, keys in condition.items()
        for key, value in keys.items()
    ]
