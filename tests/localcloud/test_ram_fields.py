"""RAM: every operation answers every field that the models of the official SDK have."""

from __future__ import annotations

import json
from typing import Any

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.gateway import SERVICES
from tests.localcloud.clients import DOCUMENT, Client
from tests.localcloud.sdk import list_unset_fields, ram_models

TRUST = json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]})
POLICY = {"PolicyName": "p", "PolicyType": "Custom"}
TAGS = [{"Key": "a", "Value": "b"}]
NAMES = {"User": {"UserName": "u"}, "Group": {"GroupName": "g"}, "Role": {"RoleName": "r"}}
MEMBER = NAMES["User"] | NAMES["Group"]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("CreatePolicy", {"PolicyName": "p", "PolicyDocument": DOCUMENT, "Tag": TAGS}),
    ("CreatePolicyVersion", {"PolicyName": "p", "PolicyDocument": DOCUMENT}),
    ("GetPolicy", POLICY),
    ("GetPolicyVersion", POLICY | {"VersionId": "v1"}),
    ("ListPolicyVersions", POLICY),
    ("SetDefaultPolicyVersion", {"PolicyName": "p", "VersionId": "v2"}),
    ("DeletePolicyVersion", {"PolicyName": "p", "VersionId": "v1"}),
    ("UpdatePolicyDescription", {"PolicyName": "p", "NewDescription": "d"}),
    ("ListPolicies", {"MaxItems": 1}),
    ("ListPolicies", {"PolicyType": "Custom"}),
    ("CreateUser", NAMES["User"]),
    ("CreateGroup", NAMES["Group"]),
    ("CreateRole", NAMES["Role"] | {"AssumeRolePolicyDocument": TRUST, "Tag": TAGS}),
    ("AddUserToGroup", MEMBER),
    ("ListUsersForGroup", NAMES["Group"]),
    ("ListGroupsForUser", NAMES["User"]),
    *((f"{verb}{kind}", name) for verb in ("Get", "Update") for kind, name in NAMES.items()),
    *((f"List{kind}s", {}) for kind in NAMES),
    *((f"AttachPolicyTo{kind}", POLICY | name) for kind, name in NAMES.items()),
    *((f"ListPoliciesFor{kind}", name) for kind, name in NAMES.items()),
    ("ListEntitiesForPolicy", POLICY),
    *((f"DetachPolicyFrom{kind}", POLICY | name) for kind, name in NAMES.items()),
    ("TagResources", {"ResourceType": "policy", "ResourceNames": ["p"], "Tag": TAGS}),
    ("ListTagResources", {"ResourceType": "policy", "PageSize": 1}),
    ("UntagResources", {"ResourceType": "policy", "ResourceNames": ["p"], "All": True}),
    ("ListAccessKeys", NAMES["User"]),
    ("ListVirtualMFADevices", {}),
    ("RemoveUserFromGroup", MEMBER),
    *((f"Delete{kind}", name) for kind, name in NAMES.items()),
    ("DeletePolicy", {"PolicyName": "p"}),
    ("SetAccountAlias", {"AccountAlias": "abc"}),
    ("GetAccountAlias", {}),
    ("ClearAccountAlias", {}),
    *((f"{verb}{name}", {}) for verb in ("Set", "Get") for name in ("PasswordPolicy", "SecurityPreference")),
]
# Always refused, for what no user has here.
REFUSED = {
    *("GetLoginProfile", "DeleteLoginProfile", "GetUserMFAInfo", "UnbindMFADevice"),
    "DecodeDiagnosticMessage",
}
# What an answer may leave out: where nothing follows, or by its documentation.
LEFT_OUT = {
    "marker",
    "next_token",
    "policy.policy_document",
    "policy_versions.policy_version[0].policy_document",
    "policy_versions.policy_version[1].policy_document",
    "role.latest_deletion_task",
}


def test_every_field_is_answered(cloud: LocalCloud, client: Client) -> None:
    assert {operation for operation, _ in CALLS} == SERVICES["2015-05-01"].operations.keys() - REFUSED
    for operation, parameters in CALLS:
        answer = client(operation, **parameters)
        model = getattr(ram_models, f"{operation}ResponseBody")().from_map(answer)
        assert set(list_unset_fields(model)) <= LEFT_OUT, operation
