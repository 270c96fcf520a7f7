"""The journal: what a run that is killed leaves, and what the next one makes of it.

A `Run` is a provider process as the journal sees it: `kill` does what the kernel does when a process dies,
and what Terraform has stored by then is what a test passes on to the next run.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.provider import past
from constructs_lib.provider.calls import Calls
from constructs_lib.provider.journal import KEPT, TELLINGS, Journal, Scope
from constructs_lib.provider.working_directory import run_of
from tests.provider.conftest import Core, Elsewhere, Managed, Workspace, arguments
from tests.provider.test_backup_policy import DAILY, HCL, Names
from tests.provider.test_policy_version import IN_FORCE, NAME, SECOND, STAGED, document, fill, versions

BACKUP, VERSION = "alipolicy_backup_policy", "alipolicy_policy_version"


class Killed(BaseException):
    """The process is killed at this point."""


class Run:
    """A run of Terraform: one provider process, in one working directory."""

    _numbers = count()

    def __init__(self, cloud: LocalCloud, directory: Path, **more: Any) -> None:
        self.journal = Journal(directory / "alipolicy", **more)
        self.journal._run = f"run {next(self._numbers)}"
        self.core = Core(self.journal, **arguments(cloud))

    def resource(self, type_name: str, before: Managed | None = None) -> Managed:
        """A resource as the state has it; without `before`, it is in no state."""
        managed = Managed(self.core, type_name)
        if before is not None:
            managed.state, managed.private = before.state, before.private
        return managed

    def kill(self) -> None:
        if self.journal._lock_of_own >= 0:
            os.close(self.journal._lock_of_own)

    def end(self, *, interrupted: bool = False) -> None:
        self.core.service.close(interrupted=interrupted)
        self.kill()


@pytest.fixture
def run(cloud: LocalCloud, tmp_path: Path) -> Callable[..., Run]:
    return lambda **more: Run(cloud, tmp_path, **more)


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Die when an operation is called: `before` its request, or `after` it was carried out."""

    def arrange(operation: str, moment: str) -> None:
        def once(self: Calls, service: Any, called: str, parameters: Any) -> Any:
            if called != operation:
                return original(self, service, called, parameters)
            if moment == "after":
                original(self, service, called, parameters)
            monkeypatch.setattr(Calls, "once", original)
            raise Killed

        monkeypatch.setattr(Calls, "once", once)

    original = Calls.once
    return arrange


def logs(directory: Path) -> list[Path]:
    return sorted((directory / "alipolicy").glob("*.jsonl"))


def told(run: Run, words: str) -> list[str]:
    return [one for one in run.core.messages if words in one]


# ------------------------------------------------------------ a create that is killed


class TestKilled:
    def test_before_the_request_the_next_run_creates(
        self, run: Callable[..., Run], names: Names, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        killed_at("CreatePolicyV2", "before")
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        assert names("backup policy") == []

        second = run()
        state = second.resource(BACKUP).apply(DAILY)
        assert names("backup policy") == [state["id"]]
        assert not told(second, "created by an earlier run")

    def test_after_the_commit_the_next_run_adopts(
        self, run: Callable[..., Run], names: Names, killed_at: Callable[[str, str], None], tmp_path: Path
    ) -> None:
        first = run()
        killed_at("CreatePolicyV2", "after")
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        (there,) = names("backup policy")

        second = run()
        daily = second.resource(BACKUP)
        assert daily.apply(DAILY)["id"] == there
        assert told(second, f"{there} was created by an earlier run")
        assert names("backup policy") == [there]
        second.end()

        third = run()
        assert third.resource(BACKUP, daily).drift(DAILY) == {}
        assert logs(tmp_path) == []

    def test_after_the_answer_the_next_run_adopts(self, run: Callable[..., Run], names: Names) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        assert run().resource(BACKUP).apply(DAILY)["id"] == made
        assert names("backup policy") == [made]

    def test_and_killed_again_the_third_run_adopts(self, run: Callable[..., Run], names: Names) -> None:
        for _ in range(3):
            killed = run()
            killed.resource(BACKUP).apply(DAILY)
            killed.kill()
        assert len(names("backup policy")) == 1

    def test_after_the_state_was_written_nothing_is_left_to_adopt(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        first = run()
        daily = first.resource(BACKUP)
        daily.apply(DAILY)
        first.kill()

        second = run()
        second.resource(BACKUP, daily).refresh()
        assert logs(tmp_path) == []
        second.resource(BACKUP).apply(DAILY)
        assert len(names("backup policy")) == 2

    def test_a_plan_without_refresh_tells_what_the_state_knows_too(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        first = run()
        daily = first.resource(BACKUP)
        daily.apply(DAILY)
        first.kill()
        run().resource(BACKUP, daily).plan(DAILY)
        assert logs(tmp_path) == []

    def test_what_was_deleted_meanwhile_is_created_anew(
        self, run: Callable[..., Run], names: Names, elsewhere: Elsewhere
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        elsewhere.delete_backup_policy(made)
        assert run().resource(BACKUP).apply(DAILY)["id"] == names("backup policy")[0] != made

    def test_what_was_changed_meanwhile_is_not_adopted_but_told_of(
        self, run: Callable[..., Run], names: Names, elsewhere: Elsewhere
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        elsewhere.update_backup_policy(made, policy_name="another")
        second = run()
        daily = second.resource(BACKUP)
        assert daily.apply(DAILY)["id"] != made
        second.end()
        third = run()
        third.resource(BACKUP, daily).drift(DAILY)
        third.end()
        fourth = run()
        fourth.resource(BACKUP, daily).refresh()
        assert told(fourth, f"{made} was created by an earlier run and is in no state")

    def test_an_answer_that_stays_lost_is_adopted_by_the_next_apply_of_the_same_process(
        self, run: Callable[..., Run], names: Names, cloud: LocalCloud
    ) -> None:
        one = run()
        cloud.set_faults(
            [
                Fault(kind="cut", operation="CreatePolicyV2", count=1),
                Fault(kind="error", operation="DescribePoliciesV2", status=403, code="NoPermission", skip=1),
            ]
        )
        one.resource(BACKUP).apply(DAILY)
        assert told(one, "It is not known whether")
        cloud.set_faults()
        state = one.resource(BACKUP).apply(DAILY)
        assert names("backup policy") == [state["id"]]

    def test_a_refused_create_leaves_nothing(
        self, run: Callable[..., Run], cloud: LocalCloud, tmp_path: Path
    ) -> None:
        cloud.set_faults([Fault(kind="error", operation="CreatePolicyV2", status=403, code="NoPermission")])
        one = run()
        one.resource(BACKUP).apply(DAILY)
        assert one.core.errors
        assert logs(tmp_path) == []


class TestTwins:
    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_two_equal_resources_get_two_objects(
        self,
        run: Callable[..., Run],
        names: Names,
        killed_at: Callable[[str, str], None],
        moment: str,
    ) -> None:
        first = run()
        first.resource(BACKUP).apply(DAILY)
        killed_at("CreatePolicyV2", moment)
        first.resource(BACKUP).apply(DAILY)
        first.kill()

        second = run()
        ids = {second.resource(BACKUP).apply(DAILY)["id"] for _ in range(2)}
        assert len(ids) == 2
        assert sorted(ids) == sorted(names("backup policy"))

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_the_one_in_the_state_is_never_given_to_the_other(
        self,
        run: Callable[..., Run],
        names: Names,
        killed_at: Callable[[str, str], None],
        moment: str,
    ) -> None:
        first = run()
        known = first.resource(BACKUP)
        known.apply(DAILY)
        killed_at("CreatePolicyV2", moment)
        first.resource(BACKUP).apply(DAILY)
        first.kill()

        planning = run()
        planning.resource(BACKUP, known).refresh()
        planning.end()
        other = run().resource(BACKUP).apply(DAILY)["id"]
        assert known.state is not None
        assert sorted(names("backup policy")) == sorted([known.state["id"], other])

    def test_versions_too(
        self, run: Callable[..., Run], policy: Elsewhere, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        first.resource(VERSION).apply(STAGED)
        killed_at("CreatePolicyVersion", "after")
        first.resource(VERSION).apply(STAGED)
        first.kill()
        second = run()
        ids = [second.resource(VERSION).apply(STAGED)["version_id"] for _ in range(2)]
        assert sorted(ids) == ["v2", "v3"]
        assert list(versions(policy)) == ["v1", "v2", "v3"]


class TestSideBySide:
    def test_what_a_living_process_makes_is_its_own(self, run: Callable[..., Run], names: Names) -> None:
        one, other = run(), run()
        ids = {each.resource(BACKUP).apply(DAILY)["id"] for each in (one, other)}
        assert sorted(ids) == sorted(names("backup policy"))
        assert len(ids) == 2

    def test_an_entry_is_claimed_once(self, run: Callable[..., Run], names: Names) -> None:
        first = run()
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        ids = {run().resource(BACKUP).apply(DAILY)["id"] for _ in range(2)}
        assert len(ids) == 2 == len(names("backup policy"))

    def test_the_provider_of_a_killed_terraform_is_waited_for(
        self, run: Callable[..., Run], names: Names, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with subprocess.Popen([sys.executable, "-c", ""]) as gone:
            gone.wait()
        orphan = run()
        orphan.journal._parent = gone.pid
        monkeypatch.setattr(Journal, "is_orphaned", False)
        made = orphan.resource(BACKUP).apply(DAILY)["id"]
        threading.Timer(0.5, orphan.kill).start()
        began = time.monotonic()
        assert run().resource(BACKUP).apply(DAILY)["id"] == made
        assert time.monotonic() - began > 0.4

    def test_the_provider_of_a_killed_terraform_begins_nothing_more(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        orphan = run()
        orphan.journal._parent = 1
        orphan.resource(BACKUP).apply(DAILY)
        assert told(orphan, "The run was killed")
        assert names("backup policy") == []

    def test_another_workspace_is_another_matter(self, run: Callable[..., Run], names: Names) -> None:
        first = run(workspace="one")
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        assert run(workspace="two").resource(BACKUP).apply(DAILY)["id"] != made
        assert run(workspace="one").resource(BACKUP).apply(DAILY)["id"] == made

    def test_another_account_is_another_matter(
        self, run: Callable[..., Run], cloud: LocalCloud, tmp_path: Path
    ) -> None:
        first = run()
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        account = cloud.add_account()
        other = run()
        keys = {"access_key": account.access_key, "secret_key": account.secret_key}
        other.core.configure(**{**arguments(cloud), **keys})
        other.resource(BACKUP).apply(DAILY)
        assert not told(other, "created by an earlier run")
        assert len(logs(tmp_path)) == 2

    def test_new_keys_of_the_same_account_still_find_it(self) -> None:
        assert Scope("p", "1", "old").matches(Scope("p", "1", "new"))
        assert not Scope("p", "1", "same").matches(Scope("p", "2", "same"))
        assert Scope("p", "", "same").matches(Scope("p", "2", "same"))
        assert not Scope("p", "", "one").matches(Scope("p", "2", "two"))


# ------------------------------------------------------------ after an orderly end


class TestTakenOutOfTheState:
    def test_a_second_one_is_created_and_the_first_told_of(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.end()
        # `terraform state rm`, then apply: a plan, and the apply itself.
        planning = run()
        planning.resource(BACKUP).plan(DAILY)
        planning.end()
        second = run()
        assert second.resource(BACKUP).apply(DAILY)["id"] != made
        assert told(second, f"{made} was created by an earlier run and is in no state")
        assert len(names("backup policy")) == 2

    def test_a_remote_state_may_be_lost_so_it_is_asked(self, run: Callable[..., Run], names: Names) -> None:
        first = run(keeps_state=False)
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.end()
        second = run(keeps_state=False)
        second.resource(BACKUP).apply(DAILY)
        (error,) = second.core.errors
        assert f"An earlier run created {made}" in error
        assert "Import it, or delete it" in error
        assert names("backup policy") == [made]


class TestNobodyClaims:
    def test_it_is_told_of_a_few_times_and_then_forgotten(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()

        planning = run()
        planning.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
        assert not told(planning, made)
        planning.end()
        for _ in range(TELLINGS):
            later = run()
            later.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
            (warning,) = told(later, f"{made} was created by an earlier run and is in no state")
            assert f"terraform import ADDRESS {made}" in warning
            later.end()
        last = run()
        last.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
        assert not told(last, made)
        assert logs(tmp_path) == []

    def test_what_a_plan_asks_for_is_not_told_of(self, run: Callable[..., Run]) -> None:
        first = run()
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        for _ in range(2):
            planning = run()
            planning.resource(BACKUP).plan(DAILY)
            assert not told(planning, "created by an earlier run")
            planning.end()

    def test_a_plan_that_was_interrupted_has_not_seen_everything(self, run: Callable[..., Run]) -> None:
        first = run()
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        for _ in range(2):
            planning = run()
            planning.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
            assert not told(planning, "created by an earlier run")
            planning.end(interrupted=True)

    def test_what_may_have_been_made_is_told_of_too(
        self, run: Callable[..., Run], names: Names, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        killed_at("CreatePolicyV2", "after")
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        planning = run()
        planning.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
        planning.end()
        later = run()
        later.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
        assert told(later, f"{names('backup policy')[0]} may have been created by an earlier run")

    def test_what_is_gone_is_forgotten_without_a_word(
        self, run: Callable[..., Run], elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        first = run()
        elsewhere.delete_backup_policy(first.resource(BACKUP).apply(DAILY)["id"])
        first.kill()
        for _ in range(2):
            planning = run()
            planning.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
            assert not told(planning, "created by an earlier run")
            planning.end()
        assert logs(tmp_path) == []


# ------------------------------------------------------------ no harm where nobody was killed


def _date_back(directory: Path) -> None:
    """As if what the only log tells had been yesterday."""
    (log,) = logs(directory)
    records = [json.loads(line) for line in log.read_text().splitlines()]
    earlier = [{**one, **{at: one[at] - 86_400 for at in ("began", "ends") if at in one}} for one in records]
    log.write_text("".join(f"{json.dumps(one)}\n" for one in earlier))


class TestNoHarm:
    def test_what_others_create_long_after_the_kill_is_theirs(
        self,
        run: Callable[..., Run],
        names: Names,
        cloud: LocalCloud,
        killed_at: Callable[[str, str], None],
        tmp_path: Path,
    ) -> None:
        first = run()
        killed_at("CreatePolicyV2", "before")
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        _date_back(tmp_path)
        theirs = Run(cloud, tmp_path / "elsewhere").resource(BACKUP).apply(DAILY)["id"]
        mine = run().resource(BACKUP).apply(DAILY)["id"]
        assert sorted(names("backup policy")) == sorted([theirs, mine])

    def test_what_others_create_long_after_the_kill_is_not_told_of(
        self,
        run: Callable[..., Run],
        cloud: LocalCloud,
        killed_at: Callable[[str, str], None],
        tmp_path: Path,
    ) -> None:
        first = run()
        killed_at("CreatePolicyV2", "before")
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        _date_back(tmp_path)
        Run(cloud, tmp_path / "elsewhere").resource(BACKUP).apply(DAILY)
        for _ in range(3):
            planning = run()
            planning.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
            assert not told(planning, "by an earlier run and is in no state")
            planning.end()
        assert logs(tmp_path) == []

    def test_a_run_that_was_stopped_may_not_have_heard_the_last_answer(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        """After a second Ctrl-C Terraform leaves at once, and still asks the provider to end in order."""
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.end(interrupted=True)
        assert run().resource(BACKUP).apply(DAILY)["id"] == made
        assert names("backup policy") == [made]

    def test_an_answer_in_the_same_run_is_no_lost_state(self, run: Callable[..., Run], names: Names) -> None:
        """Two aliases of one provider are two processes of one run; the first may end before the second."""
        one, other = run(keeps_state=False), run(keeps_state=False)
        other.journal._run = one.journal._run
        one.resource(BACKUP).apply(DAILY)
        one.end()
        other.resource(BACKUP).apply(DAILY)
        assert other.core.errors == []
        assert len(names("backup policy")) == 2

    def test_what_another_alias_wants_is_not_told_of_but_adopted(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        # The aliases plan one after the other: the first has ended when the second one begins.
        for wants in (["weekly", "daily"], ["daily", "weekly"]):
            planning = [run() for _ in wants]
            for alias, name in zip(planning, wants, strict=True):
                alias.journal._run = f"with {wants[0]} first"
                alias.resource(BACKUP).plan({**DAILY, "policy_name": name})
                assert not told(alias, "is in no state")
                alias.end()
        applying = run()
        applying.journal._run = planning[0].journal._run
        assert applying.resource(BACKUP).apply(DAILY)["id"] == made
        assert not told(applying, "is in no state")

    def test_an_entry_that_others_finish_meanwhile_is_no_error(
        self, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        first = run()
        daily = first.resource(BACKUP)
        daily.apply(DAILY)
        first.kill()
        planning = run()
        planning.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
        planning.end()

        one, other = run(), run()
        original = past._left_of

        def meanwhile(*given: Any) -> list[str]:
            left = original(*given)
            other.resource(BACKUP, daily).refresh()
            assert logs(tmp_path) == []
            return left

        monkeypatch.setattr(past, "_left_of", meanwhile)
        one.resource(BACKUP).plan({**DAILY, "policy_name": "weekly"})
        assert one.core.errors == []
        monkeypatch.undo()
        one.resource(BACKUP).apply({**DAILY, "policy_name": "weekly"})
        assert not told(one, "journal")
        assert len(logs(tmp_path)) == 1

    def test_an_entry_that_others_end_too_does_not_end_the_journal(self, tmp_path: Path) -> None:
        first = Journal(tmp_path)
        first.begin("Create", Scope("p"), "name", "digest", began=1.0)
        os.close(first._lock_of_own)
        one, other = Journal(tmp_path), Journal(tmp_path)
        (entry,), _ = one.unclaimed(), other.unclaimed()
        other.end(entry)
        one.end(entry)
        assert one.is_on_disk
        assert one.problems == []

    def test_what_was_taken_over_does_not_come_back(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        first = Journal(tmp_path)
        first.made(first.begin("Create", Scope("p"), "name", "digest", began=1.0), "made")
        os.close(first._lock_of_own)
        second = Journal(tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "end", lambda *_: None)  # killed before
            assert second.claim("Create", Scope("p"), "digest")
        os.close(second._lock_of_own)
        third = Journal(tmp_path)
        assert third.claim("Create", Scope("p"), "digest")
        assert third.claim("Create", Scope("p"), "digest") is None

    def test_what_is_called_the_same_in_another_account_is_something_else(self, tmp_path: Path) -> None:
        """Two accounts get equal versions within one second: `name:v2 of date` in both."""
        there, here = Journal(tmp_path), Journal(tmp_path)
        one = there.begin("Create", Scope("p", "1"), "name", "digest", began=1.0)
        there.made(one, "name:v2 of then")
        mine = here.begin("Create", Scope("p", "2"), "name", "digest", began=1.0)
        here.release(mine)
        assert here.others(mine) == set()
        twin = Journal(tmp_path).begin("Create", Scope("p", "1"), "name", "digest", began=1.0)
        assert here.others(twin) == {"name:v2 of then"}

    def test_a_record_that_is_cut_short_by_a_full_disk_is_a_warning(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        journal = Journal(tmp_path)
        entry = journal.begin("Create", Scope("p"), "name", "digest", began=1.0)
        write = os.write
        monkeypatch.setattr("os.write", lambda descriptor, line: write(descriptor, line[:5]))
        journal.made(entry, "made")
        assert "No space left on device" in journal.take_problems()[0]


# ------------------------------------------------------------ versions


class TestVersions:
    def test_a_new_document_is_adopted_by_the_next_run(
        self, run: Callable[..., Run], policy: Elsewhere, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        mine = first.resource(VERSION)
        mine.apply(IN_FORCE)
        first.end()
        killed = run()
        killed_at("CreatePolicyVersion", "after")
        killed.resource(VERSION, mine).apply({**IN_FORCE, "policy_document": SECOND})
        killed.kill()
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}

        again = run()
        mine = again.resource(VERSION, mine)
        mine.refresh()
        assert mine.apply({**IN_FORCE, "policy_document": SECOND})["version_id"] == "v3"
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}
        assert mine.drift({**IN_FORCE, "policy_document": SECOND}) == {}
        mine.apply({**STAGED, "policy_document": SECOND})
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}

    def test_a_create_in_force_gives_the_default_back_to_who_had_it_before_the_kill(
        self, run: Callable[..., Run], policy: Elsewhere, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        killed_at("CreatePolicyVersion", "after")
        first.resource(VERSION).apply(IN_FORCE)
        first.kill()
        mine = run().resource(VERSION)
        mine.apply(IN_FORCE)
        assert versions(policy) == {"v1": False, "v2": True}
        assert "Version v1" in mine.destroy()[-1]
        assert versions(policy) == {"v1": True}

    @pytest.mark.parametrize(("asked", "wanted"), [(IN_FORCE, STAGED), (STAGED, IN_FORCE)])
    def test_whether_it_is_in_force_may_have_changed_meanwhile(
        self,
        run: Callable[..., Run],
        policy: Elsewhere,
        killed_at: Callable[[str, str], None],
        asked: dict[str, Any],
        wanted: dict[str, Any],
    ) -> None:
        first = run()
        killed_at("CreatePolicyVersion", "after")
        first.resource(VERSION).apply(asked)
        first.kill()
        mine = run().resource(VERSION)
        mine.apply(wanted)
        assert versions(policy) == {"v1": wanted is STAGED, "v2": wanted is IN_FORCE}
        assert mine.drift(wanted) == {}
        mine.destroy()
        assert versions(policy) == {"v1": True}

    def test_no_second_version_is_rotated_away(
        self, run: Callable[..., Run], policy: Elsewhere, killed_at: Callable[[str, str], None]
    ) -> None:
        fill(policy)
        first = run()
        killed_at("CreatePolicyVersion", "after")
        first.resource(VERSION).apply(STAGED)
        first.kill()
        assert list(versions(policy)) == ["v1", "v3", "v4", "v5", "v6"]
        assert run().resource(VERSION).apply(STAGED)["version_id"] == "v6"
        assert list(versions(policy)) == ["v1", "v3", "v4", "v5", "v6"]

    def test_a_destroy_takes_along_what_a_killed_change_has_made(
        self, run: Callable[..., Run], policy: Elsewhere, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        mine = first.resource(VERSION)
        mine.apply(IN_FORCE)
        first.end()
        killed = run()
        killed_at("CreatePolicyVersion", "after")
        killed.resource(VERSION, mine).apply({**IN_FORCE, "policy_document": SECOND})
        killed.kill()
        last = run()
        mine = last.resource(VERSION, mine)
        mine.refresh()
        mine.destroy()
        assert last.core.errors == []
        assert versions(policy) == {"v1": True}

    def test_a_change_that_was_taken_back_after_the_kill_is_still_the_resources(
        self,
        run: Callable[..., Run],
        policy: Elsewhere,
        killed_at: Callable[[str, str], None],
        tmp_path: Path,
    ) -> None:
        first = run()
        mine = first.resource(VERSION)
        mine.apply(IN_FORCE)
        first.end()
        killed = run()
        killed_at("CreatePolicyVersion", "after")
        killed.resource(VERSION, mine).apply({**IN_FORCE, "policy_document": SECOND})
        killed.kill()
        for _ in range(2):
            later = run()
            mine = later.resource(VERSION, mine)
            mine.refresh()
            mine.apply(IN_FORCE)
            assert not told(later, "is in no state")
            later.end()
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}
        assert logs(tmp_path) == []
        mine.destroy()
        assert versions(policy) == {"v1": True}

    def test_what_terraform_forgets_where_the_provider_alone_is_killed_is_kept(
        self, run: Callable[..., Run], policy: Elsewhere, killed_at: Callable[[str, str], None]
    ) -> None:
        first = run()
        mine = first.resource(VERSION)
        mine.apply(IN_FORCE)
        mine.apply({**IN_FORCE, "policy_document": SECOND})
        first.end()
        killed = run()
        killed_at("SetDefaultPolicyVersion", "before")
        killed.resource(VERSION, mine).apply({**STAGED, "policy_document": SECOND})
        killed.kill()
        mine.private = b""

        mine = run().resource(VERSION, mine)
        mine.refresh()
        mine.destroy()
        assert versions(policy) == {"v1": True}

    def test_a_promotion_that_was_killed_knows_whom_it_came_after(
        self,
        run: Callable[..., Run],
        policy: Elsewhere,
        killed_at: Callable[[str, str], None],
        tmp_path: Path,
    ) -> None:
        first = run()
        mine = first.resource(VERSION)
        mine.apply(STAGED)
        first.end()
        other = policy.create_policy_version(NAME, document("oss:Other"), set_as_default=True)
        killed = run()
        killed_at("SetDefaultPolicyVersion", "after")
        killed.resource(VERSION, mine).apply(IN_FORCE)
        killed.kill()
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}

        for _ in range(2):
            later = run()
            mine = later.resource(VERSION, mine)
            assert mine.drift(IN_FORCE) == {}
            later.end()
        assert logs(tmp_path) == []
        mine.apply(STAGED)
        assert versions(policy)[other.value.version_id]


# ------------------------------------------------------------ the files


class TestFiles:
    def test_they_hold_no_document_no_rules_and_no_credentials(
        self, run: Callable[..., Run], cloud: LocalCloud, policy: Elsewhere, tmp_path: Path
    ) -> None:
        one = run()
        one.resource(VERSION).apply(IN_FORCE)
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

    def test_a_line_that_was_cut_short_is_passed_over(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        with logs(tmp_path)[0].open("a") as log:
            log.write('{"do":"begin","numb')
        second = run()
        assert second.resource(BACKUP).apply(DAILY)["id"] == made
        assert not told(second, "damaged")

    @pytest.mark.parametrize(
        "garbage",
        [b"\xff\xfe\x00", b"[1, 2]", b'{"do": "clear"}', b'{"do": "begin", "number": 1}', b"null", b"{}"],
    )
    def test_a_damaged_line_is_a_warning(
        self, run: Callable[..., Run], names: Names, tmp_path: Path, garbage: bytes
    ) -> None:
        first = run()
        made = first.resource(BACKUP).apply(DAILY)["id"]
        first.kill()
        log = logs(tmp_path)[0]
        log.write_bytes(garbage + b"\n" + log.read_bytes())
        second = run()
        assert second.resource(BACKUP).apply(DAILY)["id"] == made
        assert second.core.errors == []
        assert len(told(second, "is damaged")) == 1

    def test_a_directory_that_cannot_be_used_is_a_warning(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        (tmp_path / "alipolicy").write_text("a file")
        one = run()
        daily = one.resource(BACKUP)
        daily.apply(DAILY)
        assert one.core.errors == []
        assert len(told(one, "The journal of creates is not complete")) == 1
        assert daily.drift(DAILY) == {}
        assert not told(one, "journal")

    def test_a_disk_that_is_full_is_a_warning(
        self, run: Callable[..., Run], names: Names, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        one = run()
        one.resource(BACKUP).apply(DAILY)
        assert one.core.errors == []
        assert len(told(one, "No space left on device")) == 1

    def test_a_log_is_closed_to_others_as_long_as_its_process_lives(self, tmp_path: Path) -> None:
        """With real processes: the first is killed -9."""
        script = (
            "import sys, time; from pathlib import Path\n"
            "from constructs_lib.provider.journal import Journal, Scope\n"
            "Journal(Path(sys.argv[1])).begin('Create', Scope('p'), 'name', 'digest', began=1.0)\n"
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
        first = run(workspace="given up")
        first.resource(BACKUP).apply(DAILY)
        first.kill()
        run().resource(BACKUP).plan(DAILY)
        assert len(logs(tmp_path)) == 1
        os.utime(logs(tmp_path)[0], (0, time.time() - KEPT - 60))
        run().resource(BACKUP).plan(DAILY)
        assert logs(tmp_path) == []


class TestRealTerraform:
    def test_it_says_when_it_is_done_and_what_its_state_knows(self, own_process: Workspace) -> None:
        applied = own_process.apply(HCL)
        assert applied.status == 0, applied.text
        (log,) = logs(own_process.directory / ".terraform")
        told = [json.loads(line)["do"] for line in log.read_text().splitlines()]
        assert told == ["process", "there", "begin", "made", "closed"]
        assert own_process.plan().status == 0
        assert logs(own_process.directory / ".terraform") == []


class TestWhereItIs:
    @pytest.fixture(autouse=True)
    def in_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def begun(self, environment: dict[str, str]) -> Journal:
        journal = Journal.of_terraform(environment)
        journal.begin("Create", Scope(), "", "", began=0.0)
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
        assert Journal.of_terraform({}).place == "staging"
        assert Journal.of_terraform({"TF_WORKSPACE": "live"}).place == "live"

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
        assert Journal.of_terraform({}).keeps_state is keeps

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
            places.append(Journal.of_terraform({}).place)
        assert (places[0] == places[1]) is is_same
        assert "dev" not in places[0]

    def test_a_data_directory_that_is_shared_has_several_local_states(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared = {"TF_DATA_DIR": str(tmp_path / "data")}
        here = Journal.of_terraform(shared).place
        (tmp_path / "other").mkdir()
        monkeypatch.chdir(tmp_path / "other")
        assert Journal.of_terraform(shared).place != here

    def test_a_run_is_one_process_from_its_start_to_its_end(self) -> None:
        runs = []
        for _ in range(2):
            with subprocess.Popen(["sleep", "60"]) as process:
                runs.append(run_of(process.pid))
                assert runs[-1] == run_of(process.pid)
                assert runs[-1].startswith(f"{process.pid}")
                process.kill()
        assert runs[0] != runs[1]
