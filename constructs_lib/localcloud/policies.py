"""What RAM remembers of policies: the account's own, and a few of the system's, which every account sees."""

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
class Policy:
    """A policy of either type; `body` has `default`, the id of the default version."""

    type: str
    name: str
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """What attachments call it: a system policy may have the same name."""
        return f"{self.type}/{self.name}"


def _make_system_policy(description: str, action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {
        "Description": description,
        "CreateDate": _SYSTEM_DATE,
        "UpdateDate": _SYSTEM_DATE,
        "Tags": {},
        "default": "v1",
        "document": json.dumps({"Version": "1", "Statement": [statement]}),
    }


SYSTEM_POLICIES = {
    "AdministratorAccess": _make_system_policy("Provides full access to Alibaba Cloud services.", "*"),
    "AliyunHBRFullAccess": _make_system_policy("Provides full access to Cloud Backup.", "hbr:*"),
    "AliyunOSSFullAccess": _make_system_policy("Provides full access to Object Storage Service.", "oss:*"),
}


def policy_name(parameters: Parameters) -> str:
    """PolicyName where it is well formed: 1 to 128 letters, digits and `-`."""
    name = parameters.required("PolicyName")
    if len(name) > MAX_NAME:
        raise ApiError(errors.TOO_LONG, "PolicyName")
    if not _NAME.fullmatch(name):
        raise ApiError(errors.WRONG_CHARACTERS, "PolicyName")
    return name


def find_custom_policy(call: OperationCall) -> Policy:
    """The custom policy that PolicyName names."""
    stored = call.objects.get(POLICY, policy_name(call.parameters))
    if stored is None:
        raise ApiError(errors.POLICY_MISSING)
    return Policy(CUSTOM, stored.name, stored.body)


def find_policy(call: OperationCall) -> Policy:
    """The policy that PolicyName and PolicyType name."""
    name, policy_type = policy_name(call.parameters), call.parameters.required("PolicyType")
    if policy_type == CUSTOM:
        return find_custom_policy(call)
    if policy_type != SYSTEM:
        raise ApiError(errors.INVALID, "PolicyType")
    if name not in SYSTEM_POLICIES:
        raise ApiError(errors.POLICY_MISSING)
    return Policy(SYSTEM, name, SYSTEM_POLICIES[name])


def list_versions(call: OperationCall, policy: Policy) -> list[Stored]:
    """The versions of a policy, the oldest first."""
    if policy.type == SYSTEM:
        body = {"PolicyDocument": policy.body["document"], "CreateDate": policy.body["CreateDate"]}
        return [Stored(policy.name, "v1", 1, body, leaving=False)]
    return call.objects.all(VERSION, policy.name)


def find_version(call: OperationCall, policy: Policy, version_id: str) -> Stored:
    for version in list_versions(call, policy):
        if version.name == version_id:
            return version
    raise ApiError(errors.VERSION_MISSING)
