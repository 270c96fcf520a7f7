"""Who has which policy: attach, detach, list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.policies import POLICY, SYSTEM, SYSTEM_POLICIES, LocalPolicy, find_policy
from constructs_lib.localcloud.principals import (
    ATTACHMENT,
    KINDS,
    PrincipalKind,
    attachments_of,
    describe_principal,
    find_principal,
)
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

# How many policies of each type a principal can have.
MAX_ATTACHMENTS = {"Custom": 10, "System": 20}
# What ListEntitiesForPolicy tells of each kind, beside the date.
_ENTITY_FIELDS = {
    "User": ("UserName", "UserId", "DisplayName"),
    "Group": ("GroupName", "Comments"),
    "Role": ("RoleName", "RoleId", "Arn", "Description"),
}


def list_attachments(call: OperationCall, policy: LocalPolicy) -> list[Stored]:
    return call.objects.all(ATTACHMENT, policy.key)


def refuse_attached(call: OperationCall, policy: LocalPolicy) -> None:
    """ApiError where someone has the policy: it cannot be deleted then."""
    for attachment in list_attachments(call, policy):
        raise ApiError(errors.ATTACHED[attachment.body["kind"]])


def attach(kind: PrincipalKind, call: OperationCall) -> Answer:
    policy, principal = _find_both(kind, call)
    key = f"{kind.name}/{principal.name}"
    if call.objects.get(ATTACHMENT, key, policy.key):
        raise ApiError(errors.ATTACHMENT_EXISTS, kind.name)
    attached = attachments_of(call, kind, principal.name)
    same_type = [each for each in attached if each.parent.startswith(f"{policy.type}/")]
    if len(same_type) >= MAX_ATTACHMENTS[policy.type]:
        raise ApiError(errors.TOO_MANY_ATTACHMENTS, kind.name)
    body = {"kind": kind.name, "name": principal.name, "AttachDate": call.date}
    call.objects.add(ATTACHMENT, key, body, parent=policy.key)
    return {}


def _find_both(kind: PrincipalKind, call: OperationCall) -> tuple[LocalPolicy, Stored]:
    """An attachment that holds in one resource group alone is refused: nothing here would tell it apart."""
    if call.parameters.string("ResourceGroupId"):
        raise ApiError(errors.NOT_SERVED, "ResourceGroupId")
    return find_policy(call), find_principal(call, kind)


def detach(kind: PrincipalKind, call: OperationCall) -> Answer:
    policy, principal = _find_both(kind, call)
    key = f"{kind.name}/{principal.name}"
    if not call.objects.get(ATTACHMENT, key, policy.key):
        raise ApiError(errors.ATTACHMENT_MISSING, kind.name)
    call.objects.remove(ATTACHMENT, key, policy.key)
    return {}


def list_policies(kind: PrincipalKind, call: OperationCall) -> Answer:
    """The policies that are attached to a principal itself, not those of its groups."""
    listed: list[dict[str, Any]] = []
    for attachment in attachments_of(call, kind, find_principal(call, kind).name):
        policy_type, _, name = attachment.parent.partition("/")
        stored = call.objects.get(POLICY, name)
        body = SYSTEM_POLICIES[name] if policy_type == SYSTEM else stored and stored.body
        if body:
            listed.append(
                {
                    "PolicyName": name,
                    "PolicyType": policy_type,
                    "Description": body["Description"],
                    "DefaultVersion": body["default"],
                    "AttachDate": attachment.body["AttachDate"],
                }
            )
    return {"Policies": {"Policy": listed}}


def list_entities_for_policy(call: OperationCall) -> Answer:
    entities: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for attachment in list_attachments(call, find_policy(call)):
        kind, name = attachment.body["kind"], attachment.body["name"]
        if principal := call.objects.get(kind, name):
            described = describe_principal(call, KINDS[kind], principal)
            fields = {field: described[field] for field in _ENTITY_FIELDS[kind]}
            entities[kind].append(fields | {"AttachDate": attachment.body["AttachDate"]})
    return {f"{kind}s": {kind: listed} for kind, listed in entities.items()}


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    **{f"AttachPolicyTo{name}": partial(attach, kind) for name, kind in KINDS.items()},
    **{f"DetachPolicyFrom{name}": partial(detach, kind) for name, kind in KINDS.items()},
    **{f"ListPoliciesFor{name}": partial(list_policies, kind) for name, kind in KINDS.items()},
    "ListEntitiesForPolicy": list_entities_for_policy,
}
