"""What the services return, as values: policies, vaults, bindings and versions.

Sources: Cloud Backup, DescribePoliciesV2, DescribeVaults and DescribePolicyBindings (2017-09-08); RAM,
GetPolicyVersion and ListPolicyVersions (2015-05-01). CloudError: what has to be there is missing, or is
something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import fields, frozen

from constructs_lib.provider.api_client import ApiResponse, flag, parts, text, unreadable

ApiRule = dict[str, Any]


@frozen(kw_only=True)
class RemoteBackupPolicy:
    """A policy as DescribePoliciesV2 returns it. Times are UNIX seconds; what it leaves out is 0 or ""."""

    policy_id: str
    policy_name: str
    policy_description: str
    policy_type: str
    rules: tuple[ApiRule, ...]
    created_time: int = 0
    policy_binding_count: int = 0


@frozen(kw_only=True)
class RemoteVault:
    """A vault as DescribeVaults returns it. Times are UNIX seconds; what it leaves out is 0 or "".

    `snapshot_count`: how many recovery points it holds. `bytes_done`: how much was backed up, in bytes.
    """

    vault_id: str
    vault_name: str
    vault_type: str
    vault_storage_class: str
    vault_region_id: str
    description: str
    encrypt_type: str
    kms_key_id: str
    redundancy_type: str
    worm_enabled: bool
    replication: bool
    replication_source_region_id: str
    replication_source_vault_id: str
    resource_group_id: str
    status: str
    vault_status_message: str
    tags: Mapping[str, str]
    source_types: tuple[str, ...]
    created_time: int
    snapshot_count: int
    bytes_done: int


@frozen(kw_only=True)
class RemoteBinding:
    """A binding as DescribePolicyBindings returns it; `advanced_options` as the API spells them."""

    policy_id: str
    source_type: str
    data_source_id: str
    source: str
    include: str
    exclude: str
    speed_limit: str
    disabled: bool
    policy_binding_description: str
    cross_account_type: str
    cross_account_user_id: int
    cross_account_role_name: str
    created_by_tag: bool
    created_time: int
    advanced_options: Mapping[str, Any]


@frozen(kw_only=True)
class RemotePolicyVersion:
    """A version of a RAM policy. `policy_document` is None where the API left it out."""

    version_id: str
    is_default_version: bool
    create_date: str
    policy_document: str | None = None


# ------------------------------------------------------------ out of answers


def backup_policy_of(answer: ApiResponse) -> RemoteBackupPolicy:
    operation = "DescribePoliciesV2"
    return RemoteBackupPolicy(
        policy_id=text(answer, operation, "PolicyId"),
        policy_name=_text(answer, "PolicyName"),
        policy_description=_text(answer, "PolicyDescription"),
        policy_type=_text(answer, "PolicyType"),
        rules=tuple(parts({"Rules": answer.get("Rules") or []}, operation, "Rules")),
        created_time=_number(answer, operation, "CreatedTime"),
        policy_binding_count=_number(answer, operation, "PolicyBindingCount"),
    )


def vault_of(answer: ApiResponse) -> RemoteVault:
    operation = "DescribeVaults"
    tags, types = answer.get("Tags") or {}, answer.get("SourceTypes") or {}
    return RemoteVault(
        **_plain_fields(RemoteVault, answer, operation) | {"vault_id": text(answer, operation, "VaultId")},
        tags={_text(tag, "Key"): _text(tag, "Value") for tag in parts({"Tag": [], **tags}, operation, "Tag")},
        source_types=tuple(map(str, types.get("SourceType") or ())),
    )


def binding_of(answer: ApiResponse) -> RemoteBinding:
    operation = "DescribePolicyBindings"
    keys = ("policy_id", "source_type", "data_source_id")
    options = answer.get("AdvancedOptions")
    return RemoteBinding(
        **_plain_fields(RemoteBinding, answer, operation)
        | {name: text(answer, operation, wire_name(name)) for name in keys},
        advanced_options=options if isinstance(options, dict) else {},
    )


def _plain_fields(kind: type, answer: ApiResponse, operation: str) -> dict[str, Any]:
    """The fields that are strings, numbers and booleans, of parameters that are called as they are."""
    read: dict[Any, Callable[[ApiResponse, str], Any]] = {
        "str": _text,
        "bool": lambda given, name: flag(given.get(name)),
        "int": lambda given, name: _number(given, operation, name),
    }
    return {
        field.name: read[field.type](answer, wire_name(field.name))
        for field in fields(kind)
        if field.type in read
    }


def version_of(operation: str, answer: ApiResponse) -> RemotePolicyVersion:
    return RemotePolicyVersion(
        version_id=text(answer, operation, "VersionId"),
        is_default_version=flag(answer.get("IsDefaultVersion")),
        create_date=_text(answer, "CreateDate"),
        policy_document=_text(answer, "PolicyDocument") or None,
    )


def wire_name(name: str) -> str:
    """The API's name of an attribute: attributes are the API's parameters in snake_case."""
    return "".join("VSS" if word == "vss" else word.capitalize() for word in name.split("_"))


def version_name(policy_name: str, version_id: str, create_date: str) -> str:
    """What the journal calls a version: a number that is used again makes another name, by its date."""
    return f"{policy_name}:{version_id} of {create_date}"


def _text(answer: ApiResponse, name: str) -> str:
    value = answer.get(name)
    return "" if value is None else str(value)


def _number(answer: ApiResponse, operation: str, name: str) -> int:
    try:
        return int(answer.get(name) or 0)
    except (TypeError, ValueError):
        raise unreadable(operation, f"{name} is not a number") from None
