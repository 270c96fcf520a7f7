"""Each warning, followed to the end: what its advice says, or a reason, makes it quiet."""

from __future__ import annotations

import re
from typing import Any

import pytest

from constructs_lib import BackupPolicyRule, Schedule
from constructs_lib.backup import checks as backup_checks
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.policy import BLOCKS, BackupPolicyProps
from constructs_lib.findings import Finding, can_be_acknowledged
from constructs_lib.provider.operations import props_of
from constructs_lib.ram import checks as ram_checks
from constructs_lib.ram import plan_checks
from constructs_lib.ram.checks import check_policy_version
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.resource_types import ALICLOUD, ALIPOLICY
from tests.provider.conftest import Core, Managed
from tests.provider.test_words import (
    ALLOW,
    BACKUP,
    BACKUP_POLICIES,
    COPY,
    POLICY_VERSIONS,
    TRANSITION,
    condition,
    document,
    kept,
    rules,
    tagged_by,
)

Config = dict[str, Any]
ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
ECS = {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648647166|P1D"}


def backup(**more: Any) -> Config:
    return {**BACKUP, **more}


def cron(text: str) -> Config:
    return rules(backup(schedule=f"C|0|{text}"), TRANSITION)


def advanced(days: int, schedule: str = "I|0|P1D", **periods: int) -> Config:
    items = [{"advanced_retention_type": name, "retention": each} for name, each in periods.items()]
    return rules(backup(schedule=schedule), {**TRANSITION, "retention": days, "retention_rules": items})


def archived(days: int, retention: int) -> Config:
    return rules(BACKUP, {**TRANSITION, "archive_days": days, "retention": retention})


def tag(source_type: str, key: str = "env") -> Config:
    source = {"rule_type": "TAG", "data_source_filters": [{"source_type": source_type}]}
    return {**source, "tag_filters": [{"key": key}]}


def filters(*given: Config) -> Config:
    return rules(BACKUP, TRANSITION, {**tag("OSS"), "tag_filters": list(given)})


def copied(gap: str = "P60D", **more: Any) -> Config:
    return rules(
        backup(schedule=f"I|0|{gap}"), {**TRANSITION, "retention": 90}, {**COPY, "retention": 30, **more}
    )


# The code, what it is said of, a part of what it advises, and the same when that is followed.
BACKUP_ADVICE: list[tuple[str, Config, str, Config]] = [
    ("BP201", rules(TRANSITION), "Add a BACKUP rule.", rules(BACKUP, TRANSITION)),
    ("BP202", rules(BACKUP, TRANSITION, TRANSITION), "Merge them into one.", rules(BACKUP, TRANSITION)),
    ("BP203", rules(BACKUP, {**TRANSITION, "vault_id": "v-1"}), "or drop it", rules(BACKUP, TRANSITION)),
    ("BP204", rules({"rule_type": "BACKUP", "retention": 1}, TRANSITION), "Add schedule.",
     rules(ECS, TRANSITION)),
    ("BP204", rules(ECS, TRANSITION, policy_type="STANDARD"), "Add vault_id", rules(BACKUP, TRANSITION)),
    (
        "BP204",
        rules(ECS, TRANSITION, policy_type="STANDARD"),
        "or make the policy UDM_ECS_ONLY",
        rules(ECS, TRANSITION, policy_type="UDM_ECS_ONLY"),
    ),
    ("BP204", rules(BACKUP), "Add a TRANSITION rule with a retention", rules(BACKUP, TRANSITION)),
    (
        "BP205",
        rules(BACKUP, TRANSITION, tag("UDM_ECS")),
        "needs a policy of type UDM_ECS_ONLY, without a vault",
        rules(ECS, TRANSITION, tag("UDM_ECS"), policy_type="UDM_ECS_ONLY"),
    ),
    (
        "BP205",
        rules(ECS, TRANSITION, tag("OSS"), policy_type="UDM_ECS_ONLY"),
        "needs a policy of type STANDARD, with a vault",
        rules(BACKUP, TRANSITION, tag("OSS"), policy_type="STANDARD"),
    ),
    ("BP206", rules(backup(immutable=True), TRANSITION), "Drop immutable", rules(BACKUP, TRANSITION)),
    (
        "BP206",
        rules(backup(immutable=True), TRANSITION),
        "make the policy UDM_ECS_ONLY, without a vault",
        rules({**ECS, "immutable": True}, TRANSITION, policy_type="UDM_ECS_ONLY"),
    ),
    (
        "BP207",
        rules(BACKUP, backup(vault_id="v-2", schedule="C|0|0 0 2 * * ?"), TRANSITION),
        "Make a policy for each vault.",
        rules(BACKUP, TRANSITION),
    ),
    (
        "BP208",
        rules(BACKUP, backup(schedule="I|0|P2D"), TRANSITION),
        "write the others as cron",
        rules(BACKUP, backup(schedule="C|0|0 0 2 1/2 * ?"), TRANSITION),
    ),
    (
        "BP209",
        rules(BACKUP, TRANSITION, policy_type="UDM_ECS_ONLY"),
        "Drop vault_id",
        rules(ECS, TRANSITION, policy_type="UDM_ECS_ONLY"),
    ),
    (
        "BP209",
        rules(BACKUP, TRANSITION, policy_type="UDM_ECS_ONLY"),
        "make the policy STANDARD",
        rules(BACKUP, TRANSITION, policy_type="STANDARD"),
    ),
    ("BP210", archived(5, 30), "keep backups at least 90 days, 30 of them before", archived(30, 90)),
    ("BP210", archived(5, 30), "Do not archive", archived(0, 30)),
    ("BP210", archived(5, 200), "Archive later", archived(30, 200)),
    ("BP210", archived(30, 80), "keep backups at least 90 days", archived(30, 90)),
    ("BP210", archived(60, 100), "archive sooner", archived(40, 100)),
    ("BP211", tagged_by(key=""), "Name the key", tagged_by(key="env")),
    ("BP213", advanced(-1), "write the most there is, 364635", advanced(364_635)),
    ("BP301", cron("0 0 2 * * *"), "one day field must be ?", cron("0 0 2 * * ?")),
    ("BP301", cron("0 0 2 ? * 1-5"), "Monday to Friday is MON-FRI", cron("0 0 2 ? * MON-FRI")),
    ("BP301", cron("0 0 2 ? * 1-5"), "or 2-6", cron("0 0 2 ? * 2-6")),
    ("BP301", cron("0 0 2 ? * 1-5"), "if Sunday to Thursday is meant, write SUN-THU",
     cron("0 0 2 ? * SUN-THU")),
    ("BP301", cron("0 0 2 ? * 6,7"), "Saturday and Sunday is SAT,SUN", cron("0 0 2 ? * SAT,SUN")),
    ("BP301", cron("0 0 2 ? * 6,7"), "or 7,1", cron("0 0 2 ? * 7,1")),
    ("BP301", cron("0 0 2 ? * 6-7"), "write FRI,SAT", cron("0 0 2 ? * FRI,SAT")),
    ("BP301", cron("0 0 2 ? * 1"), "Monday is MON, or 2", cron("0 0 2 ? * 2")),
    ("BP301", cron("0 0 2 ? * 7"), "if Saturday is meant, write SAT", cron("0 0 2 ? * SAT")),
    ("BP301", cron("0 0,,30 2 * * ?"), "skips the empty place", cron("0 0 2 * * ?")),
    ("BP301", cron("0 0 2 ? * MONDAY"), "reads 'MON' and ignores 'DAY'", cron("0 0 2 ? * MON")),
    ("BP301", cron("0 0 2 31W * ?"), "in months without a day 31", cron("0 0 2 28W * ?")),
    ("BP301", cron("0 0 2 1 * ? 1960-2030"), "the years that Quartz knows", cron("0 0 2 1 * ? 2026-2030")),
    ("BP302", rules(backup(schedule="I|0|P1M"), {**TRANSITION, "retention": 60}), "has months",
     rules(backup(schedule="I|0|P30D"), {**TRANSITION, "retention": 60})),
    ("BP302", rules(backup(schedule="I|0|PT90M"), TRANSITION), "whole days and hours",
     rules(backup(schedule="I|0|PT2H"), TRANSITION)),
    ("BP303", advanced(30, "I|0|P60D"), "Keep backups longer", advanced(60, "I|0|P60D")),
    ("BP303", advanced(100, "I|0|PT8640001S"), "Keep backups longer", advanced(101, "I|0|PT8640001S")),
    ("BP303", advanced(30, "I|0|P60D"), "back up more often", advanced(30)),
    ("BP304", kept(7), "Lengthen it", kept(40)),
    ("BP304", kept(7), "drop the retention rule", rules(BACKUP, TRANSITION)),
    ("BP305", rules(backup(retention=90), TRANSITION), "Drop the retention", rules(BACKUP, TRANSITION)),
    ("BP306", rules(BACKUP, TRANSITION, {**tag("OSS"), "data_source_filters": [
        {"source_type": "OSS", "data_source_ids": ["a"]}]}), "by tag_filters",
     rules(BACKUP, TRANSITION, tag("OSS"))),
    ("BP307", advanced(30, YEARLY=730), "WEEKLY for at least 37 days, MONTHLY for at least 62 days",
     advanced(30, YEARLY=730, WEEKLY=37, MONTHLY=62)),
    ("BP307", advanced(7, "I|0|PT1H", WEEKLY=60), "DAILY for at least 8 days",
     advanced(7, "I|0|PT1H", WEEKLY=60, DAILY=8)),
    ("BP307", advanced(7, "I|0|PT1H", YEARLY=730), "DAILY for at least 8 days, WEEKLY",
     advanced(7, "I|0|PT1H", YEARLY=730, DAILY=8, WEEKLY=15, MONTHLY=40)),
    ("BP308", copied(), "Keep copies longer", copied(retention=60)),
    ("BP308", copied(), "back up more often", copied("P1D")),
    ("BP308", copied(), "set its keep_latest_snapshots to 1", copied(keep_latest_snapshots=1)),
    ("BP309", rules(backup(retention=7)), "exactly one TRANSITION rule", rules(BACKUP, TRANSITION)),
    ("BP310", cron("0 * 2 * * ?"), "0 0 2 * * ? runs once", cron("0 0 2 * * ?")),
    ("BP310", cron("*/30 5 2 ? * MON"), "0 5 2 ? * MON runs once", cron("0 5 2 ? * MON")),
    ("BP312", tagged_by(key="env", operator="NOT"), "Say which value",
     tagged_by(key="env", operator="NOT", value="x")),
    ("BP312", tagged_by(key="e*"), "Write the whole key", tagged_by(key="env")),
    ("BP312", tagged_by(key="env", value="p*"), "Left out, a value matches any", tagged_by(key="env")),
    ("BP312", tagged_by(key="env", value="p*", operator="NOT"), "Write the whole value",
     tagged_by(key="env", value="prod", operator="NOT")),
    ("BP312", filters({"key": "a"}, {"key": "b", "operator": "NOT", "value": "c"}), "Use one of them",
     filters({"key": "a"})),
    ("BP312", filters({"key": "a", "value": "b"}, {"key": "a", "value": "c"}), "Use one value",
     filters({"key": "a", "value": "b"})),
    ("BP313", copied("P1D", replication_region_id="cn-shanhgai"), 'Did you mean "cn-shanghai"?',
     copied("P1D")),
    ("BP313", copied("P1D", replication_region_id="?"), "such as cn-shanghai", copied("P1D")),
    ("BP314", rules(backup(vault_id="prod"), TRANSITION), "such as v-0001a2b3c4d5e6f7g8h9",
     rules(backup(vault_id="v-0001a2b3c4d5e6f7g8h9"), TRANSITION)),
    ("BP315", rules({**ECS, "immutable": True}, {**TRANSITION, "retention": 364_635}), "up to 10,958 days",
     rules({**ECS, "immutable": True}, {**TRANSITION, "retention": 10_958})),
    ("BP317", rules(backup(schedule="I|16316856000|P1D"), TRANSITION), "today has ten digits",
     rules(backup(schedule="I|1631685600|P1D"), TRANSITION)),
]  # fmt: skip


def with_condition(operator: str, key: str, value: Any) -> Config:
    return condition({operator: {key: value}})


NAMED = {"policy_name": "readers", "set_as_default": False}
VERSION_ADVICE: list[tuple[str, Config, str, Config]] = [
    ("PV201", document({**ALLOW, "Resource": []}), '"*" means every one',
     document({**ALLOW, "Resource": "*"})),
    ("PV202", document({**ALLOW, "Action": "GetObject"}), "such as oss:GetObject", document(ALLOW)),
    ("PV203", document({**ALLOW, "Resource": "logs"}), "such as acs:oss:*:*:my-bucket/*",
     document({**ALLOW, "Resource": "acs:oss:*:*:my-bucket/*"})),
    ("PV203", document({**ALLOW, "Resource": "acs:oss:*:*:logs/*\u200b"}), "Take out U+200B",
     document(ALLOW)),
    ("PV204", with_condition("StringLikeIfExists", "oss:Prefix", "a"), "say it without",
     with_condition("StringLike", "oss:Prefix", "a")),
    ("PV204", with_condition("StringEqual", "oss:Prefix", "a"), "Did you mean StringEquals?",
     with_condition("StringEquals", "oss:Prefix", "a")),
    ("PV204", with_condition("Bool", "acs:SecureTransport", ["true", "false"]), 'Write "true" or "false".',
     with_condition("Bool", "acs:SecureTransport", "true")),
    ("PV205", document({**ALLOW, "NotResource": "*"}), "Say with Resource", document(ALLOW)),
    ("PV206", document({**ALLOW, "Principal": "*"}), "Drop it", document(ALLOW)),
    ("PV207", document({**ALLOW, "Sid": "x"}), "Drop it", document(ALLOW)),
    ("PV208", with_condition("Bool", "acs:MFAPresent", "no"), 'Write "true" or "false"',
     with_condition("Bool", "acs:MFAPresent", "false")),
    ("PV208", with_condition("NumericEquals", "oss:Max", "ten"), 'such as "10"',
     with_condition("NumericEquals", "oss:Max", "10")),
    ("PV208", with_condition("DateLessThan", "acs:CurrentTime", "soon"), "2026-11-30T23:59:59+08:00",
     with_condition("DateLessThan", "acs:CurrentTime", "2026-11-30T23:59:59+08:00")),
    ("PV208", with_condition("IpAddress", "acs:SourceIp", "home"), '"203.0.113.7" or "10.0.0.0/8"',
     with_condition("IpAddress", "acs:SourceIp", ["203.0.113.7", "10.0.0.0/8"])),
    ("PV209", with_condition("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), "Did you mean acs:SourceIp?",
     with_condition("NotIpAddress", "acs:SourceIp", "10.0.0.0/8")),
    ("PV209", with_condition("StringEquals", "Prefix", "a"), "such as oss:Prefix",
     with_condition("StringEquals", "oss:Prefix", "a")),
    ("PV210", document({**ALLOW, "Resource": "acs:oss:*:*:${acs:UserName}/*"}), "Name what is meant",
     document(ALLOW)),
    ("PV211", with_condition("StringEquals", "oss:Prefix", "a\u200b"), "Take out U+200B",
     with_condition("StringEquals", "oss:Prefix", "a")),
    ("PV301", document({**ALLOW, "Action": "*", "Resource": "*"}), "Name the actions", document(ALLOW)),
    ("PV302", document({"Effect": "Allow", "NotAction": "ram:*", "Resource": "*"}), "List what is needed",
     document({"Effect": "Allow", "Action": "oss:*", "Resource": "*"})),
    ("PV303", document({**ALLOW, "Resource": [f"acs:oss:*:*:{n:09}" for n in range(235)]}), "or split it",
     document({**ALLOW, "Resource": [f"acs:oss:*:*:{n:09}" for n in range(118)]})),
    ("PV305", document({**ALLOW, "Resource": "acs:oss:*:*:${var.bucket}/*"}), "render it", document(ALLOW)),
    ("PV306", document({**ALLOW, "Action": ["oss:Get*", "oss:GetObject"]}), "Drop it",
     document({**ALLOW, "Action": ["oss:Get*"]})),
    ("PV311", document(ALLOW) | {"set_as_default": None}, "Set it to true",
     document(ALLOW) | {"set_as_default": True}),
    ("PV311", document(ALLOW) | {"set_as_default": None}, "to false if it is to wait", document(ALLOW)),
    ("PV307", with_condition("IpAddress", "acs:SourceIP", "10.0.0.0/8"), "Did you mean acs:SourceIp?",
     with_condition("IpAddress", "acs:SourceIp", "10.0.0.0/8")),
    ("PV308", with_condition("StringEquals", "oss:Prefix", "home/*"), "Use StringLike.",
     with_condition("StringLike", "oss:Prefix", "home/*")),
    ("PV308", with_condition("StringNotEqualsIgnoreCase", "oss:Prefix", "home/*"), "Use StringNotLike.",
     with_condition("StringNotLike", "oss:Prefix", "home/*")),
    ("PV309", with_condition("StringEquals", "acs:SourceIp", "10.0.0.1"), "Use IpAddress",
     with_condition("IpAddress", "acs:SourceIp", "10.0.0.1")),
    ("PV309", with_condition("NumericLessThan", "acs:CurrentTime", "10"), "DateLessThan",
     with_condition("DateLessThan", "acs:CurrentTime", "2026-11-30T23:59:59+08:00")),
    ("PV313", with_condition("NotIpAddress", "acs:SourceIp", ["0.0.0.0/0", "10.0.0.0/8"]), "No IPv4 address",
     with_condition("NotIpAddress", "acs:SourceIp", ["10.0.0.0/8"])),
]  # fmt: skip


def sourced(scope: str | None = "CROSS_ACCOUNT", **account: Any) -> Config:
    source = {"source_type": "OSS", "account_scope": scope, "accounts": [account] if account else None}
    return rules(BACKUP, TRANSITION, {**tag("OSS"), "data_source_filters": [source]})


OTHER: dict[str, Any] = {
    "cross_account_type": "CROSS_ACCOUNT",
    "cross_account_user_id": 7,
    "cross_account_role_name": "r",
}
TWICE = [
    {"advanced_retention_type": "WEEKLY", "retention": days, "which_snapshot": 1} for days in (40, 50, 60)
]
BACKUP_ADVICE += [
    ("BP316", rules(BACKUP, {**TRANSITION, "retention_rules": TWICE}), "Drop the shorter one", kept(60)),
    ("BP318", sourced("all"), "writes such words in capitals", sourced("ALL")),
    ("BP318", sourced(None, **OTHER), "Write both", sourced(**OTHER)),
    ("BP318", sourced(None, **OTHER), "or neither", sourced(None)),
    ("BP318", sourced(**{**OTHER, "cross_account_type": "CROSS_ACOUNT"}), "Did you mean", sourced(**OTHER)),
    ("BP318", sourced(**{**OTHER, "cross_account_user_id": -7}), "Check the id", sourced(**OTHER)),
    ("BP318", sourced(cross_account_type="CROSS_ACCOUNT"), "Add cross_account_role_name", sourced(**OTHER)),
]


def of_backup(config: Config, region: str | None = None) -> list[Finding]:
    return check_backup_policy(props_of(BackupPolicyProps, config, BLOCKS), region=region)


def of_version(config: Config) -> list[Finding]:
    return check_policy_version(props_of(PolicyVersionProps, {**NAMED, **config}, {}), ALIPOLICY.checks)


def advice_in(findings: list[Finding], code: str) -> str:
    return " ".join(str(finding) for finding in findings if finding.code == code)


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}


@pytest.mark.parametrize(("code", "config", "advice", "followed"), BACKUP_ADVICE)
def test_the_advice_on_a_backup_policy_quiets_it(
    code: str, config: Config, advice: str, followed: Config
) -> None:
    assert advice in advice_in(of_backup(config), code)
    assert codes(of_backup(followed)) <= codes(of_backup(config)) - {code}


@pytest.mark.parametrize(("code", "config", "advice", "followed"), VERSION_ADVICE)
def test_the_advice_on_a_policy_version_quiets_it(
    code: str, config: Config, advice: str, followed: Config
) -> None:
    assert advice in advice_in(of_version(config), code)
    assert of_version(followed) == []


@pytest.mark.parametrize("rule", [0, 1])
def test_keep_latest_snapshots_in_either_rule_quiets_bp303(rule: int) -> None:
    config = advanced(30, "I|0|P60D")
    assert "set keep_latest_snapshots to 1" in advice_in(of_backup(config), "BP303")
    config["rules"][rule] |= {"keep_latest_snapshots": 1}
    assert of_backup(config) == []


@pytest.mark.parametrize(
    ("followed", "advice"), [("cn-beijing", "Name another region"), (None, "drop the rule")]
)
def test_the_advice_on_a_copy_in_the_own_region_quiets_it(followed: str | None, advice: str) -> None:
    config = copied("P1D")
    assert advice in advice_in(of_backup(config, "cn-shanghai"), "BP212")
    config["rules"][2]["replication_region_id"] = followed
    if followed is None:
        del config["rules"][2]
    assert of_backup(config, "cn-shanghai") == []


@pytest.mark.parametrize("base", [1, 2, 7, 29, 30, 60, 400])
@pytest.mark.parametrize("schedule", ["I|0|PT1H", "I|0|PT2H", "I|0|P1D", "I|0|P2D", "C|0|0 0/30 * * * ?"])
@pytest.mark.parametrize(
    ("period", "days"), [("DAILY", 500), ("WEEKLY", 600), ("MONTHLY", 900), ("YEARLY", 4000)]
)
def test_the_periods_that_bp307_names_are_enough(base: int, schedule: str, period: str, days: int) -> None:
    said = advice_in(of_backup(advanced(base, schedule, **{period: days})), "BP307")
    named = {name: int(least) for name, least in re.findall(r"([A-Z]+) for at least (\d+) days", said)}
    assert bool(named) is bool(said)
    followed = of_backup(advanced(base, schedule, **named, **{period: days}))
    assert advice_in(followed, "BP307") == ""
    assert advice_in(followed, "BP304") == advice_in(
        of_backup(advanced(base, schedule, **{period: days})), "BP304"
    )


# ------------------------------------------------------------ of Python, and of the official provider


def test_the_advice_on_a_clock_that_changes_quiets_it() -> None:
    def policy(zone: str) -> list[Finding]:
        schedule = Schedule.cron("0 0 2 * * ?", start=1648647166, zone=zone)
        given = [
            BackupPolicyRule.backup(schedule=schedule, vault_id="v-1"),
            BackupPolicyRule.transition(retention=30),
        ]
        return check_backup_policy(BackupPolicyProps(rules=given))

    assert "for a clock that never changes, or acknowledge it" in advice_in(policy("Europe/Berlin"), "BP311")
    assert policy("Asia/Tokyo") == []


def test_the_advice_on_the_sixth_version_quiets_it() -> None:
    def version(strategy: str | None) -> list[Finding]:
        config = {
            "policy_name": "readers",
            **document(ALLOW),
            "rotate_strategy": strategy,
            "set_as_default": True,
        }
        return check_policy_version(props_of(PolicyVersionProps, config, {}), ALICLOUD.checks)

    for strategy in (None, "None"):
        assert f'Set it to "{ROTATES}".' in advice_in(version(strategy), "PV304")
    assert version(ROTATES) == []


def test_the_advice_on_an_expression_quiets_it() -> None:
    def version(resource: str) -> list[Finding]:
        config = document({**ALLOW, "Resource": resource})
        return check_policy_version(PolicyVersionProps(policy_name="readers", **config))

    assert "write $${ or %%{" in advice_in(version("acs:oss:*:*:${x}/*"), "PV305")
    assert version("acs:oss:*:*:$${x}/*") == []
    assert version("acs:oss:*:*:${TfToken[TOKEN.7]}/*") == []


# ------------------------------------------------------------ all of them


def test_every_warning_is_followed_here() -> None:
    all_checks = (*backup_checks.CHECKS, *ram_checks.CHECKS, *plan_checks.CHECKS, *ALIPOLICY.checks)
    tried = {case[0] for case in (*BACKUP_ADVICE, *VERSION_ADVICE)}
    # In this file, PV304 and PV310 in tests/provider/test_acknowledge.py, PV312 in tests/e2e.
    tried |= {"BP212", "BP311", "PV304", "PV310", "PV312"}
    assert {check.code for check in all_checks if can_be_acknowledged(check.code)} == tried


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(access_key="nobody", secret_key="a-secret-of-nobody")


def test_a_reason_quiets_each_of_them(core: Core) -> None:
    for type_name, find, cases in (
        ("alipolicy_backup_policy", of_backup, [*BACKUP_POLICIES, *(case[:2] for case in BACKUP_ADVICE)]),
        ("alipolicy_policy_version", of_version, [*POLICY_VERSIONS, *(case[:2] for case in VERSION_ADVICE)]),
    ):
        managed = Managed(core, type_name)
        for code, config in cases:
            config = {"policy_name": "readers", **config}
            if find is of_version:
                config = {**NAMED, **config}
            found = {each for each in codes(find(config)) if can_be_acknowledged(each)}
            if can_be_acknowledged(code):
                said = "".join(line for line in managed.validate(config) if f" {code}: " in line)
                assert f'acknowledge = {{ {code} = "why it is fine here" }}' in said
            reasons = dict.fromkeys(found, "as in production")
            left = managed.validate({**config, "acknowledge": reasons})
            assert [line for line in left if not line.startswith(("ERROR BP1", "ERROR PV1"))] == []
