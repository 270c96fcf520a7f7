"""The review as a whole: what is paired, approved, acknowledged, and that it is the same every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import html, json_report, markdown, text
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    change,
    codes,
    configuration,
    document,
    message,
    only,
    plan,
    ram_policy,
    realistic,
    reviewed,
    transition,
    written,
)

NARROW, WIDE = allow("oss:GetObject"), allow("oss:*")


# ------------------------------------------------------------ pairing


def test_without_an_old_side_everything_counts_as_new(tmp_path: Path) -> None:
    report = reviewed(tmp_path, configuration(ram__a=ram_policy(WIDE)))
    assert only(report).action is Action.ADDED
    assert {"RV221", "RV322"} <= set(codes(report))
    assert "There is nothing to compare with" in report.assumptions[0]


def test_two_single_files_are_the_same_stack_whatever_they_are_called(tmp_path: Path) -> None:
    policy = configuration(ram__a=ram_policy(NARROW))
    old = written(tmp_path, "before/x.tf.json", policy)
    new = written(tmp_path, "after/y.tf.json", policy)
    assert only(review(read_input(new, old), at=AT)).action is Action.UNCHANGED


def test_stacks_of_two_folders_are_paired_by_name(tmp_path: Path) -> None:
    policy = configuration(ram__a=ram_policy(NARROW))
    old, new = cdktf_out(tmp_path / "old", one=policy), cdktf_out(tmp_path / "new", two=policy)
    report = review(read_input(new, old), at=AT)
    assert (only(report).stack, only(report).action) == ("two", Action.REPLACED)
    assert "RV332" in codes(report)


def test_a_moved_block_pairs_two_addresses(tmp_path: Path) -> None:
    moved = {"from": "alicloud_ram_policy.a", "to": "alicloud_ram_policy.b"}
    new = {**configuration(ram__b=ram_policy(NARROW)), "moved": [moved]}
    report = reviewed(tmp_path, new, configuration(ram__a=ram_policy(NARROW)))
    assert (only(report).action, only(report).old_address) == (Action.UNCHANGED, "alicloud_ram_policy.a")


def test_a_construct_that_changes_provider_is_one_resource_replaced(tmp_path: Path) -> None:
    comment = {"//": {"metadata": {"path": "access/reader"}}}
    body = ram_policy(NARROW, **comment)
    new = configuration(alipolicy_policy_version__a={**body, "set_as_default": True})
    report = reviewed(tmp_path, new, configuration(ram__a=body))
    assert only(report).action is Action.REPLACED
    # The policy goes with all its versions, and the new resource is one of them.
    assert codes(report) == ["RV222", "RV325", "RV332"]


@pytest.mark.parametrize("sides", [({}, {"policy_type": ""}), ({"policy_type": ""}, {})])
def test_a_type_that_a_module_leaves_empty_is_no_other(tmp_path: Path, sides: Any) -> None:
    rules = [backup_rule(), transition(30)]
    old, new = (backup_policy(*rules) | {"policy_type": None} | side for side in sides)
    report = reviewed(tmp_path, configuration(hbr__a=new), configuration(hbr__a=old))
    assert only(report).action is Action.UNCHANGED


# ------------------------------------------------------------ approval


def delta(report: Any) -> str:
    found = only(report).delta
    assert found is not None
    return str(found)


def change_of(tmp_path: Path, new: dict[str, Any], **arguments: Any) -> Any:
    return reviewed(
        tmp_path, configuration(ram__a=new), configuration(ram__a=ram_policy(NARROW)), **arguments
    )


def test_an_approved_change_fails_no_more(tmp_path: Path) -> None:
    before = change_of(tmp_path, ram_policy(WIDE))
    after = change_of(tmp_path, ram_policy(WIDE), approve=[delta(before)])
    assert before.fails(Level.ERROR)
    assert not after.fails(Level.NOTE)
    assert after.approvals == (delta(before),)
    assert only(after).is_approved


def test_only_what_is_approved_and_there_counts_as_approved(tmp_path: Path) -> None:
    others = {"ram__b": ram_policy(NARROW, policy_name="other")}
    sides = (
        configuration(ram__a=ram_policy(WIDE), ram__b=ram_policy(WIDE, policy_name="other")),
        configuration(ram__a=ram_policy(NARROW), **others),
    )
    deltas = [str(each.delta) for each in reviewed(tmp_path, *sides).resources()]
    report = reviewed(tmp_path, *sides, approve=[deltas[0], "0" * 32])
    assert report.approvals == (deltas[0],)


@pytest.mark.parametrize("fail_on_old", [True, False])
def test_that_old_findings_are_left_out_is_said(tmp_path: Path, *, fail_on_old: bool) -> None:
    same = configuration(ram__a=ram_policy(NARROW))
    report = reviewed(tmp_path, same, same, fail_on_old=fail_on_old)
    left_out = [line for line in report.assumptions if "are left out" in line]
    assert bool(left_out) is not fail_on_old


def test_a_delta_stays_when_only_the_spelling_changes(tmp_path: Path) -> None:
    other = json.dumps(
        {"Statement": [{"Resource": ["*"], "Action": ["oss:*"], "Effect": "Allow"}], "Version": "1"}, indent=4
    )
    first = change_of(tmp_path, ram_policy(WIDE))
    assert delta(change_of(tmp_path, ram_policy(WIDE, policy_document=other))) == delta(first)
    assert delta(change_of(tmp_path, ram_policy(WIDE), at=AT + 10**6, zone="Europe/Berlin")) == delta(first)
    assert delta(change_of(tmp_path, ram_policy(WIDE, tags={"a": "b"}))) == delta(first)


def test_a_delta_of_a_plan_does_not_depend_on_where_the_plan_was_written(tmp_path: Path) -> None:
    content = plan(change("alicloud_ram_policy", ram_policy(NARROW), ram_policy(WIDE), "update"))
    here, there = (
        review(read_input(written(tmp_path, name, content)), at=AT) for name in ("plan.json", "ci/run-7.json")
    )
    assert delta(here) == delta(there)


@pytest.mark.parametrize(
    "other",
    [
        ram_policy(allow("oss:Get*")),
        ram_policy(WIDE, rotate_strategy="None"),
        ram_policy(WIDE, policy_name="other"),
        ram_policy(allow("oss:*", Condition={"Bool": {"acs:MFAPresent": "true"}})),
    ],
)
def test_any_other_change_has_another_delta(tmp_path: Path, other: dict[str, Any]) -> None:
    approved = delta(change_of(tmp_path, ram_policy(WIDE)))
    report = change_of(tmp_path, other, approve=[approved])
    assert delta(report) != approved
    assert not only(report).is_approved
    assert message(report, "RV392") == repr(approved)


def test_an_approval_of_one_resource_is_none_of_another(tmp_path: Path) -> None:
    approved = delta(change_of(tmp_path, ram_policy(WIDE)))
    report = reviewed(
        tmp_path,
        configuration(ram__b=ram_policy(WIDE)),
        configuration(ram__b=ram_policy(NARROW)),
        approve=[approved],
    )
    assert report.fails(Level.ERROR)


def test_an_approval_does_not_fix_what_is_malformed(tmp_path: Path) -> None:
    first = change_of(tmp_path, ram_policy(WIDE, policy_name="no name"))
    again = change_of(tmp_path, ram_policy(WIDE, policy_name="no name"), approve=[delta(first)])
    assert [finding.code for finding in again.all_findings() if finding.is_open] == ["PV107"]


# ------------------------------------------------------------ acknowledgements


def acknowledged(reasons: dict[str, str]) -> dict[str, Any]:
    comment = {"//": {"alipolicy": {"acknowledge": reasons}}}
    return configuration(hbr__a=backup_policy(backup_rule(retention=3), **comment))


def test_an_acknowledged_finding_is_shown_with_its_reason(tmp_path: Path) -> None:
    report = reviewed(tmp_path, acknowledged({"BP309": "kept by the BACKUP rule"}))
    (finding,) = [finding for finding in report.all_findings() if finding.code == "BP309"]
    assert (finding.is_open, finding.reason) == (False, "kept by the BACKUP rule")
    assert [
        (acknowledgement.code, acknowledgement.findings) for acknowledgement in only(report).acknowledgements
    ] == [("BP309", 1)]
    assert not report.fails(Level.ERROR)


@pytest.mark.parametrize("code", ["BP203", "BP101", "RV201", "hello", ""])
def test_an_acknowledgement_that_sets_nothing_aside_is_a_finding(tmp_path: Path, code: str) -> None:
    report = reviewed(tmp_path, acknowledged({"BP309": "fine", code: "fine"}))
    assert message(report, "RV391") == f"a reason for {code}, which nothing reports"
    (finding,) = [finding for finding in report.all_findings() if finding.code == "RV391"]
    assert finding.location.pointer == "/resource/alicloud_hbr_policy/a/~1~1/alipolicy/acknowledge"
    assert finding.location.line > 1


def test_a_finding_that_was_there_before_is_not_new(tmp_path: Path) -> None:
    def policy(name: str) -> dict[str, Any]:
        return configuration(ram__a=ram_policy(NARROW, policy_name=name, rotate_strategy="None"))

    report = reviewed(tmp_path, policy("a name"), policy("reader"))
    assert {
        finding.code: finding.is_new for finding in report.all_findings() if not finding.is_about_change
    } == {
        "PV107": True,
        "PV304": False,
    }


@pytest.mark.parametrize("number", [2, 3, 10, 12])
def test_what_is_true_of_many_policies_is_told_once(tmp_path: Path, number: int) -> None:
    policies = {
        f"ram__p{each}": ram_policy(NARROW, policy_name=f"p{each}", rotate_strategy="None")
        for each in range(number)
    }
    policies["ram__q"] = ram_policy(NARROW, policy_name="q", rotate_strategy="Other")
    report = reviewed(tmp_path, configuration(**policies))
    (own,) = [each for each in report.resources() if each.name == "q"]
    assert own.findings
    assert own.findings == own.own_findings
    title = "The sixth version will be refused"
    for render in (text.render, markdown.render, html.render):
        assert render(report).count(title) == (1 if number > 2 else number)
    assert json_report.render(report).count('"PV304"') == number
    if report.common:
        received = report.common[0].received
        assert f"in {number} resources: alicloud_ram_policy.p0, " in received
        assert received.endswith(" and 2 more") if number == 12 else " more" not in received


def test_a_policy_that_stays_with_its_one_version_is_far_from_the_sixth(tmp_path: Path) -> None:
    def side() -> dict[str, Any]:
        return configuration(ram__a=ram_policy(NARROW, rotate_strategy="None"))

    def found(report: Report) -> bool:
        return "PV304" in [finding.code for finding in report.all_findings()]

    assert not found(reviewed(tmp_path, side(), side(), fail_on_old=True))
    staged = {"alipolicy_policy_version": {"b": ram_policy(NARROW, set_as_default=False)}}
    several = side()
    several["resource"] |= staged
    assert found(reviewed(tmp_path, several, several, fail_on_old=True))


def test_expressions_of_cdktf_are_no_finding(tmp_path: Path) -> None:
    text = document(allow("oss:*", "acs:oss:*:*:${alicloud_oss_bucket.b.id}"))
    report = reviewed(tmp_path, configuration(ram__a=ram_policy(policy_document=text)))
    assert "PV305" not in [finding.code for finding in report.all_findings()]


def test_a_review_of_a_plan_quotes_what_stands_there(tmp_path: Path) -> None:
    after = ram_policy(allow("oss:*", "acs:oss:*:*:${var.bucket}/*"), policy_name="team-${x}")
    report = reviewed(tmp_path, plan(change("alicloud_ram_policy", None, after, "create")))
    received = {finding.code: finding.received for finding in report.all_findings()}
    assert received["PV107"] == '"team-${x}"'
    assert received["PV305"] == '"acs:oss:*:*:${var.bucket}/*"'


def test_what_a_plan_does_not_know_yet_is_no_finding(tmp_path: Path) -> None:
    after = ram_policy(policy_document=None)
    unknown = {"policy_document": True}
    report = reviewed(tmp_path, plan(change("alicloud_ram_policy", None, after, "create", unknown=unknown)))
    assert "PV305" not in [finding.code for finding in report.all_findings()]


def test_what_terraform_fills_in_is_an_assumption(tmp_path: Path) -> None:
    def is_assumed(resource: str) -> bool:
        report = reviewed(tmp_path, configuration(ram__a=ram_policy(allow("oss:*", resource))))
        return any("the plan knows more" in sentence for sentence in report.assumptions)

    assert is_assumed("acs:oss:*:*:${var.bucket}")
    assert not is_assumed("acs:oss:*:*:$${acs:UserName}")


def test_another_provider_is_another_place(tmp_path: Path) -> None:
    report = change_of(tmp_path, ram_policy(NARROW, provider="alicloud.other"))
    assert only(report).action is Action.REPLACED
    assert only(report).differences[0][0].startswith("provider")


def test_modules_that_are_not_looked_into_are_named(tmp_path: Path) -> None:
    report = reviewed(tmp_path, {"module": {"a": {"source": "./a"}}})
    assert "calls modules, which are not looked into" in report.assumptions[0]


# ------------------------------------------------------------ the same every time


_PROGRAM = """
import sys
from pathlib import Path
from constructs_lib.review.render import github, html, json_report, junit, markdown, sarif, text
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.reviewing import review
report = review(read_input(Path("new"), Path("old")), at=1795000000, approve=["b", "a"])
for renderer in (text, markdown, html, sarif, junit, github, json_report):
    sys.stdout.buffer.write(renderer.render(report).encode())
"""


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for side in ("old", "new"):
        backups, access = realistic(is_new=side == "new")
        cdktf_out(tmp_path / side, backups=backups, access=access)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "COLUMNS": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("77", "Asia/Tokyo"))
    }
    assert len(outputs) == 1


# ------------------------------------------------------------ the zone


@pytest.mark.parametrize(("zone", "is_reported"), [("Europe/Berlin", True), ("Asia/Shanghai", False)])
def test_a_cron_time_that_the_clock_of_the_zone_skips_is_reported(
    tmp_path: Path, zone: str, is_reported: bool
) -> None:
    rule = backup_rule(schedule="C|1648605600|0 30 2 * * ?")
    report = reviewed(tmp_path, configuration(hbr__a=backup_policy(rule, transition(14))), zone=zone)
    for render in (text.render, markdown.render, html.render, json_report.render):
        assert ("skips on 2027-03-28" in " ".join(render(report).split())) is is_reported


# ------------------------------------------------------------ what the live API takes; the provider's region


def test_what_the_live_api_takes_is_a_warning_here_too(tmp_path: Path) -> None:
    report = reviewed(tmp_path, configuration(hbr__a=backup_policy(backup_rule(retention=3))))
    assert [finding.code for finding in report.all_findings() if finding.is_open] == ["BP309"]
    assert not report.fails(Level.ERROR)


@pytest.mark.parametrize(("region", "reported"), [("cn-shanghai", ["BP212"]), ("cn-hangzhou", [])])
def test_copies_in_the_region_of_the_provider(tmp_path: Path, region: str, reported: list[str]) -> None:
    copy = {"rule_type": "REPLICATION", "replication_region_id": "cn-shanghai", "retention": 30}
    rules = [backup_rule(), transition(30), copy]
    content = {**configuration(hbr__a=backup_policy(*rules)), "provider": {"alicloud": {"region": region}}}
    report = reviewed(tmp_path, content)
    assert [finding.code for finding in report.all_findings() if not finding.is_about_change] == reported


@pytest.mark.parametrize("source", [None, "", "a.py", ":7", "a.py:0", "a.py:x", "a.py:-1"])
def test_a_source_that_is_no_line_of_a_file_is_none(tmp_path: Path, source: str | None) -> None:
    resource = only(reviewed(tmp_path, configuration(ram__a=ram_policy(NARROW))))
    assert evolve(resource, source=source).python is None
    found = evolve(resource, source="a.py:7").python
    assert found is not None
    assert (found.file, found.line) == ("a.py", 7)


def test_what_changes_stands_before_what_stays(tmp_path: Path) -> None:
    resource = only(reviewed(tmp_path, configuration(ram__a=ram_policy(NARROW))))
    stays, changes = (evolve(resource, action=each) for each in (Action.UNCHANGED, Action.CHANGED))
    assert sorted([stays, changes], key=lambda each: each.order) == [changes, stays]
