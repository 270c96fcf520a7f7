"""Every change of a plan is accounted for: reviewed, named as not judged, or counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from constructs_lib.review.command import FORMATS
from constructs_lib.review.command import review as command
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    change,
    codes,
    document,
    message,
    only,
    plan,
    ram_policy,
    transition,
    written,
)

DATA = Path(__file__).parents[1] / "data" / "review"
HBR, VERSION = "alicloud_hbr_policy", "alipolicy_policy_version"


def of_case(name: str, **arguments: Any) -> Report:
    return review(read_input(DATA / name), at=AT, **arguments)


def of_plan(folder: Path, *changes: dict[str, Any], arguments: Any = None, **others: Any) -> Report:
    content = {**plan(*changes), **others}
    return review(read_input(written(folder, "plan.json", content)), at=AT, **(arguments or {}))


def rendered(report: Report) -> str:
    names = {"json": "json_report"}
    modules = [import_module(f"constructs_lib.review.render.{names.get(each, each)}") for each in FORMATS]
    return "\n".join(module.render(report) for module in modules)


def is_clean(report: Report) -> bool:
    return not report.fails(Level.NOTE)


# ------------------------------------------------------------ sensitive


def test_an_update_of_a_sensitive_retention_is_undecided() -> None:
    report = of_case("plan-sensret.json")
    assert "RV251" in codes(report)
    assert message(report, "RV251") == "rules[1].retention is sensitive"
    assert report.fails(Level.ERROR)


def test_a_sensitive_retention_that_stays_is_no_change(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    marks = {"rules": [{}, {"retention": True}]}
    report = of_plan(tmp_path, change(HBR, policy, policy, "no-op", hidden=marks, sensitive=marks))
    assert is_clean(report)


@pytest.mark.parametrize(
    "marks", [{"hidden": True}, {"sensitive": True}, {"sensitive": "?"}, {"hidden": [1]}]
)
def test_a_resource_that_is_sensitive_as_a_whole_is_undecided(tmp_path: Path, marks: dict[str, Any]) -> None:
    old, new = ram_policy(allow("oss:Get*", "SECRET")), ram_policy(allow("oss:*", "SECRET"))
    report = of_plan(tmp_path, change(VERSION, old, new, **marks))
    assert report.fails(Level.ERROR)
    assert "SECRET" not in rendered(report)


@pytest.mark.parametrize("case", ["before-sensitive.json", "before-sensitive-true.json"])
def test_what_is_sensitive_on_either_side_is_printed_in_no_format(case: str) -> None:
    report = of_case(case)
    assert "SECRET" not in rendered(report)
    errors = {each.address for each in report.resources() if each.level is Level.ERROR}
    assert errors == {each.address for each in report.resources()}


@pytest.mark.parametrize("side", ["before", "after"])
def test_the_mark_of_one_side_hides_the_value_of_the_other(tmp_path: Path, side: str) -> None:
    old, new = (backup_policy(backup_rule(vault_id="SECRET"), transition(days)) for days in (30, 7))
    marks = {("hidden" if side == "before" else "sensitive"): {"rules": [{"vault_id": True}]}}
    report = of_plan(tmp_path, change(HBR, old, new, **marks))
    assert "SECRET" not in rendered(report)
    assert "RV251" in codes(report)


# ------------------------------------------------------------ what an update does not show


def test_an_update_that_shows_no_difference_is_undecided(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    report = of_plan(tmp_path, change(HBR, policy, policy, "update"))
    assert message(report, "RV251") == "no difference is shown"


@pytest.mark.parametrize(
    "make",
    [
        lambda policy: {**policy, "a_new_attribute": 1},
        lambda policy: {**policy, "rules": [{**policy["rules"][0], "new": True}, *policy["rules"][1:]]},
    ],
    ids=["of the policy", "of a rule"],
)
def test_an_attribute_that_nobody_knows_here_is_undecided(
    tmp_path: Path, make: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    assert "RV251" in codes(of_plan(tmp_path, change(HBR, policy, make(policy))))
    both = {**make(policy), "policy_description": "another"}
    assert "RV251" in codes(of_plan(tmp_path, change(HBR, policy, both)))


def test_what_neither_recovery_nor_access_depends_on_is_a_note(tmp_path: Path) -> None:
    policy = ram_policy(allow("oss:Get*"))
    report = of_plan(tmp_path, change("alicloud_ram_policy", policy, {**policy, "tags": {"a": "b"}}))
    assert "RV554" in codes(report)
    assert not report.fails(Level.ERROR)


def test_the_order_of_the_same_rules_stays_no_finding_whatever_their_ids_become(tmp_path: Path) -> None:
    rules = [{**backup_rule(), "rule_id": "a"}, {**transition(30), "rule_id": "b"}]
    later = {"rules": [{"rule_id": True}, {"rule_id": True}], "create_time": True}
    after = backup_policy(backup_rule(), transition(30), policy_description="another")
    report = of_plan(tmp_path, change(HBR, backup_policy(*rules), after, unknown=later))
    assert codes(report) == []


# ------------------------------------------------------------ not managed any more, untouched, drift


def test_what_is_forgotten_is_a_note() -> None:
    report = of_case("forget.json")
    assert codes(report) == ["RV541"]
    assert only(report).action is Action.FORGOTTEN
    assert only(report).recovery is None


def test_what_is_forgotten_and_made_anew_is_two_policies(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    report = of_plan(tmp_path, change(HBR, policy, policy, "forget", "create"))
    assert {each.action for each in report.resources()} == {Action.FORGOTTEN, Action.ADDED}


def test_old_findings_of_untouched_resources_fail_only_where_it_is_asked_for() -> None:
    assert is_clean(of_case("plan-untouched.json"))
    report = of_case("plan-untouched.json", fail_on_old=True)
    assert report.fails(Level.WARNING)
    arguments = [str(DATA / "plan-untouched.json"), "--at", "2026-11-29", "--fail-on", "warning"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert CliRunner().invoke(command, [*arguments, "--fail-on-old"]).exit_code == 1


def test_drift_that_the_plan_leaves_is_an_error_that_can_be_approved() -> None:
    report = of_case("plan-drift.json")
    assert message(report, "RV253") == "outside of Terraform, rules[1].retention: 14 → 3"
    delta = only(report).delta
    assert delta is not None
    assert not of_case("plan-drift.json", approve=[delta]).fails(Level.NOTE)


def test_drift_that_the_plan_changes_back_is_a_note(tmp_path: Path) -> None:
    old, new = (backup_policy(backup_rule(), transition(days)) for days in (30, 3))
    report = of_plan(tmp_path, change(HBR, new, old), resource_drift=[change(HBR, old, new)])
    assert "RV552" in codes(report)
    assert "RV253" not in codes(report)


def test_what_was_removed_by_hand_is_told_even_if_nothing_is_planned(tmp_path: Path) -> None:
    drift = change(HBR, backup_policy(backup_rule(), transition(3)), None, "delete")
    assert of_plan(tmp_path, resource_drift=[drift]).fails(Level.ERROR)
    drift = change("alicloud_hbr_policy_binding", {"policy_id": "p"}, None, "delete")
    assert of_plan(tmp_path, resource_drift=[drift]).fails(Level.ERROR)


def test_drift_of_what_the_service_computes_is_none(tmp_path: Path) -> None:
    policy = ram_policy(allow("oss:Get*"))
    drift = change("alicloud_ram_policy", policy, {**policy, "attachment_count": 2})
    report = of_plan(tmp_path, change("alicloud_ram_policy", policy, policy, "no-op"), resource_drift=[drift])
    assert is_clean(report)


# ------------------------------------------------------------ other resources


def test_a_binding_that_is_destroyed_ends_a_protection() -> None:
    report = of_case("binding-destroyed.json")
    assert codes(report) == ["RV254"]
    assert "bkt" in message(report, "RV254")
    delta = only(report).delta
    assert delta is not None
    assert not of_case("binding-destroyed.json", approve=[delta]).fails(Level.NOTE)


BINDING = {"policy_id": "po-1", "source_type": "OSS", "data_source_id": "b", "disabled": False}
ROLE = {"role_name": "r", "assume_role_policy_document": "{}"}
ATTACHMENT = {"policy_name": "P", "policy_type": "Custom", "user_name": "alice"}


@pytest.mark.parametrize(
    ("kind", "before", "after", "actions", "expected"),
    [
        ("alicloud_hbr_vault", {"vault_name": "v"}, None, ["delete"], "RV254"),
        ("alicloud_hbr_vault", {"a": 1}, {"a": 2}, ["delete", "create"], "RV254"),
        ("alicloud_hbr_ecs_backup_plan", {"disabled": False}, {"disabled": True}, ["update"], "RV254"),
        ("alicloud_hbr_oss_backup_plan", {"retention": 9}, {"retention": 2}, ["update"], "RV256"),
        ("alicloud_hbr_policy_binding", BINDING, {**BINDING, "disabled": True}, ["update"], "RV254"),
        ("alicloud_hbr_policy_binding", BINDING, {**BINDING, "policy_id": "x"}, ["update"], "RV256"),
        ("alicloud_ram_user_policy_attachment", None, ATTACHMENT, ["create"], "RV255"),
        ("alicloud_ram_user_policy_attachment", ATTACHMENT, None, ["delete"], "RV211"),
        ("alicloud_ram_role", ROLE, {**ROLE, "assume_role_policy_document": "?"}, ["update"], "RV256"),
        ("alicloud_ram_role", None, ROLE, ["create"], "RV256"),
        ("alicloud_ram_group_membership", {"a": 1}, {"a": 2}, ["update"], "RV256"),
        ("alicloud_oss_bucket_policy", {"policy": "a"}, {"policy": "b"}, ["update"], "RV256"),
        ("alicloud_oss_bucket", {"policy": ""}, {"policy": "b"}, ["update"], "RV256"),
        ("alipolicy_something_new", {"a": 1}, {"a": 2}, ["update"], "RV256"),
        ("alicloud_hbr_vault", {"a": 1}, {"a": 1}, ["update"], "RV256"),
        ("alicloud_hbr_vault", {"a": 1}, {"a": 2}, ["no-op"], "RV256"),
        ("alicloud_hbr_vault", {"description": "a"}, {"description": "b"}, ["update"], "RV555"),
        ("alicloud_hbr_vault", None, {"vault_name": "v"}, ["create"], "RV555"),
        ("alipolicy_backup_vault", {"vault_name": "v"}, None, ["delete"], "RV254"),
        ("alipolicy_backup_vault", {"vault_type": "a"}, {"vault_type": "b"}, ["update"], "RV254"),
        ("alipolicy_backup_vault", {"force_destroy": False}, {"force_destroy": True}, ["update"], "RV256"),
        ("alipolicy_backup_vault", {"vault_name": "a"}, {"vault_name": "b"}, ["update"], "RV555"),
        ("alipolicy_backup_vault", None, {"vault_name": "v"}, ["create"], "RV555"),
        ("alipolicy_backup_policy_binding", BINDING, {**BINDING, "disabled": True}, ["update"], "RV254"),
        ("alipolicy_backup_policy_binding", BINDING, None, ["delete"], "RV254"),
        ("alipolicy_backup_policy_binding", None, BINDING, ["create"], "RV555"),
        ("alicloud_hbr_policy_binding", None, BINDING, ["create"], "RV555"),
        ("alicloud_hbr_policy_binding", None, {**BINDING, "disabled": True}, ["create"], "RV256"),
        ("alicloud_hbr_policy_binding", BINDING, None, ["forget"], "RV541"),
        ("alicloud_oss_bucket", {"policy": "", "acl": "private"}, None, ["delete"], "RV551"),
        ("alicloud_instance", {"a": 1}, {"a": 2}, ["update"], "RV551"),
    ],
)
def test_a_change_of_another_resource_is_never_no_change(
    tmp_path: Path, kind: str, before: Any, after: Any, actions: list[str], expected: str
) -> None:
    report = of_plan(tmp_path, change(kind, before, after, *actions))
    assert codes(report) == [expected]
    assert report.fails(Level.ERROR) is (expected[2] == "2")


def test_a_hidden_change_of_another_resource_is_not_judged(tmp_path: Path) -> None:
    marks = {"disabled": True, "data_source_id": True}
    before, after = {**BINDING, "data_source_id": "SECRET"}, {**BINDING, "data_source_id": "SECRET2"}
    report = of_plan(
        tmp_path, change("alicloud_hbr_policy_binding", before, after, hidden=marks, sensitive={})
    )
    assert codes(report) == ["RV256"]
    assert "SECRET" not in rendered(report)


def test_an_attachment_names_who_and_what(tmp_path: Path) -> None:
    report = of_plan(tmp_path, change("alicloud_ram_user_policy_attachment", None, ATTACHMENT, "create"))
    assert message(report, "RV255").startswith('the user "alice" now has the policy "P" ("Custom")')


def test_other_resources_are_counted_in_one_line(tmp_path: Path) -> None:
    changes = [
        {**change("alicloud_instance", {}, {"a": 1}), "address": f"alicloud_instance.a[{index}]"}
        for index in range(3)
    ]
    report = of_plan(tmp_path, *changes)
    assert message(report, "RV551") == "3 changes, not judged: 3 alicloud_instance"
    assert "no change of a policy; 1 note" in rendered(report)


def test_a_data_source_that_is_read_is_no_change(tmp_path: Path) -> None:
    read = {**change("alicloud_ram_policies", None, {}, "read"), "mode": "data"}
    assert is_clean(of_plan(tmp_path, read))


# ------------------------------------------------------------ incomplete, unknown, contradictory


@pytest.mark.parametrize(
    "others",
    [
        {"complete": False},
        {"deferred_changes": [{"reason": "x", "resource_change": {"address": "alicloud_ram_policy.a"}}]},
        {"action_invocations": [{"address": "action.x.y"}]},
        {"deferred_action_invocations": [{"address": "action.x.y"}]},
        {"complete": "yes"},
    ],
)
def test_an_incomplete_plan_is_never_clean(tmp_path: Path, others: dict[str, Any]) -> None:
    report = of_plan(tmp_path, **others)
    assert codes(report) == ["RV252"]
    assert report.fails(Level.ERROR)


def test_what_is_absent_says_nothing(tmp_path: Path) -> None:
    assert is_clean(of_plan(tmp_path))
    assert is_clean(of_plan(tmp_path, applyable=False, complete=True, errored=False))


UPDATE = change(HBR, backup_policy(), backup_policy())


@pytest.mark.parametrize(
    "content",
    [
        {**plan(), "format_version": "2.0"},
        {**plan(), "format_version": None},
        {"resource_changes": []},
        {**plan(), "errored": "true"},
        plan({**UPDATE, "change": {**UPDATE["change"], "actions": ["explode"]}}),
        plan({**UPDATE, "change": {**UPDATE["change"], "actions": []}}),
        plan({**UPDATE, "change": {**UPDATE["change"], "actions": ["delete"]}}),
        plan(UPDATE, UPDATE),
        {**plan(), "resource_drift": 1},
    ],
)
def test_what_cannot_be_read_is_one_clear_line(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InputError):
        read_input(written(tmp_path, "plan.json", content))


def test_a_change_of_a_bucket_that_gives_nobody_access_is_counted(tmp_path: Path) -> None:
    before, after = ({"bucket": "b", "acl": "private", "tags": {"a": tag}} for tag in "12")
    changes = (change(kind, before, after) for kind in ("alicloud_oss_bucket", "alicloud_vpc"))
    report = of_plan(tmp_path, *changes)
    assert report.unrelated == 2
    assert message(report, "RV551") == "2 changes, not judged: 1 alicloud_oss_bucket, 1 alicloud_vpc"


def test_a_deposed_object_is_a_change_of_its_own(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    deposed = {**change(HBR, policy, None, "delete"), "deposed": "ab12"}
    report = of_plan(tmp_path, change(HBR, policy, policy, "no-op"), deposed)
    assert [(each.address, each.action) for each in report.resources()] == [
        (f"{HBR}.one (deposed ab12)", Action.REMOVED),
        (f"{HBR}.one", Action.UNCHANGED),
    ]


def test_what_a_plan_has_four_times_is_read_once(tmp_path: Path) -> None:
    version = {"version_id": "v1", "policy_document": document(allow("*")), "is_default_version": True}
    values = {"policy_name": "P", "versions": [version]}
    data = {"mode": "data", "type": "alipolicy_policy_versions", "address": "data.x.y", "values": values}
    managed = {"mode": "managed", "type": HBR, "address": f"{HBR}.x", "values": {}}
    state = {"values": {"root_module": {"resources": [managed, data]}}}
    content = {**plan(), "planned_values": {"root_module": {}}, "prior_state": state}
    given = read_input(written(tmp_path, "plan.json", content))
    assert given.old is not None
    assert [each.version_id for each in given.old.versions] == ["v1"]
    twice = json.dumps(content).replace('"root_module": {}', '"a": 1, "a": 2')
    with pytest.raises(InputError, match="the key 'a' twice"):
        read_input(written(tmp_path, "plan.json", twice))


@pytest.mark.parametrize("levels", [100, 400, 900, 5_000])
def test_what_is_nested_deeply_is_reviewed_or_one_clear_line(tmp_path: Path, levels: int) -> None:
    deep = "[" * levels + "]" * levels
    body = {"policy_name": "P", "set_as_default": True, "policy_document": f'{{"Statement": {deep}}}'}
    lists = json.dumps(plan(change(HBR, {}, {"rules": "deep"}))).replace('"deep"', deep)
    for content in ({"resource": {VERSION: {"v": body}}}, lists):
        done = CliRunner().invoke(command, [str(written(tmp_path, "deep.tf.json", content))])
        assert isinstance(done.exception, SystemExit)
        is_refused = done.exit_code == 2 and done.output.count("\n") == 1 and "too deeply" in done.output
        assert is_refused or done.exit_code == 1


def test_untouched_resources_are_read_at_ten_thousand_a_second_or_so(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    changes = [
        {
            **change(
                HBR, {**policy, "policy_name": f"p{index}"}, {**policy, "policy_name": f"p{index}"}, "no-op"
            )
        }
        for index in range(2_000)
    ]
    for index, each in enumerate(changes):
        each["address"] = f"{HBR}.one[{index}]"
    path = written(tmp_path, "plan.json", json.dumps(plan(*changes)))
    began = time.process_time()
    report = review(read_input(path), at=AT)
    assert report.actions[Action.UNCHANGED] == 2_000
    assert {each.location.line for each in report.resources()} == {1}
    assert time.process_time() - began < 2


MOVED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "alipolicy_policy": (
        "alicloud_ram_policy",
        {"policy_name": "p", "policy_document": document(allow("oss:Get*"))},
        {"policy_type": "Custom", "version_id": "v1", "default_version": "v1", "attachment_count": 3},
    ),
    "alipolicy_backup_vault": ("alicloud_hbr_vault", {"vault_name": "v"}, {"redundancy_type": "LRS"}),
}


@pytest.mark.parametrize("kind", MOVED)
def test_what_is_read_after_a_move_from_another_type_is_no_drift(tmp_path: Path, kind: str) -> None:
    """As a plan of Terraform 1.11 with the official provider 1.290.0 had it."""
    start, given, read = MOVED[kind]

    def codes_of(before: dict[str, Any], after: dict[str, Any], was: str) -> list[str]:
        drift = change(kind, before, after, "update", previous_address=was)
        kept = change(kind, after, after, "no-op", previous_address=was)
        content = {**plan(kept), "resource_drift": [drift]}
        return codes(review(read_input(written(tmp_path, "plan.json", content), None), at=AT))

    left = {**given, **dict.fromkeys(read)}
    assert codes_of(left, {**given, **read}, f"{start}.one") == []
    assert codes_of(left, {**given, **read}, f"{kind}.one") != []
    name = next(iter(given))
    assert codes_of({**left, name: "other"}, {**given, **read}, f"{start}.one") != []
