"""What a stack acknowledges, by attribute or under `//`: what it sets aside, how a change of it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import AlicloudProvider, AlipolicyProvider, BackupPolicy, BackupPolicyRule, cdktf
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import github, html, json_report, junit, markdown, sarif, text
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    change,
    codes,
    configuration,
    message,
    only,
    plan,
    ram_policy,
    reviewed,
)

REASON = "the rule has its own retention"
RULE = backup_rule(retention=3)


def lone(reasons: Any = None, **others: Any) -> dict[str, Any]:
    """A policy that BP309 is about."""
    given = {} if reasons is None else {"acknowledge": reasons}
    return backup_policy(RULE, **given, **others)


def files(reasons: Any = None, **top: Any) -> dict[str, Any]:
    return {**configuration(alipolicy_backup_policy__a=lone(reasons)), **top}


def planned(before: Any, after: Any, **marks: Any) -> dict[str, Any]:
    old, new = (None if side is None else {"acknowledge": None, **lone(), **side} for side in (before, after))
    action = "create" if before is None else "update"
    return plan(change("alipolicy_backup_policy", old, new, action, **marks))


def open_codes(report: Report) -> list[str]:
    return [finding.code for finding in report.all_findings() if finding.is_open]


# ------------------------------------------------------------ what it sets aside


def test_a_reason_of_the_attribute_sets_a_finding_aside(tmp_path: Path) -> None:
    for given in (files({"BP309": REASON}), planned(None, {"acknowledge": {"BP309": REASON}})):
        report = reviewed(tmp_path, given)
        (finding,) = [each for each in report.all_findings() if each.code == "BP309"]
        assert (finding.is_open, finding.reason) == (False, REASON)
        assert [(each.code, each.findings) for each in only(report).acknowledgements] == [("BP309", 1)]
        assert "RV391" not in codes(report)


@pytest.mark.parametrize("reasons", [None, {}, {"BP309": ""}, {"BP309": None}, {"BP309": 5}, "?", ["BP309"]])
def test_what_is_no_reason_sets_nothing_aside(tmp_path: Path, reasons: Any) -> None:
    assert "BP309" in open_codes(reviewed(tmp_path, files(reasons)))


def test_the_official_resource_has_no_such_attribute(tmp_path: Path) -> None:
    report = reviewed(tmp_path, configuration(hbr__a=lone({"BP309": REASON})))
    assert "BP309" in open_codes(report)


@pytest.mark.parametrize("kind", [AlicloudProvider, AlipolicyProvider])
def test_the_constructs_of_either_target_say_it(tmp_path: Path, kind: Any) -> None:
    app = cdktf.App(outdir=str(tmp_path / "cdktf.out"))
    stack = cdktf.TerraformStack(app, "backups")
    kind(stack, "provider")
    rules = [BackupPolicyRule.backup(schedule="I|1648605600|P1D", vault_id="v-1", retention=7)]
    reason = "100 %{ sure }, for ${var.days} days"
    BackupPolicy(stack, "lone", rules=rules, acknowledge={"BP309": reason})
    app.synth()
    report = review(read_input(tmp_path / "cdktf.out"), at=AT)
    assert open_codes(report) == []
    assert [each.reason for each in only(report).acknowledgements] == [reason]


def test_an_unused_reason_points_at_the_attribute(tmp_path: Path) -> None:
    report = reviewed(tmp_path, files({"BP309": REASON, "BP203": REASON, "RV201": REASON}))
    found = [finding for finding in report.all_findings() if finding.code == "RV391"]
    assert [finding.received[:18] for finding in found] == ["a reason for BP203", "a reason for RV201"]
    assert {finding.location.pointer for finding in found} == {
        "/resource/alipolicy_backup_policy/a/acknowledge"
    }


@pytest.mark.parametrize("code", ["BP212", "BP311", "PV304", "PV305", "PV310"])
def test_a_reason_for_what_only_a_synthesis_or_a_plan_tells_is_not_unused(tmp_path: Path, code: str) -> None:
    policy = lone({"BP309": REASON, code: REASON})
    version = ram_policy(allow("oss:Get*"), acknowledge={code: REASON})
    given = (
        {"alipolicy_backup_policy__a": policy} if code[0] == "B" else {"alipolicy_policy_version__a": version}
    )
    assert "RV391" not in codes(reviewed(tmp_path, configuration(**given)))


# ------------------------------------------------------------ what is not known


def test_a_reason_that_nobody_can_read_is_none(tmp_path: Path) -> None:
    secret = {"acknowledge": {"BP309": "hunter2"}}
    for mark in (True, {"BP309": True}):
        report = reviewed(tmp_path, planned({}, secret, sensitive={"acknowledge": mark}))
        assert "a sensitive value" in message(report, "RV543")
        for render in (text, markdown, html, json_report, sarif, github):
            assert "hunter2" not in render.render(report)
        assert "hunter2" not in junit.render(report, Level.NOTE)
    added = reviewed(tmp_path, planned(None, secret, sensitive={"acknowledge": True}))
    assert "BP309" in open_codes(added)
    assert "RV391" not in codes(added)


def test_an_expression_that_the_files_decide_is_a_reason(tmp_path: Path) -> None:
    report = reviewed(tmp_path, files({"BP309": "${local.why}"}, locals={"why": REASON}))
    assert [each.reason for each in only(report).acknowledgements] == [REASON]


@pytest.mark.parametrize("reasons", ["${var.reasons}", {"BP309": "${var.why}"}])
def test_an_expression_that_they_do_not_decide_is_none(tmp_path: Path, reasons: Any) -> None:
    report = reviewed(tmp_path, files(reasons, variable={"reasons": {}, "why": {}}))
    assert "BP309" in open_codes(report)
    assert "RV391" not in codes(report)


def test_another_expression_is_told_and_undecides_nothing(tmp_path: Path) -> None:
    old, new = (files({"BP309": "${var.why}"}, variable={"why": {"default": text}}) for text in ("a", "b"))
    assert message(reviewed(tmp_path, new, old), "RV543") == 'BP309: "a" → "b"'
    old, new = (files({"BP309": f"${{data.x.{name}.y}}"}) for name in ("one", "two"))
    report = reviewed(tmp_path, new, old)
    assert codes(report) == ["RV543"]
    assert message(report, "RV543") == 'BP309: "${data.x.one.y}" → "${data.x.two.y}"'


# ------------------------------------------------------------ a change of it

CHANGES: list[tuple[Any, Any, str]] = [
    (None, {"BP309": REASON}, f'BP309: not acknowledged → "{REASON}"'),
    ({"BP309": REASON}, None, f'BP309: "{REASON}" → not acknowledged'),
    ({"BP309": REASON}, {"BP309": "another"}, f'BP309: "{REASON}" → "another"'),
]


@pytest.mark.parametrize(("before", "after", "received"), CHANGES)
def test_a_change_of_files_is_named_and_changes_nothing_else(
    tmp_path: Path, before: Any, after: Any, received: str
) -> None:
    report = reviewed(tmp_path, files(after), files(before))
    assert [(each.code, each.received) for each in report.all_findings()] == [("RV543", received)]
    assert report.level is Level.NOTE
    assert only(report).recovery is None
    for render in (text, markdown, html, json_report, sarif):
        assert "RV543" in render.render(report)


@pytest.mark.parametrize(("before", "after", "received"), CHANGES)
def test_a_change_of_a_plan_is_named_and_changes_nothing_else(
    tmp_path: Path, before: Any, after: Any, received: str
) -> None:
    report = reviewed(tmp_path, planned({"acknowledge": before}, {"acknowledge": after}))
    assert message(report, "RV543") == received
    assert {"RV251", "RV263", "RV304"}.isdisjoint(codes(report))
    assert only(report).action is Action.CHANGED


def test_of_a_version_the_access_stays_the_same(tmp_path: Path) -> None:
    plain = {"acknowledge": None, "version_id": "v2", "is_default_version": True, "set_as_default": True}
    old, new = (
        {**ram_policy(allow("oss:Get*")), **plain, "acknowledge": each} for each in (None, {"PV304": "x"})
    )
    report = reviewed(tmp_path, plan(change("alipolicy_policy_version", old, new)))
    access = only(report).access
    assert access is not None
    assert not access.is_changed
    assert sorted(codes(report)) == ["RV543", "RV554"]


def test_a_reason_that_moves_from_the_comment_to_the_attribute_is_no_change(tmp_path: Path) -> None:
    comment = {"//": {"alipolicy": {"acknowledge": {"BP309": REASON}}}}
    old = configuration(alipolicy_backup_policy__a=lone(**comment))
    assert codes(reviewed(tmp_path, files({"BP309": REASON}), old)) == []


def test_what_is_ignored_stays(tmp_path: Path) -> None:
    ignored = {"lifecycle": {"ignore_changes": ["acknowledge"]}}
    old, new = (
        configuration(alipolicy_backup_policy__a=lone({"BP309": reason}, **ignored)) for reason in ("a", "b")
    )
    assert codes(reviewed(tmp_path, new, old)) == ["RV542"]


# ------------------------------------------------------------ PV304, counted


def staged(strategy: str | None, number: int) -> dict[str, Any]:
    return {
        "alipolicy_policy_version": {
            f"v{at}": ram_policy(
                allow(f"oss:Get{at}"), policy_name="readers", set_as_default=at == 0, rotate_strategy=strategy
            )
            for at in range(number)
        }
    }


@pytest.mark.parametrize("number", [1, 4, 5, 6])
def test_the_sixth_version_is_counted_where_it_is_known(tmp_path: Path, number: int) -> None:
    report = reviewed(tmp_path, {"resource": staged("None", number)}, {"resource": staged("None", 1)})
    assert open_codes(report).count("PV304") == (number - 1 if number > 5 else 0)
    rotating = {"resource": staged("DeleteOldestNonDefaultVersionWhenLimitExceeded", number)}
    assert "PV304" not in open_codes(reviewed(tmp_path, rotating, {"resource": staged("None", 1)}))


def test_the_versions_of_an_official_policy_are_not_counted(tmp_path: Path) -> None:
    old, new = (
        {"resource": {**staged(None, 5), "alicloud_ram_policy": {"p": body}}}
        for action in ("oss:Get*", "oss:List*")
        for body in [ram_policy(allow(action), policy_name="readers", rotate_strategy=None)]
    )
    found = [each.received for each in reviewed(tmp_path, new, old).all_findings() if each.code == "PV304"]
    assert found == ["nothing"]


def test_it_can_be_acknowledged(tmp_path: Path) -> None:
    given = staged(None, 6)
    for body in given["alipolicy_policy_version"].values():
        body["acknowledge"] = {"PV304": "old ones are deleted by hand"}
    report = reviewed(tmp_path, {"resource": given})
    assert "PV304" in [finding.code for finding in report.all_findings()]
    assert "PV304" not in open_codes(report)


def test_reasons_are_data_in_every_format(tmp_path: Path) -> None:
    hostile = '</td><script>alert(1)</script> | ## ::warning:: \u202e\u2028 ${x} "'
    for given in (
        planned(None, {"acknowledge": {"BP309": hostile}}),
        planned({}, {"acknowledge": {"BP309": hostile}}),
    ):
        report = reviewed(tmp_path, given)
        assert "<script>alert" not in html.render(report)
        assert json.loads(json_report.render(report))
        for render in (text, markdown, github):
            assert "\u202e" not in render.render(report)
