"""RAM's policies as a whole, and who has them: typed calls over `Cloud`.

Source: RAM, CreatePolicy, GetPolicy, ListPolicies, UpdatePolicyDescription, DeletePolicy, TagResources,
UntagResources, ListTagResources, AttachPolicyTo…, DetachPolicyFrom…, ListEntitiesForPolicy (2015-05-01).
Every function raises `CloudError`; what is not there is None, and deleting it succeeds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from attrs import evolve, field, frozen

from constructs_lib.provider.api_client import CHANGE_TIME, RAM, ApiResponse, part, parts, text, unreadable
from constructs_lib.provider.api_models import RemotePolicyVersion, version_of
from constructs_lib.provider.cloud import CUSTOM, MAX_PAGES, RECENT, SYSTEM, Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates import Created, Creator, is_young, same_document, version_request

CREATE = "CreatePolicy"
CONFLICT = "DeleteConflict"
EXISTS = "EntityAlreadyExists"
# How many policies one call lists, at most 1,000.
PAGE_OF_POLICIES = 1000
# These are Alibaba Cloud's own, and nobody's to change.
_OWN_TAGS = ("aliyun", "acs:")


class PrincipalOperations(NamedTuple):
    """A kind of what has policies, as the API spells it: its parameter, its operations, its lists."""

    parameter: str
    attach: str
    detach: str
    listed: str
    element: str


KINDS = {
    "user": PrincipalOperations("UserName", "AttachPolicyToUser", "DetachPolicyFromUser", "Users", "User"),
    "group": PrincipalOperations(
        "GroupName", "AttachPolicyToGroup", "DetachPolicyFromGroup", "Groups", "Group"
    ),
    "role": PrincipalOperations("RoleName", "AttachPolicyToRole", "DetachPolicyFromRole", "Roles", "Role"),
}


@frozen(kw_only=True)
class RemotePolicy:
    """A policy as GetPolicy and ListPolicies return it; `version` is the default one, where GetPolicy did."""

    policy_name: str
    policy_type: str
    description: str
    default_version: str
    create_date: str
    update_date: str
    attachment_count: int
    version: RemotePolicyVersion | None = None
    tags: Mapping[str, str] = field(factory=dict)


class Principal(NamedTuple):
    """Who has a policy: `user`, `group` or `role`, and its name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Attachment(NamedTuple):
    """A policy, and who has it."""

    policy_type: str
    policy_name: str
    principal: Principal

    @property
    def id(self) -> str:
        return ":".join((*self.principal, self.policy_type, self.policy_name))


# ------------------------------------------------------------ policies


def policy_request(name: str, document: str, description: str | None) -> dict[str, Any]:
    """What makes one CreatePolicy differ from another."""
    return {**version_request(name, document), "description": description or ""}


def policy_id(name: str, create_date: str) -> str:
    """What the journal calls a policy: one that is made again has another date."""
    return f"{name} of {create_date}"


def create_policy(
    cloud: Cloud, name: str, document: str, description: str | None, tags: Mapping[str, str]
) -> Created[RemotePolicy]:
    """Create a custom policy, once, and return when it is seen, or after `settle` seconds.

    Where the answer is lost, a policy of this name that was not there before, with the same document and
    description, is taken for it.
    """
    parameters = {
        "PolicyName": name,
        "PolicyDocument": document,
        "Description": description or None,
        "Tag": _tags_to_api(tags) if tags else None,
    }

    def list_names() -> frozenset[str]:
        policy = find_policy(cloud, name)
        return frozenset() if policy is None else frozenset([_name_of(policy)])

    creator = Creator(
        api=RAM,
        operation=CREATE,
        subject=name,
        request=policy_request(name, document, description),
        what=f"the policy {name!r}",
        create=lambda: _new_policy(cloud.calls.once(RAM, CREATE, parameters), document),
        find_same=lambda *times: _find_same(cloud, name, document, description, *times),
        list_names=list_names,
        name_of=_name_of,
    )
    created = cloud.creates.create(creator, ("new policy", name), cloud.calls, cloud.settle)
    cloud.creates.forget(("policy", name))
    # What is attached to it next, or gets a version, may ask another server of RAM.
    cloud.wait_until(lambda hurried: find_policy(hurried, name) is not None)
    return created


def _new_policy(answer: ApiResponse, document: str) -> RemotePolicy:
    """What CreatePolicy has made; its answer leaves out what is the same for all."""
    policy = _policy_of(CREATE, part(answer, CREATE, "Policy"))
    version_id, date = policy.default_version or "v1", policy.create_date
    version = RemotePolicyVersion(
        version_id=version_id, is_default_version=True, create_date=date, policy_document=document
    )
    return evolve(policy, default_version=version_id, update_date=date, version=version)


def _find_same(
    cloud: Cloud, name: str, document: str, description: str | None, began: float, ends: float
) -> list[RemotePolicy]:
    policy = find_policy(cloud, name)
    is_same = (
        policy is not None
        and is_young(policy.create_date, began, ends)
        and policy.description == (description or "")
        and policy.version is not None
        and same_document(document, policy.version.policy_document)
    )
    return [policy] if policy is not None and is_same else []


def _name_of(policy: RemotePolicy) -> str:
    return policy_id(policy.policy_name, policy.create_date)


def find_policy(
    cloud: Cloud, name: str, policy_type: str = CUSTOM, *, is_new: bool = False
) -> RemotePolicy | None:
    """The policy with its default version. `is_new`: it may take up to `settle` seconds to become visible."""
    operation = "GetPolicy"
    for _ in cloud.tries(is_new):
        if answer := cloud.read_ram(operation, PolicyName=name, PolicyType=policy_type):
            policy = _policy_of(operation, part(answer, operation, "Policy"))
            version = version_of(operation, part(answer, operation, "DefaultPolicyVersion"))
            return evolve(policy, default_version=version.version_id, version=version)
    return None


def list_policies(cloud: Cloud, policy_type: str | None, tags: Mapping[str, str]) -> list[RemotePolicy]:
    """All policies of a type, or of both, that have all of these tags."""
    return list(each_policy(cloud, policy_type, tags))


def each_policy(cloud: Cloud, policy_type: str | None, tags: Mapping[str, str]) -> Iterator[RemotePolicy]:
    """The same; a page is asked for when its first policy is."""
    operation, marker = "ListPolicies", ""
    seen: set[tuple[str, str]] = set()
    for _ in range(MAX_PAGES):
        parameters = {
            "PolicyType": policy_type,
            "Tag": _tags_to_api(tags) if tags else None,
            "MaxItems": str(PAGE_OF_POLICIES),
            "Marker": marker or None,
        }
        answer = cloud.calls.read(RAM, operation, parameters)
        for each in parts(part(answer, operation, "Policies"), operation, "Policy"):
            policy = _policy_of(operation, each)
            if (key := (policy.policy_type, policy.policy_name)) not in seen:
                seen.add(key)
                yield policy
        marker = str(answer.get("Marker") or "")
        if not marker or str(answer.get("IsTruncated")).lower() == "false":
            return
    raise unreadable(operation, f"there are more than {MAX_PAGES} pages")


def _policy_of(operation: str, answer: ApiResponse) -> RemotePolicy:
    count = str(answer.get("AttachmentCount") or 0)
    tags = (answer.get("Tags") or {}).get("Tag") or []
    return RemotePolicy(
        policy_name=text(answer, operation, "PolicyName"),
        policy_type=str(answer.get("PolicyType") or CUSTOM),
        description=str(answer.get("Description") or ""),
        default_version=str(answer.get("DefaultVersion") or ""),
        create_date=str(answer.get("CreateDate") or ""),
        update_date=str(answer.get("UpdateDate") or ""),
        attachment_count=int(count) if count.isdecimal() else 0,
        tags=_tags_of(tags),
    )


def update_description(cloud: Cloud, name: str, description: str) -> None:
    """Change the description; returns when that is seen, or after `settle` seconds."""
    parameters = {"PolicyName": name, "NewDescription": description}
    cloud.calls.change(RAM, "UpdatePolicyDescription", parameters)

    def is_seen(hurried: Cloud) -> bool:
        policy = find_policy(hurried, name)
        return policy is not None and policy.description == description

    cloud.wait_until(is_seen)


def delete_policy(cloud: Cloud, name: str, *, with_versions: bool = False) -> None:
    """Delete a custom policy. CloudError `DeleteConflict.…`: somebody has it, or it has further versions.

    What was detached or deleted a moment ago may not be known everywhere in RAM: so that answer is believed
    only where it stays the same for `settle` seconds.
    """
    parameters = {"PolicyName": name, "CascadingDelete": "true" if with_versions else None}
    for _ in cloud.tries():
        try:
            cloud.calls.change(RAM, "DeletePolicy", parameters)
            return
        except CloudError as error:
            if error.is_not_found:
                return
            if not error.code.startswith(CONFLICT):
                raise
            refused = error
    raise refused


# ------------------------------------------------------------ tags


def policy_tags(cloud: Cloud, name: str) -> dict[str, str]:
    """The tags of a custom policy, but for those of Alibaba Cloud itself."""
    operation = "ListTagResources"
    # A policy has at most 20 tags: they are all on the first page.
    answer = cloud.read_ram(
        operation, ResourceType="policy", ResourceNames=json.dumps([name]), PageSize="100"
    )
    listed = (answer and answer.get("TagResources")) or []
    if isinstance(listed, dict):
        listed = listed.get("TagResource") or []
    return _tags_of(listed)


def _tags_of(listed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    tags = {str(tag.get("TagKey") or ""): str(tag.get("TagValue") or "") for tag in listed}
    return {key: value for key, value in sorted(tags.items()) if key and not key.startswith(_OWN_TAGS)}


def change_tags(cloud: Cloud, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Give a policy the tags `after`, where it has those `before`."""
    resource = {"ResourceType": "policy", "ResourceNames": json.dumps([name])}
    if gone := sorted(before.keys() - after.keys()):
        cloud.calls.change(RAM, "UntagResources", {**resource, "TagKeys": json.dumps(gone)})
    if new := dict(after.items() - before.items()):
        cloud.calls.change(RAM, "TagResources", {**resource, "Tag": _tags_to_api(new)})


def _tags_to_api(tags: Mapping[str, str]) -> str:
    return json.dumps([{"Key": key, "Value": tags[key]} for key in sorted(tags)], separators=(",", ":"))


# ------------------------------------------------------------ who has a policy


def alone_with(cloud: Cloud, attachment: Attachment) -> AbstractContextManager[None]:
    """Meanwhile nobody else in this process attaches or detaches the same."""
    pace, not_begun = cloud.calls.pace, f"{attachment.id} was neither attached nor detached."
    operation = KINDS[attachment.principal.kind].attach
    return cloud.creates.exclusive(
        ("attachment", attachment.id), pace, pace.until(CHANGE_TIME), operation, not_begun
    )


def attach(cloud: Cloud, attachment: Attachment) -> bool:
    """Give a policy to a principal; False: it had it before.

    A policy, or a principal, that was created a moment ago may not be known everywhere in RAM: so that it is
    missing is believed only where that stays so for `settle` seconds. A system policy is never new.
    """
    kind = KINDS[attachment.principal.kind]
    is_lost = False

    def attempt() -> ApiResponse:
        nonlocal is_lost
        try:
            return cloud.calls.once(RAM, kind.attach, _parameters(attachment))
        except CloudError as error:
            is_lost = is_lost or error.may_have_acted
            raise

    for _ in cloud.tries():
        try:
            cloud.calls.repeated(attempt, CHANGE_TIME)
            forget_holders(cloud, attachment)
            return True
        except CloudError as error:
            if error.code.startswith(EXISTS):
                forget_holders(cloud, attachment)
                return is_lost  # then the attempt without an answer has done it
            is_of_system = attachment.policy_type == SYSTEM and error.code.startswith("EntityNotExist.Policy")
            if not error.is_not_found or is_of_system:
                raise
            missing = error
    raise missing


def detach(cloud: Cloud, attachment: Attachment) -> None:
    """Take a policy from a principal."""
    try:
        cloud.calls.change(RAM, KINDS[attachment.principal.kind].detach, _parameters(attachment))
    except CloudError as error:
        if not error.is_not_found:
            raise
    forget_holders(cloud, attachment)


def _parameters(attachment: Attachment) -> dict[str, str | None]:
    kind = KINDS[attachment.principal.kind]
    return {
        "PolicyType": attachment.policy_type,
        "PolicyName": attachment.policy_name,
        kind.parameter: attachment.principal.name,
    }


def find_holders(cloud: Cloud, name: str, policy_type: str = CUSTOM) -> dict[Principal, str] | None:
    """Who has a policy, and since when; None where the policy is not there."""
    operation = "ListEntitiesForPolicy"
    answer = cloud.read_ram(operation, PolicyName=name, PolicyType=policy_type)
    if answer is None:
        return None
    found = {}
    for word, kind in KINDS.items():
        for entity in (answer.get(kind.listed) or {}).get(kind.element) or []:
            found[Principal(word, text(entity, operation, kind.parameter))] = str(
                entity.get("AttachDate") or ""
            )
    return found


def holders(cloud: Cloud, name: str, policy_type: str = CUSTOM) -> dict[Principal, str]:
    """The same; nobody where the policy is not there."""
    return find_holders(cloud, name, policy_type) or {}


def recent_holders(cloud: Cloud, attachment: Attachment, *, is_new: bool = False) -> dict[Principal, str]:
    """Who had the policy a moment ago: one list for all of its attachments. `is_new`: this one may take up to
    `settle` seconds to be among them."""
    name, policy_type = attachment.policy_name, attachment.policy_type
    found: dict[Principal, str] = {}
    for _ in cloud.tries(is_new):
        found = cloud.creates.snapshot(
            _key(attachment), lambda: holders(cloud, name, policy_type), cloud.calls.pace, RECENT
        )
        if attachment.principal in found:
            break
        if is_new:
            forget_holders(cloud, attachment)
    return found


def forget_holders(cloud: Cloud, attachment: Attachment) -> None:
    cloud.creates.forget(_key(attachment))


def _key(attachment: Attachment) -> tuple[str, str, str]:
    return ("holders", attachment.policy_type, attachment.policy_name)
