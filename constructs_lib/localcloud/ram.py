"""Resource Access Management (RAM), version 2015-05-01: custom policies and their versions.

Nothing is ever permitted or refused by these policies here. `principals` has users, groups and roles,
`attachments` who has which policy, `tags` the tags of all of them, `account_settings` what is the account's.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from constructs_lib.localcloud import (
    account_settings,
    attachments,
    errors,
    operation_parameters,
    principals,
)
from constructs_lib.localcloud.attachments import list_attachments, refuse_attached
from constructs_lib.localcloud.documents import read_document
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.policies import (
    CUSTOM,
    POLICY,
    SYSTEM,
    SYSTEM_POLICIES,
    VERSION,
    LocalPolicy,
    find_custom_policy,
    find_policy,
    find_version,
    list_versions,
    policy_name,
)
from constructs_lib.localcloud.principals import ATTACHMENT
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall, cut_page
from constructs_lib.localcloud.store import Stored
from constructs_lib.localcloud.tags import TAG_FIELDS, TaggedResources, describe_tags
from constructs_lib.ram.policy_version import RotateStrategy

MAX_POLICIES = 1500
MAX_VERSIONS = 5
MAX_DESCRIPTION = 1024

_VERSION_ID = re.compile(r"v[1-9][0-9]{0,17}")


# ------------------------------------------------------------ policies


def create_policy(call: OperationCall) -> Answer:
    name, document = policy_name(call.parameters), read_document(call.parameters)
    description = call.parameters.string("Description")
    if len(description) > MAX_DESCRIPTION:
        raise ApiError(errors.TOO_LONG, "Description")
    policy_tags = call.parameters.tags()
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
        "Tags": policy_tags,
        "default": "v1",
        "latest": 1,
    }
    call.objects.add(POLICY, name, body)
    call.objects.add(VERSION, "v1", {"PolicyDocument": document, "CreateDate": call.date}, parent=name)
    policy = {"PolicyName": name, "PolicyType": CUSTOM, "DefaultVersion": "v1"}
    return {"Policy": policy | {key: body[key] for key in ("Description", "CreateDate")}}


def get_policy(call: OperationCall) -> Answer:
    policy = find_policy(call)
    version = find_version(call, policy, policy.body["default"])
    # PolicyDocument inside Policy is deprecated and a placeholder in the samples: the version has it.
    return {
        "Policy": _describe_policy(policy, len(list_attachments(call, policy))),
        "DefaultPolicyVersion": _describe_version(policy, version, with_document=True),
    }


def list_policies(call: OperationCall) -> Answer:
    wanted = call.parameters.choice("PolicyType", ("", CUSTOM, SYSTEM))
    wanted_tags = call.parameters.tags().items()
    policies = {at: LocalPolicy(SYSTEM, *item) for at, item in enumerate(SYSTEM_POLICIES.items(), 1)}
    for stored in call.objects.all(POLICY):
        policies[len(SYSTEM_POLICIES) + stored.position] = LocalPolicy(CUSTOM, stored.name, stored.body)
    matching = [
        (position, policy)
        for position, policy in policies.items()
        if wanted in ("", policy.type) and wanted_tags <= policy.body["Tags"].items()
    ]
    page, answer = cut_page(call, matching)
    counts = Counter(attachment.parent for attachment in call.objects.all(ATTACHMENT))
    listed = [
        _describe_policy(policy, counts[policy.key]) | {"Tags": describe_tags(policy.body["Tags"])}
        for policy in page
    ]
    return answer | {"Policies": {"Policy": listed}}


def update_policy_description(call: OperationCall) -> Answer:
    policy, description = find_custom_policy(call), call.parameters.optional("NewDescription")
    if description is None:
        raise ApiError(errors.MISSING, "NewDescription")
    if len(description) > MAX_DESCRIPTION:
        raise ApiError(errors.TOO_LONG, "NewDescription")
    body = policy.body | {"Description": description, "UpdateDate": call.date}
    call.objects.replace(POLICY, policy.name, body)
    return {
        "Policy": _describe_policy(
            LocalPolicy(CUSTOM, policy.name, body), len(list_attachments(call, policy))
        )
    }


def _describe_policy(policy: LocalPolicy, attachment_count: int) -> dict[str, Any]:
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
    policy = find_custom_policy(call)
    is_cascading = call.parameters.boolean("CascadingDelete")
    refuse_attached(call, policy)
    versions = list_versions(call, policy)
    if len(versions) > 1 and not is_cascading:
        raise ApiError(errors.POLICY_HAS_VERSIONS)
    for version in versions:
        call.objects.remove(VERSION, version.name, policy.name)
    call.objects.remove(POLICY, policy.name)
    return {}


# ------------------------------------------------------------ versions


def create_policy_version(call: OperationCall) -> Answer:
    parameters = call.parameters
    name, document = policy_name(parameters), read_document(parameters)
    is_default = parameters.boolean("SetAsDefault")
    strategy = parameters.choice("RotateStrategy", tuple(RotateStrategy))
    policy = find_custom_policy(call)
    versions = list_versions(call, policy)
    if len(versions) >= MAX_VERSIONS:
        if strategy == RotateStrategy.NONE:
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
    version = {"VersionId": version_id, "IsDefaultVersion": is_default, "CreateDate": call.date}
    return {"PolicyVersion": version | {"PolicyDocument": document}}


def get_policy_version(call: OperationCall) -> Answer:
    version_id, policy = _read_version_id(call), find_policy(call)
    version = find_version(call, policy, version_id)
    return {"PolicyVersion": _describe_version(policy, version, with_document=True)}


def list_policy_versions(call: OperationCall) -> Answer:
    policy = find_policy(call)
    # uncertain: whether the list holds the documents, and in which order it is. No client may need either.
    versions = [
        _describe_version(policy, version, with_document=False) for version in list_versions(call, policy)
    ]
    return {"PolicyVersions": {"PolicyVersion": versions}}


def set_default_policy_version(call: OperationCall) -> Answer:
    version_id, policy = _read_version_id(call), find_custom_policy(call)
    find_version(call, policy, version_id)
    change = {"default": version_id, "UpdateDate": call.date}
    call.objects.replace(POLICY, policy.name, policy.body | change)
    return {}


def delete_policy_version(call: OperationCall) -> Answer:
    version_id, policy = _read_version_id(call), find_custom_policy(call)
    find_version(call, policy, version_id)
    if version_id == policy.body["default"]:
        raise ApiError(errors.DEFAULT_VERSION)
    call.objects.remove(VERSION, version_id, policy.name)
    return {}


def _read_version_id(call: OperationCall) -> str:
    version_id = call.parameters.required("VersionId")
    if not _VERSION_ID.fullmatch(version_id):
        raise ApiError(errors.WRONG_FORMAT, "VersionId")
    return version_id


def _describe_version(policy: LocalPolicy, version: Stored, *, with_document: bool) -> dict[str, Any]:
    described = {
        "VersionId": version.name,
        "IsDefaultVersion": version.name == policy.body["default"],
        "CreateDate": version.body["CreateDate"],
    }
    return described | ({"PolicyDocument": version.body["PolicyDocument"]} if with_document else {})


_TAGGED = TaggedResources(
    {"policy": POLICY, "user": "User", "role": "Role"},
    "ResourceNames",
    "ResourceName",
    errors.PRINCIPAL_MISSING,
)

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
        "UpdatePolicyDescription": update_policy_description,
        **attachments.OPERATIONS,
        **principals.OPERATIONS,
        **account_settings.OPERATIONS,
        **_TAGGED.operations(),
    },
    parameters=operation_parameters.RAM,
    fields={
        name: {"Tag": TAG_FIELDS}
        for name in (
            *("CreatePolicy", "CreateRole", "ListPolicies", "ListRoles"),
            *("TagResources", "ListTagResources"),
        )
    },
    not_served={
        **dict.fromkeys(("ChangePassword", "CreateLoginProfile", "UpdateLoginProfile"), "a password"),
        **{f"{verb}AccessKey": "the access key of a user" for verb in ("Create", "Update", "Delete")},
        "GetAccessKeyLastUsed": "the access key of a user",
        **{f"{verb}VirtualMFADevice": "an MFA device" for verb in ("Create", "Delete")},
        "BindMFADevice": "an MFA device",
        **{f"{verb}ServiceLinkedRole": "the role of another service" for verb in ("Create", "Delete")},
        "GetServiceLinkedRoleTemplate": "the role of another service",
    },
    envelope={},
)
