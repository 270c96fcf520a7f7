"""Where the page of CreatePolicyV2 and the live API disagree: BP309, one warning per rule.

The acceptance tests of the official provider run against the live API. What they send was taken, and read
back as sent; what it does where the page gives it no meaning is not documented. What neither the page nor a
test knows is an error of its own: BP202 to BP208.
"""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.backup.policy_view import BackupPolicyView, RuleAt, is_set, says_something, schedule_of
from constructs_lib.backup.rule import BackupPolicyRule, BackupType, PolicyType, RuleType, SourceType
from constructs_lib.backup.sources import ACCEPTANCE_TESTS, PAGE
from constructs_lib.findings import Basis, Phrase, Problem, Problems, check
from constructs_lib.tokens import known

# What each rule type knows besides `immutable` and `keep_latest_snapshots`, which the page ties to none.
# SECURITY is not on the page: its fields are those the live API was seen to take.
FIELDS_OF_RULE_TYPE: dict[str, tuple[str, ...]] = {
    RuleType.BACKUP: ("schedule", "backup_type", "retention", "vault_id"),
    RuleType.TRANSITION: ("retention", "retention_rules", "archive_days"),
    RuleType.REPLICATION: ("replication_region_id", "retention"),
    RuleType.TAG: ("data_source_filters", "tag_filters"),
    RuleType.SECURITY: ("schedule", "backup_type", "retention", "archive_days"),
}
FIELDS_OF_ANY_TYPE = tuple(dict.fromkeys(name for names in FIELDS_OF_RULE_TYPE.values() for name in names))
# What the acceptance tests send besides.
SEEN_IN_RULE_TYPE: dict[str, tuple[str, ...]] = {
    RuleType.BACKUP: ("archive_days", "replication_region_id", "data_source_filters", "tag_filters"),
    RuleType.TRANSITION: ("backup_type", "replication_region_id", "data_source_filters", "tag_filters"),
    RuleType.REPLICATION: ("backup_type", "archive_days"),
}

# What stands in a rule, and what the page says of it.
Deviation = tuple[str, str]


def foreign_fields(rule: BackupPolicyRule) -> Iterator[str]:
    """The fields that a rule has, and that the page gives to other rule types."""
    own = FIELDS_OF_RULE_TYPE.get(known(rule.rule_type, str) or "")
    if own is not None:
        for name in FIELDS_OF_ANY_TYPE:
            if name not in own and says_something(getattr(rule, name)):
                yield name


def owners(name: str) -> str:
    """The rule types that the page gives a field to."""
    return " or ".join(kind for kind, names in FIELDS_OF_RULE_TYPE.items() if name in names)


def was_seen(rule: BackupPolicyRule, name: str) -> bool:
    """Whether the acceptance tests send a field in a rule of this type, against the page."""
    return name in SEEN_IN_RULE_TYPE.get(known(rule.rule_type, str) or "", ())


def takes_source_type(policy: BackupPolicyView, rule: BackupPolicyRule, source_type: str | None) -> bool:
    """Whether the acceptance tests have a source of this type in such a rule of such a policy."""
    in_standard = source_type == SourceType.UDM_ECS and policy.policy_type is PolicyType.STANDARD
    return in_standard and was_seen(rule, "data_source_filters")


def fixed_intervals(policy: BackupPolicyView) -> list[RuleAt]:
    """The BACKUP rules that have a schedule with a fixed interval."""
    rules = policy.of_type(RuleType.BACKUP)
    return [at for at in rules if (schedule := schedule_of(at[1])) and schedule.is_fixed_interval]


def incremental(rules: list[RuleAt]) -> RuleAt | None:
    """Of two rules with a fixed interval the one that makes incremental backups, if only one does."""
    found = [at for at in rules if at[1].backup_type == BackupType.INCREMENTAL]
    return found[0] if len(rules) == 2 and len(found) == 1 else None


@check(
    "BP309",
    "The live API takes a rule that the page does not allow",
    source=f"{PAGE}; {ACCEPTANCE_TESTS}",
    basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS),
)
def beyond_the_page(policy: BackupPolicyView) -> Problems:
    """The page and the acceptance tests of the official provider, which run against the live API, disagree: a
    field in a rule of another type, no TRANSITION rule where the BACKUP rule has a retention, incremental
    backups with a fixed interval of their own, a SECURITY rule that is not immutable. The API was seen to
    take it; what it does there is not documented. One warning per rule says all of it."""
    for path, rule in policy.rules:
        deviations = list(_deviations(policy, path, rule))
        if deviations:
            received = Phrase("; ".join(what for what, _ in deviations))
            allowed = "by the page, " + "; ".join(page for _, page in deviations)
            hint = (
                "The live API was seen to take this (acceptance tests of the official provider), but what it "
                "does there is not documented."
            )
            yield Problem(path, received, allowed, hint)


def _deviations(policy: BackupPolicyView, path: str, rule: BackupPolicyRule) -> Iterator[Deviation]:
    names = [name for name in foreign_fields(rule) if was_seen(rule, name)]
    if names:
        placed = [f"{name} in a rule of type {owners(name)}" for name in names]
        yield f"{_listed(names)} in a rule of type {rule.rule_type}", ", ".join(placed)
    if path == _place_without_transition(policy):
        yield "no TRANSITION rule in the policy", "exactly one TRANSITION rule"
    if (second := incremental(fixed_intervals(policy))) and path == second[0]:
        yield "a second schedule with a fixed interval, for incremental backups", "one such schedule"
    if rule.rule_type == RuleType.SECURITY and not is_set(rule.immutable):
        yield "a SECURITY rule that is not immutable", "no SECURITY rule; by the SDK, immutable = true in it"


def _place_without_transition(policy: BackupPolicyView) -> str | None:
    """Where a policy without TRANSITION rule says how long backups are kept."""
    if not policy.can_count or policy.of_type(RuleType.TRANSITION):
        return None
    backups = policy.of_type(RuleType.BACKUP)
    return next((path for path, rule in backups if is_set(rule.retention)), None)


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
