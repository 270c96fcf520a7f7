"""The report as a terminal page. Colour comes beside a sign and a word, never alone."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from constructs_lib.findings import printable
from constructs_lib.ram.access import Grant
from constructs_lib.review import wording
from constructs_lib.review.report import (
    AccessReview,
    Action,
    Level,
    PointsReview,
    RecoveryReview,
    Report,
    ResourceReview,
    ReviewFinding,
    RiskGroup,
)

WIDTH = 100
# A log of GitHub Actions takes for a command: `::error::` at the beginning of a line, `##[error]` anywhere.
_COMMAND = re.compile(r"^:(?=:[a-z])")
_STYLES: dict[Level | None, str] = {
    Level.ERROR: "bold red",
    Level.WARNING: "yellow",
    Level.NOTE: "cyan",
    None: "bold green",
}
_STYLES_OF_EDITS = {"+": "green", "-": "red", "~": "yellow", " ": "dim"}
# Of the edit of one resource; the rest is counted.
_MOST_VALUES = 60


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
    folded = [
        (lead, lead_style, text if lead.strip() else _COMMAND.sub(r"\\x3a", text), style)
        for line in _page(report)
        for lead, lead_style, text, style in _folded(line, width)
    ]
    if not colour:
        return "".join(f"{lead}{text}".rstrip() + "\n" for lead, _, text, _ in folded)
    page = Text()
    for lead, lead_style, text, style in folded:
        page.append(lead, lead_style).append(text.rstrip(), style).append("\n")
    file = io.StringIO()
    console = Console(file=file, width=width, color_system="standard", _environ={})
    console.print(page, soft_wrap=True, end="")
    return file.getvalue()


def _folded(line: Line, width: int) -> Iterator[tuple[str, str, str, str]]:
    """The line in pieces that are not too wide: `(lead, its style, text, its style)`."""
    text = wording.cut(printable(line.text)).replace("##", r"#\x23")
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
    if first.startswith(line.lead):
        yield f"{margin}{line.lead}", line.lead_style, first[len(line.lead) :], line.style
    else:
        yield margin, "", first, line.style
    for piece in rest:
        yield margin, "", piece, line.style


def _page(report: Report) -> Iterator[Line]:
    against = wording.against(report)
    beside = f" against {against}" if against else ""
    yield Line(f"Review of {report.new}{beside}", "bold")
    yield Line(wording.headline(report), _STYLES[report.level])
    for line in wording.affected(report):
        yield Line(line)
    for finding in report.page_findings:
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
            yield Line(f"= {wording.plural(unchanged, 'resource')} unchanged, with nothing to report", "dim")
    if report.assumptions:
        yield Line()
        yield Line("assumptions", "dim", is_rule=True)
        yield from (Line(assumption, "dim", lead="· ") for assumption in report.assumptions)


def _resource(resource: ResourceReview, report: Report) -> Iterator[Line]:
    yield Line(wording.title(resource), "bold")
    about = [resource.name, *wording.locations(resource), "approved" if resource.is_approved else ""]
    yield Line(" · ".join(part for part in about if part), "dim", 2)
    if resource.delta:
        yield Line(f"delta {resource.delta}", "dim", 2)
    yield from _edits(resource)
    for finding in resource.own_findings:
        if not (resource.access and finding.code in wording.SHOWN_IN_FULL):
            yield from _finding(finding, 2)
    for item in resource.acknowledgements:
        count = wording.plural(item.findings, "finding")
        yield Line(f"acknowledged {item.code} ({count}): {item.reason}", "dim", 2)
    if resource.access:
        yield from _access(resource.access)
    if resource.recovery:
        yield from _recovery(resource.recovery)
    for assumption in resource.assumptions:
        if assumption not in report.assumptions:
            yield Line(assumption, "dim", 2, lead="· ")


def _edits(resource: ResourceReview) -> Iterator[Line]:
    left = _MOST_VALUES
    for number, edit in enumerate(resource.edits):
        if number == 0:
            yield Line(wording.edit_heading(resource), "bold", 2)
        if left <= 0:
            rest = sum(len(edit.values) for edit in resource.edits[number:])
            yield Line(f"{wording.plural(rest, 'value')} more: see the report in another format", "dim", 4)
            return
        sign = wording.ACTION_SIGNS[edit.action]
        yield Line(wording.edit_title(edit), "", 4, f"{sign} ", _STYLES_OF_EDITS[sign])
        for value in edit.values[:left]:
            sign = wording.edit_sign(value)
            style = _STYLES_OF_EDITS[sign]
            yield Line(wording.edited(value), style, 6, f"{sign} ", style)
        if len(edit.values) > left:
            yield Line(f"  {wording.plural(len(edit.values) - left, 'value')} more", "dim", 6)
        left -= len(edit.values)


def _finding(finding: ReviewFinding, indent: int) -> Iterator[Line]:
    status = wording.status(finding)
    style, rest = (_STYLES[finding.level], "") if finding.is_open else ("dim", "dim")
    lead = f"{wording.SIGNS[finding.level]} {finding.level} {finding.code} "
    yield Line(f"{finding.title}{f' [{status}]' if status else ''}", rest, indent, lead, style)
    yield Line(wording.sentence(finding, with_line=True), rest, indent + 4)


# ------------------------------------------------------------ access


def _access(access: AccessReview) -> Iterator[Line]:
    size = wording.size(access)
    yield Line(f"Access: {wording.verdict(access)}{f' · {size}' if size else ''}", "bold", 2)
    if access.undecided:
        yield Line(f"because {access.undecided}", "", 4)
    if access.risks:
        yield Line(f"RISKS OPENED ({len(access.risks)})", "bold", 2)
        for group in access.risk_groups:
            yield from _risks(group)
    yield from _grants("NEW ACCESS", access.gained, is_lost=False)
    yield from _grants("ACCESS LOST", access.lost, is_lost=True)
    yield from _grants("DENY LIFTED", access.no_longer_refused, is_lost=True, is_denial=True)


def _risks(group: RiskGroup) -> Iterator[Line]:
    level = wording.level_of_risks(group)
    lead = f"{wording.SIGNS[level]} {'CRITICAL' if group.is_critical else 'HIGH'} "
    if len(group.risks) == 1:
        risk = group.risks[0].risk
        yield Line(f"{risk.id} {risk.title}", "", 4, lead, _STYLES[level])
        yield Line(wording.describe_risk(group.risks[0]), "", 8)
    else:
        yield Line(f"{wording.opener(group)}: {len(group.risks)} risks", "", 4, lead, _STYLES[level])
        for opened in group.risks:
            risk = opened.risk
            yield Line(f"{risk.id} {risk.title} ({risk.level}): {wording.describe_risk(opened)}", "", 8)
    yield Line(f"e.g. {group.risks[0].witness}", "dim", 8)


def _grants(title: str, grants: Sequence[Grant], *, is_lost: bool, is_denial: bool = False) -> Iterator[Line]:
    if grants:
        yield Line(f"{title} ({len(grants)})", "bold", 2)
    for grant in grants:
        description = wording.describe_grant(grant, is_lost=is_lost, is_denial=is_denial)
        yield Line(f"{'old ' if is_lost else ''}Statement[{grant.statement}] {description}", "", 4)
        yield Line(f"e.g. {grant.witness}", "dim", 8)


# ------------------------------------------------------------ recovery


def _recovery(recovery: RecoveryReview) -> Iterator[Line]:
    for start in recovery.after.starts if recovery.after else ():
        yield Line(f"{start.path} runs {start.words}", "", 2)
        yield Line(f"next: {wording.next_runs(start)}", "dim", 4)
    for points in recovery.points:
        yield from _points(points, recovery)
    yield from (Line(sentence, "dim", 2) for sentence in wording.shortened(recovery))
    yield from (Line(sentence, "", 2) for sentence in wording.unknown_promises(recovery))


def _points(points: PointsReview, recovery: RecoveryReview) -> Iterator[Line]:
    if not points.steps:
        return
    kept = wording.kept(points)
    yield Line(f"{wording.subject(points).capitalize()}{f' · {kept}' if kept else ''}", "bold", 2)
    heads, rows = wording.worst_case(points, recovery)
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    yield _row(heads, widths, "dim")
    for row, step in zip(rows, points.steps, strict=True):
        style = "bold red" if step.is_worse else "green" if step.is_better else ""
        yield _row(row, widths, style if len(heads) > 2 else "")


def _row(cells: Sequence[str], widths: Sequence[int], style: str) -> Line:
    text = "   ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return Line(text.rstrip(), style, 4, is_table=True)
