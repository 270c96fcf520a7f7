"""The review itself: from both sides to the one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from attrs import evolve, frozen

from constructs_lib.backup import checks as backup_checks
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.schedule import DEFAULT_ZONE
from constructs_lib.findings import Finding, can_be_acknowledged
from constructs_lib.ram import checks as ram_checks
from constructs_lib.ram.checks import check_policy_version
from constructs_lib.ram.document import is_unknown
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.warning_checks import left_to_terraform
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import access_change_checks as access_changes
from constructs_lib.review import backup_change_checks as backup_changes
from constructs_lib.review import catalogue, differences
from constructs_lib.review import kept_change_checks as kept_changes
from constructs_lib.review.access_comparison import Accesses
from constructs_lib.review.kept_change_checks import KeptVersions
from constructs_lib.review.loading.files import Input
from constructs_lib.review.loading.json_text import pointer, positions
from constructs_lib.review.loading.resource import LoadedResource
from constructs_lib.review.normal_form import Props
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
from constructs_lib.review.versions import Standings, is_new_text
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

    * `at`: when the change is taken to happen, UNIX seconds. `zone`: of cron times and of all that is told.
    * `approve`: the deltas that are accepted.
    * `track`: is given all pairs and gives them back one by one, such as a progress bar.

    Takes time in proportion to the policies that change; equal ones are simulated once.
    """
    approvals = frozenset(approve)
    all_pairs = pairs(given)
    standings = Standings.of(all_pairs, given.old)
    reviewer = _Reviewer(given, standings, Recoveries(at, zone), Accesses(), approvals, at, zone)
    found = [reviewer.resource(pair) for pair in track(all_pairs)]
    deltas = {one.delta for one in found if one.delta}
    place = SourceLocation(file=given.new.name, pointer="")
    is_new = None if given.old is None else True
    unknown = [
        _told(finding, place, is_new=is_new) for finding in catalogue.unused_approval(approvals - deltas)
    ]
    return Report(
        new=given.new.name,
        old=None if given.old is None else given.old.name,
        at=at,
        zone=zone,
        stacks=tuple(
            StackReview(name=name, resources=tuple(of_stack))
            for name, of_stack in groupby(_located(found, given), key=lambda one: one.stack)
        ),
        findings=tuple(unknown),
        approvals=tuple(sorted(approvals & deltas)),
        assumptions=tuple(_assumptions(found, given)),
    )


def _assumptions(found: Sequence[ResourceReview], given: Input) -> Iterator[str]:
    yield from given.new.notes
    if given.old is None:
        yield "There is no older side: everything counts as new, and as if nothing had been before."
    if any(_holds_expression(one.form) for one in given.new.resources):
        yield "What Terraform fills in is unknown here, and taken to stay as it is: the plan knows more."
    if any(one.access for one in found):
        yield from _OF_ACCESS
    counted = Counter(line for one in found if one.recovery for line in _of_recovery(one))
    every = sum(1 for one in found if one.recovery)
    yield from (line for line, count in counted.items() if count == every)


def _holds_expression(form: Mapping[str, Any]) -> bool:
    document = form.get("policy_document")
    return _holds_unknown(document) or any(
        holds_token(value) for name, value in form.items() if name != "policy_document"
    )


def _holds_unknown(value: Any) -> bool:
    """As `holds_token`, for a policy document, in which `${acs:…}` is known."""
    if isinstance(value, Mapping):
        return any(_holds_unknown(item) for item in value.values())
    return any(map(_holds_unknown, value)) if isinstance(value, (list, tuple)) else is_unknown(value)


def _of_recovery(one: ResourceReview) -> tuple[str, ...]:
    recovery = one.recovery
    if recovery is None:
        return ()
    sides = [*(recovery.after.assumptions if recovery.after else ())]
    sides += recovery.before.assumptions if recovery.before else ()
    sides += recovery.change.assumptions if recovery.change else ()
    return tuple(dict.fromkeys(sides))


@frozen
class _Reviewer:
    given: Input
    standings: Standings
    recoveries: Recoveries
    accesses: Accesses
    approvals: frozenset[str]
    at: int
    zone: str

    def resource(self, pair: Pair) -> ResourceReview:
        """One resource, its findings not yet with their lines."""
        old, new, shown = pair.old, pair.new, pair.shown
        action = self._action(old, new)
        is_changed = action is not Action.UNCHANGED
        delta = differences.delta(old, new) if is_changed else None
        is_approved = delta in self.approvals
        review = ResourceReview(
            stack=shown.stack,
            address=shown.address,
            kind=shown.kind,
            action=action,
            name=_name(shown.props),
            place=SourceLocation(file=shown.file, pointer=shown.pointer("")),
            old_address=old.address if old and new and old.address != new.address else None,
            construct_path=shown.construct_path,
            source=shown.source,
            differences=tuple(differences.differences(old.form, new.form))
            if old and new and is_changed
            else (),
            delta=delta,
            is_approved=is_approved,
        )
        changes: list[Finding] = []
        if is_changed and shown.kind is ResourceKind.BACKUP_POLICY:
            review, changes = self._backup_policy(review, old, new)
        elif is_changed:
            review, changes = self._policy_version(review, pair)
        findings = [
            _told(
                one,
                _place(one, shown),
                is_approved=is_approved,
                is_new=None if self.given.old is None else True,
            )
            for one in changes
        ]
        findings += self._kept(pair, is_approved=is_approved)
        if new is not None:
            acknowledgements, own = _own_findings(new, old, has_old=self.given.old is not None)
            review = evolve(review, acknowledgements=acknowledgements)
            findings += own
        findings.sort(key=lambda one: (not one.is_open, -one.level.rank))
        return evolve(review, findings=tuple(findings), assumptions=tuple(_of_recovery(review)))

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
        same = old.form_text == new.form_text
        return Action.UNCHANGED if same else Action.CHANGED

    def _backup_policy(
        self, review: ResourceReview, old: LoadedResource | None, new: LoadedResource | None
    ) -> tuple[ResourceReview, list[Finding]]:
        before = old.props if old and isinstance(old.props, BackupPolicyProps) else None
        after = new.props if new and isinstance(new.props, BackupPolicyProps) else None
        recovery = self.recoveries.review(before, after)
        review = evolve(review, recovery=recovery)
        if before is None:
            return review, []
        change = backup_changes.BackupChange(
            before=before, after=after, action=review.action, recovery=recovery, at=self.at, zone=self.zone
        )
        return review, [finding for one in backup_changes.CHECKS for finding in one(change)]

    def _policy_version(self, review: ResourceReview, pair: Pair) -> tuple[ResourceReview, list[Finding]]:
        before, after = (
            one.props if one and isinstance(one.props, PolicyVersionProps) else None for one in pair
        )
        access = self._access(pair, before, after)
        change = access_changes.AccessChange(
            before=before,
            after=after,
            action=review.action,
            access=access,
            is_new_text=pair.new is not None and is_new_text(*pair),
            is_whole_policy=pair.shown.type.is_whole_policy,
        )
        findings = [finding for one in access_changes.CHECKS for finding in one(change)]
        return evolve(review, access=access), findings

    def _kept(self, pair: Pair, *, is_approved: bool) -> Iterator[ReviewFinding]:
        """What is kept of a policy and grants more: told once, of the version that is in force afterwards."""
        standing = self.standings.standing(pair)
        kept = KeptVersions.of(standing) if standing.told_at is pair else None
        for one in kept_changes.CHECKS if kept else ():
            for finding in one(kept):
                is_new = one is kept_changes.kept_gives_back or standing.before is None
                yield _told(finding, _place(finding, pair.shown), is_approved=is_approved, is_new=is_new)

    def _access(
        self, pair: Pair, before: PolicyVersionProps | None, after: PolicyVersionProps | None
    ) -> AccessReview:
        """Compared with the version in force where that is another one than this resource's own."""
        other = self.standings.standing(pair).other_in_force(pair)
        if other is None:
            return self.accesses.review(before, after)
        if after is None:
            return self.accesses.review(other.props, evolve(other.props, set_as_default=False), other.label)
        was_default = before is not None and before.set_as_default is True
        if is_new_text(*pair) or (after.set_as_default is not False and not was_default):
            return self.accesses.review(other.props, after, other.label)
        return self.accesses.review(before, after)


def _name(props: Props) -> str:
    return known(props.policy_name, str) or ""


# ------------------------------------------------------------ findings of the resource as it is


def _checked(found: LoadedResource) -> list[Finding]:
    props, others = found.props, found.type.checks
    if isinstance(props, BackupPolicyProps):
        return check_backup_policy(props, backup_checks.CHECKS + others)
    told = check_policy_version(props, ram_checks.CHECKS + others)
    # In configuration every expression looks as if someone wrote it: CDKTF's tokens are resolved.
    return told if found.is_applied else [one for one in told if one.code != left_to_terraform.code]


def _own_findings(
    new: LoadedResource, old: LoadedResource | None, *, has_old: bool
) -> tuple[tuple[Acknowledgement, ...], list[ReviewFinding]]:
    findings = _checked(new)
    known_before = set(_checked(old)) if old else set()
    codes = Counter(one.code for one in findings)
    reasons = {code: reason for code, reason in new.acknowledge.items() if _can_acknowledge(code, reason)}
    told = [
        _told(
            one,
            _place(one, new),
            is_new=one not in known_before if has_old else None,
            reason=reasons.get(one.code),
        )
        for one in findings
    ]
    unused = frozenset(new.acknowledge) - frozenset(code for code in reasons if codes[code])
    told += [
        _told(one, _of_acknowledgements(new), is_new=True if has_old else None)
        for one in catalogue.unused_acknowledgement(unused)
    ]
    used = (
        Acknowledgement(code=code, reason=reasons[code], findings=codes[code]) for code in sorted(reasons)
    )
    return tuple(one for one in used if one.findings), told


def _can_acknowledge(code: str, reason: str) -> bool:
    """Whether a stack may set findings of a code aside, and says why."""
    return (
        code in catalogue.CHECKS
        and not code.startswith("RV")
        and can_be_acknowledged(code)
        and bool(reason.strip())
    )


def _of_acknowledgements(found: LoadedResource) -> SourceLocation:
    return SourceLocation(file=found.file, pointer=pointer((*found.parts, "//", "alipolicy", "acknowledge")))


def _place(finding: Finding, found: LoadedResource) -> SourceLocation:
    return SourceLocation(file=found.file, pointer=found.pointer(finding.path))


def _told(
    finding: Finding,
    place: SourceLocation,
    *,
    is_new: bool | None = None,
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
        place=place,
        is_new=is_new,
        reason=reason,
        is_approved=is_approved,
    )


# ------------------------------------------------------------ lines and columns


def _located(found: Sequence[ResourceReview], given: Input) -> list[ResourceReview]:
    """The same, with the line and column of every place: one walk over each file."""
    wanted: dict[str, set[str]] = {}
    for one in found:
        for place in (one.place, *(finding.place for finding in one.findings)):
            wanted.setdefault(place.file, set()).add(place.pointer)
    texts = {**(given.old.texts if given.old else {}), **given.new.texts}
    lines = {file: positions(texts[file], sorted(pointers)) for file, pointers in wanted.items()}

    def located(place: SourceLocation) -> SourceLocation:
        line, column = lines[place.file][place.pointer]
        return evolve(place, line=line, column=column)

    return [
        evolve(
            one,
            place=located(one.place),
            findings=tuple(evolve(finding, place=located(finding.place)) for finding in one.findings),
        )
        for one in found
    ]
