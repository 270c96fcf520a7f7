"""What RAM remembers of policies: the account's own, and the best known of the system's, which all see."""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.localcloud.service import OperationCall
from constructs_lib.localcloud.store import Stored

POLICY, VERSION = "policy", "policy version"
CUSTOM, SYSTEM = "Custom", "System"
MAX_NAME = 128

_NAME = re.compile(r"[A-Za-z0-9-]+")
_SYSTEM_DATE = "2015-04-28T17:12:30Z"


@frozen
class LocalPolicy:
    """A policy of either type; `body` has `default`, the id of the default version."""

    type: str
    name: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """What attachments call it: a system policy may have the same name."""
        return f"{self.type}/{self.name}"


def _make_system_policy(description: str, *actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions[0] if len(actions) == 1 else actions, "Resource": "*"}
    return {
        "Description": description,
        "CreateDate": _SYSTEM_DATE,
        "UpdateDate": _SYSTEM_DATE,
        "Tags": {},
        "default": "v1",
        "document": json.dumps({"Version": "1", "Statement": [statement]}),
    }


# By what the names of their policies say: the code of a service, and its name.
_SERVICES = {
    "ECS": ("ecs", "Elastic Compute Service"),
    "GlobalAcceleration": ("ga", "Global Accelerator"),
    "HBR": ("hbr", "Cloud Backup"),
    "KMS": ("kms", "Key Management Service"),
    "Log": ("log", "Simple Log Service"),
    "NAS": ("nas", "File Storage NAS"),
    "OSS": ("oss", "Object Storage Service"),
    "OTS": ("ots", "Tablestore"),
    "RAM": ("ram", "Resource Access Management"),
    "RDS": ("rds", "ApsaraDB RDS"),
    "RDSGAD": ("gad", "ApsaraDB RDS global active databases"),
    "VPC": ("vpc", "Virtual Private Cloud"),
}
_READING = ("Describe*", "Get*", "List*")

# uncertain: the documents: those of the account's real policies are longer, and change.
SYSTEM_POLICIES = {
    "AdministratorAccess": _make_system_policy("Provides full access to Alibaba Cloud services.", "*"),
    "ReadOnlyAccess": _make_system_policy(
        "Provides read-only access to Alibaba Cloud services.", *(f"*:{action}" for action in _READING)
    ),
    "AliyunSTSAssumeRoleAccess": _make_system_policy("Provides access to assume roles.", "sts:AssumeRole"),
    **{
        f"Aliyun{key}FullAccess": _make_system_policy(f"Provides full access to {name}.", f"{code}:*")
        for key, (code, name) in _SERVICES.items()
    },
    **{
        f"Aliyun{key}ReadOnlyAccess": _make_system_policy(
            f"Provides read-only access to {name}.", *(f"{code}:{action}" for action in _READING)
        )
        for key, (code, name) in _SERVICES.items()
    },
}


def policy_name(parameters: Parameters) -> str:
    """PolicyName where it is well formed: 1 to 128 letters, digits and `-`."""
    name = parameters.required("PolicyName")
    if len(name) > MAX_NAME:
        raise ApiError(errors.TOO_LONG, "PolicyName")
    if not _NAME.fullmatch(name):
        raise ApiError(errors.WRONG_CHARACTERS, "PolicyName")
    return name


def find_custom_policy(call: OperationCall) -> LocalPolicy:
    """The custom policy that PolicyName names."""
    stored = call.objects.get(POLICY, policy_name(call.parameters))
    if stored is None:
        raise ApiError(errors.POLICY_MISSING)
    return LocalPolicy(CUSTOM, stored.name, stored.body)


def find_policy(call: OperationCall) -> LocalPolicy:
    """The policy that PolicyName and PolicyType name."""
    name, policy_type = policy_name(call.parameters), call.parameters.required("PolicyType")
    if policy_type == CUSTOM:
        return find_custom_policy(call)
    if policy_type != SYSTEM:
        raise ApiError(errors.INVALID, "PolicyType")
    if name not in SYSTEM_POLICIES:
        raise ApiError(errors.POLICY_MISSING)
    return LocalPolicy(SYSTEM, name, SYSTEM_POLICIES[name])


def list_versions(call: OperationCall, policy: LocalPolicy) -> list[Stored]:
    """The versions of a policy, the oldest first."""
    if policy.type == SYSTEM:
        body = {"PolicyDocument": policy.body["document"], "CreateDate": policy.body["CreateDate"]}
        return [Stored(policy.name, "v1", 1, body, leaving=False)]
    return call.objects.all(VERSION, policy.name)


def find_version(call: OperationCall, policy: LocalPolicy, version_id: str) -> Stored:
    for version in list_versions(call, policy):
        if version.name == version_id:
            return version
    raise ApiError(errors.VERSION_MISSING)
