"""What goes wrong in the middle: nothing is lost, and the next apply goes on."""

from __future__ import annotations

import os
import re
import signal

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from tests.e2e import installed
from tests.e2e.installed import DAILY, READERS, document, reported
from tests.provider.conftest import Elsewhere, Workspace
from tests.terraform import Outcome, wait_for

POLICY, VERSION = "alipolicy_backup_policy.daily", "alipolicy_policy_version.readers"
MANY = DAILY.replace('"daily" {', '"daily" {\n  count = 12').replace('= "daily"', '= "daily ${count.index}"')


# ------------------------------------------------------------ tainted


def is_replaced_as_tainted(address: str, planned: Outcome) -> bool:
    """Whether a plan says so, in the words of Terraform or of OpenTofu."""
    said = rf"{re.escape(address)} is tainted, so (it )?must be replaced"
    return re.search(said, reported(planned)) is not None


def test_a_create_that_fails_after_the_version_exists_is_tainted_and_replaced(
    attached: Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    # The answer is lost; before the version is found somebody gives the default back to v1, and to take it
    # again is refused.
    cloud.set_faults(
        [
            Fault(kind="latency", operation="CreatePolicyVersion", at="after", seconds=1.0),
            Fault(kind="cut", operation="CreatePolicyVersion"),
            Fault(kind="error", operation="SetDefaultPolicyVersion", skip=1, status=403, code="NoPermission"),
        ]
    )
    attached.write(READERS)
    with attached.start("apply", "-auto-approve", "-no-color", "-input=false") as process:
        wait_for(lambda: len(readers.policy_versions("readers") or []) == 2)
        readers.set_default_policy_version("readers", "v1")
        out, error = process.communicate(timeout=180)
    assert process.returncode == 1, out
    assert "NoPermission" in error
    assert (attached.state()[VERSION]["tainted"], attached.state()[VERSION]["version_id"]) == (True, "v2")

    cloud.set_faults()
    assert is_replaced_as_tainted(VERSION, attached.plan())
    attached.change(READERS)
    assert [
        (version.version_id, version.is_default_version)
        for version in readers.policy_versions("readers") or []
    ] == [
        ("v1", False),
        ("v3", True),
    ]


def test_a_policy_whose_provisioner_fails_is_tainted_and_replaced(
    attached: Workspace, elsewhere: Elsewhere
) -> None:
    provisioner = '  provisioner "local-exec" {\n    command = "exit 3"\n  }\n}\n'
    failed = attached.apply(DAILY.rstrip().removesuffix("}") + provisioner)
    assert failed.status == 1
    (before,) = elsewhere.backup_policies()
    assert attached.state()[POLICY]["tainted"] is True
    replaced = attached.apply(DAILY)
    assert "1 added, 0 changed, 1 destroyed" in replaced.stdout, replaced.text
    (after,) = elsewhere.backup_policies()
    assert after.policy_id != before.policy_id
    assert attached.plan().status == 0


def test_taint_and_replace_make_a_new_one(attached: Workspace, readers: Elsewhere) -> None:
    attached.change(DAILY + READERS)
    assert attached.run("taint", "-no-color", POLICY).status == 0
    assert is_replaced_as_tainted(POLICY, attached.plan())
    attached.change(DAILY + READERS)
    both = [f"-replace={address}" for address in (POLICY, VERSION)]
    replaced = attached.run("apply", "-auto-approve", "-no-color", *both)
    assert "2 added, 0 changed, 2 destroyed" in replaced.stdout, replaced.text
    assert attached.plan().status == 0
    assert len(readers.backup_policies()) == 1
    assert [
        (version.version_id, version.is_default_version)
        for version in readers.policy_versions("readers") or []
    ] == [
        ("v1", False),
        ("v3", True),
    ]


# ------------------------------------------------------------ refused


def test_a_destroy_leaves_the_only_version_that_a_policy_has(attached: Workspace, readers: Elsewhere) -> None:
    attached.change(DAILY + READERS)
    readers.delete_policy_version("readers", "v1")
    done = attached.destroy()
    assert done.status == 0
    assert "Version v2 of policy readers stays the default version" in reported(done)
    assert [version.version_id for version in readers.policy_versions("readers") or []] == ["v2"]
    assert attached.state() == {}
    assert readers.backup_policies() == []


def test_a_full_policy_and_a_missing_one_are_errors_at_their_lines(
    attached: Workspace, readers: Elsewhere
) -> None:
    for number in range(4):
        readers.create_policy_version("readers", document(f"oss:Put{number}"))
    plain = READERS.replace("rotate_strategy", "# rotate_strategy")
    refused = attached.apply(plain)
    assert refused.status == 1
    assert "Policy readers has no room for another version" in reported(refused)
    assert "v5 of" in reported(refused)
    refused = attached.apply(READERS.replace('= "readers"', '= "nobody"'))
    assert refused.status == 1
    assert "EntityNotExist.Policy" in refused.text
    assert 'policy_name = "nobody"' in reported(refused)
    assert attached.state() == {}


# ------------------------------------------------------------ interrupted


def test_ctrl_c_in_an_apply_keeps_what_exists_and_the_next_apply_goes_on(
    workspace: installed.Workspace, elsewhere: Elsewhere, cloud: LocalCloud
) -> None:
    if not workspace.reacts_to_ctrl_c:
        pytest.skip("the embedded Terraform leaves signals to Python")
    cloud.set_faults([Fault(kind="latency", operation="CreatePolicyV2", seconds=0.5)])
    workspace.write(MANY)
    with workspace.start("apply", "-auto-approve", "-no-color", "-input=false", "-parallelism=2") as process:
        wait_for(lambda: len(cloud.requests("CreatePolicyV2")) >= 3)
        # To the whole group, as a terminal does it: the provider gets it as well.
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=180)
    assert process.returncode == 1
    assert "Interrupt received" in out + error
    there = {policy.policy_id for policy in elsewhere.backup_policies()}
    state = workspace.state()
    assert {resource["id"] for resource in state.values()} == there
    assert 3 <= len(there) < 12
    assert not any(resource["tainted"] for resource in state.values())

    cloud.set_faults()
    completed = workspace.apply()
    assert f"{12 - len(there)} added, 0 changed, 0 destroyed" in completed.stdout, completed.text
    names = [policy.policy_name for policy in elsewhere.backup_policies()]
    assert sorted(names) == sorted(f"daily {number}" for number in range(12))
    assert workspace.plan().status == 0


# ------------------------------------------------------------ a provider whose configuration is not known yet


def test_what_the_provider_depends_on_has_to_be_applied_first(workspace: installed.Workspace) -> None:
    assert workspace.apply(DAILY).status == 0
    region = """
    resource "terraform_data" "region" {
      input = "cn-hangzhou"
    }
    provider "alipolicy" {
      region = terraform_data.region.output
    }
    """
    workspace.init(region + DAILY)
    refused = workspace.plan()
    assert refused.status == 1
    assert "known only after an apply. Apply what they come from first" in reported(refused)
    # What is new is planned all the same.
    planned = workspace.plan(region + DAILY + DAILY.replace('"daily"', '"other"'), "-refresh=false")
    assert "2 to add, 0 to change, 0 to destroy" in planned.stdout, planned.text
    arguments = ("-auto-approve", "-no-color", "-input=false", "-target=terraform_data.region")
    assert workspace.run("apply", *arguments).status == 0
    assert workspace.plan(region + DAILY).status == 0
