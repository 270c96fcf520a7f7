"""What a plan and a state say of the default version, against the local cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.provider.conftest import Core, Elsewhere, Managed, arguments
from tests.provider.test_policy_version import DEFAULT, FIRST, NAME, SECOND, STAGED, THIRD, document

ALL = document("oss:*")
State = dict[str, Any]


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default."""
    elsewhere.create_policy(NAME, ALL)
    return elsewhere


def named(state: State | None) -> list[tuple[Any, Any] | None]:
    """Default version, fallback version, and fallback version on destroy: ids and documents."""
    names = ("default_version", "fallback_version", "fallback_version_on_destroy")
    values = [(state or {})[name] for name in names]
    return [value and (value["version_id"], value["policy_document"]) for value in values]


def test_a_staged_version_names_the_default_version_of_another(
    policy_version: Managed, policy: Elsewhere
) -> None:
    assert named(policy_version.apply(STAGED)) == [("v1", ALL), None, None]
    assert policy_version.drift(STAGED) == {}
    assert named(policy_version.state) == [("v1", ALL), None, None]


def test_a_default_version_names_itself_and_what_takes_over(
    policy_version: Managed, policy: Elsewhere
) -> None:
    assert named(policy_version.apply(DEFAULT)) == [("v2", FIRST), ("v1", ALL), ("v1", ALL)]
    changed = {**DEFAULT, "policy_document": SECOND}
    expected = [("v3", SECOND), ("v2", FIRST), ("v1", ALL)]
    planned = {**(policy_version.state or {}), **policy_version.plan(changed)}
    assert named(planned) == [(UNKNOWN, SECOND), *expected[1:]]
    assert named(policy_version.apply(changed)) == expected
    assert policy_version.drift(changed) == {}
    assert named(policy_version.state) == expected


def test_the_plan_of_a_promotion_and_of_a_demotion_names_both_sides(
    policy_version: Managed, policy: Elsewhere
) -> None:
    policy_version.apply(STAGED)
    promoted = [("v2", FIRST), ("v1", ALL), ("v1", ALL)]
    assert named(policy_version.plan(DEFAULT)) == promoted
    assert named(policy_version.apply(DEFAULT)) == promoted
    assert named(policy_version.refresh()) == promoted
    demoted = [("v1", ALL), None, None]
    assert named(policy_version.plan(STAGED)) == demoted
    assert named(policy_version.apply(STAGED)) == demoted
    assert named(policy_version.refresh()) == demoted


def test_a_demotion_falls_back_to_an_older_version_and_destroying_to_what_was_before(
    policy_version: Managed, policy: Elsewhere
) -> None:
    policy_version.apply(DEFAULT)
    policy_version.apply({**DEFAULT, "policy_document": SECOND})
    demoted = [("v2", FIRST), None, ("v1", ALL)]
    staged = {**STAGED, "policy_document": SECOND}
    assert named({**(policy_version.state or {}), **policy_version.plan(staged)}) == demoted
    assert named(policy_version.apply(staged)) == demoted
    assert named(policy_version.refresh()) == demoted
    assert policy_version.destroy()[0].startswith("WARNING Version v1 of policy oss-readers")
    assert [one.version_id for one in policy.policy_versions(NAME) or []] == ["v1"]


def test_a_document_that_is_staged_beside_the_default_version_leaves_it(
    policy_version: Managed, policy: Elsewhere
) -> None:
    policy_version.apply(DEFAULT)
    staged = {**STAGED, "policy_document": THIRD}
    expected = [("v2", FIRST), None, ("v1", ALL)]
    assert named({**(policy_version.state or {}), **policy_version.plan(staged)}) == expected
    assert named(policy_version.apply(staged)) == expected
    assert named(policy_version.refresh()) == expected


def test_what_others_switch_is_seen_by_a_refresh(policy_version: Managed, policy: Elsewhere) -> None:
    policy_version.apply(DEFAULT)
    policy.set_default_policy_version(NAME, "v1")
    assert named(policy_version.refresh()) == [("v1", ALL), None, None]


def test_a_refresh_lists_the_versions_once_for_all_resources_of_a_policy(
    core: Core, policy: Elsewhere, cloud: LocalCloud
) -> None:
    managed = [Managed(core, "alipolicy_policy_version") for _ in range(3)]
    for resource, text in zip(managed, (FIRST, SECOND, THIRD), strict=True):
        resource.apply({**STAGED, "policy_document": text})
    cloud.forget_requests()
    for resource in managed:
        resource.refresh()
    sent = [request.operation for request in cloud.requests()]
    assert sent.count("ListPolicyVersions") <= 1
    assert "GetPolicyVersion" not in sent  # a document never changes


def test_each_step_of_a_life_makes_few_calls(
    policy_version: Managed, policy: Elsewhere, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls that the provider's page lists; each step of Terraform is a process of its own."""

    def sent(step: Callable[[], object]) -> list[str]:
        cloud.forget_requests()
        step()
        return [request.operation for request in cloud.requests()]

    new = {**STAGED, "set_as_default": True}
    assert sent(lambda: policy_version.apply(new)) == [
        "ListPolicyVersions",
        "CreatePolicyVersion",
        "GetPolicyVersion",
    ]
    monkeypatch.setattr("constructs_lib.provider.cloud.RECENT", 1e9)  # a slow machine sends no more
    assert sent(policy_version.refresh) == ["ListPolicyVersions"]
    destroy = ["ListPolicyVersions", "SetDefaultPolicyVersion", "DeletePolicyVersion"]
    assert sent(policy_version.destroy) == ["ListPolicyVersions", *destroy]


def test_a_refresh_that_cannot_look_leaves_it_open(
    policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
) -> None:
    policy_version.apply(STAGED)
    cloud.set_faults([Fault(kind="error", operation="ListPolicyVersions", status=403, code="NoPermission")])
    later = Managed(Core(**arguments(cloud)), policy_version.type_name)
    later.state, later.private = policy_version.state, policy_version.private
    assert named(later.refresh()) == [None, None, None]
    cloud.set_faults([])
    assert later.plan(DEFAULT)["default_version"] is UNKNOWN
