"""How the Terraform providers express a backup vault, what they cannot express (BV4xx), and all codes."""

from __future__ import annotations

from constructs_lib.backup.policy_view import is_set
from constructs_lib.backup.vault_checks import CHECKS, BackupVaultView
from constructs_lib.findings import Basis, Problem, Problems, check


@check(
    "BV401",
    "The official provider's vault has no such argument",
    source="aliyun/alicloud, alicloud_hbr_vault",
    basis=Basis.TERRAFORM,
)
def not_in_alicloud(vault: BackupVaultView) -> Problems:
    """alicloud_hbr_vault is made by CreateVault alone, and is destroyed whatever it holds."""
    sources = ("replication_source_region_id", "replication_source_vault_id")
    for name in ("redundancy_type", *sources, "force_destroy"):
        if is_set(value := getattr(vault.props, name)):  # a token too
            yield Problem(name, value, "nothing here", "Deploy with AlipolicyProvider, which has it.")


ALICLOUD_CHECKS = (not_in_alicloud,)
VAULT_TYPES = {"alicloud": "alicloud_hbr_vault", "alipolicy": "alipolicy_backup_vault"}
"""The resource type, by the name of the provider."""
CODES = frozenset(each.code for each in (*CHECKS, *ALICLOUD_CHECKS))
"""Every code that a vault can have, with either provider."""
