"""Users, groups and roles of RAM, and which users are in which group.

Nobody signs in here, and no policy permits or refuses anything: they are what policies are attached to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.localcloud.service import Answer, OperationCall, cut_page
from constructs_lib.localcloud.store import Stored
from constructs_lib.localcloud.tags import describe_tags

ATTACHMENT, MEMBERSHIP = "attachment", "membership"
MAX_TRUST_DOCUMENT_BYTES = 2048

# uncertain: which characters each kind takes; a group has been said to take letters, digits and `-` alone.
_NAME = re.compile(r"[A-Za-z0-9.@_-]+", re.ASCII)
MAX_NAME = 64


@frozen
class PrincipalKind:
    """One kind of principal. `texts`: what it says of itself, with the most characters of each.

    uncertain: the lengths of what a user says.
    """

    name: str
    texts: Mapping[str, int]
    can_be_renamed: bool = False


USER = PrincipalKind(
    "User", {"DisplayName": 128, "MobilePhone": 64, "Email": 128, "Comments": 128}, can_be_renamed=True
)
GROUP = PrincipalKind("Group", {"Comments": 128}, can_be_renamed=True)
ROLE = PrincipalKind("Role", {"Description": 1024})
KINDS = {kind.name: kind for kind in (USER, GROUP, ROLE)}


# ------------------------------------------------------------ for the other modules


def make_principal(kind: PrincipalKind, principal_id: str, date: str) -> dict[str, Any]:
    """What is kept of a principal of which nothing but the name is known."""
    body: dict[str, Any] = {"id": principal_id, "CreateDate": date, "UpdateDate": date, "Tags": {}}
    if kind is ROLE:
        body |= {"AssumeRolePolicyDocument": "", "MaxSessionDuration": 3600}
    return body | dict.fromkeys(kind.texts, "")


def is_principal_name(name: object) -> bool:
    return isinstance(name, str) and len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def find_principal(call: OperationCall, kind: PrincipalKind) -> Stored:
    """The user, group or role that the request names."""
    stored = call.objects.get(kind.name, call.parameters.required(f"{kind.name}Name"))
    if stored is None:
        raise ApiError(errors.PRINCIPAL_MISSING, kind.name)
    return stored


def attachments_of(call: OperationCall, kind: PrincipalKind, name: str) -> list[Stored]:
    """The policies that a principal has, in the order of their attachment; each has the policy as parent."""
    return [each for each in call.objects.all(ATTACHMENT) if each.name == f"{kind.name}/{name}"]


def role_arn(account: str, name: str) -> str:
    return f"acs:ram::{account}:role/{name}"


def describe_principal(call: OperationCall, kind: PrincipalKind, stored: Stored) -> dict[str, Any]:
    fields = {name: value for name, value in stored.body.items() if name not in ("id", "Tags")}
    described = {f"{kind.name}Name": stored.name, f"{kind.name}Id": stored.body["id"]}
    if kind is USER:
        described["LastLoginDate"] = ""  # nobody signs in here
    if kind is ROLE:
        described |= {
            "Arn": role_arn(call.objects.account, stored.name),
            # uncertain: its domain.
            "RolePrincipalName": f"{stored.name}@role.{call.objects.account}.onaliyunservice.com",
            "IsServiceLinkedRole": False,
            "AllowConsoleLogin": True,
        }
    return described | fields


# ------------------------------------------------------------ create, read, change, delete


def create(kind: PrincipalKind, call: OperationCall) -> Answer:
    name = _read_name(call.parameters, f"{kind.name}Name")
    body = make_principal(kind, call.ids.number(18), call.date) | _read_texts(call.parameters, kind, "")
    body["Tags"] = call.parameters.tags()
    if kind is ROLE:
        body["AssumeRolePolicyDocument"] = _read_trust_document(call.parameters, "AssumeRolePolicyDocument")
        body["MaxSessionDuration"] = _read_duration(call.parameters, "MaxSessionDuration", 3600)
        # uncertain: the default.
        body["AllowConsoleLogin"] = call.parameters.boolean("AllowConsoleLogin", default=True)
    _refuse_taken(call, kind, name)
    call.objects.add(kind.name, name, body)
    return _answer(call, kind, name)


def get(kind: PrincipalKind, call: OperationCall) -> Answer:
    return _answer(call, kind, find_principal(call, kind).name)


def list_all(kind: PrincipalKind, call: OperationCall) -> Answer:
    wanted = call.parameters.tags().items()
    principals = call.objects.all(kind.name)
    return _list(call, kind, [each for each in principals if wanted <= each.body["Tags"].items()])


def update(kind: PrincipalKind, call: OperationCall) -> Answer:
    """What is left out stays."""
    stored, parameters = find_principal(call, kind), call.parameters
    body = stored.body | _read_texts(parameters, kind, "New") | {"UpdateDate": call.date}
    if kind is ROLE:
        if parameters.optional("NewAssumeRolePolicyDocument") is not None:
            body["AssumeRolePolicyDocument"] = _read_trust_document(parameters, "NewAssumeRolePolicyDocument")
        body["MaxSessionDuration"] = _read_duration(
            parameters, "NewMaxSessionDuration", body["MaxSessionDuration"]
        )
        if parameters.string("NewAllowConsoleLogin"):
            body["AllowConsoleLogin"] = parameters.boolean("NewAllowConsoleLogin")
    name = stored.name
    if kind.can_be_renamed and parameters.string(f"New{kind.name}Name") not in ("", name):
        name = _read_name(parameters, f"New{kind.name}Name")
        _refuse_taken(call, kind, name)
        _rename(call, kind, stored, name)
    call.objects.replace(kind.name, name, body)
    return _answer(call, kind, name)


def delete(kind: PrincipalKind, call: OperationCall) -> Answer:
    """Refused while it has policies, a user is in a group, or a group has users."""
    name = find_principal(call, kind).name
    if attachments_of(call, kind, name):
        raise ApiError(errors.PRINCIPAL_HAS_POLICIES, kind.name)
    if kind is USER and any(each.name == name for each in call.objects.all(MEMBERSHIP)):
        raise ApiError(errors.USER_HAS_GROUPS)
    if kind is GROUP and call.objects.all(MEMBERSHIP, name):
        raise ApiError(errors.GROUP_HAS_USERS)
    call.objects.remove(kind.name, name)
    return {}


def _answer(call: OperationCall, kind: PrincipalKind, name: str) -> Answer:
    stored = call.objects.get(kind.name, name)
    assert stored is not None, "it has just been found or made"
    return {kind.name: describe_principal(call, kind, stored)}


def _list(call: OperationCall, kind: PrincipalKind, principals: list[Stored]) -> Answer:
    page, answer = cut_page(call, [(each.position, each) for each in principals])
    listed = [describe_principal(call, kind, each) for each in page]
    if kind is ROLE:
        listed = [
            each | {"Tags": describe_tags(stored.body["Tags"])}
            for each, stored in zip(listed, page, strict=True)
        ]
    return answer | {f"{kind.name}s": {kind.name: listed}}


def _read_name(parameters: Parameters, parameter: str) -> str:
    name = parameters.required(parameter)
    if len(name) > MAX_NAME:
        raise ApiError(errors.TOO_LONG, parameter)
    if not _NAME.fullmatch(name):
        raise ApiError(errors.WRONG_CHARACTERS, parameter)
    return name


def _read_texts(parameters: Parameters, kind: PrincipalKind, prefix: str) -> dict[str, str]:
    """What was sent; an empty string clears."""
    texts: dict[str, str] = {}
    for name, longest in kind.texts.items():
        if (text := parameters.optional(prefix + name)) is not None:
            if len(text) > longest:
                raise ApiError(errors.TOO_LONG, prefix + name)
            texts[name] = text
    return texts


def _read_duration(parameters: Parameters, name: str, default: int) -> int:
    return parameters.whole(name, default, low=3600, high=43_200)


def _read_trust_document(parameters: Parameters, name: str) -> str:
    """uncertain: what RAM checks of it. Refused is what is no JSON object with a list of statements."""
    text = parameters.required(name)
    if len(text.encode()) > MAX_TRUST_DOCUMENT_BYTES:
        raise ApiError(errors.TOO_LONG, name)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list):
        raise ApiError(errors.MALFORMED_DOCUMENT, name)
    return text


def _refuse_taken(call: OperationCall, kind: PrincipalKind, name: str) -> None:
    if call.objects.get(kind.name, name):
        raise ApiError(errors.PRINCIPAL_EXISTS, kind.name)


def _rename(call: OperationCall, kind: PrincipalKind, stored: Stored, name: str) -> None:
    """Its policies and groups, or users, stay with it."""
    for each in attachments_of(call, kind, stored.name):
        call.objects.remove(ATTACHMENT, each.name, each.parent)
        call.objects.add(ATTACHMENT, f"{kind.name}/{name}", each.body | {"name": name}, parent=each.parent)
    for each in call.objects.all(MEMBERSHIP):
        if stored.name == (each.name if kind is USER else each.parent):
            group, user = (each.parent, name) if kind is USER else (name, each.name)
            call.objects.remove(MEMBERSHIP, each.name, each.parent)
            call.objects.add(MEMBERSHIP, user, each.body, parent=group)
    call.objects.remove(kind.name, stored.name)
    call.objects.add(kind.name, name, stored.body)


# ------------------------------------------------------------ groups and their users


def add_user_to_group(call: OperationCall) -> Answer:
    group, user = find_principal(call, GROUP), find_principal(call, USER)
    if call.objects.get(MEMBERSHIP, user.name, group.name):
        raise ApiError(errors.MEMBERSHIP_EXISTS)
    call.objects.add(MEMBERSHIP, user.name, {"JoinDate": call.date}, parent=group.name)
    return {}


def remove_user_from_group(call: OperationCall) -> Answer:
    group, user = find_principal(call, GROUP), find_principal(call, USER)
    if not call.objects.get(MEMBERSHIP, user.name, group.name):
        raise ApiError(errors.MEMBERSHIP_MISSING)
    call.objects.remove(MEMBERSHIP, user.name, group.name)
    return {}


def list_users_for_group(call: OperationCall) -> Answer:
    members = call.objects.all(MEMBERSHIP, find_principal(call, GROUP).name)
    return _list_joined(call, USER, {each.name: each for each in members})


def list_groups_for_user(call: OperationCall) -> Answer:
    user = find_principal(call, USER).name
    groups = {each.parent: each for each in call.objects.all(MEMBERSHIP) if each.name == user}
    return _list_joined(call, GROUP, groups)


def _list_joined(call: OperationCall, kind: PrincipalKind, joined: Mapping[str, Stored]) -> Answer:
    page, answer = cut_page(call, [(each.position, name) for name, each in joined.items()])
    found = [(each, call.objects.get(kind.name, each)) for each in page]
    listed = [describe_principal(call, kind, stored) | joined[name].body for name, stored in found if stored]
    return answer | {f"{kind.name}s": {kind.name: listed}}


# ------------------------------------------------------------ what no user has here


def list_access_keys(call: OperationCall) -> Answer:
    """None: the local cloud has keys of accounts only."""
    find_principal(call, USER)
    return {"AccessKeys": {"AccessKey": []}}


def list_virtual_mfa_devices(_: OperationCall) -> Answer:
    return {"VirtualMFADevices": {"VirtualMFADevice": []}}


def refuse_missing(subject: str, call: OperationCall) -> Answer:
    """A login profile or an MFA device, which no user has here."""
    find_principal(call, USER)
    raise ApiError(errors.PRINCIPAL_MISSING, f"User.{subject}")


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    **{f"Create{name}": partial(create, kind) for name, kind in KINDS.items()},
    **{f"Get{name}": partial(get, kind) for name, kind in KINDS.items()},
    **{f"Update{name}": partial(update, kind) for name, kind in KINDS.items()},
    **{f"Delete{name}": partial(delete, kind) for name, kind in KINDS.items()},
    **{f"List{name}s": partial(list_all, kind) for name, kind in KINDS.items()},
    "AddUserToGroup": add_user_to_group,
    "RemoveUserFromGroup": remove_user_from_group,
    "ListUsersForGroup": list_users_for_group,
    "ListGroupsForUser": list_groups_for_user,
    "ListAccessKeys": list_access_keys,
    "GetLoginProfile": partial(refuse_missing, "LoginProfile"),
    "DeleteLoginProfile": partial(refuse_missing, "LoginProfile"),
    "GetUserMFAInfo": partial(refuse_missing, "MFADevice"),
    "UnbindMFADevice": partial(refuse_missing, "MFADevice"),
    "ListVirtualMFADevices": list_virtual_mfa_devices,
}
