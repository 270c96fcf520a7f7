"""`BackupVault`, with either provider."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import AlipolicyProvider, BackupPolicy, BackupVault, InvalidPropsError, Schedule, cdktf
from constructs_lib.testing import synth
from tests.cdk.elements import Stack

EVERYTHING: dict[str, Any] = {
    "vault_name": "gold",
    "vault_type": "STANDARD",
    "vault_storage_class": "STANDARD",
    "description": "every field",
    "encrypt_type": "KMS",
    "kms_key_id": "alias/backups",
    "worm_enabled": True,
    "resource_group_id": "rg-1",
    "tags": {"team": "db"},
}


def test_every_field(stack: Stack, terraform: SnapshotAssertion) -> None:
    assert synth(BackupVault(stack, "gold", **EVERYTHING)) == terraform


def test_every_field_for_our_provider(own_stack: Stack, terraform: SnapshotAssertion) -> None:
    BackupVault(own_stack, "gold", **EVERYTHING, force_destroy=True)
    BackupVault(
        own_stack,
        "mirror",
        vault_name="mirror",
        redundancy_type="ZRS",
        replication_source_region_id="cn-shanghai",
        replication_source_vault_id="v-1",
    )
    assert synth(own_stack) == terraform


def test_a_policy_takes_its_id(own_stack: Stack) -> None:
    gold = BackupVault(own_stack, "gold", vault_name="gold")
    BackupPolicy.tiered(
        own_stack,
        "nightly",
        schedule=Schedule.every("P1D", start=1648647166),
        retention=7,
        vault_id=gold.vault_id,
    )
    written: Any = synth(own_stack)
    rules = written["resource"]["alipolicy_backup_policy"]["nightly"]["rules"]
    assert rules[0]["vault_id"] == "${alipolicy_backup_vault.gold.id}"
    assert gold.id == gold.vault_id


@pytest.mark.parametrize(
    ("region", "source"),
    [("cn-hangzhou", "cn-hangzhou"), (None, "${alipolicy_backup_vault.gold.vault_region_id}")],
)
def test_a_vault_is_mirrored_in_another_region(region: str | None, source: str) -> None:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
    AlipolicyProvider(stack, "alipolicy", region=region)
    beijing = AlipolicyProvider(stack, "beijing", alias="beijing", region="cn-beijing")
    gold = BackupVault(stack, "gold", vault_name="gold", encrypt_type="KMS", kms_key_id="alias/gold")
    gold.mirror("copy", vault_name="copy", provider=beijing, kms_key_id="alias/copy", redundancy_type="ZRS")
    written: Any = synth(stack)
    assert written["resource"]["alipolicy_backup_vault"]["copy"] == {
        "vault_name": "copy",
        "encrypt_type": "KMS",
        "kms_key_id": "alias/copy",
        "redundancy_type": "ZRS",
        "replication_source_region_id": source,
        "replication_source_vault_id": "${alipolicy_backup_vault.gold.id}",
        "provider": "alipolicy.beijing",
    }


def test_a_mirror_beside_its_vault_is_a_warning(own_stack: Stack) -> None:
    gold = BackupVault(own_stack, "gold", vault_name="gold")
    near = AlipolicyProvider(own_stack, "near", alias="near", region="cn-hangzhou")
    copy = gold.mirror("copy", vault_name="copy", provider=near)
    assert [note for note in copy.node.metadata if "BV303" in str(note.data)]


@pytest.mark.parametrize(
    "more",
    [
        {"force_destroy": True},
        {"replication_source_region_id": "cn-shanghai", "replication_source_vault_id": "v-1"},
    ],
)
def test_what_the_official_provider_lacks_is_an_error_that_names_ours(
    stack: Stack, more: dict[str, Any]
) -> None:
    with pytest.raises(InvalidPropsError, match="AlipolicyProvider") as error:
        BackupVault(stack, "gold", vault_name="gold", **more)
    assert {finding.code for finding in error.value.findings} == {"BV401"}


def test_errors_stop_it_and_warnings_are_acknowledged(own_stack: Stack) -> None:
    with pytest.raises(InvalidPropsError, match="BackupVault 'gold' has 2 findings to fix"):
        BackupVault(own_stack, "gold", vault_name="", encrypt_type="KMS")
    reasons = {"BV301": "as in production", "BV201": "for later"}
    BackupVault(
        own_stack,
        "old",
        vault_name="old",
        vault_storage_class="IA",
        kms_key_id="k",
        acknowledge=reasons,
    )
    written: Any = synth(own_stack)
    assert written["resource"]["alipolicy_backup_vault"]["old"]["acknowledge"] == reasons
