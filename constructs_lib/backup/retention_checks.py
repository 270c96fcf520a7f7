"""What the schedules and retentions of a policy promise, judged without a simulation: codes BP303 to BP308.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from constructs_lib.backup.effective_retention import PERIODS, advanced_rules, base_rules, newest_switches
from constructs_lib.backup.policy_view import BackupPolicyView, is_set, schedule_of
from constructs_lib.backup.rule import AdvancedRetention, BackupPolicyRule, RuleType
from constructs_lib.backup.sources import HELP, PAGE, SIMULATION
from constructs_lib.findings import Basis, Phrase, Problem, Problems, check
from constructs_lib.tokens import known

SECONDS_OF_DAY = 86_400
# From hours to days, which may have 25 of them, from there to weeks, months and years no step is longer.
MAX_STEP = 25
# 30 years, the longest that laws usually ask for.
MAX_DAYS_OF_LOCK = 10_958


@check("BP303", "Backups expire before the next one is made", source=SIMULATION)
def nothing_to_restore(policy: BackupPolicyView) -> Problems:
    """Where backups are kept for less than the schedule's longest gap, there are times with nothing to
    restore. keep_latest_snapshots=1 fixes that, and so does an advanced retention that is long enough."""
    longest, base = _longest_gap(policy), _base(policy)
    if longest is None or base is None:
        return
    path, retention = base
    if retention < longest and not _outlives(policy, longest):
        allowed = f"at least {ceil(longest)} days, the longest time between two backups"
        hint = "Keep backups longer, back up more often, or set keep_latest_snapshots to 1."
        yield Problem(f"{path}.retention", retention, allowed, hint)


def _longest_gap(policy: BackupPolicyView) -> float | None:
    """The longest time between two backups in days; None where it is unknown, or there are not two."""
    schedules = [schedule_of(rule) for _, rule in policy.of_type(RuleType.BACKUP)]
    gaps = [schedule.longest_gap() if schedule else None for schedule in schedules]
    if not policy.can_count or not gaps or None in gaps:
        return None
    # Together, several schedules leave no longer gaps than the densest of them.
    return min(gap.total_seconds() / SECONDS_OF_DAY for gap in gaps if gap is not None)


def _base(policy: BackupPolicyView) -> tuple[str, int] | None:
    """The rule that says how many days every backup is kept, by its place; None where that is unknown."""
    bases = {path: rule for _, (path, rule) in base_rules(policy.rules)}
    if not policy.can_count or len(policy.of_type(RuleType.TRANSITION)) > 1 or len(bases) != 1:
        return None
    ((path, rule),) = bases.items()
    retention = known(rule.retention, int)
    return None if retention is None or retention < 1 else (path, retention)  # BP103 says the rest


def _outlives(policy: BackupPolicyView, longest: float) -> bool:
    """Whether something else may keep a backup until the next: the switch, or an advanced retention."""
    firsts = _firsts(policy)
    return firsts is None or bool(
        newest_switches(policy.rules) or any(kept >= apart + longest for apart, kept, _ in firsts)
    )


def _firsts(policy: BackupPolicyView) -> list[tuple[int, int, str]] | None:
    """Of each advanced retention how many days its backups are apart, at most, and how many they are kept,
    its place; None where something about them is not known."""
    found = []
    for path, item in advanced_rules(policy.rules):
        if not isinstance(item, AdvancedRetention):
            return None
        period = PERIODS.get(known(item.advanced_retention_type, str) or "")
        kept = known(item.retention, int)
        if period is None or kept is None:
            return None
        found.append((period.days, kept, path))
    return found


@check("BP304", "An advanced retention is not longer than the base", source=SIMULATION)
def useless_advanced_retention(policy: BackupPolicyView) -> Problems:
    """The longer of two retentions takes effect, so an advanced one that is not longer does nothing."""
    for path, item, rule in policy.advanced:
        kept, base = known(item.retention, int), known(rule.retention, int)
        if kept is not None and base is not None and 1 <= kept <= base:
            allowed = f"more than the {base} days that every backup is kept"
            yield Problem(f"{path}.retention", kept, allowed, "Lengthen it, or drop the retention rule.")


@check(
    "BP316",
    "Two advanced retentions of one period",
    source=f"{HELP}; {SIMULATION}",
    basis=(Basis.PAGE, Basis.HARM),
)
def same_period_twice(policy: BackupPolicyView) -> Problems:
    """Where retentions of the same backup differ, the longer one takes effect, by the help pages: of two
    advanced retentions of one period, the shorter does nothing."""
    by_period: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for path, item, rule in policy.advanced:
        period, days = known(item.advanced_retention_type, str), known(item.retention, int)
        if period and days:
            by_period.setdefault((id(rule), period), []).append((days, f"{path}.retention"))
    for (_, period), kept in by_period.items():
        *shorter, longest = sorted(kept)
        for days, at in shorter:
            allowed = f"one {period} retention: the {longest[0]} days of the other take effect"
            yield Problem(at, days, allowed, "Drop the shorter one.")


@check("BP315", "Backups are locked for longer than a working life", source=PAGE)
def locked_for_decades(policy: BackupPolicyView) -> Problems:
    """Nobody can delete a locked backup before its retention is over, nor stop paying for it: 364,635 days
    are 999 years. Above 30 years this is more likely a slip than a rule."""
    locks = [path for path, rule in policy.rules if rule.immutable is True]
    longest = max((days for at in policy.rules if (days := _longest(at[1]))), default=0)
    for path in locks:
        if longest > MAX_DAYS_OF_LOCK:
            received = Phrase(f"true, with backups kept {longest:,} days ({longest // 365} years)")
            allowed = f"a lock of up to {MAX_DAYS_OF_LOCK:,} days"
            yield Problem(f"{path}.immutable", received, allowed, "Shorten the retention before locking.")


def _longest(rule: BackupPolicyRule) -> int:
    """How many days a rule keeps what it keeps longest, as far as is known."""
    items = rule.retention_rules if isinstance(rule.retention_rules, (list, tuple)) else ()
    days = [rule.retention, *(item.retention for item in items if isinstance(item, AdvancedRetention))]
    return max((known(each, int) or 0 for each in days), default=0)


@check(
    "BP305",
    "A TRANSITION rule keeps backups shorter than the BACKUP rule says",
    source=PAGE,
    basis=(Basis.PAGE, Basis.HARM),
)
def shortened_by_transition(policy: BackupPolicyView) -> Problems:
    """The retention of the TRANSITION rule overrides that of the BACKUP rule: backups are deleted sooner
    than the BACKUP rule says."""
    for path, transition in policy.of_type(RuleType.TRANSITION):
        short = known(transition.retention, int)
        for _, backup in policy.of_type(RuleType.BACKUP):
            long = known(backup.retention, int)
            if short is not None and long is not None and 1 <= short < long:
                allowed = f"at least the {long} days of the BACKUP rule"
                hint = "Drop the retention of the BACKUP rule: it has no effect."
                yield Problem(f"{path}.retention", short, allowed, hint)


@check("BP307", "The worst-case data loss grows at one step", source=SIMULATION)
def cliff(policy: BackupPolicyView) -> Problems:
    """Once backups of one kind are over, those of the next longer retention have to do. Where they are more
    than 25 times as far apart, an incident detected a little later costs far more: with daily backups kept
    for a week beside yearly ones, one detected within that week loses at most a day, and a later one up to
    a year. From hours to days, weeks, months and years, one after the other, no step is as large."""
    gap, base, firsts = _longest_gap(policy), _base(policy), _firsts(policy)
    if gap is None or base is None or firsts is None:
        return
    apart, kept = gap, base[1]
    left = [(max(days, gap), -days_kept, path) for days, days_kept, path in firsts]
    # Backups as far apart serve incidents that are no older than the rest of their time.
    while left := [first for first in left if -first[1] - first[0] > kept - apart]:
        next_apart, negative, path = min(left)
        if apart < kept and next_apart > _farthest(apart):
            received = Phrase(f"the next backups that are kept longer are {_length(next_apart)} apart")
            allowed = f"up to {_length(_farthest(apart))}: those kept {kept} days are {_length(apart)} apart"
            between = ", ".join(_steps(apart, kept, next_apart))
            hint = f"Keep the first backups of periods in between longer, too: {between}."
            yield Problem(path, received, allowed, hint)
        apart, kept = next_apart, -negative


def _farthest(apart: float) -> float:
    """How far apart the next longer backups may be; of schedules more often than hourly, as of hourly ones:
    no period is shorter than a day."""
    return MAX_STEP * max(apart, 1 / 24)


def _steps(apart: float, kept: int, next_apart: float) -> Iterator[str]:
    """The advanced retentions that leave no step too large, with the fewest days that do."""
    while next_apart > _farthest(apart):
        name, period = max(
            ((name, period) for name, period in PERIODS.items() if apart < period.days <= _farthest(apart)),
            key=lambda item: item[1].days,
        )
        apart, kept = period.days, floor(kept - apart) + period.days + 1
        yield f"{name} for at least {kept} days"


def _length(days: float) -> str:
    hours = round(days * 24, 1)
    return f"{days:g} days" if days >= 2 else f"{hours:g} hour{'' if hours == 1 else 's'}"


@check("BP308", "Copies expire before the next one is made", source=SIMULATION)
def no_copy_to_restore(policy: BackupPolicyView) -> Problems:
    """Where copies in another region are kept for less than the longest gap between two backups, there
    are times without any. keep_latest_snapshots=1 in the REPLICATION rule fixes that."""
    longest = _longest_gap(policy)
    for path, rule in policy.of_type(RuleType.REPLICATION):
        retention = known(rule.retention, int)
        if longest is None or retention is None or is_set(rule.keep_latest_snapshots):
            continue
        if 1 <= retention < longest:
            allowed = f"at least {ceil(longest)} days, the longest time between two backups"
            hint = "Keep copies longer, back up more often, or set its keep_latest_snapshots to 1."
            yield Problem(f"{path}.retention", retention, allowed, hint)
