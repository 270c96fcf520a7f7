"""What earlier runs created, or may have created, that is left as it is: at most it is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import unclaimed_creates as past
from constructs_lib.provider.pending_creates.journal import REPORTS
from tests.provider.conftest import BACKUP, Elsewhere, Run, date_back, logs
from tests.provider.test_backup_policy import DAILY, Names

WEEKLY = {**DAILY, "policy_name": "weekly"}


class TestTakenOutOfTheState:
    def test_a_second_one_is_created_and_the_first_reported(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        created = run().applied(BACKUP, DAILY).id
        # `terraform state rm`, then apply: a plan, and the apply itself.
        run().planned(BACKUP, DAILY)
        second = run()
        assert second.resource(BACKUP).apply(DAILY)["id"] != created
        assert second.reported(f"{created} was created by an earlier run and is in no state")
        assert len(names("backup policy")) == 2

    def test_a_remote_state_may_be_lost_so_it_is_asked(self, run: Callable[..., Run], names: Names) -> None:
        created = run(keeps_state=False).applied(BACKUP, DAILY).id
        second = run(keeps_state=False)
        second.resource(BACKUP).apply(DAILY)
        (error,) = second.core.errors
        assert f"An earlier run created {created}" in error
        assert "Import it, or delete it" in error
        assert names("backup policy") == [created]


class TestNobodyClaims:
    def test_a_partial_plan_does_not_see_what_a_remote_state_has(self, run: Callable[..., Run]) -> None:
        created = run(keeps_state=False).applied(BACKUP, DAILY).id
        # Two plans with -target, which ask for another resource only.
        run(keeps_state=False).planned(BACKUP, WEEKLY)
        later = run(keeps_state=False).planned(BACKUP, WEEKLY)
        (warning,) = later.reported(f"{created} was created by an earlier run and was not seen in the state")
        assert "A plan with -target sees only a part of that" in warning
        assert "is in no state" not in warning

    @pytest.mark.parametrize("advice", ["terraform import ADDRESS", "delete it"])
    def test_its_advice_quiets_it(self, run: Callable[..., Run], elsewhere: Elsewhere, advice: str) -> None:
        created = run().killed(BACKUP, DAILY).id
        run().planned(BACKUP, WEEKLY)
        (warning,) = run().planned(BACKUP, WEEKLY).reported(created)
        assert advice in warning
        if advice == "delete it":
            elsewhere.delete_backup_policy(created, "STANDARD")
        else:
            run().resource(BACKUP).import_(created)
        assert not run().planned(BACKUP, WEEKLY).reported(created)

    def test_it_is_reported_a_few_times_and_then_forgotten(
        self, run: Callable[..., Run], tmp_path: Path
    ) -> None:
        created = run().killed(BACKUP, DAILY).id
        assert not run().planned(BACKUP, WEEKLY).reported(created)
        for _ in range(REPORTS):
            later = run().planned(BACKUP, WEEKLY)
            (warning,) = later.reported(f"{created} was created by an earlier run and is in no state")
            assert f"terraform import ADDRESS {created}" in warning
        last = run()
        last.resource(BACKUP).plan(WEEKLY)
        assert not last.reported(created)
        assert logs(tmp_path) == []

    def test_what_a_plan_asks_for_is_not_reported(self, run: Callable[..., Run]) -> None:
        run().killed(BACKUP, DAILY)
        for _ in range(2):
            assert not run().planned(BACKUP, DAILY).reported("created by an earlier run")

    def test_a_plan_that_was_interrupted_has_not_seen_everything(self, run: Callable[..., Run]) -> None:
        run().killed(BACKUP, DAILY)
        for _ in range(2):
            planning = run()
            planning.resource(BACKUP).plan(WEEKLY)
            assert not planning.reported("created by an earlier run")
            planning.end(interrupted=True)

    def test_what_may_have_been_made_is_reported_too(self, run: Callable[..., Run], names: Names) -> None:
        run().killed(BACKUP, DAILY, after="CreatePolicyV2")
        run().planned(BACKUP, WEEKLY)
        (there,) = names("backup policy")
        assert run().planned(BACKUP, WEEKLY).reported(f"{there} may have been created by an earlier run")

    def test_what_is_gone_is_forgotten_without_a_word(
        self, run: Callable[..., Run], elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        elsewhere.delete_backup_policy(run().killed(BACKUP, DAILY).id)
        for _ in range(2):
            assert not run().planned(BACKUP, WEEKLY).reported("created by an earlier run")
        assert logs(tmp_path) == []


class TestNoHarm:
    def test_what_others_create_long_after_the_kill_is_theirs(
        self, run: Callable[..., Run], names: Names, cloud: LocalCloud, tmp_path: Path
    ) -> None:
        run().killed(BACKUP, DAILY, before="CreatePolicyV2")
        date_back(tmp_path)
        theirs = Run(cloud, tmp_path / "elsewhere").resource(BACKUP).apply(DAILY)["id"]
        mine = run().resource(BACKUP).apply(DAILY)["id"]
        assert sorted(names("backup policy")) == sorted([theirs, mine])

    def test_what_others_create_long_after_the_kill_is_not_reported(
        self, run: Callable[..., Run], cloud: LocalCloud, tmp_path: Path
    ) -> None:
        run().killed(BACKUP, DAILY, before="CreatePolicyV2")
        date_back(tmp_path)
        Run(cloud, tmp_path / "elsewhere").resource(BACKUP).apply(DAILY)
        for _ in range(3):
            assert not run().planned(BACKUP, WEEKLY).reported("by an earlier run and is in no state")
        assert logs(tmp_path) == []

    def test_a_run_that_was_stopped_may_not_have_heard_the_last_answer(
        self, run: Callable[..., Run], names: Names
    ) -> None:
        """After a second Ctrl-C Terraform leaves at once, and still asks the provider to end in order."""
        first = run()
        created = first.resource(BACKUP).apply(DAILY)["id"]
        first.end(interrupted=True)
        assert run().resource(BACKUP).apply(DAILY)["id"] == created
        assert names("backup policy") == [created]

    def test_an_answer_in_the_same_run_is_no_lost_state(self, run: Callable[..., Run], names: Names) -> None:
        """Two aliases of one provider are two processes of one run; the first may end before the second."""
        one, other = run(keeps_state=False), run(keeps_state=False)
        other.journal._run = one.journal._run
        one.applied(BACKUP, DAILY)
        other.resource(BACKUP).apply(DAILY)
        assert other.core.errors == []
        assert len(names("backup policy")) == 2

    def test_what_another_alias_wants_is_not_reported_but_adopted(self, run: Callable[..., Run]) -> None:
        created = run().killed(BACKUP, DAILY).id
        # The aliases plan one after the other: the first has ended when the second one begins.
        for wants in ([WEEKLY, DAILY], [DAILY, WEEKLY]):
            planning = [run() for _ in wants]
            for alias, config in zip(planning, wants, strict=True):
                alias.journal._run = f"with {wants[0]['policy_name']} first"
                assert not alias.planned(BACKUP, config).reported("is in no state")
        applying = run()
        applying.journal._run = planning[0].journal._run
        assert applying.resource(BACKUP).apply(DAILY)["id"] == created
        assert not applying.reported("is in no state")

    def test_an_entry_that_others_finish_meanwhile_is_no_error(
        self, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        daily = run().killed(BACKUP, DAILY)
        run().planned(BACKUP, WEEKLY)

        one, other = run(), run()
        original = past._find_created

        def meanwhile(*given: Any) -> list[str]:
            left = original(*given)
            other.resource(BACKUP, daily).refresh()
            assert logs(tmp_path) == []
            return left

        monkeypatch.setattr(past, "_find_created", meanwhile)
        one.resource(BACKUP).plan(WEEKLY)
        assert one.core.errors == []
        monkeypatch.undo()
        one.resource(BACKUP).apply(WEEKLY)
        assert not one.reported("journal")
        assert len(logs(tmp_path)) == 1


class TestOfALiveObjectNothingIsReported:
    def test_where_one_run_has_several_configurations_of_the_provider(self, run: Callable[..., Run]) -> None:
        first, second = run(keeps_state=False), run(keeps_state=False)
        second.journal._run = first.journal._run
        one = first.applied(BACKUP, DAILY)
        other = second.applied(BACKUP, WEEKLY)
        for _ in range(2):
            later, beside = run(keeps_state=False), run(keeps_state=False)
            beside.journal._run = later.journal._run
            beside.resource(BACKUP, other).plan(WEEKLY)
            assert not beside.reported("is in no state")
            beside.end()
            later.resource(BACKUP, one).plan(DAILY)
            assert not later.reported("is in no state")
            later.end()

    def test_after_a_plan_of_some_resources_only(self, run: Callable[..., Run], tmp_path: Path) -> None:
        first = run()
        one, other = first.resource(BACKUP), first.resource(BACKUP)
        one.apply(DAILY)
        other.apply(WEEKLY)
        first.end()
        state = tmp_path / "terraform.tfstate"
        state.write_text(f'{{"id": "{one.id}"}}, {{"id": "{other.id}"}}')
        for _ in range(2):  # terraform plan -target=…
            part = run(state_file=state)
            part.resource(BACKUP, one).plan(DAILY)
            assert not part.reported("is in no state")
            part.end()
        state.write_text(f'{{"id": "{one.id}"}}')
        part = run(state_file=state)
        part.resource(BACKUP, one).plan(DAILY)
        assert part.reported(f"{other.id} was created by an earlier run and is in no state")
