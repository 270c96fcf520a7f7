"""The oracle itself: it accepts what Terraform accepts, and says what is wrong with the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.schema import assert_accepts, problems

ALICLOUD = json.loads((Path(__file__).parent / "data" / "aliyun-alicloud-schema.json").read_text())


def policy(**body: Any) -> dict[str, Any]:
    return {"resource": {"alicloud_hbr_policy": {"daily": body}}}


def rule(**body: Any) -> dict[str, Any]:
    return policy(rules=[body])


def provider(**body: Any) -> dict[str, Any]:
    return {"provider": {"alicloud": [body]}}


def ram_policy(**body: Any) -> dict[str, Any]:
    return {"resource": {"alicloud_ram_policy": {"admin": body}}}


@pytest.mark.parametrize(
    "terraform",
    [
        {},
        {"resource": {"terraform_data": {"anything": {"input": 1}}}},
        provider(alias="beijing", region="cn-beijing", endpoints=[{"ram": "a"}, {"hbr": "b"}]),
        policy(policy_name=None, rules=None, depends_on=["a.b"], lifecycle={}, count=1, provider="alicloud"),
        policy(policy_name="a", timeouts={"create": "5m"}, **{"//": {"metadata": {}}}),
        rule(rule_type="BACKUP", retention=7, immutable=True, retention_rules={"retention": 7.0}),
        rule(rule_type="${var.type}", retention="${var.days}", immutable="${var.locked}"),
        policy(dynamic={"rules": {"for_each": "${var.rules}", "content": {"rule_type": "${rules.value}"}}}),
        policy(rules={"rule_type": "TAG", "dynamic": {"tag_filters": [{"for_each": [], "content": {}}]}}),
        ram_policy(tags={"team": "backup", "cost": "${var.cost}"}),
    ],
)
def test_accepts(terraform: dict[str, Any]) -> None:
    assert_accepts(terraform, ALICLOUD)


@pytest.mark.parametrize(
    ("terraform", "refusal"),
    [
        (policy(polici_name="a"), "resource.alicloud_hbr_policy.daily.polici_name: no such argument"),
        (policy(create_time="now"), "create_time: computed by the provider"),
        (policy(policy_name=7), "policy_name: 7 is not a string"),
        (policy(policy_name=["a"]), "policy_name: ['a'] is not a string"),
        (policy(alias="a"), "alias: no such argument"),
        (policy(rules="${var.rules}"), "rules[0]: a block must be an object"),
        (policy(timeouts=[{}, {}]), "timeouts: 2 blocks, where the schema takes at most 1"),
        (policy(dynamic={"rulez": {}}), "dynamic.rulez: no such block"),
        (policy(dynamic={"rules": {"content": {"rule_type": "TAG"}}}), "needs for_each and content"),
        (policy(dynamic={"rules": {"for_each": [], "content": {}}}), "rules[dynamic].rule_type: required"),
        (policy(dynamic={"rules": {"for_each": [], "content": [], "each": 1}}), "[dynamic].each: no such"),
        (rule(rule_type=None), "rules[0].rule_type: required, but not set"),
        (rule(rule_type="TAG", retention="7"), "rules[0].retention: '7' is not a number"),
        (rule(rule_type="TAG", retention="$${7}"), "retention: '$${7}' is not a number"),
        (rule(rule_type="TAG", retention=True), "retention: True is not a number"),
        (rule(rule_type="TAG", immutable="true"), "immutable: 'true' is not a bool"),
        (rule(rule_type="TAG", lifecycle={}), "rules[0].lifecycle: no such argument"),
        (rule(rule_type="TAG", tag_filters=[{"key": "a", "values": []}]), "tag_filters[0].values: no such"),
        (rule(rule_type="${TfToken[TOKEN.0]}"), "is a token that CDKTF did not resolve"),
        (rule(rule_type="TAG", retention=-1.8881545897087511e289), "is a token that CDKTF did not resolve"),
        (ram_policy(tags={"team": 7}), "tags.team: 7 is not a string"),
        (ram_policy(tags=["team"]), "tags: ['team'] is not a map"),
        (provider(assume_role={}), "provider.alicloud.assume_role[0].role_arn: required"),
        ({"provider": {"aws": {}}}, "provider.aws: the schema has no such provider"),
        ({"resource": {"alicloud_vpc": {"a": {}}}}, "alicloud_vpc.a: the schema has no such resource"),
    ],
)
def test_says_what_is_wrong(terraform: dict[str, Any], refusal: str) -> None:
    (found,) = problems(terraform, ALICLOUD)
    assert refusal in found


def test_a_failed_assertion_shows_every_problem() -> None:
    with pytest.raises(AssertionError, match=r"(?s)policy_name.*policy_type"):
        assert_accepts(policy(policy_name=1, policy_type=2), ALICLOUD)


def test_min_items_counts_the_blocks_written_out() -> None:
    blocks = {"one": {"nesting_mode": "list", "min_items": 1, "block": {}}}
    schema = {"provider_schemas": {"a": {"provider": {"block": {"block_types": blocks}}}}}
    (found,) = problems({"provider": {"a": {}}}, schema)
    assert "provider.a.one: 0 blocks, where the schema wants at least 1" in found
    assert_accepts({"provider": {"a": {"one": {}}}}, schema)
    assert_accepts({"provider": {"a": {"dynamic": {"one": {"for_each": [], "content": {}}}}}}, schema)


def test_nested_types_are_looked_into() -> None:
    kind = ["object", {"names": ["set", "string"], "any": "dynamic"}]
    block = {"attributes": {"x": {"type": kind, "optional": True}}}
    schema = {"provider_schemas": {"a": {"provider": {"block": block}}}}
    assert_accepts({"provider": {"a": {"x": {"names": ["b"], "any": [{}]}}}}, schema)
    first, second = problems({"provider": {"a": {"x": {"names": [1], "other": 1}}}}, schema)
    assert "provider.a.x.names[0]: 1 is not a string" in first
    assert "provider.a.x.other: no such key" in second
