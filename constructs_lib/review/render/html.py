"""The report as one HTML file: no network, no fonts, and nothing that needs a script to be read.

The verdict comes first, then a line for each policy, then the policies: charts of what a backup policy
promises, the access that a policy version gives, findings, and what all this takes for granted. The markup is
in `templates/`; the engine escapes whatever a template prints.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

from attrs import field, frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from constructs_lib.backup.recovery import MovedPoint
from constructs_lib.findings import printable
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import wording
from constructs_lib.review.render import charts
from constructs_lib.review.report import (
    Action,
    Level,
    PointsReview,
    RecoveryReview,
    Report,
)

MOST_OPEN = 12
"""So many policies with errors are unfolded from the beginning."""
MOST_IN_OVERVIEW = 50
"""So many policies have a line from the beginning; the lines of the others are folded."""
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

# Fold and unfold all; a link opens what it leads into; on paper everything is open.
_SCRIPT = Markup(
    "const all=()=>[...document.querySelectorAll('details')],"
    "tools=document.querySelector('.tools');"
    "if(tools){tools.hidden=false;"
    "tools.addEventListener('click',event=>{const open=event.target.dataset.open;"
    "if(open)document.querySelectorAll('details.policy').forEach(policy=>{policy.open=open==='yes'})})}"
    "const reveal=()=>{const target=document.getElementById(location.hash.slice(1));"
    "for(let part=target;part;part=part.parentElement)if(part.tagName==='DETAILS')part.open=true;"
    "if(target)target.scrollIntoView()};"
    "addEventListener('hashchange',reveal);reveal();let folded=[];"
    "addEventListener('beforeprint',()=>{folded=all().filter(part=>!part.open);"
    "folded.forEach(part=>{part.open=true})});"
    "addEventListener('afterprint',()=>{folded.forEach(part=>{part.open=false})});"
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
        gravest_first=sorted(shown, key=lambda resource: resource.order),
        unchanged=[resource for resource in report.resources() if resource not in ids],
        unfolded=[resource for resource in shown if resource.level is Level.ERROR][:MOST_OPEN],
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
        keep_trailing_newline=True,
    )
    engine.globals["wording"] = wording
    engine.filters["breakable"] = _breakable
    engine.globals["limits"] = {
        "rows": MOST_ROWS,
        "deleted": MOST_DELETED,
        "overview": MOST_IN_OVERVIEW,
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
    return wording.cut(printable(str(value)))


def _breakable(value: object) -> Markup:
    """A name or a path, which a line may break behind its separators; only resources have colons so."""
    text = str(_printable(value))
    pieces = re.split("(?<=[/:.,_])" if text.startswith("acs:") else "(?<=[/.,_])", text)
    return Markup("<wbr/>").join(pieces)


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


class _Tile(NamedTuple):
    name: str
    level: Level | None
    text: str


def _tiles(report: Report) -> list[_Tile]:
    """What the change means for access and recovery, over all policies."""
    tiles = [
        tile for make in (_access_tile, _points_tile, _loss_tile, _others_tile) if (tile := make(report))
    ]
    return [tile._replace(level=_level_beside(tile.level, report.level)) for tile in tiles]


def _level_beside(level: Level | None, gravest: Level | None) -> Level | None:
    """How a tile looks: never fine beside an error, and what is approved no graver than what is open."""
    if level is None:
        return Level.NOTE if gravest is Level.ERROR else None
    return min(level, gravest or Level.NOTE, key=lambda each: each.rank)


def _access_tile(report: Report) -> _Tile | None:
    resources = [resource for resource in report.resources() if resource.access]
    if not resources:
        return None
    accesses = [resource.access for resource in resources if resource.access]
    undecided = sum(1 for access in accesses if access.undecided)
    gained = sum(1 for access in accesses if access.gained)
    risky = sum(1 for access in accesses if access.risks)
    replaced = sum(1 for resource in resources if resource.action is Action.REPLACED)
    parts = [f"new in {_policies(gained)}"] if gained else []
    parts += [f"risks opened in {risky:,}"] if risky else []
    parts += [f"undecided in {_policies(undecided)}"] if undecided else []
    parts += [f"{_policies(replaced)} destroyed and created again"] if replaced else []
    levels = [Level.ERROR] if risky or undecided else [Level.WARNING] if parts else []
    levels += [resource.level for resource in resources if resource.level]
    is_clear = not levels and report.level is not Level.ERROR
    return _Tile(
        "Access",
        max(levels, key=lambda level: level.rank, default=None),
        ", ".join(parts) or ("nothing new" if is_clear else "no new grant in the documents"),
    )


def _recoveries(report: Report) -> list[RecoveryReview]:
    return [each.recovery for each in report.resources() if each.recovery and each.recovery.before]


def _undecided(recoveries: list[RecoveryReview]) -> list[str]:
    """Of how many policies it is not known what they promise, in words; empty for none."""
    count = sum(any(points.is_unknown for points in recovery.points) for recovery in recoveries)
    return [f"undecided in {_policies(count)}"] if count else []


def _points_tile(report: Report) -> _Tile | None:
    recoveries = _recoveries(report)
    if not recoveries:
        return None
    all_points = [points for recovery in recoveries for points in recovery.points]
    sooner = sum(len(points.deleted_sooner) for points in all_points)
    at_once = sum(len(points.deleted_at_once(report.at)) for points in all_points)
    removed = sum(1 for recovery in recoveries if recovery.after is None)
    replaced = sum(1 for each in report.resources() if each.recovery and each.action is Action.REPLACED)
    parts = [f"{_policies(removed)} removed"] if removed else []
    parts += [f"{_policies(replaced)} destroyed and created again"] if replaced else []
    parts += [f"{sooner:,} deleted sooner, {at_once:,} at once"] if sooner else []
    parts += _undecided(recoveries)
    return _Tile(
        "Existing recovery points", Level.ERROR if parts else None, "; ".join(parts) or "none deleted sooner"
    )


def _loss_tile(report: Report) -> _Tile | None:
    recoveries = _recoveries(report)
    if not recoveries:
        return None
    worse = sum(recovery.may_cost_more for recovery in recoveries)
    parts = [f"worse in {_policies(worse)}"] if worse else []
    parts += _undecided(recoveries)
    resources = [resource for resource in report.resources() if resource.recovery]
    fewer = sum(any(each.code == "RV261" for each in resource.findings) for resource in resources)
    parts += [f"not every source of {_policies(fewer)} chosen any more"] if fewer else []
    is_kept = all(resource.action is not Action.REPLACED for resource in resources)
    fine = "nowhere worse" if is_kept else "nowhere worse once settled"
    return _Tile("Worst-case data loss", Level.ERROR if parts else None, ", ".join(parts) or fine)


def _others_tile(report: Report) -> _Tile | None:
    others = [resource for resource in report.resources() if resource.kind is ResourceKind.OTHER]
    if not others:
        return None
    levels = [resource.level for resource in others if resource.level]
    counts = Counter(resource.action for resource in others)
    text = ", ".join(f"{counts[action]:,} {action}" for action in Action if counts[action])
    return _Tile("Other resources", max(levels, key=lambda level: level.rank, default=None), text)


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
    """Operator, key and values of each line; a grant has no condition of another shape."""
    return [
        (operator, key, tuple(map(str, value if isinstance(value, (list, tuple)) else (value,))))
        for operator, keys in (condition or {}).items()
        for key, value in keys.items()
    ]
