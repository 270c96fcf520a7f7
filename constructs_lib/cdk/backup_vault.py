"""The construct `BackupVault`: CreateVault and CreateReplicationVault of Cloud Backup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from attrs import asdict

from constructs_lib.backup.vault import (
    BackupVaultProps,
    EncryptType,
    RedundancyType,
    VaultStorageClass,
    VaultType,
)
from constructs_lib.backup.vault_checks import CHECKS, check_backup_vault
from constructs_lib.backup.vault_types import CODES, VAULT_TYPES
from constructs_lib.cdk.comment import write_reasons
from constructs_lib.cdk.element import MetaArguments, ResourceConstruct, annotate
from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.cdk.providers import find_provider_name, find_region
from constructs_lib.findings import Finding, approved
from constructs_lib.resource_type import ResourceType
from constructs_lib.tokens import Boolean, Resolvable


class BackupVault(ResourceConstruct):
    """A backup vault of Cloud Backup, as CreateVault makes it, or CreateReplicationVault.

        gold = BackupVault(self, "gold", vault_name="gold")
        BackupPolicy.tiered(self, "nightly", vault_id=gold.vault_id, …)
        gold.mirror("gold-beijing", vault_name="gold", provider=beijing)

    * `vault_name`: the name shown in the console, 1 to 64 characters (API: VaultName).
    * `vault_type`: STANDARD, or OTS_BACKUP for Tablestore; left out, the service decides (API: VaultType).
    * `vault_storage_class`: STANDARD; the others are deprecated (API: VaultStorageClass).
    * `description`: free text, at most 255 characters (API: Description).
    * `encrypt_type`, `kms_key_id`: HBR_PRIVATE, the service's own key, or KMS with the id or the alias of a
      key (API: EncryptType, KmsKeyId).
    * `worm_enabled`: whether nobody can delete backups, nor the vault, before they expire. It cannot be
      switched off again (API: WormEnabled).
    * `replication_source_region_id`, `replication_source_vault_id`: the vault of another region that this one
      mirrors; then `redundancy_type`, LRS or ZRS, may be chosen (API: ReplicationSourceRegionId,
      ReplicationSourceVaultId, RedundancyType).
    * `resource_group_id`: left out, the default one (API: ResourceGroupId). `tags`: by key.
    * `force_destroy`: whether a destroy may delete recovery points with the vault; left out, a vault that
      holds any is not destroyed.
    * `acknowledge`: reasons by finding code, for 2xx and 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    Every value may be a CDKTF token. Becomes `alipolicy_backup_vault` or `alicloud_hbr_vault`, which mirrors
    nothing, and is destroyed with all that it holds. The provider of the stack (or `provider=`) decides.

    Raises `InvalidPropsError` with all findings at once; ValueError and TypeError as `BackupPolicy`.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        vault_name: str | Resolvable,
        vault_type: VaultType | str | Resolvable | None = None,
        vault_storage_class: VaultStorageClass | str | Resolvable | None = None,
        description: str | Resolvable | None = None,
        encrypt_type: EncryptType | str | Resolvable | None = None,
        kms_key_id: str | Resolvable | None = None,
        worm_enabled: Boolean | None = None,
        redundancy_type: RedundancyType | str | Resolvable | None = None,
        replication_source_region_id: str | Resolvable | None = None,
        replication_source_vault_id: str | Resolvable | None = None,
        resource_group_id: str | Resolvable | None = None,
        tags: Mapping[str, str | Resolvable] | Resolvable | None = None,
        force_destroy: Boolean | None = None,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        props = BackupVaultProps(
            vault_name=vault_name,
            vault_type=vault_type,
            vault_storage_class=vault_storage_class,
            description=description,
            encrypt_type=encrypt_type,
            kms_key_id=kms_key_id,
            worm_enabled=worm_enabled,
            redundancy_type=redundancy_type,
            replication_source_region_id=replication_source_region_id,
            replication_source_vault_id=replication_source_vault_id,
            resource_group_id=resource_group_id,
            tags=tags,
            force_destroy=force_destroy,
        )
        resource_type, findings = _check(scope, props, meta.get("provider"))
        warnings = approved(f"BackupVault {id_!r}", findings, acknowledge, CODES)
        super().__init__(
            scope,
            id_,
            terraform_type=resource_type.name,
            provider_name=resource_type.provider_name,
            attributes=asdict(props, recurse=False) | write_reasons(acknowledge, resource_type),
            blocks={},
            **meta,
        )
        self._encrypt_type = encrypt_type
        annotate(self, warnings)

    def mirror(
        self,
        id_: str,
        *,
        vault_name: str | Resolvable,
        provider: cdktf.TerraformProvider,
        kms_key_id: str | Resolvable | None = None,
        redundancy_type: RedundancyType | str | Resolvable | None = None,
        acknowledge: Mapping[str, str] | None = None,
    ) -> BackupVault:
        """A vault in another region, that of `provider`, which holds copies of all backups of this one.

        It stands beside this vault, and is encrypted as this one is: where that is by KMS, with a key of its
        own region, `kms_key_id`.
        """
        scope = self.node.scope
        assert isinstance(scope, constructs.Construct), "a resource is in a stack"
        return BackupVault(
            scope,
            id_,
            vault_name=vault_name,
            encrypt_type=self._encrypt_type,
            kms_key_id=kms_key_id,
            redundancy_type=redundancy_type,
            replication_source_region_id=(
                find_region(scope, self.provider) or self.string_attribute("vault_region_id")
            ),
            replication_source_vault_id=self.vault_id,
            acknowledge=acknowledge,
            provider=provider,
        )

    @property
    def id(self) -> str:
        """The same as `vault_id`, by Terraform's name. A token."""
        return self.vault_id

    @property
    def vault_id(self) -> str:
        """The id that the service gives the vault, such as `v-000…` (API: VaultId). A token."""
        return self.string_attribute("id")

    @property
    def vault_name(self) -> str:
        """The vault's name. A token."""
        return self.string_attribute("vault_name")

    @property
    def create_time(self) -> str:
        """When the vault was created. A token."""
        return self.string_attribute("create_time")


def _check(
    scope: constructs.Construct, props: BackupVaultProps, provider: cdktf.TerraformProvider | None
) -> tuple[ResourceType, list[Finding]]:
    """The type that the stack's provider has, and the findings on it."""
    resource_type = VAULT_TYPES[find_provider_name(scope, provider)]
    region = None if props.replication_source_region_id is None else find_region(scope, provider)
    return resource_type, check_backup_vault(props, CHECKS + resource_type.checks, region)
