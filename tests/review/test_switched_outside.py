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
