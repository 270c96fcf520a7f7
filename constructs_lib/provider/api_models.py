"""What the services return, as values: policies and versions.

Sources: Cloud Backup, DescribePoliciesV2 (2017-09-08); RAM, GetPolicyVersion and ListPolicyVersions
(2015-05-01). CloudError: what has to be there is missing, or is something else.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

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


def version_of(operation: str, answer: ApiResponse) -> RemotePolicyVersion:
    return RemotePolicyVersion(
        version_id=text(answer, operation, "VersionId"),
        is_default_version=flag(answer.get("IsDefaultVersion")),
        create_date=_text(answer, "CreateDate"),
        policy_document=_text(answer, "PolicyDocument") or None,
    )


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
