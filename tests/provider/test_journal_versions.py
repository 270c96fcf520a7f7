"""What runs that are killed leave of versions: which are the resource's, and who had the default before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.provider import test_policy_version
from tests.provider.conftest import VERSION, Elsewhere, Run, date_back, logs
from tests.provider.test_policy_version import DEFAULT, NAME, SECOND, STAGED, THIRD, document, fill, versions

CHANGED = {**DEFAULT, "policy_document": SECOND}

policy = test_policy_version.policy


class TestPossibleDuplicates:
    def test_versions_too(self, run: Callable[..., Run], policy: Elsewhere) -> None:
        first = run()
        first.resource(VERSION).apply(STAGED)
        first.killed(VERSION, STAGED, after="CreatePolicyVersion")
        second = run()
        ids = [second.resource(VERSION).apply(STAGED)["version_id"] for _ in range(2)]
        assert sorted(ids) == ["v2", "v3"]
        assert list(versions(policy)) == ["v1", "v2", "v3"]


class TestVersions:
    def test_a_new_document_is_adopted_by_the_next_run(
        self, run: Callable[..., Run], policy: Elsewhere
    ) -> None:
        mine = run().applied(VERSION, DEFAULT)
        run().killed(VERSION, CHANGED, mine, after="CreatePolicyVersion")
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}

        mine = run().resource(VERSION, mine)
        mine.refresh()
        assert mine.apply(CHANGED)["version_id"] == "v3"
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}
        assert mine.drift(CHANGED) == {}
        mine.apply({**STAGED, "policy_document": SECOND})
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}

    def test_a_create_of_a_default_version_gives_the_default_back_to_who_had_it_before_the_kill(
        self, run: Callable[..., Run], policy: Elsewhere
    ) -> None:
        run().killed(VERSION, DEFAULT, after="CreatePolicyVersion")
        mine = run().resource(VERSION)
        mine.apply(DEFAULT)
        assert versions(policy) == {"v1": False, "v2": True}
        assert "Version v1" in mine.destroy()[-1]
        assert versions(policy) == {"v1": True}

    @pytest.mark.parametrize(("asked", "wanted"), [(DEFAULT, STAGED), (STAGED, DEFAULT)])
    def test_whether_it_is_the_default_may_have_changed_meanwhile(
        self, run: Callable[..., Run], policy: Elsewhere, asked: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        run().killed(VERSION, asked, after="CreatePolicyVersion")
        mine = run().resource(VERSION)
        mine.apply(wanted)
        assert versions(policy) == {"v1": wanted is STAGED, "v2": wanted is DEFAULT}
        assert mine.drift(wanted) == {}
        mine.destroy()
        assert versions(policy) == {"v1": True}

    def test_no_second_version_is_rotated_away(self, run: Callable[..., Run], policy: Elsewhere) -> None:
        fill(policy)
        run().killed(VERSION, STAGED, after="CreatePolicyVersion")
        assert list(versions(policy)) == ["v1", "v3", "v4", "v5", "v6"]
        assert run().resource(VERSION).apply(STAGED)["version_id"] == "v6"
        assert list(versions(policy)) == ["v1", "v3", "v4", "v5", "v6"]

    def test_a_destroy_deletes_what_a_killed_change_created(
        self, run: Callable[..., Run], policy: Elsewhere
    ) -> None:
        mine = run().applied(VERSION, DEFAULT)
        run().killed(VERSION, CHANGED, mine, after="CreatePolicyVersion")
        last = run()
        mine = last.resource(VERSION, mine)
        mine.refresh()
        mine.destroy()
        assert last.core.errors == []
        assert versions(policy) == {"v1": True}

    def test_a_change_that_was_taken_back_after_the_kill_is_still_the_resources(
        self, run: Callable[..., Run], policy: Elsewhere, tmp_path: Path
    ) -> None:
        mine = run().applied(VERSION, DEFAULT)
        run().killed(VERSION, CHANGED, mine, after="CreatePolicyVersion")
        for _ in range(2):
            later = run()
            mine = later.resource(VERSION, mine)
            mine.refresh()
            mine.apply(DEFAULT)
            assert not later.reported("is in no state")
            later.end()
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}
        assert logs(tmp_path) == []
        mine.destroy()
        assert versions(policy) == {"v1": True}

    def test_what_a_killed_change_knew_does_not_stand_before_what_was_learned_since(
        self, run: Callable[..., Run], policy: Elsewhere
    ) -> None:
        mine = run().applied(VERSION, STAGED)
        run().killed(VERSION, {**STAGED, "policy_document": SECOND}, mine, after="CreatePolicyVersion")
        policy.create_policy_version(NAME, THIRD, set_as_default=True)
        for _ in range(2):
            later = run()
            mine = later.resource(VERSION, mine)
            mine.refresh()
            mine.apply(DEFAULT)
            later.end()
        assert versions(policy) == {"v1": False, "v2": True, "v3": False, "v4": False}
        last = run().resource(VERSION, mine)
        last.refresh()
        last.apply(STAGED)
        assert versions(policy) == {"v1": False, "v2": False, "v3": False, "v4": True}

    def test_what_terraform_forgets_where_the_provider_alone_is_killed_is_kept(
        self, run: Callable[..., Run], policy: Elsewhere
    ) -> None:
        first = run()
        mine = first.resource(VERSION)
        mine.apply(DEFAULT)
        mine.apply(CHANGED)
        first.end()
        run().killed(VERSION, {**STAGED, "policy_document": SECOND}, mine, before="SetDefaultPolicyVersion")
        mine.private = b""

        mine = run().resource(VERSION, mine)
        mine.refresh()
        mine.destroy()
        assert versions(policy) == {"v1": True}

    def test_a_promotion_that_was_killed_knows_whom_it_came_after(
        self, run: Callable[..., Run], policy: Elsewhere, tmp_path: Path
    ) -> None:
        mine = run().applied(VERSION, STAGED)
        other = policy.create_policy_version(NAME, document("oss:Other"), set_as_default=True)
        run().killed(VERSION, DEFAULT, mine, after="SetDefaultPolicyVersion")
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}

        for _ in range(2):
            later = run()
            mine = later.resource(VERSION, mine)
            assert mine.drift(DEFAULT) == {}
            later.end()
        assert logs(tmp_path) == []
        mine.apply(STAGED)
        assert versions(policy)[other.value.version_id]


class TestLongAfterTheKill:
    """What others make of the same document is theirs."""

    def test_it_is_not_adopted(
        self, run: Callable[..., Run], cloud: LocalCloud, policy: Elsewhere, tmp_path: Path
    ) -> None:
        run().killed(VERSION, STAGED, before="CreatePolicyVersion")
        date_back(tmp_path)
        theirs = Run(cloud, tmp_path / "elsewhere").resource(VERSION).apply(STAGED)["version_id"]
        mine = run().resource(VERSION).apply(STAGED)["version_id"]
        assert list(versions(policy)) == ["v1", theirs, mine]

    def test_it_is_not_reported(
        self, run: Callable[..., Run], cloud: LocalCloud, policy: Elsewhere, tmp_path: Path
    ) -> None:
        run().killed(VERSION, STAGED, before="CreatePolicyVersion")
        date_back(tmp_path)
        Run(cloud, tmp_path / "elsewhere").resource(VERSION).apply(STAGED)
        for _ in range(3):
            planning = run().planned(VERSION, {**STAGED, "policy_document": THIRD})
            assert not planning.reported("by an earlier run and is in no state")
        assert logs(tmp_path) == []

    def test_a_destroy_does_not_take_it_along(
        self, run: Callable[..., Run], cloud: LocalCloud, policy: Elsewhere, tmp_path: Path
    ) -> None:
        mine = run().applied(VERSION, DEFAULT)
        run().killed(VERSION, CHANGED, mine, before="CreatePolicyVersion")
        date_back(tmp_path)
        Run(cloud, tmp_path / "elsewhere").resource(VERSION).apply({**STAGED, "policy_document": SECOND})
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}
        last = run()
        mine = last.resource(VERSION, mine)
        mine.refresh()
        mine.destroy()
        assert last.core.errors == []
        assert versions(policy) == {"v1": True, "v3": False}
