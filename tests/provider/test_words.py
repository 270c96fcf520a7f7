"""What the provider says is for people who write HCL: no word of it is Python's."""

from __future__ import annotations

import ast
import inspect
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.backup import checks as backup_checks
from constructs_lib.findings import Check
from constructs_lib.ram import checks as ram_checks
from tests.provider.conftest import Core, Managed

# "None" in quotes is a rotate strategy. What calls itself the Python library's may be named.
PYTHON = re.compile(
    r'acknowledge(?! = \{ )|(?<!")\bNone\b|\bTrue\b|\bFalse\b|BackupPolicyRule|Schedule\.|Effect\.'
    r"|RotateStrategy|=…|CDKTF|Decimal|datetime|\(…\)"
)
OF_PYTHON = re.compile(r"acknowledge=|BackupPolicyRule|Schedule\.|Effect\.|RotateStrategy\.|=…")

BACKUP = {
    "rule_type": "BACKUP",
    "backup_type": "COMPLETE",
    "schedule": "I|1648647166|P1D",
    "vault_id": "v-000one",
}
TRANSITION = {"rule_type": "TRANSITION", "retention": 30}
ALLOW = {"Effect": "Allow", "Action": "oss:GetObject", "Resource": "acs:oss:*:*:logs/*"}


def rules(*given: dict[str, Any], **policy: Any) -> dict[str, Any]:
    return {**policy, "rules": list(given)}


def kept(days: Any, **more: Any) -> dict[str, Any]:
    one = {"advanced_retention_type": "WEEKLY", "retention": days, **more}
    return rules(BACKUP, {**TRANSITION, "retention_rules": [one]})


def tagged(**source: Any) -> dict[str, Any]:
    tag = {"rule_type": "TAG", "data_source_filters": [source], "tag_filters": [{"key": "env"}]}
    return rules(BACKUP, TRANSITION, tag)


COPY = {"rule_type": "REPLICATION", "replication_region_id": "cn-shanghai", "retention": 30}


def tagged_by(**tag: Any) -> dict[str, Any]:
    rule = {"rule_type": "TAG", "data_source_filters": [{"source_type": "OSS"}], "tag_filters": [tag]}
    return rules(BACKUP, TRANSITION, rule)


BACKUP_POLICIES: list[tuple[str, dict[str, Any]]] = [
    ("BP100", rules(BACKUP, {**TRANSITION, "retention": Decimal("1.5")})),
    ("BP100", rules(BACKUP, {**TRANSITION, "retention": 2**60})),
    ("BP101", rules(BACKUP, TRANSITION, policy_type="standard")),
    ("BP101", rules(BACKUP, {**TRANSITION, "rule_type": "?"})),
    ("BP102", rules({**BACKUP, "schedule": "I|0|1d"}, TRANSITION)),
    ("BP102", rules({**BACKUP, "schedule": "C|0|0 2 * * *"}, TRANSITION)),
    ("BP102", rules({**BACKUP, "schedule": "daily"}, TRANSITION)),
    ("BP103", rules(BACKUP, {**TRANSITION, "retention": 0})),
    ("BP104", kept(0)),
    ("BP105", kept(60, which_snapshot=2)),
    ("BP106", rules({**BACKUP, "keep_latest_snapshots": 5}, TRANSITION)),
    ("BP107", rules()),
    ("BP107", rules(*[BACKUP] * 11)),
    (
        "BP108",
        rules(BACKUP, {**TRANSITION, "retention_rules": kept(60)["rules"][1]["retention_rules"] * 100}),
    ),
    ("BP201", rules(TRANSITION)),
    ("BP202", rules(BACKUP, TRANSITION, TRANSITION)),
    ("BP203", rules(BACKUP, {**TRANSITION, "vault_id": "v-000one"})),
    ("BP204", rules({"rule_type": "BACKUP"}, {"rule_type": "REPLICATION"}, {"rule_type": "SECURITY"})),
    ("BP204", rules({**BACKUP, "vault_id": None}, TRANSITION, policy_type="STANDARD")),
    ("BP205", tagged(source_type="UDM_ECS")),
    ("BP206", rules({**BACKUP, "immutable": True}, TRANSITION)),
    ("BP207", rules(BACKUP, {**BACKUP, "vault_id": "v-000two"}, TRANSITION)),
    ("BP208", rules(BACKUP, {**BACKUP, "schedule": "I|0|P2D"}, TRANSITION)),
    ("BP209", rules(BACKUP, TRANSITION, policy_type="UDM_ECS_ONLY")),
    ("BP210", rules(BACKUP, {**TRANSITION, "archive_days": 5})),
    ("BP301", rules({**BACKUP, "schedule": "C|0|0 0 2 * * *"}, TRANSITION)),
    ("BP302", rules({**BACKUP, "schedule": "I|0|P1M"}, {**TRANSITION, "retention": 60})),
    ("BP303", rules(BACKUP | {"schedule": "I|0|P60D"}, TRANSITION)),
    ("BP304", kept(7)),
    ("BP305", rules({**BACKUP, "retention": 90}, TRANSITION)),
    ("BP306", tagged(source_type="OSS", data_source_ids=["a"])),
    (
        "BP307",
        rules(
            BACKUP,
            {**TRANSITION, "retention_rules": [{"advanced_retention_type": "YEARLY", "retention": 730}]},
        ),
    ),
    ("BP309", rules({**BACKUP, "retention": 7})),
    ("BP211", tagged_by(key="")),
    ("BP312", tagged_by(key="env", operator="NOT")),
    ("BP313", rules(BACKUP, TRANSITION, {**COPY, "replication_region_id": "cn-shanhgai"})),
    ("BP314", rules({**BACKUP, "vault_id": "prod"}, TRANSITION)),
    (
        "BP315",
        rules({**BACKUP, "vault_id": None, "immutable": True}, {**TRANSITION, "retention": 364_635}),
    ),
    ("BP317", rules({**BACKUP, "schedule": "I|16316856000|P1D"}, TRANSITION)),
    ("BP310", rules({**BACKUP, "schedule": "C|0|0 * 2 * * ?"}, TRANSITION)),
    (
        "BP308",
        rules(
            {**BACKUP, "schedule": "I|0|P60D"},
            {**TRANSITION, "retention": 90},
            {"rule_type": "REPLICATION", "replication_region_id": "cn-shanghai", "retention": 30},
        ),
    ),
]


def document(*statements: Any, **elements: Any) -> dict[str, Any]:
    return {"policy_document": json.dumps({"Version": "1", "Statement": list(statements), **elements})}


def condition(given: Any) -> dict[str, Any]:
    return document({**ALLOW, "Condition": given})


POLICY_VERSIONS: list[tuple[str, dict[str, Any]]] = [
    ("PV100", document({**ALLOW, "Action": [True, None]})),
    ("PV101", {"policy_document": "{'Version': 1}"}),
    ("PV101", {"policy_document": '{"Version":"1","Version":"1","Statement":[]}'}),
    ("PV102", document(ALLOW, Version=None)),
    ("PV103", document()),
    ("PV103", document(ALLOW, Statement=ALLOW)),
    ("PV104", document({**ALLOW, "Effect": "allow"})),
    ("PV104", document({**ALLOW, "Effect": None})),
    ("PV104", document({**ALLOW, "Effect": "?"})),
    ("PV105", document({"Effect": "Allow", "Resource": "*"})),
    ("PV105", document({**ALLOW, "NotAction": []})),
    ("PV106", document(*[{**ALLOW, "Resource": [f"acs:oss:*:*:{n:09}" for n in range(400)]}])),
    ("PV107", document(ALLOW) | {"policy_name": "my_policy"}),
    ("PV107", document(ALLOW) | {"policy_name": ""}),
    ("PV108", document(ALLOW) | {"rotate_strategy": "Rotate"}),
    ("PV110", document({**ALLOW, "Efect": True})),
    ("PV110", condition({"Bool": {"acs:SecureTransport": True}})),
    ("PV110", condition(None)),
    ("PV201", document({**ALLOW, "Resource": []})),
    ("PV202", document({**ALLOW, "Action": "GetObject"})),
    ("PV203", document({**ALLOW, "Resource": "logs"})),
    ("PV204", condition({"StringLikeIfExists": {"acs:SourceIp": "*"}})),
    ("PV204", condition({"Bool": {"acs:SecureTransport": ["true", "false"]}})),
    ("PV205", document({**ALLOW, "NotResource": "*"})),
    ("PV206", document({**ALLOW, "Principal": "*"})),
    ("PV207", document({**ALLOW, "Sid": None})),
    ("PV208", condition({"Bool": {"acs:MFAPresent": "no"}})),
    ("PV209", condition({"NotIpAddress": {"SourceIp": "10.0.0.0/8"}})),
    ("PV210", document({**ALLOW, "Resource": "acs:oss:*:*:${acs:UserName}/*"})),
    ("PV307", condition({"IpAddress": {"acs:SourceIP": "10.0.0.0/8"}})),
    ("PV308", condition({"StringEquals": {"oss:Prefix": "home/*"}})),
    ("PV309", condition({"StringEquals": {"acs:SourceIp": "10.0.0.1"}})),
    ("PV301", document({**ALLOW, "Action": "*", "Resource": "*"})),
    ("PV302", document({"Effect": "Allow", "NotAction": "ram:*", "Resource": "*"})),
    ("PV303", document({**ALLOW, "Resource": [f"acs:oss:*:*:{n:09}" for n in range(235)]})),
    ("PV306", document(ALLOW, {**ALLOW, "Action": ["oss:GetObject", "oss:Get*"]})),
    ("PV306", document({**ALLOW, "Action": ["oss:Get*", "oss:GetObject"]})),
]


@pytest.fixture(scope="module")
def core() -> Core:
    return Core(access_key="nobody", secret_key="a-secret-of-nobody")


def said(core: Core, type_name: str, config: dict[str, Any], code: str) -> str:
    """All that validation says; it is about this code, among others."""
    reported = "\n".join(Managed(core, type_name).validate(config))
    assert f" {code}: " in reported
    return reported


@pytest.mark.parametrize(("code", "config"), BACKUP_POLICIES)
def test_findings_on_a_backup_policy_speak_no_python(core: Core, code: str, config: dict[str, Any]) -> None:
    assert not PYTHON.search(said(core, "alipolicy_backup_policy", config, code))


@pytest.mark.parametrize(("code", "config"), POLICY_VERSIONS)
def test_findings_on_a_policy_version_speak_no_python(core: Core, code: str, config: dict[str, Any]) -> None:
    config = {"policy_name": "readers", **config}
    assert not PYTHON.search(said(core, "alipolicy_policy_version", config, code))


def test_a_value_is_shown_as_hcl_writes_it(core: Core) -> None:
    reported = said(
        core, "alipolicy_backup_policy", rules({**BACKUP, "immutable": True}, TRANSITION), "BP206"
    )
    assert "rules[0].immutable: received true; allowed: nothing, or false, in a STANDARD policy." in reported
    reported = said(core, "alipolicy_backup_policy", rules({"rule_type": "BACKUP"}, TRANSITION), "BP204")
    assert (
        "rules[0].schedule: received nothing; allowed: a value: BACKUP needs it.\nAdd schedule." in reported
    )


def test_the_provider_arguments_speak_no_python() -> None:
    wrong: dict[str, Any] = {
        "client_read_timeout": Decimal("1.5"),
        "max_retry_timeout": -1,
        "region": "",
        "protocol": "http",
    }
    reported = "\n".join(
        Core(**wrong, assume_role=[{"session_name": "?"}], endpoints=[{"hbr": "a b"}]).messages
    )
    assert "received 1.5 in the provider's arguments" in reported
    assert not PYTHON.search(reported)


def test_what_can_be_acknowledged_is_a_warning(core: Core) -> None:
    levels = {"1": "ERROR", "2": "WARNING", "3": "WARNING"}
    for type_name, cases in (
        ("alipolicy_backup_policy", BACKUP_POLICIES),
        ("alipolicy_policy_version", POLICY_VERSIONS),
    ):
        for code, config in cases:
            reported = said(core, type_name, {"policy_name": "readers", **config}, code)
            assert f"{levels[code[2]]} {code}: " in reported


@pytest.mark.parametrize("checks", [backup_checks.CHECKS, ram_checks.CHECKS], ids=["backup", "ram"])
def test_the_texts_of_the_checks_speak_no_python(checks: tuple[Check, ...]) -> None:
    files = {inspect.getsourcefile(rule._problems) for rule in checks}
    reported = [text for file in files if file for text in texts(Path(file))]
    assert len(reported) > 100
    assert [text for text in reported if OF_PYTHON.search(text)] == []


def texts(file: Path) -> list[str]:
    """All texts of a module but its docstrings; those with placeholders in parts."""
    tree = ast.parse(file.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    return [node.value for node in constants if isinstance(node.value, str)]
