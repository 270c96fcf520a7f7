"""Terraform empties its state file before it writes it anew: what is said where it was killed in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from constructs_lib.provider.pending_creates import Journal, Scope
from constructs_lib.provider.pending_creates.terraform_run import WorkingDirectory, is_emptied, names_a_state
from tests.provider.conftest import pending_create

SCOPE = Scope("default http://cloud cn-beijing")


class TestIsEmptied:
    @pytest.fixture
    def state(self, tmp_path: Path) -> Path:
        state = tmp_path / "terraform.tfstate"
        state.touch()
        return state

    @pytest.fixture
    def terraform(self, state: Path) -> Iterator[int]:
        """A process that began after the state was written."""
        with subprocess.Popen(["sleep", "60"]) as process:
            os.utime(state, ns=(0, state.stat().st_mtime_ns - 50_000_000))
            yield process.pid
            process.kill()

    def test_an_empty_file_older_than_the_run(self, state: Path, terraform: int) -> None:
        assert is_emptied(state, terraform)

    def test_not_a_version_that_the_run_created(self, state: Path, terraform: int) -> None:
        time.sleep(0.02)  # so long Terraform takes to begin, at least
        os.utime(state)
        assert not is_emptied(state, terraform)

    def test_not_one_with_content(self, state: Path, terraform: int) -> None:
        modified = state.stat().st_mtime
        state.write_text("{}")
        os.utime(state, (0, modified))
        assert not is_emptied(state, terraform)

    def test_not_one_that_is_being_written(self, state: Path, terraform: int) -> None:
        """For a moment it may be empty, with the time of before."""
        writing = threading.Timer(0.05, state.write_text, ("{}",))
        writing.start()
        assert not is_emptied(state, terraform)
        writing.join()

    def test_not_where_no_one_says_when_the_run_began(self, state: Path) -> None:
        with subprocess.Popen(["true"]) as process:
            process.wait()
            assert not is_emptied(state, process.pid)


class TestWhatIsTakenOver:
    def test_what_ended_in_order_with_this_state_and_with_no_other(self, tmp_path: Path) -> None:
        state = tmp_path / "terraform.tfstate"
        state.touch()
        os.utime(state, (0, 0))
        Path(f"{state}.backup").write_text("{}")
        scopes = {
            place: Scope(f"{place} http://cloud cn-beijing") for place in ("default", "default 1f", "live")
        }
        for place, scope in scopes.items():
            workspace, _, other = place.partition(" ")
            earlier = Journal(tmp_path / "alipolicy", workspace=workspace, state=other)
            earlier._run = "earlier"
            earlier.record_created(earlier.begin(pending_create(scope)), f"made in {place}")
            earlier.close()
            os.close(earlier._lock_of_own)
        journal = Journal(tmp_path / "alipolicy", state_file=state)
        assert all(journal.find_answered("Create", scope, "digest") for scope in scopes.values())

        assert journal.find_lost_state() == state
        journal.reload()
        answered = [
            place for place, scope in scopes.items() if journal.find_answered("Create", scope, "digest")
        ]
        assert answered == ["default 1f", "live"]
        claimed = journal.claim("Create", scopes["default"], "digest")
        assert claimed is not None
        assert claimed.name == "made in default"


class TestAStateThatIsWrittenLater:
    """OpenTofu writes a local state every 20 seconds and at the end, Terraform after each resource."""

    @pytest.mark.parametrize(
        ("at_the_end", "afterwards", "is_taken_over"),
        [
            ({"serial": 3}, {"serial": 3}, True),
            ({"serial": 3}, {"serial": 4}, False),
            ({"serial": 3, "resources": ["made"]}, {"serial": 3}, False),
            ({}, {}, False),
        ],
        ids=["killed before it was written", "written since", "written before", "without a serial"],
    )
    def test_what_ended_in_order_before_it_was_written(
        self, tmp_path: Path, at_the_end: object, afterwards: object, is_taken_over: bool
    ) -> None:
        state = tmp_path / "terraform.tfstate"
        state.write_text(json.dumps(at_the_end))
        self.ended(tmp_path, state, run="earlier")
        state.write_text(json.dumps(afterwards))
        assert (self.claimed(tmp_path, state) == "made") is is_taken_over

    def test_not_while_that_run_goes_on(self, tmp_path: Path) -> None:
        """The process of another configuration of the provider begins later."""
        state = tmp_path / "terraform.tfstate"
        state.write_text('{"serial": 3}')
        self.ended(tmp_path, state)
        assert self.claimed(tmp_path, state) == ""

    def test_not_where_the_state_may_be_another(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TF_CLI_ARGS_apply", "-auto-approve -state=other.tfstate")
        state = tmp_path / "terraform.tfstate"
        state.write_text('{"serial": 3}')
        self.ended(tmp_path, state, run="earlier")
        assert self.claimed(tmp_path, state) == ""

    def ended(self, folder: Path, state: Path, run: str = "") -> None:
        """A process that has created something and ended in order, in a run of its own or in this one."""
        earlier = Journal(folder / "alipolicy", state_file=state)
        earlier._run = run or earlier._run
        earlier.record_created(earlier.begin(pending_create(SCOPE)), "made")
        earlier.close()
        os.close(earlier._lock_of_own)

    def claimed(self, folder: Path, state: Path) -> str:
        """What another process takes over, which asks for the same."""
        later = Journal(folder / "alipolicy", state_file=state)
        assert later.find_lost_state() is None
        later.reload()
        claimed = later.claim("Create", SCOPE, "digest")
        return claimed.name if claimed else ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize(
    ("words", "is_named"),
    [
        (["apply", "-auto-approve"], False),
        (["apply", "-state=other.tfstate"], True),
        (["apply", "--state", "other.tfstate"], True),
        (["apply", "-state-out=other.tfstate"], True),
        (["-chdir=prod-state", "apply", "state.plan"], False),
    ],
)
def test_the_command_line_may_name_another_state(words: list[str], is_named: bool) -> None:
    program = [sys.executable, "-S", "-c", "import sys; print(flush=True); sys.stdin.read()", *words]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert names_a_state(process.pid, {"TF_DATA_DIR": "-state"}) is is_named
        assert names_a_state(process.pid, {"TF_CLI_ARGS": "-state=x"})
        assert process.stdin is not None
        process.stdin.close()
    assert names_a_state(process.pid, {})


class TestWhereTheStateIs:
    @pytest.mark.parametrize(
        ("backend", "workspace", "file"),
        [
            ("", "", "terraform.tfstate"),
            ("", "live", "terraform.tfstate.d/live/terraform.tfstate"),
            ('{"type": "local", "config": {"path": null}}', "", "terraform.tfstate"),
            ('{"type": "local", "config": {"path": "../production.tfstate"}}', "", "../production.tfstate"),
            (
                '{"type": "local", "config": {"path": "a", "workspace_dir": "b"}}',
                "live",
                "b/live/terraform.tfstate",
            ),
            ('{"type": "oss", "config": {"key": "a"}}', "", None),
        ],
    )
    def test_as_the_backend_says(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, workspace: str, file: str | None
    ) -> None:
        monkeypatch.chdir(tmp_path)
        if backend:
            (tmp_path / ".terraform").mkdir()
            (tmp_path / ".terraform/terraform.tfstate").write_text(f'{{"backend": {backend}}}')
        here = WorkingDirectory.from_environment({"TF_WORKSPACE": workspace})
        assert here.state_file == (tmp_path / file if file else None)
