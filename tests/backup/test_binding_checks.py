"""What the API takes of a binding: reported where it should be, and silent elsewhere and on tokens."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.backup.binding import (
    AdvancedOptions,
    BackupPolicyBindingProps,
    BoundType,
    FileDetail,
    OssDetail,
    UdmDetail,
)
from constructs_lib.backup.binding_checks import CHECKS, OWNERS, check_binding
from constructs_lib.backup.binding_types import ALICLOUD
from constructs_lib.tokens import Deferred

LATER = Deferred("later")
IDS = {"UDM_ECS": "i-1", "ECS_FILE": "i-1", "File": "c-1", "OSS": "logs"}
PATHS = {"COMMON_NAS": '["/"]', "COMMON_FILE_SYSTEM": '["/"]'}


def codes(
    source_type: Any = "OSS", *, checks: Any = CHECKS, policy_type: Any = None, **props: Any
) -> list[str]:
    given = {
        "policy_id": "po-1",
        "source_type": source_type,
        "data_source_id": IDS.get(source_type, "x"),
        "source": PATHS.get(source_type),
        **props,
    }
    findings = check_binding(BackupPolicyBindingProps(**given), checks, policy_type)
    return [f"{each.code} {each.path}" for each in findings]


def udm(**options: Any) -> dict[str, Any]:
    return {"advanced_options": [AdvancedOptions(udm_detail=[UdmDetail(**options)])]}


def oss(**options: Any) -> dict[str, Any]:
    return {"advanced_options": [AdvancedOptions(oss_detail=[OssDetail(**options)])]}


@pytest.mark.parametrize(
    ("source_type", "props", "code"),
    [
        ("OSS", {"data_source_id": 7}, "BB100 data_source_id"),
        ("OSS", {"disabled": 1}, "BB100 disabled"),
        ("OSS", {"advanced_options": AdvancedOptions()}, "BB100 advanced_options"),
        ("UDM_ECS", udm(disk_id_list=[1]), "BB100 advanced_options[0].udm_detail[0].disk_id_list[0]"),
        ("oss", {}, "BB101 source_type"),
        ("OSS", {"cross_account_type": "OTHER"}, "BB101 cross_account_type"),
        (
            "OSS",
            oss(inventory_id="i", inventory_cleanup_policy="ALL"),
            "BB101 advanced_options[0].oss_detail[0]",
        ),
        ("NAS", {"include": "x" * 256}, "BB102 include"),
        ("OSS", {"policy_id": ""}, "BB103 policy_id"),
        ("OSS", {"data_source_id": None}, "BB103 data_source_id"),
        ("COMMON_NAS", {"source": None}, "BB104 source"),
        ("COMMON_FILE_SYSTEM", {"source": ""}, "BB104 source"),
        ("UDM_ECS", udm(app_consistent=True), "BB203 advanced_options[0].udm_detail[0].ram_role_name"),
        ("UDM_ECS", udm(timeout_in_seconds=9), "BB203 advanced_options[0].udm_detail[0].timeout_in_seconds"),
        ("OSS", {"cross_account_type": "CROSS_ACCOUNT"}, "BB204 cross_account_user_id"),
        ("OSS", {"cross_account_role_name": "r"}, "BB204 cross_account_role_name"),
        ("OSS", {"source": '["a/"]'}, "BB205 source"),
        ("ECS_FILE", {"source": "[/a]"}, "BB205 source"),
        ("OTS", {"source": '["a", 1]'}, "BB205 source"),
        ("COMMON_NAS", {"source": '["/a", "/b"]'}, "BB205 source"),
        ("File", {"speed_limit": "fast"}, "BB301 speed_limit"),
        ("File", {"speed_limit": "8:25:1"}, "BB301 speed_limit"),
        ("File", {"speed_limit": "0:9:1|8:24:1"}, "BB301 speed_limit"),
        ("UDM_ECS", udm(disk_id_list=["d"], exclude_disk_id_list=["e"]), "BB302 advanced_options[0]"),
        ("OSS", oss(inventory_cleanup_policy="NO_CLEANUP"), "BB302 advanced_options[0].oss_detail[0]"),
        ("OSS", {"policy_id": "daily"}, "BB303 policy_id"),
        ("OSS", {"data_source_id": "Logs_"}, "BB303 data_source_id"),
        ("UDM_ECS", {"data_source_id": "i-***"}, "BB303 data_source_id"),
    ],
)
def test_what_is_wrong_is_reported(source_type: Any, props: dict[str, Any], code: str) -> None:
    assert [each for each in codes(source_type, **props) if each.startswith(code)]


@pytest.mark.parametrize("name", [name for name in OWNERS if not name.endswith("_detail")])
@pytest.mark.parametrize("source_type", BoundType)
def test_each_prop_belongs_to_its_types(name: str, source_type: BoundType) -> None:
    value = "0:24:1024" if name == "speed_limit" else '["/a"]' if source_type != "OSS" else "a"
    reported = f"BB201 {name}" in codes(str(source_type), **{name: value})
    assert reported == (source_type not in OWNERS[name])


def test_options_belong_to_their_types() -> None:
    assert "BB201 advanced_options[0].udm_detail[0]" in codes("OSS", **udm(snapshot_group=True))


@pytest.mark.parametrize("source_type", BoundType)
@pytest.mark.parametrize("policy_type", ["STANDARD", "UDM_ECS_ONLY", None, "OTHER"])
def test_a_source_goes_with_the_type_of_its_policy(source_type: str, policy_type: str | None) -> None:
    wrong = {"STANDARD": source_type == "UDM_ECS", "UDM_ECS_ONLY": source_type != "UDM_ECS"}
    reported = "BB202 source_type" in codes(str(source_type), policy_type=policy_type)
    assert reported == wrong.get(policy_type or "", False)


@pytest.mark.parametrize("source_type", BoundType)
def test_what_the_acceptance_tests_have_is_fine(source_type: str) -> None:
    source = {"NAS": "/", "ECS_FILE": "/opt", "File": "/root", "OSS": "prefix/"}.get(source_type)
    more = {"source": source} if source else {}
    assert codes(str(source_type), **more) == []


def test_tokens_are_stepped_over() -> None:
    names = ("policy_id", "data_source_id", "source", "include", "speed_limit", "cross_account_user_id")
    assert codes(LATER, **dict.fromkeys(names, LATER)) == []
    assert codes("UDM_ECS", **udm(app_consistent=LATER, ram_role_name=LATER, disk_id_list=LATER)) == []


@pytest.mark.parametrize(
    ("source_type", "props", "path"),
    [
        ("COMMON_NAS", {}, "source_type"),
        ("COMMON_FILE_SYSTEM", {}, "source_type"),
        ("UDM_ECS", udm(snapshot_group=True), "advanced_options[0].udm_detail[0].snapshot_group"),
        ("UDM_ECS", udm(enable_writers=False), "advanced_options[0].udm_detail[0].enable_writers"),
        (
            "ECS_FILE",
            {"advanced_options": [AdvancedOptions(file_detail=[FileDetail(use_vss=True)])]},
            "advanced_options[0].file_detail[0]",
        ),
    ],
)
def test_what_the_official_provider_cannot_say(source_type: str, props: dict[str, Any], path: str) -> None:
    assert codes(source_type, checks=ALICLOUD.checks, **props) == [f"BB401 {path}"]


def test_what_the_official_provider_can_say() -> None:
    options = udm(disk_id_list=["d"], destination_kms_key_id="k")
    assert codes("UDM_ECS", checks=ALICLOUD.checks, **options) == []
    assert codes("OSS", checks=ALICLOUD.checks, **oss(inventory_id="i")) == []
