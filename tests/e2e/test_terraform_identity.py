"""What the newest Terraform does with identities, and that an older one is none the wiser."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests import terraform
from tests.e2e import official
from tests.e2e.installed import DAILY, READERS, document, writes
from tests.provider.conftest import Elsewhere, Workspace

POLICY, VERSION = "alipolicy_backup_policy.daily", "alipolicy_policy_version.readers"


def identities(workspace: Workspace) -> dict[str, Any]:
    """What the state says of the identity of each resource."""
    state = json.loads((workspace.directory / "terraform.tfstate").read_text())
    return {
        f"{resource['type']}.{resource['name']}": instance.get("identity")
        for resource in state["resources"]
        for instance in resource["instances"]
    }


def test_an_identity_is_kept_and_follows_the_version(newest: Workspace, readers: Elsewhere) -> None:
    newest.change(DAILY + READERS)
    account = readers.account_id()
    first = identities(newest)
    policy_id = newest.state()[POLICY]["id"]
    assert first == {
        POLICY: {"policy_id": policy_id, "account_id": account, "region": "cn-hangzhou"},
        VERSION: {"policy_name": "readers", "version_id": "v2", "account_id": account},
    }
    newest.change(DAILY + READERS.replace("oss:Get*", "oss:List*"))
    assert identities(newest) == {**first, VERSION: {**first[VERSION], "version_id": "v3"}}


def test_what_is_there_is_imported_by_its_identity(
    newest: Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    readers.create_policy_version("readers", document("oss:Get*"), set_as_default=True)
    cloud.forget_requests()
    block = f"""
    import {{
      to = {VERSION}
      identity = {{
        policy_name = "readers"
        version_id  = "v2"
      }}
    }}
    """
    plain = READERS.replace("rotate_strategy", "# rotate_strategy")
    elsewhere = newest.plan(plain + block.replace('readers"', 'readers"\naccount_id = 1'))
    assert "Its account_id is 1" in elsewhere.text
    applied = newest.apply(plain + block)
    assert "1 imported, 0 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    assert identities(newest)[VERSION]["version_id"] == "v2"
    assert newest.plan().status == 0
    assert writes(cloud) == []


def test_a_moved_resource_has_an_identity_without_a_read(newest: Workspace, elsewhere: Elsewhere) -> None:
    ours = f"""
    resource "alipolicy_policy" "readers" {{
      policy_name     = "readers"
      policy_document = {json.dumps(document("oss:Get*"))}
    }}
    """
    newest.change(ours)
    file = newest.directory / "terraform.tfstate"
    state = json.loads(file.read_text())
    (resource,) = state["resources"]
    kept = {name: resource["instances"][0]["attributes"][name] for name in ("id", "policy_name")}
    resource |= {"type": "alicloud_ram_policy", "provider": f'provider["{official.ADDRESS}"]'}
    resource["instances"] = [
        {"schema_version": 0, "attributes": kept | {"policy_document": document("oss:Get*")}}
    ]
    file.write_text(json.dumps(state))
    official.install(newest.directory / "mirror", newest.directory / "cli.tfrc")
    newest.write(ours + "moved {\n  from = alicloud_ram_policy.readers\n  to = alipolicy_policy.readers\n}\n")
    begun = newest.run("init", "-no-color")
    assert begun.status == 0, begun.text
    arguments = ("-auto-approve", "-no-color", "-input=false")
    moved = newest.run("apply", "-refresh=false", *arguments)
    assert "alicloud_ram_policy.readers has moved to alipolicy_policy.readers" in " ".join(moved.text.split())
    assert identities(newest)["alipolicy_policy.readers"]["policy_name"] == "readers"
    assert newest.run("apply", "-refresh-only", *arguments).status == 0
    identity = {"policy_name": "readers", "account_id": elsewhere.account_id()}
    assert identities(newest) == {"alipolicy_policy.readers": identity}


def test_an_older_terraform_plans_no_change_of_a_state_with_identities(
    newest: Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    older = terraform.command()
    if older in (None, newest.terraform):
        pytest.skip("only one Terraform here")
    newest.change(DAILY + READERS)
    before = identities(newest)
    cloud.forget_requests()
    newest.terraform, newest_terraform = older, newest.terraform
    assert newest.plan().status == 0
    assert "GetCallerIdentity" not in [request.operation for request in cloud.requests()]
    newest.change(DAILY.replace("retention = 30", "retention = 31") + READERS)
    newest.terraform = newest_terraform
    assert newest.plan().status == 0
    assert newest.apply().status == 0
    assert identities(newest) == before
