"""Resource Access Management (RAM), version 2015-05-01: custom policies and their versions.

Nothing is ever permitted or refused by these policies here. `attachments` has what attaches them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.attachments import ATTACHMENT, OPERATIONS, attachments_of, detached_or_refused
from constructs_lib.localcloud.documents import checked_document
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.localcloud.policies import (
    CUSTOM,
    POLICY,
    SYSTEM,
    SYSTEM_POLICIES,
    VERSION,
    Policy,
    custom_policy,
    policy_name,
    policy_of,
    version_of,
    versions_of,
)
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall
from constructs_lib.localcloud.store import Stored
from constructs_lib.ram.policy_version import RotateStrategy

MAX_POLICIES = 1500
MAX_VERSIONS = 5
MAX_DESCRIPTION = 1024

_VERSION_ID = re.compile(r"v[1-9][0-9]{0,17}")


# ------------------------------------------------------------ policies


def create_policy(call: OperationCall) -> Answer:
    name, document = policy_name(call.parameters), checked_document(call.parameters)
    description = call.parameters.text("Description")
    if len(description) > MAX_DESCRIPTION:
        raise ApiError(errors.TOO_LONG, "Description")
    tags = call.parameters.tags()
    # uncertain: whether a custom policy may have the name of a system policy. It may here.
    # uncertain: whether two names that differ in case alone are one. They are two here.
    if call.objects.get(POLICY, name):
        raise ApiError(errors.POLICY_EXISTS)
    if call.objects.count(POLICY) >= MAX_POLICIES:
        raise ApiError(errors.TOO_MANY_POLICIES)
    body = {
        "Description": description,
        "CreateDate": call.date,
        "UpdateDate": call.date,
        "Tags": tags,
        "default": "v1",
        "latest": 1,
    }
    call.objects.add(POLICY, name, body)
    call.objects.add(VERSION, "v1", {"PolicyDocument": document, "CreateDate": call.date}, parent=name)
    told = {"PolicyName": name, "PolicyType": CUSTOM, "DefaultVersion": "v1"}
    return {"Policy": told | {key: body[key] for key in ("Description", "CreateDate")}}


def get_policy(call: OperationCall) -> Answer:
    policy = policy_of(call)
    version = version_of(call, policy, policy.body["default"])
    # PolicyDocument inside Policy is deprecated and a placeholder in the samples: the version has it.
    told = _told_policy(policy, len(attachments_of(call, policy)))
    return {"Policy": told, "DefaultPolicyVersion": _told_version(policy, version, with_document=True)}


def list_policies(call: OperationCall) -> Answer:
    wanted = call.parameters.text("PolicyType")
    if wanted not in ("", CUSTOM, SYSTEM):
        raise ApiError(errors.INVALID, "PolicyType")
    size = call.parameters.whole("MaxItems", 100, low=1, high=1000)
    marker = call.parameters.text("Marker")
    if marker and not (marker.isascii() and marker.isdigit() and len(marker) < 16):
        raise ApiError(errors.INVALID, "Marker")
    tags = call.parameters.tags()
    policies = [Policy(SYSTEM, name, body) for name, body in SYSTEM_POLICIES.items()]
    positions = list(range(1, len(policies) + 1))
    for stored in call.objects.all(POLICY):
        policies.append(Policy(CUSTOM, stored.name, stored.body))
        positions.append(len(SYSTEM_POLICIES) + stored.position)
    found = [
        (position, policy)
        for position, policy in zip(positions, policies, strict=True)
        if position > int(marker or 0)
        and wanted in ("", policy.type)
        and tags.items() <= policy.body["Tags"].items()
    ]
    counts = Counter(attachment.parent for attachment in call.objects.all(ATTACHMENT))
    page, is_truncated = found[:size], len(found) > size
    answer: Answer = {"IsTruncated": is_truncated}
    if is_truncated:
        answer["Marker"] = str(page[-1][0])
    listed = [
        _told_policy(policy, counts[policy.key])
        | {"Tags": {"Tag": [{"TagKey": k, "TagValue": v} for k, v in policy.body["Tags"].items()]}}
        for _, policy in page
    ]
    return answer | {"Policies": {"Policy": listed}}


def _told_policy(policy: Policy, attachment_count: int) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyType": policy.type,
        "Description": policy.body["Description"],
        "DefaultVersion": policy.body["default"],
        "CreateDate": policy.body["CreateDate"],
        "UpdateDate": policy.body["UpdateDate"],
        "AttachmentCount": attachment_count,
    }


def delete_policy(call: OperationCall) -> Answer:
    """CascadingDelete takes all versions along; it detaches nothing."""
    policy = custom_policy(call)
    is_cascading = call.parameters.boolean("CascadingDelete")
    detached_or_refused(call, policy)
    versions = versions_of(call, policy)
    if len(versions) > 1 and not is_cascading:
        raise ApiError(errors.POLICY_HAS_VERSIONS)
    for version in versions:
        call.objects.remove(VERSION, version.name, policy.name)
    call.objects.remove(POLICY, policy.name)
    return {}


# ------------------------------------------------------------ versions


def create_policy_version(call: OperationCall) -> Answer:
    parameters = call.parameters
    name, document = policy_name(parameters), checked_document(parameters)
    is_default, rotates = parameters.boolean("SetAsDefault"), _rotates(parameters)
    policy = custom_policy(call)
    versions = versions_of(call, policy)
    if len(versions) >= MAX_VERSIONS:
        if not rotates:
            raise ApiError(errors.TOO_MANY_VERSIONS)
        # The default version is never rotated away. uncertain: whether the one that is the default until this
        # very call counts as such where SetAsDefault is true. It does here.
        oldest = next(version for version in versions if version.name != policy.body["default"])
        call.objects.remove(VERSION, oldest.name, name)
    # uncertain: whether the number of a deleted version is used again. It never is here.
    latest = policy.body["latest"] + 1
    version_id = f"v{latest}"
    default = version_id if is_default else policy.body["default"]
    change = {"latest": latest, "default": default, "UpdateDate": call.date}
    call.objects.replace(POLICY, name, policy.body | change)
    # uncertain: whether the document is kept to the letter. It is here.
    call.objects.add(VERSION, version_id, {"PolicyDocument": document, "CreateDate": call.date}, parent=name)
    told = {"VersionId": version_id, "IsDefaultVersion": is_default, "CreateDate": call.date}
    return {"PolicyVersion": told | {"PolicyDocument": document}}


def _rotates(parameters: Parameters) -> bool:
    strategy = parameters.text("RotateStrategy") or RotateStrategy.NONE
    if strategy not in tuple(RotateStrategy):
        raise ApiError(errors.INVALID, "RotateStrategy")
    return strategy != RotateStrategy.NONE


def get_policy_version(call: OperationCall) -> Answer:
    version_id, policy = _version_id(call), policy_of(call)
    version = version_of(call, policy, version_id)
    return {"PolicyVersion": _told_version(policy, version, with_document=True)}


def list_policy_versions(call: OperationCall) -> Answer:
    policy = policy_of(call)
    # uncertain: whether the list holds the documents, and in which order it is. No client may need either.
    versions = [_told_version(policy, version, with_document=False) for version in versions_of(call, policy)]
    return {"PolicyVersions": {"PolicyVersion": versions}}


def set_default_policy_version(call: OperationCall) -> Answer:
    version_id, policy = _version_id(call), custom_policy(call)
    version_of(call, policy, version_id)
    change = {"default": version_id, "UpdateDate": call.date}
    call.objects.replace(POLICY, policy.name, policy.body | change)
    return {}


def delete_policy_version(call: OperationCall) -> Answer:
    version_id, policy = _version_id(call), custom_policy(call)
    version_of(call, policy, version_id)
    if version_id == policy.body["default"]:
        raise ApiError(errors.DEFAULT_VERSION)
    call.objects.remove(VERSION, version_id, policy.name)
    return {}


def _version_id(call: OperationCall) -> str:
    version_id = call.parameters.required("VersionId")
    if not _VERSION_ID.fullmatch(version_id):
        raise ApiError(errors.WRONG_FORMAT, "VersionId")
    return version_id


def _told_version(policy: Policy, version: Stored, *, with_document: bool) -> dict[str, Any]:
    told = {
        "VersionId": version.name,
        "IsDefaultVersion": version.name == policy.body["default"],
        "CreateDate": version.body["CreateDate"],
    }
    return told | ({"PolicyDocument": version.body["PolicyDocument"]} if with_document else {})


RAM = LocalService(
    name="RAM",
    version="2015-05-01",
    host="ram.aliyuncs.com",
    operations={
        "CreatePolicy": create_policy,
        "GetPolicy": get_policy,
        "ListPolicies": list_policies,
        "DeletePolicy": delete_policy,
        "CreatePolicyVersion": create_policy_version,
        "GetPolicyVersion": get_policy_version,
        "ListPolicyVersions": list_policy_versions,
        "SetDefaultPolicyVersion": set_default_policy_version,
        "DeletePolicyVersion": delete_policy_version,
        **OPERATIONS,
    },
    envelope={},
)
