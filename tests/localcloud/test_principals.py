"""RAM: users, groups, roles, members, and the tags of all that has tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import DOCUMENT, Answer, Client, refused

TRUST = json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]})
# What each kind needs beside its name, and one of its texts.
KINDS = {
    "User": ({}, "DisplayName"),
    "Group": ({}, "Comments"),
    "Role": ({"AssumeRolePolicyDocument": TRUST}, "Description"),
}


def create(client: Client, kind: str, name: str, **parameters: Any) -> Answer:
    sent = {f"{kind}Name": name} | KINDS[kind][0] | parameters
    principal: Answer = client(f"Create{kind}", **sent)[kind]
    return principal


def names(client: Client, kind: str, **parameters: Any) -> list[str]:
    listed = client(f"List{kind}s", **parameters)[f"{kind}s"][kind]
    return [each[f"{kind}Name"] for each in listed]


@pytest.mark.parametrize("kind", KINDS)
def test_a_principal_lives_from_creation_to_deletion(client: Client, kind: str) -> None:
    text = KINDS[kind][1]
    created = create(client, kind, "a.b" if kind != "Group" else "a-b", **{text: "first"})
    name = created[f"{kind}Name"]
    assert created[f"{kind}Id"].isdigit()
    assert created[text] == "first"
    assert client(f"Get{kind}", **{f"{kind}Name": name})[kind] == created
    with refused(f"EntityAlreadyExists.{kind}", 409):
        create(client, kind, name)
    for changed in ("second", ""):
        answer = client(f"Update{kind}", **{f"{kind}Name": name, f"New{text}": changed})
        assert answer[kind][text] == changed
    assert client(f"Update{kind}", **{f"{kind}Name": name})[kind][text] == ""
    assert names(client, kind) == [name]
    client(f"Delete{kind}", **{f"{kind}Name": name})
    assert names(client, kind) == []
    for operation in ("Get", "Update", "Delete"):
        with refused(f"EntityNotExist.{kind}", 404):
            client(f"{operation}{kind}", **{f"{kind}Name": name})


def test_a_role_has_a_trust_document_and_a_longest_session(client: Client) -> None:
    role = create(client, "Role", "r", MaxSessionDuration=7200)
    assert role["Arn"].endswith(":role/r")
    assert (role["AssumeRolePolicyDocument"], role["MaxSessionDuration"]) == (TRUST, 7200)
    other = TRUST.replace("Allow", "Deny")
    changed = client("UpdateRole", RoleName="r", NewAssumeRolePolicyDocument=other)["Role"]
    assert (changed["AssumeRolePolicyDocument"], changed["MaxSessionDuration"]) == (other, 7200)
    with refused("MalformedPolicyDocument", 400):
        client("UpdateRole", RoleName="r", NewAssumeRolePolicyDocument="[]")
    assert role["AllowConsoleLogin"]
    for is_allowed in (False, True):
        changed = client("UpdateRole", RoleName="r", NewAllowConsoleLogin=is_allowed)["Role"]
        assert changed["AllowConsoleLogin"] is is_allowed
    with refused("InvalidParameter.MaxSessionDuration", 400):
        create(client, "Role", "s", MaxSessionDuration=60)
    with refused("MissingAssumeRolePolicyDocument", 400):
        client("CreateRole", RoleName="s")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "MissingUserName"),
        *((name, "InvalidParameter.UserName.InvalidChars") for name in ("a b", "a/b", "é")),
        ("a" * 65, "InvalidParameter.UserName.Length"),
    ],
)
def test_a_name_that_no_user_may_have_is_refused(client: Client, name: str, code: str) -> None:
    with refused(code, 400):
        create(client, "User", name)


def test_lists_come_in_pages(client: Client) -> None:
    for number in range(5):
        create(client, "User", f"u{number}")
    first = client("ListUsers", MaxItems=3)
    assert first["IsTruncated"]
    assert len(first["Users"]["User"]) == 3
    assert names(client, "User", Marker=first["Marker"], MaxItems=3) == ["u3", "u4"]


def test_what_has_policies_members_or_groups_is_not_deleted(client: Client) -> None:
    client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    for kind in KINDS:
        create(client, kind, "x")
        policy = {"PolicyName": "p", "PolicyType": "Custom", f"{kind}Name": "x"}
        client(f"AttachPolicyTo{kind}", **policy)
        [listed] = client(f"ListPoliciesFor{kind}", **{f"{kind}Name": "x"})["Policies"]["Policy"]
        assert (listed["PolicyName"], listed["DefaultVersion"]) == ("p", "v1")
        with refused(f"DeleteConflict.{kind}.Policy", 409):
            client(f"Delete{kind}", **{f"{kind}Name": "x"})
        client(f"DetachPolicyFrom{kind}", **policy)
        assert client(f"ListPoliciesFor{kind}", **{f"{kind}Name": "x"})["Policies"]["Policy"] == []
    client("AddUserToGroup", UserName="x", GroupName="x")
    with refused("EntityAlreadyExists.User.Group", 409):
        client("AddUserToGroup", UserName="x", GroupName="x")
    with refused("DeleteConflict.User.Group", 409):
        client("DeleteUser", UserName="x")
    with refused("DeleteConflict.Group.User", 409):
        client("DeleteGroup", GroupName="x")
    client("RemoveUserFromGroup", UserName="x", GroupName="x")
    with refused("EntityNotExist.User.Group", 404):
        client("RemoveUserFromGroup", UserName="x", GroupName="x")
    for kind in KINDS:
        client(f"Delete{kind}", **{f"{kind}Name": "x"})


@pytest.mark.parametrize("kind", ["User", "Group"])
def test_a_renamed_principal_keeps_its_policies_and_its_groups_or_users(client: Client, kind: str) -> None:
    for each in ("User", "Group"):
        create(client, each, "old")
    client("AddUserToGroup", UserName="old", GroupName="old")
    client(
        f"AttachPolicyTo{kind}",
        **{"PolicyName": "AdministratorAccess", "PolicyType": "System", f"{kind}Name": "old"},
    )
    create(client, kind, "taken")
    with refused(f"EntityAlreadyExists.{kind}", 409):
        client(f"Update{kind}", **{f"{kind}Name": "old", f"New{kind}Name": "taken"})
    client(f"Update{kind}", **{f"{kind}Name": "old", f"New{kind}Name": "new"})
    assert names(client, kind) == ["taken", "new"]
    [policy] = client(f"ListPoliciesFor{kind}", **{f"{kind}Name": "new"})["Policies"]["Policy"]
    assert policy["PolicyName"] == "AdministratorAccess"
    entities = client("ListEntitiesForPolicy", PolicyName="AdministratorAccess", PolicyType="System")
    assert [each[f"{kind}Name"] for each in entities[f"{kind}s"][kind]] == ["new"]
    user, group = ("new", "old") if kind == "User" else ("old", "new")
    [member] = client("ListUsersForGroup", GroupName=group)["Users"]["User"]
    assert member["UserName"] == user
    assert member["JoinDate"].endswith("Z")
    assert [each["GroupName"] for each in client("ListGroupsForUser", UserName=user)["Groups"]["Group"]] == [
        group
    ]


def test_the_description_of_a_policy_changes_in_place(client: Client) -> None:
    client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, Description="first")
    answer = client("UpdatePolicyDescription", PolicyName="p", NewDescription="second")
    assert answer["Policy"]["Description"] == "second"
    policy = client("GetPolicy", PolicyName="p", PolicyType="Custom")["Policy"]
    assert (policy["Description"], policy["DefaultVersion"]) == ("second", "v1")
    with refused("InvalidParameter.NewDescription.Length", 400):
        client("UpdatePolicyDescription", PolicyName="p", NewDescription="d" * 1025)
    with refused("EntityNotExist.Policy", 404):
        client("UpdatePolicyDescription", PolicyName="q", NewDescription="x")


def tags_of(client: Client, resource_type: str, **parameters: Any) -> dict[str, dict[str, str]]:
    listed = client("ListTagResources", ResourceType=resource_type, **parameters)["TagResources"]
    tags: dict[str, dict[str, str]] = {}
    for tag in listed:
        tags.setdefault(tag["ResourceName"], {})[tag["TagKey"]] = tag["TagValue"]
    return tags


def test_tags_are_set_when_created_added_changed_and_taken_away(client: Client) -> None:
    """As a JSON text, as the official provider sends them, and flattened, as SDKs do."""
    client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, **{"Tag.1.Key": "a", "Tag.1.Value": "1"})
    create(client, "Role", "p", Tag=[{"Key": "of", "Value": "role"}])
    assert tags_of(client, "policy") == {"p": {"a": "1"}}
    of_p = {"ResourceType": "policy", "ResourceNames": ["p"]}
    client("TagResources", **of_p, Tag=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    assert tags_of(client, "policy") == {"p": {"a": "2", "b": ""}}
    client("UntagResources", **of_p, TagKeys=["a"])
    assert tags_of(client, "policy") == {"p": {"b": ""}}
    flat = {"ResourceType": "policy", "ResourceName.1": "p"}
    client("TagResources", **flat, **{"Tag.1.Key": "c", "Tag.1.Value": "3", "Tag.2.Key": "d"})
    assert tags_of(client, "policy", Tag=[{"Key": "c", "Value": "3"}]) == {"p": {"c": "3"}}
    client("UntagResources", **flat, **{"TagKey.1": "c"})
    client("UntagResources", **flat, All=True)
    assert tags_of(client, "policy") == {}
    assert tags_of(client, "role", ResourceNames=["p"]) == {"p": {"of": "role"}}
    assert client("ListRoles", Tag=[{"Key": "of", "Value": "user"}])["Roles"]["Role"] == []


def test_wrong_tags_are_refused(client: Client) -> None:
    client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    of_p = {"ResourceType": "policy", "ResourceNames": ["p"]}
    with refused("InvalidParameter.ResourceType", 400):
        client("ListTagResources", ResourceType="vault")
    with refused("EntityNotExist.Policy", 404):
        client("TagResources", ResourceType="policy", ResourceNames=["q"], Tag=[{"Key": "a"}])
    with refused("MissingTag", 400):
        client("TagResources", **of_p)
    with refused("MissingTagKeys", 400):
        client("UntagResources", **of_p)
    with refused("LimitExceeded.Tag", 409):
        client("TagResources", **of_p, Tag=[{"Key": f"k{number}", "Value": ""} for number in range(21)])
    assert tags_of(client, "policy") == {}


def test_a_user_has_no_keys_no_login_and_no_device(client: Client, cloud: LocalCloud) -> None:
    cloud.add_principal("User", "alice")
    assert client("ListAccessKeys", UserName="alice")["AccessKeys"]["AccessKey"] == []
    assert client("ListVirtualMFADevices")["VirtualMFADevices"]["VirtualMFADevice"] == []
    with refused("EntityNotExist.User.MFADevice", 404):
        client("GetUserMFAInfo", UserName="alice")
    with refused("EntityNotExist.User.LoginProfile", 404):
        client("DeleteLoginProfile", UserName="alice")
    with refused("EntityNotExist.User.MFADevice", 404):
        client("UnbindMFADevice", UserName="alice")
