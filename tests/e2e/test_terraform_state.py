"""States that were written elsewhere, earlier, or under other names go on with this provider."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from string import Template
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.e2e import installed, official
from tests.e2e.installed import DAILY, READERS, RULES, document, reported, writes
from tests.provider.conftest import Elsewhere, Workspace

STATES = Path(__file__).with_name("states")
POLICY, VERSION = "alipolicy_backup_policy.daily", "alipolicy_policy_version.readers"


@pytest.fixture
def known(readers: Elsewhere, cloud: LocalCloud) -> dict[str, Any]:
    """Ids and dates, as the stored states name them, of what `DAILY` and `READERS` describe."""
    readers.create_backup_policy("daily", policy_type="STANDARD", rules=RULES)
    readers.create_policy_version("readers", document("oss:Get*"), set_as_default=True)
    (policy,) = readers.backup_policies()
    first, second = readers.policy_versions("readers") or []
    cloud.forget_requests()
    return {
        "policy_id": policy.policy_id,
        "created_time": policy.created_time,
        "backup_rule_id": policy.rules[0]["RuleId"],
        "transition_rule_id": policy.rules[1]["RuleId"],
        "v1_date": first.create_date,
        "v2_date": second.create_date,
    }


def put(workspace: Workspace, name: str, known: dict[str, Any]) -> dict[str, Any]:
    """Give a workspace a stored state, and return it. What is private stands in the file as JSON."""
    state: dict[str, Any] = json.loads(Template((STATES / name).read_text()).substitute(known))
    for resource in state["resources"]:
        for instance in resource["instances"]:
            if "private" in instance:
                instance["private"] = base64.b64encode(json.dumps(instance["private"]).encode()).decode()
    (workspace.directory / "terraform.tfstate").write_text(json.dumps(state))
    return state


# ------------------------------------------------------------ moved


def test_a_policy_moves_from_the_official_provider_without_a_call_that_changes_anything(
    tmp_path: Path, workspace: installed.Workspace, known: dict[str, Any], cloud: LocalCloud
) -> None:
    official.install(tmp_path / "official", Path(workspace.environment["TF_CLI_CONFIG_FILE"]))
    put(workspace, "alicloud_hbr_policy.json", known)
    workspace.init(f"moved {{\n  from = alicloud_hbr_policy.daily\n  to   = {POLICY}\n}}\n{DAILY}")
    planned = workspace.plan()
    assert "0 to add, 0 to change, 0 to destroy" in planned.stdout, planned.text
    assert f"alicloud_hbr_policy.daily has moved to {POLICY}" in reported(planned)
    applied = workspace.apply()
    assert "0 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    state = workspace.state()
    assert (set(state), state[POLICY]["id"]) == ({POLICY}, known["policy_id"])
    assert [rule["rule_id"] for rule in state[POLICY]["rules"]] == [
        known["backup_rule_id"],
        known["transition_rule_id"],
    ]
    assert workspace.plan().status == 0
    assert writes(cloud) == []


def test_a_policy_and_a_version_move_to_other_addresses(
    attached: Workspace, known: dict[str, Any], cloud: LocalCloud
) -> None:
    put(attached, "of-0.1.0.json", known)
    renamed = DAILY.replace('"daily" {', '"nightly" {\n  for_each = toset(["a"])')
    counted = READERS.replace('"readers" {', '"all" {\n  count = 1')
    pairs = {POLICY: 'alipolicy_backup_policy.nightly["a"]', VERSION: "alipolicy_policy_version.all[0]"}
    moves = "".join(f"moved {{\n  from = {old}\n  to   = {new}\n}}\n" for old, new in pairs.items())
    moved = attached.apply(renamed + counted + moves)
    assert "0 added, 0 changed, 0 destroyed" in moved.stdout, moved.text
    assert set(attached.state()) == set(pairs.values())
    assert attached.plan().status == 0
    assert writes(cloud) == []


def test_nothing_moves_here_from_a_type_that_is_not_known(attached: Workspace, known: dict[str, Any]) -> None:
    attached.apply('resource "terraform_data" "daily" {}\n')
    refused = attached.plan(f"moved {{\n  from = terraform_data.daily\n  to   = {POLICY}\n}}\n{DAILY}")
    assert refused.status == 1
    assert (
        "terraform_data of terraform.io/builtin/terraform cannot become alipolicy_backup_policy"
        in reported(refused)
    )


# ------------------------------------------------------------ older states


def test_what_version_0_1_0_wrote_is_read_and_destroyed_by_this_one(
    attached: Workspace, known: dict[str, Any], readers: Elsewhere
) -> None:
    put(attached, "of-0.1.0.json", known)
    again = attached.plan(DAILY + READERS)
    assert again.status == 0, again.text
    destroyed = attached.destroy()
    assert "Version v1 of policy readers is the default version again" in reported(destroyed)
    assert readers.backup_policies() == []
    assert [version.version_id for version in readers.policy_versions("readers") or []] == ["v1"]


def test_a_state_with_attributes_that_came_and_went_since_is_upgraded(
    attached: Workspace, known: dict[str, Any], cloud: LocalCloud
) -> None:
    put(attached, "older.json", known)
    again = attached.plan(DAILY + READERS.replace("rotate_strategy", "# rotate_strategy"))
    assert again.status == 0, again.text
    assert attached.apply().status == 0
    state = attached.state()
    assert "tags" not in state[POLICY]
    assert state[POLICY]["create_time"] == str(known["created_time"])
    assert [rule["immutable"] for rule in state[POLICY]["rules"]] == [False, False]
    assert (state[VERSION]["is_default_version"], state[VERSION]["create_date"]) == (True, known["v2_date"])
    assert writes(cloud) == []


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({"rules": "none"}, "alipolicy_backup_policy: rules: expected a list, got str."),
        ([], "alipolicy_backup_policy: the stored state is not an object."),
    ],
    ids=["wrong type", "no object"],
)
def test_a_state_that_fits_no_schema_is_an_error(
    attached: Workspace, known: dict[str, Any], attributes: Any, says: str
) -> None:
    state = put(attached, "older.json", known)
    state["resources"][0]["instances"][0]["attributes"] = attributes
    (attached.directory / "terraform.tfstate").write_text(json.dumps(state))
    refused = attached.plan(DAILY)
    assert refused.status == 1
    assert says in reported(refused)


def test_a_state_of_a_newer_schema_is_an_error(attached: Workspace, known: dict[str, Any]) -> None:
    state = put(attached, "of-0.1.0.json", known)
    state["resources"][0]["instances"][0]["schema_version"] = 1
    (attached.directory / "terraform.tfstate").write_text(json.dumps(state))
    refused = attached.plan(DAILY + READERS)
    assert refused.status == 1
    assert "newer" in reported(refused)
