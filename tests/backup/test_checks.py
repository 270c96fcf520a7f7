"""Each finding code: reported where it should be, with its place, and silent where it should be."""

from __future__ import annotations

import datetime
import decimal
import random
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve

from constructs_lib import (
    AdvancedRetention,
    AdvancedRetentionType,
    BackupPolicyRule,
    BackupType,
    PolicyType,
    RuleType,
    Schedule,
    SourceType,
    TagFilter,
    TagOperator,
)
from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.recovery import simulate
from constructs_lib.backup.rule import DataSourceFilter
from constructs_lib.findings import Finding, Severity

DAILY = Schedule.every("P1D", start=1648647166)
BACKUP = BackupPolicyRule.backup(schedule=DAILY, vault_id="v-1")
TRANSITION = BackupPolicyRule.transition(retention=30)
REPLICATION = BackupPolicyRule.replication(replication_region_id="cn-shanghai", retention=7)
TAG = BackupPolicyRule.tag(source_types=[SourceType.OSS], tag_filters=[TagFilter(key="env", value="prod")])
LADDER = BackupPolicyRule.transition(
    retention=7,
    retention_rules=[
        AdvancedRetention(
            advanced_retention_type=AdvancedRetentionType.WEEKLY, retention=90, which_snapshot=1
        )
    ],
)
TOKEN = "${TfToken[TOKEN.7]}"
NUMBER_TOKEN = -8.10956221259138e298


class Lazy:
    """What a CDKTF `IResolvable` looks like from Python."""

    def resolve(self, context: Any) -> Any:
        raise AssertionError("a check must not resolve a token")


def policy(*rules: Any, **props: Any) -> BackupPolicyProps:
    return BackupPolicyProps(rules=list(rules), **props)


def findings(props: BackupPolicyProps, code: str) -> list[Finding]:
    return [finding for finding in check_backup_policy(props) if finding.code == code]


def paths(props: BackupPolicyProps, code: str) -> list[str]:
    return [finding.path for finding in findings(props, code)]


def silent(props: BackupPolicyProps) -> bool:
    return check_backup_policy(props) == []


def test_the_codes_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in CHECKS]
    assert codes == sorted(set(codes))


def test_every_check_says_why_it_exists_and_where_that_stands() -> None:
    assert all(rule.title and rule.source and len(rule.explanation) > 20 for rule in CHECKS)


def test_a_policy_that_is_fine_has_no_findings() -> None:
    assert silent(policy(BACKUP, LADDER, REPLICATION, TAG, policy_type=PolicyType.STANDARD))


def test_plain_words_are_as_good_as_enum_members() -> None:
    assert silent(
        policy(
            BackupPolicyRule(
                rule_type="BACKUP", schedule="I|0|P1D", backup_type="COMPLETE", retention=7, vault_id="v-1"
            ),
            BackupPolicyRule(rule_type="TRANSITION", retention=30),
            policy_type="STANDARD",
        )
    )


def test_all_findings_are_reported_at_once() -> None:
    wrong = policy(
        evolve(BACKUP, retention=-2, keep_latest_snapshots=3),
        evolve(TRANSITION, retention=364_636),
        policy_type="STANDART",
    )
    assert [finding.code for finding in check_backup_policy(wrong)] == ["BP101", "BP103", "BP103", "BP106"]


def test_a_finding_tells_place_value_allowed_and_next_step() -> None:
    (finding,) = findings(policy(BACKUP, evolve(TRANSITION, retention=0)), "BP103")
    assert finding.path == "rules[1].retention"
    assert finding.received == "0"
    assert finding.allowed == "1 to 364,635 days"
    assert finding.hint
    assert finding.severity is Severity.ERROR


# -- tokens


@pytest.mark.parametrize("token", [TOKEN, Lazy(), "${var.x}", "pre-${var.x}", "%{ if true }x%{ endif }"])
def test_texts_that_terraform_will_know_are_stepped_over(token: Any) -> None:
    rule = BackupPolicyRule(
        rule_type=RuleType.BACKUP,
        schedule=token,
        backup_type=token,
        vault_id=token,
        replication_region_id=token,
        retention=7,
    )
    assert silent(policy(rule, TRANSITION, policy_type=token, policy_name=token, policy_description=token))


@pytest.mark.parametrize("token", [NUMBER_TOKEN, Lazy()])
def test_numbers_that_terraform_will_know_are_stepped_over(token: Any) -> None:
    assert silent(
        policy(
            evolve(BACKUP, retention=token, keep_latest_snapshots=token),
            BackupPolicyRule.transition(
                retention=token,
                archive_days=token,
                retention_rules=[
                    AdvancedRetention(advanced_retention_type=TOKEN, retention=token, which_snapshot=token)
                ],
            ),
        )
    )


@pytest.mark.parametrize("token", [Lazy(), ["#{TfToken[TOKEN.2]}"]])
def test_lists_that_terraform_will_know_are_stepped_over(token: Any) -> None:
    assert silent(BackupPolicyProps(rules=token))
    assert silent(policy(BACKUP, evolve(TRANSITION, retention_rules=token)))
    assert silent(policy(BACKUP, TRANSITION, evolve(TAG, data_source_filters=token, tag_filters=token)))


def test_a_rule_that_terraform_will_know_is_stepped_over_and_not_counted() -> None:
    assert silent(policy(Lazy()))
    assert silent(policy(BACKUP, Lazy()))


def test_a_rule_of_unknown_type_may_be_the_missing_one() -> None:
    assert silent(policy(BackupPolicyRule(rule_type=TOKEN, retention=7, schedule="I|0|P1D")))


def test_the_policy_type_is_unknown_while_a_vault_is() -> None:
    ecs = BackupPolicyRule.tag(source_types=["UDM_ECS"], tag_filters=[TagFilter(key="env")])
    assert silent(policy(evolve(BACKUP, vault_id=TOKEN), TRANSITION, ecs))


def test_a_boolean_that_terraform_will_know_is_stepped_over() -> None:
    assert silent(policy(evolve(BACKUP, immutable=Lazy()), TRANSITION, policy_type="STANDARD"))


# -- 1xx


@pytest.mark.parametrize(
    "value",
    ["7", 7.5, 7.0, True, float("nan"), float("inf"), float("-inf"), decimal.Decimal(7), {7}, [7], b"7"],
)
def test_bp100_a_retention_that_is_no_whole_number(value: Any) -> None:
    assert paths(policy(evolve(BACKUP, retention=value), TRANSITION), "BP100") == ["rules[0].retention"]


@pytest.mark.parametrize(
    "value",
    [7, True, b"x", {"x"}, ["x"], datetime.datetime(2026, 1, 1), decimal.Decimal(1)],
)
def test_bp100_a_name_that_is_no_text(value: Any) -> None:
    assert paths(policy(BACKUP, TRANSITION, policy_name=value), "BP100") == ["policy_name"]


def test_bp100_a_whole_number_that_javascript_would_round() -> None:
    rule = evolve(BACKUP, keep_latest_snapshots=2**53 + 1)
    assert paths(policy(rule, TRANSITION), "BP100") == ["rules[0].keep_latest_snapshots"]


@pytest.mark.parametrize("value", [1, "true", 0])
def test_bp100_a_switch_that_is_no_boolean(value: Any) -> None:
    assert paths(policy(evolve(BACKUP, immutable=value), TRANSITION), "BP100") == ["rules[0].immutable"]


def test_bp100_a_schedule_that_is_neither_schedule_nor_text() -> None:
    assert paths(policy(evolve(BACKUP, schedule=3600), TRANSITION), "BP100") == ["rules[0].schedule"]  # type: ignore[arg-type]


def test_bp100_a_rule_that_is_a_dict() -> None:
    (finding,) = findings(policy(BACKUP, TRANSITION, {"rule_type": "TAG"}), "BP100")
    assert finding.path == "rules[2]"
    assert "BackupPolicyRule(…)" in finding.hint


def test_bp100_rules_that_are_no_list() -> None:
    assert paths(BackupPolicyProps(rules=BACKUP), "BP100") == ["rules"]  # type: ignore[arg-type]


def test_bp100_nested_values_of_the_wrong_type() -> None:
    nested = BackupPolicyRule(
        rule_type=RuleType.TAG,
        data_source_filters=[
            "OSS",  # type: ignore[list-item]
            DataSourceFilter(source_type=1, data_source_ids=[1]),  # type: ignore[arg-type, list-item]
        ],
        tag_filters=[TagFilter(key=None)],  # type: ignore[arg-type]
    )
    assert paths(policy(BACKUP, TRANSITION, nested), "BP100") == [
        "rules[2].data_source_filters[0]",
        "rules[2].data_source_filters[1].source_type",
        "rules[2].data_source_filters[1].data_source_ids[0]",
        "rules[2].tag_filters[0].key",
    ]


def test_bp101_words_that_the_api_does_not_list() -> None:
    wrong = policy(
        evolve(BACKUP, backup_type="FULL"),
        evolve(
            LADDER, retention_rules=[AdvancedRetention(advanced_retention_type="ANNUALLY", retention=730)]
        ),
        BackupPolicyRule.tag(source_types=["ECS"], tag_filters=[TagFilter(key="env", operator="EQUALS")]),
        BackupPolicyRule(rule_type="BACKUPS"),
        policy_type="STANDART",
    )
    assert paths(wrong, "BP101") == [
        "policy_type",
        "rules[0].backup_type",
        "rules[3].rule_type",
        "rules[1].retention_rules[0].advanced_retention_type",
        "rules[2].data_source_filters[0].source_type",
        "rules[2].tag_filters[0].operator",
    ]


def test_bp101_tells_the_nearest_word() -> None:
    (finding,) = findings(policy(BACKUP, TRANSITION, policy_type="standard"), "BP101")
    assert finding.hint == 'Did you mean "STANDARD"?'
    assert finding.allowed == "one of STANDARD, UDM_ECS_ONLY"


@pytest.mark.parametrize("backup_type", list(BackupType))
def test_bp101_knows_the_backup_types_of_the_live_api(backup_type: BackupType) -> None:
    assert silent(policy(evolve(BACKUP, backup_type=backup_type), TRANSITION))


@pytest.mark.parametrize("text", ["P1D", "I|x|P1D", "C|0|0 2 * * *", "I|0|", "X|0|P1D"])
def test_bp102_a_malformed_schedule(text: str) -> None:
    (finding,) = findings(policy(evolve(BACKUP, schedule=text), TRANSITION), "BP102")
    assert finding.path == "rules[0].schedule"
    assert text in finding.received


@pytest.mark.parametrize("days", [0, -2, 364_636])
@pytest.mark.parametrize("rule", [BACKUP, TRANSITION, REPLICATION])
def test_bp103_a_retention_out_of_range(rule: BackupPolicyRule, days: int) -> None:
    rules = [
        evolve(each, retention=days) if each is rule else each for each in (BACKUP, TRANSITION, REPLICATION)
    ]
    errors = [each for each in check_backup_policy(policy(*rules)) if each.severity is Severity.ERROR]
    if rule is BACKUP and days == 0:
        assert errors == [], "left out"
    else:
        assert [each.code for each in errors] == ["BP103"]


@pytest.mark.parametrize("rule", [BACKUP, TRANSITION, REPLICATION])
def test_bp213_says_what_minus_one_is(rule: BackupPolicyRule) -> None:
    given = [BACKUP, TRANSITION, REPLICATION]
    rules = [evolve(each, retention=-1) if each is rule else each for each in given]
    (finding,) = [each for each in check_backup_policy(policy(*rules)) if each.severity is Severity.ERROR]
    assert (finding.code, finding.path) == ("BP213", f"rules[{given.index(rule)}].retention")
    assert "364635" in finding.hint
    assert "-1 does is not documented" in finding.hint


def test_bp213_in_an_advanced_retention() -> None:
    rules = [AdvancedRetention(advanced_retention_type="YEARLY", retention=-1)]
    wrong = policy(BACKUP, evolve(TRANSITION, retention_rules=rules))
    errors = [each for each in check_backup_policy(wrong) if each.severity is Severity.ERROR]
    assert [(each.code, each.path) for each in errors] == [("BP213", "rules[1].retention_rules[0].retention")]


@pytest.mark.parametrize("days", [1, 364_635])
def test_bp103_takes_ends_of_the_range(days: int) -> None:
    assert findings(policy(BACKUP, evolve(TRANSITION, retention=days)), "BP103") == []


def test_bp104_an_advanced_retention_of_no_days() -> None:
    rules = [AdvancedRetention(advanced_retention_type="YEARLY", retention=0)]
    wrong = policy(BACKUP, evolve(TRANSITION, retention_rules=rules))
    assert paths(wrong, "BP104") == ["rules[1].retention_rules[0].retention"]


def test_bp105_another_snapshot_than_the_first() -> None:
    rules = [AdvancedRetention(advanced_retention_type="YEARLY", retention=730, which_snapshot=2)]
    wrong = policy(BACKUP, evolve(TRANSITION, retention_rules=rules))
    assert paths(wrong, "BP105") == ["rules[1].retention_rules[0].which_snapshot"]


@pytest.mark.parametrize("value", [2, -1])
def test_bp106_a_number_of_snapshots_to_keep(value: int) -> None:
    wrong = policy(evolve(BACKUP, keep_latest_snapshots=value), TRANSITION)
    assert paths(wrong, "BP106") == ["rules[0].keep_latest_snapshots"]


@pytest.mark.parametrize("value", [0, 1])
def test_bp106_takes_off_and_on(value: int) -> None:
    assert silent(policy(evolve(BACKUP, keep_latest_snapshots=value), TRANSITION))


@pytest.mark.parametrize("rules", [None, []])
def test_bp107_no_rules(rules: Any) -> None:
    assert [finding.code for finding in check_backup_policy(BackupPolicyProps(rules=rules))] == ["BP107"]


def test_bp107_more_than_ten_rules() -> None:
    assert paths(policy(BACKUP, TRANSITION, *[TAG] * 9), "BP107") == ["rules"]
    assert silent(policy(BACKUP, TRANSITION, *[TAG] * 8))


def test_bp108_more_than_99_retention_rules() -> None:
    many = [AdvancedRetention(advanced_retention_type="WEEKLY", retention=90)] * 100
    assert paths(policy(BACKUP, evolve(LADDER, retention_rules=many)), "BP108") == [
        "rules[1].retention_rules"
    ]
    assert findings(policy(BACKUP, evolve(LADDER, retention_rules=many[:99])), "BP108") == []


@pytest.mark.parametrize(
    ("schedule", "never"),
    [
        ("C|0|0 0 2 30 2 ?", True),
        ("C|1767196800|0 0 2 * * ? 2020-2024", True),
        ("C|99999999999|0 0 2 * * ?", True),
        ("C|0|0 0 2 29 2 ?", False),
        ("C|1767196800|0 0 2 * * ? 2020-2026", False),
        ("C|1767196800|* * * * * ?", False),
        ("I|253402214399|P1D", False),
    ],
)
def test_bp109_a_schedule_that_never_runs(schedule: str, never: bool) -> None:
    expected = ["rules[0].schedule"] if never else []
    assert paths(policy(evolve(BACKUP, schedule=schedule), TRANSITION), "BP109") == expected


# -- 2xx


def test_bp201_no_backup_rule() -> None:
    assert paths(policy(TRANSITION), "BP201") == ["rules"]


def test_bp202_no_transition_rule() -> None:
    (finding,) = findings(policy(REPLICATION), "BP202")
    assert finding.received == "none"


def test_bp202_two_transition_rules() -> None:
    (finding,) = findings(policy(BACKUP, TRANSITION, TRANSITION), "BP202")
    assert finding.received == "2"


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        (TRANSITION, "schedule", DAILY),
        (TRANSITION, "vault_id", "v-1"),
        (REPLICATION, "schedule", DAILY),
        (TAG, "retention", 7),
        (TAG, "archive_days", 30),
        (BACKUP, "retention_rules", LADDER.retention_rules),
        (REPLICATION, "tag_filters", [TagFilter(key="env")]),
        (REPLICATION, "data_source_filters", [DataSourceFilter(source_type="OSS")]),
        (REPLICATION, "retention_rules", LADDER.retention_rules),
    ],
)
def test_bp203_a_field_of_another_rule_type(rule: BackupPolicyRule, name: str, value: Any) -> None:
    wrong = policy(BACKUP, evolve(rule, **{name: value}))
    assert paths(wrong, "BP203") == [f"rules[1].{name}"]


@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("schedule", ""),
        ("vault_id", ""),
        ("tag_filters", []),
        ("tag_filters", ()),
        ("replication_region_id", TOKEN),
        ("backup_type", ""),
    ],
)
def test_bp203_is_silent_on_what_the_api_takes_as_left_out_and_on_tokens(name: str, empty: Any) -> None:
    assert silent(policy(BACKUP, evolve(TRANSITION, **{name: empty})))


@pytest.mark.parametrize("rule", [BACKUP, TRANSITION, REPLICATION, TAG])
def test_bp203_ties_the_switches_to_no_rule_type(rule: BackupPolicyRule) -> None:
    switched = evolve(rule, keep_latest_snapshots=1, immutable=False)
    assert findings(policy(switched), "BP203") == []


@pytest.mark.parametrize(
    ("rule", "missing"),
    [
        (evolve(BACKUP, schedule=None), "schedule"),
        (evolve(BACKUP, schedule=""), "schedule"),
        (evolve(BACKUP, backup_type=None), "backup_type"),
        (evolve(BACKUP, vault_id=None), "vault_id"),
        (evolve(BACKUP, vault_id=""), "vault_id"),
        (evolve(TRANSITION, retention=None), "retention"),
        (evolve(REPLICATION, replication_region_id=""), "replication_region_id"),
        (evolve(REPLICATION, retention=None), "retention"),
        (evolve(TAG, data_source_filters=[]), "data_source_filters"),
        (evolve(TAG, tag_filters=None), "tag_filters"),
    ],
)
def test_bp204_a_missing_field(rule: BackupPolicyRule, missing: str) -> None:
    wrong = policy(rule, policy_type=PolicyType.STANDARD)
    assert f"rules[0].{missing}" in paths(wrong, "BP204")
    assert rule.rule_type != RuleType.BACKUP or paths(
        policy(rule, TRANSITION, policy_type="STANDARD"), "BP204"
    )


def test_bp204_a_backup_rule_needs_a_retention_unless_a_transition_rule_has_it() -> None:
    assert paths(policy(BACKUP), "BP204") == ["rules[0].retention"]
    assert paths(policy(BACKUP, TRANSITION), "BP204") == []
    assert paths(policy(evolve(BACKUP, retention=7)), "BP204") == []
    for nothing in (None, 0):
        (finding,) = check_backup_policy(policy(evolve(BACKUP, retention=nothing)))
        assert (finding.code, finding.path) == ("BP204", "rules[0].retention"), "one cause, one finding"


def test_bp204_a_policy_for_ecs_instances_needs_no_vault() -> None:
    assert silent(policy(evolve(BACKUP, vault_id=None), TRANSITION, policy_type=PolicyType.UDM_ECS_ONLY))
    assert silent(policy(evolve(BACKUP, vault_id=None), TRANSITION))


@pytest.mark.parametrize("source_type", [SourceType.OSS, SourceType.NAS, SourceType.ECS_FILE, SourceType.OTS])
def test_bp205_a_source_type_of_a_standard_policy_in_one_for_ecs_instances(source_type: SourceType) -> None:
    tag = BackupPolicyRule.tag(source_types=[source_type], tag_filters=[TagFilter(key="env")])
    ecs = policy(evolve(BACKUP, vault_id=None), TRANSITION, tag, policy_type=PolicyType.UDM_ECS_ONLY)
    assert paths(ecs, "BP205") == ["rules[2].data_source_filters[0].source_type"]
    assert silent(policy(BACKUP, TRANSITION, tag))


def test_bp205_an_ecs_source_in_a_standard_policy() -> None:
    tag = BackupPolicyRule.tag(source_types=[SourceType.UDM_ECS], tag_filters=[TagFilter(key="env")])
    assert paths(policy(BACKUP, TRANSITION, tag), "BP205") == ["rules[2].data_source_filters[0].source_type"]


def test_bp206_immutable_in_a_standard_policy() -> None:
    assert paths(policy(evolve(BACKUP, immutable=True), TRANSITION), "BP206") == ["rules[0].immutable"]
    assert silent(policy(evolve(BACKUP, immutable=False), TRANSITION))
    assert silent(policy(evolve(BACKUP, immutable=True, vault_id=None), TRANSITION))


def test_bp207_two_vaults() -> None:
    assert paths(
        policy(BACKUP, evolve(BACKUP, schedule="C|0|0 0 2 * * ?", vault_id="v-2"), TRANSITION), "BP207"
    )
    assert silent(policy(BACKUP, evolve(BACKUP, schedule="C|0|0 0 2 * * ?"), TRANSITION))


def test_bp208_two_schedules_with_a_fixed_interval() -> None:
    hourly = evolve(BACKUP, schedule="I|0|PT1H")
    (finding,) = findings(policy(BACKUP, hourly, TRANSITION), "BP208")
    assert finding.received == "I|1648647166|P1D, I|0|PT1H"
    assert findings(policy(BACKUP, evolve(hourly, backup_type=TOKEN), TRANSITION), "BP208") == []
    incremental = evolve(hourly, backup_type="INCREMENTAL")
    assert findings(policy(BACKUP, incremental, incremental, TRANSITION), "BP208")


def test_bp209_a_vault_in_a_policy_for_ecs_instances() -> None:
    assert paths(policy(BACKUP, TRANSITION, policy_type="UDM_ECS_ONLY"), "BP209") == ["rules[0].vault_id"]


@pytest.mark.parametrize(("retention", "archive_days"), [(365, 29), (365, 306), (89, 30)])
def test_bp210_too_short_for_the_archive(retention: int, archive_days: int) -> None:
    rule = BackupPolicyRule.transition(retention=retention, archive_days=archive_days)
    assert paths(policy(BACKUP, rule), "BP210") == ["rules[1].archive_days"]


@pytest.mark.parametrize(("retention", "archive_days"), [(365, 305), (90, 30), (30, 0)])
def test_bp210_takes_what_is_long_enough(retention: int, archive_days: int) -> None:
    rule = BackupPolicyRule.transition(retention=retention, archive_days=archive_days)
    assert silent(policy(BACKUP, rule))


def test_bp210_counts_the_longest_that_backups_are_kept() -> None:
    assert silent(policy(BACKUP, evolve(first_kept(7, weekly=40, monthly=400, yearly=2555), archive_days=30)))
    (finding,) = findings(policy(BACKUP, evolve(first_kept(7, weekly=80), archive_days=30)), "BP210")
    assert finding.allowed.endswith("the longest retention of 80")
    unknown = evolve(first_kept(7, yearly=NUMBER_TOKEN), archive_days=30)
    assert findings(policy(BACKUP, unknown), "BP210") == []


@pytest.mark.parametrize("rule", [BACKUP, REPLICATION, TAG])
def test_bp210_zero_days_means_never_in_every_rule(rule: BackupPolicyRule) -> None:
    rules = [BACKUP, TRANSITION] if rule is BACKUP else [BACKUP, TRANSITION, rule]
    assert silent(policy(*(evolve(each, archive_days=0) for each in rules)))


# -- 3xx


def test_bp301_a_cron_expression_that_not_every_engine_takes() -> None:
    (finding,) = findings(policy(evolve(BACKUP, schedule="C|0|0 0 2 * * *"), TRANSITION), "BP301")
    assert finding.path == "rules[0].schedule"
    assert finding.severity is Severity.WARNING


def test_bp302_an_interval_of_weeks() -> None:
    assert paths(policy(evolve(BACKUP, schedule="I|0|P1W"), TRANSITION), "BP302") == ["rules[0].schedule"]
    assert silent(policy(evolve(BACKUP, schedule="I|0|PT12H"), TRANSITION))


WEEKLY = "C|0|0 0 2 ? * 6"


def test_bp303_backups_that_expire_before_the_next_one() -> None:
    wrong = policy(evolve(BACKUP, schedule=WEEKLY), evolve(TRANSITION, retention=6))
    (finding,) = findings(wrong, "BP303")
    assert finding.path == "rules[1].retention"
    assert finding.allowed.startswith("at least 7 days")
    assert silent(policy(evolve(BACKUP, schedule=WEEKLY), evolve(TRANSITION, retention=7)))


def test_bp303_the_newest_backup_may_be_kept() -> None:
    kept = evolve(BACKUP, schedule=WEEKLY, keep_latest_snapshots=1)
    assert silent(policy(kept, evolve(TRANSITION, retention=5)))
    maybe = evolve(BACKUP, schedule=WEEKLY, keep_latest_snapshots=Lazy())
    assert silent(policy(maybe, evolve(TRANSITION, retention=5)))
    off = evolve(BACKUP, schedule=WEEKLY, keep_latest_snapshots=0)
    assert paths(policy(off, evolve(TRANSITION, retention=5)), "BP303") == ["rules[1].retention"]


@pytest.mark.parametrize(
    ("period", "days", "reported"),
    [
        ("WEEKLY", 13, True),
        ("WEEKLY", 14, False),
        ("MONTHLY", 37, True),
        ("MONTHLY", 38, False),
        ("YEARLY", 372, True),
        ("YEARLY", 373, False),
    ],
)
def test_bp303_an_advanced_retention_may_bridge_the_gap(period: str, days: int, reported: bool) -> None:
    rule = AdvancedRetention(advanced_retention_type=period, retention=days)
    ladder = BackupPolicyRule.transition(retention=3, retention_rules=[rule])
    assert bool(findings(policy(evolve(BACKUP, schedule=WEEKLY), ladder), "BP303")) is reported


def test_bp303_counts_the_backup_rules_own_retention_where_nothing_overrides_it() -> None:
    wrong = policy(evolve(BACKUP, schedule=WEEKLY, retention=5))
    assert paths(wrong, "BP303") == ["rules[0].retention"]


def test_bp303_counts_the_densest_of_several_schedules() -> None:
    monthly = evolve(BACKUP, schedule="C|0|0 0 2 1 * ?")
    wrong = policy(evolve(BACKUP, schedule=WEEKLY), monthly, evolve(TRANSITION, retention=5))
    (finding,) = findings(wrong, "BP303")
    assert finding.allowed.startswith("at least 7 days")
    assert silent(policy(evolve(BACKUP, schedule=WEEKLY), monthly, evolve(TRANSITION, retention=7)))
    assert (
        findings(policy(evolve(BACKUP, schedule=TOKEN), monthly, evolve(TRANSITION, retention=5)), "BP303")
        == []
    )


def test_bp303_a_copy_that_is_kept_is_no_backup() -> None:
    kept = evolve(REPLICATION, keep_latest_snapshots=1)
    wrong = policy(evolve(BACKUP, schedule=WEEKLY), evolve(TRANSITION, retention=5), kept)
    assert paths(wrong, "BP303") == ["rules[1].retention"]


def test_bp303_is_silent_where_two_rules_say_how_long() -> None:
    short = evolve(TRANSITION, retention=5)
    assert findings(policy(evolve(BACKUP, schedule=WEEKLY), short, short), "BP303") == []


def test_bp304_leaves_what_is_out_of_range_to_bp104() -> None:
    rule = AdvancedRetention(advanced_retention_type="WEEKLY", retention=0)
    assert (
        findings(policy(BACKUP, BackupPolicyRule.transition(retention=30, retention_rules=[rule])), "BP304")
        == []
    )


def test_bp304_an_advanced_retention_that_does_nothing() -> None:
    rule = AdvancedRetention(advanced_retention_type="WEEKLY", retention=30)
    wrong = policy(BACKUP, BackupPolicyRule.transition(retention=30, retention_rules=[rule]))
    assert paths(wrong, "BP304") == ["rules[1].retention_rules[0].retention"]
    assert silent(policy(BACKUP, BackupPolicyRule.transition(retention=29, retention_rules=[rule])))


def test_bp305_a_transition_rule_that_shortens() -> None:
    assert paths(policy(evolve(BACKUP, retention=31), TRANSITION), "BP305") == ["rules[1].retention"]
    assert silent(policy(evolve(BACKUP, retention=30), TRANSITION))


def test_bp306_deprecated_ids() -> None:
    sources = [DataSourceFilter(source_type="OSS", data_source_ids=["ds-1"])]
    wrong = policy(BACKUP, TRANSITION, evolve(TAG, data_source_filters=sources))
    assert paths(wrong, "BP306") == ["rules[2].data_source_filters[0].data_source_ids"]


@pytest.mark.parametrize("ids", [Lazy(), [], None])
def test_bp306_is_quiet_about_what_may_be_left_out(ids: Any) -> None:
    sources = [DataSourceFilter(source_type="OSS", data_source_ids=ids)]
    assert silent(policy(BACKUP, TRANSITION, evolve(TAG, data_source_filters=sources)))


def first_kept(retention: Any = 7, **firsts: Any) -> BackupPolicyRule:
    return BackupPolicyRule.transition(
        retention=retention,
        retention_rules=[
            AdvancedRetention(advanced_retention_type=period.upper(), retention=days)
            for period, days in firsts.items()
        ],
    )


HOURLY = evolve(BACKUP, schedule=Schedule.every("PT1H", start=1648647166))


@pytest.mark.parametrize(
    ("backup", "transition", "received", "allowed"),
    [
        (BACKUP, first_kept(yearly=730), "366 days", "up to 25 days: those kept 7 days are 24 hours apart"),
        (BACKUP, first_kept(monthly=90), "31 days", "up to 25 days"),
        (HOURLY, first_kept(weekly=60), "7 days", "up to 25 hours: those kept 7 days are 1 hour apart"),
        (HOURLY, first_kept(daily=30, yearly=730), "366 days", "those kept 30 days are 24 hours apart"),
        (BACKUP, first_kept(weekly=20, yearly=730), "366 days", "up to 175 days: those kept 20 days"),
    ],
)
def test_bp307_a_cliff(backup: Any, transition: Any, received: str, allowed: str) -> None:
    found = findings(policy(backup, transition), "BP307")
    number = len(transition.retention_rules) - 1
    assert [(each.path, each.severity) for each in found] == [
        (f"rules[1].retention_rules[{number}]", Severity.WARNING)
    ]
    assert f"are {received} apart" in found[0].received
    assert allowed in found[0].allowed


@pytest.mark.parametrize(
    ("backup", "transition"),
    [
        (HOURLY, first_kept(daily=30, weekly=90, monthly=365, yearly=2555)),
        (BACKUP, first_kept(weekly=60, monthly=400, yearly=2555)),
        # Nothing is promised by what is kept no longer than its period, or than the base.
        (BACKUP, first_kept(yearly=366)),
        (BACKUP, first_kept(40, monthly=40)),
        # Yearly backups are not much sparser than those that there are.
        (evolve(BACKUP, schedule="C|0|0 0 2 L * ?"), first_kept(62, yearly=730)),
        # BP303 has said that there is nothing to restore.
        (evolve(BACKUP, schedule=WEEKLY), first_kept(7, yearly=730)),
        (BACKUP, first_kept(yearly=NUMBER_TOKEN)),
        (BACKUP, first_kept(NUMBER_TOKEN, yearly=730)),
        (evolve(BACKUP, schedule=TOKEN), first_kept(yearly=730)),
        (BACKUP, BackupPolicyRule.transition(retention=7, retention_rules=Lazy())),
    ],
)
def test_bp307_is_silent_where_no_step_is_large_or_nothing_is_known(backup: Any, transition: Any) -> None:
    assert findings(policy(backup, transition), "BP307") == []


def test_bp307_is_what_the_simulation_finds() -> None:
    """Each step of more than 25 times in the worst case is a finding, and no other is."""
    dice = random.Random(307)
    seen = set()
    for _ in range(60):
        firsts = {
            period: dice.choice((20, 60, 400, 800, 2555))
            for period in ("daily", "weekly", "monthly", "yearly")
            if dice.random() < 0.5
        }
        schedule = Schedule.every(dice.choice(("PT1H", "PT6H", "P1D")), start=1648569600)
        props = policy(evolve(BACKUP, schedule=schedule), first_kept(dice.choice((3, 9, 15)), **firsts))
        timeline = simulate(props).backups
        assert timeline is not None
        losses = [case.loss for case in timeline.worst_cases if case.loss]
        steps = sum(later > 25 * earlier for earlier, later in pairwise(losses))
        assert len(findings(props, "BP307")) == steps, (str(schedule), firsts, losses)
        seen.add(steps)
    assert seen >= {0, 1}


def test_bp308_copies_that_expire_before_the_next() -> None:
    short = evolve(REPLICATION, retention=6)
    weekly = evolve(BACKUP, schedule=WEEKLY)
    (finding,) = findings(policy(weekly, TRANSITION, short), "BP308")
    assert (finding.path, finding.received) == ("rules[2].retention", "6")
    assert finding.allowed == "at least 7 days, the longest time between two backups"
    for silenced in (
        policy(BACKUP, TRANSITION, short),
        policy(weekly, TRANSITION, REPLICATION),
        policy(weekly, TRANSITION, evolve(short, keep_latest_snapshots=1)),
        policy(weekly, TRANSITION, evolve(short, keep_latest_snapshots=NUMBER_TOKEN)),
        policy(weekly, TRANSITION, evolve(short, retention=NUMBER_TOKEN)),
        policy(evolve(BACKUP, schedule=TOKEN), TRANSITION, short),
    ):
        assert findings(silenced, "BP308") == []


def test_the_factories_take_what_their_rule_type_knows() -> None:
    security = BackupPolicyRule.security(schedule=DAILY, retention=7)
    ecs = evolve(BACKUP, vault_id=None, immutable=True)
    assert silent(policy(ecs, TRANSITION, security, policy_type=PolicyType.UDM_ECS_ONLY))
    assert security.immutable is True
    assert TagFilter(key="env").operator is TagOperator.EQUAL
