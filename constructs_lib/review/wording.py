"""What the renderers say alike: lengths, moments, verdicts and grants in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from constructs_lib.backup.recovery import MovedPoint
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.ram.access import Grant, Reason, Verdict
from constructs_lib.ram.document import MAX_DOCUMENT_BYTES
from constructs_lib.ram.risks import OpenedRisk
from constructs_lib.review.report import (
    AccessReview,
    Action,
    Level,
    PointsReview,
    Report,
    ResourceReview,
    ReviewFinding,
    Step,
)

NO_PROMISE = "no promise"
# Findings that say in one line what a report of several pages shows in full.
SHOWN_IN_FULL = frozenset({"RV221", "RV321", "RV322", "RV323", "RV521"})

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
# Beside each, never instead of the word: colour and sign are not for everyone.
SIGNS: dict[Level, str] = {Level.ERROR: "✖", Level.WARNING: "▲", Level.NOTE: "●"}
ACTION_SIGNS: dict[Action, str] = {
    Action.ADDED: "+",
    Action.CHANGED: "~",
    Action.REPLACED: "±",
    Action.REMOVED: "-",
    Action.UNCHANGED: "=",
}


def clean(text: str) -> str:
    """A text without characters that steer a terminal, break a line or turn its direction."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 point`, `2 points`, `1,000 policies`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


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
    told = []
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        amount, seconds = divmod(seconds, size)
        if amount:
            told.append(plural(amount, unit))
    return ", ".join(told)


def moment(seconds: int | None, zone: str) -> str:
    """A moment in a zone; None is never."""
    if seconds is None:
        return "never"
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def age(step: Step) -> str:
    """From which age of the damage on a row holds."""
    # A promise is never made to look better than it is: a loss is rounded up, and an age down.
    if step.older_than <= 0:
        return "any age"
    told = exact_length(step.older_than) if step.is_close else length(step.older_than, down=True)
    return f"more than {told}"


def subject(points: PointsReview) -> str:
    """What the points are: `backups`, `copies in cn-shanghai`."""
    if not points.is_copies:
        return "backups"
    return f"copies in {points.region or 'a region that is not known yet'}"


def headline(report: Report) -> str:
    """The verdict of a review in one line."""
    actions = [
        f"{count:,} {action}"
        for action, count in report.actions.items()
        if count and action is not Action.UNCHANGED
    ]
    found = [plural(count, level) for level, count in report.counts.items() if count]
    return f"{', '.join(actions) or 'no change'}; {', '.join(found) or 'nothing to look at'}"


def verdict(access: AccessReview) -> str:
    """The verdict on access in words."""
    text = VERDICTS[access.verdict]
    if access.against:
        text += f" compared with {access.against}, which is in force"
    if access.takes_effect is False:
        return f"{text}, once the version becomes the default"
    if access.takes_effect is None:
        return f"{text}, if the version becomes the default"
    return text


def sentence(finding: ReviewFinding, *, with_line: bool = False) -> str:
    """A finding as one line, without its code and title; `with_line`: and with the line of its place."""
    line = f" (line {finding.location.line})" if with_line and finding.location.line > 1 else ""
    where = f"{finding.path}{line}: " if finding.path else ""
    allowed = f"; allowed: {finding.allowed}" if finding.allowed and not finding.is_about_change else ""
    return f"{where}{finding.received}{allowed}. {finding.hint}".replace(". .", ".").strip()


def status(finding: ReviewFinding) -> str:
    """What lets a finding pass, in words; empty while it is open."""
    if finding.reason is not None:
        return f"acknowledged: {finding.reason}"
    return "approved" if finding.is_approved else ""


def patterns(items: tuple[str, ...], most: int = 6) -> str:
    """A list of patterns on one line, the rest counted."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def grant(one: Grant, *, is_lost: bool = False, is_denial: bool = False) -> str:
    """`oss:* on acs:oss:*:*:assets/*`, with its exceptions and why it is news."""
    actions = patterns(one.actions)
    if one.not_actions:
        actions = f"every action but {patterns(one.not_actions)}"
    resources = patterns(one.resources)
    if one.not_resources:
        resources = f"every resource but {patterns(one.not_resources)}"
    why = ("refused only now", "no longer refused")[is_lost] if is_denial else REASONS[one.reason][is_lost]
    unusual = ", only for an unusual resource" if one.is_unusual else ""
    return f"{actions} on {resources} [{why}{unusual}]"


def describe_risk(one: OpenedRisk) -> str:
    """The actions of a risk, with those needed beside them."""
    together = f" with {patterns(one.together)}" if one.together else ""
    return f"{patterns(one.actions)}{together}"


def deletions(points: PointsReview, at: int, zone: str) -> str | None:
    """How many existing points go sooner, and when; None where none does."""
    sooner = points.deleted_sooner
    if not sooner:
        return None
    at_once = points.deleted_at_once(at)
    kind = "copy" if points.is_copies else "backup"
    kinds = "copies" if points.is_copies else "backups"
    text = f"{plural(len(sooner), kind, kinds)} that exist at the change go sooner"
    if at_once:
        text += f", {len(at_once):,} of them at once"
    later = [one.after for one in sooner if one.after is not None and one.after > at]
    if later:
        text += f"; the last on {moment(max(later), zone)} instead of {_until(sooner, max(later), zone)}"
    first, last = sooner[0].time, sooner[-1].time
    made = moment(first, zone) if first == last else f"{moment(first, zone)} to {moment(last, zone)}"
    return f"{text} (made {made})"


def _until(sooner: tuple[MovedPoint, ...], after: int, zone: str) -> str:
    return moment(next(one.before for one in sooner if one.after == after), zone)


def title(resource: ResourceReview) -> str:
    """`+ alicloud_hbr_policy.daily (added)`."""
    was = f", was {resource.old_address}" if resource.old_address else ""
    return f"{ACTION_SIGNS[resource.action]} {resource.address} ({resource.action}{was})"


def places(resource: ResourceReview) -> list[str]:
    """The Python line of the construct if the stack says so, then the place in the file."""
    file = f"{resource.location.file}:{resource.location.line}"
    return [resource.source, file] if resource.source else [file]


def kept(points: PointsReview) -> str | None:
    """How many points there are once settled, before and after; None where that cannot be told."""
    before, after = (_count(one) for one in (points.before, points.after))
    if before is None and after is None:
        return None
    if before is None or after is None or before == after:
        return f"{after or before} kept once settled"
    return f"{after} kept once settled, before {before}"


def _count(timeline: Timeline | None) -> str | None:
    if timeline is None or (counts := timeline.counts) is None:
        return None
    if counts.lowest == counts.highest:
        return f"{counts.lowest:,}"
    return f"{counts.lowest:,} to {counts.highest:,}"


def size(access: AccessReview) -> str | None:
    """The size of the documents against the limit; None where there is none."""
    sizes = [f"{one:,}" for one in (access.bytes_before, access.bytes_after) if one is not None]
    return f"{' → '.join(sizes)} of {MAX_DOCUMENT_BYTES:,} bytes" if sizes else None
