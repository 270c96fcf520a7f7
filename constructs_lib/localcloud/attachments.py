"""Who has which policy: attach, detach, list.

Users, groups and roles are not created through the API here, but by `LocalCloud.add_principal`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.policies import Policy, find_policy
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

ATTACHMENT = "attachment"
PRINCIPALS = ("User", "Group", "Role")
# How many policies of each type a principal can have.
MAX_ATTACHMENTS = {"Custom": 10, "System": 20}


def list_attachments(call: OperationCall, policy: Policy) -> list[Stored]:
    return call.objects.all(ATTACHMENT, policy.key)


def refuse_attached(call: OperationCall, policy: Policy) -> None:
    """ApiError where someone has the policy: it cannot be deleted then."""
    for attachment in list_attachments(call, policy):
        raise ApiError(errors.ATTACHED[attachment.body["kind"]])


def attach(kind: str, call: OperationCall) -> Answer:
    policy, name = find_policy(call), _find_principal(call, kind)
    key = f"{kind}/{name}"
    if call.objects.get(ATTACHMENT, key, policy.key):
        raise ApiError(errors.ATTACHMENT_EXISTS, kind)
    attachments = [each for each in call.objects.all(ATTACHMENT) if each.name == key]
    same_type = [each for each in attachments if each.parent.startswith(f"{policy.type}/")]
    if len(same_type) >= MAX_ATTACHMENTS[policy.type]:
        raise ApiError(errors.TOO_MANY_ATTACHMENTS, kind)
    body = {"kind": kind, "name": name, "AttachDate": call.date}
    call.objects.add(ATTACHMENT, key, body, parent=policy.key)
    return {}


def detach(kind: str, call: OperationCall) -> Answer:
    policy, name = find_policy(call), _find_principal(call, kind)
    if not call.objects.get(ATTACHMENT, f"{kind}/{name}", policy.key):
        raise ApiError(errors.ATTACHMENT_MISSING, kind)
    call.objects.remove(ATTACHMENT, f"{kind}/{name}", policy.key)
    return {}


def _find_principal(call: OperationCall, kind: str) -> str:
    name = call.parameters.required(f"{kind}Name")
    if call.objects.get(kind, name) is None:
        raise ApiError(errors.PRINCIPAL_MISSING, kind)
    return name


def list_entities_for_policy(call: OperationCall) -> Answer:
    entities: dict[str, list[dict[str, Any]]] = {kind: [] for kind in PRINCIPALS}
    for attachment in list_attachments(call, find_policy(call)):
        kind, name = attachment.body["kind"], attachment.body["name"]
        principal = call.objects.get(kind, name)
        principal_id = principal.body["id"] if principal else ""
        entities[kind].append(
            {f"{kind}Name": name, "AttachDate": attachment.body["AttachDate"]}
            | _describe_principal(kind, name, principal_id, call.objects.account)
        )
    return {f"{kind}s": {kind: listed} for kind, listed in entities.items()}


def _describe_principal(kind: str, name: str, principal_id: str, account: str) -> dict[str, str]:
    if kind == "User":
        return {"UserId": principal_id, "DisplayName": name}
    if kind == "Group":
        return {"Comments": ""}
    return {"RoleId": principal_id, "Arn": role_arn(account, name), "Description": ""}


def role_arn(account: str, name: str) -> str:
    return f"acs:ram::{account}:role/{name}"


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    **{f"AttachPolicyTo{kind}": partial(attach, kind) for kind in PRINCIPALS},
    **{f"DetachPolicyFrom{kind}": partial(detach, kind) for kind in PRINCIPALS},
    "ListEntitiesForPolicy": list_entities_for_policy,
}
