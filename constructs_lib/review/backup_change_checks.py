"""What is worth a word about the change of a backup policy: one function per code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from attrs import frozen

from constructs_lib.backup import policy_change_checks
from constructs_lib.backup.effective_retention import longest_days
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_change_checks import (
    PAGE,
    RulesChange,
)
from constructs_lib.backup.policy_view import BackupPolicyView, is_set, schedule_of
from constructs_lib.backup.recovery import Gap, Recovery
from constructs_lib.backup.rule import RuleType
from constructs_lib.backup.source_selection import Selection, not_covered, selections
from constructs_lib.findings import Finding, Phrase, Problem, Problems, check, checks_of, plural
from constructs_lib.review import normal_form
from constructs_lib.review.report import Action, PointsReview, RecoveryReview
from constructs_lib.review.wording import deletions, detection, length, moment, subject

SIMULATION = "alipolicy: which recovery points exist when"
DELETE_POLICY = "Cloud Backup, DeletePolicyV2 (2017-09-08)"
PROVIDER = "aliyun/alicloud, alicloud_hbr_policy"


@frozen(kw_only=True, eq=False)
class BackupChange(RulesChange):
    """A backup policy that is there before and after, or was.

    * `beside`: other policies that there are after the change in the same place.
    * `bound`: policies in the same place after the change, each with the ids of a source type that are bound
      to it as a whole.
    * `sources`: what is bound to it on the page. `unprotected`: those of them that nothing on the page
      protects as a whole after the change.
    """

    action: Action
    recovery: RecoveryReview
    at: int
    zone: str
    beside: Sequence[BackupPolicyProps] = ()
    bound: Sequence[tuple[BackupPolicyProps, str, Sequence[str]]] = ()
    sources: Sequence[str] = ()
    unprotected: Sequence[str] = ()

    def selections_beside(self) -> Iterator[Selection]:
        own = _without_tags(self.before)
        for policy, source_type, ids in self.bound:
            if _without_tags(policy) == own:
                yield Selection("", source_type, ids, ())
        for policy in self.beside:
            if _without_tags(policy) == own:
                yield from selections(BackupPolicyView.of(policy))

    @property
    def gap(self) -> Gap | None:
        """The time without a backup around the change; None where it is unknown, or does not matter."""
        return self.recovery.change.gap if self.recovery.change else None

    @property
    def is_gap_too_long(self) -> bool:
        """Whether it is longer than what two schedules that follow each other may leave."""
        return self.gap is not None and self.gap.is_too_long

    @property
    def gap_in_words(self) -> str:
        """The gap with its dates."""
        gap = self.gap
        assert gap is not None
        last = "no backup yet" if gap.last is None else f"the last backup on {moment(gap.last, self.zone)}"
        if gap.ends is None:
            return f"{last}, and none after that"
        begun = self.at if gap.last is None else gap.last
        until = moment(gap.ends, self.zone)
        return f"{last}, the next one on {until}: {length(gap.ends - begun)} without a new one"


# ------------------------------------------------------------ 2xx: something is lost


@check("RV202", "Existing recovery points are deleted sooner", source=SIMULATION)
def points_deleted(change: BackupChange) -> Problems:
    """Counted by simulation, as if the old policy had run without failure since it started. That the service
    applies the new retention to existing backups is an assumption, which the report prints."""
    for points in change.recovery.points:
        if reported := deletions(points, change.at, change.zone):
            yield Problem(
                "rules",
                Phrase(reported),
                "no earlier deletion",
                "Restore or copy first what is still needed.",
            )


@check("RV203", "An incident may cost more data than before", source=SIMULATION)
def promise_worse(change: BackupChange) -> Problems:
    """The worst-case data loss (RPO): for incidents of some age it is greater than under the old policy, or
    nothing is promised any more. Or between the last backup of the old policy and the first of the new one
    lies more time than two schedules that follow each other explain; or a schedule has an end that the old
    policy did not have."""
    if change.gap and change.is_gap_too_long:
        yield Problem("rules", Phrase(change.gap_in_words), "no longer without a backup", _GAP_HINT)
    if change.recovery.change and (year := change.recovery.change.over_in):
        received = Phrase(f"in {year} a schedule is over that the old policy still has then")
        yield Problem("rules", received, "backups that go on", "Leave the years of the schedule out.")
    for points in change.recovery.points:
        if change.after is None or (points.is_copies and points.after is None):
            continue
        if worse := [step for step in points.steps if step.is_worse]:
            first = worse[0]
            received = Phrase(
                f"{subject(points)}: an incident detected {detection(first)} loses up to "
                f"{length(first.before)} before, {_after(first.after)} after{_others(points, len(worse))}"
            )
            yield Problem("rules", received, "no more than before", "Compare the worst cases in the report.")


_GAP_HINT = "Let the new schedule start before the next run of the old one, or approve the change."


def _after(seconds: int | None) -> str:
    return "everything" if seconds is None else f"up to {length(seconds)}"


def _others(points: PointsReview, worse: int) -> str:
    return f" (worse at {worse} of {len(points.steps)} ages)" if worse > 1 else ""


@check("RV207", "A backup policy is destroyed", source=PROVIDER)
def policy_destroyed(change: BackupChange) -> Problems:
    """Terraform destroys the policy, and whatever is bound to it is no longer backed up by it. A change of
    policy_type, and of the resource's type, destroys it too, and makes another one with no bindings."""
    if change.action in (Action.REMOVED, Action.REPLACED):
        gone = "is removed" if change.action is Action.REMOVED else "is destroyed, and another one made"
        hint = "Bind what it backs up to another policy first."
        fate = "what becomes of the recovery points that it has made is not documented"
        lost = f"; no longer protected: {_listed(change.unprotected)}" if change.unprotected else ""
        yield Problem("", Phrase(f"the policy {gone}; {fate}{lost}"), "a policy that stays", hint)


def _listed(names: Sequence[str]) -> str:
    more = f" and {plural(len(names) - 6, 'other source')}" if len(names) > 6 else ""
    return f"{', '.join(names[:6])}{more}"


@check("RV262", "Backups become locked, which cannot be undone", source=PAGE)
def lock_switched_on(change: BackupChange) -> Problems:
    """`immutable` was off in all rules of a type, and is on: nobody can delete a backup before its time is
    over, and the lock of what is backed up meanwhile stays."""
    if change.after is None:
        return
    kinds = {rule.rule_type for _, rule in change.policies[0].rules if rule.immutable is True}
    new = change.policies[1].rules
    locked = [path for path, rule in new if is_set(rule.immutable) and rule.rule_type not in kinds]
    if locked:
        days = longest_days(change.policies[1])
        time = plural(days, "day") if days else "a time that is not known here"
        received = Phrase(f"no backup can be deleted for {time}, and that cannot be taken back")
        hint = "Check that the retention is meant to last, and approve the change."
        yield Problem(f"{locked[0]}.immutable", received, "no lock that was not there", hint)


@check("RV263", "What becomes of recovery points is undecided", source=SIMULATION)
def recovery_undecided(change: BackupChange) -> Problems:
    """A value that decides which recovery points exist is unknown or malformed on one side, and it is not the
    same on both. It may mean that fewer are kept, or none."""
    rules = [
        None if props is None else normal_form.text(normal_form.plain(props.rules))
        for props in (change.before, change.after)
    ]
    if change.after is None or rules[0] == rules[1]:
        return
    for recovery, which in ((change.recovery.before, "old"), (change.recovery.after, "new")):
        yield from _unknown(recovery, which)


# ------------------------------------------------------------ 3xx: look twice


@check("RV302", "What is backed up is chosen otherwise", source=PAGE)
def selection_changed(change: BackupChange) -> Problems:
    """A source that a TAG rule chose is chosen by another policy from now on, which does the same."""
    if change.after is None or change.lost_selections:
        return
    old, new = change.policies
    for lost in not_covered(selections(old), selections(new)):
        received = Phrase(f"what {lost.path} chose is chosen by another policy from now on")
        yield Problem("rules", received, "the same policy", "Check that this is meant.")


class FirstBackup(NamedTuple):
    """The policy after a change that creates it, what it promises, and when that is, in which zone."""

    policy: BackupPolicyProps
    recovery: Recovery
    at: int
    zone: str


@check("RV361", "The first backup is far off", source=SIMULATION)
def first_backup_far_off(created: FirstBackup) -> Problems:
    """Until the start of its schedule a policy backs up nothing; it lies further in the future than one
    backup from the next."""
    runs = [int(start.next_runs[0].timestamp()) for start in created.recovery.starts if start.next_runs]
    schedules = [schedule_of(rule) for _, rule in BackupPolicyView.of(created.policy).rules]
    gaps = [gap.total_seconds() for each in schedules if each and (gap := each.longest_gap())]
    if runs and min(runs) - created.at > max(gaps, default=0):
        received = Phrase(f"no backup before {moment(min(runs), created.zone)}")
        yield Problem("rules", received, "a start that is past", "Check the start: it is in UNIX seconds.")


@check("RV265", "What a new policy keeps is undecided", source=SIMULATION)
def new_recovery_undecided(created: FirstBackup) -> Problems:
    """A value that decides which recovery points a new policy makes and keeps is unknown or malformed. It may
    keep less than is meant, or nothing."""
    yield from _unknown(created.recovery, "new")


@check("RV304", "What a change means is unknown", source=SIMULATION)
def unknown_change(change: BackupChange) -> Problems:
    """A value that only Terraform will know, or that is malformed, hides which recovery points exist; it is
    the same on both sides."""
    if change.after is not None and any(recovery_undecided(change)):
        return
    for recovery, which in ((change.recovery.before, "old"), (change.recovery.after, "new")):
        yield from _unknown(recovery, which)


def _unknown(recovery: Recovery | None, which: str) -> Problems:
    for value in recovery.unknown if recovery else ():
        hint = "Review the plan, where more is known, or look at it yourself."
        yield Problem(
            value.path, Phrase(f"in the {which} policy it {value.why}"), "a value that is known", hint
        )


# ------------------------------------------------------------ 5xx: good to know


@check("RV561", "More sources are backed up", source=PAGE)
def sources_widened(change: BackupChange) -> Problems:
    """TAG rules choose all that they chose before, and more, if all filters of a rule have to match, and its
    accounts are those whose sources it looks at: the service's pages do not say it."""
    if change.after is None or change.lost_selections:
        return
    old, new = change.policies
    for path in dict.fromkeys(each.path for each in not_covered(selections(new), selections(old))):
        received = Phrase(f"{path} may choose sources that were not chosen")
        yield Problem(path, received, "", "Check that they may be backed up, and that the vault has room.")


@check("RV563", "Sources are bound to a policy that changes", source=DELETE_POLICY)
def sources_of_policy(change: BackupChange) -> Problems:
    """What is said of the policy holds for each of these sources. A policy that is deleted is detached from
    all of them."""
    if change.sources:
        yield Problem("", Phrase(f"bound to it: {_listed(change.sources)}"), "", "Tell who owns them.")


@check("RV562", "A change leaves a gap between two backups", source=SIMULATION)
def gap_left(change: BackupChange) -> Problems:
    """Where two schedules follow each other, more time may pass once than between two runs of either."""
    if change.gap and change.gap.is_longer_than_usual and not change.is_gap_too_long:
        yield Problem("rules", Phrase(change.gap_in_words), "", "Make a backup by hand if that is too long.")


def _without_tags(policy: BackupPolicyProps) -> object:
    """What a policy does with what it chooses."""
    rules = [rule for _, rule in BackupPolicyView.of(policy).rules if rule.rule_type != RuleType.TAG]
    return [normal_form.plain(rules), policy.policy_type]


_CHECKS = checks_of(vars(policy_change_checks), globals())
CHECKS_OF_CREATED = (new_recovery_undecided, first_backup_far_off)
CHECKS = tuple(each for each in _CHECKS if each not in CHECKS_OF_CREATED)
"""Every check of a changed backup policy, by code; a created one has those above."""
_OF_LESS = (
    promise_worse,
    recovery_undecided,
    policy_change_checks.replication_lost,
    policy_change_checks.lock_removed,
)


def protects_less(findings: Iterable[Finding]) -> bool:
    """Whether findings of these checks mean that all that a policy backs up is protected less, or may be."""
    return not {each.code for each in _OF_LESS}.isdisjoint(finding.code for finding in findings)
