"""Versions with an ordinary history go, or the plan says why not."""

from __future__ import annotations

import json

import pytest

from tests.provider.conftest import Elsewhere, Workspace
from tests.provider.test_policy_version import HCL, NAME, document, versions


@pytest.fixture
def rotated(own_process: Workspace, elsewhere: Elsewhere) -> Workspace:
    """A workspace whose resource has rotated away all that was in the policy before it."""
    elsewhere.create_policy(NAME, document("oss:*"))
    elsewhere.create_policy("other", document("oss:*"))
    for number in range(5):
        applied = own_process.apply(HCL.replace("oss:Get*", f"oss:Get{number}"))
        assert applied.status == 0, applied.text
    return own_process


def test_rotated_then_destroyed(rotated: Workspace, elsewhere: Elsewhere) -> None:
    destroyed = rotated.destroy()
    assert destroyed.status == 0, destroyed.text
    assert "Version v6 of policy oss-readers will stay, and stay the default version" in destroyed.text
    assert versions(elsewhere) == {"v6": True}


def test_replaced_create_before_destroy(rotated: Workspace, elsewhere: Elsewhere) -> None:
    moved = HCL.replace(f'"{NAME}"', '"other"').replace(
        "= true", "= true\n  lifecycle { create_before_destroy = true }"
    )
    assert rotated.apply(moved.replace('"other"', f'"{NAME}"')).status == 0
    elsewhere.create_policy_version(
        NAME, document("oss:List*"), rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded"
    )
    refused = rotated.plan(moved)
    assert refused.status == 1
    assert "The newest other version is v8" in " ".join(refused.text.replace("│", " ").split())
    elsewhere.delete_policy_version(NAME, "v8")
    replaced = rotated.apply(moved)
    assert replaced.status == 0, replaced.text
    assert "deposed" not in json.dumps(json.loads((rotated.directory / "terraform.tfstate").read_text()))
    assert rotated.plan().status == 0
