"""Each advice of a plan's message that has no code, followed to the end: it is quiet then, or goes through.

The other messages state a fact and advise nothing: what is deleted, destroyed, left, or becomes the default.
"""

from __future__ import annotations

import re
import shlex
import time
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.provider.conftest import Core, Elsewhere, Managed, State
from tests.provider.test_plan_claims import in_new_run
from tests.provider.test_policy_changes import DAYS, every
from tests.provider.test_policy_version import DEFAULT, NAME, SECOND, STAGED, document, fill, versions


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default."""
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


def test_a_schedule_that_starts_before_the_next_run(backup_policy: Managed) -> None:
    def plan(start: int) -> str:
        backup_policy.plan({"policy_name": "p", "rules": [every(2, start)]})
        return "".join(backup_policy.core.messages)

    now = int(time.time())
    backup_policy.apply({"policy_name": "p", "rules": [every(2)]})
    assert "Let the new schedule start before the next run of the old one." in plan(now + 30 * DAYS)
    assert plan(now - 3_600) == ""


@pytest.mark.parametrize("number", [4, 5])
def test_fewer_resources_that_create_versions(core: Core, policy: Elsewhere, number: int) -> None:
    messages = []
    for place in range(number):
        Managed(core, "alipolicy_policy_version").plan(
            {**STAGED, "policy_document": document(f"oss:Get{place}")}
        )
        messages += core.messages
    assert ("let fewer resources create versions of it" in "".join(messages)) is (number == 5)


def followed(cloud: LocalCloud, ours: Managed, theirs: Managed) -> None:
    """One of the two stages its version, and each has nothing to say from then on."""
    for managed, config in ((theirs, {**STAGED, "policy_document": SECOND}), (ours, DEFAULT)) * 2:
        (again,) = in_new_run(cloud, managed)
        again.apply(config)
        managed.state, managed.private = again.state, again.private
    for managed, config in ((ours, DEFAULT), (theirs, {**STAGED, "policy_document": SECOND})):
        (again,) = in_new_run(cloud, managed)
        assert again.drift(config) == {}
        assert again.core.messages == []


def test_one_of_two_states_that_take_turns(cloud: LocalCloud, policy: Elsewhere) -> None:
    (ours,), (theirs,) = in_new_run(cloud, None), in_new_run(cloud, None)
    ours.apply(DEFAULT)
    theirs.apply({**DEFAULT, "policy_document": SECOND})
    assert "Set set_as_default to true in one of them only." in "".join(theirs.core.messages)
    followed(cloud, ours, theirs)


def test_one_of_two_resources_of_a_run(cloud: LocalCloud, policy: Elsewhere) -> None:
    for second, is_refused in ((DEFAULT, True), (STAGED, False)):
        one, other = in_new_run(cloud, None, None)
        one.plan(DEFAULT)
        other.plan({**second, "policy_document": SECOND})
        assert ("Set it to true in one of them only." in "".join(other.core.errors)) is is_refused


@pytest.mark.parametrize("changes", [{}, {"policy_name": "other"}], ids=["destroy", "policy_name"])
@pytest.mark.parametrize("advice", ["another version", "skip_destroy"])
def test_a_version_without_a_fallback(
    cloud: LocalCloud, policy: Elsewhere, changes: State, advice: str
) -> None:
    policy.create_policy("other", document("oss:*"))
    (managed,) = in_new_run(cloud, None)
    managed.apply(DEFAULT)
    policy.delete_policy_version(NAME, "v1")
    policy.create_policy_version(NAME, SECOND)

    def leave(managed: Managed) -> str:
        if changes:
            managed.plan({**DEFAULT, **changes})
        else:
            managed.plan_destroy()
        return "".join(managed.core.errors)

    said = leave(managed)
    if advice == "skip_destroy":
        assert "apply `skip_destroy = true` first" in said
        managed.apply({**DEFAULT, "skip_destroy": True})
    else:
        command = re.search(r"aliyun ram (SetDefaultPolicyVersion [^;]*);", said)
        assert command is not None
        operation, *arguments = shlex.split(command[1])
        given: dict[str, Any] = dict(zip(arguments[::2], arguments[1::2], strict=True))
        assert (operation, given["--PolicyName"]) == ("SetDefaultPolicyVersion", NAME)
        policy.set_default_policy_version(NAME, given["--VersionId"])
        (managed,) = in_new_run(cloud, managed)
    assert leave(managed) == ""


@pytest.mark.parametrize("advice", ["delete one", "set rotate_strategy"])
def test_a_policy_without_room(policy_version: Managed, policy: Elsewhere, advice: str) -> None:
    fill(policy)
    config = {**STAGED, "rotate_strategy": None}
    policy_version.apply(config)
    (said,) = policy_version.core.errors
    assert advice in said
    if advice == "delete one":
        policy.delete_policy_version(NAME, "v3")
    else:
        strategy = re.search(r'rotate_strategy to "(\w+)"', said)
        assert strategy is not None
        config["rotate_strategy"] = strategy[1]
    policy_version.apply(config)
    assert policy_version.core.errors == []
    assert len(versions(policy)) == 5
