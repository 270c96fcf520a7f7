"""What is in the account already comes under Terraform's care: import, and the data sources."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.e2e import installed
from tests.e2e.installed import DAILY, READERS, RULES, document, reported, writes
from tests.provider.conftest import Elsewhere, Workspace

POLICY, VERSION = "alipolicy_backup_policy.daily", "alipolicy_policy_version.readers"
# RAM does not tell with which rotate_strategy a version was created.
PLAIN_READERS = re.sub(r"rotate_strategy .*", "", READERS)
TAG: dict[str, Any] = {
    "RuleType": "TAG",
    "DataSourceFilters": [{"SourceType": "OSS"}],
    "TagFilters": [{"Key": "env", "Value": "prod", "Operator": "EQUAL"}],
}


@pytest.fixture
def ids(readers: Elsewhere, cloud: LocalCloud) -> dict[str, str]:
    """What `DAILY` and `READERS` describe, made by somebody else: ids for import, by address."""
    policy = readers.create_backup_policy("daily", policy_type="STANDARD", rules=RULES)
    readers.create_policy_version("readers", document("oss:Get*"), set_as_default=True)
    cloud.forget_requests()
    return {POLICY: policy.value, VERSION: "readers:v2"}


def blocks(ids: dict[str, str], *, generating: bool = False) -> str:
    """Import blocks. To generate a configuration, Terraform 1.17 has to be told whose the resource is; where
    there is one, no Terraform wants to be told."""
    provider = "  provider = alipolicy\n" if generating else ""
    return "".join(f'import {{\n{provider}  to = {to}\n  id = "{id}"\n}}\n' for to, id in ids.items())


def test_import_by_command(workspace: installed.Workspace, ids: dict[str, str], cloud: LocalCloud) -> None:
    workspace.write(DAILY + PLAIN_READERS)
    for address, id in ids.items():
        imported = workspace.run("import", "-no-color", "-input=false", address, id)
        assert imported.status == 0, imported.text
    again = workspace.plan()
    assert again.status == 0, again.text
    assert writes(cloud) == []


def test_import_by_block(attached: Workspace, ids: dict[str, str], cloud: LocalCloud) -> None:
    applied = attached.apply(DAILY + PLAIN_READERS + blocks(ids))
    assert "2 imported, 0 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    assert attached.plan().status == 0
    assert writes(cloud) == []


def test_a_rotate_strategy_comes_into_the_state_with_the_first_apply_after_an_import(
    attached: Workspace, ids: dict[str, str], cloud: LocalCloud
) -> None:
    applied = attached.apply(DAILY + READERS + blocks(ids))
    assert "2 imported, 0 added, 1 changed, 0 destroyed" in applied.stdout, applied.text
    assert attached.plan().status == 0
    assert writes(cloud) == []


def test_import_with_a_generated_configuration(
    attached: Workspace, ids: dict[str, str], readers: Elsewhere, cloud: LocalCloud
) -> None:
    tagged = readers.create_backup_policy("tagged", policy_description="by tag", rules=[*RULES, TAG]).value
    rule = {**RULES[0], "VaultId": None, "Retention": 7, "Immutable": True}
    ecs = readers.create_backup_policy("ecs", policy_type="UDM_ECS_ONLY", rules=[rule]).value
    cloud.forget_requests()
    more = {"alipolicy_backup_policy.tagged": tagged, "alipolicy_backup_policy.ecs": ecs}
    planned = attached.plan(blocks(ids | more, generating=True), "-generate-config-out=generated.tf")
    assert "4 to import, 0 to add, 0 to change, 0 to destroy" in planned.stdout, planned.text
    applied = attached.apply(blocks(ids | more))
    assert "4 imported, 0 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    again = attached.plan()
    assert again.status == 0, again.text
    assert writes(cloud) == []


@pytest.mark.usefixtures("foreign_fields")
def test_fields_that_nobody_knows_stay_by_the_id_of_their_rule(
    attached: Workspace, readers: Elsewhere
) -> None:
    source = {**TAG["DataSourceFilters"][0], "SomeField": "kept"}
    rules = [RULES[0], {**RULES[1], "ColdArchiveDays": 180}, {**TAG, "DataSourceFilters": [source]}]
    id = readers.create_backup_policy("daily", policy_type="STANDARD", rules=rules).value
    by_tag = """rules {
    rule_type = "TAG"
    data_source_filters { source_type = "OSS" }
    tag_filters {
      key   = "env"
      value = "prod"
    }
  }
  rules {
    rule_type   = "BACKUP\""""
    tagged = DAILY.replace('rules {\n    rule_type   = "BACKUP"', by_tag)  # and the rules in another order
    for configuration in (
        tagged + blocks({POLICY: id}),
        tagged.replace("retention = 30", "retention = 31"),
    ):
        applied = attached.apply(configuration)
        assert applied.status == 0, applied.text
        assert attached.plan().status == 0
        policy = readers.backup_policy(id)
        assert policy is not None
        by_type = {rule["RuleType"]: rule for rule in policy.rules}
        assert by_type["TRANSITION"]["ColdArchiveDays"] == 180
        assert by_type["TAG"]["DataSourceFilters"][0]["SomeField"] == "kept"
    assert by_type["TRANSITION"]["Retention"] == 31


BACKUP = {"RuleType": "BACKUP", "BackupType": "COMPLETE", "VaultId": "v-0001aaaaaaaaaaaaaseg"}
LADDER = [
    {"AdvancedRetentionType": kind, "Retention": days, "WhichSnapshot": 1}
    for kind, days in (("WEEKLY", 90), ("MONTHLY", 400), ("YEARLY", 2555))
]
SHAPES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "ladder": (
        "STANDARD",
        [
            {**BACKUP, "Schedule": "C|1648647166|0 0 2 * * ?", "KeepLatestSnapshots": 1},
            {"RuleType": "TRANSITION", "Retention": 31, "ArchiveDays": 30, "RetentionRules": LADDER},
        ],
    ),
    "copies": (
        "STANDARD",
        [
            {**BACKUP, "Schedule": "I|1648647166|PT6H", "BackupType": "INCREMENTAL"},
            {"RuleType": "TRANSITION", "Retention": 7},
            {"RuleType": "REPLICATION", "ReplicationRegionId": "cn-shanghai", "Retention": 30},
        ],
    ),
    "tags": (
        "STANDARD",
        [
            {**BACKUP, "Schedule": "C|1648647166|0 30 22 ? * 2-6"},
            {"RuleType": "TRANSITION", "Retention": 14},
            {
                "RuleType": "TAG",
                "DataSourceFilters": [
                    {"SourceType": "OSS"},
                    {"SourceType": "NAS"},
                ],
                "TagFilters": [{"Key": "env", "Value": "prod", "Operator": "EQUAL"}, {"Key": "team"}],
            },
        ],
    ),
    "udm": (
        "UDM_ECS_ONLY",
        [
            {
                "RuleType": "BACKUP",
                "Schedule": "I|1648647166|P1D",
                "BackupType": "COMPLETE",
                "Immutable": True,
            },
            {"RuleType": "TRANSITION", "Retention": 7, "RetentionRules": LADDER[:1]},
            {"RuleType": "REPLICATION", "ReplicationRegionId": "cn-shanghai", "Retention": 7},
        ],
    ),
}


def test_what_is_generated_for_real_looking_objects_is_applied_without_a_word(
    workspace: installed.Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    wanted = {}
    for name, (kind, rules) in SHAPES.items():
        policy = readers.create_backup_policy(name, policy_type=kind, policy_description=name, rules=rules)
        wanted[f"alipolicy_backup_policy.{name}"] = policy.value
    readers.create_policy_version("readers", document("oss:Get*"), set_as_default=True)
    readers.create_policy_version("readers", document("oss:List*"))
    wanted |= {f"alipolicy_policy_version.v{number}": f"readers:v{number}" for number in (1, 2, 3)}
    cloud.forget_requests()
    planned = workspace.plan(blocks(wanted, generating=True), "-generate-config-out=generated.tf")
    assert f"{len(wanted)} to import, 0 to add, 0 to change, 0 to destroy" in planned.stdout, planned.text
    applied = workspace.apply(blocks(wanted))
    assert f"{len(wanted)} imported, 0 added, 0 changed" in applied.stdout, applied.text
    again = workspace.plan()
    assert again.status == 0, again.text
    # Terraform itself says that generating is experimental.
    assert "Warning" not in applied.text + again.text, applied.text
    assert writes(cloud) == []


@pytest.mark.parametrize(
    ("address", "id", "says"),
    [
        (POLICY, "po-000nobody", "Cannot import non-existent remote object"),
        (VERSION, "readers:v9", "Cannot import non-existent remote object"),
        (VERSION, "readers", "Import by <policy_name>:<version_id>: oss-readers:v3."),
    ],
)
def test_what_cannot_be_imported(
    attached: Workspace, readers: Elsewhere, address: str, id: str, says: str
) -> None:
    attached.write(DAILY + READERS)
    refused = attached.run("import", "-no-color", "-input=false", address, id)
    assert refused.status == 1
    assert says in reported(refused)


def test_both_data_sources_over_all_pages(attached: Workspace, readers: Elsewhere) -> None:
    readers.create_policy_version("readers", document("oss:Get*"), set_as_default=True)
    created = [readers.create_backup_policy(f"policy {n}", rules=RULES).value for n in range(101)]
    attached.change(
        """
        data "alipolicy_backup_policies" "all" {}
        data "alipolicy_backup_policies" "one" { policy_id = data.alipolicy_backup_policies.all.ids[100] }
        data "alipolicy_backup_policies" "named" { policy_name = "policy 7" }
        data "alipolicy_policy_versions" "readers" { policy_name = "readers" }
        output "ids" { value = data.alipolicy_backup_policies.all.ids }
        output "one" { value = data.alipolicy_backup_policies.one.policies[*].policy_id }
        output "retention" { value = data.alipolicy_backup_policies.named.policies[*].rules[1].retention }
        output "versions" { value = data.alipolicy_policy_versions.readers.versions[*].version_id }
        output "default" { value = data.alipolicy_policy_versions.readers.default_version }
        """
    )
    output = {
        name: value["value"] for name, value in json.loads(attached.run("output", "-json").stdout).items()
    }
    assert sorted(output["ids"]) == sorted(created)
    assert output["one"] == [output["ids"][100]]
    assert output["retention"] == [30]
    assert (output["versions"], output["default"]) == (["v1", "v2"], "v2")


def test_a_data_source_feeds_a_resource(attached: Workspace, readers: Elsewhere) -> None:
    attached.change(
        READERS
        + """
        data "alipolicy_policy_versions" "readers" {
          policy_name = alipolicy_policy_version.readers.policy_name
          depends_on  = [alipolicy_policy_version.readers]
        }
        output "default" { value = data.alipolicy_policy_versions.readers.default_version }
        """
    )
    assert json.loads(attached.run("output", "-json", "default").stdout) == "v2"
