"""What the review says of a change: one code for each thing that is lost, opened or worth a second look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.ram.access import Verdict
from constructs_lib.review.catalogue import CHANGES, level_of
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Action, Level
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    change,
    codes,
    configuration,
    document,
    message,
    only,
    plan,
    ram_policy,
    replication,
    reviewed,
    transition,
    written,
)

OPEN = allow("oss:GetObject", "acs:oss:*:*:a/*")
DENY = {"Effect": "Deny", "Action": "hbr:Delete*", "Resource": "*"}


def test_every_code_is_listed_once_and_explained() -> None:
    found = [change.code for change in CHANGES]
    assert found == sorted(set(found), key=found.index)
    assert len(set(found)) == len(found)
    for rule in CHANGES:
        assert rule.explanation.endswith(".")
        assert rule.source
        assert level_of(rule.code) is {"2": Level.ERROR, "3": Level.WARNING, "5": Level.NOTE}[rule.code[2]]


# ------------------------------------------------------------ backups


def of_backups(tmp_path: Path, new: list[Any], old: list[Any]) -> Any:
    return reviewed(
        tmp_path,
        configuration(hbr__a=backup_policy(*new)),
        configuration(hbr__a=backup_policy(*old)),
    )


def test_an_unknown_retention_that_stays_is_no_news(tmp_path: Path) -> None:
    def named(name: str) -> Any:
        body = backup_policy(backup_rule(), transition("${var.days}"), policy_name=name)
        return {**configuration(hbr__a=body), "variable": {"days": {"type": "number"}}}

    assert codes(reviewed(tmp_path, named("b"), named("a"))) == ["RV304", "RV304"]


def test_a_shorter_retention_names_the_points_that_go_and_the_promise_that_breaks(tmp_path: Path) -> None:
    report = of_backups(tmp_path, [backup_rule(), transition(7)], [backup_rule(), transition(30)])
    assert codes(report) == ["RV201", "RV202", "RV203"]
    assert message(report, "RV201") == "7 days for every backup, before 30 days"
    # Made daily at 10:00, with the change at 19:06: the 23 of day 8 to 30 go, the newest 7 later.
    assert message(report, "RV202").startswith(
        "30 backups that exist at the change are deleted sooner, 23 of them at once"
    )
    assert message(report, "RV203").endswith("up to 24 hours before, everything after")
    places = {finding.code: finding.location.pointer for finding in report.all_findings()}
    assert places["RV201"] == "/resource/alicloud_hbr_policy/a/rules/1/retention"


def test_a_longer_retention_is_nothing_to_look_at(tmp_path: Path) -> None:
    report = of_backups(tmp_path, [backup_rule(), transition(30)], [backup_rule(), transition(7)])
    assert codes(report) == []
    assert only(report).action is Action.CHANGED


def test_the_retention_of_a_backup_rule_counts_only_where_no_transition_overrides_it(tmp_path: Path) -> None:
    overridden = of_backups(
        tmp_path, [backup_rule(retention=3), transition(7)], [backup_rule(retention=5), transition(7)]
    )
    assert codes(overridden) == []
    alone = of_backups(tmp_path, [backup_rule(retention=3)], [backup_rule(retention=5)])
    assert "RV201" in codes(alone)


def test_an_advanced_retention_that_goes_is_a_shorter_one(tmp_path: Path) -> None:
    old, new = [backup_rule(), transition(7, yearly=730)], [backup_rule(), transition(7)]
    report = of_backups(tmp_path, new, old)
    assert message(report, "RV201") == (
        "no retention of its own for the first backup of each year, before 730 days"
    )


def test_a_backup_rule_that_goes_is_named(tmp_path: Path) -> None:
    weekly = backup_rule(schedule="C|0|0 0 2 ? * 1")
    report = of_backups(tmp_path, [weekly, transition()], [weekly, backup_rule(), transition()])
    assert message(report, "RV204") == "1 BACKUP rule, before 2"


def test_a_lost_replication_is_named_by_its_region(tmp_path: Path) -> None:
    old = [backup_rule(), transition(), replication("cn-shanghai"), replication("cn-beijing")]
    report = of_backups(tmp_path, [backup_rule(), transition(), replication("cn-beijing")], old)
    assert codes(report) == ["RV205"]
    assert message(report, "RV205") == "no copies in cn-shanghai any more"


def test_shorter_copies_are_a_shorter_retention(tmp_path: Path) -> None:
    old, new = ([backup_rule(), transition(), replication(retention=days)] for days in (30, 7))
    report = of_backups(tmp_path, new, old)
    assert codes(report) == ["RV201", "RV202", "RV203"]
    assert "copies that exist at the change" in message(report, "RV202")


def test_locked_backups_that_are_locked_no_more_are_an_error(tmp_path: Path) -> None:
    def rules(immutable: Any) -> list[Any]:
        return [{**backup_rule(immutable=immutable), "vault_id": None}, transition()]

    assert "RV206" in codes(of_backups(tmp_path, rules(False), rules(True)))
    assert codes(of_backups(tmp_path, rules("${var.lock}"), rules(True))) == ["RV241"]


def test_a_policy_that_terraform_destroys_is_an_error(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition())
    removed = reviewed(tmp_path, configuration(), configuration(hbr__a=policy))
    assert codes(removed) == ["RV207"]
    replaced = reviewed(
        tmp_path,
        configuration(hbr__a={**policy, "policy_type": "UDM_ECS_ONLY"}),
        configuration(hbr__a=policy),
    )
    assert only(replaced).action is Action.REPLACED
    assert codes(replaced) == ["RV207"]


def test_the_newest_backup_that_is_kept_no_more_is_a_warning(tmp_path: Path) -> None:
    old, new = ([backup_rule(keep_latest_snapshots=keep), transition()] for keep in (1, 0))
    assert "RV301" in codes(of_backups(tmp_path, new, old))


def test_other_filters_are_an_error_and_another_vault_is_a_warning(tmp_path: Path) -> None:
    def rules(value: str, vault: str) -> list[Any]:
        tag = {
            "rule_type": "TAG",
            "tag_filters": [{"key": "env", "value": value, "operator": "EQUAL"}],
            "data_source_filters": [{"source_type": "OSS"}],
        }
        return [backup_rule(vault_id=vault), transition(), tag]

    report = of_backups(tmp_path, rules("test", "v-2"), rules("prod", "v-1"))
    assert codes(report) == ["RV261", "RV303"]
    assert message(report, "RV303") == "v-2, before v-1"


def test_what_terraform_knows_only_later_is_reported_and_not_guessed(tmp_path: Path) -> None:
    report = of_backups(tmp_path, [backup_rule(), transition("${var.days}")], [backup_rule(), transition(30)])
    assert codes(report) == ["RV241", "RV263"]
    assert message(report, "RV263").startswith("in the new policy it is ")
    recovery = only(report).recovery
    assert recovery is not None
    assert recovery.points[0].is_unknown


def test_a_new_policy_shows_what_it_promises_and_is_no_loss(tmp_path: Path) -> None:
    report = reviewed(tmp_path, configuration(hbr__a=backup_policy(backup_rule(), transition())))
    resource = only(report)
    assert (resource.action, codes(report)) == (Action.ADDED, [])
    assert resource.recovery is not None
    assert [(step.older_than, step.after) for step in resource.recovery.points[0].steps] == [
        (0, 86_400),
        (6 * 86_400, None),
    ]


# ------------------------------------------------------------ access


def of_access(tmp_path: Path, new: list[Any], old: list[Any], **others: Any) -> Any:
    return reviewed(
        tmp_path,
        configuration(ram__a=ram_policy(*new, **others)),
        configuration(ram__a=ram_policy(*old)),
    )


def verdict(report: Any) -> Verdict:
    access = only(report).access
    assert access is not None
    return access.verdict


def test_a_critical_risk_is_an_error_and_a_high_one_a_warning(tmp_path: Path) -> None:
    report = of_access(tmp_path, [OPEN, allow(["hbr:DeleteVault", "kms:Decrypt"])], [OPEN])
    assert codes(report) == ["RV221", "RV321", "RV322", "RV522"]
    assert message(report, "RV221").startswith(
        "BAK01 Destroy backups: hbr:DeleteVault, such as hbr:DeleteVault on"
    )
    assert verdict(report) is Verdict.WIDER


def test_new_access_without_a_known_risk_is_a_warning(tmp_path: Path) -> None:
    assert codes(of_access(tmp_path, [OPEN, allow("oss:ListObjects")], [OPEN])) == ["RV322", "RV522"]


def test_access_that_is_lost_is_a_note(tmp_path: Path) -> None:
    report = of_access(tmp_path, [OPEN], [OPEN, allow("oss:ListObjects")])
    assert codes(report) == ["RV521", "RV522", "RV531"]
    assert verdict(report) is Verdict.NARROWER


def test_a_deny_that_changes_nothing_here_is_reported_for_other_policies(tmp_path: Path) -> None:
    report = of_access(tmp_path, [OPEN], [OPEN, DENY])
    assert codes(report) == ["RV323", "RV522"]
    assert verdict(report) is Verdict.EQUIVALENT


def test_another_text_of_the_same_access_is_a_note(tmp_path: Path) -> None:
    report = of_access(tmp_path, [allow(["oss:*", "oss:GetObject"])], [allow("oss:*")])
    assert codes(report) == ["RV522", "RV523"]


def test_another_order_is_no_change(tmp_path: Path) -> None:
    report = of_access(tmp_path, [allow(["oss:b", "oss:a"]), OPEN], [OPEN, allow(["oss:a", "oss:b"])])
    assert only(report).action is Action.UNCHANGED
    assert only(report).access is None


@pytest.mark.parametrize("text", ["${data.x.json}", '{"Version": "1", "Statement": ${var.s}}', "not JSON", 7])
def test_a_document_that_cannot_be_read_is_never_no_new_access(tmp_path: Path, text: Any) -> None:
    report = reviewed(
        tmp_path,
        configuration(ram__a=ram_policy(OPEN, policy_document=text)),
        configuration(ram__a=ram_policy(OPEN)),
    )
    assert "RV222" in codes(report)
    assert verdict(report) is Verdict.UNDECIDED
    assert report.fails(Level.ERROR)


def test_a_staged_version_is_reviewed_as_if_it_were_the_default(tmp_path: Path) -> None:
    def own(document_: str, default: bool) -> Any:
        body = {**ram_policy(OPEN), "policy_document": document_, "set_as_default": default}
        return configuration(alipolicy_policy_version__a=body)

    wide, narrow = document(OPEN, allow("hbr:DeleteVault")), document(OPEN)
    staged = reviewed(tmp_path, own(wide, False), own(narrow, False))
    assert "RV221" in codes(staged)
    assert "RV524" not in codes(staged)
    access = only(staged).access
    assert access is not None
    assert access.takes_effect is False
    assert {"RV222", "RV324"} <= set(codes(reviewed(tmp_path, own(wide, True), own(wide, False))))


def test_a_policy_that_goes_takes_its_access_along(tmp_path: Path) -> None:
    report = reviewed(tmp_path, configuration(), configuration(ram__a=ram_policy(OPEN, DENY)))
    assert codes(report) == ["RV323", "RV325", "RV521"]
    renamed = of_access(tmp_path, [OPEN], [OPEN], policy_name="other")
    assert (only(renamed).action, codes(renamed)) == (Action.REPLACED, ["RV325"])


# ------------------------------------------------------------ plans


def test_a_plan_says_what_is_created_anew(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition())
    path = written(
        tmp_path, "plan.json", plan(change("alicloud_hbr_policy", policy, policy, "delete", "create"))
    )
    report = review(read_input(path), at=AT)
    assert only(report).action is Action.REPLACED
    assert codes(report) == ["RV207"]


def test_a_plan_follows_what_has_moved(tmp_path: Path) -> None:
    policy = ram_policy(OPEN)
    moved = change("alicloud_ram_policy", policy, policy, "no-op", previous_address="alicloud_ram_policy.old")
    report = review(read_input(written(tmp_path, "plan.json", plan(moved))), at=AT)
    assert (only(report).action, only(report).old_address) == (Action.UNCHANGED, "alicloud_ram_policy.old")
