"""Which version is the default one while Terraform makes the new resource before it destroys the old."""

from __future__ import annotations

import pytest

from tests.provider.conftest import Elsewhere, Workspace
from tests.provider.test_policy_version import HCL, NAME, document, versions


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default version."""
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


@pytest.mark.parametrize("way", ["create_before_destroy", "another key of for_each"])
def test_what_takes_the_place_of_a_version_knows_which_version_was_the_default_before_that(
    own_process: Workspace, policy: Elsewhere, way: str
) -> None:
    created = HCL.replace("= true", "= true\n  lifecycle { create_before_destroy = true }")
    keyed = HCL.replace("= true", '= true\n  for_each = toset(["KEY"])')
    for number in range(3):
        # The new one comes first.
        named = created if way == "create_before_destroy" else keyed.replace("KEY", f"k{9 - number}")
        own_process.write(named)
        arguments = ["-replace=alipolicy_policy_version.readers"] if named == created and number else []
        applied = own_process.run("apply", "-auto-approve", "-no-color", "-parallelism=1", *arguments)
        assert applied.status == 0, applied.text
    assert versions(policy) == {"v1": False, "v4": True}
    destroyed = own_process.destroy()
    assert destroyed.status == 0, destroyed.text
    assert versions(policy) == {"v1": True}
    assert not list(own_process.directory.glob(".terraform/alipolicy/*.jsonl"))
