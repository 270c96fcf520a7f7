"""What is worth a word about the change of a source's protection: one function per code."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from constructs_lib.backup import policy_change_checks
from constructs_lib.backup.effective_retention import rule_origins
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.rule import RuleType
from constructs_lib.findings import Finding, Phrase, Problem, Problems, check
from constructs_lib.review import backup_change_checks
from constructs_lib.review.backup_change_checks import BackupChange
from constructs_lib.review.loading.other_changes import BINDINGS
from constructs_lib.review.loading.resource import OtherChange, SourceFate
from constructs_lib.review.protection import BoundPolicy, Protection, Protections, SourceChange
from constructs_lib.review.recovery_comparison import Recoveries
from constructs_lib.review.report import Action

DELETE_BINDING = "Cloud Backup, DeletePolicyBinding (2017-09-08)"

# What is said of two policies that is not said of one that a source has and one that it gets: the policies
# themselves stay, and which other sources they choose does not matter.
_OF_ONE_POLICY = (
    backup_change_checks.points_deleted,
    backup_change_checks.policy_destroyed,
    policy_change_checks.sources_narrowed,
    backup_change_checks.selection_changed,
    backup_change_checks.sources_widened,
    backup_change_checks.sources_of_policy,
)
_OF_SOURCES = tuple(each for each in backup_change_checks.CHECKS if each not in _OF_ONE_POLICY)


@frozen(eq=False)
class SourceVerdict:
    """What is to be said of a source: its fate, and findings about what it gets instead of what it had."""

    change: OtherChange
    source: SourceChange
    fate: SourceFate
    findings: tuple[Finding, ...] = ()


def judge(change: OtherChange, protections: Protections, recoveries: Recoveries) -> SourceVerdict | None:
    """What the change of a binding or backup plan means for its source; None where it is not understood."""
    source = protections.of_change(change)
    if source is None:
        return None
    before, after = source.before, source.after
    if before is None or before.is_on is False:
        assert after is not None
        words = f"{after.label} is protected by {after.policy_name} from now on"
        return SourceVerdict(change, source, SourceFate(harmless=words))
    if not source.instead:
        ends = None if source.lacking else f"{_how(change)}, and nothing else here protects {before.label}"
        return SourceVerdict(change, source, SourceFate(ends=ends))
    verdicts = [_instead(change, source, each, protections, recoveries) for each in source.instead]
    return min(verdicts, key=lambda verdict: (verdict.fate.undecided is not None, len(verdict.findings)))


def _instead(
    change: OtherChange,
    source: SourceChange,
    instead: Protection,
    protections: Protections,
    recoveries: Recoveries,
) -> SourceVerdict:
    """What it means that another protection takes the place of the one before."""
    before = source.before
    assert before is not None
    if protections.is_same_policy(before, instead):
        words = f"{before.label} is protected by the same policy as before, and no less of it"
        return SourceVerdict(change, source, SourceFate(harmless=words))
    if not before.policies or not instead.policies:
        words = f"{before.label} gets the policy {instead.policy_name} instead of {before.policy_name}"
        return SourceVerdict(change, source, SourceFate(undecided=f"{words}, and not both of them are here"))
    findings = tuple(
        dict.fromkeys(
            finding
            for old in before.policies
            for new in instead.policies
            for finding in _compared(before.label, old, new, recoveries)
        )
    )
    words = f"{before.label} is protected by {instead.policy_name} instead of {before.policy_name}"
    return SourceVerdict(change, source, SourceFate(harmless=words), findings)


def _compared(label: str, old: BoundPolicy, new: BoundPolicy, recoveries: Recoveries) -> Iterator[Finding]:
    """What a source gets, against what it had: the findings of the two policies."""
    before, after = (_for_bound(policy.props) for policy in (old, new))
    origins = rule_origins(before.rules, after.rules)
    compared = BackupChange(
        before=before,
        after=after,
        action=Action.CHANGED,
        recovery=recoveries.review(before, after, origins),
        origins=origins,
        at=recoveries.at,
        zone=recoveries.zone,
    )
    for each in _OF_SOURCES:
        for finding in each(compared):
            words = f"{label}, by {new.name} instead of {old.name}: {finding.received}"
            yield evolve(finding, path="", received=words)


def _for_bound(policy: BackupPolicyProps) -> BackupPolicyProps:
    """The policy without the rules that choose other sources."""
    if not isinstance(policy.rules, (list, tuple)):
        return policy
    rules = [rule for rule in policy.rules if getattr(rule, "rule_type", None) != RuleType.TAG]
    return BackupPolicyProps(rules=rules)


def _how(change: OtherChange) -> str:
    if change.action is Action.REMOVED:
        return "it is removed"
    if change.action is Action.REPLACED:
        return "it is destroyed, and another one is created"
    return (
        "it is disabled"
        if (change.after or {}).get("disabled") not in (None, False, "false")
        else "it changes"
    )


def loses(verdict: SourceVerdict) -> bool:
    """Whether the source is protected less, or may be."""
    is_less = backup_change_checks.protects_less(verdict.findings)
    return bool(is_less or verdict.fate.ends or verdict.fate.undecided or verdict.source.lacking)


@check("RV264", "Less of a source may be backed up", source="aliyun/alicloud, alicloud_hbr_policy_binding")
def part_lost(verdict: SourceVerdict) -> Problems:
    """A source is protected still, but it is not proven that all of it is: another path or prefix, fewer
    paths that are included or more that are excluded, fewer disks, or less time or bandwidth to back up."""
    source = verdict.source
    if source.before and source.lacking:
        received = Phrase(f"less of {source.before.label} may be backed up: {', '.join(source.lacking)}")
        yield Problem(
            "", received, "all that was backed up", "Check what is left out, or approve the change."
        )


@check("RV362", "A source is unbound, and bound anew", source=DELETE_BINDING)
def bound_anew(verdict: SourceVerdict) -> Problems:
    """A binding is destroyed, and another one protects its source. Terraform decides which comes first, so
    there may be a while in between without a policy."""
    change, before = verdict.change, verdict.source.before
    is_destroyed = change.action in (Action.REMOVED, Action.REPLACED) and change.type_name in BINDINGS
    if before and is_destroyed and verdict.source.instead:
        fate = "what becomes of the recovery points made so far is not documented"
        received = Phrase(f"{before.label} is unbound from {before.policy_name}, and bound anew; {fate}")
        yield Problem(
            "", received, "a binding that stays", "A moved block keeps a binding of the same policy."
        )


CHECKS = (part_lost, bound_anew)
"""Every check of the change of a source's protection, by code."""


def findings(verdict: SourceVerdict) -> Iterator[Finding]:
    """All that is said of a source, beside its fate."""
    yield from verdict.findings
    for each in CHECKS:
        yield from each(verdict)
