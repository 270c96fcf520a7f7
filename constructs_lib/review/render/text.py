"""The report as a terminal page. Colour comes beside a sign and a word, never alone."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from constructs_lib.ram.access import Grant
from constructs_lib.ram.risks import OpenedRisk, RiskLevel
from constructs_lib.review import wording as words
from constructs_lib.review.report import (
    AccessReview,
    Action,
    Level,
    PointsReview,
    RecoveryReview,
    Report,
    ResourceReview,
    ReviewFinding,
)

WIDTH = 100
_STYLES = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.NOTE: "cyan"}


class Line(NamedTuple):
    """A line before it is folded: what stands in front in a style of its own, then the text.

    `is_rule`: filled up to the width. `is_table`: a row, which is not folded.
    """

    text: str = ""
    style: str = ""
    indent: int = 0
    lead: str = ""
    lead_style: str = ""
    is_rule: bool = False
    is_table: bool = False


def render(report: Report, *, width: int = WIDTH, colour: bool = False) -> str:
    """The page as text, so many columns wide."""
    folded = [one for line in _page(report) for one in _folded(line, width)]
    if not colour:
        return "".join(f"{lead}{text}".rstrip() + "\n" for lead, _, text, _ in folded)
    page = Text()
    for lead, lead_style, text, style in folded:
        page.append(lead, lead_style).append(text.rstrip(), style).append("\n")
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system="standard", _environ={})
    console.print(page, soft_wrap=True, end="", highlight=False, emoji=False)
    return file.getvalue()


def _folded(line: Line, width: int) -> Iterator[tuple[str, str, str, str]]:
    """The line in pieces that are not too wide: `(lead, its style, text, its style)`."""
    text = words.clean(line.text)
    if line.is_rule:
        yield "", "", f"{text} {'─' * max(0, width - cell_len(text) - 1)}", line.style
        return
    margin = " " * line.indent
    if line.is_table:
        yield margin, "", text, line.style
        return
    room = max(20, width - line.indent)
    pieces = textwrap.wrap(f"{line.lead}{text}", room, break_on_hyphens=False, drop_whitespace=True) or [""]
    first, *rest = pieces
    if line.lead and first.startswith(line.lead):
        yield f"{margin}{line.lead}", line.lead_style, first[len(line.lead) :], line.style
    else:
        yield margin, "", first, line.style
    for piece in rest:
        yield margin, "", piece, line.style


def _page(report: Report) -> Iterator[Line]:
    beside = f" against {report.old}" if report.old else ""
    yield Line(f"Review of {report.new}{beside}", "bold")
    level = report.level
    yield Line(words.headline(report), _STYLES[level] if level else "bold green")
    for finding in report.findings:
        yield from _finding(finding, 0)
    for stack in report.stacks:
        yield Line()
        yield Line(f"stack {stack.name}", "dim", is_rule=True)
        unchanged = 0
        for resource in stack.resources:
            if resource.action is Action.UNCHANGED and not resource.findings:
                unchanged += 1
                continue
            yield Line()
            yield from _resource(resource, report)
        if unchanged:
            yield Line()
            yield Line(f"= {words.plural(unchanged, 'resource')} unchanged, with nothing to say about", "dim")
    if report.assumptions:
        yield Line()
        yield Line("assumptions", "dim", is_rule=True)
        yield from (Line(one, "dim", lead="· ") for one in report.assumptions)


def _resource(one: ResourceReview, report: Report) -> Iterator[Line]:
    yield Line(words.title(one), "bold")
    about = [one.name, *words.places(one), "approved" if one.is_approved else ""]
    yield Line(" · ".join(part for part in about if part), "dim", 2)
    if one.delta:
        yield Line(f"delta {one.delta}", "dim", 2)
    for path, before, after in one.differences:
        yield Line(f"{path}: {before} → {after}", "", 2)
    for finding in one.findings:
        if not (one.access and finding.code in words.SHOWN_IN_FULL):
            yield from _finding(finding, 2)
    for item in one.acknowledgements:
        found = words.plural(item.findings, "finding")
        yield Line(f"acknowledged {item.code} ({found}): {item.reason}", "dim", 2)
    if one.access:
        yield from _access(one.access)
    if one.recovery:
        yield from _recovery(one.recovery)
    for assumption in one.assumptions:
        if assumption not in report.assumptions:
            yield Line(assumption, "dim", 2, lead="· ")


def _finding(one: ReviewFinding, indent: int) -> Iterator[Line]:
    status = words.status(one)
    style = _STYLES[one.level] if one.is_open else "dim"
    rest = "" if one.is_open else "dim"
    lead = f"{words.SIGNS[one.level]} {one.level} {one.code} "
    yield Line(f"{one.title}{f' [{status}]' if status else ''}", rest, indent, lead, style)
    yield Line(words.sentence(one, with_line=True), rest, indent + 4)


# ------------------------------------------------------------ access


def _access(access: AccessReview) -> Iterator[Line]:
    size = words.size(access)
    yield Line(f"Access: {words.verdict(access)}{f' · {size}' if size else ''}", "bold", 2)
    if access.undecided:
        yield Line(f"because {access.undecided}", "", 4)
    if access.risks:
        yield Line(f"RISKS OPENED ({len(access.risks)})", "bold", 2)
        for one in access.risks:
            yield from _risk(one)
    yield from _grants("NEW ACCESS", access.gained, is_lost=False)
    yield from _grants("ACCESS LOST", access.lost, is_lost=True)
    yield from _grants("DENY LIFTED", access.no_longer_refused, is_lost=True, is_denial=True)


def _risk(one: OpenedRisk) -> Iterator[Line]:
    level = Level.ERROR if one.risk.level is RiskLevel.CRITICAL else Level.WARNING
    lead = f"{words.SIGNS[level]} {one.risk.level.upper()} {one.risk.id} "
    yield Line(one.risk.title, "", 4, lead, _STYLES[level])
    yield Line(words.describe_risk(one), "", 8)
    yield Line(f"e.g. {one.witness}", "dim", 8)


def _grants(title: str, grants: Iterable[Grant], *, is_lost: bool, is_denial: bool = False) -> Iterator[Line]:
    grants = list(grants)
    if grants:
        yield Line(f"{title} ({len(grants)})", "bold", 2)
    for one in grants:
        side = "old " if is_lost else ""
        told = words.grant(one, is_lost=is_lost, is_denial=is_denial)
        yield Line(f"{side}Statement[{one.statement}] {told}", "", 4)
        yield Line(f"e.g. {one.witness}", "dim", 8)


# ------------------------------------------------------------ recovery


def _recovery(recovery: RecoveryReview) -> Iterator[Line]:
    shown = recovery.after or recovery.before
    for start in shown.starts if shown else ():
        yield Line(f"{start.path} runs {start.words}", "", 2)
        runs = ", ".join(f"{run:%a %Y-%m-%d %H:%M}" for run in start.next_runs[:3])
        yield Line(f"next: {runs or 'never'}", "dim", 4)
    for points in recovery.points:
        yield from _points(points, recovery)
    for side, which in ((recovery.before, "the old policy"), (recovery.after, "the new policy")):
        if side and side.shortened:
            yield Line(f"{which}: {side.shortened}", "dim", 2)
        for unknown in side.unknown if side else ():
            yield Line(f"in {which} {unknown}: what it promises cannot be told", "", 2)


def _points(points: PointsReview, recovery: RecoveryReview) -> Iterator[Line]:
    if not points.steps:
        return
    kept = words.kept(points)
    yield Line(f"{words.subject(points).capitalize()}{f' · {kept}' if kept else ''}", "bold", 2)
    if recovery.before is None or recovery.after is None:
        rows = [
            ((words.age(step), words.length(step.after if recovery.after else step.before)), "")
            for step in points.steps
        ]
        yield from _table(("if the damage is of", "you lose at most"), rows)
        return
    rows_of_both = []
    for step in points.steps:
        told = "▲ worse" if step.is_worse else "▼ better" if step.is_better else ""
        style = "bold red" if step.is_worse else "green" if step.is_better else ""
        row = (words.age(step), words.length(step.before), words.length(step.after), told)
        rows_of_both.append((row, style))
    yield from _table(("if the damage is of", "you lose at most, before", "after", ""), rows_of_both)


def _table(heading: Sequence[str], rows: Sequence[tuple[Sequence[str], str]]) -> Iterator[Line]:
    """The heading and the rows, in columns."""
    widths = [max(map(len, column)) for column in zip(heading, *(row for row, _ in rows), strict=True)]

    def told(row: Sequence[str]) -> str:
        return "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    yield Line(told(heading), "dim", 4, is_table=True)
    for row, style in rows:
        yield Line(told(row), style, 4, is_table=True)
