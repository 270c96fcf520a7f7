"""The whole life of a policy of RAM with real Terraform: attached, staged, promoted, rolled back, gone."""

from __future__ import annotations

import json

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.ram_policies import holders
from tests.provider.conftest import Elsewhere, Workspace

NAME = "oss-readers"


def document(action: str) -> str:
    return json.dumps(json.dumps({"Version": "1", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "acs:oss:*:*:b/*"}]}))  # fmt: skip


POLICY = f"""
resource "alipolicy_policy" "readers" {{
  policy_name     = "{NAME}"
  policy_document = {document("oss:Get*")}
  description     = "DESCRIPTION"
  tags            = {{ team = "web" }}
}}
resource "alipolicy_policy_attachment" "app" {{
  policy_name = alipolicy_policy.readers.policy_name
  role_name   = "app"
}}
resource "alipolicy_policy_attachment" "system" {{
  policy_name = "AliyunOSSReadOnlyAccess"
  policy_type = "System"
  user_name   = "alice"
}}
"""
VERSION = f"""
resource "alipolicy_policy_version" "next" {{
  policy_name     = alipolicy_policy.readers.policy_name
  policy_document = {document("oss:List*")}
  set_as_default  = DEFAULT
}}
"""


def versions(cloud: Elsewhere) -> dict[str, bool] | None:
    found = cloud.policy_versions(NAME)
    return None if found is None else {each.version_id: each.is_default_version for each in found}


def test_from_an_empty_account_to_an_empty_account(
    own_process: Workspace, cloud: LocalCloud, elsewhere: Elsewhere
) -> None:
    cloud.add_principal("Role", "app")
    cloud.add_principal("User", "alice")
    staged, promoted = VERSION.replace("DEFAULT", "false"), VERSION.replace("DEFAULT", "true")

    own_process.write(POLICY + staged)
    created = own_process.run("apply", "-auto-approve", "-no-color")
    assert created.status == 0, created.text
    assert "PV3" not in created.text
    assert versions(elsewhere) == {"v1": True, "v2": False}
    assert [str(each) for each in holders(elsewhere, NAME)] == ["role app"]
    for configuration, default in ((promoted, "v2"), (staged, "v1"), (promoted, "v2")):
        own_process.change(POLICY + configuration)
        found = versions(elsewhere)
        assert found
        assert found[default]
        assert own_process.plan(POLICY + configuration).status == 0

    refused = own_process.plan(POLICY.replace("oss:Get*", "oss:Head*") + promoted)
    assert "cannot be changed while it has other versions" in " ".join(refused.text.split())
    own_process.change(POLICY.replace("DESCRIPTION", "Read b.") + promoted)

    destroyed = own_process.destroy()
    assert destroyed.status == 0, destroyed.text
    assert versions(elsewhere) is None
    assert not holders(elsewhere, "AliyunOSSReadOnlyAccess", "System")
    assert not list(own_process.directory.glob(".terraform/alipolicy/*.jsonl"))


def test_an_attachment_made_anew_before_the_old_one_is_destroyed_is_kept(
    own_process: Workspace, cloud: LocalCloud, elsewhere: Elsewhere
) -> None:
    cloud.add_principal("Role", "app")
    elsewhere.create_policy(NAME, json.loads(document("oss:Get*")))
    own_process.change(f"""
resource "alipolicy_policy_attachment" "app" {{
  policy_name = "{NAME}"
  role_name   = "app"
  lifecycle {{
    create_before_destroy = true
  }}
}}
""")
    replaced = own_process.run(
        "apply", "-auto-approve", "-no-color", "-replace=alipolicy_policy_attachment.app"
    )
    assert replaced.status == 0, replaced.text
    assert [str(each) for each in holders(elsewhere, NAME) or ()] == ["role app"]
    assert own_process.destroy().status == 0
    assert not holders(elsewhere, NAME)


def test_what_is_in_the_way_of_a_destruction_is_an_error_of_the_plan(
    own_process: Workspace, cloud: LocalCloud, elsewhere: Elsewhere
) -> None:
    cloud.add_principal("Role", "app")
    cloud.add_principal("User", "alice")
    own_process.change(POLICY)
    elsewhere.create_policy_version(NAME, json.loads(document("oss:Put*")), set_as_default=True)
    planned = own_process.plan(POLICY)
    assert planned.status == 0
    assert "PV312" in planned.text
    destroyed = own_process.destroy()
    text = " ".join(destroyed.text.replace("│", " ").split())
    assert destroyed.status == 1
    assert "Nothing was changed: it has version v2" in text
    assert "the default version, made outside" in text
    assert [str(each) for each in holders(elsewhere, NAME)] == ["role app"]
    forced = POLICY.replace("  tags  ", "  force_destroy = true\n  tags  ")
    own_process.change(forced)
    assert own_process.destroy().status == 0
    assert versions(elsewhere) is None
