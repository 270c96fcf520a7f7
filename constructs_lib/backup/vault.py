"""A backup vault as the API takes it: the props that all doors share, under the names of CreateVault.

Sources: Cloud Backup, CreateVault and CreateReplicationVault (API version 2017-09-08), by the SDK's texts.
Nothing is judged here: `constructs_lib.backup.vault_checks` does that, for all at once.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from attrs import frozen

from constructs_lib.tokens import Boolean, Resolvable


class VaultType(enum.StrEnum):
    """What a vault is for."""

    STANDARD = "STANDARD"
    OTS_BACKUP = "OTS_BACKUP"  # Tablestore


class VaultStorageClass(enum.StrEnum):
    """The storage class of a vault; all but STANDARD are deprecated."""

    STANDARD = "STANDARD"
    IA = "IA"
    ARCHIVE = "ARCHIVE"
    COLD_ARCHIVE = "COLD_ARCHIVE"


class EncryptType(enum.StrEnum):
    """By whose key a vault is encrypted."""

    HBR_PRIVATE = "HBR_PRIVATE"  # the service's own
    KMS = "KMS"  # one in Key Management Service


class RedundancyType(enum.StrEnum):
    """Where the copies of what a vault holds are."""

    LRS = "LRS"  # in one zone
    ZRS = "ZRS"  # in three


@frozen(kw_only=True)
class BackupVaultProps:
    """The parameters of CreateVault, or of CreateReplicationVault where there is a source.

    * `vault_name`: the name shown in the console, 1 to 64 characters (API: VaultName).
    * `vault_type`: left out, the service decides (API: VaultType).
    * `vault_storage_class`: left out, the service decides (API: VaultStorageClass).
    * `description`: free text, at most 255 characters (API: Description).
    * `encrypt_type`, `kms_key_id`: by which key it is encrypted (API: EncryptType, KmsKeyId).
    * `worm_enabled`: whether backups are immutable, which cannot be undone (API: WormEnabled).
    * `redundancy_type`: of a replication vault (API: RedundancyType).
    * `replication_source_region_id`, `replication_source_vault_id`: the vault that this one mirrors (API:
      ReplicationSourceRegionId, ReplicationSourceVaultId).
    * `resource_group_id`: left out, the service takes the default one (API: ResourceGroupId).
    * `tags`: by key (API: TagResources).
    * `force_destroy`: whether a destroy may delete recovery points, too. No parameter of the API.
    """

    vault_name: str | Resolvable | None = None
    vault_type: VaultType | str | Resolvable | None = None
    vault_storage_class: VaultStorageClass | str | Resolvable | None = None
    description: str | Resolvable | None = None
    encrypt_type: EncryptType | str | Resolvable | None = None
    kms_key_id: str | Resolvable | None = None
    worm_enabled: Boolean | None = None
    redundancy_type: RedundancyType | str | Resolvable | None = None
    replication_source_region_id: str | Resolvable | None = None
    replication_source_vault_id: str | Resolvable | None = None
    resource_group_id: str | Resolvable | None = None
    tags: Mapping[str, str | Resolvable] | Resolvable | None = None
    force_destroy: Boolean | None = None
