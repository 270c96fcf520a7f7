"""What a plan says of retention: warned of is what becomes shorter, not what only moves."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

import pytest

from tests.provider.conftest import Managed

Rules = list[dict[str, Any]]


def backup(hour: int, retention: int, **others: Any) -> dict[str, Any]:
    return {
        "rule_type": "BACKUP",
        "backup_type": "COMPLETE",
        "schedule": f"C|1648647166|0 0 {hour} * * ?",
        "vault_id": "v-1",
        "retention": retention,
        **others,
    }


def copies(region: str, retention: int) -> dict[str, Any]:
    return {"rule_type": "REPLICATION", "replication_region_id": region, "retention": retention}


TRANSITIONS = [
    {"rule_type": "TRANSITION", "retention": retention, "retention_rules": rules}
    for retention, rules in (
        (30, [{"advanced_retention_type": "WEEKLY", "retention": 90}]),
        (7, [{"advanced_retention_type": "MONTHLY", "retention": 365}]),
    )
]


def warnings(backup_policy: Managed, before: Rules, after: Rules) -> list[str]:
    backup_policy.apply({"policy_name": "p", "rules": before})
    backup_policy.plan({"policy_name": "p", "rules": after})
    return backup_policy.core.messages


@pytest.mark.parametrize(
    "rules",
    [
        [backup(2, 30), backup(14, 7)],
        [backup(2, 30), backup(14, 7), backup(20, 90, keep_latest_snapshots=1)],
        [backup(2, 30), *TRANSITIONS[:1], copies("cn-shanghai", 30), copies("cn-beijing", 7)],
        [backup(2, 30), copies("cn-shanghai", 30), copies("cn-shanghai", 7)],
    ],
    ids=[
        "two BACKUP rules",
        "three BACKUP rules",
        "with a TRANSITION rule and copies",
        "copies to one region",
    ],
)
def test_rules_in_another_order_are_no_shorter_retention(backup_policy: Managed, rules: Rules) -> None:
    for order in random.Random(1).sample(list(permutations(rules)), k=min(6, len(rules))):
        assert warnings(backup_policy, rules, list(order)) == []


def test_of_one_changed_rule_among_swapped_ones_only_that_is_reported(backup_policy: Managed) -> None:
    before = [backup(2, 30), backup(14, 7), backup(20, 90)]
    (reported,) = warnings(backup_policy, before, [before[1], before[0], backup(20, 60)])
    assert "received 60 days for every backup of rules[2], before 90 days;" in reported
    assert reported.endswith("[rules 2 retention]")


def test_two_changed_rules_that_swap_are_known_by_their_schedules(backup_policy: Managed) -> None:
    before = [backup(2, 30), backup(14, 7)]
    (reported,) = warnings(backup_policy, before, [backup(14, 9), backup(2, 28)])
    assert "28 days for every backup of rules[1], before 30 days" in reported
