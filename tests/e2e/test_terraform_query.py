"""`terraform query` with the newest Terraform: what is there is listed, chosen, and taken over as it is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from attrs import evolve

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.bindings import BindingKey
from tests.docs.pages import EXAMPLES
from tests.e2e.installed import RULES, document, writes
from tests.e2e.test_terraform_import import SHAPES
from tests.provider.conftest import Elsewhere, Workspace
from tests.terraform import Outcome

TYPES = (
    *("alipolicy_backup_vault", "alipolicy_backup_policy", "alipolicy_backup_policy_binding"),
    *("alipolicy_policy", "alipolicy_policy_version", "alipolicy_policy_attachment"),
)


def query(workspace: Workspace, lists: str, *arguments: str) -> Outcome:
    workspace.write("")
    (workspace.directory / "all.tfquery.hcl").write_text(lists)
    return workspace.run("query", "-no-color", *arguments)


def lists(types: tuple[str, ...] = TYPES, body: str = "") -> str:
    return "".join(f'list "{each}" "all" {{\n  provider = alipolicy\n{body}}}\n' for each in types)


def found(outcome: Outcome) -> list[dict[str, Any]]:
    """The objects that `terraform query -json` lists, in their order."""
    assert outcome.status == 0, outcome.text
    events = [json.loads(line) for line in outcome.stdout.splitlines() if line.startswith("{")]
    return [each["list_resource_found"] for each in events if each["type"] == "list_resource_found"]


@pytest.fixture
def estate(cloud: LocalCloud, readers: Elsewhere) -> Elsewhere:
    """An account where people have worked in the console."""
    here = evolve(readers, region="cn-hangzhou")
    vault = vaults.create_vault(here, {"VaultName": "gold", "Description": "of gold"}).value
    vaults.wait_until_created(here, vault)
    vaults.change_tags(here, vault, {}, {"team": "web"})
    source = {"ReplicationSourceRegionId": "cn-shanghai", "ReplicationSourceVaultId": vault}
    vaults.wait_until_created(here, vaults.create_vault(here, {"VaultName": "mirror", **source}).value)
    rules = [{**RULES[0], "VaultId": vault}, RULES[1]]
    policy = here.create_backup_policy("nightly", policy_type="STANDARD", rules=rules).value
    bindings.create_binding(here, BindingKey(policy, "OSS", "logs"), {"Source": "a/"})
    ecs = {**RULES[0], "VaultId": None, "Retention": 7}
    here.create_backup_policy("ecs", policy_type="UDM_ECS_ONLY", rules=[ecs])
    here.create_policy_version("readers", document("oss:Get*"), set_as_default=True)
    ram_policies.change_tags(here, "readers", {}, {"team": "web"})
    for kind, name in (("Role", "app"), ("User", "alice"), ("Group", "staff")):
        cloud.add_principal(kind, name)
        principal = ram_policies.Principal(kind.lower(), name)
        ram_policies.attach(here, ram_policies.Attachment("Custom", "readers", principal))
    cloud.forget_requests()
    return here


def test_what_is_there_is_taken_over_without_a_change(
    newest: Workspace, estate: Elsewhere, cloud: LocalCloud
) -> None:
    queried = query(newest, lists(), "-generate-config-out=generated.tf")
    assert queried.status == 0, queried.text
    generated = (newest.directory / "generated.tf").read_text()
    assert generated.count("import {") == 2 + 2 + 1 + 1 + 2 + 3
    planned = newest.plan()
    assert "11 to import, 0 to add, 0 to change, 0 to destroy" in planned.stdout, planned.text + generated
    applied = newest.apply()
    assert "11 imported, 0 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    (newest.directory / "generated.tf").write_text(re.sub(r"(?ms)^import .*?^}$", "", generated))
    assert newest.plan().status == 0
    assert writes(cloud) == []


ODD_NAMES = ('a "quoted" name', "${var.x} %{if}", "päivä 日本\\", '{"json":1}', "12")
# What is bound, by the type of the source; each to a policy of its kind.
BOUND: dict[tuple[str, str], dict[str, Any]] = {
    ("OSS", "bucket"): {
        "Source": "x/",
        "AdvancedOptions": {"OssDetail": {"InventoryId": "i", "InventoryCleanupPolicy": "NO_CLEANUP"}},
    },
    ("ECS_FILE", "i-1"): {"Source": '["/a","/b"]', "SpeedLimit": "0:24:1024", "Include": '["*.sh"]'},
    ("NAS", "nas-1"): {"Source": '["/x"]', "Disabled": "true", "PolicyBindingDescription": "${x}"},
    ("OTS", "tab:le"): {"Source": '["t"]'},
    ("UDM_ECS", "i-2"): {
        "AdvancedOptions": {"UdmDetail": {"AppConsistent": True, "RamRoleName": "r", "DiskIdList": ["d-1"]}}
    },
    ("UDM_ECS", "i-3"): {
        "CrossAccountType": "CROSS_ACCOUNT",
        "CrossAccountUserId": 1234567890123456,
        "CrossAccountRoleName": "backup",
    },
}
VAULTS: tuple[dict[str, str], ...] = (
    {"VaultType": "OTS_BACKUP"},
    {"EncryptType": "KMS", "KmsKeyId": "key-1"},
    {"WormEnabled": "true"},
)


def test_what_looks_odd_is_taken_over_as_it_is(newest: Workspace, elsewhere: Elsewhere) -> None:
    here = evolve(elsewhere, region="cn-hangzhou")
    policies = {}
    for name, (kind, rules) in zip(ODD_NAMES, [*SHAPES.values(), SHAPES["tags"]], strict=True):
        policies[kind] = here.create_backup_policy(
            name, policy_type=kind, policy_description=name, rules=rules
        ).value
    for (source_type, source), said in BOUND.items():
        policy = policies["UDM_ECS_ONLY" if source_type == "UDM_ECS" else "STANDARD"]
        bindings.create_binding(here, BindingKey(policy, source_type, source), said)
    for number, more in enumerate(VAULTS):
        given = {"VaultName": f"vault {number}", "Description": "${a}", **more}
        vaults.wait_until_created(here, vaults.create_vault(here, given).value)
    for number, name in enumerate(ODD_NAMES):
        said = json.loads(document())
        said["Statement"][0]["Condition"] = {"StringLike": {"oss:Prefix": [name]}}
        ram_policies.create_policy(here, f"p-{number}", json.dumps(said), name, {"k": name[:2]})
    queried = query(newest, lists(body="  limit = 1000\n"), "-generate-config-out=generated.tf")
    assert queried.status == 0, queried.text
    there = len(ODD_NAMES) * 3 + len(BOUND) + len(VAULTS)
    planned = newest.plan()
    assert f"{there} to import, 0 to add, 0 to change, 0 to destroy" in planned.stdout, planned.text


def test_the_examples_of_the_pages_find_what_they_say(newest: Workspace, estate: Elsewhere) -> None:
    estate.create_policy("oss-readers", document())
    estate.create_policy_version("oss-readers", document("oss:Get*"))
    examples = sorted(EXAMPLES.glob("list-resources/*/list-resource.tfquery.hcl"))
    written = "".join(example.read_text("utf-8") for example in examples)
    names = [each["display_name"] for each in found(query(newest, written, "-json"))]
    assert sorted(names) == [
        *("OSS logs", "gold", "nightly", "oss-readers", "oss-readers v2", "readers, role app"),
    ]


def test_the_pages_are_read_as_far_as_the_limit(
    newest: Workspace, elsewhere: Elsewhere, cloud: LocalCloud
) -> None:
    for number in range(101):
        elsewhere.create_backup_policy(f"policy {number}", rules=RULES)
    cloud.forget_requests()
    policies = lists(("alipolicy_backup_policy",))
    listed = query(newest, policies)
    assert listed.stdout.count(",policy_id=po-") == 100, listed.text
    assert "There are more than 100" in listed.text
    listed = query(newest, lists(("alipolicy_backup_policy",), "  limit = 101\n"), "-json")
    names = [each["display_name"] for each in found(listed)]
    assert sorted(names) == sorted(f"policy {number}" for number in range(101))
    assert "There are more" not in listed.text
    some = '  limit = 5\n  config {\n    name_prefix = "policy 1"\n  }\n'
    listed = query(newest, lists(("alipolicy_backup_policy",), some), "-json")
    assert [each["display_name"] for each in found(listed)] == [
        *("policy 1", *(f"policy {number}" for number in range(10, 14)))
    ]
    assert writes(cloud) == []


def test_what_is_wrong_in_a_query_is_said(newest: Workspace, estate: Elsewhere) -> None:
    body = '  config {\n    kind = "Role"\n  }\n'
    refused = query(newest, lists(("alipolicy_policy_attachment",), body))
    assert refused.status == 1
    assert "allowed: user, group, role" in refused.text
    listed = query(newest, lists(("alipolicy_policy_attachment",), body.replace("Role", "role")), "-json")
    (attachment,) = found(listed)
    assert attachment["display_name"] == "readers, role app"
    assert attachment["identity"] == {
        "account_id": estate.account_id(),
        "kind": "role",
        "name": "app",
        "policy_type": "Custom",
        "policy_name": "readers",
    }
