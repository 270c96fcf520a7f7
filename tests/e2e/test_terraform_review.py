"""A real Terraform's plans are decided: promote, change, demote, destroy, and what others switched."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.ram.access import Verdict
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import AccessReview, Report
from constructs_lib.review.reviewing import review
from tests.e2e.installed import PLANNED
from tests.provider.conftest import Elsewhere, Workspace
from tests.provider.test_policy_version import HCL, NAME, document
from tests.review.configurations import AT, codes, message

STAGED = HCL.replace("= true", "= false")
CHANGED = HCL.replace("oss:Get*", "oss:List*")
SECOND = CHANGED.replace('"readers"', '"next"')


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default version, which allows all of OSS."""
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


@pytest.fixture
def terraform(own_process: Workspace, policy: Elsewhere) -> Workspace:
    return own_process


def reviewed(workspace: Workspace, configuration: str, *arguments: str) -> Report:
    """The review of the plan for a configuration; it is not applied."""
    planned = workspace.plan(configuration, f"-out={PLANNED}", *arguments)
    assert planned.status == 2, planned.text
    path = Path(workspace.directory, "plan.json")
    path.write_text(workspace.run("show", "-json", PLANNED).stdout)
    return review(read_input(path), at=AT)


def access(report: Report) -> AccessReview:
    (found,) = [resource.access for resource in report.resources() if resource.access]
    return found


def test_a_life_is_decided_plan_by_plan(terraform: Workspace) -> None:
    terraform.change(STAGED)
    promoted = access(reviewed(terraform, HCL))
    assert (promoted.verdict, promoted.against) == (Verdict.NARROWER, "v1")
    terraform.change(HCL)

    changed = access(reviewed(terraform, CHANGED))
    assert (changed.verdict, changed.against) == (Verdict.CHANGED, None)
    terraform.change(CHANGED)

    demoted = reviewed(terraform, CHANGED.replace("= true", "= false"))
    assert access(demoted).verdict is Verdict.CHANGED
    assert message(demoted, "RV324").endswith("; v2 takes over")

    destroyed = reviewed(terraform, CHANGED, "-destroy")
    assert access(destroyed).verdict is Verdict.WIDER
    assert message(destroyed, "RV325").endswith("; v1 takes over as the default version")
    assert not {"RV222", "RV224"} & {*codes(demoted), *codes(destroyed)}


def test_what_others_switched_is_what_a_promotion_is_compared_with(
    terraform: Workspace, policy: Elsewhere
) -> None:
    terraform.change(HCL)
    policy.create_policy_version(NAME, document("oss:Put*"), set_as_default=True)
    put_right = access(reviewed(terraform, HCL))
    assert (put_right.verdict, put_right.against) == (Verdict.CHANGED, "v3")


def test_a_version_that_another_resource_makes_the_default_is_compared_with_the_one_until_then(
    terraform: Workspace,
) -> None:
    terraform.change(HCL)
    moved_on = reviewed(terraform, STAGED + SECOND)
    assert access(moved_on).verdict is Verdict.CHANGED
    assert access(moved_on).against == "v2"
    assert "RV222" not in codes(moved_on)


def test_a_plan_without_changes_has_none_because_of_the_default_version(terraform: Workspace) -> None:
    terraform.change(STAGED, STAGED + SECOND)
    assert terraform.plan(STAGED + SECOND).status == 0
