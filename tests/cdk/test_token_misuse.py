"""What Python makes of a token without knowing it: parts of a list, computed numbers, lists for blocks."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import jsii
import pytest

from constructs_lib import (
    AnyResource,
    BackupPolicy,
    BackupPolicyRule,
    DataSourceFilter,
    InvalidPropsError,
    PolicyDocument,
    PolicyStatement,
    PolicyVersion,
    Schedule,
    TagFilter,
    cdktf,
)
from constructs_lib.testing import synth

DAILY = Schedule.every("P1D", start=0)
BACKUP = BackupPolicyRule.backup(schedule=DAILY, vault_id="v-1")
Stack = cdktf.TerraformStack


def list_token(stack: Stack, kind: str = "list(string)") -> Any:
    return cdktf.TerraformVariable(stack, "list", type=kind).list_value


def number_token(stack: Stack) -> float:
    return cdktf.TerraformVariable(stack, "number", type="number").number_value


def attributes(stack: Stack) -> dict[str, Any]:
    ((resource,),) = (each.values() for each in synth(stack)["resource"].values())
    assert isinstance(resource, dict)
    return resource


def version(stack: Stack, **elements: Any) -> PolicyVersion:
    given = {"effect": "Allow", "actions": "oss:GetObject", "resources": "*", **elements}
    document = PolicyDocument([PolicyStatement(**given)])
    acknowledge = {"PV201": "a test", "PV304": "a test"}
    return PolicyVersion(
        stack,
        "v",
        policy_name="readers",
        policy_document=document,
        set_as_default=True,
        acknowledge=acknowledge,
    )


# --- an element of a list token

ELEMENTS: dict[str, Callable[[Any], Any]] = {
    "list[0]": lambda token: token[0],
    "[list[0]]": lambda token: [token[0]],
    "(list[0],)": lambda token: (token[0],),
    "list[-1]": lambda token: token[-1],
    "list[:1]": lambda token: token[:1],
    "for": lambda token: [item for item in token],  # noqa: C416
    "a loop in a text": lambda token: [f"{item}/*" for item in token],
    "beside others": lambda token: ["acs:oss:*:*:b/*", token[0]],
}


@pytest.mark.parametrize("take", ELEMENTS.values(), ids=ELEMENTS)
@pytest.mark.parametrize("element", ["actions", "not_actions", "resources", "not_resources"])
def test_an_element_of_a_list_token_never_stands_for_the_whole_list(
    own_stack: Stack, take: Callable[[Any], Any], element: str
) -> None:
    given = {element: take(list_token(own_stack))}
    if element.startswith("not_"):
        given[element.removeprefix("not_")] = None
    with pytest.raises(InvalidPropsError, match=r"Fn.element\(list, 0\) instead of list\[0\]"):
        version(own_stack, **given)
    assert "resource" not in synth(own_stack)


@pytest.mark.parametrize("take", [lambda token: token[0], lambda token: [token[0]]])
def test_nor_in_a_condition_a_principal_or_a_dict(own_stack: Stack, take: Callable[[Any], Any]) -> None:
    item = take(list_token(own_stack))
    with pytest.raises(InvalidPropsError, match=r"Fn.element"):
        version(own_stack, conditions={"IpAddress": {"acs:SourceIp": item}})
    statement = {"Effect": "Allow", "Action": "oss:GetObject", "Resource": item}
    with pytest.raises(InvalidPropsError, match=r"Fn.element"):
        PolicyVersion(
            own_stack, "d", policy_name="p", policy_document={"Version": "1", "Statement": [statement]}
        )


def test_a_whole_list_token_and_fn_element_are_fine(own_stack: Stack) -> None:
    token = list_token(own_stack)
    version(own_stack, resources=token, actions=[cdktf.Fn.element(token, 0)])
    document = attributes(own_stack)["policy_document"]
    assert '"Resource":${jsonencode(var.list)}' in document
    assert '"Action":["${element(var.list, 0)}"]' in document


def test_an_element_in_a_backup_policy_is_an_error(own_stack: Stack) -> None:
    item = list_token(own_stack)[0]
    source = DataSourceFilter(source_type="OSS", data_source_ids=[item])
    for rules in (
        [BackupPolicyRule.backup(schedule=DAILY, vault_id=item)],
        [BackupPolicyRule.replication(replication_region_id=item, retention=7)],
        [BackupPolicyRule.tag(source_types=["OSS"], tag_filters=[TagFilter(key=item)])],
        [BackupPolicyRule(rule_type="TAG", data_source_filters=[source])],
    ):
        with pytest.raises(InvalidPropsError, match=r"BP100[^$]*Fn.element\(list, 0\)"):
            BackupPolicy(own_stack, "p", rules=rules)
    with pytest.raises(ValueError, match=r"Fn.element\(list, 0\)"):
        BackupPolicy(
            own_stack, "p", policy_name=f"p-{item}", rules=[BACKUP, BackupPolicyRule.transition(retention=7)]
        )
    assert "resource" not in synth(own_stack)


def test_a_value_of_a_map_token_is_an_error(own_stack: Stack) -> None:
    token = cdktf.Token.as_string_map(cdktf.TerraformVariable(own_stack, "map", type="map(string)").value)
    (value,) = token.values()
    with pytest.raises(ValueError, match=r"Fn.lookup\(map, key\)"):
        BackupPolicy(
            own_stack, "p", policy_name=value, rules=[BACKUP, BackupPolicyRule.transition(retention=7)]
        )


# --- a computed number token

COMPUTED: dict[str, Callable[[Any], Any]] = {
    "n * 2": lambda n: n * 2,
    "n + 1": lambda n: n + 1,
    "30 - n": lambda n: 30 - n,
    "n // 1": lambda n: n // 1,
    "n % 7": lambda n: n % 7,
    "7 % n": lambda n: 7 % n,
    "n ** 1": lambda n: n**1,
    "2 ** n": lambda n: 2**n,
    "n - n": lambda n: n - n,
    "-n": lambda n: -n,
    "+n": lambda n: +n,
    "abs": abs,
    "int": int,
    "round": round,
    "ceil": math.ceil,
    "divmod": lambda n: divmod(n, 7),
    "sum": lambda n: sum([n, 1]),
    "max": lambda n: max(n, 30),
    "min": lambda n: min(30, n),
    "n if n > 7 else 7": lambda n: n if n > 7 else 7,
    "sorted": lambda n: sorted([n, 7]),
    "float": float,
    "f'{n:.0f}'": lambda n: f"{n:.0f}",
}


@pytest.mark.parametrize("compute", COMPUTED.values(), ids=COMPUTED)
def test_a_number_token_refuses_to_be_computed_with(own_stack: Stack, compute: Callable[[Any], Any]) -> None:
    of_attribute = cdktf.TerraformResource(own_stack, "r", terraform_resource_type="test")
    for token in (
        number_token(own_stack),
        cdktf.Fn.length_of(list_token(own_stack)),
        of_attribute.get_number_attribute("days"),
    ):
        with pytest.raises(TypeError, match=r"only Terraform knows. Compute with Op or Fn, such as Op.mul"):
            compute(token)


def test_a_number_token_is_used_as_any_other_float(own_stack: Stack) -> None:
    token = number_token(own_stack)
    plain = json.loads(json.dumps(token))
    assert token == plain
    assert {token: f"{token}"} == {plain: str(plain)}
    assert copy.deepcopy([token]) == json.loads(json.dumps([token])) == [token]
    BackupPolicy(own_stack, "p", rules=[BACKUP, BackupPolicyRule.transition(retention=token)])
    AnyResource(own_stack, "a", "alipolicy_x", {"days": token, "name": f"kept_{token}"})
    written = synth(own_stack)["resource"]
    assert written["alipolicy_backup_policy"]["p"]["rules"][1]["retention"] == "${var.number}"
    assert written["alipolicy_x"]["a"]["name"] == "kept_${var.number}"
    assert written["alipolicy_x"]["a"]["days"] == "${var.number}"


def plain_number(stack: Stack) -> float:
    """The marker of a number token, as a float that does not refuse."""
    plain: float = json.loads(json.dumps(number_token(stack)))
    return plain


@pytest.mark.parametrize("compute", [lambda n: n * 2, lambda n: n / 2, lambda n: n * 3 + 1, lambda n: n * 10])
def test_arithmetic_on_a_number_token_is_refused(own_stack: Stack, compute: Callable[[float], float]) -> None:
    computed = compute(plain_number(own_stack))
    with pytest.raises(InvalidPropsError, match=r"BP100[^$]*Compute with Op or Fn, such as Op.mul"):
        BackupPolicy(own_stack, "p", rules=[BACKUP, BackupPolicyRule.transition(retention=computed)])
    with pytest.raises(ValueError, match=r"got -.*Compute with Op or Fn"):
        BackupPolicy(
            own_stack,
            "p",
            policy_name=f"p{computed}",
            rules=[BACKUP, BackupPolicyRule.transition(retention=7)],
        )
    assert "resource" not in synth(own_stack)


@pytest.mark.parametrize("compute", [lambda n: -n, abs, int, lambda n: -n / 3, lambda n: 30 - n])
def test_a_marker_turned_round_is_refused(own_stack: Stack, compute: Callable[[float], float]) -> None:
    computed = compute(plain_number(own_stack))
    with pytest.raises(InvalidPropsError, match=r"BP100[^$]*Compute with Op or Fn, such as Op.mul"):
        BackupPolicy(own_stack, "p", rules=[BACKUP, BackupPolicyRule.transition(retention=computed)])
    with pytest.raises((TypeError, ValueError), match=r"Compute with Op or Fn"):
        AnyResource(own_stack, "a", "alicloud_hbr_vault", {"days": computed})


def test_what_op_computes_is_fine(own_stack: Stack) -> None:
    twice = cdktf.Token.as_number(cdktf.Op.mul(number_token(own_stack), 2))
    BackupPolicy(own_stack, "p", rules=[BACKUP, BackupPolicyRule.transition(retention=twice)])
    assert attributes(own_stack)["rules"][1]["retention"] == "${(var.number * 2)}"


# --- a list token for blocks


def test_a_list_token_for_rules_becomes_a_dynamic_block(own_stack: Stack) -> None:
    BackupPolicy(own_stack, "p", rules=list_token(own_stack, "any"))
    written = attributes(own_stack)
    assert "rules" not in written
    rules = written["dynamic"]["rules"]
    assert rules["for_each"] == "${var.list}"
    assert rules["content"]["retention"] == "${try(rules.value.retention, null)}"
    inside = rules["content"]["dynamic"]["retention_rules"]
    assert inside["for_each"] == "${try(rules.value.retention_rules[*], [])}"
    assert inside["content"]["retention"] == "${try(retention_rules.value.retention, null)}"


def test_what_is_left_out_of_an_element_is_left_out_on_the_official_provider(stack: Stack) -> None:
    BackupPolicy(stack, "p", rules=list_token(stack, "any"))
    content = attributes(stack)["dynamic"]["rules"]["content"]
    assert content["archive_days"] == "${try(coalesce(rules.value.archive_days, 0), 0)}"
    assert content["immutable"] == "${try(coalesce(rules.value.immutable, false), false)}"
    assert "which_snapshot" not in json.dumps(content)
    assert "data_source_ids" not in json.dumps(content)


@pytest.mark.parametrize("block", ["retention_rules", "tag_filters", "data_source_filters"])
def test_a_list_token_for_nested_blocks_becomes_a_dynamic_block(own_stack: Stack, block: str) -> None:
    given: Any = {"rule_type": "TAG", "retention": 7, block: list_token(own_stack, "any")}
    reason = "shows what is sent"
    BackupPolicy(
        own_stack,
        "p",
        rules=[BACKUP, BackupPolicyRule(**given), BackupPolicyRule.transition(retention=7)],
        acknowledge={"BP204": reason, "BP203": reason},
    )
    backup, rule, _ = attributes(own_stack)["rules"]
    assert "dynamic" not in backup
    assert block not in rule
    assert rule["dynamic"][block]["for_each"] == "${var.list}"


def test_a_list_token_for_accounts_becomes_a_dynamic_block_in_their_filter(own_stack: Stack) -> None:
    accounts = list_token(own_stack, "any")
    filters = [TagFilter(key="env")]
    rule = BackupPolicyRule.tag(
        source_types=["OSS"], tag_filters=filters, account_scope="CROSS_ACCOUNT", accounts=accounts
    )
    BackupPolicy(own_stack, "p", rules=[BACKUP, BackupPolicyRule.transition(retention=7), rule])
    (source,) = attributes(own_stack)["rules"][2]["data_source_filters"]
    dynamic = source["dynamic"]["accounts"]
    assert (source["account_scope"], dynamic["for_each"]) == ("CROSS_ACCOUNT", "${var.list}")
    assert dynamic["content"]["cross_account_user_id"] == "${try(accounts.value.cross_account_user_id, null)}"


def test_what_a_function_gives_becomes_a_dynamic_block(own_stack: Stack) -> None:
    rules = cdktf.Fn.concat([list_token(own_stack, "any"), list_token_of(own_stack, "more")])
    BackupPolicy(own_stack, "p", rules=rules)
    assert attributes(own_stack)["dynamic"]["rules"]["for_each"] == "${concat(var.list, var.more)}"


def list_token_of(stack: Stack, name: str) -> Any:
    return cdktf.TerraformVariable(stack, name, type="any").list_value


def test_the_hcl_says_the_same(own_stack: Stack) -> None:
    BackupPolicy(own_stack, "p", rules=list_token(own_stack, "any"))
    hcl = "".join(cdktf.Testing.synth_hcl(own_stack).split())
    assert (
        'dynamic"rules"{for_each="${var.list}"content{rule_type="${try(rules.value.rule_type,null)}"' in hcl
    )
    assert 'dynamic"tag_filters"{for_each="${try(rules.value.tag_filters[*],[])}"content{' in hcl


@jsii.implements(cdktf.IAnyProducer)
class Later:
    def produce(self, context: Any) -> Any:
        return [{"rule_type": "BACKUP", "schedule": "I|0|P1D", "retention": 7}]


def test_a_lazy_list_becomes_the_blocks_that_it_gives(own_stack: Stack) -> None:
    BackupPolicy(own_stack, "p", rules=cdktf.Lazy.any_value(Later()))
    assert attributes(own_stack)["rules"] == [{"rule_type": "BACKUP", "schedule": "I|0|P1D", "retention": 7}]


@jsii.implements(cdktf.IAnyProducer)
class OurRules:
    def produce(self, context: Any) -> Any:
        return [BACKUP, BackupPolicyRule.transition(retention=7)]


def test_a_lazy_list_may_give_our_own_classes(own_stack: Stack) -> None:
    BackupPolicy(own_stack, "p", rules=cdktf.Lazy.any_value(OurRules()))
    assert [rule["rule_type"] for rule in attributes(own_stack)["rules"]] == ["BACKUP", "TRANSITION"]
    assert attributes(own_stack)["rules"][0]["schedule"] == str(DAILY)


@jsii.implements(cdktf.IAnyProducer)
class Ours:
    def __init__(self, value: object) -> None:
        self.value = value

    def produce(self, context: Any) -> Any:
        return self.value


def test_a_lazy_value_may_be_a_document(own_stack: Stack) -> None:
    resources = cdktf.TerraformVariable(own_stack, "list", type="list(string)").list_value
    conditions = {"StringLike": {"oss:Prefix": "home/${acs:SourceIp}/*"}}
    statement = PolicyStatement(
        effect="Allow", actions="oss:GetObject", resources=resources, conditions=conditions
    )
    document = cdktf.Lazy.any_value(Ours(PolicyDocument([statement])))
    PolicyVersion(own_stack, "v", policy_name="readers", policy_document=document, set_as_default=False)
    text = attributes(own_stack)["policy_document"]
    assert '"Resource":${jsonencode(var.list)}' in text
    assert "home/$${acs:SourceIp}/*" in text


def test_a_lazy_document_that_is_malformed_is_told(own_stack: Stack) -> None:
    statement = PolicyStatement(effect="Disallow", actions="oss:GetObject", resources="*")
    document = cdktf.Lazy.any_value(Ours(PolicyDocument([statement])))
    PolicyVersion(own_stack, "v", policy_name="readers", policy_document=document, set_as_default=False)
    with pytest.raises(InvalidPropsError, match=r"PV104 .*Effect"):
        synth(own_stack)


def test_a_lazy_value_may_be_a_schedule(own_stack: Stack) -> None:
    rule = BackupPolicyRule.backup(schedule=cdktf.Lazy.any_value(Ours(DAILY)), vault_id="v-1")
    BackupPolicy(own_stack, "p", rules=[rule, BackupPolicyRule.transition(retention=7)])
    assert attributes(own_stack)["rules"][0]["schedule"] == str(DAILY)


def test_an_iterator_makes_dynamic_blocks_of_our_own_classes(own_stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["v-1", "v-2"])
    filters = [TagFilter(key="env", value=each.value)]
    rule = BackupPolicyRule.tag(source_types=["OSS"], tag_filters=filters)
    BackupPolicy(own_stack, "p", rules=each.dynamic(rule.as_block()))
    content = attributes(own_stack)["dynamic"]["rules"]["content"]
    assert content["rule_type"] == "TAG"
    assert content["tag_filters"] == [{"key": "env", "value": "${each.value}", "operator": "EQUAL"}]


def test_an_unknown_rule_among_others_is_an_error_that_names_dynamic(own_stack: Stack) -> None:
    rule = cdktf.Fn.lookup(cdktf.Token.as_any_map(cdktf.TerraformVariable(own_stack, "m").value), "a")
    BackupPolicy(own_stack, "p", rules=[BACKUP, rule])
    with pytest.raises(RuntimeError, match=r"'own/p': one of its rules is known .*iterator.dynamic"):
        synth(own_stack)
