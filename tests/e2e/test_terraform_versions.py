"""What a plan of policy versions says with real Terraform: who has the default, and who asks for it."""

from __future__ import annotations

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.e2e import installed
from tests.e2e.installed import READERS, document
from tests.e2e.test_terraform_life import versions
from tests.provider.conftest import Elsewhere

ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
STAGED = READERS.replace("= true", "= false")
ALIASES = """
provider "alipolicy" {}
provider "alipolicy" {
  alias = "other"
  %s
}
"""
# Beside the readers, under the other alias.
OTHER = READERS.replace('"readers" {', '"other" {\n  provider = alipolicy.other').replace(
    "oss:Get*", "oss:List*"
)
TWO = "Two versions of policy readers want to be its default version"


def plain(text: str) -> str:
    """Without the frames and line breaks of Terraform."""
    return " ".join(text.replace("│", " ").split())


def test_two_that_want_the_default(workspace: installed.Workspace, readers: Elsewhere) -> None:
    other = READERS.replace('"readers" {', '"other" {').replace("oss:Get*", "oss:List*")
    refused = workspace.plan(READERS + other)
    assert refused.status == 1
    assert TWO in plain(refused.text)
    assert workspace.apply(READERS).status == 0
    refused = workspace.plan(READERS + other)
    assert refused.status == 1
    assert workspace.apply(READERS + other.replace("= true", "= false")).status == 0
    moved = workspace.apply(STAGED + other)
    assert moved.status == 0, moved.text
    assert versions(readers) == {"v1": False, "v2": False, "v3": True}
    replaced = workspace.run("plan", "-no-color", "-input=false", "-replace=alipolicy_policy_version.other")
    assert "want to be its default" not in plain(replaced.text)


@pytest.mark.parametrize("other", ["", 'region = "cn-shanghai"'])
def test_two_under_two_aliases_that_want_the_default(
    workspace: installed.Workspace, readers: Elsewhere, other: str
) -> None:
    refused = workspace.plan(ALIASES % other + READERS + OTHER)
    assert refused.status == 1
    assert TWO in plain(refused.text)
    assert workspace.apply(ALIASES % other + READERS).status == 0
    refused = workspace.plan(ALIASES % other + READERS + OTHER)
    assert refused.status == 1
    assert "Each apply would take it from the other" in plain(refused.text)


def test_where_no_other_provider_runs_a_plan_does_not_ask_for_the_account(
    workspace: installed.Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    readers.create_policy("writers", document("oss:Put*"))
    writers = ALIASES % "" + OTHER.replace('= "readers"', '= "writers"')
    for text, asked in ((READERS, 0), (READERS + writers, 2)):
        assert workspace.plan(text).status == 2
        operations = [request.operation for request in cloud.requests()]
        assert operations.count("GetCallerIdentity") == asked
        assert "ListPolicyVersions" in operations
        cloud.forget_requests()


def test_the_default_may_go_to_another_alias(workspace: installed.Workspace, readers: Elsewhere) -> None:
    """A plan and an apply in one run, of a document that only the apply knows."""
    known = 'resource "terraform_data" "action" {\n  input = "oss:Get*"\n}\n'
    unknown = READERS.replace('"oss:Get*"', "terraform_data.action.output")
    steps = [READERS + OTHER.replace("= true", "= false"), STAGED + OTHER, OTHER]
    for step in [known + unknown, *steps]:
        applied = workspace.apply(ALIASES % "" + step)
        assert applied.status == 0, applied.text
    assert workspace.plan().status == 0


def test_two_accounts_have_a_default_each(
    workspace: installed.Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    account = cloud.add_account()
    keys = f'access_key = "{account.access_key}"\n  secret_key = "{account.secret_key}"'
    planned = workspace.plan(ALIASES % keys + READERS + OTHER)
    assert planned.status == 2, planned.text


@pytest.mark.parametrize("place", ["main.tf", "one.tftest.hcl"])
def test_runs_of_a_test_are_plans_of_their_own(
    workspace: installed.Workspace, readers: Elsewhere, place: str
) -> None:
    workspace.write(READERS)
    main = (workspace.directory / "main.tf").read_text()
    runs = "".join(f'run "{name}" {{\n  command = plan\n}}\n' for name in ("one", "two"))
    (workspace.directory / "one.tftest.hcl").write_text(runs)
    if place != "main.tf":
        block = workspace.provider_block()
        (workspace.directory / "main.tf").write_text(main.replace(block, ""))
        (workspace.directory / place).write_text(block + runs)
    tested = workspace.run("test", "-no-color")
    assert tested.status == 0, tested.text


def test_the_version_that_goes_by_its_address(workspace: installed.Workspace, readers: Elsewhere) -> None:
    assert workspace.apply(STAGED).status == 0
    for number in range(3):
        readers.create_policy_version("readers", document(f"oss:Put{number}"))
    more = 'more" {\n  for_each = toset(["a"])'
    keyed = STAGED.replace('readers" {', more).replace("Get*", "Head*")
    planned = workspace.plan(STAGED + keyed)
    assert "made by alipolicy_policy_version.readers; it makes room" in plain(planned.text), planned.text


def test_no_deposed_object_stays(workspace: installed.Workspace, readers: Elsewhere) -> None:
    """Staged, with an own older version as the default, and only foreign ones beside it."""
    staged = STAGED.replace("= false", "= false\n  lifecycle { create_before_destroy = true }")
    assert workspace.apply(READERS).status == 0
    assert workspace.apply(staged.replace("oss:Get*", "oss:List*")).status == 0
    readers.delete_policy_version("readers", "v1")
    readers.create_policy_version("readers", document("oss:Put*"))
    assert versions(readers) == {"v2": True, "v3": False, "v4": False}
    applied = workspace.run(
        *("apply", "-auto-approve", "-no-color", "-input=false"), "-replace=alipolicy_policy_version.readers"
    )
    assert applied.status == 0, applied.text
    assert "Version v2 of policy readers stays the default version" in plain(applied.text)
    assert "deposed" not in (workspace.directory / "terraform.tfstate").read_text()
    assert versions(readers) == {"v2": True, "v4": False, "v5": False}
    assert workspace.plan().status == 0
    destroyed = workspace.destroy()
    assert destroyed.status == 0, destroyed.text
