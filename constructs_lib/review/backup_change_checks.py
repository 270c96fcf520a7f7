"""What is worth a word about the change of a backup policy: one function per code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import frozen

from constructs_lib.backup.effective_retention import newest_let_go, shortened
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView, RuleAt, is_set
from constructs_lib.backup.recovery import Recovery
from constructs_lib.backup.rule import BackupPolicyRule, RuleType
from constructs_lib.findings import Phrase, Problem, Problems, check, checks_of
from constructs_lib.review.report import Action, PointsReview, RecoveryReview
from constructs_lib.review.wording import deletions, detection, length, plural, subject
from constructs_lib.tokens import is_token, known

SIMULATION = "alipolicy: which recovery points exist when"
PAGE = "Cloud Backup, CreatePolicyV2 (2017-09-08), request parameters"
PROVIDER = "aliyun/alicloud, alicloud_hbr_policy"


@frozen(kw_only=True, eq=False)
class BackupChange:
    """A backup policy that is there before and after, or was.

    * `after`: None where it is removed. `origins`: which rule was which, as `rule_origins` tells.
    """

    before: BackupPolicyProps
    after: BackupPolicyProps | None
    action: Action
    recovery: RecoveryReview
    origins: Mapping[str, str]
    at: int
    zone: str

    @cached_property
    def policies(self) -> tuple[BackupPolicyView, BackupPolicyView]:
        """The policy before and after; one without rules where it is removed."""
        return BackupPolicyView.of(self.before), BackupPolicyView.of(
            self.after or BackupPolicyProps(rules=[])
        )

    def rules(self, kind: RuleType) -> tuple[list[RuleAt], list[RuleAt]]:
        """The rules of a type before and after, with their places."""
        old, new = self.policies
        return old.of_type(kind), new.of_type(kind)

    def pairs(self, kind: RuleType) -> Iterator[tuple[str, BackupPolicyRule, BackupPolicyRule]]:
        """The rules of a type that both sides have: the place of the new one, the old one, the new one."""
        old, new = (dict(rules) for rules in self.rules(kind))
        for path, was in self.origins.items():
            if path in new and was in old:
                yield path, old[was], new[path]

    @property
    def can_count(self) -> bool:
        """Whether the rules of both sides are known, and there are both sides."""
        old, new = self.policies
        return self.after is not None and old.can_count and new.can_count


# ------------------------------------------------------------ 2xx: something is lost


@check("RV201", "A retention is shortened", source=PAGE)
def retention_shortened(change: BackupChange) -> Problems:
    """Fewer days than before: backups, or copies, are deleted sooner. A TRANSITION retention overrides
    that of BACKUP rules, which are not looked at then."""
    for was, now in shortened(*change.policies, change.origins):
        is_gone = was.keeps.startswith("the first") and not now.keeps.startswith("the first")
        days = "no retention of its own" if is_gone else plural(now.days, "day")
        received = Phrase(
            f"{days} for {was.keeps if is_gone else now.keeps}, before {plural(was.days, 'day')}"
        )
        yield Problem(now.path, received, f"{was.days} days or more", "Keep it, or approve the change.")


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
    """Terraform destroys the policy, and whatever is bound to it is no longer backed up by it. A change of
    policy_type, and of the resource's type, destroys it too, and makes another one with no bindings."""
    if change.action in (Action.REMOVED, Action.REPLACED):
        gone = "is removed" if change.action is Action.REMOVED else "is destroyed, and another one made"
        hint = "Bind what it backs up to another policy first."
        yield Problem("", Phrase(f"the policy {gone}"), "a policy that stays", hint)


# ------------------------------------------------------------ 3xx: look twice


@check("RV301", "The newest backup is not kept forever any more", source=PAGE)
def newest_not_kept(change: BackupChange) -> Problems:
    """`keep_latest_snapshots` was 1: when backups stop for some reason, the last one now goes, too."""
    for keeps, place in newest_let_go(*change.policies):
        received = Phrase(f"it is off for {keeps}, before on")
        yield Problem(place, received, "1", "Keep it on, or approve the change.")


@check("RV302", "What is backed up is chosen differently", source=PAGE)
def selection_changed(change: BackupChange) -> Problems:
    """The filters of a TAG rule differ: data sources may drop out, or come in. Which ones, only the cloud
    knows."""
    for path, before, after in change.pairs(RuleType.TAG):
        for name in ("tag_filters", "data_source_filters"):
            if getattr(before, name) != getattr(after, name):
                received = Phrase("other filters than before")
                yield Problem(f"{path}.{name}", received, "the same filters", "Check what has the tags now.")


@check("RV303", "Backups go into another vault", source=PAGE)
def other_vault(change: BackupChange) -> Problems:
    """Existing backups stay in the old vault; they are not moved."""
    for path, before, after in change.pairs(RuleType.BACKUP):
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


@check("RV304", "What a change means is unknown", source=SIMULATION)
def unknown_change(change: BackupChange) -> Problems:
    """A value that only Terraform will know, or that is malformed, hides which recovery points exist."""
    for recovery, which in ((change.recovery.before, "old"), (change.recovery.after, "new")):
        yield from _unknown(recovery, which)


def _unknown(recovery: Recovery | None, which: str) -> Problems:
    for value in recovery.unknown if recovery else ():
        hint = "Review the plan, where more is known, or look at it yourself."
        yield Problem(
            value.path, Phrase(f"in the {which} policy it {value.why}"), "a value that is known", hint
        )


CHECKS = checks_of(globals())
"""Every check of a changed backup policy, by code."""
