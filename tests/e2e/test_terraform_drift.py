"""What others change in the account: a plan finds it, the next apply fixes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.e2e.installed import DAILY, READERS, document, writes
from tests.provider.conftest import Elsewhere, State, Workspace

POLICY, VERSION = "alipolicy_backup_policy.daily", "alipolicy_policy_version.readers"
STAGED = READERS.replace("set_as_default  = true", "set_as_default  = false")


def the_policy(account: Elsewhere) -> State:
    """The account's only backup policy, without what the service alone decides."""
    (reported,) = account.backup_policies()
    rules = [{**rule, "RuleId": None} for rule in reported.rules]
    return {"name": reported.policy_name, "description": reported.policy_description, "rules": rules}


def rules_of(account: Elsewhere) -> list[dict[str, Any]]:
    """The rules of that policy, so that they can be sent: the API refuses the filler "" for BackupType."""
    (reported,) = account.backup_policies()
    return [{name: value for name, value in rule.items() if value != ""} for rule in reported.rules]


def shorter_rules(account: Elsewhere, policy_id: str) -> None:
    backup, transition = rules_of(account)
    account.update_backup_policy(policy_id, rules=[backup, {**transition, "Retention": 3}])


def reversed_rules(account: Elsewhere, policy_id: str) -> None:
    account.update_backup_policy(policy_id, rules=rules_of(account)[::-1])


@pytest.mark.parametrize(
    ("change", "planned"),
    [
        (shorter_rules, r"retention +=? *3 -> 30"),
        (reversed_rules, r'rule_type +=? *"TRANSITION" -> "BACKUP"'),
        (lambda account, id: account.update_backup_policy(id, policy_name="x"), '"x" -> "daily"'),
        (lambda account, id: account.update_backup_policy(id, policy_description="x"), '"x" -> null'),
    ],
    ids=["rules", "order of rules", "name", "description"],
)
def test_a_changed_backup_policy_becomes_what_it_was(
    attached: Workspace, elsewhere: Elsewhere, change: Callable[[Elsewhere, str], None], planned: str
) -> None:
    attached.change(DAILY)
    before = the_policy(elsewhere)
    change(elsewhere, attached.state()[POLICY]["id"])
    assert the_policy(elsewhere) != before
    found = attached.plan()
    assert "0 to add, 1 to change, 0 to destroy" in found.stdout, found.text
    assert re.search(planned, found.stdout), found.stdout
    attached.change(DAILY)
    assert the_policy(elsewhere) == before


@pytest.mark.parametrize("policy_type", ["STANDARD", "UDM_ECS_ONLY"])
def test_a_deleted_backup_policy_is_made_again(
    attached: Workspace, elsewhere: Elsewhere, policy_type: str
) -> None:
    configuration = DAILY.replace("STANDARD", policy_type)
    if policy_type != "STANDARD":
        configuration = re.sub(r"vault_id +=.*", "", configuration)
    attached.change(configuration)
    before = the_policy(elsewhere)
    elsewhere.delete_backup_policy(attached.state()[POLICY]["id"], policy_type)
    found = attached.plan()
    assert "1 to add, 0 to change, 0 to destroy" in found.stdout, found.text
    attached.change(configuration)
    assert the_policy(elsewhere) == before


def test_a_deleted_version_is_made_again_under_a_new_number(attached: Workspace, readers: Elsewhere) -> None:
    attached.change(STAGED)
    readers.delete_policy_version("readers", "v2")
    # What others make meanwhile is another version: a document never changes, and no number comes twice.
    readers.create_policy_version("readers", document("oss:Put*"))
    assert "1 to add, 0 to change, 0 to destroy" in attached.plan().stdout
    attached.change(STAGED)
    assert attached.state()[VERSION]["version_id"] == "v4"


def test_a_version_that_was_rotated_away_is_made_again(attached: Workspace, readers: Elsewhere) -> None:
    attached.change(STAGED)
    for number in range(4):
        rotate = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
        readers.create_policy_version("readers", document(f"oss:Put{number}"), rotate_strategy=rotate)
    assert [version.version_id for version in readers.policy_versions("readers") or []] == [
        "v1", "v3", "v4", "v5", "v6"
    ]  # fmt: skip
    found = attached.plan()
    assert "1 to add, 0 to change, 0 to destroy" in found.stdout, found.text
    assert "Version v3 of policy readers will be deleted" in found.stdout
    attached.change(STAGED)
    assert attached.state()[VERSION]["version_id"] == "v7"


@pytest.mark.parametrize(
    ("configuration", "others_choose", "planned"),
    [(READERS, "v1", "false -> true"), (STAGED, "v2", "true -> false")],
    ids=["away from it", "to it"],
)
def test_a_default_that_others_switched_is_switched_back(
    attached: Workspace, readers: Elsewhere, configuration: str, others_choose: str, planned: str
) -> None:
    attached.change(configuration)
    before = readers.policy_versions("readers")
    readers.set_default_policy_version("readers", others_choose)
    found = attached.plan()
    assert "0 to add, 1 to change, 0 to destroy" in found.stdout, found.text
    assert re.search(rf"set_as_default +=? *{planned}", found.stdout), found.stdout
    attached.change(configuration)
    assert readers.policy_versions("readers") == before


def test_refresh_only_takes_drift_into_the_state_and_writes_nothing(
    attached: Workspace, elsewhere: Elsewhere, cloud: LocalCloud
) -> None:
    attached.change(DAILY)
    elsewhere.update_backup_policy(attached.state()[POLICY]["id"], policy_name="others' name")
    cloud.forget_requests()
    found = attached.plan(None, "-refresh-only")
    assert found.status == 2, found.text
    assert '"daily" -> "others\' name"' in found.stdout
    taken = attached.run("apply", "-refresh-only", "-auto-approve", "-no-color")
    assert taken.status == 0, taken.text
    assert attached.state()[POLICY]["policy_name"] == "others' name"
    assert attached.plan(None, "-refresh-only").status == 0
    assert '"others\' name" -> "daily"' in attached.plan().stdout
    assert writes(cloud) == []
