"""What CreatePolicyV2 takes: one function per finding code, all run over the same props.

A check looks at known values only: a CDKTF token, a Terraform expression or a value of the wrong type
(which BP100 reports) is stepped over, and so is whatever depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from constructs_lib.backup import (
    acceptance,
    filter_checks,
    place_checks,
    retention_checks,
    schedule_checks,
)
from constructs_lib.backup.acceptance import (
    fixed_intervals,
    foreign_fields,
    incremental,
    owners,
    takes_source_type,
    was_seen,
)
from constructs_lib.backup.policy import BackupPolicyProps, type_problems
from constructs_lib.backup.policy_view import BackupPolicyView, is_set, says_something, schedule_of
from constructs_lib.backup.rule import (
    AdvancedRetentionType,
    BackupPolicyRule,
    BackupType,
    PolicyType,
    RuleType,
    SourceType,
    TagOperator,
)
from constructs_lib.backup.sources import ACCEPTANCE_TESTS, HELP, METADATA, PAGE, SDK
from constructs_lib.findings import (
    Basis,
    Check,
    Finding,
    Phrase,
    Problem,
    Problems,
    check,
    checks_of,
    enum_problems,
)
from constructs_lib.tokens import Oversized, is_token, known

MIN_RETENTION, MAX_RETENTION = 1, 364_635
FOREVER = -1
MAX_RULES = 10
MAX_RETENTION_RULES = 99
MIN_ARCHIVE_DAYS = 30
MIN_DAYS_IN_ARCHIVE = 60

# What each rule type needs besides the retention and the vault of a BACKUP rule.
NEEDED_BY_RULE_TYPE: dict[str, tuple[str, ...]] = {
    RuleType.BACKUP: ("schedule", "backup_type"),
    RuleType.TRANSITION: ("retention",),
    RuleType.REPLICATION: ("replication_region_id", "retention"),
    RuleType.TAG: ("data_source_filters", "tag_filters"),
}


# ------------------------------------------------------------ 1xx: malformed or out of range


@check("BP100", "A prop has a type that the API or Terraform cannot take", source=PAGE, basis=Basis.PAGE)
def wrong_type(policy: BackupPolicyView) -> Problems:
    """Strings, whole numbers, booleans and lists go to the API as such; what JavaScript, through which CDKTF
    passes every value, would lose (NaN, infinity, whole numbers beyond 2**53, sets, decimals, dates) is
    refused before it leaves Python."""
    yield from type_problems("", policy.props)


@check(
    "BP101",
    "A value is none of those the API lists",
    source=f"{PAGE}; {METADATA}",
    basis=(Basis.PAGE, Basis.SDK),
)
def unknown_value(policy: BackupPolicyView) -> Problems:
    """Each of these parameters takes one of a few words, written exactly so; an empty one is left out. Of
    `backup_type` the page lists COMPLETE; the others come from the API's own metadata, as does the rule type
    SECURITY."""
    yield from enum_problems("policy_type", policy.props.policy_type or None, PolicyType)
    for path, rule in policy.rules:
        yield from enum_problems(f"{path}.rule_type", rule.rule_type, RuleType)
        yield from enum_problems(f"{path}.backup_type", rule.backup_type or None, BackupType)
    for path, item, _ in policy.advanced:
        name = "advanced_retention_type"
        yield from enum_problems(f"{path}.{name}", item.advanced_retention_type, AdvancedRetentionType)
    for path, source, _ in policy.data_source_filters:
        yield from enum_problems(f"{path}.source_type", source.source_type, SourceType)
    for path, tag, _ in policy.tag_filters:
        yield from enum_problems(f"{path}.operator", tag.operator or None, TagOperator)


@check("BP103", "A retention is out of range", source=PAGE, basis=Basis.PAGE)
def retention_out_of_range(policy: BackupPolicyView) -> Problems:
    """The retention of a BACKUP, TRANSITION or REPLICATION rule is a number of days from 1 to 364,635. 0 is
    as good as left out, where a rule may do without. Of -1 BP213 says what it may be."""
    for path, rule in policy.rules:
        value = known(rule.retention, int)
        if value in (None, FOREVER) or (
            value == 0 and "retention" not in NEEDED_BY_RULE_TYPE.get(known(rule.rule_type, str) or "", ())
        ):
            continue
        if not MIN_RETENTION <= value <= MAX_RETENTION:
            hint = "Say how many days backups are kept."
            yield Problem(f"{path}.retention", value, f"{MIN_RETENTION} to {MAX_RETENTION:,} days", hint)


@check("BP104", "An advanced retention is out of range", source=PAGE, basis=Basis.PAGE)
def advanced_retention_out_of_range(policy: BackupPolicyView) -> Problems:
    """An advanced retention is a number of days, at least 1. The page names no upper bound. Of -1 BP213 says
    what it may be."""
    for path, item, _ in policy.advanced:
        value = known(item.retention, int)
        if value not in (None, FOREVER) and value < MIN_RETENTION:
            yield Problem(f"{path}.retention", value, "at least 1 day", "Say how many days it is kept.")


@check("BP105", "which_snapshot is not 1", source=PAGE, basis=Basis.PAGE)
def other_snapshot(policy: BackupPolicyView) -> Problems:
    """Of each period only the first backup can be kept longer: 1 is the only value the API takes."""
    for path, item, _ in policy.advanced:
        value = known(item.which_snapshot, int)
        if value and value != 1:
            yield Problem(f"{path}.which_snapshot", value, "1", "Leave it out: it means 1 then.")


@check("BP106", "keep_latest_snapshots is neither 0 nor 1", source=PAGE, basis=Basis.PAGE)
def not_a_switch(policy: BackupPolicyView) -> Problems:
    """It is a switch, not a count: 1 keeps the newest backup forever, 0 does not."""
    for path, rule in policy.rules:
        value = known(rule.keep_latest_snapshots, int)
        if value is not None and value not in (0, 1):
            hint = "Write 1 to keep the newest backup forever."
            yield Problem(f"{path}.keep_latest_snapshots", value, "0 or 1", hint)


@check("BP107", "A policy has no rules, or too many", source=METADATA, basis=Basis.SDK)
def number_of_rules(policy: BackupPolicyView) -> Problems:
    """The API takes 1 to 10 rules."""
    rules = () if policy.props.rules is None else policy.props.rules
    if isinstance(rules, Oversized):
        yield Problem("rules", Phrase(rules), f"1 to {MAX_RULES} rules", "Split the policy.")
    if not isinstance(rules, (list, tuple)) or is_token(rules) or 1 <= len(rules) <= MAX_RULES:
        return
    hint = "Split the policy." if rules else "Add a BACKUP rule and a TRANSITION rule."
    yield Problem("rules", Phrase(f"{len(rules) or 'no'} rules"), f"1 to {MAX_RULES} rules", hint)


@check("BP108", "A rule has too many advanced retention rules", source=METADATA, basis=Basis.SDK)
def number_of_retention_rules(policy: BackupPolicyView) -> Problems:
    """The API takes at most 99 retention rules in one rule."""
    for path, rule in policy.rules:
        items = rule.retention_rules
        if isinstance(items, (list, tuple)) and len(items) > MAX_RETENTION_RULES:
            allowed = f"at most {MAX_RETENTION_RULES} retention rules"
            hint = "Keep one for each of DAILY, WEEKLY, MONTHLY, YEARLY."
            yield Problem(f"{path}.retention_rules", Phrase(f"{len(items)} retention rules"), allowed, hint)


# ------------------------------------------------------------ 2xx: against the documented contract


@check("BP201", "A policy has no BACKUP rule", source=PAGE, basis=Basis.PAGE)
def no_backup_rule(policy: BackupPolicyView) -> Problems:
    """Each policy requires at least one BACKUP rule: without it nothing is ever backed up."""
    if policy.can_count and policy.rules and not policy.of_type(RuleType.BACKUP):
        received = Phrase("only " + ", ".join(str(rule.rule_type) for _, rule in policy.rules))
        yield Problem("rules", received, "at least one BACKUP rule", "Add a BACKUP rule.")


@check(
    "BP202",
    "A policy has not exactly one TRANSITION rule",
    source=f"{PAGE}; {ACCEPTANCE_TESTS}",
    basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS),
)
def not_one_transition_rule(policy: BackupPolicyView) -> Problems:
    """The page asks for exactly one TRANSITION rule. The live API was seen to take a policy without one
    where the BACKUP rule has a retention of its own (BP309); two of them were never seen."""
    count = len(policy.of_type(RuleType.TRANSITION))
    if not count and policy.of_type(RuleType.BACKUP):
        return  # BP204 asks for the retention that is missing then
    if policy.can_count and policy.rules and count != 1:
        hint = "Merge them into one." if count else "Add a TRANSITION rule with a retention."
        yield Problem("rules", Phrase(f"{count or 'none'}"), "exactly one TRANSITION rule", hint)


@check(
    "BP203",
    "A rule has a field that its type does not know",
    source=f"{PAGE}; {ACCEPTANCE_TESTS}",
    basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS),
)
def field_of_another_rule_type(policy: BackupPolicyView) -> Problems:
    """Each field belongs to certain rule types; elsewhere the page gives it no meaning, and the live API was
    never seen to take it there. `immutable` and `keep_latest_snapshots` are tied to no rule type."""
    for path, rule in policy.rules:
        for name in foreign_fields(rule):
            if not was_seen(rule, name):
                hint = f"Move it to a rule of type {owners(name)}, or drop it."
                allowed = f"nothing: it belongs to {owners(name)}"
                yield Problem(f"{path}.{name}", getattr(rule, name), allowed, hint)


@check("BP204", "A rule lacks a field that its type needs", source=PAGE, basis=Basis.PAGE)
def missing_field(policy: BackupPolicyView) -> Problems:
    """BACKUP needs a schedule, a backup type, a vault where the policy is STANDARD, and a retention unless a
    TRANSITION rule has it; TRANSITION a retention; REPLICATION a region and a retention; TAG its filters."""
    for path, rule in policy.rules:
        rule_type = known(rule.rule_type, str) or ""
        for name in NEEDED_BY_RULE_TYPE.get(rule_type, ()):
            if not is_set(value := getattr(rule, name)) and value != 0:  # BP103 reports that
                yield Problem(f"{path}.{name}", value, f"a value: {rule_type} needs it", f"Add {name}.")
    transitions = policy.of_type(RuleType.TRANSITION)
    for path, rule in policy.of_type(RuleType.BACKUP):
        if policy.policy_type is PolicyType.STANDARD and not is_set(rule.vault_id):
            allowed = "the id of a vault: a BACKUP rule of a STANDARD policy needs it"
            hint = "Add vault_id, or make the policy UDM_ECS_ONLY."
            yield Problem(f"{path}.vault_id", rule.vault_id, allowed, hint)
        if not is_set(rule.retention) and policy.can_count and not transitions:
            allowed = f"{MIN_RETENTION} to {MAX_RETENTION:,} days, here or in a TRANSITION rule"
            hint = "Add a TRANSITION rule with a retention, as the page asks for."
            yield Problem(f"{path}.retention", rule.retention, allowed, hint)


@check(
    "BP205",
    "A source type does not go with the policy type",
    source=f"{PAGE}; {ACCEPTANCE_TESTS}",
    basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS),
)
def source_type_of_another_policy_type(policy: BackupPolicyView) -> Problems:
    """UDM_ECS goes with UDM_ECS_ONLY alone; OSS, NAS, ECS_FILE and OTS with STANDARD alone. In a BACKUP or
    TRANSITION rule of a STANDARD policy the live API was seen to take UDM_ECS (BP309)."""
    for path, source, rule in policy.data_source_filters:
        text = known(source.source_type, str)
        if policy.policy_type is None or text not in SourceType.__members__:
            continue
        wanted = PolicyType.UDM_ECS_ONLY if text == SourceType.UDM_ECS else PolicyType.STANDARD
        if policy.policy_type is not wanted and not takes_source_type(policy, rule, text):
            allowed = f"a source type of a {policy.policy_type} policy"
            vault = "without a vault" if wanted is PolicyType.UDM_ECS_ONLY else "with a vault"
            hint = f"{text} needs a policy of type {wanted}, {vault}."
            yield Problem(f"{path}.source_type", text, allowed, hint)


@check("BP206", "immutable outside UDM_ECS_ONLY", source=PAGE, basis=Basis.PAGE)
def immutable_outside_ecs(policy: BackupPolicyView) -> Problems:
    """The page says immutable is valid only with UDM_ECS_ONLY; a newer page of the console says it works for
    both policy types."""
    for path, rule in policy.rules:
        if rule.immutable is True and policy.policy_type is PolicyType.STANDARD:
            hint = "Drop immutable, or make the policy UDM_ECS_ONLY, without a vault."
            yield Problem(f"{path}.immutable", True, "nothing, or false, in a STANDARD policy", hint)


@check("BP207", "A policy backs up to several vaults", source=PAGE, basis=Basis.PAGE)
def several_vaults(policy: BackupPolicyView) -> Problems:
    """A backup policy backs up data to a single backup vault."""
    vaults = {vault: None for _, rule in policy.rules if (vault := known(rule.vault_id, str))}
    if len(vaults) > 1:
        received = Phrase(", ".join(vaults))
        yield Problem("rules", received, "one vault_id in all rules", "Make a policy for each vault.")


@check(
    "BP208",
    "A policy has several schedules with a fixed interval",
    source=f"{PAGE}; {ACCEPTANCE_TESTS}",
    basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS),
)
def several_fixed_intervals(policy: BackupPolicyView) -> Problems:
    """A backup policy can have only one schedule with a fixed interval. The live API was seen to take a
    second one that makes incremental backups (BP309)."""
    rules = fixed_intervals(policy)
    may_be_incremental = any(is_token(rule.backup_type) for _, rule in rules)
    if len(rules) > 1 and not incremental(rules) and not (len(rules) == 2 and may_be_incremental):
        received = Phrase(", ".join(str(schedule_of(rule)) for _, rule in rules))
        yield Problem(
            "rules", received, "one schedule of the form I|…", "Keep one, and write the others as cron."
        )


@check("BP209", "A policy for ECS instances has a vault", source=PAGE, basis=Basis.PAGE)
def vault_in_ecs_policy(policy: BackupPolicyView) -> Problems:
    """A policy of type UDM_ECS_ONLY names no vault; with one, the service would take it for STANDARD."""
    for path, rule in policy.rules:
        if policy.policy_type is PolicyType.UDM_ECS_ONLY and says_something(rule.vault_id):
            hint = "Drop vault_id, or make the policy STANDARD."
            yield Problem(f"{path}.vault_id", rule.vault_id, "nothing in a UDM_ECS_ONLY policy", hint)


@check("BP210", "Backups stay too short before the archive tier, or in it", source=HELP, basis=Basis.PAGE)
def too_short_for_the_archive(policy: BackupPolicyView) -> Problems:
    """A backup stays at least 30 days in the standard tier and at least 60 in the archive tier, by the help
    pages. What counts is the longest that the TRANSITION rule keeps a backup, with its advanced retentions.
    0 means no archiving, in every rule."""
    for path, rule in policy.rules:
        archive = known(rule.archive_days, int)
        longest = _longest_retention(rule) if rule.rule_type == RuleType.TRANSITION else None
        least = MIN_ARCHIVE_DAYS + MIN_DAYS_IN_ARCHIVE
        longer = f"Do not archive, or keep backups at least {least} days, {MIN_ARCHIVE_DAYS} of them before."
        if archive and archive < MIN_ARCHIVE_DAYS:
            allowed = f"at least {MIN_ARCHIVE_DAYS} days, or 0 for no archiving"
            hint = longer if longest and longest < least else "Archive later, or not at all."
            yield Problem(f"{path}.archive_days", archive, allowed, hint)
        elif archive and longest and longest - archive < MIN_DAYS_IN_ARCHIVE:
            allowed = f"at most {MIN_DAYS_IN_ARCHIVE} days less than the longest retention of {longest}"
            hint = longer if longest < least else "Keep backups longer, archive sooner, or not at all."
            yield Problem(f"{path}.archive_days", archive, allowed, hint)


@check("BP213", "A retention of -1 is not documented", source=f"{PAGE}; {SDK}", basis=(Basis.PAGE, Basis.SDK))
def undocumented_retention(policy: BackupPolicyView) -> Problems:
    """The page takes 1 to 364,635 days. The SDK sends -1 as it is, and older plans of the service meant
    "forever" by it; for this API nothing says so. Where a policy of the cloud has it, it stays; the provider
    refuses only one that is new."""
    hint = f"To keep for good, write the most there is, {MAX_RETENTION}; what -1 does is not documented."
    given = [(path, rule.retention) for path, rule in policy.rules]
    for path, retention in (*given, *((path, item.retention) for path, item, _ in policy.advanced)):
        if known(retention, int) == FOREVER:
            allowed = f"{MIN_RETENTION} to {MAX_RETENTION:,} days"
            yield Problem(f"{path}.retention", FOREVER, allowed, hint)


def _longest_retention(rule: BackupPolicyRule) -> int | None:
    """How many days a TRANSITION rule keeps what it keeps longest; None where that is not known."""
    items = rule.retention_rules or ()
    if is_token(items) or not isinstance(items, (list, tuple)):
        return None
    days = [known(getattr(each, "retention", None), int) for each in (rule, *items)]
    return None if None in days else max(day for day in days if day is not None)


_FILES = (acceptance, filter_checks, place_checks, retention_checks, schedule_checks)
CHECKS = checks_of(globals(), *map(vars, _FILES))
"""Every check of a backup policy, by code."""


def check_backup_policy(
    props: BackupPolicyProps, checks: Iterable[Check] = CHECKS, region: str | None = None
) -> list[Finding]:
    """All findings on the props of one backup policy, in the order of the checks.

    `region`: of the provider; None where it is not known.
    """
    policy = BackupPolicyView.of(props, region)
    return [finding for check in checks for finding in check(policy)]
