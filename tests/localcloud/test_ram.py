"""RAM: policies, versions, attachments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import DOCUMENT, ROTATE, Answer, Client, Refused, refused
from tests.localcloud.conftest import Clock


def create(client: Client, name: str = "p", **parameters: Any) -> Answer:
    policy: Answer = client("CreatePolicy", PolicyName=name, PolicyDocument=DOCUMENT, **parameters)["Policy"]
    return policy


def add_version(client: Client, name: str = "p", **parameters: Any) -> Answer:
    answer = client("CreatePolicyVersion", PolicyName=name, **({"PolicyDocument": DOCUMENT} | parameters))
    version: Answer = answer["PolicyVersion"]
    return version


def versions(client: Client, name: str = "p") -> dict[str, bool]:
    """The versions of a policy, and whether each is the default."""
    listed = client("ListPolicyVersions", PolicyName=name, PolicyType="Custom")
    return {
        version["VersionId"]: version["IsDefaultVersion"]
        for version in listed["PolicyVersions"]["PolicyVersion"]
    }


def get(client: Client, name: str = "p", policy_type: str = "Custom") -> Answer:
    return client("GetPolicy", PolicyName=name, PolicyType=policy_type)


# -- policies


def test_a_new_policy_has_a_first_version_that_is_the_default(client: Client) -> None:
    policy = create(client, Description="d")
    assert policy.pop("CreateDate").endswith("Z")
    assert policy == {
        "PolicyName": "p",
        "PolicyType": "Custom",
        "Description": "d",
        "DefaultVersion": "v1",
    }
    answer = get(client)
    assert answer["Policy"].items() >= (policy | {"AttachmentCount": 0}).items()
    version = answer["DefaultPolicyVersion"]
    assert (version["VersionId"], version["IsDefaultVersion"]) == ("v1", True)
    assert version["PolicyDocument"] == DOCUMENT


@pytest.mark.parametrize("place", ["body", "query"])
def test_a_document_is_kept_to_the_letter(cloud: LocalCloud, place: str) -> None:
    client = Client(cloud, place=place)
    document = (
        '{ "Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"acs:é:+%&=:*:~ ${x}"}]}'
    )
    client("CreatePolicy", PolicyName="p", PolicyDocument=document)
    assert get(client)["DefaultPolicyVersion"]["PolicyDocument"] == document


def test_a_document_has_at_most_6144_bytes(client: Client) -> None:
    create(client)
    room = 6144 - len(DOCUMENT)
    for longest in ("*" * (room + 1), "é" * (room // 2) + "*" * (room % 2 + 1)):
        add_version(client, PolicyDocument=DOCUMENT.replace("*", longest, 1))
        with refused("InvalidParameter.PolicyDocument.Length", 400):
            add_version(client, PolicyDocument=DOCUMENT.replace("*", longest + "*", 1))


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "7",
        '"text ${x}"',
        "${x",
        "[]",
        "{}",
        DOCUMENT.replace('"Version":"1",', ""),
        DOCUMENT.replace('"1"', '"2012-10-17"'),
        DOCUMENT.replace("Allow", "allow"),
        DOCUMENT.replace("Allow", "${effect}"),
        DOCUMENT.replace('"Action"', '"Actions"'),
        DOCUMENT.replace('"Allow"', '"Allow","Effect":"Deny"'),
        DOCUMENT.replace('"oss:*"', '{"&{TfToken[1]}":"x"}'),
        DOCUMENT.replace('"oss:*"', "-8.10956221259138e298"),
        DOCUMENT.replace('"oss:*"', "[" * 900 + "]" * 900),
        DOCUMENT.replace('"oss:*"', '"\\ud800"'),
        '{"Version":"1","Statement":[]}',
    ],
)
def test_a_malformed_document_is_refused(client: Client, document: str) -> None:
    with refused("MalformedPolicyDocument", 400):
        client("CreatePolicy", PolicyName="p", PolicyDocument=document)
    assert client("ListPolicies", PolicyType="Custom")["Policies"]["Policy"] == []


@pytest.mark.parametrize("text", ["${effect}", "%{ if x }", "&{TfToken[1]}", "n-1.8e+289"])
def test_a_refusal_quotes_what_was_sent(client: Client, text: str) -> None:
    with pytest.raises(Refused, match=re.escape(f'Effect: received "{text}"; allowed: "Allow"')):
        client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT.replace("Allow", text))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"PolicyName": ""}, "MissingPolicyName"),
        ({"PolicyDocument": ""}, "MissingPolicyDocument"),
        ({"PolicyName": "a" * 129}, "InvalidParameter.PolicyName.Length"),
        ({"PolicyName": "a_b"}, "InvalidParameter.PolicyName.InvalidChars"),
        ({"PolicyName": "é"}, "InvalidParameter.PolicyName.InvalidChars"),
        ({"Description": "d" * 1025}, "InvalidParameter.Description.Length"),
        ({"Tag": "{}"}, "InvalidParameter.Tag"),
        ({"Tag": '[{"Key":""}]'}, "InvalidParameter.Tag"),
        ({"Tag": "[7]"}, "InvalidParameter.Tag"),
    ],
)
def test_a_malformed_policy_is_refused(client: Client, changes: dict[str, str], code: str) -> None:
    with refused(code, 400):
        client("CreatePolicy", **({"PolicyName": "p", "PolicyDocument": DOCUMENT} | changes))


def test_a_name_is_taken_once(client: Client) -> None:
    create(client)
    with refused("EntityAlreadyExists.Policy", 409):
        create(client)
    create(client, "P")


def test_a_policy_that_is_not_there(client: Client) -> None:
    custom = {"PolicyName": "p", "PolicyType": "Custom"}
    calls: dict[str, dict[str, str]] = {
        "GetPolicy": custom,
        "ListPolicyVersions": custom,
        "GetPolicyVersion": custom | {"VersionId": "v1"},
        "ListEntitiesForPolicy": custom,
        "CreatePolicyVersion": {"PolicyName": "p", "PolicyDocument": DOCUMENT},
        "SetDefaultPolicyVersion": {"PolicyName": "p", "VersionId": "v1"},
        "DeletePolicyVersion": {"PolicyName": "p", "VersionId": "v1"},
        "DeletePolicy": {"PolicyName": "p"},
    }
    for operation, parameters in calls.items():
        with refused("EntityNotExist.Policy", 404):
            client(operation, **parameters)
        for name in parameters:
            with refused(f"Missing{name}", 400):
                client(operation, **(parameters | {name: ""}))


@pytest.mark.parametrize("policy_type", ["custom", "Both"])
def test_a_policy_type_is_custom_or_system(client: Client, policy_type: str) -> None:
    for operation in ("GetPolicy", "ListPolicies"):
        with refused("InvalidParameter.PolicyType", 400):
            client(operation, PolicyName="p", PolicyType=policy_type)


@pytest.mark.parametrize("operator", ["StringEqualsIfExists", "Null"])
def test_an_operator_that_ram_does_not_support_is_refused(client: Client, operator: str) -> None:
    document = json.loads(DOCUMENT)
    document["Statement"][0]["Condition"] = {operator: {"acs:SourceIp": "10.0.0.1"}}
    with refused("MalformedPolicyDocument", 400):
        client("CreatePolicy", PolicyName="p", PolicyDocument=json.dumps(document))


def test_an_attachment_is_in_no_resource_group(client: Client, cloud: LocalCloud) -> None:
    cloud.add_principal("User", "alice")
    attachment = {"PolicyName": "ReadOnlyAccess", "PolicyType": "System", "UserName": "alice"}
    for operation in ("AttachPolicyToUser", "DetachPolicyFromUser"):
        with refused("InvalidParameter.ResourceGroupId", 400):
            client(operation, **attachment, ResourceGroupId="rg-1")


def test_system_policies_are_there_and_nobody_can_change_them(client: Client) -> None:
    answer = get(client, "AdministratorAccess", "System")
    assert answer["Policy"]["PolicyType"] == "System"
    assert '"Action": "*"' in answer["DefaultPolicyVersion"]["PolicyDocument"]
    # The acceptance tests of the official provider attach this one.
    assert get(client, "AliyunRDSGADReadOnlyAccess", "System")["Policy"]["DefaultVersion"] == "v1"
    with refused("EntityNotExist.Policy", 404):
        client("DeletePolicy", PolicyName="AdministratorAccess")
    with refused("EntityNotExist.Policy", 404):
        get(client, "p", "System")


def test_policies_are_listed_in_pages(client: Client) -> None:
    for index in range(5):
        create(client, f"p{index}", Tag=[{"Key": "team", "Value": str(index % 2)}])
    names: list[str] = []
    marker = ""
    while True:
        answer = client("ListPolicies", MaxItems=3, Marker=marker)
        names += [policy["PolicyName"] for policy in answer["Policies"]["Policy"]]
        if not answer["IsTruncated"]:
            break
        marker = answer["Marker"]
    assert names[-5:] == ["p0", "p1", "p2", "p3", "p4"]
    assert "AdministratorAccess" in names[:-5]
    tagged = client("ListPolicies", Tag=[{"Key": "team", "Value": "1"}])["Policies"]["Policy"]
    assert [policy["PolicyName"] for policy in tagged] == ["p1", "p3"]
    assert tagged[0]["Tags"] == {"Tag": [{"TagKey": "team", "TagValue": "1"}]}
    for parameters in ({"MaxItems": 0}, {"MaxItems": 1001}, {"Marker": "x"}):
        with refused(f"InvalidParameter.{next(iter(parameters))}", 400):
            client("ListPolicies", **parameters)


def test_an_account_has_at_most_1500_policies(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_lib.localcloud.ram.MAX_POLICIES", 2)
    create(client, "p1")
    create(client, "p2")
    with refused("LimitExceeded.Policy", 409):
        create(client, "p3")


def test_a_policy_with_versions_goes_only_with_all_of_them(client: Client) -> None:
    create(client)
    add_version(client)
    with refused("DeleteConflict.Policy.Version", 409):
        client("DeletePolicy", PolicyName="p")
    client("DeletePolicy", PolicyName="p", CascadingDelete=True)
    with refused("EntityNotExist.Policy", 404):
        get(client)
    create(client)
    assert versions(client) == {"v1": True}


# -- versions


@pytest.mark.parametrize("is_default", [True, False])
def test_a_new_version_is_the_default_only_on_request(client: Client, is_default: bool) -> None:
    create(client)
    version = add_version(client, SetAsDefault=is_default)
    assert version.pop("CreateDate").endswith("Z")
    assert version == {"VersionId": "v2", "IsDefaultVersion": is_default, "PolicyDocument": DOCUMENT}
    assert versions(client) == {"v1": not is_default, "v2": is_default}
    assert get(client)["Policy"]["DefaultVersion"] == ("v2" if is_default else "v1")


@pytest.mark.parametrize(
    ("sent", "is_default"), [("true", True), ("False", False), ("TRUE", True), ("", False)]
)
def test_booleans_come_in_any_case(client: Client, sent: str, is_default: bool) -> None:
    create(client)
    assert add_version(client, SetAsDefault=sent)["IsDefaultVersion"] is is_default


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SetAsDefault": "1"}, "InvalidParameter.SetAsDefault"),
        ({"RotateStrategy": "none"}, "InvalidParameter.RotateStrategy"),
        ({"PolicyDocument": "{"}, "MalformedPolicyDocument"),
    ],
)
def test_a_malformed_version_is_refused(client: Client, changes: dict[str, str], code: str) -> None:
    create(client)
    with refused(code, 400):
        add_version(client, **changes)
    assert versions(client) == {"v1": True}


@pytest.mark.parametrize("strategy", ["", "None"])
def test_a_sixth_version_is_refused_without_rotation(client: Client, strategy: str) -> None:
    create(client)
    for _ in range(4):
        add_version(client, RotateStrategy=strategy)
    with refused("LimitExceeded.Policy.Version", 409):
        add_version(client, RotateStrategy=strategy)
    assert list(versions(client)) == ["v1", "v2", "v3", "v4", "v5"]


def test_rotation_takes_the_oldest_that_is_not_the_default(client: Client) -> None:
    create(client)
    for _ in range(4):
        add_version(client, RotateStrategy=ROTATE)
    assert list(versions(client)) == ["v1", "v2", "v3", "v4", "v5"]  # five are not too many
    assert add_version(client, RotateStrategy=ROTATE)["VersionId"] == "v6"
    assert versions(client) == {"v1": True, "v3": False, "v4": False, "v5": False, "v6": False}
    add_version(client, RotateStrategy=ROTATE, SetAsDefault=True)
    assert versions(client) == {"v1": False, "v4": False, "v5": False, "v6": False, "v7": True}
    add_version(client, RotateStrategy=ROTATE)
    assert list(versions(client)) == ["v4", "v5", "v6", "v7", "v8"]
    for _ in range(4):
        add_version(client, RotateStrategy=ROTATE)
    assert list(versions(client)) == ["v7", "v9", "v10", "v11", "v12"]


def test_a_number_is_never_used_again(client: Client) -> None:
    create(client)
    add_version(client)
    client("DeletePolicyVersion", PolicyName="p", VersionId="v2")
    assert add_version(client)["VersionId"] == "v3"


def test_the_default_can_be_switched_but_not_deleted(client: Client) -> None:
    create(client)
    add_version(client)
    with refused("DeleteConflict.Policy.Version.Default", 409):
        client("DeletePolicyVersion", PolicyName="p", VersionId="v1")
    client("SetDefaultPolicyVersion", PolicyName="p", VersionId="v2")
    client("SetDefaultPolicyVersion", PolicyName="p", VersionId="v2")
    client("DeletePolicyVersion", PolicyName="p", VersionId="v1")
    assert versions(client) == {"v2": True}


@pytest.mark.parametrize("operation", ["GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"])
def test_a_version_that_is_not_there(client: Client, operation: str) -> None:
    create(client)
    with refused("EntityNotExist.Policy.Version", 404):
        client(operation, PolicyName="p", PolicyType="Custom", VersionId="v2")
    for malformed in ("2", "v", "v01", "v0", "V1", "v²"):
        with refused("InvalidParameter.VersionId.Format", 400):
            client(operation, PolicyName="p", PolicyType="Custom", VersionId=malformed)


def test_a_version_is_read_with_its_document(client: Client, clock: Clock) -> None:
    create(client)
    clock.ahead = 100
    other = DOCUMENT.replace("Allow", "Deny")
    created = add_version(client, PolicyDocument=other)
    answer = client("GetPolicyVersion", PolicyName="p", PolicyType="Custom", VersionId="v2")
    assert answer["PolicyVersion"] == created
    first = client("GetPolicyVersion", PolicyName="p", PolicyType="Custom", VersionId="v1")["PolicyVersion"]
    assert first["CreateDate"] < created["CreateDate"]


# -- attachments

KINDS = ("User", "Group", "Role")


@pytest.mark.parametrize("kind", KINDS)
def test_attach_list_and_detach(cloud: LocalCloud, client: Client, kind: str) -> None:
    cloud.add_principal(kind, "alice")
    create(client)
    target = {"PolicyName": "p", "PolicyType": "Custom", f"{kind}Name": "alice"}
    client(f"AttachPolicyTo{kind}", **target)
    with refused(f"EntityAlreadyExists.{kind}.Policy", 409):
        client(f"AttachPolicyTo{kind}", **target)
    entities = client("ListEntitiesForPolicy", PolicyName="p", PolicyType="Custom")
    [entity] = entities[f"{kind}s"][kind]
    assert entity[f"{kind}Name"] == "alice"
    assert [entities[f"{other}s"][other] for other in KINDS if other != kind] == [[], []]
    assert get(client)["Policy"]["AttachmentCount"] == 1
    conflict = "DeleteConflict.Role.Policy" if kind == "Role" else f"DeleteConflict.Policy.{kind}"
    with refused(conflict, 409):
        client("DeletePolicy", PolicyName="p", CascadingDelete=True)
    client(f"DetachPolicyFrom{kind}", **target)
    with refused(f"EntityNotExist.{kind}.Policy", 404):
        client(f"DetachPolicyFrom{kind}", **target)
    client("DeletePolicy", PolicyName="p")


@pytest.mark.parametrize("kind", KINDS)
def test_a_principal_that_is_not_there(client: Client, kind: str) -> None:
    create(client)
    for operation in (f"AttachPolicyTo{kind}", f"DetachPolicyFrom{kind}"):
        target = {"PolicyName": "p", "PolicyType": "Custom"}
        with refused(f"EntityNotExist.{kind}", 404):
            client(operation, **target, **{f"{kind}Name": "nobody"})
        with refused(f"Missing{kind}Name", 400):
            client(operation, **target)


def test_a_system_policy_can_be_attached(cloud: LocalCloud, client: Client) -> None:
    cloud.add_principal("User", "alice")
    create(client, "AdministratorAccess")
    client("AttachPolicyToUser", PolicyName="AdministratorAccess", PolicyType="System", UserName="alice")
    assert get(client, "AdministratorAccess", "System")["Policy"]["AttachmentCount"] == 1
    assert get(client, "AdministratorAccess")["Policy"]["AttachmentCount"] == 0
    counts = {
        policy["PolicyType"]: policy["AttachmentCount"]
        for policy in client("ListPolicies")["Policies"]["Policy"]
        if policy["PolicyName"] == "AdministratorAccess"
    }
    assert counts == {"System": 1, "Custom": 0}


def test_a_principal_has_at_most_ten_custom_policies(cloud: LocalCloud, client: Client) -> None:
    cloud.add_principal("Role", "r")
    for index in range(11):
        create(client, f"p{index}")
    attach: Callable[[int], Answer] = lambda index: client(  # noqa: E731
        "AttachPolicyToRole", PolicyName=f"p{index}", PolicyType="Custom", RoleName="r"
    )
    for index in range(10):
        attach(index)
    with refused("LimitExceeded.Role.Policy", 409):
        attach(10)
