from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import (
    AlipolicyProvider,
    Effect,
    InvalidPropsError,
    PolicyDocument,
    PolicyStatement,
    PolicyVersion,
    RotateStrategy,
    cdktf,
)
from constructs_lib.findings import Check
from constructs_lib.ram.checks import CHECKS
from constructs_lib.ram.resource_types import ALIPOLICY
from constructs_lib.testing import synth

# The example document of the CreatePolicyVersion page, to the byte.
PAGE_DOCUMENT = (
    '{"Statement":[{"Action":["oss:*"],"Effect":"Allow","Resource":["acs:oss:*:*:*"]}],"Version":"1"}'
)
DOCUMENT = PolicyDocument(
    [PolicyStatement(effect=Effect.ALLOW, actions=["oss:*"], resources=["acs:oss:*:*:*"])]
)
ROTATE = RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED


def version(scope: Any, id_: str = "v", **props: Any) -> PolicyVersion:
    given = {
        "policy_name": "P",
        "policy_document": DOCUMENT,
        "set_as_default": True,
        "rotate_strategy": ROTATE,
    }
    return PolicyVersion(scope, id_, **{**given, **props})


def only(construct: Any, resource_type: str) -> dict[str, Any]:
    (resource,) = synth(construct)["resource"][resource_type].values()
    found: dict[str, Any] = resource
    return found


def document(construct: Any) -> str:
    (resources,) = synth(construct)["resource"].values()
    (resource,) = resources.values()
    return str(resource["policy_document"])


def page_example(scope: cdktf.TerraformStack, *, set_as_default: bool) -> PolicyVersion:
    """Every parameter of the CreatePolicyVersion page, with the page's own example of each."""
    return PolicyVersion(
        scope,
        "oss-admin",
        policy_name="OSS-Administrator",
        policy_document=DOCUMENT,
        set_as_default=set_as_default,
        rotate_strategy=RotateStrategy.NONE,
        acknowledge={"PV304": "the page's example"},
    )


def test_the_example_of_the_api_page_for_our_provider(
    own_stack: cdktf.TerraformStack, terraform: SnapshotAssertion
) -> None:
    assert synth(page_example(own_stack, set_as_default=False)) == terraform


def test_the_example_of_the_api_page_as_the_default_version(
    stack: cdktf.TerraformStack, terraform: SnapshotAssertion
) -> None:
    assert synth(page_example(stack, set_as_default=True)) == terraform


@pytest.mark.parametrize("given", [DOCUMENT, PAGE_DOCUMENT, json.loads(PAGE_DOCUMENT)])
def test_a_document_may_be_built_a_dict_or_text(stack: cdktf.TerraformStack, given: Any) -> None:
    assert document(version(stack, policy_document=given)) == PAGE_DOCUMENT


def test_a_document_is_decoded_once_and_each_check_runs_once(
    own_stack: cdktf.TerraformStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode, run, counts = json.JSONDecoder.decode, Check.__call__, Counter[str]()

    def counted_decode(self: Any, text: str, *arguments: Any) -> Any:
        counts["decoded"] += text == PAGE_DOCUMENT
        return decode(self, text, *arguments)

    def counted_run(self: Check, view: object) -> Any:
        counts[self.code] += 1
        return run(self, view)

    monkeypatch.setattr(json.JSONDecoder, "decode", counted_decode)
    monkeypatch.setattr(Check, "__call__", counted_run)
    version(own_stack, policy_document=PAGE_DOCUMENT)
    assert counts == {"decoded": 1} | {each.code: 1 for each in (*CHECKS, *ALIPOLICY.checks)}


def test_what_is_staged_by_default_is_said_once(own_stack: cdktf.TerraformStack) -> None:
    for set_as_default, expected in ((None, 1), (False, 0), (True, 0)):
        staged = version(own_stack, f"v-{set_as_default}", set_as_default=set_as_default)
        messages = [entry.data for entry in staged.node.metadata if "PV311" in str(entry.data)]
        assert len(messages) == expected


def test_a_reordered_document_is_the_same_version(own_stack: cdktf.TerraformStack) -> None:
    reordered = """{"Version": "1", "Statement": [
        {"Resource": "acs:oss:*:*:*", "Effect": "Allow", "Action": ["oss:*", "oss:*"]}]}"""
    assert document(version(own_stack, policy_document=reordered)) == PAGE_DOCUMENT


def test_staging_needs_our_provider(stack: cdktf.TerraformStack, own_stack: cdktf.TerraformStack) -> None:
    for staged in (False, None):
        with pytest.raises(InvalidPropsError, match="AlipolicyProvider") as raised:
            version(stack, set_as_default=staged)
        assert [finding.code for finding in raised.value.findings] == ["PV401"]
    assert (
        only(version(own_stack, set_as_default=False), "alipolicy_policy_version")["set_as_default"] is False
    )


def test_skip_destroy_needs_our_provider(
    stack: cdktf.TerraformStack, own_stack: cdktf.TerraformStack
) -> None:
    with pytest.raises(ValueError, match="alicloud_ram_policy has no skip_destroy"):
        version(stack, skip_destroy=True)
    assert only(version(own_stack, skip_destroy=True), "alipolicy_policy_version")["skip_destroy"] is True


@pytest.mark.parametrize("form", [dict, json.dumps, PolicyDocument.from_json])
def test_a_document_keeps_its_order_where_it_is_told_to(stack: cdktf.TerraformStack, form: Any) -> None:
    """To the official provider, another order or a list of one instead of a string is another document."""
    statements = [
        {"Action": ["oss:List*", "oss:Get*"], "Effect": "Allow", "Resource": "*"},
        {"Action": "ecs:*", "Effect": "Deny", "Resource": ["acs:ecs:*:*:b", "acs:ecs:*:*:a"]},
    ]
    written = {"Statement": statements, "Version": "1"}
    resource = only(version(stack, policy_document=form(written), keep_order=True), "alicloud_ram_policy")
    assert json.loads(resource["policy_document"]) == written


def test_what_is_not_given_is_not_written(own_stack: cdktf.TerraformStack) -> None:
    resource = only(version(own_stack, set_as_default=None, rotate_strategy=None), "alipolicy_policy_version")
    assert set(resource) == {"policy_name", "policy_document"}


def test_the_official_resource_takes_no_set_as_default(stack: cdktf.TerraformStack) -> None:
    assert set(only(version(stack), "alicloud_ram_policy")) == {
        "policy_name",
        "policy_document",
        "rotate_strategy",
    }


def test_attributes_that_only_terraform_knows(
    stack: cdktf.TerraformStack, own_stack: cdktf.TerraformStack
) -> None:
    ours, official = version(own_stack), version(stack)
    cdktf.TerraformOutput(own_stack, "version", value=ours.version_id)
    cdktf.TerraformOutput(own_stack, "default", value=ours.is_default_version)
    cdktf.TerraformOutput(own_stack, "date", value=ours.create_date)
    assert [output["value"] for output in synth(own_stack)["output"].values()] == [
        "${alipolicy_policy_version.v.create_date}",
        "${alipolicy_policy_version.v.is_default_version}",
        "${alipolicy_policy_version.v.version_id}",
    ]
    assert official.is_default_version is True
    with pytest.raises(AttributeError, match="AlipolicyProvider's resource"):
        _ = official.create_date


def test_all_findings_come_in_one_error_at_the_users_line(stack: cdktf.TerraformStack) -> None:
    with pytest.raises(InvalidPropsError) as raised:
        version(
            stack,
            policy_name="OSS Administrator",
            policy_document={"Version": "2", "Statement": [{"Effect": "allow", "Action": "oss"}]},
        )
    codes = [finding.code for finding in raised.value.findings]
    assert codes == ["PV102", "PV104", "PV107", "PV201", "PV202"]
    assert str(raised.traceback[0].path) == __file__


def test_a_warning_becomes_an_annotation(stack: cdktf.TerraformStack) -> None:
    loud = version(stack, "loud", rotate_strategy=None)
    quiet = version(stack, "quiet", rotate_strategy=None, acknowledge={"PV304": "never changes"})
    (entry,) = [entry for entry in loud.node.metadata if entry.type.endswith("warn")]
    assert entry.data.startswith("PV304 rotate_strategy: ")
    assert not [entry for entry in quiet.node.metadata if entry.type.endswith("warn")]


# -- what Terraform fills in


def test_tokens_in_a_document(stack: cdktf.TerraformStack, terraform: SnapshotAssertion) -> None:
    text = cdktf.TerraformVariable(stack, "text", type="string").string_value
    texts = cdktf.TerraformVariable(stack, "texts", type="list(string)").list_value
    statement = PolicyStatement(
        effect=text,
        actions=texts,
        resources=["acs:oss:*:*:logs/*", f"acs:oss:*:*:{text}/*"],
        conditions={
            "IpAddress": {"acs:SourceIp": cdktf.Fn.split(",", text)},
            "Bool": {"acs:SecureTransport": text},
        },
    )
    created = version(
        stack, policy_document=PolicyDocument([statement]), policy_name=text, rotate_strategy=text
    )
    assert synth(created) == terraform


def test_a_document_that_is_all_a_token(stack: cdktf.TerraformStack) -> None:
    created = version(stack, policy_document=cdktf.Fn.file("policy.json"))
    assert document(created) == '${file("policy.json")}'


def test_a_policy_variable_is_escaped_for_terraform(stack: cdktf.TerraformStack) -> None:
    statement = PolicyStatement(
        effect=Effect.ALLOW, actions=["oss:GetObject"], resources=["acs:oss:*:*:home/${acs:UserName}/*"]
    )
    assert '"acs:oss:*:*:home/$${acs:UserName}/*"' in document(
        version(stack, policy_document=PolicyDocument([statement]), acknowledge={"PV210": "tried it"})
    )


def test_an_expression_of_the_user_is_left_to_terraform_with_a_warning(stack: cdktf.TerraformStack) -> None:
    statement = PolicyStatement(
        effect=Effect.ALLOW, actions=["oss:GetObject"], resources=["acs:oss:*:*:${var.bucket}/*"]
    )
    created = version(stack, policy_document=PolicyDocument([statement]))
    assert '"acs:oss:*:*:${var.bucket}/*"' in document(created)
    (entry,) = [entry for entry in created.node.metadata if entry.type.endswith("warn")]
    assert entry.data.startswith("PV305 ")


def test_a_token_for_set_as_default(own_stack: cdktf.TerraformStack) -> None:
    flag = cdktf.TerraformVariable(own_stack, "flag", type="bool").boolean_value
    created = version(own_stack, set_as_default=flag)
    assert only(created, "alipolicy_policy_version")["set_as_default"] == "${var.flag}"


def test_a_provider_of_another_kind(bare_stack: cdktf.TerraformStack) -> None:
    with pytest.raises(ValueError, match="pass an AlicloudProvider or an AlipolicyProvider"):
        version(bare_stack, provider="alicloud")
    AlipolicyProvider(bare_stack, "provider")
    assert only(version(bare_stack), "alipolicy_policy_version")
