"""What a plan of policy versions says with real Terraform: who has the default, and who asks for it."""

from __future__ import annotations

from tests.e2e import installed
from tests.e2e.installed import READERS, document
from tests.e2e.test_terraform_life import versions
from tests.provider.conftest import Elsewhere

ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
STAGED = READERS.replace("= true", "= false")


def plain(text: str) -> str:
    """Without the frames and line breaks of Terraform."""
    return " ".join(text.replace("│", " ").split())


def test_two_that_want_the_default(workspace: installed.Workspace, readers: Elsewhere) -> None:
    other = READERS.replace('"readers" {', '"other" {').replace("oss:Get*", "oss:List*")
    refused = workspace.plan(READERS + other)
    assert refused.status == 1
    assert "Two versions of policy readers want to be its default version" in plain(refused.text)
    assert workspace.apply(READERS).status == 0
    refused = workspace.plan(READERS + other)
    assert refused.status == 1
    assert workspace.apply(READERS + other.replace("= true", "= false")).status == 0
    moved = workspace.apply(STAGED + other)
    assert moved.status == 0, moved.text
    assert versions(readers) == {"v1": False, "v2": False, "v3": True}
    replaced = workspace.run("plan", "-no-color", "-input=false", "-replace=alipolicy_policy_version.other")
    assert "want to be its default" not in plain(replaced.text)


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
