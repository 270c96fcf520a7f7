"""The report as Markdown that fits a comment of a pull request."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

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
)

# GitHub takes 65,536 characters.
MOST_CHARACTERS = 64_000
_MOST_ROWS = 100
_MOST_GRANTS = 12
_MOST_FINDINGS = 30
# Lines of an edit: of more than so many it is folded, and what goes beyond is counted.
_MOST_UNFOLDED, _MOST_LINES = 20, 60
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@&$])")
# What begins a list, a heading or a rule.
_BLOCK = re.compile(r"^(\d*)([-+=.)])")
# GitHub looks for these once Markdown has been read, so that no backslash helps: a mention, a reference, a
# link, an emoji such as `:ram:`. A space without a width follows.
_LINKING = re.compile(r"[@#]|\b(?:www|gh)(?=[.-])|\w:(?=//)|:(?=[\w+\\-]+:)", re.IGNORECASE)


def render(report: Report) -> str:
    """The comment, less than 65,000 characters; what does not fit is counted at its end."""
    against = wording.against(report)
    beside = f" against {code(against)}" if against else ""
    head = [
        "## alipolicy review",
        "",
        f"**{wording.headline(report)}**",
        "",
        f"{code(report.new)}{beside}, as of {wording.moment(report.at, report.zone)} ({report.zone}).",
        "",
    ]
    head += [f"- {plain(line)}" for line in wording.affected(report)]
    head += [line for finding in report.page_findings for line in _finding(finding)]
    shown = [each for each in report.resources() if each.action is not Action.UNCHANGED or each.findings]
    shown.sort(key=lambda resource: resource.order)  # across stacks, too
    head += _summary(shown)
    if unchanged := report.actions[Action.UNCHANGED]:
        head += ["", f"{wording.plural(unchanged, 'resource')} unchanged."]
    blocks = ["\n".join(_resource(resource)) for resource in shown]
    return _fitted("\n".join(head), blocks, "\n".join(_assumptions(report)))


def _fitted(head: str, blocks: list[str], tail: str) -> str:
    """As many blocks as fit, the gravest first."""
    left = MOST_CHARACTERS - len(head) - len(tail) - 200
    shown: list[str] = []
    for block in blocks:
        if len(block) + 2 > left:
            break
        shown.append(block)
        left -= len(block) + 2
    parts = [head, *shown]
    if len(shown) < len(blocks):
        rest = wording.plural(len(blocks) - len(shown), "resource")
        parts.append(f"_{rest} more: see the report in another format, such as `--format html`._")
    return "\n\n".join(part.strip("\n") for part in (*parts, tail) if part) + "\n"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def code(text: str) -> str:
    """A text as code, whatever is in it; short enough for a line."""
    text = printable(text).replace("|", "\u2502")  # a bar would end the cell of a table
    text = _cut(text, 200)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def markup_code(text: str) -> str:
    """A text as code where HTML stands: in what is folded, Markdown is not read."""
    escaped = html.escape(printable(text[:200])).replace("@", "&#64;")
    return f"<code>{escaped}</code>"


def plain(text: str) -> str:
    """A text in which nothing is Markdown, HTML, a link, a mention, a reference, or an emoji."""
    text = _SPECIAL.sub(r"\\\1", _cut(printable(text).lstrip(), 600))
    return _LINKING.sub("\\g<0>\u200b", _BLOCK.sub(r"\1\\\2", text))


def _summary(resources: list[ResourceReview]) -> Iterator[str]:
    if not resources:
        return
    yield "| | resource | what changes |"
    yield "|---|---|---|"
    for resource in resources[:_MOST_ROWS]:
        level = f"{wording.SIGNS[resource.level]} {resource.level or 'fine'}"
        meaning = "; ".join(map(plain, wording.consequences(resource)))
        yield f"| {level} | {code(resource.address)} {resource.action} | {meaning} |"
    if len(resources) > _MOST_ROWS:
        yield f"| | {len(resources) - _MOST_ROWS:,} more | |"


def _resource(resource: ResourceReview) -> Iterator[str]:
    """A policy; folded where it has no error."""
    sign = wording.ACTION_SIGNS[resource.action]
    if resource.level is Level.ERROR:
        yield f"### {sign} {code(resource.address)} {resource.action}"
        yield ""
        yield from _body(resource)
        return
    level = f"{wording.SIGNS[resource.level]} {resource.level or 'fine'}"
    yield f"<details><summary>{level}: {sign} {markup_code(resource.address)} {resource.action}</summary>"
    yield ""
    yield from _body(resource)
    yield ""
    yield "</details>"


def _body(resource: ResourceReview) -> Iterator[str]:
    about = [plain(resource.name), *map(code, wording.locations(resource))]
    about += [f"was {code(resource.old_address)}"] if resource.old_address else []
    about += [f"delta `{resource.delta}`"] if resource.delta else []
    about += ["**approved**"] if resource.is_approved else []
    yield " · ".join(part for part in about if part)
    yield ""
    yield from _edits(resource)
    shown_in_full = wording.SHOWN_IN_FULL if resource.access else ()
    findings = [finding for finding in resource.own_findings if finding.code not in shown_in_full]
    for finding in findings[:_MOST_FINDINGS]:
        yield from _finding(finding)
    if len(findings) > _MOST_FINDINGS:
        yield f"- {len(findings) - _MOST_FINDINGS} findings more"
    for item in resource.acknowledgements:
        yield f"- acknowledged {item.code}: {plain(item.reason)}"
    if resource.access:
        yield from _access(resource.access)
    if resource.recovery:
        yield from _recovery(resource.recovery)


def _edits(resource: ResourceReview) -> Iterator[str]:
    """The edit as a diff, folded where it is long."""
    lines: list[str] = []
    for edit in resource.edits:
        lines.append(f"@@ {wording.edit_title(edit)} @@")
        # What GitHub colours as changed begins with an exclamation mark.
        signs = ("!" if sign == "~" else sign for sign in map(wording.edit_sign, edit.values))
        lines += [f"{sign} {wording.edited(value)}" for sign, value in zip(signs, edit.values, strict=True)]
    if not lines:
        return
    shown = [_cut(printable(line), 240) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"@@ {len(lines) - _MOST_LINES:,} lines more @@")
    text = "\n".join(shown)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    is_long = len(lines) > _MOST_UNFOLDED
    against = resource.access.against if resource.access and resource.action is Action.ADDED else None
    if is_long:
        compared = f", compared with {markup_code(against)}" if against else ""
        yield f"<details><summary>The edit, {wording.plural(len(lines), 'line')}{compared}</summary>"
        yield ""
    elif against:
        yield plain(wording.edit_heading(resource))
        yield ""
    yield from (f"{fence}diff", text, fence)
    yield from ("", "</details>") if is_long else ()
    yield ""


def _finding(finding: ReviewFinding) -> Iterator[str]:
    status = wording.status(finding)
    head = f"{wording.SIGNS[finding.level]} **{finding.level} {finding.code}** {finding.title}"
    sentence = plain(wording.sentence(finding, with_line=True))
    yield f"- {head}: {sentence}{f' _({plain(status)})_' if status else ''}"


# ------------------------------------------------------------ access


def _access(access: AccessReview) -> Iterator[str]:
    size = wording.size(access)
    yield ""
    yield f"**Access: {plain(wording.verdict(access))}**{f' · {size}' if size else ''}"
    if access.undecided:
        yield f"because {plain(access.undecided)}"
    if access.risks:
        yield ""
        yield f"| {wording.plural(len(access.risks), 'risk')} opened | | for example |"
        yield "|---|---|---|"
    for group in access.risk_groups:
        sign, grade = (
            wording.SIGNS[wording.level_of_risks(group)],
            "critical" if group.is_critical else "high",
        )
        risks = [f"{opened.risk.id} {opened.risk.title}" for opened in group.risks]
        head, what = f"{sign} {grade} {risks[0]}", code(wording.describe_risk(group.risks[0]))
        if len(risks) > 1:
            head, what = f"{sign} {grade}: {plain(wording.opener(group))}", "; ".join(risks)
        yield f"| {head} | {what} | {code(str(group.risks[0].witness))} |"
    yield from _grants("new access", access.gained, is_lost=False)
    yield from _grants("access lost", access.lost, is_lost=True)
    yield from _grants("Deny lifted", access.no_longer_refused, is_lost=True, is_denial=True)


def _grants(title: str, grants: Sequence[Grant], *, is_lost: bool, is_denial: bool = False) -> Iterator[str]:
    if not grants:
        return
    yield ""
    yield f"| {title} ({len(grants)}) | for example |"
    yield "|---|---|"
    for grant in grants[:_MOST_GRANTS]:
        description = code(wording.describe_grant(grant, is_lost=is_lost, is_denial=is_denial))
        statement = f"{'old ' if is_lost else ''}Statement {grant.statement}"
        yield f"| {statement}: {description} | {code(str(grant.witness))} |"
    if len(grants) > _MOST_GRANTS:
        yield f"| {len(grants) - _MOST_GRANTS} more | |"


# ------------------------------------------------------------ recovery


def _recovery(recovery: RecoveryReview) -> Iterator[str]:
    for start in (recovery.after.starts if recovery.after else ())[:10]:
        yield ""
        yield f"{code(start.path)} runs {plain(start.words)}; next: {wording.next_runs(start)}"
    for points in recovery.points:
        yield from _points(points, recovery)
    for sentence in wording.unknown_promises(recovery):
        yield ""
        yield plain(sentence)


def _points(points: PointsReview, recovery: RecoveryReview) -> Iterator[str]:
    if not points.steps:
        return
    kept = wording.kept(points)
    yield ""
    yield f"**{plain(wording.subject(points).capitalize())}**{f' · {kept}' if kept else ''}"
    yield ""
    heads, rows = wording.worst_case(points, recovery)
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |".replace("▲ worse", "▲ **worse**")


def _assumptions(report: Report) -> Iterator[str]:
    if report.assumptions:
        yield "<details><summary>What this takes for granted</summary>"
        yield ""
        yield from (f"- {plain(assumption)}" for assumption in report.assumptions)
        yield ""
        yield "</details>"
