"""A source that changes hands: only the policy that it had before is the same policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.review.configurations import Json, backup_policy, backup_rule, message, reviewed, transition
from tests.review.test_sources import (
    BINDING,
    BOTH,
    OLD_PLAN,
    OTHER,
    TYPES,
    applied,
    binding,
    errors,
    of_plan,
    old_plan,
    planned,
    policy,
    side,
)


@pytest.mark.parametrize(("days", "expected"), [("30", []), ("7", ["RV201", "RV203"])])
def test_a_policy_that_is_no_longer_managed_is_compared_with_a_backup_plan(
    tmp_path: Path, days: str, expected: list[str]
) -> None:
    forgotten = {"from": f"{TYPES[0]}.p", "lifecycle": {"destroy": False}}
    new = {"resource": {OLD_PLAN: {"a": old_plan(retention=days)}}, "removed": [forgotten]}
    old = side({"p": backup_policy(backup_rule(retention=30))}, {"a": binding()})
    assert errors(reviewed(tmp_path, new, old)) == expected


def test_a_policy_that_is_destroyed_is_not_the_one_that_an_id_names_afterwards(tmp_path: Path) -> None:
    before = {**binding("po-1"), "disabled": False}
    report = of_plan(
        tmp_path,
        planned(TYPES[0], "p", applied("po-1"), None, "delete"),
        planned(BINDING, "a", {**before, "source": "x/"}, {**before, "source": ""}, "update"),
    )
    assert errors(report) == ["RV207", "RV256"]


def test_the_same_policy_is_named_first(tmp_path: Path) -> None:
    rest = {"b": binding(OTHER), "c": binding()}
    report = reviewed(tmp_path, side(BOTH, rest), side(BOTH, {"a": binding(), **rest}))
    assert "is protected by the same policy as before" in message(report, "RV555")


@pytest.mark.parametrize("missing", ["data_source_id", "source_type"])
def test_a_source_that_nothing_names_is_no_source(tmp_path: Path, missing: str) -> None:
    nothing: Json = {missing: None}
    bodies = {"a": binding(**nothing), "b": binding(OTHER, **nothing)}
    new, old = (side(BOTH, {name: bodies[name]}) for name in "ba")
    assert errors(reviewed(tmp_path, new, old)) == ["RV254"]


@pytest.mark.parametrize(
    ("account", "expected"),
    [("SELF_ACCOUNT", []), ("CROSS_ACCOUNT", ["RV254"])],
)
def test_the_own_account_may_be_named(tmp_path: Path, account: str, expected: list[str]) -> None:
    sides = (side(BOTH, {"a": binding(**others)}) for others in ({"cross_account_type": account}, {}))
    assert errors(reviewed(tmp_path, *sides)) == expected


def test_a_binding_of_another_policy_does_not_count_for_a_tag_rule(tmp_path: Path) -> None:
    chosen = [{"source_type": "OSS", "data_source_ids": ["x"]}]
    tag = {"rule_type": "TAG", "tag_filters": [], "data_source_filters": chosen}
    other: dict[str, Any] = {"q": policy(7, "other")}
    old = side({"p": backup_policy(backup_rule(), transition(30), tag), **other}, {})
    bound: Json = {"a": binding(OTHER, data_source_id="x")}
    assert errors(reviewed(tmp_path, side({"p": policy(), **other}, bound), old)) == ["RV204", "RV261"]
