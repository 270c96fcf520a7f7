"""The journal's files: what is in them, how long they stay, where they are; and its entries alone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.api_client import Calls
from constructs_lib.provider.pending_creates import Journal, PendingOperation, Scope
from constructs_lib.provider.pending_creates.journal import KEPT
from constructs_lib.provider.pending_creates.terraform_run import identify_run
from tests.provider import test_policy_version
from tests.provider.conftest import BACKUP, VERSION, Elsewhere, Run, Workspace, logs, pending_create
from tests.provider.test_backup_policy import DAILY, HCL
from tests.provider.test_policy_version import DEFAULT

policy = test_policy_version.policy


class TestFiles:
    def test_they_hold_no_document_no_rules_and_no_credentials(
        self, run: Callable[..., Run], cloud: LocalCloud, policy: Elsewhere, tmp_path: Path
    ) -> None:
        one = run()
        one.resource(VERSION).apply(DEFAULT)
        one.resource(BACKUP).apply(DAILY)
        (log,) = logs(tmp_path)
        written = log.read_text()
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
        assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
        for secret in (cloud.access_key, cloud.secret_key, "oss:Get", "1648647166"):
            assert secret not in written

    def test_the_entry_is_on_disk_before_the_request(
        self, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        seen: list[str] = []
        original = Calls.once

        def once(self: Calls, service: Any, operation: str, parameters: Any) -> Any:
            if operation == "CreatePolicyV2":
                seen.extend(json.loads(line)["do"] for line in logs(tmp_path)[0].read_text().splitlines())
            return original(self, service, operation, parameters)

        monkeypatch.setattr(Calls, "once", once)
        run().resource(BACKUP).apply(DAILY)
        assert seen == ["process", "there", "begin"]

    def test_what_threads_begin_together_is_synced_together_and_before_they_go_on(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        synced: list[bytes] = []
        names = [f"place {number}" for number in range(10)]

        def sync(descriptor: int) -> None:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            log = Path(f"/proc/self/fd/{descriptor}")
            written = log.read_bytes()
            for _ in range(1000):  # or those who wait would have to sync for themselves
                if all(name.encode() in log.read_bytes() for name in names):
                    break
                time.sleep(0.01)
            synced.append(written)

        monkeypatch.setattr("os.fsync", sync)
        journal = Journal(tmp_path)

        def begin(name: str) -> bool:
            journal.begin(pending_create(Scope(name)))
            return any(name.encode() in written for written in synced)

        with ThreadPoolExecutor(len(names)) as threads:
            assert all(threads.map(begin, names))
        assert len(synced) <= 2

    def test_a_line_that_was_cut_short_is_passed_over(self, run: Callable[..., Run], tmp_path: Path) -> None:
        created = run().killed(BACKUP, DAILY).id
        with logs(tmp_path)[0].open("a") as log:
            log.write('{"do":"begin","numb')
        second = run()
        assert second.resource(BACKUP).apply(DAILY)["id"] == created
        assert not second.reported("unreadable")

    @pytest.mark.parametrize(
        "garbage",
        [b"\xff\xfe\x00", b"[1, 2]", b'{"do": "clear"}', b'{"do": "begin", "number": 1}', b"null", b"{}"],
    )
    def test_an_unreadable_line_is_a_warning(
        self, run: Callable[..., Run], tmp_path: Path, garbage: bytes
    ) -> None:
        created = run().killed(BACKUP, DAILY).id
        log = logs(tmp_path)[0]
        log.write_bytes(garbage + b"\n" + log.read_bytes())
        second = run()
        assert second.resource(BACKUP).apply(DAILY)["id"] == created
        assert second.core.errors == []
        assert len(second.reported("holds unreadable lines")) == 1

    def test_a_directory_that_cannot_be_used_is_a_warning(
        self, run: Callable[..., Run], tmp_path: Path
    ) -> None:
        (tmp_path / "alipolicy").write_text("a file")
        one = run()
        daily = one.resource(BACKUP)
        daily.apply(DAILY)
        assert one.core.errors == []
        assert len(one.reported("The journal of creates is incomplete")) == 1
        assert daily.drift(DAILY) == {}
        assert not one.reported("journal")

    def test_a_disk_that_is_full_is_a_warning(
        self, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        one = run()
        one.resource(BACKUP).apply(DAILY)
        assert one.core.errors == []
        assert len(one.reported("No space left on device")) == 1

    def test_a_log_is_closed_to_others_as_long_as_its_process_lives(self, tmp_path: Path) -> None:
        """With real processes: the first is killed -9."""
        script = (
            "import sys, time; from pathlib import Path\n"
            "from constructs_lib.provider.pending_creates import Journal, Scope\n"
            "from tests.provider.conftest import pending_create\n"
            "Journal(Path(sys.argv[1])).begin(pending_create(Scope('p')))\n"
            "print('begun', flush=True); time.sleep(60)"
        )
        arguments = [sys.executable, "-c", script, str(tmp_path)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            assert Journal(tmp_path).claim("Create", Scope("p"), "digest") is None
            process.kill()
        journal = Journal(tmp_path)
        entry = journal.claim("Create", Scope("p"), "digest")
        assert entry is not None
        assert (entry.subject, entry.began, entry.name) == ("name", 1.0, "")
        assert journal.claim("Create", Scope("p"), "digest") is None

    def test_an_old_log_that_nobody_asks_for_goes(self, run: Callable[..., Run], tmp_path: Path) -> None:
        run(workspace="given up").killed(BACKUP, DAILY)
        run().resource(BACKUP).plan(DAILY)
        assert len(logs(tmp_path)) == 1
        os.utime(logs(tmp_path)[0], (0, time.time() - KEPT - 60))
        run().resource(BACKUP).plan(DAILY)
        assert logs(tmp_path) == []

    def test_a_record_that_is_cut_short_by_a_full_disk_is_a_warning(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        journal = Journal(tmp_path)
        entry = journal.begin(pending_create(Scope("p")))
        write = os.write
        monkeypatch.setattr("os.write", lambda descriptor, line: write(descriptor, line[:5]))
        journal.record_created(entry, "made")
        assert "No space left on device" in journal.take_problems()[0]


class TestEntries:
    def test_an_entry_that_others_end_too_does_not_end_the_journal(self, tmp_path: Path) -> None:
        first = Journal(tmp_path)
        first.begin(pending_create(Scope("p")))
        os.close(first._lock_of_own)
        one, other = Journal(tmp_path), Journal(tmp_path)
        (entry,), _ = one.find_unclaimed(), other.find_unclaimed()
        other.finish(entry)
        one.finish(entry)
        assert one.is_on_disk
        assert one.take_problems() == []

    def test_what_was_taken_over_does_not_come_back(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        first = Journal(tmp_path)
        first.record_created(first.begin(pending_create(Scope("p"))), "made")
        os.close(first._lock_of_own)
        second = Journal(tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "finish", lambda *_: None)  # killed before
            assert second.claim("Create", Scope("p"), "digest")
        os.close(second._lock_of_own)
        third = Journal(tmp_path)
        assert third.claim("Create", Scope("p"), "digest")
        assert third.claim("Create", Scope("p"), "digest") is None

    def test_what_is_called_the_same_in_another_account_is_something_else(self, tmp_path: Path) -> None:
        """Two accounts get equal versions within one second: `name:v2 of date` in both."""
        there, here = Journal(tmp_path), Journal(tmp_path)
        one = there.begin(pending_create(Scope("p", "1")))
        there.record_created(one, "name:v2 of then")
        mine = here.begin(pending_create(Scope("p", "2")))
        here.release(mine)
        assert here.names_of_others(mine) == set()
        duplicate = Journal(tmp_path).begin(pending_create(Scope("p", "1")))
        assert here.names_of_others(duplicate) == {"name:v2 of then"}


class TestRealTerraform:
    def test_it_says_when_it_is_done_and_what_its_state_knows(self, own_process: Workspace) -> None:
        applied = own_process.apply(HCL)
        assert applied.status == 0, applied.text
        (log,) = logs(own_process.directory / ".terraform")
        reported = [json.loads(line)["do"] for line in log.read_text().splitlines()]
        assert reported == ["process", "there", "begin", "made", "closed"]
        assert own_process.plan().status == 0
        assert logs(own_process.directory / ".terraform") == []


class TestWhereItIs:
    @pytest.fixture(autouse=True)
    def in_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def begun(self, environment: dict[str, str]) -> Journal:
        journal = Journal.from_environment(environment)
        journal.begin(PendingOperation(kind="Create", scope=Scope(), subject="", began=0.0))
        return journal

    def test_beside_the_working_directorys_own_data(self, tmp_path: Path) -> None:
        assert self.begun({}).place == "default"
        assert len(logs(tmp_path / ".terraform")) == 1

    def test_tf_data_dir_moves_it(self, tmp_path: Path) -> None:
        self.begun({"TF_DATA_DIR": "elsewhere/data"})
        assert len(logs(tmp_path / "elsewhere/data")) == 1

    def test_the_workspace_is_the_selected_one_or_that_of_the_environment(self, tmp_path: Path) -> None:
        (tmp_path / ".terraform").mkdir()
        (tmp_path / ".terraform/environment").write_text("staging")
        assert Journal.from_environment({}).place == "staging"
        assert Journal.from_environment({"TF_WORKSPACE": "live"}).place == "live"

    @pytest.mark.parametrize(
        ("written", "keeps"),
        [
            ('{"backend": {"type": "local"}}', True),
            ('{"backend": {"type": "oss"}}', False),
            ('{"version": 3}', True),
            ("garbage", True),
        ],
    )
    def test_the_backend_tells_whether_the_state_is_here(
        self, tmp_path: Path, written: str, keeps: bool
    ) -> None:
        (tmp_path / ".terraform").mkdir()
        (tmp_path / ".terraform/terraform.tfstate").write_text(written)
        assert Journal.from_environment({}).keeps_state is keeps

    @pytest.mark.parametrize(
        ("one", "other", "is_same"),
        [
            (
                '{"type": "oss", "config": {"key": "dev"}}',
                '{"type": "oss", "config": {"key": "live"}}',
                False,
            ),
            ('{"type": "oss", "config": {"key": "a"}}', '{"type": "s3", "config": {"key": "a"}}', False),
            ('{"type": "local", "config": {"path": "dev"}}', '{"type": "local"}', False),
            (
                '{"type": "oss", "config": {"key": "a", "access_key": "old"}}',
                '{"type": "oss", "config": {"key": "a", "access_key": "new", "prefix": null}}',
                True,
            ),
            ('{"type": "local", "config": {"path": null}}', "null", True),
        ],
    )
    def test_one_directory_may_be_initialised_for_several_states(
        self, tmp_path: Path, one: str, other: str, is_same: bool
    ) -> None:
        (tmp_path / ".terraform").mkdir()
        places = []
        for backend in (one, other):
            (tmp_path / ".terraform/terraform.tfstate").write_text(f'{{"backend": {backend}}}')
            places.append(Journal.from_environment({}).place)
        assert (places[0] == places[1]) is is_same
        assert "dev" not in places[0]

    def test_a_data_directory_that_is_shared_has_several_local_states(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared = {"TF_DATA_DIR": str(tmp_path / "data")}
        here = Journal.from_environment(shared).place
        (tmp_path / "other").mkdir()
        monkeypatch.chdir(tmp_path / "other")
        assert Journal.from_environment(shared).place != here

    def test_a_run_is_one_process_from_its_start_to_its_end(self) -> None:
        runs = []
        for _ in range(2):
            with subprocess.Popen(["sleep", "60"]) as process:
                runs.append(identify_run(process.pid))
                assert runs[-1] == identify_run(process.pid)
                assert runs[-1].startswith(f"{process.pid}")
                process.kill()
        assert runs[0] != runs[1]
