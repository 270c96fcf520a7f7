"""What is sensitive on either side is in no report, whatever its format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    change,
    codes,
    document,
    plan,
    ram_policy,
    reviewed,
    transition,
    written,
)
from tests.review.test_hostile_strings import FORMATS

SECRET = "s3cretValue"


def check(report: Report) -> None:
    for name, (render, _) in FORMATS.items():
        assert SECRET not in render(report), name


def policy(action: str, **others: Any) -> dict[str, Any]:
    statement = allow(
        f"oss:{SECRET}", f"acs:oss:*:*:{SECRET}/*", Condition={"StringEquals": {"acs:x": SECRET}}
    )
    return ram_policy(statement, allow(action), **others)


def backups(days: int) -> dict[str, Any]:
    tags = [{"key": SECRET, "operator": "EQUAL", "value": f"{SECRET}{days}"}]
    rule = backup_rule(vault_id=SECRET, source_type=SECRET, tag_filters=tags)
    return backup_policy(rule, transition(days), policy_name=SECRET)


def neighbours(suffix: str) -> dict[str, dict[str, Any]]:
    text = f"{SECRET}{suffix}"
    return {
        "alicloud_ram_user_policy_attachment": {
            "user_name": text,
            "policy_name": text,
            "policy_type": "Custom",
        },
        "alicloud_oss_bucket_policy": {"bucket": text, "policy": document(allow(text))},
        "alicloud_hbr_policy_binding": {"policy_id": text, "data_source_id": text, "source_type": text},
        "alicloud_hbr_vault": {"vault_name": text},
        "alicloud_ram_role": {"role_name": text, "assume_role_policy_document": document(allow(text))},
    }


_RULE = {"vault_id": True, "source_type": True, "tag_filters": [{"key": True, "value": True}]}
RAM_MARKS: list[Any] = [True, {"policy_document": True}]
BACKUP_MARKS: list[Any] = [
    True,
    {"policy_name": True, "rules": True},
    {"policy_name": True, "rules": [_RULE]},
]


@pytest.mark.parametrize("marks", RAM_MARKS, ids=["all of it", "the document"])
@pytest.mark.parametrize("side", ["hidden", "sensitive"])
def test_a_document(tmp_path: Path, side: str, marks: Any) -> None:
    old, new = policy("oss:Get*"), policy("oss:*")
    default = {"set_as_default": True, "default_version": {"version_id": "v1", "policy_document": document()}}
    changes = [
        change("alicloud_ram_policy", old, new, **{side: marks}),
        change("alicloud_ram_policy", old, None, "delete", hidden=marks, address="a.deleted"),
        change("alipolicy_policy_version", {**old, **default}, {**new, **default}, **{side: marks}),
    ]
    content = {**plan(*changes), "resource_drift": changes[:1], "variables": {"x": {"value": SECRET}}}
    report = review(read_input(written(tmp_path, "plan.json", content)), at=AT)
    check(report)
    assert {"RV222", "RV251"} & set(codes(report))


@pytest.mark.parametrize("marks", BACKUP_MARKS, ids=["all of it", "the rules", "inside of a rule"])
@pytest.mark.parametrize("side", ["hidden", "sensitive"])
def test_a_rule(tmp_path: Path, side: str, marks: Any) -> None:
    content = plan(change("alicloud_hbr_policy", backups(7), backups(3), **{side: marks}))
    report = review(read_input(written(tmp_path, "plan.json", content)), at=AT)
    check(report)
    assert "RV251" in codes(report)


@pytest.mark.parametrize("side", ["hidden", "sensitive"])
def test_neighbours(tmp_path: Path, side: str) -> None:
    changes: list[dict[str, Any]] = []
    for kind, body in neighbours("").items():
        for marks in (True, dict.fromkeys(body, True)):
            name = f"{kind}.{len(changes)}"
            changes.append(change(kind, body, neighbours("2")[kind], address=name, **{side: marks}))
            changes.append(change(kind, body, None, "delete", address=f"{name}d", hidden=marks))
            changes.append(change(kind, None, body, "create", address=f"{name}c", sensitive=marks))
    check(review(read_input(written(tmp_path, "plan.json", plan(*changes))), at=AT))


def test_variables_and_outputs_of_files(tmp_path: Path) -> None:
    def side(value: str) -> dict[str, Any]:
        body = ram_policy(policy_name="p-${var.x}", policy_document="${var.d}")
        joined = ram_policy(policy_document="${jsonencode({Statement=[{Action=local.y}]})}")
        rule = backup_rule(vault_id="${module.m.o}", schedule="${nonsensitive(var.x)}")
        secret = {"default": value, "sensitive": True}
        return {
            "variable": {"x": secret, "d": {**secret, "default": document(allow(value))}},
            "locals": {"y": "${var.x}-y"},
            "module": {"m": {"source": "./m"}},
            "resource": {
                "alicloud_ram_policy": {"a": body, "b": joined},
                "alicloud_hbr_policy": {"c": backup_policy(rule)},
                "alicloud_ram_user_policy_attachment": {"d": {"user_name": "${var.x}", "policy_name": "p"}},
            },
        }

    written(tmp_path, "m/a.tf.json", {"output": {"o": {"value": SECRET, "sensitive": True}}})
    report = reviewed(tmp_path, side(SECRET), side(f"{SECRET}2"))
    check(report)
    assert "RV241" in codes(report)
    assert reviewed(tmp_path, side(SECRET), side(SECRET)).level is None
