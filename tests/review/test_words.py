"""The words of findings: long lists are cut and the rest is counted, and no name is lost meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from constructs_lib.ram.access import AccessComparison, Verdict
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.non_default_versions import LatentAccess, latent_access
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.risks import Opened
from constructs_lib.review import access_comparison, attachments, plan_checks
from constructs_lib.review.access_change_checks import (
    AccessChange,
    NonDefaultVersions,
    default_switched,
    non_default_grants_more,
)
from constructs_lib.review.configuration_change_checks import command_changed, other_provider
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.other_changes import is_of_concern
from constructs_lib.review.loading.resource import Drift, Surrounding, SurroundingChange, SurroundingKind
from constructs_lib.review.plan_checks import DriftOfPolicy
from constructs_lib.review.report import AccessReview, Action
from tests.review.configurations import allow, change, document, message, plan, reviewed, written
from tests.review.test_attachments import READER
from tests.review.test_sources import binding, policy, side


def names(count: int) -> list[str]:
    return [f"x{number}" for number in range(count)]


def version(action: str, **props: Any) -> PolicyVersionProps:
    return PolicyVersionProps(policy_name="P", policy_document=document(allow(action)), **props)


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


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, "; and more")])
def test_five_things_that_somebody_changed_are_named(tmp_path: Path, count: int, more: str) -> None:
    content = plan(change("alicloud_ram_policy", READER, READER, "no-op"))
    (resource,) = read_input(written(tmp_path, "plan.json", content)).new.resources
    drift = DriftOfPolicy(Drift(resource, resource, tuple(names(count))), is_put_back=False)
    assert drift.problem("", "").received == f"outside of Terraform, {'; '.join(names(5))}{more}"
    made = DriftOfPolicy(Drift(None, resource, ()), is_put_back=False)
    assert made.problem("", "").received == "outside of Terraform, somebody created it"


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


def test_a_version_that_may_grant_more_is_named_where_that_is_undecided() -> None:
    unknown = AccessComparison((), (), "too much")
    latent = LatentAccess("v2", unknown, unknown, Opened(()))
    (finding,) = non_default_grants_more(NonDefaultVersions(default="v4", versions=(latent,)))
    assert finding.received == "v2 may grant more; the default version is v4"


@pytest.mark.parametrize(("takes_over", "more"), [(None, ""), ("v3", "; v3 takes over")])
def test_what_takes_over_from_a_demoted_version_is_named_where_it_is_known(
    takes_over: str | None, more: str
) -> None:
    before, after = (version("*", set_as_default=is_default) for is_default in (True, False))
    switched = AccessChange(
        before=before,
        after=after,
        action=Action.CHANGED,
        access=AccessReview(verdict=Verdict.EQUIVALENT),
        is_new_document=False,
        is_whole_policy=False,
        takes_over=takes_over,
    )
    (finding,) = default_switched(switched)
    assert finding.received == f"the version is staged, and not the default{more}"
    (finding,) = default_switched(evolve(switched, before=after, after=before, takes_over=None))
    assert finding.received == "the version becomes the default"


@pytest.mark.parametrize("name", ["compare", "compare_denials", "opened"])
def test_one_comparison_that_is_undecided_leaves_the_verdict_undecided(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    whole = getattr(access_comparison, name)
    monkeypatch.setattr(access_comparison, name, lambda *sides: evolve(whole(*sides), undecided="too much"))
    review = access_comparison.Accesses().review(version("oss:Get*"), version("oss:*"))
    assert (review.verdict, review.undecided) == (Verdict.UNDECIDED, "too much")


def surrounding(kind: SurroundingKind, shown: str) -> Surrounding:
    return Surrounding(
        kind=kind, stack="s", address="a.b", name=shown, shown=shown, file="new.tf.json", parts=()
    )


@pytest.mark.parametrize(
    ("is_before", "is_after", "what"), [(0, 1, "is new"), (1, 1, "has changed"), (1, 0, "is gone")]
)
def test_what_became_of_a_command_is_said(is_before: int, is_after: int, what: str) -> None:
    one = surrounding(SurroundingKind.COMMAND, "")
    command = SurroundingChange(one if is_before else None, one if is_after else None)
    (finding,) = command_changed((command, "d"))
    assert finding.received == f"not judged: a.b runs commands or actions, and {what}"


@pytest.mark.parametrize(("source", "which"), [("x/y", ", before a/b"), ("a/b", " with other arguments")])
def test_what_became_of_a_provider_is_said(source: str, which: str) -> None:
    sides = (surrounding(SurroundingKind.PROVIDER, each) for each in ("a/b", source))
    (finding,) = other_provider((SurroundingChange(*sides), "d"))
    assert finding.received == f"a.b is {source}{which}"


def test_what_is_reviewed_is_of_concern() -> None:
    assert all(map(is_of_concern, RESOURCE_TYPES))
