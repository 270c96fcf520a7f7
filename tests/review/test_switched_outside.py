"""A default version that somebody switches by hand is told, though no resource of the plan changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import AT, Json, allow, change, codes, document, message, only, plan, written

VERSION = "alipolicy_policy_version"


def named(version_id: str, actions: str) -> Json:
    return {"version_id": version_id, "policy_document": document(allow(actions))}


def staged(**others: Any) -> Json:
    body = {"policy_name": "P", "policy_document": document(allow("*")), "version_id": "v3"}
    return {**body, "set_as_default": False, "is_default_version": False, **others}


def of_drift(folder: Path, old: Json, new: Json, *others: Json) -> Report:
    content = plan(change(VERSION, new, new, "no-op"), *others)
    content["resource_drift"] = [change(VERSION, old, new)]
    return review(read_input(written(folder, "plan.json", content), None), at=AT)


SWITCHED: dict[str, tuple[Json, Json, str]] = {
    "to another one": (
        {"default_version": named("v1", "oss:Get*")},
        {"default_version": named("v2", "*")},
        'outside of Terraform, the default version: "v1" → "v2"',
    ),
    "to the staged one": (
        {},
        {"is_default_version": True},
        "outside of Terraform, the version was made the default",
    ),
}


@pytest.mark.parametrize(("before", "after", "told"), SWITCHED.values(), ids=SWITCHED.keys())
def test_the_default_is_switched_by_hand(tmp_path: Path, before: Json, after: Json, told: str) -> None:
    report = of_drift(tmp_path, staged(**before), staged(**after))
    assert codes(report) == ["RV253"]
    assert message(report, "RV253") == told


def test_another_default_has_another_delta(tmp_path: Path) -> None:
    before = staged(default_version=named("v1", "oss:Get*"))
    first, second = (
        of_drift(tmp_path, before, staged(default_version=named("v2", actions))) for actions in ("oss:*", "*")
    )
    assert only(first).delta != only(second).delta


def test_what_a_resource_asks_for_was_not_done_by_hand(tmp_path: Path) -> None:
    before, after = (staged(default_version=named(*of)) for of in (("v1", "oss:Get*"), ("v2", "*")))
    asking = {**after, "version_id": "v2", "set_as_default": True, "is_default_version": True}
    other = {**change(VERSION, asking, asking, "no-op"), "address": f"{VERSION}.other"}
    assert not codes(of_drift(tmp_path, before, after, other))


@pytest.mark.parametrize("asks", [True, False])  # a refresh reads what is so
def test_a_resource_that_asks_for_the_default_has_it_put_back(tmp_path: Path, asks: bool) -> None:
    before = staged(set_as_default=True, is_default_version=True, default_version=named("v3", "*"))
    others = {"is_default_version": False, "default_version": named("v1", "oss:Get*")}
    drifted = {**before, **others, "set_as_default": asks}
    content = plan(change(VERSION, drifted, before))
    content["resource_drift"] = [change(VERSION, before, drifted)]
    report = review(read_input(written(tmp_path, "plan.json", content), None), at=AT)
    assert "RV253" not in codes(report)


def moved_by_an_apply() -> tuple[Json, Json, Json]:
    """What a staged version reported and reports, and the version that has become the default meanwhile."""
    before, after = (staged(default_version=named(*of)) for of in (("v1", "oss:Get*"), ("v2", "oss:*")))
    others = {"version_id": "v2", "set_as_default": True, "is_default_version": True}
    return before, after, {**staged(policy_document=document(allow("oss:*"))), **others}


def test_what_an_apply_switched_is_not_told_where_the_next_plan_makes_another_version(tmp_path: Path) -> None:
    before, after, asking = moved_by_an_apply()
    changed = {**asking, "policy_document": document(allow("oss:List*")), "version_id": None}
    other = change(VERSION, asking, changed, unknown={"version_id": True})
    report = of_drift(tmp_path, before, after, {**other, "address": f"{VERSION}.other"})
    assert "RV253" not in codes(report)


def test_a_switch_to_a_version_that_was_switched_by_hand_is_told(tmp_path: Path) -> None:
    before, after, asking = moved_by_an_apply()
    back = {**asking, "set_as_default": False, "is_default_version": False}
    content = plan(
        change(VERSION, after, after, "no-op"),
        {**change(VERSION, asking, back), "address": f"{VERSION}.other"},
    )
    content["resource_drift"] = [
        change(VERSION, before, after),
        {**change(VERSION, back, asking), "address": f"{VERSION}.other"},
    ]
    report = review(read_input(written(tmp_path, "plan.json", content), None), at=AT)
    assert "RV253" in codes(report)


def test_what_the_official_policy_switched_was_not_done_by_hand(tmp_path: Path) -> None:
    before, after, _ = moved_by_an_apply()
    body = {"policy_name": "P", "policy_document": document(allow("oss:*")), "default_version": "v2"}
    other = {**change("alicloud_ram_policy", body, body, "no-op"), "address": "alicloud_ram_policy.p"}
    assert codes(of_drift(tmp_path, before, after, other)) == ["RV331"]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, []),
        ({"policy_document": document(allow("ecs:*"))}, ["RV253"]),
        ({"version_id": "v4"}, ["RV253"]),
        ({"policy_name": "Q"}, ["RV253"]),
        ({"set_as_default": False}, ["RV253"]),
    ],
)
def test_only_the_version_that_is_the_default_explains_it(
    tmp_path: Path, others: Json, expected: list[str]
) -> None:
    before, after, asking = moved_by_an_apply()
    body = {**asking, **others}
    other = {**change(VERSION, body, body, "no-op"), "address": f"{VERSION}.other"}
    assert [code for code in codes(of_drift(tmp_path, before, after, other)) if code == "RV253"] == expected


@pytest.mark.parametrize(("asks", "expected"), [(True, []), (False, ["RV251"])])
def test_two_states_between_which_another_resource_has_switched_it(
    tmp_path: Path, asks: bool, expected: list[str]
) -> None:
    before, after, asking = moved_by_an_apply()
    sides = [state(before, asking), state(after, {**asking, "set_as_default": asks})]
    old, new = (written(tmp_path, f"{name}.json", side) for name, side in zip("on", sides, strict=True))
    found = codes(review(read_input(new, old), at=AT))
    assert [code for code in found if code == "RV251"] == expected


def state(staged_version: Json, other: Json) -> Json:
    resources = [
        {"address": f"{VERSION}.{name}", "mode": "managed", "type": VERSION, "values": values}
        for name, values in (("one", staged_version), ("other", other))
    ]
    return {"format_version": "1.0", "values": {"root_module": {"resources": resources}}}
