"""BP319: a policy that nothing in its stack binds, and that chooses nothing by tags, carries a warning."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib import (
    AlipolicyProvider,
    AnyResource,
    BackupPolicy,
    BackupPolicyBinding,
    BackupPolicyRule,
    OssBucket,
    Schedule,
    TagFilter,
    cdktf,
)
from tests.cdk.elements import Stack, variable

TAG = BackupPolicyRule.tag(source_types=["OSS"], tag_filters=[TagFilter(key="env")])


def policy(stack: Stack, id_: str = "p", **more: Any) -> BackupPolicy:
    daily = Schedule.every("P1D", start=1648647166)
    return BackupPolicy.tiered(stack, id_, schedule=daily, retention=7, vault_id="v-1", **more)


def warned(stack: Stack) -> list[str]:
    """The ids of the constructs that carry the warning, after two syntheses."""
    cdktf.Testing.synth(stack)
    cdktf.Testing.synth_hcl(stack)
    notes = [(each, note) for each in stack.node.find_all() for note in each.node.metadata]
    return [each.node.id for each, note in notes if str(note.data).startswith("BP319 rules: received no TAG")]


@pytest.fixture(params=["stack", "own_stack"])
def either(request: pytest.FixtureRequest) -> Stack:
    found: Stack = request.getfixturevalue(request.param)
    return found


def test_without_a_tag_rule_and_a_binding(either: Stack) -> None:
    policy(either)
    assert warned(either) == ["p"]


def test_not_where_it_is_bound(either: Stack) -> None:
    policy(either, "bound").bind(OssBucket("logs"))
    policy(either, "unbound")
    assert warned(either) == ["unbound"]


def test_not_where_it_chooses_by_tags(either: Stack) -> None:
    policy(either, "tagged", rules=[TAG])
    policy(either, "later").add_rule(TAG)
    assert warned(either) == []


def test_not_where_it_is_acknowledged(either: Stack) -> None:
    policy(either, acknowledge={"BP319": "bound in the console"}).add_rule(
        BackupPolicyRule.replication(replication_region_id="cn-beijing", retention=7)
    )
    assert warned(either) == []


def test_not_where_a_binding_may_be_its(own_stack: Stack) -> None:
    BackupPolicyBinding(own_stack, "b", policy_id=variable(own_stack).string_value, source=OssBucket("logs"))
    policy(own_stack)
    assert warned(own_stack) == []


def test_a_binding_by_terraforms_name_counts_too(stack: Stack) -> None:
    bound = policy(stack)
    arguments = {"policy_id": bound.policy_id, "source_type": "OSS", "data_source_id": "logs"}
    AnyResource(stack, "b", "alicloud_hbr_policy_binding", arguments)
    assert warned(stack) == []


def test_what_another_stack_binds(own_stack: Stack) -> None:
    app = own_stack.node.root
    assert isinstance(app, cdktf.App)
    other = Stack(app, "other")
    AlipolicyProvider(other, "provider")
    bound, unbound = policy(own_stack, "bound"), policy(other, "unbound")
    BackupPolicyBinding(other, "b", policy_id=bound.policy_id, source=OssBucket("logs"))
    assert warned(own_stack) == []
    assert warned(other) == ["unbound"]
    unbound.bind(OssBucket("data"))
    third = Stack(app, "third")
    AlipolicyProvider(third, "provider")
    policy(third, "alone")
    assert warned(third) == ["alone"]
