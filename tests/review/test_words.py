"""The words of findings: long lists are cut and the rest is counted, and no name is lost meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.non_default_versions import latent_access
from constructs_lib.review import attachments, plan_checks
from constructs_lib.review.access_change_checks import NonDefaultVersions, non_default_grants_more
from constructs_lib.review.loading.resource import Drift
from constructs_lib.review.plan_checks import DriftOfPolicy
from tests.review.configurations import message, reviewed
from tests.review.test_sources import binding, policy, side


def names(count: int) -> list[str]:
    return [f"x{number}" for number in range(count)]


@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, " and 1 more")])
def test_ten_who_have_a_policy_are_named(count: int, more: str) -> None:
    (finding,) = attachments.holders_named(tuple(names(count)))
    assert finding.received == f"what changes is for {', '.join(names(10))}{more}"


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, "; and 1 more")])
def test_five_reasons_are_named(count: int, more: str) -> None:
    (finding,) = plan_checks.not_shown(names(count))
    assert finding.received == f"{'; '.join(names(5))}{more}"


@pytest.mark.parametrize(("count", "more"), [(6, ""), (7, " and 1 other type"), (8, " and 2 other types")])
def test_six_types_are_named(count: int, more: str) -> None:
    (finding,) = plan_checks.unrelated(dict.fromkeys(names(count), 1))
    assert finding.received == f"{count} changes, not judged: 1 {', 1 '.join(names(6))}{more}"


@pytest.mark.parametrize(("count", "more"), [(6, ""), (7, " and 1 other source")])
def test_six_sources_are_named(tmp_path: Path, count: int, more: str) -> None:
    bindings = {name: binding(data_source_id=name) for name in names(count)}
    report = reviewed(tmp_path, *(side({"p": policy(days)}, bindings) for days in (90, 30)))
    listed = ", ".join(f'OSS "{name}"' for name in names(6))
    assert message(report, "RV563") == f"bound to it: {listed}{more}"


def test_what_somebody_made_or_removed_is_said() -> None:
    drift = DriftOfPolicy(Drift(None, None, ()), is_put_back=False)
    assert drift.problem("", "").received == "outside of Terraform, somebody removed it"


def test_every_version_that_may_grant_more_is_named() -> None:
    allows = PolicyDocument([PolicyStatement(effect="Allow", actions=["oss:*"], resources=["*"])])
    versions = tuple(latent_access({"v2": allows}, PolicyDocument([])))
    others = NonDefaultVersions(default="v4", versions=versions, unreadable=("v1", "v3"))
    (finding,) = non_default_grants_more(others)
    v2, *rest = finding.received.split("; ")
    assert v2.startswith("v2 grants more than the default version (1 grant, such as oss:")
    assert rest == ["v1 cannot be compared", "v3 cannot be compared", "the default version is v4"]
