"""Reads that see the past: what was just written is found, kept, and deleted all the same."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.provider.conftest import SETTLE, Core, Elsewhere, Managed, State

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

# How far behind each read is (seconds): less than the provider waits for.
LAG = 0.25
RULE = {"rule_type": "BACKUP", "schedule": "I|0|P1D", "backup_type": "COMPLETE", "retention": 7}
BACKUP: State = {"policy_name": "daily", "rules": [RULE]}
assert LAG < SETTLE


def document(action: str) -> str:
    return json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


VERSION: State = {"policy_name": "team", "policy_document": document("oss:Get*"), "set_as_default": False}


@pytest.fixture
def lag(cloud: LocalCloud, elsewhere: Elsewhere) -> Callable[[], None]:
    """Lets every read be late from now on. A policy has been there for longer."""
    elsewhere.create_policy("team", document("oss:List*"))
    time.sleep(LAG + 0.05)
    return lambda: cloud.set_faults([{"kind": "stale_read", "seconds": LAG}])


def versions(cloud: LocalCloud, elsewhere: Elsewhere) -> list[str]:
    """The versions that there are by now, the default one with a star."""
    cloud.set_faults()
    listed = elsewhere.policy_versions("team") or []
    return [version.version_id + "*" * version.is_default_version for version in listed]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"rules": [{**RULE, "retention": 30}]},
        {"policy_name": "weekly", "policy_description": "said"},
        {"policy_name": "weekly", "rules": [RULE, RULE]},
    ],
    ids=lambda changed: " ".join(changed) or "created",
)
def test_a_backup_policy_is_what_was_written_last(
    cloud: LocalCloud, backup_policy: Managed, lag: Callable[[], None], changed: State
) -> None:
    if changed:
        backup_policy.apply(BACKUP)
        time.sleep(LAG + 0.05)
    lag()
    backup_policy.apply(BACKUP | changed)
    assert backup_policy.drift(BACKUP | changed) == {}
    backup_policy.destroy()
    assert backup_policy.core.errors == []
    assert [item for item in cloud.objects() if item["kind"] == "backup policy"] == []


@pytest.mark.parametrize(
    "taken_out",
    [
        {"keep_latest_snapshots": 1},
        {"archive_days": 30, "retention": 100},
        {"retention_rules": [{"advanced_retention_type": "WEEKLY", "retention": 60}]},
    ],
    ids=" ".join,
)
def test_what_was_taken_out_of_a_rule_is_returned_no_more(
    backup_policy: Managed, lag: Callable[[], None], taken_out: State
) -> None:
    backup_policy.apply(BACKUP | {"rules": [RULE | taken_out]})
    time.sleep(LAG + 0.05)
    lag()
    backup_policy.apply(BACKUP)
    assert not any("could not be read back" in message for message in backup_policy.core.messages)
    assert backup_policy.drift(BACKUP) == {}


def test_a_version_is_what_was_written_last(
    cloud: LocalCloud, elsewhere: Elsewhere, policy_version: Managed, lag: Callable[[], None]
) -> None:
    lag()
    for changed in (
        {},
        {"set_as_default": True},
        {"set_as_default": False},
        {"set_as_default": True, "policy_document": document("oss:Put*")},
    ):
        policy_version.apply(VERSION | changed)
        assert policy_version.core.errors == []
        assert policy_version.drift(VERSION | changed) == {}
    policy_version.destroy()
    assert policy_version.core.errors == []
    assert versions(cloud, elsewhere) == ["v1*"]


@pytest.mark.parametrize("is_default", [False, True])
def test_a_version_that_no_list_has_yet_is_destroyed_too(
    cloud: LocalCloud,
    elsewhere: Elsewhere,
    policy_version: Managed,
    lag: Callable[[], None],
    is_default: bool,
) -> None:
    lag()
    policy_version.apply(VERSION | {"set_as_default": is_default})
    policy_version.destroy()
    assert policy_version.core.errors == []
    assert versions(cloud, elsewhere) == ["v1*"]


def test_what_was_the_default_a_moment_ago_is_deleted_once_ram_knows(
    cloud: LocalCloud, elsewhere: Elsewhere, policy_version: Managed
) -> None:
    elsewhere.create_policy("team", document("oss:List*"))
    policy_version.apply(VERSION | {"set_as_default": True})
    conflict = {"kind": "error", "status": 409, "code": "DeleteConflict.Policy.Version.Default"}
    cloud.set_faults([conflict | {"operation": "DeletePolicyVersion", "count": 2}])
    policy_version.destroy()
    assert policy_version.core.errors == []
    assert versions(cloud, elsewhere) == ["v1*"]
    assert len(cloud.requests("DeletePolicyVersion")) == 3


def test_what_stays_the_default_is_reported(
    cloud: LocalCloud, elsewhere: Elsewhere, policy_version: Managed
) -> None:
    elsewhere.create_policy("team", document("oss:List*"))
    policy_version.apply(VERSION)
    conflict = {"kind": "error", "status": 409, "code": "DeleteConflict.Policy.Version.Default"}
    cloud.set_faults([conflict | {"operation": "DeletePolicyVersion"}])
    began = time.monotonic()
    policy_version.destroy()
    assert time.monotonic() - began < SETTLE + 30
    assert "DeleteConflict.Policy.Version.Default" in policy_version.core.errors[0]
    assert "Make another version of the policy the default one first." in policy_version.core.errors[0]


def test_a_write_that_cannot_be_read_back_is_done_all_the_same(
    cloud: LocalCloud, elsewhere: Elsewhere, policy_version: Managed, backup_policy: Managed
) -> None:
    elsewhere.create_policy("team", document("oss:List*"))
    policy_version.apply(VERSION)
    backup_policy.apply(BACKUP)
    cloud.set_faults([{"kind": "server_error", "operation": "GetPolicyVersion"}])
    began = time.monotonic()
    policy_version.apply(VERSION | {"set_as_default": True})
    assert policy_version.core.errors == []
    cloud.set_faults([{"kind": "not_json", "operation": "Describe*"}])
    backup_policy.apply(BACKUP | {"policy_name": "weekly"})
    assert backup_policy.core.errors == []
    # For as long as a write may take to be seen, not for as long as a read may be repeated.
    assert time.monotonic() - began < 2 * SETTLE + 30
    assert versions(cloud, elsewhere) == ["v1", "v2*"]
    assert [policy.policy_name for policy in elsewhere.backup_policies()] == ["weekly"]


def test_what_a_lost_create_has_made_is_found_although_it_is_not_seen_at_once(
    cloud: LocalCloud, core: Core, lag: Callable[[], None]
) -> None:
    lag()
    faults = [{"kind": "stale_read", "seconds": LAG}]
    cloud.set_faults([*faults, {"kind": "cut", "operation": "Create*", "count": 2}])
    for type_name, config in (("alipolicy_backup_policy", BACKUP), ("alipolicy_policy_version", VERSION)):
        managed = Managed(core, type_name)
        managed.apply(config)
        assert core.errors == []
        assert managed.drift(config) == {}
    created = [(item["kind"], item["name"]) for item in cloud.objects() if item["kind"] != "policy"]
    assert sorted(kind for kind, _ in created) == ["backup policy", "policy version", "policy version"]
