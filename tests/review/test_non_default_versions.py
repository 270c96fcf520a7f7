"""Versions of a policy: what is compared with the default version, and what stays within reach beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.ram.access import Verdict
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    change,
    codes,
    configuration,
    document,
    message,
    only,
    plan,
    ram_policy,
    reviewed,
    written,
)

KIND = "alipolicy_policy_version"
BROKEN = "{"
READ, WRITE, ADMIN = "oss:GetObject", ["oss:GetObject", "oss:PutObject"], "oss:*"


def version(actions: Any, *, is_default: bool = False, **others: Any) -> dict[str, Any]:
    return ram_policy(allow(actions), set_as_default=is_default, **others)


def in_state(actions: Any, version_id: str, *, is_default: bool = False) -> dict[str, Any]:
    """A version as the state has it."""
    return version(actions, is_default=is_default, version_id=version_id, is_default_version=is_default)


def of_files(tmp_path: Path, new: dict[str, Any], old: dict[str, Any] | None) -> Report:
    """The review of configuration with versions of one policy, by the name of the resource."""
    sides = [
        None if each is None else configuration(**{f"{KIND}__{name}": body for name, body in each.items()})
        for each in (new, old)
    ]
    assert sides[0] is not None
    return reviewed(tmp_path, sides[0], sides[1])


def of_plan(tmp_path: Path, *changes: dict[str, Any], versions: Sequence[tuple[str, Any]] = ()) -> Report:
    """The review of a plan with a data source that has read these versions; the first is the default."""
    content = plan(*changes)
    if versions:
        listed = [
            {
                "version_id": version_id,
                "is_default_version": number == 0,
                "create_date": "2026-01-01T00:00:00Z",
                "policy_document": text if text == BROKEN else document(allow(text)),
            }
            for number, (version_id, text) in enumerate(versions)
        ]
        values = {"policy_name": "reader", "policy_type": "Custom", "versions": listed}
        data = {
            "address": "data.alipolicy_policy_versions.all",
            "mode": "data",
            "type": "alipolicy_policy_versions",
            "values": values,
        }
        content["prior_state"] = {
            "values": {"root_module": {"child_modules": [{"resources": [data]}], "resources": []}}
        }
    return review(read_input(written(tmp_path, "plan.json", content)), at=AT)


def gained(report: Report) -> list[str]:
    """The actions of the new grants of all versions."""
    return [
        action
        for resource in report.resources()
        if resource.access
        for grant in resource.access.gained
        for action in grant.actions
    ]


# ------------------------------------------------------------ what a version is compared with


def test_a_new_version_is_compared_with_the_default_version_and_not_with_nothing(tmp_path: Path) -> None:
    old = {"v1": version(READ, is_default=True)}
    new = {"v1": version(READ), "v2": version(WRITE, is_default=True)}
    report = of_files(tmp_path, new, old)
    access = next(resource.access for resource in report.resources() if resource.address == f"{KIND}.v2")
    assert access is not None
    assert access.against == f"the old one of {KIND}.v1"
    assert (access.verdict, gained(report)) == (Verdict.WIDER, ["oss:PutObject"])
    assert access.takes_effect is True


def test_a_staged_version_that_changes_is_compared_with_the_default_version(tmp_path: Path) -> None:
    old = {"v1": version(READ, is_default=True), "next": version(ADMIN)}
    report = of_files(tmp_path, {**old, "next": version(WRITE)}, old)
    # Beside its own old document it would be narrower.
    assert gained(report) == ["oss:PutObject"]


def test_a_promotion_grants_what_the_version_has_beyond_the_default_version(tmp_path: Path) -> None:
    old = {"v1": version(READ, is_default=True), "next": version(WRITE)}
    new = {"v1": version(READ), "next": version(WRITE, is_default=True)}
    report = of_files(tmp_path, new, old)
    assert gained(report) == ["oss:PutObject"]
    assert codes(report).count("RV324") == 2


def test_a_change_that_touches_no_document_and_no_default_grants_nothing(tmp_path: Path) -> None:
    old = {"v1": version(READ, is_default=True), "next": version(WRITE)}
    report = of_files(tmp_path, {**old, "next": version(WRITE, rotate_strategy="None")}, old)
    assert gained(report) == []


def test_a_staged_version_that_is_removed_takes_no_access_away(tmp_path: Path) -> None:
    old = {"v1": version(READ, is_default=True), "next": version(WRITE)}
    report = of_files(tmp_path, {"v1": old["v1"]}, old)
    assert codes(report) == ["RV532"]


def test_two_claims_to_be_the_default_leave_it_undecided(tmp_path: Path) -> None:
    old = {"a": version(READ, is_default=True), "b": version(READ, is_default=True)}
    report = of_files(tmp_path, {**old, "b": version(WRITE, is_default=True)}, old)
    assert [one.access.verdict for one in report.resources() if one.access] == [Verdict.UNDECIDED]
    assert {"RV222", "RV223"} <= set(codes(report))


def test_versions_of_other_policies_have_no_say(tmp_path: Path) -> None:
    old = {"other": version(ADMIN, is_default=True, policy_name="other")}
    report = of_files(tmp_path, {**old, "v1": version(READ, is_default=True)}, old)
    assert gained(report) == ["oss:GetObject"]


def test_a_plan_knows_the_default_version_even_where_it_is_no_resource(tmp_path: Path) -> None:
    created = change(KIND, None, version(WRITE, is_default=True), "create")
    report = of_plan(tmp_path, created, versions=[("v3", READ), ("v1", READ)])
    access = only(report).access
    assert access is not None
    assert (access.against, gained(report)) == ("v3", ["oss:PutObject"])


def test_a_default_version_that_cannot_be_read_leaves_it_undecided(tmp_path: Path) -> None:
    created = change(KIND, None, version(READ, is_default=True), "create")
    report = of_plan(tmp_path, created, versions=[("v3", BROKEN)])
    access = only(report).access
    assert access is not None
    assert access.verdict is Verdict.UNDECIDED


# ------------------------------------------------------------ versions that are not the default


def test_what_a_change_takes_away_stays_within_reach_and_that_is_a_note(tmp_path: Path) -> None:
    before = configuration(ram__a=ram_policy(allow(WRITE)))
    report = reviewed(tmp_path, configuration(ram__a=ram_policy(allow(READ))), before)
    received = message(report, "RV531")
    assert received.startswith(
        "the old one of alicloud_ram_policy.a still grants what the new version does not (1 "
    )
    assert "such as oss:PutObject on acs:oss:" in received
    assert received.endswith("; the default version is alicloud_ram_policy.a")
    assert "RV331" not in codes(report)


def test_non_default_versions_that_grant_more_are_reported_once_for_the_policy(tmp_path: Path) -> None:
    kept = [("v5", READ), ("v4", READ), ("v2", ADMIN), ("v1", WRITE)]
    created = change(KIND, None, version(READ, is_default=True), "create")
    report = of_plan(tmp_path, created, versions=kept)
    received = message(report, "RV331")
    assert received.startswith("v2 grants more than the default version (1 grant, such as oss:")
    assert "; v1 grants more than the default version (1 grant, such as oss:PutObject on " in received
    assert received.endswith(f"; the default version is {KIND}.one")
    assert "v4" not in received
    (finding,) = [finding for finding in report.all_findings() if finding.code == "RV331"]
    assert finding.is_new is False


def test_a_non_default_version_is_reported_of_a_policy_that_does_not_change(tmp_path: Path) -> None:
    same = in_state(READ, "v5", is_default=True)
    report = of_plan(tmp_path, change(KIND, same, same, "no-op"), versions=[("v5", READ), ("v2", ADMIN)])
    assert codes(report) == ["RV331"]
    assert message(report, "RV331").endswith("; the default version is v5")


def test_a_non_default_version_that_cannot_be_read_may_grant_anything(tmp_path: Path) -> None:
    same = in_state(READ, "v5", is_default=True)
    report = of_plan(tmp_path, change(KIND, same, same, "no-op"), versions=[("v5", READ), ("v2", BROKEN)])
    assert message(report, "RV331") == "v2 cannot be compared; the default version is v5"


def test_a_version_that_the_change_destroys_is_not_reported(tmp_path: Path) -> None:
    default = in_state(READ, "v5", is_default=True)
    gone = change(KIND, in_state(ADMIN, "v2"), None, "delete", address=f"{KIND}.two")
    report = of_plan(
        tmp_path, change(KIND, default, default, "no-op"), gone, versions=[("v5", READ), ("v2", ADMIN)]
    )
    assert codes(report) == ["RV532"]


def test_a_version_that_is_no_longer_managed_stays_within_reach(tmp_path: Path) -> None:
    old = {"v1": version(READ, is_default=True), "next": version(ADMIN)}
    removed = {"removed": [{"from": f"{KIND}.next", "lifecycle": {"destroy": False}}]}
    sides = (configuration(**{f"{KIND}__{name}": old[name] for name in names}) for names in (["v1"], old))
    report = reviewed(tmp_path, {**next(sides), **removed}, next(sides))
    assert "RV331" in codes(report)


@pytest.mark.parametrize(("default", "is_decided"), [("v1", True), ("v3", False)])
def test_a_default_version_that_no_resource_manages_may_go_with_the_one_that_created_it(
    tmp_path: Path, default: str, is_decided: bool
) -> None:
    gone = change(KIND, in_state(READ, "v4"), None, "delete")
    report = of_plan(tmp_path, gone, versions=[(default, READ), ("v4", READ)])
    assert ("RV222" not in codes(report)) is is_decided


def test_versions_that_grant_no_more_are_nothing_to_look_at(tmp_path: Path) -> None:
    same = in_state(WRITE, "v5", is_default=True)
    report = of_plan(tmp_path, change(KIND, same, same, "no-op"), versions=[("v5", WRITE), ("v2", READ)])
    assert codes(report) == []


@pytest.mark.parametrize("policy_type", ["System", None])
def test_a_data_source_of_system_policies_or_without_versions_is_passed_over(
    tmp_path: Path, policy_type: str | None
) -> None:
    same = in_state(READ, "v5", is_default=True)
    content = plan(change(KIND, same, same, "no-op"))
    listed = [{"version_id": "v1", "is_default_version": False, "policy_document": document(allow(ADMIN))}]
    values = {"policy_name": "reader", "policy_type": policy_type, "versions": listed if policy_type else 7}
    data = {"mode": "data", "type": "alipolicy_policy_versions", "values": values}
    content["prior_state"] = {"values": {"root_module": {"resources": [data, 7]}}}
    assert codes(review(read_input(written(tmp_path, "plan.json", content)), at=AT)) == []


def test_a_fallback_version_that_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    default = in_state(READ, "v5", is_default=True)
    demoted = {**default, "set_as_default": False}
    report = of_plan(tmp_path, change(KIND, default, demoted), versions=[("v5", READ), ("v2", ADMIN)])
    assert not {"RV331", "RV531"} & set(codes(report))
