"""What is new: all that is said of a change, where there is an old side; and what is assumed of all of it."""

from __future__ import annotations

from pathlib import Path

from tests.review.configurations import (
    Json,
    allow,
    backup_policy,
    backup_rule,
    configuration,
    document,
    reviewed,
    transition,
)
from tests.review.test_sources import TYPES, binding, policy, side


def test_all_that_is_said_of_a_change_is_new_and_without_an_old_side_nobody_knows(tmp_path: Path) -> None:
    call = {"module": {"m": {"source": "some/where", "days": 7}}}
    old = side({"p": policy(30)}, {"a": binding()}, others=call)
    new = side({"p": policy(7)}, {}, others={"module": {"m": {"source": "some/where", "days": 8}}})
    findings = [each for each in reviewed(tmp_path, new, old).all_findings() if each.is_about_change]
    assert {"RV201", "RV254"} <= {each.code for each in findings}
    assert all(each.is_new is True for each in findings)
    alone = reviewed(tmp_path / "alone", new)
    assert all(each.is_new is None for each in alone.all_findings())


def test_an_approval_that_matches_nothing_is_new(tmp_path: Path) -> None:
    new, old = (configuration(hbr__a=policy(days)) for days in (7, 30))
    for before, expected in ((old, True), (None, None)):
        report = reviewed(tmp_path / str(expected), new, before, approve=["0" * 32])
        assert [each.is_new for each in report.findings if each.code == "RV392"] == [expected]


def test_what_is_no_longer_managed_has_no_edit(tmp_path: Path) -> None:
    removed = {"removed": [{"from": f"{TYPES[0]}.p", "lifecycle": {"destroy": False}}]}
    (resource,) = reviewed(tmp_path, removed, configuration(hbr__p=policy())).resources()
    assert resource.edits == ()


def test_what_all_policies_assume_is_said_once_for_all(tmp_path: Path) -> None:
    sides = (configuration(hbr__p=policy(days), hbr__q=policy(days, "q")) for days in (7, 30))
    report = reviewed(tmp_path, *sides)
    assumed = [set(resource.assumptions) for resource in report.resources()]
    assert assumed[0] & assumed[1] == assumed[0] & set(report.assumptions) != set()


def test_the_gravest_finding_of_a_resource_is_first(tmp_path: Path) -> None:
    parts = ((7, "w"), (30, "v"))
    given = (backup_policy(backup_rule(vault_id=vault), transition(days)) for days, vault in parts)
    report = reviewed(tmp_path, *(configuration(hbr__p=each) for each in given))
    ranks = [each.level.rank for each in next(report.resources()).findings]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) > 1


def test_what_is_set_aside_is_last_and_a_reason_that_matches_nothing_is_new(tmp_path: Path) -> None:
    ten, day = 1_794_967_200, 86_400
    reasons = {"acknowledge": {"BP309": "one rule", "BP203": "nothing"}}
    sides = (
        configuration(
            alipolicy_backup_policy__p=backup_policy(backup_rule(schedule=schedule, retention=3), **reasons)
        )
        for schedule in (f"I|{ten - 2 * 3600 - day}|P1D", f"I|{ten - 40 * day}|P1D")
    )
    findings = next(reviewed(tmp_path, *sides, at=ten - 3600).resources()).findings
    told = [(each.code, each.is_open, each.is_new) for each in findings]
    assert told == [("RV391", True, True), ("RV562", True, True), ("BP309", False, False)]


def version(action: str, *, is_default: bool) -> Json:
    return {"policy_name": "reader", "policy_document": document(allow(action)), "set_as_default": is_default}


def test_two_who_ask_to_be_the_default_version_are_news_where_there_is_an_old_side(tmp_path: Path) -> None:
    first, second = version("oss:GetObject", is_default=True), version("oss:ListObjects", is_default=True)
    old = configuration(alipolicy_policy_version__a=first)
    new = configuration(alipolicy_policy_version__a=first, alipolicy_policy_version__b=second)
    for before, expected in ((old, True), (None, None)):
        found = reviewed(tmp_path / str(expected), new, before).all_findings()
        assert [each.is_new for each in found if each.code == "RV223"] == [expected]


def test_a_staged_version_is_shown_beside_the_default_version(tmp_path: Path) -> None:
    default = version("oss:GetObject", is_default=True)
    staged = version("oss:PutObject", is_default=False)
    old = configuration(alipolicy_policy_version__a=default)
    new = configuration(alipolicy_policy_version__a=default, alipolicy_policy_version__b=staged)
    (added,) = (each for each in reviewed(tmp_path, new, old).resources() if each.address.endswith(".b"))
    (edit,) = (each for each in added.edits if each.title.startswith("Statement"))
    assert edit.title == "Statement[0]"
    values = [(value.name, value.before, value.after) for value in edit.values]
    assert ("Action", "oss:GetObject", "oss:PutObject") in values
