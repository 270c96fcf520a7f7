"""On the official provider our constructs write what the provider's own generated bindings write."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

from constructs_lib.cdk.engine import cdktf
from tests.e2e.alicloud import Alicloud, official, ours
from tests.e2e.bindings import SCHEMA
from tests.e2e.cases import BACKUP, CASES, RULES, TRANSITION, Case, Stack, overrides_of_the_stack, variable
from tests.e2e.difference import assert_same
from tests.e2e.hcl import assert_blocks, content, parsed
from tests.e2e.node import CACHE, ROOT
from tests.schema import assert_accepts

ALICLOUD = json.loads(SCHEMA.read_text())
SOURCE = "aliyun/alicloud"

# CDKTF itself leaves a stack's overrides out of its HCL, whatever the constructs.
HCL_CASES = [build for build in CASES if build is not overrides_of_the_stack]

every_case = pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)


@pytest.fixture(scope="session")
def theirs(official_bindings: str) -> Alicloud:
    return official(official_bindings)


@every_case
def test_writes_what_the_official_bindings_write(build: Case, theirs: Alicloud) -> None:
    assert_same(synthesized(build, ours()), synthesized(build, theirs))


@every_case
def test_the_provider_accepts_it(build: Case) -> None:
    for terraform in synthesized(build, ours()).values():
        assert_accepts(terraform, ALICLOUD)


def test_the_benchmark_compares_stacks_that_say_the_same(official_bindings: str) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.synth", "--counts", "1", "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "1 policies of three rules" in done.stdout


@pytest.fixture(scope="session")
def parsed_hcl() -> dict[str, Any]:
    """What HashiCorp's parser reads in the HCL of every case; one run of Node for all."""
    texts = {}
    for build in HCL_CASES:
        with suppress(Exception):  # the test of the case raises it again
            texts[build.__name__] = hcl_of(build)
    return parsed(texts)


@pytest.mark.parametrize("build", HCL_CASES, ids=lambda build: build.__name__)
def test_hcl_says_the_same_as_the_json(build: Case, parsed_hcl: dict[str, Any]) -> None:
    text = hcl_of(build)
    assert_same(content(parsed_hcl[build.__name__]), content(json_of(stack_of(build, ours()))))
    assert_blocks(text)


def test_synthesizing_again_says_the_same() -> None:
    stack = stack_of(overrides_of_the_stack, ours())
    assert_same(json_of(stack), json_of(stack))


# --- where the official bindings write what Terraform refuses, or nothing


def nested_dynamic_blocks(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(stack)
    each = cdktf.TerraformIterator.from_list(variable(stack, "keys", "list(string)").list_value)
    kept = cdktf.TerraformIterator.from_map({"DAILY": 60, "YEARLY": 730})
    tag_filters = each.dynamic({"key": each.value, "operator": "EQUAL"})
    retention_rules = kept.dynamic({"advanced_retention_type": kept.key, "retention": kept.value})
    tag = {"rule_type": "TAG", "data_source_filters": [{"source_type": "OSS"}], "tag_filters": tag_filters}
    rules = [BACKUP, {**TRANSITION, "retention_rules": retention_rules}, tag]
    alicloud.backup_policy(stack, policy_name="nested", rules=rules)
    created = each.dynamic({"rule_type": each.value, "retention_rules": retention_rules})
    alicloud.backup_policy(stack, "twice", policy_name="twice", rules=created)


def replaced_with_another_construct(stack: Stack, alicloud: Alicloud) -> None:
    alicloud.provider(stack)
    other = alicloud.ram_policy(stack, policy_name="a", policy_document='${file("a.json")}')
    lifecycle = cdktf.TerraformResourceLifecycle(replace_triggered_by=[other])
    alicloud.backup_policy(stack, policy_name="a", rules=RULES, lifecycle=lifecycle)


@pytest.mark.parametrize("build", [nested_dynamic_blocks, replaced_with_another_construct])
def test_what_only_ours_can_is_accepted_in_json_and_in_hcl(build: Case) -> None:
    terraform = json_of(stack_of(build, ours()))
    text = hcl_of(build)
    assert_accepts(terraform, ALICLOUD)
    assert_same(content(parsed({"text": text})["text"]), content(terraform))
    assert_blocks(text)


def test_nested_dynamic_blocks_stand_in_their_rule() -> None:
    terraform = synthesized(nested_dynamic_blocks, ours())["stack"]
    policies = terraform["resource"]["alicloud_hbr_policy"]
    _, transition, tag = policies["daily"]["rules"]
    assert transition["dynamic"]["retention_rules"]["content"]["retention"] == "${each.value}"
    assert tag["dynamic"]["tag_filters"]["for_each"] == "${toset(var.keys)}"
    assert "retention_rules" in policies["twice"]["dynamic"]["rules"]["content"]["dynamic"]


def test_constructs_that_trigger_a_replacement_are_addresses() -> None:
    terraform = synthesized(replaced_with_another_construct, ours())["stack"]
    lifecycle = terraform["resource"]["alicloud_hbr_policy"]["daily"]["lifecycle"]
    assert lifecycle == {"replace_triggered_by": ["alicloud_ram_policy.admin"]}


def test_which_snapshot_is_left_out() -> None:
    def build(stack: Stack, alicloud: Alicloud) -> None:
        alicloud.provider(stack)
        kept = {"advanced_retention_type": "YEARLY", "retention": 730, "which_snapshot": 1}
        rules = [BACKUP, {**TRANSITION, "retention_rules": [kept]}]
        alicloud.backup_policy(stack, policy_name="a", rules=rules)

    assert_accepts(synthesized(build, ours())["stack"], ALICLOUD)


# --- how it is done


def stack_of(build: Case, alicloud: Alicloud) -> cdktf.TerraformStack:
    app = cdktf.Testing.app(outdir=str(CACHE / "cdktf.out"))  # nothing is written there: see `json_of`
    stack = cdktf.TerraformStack(app, "stack")
    build(stack, alicloud)
    return stack


def synthesized(build: Case, alicloud: Alicloud) -> dict[str, Any]:
    """The Terraform JSON of every stack, without the notes of CDKTF and the version of the provider."""
    app = cdktf.App.of(stack_of(build, alicloud))
    stacks = [child for child in app.node.children if isinstance(child, cdktf.TerraformStack)]
    for stack in stacks:
        stack.prepare_stack()  # finds what one stack reads of another
    return {stack.node.id: without_notes(json_of(stack)) for stack in stacks}


def json_of(stack: cdktf.TerraformStack) -> Any:
    # Not `app.synth()`, which asks a Terraform for its version wherever there is a move or an import.
    return json.loads(cdktf.Testing.synth(stack))


def without_notes(terraform: Any) -> Any:
    if isinstance(terraform, list):
        return [without_notes(item) for item in terraform]
    if isinstance(terraform, dict):
        kept = {name: without_notes(item) for name, item in terraform.items() if name != "//"}
        return kept if kept.get("source") != SOURCE else {"source": SOURCE}
    return terraform


def hcl_of(build: Case) -> str:
    text: str = cdktf.Testing.synth_hcl(stack_of(build, ours()))
    return text
