"""Where a review decides what takes effect, an apply leaves just that, in any order of its steps."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.properties import examples
from tests.review.configurations import AT, written
from tests.review.ram_world import (
    OURS,
    WHOLE,
    Document,
    Policy,
    RefusedError,
    Wanted,
    World,
    configuration,
    plan,
)

SETTINGS = examples(150)
SEEDS = st.integers(0, 2**48)
ORDERS = 6
EXISTING, OWN = ("A", "B"), ("W", "X")
# So many reviews were decided, and so many there were; of those that change what takes effect.
UNDECIDED = {"RV222", "RV223", "RV224"}
Effects = dict[str, Document]


def some_document(policy: str, draw: random.Random) -> Document:
    """One of a few, so that the same one comes back; the actions tell of which policy it is."""
    return frozenset(f"oss:{policy}{action}" for action in draw.choice(["a", "b", "ab", "bc", "abc"]))


def some_configuration(draw: random.Random) -> dict[str, Wanted]:
    wanted: dict[str, Wanted] = {}
    for policy in EXISTING + OWN:
        is_whole = policy in OWN and draw.random() < 0.6
        if is_whole:
            ignores = draw.random() < 0.5
            wanted[f"{WHOLE}.{policy.lower()}"] = Wanted(
                WHOLE, policy, some_document(policy, draw), ignores_document=ignores
            )
        default = draw.randrange(4)
        for place in range(draw.choice([0, 1, 1, 2, 3]) if policy in EXISTING or is_whole else 0):
            is_default = place == default or draw.random() < 0.03
            rotates = draw.random() < 0.7
            document = some_document(policy, draw)
            wanted[f"{OURS}.{policy.lower()}{place}"] = Wanted(OURS, policy, document, is_default, rotates)
    return wanted


def mutated(wanted: dict[str, Wanted], draw: random.Random) -> dict[str, Wanted]:
    """Another configuration, a few changes away."""
    result, other = dict(wanted), some_configuration(draw)
    for _ in range(draw.choice([1, 1, 2, 3])):
        addresses = sorted({**result, **other})
        if not addresses:
            break
        address = draw.choice(addresses)
        old, what = result.get(address), draw.randrange(6)
        if old is None or what == 0:
            if address in other and old is None:
                result[address] = other[address]
            else:
                result.pop(address, None)
        elif what == 1 and f"{address}x" not in result:
            result[f"{address}x"] = result.pop(address)
        else:
            policy = draw.choice([old.policy, old.policy, *(EXISTING if old.type == OURS else ())])
            document = some_document(policy, draw) if what in (2, 3) else old.document
            is_default = not old.is_default if what in (3, 4) else old.is_default
            result[address] = Wanted(
                old.type, policy, document, is_default, old.rotates, old.ignores_document
            )
    return result


def some_world(draw: random.Random) -> World | None:
    """A world with a past: a few applies, and what others did in between."""
    world = World({name: Policy() for name in EXISTING})
    for name, policy in world.policies.items():
        for _ in range(draw.choice([1, 1, 2, 4])):
            policy.create(some_document(name, draw), is_default=draw.random() < 0.5, rotates=True)
    wanted: dict[str, Wanted] = {}
    for _ in range(draw.choice([1, 2, 3])):
        wanted = mutated(wanted, draw) if wanted else some_configuration(draw)
        try:
            world = world.apply(wanted, draw)
        except RefusedError:
            return None
        if draw.random() < 0.2:
            policy = draw.choice(list(world.policies.values()))
            policy.default = draw.choice(list(policy.versions))
        world.refresh()
    return world


def outcomes(world: World, wanted: dict[str, Wanted]) -> list[Effects]:
    """What takes effect after an apply, in a few orders of its steps; of those that no step stopped."""
    found = []
    for seed in range(ORDERS):
        try:
            found.append(world.apply(wanted, random.Random(seed)).takes_effect())
        except RefusedError:
            continue
    return found


def told(report: Report) -> tuple[set[str], set[str]]:
    """The actions that the report says are gained and lost with the change."""
    gained: set[str] = set()
    lost: set[str] = set()
    for resource in report.resources():
        if resource.access and resource.access.takes_effect:
            gained |= {action for grant in resource.access.gained for action in grant.actions}
            lost |= {action for grant in resource.access.lost for action in grant.actions}
    return gained, lost


def assert_lawful(report: Report, before: Effects, afters: list[Effects], about: object) -> bool:
    """Whether the report decides; it is right then, and fails otherwise."""
    if UNDECIDED & {finding.code for finding in report.all_findings()}:
        assert report.fails(Level.ERROR), about
        return False
    gained, lost = told(report)
    for after in afters:
        names = before.keys() | after.keys()
        none: Document = frozenset()
        is_gained = {each for name in names for each in after.get(name, none) - before.get(name, none)}
        is_lost = {each for name in names for each in before.get(name, none) - after.get(name, none)}
        assert (gained, lost) == (is_gained, is_lost), about
    return True


def decide_plan(folder: Path, seed: int, *, has_attributes: bool) -> bool | None:
    draw = random.Random(seed)
    world = some_world(draw)
    if world is None:
        return None
    wanted = mutated({address: deployed.wanted for address, deployed in world.state.items()}, draw)
    listed = {name for name in EXISTING + OWN if draw.random() < 0.2}
    content = plan(world, wanted, has_attributes=has_attributes, listed=listed)
    afters = outcomes(world, wanted)
    report = review(read_input(written(folder, "plan.json", content)), at=AT)
    return assert_lawful(report, world.takes_effect(), afters, content) if afters else None


@SETTINGS
@given(seed=SEEDS)
def test_a_plan_that_is_decided_is_right(tmp_path: Path, seed: int) -> None:
    decide_plan(tmp_path, seed, has_attributes=True)


@SETTINGS
@given(seed=SEEDS)
def test_a_plan_of_an_older_provider_that_is_decided_is_right(tmp_path: Path, seed: int) -> None:
    decide_plan(tmp_path, seed, has_attributes=False)


def decide_configuration(folder: Path, seed: int) -> bool | None:
    draw = random.Random(seed)
    world, old = some_world(draw), some_configuration(draw)
    for _ in range(3):
        try:
            world = world and world.apply(old, draw)
        except RefusedError:
            return None
    if world is None or any(world.steps(address, wanted) for address, wanted in old.items()):
        return None  # what is deployed is not what the configuration says
    new = mutated(old, draw)
    afters = outcomes(world, new)
    after = written(folder, "new.tf.json", configuration(new))
    report = review(read_input(after, written(folder, "old.tf.json", configuration(old))), at=AT)
    return assert_lawful(report, world.takes_effect(), afters, (old, new)) if afters else None


@SETTINGS
@given(seed=SEEDS)
def test_configuration_that_is_decided_is_right(tmp_path: Path, seed: int) -> None:
    decide_configuration(tmp_path, seed)


def test_most_plans_are_decided(tmp_path: Path) -> None:
    answers = [decide_plan(tmp_path, seed, has_attributes=True) for seed in range(60)]
    decided = [answer for answer in answers if answer is not None]
    assert sum(decided) > len(decided) * 0.6
