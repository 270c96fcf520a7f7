"""Which provider a resource has, and what may not be there twice: told here, and not first by Terraform."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib import (
    AlicloudProvider,
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    PolicyAttachment,
    PolicyVersion,
    Schedule,
    cdktf,
)
from tests.cdk.elements import Stack, terraform

RULES = [
    BackupPolicyRule.backup(schedule=Schedule.every("P1D", start=0), vault_id="v-1"),
    BackupPolicyRule.transition(retention=7),
]

LINE = r"\(tests/cdk/test_stack.py:\d+\)"


def policy(stack: Stack, id_: str = "p", **meta: Any) -> BackupPolicy:
    return BackupPolicy(stack, id_, rules=RULES, **meta)


def other_stack(stack: Stack) -> Stack:
    assert isinstance(stack.node.root, cdktf.App)
    return Stack(stack.node.root, "other")


def test_the_only_provider_is_taken_also_where_it_has_an_alias(bare_stack: Stack) -> None:
    AlipolicyProvider(bare_stack, "provider", region="cn-shanghai", alias="shanghai")
    policy(bare_stack)
    written = terraform(bare_stack)["resource"]["alipolicy_backup_policy"]["p"]
    assert written["provider"] == "alipolicy.shanghai"
    assert "provider = alipolicy.shanghai" in cdktf.Testing.synth_hcl(bare_stack)


def test_of_several_aliases_one_has_to_be_chosen(bare_stack: Stack) -> None:
    for alias in ("shanghai", "beijing"):
        AlipolicyProvider(bare_stack, alias, alias=alias)
    policy(bare_stack)
    message = (
        r"'stack/p' \(tests/cdk/test_stack.py:\d+\): every alipolicy of its stack has an alias: choose by "
        r"provider= \(shanghai: 'stack/shanghai' \(tests/cdk/test_stack.py:\d+\), beijing: 'stack/beijing' "
    )
    with pytest.raises(RuntimeError, match=message):
        terraform(bare_stack)


def test_the_default_provider_is_taken_beside_others(own_stack: Stack) -> None:
    AlipolicyProvider(own_stack, "beijing", alias="beijing")
    policy(own_stack)
    assert "provider" not in terraform(own_stack)["resource"]["alipolicy_backup_policy"]["p"]


@pytest.mark.parametrize(("alias", "told"), [(None, "without an alias"), ("hz", ".hz")])
def test_two_providers_of_one_alias_are_an_error_with_both_places(
    bare_stack: Stack, alias: str | None, told: str
) -> None:
    AlipolicyProvider(bare_stack, "one", alias=alias)
    AlicloudProvider(bare_stack, "official", alias=alias)
    terraform(bare_stack)
    AlipolicyProvider(bare_stack, "two", alias=alias)
    line = r"\(tests/cdk/test_stack.py:\d+\)"
    with pytest.raises(
        RuntimeError, match=rf"'stack/one' {line} and 'stack/two' {line} are both alipolicy ?{told}"
    ):
        terraform(bare_stack)
    with pytest.raises(RuntimeError, match="are both alipolicy"):
        cdktf.Testing.synth_hcl(bare_stack)


def test_a_provider_of_another_stack_is_an_error(own_stack: Stack) -> None:
    other = other_stack(own_stack)
    provider = AlipolicyProvider(other, "provider")
    with pytest.raises(
        ValueError, match=r"provider names 'other/provider' .*, of stack 'other'; make one in"
    ):
        policy(own_stack, provider=provider)
    assert "resource" not in terraform(own_stack)
    late = policy(own_stack)
    late.provider = provider
    with pytest.raises(RuntimeError, match=r"'own/p' .*: provider names 'other/provider'"):
        terraform(own_stack)


def test_what_depends_on_another_stack_is_an_error(own_stack: Stack) -> None:
    other = other_stack(own_stack)
    AlipolicyProvider(other, "provider")
    there = policy(other)
    message = r"depends_on names 'other/p' .*, of stack 'other'; .*: own.add_dependency\(other\)"
    with pytest.raises(ValueError, match=message):
        policy(own_stack, depends_on=[there])
    triggers = {"replace_triggered_by": [there]}
    with pytest.raises(ValueError, match=r"replace_triggered_by names 'other/p'"):
        policy(own_stack, lifecycle=triggers)
    assert "resource" not in terraform(own_stack)
    policy(own_stack, depends_on=[policy(own_stack, "here")])


@pytest.mark.parametrize("write", [cdktf.Testing.synth, cdktf.Testing.synth_hcl])
def test_one_logical_id_twice_is_an_error_with_both_places(own_stack: Stack, write: Any) -> None:
    for name in ("gold", "silver"):
        policy(own_stack, name).override_logical_id("main")
    line = r"\(tests/cdk/test_stack.py:\d+\)"
    message = (
        rf"'own/gold' {line} and 'own/silver' {line} have one Terraform address, alipolicy_backup_policy.main"
    )
    with pytest.raises(RuntimeError, match=message):
        write(own_stack)


def test_a_logical_id_is_free_once_its_resource_is_gone(own_stack: Stack) -> None:
    policy(own_stack)
    terraform(own_stack)
    own_stack.node.try_remove_child("p")
    policy(own_stack, "q").override_logical_id("p")
    assert list(terraform(own_stack)["resource"]["alipolicy_backup_policy"]) == ["p"]


def version(
    stack: Stack, id_: str, name: str = "oss-users", default: bool = True, **meta: Any
) -> PolicyVersion:
    statement = {"Effect": "Allow", "Action": "oss:GetObject", "Resource": "acs:oss:*:*:b/*"}
    document = {"Version": "1", "Statement": [statement]}
    return PolicyVersion(
        stack,
        id_,
        policy_name=name,
        policy_document=document,
        set_as_default=default,
        acknowledge={"PV304": "a test"},
        **meta,
    )


def test_two_versions_that_are_both_to_be_the_default_are_an_error(own_stack: Stack) -> None:
    version(own_stack, "readers")
    version(own_stack, "staged", default=False)
    version(own_stack, "others", name="others")
    version(own_stack, "there", provider=AlipolicyProvider(own_stack, "b", alias="b", profile="other"))
    terraform(own_stack)
    version(own_stack, "writers")
    message = rf"'own/readers' {LINE} and 'own/writers' {LINE}: policy 'oss-users' has two versions to be its"
    with pytest.raises(RuntimeError, match=message):
        terraform(own_stack)


def test_two_regions_have_one_default_version(own_stack: Stack) -> None:
    version(own_stack, "readers")
    there = AlipolicyProvider(own_stack, "b", alias="b", region="cn-beijing", client_read_timeout=5000)
    version(own_stack, "writers", provider=there)
    with pytest.raises(
        RuntimeError, match=r"policy 'oss-users' has two versions .* if they are of two accounts"
    ):
        terraform(own_stack)


def test_two_instances_cannot_both_be_the_default(own_stack: Stack) -> None:
    version(own_stack, "one", name="others", count=1)
    terraform(own_stack)
    version(own_stack, "readers", count=2)
    with pytest.raises(RuntimeError, match=r"'own/readers' .*, count: policy 'oss-users' has two versions"):
        terraform(own_stack)


KEYS = cdktf.TerraformIterator.from_list(["a", "b"])


@pytest.mark.parametrize(
    ("by", "more", "overrides"),
    [
        ("for_each", {"for_each": KEYS}, {}),
        ("for_each", {}, {"for_each": ["a", "b"]}),
        ("for_each", {}, {"for_each": {"a": 1, "b": 2}}),
        ("count", {}, {"count": 2}),
        ("count", {"default": False, "count": 2}, {"set_as_default": True}),
    ],
)
def test_however_the_instances_come_about(
    own_stack: Stack, by: str, more: dict[str, Any], overrides: dict[str, Any]
) -> None:
    readers = version(own_stack, "readers", **more)
    for name, value in overrides.items():
        readers.add_override(name, value)
    with pytest.raises(RuntimeError, match=rf"'own/readers' .*, {by}: policy 'oss-users' has two versions"):
        terraform(own_stack)


def test_an_override_decides_who_wants_to_be_the_default(own_stack: Stack) -> None:
    version(own_stack, "readers")
    version(own_stack, "none", count=0)
    version(own_stack, "off").add_override("set_as_default", False)
    version(own_stack, "away").add_override("policy_name", "others")
    version(own_stack, "each", for_each=KEYS).add_override("policy_name", "${each.value}")
    terraform(own_stack)
    version(own_stack, "writers", default=False).add_override("set_as_default", True)
    with pytest.raises(RuntimeError, match=rf"'own/readers' {LINE} and 'own/writers' {LINE}: policy"):
        terraform(own_stack)


def test_a_policy_whose_name_is_a_token_is_told_as_terraform_reads_it(own_stack: Stack) -> None:
    name = cdktf.TerraformVariable(own_stack, "name", type="string").string_value
    version(own_stack, "readers", name=name)
    version(own_stack, "writers", name=name)
    with pytest.raises(RuntimeError, match=r"policy '\$\{var.name\}' has two versions"):
        terraform(own_stack)


def test_an_address_is_taken_by_a_resource_of_any_class(own_stack: Stack) -> None:
    raw = cdktf.TerraformResource(own_stack, "raw", terraform_resource_type="alipolicy_backup_policy")
    raw.override_logical_id("p")
    policy(own_stack)
    with pytest.raises(RuntimeError, match=r"'own/raw' and 'own/p' .* have one Terraform address"):
        terraform(own_stack)


def test_versions_of_two_stacks_that_are_both_to_be_the_default_are_an_error() -> None:
    app = cdktf.App()
    stacks = [cdktf.TerraformStack(app, name) for name in ("one", "two", "other-account")]
    AlipolicyProvider(stacks[0], "provider")
    AlipolicyProvider(stacks[1], "provider", region="cn-shanghai")
    AlipolicyProvider(stacks[2], "provider", profile="prod")
    for stack in stacks:
        version(stack, "readers")
    terraform(stacks[0])
    terraform(stacks[2])
    message = r"'one/readers' .* and 'two/readers' .*: policy 'oss-users' .* each apply .*profile="
    with pytest.raises(RuntimeError, match=message):
        terraform(stacks[1])


def test_two_attachments_that_are_the_same_are_an_error(own_stack: Stack) -> None:
    given: dict[str, Any] = {"policy_name": "oss-users", "role_name": "app"}
    PolicyAttachment(own_stack, "one", **given)
    PolicyAttachment(own_stack, "user", policy_name="oss-users", user_name="app")
    PolicyAttachment(own_stack, "system", policy_type="System", **given)
    PolicyAttachment(own_stack, "each", policy_name="oss-users", role_name="${each.key}", for_each=KEYS)
    there = AlipolicyProvider(own_stack, "b", alias="b", profile="other")
    PolicyAttachment(own_stack, "there", provider=there, **given)
    terraform(own_stack)
    PolicyAttachment(own_stack, "two", policy_type="Custom", **given)
    message = rf"'own/one' {LINE} and 'own/two' {LINE}: policy 'oss-users' is attached twice to one"
    with pytest.raises(RuntimeError, match=message):
        terraform(own_stack)


def test_the_same_policy_is_attached_twice_by_its_construct(own_stack: Stack) -> None:
    readers = version(own_stack, "readers")
    readers.attach_to_role("app")
    readers.attach_to_role("app", id_="again")
    with pytest.raises(RuntimeError, match="is attached twice to one"):
        terraform(own_stack)


def test_instances_that_are_all_the_same_attachment_are_an_error(stack: Stack) -> None:
    PolicyAttachment(stack, "one", policy_name="oss-users", role_name="app", count=2)
    with pytest.raises(RuntimeError, match="count: policy 'oss-users' is attached twice"):
        terraform(stack)


def test_two_resources_that_are_one_policy_are_an_error(stack: Stack) -> None:
    version(stack, "readers")
    version(stack, "writers")
    with pytest.raises(RuntimeError, match=r"policy 'oss-users' has two resources that are the whole policy"):
        terraform(stack)
