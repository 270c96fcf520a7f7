"""What the API takes of a vault: reported where it should be, and silent elsewhere and on tokens."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.backup.vault import BackupVaultProps
from constructs_lib.backup.vault_checks import CHECKS, check_backup_vault
from constructs_lib.backup.vault_types import ALICLOUD
from constructs_lib.tokens import Deferred

LATER = Deferred("later")
MIRROR = {"replication_source_region_id": "cn-shanghai", "replication_source_vault_id": "v-1"}


def codes(*, region: str | None = None, **props: Any) -> list[str]:
    given = BackupVaultProps(**{"vault_name": "gold", **props})
    return [
        f"{each.code} {each.path}" for each in check_backup_vault(given, CHECKS + ALICLOUD.checks, region)
    ]


@pytest.mark.parametrize(
    ("props", "code"),
    [
        ({"vault_name": 7}, "BV100 vault_name"),
        ({"worm_enabled": "true"}, "BV100 worm_enabled"),
        ({"tags": ["a"]}, "BV100 tags"),
        ({"tags": {"a": 1}}, "BV100 tags"),
        ({"description": "\ud800"}, "BV100 description"),
        ({"vault_type": "OTS"}, "BV101 vault_type"),
        ({"encrypt_type": "kms", "kms_key_id": LATER}, "BV101 encrypt_type"),
        ({"vault_name": ""}, "BV102 vault_name"),
        ({"vault_name": "x" * 65}, "BV102 vault_name"),
        ({"description": "x" * 256}, "BV102 description"),
        ({"encrypt_type": "KMS"}, "BV103 kms_key_id"),
        ({"redundancy_type": "ZRS"}, "BV105 redundancy_type"),
        ({"kms_key_id": "k"}, "BV201 kms_key_id"),
        ({"kms_key_id": "k", "encrypt_type": "HBR_PRIVATE"}, "BV201 kms_key_id"),
        ({"vault_type": "OTS_BACKUP", "worm_enabled": True}, "BV202 worm_enabled"),
        ({"vault_storage_class": "IA"}, "BV301 vault_storage_class"),
        ({"force_destroy": True}, "BV401 force_destroy"),
        ({"force_destroy": False}, "BV401 force_destroy"),
    ],
)
def test_what_is_wrong_is_reported(props: dict[str, Any], code: str) -> None:
    assert code in codes(**props)


@pytest.mark.parametrize(
    ("props", "code"),
    [
        ({"replication_source_region_id": None}, "BV104 replication_source_region_id"),
        ({"replication_source_vault_id": None}, "BV104 replication_source_vault_id"),
        ({"vault_type": "STANDARD"}, "BV105 vault_type"),
        ({"vault_storage_class": "IA"}, "BV105 vault_storage_class"),
        ({"replication_source_vault_id": "gold"}, "BV302 replication_source_vault_id"),
        ({"replication_source_region_id": "shanghai"}, "BV302 replication_source_region_id"),
        ({}, "BV401 replication_source_vault_id"),
    ],
)
def test_of_a_mirror(props: dict[str, Any], code: str) -> None:
    assert code in codes(**MIRROR | props)


def test_a_mirror_in_the_region_of_its_source() -> None:
    assert "BV303 replication_source_region_id" in codes(**MIRROR, region="cn-shanghai")
    assert not [code for code in codes(**MIRROR, region="cn-beijing") if "BV3" in code]


@pytest.mark.parametrize(
    "props",
    [
        {},
        {"vault_type": "OTS_BACKUP", "description": "x" * 255, "tags": {"a": ""}},
        {"encrypt_type": "KMS", "kms_key_id": "alias/a", "worm_enabled": True},
        {"encrypt_type": LATER, "kms_key_id": "k"},
        dict.fromkeys(("vault_name", "vault_type", "kms_key_id", "encrypt_type", "tags"), LATER),
    ],
)
def test_nothing_else_is(props: dict[str, Any]) -> None:
    assert codes(**props) == []
