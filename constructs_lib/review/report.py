"""The report of a review: one structure, complete, from which every renderer prints and nothing is added.

    Report
      stacks: StackReview
        resources: ResourceReview
          findings: ReviewFinding        what the checks say, of the resource and of its change
          access: AccessReview           what a policy document newly grants, with witnesses
          recovery: RecoveryReview       what a backup policy promises, before and after

All moments are UNIX seconds, all lengths seconds; `wording` has them in words. The order of everything is
fixed: the gravest first, stacks and resources that are alike by name, findings as the checks come.
"""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from attrs import evolve, field, frozen

from constructs_lib.backup.recovery import MovedPoint, Recovery, RecoveryChange
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.ram.access import Grant, Verdict
from constructs_lib.ram.analysis.grants import gives, gives_any_action
from constructs_lib.ram.risks import OpenedRisk, RiskLevel
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.affected import Affected, each_once


class Level(enum.StrEnum):
    """How grave a finding of a review is, and at what `--fail-on` fails."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 2 for an error."""
        return list(Level).index(self)


class Action(enum.StrEnum):
    """What becomes of a resource. Without an old side everything is `ADDED`."""

    ADDED = "added"
    CHANGED = "changed"
    REPLACED = "replaced"  # destroyed, and created anew
    REMOVED = "removed"
    FORGOTTEN = "no longer managed"  # it stays as it is
    UNCHANGED = "unchanged"


@frozen(kw_only=True)
class SourceLocation:
    """Where something stands.

    * `file`: as given to the review, with `/`.
    * `pointer`: the JSON pointer in the file (RFC 6901): `/resource/alicloud_hbr_policy/daily/rules/1`.
    * `line`, `column`: of that place, from 1.
    """

    file: str
    pointer: str
    line: int = 1
    column: int = 1


@frozen(kw_only=True)
class ReviewFinding:
    """One thing to look at.

    * `code`: of a check of the constructs (BP…, PV…), or of the review itself (RV…).
    * `title`: what the code stands for. `path`: where in the props, such as `rules[1].retention`, or empty.
    * `received`, `allowed`, `hint`: what is there, what may be, the next step.
    * `location`: the value in the file, or the closest thing around it.
    * `is_new`: whether the old side did not have it; None without an old side.
    * `reason`: why the stack says it is fine; None where it is not acknowledged.
    * `is_approved`: whether `--approve` accepted the change that it is about.
    * `is_common`: whether it is the same for so many resources that a page tells it once: `Report.common`.
    """

    code: str
    level: Level
    title: str
    path: str
    received: str
    allowed: str
    hint: str
    location: SourceLocation
    is_new: bool | None = None
    reason: str | None = None
    is_approved: bool = False
    is_common: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still counts: neither acknowledged nor approved."""
        return self.reason is None and not self.is_approved

    @property
    def is_about_change(self) -> bool:
        """Whether it is about the change (RV…), not about the resource as it is."""
        return self.code.startswith("RV")


@frozen
class EditedValue:
    """A value in one line: what it is called, before and after; None on the side where it does not stand."""

    name: str
    before: str | None
    after: str | None

    @property
    def action(self) -> Action:
        """What becomes of it."""
        if self.before == self.after:
            return Action.UNCHANGED
        return (
            Action.ADDED if self.before is None else Action.REMOVED if self.after is None else Action.CHANGED
        )


@frozen(kw_only=True)
class Edit:
    """A part of a resource that is not as it was.

    * `title`: `Statement[1]` of a document, `rules[0] BACKUP`; empty for what stands beside these.
    * `values`: of a statement all of them, else those that differ.
    """

    title: str
    action: Action
    values: tuple[EditedValue, ...]


@frozen(kw_only=True)
class Acknowledgement:
    """What the stack acknowledges: the code, the reason, and how many findings that sets aside."""

    code: str
    reason: str
    findings: int


@frozen
class RiskGroup:
    """Risks that one grant opens: one thing to look at. `grant`: None where none of the lists is it."""

    grant: Grant | None
    risks: tuple[OpenedRisk, ...]

    @property
    def is_critical(self) -> bool:
        """Whether one of them is."""
        return any(opened.risk.level is RiskLevel.CRITICAL for opened in self.risks)


@frozen(kw_only=True)
class AccessReview:
    """What becomes of the access that one policy version gives.

    * `verdict`: in one word. `undecided`: why it cannot be said; then the lists may lack something.
    * `gained`, `lost`: grants with witnesses; `Grant.statement` counts in the document that gives it.
    * `risks`: the dangerous actions that become possible, critical ones first.
    * `newly_refused`, `no_longer_refused`: what Deny statements do beyond this document: a Deny also
      outweighs what other policies allow.
    * `takes_effect`: whether the version becomes the default with the change; None where that is unknown.
    * `against`: the default version that it is compared with, such as `v3`; None where that is what the
      resource itself was before.
    * `bytes_before`, `bytes_after`: sizes of the canonical documents, None where unknown or not there.
    """

    verdict: Verdict
    undecided: str | None = None
    gained: tuple[Grant, ...] = ()
    lost: tuple[Grant, ...] = ()
    risks: tuple[OpenedRisk, ...] = ()
    newly_refused: tuple[Grant, ...] = ()
    no_longer_refused: tuple[Grant, ...] = ()
    takes_effect: bool | None = True
    against: str | None = None
    bytes_before: int | None = None
    bytes_after: int | None = None

    @property
    def is_changed(self) -> bool:
        """Whether anybody who has the policy may gain or lose something."""
        refusals = self.newly_refused or self.no_longer_refused
        return self.verdict is not Verdict.EQUIVALENT or bool(refusals)

    @property
    def risk_groups(self) -> tuple[RiskGroup, ...]:
        """The risks by the grant that opens them: critical ones and high ones apart, unless it gives any
        action."""
        groups: dict[tuple[int | None, RiskLevel | None], tuple[Grant | None, list[OpenedRisk]]] = {}
        for opened in self.risks:
            grant = next((grant for grant in self.gained if gives(grant, opened.witness)), None)
            level = None if grant and gives_any_action(grant) else opened.risk.level
            key = (grant.statement if grant else None, level)
            groups.setdefault(key, (grant, []))[1].append(opened)
        return tuple(RiskGroup(grant, tuple(risks)) for grant, risks in groups.values())


@frozen(kw_only=True)
class Step:
    """A row of the worst case: an incident detected later than this loses at most that, before and after.

    None promises nothing. `is_worse`: whether more may be lost after than before.
    `is_close`: whether the time has to be given to the second, so as not to read like that of another row.
    """

    older_than: int
    before: int | None
    after: int | None
    is_close: bool = False

    @property
    def is_worse(self) -> bool:
        return self.before is not None and (self.after is None or self.after > self.before)

    @property
    def is_better(self) -> bool:
        return self.after is not None and (self.before is None or self.after < self.before)


@frozen(kw_only=True, eq=False)
class PointsReview:
    """The backups of a policy, or their copies in one region, over time.

    * `region`: of the copies; None for the backups, and while it is unknown. `is_copies` tells the two apart.
    * `before`, `after`: each side over time; None where there is none, or where it is unknown.
    * `steps`: the worst case, by the time until an incident is detected; empty if neither side is known.
    * `moved`: points that exist at the change and go at another time, the oldest first.
    * `is_unknown`: whether a side is unknown; `Recovery.unknown` says why.
    """

    region: str | None
    is_copies: bool
    before: Timeline | None = field(repr=False)
    after: Timeline | None = field(repr=False)
    steps: tuple[Step, ...] = ()
    moved: tuple[MovedPoint, ...] = field(default=(), repr=False)
    is_unknown: bool = False

    @cached_property
    def deleted_sooner(self) -> tuple[MovedPoint, ...]:
        """The points that exist at the change and are deleted sooner because of it, the oldest first."""
        return tuple(point for point in self.moved if point.is_sooner)

    def deleted_at_once(self, at: int) -> tuple[MovedPoint, ...]:
        """Those that go at the moment of the change itself (UNIX seconds)."""
        sooner = self.deleted_sooner
        return tuple(point for point in sooner if point.after is not None and point.after <= at)


@frozen(kw_only=True, eq=False)
class RecoveryReview:
    """What one backup policy promises.

    * `before`, `after`: each policy as if it began at the change: schedules in words, next runs, timelines,
      what is unknown, assumptions. None where the policy is not there.
    * `points`: the backups first, then the copies in each region.
    * `change`: the comparison that `points` was taken from; None where there is only one side.
    """

    before: Recovery | None = field(repr=False)
    after: Recovery | None = field(repr=False)
    points: tuple[PointsReview, ...]
    change: RecoveryChange | None = field(default=None, repr=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The rows of all worst cases."""
        return tuple(step for points in self.points for step in points.steps)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is taken for granted about either side, or about their comparison, each once."""
        parts = (self.after, self.before, self.change)
        return tuple(dict.fromkeys(line for part in parts if part for line in part.assumptions))

    @property
    def may_cost_more(self) -> bool:
        """Whether something that was promised is not any more, once settled, until the next backup or when a
        schedule is over."""
        if any(step.is_worse for step in self.steps):
            return True
        gap = self.change.gap if self.change else None
        return (gap is not None and gap.is_too_long) or bool(self.change and self.change.over_in)

    @property
    def is_worse(self) -> bool:
        """Whether an incident may cost more, or a point is deleted sooner."""
        return self.may_cost_more or any(points.deleted_sooner for points in self.points)


@frozen(kw_only=True, eq=False)
class ResourceReview:
    """One resource, and what becomes of it.

    * `address`: in Terraform, such as `alicloud_hbr_policy.daily`. `old_address`: if that was another.
    * `name`: of the policy, as text; empty where it is unknown.
    * `location`: in the new file, or in the old one if the resource is removed.
    * `construct_path`, `source`: of the construct, and its Python line such as `stacks/backups.py:59`, or the
      name of the module where it was made outside of the project.
    * `edits`: what was edited, statement by statement and rule by rule; of a version that was not there
      before, against the version that it is compared with.
    * `differences`: the same as `(path, before, after)` in short texts, where both sides are there.
    * `findings`: the open ones first, the gravest first.
    * `delta`: names exactly this change, for `--approve`; None where nothing changed.
    * `access` of a policy version, `recovery` of a backup policy: None where nothing changed.
    * `gains`: who on the page gains access by it, or may. `loses`: the sources that are protected less, or
      may be, as far as they are known by name. Both may hold one more than once.
    * `assumptions`: what is taken for granted about this resource, beside those of the report.
    """

    stack: str
    address: str
    kind: ResourceKind
    action: Action
    name: str
    location: SourceLocation
    old_address: str | None = None
    construct_path: str | None = None
    source: str | None = None
    edits: tuple[Edit, ...] = field(default=(), repr=False)
    differences: tuple[tuple[str, str, str], ...] = ()
    findings: tuple[ReviewFinding, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    delta: str | None = None
    is_approved: bool = False
    access: AccessReview | None = None
    recovery: RecoveryReview | None = None
    assumptions: tuple[str, ...] = ()
    gains: tuple[Affected, ...] = ()
    loses: tuple[Affected, ...] = ()

    @property
    def level(self) -> Level | None:
        """The gravest open finding's; None where there is none."""
        return highest(self.findings)

    @property
    def own_findings(self) -> tuple[ReviewFinding, ...]:
        """The findings that a page tells of it, and not once for many resources."""
        return tuple(finding for finding in self.findings if not finding.is_common)

    @property
    def order(self) -> tuple[int, bool]:
        """Smaller for what is graver, and for what changes."""
        return -self.level.rank if self.level else 1, self.action is Action.UNCHANGED

    @property
    def python(self) -> SourceLocation | None:
        """The Python line that makes the construct; None where the stack does not say."""
        file, _, line = (self.source or "").rpartition(":")
        is_line = file and re.fullmatch(r"[1-9][0-9]{0,8}", line)
        return SourceLocation(file=file, pointer="", line=int(line)) if is_line else None


@frozen(kw_only=True, eq=False)
class StackReview:
    """One stack, or one file, with its resources: the gravest first, then by address."""

    name: str
    resources: tuple[ResourceReview, ...]

    @classmethod
    def all_of(cls, resources: Iterable[ResourceReview]) -> tuple[StackReview, ...]:
        """The stacks of some resources: those with the gravest first, then by name."""
        found: dict[str, list[ResourceReview]] = {}
        for resource in sorted(
            resources, key=lambda resource: (resource.order, resource.stack, resource.address)
        ):
            found.setdefault(resource.stack, []).append(resource)
        return tuple(cls(name=name, resources=tuple(of_stack)) for name, of_stack in found.items())

    @property
    def level(self) -> Level | None:
        return highest(finding for resource in self.resources for finding in resource.findings)


@frozen(kw_only=True, eq=False)
class Report:
    """A review.

    * `new`, `old`: what was compared, as given; `old` is None where everything counts as new.
    * `at`: the moment that the change is taken to happen at. `zone`: of all times that are printed.
    * `stacks`: the gravest first. `findings`: what concerns no resource.
    * `common`: findings that many resources have, once for a page, with the addresses.
    * `approvals`: the deltas that `--approve` named and that are in this report.
    * `assumptions`: sentences that hold for all of it, each once.
    * `unrelated`: how many changes there are of resources that no policy depends on.
    """

    new: str
    old: str | None
    at: int
    zone: str
    stacks: tuple[StackReview, ...]
    findings: tuple[ReviewFinding, ...] = ()
    common: tuple[ReviewFinding, ...] = ()
    approvals: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unrelated: int = 0

    def resources(self) -> Iterator[ResourceReview]:
        """All resources, stack by stack."""
        for stack in self.stacks:
            yield from stack.resources

    @property
    def page_findings(self) -> tuple[ReviewFinding, ...]:
        """What a page tells of no resource: it concerns none, or many."""
        return (*self.findings, *self.common)

    def all_findings(self) -> Iterator[ReviewFinding]:
        """The findings of the report itself, then those of all resources."""
        yield from self.findings
        for resource in self.resources():
            yield from resource.findings

    @property
    def level(self) -> Level | None:
        """The gravest open finding's; None where there is none."""
        return highest(self.all_findings())

    @property
    def counts(self) -> dict[Level, int]:
        """How many open findings there are of each level, the gravest first."""
        counts = Counter(finding.level for finding in self.all_findings() if finding.is_open)
        return {level: counts[level] for level in reversed(Level)}

    @property
    def actions(self) -> dict[Action, int]:
        """How many resources are added, changed, replaced, removed and unchanged."""
        counts = Counter(resource.action for resource in self.resources())
        return {action: counts[action] for action in Action}

    @property
    def principals_gaining_access(self) -> list[str]:
        """Who on the page gains access, or may; each once."""
        return self._each_once(lambda resource: resource.gains)

    @property
    def sources_losing_protection(self) -> list[str]:
        """The sources that are protected less, or may be, as far as they are known by name; each once."""
        return self._each_once(lambda resource: resource.loses)

    def _each_once(self, affected: Callable[[ResourceReview], Iterable[Affected]]) -> list[str]:
        return each_once(
            (f"{resource.address} of {resource.stack}", each)
            for resource in self.resources()
            for each in affected(resource)
        )

    def fails(self, level: Level) -> bool:
        """Whether some open finding is of this level or above."""
        return self.level is not None and self.level.rank >= level.rank


def highest(findings: Iterator[ReviewFinding] | tuple[ReviewFinding, ...]) -> Level | None:
    """The gravest level of the open findings; None where none is open."""
    return max(
        (finding.level for finding in findings if finding.is_open), key=lambda level: level.rank, default=None
    )


# A finding that so many resources have is told once.
_MANY = 3


def told_once(
    resources: Sequence[ResourceReview],
) -> tuple[list[ResourceReview], tuple[ReviewFinding, ...]]:
    """The resources with the findings marked that many of them have, and these findings, each with the
    addresses. What is about a change is of one resource alone."""
    addresses: dict[tuple[str, ...], list[str]] = {}
    examples: dict[tuple[str, ...], ReviewFinding] = {}
    for resource in resources:
        for finding in resource.findings:
            if finding.is_open and not finding.is_about_change:
                examples.setdefault(_content(finding), finding)
                listed = addresses.setdefault(_content(finding), [])
                if resource.address not in listed[-1:]:
                    listed.append(resource.address)
    many = {content for content, listed in addresses.items() if len(listed) >= _MANY}

    def marked(finding: ReviewFinding) -> ReviewFinding:
        is_common = finding.is_open and _content(finding) in many
        return evolve(finding, is_common=True) if is_common else finding

    common = []
    for content in many:
        listed = addresses[content]
        more = f" and {len(listed) - 10:,} more" if len(listed) > 10 else ""
        received = (
            f"{examples[content].received}, in {len(listed):,} resources: {', '.join(listed[:10])}{more}"
        )
        common.append(evolve(examples[content], received=received))
    if not many:
        return list(resources), ()
    marked_resources = [
        evolve(resource, findings=tuple(map(marked, resource.findings))) for resource in resources
    ]
    return marked_resources, tuple(
        sorted(common, key=lambda each: (-each.level.rank, each.code, each.received))
    )


def _content(finding: ReviewFinding) -> tuple[str, ...]:
    """What a finding says, wherever it is."""
    return (finding.code, str(finding.is_new), finding.path, finding.received, finding.allowed, finding.hint)
