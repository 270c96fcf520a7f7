"""How the Terraform providers express a backup vault, what they cannot express (BV4xx), and all codes."""

from __future__ import annotations

from constructs_lib.backup.vault_checks import CHECKS, BackupVaultView
from constructs_lib.findings import Basis, Problem, Problems, check
from constructs_lib.resource_type import ResourceKind, ResourceType


@check(
    "BV401",
    "The official provider's vault has no such argument",
    source="aliyun/alicloud, alicloud_hbr_vault",
    basis=Basis.TERRAFORM,
)
def not_in_alicloud(vault: BackupVaultView) -> Problems:
    """alicloud_hbr_vault is made by CreateVault alone, and is destroyed whatever it holds. Even `false` is an
    argument that Terraform does not take."""
    sources = ("replication_source_region_id", "replication_source_vault_id")
    for name in ("redundancy_type", *sources, "force_destroy"):
        if (value := getattr(vault.props, name)) is not None:
            yield Problem(name, value, "nothing here", "Deploy with AlipolicyProvider, which has it.")


_FORCES_NEW = (
    *("vault_type", "vault_storage_class", "encrypt_type", "kms_key_id"),
    *("redundancy_type", "replication_source_region_id", "replication_source_vault_id"),
)
ALICLOUD = ResourceType(
    kind=ResourceKind.OTHER,
    provider_name="alicloud",
    name="alicloud_hbr_vault",
    forces_new_resource=_FORCES_NEW[:4],
    checks=(not_in_alicloud,),
)
ALIPOLICY = ResourceType(
    kind=ResourceKind.OTHER,
    provider_name="alipolicy",
    name="alipolicy_backup_vault",
    forces_new_resource=_FORCES_NEW,
    has_acknowledge=True,
)
VAULT_TYPES = {each.provider_name: each for each in (ALICLOUD, ALIPOLICY)}
CODES = frozenset(each.code for each in (*CHECKS, *ALICLOUD.checks))
"""Every code that a vault can have, with either provider."""
