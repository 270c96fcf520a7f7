"""What a plan says of the change of a backup policy: what a review says, as far as the rules tell."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from constructs_lib.backup.checks import check_backup_policy, undocumented_retention
from constructs_lib.backup.effective_retention import rule_origins
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_change_checks import CHECKS, RulesChange
from constructs_lib.backup.policy_view import schedule_of
from constructs_lib.backup.recovery import compare
from constructs_lib.backup.rule import RuleType
from constructs_lib.backup.schedule import DEFAULT_ZONE, ScheduleError
from constructs_lib.findings import Finding, plural
from constructs_lib.provider.acknowledgements import is_acknowledged, report
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.protocol.context import Context, State


def warn_of_changed_rules(
    ctx: Context, prior: State, planned: State, before: BackupPolicyProps, after: BackupPolicyProps
) -> None:
    """Say what the planned rules take away. `before`, `after`: the two as the checks see them."""
    change = RulesChange(before=before, after=after, origins=rule_origins(prior["rules"], planned["rules"]))
    report(ctx, planned, [finding for check in CHECKS for finding in check(change)], CHECKS)
    schedules = [[schedule_of(rule) for _, rule in rules] for rules in change.rules(RuleType.BACKUP)]
    if change.can_count and schedules[0] and schedules[1] and schedules[0] != schedules[1]:
        _warn_of_schedules(ctx, before, after)


def refuse_new_retentions(
    ctx: Context,
    prior: State | None,
    planned: State,
    before: BackupPolicyProps | None,
    after: BackupPolicyProps,
) -> None:
    """Refuse a retention of -1 (BP213) in a rule in which the cloud has none: what it has it may keep. Not
    where it is acknowledged."""
    checks = (undocumented_retention,)
    if is_acknowledged(planned, undocumented_retention.code):
        return
    found = check_backup_policy(after, checks)
    if not found:
        return
    had = {_rule_of(finding) for finding in check_backup_policy(before, checks)} if before else set()
    origins = rule_origins(prior["rules"] if prior else (), planned["rules"])
    step = f'If it is meant so: acknowledge = {{ {undocumented_retention.code} = "why it is fine here" }}.'
    for finding in found:
        if origins.get(_rule_of(finding)) not in had:
            ctx.error("A new retention of -1", f"{finding.path}: {finding.hint} {step}", finding.path)


def _rule_of(finding: Finding) -> str:
    return finding.path.partition(".")[0]


def _warn_of_schedules(ctx: Context, before: BackupPolicyProps, after: BackupPolicyProps) -> None:
    """Say that backups become rarer, or that there is none for a while."""
    try:
        gap = compare(before, after, at=int(time.time()), tz=DEFAULT_ZONE).gap
    except ScheduleError as error:
        ctx.log.info("what other schedules mean could not be worked out: %s", error)
        return
    if gap is None:
        return
    if gap.usual and (gap.usual_after > gap.usual or not gap.usual_after):
        now = f"up to {_hours(gap.usual_after)}" if gap.usual_after else "any time"
        ctx.warn(
            "Backups become rarer",
            f"So far at most {_hours(gap.usual)} lie between two backups, from now on {now}: an incident may "
            "cost so much more.",
            "rules",
        )
    if gap.is_too_long:
        ends = f"the next one {_moment(gap.ends)}" if gap.ends else "none after that"
        last = f"The last backup was due {_moment(gap.last)}" if gap.last else "There is no backup yet"
        ctx.warn(
            "There will be no backup for a while",
            f"{last}, {ends}. Let the new schedule start before the next run of the old one.",
            "rules",
        )


def warn_of_destruction(ctx: Context, cloud: Cloud, prior: State, path: str = "") -> None:
    """Say what goes with the policy. `path`: the attribute whose change makes a new policy, if it is one."""
    bound, further = 0, ""
    try:
        policy = cloud.recent_backup_policy(prior["id"])
        bound = policy.policy_binding_count if policy else 0
        if not bound and all(rule["rule_type"] != RuleType.TAG for rule in prior["rules"]):
            further = "Further backup policies without data sources will be destroyed"
    except CloudError as error:
        ctx.log.info("what is bound to %s could not be looked up: %s", prior["id"], error)
    sources = "What it chooses by TAG rules is"
    if bound:
        sources = plural(bound, "data source is", "data sources are")
    fate = f"{sources} no longer backed up by it"
    names = "DescribePolicyBindings names what is bound. " if bound else ""
    if path:
        fate += ", nor by the policy that takes its place, before they are bound to that"
    ctx.warn(
        f"Backup policy {prior['policy_name'] or prior['id']} will be destroyed",
        f"{fate}. {names}What becomes of the recovery points that it has made is not documented.",
        path,
        further=further,
    )


def _hours(seconds: int) -> str:
    size, unit = (3_600, "hour") if seconds < 2 * 86_400 else (86_400, "day")
    return plural(-(-seconds // size), unit)


def _moment(seconds: Any) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
