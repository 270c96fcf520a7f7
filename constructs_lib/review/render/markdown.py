"""The report as Markdown that fits a comment of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from constructs_lib.ram.access import Grant
from constructs_lib.ram.risks import RiskLevel
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

# GitHub takes 65,536 characters.
MOST_CHARACTERS = 64_000
_MOST_ROWS = 100
_MOST_GRANTS = 12
_MOST_FINDINGS = 30
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@&$])")


def render(report: Report) -> str:
    """The comment, less than 65,000 characters; what does not fit is counted at its end."""
    beside = f" against {code(report.old)}" if report.old else ""
    head = [
        "## alipolicy review",
        "",
        f"**{words.headline(report)}**",
        "",
        f"{code(report.new)}{beside}, as of {words.moment(report.at, report.zone)} ({report.zone}).",
        "",
    ]
    head += [line for finding in report.findings for line in _finding(finding)]
    told = [one for one in report.resources() if one.action is not Action.UNCHANGED or one.findings]
    # Stable: by grade, then by stack and address.
    told.sort(key=lambda one: -1 if one.level is None else one.level.rank, reverse=True)
    head += _summary(told)
    unchanged = report.actions[Action.UNCHANGED]
    if unchanged:
        head += ["", f"{words.plural(unchanged, 'resource')} unchanged."]
    assumptions = "\n".join(_assumptions(report))
    blocks = ["\n".join(_resource(one, report)) for one in told]
    return _fitted("\n".join(head), blocks, assumptions)


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
        rest = words.plural(len(blocks) - len(shown), "resource")
        parts.append(f"_{rest} more: see the report in another format, such as `--format html`._")
    return "\n\n".join(part.strip("\n") for part in (*parts, tail) if part) + "\n"


def code(text: str) -> str:
    """A text as code, whatever is in it; short enough for a line."""
    text = words.clean(text).replace("|", "\u2502")  # a bar would end the cell of a table
    text = text if len(text) <= 200 else f"{text[:199]}…"
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def plain(text: str) -> str:
    """A text in which nothing is Markdown, HTML or a mention."""
    text = words.clean(text)
    text = text if len(text) <= 600 else f"{text[:599]}…"
    return _SPECIAL.sub(r"\\\1", text).replace("://", ":\u200b//")


def _summary(told: list[ResourceReview]) -> Iterator[str]:
    if not told:
        return
    yield "| | resource | what changes |"
    yield "|---|---|---|"
    for one in told[:_MOST_ROWS]:
        level = f"{words.SIGNS[one.level]} {one.level}" if one.level else "✔ fine"
        yield f"| {level} | {code(one.address)} {one.action} | {'; '.join(_meaning(one))} |"
    if len(told) > _MOST_ROWS:
        yield f"| | {len(told) - _MOST_ROWS:,} more | |"


def _meaning(one: ResourceReview) -> Iterator[str]:
    if one.is_approved:
        yield "approved"
    if one.access:
        yield words.verdict(one.access)
        if one.access.risks:
            yield words.plural(len(one.access.risks), "risk") + " opened"
    if one.recovery and one.recovery.before and one.recovery.after:
        yield "recovery gets worse" if one.recovery.is_worse else "recovery gets no worse"
    codes = dict.fromkeys(finding.code for finding in one.findings if finding.is_open)
    if codes:
        yield ", ".join(codes)


def _resource(one: ResourceReview, report: Report) -> Iterator[str]:
    yield f"### {words.ACTION_SIGNS[one.action]} {code(one.address)} {one.action}"
    yield ""
    about = [plain(one.name), *map(code, words.places(one))]
    about += [f"was {code(one.old_address)}"] if one.old_address else []
    about += [f"delta `{one.delta}`"] if one.delta else []
    about += ["**approved**"] if one.is_approved else []
    yield " · ".join(part for part in about if part)
    yield ""
    findings = [item for item in one.findings if not (one.access and item.code in words.SHOWN_IN_FULL)]
    for finding in findings[:_MOST_FINDINGS]:
        yield from _finding(finding)
    if len(findings) > _MOST_FINDINGS:
        yield f"- {len(findings) - _MOST_FINDINGS} findings more"
    for acknowledged in one.acknowledgements:
        yield f"- acknowledged {acknowledged.code}: {plain(acknowledged.reason)}"
    if one.differences:
        yield ""
        yield from _limited(
            [f"- {code(path)}: {code(before)} → {code(after)}" for path, before, after in one.differences]
        )
    if one.access:
        yield from _access(one.access)
    if one.recovery:
        yield from _recovery(one.recovery)


def _limited(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST_FINDINGS]
    if len(lines) > _MOST_FINDINGS:
        yield f"- {len(lines) - _MOST_FINDINGS} more"


def _finding(one: ReviewFinding) -> Iterator[str]:
    status = words.status(one)
    said = plain(words.sentence(one, with_line=True))
    told = f"{words.SIGNS[one.level]} **{one.level} {one.code}** {one.title}: {said}"
    yield f"- {told}{f' _({plain(status)})_' if status else ''}"


# ------------------------------------------------------------ access


def _access(access: AccessReview) -> Iterator[str]:
    size = words.size(access)
    yield ""
    yield f"**Access: {words.verdict(access)}**{f' · {size}' if size else ''}"
    if access.undecided:
        yield f"because {plain(access.undecided)}"
    if access.risks:
        yield ""
        yield "| risk opened | actions | for example |"
        yield "|---|---|---|"
    for one in access.risks:
        level = Level.ERROR if one.risk.level is RiskLevel.CRITICAL else Level.WARNING
        head = f"{words.SIGNS[level]} {one.risk.level} {one.risk.id} {one.risk.title}"
        yield f"| {head} | {code(words.describe_risk(one))} | {code(str(one.witness))} |"
    yield from _grants("new access", access.gained, is_lost=False)
    yield from _grants("access lost", access.lost, is_lost=True)
    yield from _grants("Deny lifted", access.no_longer_refused, is_lost=True, is_denial=True)


def _grants(title: str, grants: Iterable[Grant], *, is_lost: bool, is_denial: bool = False) -> Iterator[str]:
    grants = list(grants)
    if not grants:
        return
    yield ""
    yield f"| {title} ({len(grants)}) | for example |"
    yield "|---|---|"
    for one in grants[:_MOST_GRANTS]:
        told = words.grant(one, is_lost=is_lost, is_denial=is_denial)
        side = "old " if is_lost else ""
        yield f"| {side}Statement {one.statement}: {code(told)} | {code(str(one.witness))} |"
    if len(grants) > _MOST_GRANTS:
        yield f"| {len(grants) - _MOST_GRANTS} more | |"


# ------------------------------------------------------------ recovery


def _recovery(recovery: RecoveryReview) -> Iterator[str]:
    shown = recovery.after or recovery.before
    for start in (shown.starts if shown else ())[:10]:
        runs = ", ".join(f"{run:%a %Y-%m-%d %H:%M}" for run in start.next_runs[:3])
        yield ""
        yield f"{code(start.path)} runs {plain(start.words)}; next: {runs or 'never'}"
    for points in recovery.points:
        yield from _points(points, recovery)
    for side, which in ((recovery.before, "the old policy"), (recovery.after, "the new policy")):
        for unknown in side.unknown if side else ():
            yield ""
            yield f"In {which} {plain(str(unknown))}: what it promises cannot be told."


def _points(points: PointsReview, recovery: RecoveryReview) -> Iterator[str]:
    if not points.steps:
        return
    kept = words.kept(points)
    yield ""
    yield f"**{plain(words.subject(points).capitalize())}**{f' · {kept}' if kept else ''}"
    yield ""
    if recovery.before is None or recovery.after is None:
        yield "| if the damage is of | you lose at most |"
        yield "|---|---|"
        for step in points.steps:
            yield f"| {words.age(step)} | {words.length(step.after if recovery.after else step.before)} |"
        return
    yield "| if the damage is of | you lose at most, before | after | |"
    yield "|---|---|---|---|"
    for step in points.steps:
        told = "▲ **worse**" if step.is_worse else "▼ better" if step.is_better else ""
        yield f"| {words.age(step)} | {words.length(step.before)} | {words.length(step.after)} | {told} |"


def _assumptions(report: Report) -> Iterator[str]:
    if report.assumptions:
        yield "<details><summary>What this takes for granted</summary>"
        yield ""
        yield from (f"- {plain(one)}" for one in report.assumptions)
        yield ""
        yield "</details>"
