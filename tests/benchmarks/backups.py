"""Backup policies that all differ, before and after a change: what the review is timed on."""

from __future__ import annotations

import random
from typing import Any

Json = dict[str, Any]
# 2022-03-30 10:00 in Asia/Shanghai.
START = 1_648_605_600
DAYS = {"DAILY": (14, 60), "WEEKLY": (60, 120), "MONTHLY": (180, 400), "YEARLY": (730, 2_555)}


def configurations(count: int) -> tuple[Json, Json]:
    """Terraform JSON with so many policies, before and after: no two changes are the same."""
    before, after = {}, {}
    for number in range(count):
        dice = random.Random(number)
        old = _rules(dice, number)
        name = f"policy-{number}"
        before[name] = _policy(name, old)
        after[name] = _policy(name, _changed(dice, number, old))
    return _configuration(before), _configuration(after)


def _configuration(policies: Json) -> Json:
    return {"resource": {"alicloud_hbr_policy": policies}}


def _policy(name: str, rules: list[Json]) -> Json:
    return {"policy_name": name, "policy_type": "STANDARD", "rules": rules}


def _rules(dice: random.Random, number: int) -> list[Json]:
    rules = [_backup(_schedule(dice, number))]
    if dice.random() < 0.1:
        rules.append(_backup(f"C|{START + number}|0 {number % 60} 3 L * ?"))
    rules.append(_transition(dice))
    if dice.random() < 0.3:
        rules.append(_replication(dice))
    return rules


def _backup(schedule: str) -> Json:
    return {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": schedule, "vault_id": "v-1"}


def _schedule(dice: random.Random, number: int) -> str:
    """Half of them intervals; a quarter runs more than once a day, and a tenth every hour."""
    start, minute, hour = START + 61 * number, number % 60, dice.randrange(24)
    if dice.random() < 0.5:
        intervals = ("P1D", "P1D", "P1D", "P1D", "P2D", "P1W", "PT12H", "PT8H", "PT1H", "PT4H")
        return f"I|{start}|{dice.choice(intervals)}"
    crons = (
        f"0 {minute} {hour} * * ?",
        f"0 {minute} {hour} * * ?",
        f"0 {minute} {hour} * * ?",
        f"0 {minute} {hour} ? * 3,5,7",
        f"0 {minute} {hour} ? * MON-FRI",
        f"0 {minute} {hour} ? * 1",
        f"0 {minute} {hour} L * ?",
        f"0 {minute} 8,12,18 * * ?",
        f"0 {minute} * * * ?",
        f"0 {minute} 1/6 * * ?",
    )
    return f"C|{start}|{dice.choice(crons)}"


def _transition(dice: random.Random) -> Json:
    periods = [period for period in DAYS if dice.random() < 0.5]
    return {
        "rule_type": "TRANSITION",
        "retention": dice.randint(7, 13),
        "keep_latest_snapshots": dice.randint(0, 1),
        "retention_rules": [
            {"advanced_retention_type": period, "retention": dice.randint(*DAYS[period])}
            for period in periods
        ],
    }


def _replication(dice: random.Random) -> Json:
    region = dice.choice(("cn-shanghai", "cn-beijing"))
    return {"rule_type": "REPLICATION", "replication_region_id": region, "retention": dice.randint(7, 60)}


def _changed(dice: random.Random, number: int, old: list[Json]) -> list[Json]:
    """The same with another retention, other advanced retentions, another schedule, or no copies."""
    place = next(place for place, rule in enumerate(old) if rule["rule_type"] == "TRANSITION")
    rules = list(old)
    how = dice.randrange(4)
    if how == 0:
        rules[place] = {**old[place], "retention": old[place]["retention"] - dice.randint(1, 5)}
    elif how == 1:
        rules[place] = _transition(dice)
    elif how == 2:
        rules[0] = _backup(_schedule(dice, number + 100_000))
    else:
        rules = [*rules[: place + 1], _replication(dice)]
    return rules
