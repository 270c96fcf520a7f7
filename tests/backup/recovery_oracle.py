"""An oracle for what a policy promises: random policies, and a walk from event to event."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from constructs_lib import BackupPolicyRule, RuleType, Schedule
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.simulation.worst_case import FOREVER
from tests.backup.policies import DAY, HOUR, keep, moment, policy

DAYS_OF = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}


class Case(NamedTuple):
    props: BackupPolicyProps
    zone: str
    job_length: int
    begin: int
    end: int


class Seen(NamedTuple):
    """A point, when it goes, and when it would go without the newest one being kept."""

    time: int
    expiry: int
    own: int


ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
INTERVALS = ("PT5H", "PT12H", "P1D", "P2D", "P5D", "P1W", "P1M", "PT30H", "P1M2D")
CRONS = (
    "0 30 2 * * ?",
    "0 0 2 ? * 3,5,7",
    "0 15 1,13 * * ?",
    "0 0 0 L * ?",
    "0 0 3 1/9 * ?",
    "0 0 2 ? * 1",
    "0 0 0 * * ?",
    "0 45 1 ? 3,4,10,11 *",
)


def random_case(seed: int) -> Case:
    dice = random.Random(seed)
    zone = dice.choice(ZONES)
    begin = moment(f"{dice.choice((2023, 2024, 2026))}-01-01", zone) + dice.randrange(365) * DAY
    begin += dice.choice((0, 0, 7_200, 12_345))
    sources = dice.choice((1, 1, 1, 2))
    overridden = dice.random() < 0.6
    rules = [
        BackupPolicyRule.backup(
            schedule=Schedule.every(dice.choice(INTERVALS), start=begin - dice.choice((0, 100, 10**7)))
            if dice.random() < 0.5
            else Schedule.cron(dice.choice(CRONS), start=begin - dice.choice((0, 10**7))),
            retention=None if overridden and dice.random() < 0.5 else dice.choice((1, 2, 3, 7, 14)),
            keep_latest_snapshots=dice.choice((None, 0, 0, 1)),
        )
        for _ in range(sources)
    ]
    if overridden:
        firsts = {period: dice.randint(1, 3 * days + 20) for period, days in DAYS_OF.items()}
        chosen = dice.sample(sorted(firsts), dice.randint(0, 4))
        rules.append(keep(dice.choice((1, 2, 5, 9)), **{name: firsts[name] for name in chosen}))
    job_length = dice.choice((0, 0, 0, 3 * HOUR, 40 * HOUR))
    return Case(policy(*rules), zone, job_length, begin, begin + dice.choice((40, 150, 420)) * DAY)


def starts_of(case: Case) -> list[tuple[int, int]]:
    """All starts from the begin to well after the end, each with the retention of its rule."""
    found: list[tuple[int, int]] = []
    for rule in rules_of(case.props, RuleType.BACKUP):
        assert isinstance(rule.schedule, Schedule)
        for start in rule.schedule.occurrences(tz=case.zone):
            if start.timestamp() > case.end + 200 * DAY:
                break
            if start.timestamp() >= case.begin:
                found.append((int(start.timestamp()), int(rule.retention or 0)))  # type: ignore[arg-type]
    return sorted(found, key=lambda one: (one[0], -one[1]))


def rules_of(props: BackupPolicyProps, rule_type: RuleType) -> list[BackupPolicyRule]:
    assert isinstance(props.rules, list)
    return [rule for rule in props.rules if rule.rule_type == rule_type]


def sunday_of(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % 7)


def walk(case: Case, props: BackupPolicyProps | None = None) -> list[Seen]:
    """Every point before the end, made one after the other; `props`: whose retentions, if not the case's."""
    kept = props or case.props
    transition = next(iter(rules_of(kept, RuleType.TRANSITION)), None)
    keeps_newest = any(rule.keep_latest_snapshots == 1 for rule in kept.rules)  # type: ignore[union-attr]
    known_periods: set[tuple[str, date]] = set()
    points: list[list[int]] = []
    busy_until = -1
    for start, retention in starts_of(case):
        if start < busy_until or (points and start == points[-1][0]):
            continue
        busy_until = start + case.job_length
        if points and keeps_newest:
            points[-1][1] = max(points[-1][1], start)
        day = datetime.fromtimestamp(start, ZoneInfo(case.zone)).date()
        lives = [int(transition.retention) if transition else retention]  # type: ignore[arg-type]
        borders = {
            "DAILY": day,
            "WEEKLY": sunday_of(day),
            "MONTHLY": day.replace(day=1),
            "YEARLY": day.replace(month=1, day=1),
        }
        for name, border in borders.items():
            if (name, border) not in known_periods:
                known_periods.add((name, border))
                if transition:
                    lives += [
                        int(item.retention)  # type: ignore[arg-type]
                        for item in transition.retention_rules or ()  # type: ignore[union-attr]
                        if item.advanced_retention_type == name
                    ]
        own = start + max(lives) * DAY
        points.append([start, own, own])
    return [Seen(*point) for point in points if point[0] < case.end]


def worst_loss(seen: list[Seen], age: int, incidents: list[int]) -> int | None:
    """By brute force: for each moment of incident the newest point that is still there, that age later."""
    worst = 0
    for incident in incidents:
        created = (point for point in reversed(seen) if point.time <= incident)
        serving = next((point.time for point in created if point.expiry > incident + age), None)
        if serving is None:
            return None
        worst = max(worst, incident - serving)
    return worst


def occurrences(rule: BackupPolicyRule, begin: int, end: int, zone: str) -> Iterator[datetime]:
    assert isinstance(rule.schedule, Schedule)
    for start in rule.schedule.occurrences(after=datetime.fromtimestamp(begin - 1, UTC), tz=zone):
        if start.timestamp() >= end:
            return
        yield start


def random_change(seed: int) -> tuple[Case, Case]:
    """A policy, and another with as many BACKUP rules."""
    old = random_case(seed)
    count = len(rules_of(old.props, RuleType.BACKUP))
    for other in range(seed + 1_000, seed + 9_000_000, 1_000):
        new = random_case(other)
        # Which of two rules made a point of both is settled by the old policy.
        fits = count == 1 or rules_of(new.props, RuleType.TRANSITION)
        if len(rules_of(new.props, RuleType.BACKUP)) == count and fits:
            return old, new._replace(zone=old.zone, job_length=old.job_length)
    raise AssertionError("no fitting policy")


def expected_moves(old: Case, new: Case) -> list[tuple[int, int, int]]:
    """Old points with when they go under each policy: the schedules of the old, the retentions of the new."""
    retentions = iter(rules_of(new.props, RuleType.BACKUP))
    mixed = [
        BackupPolicyRule.backup(schedule=rule.schedule, retention=next(retentions).retention)  # type: ignore[arg-type]
        for rule in rules_of(old.props, RuleType.BACKUP)
    ]
    kept = policy(*mixed, *rules_of(new.props, RuleType.TRANSITION))
    at = old.end
    lives = [point.own for point in walk(old._replace(props=kept))]
    existing = [(point, own) for point, own in zip(walk(old), lives, strict=True) if point.expiry > at]
    keeps_newest = any(rule.keep_latest_snapshots == 1 for rule in new.props.rules)  # type: ignore[union-attr]
    upcoming = min(
        next(occurrences(rule, at, FOREVER, new.zone)) for rule in rules_of(new.props, RuleType.BACKUP)
    )
    moves = []
    for place, (point, own) in enumerate(existing):
        if keeps_newest and place == len(existing) - 1:
            own = max(own, int(upcoming.timestamp()))
        if max(own, at) != point.expiry:
            moves.append((point.time, point.expiry, max(own, at)))
    return moves


def worst_cases_by_links(
    times: Sequence[int], expiries: Sequence[int], end: int
) -> list[tuple[int, int | None]]:
    """The worst case by the chain of points that serve one after the other, walked point by point."""
    losses: dict[int, int] = {-1: 0}
    nothing_from = FOREVER
    # The chain that ends with the newest point: each lives longer than all after it.
    chain: list[tuple[int, int]] = []
    for time, expiry in (*zip(times, expiries, strict=True), (end, FOREVER)):
        losses[-1] = max(losses[-1], time - chain[-1][0] if chain else 0)
        while chain and chain[-1][1] <= expiry:
            age = max(-1, chain.pop()[1] - time)
            if chain:
                losses[age] = max(losses.get(age, 0), time - chain[-1][0])
            else:
                nothing_from = min(nothing_from, age)
        chain.append((time, expiry))
    cases: list[tuple[int, int | None]] = []
    worst = 0
    for age in sorted(age for age in losses if age < nothing_from):
        if losses[age] > worst:
            worst = losses[age]
            cases.append((max(age, 0), worst))
    return [*cases, (max(nothing_from, 0), None)] if nothing_from < FOREVER // 2 else cases


def counts_of(
    times: Sequence[int], expiries: Sequence[int], since: int, until: int
) -> tuple[int, float, int]:
    """The fewest, the mean and the most points from event to event."""
    changes: dict[int, int] = {}
    for time, expiry in zip(times, expiries, strict=True):
        changes[time] = changes.get(time, 0) + 1
        changes[expiry] = changes.get(expiry, 0) - 1
    count, held, last = 0, 0, since
    levels = []
    for moment_, change in sorted(changes.items()):
        if moment_ >= until:
            break
        if moment_ > since:
            levels.append(count)
            held += count * (moment_ - last)
            last = moment_
        count += change
    levels.append(count)
    return min(levels), (held + count * (until - last)) / (until - since), max(levels)
