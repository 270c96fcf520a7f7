"""The order of a policy's rules means nothing: a review of rules in another order finds nothing lost."""

from __future__ import annotations

import random
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from constructs_lib.cli import main
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Action
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    backup_policy,
    backup_rule,
    change,
    codes,
    configuration,
    message,
    only,
    plan,
    replication,
    reviewed,
    transition,
    written,
)

CASE = Path(__file__).parent.parent / "data" / "rules-swapped"
MORNING = backup_rule(schedule="C|1648647166|0 0 2 * * ?", retention=30)
NOON = backup_rule(schedule="C|1648647166|0 0 14 * * ?", retention=7, vault_id="v-1")
EVENING = backup_rule(schedule="C|1648647166|0 0 20 * * ?", retention=90, keep_latest_snapshots=1)


def tag(key: str) -> dict[str, Any]:
    return {
        "rule_type": "TAG",
        "tag_filters": [{"key": key, "value": "x", "operator": "EQUAL"}],
        "data_source_filters": [{"source_type": "OSS"}],
    }


@pytest.mark.parametrize("files", [("new.tf.json", "--against", "old.tf.json"), ("plan.json",)])
def test_two_swapped_backup_rules_lose_nothing(files: tuple[str, ...]) -> None:
    arguments = [name if name.startswith("--") else str(CASE / name) for name in files]
    result = CliRunner().invoke(main, ["review", *arguments, "--at", "2026-11-29"])
    assert "RV" not in result.output
    assert "rules: order 0, 1 → order 1, 0" in result.output
    # Without a TRANSITION rule the policy has a finding of its own, before and after.
    assert "1 policy changed; 1 with warnings\n" in result.output


@pytest.mark.parametrize(
    "rules",
    [
        [MORNING, NOON],
        [MORNING, NOON, EVENING],
        [MORNING, transition(7, weekly=90), replication("cn-shanghai", 30), replication("cn-beijing", 7)],
        [MORNING, transition(7, weekly=90), replication("cn-shanghai", 30), replication("cn-shanghai", 7)],
        [MORNING, NOON, transition(40), tag("env"), tag("team")],
        [MORNING, {**NOON, "vault_id": "v-2"}],
    ],
    ids=["two", "three", "copies", "copies to one region", "tags", "two vaults"],
)
@pytest.mark.parametrize("with_ids", [False, True])
def test_no_permutation_of_rules_is_a_finding(tmp_path: Path, rules: list[Any], with_ids: bool) -> None:
    if with_ids:
        rules = [{**rule, "rule_id": f"rule-{place}"} for place, rule in enumerate(rules)]
    for order in random.Random(2).sample(list(permutations(rules)), k=2):
        old, new = backup_policy(*rules), backup_policy(*order)
        action = "no-op" if old == new else "update"
        path = written(tmp_path, "plan.json", plan(change("alipolicy_backup_policy", old, new, action)))
        report = review(read_input(path), at=AT)
        assert codes(report) == []
        assert {path for path, _, _ in only(report).differences} <= {"rules"}
        files = reviewed(tmp_path, configuration(hbr__a=new), configuration(hbr__a=old))
        assert codes(files) == []


def test_of_one_changed_rule_among_swapped_ones_only_that_is_found(tmp_path: Path) -> None:
    new = backup_policy(NOON, MORNING, {**EVENING, "retention": 60})
    report = reviewed(
        tmp_path, configuration(hbr__a=new), configuration(hbr__a=backup_policy(MORNING, NOON, EVENING))
    )
    assert codes(report) == ["RV201", "RV202", "RV203"]
    assert message(report, "RV201") == "60 days for every backup of rules[2], before 90 days"
    assert only(report).differences == (
        ("rules[2].retention", "90", "60"),
        ("rules", "order 0, 1, 2", "order 1, 0, 2"),
    )


@pytest.mark.parametrize(
    ("kind", "lost"), [("alipolicy_backup_policy", True), ("alicloud_hbr_policy", False)]
)
def test_ids_count_where_the_provider_lets_them_move_with_their_rules(
    tmp_path: Path, kind: str, lost: bool
) -> None:
    """In a plan of the official provider an id stays at its place in the list, whatever rule is there."""
    old = backup_policy({**MORNING, "rule_id": "a"}, {**NOON, "rule_id": "b"})
    new = backup_policy({**NOON, "rule_id": "a"}, {**MORNING, "rule_id": "b"})
    report = review(read_input(written(tmp_path, "plan.json", plan(change(kind, old, new, "update")))), at=AT)
    assert only(report).action is Action.CHANGED
    assert ("RV201" in codes(report)) is lost
