"""The two kinds of runs: faults on every operation, and processes that are killed."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.localcloud import Delays, LocalCloud
from tests import terraform
from tests.chaos import faults
from tests.chaos.check import Verdict
from tests.chaos.configuration import NO_VERSIONS, Configuration, OwnPolicy, Vault, Version
from tests.chaos.world import World, seeded

# Applies with faults in one world, and kills in one world; some kills come too late.
APPLIES, KILLS, ATTEMPTS = 5, 3, 12
# Worlds with one, two and three configurations of the provider, by the labels of their resources: in two
# regions, in two accounts, in three accounts of two regions.
ALIASES: tuple[dict[str, str], ...] = (
    {},
    {"equals": "elsewhere"},
    {"one": "again", "named": "elsewhere", "alone": "again", "own": "again"},
    {"equals": "other", "system": "other"},
    {"one": "far", "equals": "other", "alone": "far", "full": "other", "own": "far"},
)
VICTIMS = ("terraform", "provider", "both")
TOO_LATE = "too late"
# How long an apply takes until one was seen, and the longest wait for something to be written (seconds).
USUAL, LONGEST = 3.0, 20.0
LONGEST_ANSWER = faults.READ_TIMEOUT / 1000
# The creates between whose commit and answer a kill comes, one after the other, and what asks for each.
BETWEEN: dict[str, dict[str, Any]] = {
    "CreatePolicyV2": {"one": 7},
    "CreatePolicyVersion": {
        "versions": {**NO_VERSIONS, "alone": Version(count=1, document=1).promoted()},
    },
    "CreateVault": {"vaults": {"b": Vault()}},
    "CreatePolicyBindings": {"bound": {"logs": 1}},
    "CreatePolicy": {"own": OwnPolicy(document=200)},
    "AttachPolicyToRole": {"own": OwnPolicy(document=200, attached=("role",))},
}
_PROVIDER = [sys.executable, "-m", "tests.chaos.provider"]
_CUTS = {"cut", "truncated", "not_json"}
_ADOPTED = re.compile(r"was created by an earlier run\n| was bound already\n| was attached to .* already\n")
# What makes something, and its answers are what a client waits for.
_CREATES = ("CreatePolicyV2", "CreatePolicyVersion", "CreateVault", "CreatePolicyBindings", "CreatePolicy")


@frozen(kw_only=True)
class Step:
    """One apply that something went wrong in, and the plain one after it.

    * `run`: the name that replays the world; `kind`: of the fault, or who was killed.
    * `struck`: the requests that met a fault. `failed`: whether the first apply failed.
    * `unanswered`: creates that were carried out, and whose answer did not arrive. `adopted`: how many
      objects the plain apply took over. `was_restored`: whether Terraform's state came from its backup.
    """

    run: str
    kind: str
    failed: bool
    struck: int = 0
    unanswered: int = 0
    adopted: int = 0
    was_restored: bool = False
    verdict: Verdict = field(factory=Verdict)


class Ground:
    """Where worlds are made: a local cloud and an attached provider, for one after the other."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Ground:
        self.cloud = self._stack.enter_context(LocalCloud(delays=Delays(ecs_policy=0.3, vault=0.2)))
        self.attached = self._stack.enter_context(terraform.attached(_PROVIDER))
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="alipolicy-chaos-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, name: str, *, has_journal: bool = True) -> Iterator[Step]:
        """All steps of a run: `a17.42` is world 17 of seed 42 with faults, `k17.42` one with kills, and `c`
        the one where each kill comes between the commit of a create and its answer."""
        self.cloud.set_faults()
        self.cloud.forget_requests()
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / "w"
            if name.startswith("a"):
                yield from _with_faults(World(self.cloud, path, self.attached), name)
            elif name.startswith("k"):
                aliases = ALIASES[int(name[1:].partition(".")[0]) % len(ALIASES)]
                world = World(self.cloud, path, has_journal=has_journal, aliases=aliases)
                # An attached provider is one process, which has one configuration.
                yield from _with_kills(world, name, "" if aliases else self.attached)
            else:
                world = World(self.cloud, path, has_journal=has_journal)
                yield from _between_commit_and_answer(world, name, self.attached)


def _with_faults(world: World, name: str) -> Iterator[Step]:
    chance, configuration = seeded(name), Configuration()
    for _ in range(APPLIES):
        configuration = configuration.changed(chance)
        kind = chance.choice([*faults.KINDS, faults.SEVERAL, faults.SEVERAL])
        world.write(configuration)
        world.server.set_faults(faults.draw(chance, kind))
        first = world.apply()
        world.server.set_faults()
        struck, unanswered = _spoilt(world)
        plain = world.apply()
        verdict = world.verdict(plain)
        yield Step(
            run=name,
            kind=kind,
            failed=first.status != 0,
            struck=struck,
            unanswered=unanswered,
            adopted=len(_ADOPTED.findall(plain.text)),
            verdict=verdict,
        )
        if not verdict.is_clean:
            return


def _with_kills(world: World, name: str, attached: str) -> Iterator[Step]:
    chance, configuration, usual = seeded(name), Configuration(), USUAL
    kills = 0
    for _ in range(ATTEMPTS):
        configuration = configuration.changed(chance)
        victim = chance.choice(VICTIMS)
        world.write(configuration)
        world.server.set_faults(faults.slow_writes(chance))
        has_ended = _killed(world, chance, victim, usual)
        kills += not has_ended
        world.server.set_faults()
        struck, unanswered = _spoilt(world)
        began = time.monotonic()
        plain = world.apply()
        usual = time.monotonic() - began
        verdict = world.verdict(plain, attached)
        yield Step(
            run=name,
            kind=TOO_LATE if has_ended else victim,
            failed=not has_ended,
            struck=struck,
            unanswered=unanswered,
            adopted=len(_ADOPTED.findall(plain.text)),
            was_restored=world.was_restored,
            verdict=verdict,
        )
        if not verdict.is_clean:
            return
        if kills == KILLS:
            break
    # One plan passes what no resource asks for, and the run after it strikes that out: nothing may be left.
    world.directory.plan()
    world.directory.plan()
    left = [path.read_text() for path in world.directory.directory.glob(".terraform/alipolicy/*.jsonl")]
    if left:
        yield Step(run=name, kind=TOO_LATE, failed=False, verdict=Verdict(differing=[f"the journal: {left}"]))


def _between_commit_and_answer(world: World, name: str, attached: str) -> Iterator[Step]:
    configuration = Configuration()
    for operation, more in BETWEEN.items():
        configuration = evolve(configuration, **more)
        world.write(configuration)
        slow = {"kind": "latency", "operation": operation, "at": "after", "seconds": LONGEST}
        world.server.set_faults([slow])
        killed_after_a_write(world)
        world.server.set_faults()
        plain = world.apply()
        yield Step(
            run=name,
            kind="both",
            failed=True,
            adopted=len(_ADOPTED.findall(plain.text)),
            verdict=world.verdict(plain, attached),
        )


def killed_after_a_write(world: World) -> None:
    """Apply, and kill -9 Terraform and the provider as soon as something has been written."""
    before, process = _writes(world), world.start_apply()
    while _writes(world) == before and process.poll() is None:
        time.sleep(0.01)
    _kill(process, "both")
    process.communicate(timeout=60)


def _spoilt(world: World) -> tuple[int, int]:
    """How many requests met a fault, and how many creates were carried out without an answer that a client
    could read."""
    requests = world.server.requests()
    world.server.forget_requests()
    creates = [
        request
        for request in requests
        if request.operation in _CREATES or request.operation.startswith("Attach")
    ]
    return sum(bool(request.faults) for request in requests), sum(
        request.committed
        and (request.status != 200 or request.seconds > LONGEST_ANSWER or bool(_CUTS & set(request.faults)))
        for request in creates
    )


# ------------------------------------------------------------ killing


def _killed(world: World, chance: random.Random, victim: str, usual: float) -> bool:
    """Apply, and kill -9 at a random moment, or soon after something was written.

    Whether the apply was faster. `usual`: how long one takes (seconds).
    """
    before, waits_for_write = _writes(world), chance.random() < 0.7
    pause = chance.uniform(0, 0.3) if waits_for_write else chance.uniform(0, usual * 0.8)
    process = world.start_apply()
    ends = time.monotonic() + LONGEST
    try:
        while waits_for_write and time.monotonic() < ends and process.poll() is None:
            if _writes(world) != before:
                break
            time.sleep(0.01)
        _wait(process, pause)
        has_ended = process.poll() is not None
        _kill(process, victim)
        process.communicate(timeout=60)
        return has_ended and process.returncode == 0
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)


def _writes(world: World) -> int:
    accounts = {account.account_id for account in world.accounts.values()}
    return len([item for item in world.server.objects() if item["account"] in accounts])


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _kill(process: subprocess.Popen[str], victim: str) -> None:
    with contextlib.suppress(ProcessLookupError):
        if victim == "both":
            os.killpg(process.pid, signal.SIGKILL)
        elif victim == "terraform":
            process.kill()
        else:
            for child in _children(process.pid):
                os.kill(child, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]
