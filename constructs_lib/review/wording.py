"""What the renderers say alike: lengths of time, moments, verdicts, grants and worst cases in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from constructs_lib.backup.policy_change_checks import sources_narrowed
from constructs_lib.backup.recovery import MovedPoint, Starts
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.findings import plural as plural
from constructs_lib.ram.access import Grant, Reason, Verdict
from constructs_lib.ram.analysis.grants import gives_any_action
from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES
from constructs_lib.ram.risks import OpenedRisk
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.report import (
    AccessReview,
    Action,
    Edit,
    EditedValue,
    Level,
    PointsReview,
    RecoveryReview,
    Report,
    ResourceReview,
    ReviewFinding,
    RiskGroup,
    Step,
)

Row = tuple[str, ...]
NO_PROMISE = "no promise"
# Findings that say in one line what a report of several pages shows in full.
SHOWN_IN_FULL = frozenset({"RV221", "RV321", "RV322", "RV323", "RV521"})
# Losses that neither recovery points nor access tell of.
_NOT_SHOWN_OTHERWISE = frozenset({"RV204", "RV205", "RV206", "RV207", "RV261", "RV262"})

VERDICTS: dict[Verdict, str] = {
    Verdict.EQUIVALENT: "the same access",
    Verdict.NARROWER: "access is lost",
    Verdict.WIDER: "NEW ACCESS",
    Verdict.CHANGED: "NEW ACCESS, and some is lost",
    Verdict.UNDECIDED: "UNDECIDED: there may be new access",
}
REASONS: dict[Reason, tuple[str, str]] = {
    Reason.NOT_ALLOWED: ("not allowed before", "no longer allowed"),
    Reason.CONDITION: ("allowed before only under a condition", "now allowed only under a condition"),
    Reason.DENIED: ("denied before", "now denied"),
    Reason.FORBIDDEN: ("forbidden", "forbidden"),
}
# Beside each word, never instead of it: colour and sign are not for everyone.
SIGNS: dict[Level | None, str] = {Level.ERROR: "✖", Level.WARNING: "▲", Level.NOTE: "●", None: "✔"}
ACTION_SIGNS: dict[Action, str] = {
    Action.ADDED: "+",
    Action.CHANGED: "~",
    Action.REPLACED: "±",
    Action.REMOVED: "-",
    Action.FORGOTTEN: "○",
    Action.UNCHANGED: "=",
}


# ------------------------------------------------------------ numbers and times


def cut(text: str, most: int = 2_000) -> str:
    """A text of a length that can be read; what is cut off is counted."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} characters more)"


def length(seconds: int | None, *, down: bool = False) -> str:
    """A length of time, rounded up, or `down`; None is what nothing is promised for."""
    if seconds is None:
        return NO_PROMISE
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        # 47 hours say more than 2 days.
        if seconds >= size * (2 if unit == "day" else 1):
            # Tenths below 100; in whole numbers, so that nothing is lost.
            parts = 10 if seconds < 100 * size else 1
            tenths = seconds * parts // size if down else -(-seconds * parts // size)
            text = f"{tenths // parts:,}" + (f".{tenths % parts}" if tenths % parts else "")
            return f"{text} {unit}{'' if text == '1' else 's'}"
    return plural(seconds, "second")


def exact_length(seconds: int) -> str:
    """A length of time to the second: `83 days, 1 hour`."""
    parts = []
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(plural(amount, unit))
    return ", ".join(parts)


def moment(seconds: int | None, zone: str) -> str:
    """A moment in a zone; None is never."""
    if seconds is None:
        return "never"
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def next_runs(start: Starts) -> str:
    """The next three runs of a schedule."""
    return ", ".join(f"{run:%a %Y-%m-%d %H:%M}" for run in start.next_runs[:3]) or "never"


# ------------------------------------------------------------ the whole report


def describe_actions(report: Report) -> str:
    """`2 policies changed, 1 removed`."""
    policies, others = map(_actions, _policies_and_others(report))
    parts = _counted({f" {action}": policies[action] for action in Action}, "policy", "policies")
    if not parts:
        parts = ["no change of a policy" if report.unrelated or others else "no change"]
    parts += _counted({f" {action}": others[action] for action in Action}, "other resource")
    return ", ".join(parts)


def describe_findings(report: Report, *, noun: bool = True) -> str:
    """`1 policy with errors, 2 with warnings`: those with open findings, each by its gravest."""
    parts = []
    nouns = ("policy", "policies") if noun else (), ("other resource",)
    for resources, names in zip(_policies_and_others(report), nouns, strict=True):
        levels = Counter(resource.level for resource in resources)
        parts += _counted({f" with {level}s": levels[level] for level in reversed(Level)}, *names)
    levels = Counter(finding.level for finding in report.findings if finding.is_open)
    parts += [
        f"{plural(levels[level], level)} about the whole change" for level in reversed(Level) if levels[level]
    ]
    if parts:
        return ", ".join(parts)
    settled = sum(any(not finding.is_open for finding in each.findings) for each in report.resources())
    is_approved = any(finding.is_approved for finding in report.all_findings())
    return f"nothing open, {settled:,} approved" if is_approved else "nothing to look at"


def _actions(resources: Iterable[ResourceReview]) -> Counter[Action]:
    return Counter(resource.action for resource in resources if resource.action is not Action.UNCHANGED)


def _policies_and_others(report: Report) -> tuple[list[ResourceReview], list[ResourceReview]]:
    policies = [each for each in report.resources() if each.kind is not ResourceKind.OTHER]
    return policies, [each for each in report.resources() if each.kind is ResourceKind.OTHER]


def _counted(counts: Mapping[str, int], *noun: str) -> list[str]:
    """Each number with what is said of it; what is counted is named once."""
    parts = [f"{count:,}{what}" for what, count in counts.items() if count]
    if parts and noun:
        first = next(count for count in counts.values() if count)
        parts[0] = plural(first, *noun) + parts[0].removeprefix(f"{first:,}")
    return parts


def headline(report: Report) -> str:
    """The verdict of a review in one line."""
    has_noun = all(resource.action is Action.UNCHANGED for resource in _policies_and_others(report)[0])
    return f"{describe_actions(report)}; {describe_findings(report, noun=has_noun)}"


def affected(report: Report) -> Iterator[str]:
    """Who gains access by all of the change, and which sources lose protection, each counted once."""
    for names, noun, verb, what in (
        (report.principals_gaining_access, "principal", "gain", "access"),
        (report.sources_losing_protection, "source", "lose", "protection"),
    ):
        if names:
            count, ending = plural(len(names), noun), "s" if len(names) == 1 else ""
            yield f"{count} {verb}{ending} {what}, or may: {_some(names)}"
    by_tags = [
        each.address
        for each in report.resources()
        if any(finding.code == sources_narrowed.code for finding in each.findings)
    ]
    if by_tags:
        yield f"sources that tags choose lose protection, or may, how many is not known: {_some(by_tags)}"


def _some(names: Sequence[str]) -> str:
    """The first ten of them."""
    more = f" and {len(names) - 10:,} more" if len(names) > 10 else ""
    return f"{', '.join(names[:10])}{more}"


def against(report: Report) -> str | None:
    """What is compared with; None where nothing is, and for a plan, which is both sides."""
    return report.old if report.old != report.new else None


def title(resource: ResourceReview) -> str:
    """`+ alicloud_hbr_policy.daily (added)`."""
    was = f", was {resource.old_address}" if resource.old_address else ""
    return f"{ACTION_SIGNS[resource.action]} {resource.address} ({resource.action}{was})"


def locations(resource: ResourceReview) -> list[str]:
    """The Python line of the construct if the stack says so, then the line in the file."""
    file = f"{resource.location.file}:{resource.location.line}"
    return [resource.source, file] if resource.source else [file]


def consequences(resource: ResourceReview) -> Iterator[str]:
    """What becomes of a policy, each in a few words; the last names the codes of the open findings."""
    if resource.is_approved:
        yield "approved"
    if resource.action in (Action.REPLACED, Action.FORGOTTEN):
        yield "destroyed and created again" if resource.action is Action.REPLACED else "no longer managed"
    if resource.access:
        yield verdict(resource.access)
        if resource.access.risks:
            yield risks_opened(resource.access)
    recovery = resource.recovery
    if recovery and recovery.before and recovery.after:
        sooner = sum(len(points.deleted_sooner) for points in recovery.points)
        if sooner:
            yield f"{plural(sooner, 'existing recovery point')} deleted sooner"
        if recovery.may_cost_more:
            yield "an incident may cost more data"
        elif any(step.is_better for step in recovery.steps):
            yield "an incident costs less data"
        elif any(points.is_unknown for points in recovery.points):
            yield "UNDECIDED: recovery may get worse"
        elif not sooner and resource.action is not Action.REPLACED:
            yield "recovery as before" if resource.level is not Level.ERROR else "the same recovery points"
    elif recovery and recovery.after:
        yield from filter(None, map(kept, recovery.points[:1]))
    elif recovery and recovery.before:
        yield "no backups any more"
    still_open = [finding for finding in resource.findings if finding.is_open]
    is_shown_otherwise = resource.access or recovery
    yield from dict.fromkeys(
        finding.title
        for finding in still_open
        if finding.code in _NOT_SHOWN_OTHERWISE or not is_shown_otherwise
    )
    if still_open:
        yield ", ".join(dict.fromkeys(finding.code for finding in still_open))


# ------------------------------------------------------------ edits


def edit_heading(resource: ResourceReview) -> str:
    """`The edit`, and what a version is compared with that was not there before."""
    against = resource.access.against if resource.access and resource.action is Action.ADDED else None
    return f"The edit, compared with {against}, the default version" if against else "The edit"


def edit_title(edit: Edit) -> str:
    """`Statement[0] changed`."""
    return f"{edit.title or 'properties'} {edit.action}"


def edited(value: EditedValue) -> str:
    """`retention: 30 days → 7 days`, or the value of the side that has it."""
    if value.action is Action.CHANGED:
        return f"{value.name}: {value.before} → {value.after}"
    return f"{value.name}: {value.before if value.after is None else value.after}"


def edit_sign(value: EditedValue) -> str:
    """`+`, `-` or `~`, a blank for what stays."""
    return " " if value.action is Action.UNCHANGED else ACTION_SIGNS[value.action]


# ------------------------------------------------------------ findings


def sentence(finding: ReviewFinding, *, with_line: bool = False) -> str:
    """A finding as one line, without its code and title; `with_line`: and with the line of its location."""
    line = f" (line {finding.location.line})" if with_line and finding.location.line > 1 else ""
    where = f"{finding.path}{line}: " if finding.path else ""
    allowed = f"; allowed: {finding.allowed}" if finding.allowed and not finding.is_about_change else ""
    return f"{where}{finding.received}{allowed}. {finding.hint}".replace(". .", ".").strip()


def status(finding: ReviewFinding) -> str:
    """What lets a finding pass, in words; empty while it is open."""
    if finding.reason is not None:
        return f"acknowledged: {finding.reason}"
    return "approved" if finding.is_approved else ""


# ------------------------------------------------------------ access


def verdict(access: AccessReview) -> str:
    """The verdict on access in words."""
    text = VERDICTS[access.verdict]
    if access.no_longer_refused and access.verdict is not Verdict.UNDECIDED:
        text = "A DENY IS LIFTED" if access.verdict is Verdict.EQUIVALENT else f"{text}; A DENY IS LIFTED"
    elif access.newly_refused and access.verdict is Verdict.EQUIVALENT:
        text = "more is denied"
    if access.against:
        text += f" compared with {access.against}, the default version"
    if access.takes_effect is False:
        return f"{text}, once the version becomes the default"
    if access.takes_effect is None:
        return f"{text}, if the version becomes the default"
    return text


def risks_opened(access: AccessReview) -> str:
    """`14 risks opened by everything`."""
    groups = access.risk_groups
    by = f" by {opener(groups[0])}" if len(groups) == 1 and len(access.risks) > 1 else ""
    return f"{plural(len(access.risks), 'risk')} opened{by}"


def patterns(items: tuple[str, ...], most: int = 6) -> str:
    """A list of patterns on one line, the rest counted."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def reach(grant: Grant) -> str:
    """What a grant is of: `oss:* on acs:oss:*:*:assets/*`, or `everything`."""
    exceptions = (*grant.not_actions, *grant.not_resources)
    if gives_any_action(grant) and "*" in grant.resources and not exceptions:
        return "everything, under a condition" if grant.condition else "everything"
    actions = patterns(grant.actions)
    if grant.not_actions:
        actions = f"every action but {patterns(grant.not_actions)}"
    resources = patterns(grant.resources)
    if grant.not_resources:
        resources = f"every resource but {patterns(grant.not_resources)}"
    return f"{actions} on {resources}"


def describe_grant(grant: Grant, *, is_lost: bool = False, is_denial: bool = False) -> str:
    """What it is of, with its exceptions and why it is news."""
    return f"{reach(grant)} [{news(grant, is_lost=is_lost, is_denial=is_denial)}]"


def news(grant: Grant, *, is_lost: bool, is_denial: bool) -> str:
    """Why a grant is news."""
    why = ("refused only now", "no longer refused")[is_lost] if is_denial else REASONS[grant.reason][is_lost]
    return f"{why}{', only for an unusual resource' if grant.is_unusual else ''}"


def describe_risk(opened: OpenedRisk) -> str:
    """The actions of a risk, with those needed beside them."""
    together = f" with {patterns(opened.together)}" if opened.together else ""
    return f"{patterns(opened.actions)}{together}"


def describe_risks(group: RiskGroup) -> str:
    """What opens several risks, and which; of a single one its actions."""
    if len(group.risks) == 1:
        (opened,) = group.risks
        return f"{opened.risk.id} {opened.risk.title}: {describe_risk(opened)}"
    names = [f"{opened.risk.id} {opened.risk.title}" for opened in group.risks]
    more = f"; and {len(names) - 6} more" if len(names) > 6 else ""
    return f"{opener(group)}, which opens {len(names)} risks: {'; '.join(names[:6])}{more}"


def opener(group: RiskGroup) -> str:
    """What opens the risks: `everything`."""
    return reach(group.grant) if group.grant else "the change"


def level_of_risks(group: RiskGroup) -> Level:
    """How grave a finding they make."""
    return Level.ERROR if group.is_critical else Level.WARNING


def size(access: AccessReview) -> str | None:
    """The size of the documents against the limit; None where there is none."""
    sizes = [f"{count:,}" for count in (access.bytes_before, access.bytes_after) if count is not None]
    return f"{' → '.join(sizes)} of {MAX_DOCUMENT_BYTES:,} bytes" if sizes else None


# ------------------------------------------------------------ recovery


def detection(step: Step) -> str:
    """After how long an incident is detected where a row holds, at the least."""
    # A promise is never made to look better than it is: a loss is rounded up, and a time down.
    if step.older_than <= 0:
        return "at any time"
    after = exact_length(step.older_than) if step.is_close else length(step.older_than, down=True)
    return f"after more than {after}"


def worst_case(points: PointsReview, recovery: RecoveryReview) -> tuple[Row, list[Row]]:
    """The worst case as a table, its heading and its rows; the last column of two sides compares them."""
    when, loss = "if an incident is detected", "worst-case data loss (RPO)"
    if recovery.before is None or recovery.after is None:
        is_after = recovery.after is not None
        return (when, loss), [
            (detection(step), length(step.after if is_after else step.before)) for step in points.steps
        ]
    rows: list[Row] = []
    for step in points.steps:
        trend = "▲ worse" if step.is_worse else "▼ better" if step.is_better else ""
        rows.append((detection(step), length(step.before), length(step.after), trend))
    return (when, f"{loss}, before", "after", "that is"), rows


def subject(points: PointsReview) -> str:
    """What the points are: `backups`, `copies in cn-shanghai`."""
    if not points.is_copies:
        return "backups"
    return f"copies in {points.region or 'a region that is not known yet'}"


def kept(points: PointsReview) -> str | None:
    """How many points there are once settled, before and after; None where that is unknown."""
    before, after = (_count(timeline) for timeline in (points.before, points.after))
    if before is None and after is None:
        return None
    if points.after is None and not points.is_unknown:
        return f"{before} kept until now"
    if before is None or after is None or before == after:
        return f"{after or before} kept once settled"
    return f"{after} kept once settled, before {before}"


def _count(timeline: Timeline | None) -> str | None:
    if timeline is None or (counts := timeline.counts) is None:
        return None
    if counts.lowest == counts.highest:
        return f"{counts.lowest:,}"
    return f"{counts.lowest:,} to {counts.highest:,}"


def deletions(points: PointsReview, at: int, zone: str) -> str | None:
    """How many existing points are deleted sooner, and when; None where none does."""
    sooner = points.deleted_sooner
    if not sooner:
        return None
    at_once = points.deleted_at_once(at)
    kind = "copy" if points.is_copies else "backup"
    kinds = "copies" if points.is_copies else "backups"
    text = f"{plural(len(sooner), kind, kinds)} that exist at the change are deleted sooner"
    if at_once:
        text += f", {len(at_once):,} of them at once"
    later = [point.after for point in sooner if point.after is not None and point.after > at]
    if later:
        text += f"; the last on {moment(max(later), zone)} instead of {_until(sooner, max(later), zone)}"
    first, last = sooner[0].time, sooner[-1].time
    taken = moment(first, zone) if first == last else f"{moment(first, zone)} to {moment(last, zone)}"
    return f"{text} (taken {taken})"


def _until(sooner: tuple[MovedPoint, ...], after: int, zone: str) -> str:
    return moment(next(point.before for point in sooner if point.after == after), zone)


def unknown_promises(recovery: RecoveryReview) -> Iterator[str]:
    """What of either side is unknown, a sentence for each."""
    for side, which in ((recovery.before, "old"), (recovery.after, "new")):
        for unknown in side.unknown if side else ():
            yield f"In the {which} policy {unknown}: what it promises is unknown."


def shortened(recovery: RecoveryReview) -> Iterator[str]:
    """What of either side was simulated for a shorter time, a sentence for each."""
    for side, which in ((recovery.before, "old"), (recovery.after, "new")):
        if side and side.shortened:
            yield f"The {which} policy: {side.shortened}"
