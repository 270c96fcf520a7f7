"""What a construct can be asked, and what can be added to it later."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import jsii
import pytest

from constructs_lib import (
    AlicloudProvider,
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    InvalidPropsError,
    Policy,
    PolicyDocument,
    PolicyStatement,
    PolicyVersion,
    Schedule,
    cdktf,
    constructs,
)
from constructs_lib.testing import synth
from tests.cdk.elements import Stack

RULES = [
    BackupPolicyRule.backup(schedule=Schedule.every("P1D", start=0), vault_id="v-1"),
    BackupPolicyRule.transition(retention=7),
]
COPY = BackupPolicyRule.replication(replication_region_id="cn-beijing", retention=7)
READ = PolicyStatement(effect="Allow", actions="oss:GetObject", resources="acs:oss:*:*:b/*")


def version(stack: Stack, document: Any = None) -> PolicyVersion:
    return PolicyVersion(
        stack,
        "v",
        policy_name="readers",
        policy_document=document or PolicyDocument([READ]),
        set_as_default=True,
        acknowledge={"PV304": "a test"},
    )


def only(stack: Stack) -> Any:
    (resources,) = synth(stack)["resource"].values()
    (resource,) = resources.values()
    return resource


@jsii.implements(cdktf.IAspect)
class Seen:
    def __init__(self) -> None:
        self.names: list[object] = []

    def visit(self, node: constructs.IConstruct) -> None:
        if isinstance(node, BackupPolicy):
            self.names.append((node.policy_name, node.policy_type, node.rules, node.TF_RESOURCE_TYPE))


def test_an_aspect_can_read_what_was_given(own_stack: Stack) -> None:
    policy = BackupPolicy(own_stack, "p", policy_name="gold", policy_type="STANDARD", rules=RULES)
    seen = Seen()
    cdktf.Aspects.of(own_stack).add(seen)
    synth(own_stack)
    assert seen.names[0] == ("gold", "STANDARD", RULES, "alipolicy_backup_policy")
    assert policy.policy_description is None


def test_what_only_terraform_knows_is_a_reference(own_stack: Stack) -> None:
    policy, created = BackupPolicy(own_stack, "p", rules=RULES), version(own_stack)
    for name, value in (("policy", policy.id), ("id", created.id), ("name", created.policy_name)):
        cdktf.TerraformOutput(own_stack, name, value=value)
    assert {name: output["value"] for name, output in synth(own_stack)["output"].items()} == {
        "policy": "${alipolicy_backup_policy.p.id}",
        "id": "${alipolicy_policy_version.v.id}",
        "name": "${alipolicy_policy_version.v.policy_name}",
    }
    assert created.policy_document == PolicyDocument([READ])
    assert (created.set_as_default, created.rotate_strategy) == (True, None)


def test_rules_are_added_and_checked_with_the_others(own_stack: Stack) -> None:
    policy = BackupPolicy(own_stack, "p", rules=RULES)
    policy.add_rule(COPY)
    assert policy.rules == [*RULES, COPY]
    assert [rule["rule_type"] for rule in only(own_stack)["rules"]] == ["BACKUP", "TRANSITION", "REPLICATION"]
    wrong = BackupPolicyRule.transition(retention=0), BackupPolicyRule(rule_type="TAGS")
    with pytest.raises(InvalidPropsError) as raised:
        policy.add_rule(*wrong)
    assert {finding.path for finding in raised.value.findings} >= {"rules[3].retention", "rules[4].rule_type"}
    assert len(only(own_stack)["rules"]) == 3
    unknown: Any = cdktf.TerraformVariable(own_stack, "rules").list_value
    policy = BackupPolicy(own_stack, "q", rules=unknown)
    with pytest.raises(ValueError, match="its rules are a token"):
        policy.add_rule(COPY)


@pytest.mark.parametrize(
    "document", [None, PolicyDocument([READ]).to_dict(), PolicyDocument([READ]).to_json()]
)
def test_statements_are_added_and_checked_with_the_others(own_stack: Stack, document: Any) -> None:
    created = version(own_stack, document)
    created.add_statement(PolicyStatement(effect="Deny", actions="oss:PutObject", resources="*"))
    assert len(json.loads(only(own_stack)["policy_document"])["Statement"]) == 2
    with pytest.raises(InvalidPropsError, match="PV104"):
        created.add_statement(PolicyStatement(effect="allow", actions="oss:PutObject", resources="*"))
    assert len(json.loads(only(own_stack)["policy_document"])["Statement"]) == 2


def test_statements_are_added_to_a_policy(own_stack: Stack) -> None:
    policy = Policy(
        own_stack, "p", policy_name="readers", policy_document=PolicyDocument([READ]), tags={"a": "b"}
    )
    policy.add_statement(PolicyStatement(effect="Deny", actions="oss:PutObject", resources="*"))
    written = only(own_stack)
    assert len(json.loads(written["policy_document"])["Statement"]) == 2
    assert written["tags"] == {"a": "b"}
    with pytest.raises(InvalidPropsError, match="PV104"):
        policy.add_statement(PolicyStatement(effect="allow", actions="oss:PutObject", resources="*"))
    assert len(json.loads(only(own_stack)["policy_document"])["Statement"]) == 2


def test_a_warning_is_not_repeated(own_stack: Stack) -> None:
    rules = [RULES[0], BackupPolicyRule.transition(retention=5)]
    policy = BackupPolicy(own_stack, "p", rules=rules)
    warned = len(policy.node.metadata)
    policy.add_rule(COPY)
    texts = [entry.data for entry in policy.node.metadata]
    assert len(texts) == len(set(texts)) >= warned


class Gold(BackupPolicy):
    def __init__(self, scope: constructs.Construct, id_: str, *, vault: str) -> None:
        super().__init__(
            scope, id_, rules=[BackupPolicyRule.backup(schedule="I|0|P1D", vault_id=vault), RULES[1]]
        )


def test_a_subclass_with_its_own_constructor_keeps_tiered(own_stack: Stack) -> None:
    policy = Gold.tiered(own_stack, "p", schedule="I|0|P1D", retention=7, vault_id="v-1")
    assert isinstance(policy, Gold)
    assert own_stack.node.find_child("p") is policy
    assert Gold(own_stack, "q", vault="v-2").rules
    assert list(inspect.signature(Gold).parameters) == ["scope", "id_", "vault"]


@pytest.mark.parametrize("construct", [BackupPolicy, PolicyVersion, AlicloudProvider, AlipolicyProvider])
def test_the_signature_names_every_argument(construct: Any) -> None:
    parameters = inspect.signature(construct).parameters
    assert list(parameters)[:2] == ["scope", "id_"]
    assert {each.kind for each in list(parameters.values())[2:]} == {inspect.Parameter.KEYWORD_ONLY}
    assert {"depends_on", "provider"} < set(parameters) or {"region", "alias"} < set(parameters)


def test_the_tree_names_the_classes(own_stack: Stack) -> None:
    Gold(own_stack, "p", vault="v-1")
    tree = cdktf.Testing.render_construct_tree(own_stack)
    assert "provider (AlipolicyProvider)" in tree
    assert "p (Gold)" in tree


# --- documents from files


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_document_is_read_from_a_file(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(mark + PolicyDocument([READ]).to_json(), "utf-8")
    assert PolicyDocument.from_file(file) == PolicyDocument.from_file(str(file)) == PolicyDocument([READ])
    file.write_bytes(b"{\xff}")
    with pytest.raises(InvalidPropsError, match="the byte 0xff at offset 1"):
        PolicyDocument.from_file(file)
    with pytest.raises(FileNotFoundError):
        PolicyDocument.from_file(tmp_path / "none")


def test_a_path_bytes_or_a_file_is_told_what_to_write(own_stack: Stack) -> None:
    with Path(__file__).open() as file:
        for given, hint in ((Path("p.json"), "from_file"), (b"{}", "decode"), (file, "read")):
            with pytest.raises(InvalidPropsError, match=f"hint: .*{hint}"):
                version(own_stack, given)


class Silver(BackupPolicy):
    def __init__(self, scope: constructs.Construct, id_: str, **arguments: Any) -> None:
        super().__init__(scope, id_, policy_description="silver", **arguments)


class Bronze(BackupPolicy):
    def __init__(self, scope: constructs.Construct, id_: str, *, rules: list[BackupPolicyRule]) -> None:
        super().__init__(scope, id_, rules=rules)


@pytest.mark.parametrize(("kind", "description"), [(Silver, "silver"), (Bronze, None)])
def test_a_subclass_that_fills_in_arguments_keeps_tiered(
    own_stack: Stack, kind: type[BackupPolicy], description: str | None
) -> None:
    policy = kind.tiered(own_stack, "p", schedule="I|0|P1D", retention=7, vault_id="v-1")
    assert (type(policy), policy.policy_description) == (kind, description)
    assert policy.policy_type == "STANDARD"


def test_the_path_of_a_file_is_no_document(own_stack: Stack) -> None:
    with pytest.raises(InvalidPropsError, match=r"PV101[^$]*PolicyDocument.from_file"):
        PolicyVersion(own_stack, "v", policy_name="readers", policy_document="policies/readers.json")
