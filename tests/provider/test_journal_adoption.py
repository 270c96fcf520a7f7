"""What a run that is killed has made, the next one takes over: once, and where it is the same create."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.provider.pending_creates import Journal, Scope
from tests.provider.conftest import BACKUP, Elsewhere, Run, arguments, logs
from tests.provider.test_backup_policy import DAILY, Names


class TestKilled:
    def test_before_the_request_the_next_run_creates(self, run: Callable[..., Run], names: Names) -> None:
        run().killed(BACKUP, DAILY, before="CreatePolicyV2")
        assert names("backup policy") == []

        second = run()
        state = second.resource(BACKUP).apply(DAILY)
        assert names("backup policy") == [state["id"]]
        assert not second.reported("created by an earlier run")

    def test_after_the_commit_the_next_run_adopts(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        run().killed(BACKUP, DAILY, after="CreatePolicyV2")
        (there,) = names("backup policy")

        second = run()
        daily = second.resource(BACKUP)
        assert daily.apply(DAILY)["id"] == there
        assert second.reported(f"{there} was created by an earlier run")
        assert names("backup policy") == [there]
        second.end()

        third = run()
        assert third.resource(BACKUP, daily).drift(DAILY) == {}
        assert logs(tmp_path) == []

    def test_after_the_answer_the_next_run_adopts(self, run: Callable[..., Run], names: Names) -> None:
        created = run().killed(BACKUP, DAILY).id
        assert run().resource(BACKUP).apply(DAILY)["id"] == created
        assert names("backup policy") == [created]

    def test_and_killed_again_the_third_run_adopts(self, run: Callable[..., Run], names: Names) -> None:
        for _ in range(3):
            run().killed(BACKUP, DAILY)
        assert len(names("backup policy")) == 1

    def test_after_the_state_was_written_nothing_is_left_to_adopt(
        self, run: Callable[..., Run], names: Names, tmp_path: Path
    ) -> None:
        daily = run().killed(BACKUP, DAILY)
        second = run()
        second.resource(BACKUP, daily).refresh()
        assert logs(tmp_path) == []
        second.resource(BACKUP).apply(DAILY)
        assert len(names("backup policy")) == 2

    def test_a_plan_without_refresh_tells_what_the_state_knows_too(
        self, run: Callable[..., Run], tmp_path: Path
    ) -> None:
        daily = run().killed(BACKUP, DAILY)
        run().resource(BACKUP, daily).plan(DAILY)
        assert logs(tmp_path) == []

    def test_what_was_deleted_meanwhile_is_created_anew(
        self, run: Callable[..., Run], names: Names, elsewhere: Elsewhere
    ) -> None:
        created = run().killed(BACKUP, DAILY).id
        elsewhere.delete_backup_policy(created)
        assert run().resource(BACKUP).apply(DAILY)["id"] == names("backup policy")[0] != created

    def test_what_was_changed_meanwhile_is_not_adopted_but_reported(
        self, run: Callable[..., Run], elsewhere: Elsewhere
    ) -> None:
        created = run().killed(BACKUP, DAILY).id
        elsewhere.update_backup_policy(created, policy_name="another")
        daily = run().applied(BACKUP, DAILY)
        assert daily.id != created
        third = run()
        third.resource(BACKUP, daily).drift(DAILY)
        third.end()
        fourth = run()
        fourth.resource(BACKUP, daily).refresh()
        assert fourth.reported(f"{created} was created by an earlier run and is in no state")

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
        assert one.reported("It is not known whether")
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


@pytest.mark.parametrize("moment", ["before", "after"])
class TestPossibleDuplicates:
    def test_two_equal_resources_get_two_objects(
        self, run: Callable[..., Run], names: Names, moment: str
    ) -> None:
        first = run()
        first.resource(BACKUP).apply(DAILY)
        first.killed(BACKUP, DAILY, **{moment: "CreatePolicyV2"})

        second = run()
        ids = {second.resource(BACKUP).apply(DAILY)["id"] for _ in range(2)}
        assert len(ids) == 2
        assert sorted(ids) == sorted(names("backup policy"))

    def test_the_one_in_the_state_is_never_given_to_the_other(
        self, run: Callable[..., Run], names: Names, moment: str
    ) -> None:
        first = run()
        known = first.resource(BACKUP)
        known.apply(DAILY)
        first.killed(BACKUP, DAILY, **{moment: "CreatePolicyV2"})

        planning = run()
        planning.resource(BACKUP, known).refresh()
        planning.end()
        other = run().resource(BACKUP).apply(DAILY)["id"]
        assert sorted(names("backup policy")) == sorted([known.id, other])


class TestSideBySide:
    def test_what_a_living_process_makes_is_its_own(self, run: Callable[..., Run], names: Names) -> None:
        one, other = run(), run()
        ids = {each.resource(BACKUP).apply(DAILY)["id"] for each in (one, other)}
        assert sorted(ids) == sorted(names("backup policy"))
        assert len(ids) == 2

    def test_an_entry_is_claimed_once(self, run: Callable[..., Run], names: Names) -> None:
        run().killed(BACKUP, DAILY)
        ids = {run().resource(BACKUP).apply(DAILY)["id"] for _ in range(2)}
        assert len(ids) == 2 == len(names("backup policy"))

    def test_the_provider_of_a_killed_terraform_is_waited_for(
        self, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with subprocess.Popen([sys.executable, "-c", ""]) as gone:
            gone.wait()
        orphan = run()
        orphan.journal._parent = gone.pid
        monkeypatch.setattr(Journal, "is_orphaned", False)
        created = orphan.resource(BACKUP).apply(DAILY)["id"]
        threading.Timer(0.5, orphan.kill).start()
        began = time.monotonic()
        assert run().resource(BACKUP).apply(DAILY)["id"] == created
        assert time.monotonic() - began > 0.4

    def test_the_provider_of_a_killed_terraform_begins_nothing_more(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        orphan = run()
        orphan.journal._parent = 1
        orphan.resource(BACKUP).apply(DAILY)
        assert orphan.reported("The run was killed")
        assert names("backup policy") == []

    def test_another_workspace_is_another_matter(self, run: Callable[..., Run]) -> None:
        created = run(workspace="one").killed(BACKUP, DAILY).id
        assert run(workspace="two").resource(BACKUP).apply(DAILY)["id"] != created
        assert run(workspace="one").resource(BACKUP).apply(DAILY)["id"] == created

    def test_another_account_is_another_matter(
        self, run: Callable[..., Run], cloud: LocalCloud, tmp_path: Path
    ) -> None:
        run().killed(BACKUP, DAILY)
        account = cloud.add_account()
        other = run()
        keys = {"access_key": account.access_key, "secret_key": account.secret_key}
        other.core.configure(**{**arguments(cloud), **keys})
        other.resource(BACKUP).apply(DAILY)
        assert not other.reported("created by an earlier run")
        assert len(logs(tmp_path)) == 2

    def test_new_keys_of_the_same_account_still_find_it(self) -> None:
        assert Scope("p", "1", "old").matches(Scope("p", "1", "new"))
        assert not Scope("p", "1", "same").matches(Scope("p", "2", "same"))
        assert Scope("p", "", "same").matches(Scope("p", "2", "same"))
        assert not Scope("p", "", "one").matches(Scope("p", "2", "two"))
