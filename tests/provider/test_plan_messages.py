"""What the processes of one plan tell each other."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from constructs_lib.provider.pending_creates import plan_messages
from constructs_lib.provider.pending_creates.plan_messages import PlanMessages
from constructs_lib.provider.pending_creates.terraform_run import makes_one_plan, seconds_of_start

TERRAFORM, EARLY, LATE = 1_000_001, 1_000_002, 1_000_003


@pytest.fixture
def began(monkeypatch: pytest.MonkeyPatch) -> dict[int, float]:
    """When processes began; Terraform plans."""
    times = {EARLY: 0.0, LATE: 0.0}
    monkeypatch.setattr(plan_messages, "seconds_of_start", times.get)
    monkeypatch.setattr(plan_messages, "makes_one_plan", lambda _: True)
    return times


def test_a_process_hears_what_the_others_of_the_plan_tell(tmp_path: Path, began: dict[int, float]) -> None:
    early, late = (PlanMessages(tmp_path / "new", TERRAFORM, process) for process in (EARLY, LATE))
    assert early.exchange({"is": 1}) == []
    assert early.exchange({"is": 2}) == []
    assert late.exchange({"is": 3}) == [{"is": 1}, {"is": 2}]
    assert early.exchange({"is": 4}) == [{"is": 3}]
    assert early.exchange({"is": 5}) == [{"is": 3}]
    assert late.exchange({"is": 6}) == [{"is": 1}, {"is": 2}, {"is": 4}, {"is": 5}]


def test_what_was_told_before_it_began_is_of_another_plan(tmp_path: Path, began: dict[int, float]) -> None:
    PlanMessages(tmp_path, TERRAFORM, EARLY).exchange({})
    began[LATE] = time.clock_gettime(time.CLOCK_BOOTTIME) + 0.001
    assert PlanMessages(tmp_path, TERRAFORM, LATE).exchange({}) == []


def test_another_run_is_not_heard_and_one_that_is_over_leaves_nothing(
    tmp_path: Path, began: dict[int, float]
) -> None:
    PlanMessages(tmp_path, TERRAFORM, EARLY).exchange({})
    assert PlanMessages(tmp_path, TERRAFORM + 9, LATE).exchange({}) == []
    (over,) = tmp_path.glob("1000001.plan")
    over.rename(tmp_path / "1000001-5.plan")
    PlanMessages(tmp_path, TERRAFORM + 19, LATE).exchange({})
    assert not (tmp_path / "1000001-5.plan").exists()


@pytest.mark.parametrize("text", ["no JSON\n", "{}\n", "[]\n"])
def test_a_file_that_is_damaged_tells_nothing(tmp_path: Path, began: dict[int, float], text: str) -> None:
    (tmp_path / f"{TERRAFORM}.plan").write_text(text)
    assert PlanMessages(tmp_path, TERRAFORM, LATE).exchange({}) == []


def test_without_a_directory_nothing_is_told(tmp_path: Path, began: dict[int, float]) -> None:
    (tmp_path / "file").write_text("")
    for directory in (None, tmp_path / "file"):
        assert PlanMessages(directory, TERRAFORM, LATE).exchange({}) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_who_has_no_other_process_beside_it_is_alone(tmp_path: Path) -> None:
    """A process that starts one as Terraform starts a provider, then another."""
    parent = """
import subprocess, sys
provider = [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"]
for _ in range(2):
    child = subprocess.Popen(provider, stdin=subprocess.PIPE)
    print(child.pid, flush=True)
    sys.stdin.readline()
"""
    program = [sys.executable, "-S", "-c", parent]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as terraform:
        assert terraform.stdout is not None
        assert terraform.stdin is not None
        first = int(terraform.stdout.readline())
        assert PlanMessages(tmp_path, terraform.pid, first).is_alone
        assert not PlanMessages(tmp_path, terraform.pid, LATE).is_alone
        terraform.stdin.write("\n")
        terraform.stdin.flush()
        second = int(terraform.stdout.readline())
        for process in (first, second):
            assert not PlanMessages(tmp_path, terraform.pid, process).is_alone
        terraform.stdin.close()
    assert not PlanMessages(tmp_path, terraform.pid, first).is_alone


def test_who_was_told_something_is_not_alone(
    tmp_path: Path, began: dict[int, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one may be over: Terraform ends it with the plan of its last resource."""
    monkeypatch.setattr(plan_messages, "children_of", lambda _: {LATE})
    assert PlanMessages(tmp_path, TERRAFORM, LATE).is_alone
    PlanMessages(tmp_path, TERRAFORM, EARLY).exchange({})
    assert not PlanMessages(tmp_path, TERRAFORM, LATE).is_alone


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        (["plan", "-out=test"], True),
        (["-chdir=test", "apply"], True),
        (["test", "-verbose"], False),
        ([], False),
    ],
)
def test_the_command_line_says_whether_terraform_makes_one_plan(words: list[str], is_one: bool) -> None:
    program = [sys.executable, "-S", "-c", "import sys; print(flush=True); sys.stdin.read()", *words]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        began = seconds_of_start(process.pid)
        assert makes_one_plan(process.pid) is is_one
        assert began is not None
        assert began <= time.clock_gettime(time.CLOCK_BOOTTIME) + 0.01
        process.stdin.close()
    assert not makes_one_plan(process.pid)
