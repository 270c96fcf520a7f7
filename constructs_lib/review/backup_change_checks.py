"""What is worth a word about the change of a backup policy: one function per code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from attrs import frozen

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView, is_set
from constructs_lib.backup.recovery import Recovery
from constructs_lib.backup.rule import AdvancedRetention, BackupPolicyRule, RuleType
from constructs_lib.findings import Phrase, Problem, Problems, check
from constructs_lib.review.report import Action, PointsReview, RecoveryReview
from constructs_lib.review.wording import deletions, detection, length, plural, subject
from constructs_lib.tokens import is_token, known

SIMULATION = "alipolicy: which recovery points exist when"
PAGE = "Cloud Backup, CreatePolicyV2 (2017-09-08), request parameters"
PROVIDER = "aliyun/alicloud, alicloud_hbr_policy"


@frozen(kw_only=True, eq=False)
class BackupChange:
    """A backup policy that is there before and after, or was. `after` is None where it is removed."""

    before: BackupPolicyProps
    after: BackupPolicyProps | None
    action: Action
    recovery: RecoveryReview
    at: int
    zone: str

    def rules(
        self, kind: RuleType
    ) -> tuple[list[tuple[str, BackupPolicyRule]], list[tuple[str, BackupPolicyRule]]]:
        """The rules of a type before and after, with their places."""
        old, new = self._subjects
        return old.of_type(kind), new.of_type(kind) if new else []

    @property
    def can_count(self) -> bool:
        """Whether the rules of both sides are known, and there are both sides."""
        old, new = self._subjects
        return new is not None and old.can_count and new.can_count

    @cached_property
    def _subjects(self) -> tuple[BackupPolicyView, BackupPolicyView | None]:
        return BackupPolicyView.of(self.before), BackupPolicyView.of(self.after) if self.after else None

    @cached_property
    def retentions(self) -> tuple[list[_Kept], list[_Kept]]:
        """Every retention that counts, before and after."""
        old, new = self._subjects
        return list(_retentions(old)), list(_retentions(new)) if new else []


class _Kept(NamedTuple):
    path: str
    what: str
    days: int | None


# ------------------------------------------------------------ 2xx: something is lost


@check("RV201", "A retention is shortened", source=PAGE)
def retention_shortened(change: BackupChange) -> Problems:
    """Fewer days than before: backups, or copies, go sooner. A TRANSITION retention overrides that of BACKUP
    rules, which are not looked at then."""
    for (path, what, days), old in _pairs(change):
        if old is not None and days is not None and days < old:
            received = Phrase(f"{plural(days, 'day')} for {what}, before {plural(old, 'day')}")
            yield Problem(path, received, f"{old} days or more", "Keep it, or approve the change.")
    for path, what, lost in _retentions_gone(change):
        received = Phrase(f"no retention of its own for {what}, before {plural(lost, 'day')}")
        yield Problem(path, received, f"{lost} days or more", "Keep it, or approve the change.")


@check("RV202", "Existing recovery points are deleted sooner", source=SIMULATION)
def points_deleted(change: BackupChange) -> Problems:
    """Counted by simulation, as if the old policy had run without failure since it started. That the service
    applies the new retention to existing backups is an assumption, which the report prints."""
    for points in change.recovery.points:
        if told := deletions(points, change.at, change.zone):
            yield Problem(
                "rules", Phrase(told), "no earlier deletion", "Restore or copy first what is still needed."
            )


@check("RV203", "An incident may cost more data than before", source=SIMULATION)
def promise_worse(change: BackupChange) -> Problems:
    """The worst-case data loss (RPO): for incidents of some age it is greater than under the old policy, or
    nothing is promised any more."""
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


def _after(seconds: int | None) -> str:
    return "everything" if seconds is None else f"up to {length(seconds)}"


def _others(points: PointsReview, worse: int) -> str:
    return f" (worse at {worse} of {len(points.steps)} ages)" if worse > 1 else ""


@check("RV204", "A rule is removed", source=PAGE)
def rule_removed(change: BackupChange) -> Problems:
    """A policy has fewer rules of a type than before. REPLICATION has a code of its own."""
    if not change.can_count:
        return
    for kind in RuleType:
        old, new = change.rules(kind)
        if kind is not RuleType.REPLICATION and len(new) < len(old):
            received = Phrase(f"{plural(len(new), f'{kind} rule')}, before {len(old)}")
            yield Problem("rules", received, f"{len(old)} {kind} rules", "Keep it, or approve the change.")


@check("RV205", "A replication is lost", source=PAGE)
def replication_lost(change: BackupChange) -> Problems:
    """No rule copies backups to a region any more that one did before."""
    if not change.can_count:
        return
    old, new = change.rules(RuleType.REPLICATION)
    if any(known(rule.replication_region_id, str) is None for _, rule in new):
        return
    left = {rule.replication_region_id for _, rule in new}
    for _, rule in old:
        region = known(rule.replication_region_id, str)
        if region and region not in left:
            received = Phrase(f"no copies in {region} any more")
            yield Problem(
                "rules", received, f"a REPLICATION rule to {region}", "Keep it, or approve the change."
            )


@check("RV206", "Backups are not locked any more", source=PAGE)
def lock_removed(change: BackupChange) -> Problems:
    """`immutable` was on and is off: backups can be deleted before their time."""
    if not change.can_count:
        return
    for kind in RuleType:
        old, new = change.rules(kind)
        if not any(rule.immutable is True for _, rule in old):
            continue
        if not any(is_set(rule.immutable) for _, rule in new):
            path = f"{new[0][0]}.immutable" if new else "rules"
            received = Phrase(f"immutable is off in {kind} rules, before on")
            yield Problem(path, received, "immutable on", "Keep it on, or approve the change.")


@check("RV207", "A backup policy is destroyed", source=PROVIDER)
def policy_destroyed(change: BackupChange) -> Problems:
    """Terraform destroys the policy, and whatever is bound to it is backed up by it no more. A change of
    policy_type, and of the resource's type, destroys it too, and makes another one with no bindings."""
    if change.action in (Action.REMOVED, Action.REPLACED):
        gone = "is removed" if change.action is Action.REMOVED else "is destroyed, and another one made"
        hint = "Bind what it backs up to another policy first."
        yield Problem("", Phrase(f"the policy {gone}"), "a policy that stays", hint)


# ------------------------------------------------------------ 3xx: look twice


@check("RV301", "The newest backup is not kept forever any more", source=PAGE)
def newest_not_kept(change: BackupChange) -> Problems:
    """`keep_latest_snapshots` was 1: when backups stop for some reason, the last one now goes, too."""
    if not change.can_count:
        return
    for kind in (RuleType.BACKUP, RuleType.TRANSITION, RuleType.REPLICATION):
        old, new = change.rules(kind)
        had = any(rule.keep_latest_snapshots == 1 for _, rule in old)
        if had and new and not any(_is_given(rule.keep_latest_snapshots) for _, rule in new):
            received = Phrase(f"it is off in the {kind} rule, before on")
            place = f"{new[0][0]}.keep_latest_snapshots"
            yield Problem(place, received, "1", "Keep it on, or approve the change.")


@check("RV302", "What is backed up is chosen otherwise", source=PAGE)
def selection_changed(change: BackupChange) -> Problems:
    """The filters of a TAG rule differ: data sources may drop out, or come in. Which ones, only the cloud
    knows."""
    old, new = change.rules(RuleType.TAG)
    for (_, before), (path, after) in zip(old, new, strict=False):
        for name in ("tag_filters", "data_source_filters"):
            if getattr(before, name) != getattr(after, name):
                received = Phrase("other filters than before")
                yield Problem(f"{path}.{name}", received, "the same filters", "Check what has the tags now.")


@check("RV303", "Backups go into another vault", source=PAGE)
def other_vault(change: BackupChange) -> Problems:
    """Existing backups stay in the old vault; they are not moved."""
    old, new = change.rules(RuleType.BACKUP)
    for (_, before), (path, after) in zip(old, new, strict=False):
        was, now = before.vault_id or None, after.vault_id or None
        if was != now:
            received = Phrase(f"{_vault(now)}, before {_vault(was)}")
            yield Problem(
                f"{path}.vault_id", received, "the same vault", "Keep the old vault while it is needed."
            )


def _vault(vault: object) -> str:
    if vault is None:
        return "no vault"
    return "a vault that Terraform knows only later" if is_token(vault) else str(vault)


@check("RV304", "What a change means cannot be told", source=SIMULATION)
def cannot_be_told(change: BackupChange) -> Problems:
    """A value that only Terraform will know, or that is malformed, hides which recovery points exist."""
    for recovery, which in ((change.recovery.before, "old"), (change.recovery.after, "new")):
        yield from _unknown(recovery, which)


def _unknown(recovery: Recovery | None, which: str) -> Problems:
    for one in recovery.unknown if recovery else ():
        hint = "Review the plan, where more is known, or look at it yourself."
        yield Problem(one.path, Phrase(f"in the {which} policy it {one.why}"), "a value that is known", hint)


CHECKS = (
    retention_shortened,
    points_deleted,
    promise_worse,
    rule_removed,
    replication_lost,
    lock_removed,
    policy_destroyed,
    newest_not_kept,
    selection_changed,
    other_vault,
    cannot_be_told,
)


# ------------------------------------------------------------ retentions side by side


def _pairs(change: BackupChange) -> Iterator[tuple[_Kept, int | None]]:
    """The retentions after the change, each with the days that it had before."""
    if change.after is None:
        return
    old, new = change.retentions
    before = {one.what: one.days for one in old}
    for one in new:
        yield one, before.get(one.what)


def _retentions_gone(change: BackupChange) -> Iterator[tuple[str, str, int]]:
    """The advanced retentions that are not there any more, with the place of the rule that had them."""
    transitions = change.rules(RuleType.TRANSITION)[1]
    if not change.can_count or len(transitions) != 1 or not _is_list(transitions[0][1].retention_rules):
        return
    old, new = change.retentions
    left = {one.what for one in new}
    for _, what, days in old:
        if what.startswith("the first") and what not in left and days is not None:
            yield f"{transitions[0][0]}.retention_rules", what, days


def _is_given(value: object) -> bool:
    """Whether a number is given: the API takes 0 as left out."""
    return is_set(value) and value != 0


def _is_list(value: object) -> bool:
    items = [] if value is None else value
    return isinstance(items, (list, tuple)) and all(
        isinstance(one, AdvancedRetention) and known(one.advanced_retention_type, str) for one in items
    )


def _retentions(of: BackupPolicyView) -> Iterator[_Kept]:
    """Every retention that counts: its place, what it keeps, and days where they are known."""
    transitions = of.of_type(RuleType.TRANSITION)
    overridden = any(_is_given(rule.retention) for _, rule in transitions)
    for number, (path, rule) in enumerate([] if overridden else of.of_type(RuleType.BACKUP)):
        what = "every backup" if number == 0 else f"every backup of BACKUP rule {number + 1}"
        yield _Kept(f"{path}.retention", what, known(rule.retention, int))
    for path, rule in transitions:
        if _is_given(rule.retention):
            yield _Kept(f"{path}.retention", "every backup", known(rule.retention, int))
    for path, item, rule in of.advanced:
        period = known(item.advanced_retention_type, str)
        if rule.rule_type == RuleType.TRANSITION and period:
            what = f"the first backup of each {_PERIODS.get(period, period)}"
            yield _Kept(f"{path}.retention", what, known(item.retention, int))
    for path, rule in of.of_type(RuleType.REPLICATION):
        if region := known(rule.replication_region_id, str):
            yield _Kept(f"{path}.retention", f"copies in {region}", known(rule.retention, int))


_PERIODS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
