"""Which retention counts, which rule became which, and what is kept shorter."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

import pytest
from attrs import evolve

from constructs_lib import AdvancedRetention, BackupPolicyRule, RuleType, Schedule
from constructs_lib.backup.effective_retention import (
    base_rules,
    newest_let_go,
    origins,
    rule_origins,
    shortened,
)
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.recovery import compare
from tests.backup.policies import START, copy_to, cron, every, keep, moment, policy
from tests.backup.readings import shifts_of

DAILY, NIGHTLY = every("P1D", retention=30), cron("0 0 2 * * ?", retention=7)
TOKEN = "${TfToken[TOKEN.7]}"


class _Later:
    """What a CDKTF `IResolvable` looks like from Python."""

    def resolve(self, context: Any) -> Any:
        raise AssertionError("a comparison must not resolve a token")


LATER = _Later()


def view(*rules: Any) -> BackupPolicyView:
    return BackupPolicyView.of(BackupPolicyProps(rules=list(rules)))


def shorter(old: list[Any], new: list[Any]) -> list[tuple[str, str, int, int]]:
    pairs = shortened(view(*old), view(*new), rule_origins(old, new))
    return [(now.path, was.keeps, was.days, now.days) for was, now in pairs]


# ------------------------------------------------------------ which retention counts


def test_the_retention_of_a_transition_rule_overrides_that_of_every_backup_rule() -> None:
    rules = view(DAILY, NIGHTLY, keep(3)).rules
    assert [(backup, base) for (backup, _), (base, _) in base_rules(rules)] == [
        ("rules[0]", "rules[2]"),
        ("rules[1]", "rules[2]"),
    ]


@pytest.mark.parametrize("retention", [None, 0])
def test_a_transition_rule_without_a_retention_overrides_nothing(retention: int | None) -> None:
    rules = view(DAILY, BackupPolicyRule(rule_type=RuleType.TRANSITION, retention=retention)).rules
    assert [base for _, (base, _) in base_rules(rules)] == ["rules[0]"]


# ------------------------------------------------------------ which rule became which


def with_id(rule_id: str, **values: Any) -> dict[str, Any]:
    return {"rule_type": "BACKUP", "rule_id": rule_id, **values}


def test_rules_are_the_same_by_id_before_all_else() -> None:
    old = [with_id("a", retention=30, schedule="x"), with_id("b", retention=7, schedule="y")]
    new = [with_id("b", retention=28, schedule="x"), with_id("a", retention=5, schedule="y")]
    assert origins(old, new) == [1, 0]


def test_an_id_on_one_side_alone_tells_nothing() -> None:
    old = [with_id("a", retention=30), with_id("b", retention=7)]
    new: list[Any] = [{"rule_type": "BACKUP", "retention": 7}, {"rule_type": "BACKUP", "retention": 30}]
    assert origins(old, new) == [1, 0]


def test_without_ids_the_content_tells_then_the_schedule_or_region_then_type_and_order() -> None:
    old = [DAILY, NIGHTLY, keep(30), copy_to("cn-beijing", 7), copy_to("cn-shanghai", 7)]
    new = [
        keep(90),
        copy_to("cn-shanghai", 9),
        every("PT1H", retention=3),
        evolve(NIGHTLY, retention=8),
        copy_to("cn-hongkong", 7),
    ]
    assert rule_origins(old, new) == {
        "rules[0]": "rules[2]",
        "rules[1]": "rules[4]",
        "rules[2]": "rules[0]",
        "rules[3]": "rules[1]",
        "rules[4]": "rules[3]",
    }


def test_two_spellings_of_one_rule_have_the_same_content() -> None:
    spelled = evolve(
        DAILY, schedule=str(DAILY.schedule), keep_latest_snapshots=0, immutable=False, vault_id=""
    )
    assert origins([NIGHTLY, DAILY], [spelled]) == [1]


def test_what_is_no_list_of_rules_has_no_origins() -> None:
    assert rule_origins(TOKEN, [DAILY]) == rule_origins(None, None) == {}
    assert rule_origins([TOKEN, DAILY], [DAILY, TOKEN]) == {"rules[0]": "rules[1]", "rules[1]": "rules[0]"}


# ------------------------------------------------------------ what is kept shorter


def test_a_shortened_retention_is_reported_at_the_old_rule() -> None:
    assert shorter([DAILY, NIGHTLY], [evolve(NIGHTLY, retention=5), DAILY]) == [
        ("rules[0].retention", "every backup of rules[1]", 7, 5)
    ]


def test_one_transition_rule_shortens_several_backup_rules_once_by_the_longest() -> None:
    assert shorter([NIGHTLY, DAILY], [NIGHTLY, DAILY, keep(5)]) == [
        ("rules[2].retention", "every backup of rules[1]", 30, 5)
    ]


def test_the_first_of_a_period_falls_back_to_the_base_where_that_is_shorter() -> None:
    old = [DAILY, keep(7, weekly=90, monthly=365)]
    assert shorter(old, [DAILY, keep(7)]) == [
        ("rules[1].retention", "the first backup of each week", 90, 7),
        ("rules[1].retention", "the first backup of each month", 365, 7),
    ]
    assert [keeps for _, keeps, *_ in shorter(old, [DAILY, keep(100)])] == ["the first backup of each month"]


def test_of_two_retentions_of_one_period_the_longer_takes_effect() -> None:
    weeks = [AdvancedRetention(advanced_retention_type="WEEKLY", retention=days) for days in (90, 9)]
    twice = BackupPolicyRule.transition(retention=7, retention_rules=weeks)
    assert shorter([DAILY, keep(7, weekly=90)], [DAILY, twice]) == []


@pytest.mark.parametrize(
    "after",
    [
        [DAILY, keep(TOKEN)],
        [DAILY, BackupPolicyRule(rule_type=TOKEN)],
        [DAILY, BackupPolicyRule.transition(retention=30, retention_rules=LATER)],
        [TOKEN],
    ],
)
def test_an_unknown_retention_is_not_reported(after: list[Any]) -> None:
    before = [DAILY, keep(30, weekly=90)]
    assert [pair for pair in shorter(before, after) if "week" not in pair[1]] == []
    assert list(newest_let_go(view(DAILY, keep(30, newest=1)), view(TOKEN))) == []


def test_the_newest_backup_and_the_newest_copy_are_let_go() -> None:
    old, new = (
        [DAILY, keep(30, newest=1), copy_to("cn-beijing", 7, 1)],
        [DAILY, keep(30), copy_to("cn-beijing", 7)],
    )
    assert list(newest_let_go(view(*old), view(*new))) == [
        ("the newest backup", "rules[0].keep_latest_snapshots"),
        ("the newest copy", "rules[2].keep_latest_snapshots"),
    ]
    moved = [evolve(DAILY, keep_latest_snapshots=1), keep(30), old[2]]
    assert list(newest_let_go(view(*old), view(*moved))) == []


# ------------------------------------------------------------ the order of rules means nothing


def random_rules(seed: int) -> list[BackupPolicyRule]:
    """Some BACKUP rules, perhaps a TRANSITION rule, and copies, several of them to one region."""
    chance = random.Random(seed)
    noon = moment("2026-01-01T12:00:00")
    backups = [
        every(
            chance.choice(["P1D", "PT12H", "P3D"]),
            chance.choice([START, noon]),
            retention=chance.randint(1, 60),
        )
        if chance.random() < 0.5
        else cron(f"0 0 {chance.randint(0, 23)} * * ?", retention=chance.randint(1, 60))
        for _ in range(chance.randint(1, 3))
    ]
    transition = [keep(chance.randint(1, 40), weekly=chance.randint(41, 90))] if chance.random() < 0.4 else []
    copies = [
        copy_to(chance.choice(["cn-beijing", "cn-shanghai"]), chance.randint(1, 40), chance.choice([None, 1]))
        for _ in range(chance.randint(0, 2))
    ]
    return [*backups, *transition, *copies]


@pytest.mark.parametrize("seed", range(12))
def test_no_permutation_of_rules_changes_a_recovery_point_or_shortens_a_retention(seed: int) -> None:
    rules = random_rules(seed)
    at = moment("2026-03-05T18:00:00")
    for order in random.Random(seed).sample(list(permutations(rules)), k=min(4, len(rules))):
        change = compare(policy(*rules), policy(*order), at=at, end=at + 90 * 86_400)
        for comparison in (change.backups, *change.replicas):
            assert (comparison.moved, shifts_of(comparison), comparison.unknown) == ((), (), False), seed
            assert comparison.before is not None
            assert comparison.after is not None
        assert shorter(rules, list(order)) == []
        assert list(newest_let_go(view(*rules), view(*order))) == []


def test_swapped_rules_of_a_changed_schedule_keep_what_they_kept() -> None:
    """One of three rules is changed and the other two are swapped: only that one says anything."""
    third = every("P7D", retention=90)
    old, new = [DAILY, NIGHTLY, third], [NIGHTLY, DAILY, evolve(third, retention=60)]
    assert shorter(old, new) == [("rules[2].retention", "every backup of rules[2]", 90, 60)]
    change = compare(policy(*old), policy(*new), at=moment("2026-06-05T18:00:00"))
    assert isinstance(third.schedule, Schedule)
    starts = {int(each.timestamp()) for _, each in zip(range(40), third.schedule.occurrences(), strict=False)}
    assert {point.time for point in change.backups.moved} <= starts
    assert change.backups.moved
