"""The review itself: from both sides to the one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from attrs import evolve, frozen

from constructs_lib.backup import checks as backup_checks
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.effective_retention import rule_origins
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.schedule import DEFAULT_ZONE
from constructs_lib.findings import Finding, can_be_acknowledged
from constructs_lib.ram.checks import check_policy_version, left_to_terraform
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.terraform_expressions import holds_unknown
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import access_change_checks, backup_change_checks, catalogue, differences
from constructs_lib.review.access_change_checks import AccessChange, NonDefaultVersions
from constructs_lib.review.access_comparison import Accesses
from constructs_lib.review.backup_change_checks import BackupChange
from constructs_lib.review.loading.files import Input
from constructs_lib.review.loading.json_text import pointer, positions
from constructs_lib.review.loading.resource import LoadedResource
from constructs_lib.review.pairing import Pair, pairs
from constructs_lib.review.recovery_comparison import Recoveries
from constructs_lib.review.report import (
    AccessReview,
    Acknowledgement,
    Action,
    Report,
    ResourceReview,
    ReviewFinding,
    SourceLocation,
    StackReview,
)
from constructs_lib.review.versions import KnownPolicies, is_new_document
from constructs_lib.tokens import holds_token, is_token, known

Track = Callable[[Sequence[Pair]], Iterable[Pair]]
_OF_ACCESS = (
    "Only these policies are looked at: not what else is attached to a user, group or role, nor control "
    "policies, session policies or policies of resources.",
    "Names of dangerous actions are those of a catalogue: what is not in it may be dangerous as well.",
)


def review(
    given: Input,
    *,
    at: int,
    zone: str = DEFAULT_ZONE,
    approve: Iterable[str] = (),
    track: Track = iter,
) -> Report:
    """Review what was read.

    * `at`: when the change is taken to happen, UNIX seconds. `zone`: of cron times and of all times printed.
    * `approve`: the deltas that are accepted.
    * `track`: is given all pairs and gives them back one by one, such as a progress bar.

    Takes time in proportion to the policies that change; equal ones are simulated once.
    """
    approvals = frozenset(approve)
    all_pairs = pairs(given)
    policies = KnownPolicies.of(all_pairs, given.old)
    reviewer = _Reviewer(given, policies, Recoveries(at, zone), Accesses(), approvals)
    resources = [reviewer.review(pair) for pair in track(all_pairs)]
    deltas = {resource.delta for resource in resources if resource.delta}
    location = SourceLocation(file=given.new.name, pointer="")
    is_new = None if given.old is None else True
    return Report(
        new=given.new.name,
        old=None if given.old is None else given.old.name,
        at=at,
        zone=zone,
        stacks=tuple(
            StackReview(name=name, resources=tuple(of_stack))
            for name, of_stack in groupby(_with_lines(resources, given), key=lambda resource: resource.stack)
        ),
        findings=tuple(
            _review_finding(finding, location, is_new=is_new)
            for finding in catalogue.unused_approval(approvals - deltas)
        ),
        approvals=tuple(sorted(approvals & deltas)),
        assumptions=tuple(_assumptions(resources, given)),
    )


def _assumptions(resources: Sequence[ResourceReview], given: Input) -> Iterator[str]:
    yield from given.new.notes
    if given.old is None:
        yield "There is nothing to compare with: every resource counts as added."
    if any(_holds_expression(resource.form) for resource in given.new.resources):
        yield "What Terraform fills in is unknown here, and taken as unchanged: the plan knows more."
    if any(resource.access for resource in resources):
        yield from _OF_ACCESS
    recoveries = [resource.recovery for resource in resources if resource.recovery]
    counted = Counter(line for recovery in recoveries for line in recovery.assumptions)
    yield from (line for line, count in counted.items() if count == len(recoveries))


def _holds_expression(form: Mapping[str, Any]) -> bool:
    document = form.get("policy_document")
    return holds_unknown(document) or any(
        holds_token(value) for name, value in form.items() if name != "policy_document"
    )


@frozen
class _Reviewer:
    given: Input
    policies: KnownPolicies
    recoveries: Recoveries
    accesses: Accesses
    approvals: frozenset[str]

    def review(self, pair: Pair) -> ResourceReview:
        """One resource, its findings not yet with their lines."""
        old, new, shown = pair.old, pair.new, pair.shown
        action = self._action(old, new)
        is_changed = action is not Action.UNCHANGED
        delta = differences.delta(old, new) if is_changed else None
        review = ResourceReview(
            stack=shown.stack,
            address=shown.address,
            kind=shown.kind,
            action=action,
            name=known(shown.props.policy_name, str) or "",
            location=_location(shown, ""),
            old_address=old.address if old and new and old.address != new.address else None,
            construct_path=shown.construct_path,
            source=shown.source,
            differences=tuple(differences.differences(old, new)) if old and new else (),
            delta=delta,
            is_approved=delta in self.approvals,
        )
        changes: list[Finding] = []
        if is_changed and shown.kind is ResourceKind.BACKUP_POLICY:
            review, changes = self._backup_policy(review, old, new)
        elif is_changed:
            review, changes = self._policy_version(review, pair)
        is_new = None if self.given.old is None else True
        findings = [self._about_change(review, finding, shown, is_new) for finding in changes]
        findings += self._of_other_versions(review, pair)
        if new is not None:
            acknowledgements, own = _own_findings(new, old, has_old=self.given.old is not None)
            review = evolve(review, acknowledgements=acknowledgements)
            findings += own
        findings.sort(key=lambda finding: (not finding.is_open, -finding.level.rank))
        assumptions = review.recovery.assumptions if review.recovery else ()
        return evolve(review, findings=tuple(findings), assumptions=assumptions)

    def _action(self, old: LoadedResource | None, new: LoadedResource | None) -> Action:
        if new is None:
            return Action.REMOVED
        if old is None:
            return Action.ADDED
        if (new.stack, new.address) in self.given.replaced or old.type is not new.type:
            return Action.REPLACED
        for name in new.type.forces_new_resource:
            was, now = getattr(old.props, name), getattr(new.props, name)
            if was != now and not is_token(was) and not is_token(now):
                return Action.REPLACED
        return Action.UNCHANGED if old.form_text == new.form_text else Action.CHANGED

    def _backup_policy(
        self, review: ResourceReview, old: LoadedResource | None, new: LoadedResource | None
    ) -> tuple[ResourceReview, list[Finding]]:
        before = old.props if old and isinstance(old.props, BackupPolicyProps) else None
        after = new.props if new and isinstance(new.props, BackupPolicyProps) else None
        origins = rule_origins(*(side.identified_rules if side else () for side in (old, new)))
        recovery = self.recoveries.review(before, after, origins)
        review = evolve(review, recovery=recovery)
        if before is None:
            return review, []
        change = BackupChange(
            before=before,
            after=after,
            action=review.action,
            recovery=recovery,
            origins=origins,
            at=self.recoveries.at,
            zone=self.recoveries.zone,
        )
        return review, [finding for check in backup_change_checks.CHECKS for finding in check(change)]

    def _policy_version(self, review: ResourceReview, pair: Pair) -> tuple[ResourceReview, list[Finding]]:
        before, after = (
            side.props if side and isinstance(side.props, PolicyVersionProps) else None for side in pair
        )
        access = self._access(pair, before, after)
        change = AccessChange(
            before=before,
            after=after,
            action=review.action,
            access=access,
            is_new_document=pair.new is not None and is_new_document(*pair),
            is_whole_policy=pair.shown.type.is_whole_policy,
        )
        findings = [finding for check in access_change_checks.CHECKS for finding in check(change)]
        return evolve(review, access=access), findings

    def _access(
        self, pair: Pair, before: PolicyVersionProps | None, after: PolicyVersionProps | None
    ) -> AccessReview:
        """Compared with the default version where that is another one than this resource's own."""
        other = self.policies.versions(pair).other_default(pair)
        if other is None:
            return self.accesses.review(before, after)
        if after is None:
            return self.accesses.review(other.props, evolve(other.props, set_as_default=False), other.label)
        was_default = before is not None and before.set_as_default is True
        if is_new_document(*pair) or (after.set_as_default is not False and not was_default):
            return self.accesses.review(other.props, after, other.label)
        return self.accesses.review(before, after)

    def _of_other_versions(self, review: ResourceReview, pair: Pair) -> Iterator[ReviewFinding]:
        """Of versions that are not the default and grant more: once, at the default version afterwards."""
        policy = self.policies.versions(pair)
        others = NonDefaultVersions.of(policy) if policy.reported_at is pair else None
        for check in access_change_checks.OF_OTHER_VERSIONS if others else ():
            is_new = check is access_change_checks.non_default_gives_back or policy.before is None
            for finding in check(others):
                yield self._about_change(review, finding, pair.shown, is_new)

    def _about_change(
        self, review: ResourceReview, finding: Finding, shown: LoadedResource, is_new: bool | None
    ) -> ReviewFinding:
        location = _location(shown, finding.path)
        return _review_finding(finding, location, is_new=is_new, is_approved=review.is_approved)


# ------------------------------------------------------------ findings of the resource as it is


def _check(resource: LoadedResource) -> list[Finding]:
    props, others = resource.props, resource.type.checks
    if isinstance(props, BackupPolicyProps):
        return check_backup_policy(props, backup_checks.CHECKS + others)
    findings = check_policy_version(props, others)
    if resource.is_applied:
        return findings
    # In configuration every expression looks as if someone wrote it: CDKTF's tokens are resolved.
    return [finding for finding in findings if finding.code != left_to_terraform.code]


def _own_findings(
    new: LoadedResource, old: LoadedResource | None, *, has_old: bool
) -> tuple[tuple[Acknowledgement, ...], list[ReviewFinding]]:
    findings = _check(new)
    known_before = set(_check(old)) if old else set()
    counts = Counter(finding.code for finding in findings)
    reasons = {code: reason for code, reason in new.acknowledge.items() if _can_acknowledge(code, reason)}
    reviewed = [
        _review_finding(
            finding,
            _location(new, finding.path),
            is_new=finding not in known_before if has_old else None,
            reason=reasons.get(finding.code),
        )
        for finding in findings
    ]
    used = sorted(code for code in reasons if counts[code])
    location = SourceLocation(file=new.file, pointer=pointer((*new.parts, "//", "alipolicy", "acknowledge")))
    reviewed += [
        _review_finding(finding, location, is_new=True if has_old else None)
        for finding in catalogue.unused_acknowledgement(frozenset(new.acknowledge) - frozenset(used))
    ]
    acknowledged = (Acknowledgement(code=code, reason=reasons[code], findings=counts[code]) for code in used)
    return tuple(acknowledged), reviewed


def _can_acknowledge(code: str, reason: str) -> bool:
    """Whether a stack may set findings of a code aside, and says why."""
    return (
        code in catalogue.CHECKS
        and not code.startswith("RV")
        and can_be_acknowledged(code)
        and bool(reason.strip())
    )


def _location(resource: LoadedResource, path: str) -> SourceLocation:
    return SourceLocation(file=resource.file, pointer=resource.pointer(path))


def _review_finding(
    finding: Finding,
    location: SourceLocation,
    *,
    is_new: bool | None,
    reason: str | None = None,
    is_approved: bool = False,
) -> ReviewFinding:
    return ReviewFinding(
        code=finding.code,
        level=catalogue.level_of(finding.code),
        title=catalogue.CHECKS[finding.code].title,
        path=finding.path,
        received=finding.received,
        allowed=finding.allowed,
        hint=finding.hint,
        location=location,
        is_new=is_new,
        reason=reason,
        is_approved=is_approved,
    )


# ------------------------------------------------------------ lines and columns


def _with_lines(resources: Sequence[ResourceReview], given: Input) -> list[ResourceReview]:
    """The same, with the line and column of every location: one walk over each file."""
    wanted: dict[str, set[str]] = {}
    for resource in resources:
        for location in (resource.location, *(finding.location for finding in resource.findings)):
            wanted.setdefault(location.file, set()).add(location.pointer)
    texts = {**(given.old.texts if given.old else {}), **given.new.texts}
    lines = {file: positions(texts[file], sorted(pointers)) for file, pointers in wanted.items()}

    def located(location: SourceLocation) -> SourceLocation:
        line, column = lines[location.file][location.pointer]
        return evolve(location, line=line, column=column)

    return [
        evolve(
            resource,
            location=located(resource.location),
            findings=tuple(evolve(each, location=located(each.location)) for each in resource.findings),
        )
        for resource in resources
    ]
