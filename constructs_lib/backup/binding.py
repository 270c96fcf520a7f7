"""What a policy binding says, under the names of CreatePolicyBindings: the props that all doors share.

Source: Cloud Backup, CreatePolicyBindings (API version 2017-09-08), by the SDK's texts. Nothing is judged
here: `constructs_lib.backup.binding_checks` does that, for all at once.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from attrs import frozen

from constructs_lib.tokens import Boolean, Number, Resolvable


class BoundType(enum.StrEnum):
    """What a policy is bound to. TAG rules know fewer: `SourceType`."""

    UDM_ECS = "UDM_ECS"  # an ECS instance; only with UDM_ECS_ONLY
    OSS = "OSS"
    NAS = "NAS"
    COMMON_NAS = "COMMON_NAS"  # a NAS on the premises
    ECS_FILE = "ECS_FILE"
    File = "File"  # files of a server on the premises
    COMMON_FILE_SYSTEM = "COMMON_FILE_SYSTEM"  # CPFS
    OTS = "OTS"  # Tablestore


class BindingAccountType(enum.StrEnum):
    """Whose source it is."""

    SELF_ACCOUNT = "SELF_ACCOUNT"  # the account that the policy is in
    CROSS_ACCOUNT = "CROSS_ACCOUNT"  # another one, by a RAM role there


class InventoryCleanupPolicy(enum.StrEnum):
    """Which inventory files of a bucket are deleted after a backup."""

    NO_CLEANUP = "NO_CLEANUP"
    DELETE_CURRENT = "DELETE_CURRENT"
    DELETE_CURRENT_AND_PREVIOUS = "DELETE_CURRENT_AND_PREVIOUS"


@frozen(kw_only=True)
class UdmDetail:
    """Options for an ECS instance (API: UdmDetail).

    * `disk_id_list`, `exclude_disk_id_list`: which of its disks; left out, all. With the first the second is
      ignored.
    * `snapshot_group`: whether the disks are backed up at one moment; all have to be ESSDs.
    * `app_consistent`: whether the applications are; all disks have to be ESSDs. It needs `ram_role_name`,
      and may have `enable_fs_freeze`, `enable_writers`, `timeout_in_seconds`, `pre_script_path` and
      `post_script_path`.
    * `destination_kms_key_id`: encrypts the copies in another region. The SDK has it in answers only; the
      official provider sends it.
    """

    disk_id_list: Sequence[str | Resolvable] | Resolvable | None = None
    exclude_disk_id_list: Sequence[str | Resolvable] | Resolvable | None = None
    snapshot_group: Boolean | None = None
    app_consistent: Boolean | None = None
    enable_fs_freeze: Boolean | None = None
    enable_writers: Boolean | None = None
    timeout_in_seconds: Number | None = None
    pre_script_path: str | Resolvable | None = None
    post_script_path: str | Resolvable | None = None
    ram_role_name: str | Resolvable | None = None
    destination_kms_key_id: str | Resolvable | None = None


@frozen(kw_only=True)
class OssDetail:
    """Options for a bucket (API: OssDetail).

    * `inventory_id`: the inventory by which it is listed; left out, it is listed without.
    * `inventory_cleanup_policy`: what becomes of the files of the inventory.
    * `ignore_archive_object`: whether objects in the archive tier are no failures.
    """

    inventory_id: str | Resolvable | None = None
    inventory_cleanup_policy: InventoryCleanupPolicy | str | Resolvable | None = None
    ignore_archive_object: Boolean | None = None


@frozen(kw_only=True)
class FileDetail:
    """Options for files (API: FileDetail).

    * `adv_policy`: whether an advanced policy is used. `use_vss`: whether Windows' VSS is.
    """

    adv_policy: Boolean | None = None
    use_vss: Boolean | None = None


@frozen(kw_only=True)
class CommonNasDetail:
    """Options for a NAS on the premises (API: CommonNasDetail).

    * `cluster_id`: the group of clients that back it up. `fetch_slice_size`: files in one task.
    * `full_on_increment_fail`: whether a full backup follows an incremental one that failed.
    """

    cluster_id: str | Resolvable | None = None
    fetch_slice_size: Number | None = None
    full_on_increment_fail: Boolean | None = None


@frozen(kw_only=True)
class CommonFileSystemDetail:
    """Options for CPFS (API: CommonFileSystemDetail), as those of `CommonNasDetail`."""

    fetch_slice_size: Number | None = None
    full_on_increment_fail: Boolean | None = None


@frozen(kw_only=True)
class AdvancedOptions:
    """Options for one type of source; each a list of one, as in Terraform (API: AdvancedOptions)."""

    udm_detail: Sequence[UdmDetail] | Resolvable | None = None
    oss_detail: Sequence[OssDetail] | Resolvable | None = None
    file_detail: Sequence[FileDetail] | Resolvable | None = None
    common_nas_detail: Sequence[CommonNasDetail] | Resolvable | None = None
    common_file_system_detail: Sequence[CommonFileSystemDetail] | Resolvable | None = None


@frozen(kw_only=True)
class BackupPolicyBindingProps:
    """The parameters of CreatePolicyBindings, for one source.

    * `policy_id`: the policy (API: PolicyId).
    * `source_type`, `data_source_id`: the source: a bucket's name, the id of an instance, of a file system or
      of a client (API: SourceType, DataSourceId).
    * `source`: which part of it: a prefix, or a list of paths or tables as JSON (API: Source).
    * `include`, `exclude`: which files, at most 255 characters (API: Include, Exclude).
    * `speed_limit`: such as `0:24:1024`, from hour to hour KB/s; several are separated by `|` (API:
      SpeedLimit).
    * `disabled`: whether no backups are made for now (API: Disabled).
    * `policy_binding_description`: free text (API: PolicyBindingDescription).
    * `cross_account_type`, `cross_account_user_id`, `cross_account_role_name`: whose source it is (API:
      CrossAccountType, CrossAccountUserId, CrossAccountRoleName).
    * `advanced_options`: a list of one (API: AdvancedOptions).
    """

    policy_id: str | Resolvable | None = None
    source_type: BoundType | str | Resolvable | None = None
    data_source_id: str | Resolvable | None = None
    source: str | Resolvable | None = None
    include: str | Resolvable | None = None
    exclude: str | Resolvable | None = None
    speed_limit: str | Resolvable | None = None
    disabled: Boolean | None = None
    policy_binding_description: str | Resolvable | None = None
    cross_account_type: BindingAccountType | str | Resolvable | None = None
    cross_account_user_id: Number | None = None
    cross_account_role_name: str | Resolvable | None = None
    advanced_options: Sequence[AdvancedOptions] | Resolvable | None = None


BINDING_BLOCKS: dict[str, type] = {
    "advanced_options": AdvancedOptions,
    "udm_detail": UdmDetail,
    "oss_detail": OssDetail,
    "file_detail": FileDetail,
    "common_nas_detail": CommonNasDetail,
    "common_file_system_detail": CommonFileSystemDetail,
}
"""The class of each list's elements, by prop: for Terraform, these lists are nested blocks."""
