"""Vaults, buckets, roles and data sources beside the policies."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib import AnyDataSource, AnyResource, BackupPolicy, cdktf
from constructs_lib.testing import synth
from tests.cdk.elements import Stack
from tests.cdk.test_element import Late


def test_a_vault_and_the_policy_that_backs_up_into_it(stack: Stack) -> None:
    vault = AnyResource(stack, "vault", "alicloud_hbr_vault", {"vault_name": "gold", "description": None})
    BackupPolicy.tiered(stack, "p", schedule="I|0|P1D", retention=7, vault_id=vault.reference("id"))
    written = synth(stack)["resource"]
    assert written["alicloud_hbr_vault"]["vault"] == {"vault_name": "gold"}
    rules = written["alicloud_hbr_policy"]["p"]["rules"]
    assert rules[0]["vault_id"] == "${alicloud_hbr_vault.vault.id}"
    assert "vault (AnyResource)" in cdktf.Testing.render_construct_tree(stack)


@pytest.mark.parametrize("write", [cdktf.Testing.synth, cdktf.Testing.synth_hcl])
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_list_token_for_a_block_needs_an_iterator(stack: Stack, write: Any, is_nested: bool) -> None:
    rules = cdktf.TerraformVariable(stack, "rules", type="any").list_value
    arguments = {"lifecycle_rule": [{"expiration": rules}] if is_nested else rules}
    blocks: dict[str, Any] = {"lifecycle_rule": {"expiration": {}}}
    AnyResource(stack, "bucket", "alicloud_oss_bucket", arguments, blocks=blocks)
    name = "expiration" if is_nested else "lifecycle_rule"
    with pytest.raises(RuntimeError, match=rf"bucket': {name} is a list that only .*iterator.dynamic"):
        write(stack)


def test_an_iterator_and_a_lazy_make_blocks(stack: Stack) -> None:
    days = cdktf.TerraformIterator.from_list(cdktf.TerraformVariable(stack, "days", type="any").list_value)
    lazy = cdktf.Lazy.any_value(Late([{"enabled": True}]))
    for name, rules in (("a", days.dynamic({"days": days.value})), ("b", lazy)):
        arguments = {"lifecycle_rule": rules}
        AnyResource(stack, name, "alicloud_oss_bucket", arguments, blocks={"lifecycle_rule": {}})
    written = synth(stack)["resource"]["alicloud_oss_bucket"]
    assert written["a"]["dynamic"]["lifecycle_rule"]["for_each"] == "${toset(var.days)}"
    assert written["b"]["lifecycle_rule"] == [{"enabled": True}]


def test_blocks_and_meta_arguments(stack: Stack) -> None:
    role = AnyResource(stack, "role", "alicloud_ram_role", {"role_name": "r"})
    expiration = {"days": 7}
    AnyResource(
        stack,
        "bucket",
        "alicloud_oss_bucket",
        {"bucket": "b", "lifecycle_rule": [{"enabled": True, "expiration": [expiration]}]},
        blocks={"lifecycle_rule": {"expiration": {}}},
        depends_on=[role],
        lifecycle={"prevent_destroy": True},
    )
    written = synth(stack)["resource"]["alicloud_oss_bucket"]["bucket"]
    assert written["depends_on"] == ["alicloud_ram_role.role"]
    hcl = "".join(cdktf.Testing.synth_hcl(stack).split())
    assert "lifecycle_rule{enabled=trueexpiration{days=7}}" in hcl


def test_a_data_source(own_stack: Stack) -> None:
    data = AnyDataSource(own_stack, "gold", "alipolicy_backup_policies", {"name_regex": "^gold"})
    cdktf.TerraformOutput(own_stack, "id", value=data.reference("policies[0].id"))
    written = synth(own_stack)
    assert written["data"]["alipolicy_backup_policies"]["gold"]["name_regex"] == "^gold"
    assert written["output"]["id"]["value"] == "${data.alipolicy_backup_policies.gold.policies[0].id}"
    hcl = cdktf.Testing.synth_hcl(own_stack)
    assert 'data "alipolicy_backup_policies" "gold"' in hcl
    assert 'name_regex = "^gold"' in hcl


@pytest.mark.parametrize("make", [AnyResource, AnyDataSource])
@pytest.mark.parametrize(
    ("terraform_type", "arguments", "message"),
    [
        ("aws_s3_bucket", {}, 'the type is "aws_s3_bucket"; write one of alicloud_… or alipolicy_…'),
        ("alicloud_oss bucket", {}, "the type is"),
        (None, {}, "the type is nothing"),
        ("alicloud_oss_bucket", {"bucketName": "b"}, '"bucketName" is no argument'),
        ("alicloud_oss_bucket", {"count": 1}, '"count" is no argument'),
        ("alicloud_oss_bucket", {"bucket": {"b"}}, "bucket: expected a list: a set has no order"),
    ],
)
def test_what_is_wrong_is_told(
    stack: Stack, make: Any, terraform_type: Any, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        make(stack, "b", terraform_type, arguments)
    assert message in str(raised.value)
    assert not {"resource", "data"} & set(synth(stack))


def test_a_reference_is_an_attribute(stack: Stack) -> None:
    vault = AnyResource(stack, "vault", "alicloud_hbr_vault", {"vault_name": "gold"})
    for wrong in ("", "a b", "${x}", None, "id}"):
        with pytest.raises(ValueError, match="write one such as id"):
            vault.reference(wrong)  # type: ignore[arg-type]
