"""What a plan says of the default version: who else asks for it, which stops being it, which becomes it."""

from __future__ import annotations

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.provider.conftest import VERSION, Core, Elsewhere, Managed, State, arguments
from tests.provider.test_policy_version import DEFAULT, NAME, SECOND, STAGED, THIRD, document, fill, versions

ANOTHER = {**DEFAULT, "policy_document": SECOND}
TWO = "ERROR Two versions of policy oss-readers want to be its default version"


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default."""
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


def in_new_run(cloud: LocalCloud, *known: Managed | None) -> list[Managed]:
    """Resources as the next run of Terraform reads them; None: one that is new."""
    core, resources = Core(**arguments(cloud)), []
    for managed in known:
        resources.append(Managed(core, VERSION))
        if managed is not None:
            resources[-1].state, resources[-1].private = managed.state, managed.private
            resources[-1].refresh()
    return resources


class TestTwoInOneRun:
    @pytest.mark.parametrize("second", [DEFAULT, ANOTHER])
    def test_two_new_ones(self, cloud: LocalCloud, policy: Elsewhere, second: State) -> None:
        one, other = in_new_run(cloud, None, None)
        one.plan(DEFAULT)
        assert one.core.messages == []
        other.plan(second)
        (reported,) = other.core.errors
        assert reported.startswith(TWO)
        assert "too: a new one." in reported
        assert reported.endswith("[set_as_default]")

    def test_two_whose_documents_only_the_apply_knows(self, cloud: LocalCloud, policy: Elsewhere) -> None:
        unknown = {**DEFAULT, "policy_document": UNKNOWN}
        one, other = in_new_run(cloud, None, None)
        one.plan(unknown)
        other.plan(unknown)
        assert other.core.errors[0].startswith(TWO)

    @pytest.mark.parametrize("changes", [DEFAULT, ANOTHER, {**DEFAULT, "policy_document": THIRD}])
    def test_one_that_is_there_and_a_new_one(
        self, cloud: LocalCloud, policy: Elsewhere, changes: State
    ) -> None:
        (known,) = in_new_run(cloud, None)
        known.apply(DEFAULT)
        for order in (0, 1):
            one, other = in_new_run(cloud, known, None)
            plans = [(one, changes), (other, ANOTHER)]
            for managed, config in plans[:: 1 - 2 * order]:
                managed.plan(config)
            assert one.core.errors[0].startswith(TWO)
        assert "too: that of oss-readers:v2 of " in in_errors(cloud, known, changes)

    def test_a_replaced_one_is_one(self, cloud: LocalCloud, policy: Elsewhere) -> None:
        (known,) = in_new_run(cloud, None)
        known.apply(DEFAULT)
        for config in (DEFAULT, ANOTHER):
            one, again, new = in_new_run(cloud, known, None, None)
            one.plan(config)
            again.private = one.planned_private
            again.plan(config)
            assert again.core.errors == []
            new.plan(config)
            assert "too: that of oss-readers:v2 of " in new.core.errors[0]
            assert new.core.errors[0].startswith(TWO)

    def test_the_default_may_move_from_one_to_the_other(self, cloud: LocalCloud, policy: Elsewhere) -> None:
        one, other = in_new_run(cloud, None, None)
        one.apply(DEFAULT)
        other.apply({**STAGED, "policy_document": SECOND})
        one, other = in_new_run(cloud, one, other)
        one.plan(STAGED)
        other.plan(ANOTHER)
        assert other.core.errors == []

    def test_what_is_applied_asks_no_more(self, cloud: LocalCloud, policy: Elsewhere) -> None:
        (one,) = in_new_run(cloud, None)
        for text in (SECOND, THIRD, SECOND):
            one.apply({**DEFAULT, "policy_document": text})
            assert one.core.errors == []


def in_errors(cloud: LocalCloud, known: Managed, changes: State) -> str:
    """What the plan of a new one says beside one that is there."""
    one, other = in_new_run(cloud, known, None)
    one.plan(changes)
    other.plan(ANOTHER)
    return other.core.errors[0]


class TestTurns:
    def test_a_version_that_another_state_has_made_the_default(
        self, cloud: LocalCloud, policy: Elsewhere
    ) -> None:
        (ours,), (theirs,) = in_new_run(cloud, None), in_new_run(cloud, None)
        ours.apply(DEFAULT)
        theirs.apply(ANOTHER)
        (reported,) = theirs.core.messages
        assert reported.startswith(
            "WARNING Version v2 of policy oss-readers will no longer be the default version"
        )
        assert "made outside. If another configuration asks for it, too, the two will take turns" in reported

        (ours,) = in_new_run(cloud, ours)
        ours.plan(DEFAULT)
        (reported,) = ours.core.messages
        assert "Version v3 of policy oss-readers will no longer be the default version" in reported
        assert "It has taken the place of v2 since the last apply." in reported
        assert "take turns" in reported
        ours.apply(DEFAULT)
        ours.drift(DEFAULT)
        assert ours.core.messages == []

    def test_a_version_that_another_resource_of_the_state_has_made_the_default(
        self, cloud: LocalCloud, policy: Elsewhere
    ) -> None:
        ours, theirs = in_new_run(cloud, None, None)
        ours.apply(DEFAULT)
        theirs.apply({**STAGED, "policy_document": SECOND})
        # As the process of another alias does, which the plan of this one does not see.
        policy.set_default_policy_version(NAME, "v3")
        ours, theirs = in_new_run(cloud, ours, theirs)
        ours.plan(DEFAULT)
        (reported,) = ours.core.messages
        assert "made by the resource with the id oss-readers:v3. It has taken the place of v2" in reported
        assert "If that resource asks for it, too, the two will take turns" in reported

    def test_an_own_version_takes_no_turns(self, cloud: LocalCloud, policy: Elsewhere) -> None:
        (ours,) = in_new_run(cloud, None)
        ours.apply(STAGED)
        ours.apply({**DEFAULT, "policy_document": SECOND})
        policy.set_default_policy_version(NAME, "v2")
        (ours,) = in_new_run(cloud, ours)
        ours.plan({**DEFAULT, "policy_document": SECOND})
        (reported,) = ours.core.messages
        assert "made by this resource. It has taken the place of v3 since the last apply." in reported
        assert "take turns" not in reported

    def test_a_first_version_of_ones_own_is_no_news(self, policy_version: Managed, policy: Elsewhere) -> None:
        for text in (SECOND, THIRD):
            policy_version.apply({**DEFAULT, "policy_document": text})
            assert policy_version.core.messages == []


class TestPromoteAndRollBack:
    def test_the_plan_names_both(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(STAGED)
        policy_version.plan(DEFAULT)
        (reported,) = policy_version.core.messages
        assert reported.startswith("WARNING Version v1 of policy oss-readers will no longer be the default")
        assert "which came with the policy." in reported
        policy_version.apply(DEFAULT)
        policy_version.plan(STAGED)
        (reported,) = policy_version.core.messages
        assert reported.startswith(
            "WARNING Version v1 of policy oss-readers will become the default version again"
        )
        assert "the default version before v2" in reported

    def test_an_own_earlier_version(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(DEFAULT)
        policy_version.apply({**STAGED, "policy_document": SECOND})
        policy_version.plan(ANOTHER)
        (reported,) = policy_version.core.messages
        assert "Version v2 of policy oss-readers will no longer" in reported
        assert "made by this resource" in reported


class TestRotation:
    def test_the_version_of_another_resource(self, cloud: LocalCloud, policy: Elsewhere) -> None:
        (other,) = in_new_run(cloud, None)
        other.apply({**STAGED, "policy_document": SECOND})
        for number in range(3):
            policy.create_policy_version(NAME, document(f"oss:Get{number}"))
        _, new = in_new_run(cloud, other, None)
        new.plan(STAGED)
        (reported,) = new.core.messages
        assert "Version v2 of policy oss-readers will be deleted" in reported
        assert "made by the resource with the id oss-readers:v2; it makes room" in reported
        assert versions(policy)["v2"] is False

    def test_one_made_outside(self, policy_version: Managed, policy: Elsewhere) -> None:
        fill(policy)
        policy_version.plan(STAGED)
        (reported,) = policy_version.core.messages
        assert ", made outside; it makes room" in reported
