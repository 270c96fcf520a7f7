"""The data sources of vaults, and of what policies are bound to, as constructs."""

from __future__ import annotations

from typing import Unpack

from constructs_lib.cdk.data_sources import Element, Elements, OwnDataSource
from constructs_lib.cdk.element import MetaArguments
from constructs_lib.cdk.engine import cdktf, constructs


class BackupVaultData(Element):
    """A vault that there is. `snapshot_count`: how many recovery points it holds. `bytes_done`: bytes."""

    vault_id: str
    vault_name: str
    vault_type: str
    vault_storage_class: str
    description: str
    encrypt_type: str
    kms_key_id: str
    worm_enabled: cdktf.IResolvable
    redundancy_type: str
    replication: cdktf.IResolvable
    replication_source_region_id: str
    replication_source_vault_id: str
    resource_group_id: str
    tags: dict[str, str]
    vault_region_id: str
    status: str
    vault_status_message: str
    create_time: str
    snapshot_count: float
    bytes_done: float
    source_types: list[str]


class DataBackupVaults(OwnDataSource):
    """The backup vaults of the region of `AlipolicyProvider`: all, or by id, name or type; none is no error.

        gold = DataBackupVaults(stack, "gold", vault_name="gold")
        BackupPolicy.tiered(stack, "nightly", vault_id=gold.vaults[0].vault_id, …)

    * `vault_id`: only the vault with this id. `vault_name`: only vaults with exactly this name.
    * `vault_type`: `STANDARD` or `OTS_BACKUP`.
    * `depends_on` … `provider`: as in CDKTF.

    TypeError, ValueError: as `AnyDataSource`.
    """

    TYPE = "alipolicy_backup_vaults"

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        vault_id: str | None = None,
        vault_name: str | None = None,
        vault_type: str | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        attributes = {"vault_id": vault_id, "vault_name": vault_name, "vault_type": vault_type}
        super().__init__(scope, id_, attributes, **meta)

    @property
    def ids(self) -> list[str]:
        """The ids of the vaults. A token."""
        return self.get_list_attribute("ids")

    @property
    def vaults(self) -> Elements[BackupVaultData]:
        """The vaults."""
        return Elements(self, "vaults", BackupVaultData)


class UdmDetailData(Element):
    """Options for an ECS instance, as `UdmDetail`."""

    disk_id_list: list[str]
    exclude_disk_id_list: list[str]
    snapshot_group: cdktf.IResolvable
    app_consistent: cdktf.IResolvable
    enable_fs_freeze: cdktf.IResolvable
    enable_writers: cdktf.IResolvable
    timeout_in_seconds: float
    pre_script_path: str
    post_script_path: str
    ram_role_name: str
    destination_kms_key_id: str


class OssDetailData(Element):
    """Options for a bucket, as `OssDetail`."""

    inventory_id: str
    inventory_cleanup_policy: str
    ignore_archive_object: cdktf.IResolvable


class FileDetailData(Element):
    """Options for files, as `FileDetail`."""

    adv_policy: cdktf.IResolvable
    use_vss: cdktf.IResolvable


class CommonNasDetailData(Element):
    """Options for a NAS on the premises, as `CommonNasDetail`."""

    cluster_id: str
    fetch_slice_size: float
    full_on_increment_fail: cdktf.IResolvable


class CommonFileSystemDetailData(Element):
    """Options for CPFS, as `CommonFileSystemDetail`."""

    fetch_slice_size: float
    full_on_increment_fail: cdktf.IResolvable


class AdvancedOptionsData(Element):
    """Options for one type of source; each a list of at most one."""

    udm_detail: Elements[UdmDetailData]
    oss_detail: Elements[OssDetailData]
    file_detail: Elements[FileDetailData]
    common_nas_detail: Elements[CommonNasDetailData]
    common_file_system_detail: Elements[CommonFileSystemDetailData]


class BackupPolicyBindingData(Element):
    """A binding that there is. `created_by_tag`: whether a TAG rule of the policy made it."""

    id: str
    policy_id: str
    source_type: str
    data_source_id: str
    source: str
    include: str
    exclude: str
    speed_limit: str
    disabled: cdktf.IResolvable
    policy_binding_description: str
    cross_account_type: str
    cross_account_user_id: float
    cross_account_role_name: str
    create_time: str
    created_by_tag: cdktf.IResolvable
    advanced_options: Elements[AdvancedOptionsData]


class DataBackupPolicyBindings(OwnDataSource):
    """What the backup policies of the region of `AlipolicyProvider` are bound to; none is no error.

        buckets = DataBackupPolicyBindings(stack, "buckets", source_type="OSS")
        cdktf.TerraformOutput(stack, "ids", value=buckets.ids)

    * `policy_id`: only bindings of this policy. `source_type`: only sources of this type.
    * `data_source_id`: only the source with exactly this id.
    * `depends_on` … `provider`: as in CDKTF.

    TypeError, ValueError: as `AnyDataSource`.
    """

    TYPE = "alipolicy_backup_policy_bindings"

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_id: str | None = None,
        source_type: str | None = None,
        data_source_id: str | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        given = {"policy_id": policy_id, "source_type": source_type, "data_source_id": data_source_id}
        super().__init__(scope, id_, given, **meta)

    @property
    def ids(self) -> list[str]:
        """The ids of the bindings, to import them by. A token."""
        return self.get_list_attribute("ids")

    @property
    def bindings(self) -> Elements[BackupPolicyBindingData]:
        """The bindings."""
        return Elements(self, "bindings", BackupPolicyBindingData)
