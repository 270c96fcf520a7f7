"""Who is protected, and since when: sources, gaps between backups, locks, and what is unknown about them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import html, markdown, text
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    backup_policy,
    backup_rule,
    change,
    codes,
    configuration,
    message,
    plan,
    replication,
    reviewed,
    transition,
    written,
)

DATA = Path(__file__).parents[1] / "data" / "review"
AT_OF_CASES = int(datetime(2026, 11, 28, 16, tzinfo=UTC).timestamp())
PROD = {"key": "env", "value": "prod", "operator": "EQUAL"}
TEAM = {"key": "team", "value": "a", "operator": "EQUAL"}


def of_case(name: str) -> Report:
    return review(read_input(DATA / name), at=AT_OF_CASES)


def tag(*filters: dict[str, Any], sources: Any = ("OSS",), **others: Any) -> dict[str, Any]:
    chosen = [{"source_type": source, **others} for source in sources]
    return {"rule_type": "TAG", "tag_filters": list(filters), "data_source_filters": chosen}


def of_rules(folder: Path, old: list[Any], new: list[Any], **others: Any) -> Report:
    rules = [backup_rule(), transition(30)]
    sides = [
        {"resource": {"alipolicy_backup_policy": {"p": backup_policy(*rules, *own), **beside}}}
        for own, beside in ((new, others), (old, {}))
    ]
    return reviewed(folder, *sides)


# ------------------------------------------------------------ sources


def test_one_filter_more_is_an_error() -> None:
    folder = DATA / "sources-narrowed"
    report = review(read_input(folder / "new.tf.json", folder / "old.tf.json"), at=AT)
    assert codes(report) == ["RV261"]
    assert report.fails(Level.ERROR)


def of(*accounts: Any, scope: str = "CROSS_ACCOUNT", role: str = "r") -> dict[str, Any]:
    names = ("cross_account_user_id", "cross_account_type", "cross_account_role_name")
    objects = [dict(zip(names, (account, "CROSS_ACCOUNT", role), strict=True)) for account in accounts]
    return {"account_scope": scope, "accounts": objects}


ANY_ENV = {"key": "env", "operator": "EQUAL"}
NOT_TEST = {"key": "env", "value": "test", "operator": "NOT"}
NARROWED: dict[str, tuple[list[Any], list[Any]]] = {
    "another value": ([tag(PROD)], [tag({**PROD, "value": "test"})]),
    "another key": ([tag(PROD)], [tag(TEAM)]),
    "another operator": ([tag(PROD)], [tag({**PROD, "operator": "NOT"})]),
    "a value where any was meant": ([tag(ANY_ENV)], [tag(PROD)]),
    "another source type": ([tag(PROD)], [tag(PROD, sources=["NAS"])]),
    "one source type less": ([tag(PROD, sources=["OSS", "NAS"])], [tag(PROD)]),
    "ids where all were meant": ([tag(PROD)], [tag(PROD, data_source_ids=["b"])]),
    "one id less": ([tag(PROD, data_source_ids=["a", "b"])], [tag(PROD, data_source_ids=["a"])]),
    "one account less": ([tag(PROD, **of(1, 2))], [tag(PROD, **of(1))]),
    "another account": ([tag(PROD, **of(1))], [tag(PROD, **of(2))]),
    "accounts where the scope alone was meant": ([tag(PROD, **of())], [tag(PROD, **of(1))]),
    "the scope alone where accounts were meant": ([tag(PROD, **of(1))], [tag(PROD, **of())]),
    "another scope": ([tag(PROD, **of(1))], [tag(PROD, **of(1, scope="OTHER"))]),
    "a scope where none was": ([tag(PROD)], [tag(PROD, **of(1))]),
    "no scope any more": ([tag(PROD, **of(1))], [tag(PROD)]),
    "another role": ([tag(PROD, **of(1))], [tag(PROD, **of(1, role="other"))]),
    "a scope that is unknown": ([tag(PROD, **of(1))], [tag(PROD, **of(1, scope="${var.a}"))]),
    "accounts that are unknown": ([tag(PROD, **of(1))], [tag(PROD, **of("${var.a}"))]),
    "no rule any more": ([tag(PROD)], []),
    "one of two rules": ([tag(PROD), tag(TEAM)], [tag(PROD)]),
    "split between two rules": ([tag(ANY_ENV)], [tag(PROD), tag(NOT_TEST)]),
}
STILL_CHOSEN: dict[str, tuple[list[Any], list[Any], bool]] = {
    "another order": ([tag(PROD, TEAM)], [tag(TEAM, PROD)], False),
    "one filter less": ([tag(PROD, TEAM)], [tag(PROD)], True),
    "any value": ([tag(PROD)], [tag(ANY_ENV)], True),
    "all values but another": ([tag(PROD)], [tag(NOT_TEST)], True),
    "any value of what was not one": ([tag(NOT_TEST)], [tag(ANY_ENV)], True),
    "one source type more": ([tag(PROD)], [tag(PROD, sources=["OSS", "NAS"])], True),
    "all where ids were meant": ([tag(PROD, data_source_ids=["b"])], [tag(PROD)], True),
    "one id more": ([tag(PROD, data_source_ids=["a"])], [tag(PROD, data_source_ids=["b", "a"])], True),
    "one account more": ([tag(PROD, **of(1))], [tag(PROD, **of(2, 1))], True),
    "the same accounts": ([tag(PROD, **of(1, 2))], [tag(PROD, **of(2, 1))], False),
    "other accounts in a rule of their own": ([tag(PROD)], [tag(PROD), tag(PROD, **of(1))], True),
    "another rule": ([tag(PROD)], [tag(TEAM), tag(PROD)], True),
    "a source type in a rule of its own": (
        [tag(PROD, sources=["OSS", "NAS"])],
        [tag(PROD), tag(PROD, sources=["NAS"])],
        False,
    ),
    "a rule that chose nothing more": ([tag(PROD), tag(PROD, TEAM)], [tag(PROD)], False),
}


@pytest.mark.parametrize(("old", "new"), NARROWED.values(), ids=NARROWED.keys())
def test_a_source_that_may_lose_its_protection_is_an_error(
    tmp_path: Path, old: list[Any], new: list[Any]
) -> None:
    report = of_rules(tmp_path, old, new)
    assert "RV261" in codes(report)


@pytest.mark.parametrize(("old", "new", "widens"), STILL_CHOSEN.values(), ids=STILL_CHOSEN.keys())
def test_what_is_chosen_still_is_no_error(
    tmp_path: Path, old: list[Any], new: list[Any], widens: bool
) -> None:
    report = of_rules(tmp_path, old, new)
    assert "RV261" not in codes(report)
    assert not report.fails(Level.ERROR)
    assert ("RV561" in codes(report)) is widens


@pytest.mark.parametrize(("days", "expected"), [(30, ["RV302"]), (7, ["RV204", "RV261"])])
def test_another_policy_counts_where_it_does_the_same(tmp_path: Path, days: int, expected: list[str]) -> None:
    other = backup_policy(backup_rule(), transition(days), tag(PROD), policy_name="other")
    report = of_rules(tmp_path, [tag(PROD)], [], q=other)
    assert [code for code in codes(report) if code < "RV5"] == expected


def test_another_policy_counts_where_the_same_provider_is_configured(tmp_path: Path) -> None:
    account = {"provider": {"alipolicy": {"account_id": "1", "region": "cn-hangzhou"}}}
    same = backup_rule(), transition(30)
    other = backup_policy(*same, tag(PROD), policy_name="other")
    old = configuration(alipolicy_backup_policy__p=backup_policy(*same, tag(PROD)))
    new = configuration(alipolicy_backup_policy__p=backup_policy(*same), alipolicy_backup_policy__q=other)
    report = reviewed(tmp_path, {**account, **new}, {**account, **old})
    assert [code for code in codes(report) if code < "RV5"] == ["RV302"]


def test_a_sensitive_filter_may_be_another_one(tmp_path: Path) -> None:
    old, new = (backup_policy(backup_rule(), transition(30), tag({**PROD, "value": at})) for at in "ab")
    marks = {"rules": [{}, {}, {"tag_filters": [{"value": True}]}]}
    path = written(
        tmp_path, "plan.json", plan(change("alicloud_hbr_policy", old, new, hidden=marks, sensitive=marks))
    )
    assert "RV261" in codes(review(read_input(path), at=AT))


# ------------------------------------------------------------ starts and gaps


def test_a_start_that_moves_to_2030_is_an_error_with_the_gap_and_its_dates() -> None:
    report = of_case("start-moved-to-2030.json")
    assert codes(report) == ["RV203"]
    assert message(report, "RV203") == (
        "the last backup on 2026-11-28 14:00, the next one on 2030-01-01 08:00: 1,130 days without a new one"
    )


def of_schedules(folder: Path, old: str, new: str, at: int = AT, days: int = 7) -> Report:
    sides = (
        configuration(hbr__a=backup_policy(backup_rule(schedule=schedule), transition(days)))
        for schedule in (new, old)
    )
    return reviewed(folder, *sides, at=at)


DAY = 86_400
MIDNIGHT = 1_648_605_600


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (f"I|{AT + 40 * DAY}|P1D", "RV203"),
        (f"I|{AT + 3 * DAY}|P1D", "RV203"),
        (f"I|{(AT + 40 * DAY)}|PT1H", "RV203"),
        ("C|99999999999|0 0 2 * * ?", "RV203"),
        (f"I|{200_000_000_000}|P1D", "RV203"),
        (f"I|{MIDNIGHT + 3600}|P1D", None),
        (f"I|{MIDNIGHT - 12 * 3600}|P1D", None),
    ],
)
def test_the_time_from_the_last_old_run_to_the_first_new_one_counts(
    tmp_path: Path, new: str, expected: str | None
) -> None:
    report = of_schedules(tmp_path, f"I|{MIDNIGHT}|P1D", new)
    found = [each for each in report.all_findings() if each.code == "RV203"]
    assert any("without a new one" in each.received or "none after" in each.received for each in found) is (
        expected is not None
    )


def test_a_gap_that_two_schedules_explain_is_a_note(tmp_path: Path) -> None:
    # Run at 10:00 each day; at 09:00 moved to 08:00.
    ten = 1_794_967_200
    report = of_schedules(tmp_path, f"I|{ten - 40 * DAY}|P1D", f"I|{ten - 2 * 3600 - DAY}|P1D", at=ten - 3600)
    assert codes(report) == ["RV562"]


def test_a_policy_that_had_not_begun_may_begin_later_by_a_little_only(tmp_path: Path) -> None:
    def is_gap_found(later: int) -> bool:
        begin = AT + 2 * DAY
        report = of_schedules(tmp_path, f"I|{begin}|P1D", f"I|{begin + later}|P1D")
        return any("no backup yet" in each.received for each in report.all_findings())

    assert not is_gap_found(3600)
    assert is_gap_found(90 * DAY)


def test_a_new_policy_whose_first_backup_is_far_off_is_a_warning(tmp_path: Path) -> None:
    rules = backup_rule(schedule=f"I|{AT + 400 * DAY}|P1D"), transition(30)
    report = reviewed(tmp_path, configuration(hbr__a=backup_policy(*rules)), configuration())
    assert codes(report) == ["RV361"]


@pytest.mark.parametrize(("start", "expected"), [(DAY, []), (DAY + 1, ["RV361"])])
def test_a_first_backup_after_one_interval_is_in_time(
    tmp_path: Path, start: int, expected: list[str]
) -> None:
    rules = backup_rule(schedule=f"I|{AT + start}|P1D"), transition(30)
    report = reviewed(tmp_path, configuration(hbr__a=backup_policy(*rules)), configuration())
    assert codes(report) == expected


def test_a_schedule_that_never_runs_is_an_error() -> None:
    report = of_case("never-runs.json")
    assert [each.code for each in report.all_findings()] == ["BP109"]
    assert report.fails(Level.ERROR)


# ------------------------------------------------------------ locks, copies, what is gone or unknown


def test_a_lock_that_is_switched_on_is_told_with_its_days() -> None:
    report = of_case("lock-switched-on.json")
    assert codes(report) == ["RV262"]
    assert "3,650 days" in message(report, "RV262")


def test_a_removed_policy_has_no_next_run_and_its_recovery_points_are_not_known(tmp_path: Path) -> None:
    old = configuration(hbr__a=backup_policy(backup_rule(), transition(30)))
    report = reviewed(tmp_path, configuration(), old)
    assert message(report, "RV207") == (
        "the policy is removed; what becomes of the recovery points that it has made is not documented"
    )
    for renderer in (text, markdown, html):
        assert "next:" not in renderer.render(report)


def test_a_retention_that_is_unknown_is_undecided_and_the_same_one_is_not(tmp_path: Path) -> None:
    def side(retention: Any, name: str) -> dict[str, Any]:
        policy = backup_policy(backup_rule(), transition(retention), policy_name=name)
        return {**configuration(hbr__a=policy), "data": {"a": {"b": {"name": "same"}}}}

    assert "RV263" in codes(reviewed(tmp_path, side("${data.a.b.c}", "n"), side(30, "n")))
    assert "RV263" not in codes(reviewed(tmp_path, side("${data.a.b.c}", "m"), side("${data.a.b.c}", "n")))


def test_a_region_that_becomes_unknown_may_be_lost(tmp_path: Path) -> None:
    sides = (
        configuration(hbr__a=backup_policy(backup_rule(), transition(30), replication(region)))
        for region in ("${data.a.b.region}", "cn-shanghai")
    )
    report = reviewed(tmp_path, *sides)
    assert message(report, "RV205") == "it is not known whether there are still copies in cn-shanghai"
