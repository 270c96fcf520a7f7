"""`Policy` and `PolicyAttachment`, for both providers."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import (
    AlipolicyProvider,
    InvalidPropsError,
    Policy,
    PolicyAttachment,
    PolicyDocument,
    PolicyStatement,
    PolicyVersion,
    cdktf,
)
from constructs_lib.testing import synth
from tests.cdk.elements import terraform

Stack = cdktf.TerraformStack
DOCUMENT = PolicyDocument([PolicyStatement(effect="Allow", actions="oss:Get*", resources="acs:oss:*:*:b/*")])


def policy(stack: Stack, id_: str = "readers", **props: Any) -> Policy:
    return Policy(stack, id_, **{"policy_name": "oss-readers", "policy_document": DOCUMENT, **props})


def version(stack: Stack, **props: Any) -> PolicyVersion:
    given: dict[str, Any] = {
        "policy_name": "oss-readers",
        "policy_document": DOCUMENT,
        "set_as_default": True,
    }
    return PolicyVersion(stack, "next", **{**given, "acknowledge": {"PV304": "a test"}, **props})


def written(stack: Stack, type_name: str) -> dict[str, Any]:
    found: dict[str, Any] = synth(stack)["resource"][type_name]
    return found


def test_a_policy_with_a_version_and_attachments(own_stack: Stack, terraform: SnapshotAssertion) -> None:
    readers = policy(
        own_stack,
        description="Read the bucket b.",
        tags={"team": "web"},
        force_destroy=True,
        acknowledge={"PV301": "an example"},
    )
    staged = version(own_stack, policy_name=readers.policy_name, set_as_default=False, acknowledge=None)
    readers.attach_to_role("app")
    readers.attach_to_user("alice")
    staged.attach_to_group("writers")
    PolicyAttachment(
        own_stack,
        "admin",
        policy_name="AdministratorAccess",
        policy_type="System",
        role_name="admin",
        acknowledge={"PA301": "break glass"},
    )
    assert synth(own_stack) == terraform


def test_attachments_of_the_official_provider(stack: Stack, terraform: SnapshotAssertion) -> None:
    readers = version(stack)
    readers.attach_to_role("app")
    readers.attach_to_user("alice")
    readers.attach_to_group("writers")
    given: dict[str, Any] = {"policy_name": "AliyunOSSReadOnlyAccess", "policy_type": "System"}
    PolicyAttachment(stack, "system", role_name="app", **given)
    assert synth(stack) == terraform


def test_the_official_provider_has_no_policy_without_its_version(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"with AlicloudProvider, PolicyVersion.*makes the policy") as raised:
        policy(stack)
    assert "AlipolicyProvider" in str(raised.value)


def test_findings_come_in_one_error(own_stack: Stack) -> None:
    with pytest.raises(InvalidPropsError) as raised:
        policy(own_stack, policy_name="a b", description="", tags={"acs:x": "http://y"}, policy_document="{")
    codes = [finding.code for finding in raised.value.findings]
    assert codes == ["PV101", "PV107", "PV112", "PV113", "PV113"]
    with pytest.raises(InvalidPropsError) as raised:
        PolicyAttachment(own_stack, "a", policy_name="acs:x", policy_type="custom")
    assert [finding.code for finding in raised.value.findings] == ["PA101", "PA102", "PA103"]


def test_an_administrator_is_a_warning(own_stack: Stack) -> None:
    given: dict[str, Any] = {
        "policy_name": "AdministratorAccess",
        "policy_type": "System",
        "role_name": "admin",
    }
    loud = PolicyAttachment(own_stack, "loud", **given)
    quiet = PolicyAttachment(own_stack, "quiet", **given, acknowledge={"PA301": "break glass"})
    (entry,) = [entry for entry in loud.node.metadata if entry.type.endswith("warn")]
    assert entry.data.startswith("PA301 policy_name: ")
    assert not [entry for entry in quiet.node.metadata if entry.type.endswith("warn")]


def test_a_version_and_an_attachment_come_after_the_policy(own_stack: Stack) -> None:
    readers = policy(own_stack)
    version(own_stack, policy_name=readers.policy_name).attach_to_role("app")
    assert written(own_stack, "alipolicy_policy_version")["next"]["policy_name"] == (
        "${alipolicy_policy.readers.policy_name}"
    )
    assert written(own_stack, "alipolicy_policy_attachment")["next-role-app"]["policy_name"] == (
        "${alipolicy_policy_version.next.policy_name}"
    )


def test_an_attachment_goes_to_the_provider_of_its_policy(own_stack: Stack) -> None:
    other = AlipolicyProvider(own_stack, "other", alias="other", region="cn-beijing")
    policy(own_stack, provider=other).attach_to_role("app")
    assert written(own_stack, "alipolicy_policy_attachment")["readers-role-app"]["provider"] == (
        "alipolicy.other"
    )


def test_twice_to_the_same_is_refused(own_stack: Stack) -> None:
    readers = policy(own_stack)
    readers.attach_to_role("app")
    with pytest.raises(ValueError, match="There is already a Construct with name 'readers-role-app'"):
        readers.attach_to_role("app")


def test_a_name_that_is_a_token_needs_an_id(own_stack: Stack) -> None:
    readers, name = policy(own_stack), cdktf.TerraformVariable(own_stack, "role", type="string").string_value
    with pytest.raises(ValueError, match="write id_="):
        readers.attach_to_role(name)
    readers.attach_to_role(name, "app")
    assert written(own_stack, "alipolicy_policy_attachment")["app"]["role_name"] == "${var.role}"


def test_a_policy_is_made_once(own_stack: Stack) -> None:
    policy(own_stack)
    policy(own_stack, "again")
    with pytest.raises(Exception, match="two resources that are the whole policy"):
        synth(own_stack)


def test_attributes_that_only_terraform_knows(own_stack: Stack) -> None:
    readers = policy(own_stack)
    values = {
        "id": readers.id,
        "version": readers.version_id,
        "default": readers.default_version,
        "date": readers.create_date,
        "count": readers.attachment_count,
        "attachment": readers.attach_to_role("app").id,
    }
    for name, value in values.items():
        cdktf.TerraformOutput(own_stack, name, value=value)
    assert [output["value"] for output in synth(own_stack)["output"].values()] == [
        "${alipolicy_policy_attachment.readers-role-app.id}",
        "${alipolicy_policy.readers.attachment_count}",
        "${alipolicy_policy.readers.create_date}",
        "${alipolicy_policy.readers.default_version}",
        "${alipolicy_policy.readers.id}",
        "${alipolicy_policy.readers.version_id}",
    ]


def test_it_is_imported_from_its_id(own_stack: Stack) -> None:
    policy(own_stack).import_from("oss-readers")
    given: dict[str, Any] = {"policy_name": "oss-readers", "role_name": "app"}
    PolicyAttachment(own_stack, "app", **given).import_from("role:app:Custom:oss-readers")
    assert [block["id"] for block in terraform(own_stack)["import"]] == [
        "oss-readers",
        "role:app:Custom:oss-readers",
    ]
