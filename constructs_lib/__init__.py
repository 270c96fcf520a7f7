"""Alibaba Cloud backup policies and RAM policy versions as checked, typed CDKTF constructs.

The names below are loaded on first use: what needs no Node (schedules, documents, checks) starts none.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructs_lib.backup.binding import BindingAccountType as BindingAccountType
    from constructs_lib.backup.binding import BoundType as BoundType
    from constructs_lib.backup.binding import CommonFileSystemDetail as CommonFileSystemDetail
    from constructs_lib.backup.binding import CommonNasDetail as CommonNasDetail
    from constructs_lib.backup.binding import FileDetail as FileDetail
    from constructs_lib.backup.binding import InventoryCleanupPolicy as InventoryCleanupPolicy
    from constructs_lib.backup.binding import OssDetail as OssDetail
    from constructs_lib.backup.binding import UdmDetail as UdmDetail
    from constructs_lib.backup.bound_sources import BoundSource as BoundSource
    from constructs_lib.backup.bound_sources import CpfsFileSystem as CpfsFileSystem
    from constructs_lib.backup.bound_sources import EcsFiles as EcsFiles
    from constructs_lib.backup.bound_sources import EcsInstance as EcsInstance
    from constructs_lib.backup.bound_sources import LocalNas as LocalNas
    from constructs_lib.backup.bound_sources import NasFileSystem as NasFileSystem
    from constructs_lib.backup.bound_sources import OssBucket as OssBucket
    from constructs_lib.backup.bound_sources import ServerFiles as ServerFiles
    from constructs_lib.backup.bound_sources import TablestoreInstance as TablestoreInstance
    from constructs_lib.backup.rule import AdvancedRetention as AdvancedRetention
    from constructs_lib.backup.rule import AdvancedRetentionType as AdvancedRetentionType
    from constructs_lib.backup.rule import BackupPolicyRule as BackupPolicyRule
    from constructs_lib.backup.rule import BackupType as BackupType
    from constructs_lib.backup.rule import CrossAccount as CrossAccount
    from constructs_lib.backup.rule import CrossAccountType as CrossAccountType
    from constructs_lib.backup.rule import DataSourceFilter as DataSourceFilter
    from constructs_lib.backup.rule import PolicyType as PolicyType
    from constructs_lib.backup.rule import RuleType as RuleType
    from constructs_lib.backup.rule import SourceType as SourceType
    from constructs_lib.backup.rule import TagFilter as TagFilter
    from constructs_lib.backup.rule import TagOperator as TagOperator
    from constructs_lib.backup.schedule import Schedule as Schedule
    from constructs_lib.backup.schedule import ScheduleError as ScheduleError
    from constructs_lib.backup.vault import EncryptType as EncryptType
    from constructs_lib.backup.vault import RedundancyType as RedundancyType
    from constructs_lib.backup.vault import VaultStorageClass as VaultStorageClass
    from constructs_lib.backup.vault import VaultType as VaultType
    from constructs_lib.cdk.backup_data_sources import DataBackupPolicyBindings as DataBackupPolicyBindings
    from constructs_lib.cdk.backup_data_sources import DataBackupVaults as DataBackupVaults
    from constructs_lib.cdk.backup_policy import BackupPolicy as BackupPolicy
    from constructs_lib.cdk.backup_policy_binding import BackupPolicyBinding as BackupPolicyBinding
    from constructs_lib.cdk.backup_vault import BackupVault as BackupVault
    from constructs_lib.cdk.data_sources import DataBackupPolicies as DataBackupPolicies
    from constructs_lib.cdk.data_sources import DataPolicies as DataPolicies
    from constructs_lib.cdk.data_sources import DataPolicyAttachments as DataPolicyAttachments
    from constructs_lib.cdk.data_sources import DataPolicyVersions as DataPolicyVersions
    from constructs_lib.cdk.engine import cdktf as cdktf
    from constructs_lib.cdk.engine import constructs as constructs
    from constructs_lib.cdk.others import AnyDataSource as AnyDataSource
    from constructs_lib.cdk.others import AnyResource as AnyResource
    from constructs_lib.cdk.policy import Policy as Policy
    from constructs_lib.cdk.policy_attachment import PolicyAttachment as PolicyAttachment
    from constructs_lib.cdk.policy_version import PolicyVersion as PolicyVersion
    from constructs_lib.cdk.providers import AlicloudProvider as AlicloudProvider
    from constructs_lib.cdk.providers import AlipolicyProvider as AlipolicyProvider
    from constructs_lib.findings import Finding as Finding
    from constructs_lib.findings import InvalidPropsError as InvalidPropsError
    from constructs_lib.findings import Severity as Severity
    from constructs_lib.ram.document import PolicyDocument as PolicyDocument
    from constructs_lib.ram.document import PolicyStatement as PolicyStatement
    from constructs_lib.ram.grammar import Effect as Effect
    from constructs_lib.ram.policy_version import RotateStrategy as RotateStrategy

_MODULES = {
    "constructs_lib.backup.binding": (
        "BindingAccountType",
        "BoundType",
        "CommonFileSystemDetail",
        "CommonNasDetail",
        "FileDetail",
        "InventoryCleanupPolicy",
        "OssDetail",
        "UdmDetail",
    ),
    "constructs_lib.backup.bound_sources": (
        "BoundSource",
        "CpfsFileSystem",
        "EcsFiles",
        "EcsInstance",
        "LocalNas",
        "NasFileSystem",
        "OssBucket",
        "ServerFiles",
        "TablestoreInstance",
    ),
    "constructs_lib.backup.vault": (
        "EncryptType",
        "RedundancyType",
        "VaultStorageClass",
        "VaultType",
    ),
    "constructs_lib.cdk.backup_policy_binding": ("BackupPolicyBinding",),
    "constructs_lib.cdk.backup_vault": ("BackupVault",),
    "constructs_lib.backup.rule": (
        "AdvancedRetention",
        "AdvancedRetentionType",
        "BackupPolicyRule",
        "BackupType",
        "CrossAccount",
        "CrossAccountType",
        "DataSourceFilter",
        "PolicyType",
        "RuleType",
        "SourceType",
        "TagFilter",
        "TagOperator",
    ),
    "constructs_lib.backup.schedule": ("Schedule", "ScheduleError"),
    "constructs_lib.cdk.backup_data_sources": ("DataBackupPolicyBindings", "DataBackupVaults"),
    "constructs_lib.cdk.backup_policy": ("BackupPolicy",),
    "constructs_lib.cdk.data_sources": (
        "DataBackupPolicies",
        "DataPolicies",
        "DataPolicyAttachments",
        "DataPolicyVersions",
    ),
    "constructs_lib.cdk.engine": ("cdktf", "constructs"),
    "constructs_lib.cdk.others": ("AnyDataSource", "AnyResource"),
    "constructs_lib.cdk.policy": ("Policy",),
    "constructs_lib.cdk.policy_attachment": ("PolicyAttachment",),
    "constructs_lib.cdk.policy_version": ("PolicyVersion",),
    "constructs_lib.cdk.providers": ("AlicloudProvider", "AlipolicyProvider"),
    "constructs_lib.findings": ("Finding", "InvalidPropsError", "Severity"),
    "constructs_lib.ram.document": ("PolicyDocument", "PolicyStatement"),
    "constructs_lib.ram.grammar": ("Effect",),
    "constructs_lib.ram.policy_version": ("RotateStrategy",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
