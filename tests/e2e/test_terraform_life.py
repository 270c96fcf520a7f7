"""A stack's whole life with real Terraform and the installed provider, against the local cloud."""

from __future__ import annotations

import json

from constructs_lib.localcloud import LocalCloud
from tests.e2e.installed import DAILY, PLANNED, READERS, Workspace
from tests.provider.conftest import Elsewhere

STACK = DAILY + READERS
CHANGED = STACK.replace("retention = 30", "retention = 60").replace("oss:Get*", "oss:List*")
POLICY, VERSION = "alipolicy_backup_policy.daily", "alipolicy_policy_version.readers"


def versions(account: Elsewhere, name: str = "readers") -> dict[str, bool]:
    """Which versions the policy has, and which is the default."""
    return {version.version_id: version.is_default_version for version in account.policy_versions(name) or []}


def test_from_validate_to_destroy(workspace: Workspace, readers: Elsewhere, cloud: LocalCloud) -> None:
    workspace.write(STACK)
    validated = workspace.run("validate", "-no-color")
    assert validated.status == 0, validated.text

    planned = workspace.plan(None, f"-out={PLANNED}")
    assert planned.status == 2, planned.text
    shown = json.loads(workspace.run("show", "-json", PLANNED).stdout)
    actions = {change["address"]: change["change"]["actions"] for change in shown["resource_changes"]}
    assert actions == {POLICY: ["create"], VERSION: ["create"]}
    applied = workspace.run("apply", "-no-color", PLANNED)
    assert applied.status == 0, applied.text
    assert workspace.plan().status == 0

    (reported,) = readers.backup_policies()
    shown = json.loads(workspace.run("show", "-json").stdout)["values"]["root_module"]["resources"]
    state = {resource["address"]: resource["values"] for resource in shown}
    assert (state[POLICY]["id"], state[POLICY]["create_time"]) == (
        reported.policy_id,
        str(reported.created_time),
    )
    rule_ids = [rule["rule_id"] for rule in state[POLICY]["rules"]]
    assert rule_ids == [rule["RuleId"] for rule in reported.rules]
    assert (state[VERSION]["id"], state[VERSION]["is_default_version"]) == ("readers:v2", True)

    changed = workspace.apply(CHANGED)
    assert "0 added, 2 changed, 0 destroyed" in changed.stdout, changed.text
    assert workspace.plan().status == 0
    (reported,) = readers.backup_policies()
    assert reported.rules[1]["Retention"] == 60
    assert [rule["RuleId"] for rule in reported.rules] == rule_ids
    assert versions(readers) == {"v1": False, "v2": False, "v3": True}

    destroyed = workspace.destroy()
    assert destroyed.status == 0, destroyed.text
    assert "Version v1 of policy readers is the default version again" in destroyed.text
    assert (readers.backup_policies(), versions(readers)) == ([], {"v1": True})
    assert workspace.state() == {}
