"""What takes effect, not what a resource says: the default version of a policy before and after a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.ram.access import Verdict
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import AccessReview, Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    change,
    codes,
    configuration,
    document,
    message,
    only,
    plan,
    ram_policy,
    reviewed,
    transition,
    written,
)

CASES = Path(__file__).parents[1] / "data" / "review"
KIND = "alipolicy_policy_version"
READ, WRITE, ADMIN = "oss:GetObject", ["oss:GetObject", "oss:PutObject"], "*"


def of_case(name: str) -> Report:
    path = CASES / name
    if path.is_dir():
        return review(read_input(path / "new.tf.json", path / "old.tf.json"), at=AT)
    return review(read_input(path), at=AT)


def decided(report: Report) -> AccessReview:
    """The one comparison of what takes effect."""
    (access,) = [resource.access for resource in report.resources() if resource.access]
    return access


def version(actions: Any, *, is_default: bool = False, **others: Any) -> dict[str, Any]:
    return ram_policy(allow(actions), set_as_default=is_default, **others)


def in_plan(actions: Any, version_id: str, *, is_default: bool, **others: Any) -> dict[str, Any]:
    """A version as a refreshed state has it."""
    own = {"version_id": version_id, "is_default_version": is_default}
    return {**version(actions, is_default=is_default), **own, **others}


def named(version_id: str, actions: Any) -> dict[str, str]:
    """A version as the provider names it in an attribute."""
    return {"version_id": version_id, "policy_document": document(allow(actions))}


def of_plan(tmp_path: Path, *changes: dict[str, Any]) -> Report:
    return review(read_input(written(tmp_path, "plan.json", plan(*changes))), at=AT)


def versions(**bodies: dict[str, Any]) -> dict[str, Any]:
    return configuration(**{f"{KIND}__{name}": body for name, body in bodies.items()})


# ------------------------------------------------------------ a plan that does not name the default version


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("version-promoted.json", {"RV221", "RV222", "RV324"}),
        ("version-demoted.json", {"RV222", "RV324"}),
        ("version-in-force-destroyed.json", {"RV222", "RV325"}),
        ("moved-version", {"RV221", "RV222", "RV325"}),
    ],
)
def test_a_default_version_that_is_not_on_the_page_leaves_it_undecided(case: str, expected: set[str]) -> None:
    report = of_case(case)
    assert expected <= set(codes(report))
    assert decided(report).verdict is Verdict.UNDECIDED
    assert report.fails(Level.ERROR)
    (finding,) = [finding for finding in report.all_findings() if finding.code == "RV222"]
    assert "alipolicy_policy_versions" in finding.hint


def test_a_version_that_gets_another_policy_is_undecided_in_both(tmp_path: Path) -> None:
    reason = decided(of_case("moved-version")).undecided
    assert reason is not None
    assert "which version of policy Interns was the default" in reason
    assert "which version of policy Admins takes over" in reason


def test_a_version_that_gets_another_policy_is_compared_with_its_default_version(tmp_path: Path) -> None:
    other = version(ADMIN, is_default=True, policy_name="Admins")
    staged, default = version(ADMIN, policy_name="Admins"), version(READ, is_default=True, policy_name="I")
    old = versions(a=staged, b=default, c=other)
    new = versions(
        a=version(ADMIN, is_default=True, policy_name="I"), b=version(READ, policy_name="I"), c=other
    )
    report = reviewed(tmp_path, new, old)
    assert decided(report).verdict is Verdict.WIDER
    assert {"RV221", "RV324"} <= set(codes(report))


def test_a_staged_version_that_is_destroyed_is_a_note() -> None:
    report = of_case("version-staged-destroyed.json")
    assert codes(report) == ["RV532"]
    assert only(report).access is None
    assert not report.fails(Level.WARNING)


@pytest.mark.parametrize(("version_id", "is_decided"), [("v2", True), ("v4", False)])
def test_a_resource_takes_along_what_it_created_before_which_may_be_the_default_version(
    tmp_path: Path, version_id: str, is_decided: bool
) -> None:
    gone = change(KIND, in_plan(READ, version_id, is_default=False), None, "delete")
    assert ("RV222" not in codes(of_plan(tmp_path, gone))) is is_decided
    default = in_plan(READ, "v3", is_default=True)
    beside = change(KIND, default, default, "no-op", address=f"{KIND}.two")
    assert codes(of_plan(tmp_path, gone, beside)) == ["RV532"]


# ------------------------------------------------------------ a plan that names it


def test_a_promotion_is_compared_with_the_default_version_that_the_provider_names(tmp_path: Path) -> None:
    before = in_plan(WRITE, "v2", is_default=False, default_version=named("v1", READ))
    report = of_plan(tmp_path, change(KIND, before, {**before, "set_as_default": True}))
    access = decided(report)
    assert (access.verdict, access.against) == (Verdict.WIDER, "v1")
    assert [grant.actions for grant in access.gained] == [("oss:PutObject",)]
    assert "RV222" not in codes(report)


def test_a_policy_variable_of_the_default_version_is_text(tmp_path: Path) -> None:
    own = document(allow(READ, "acs:oss:*:*:${acs:UserName}/*"))
    default = {"version_id": "v1", "policy_document": own}
    before = in_plan(READ, "v2", is_default=False, default_version=default, policy_document=own)
    report = of_plan(tmp_path, change(KIND, before, {**before, "set_as_default": True}))
    assert decided(report).verdict is Verdict.EQUIVALENT


def test_a_promotion_of_the_same_document_is_the_same_access(tmp_path: Path) -> None:
    before = in_plan(READ, "v2", is_default=False, default_version=named("v1", READ))
    report = of_plan(tmp_path, change(KIND, before, {**before, "set_as_default": True}))
    assert decided(report).verdict is Verdict.EQUIVALENT


def test_a_changed_document_is_compared_with_the_default_version_and_not_with_its_own(tmp_path: Path) -> None:
    before = in_plan(ADMIN, "v2", is_default=False, default_version=named("v1", READ))
    after = {**before, "set_as_default": True, "policy_document": document(allow(WRITE))}
    access = decided(of_plan(tmp_path, change(KIND, before, after)))
    assert (access.verdict, access.against) == (Verdict.WIDER, "v1")


def test_a_new_default_version_is_compared_with_the_one_that_another_resource_names(tmp_path: Path) -> None:
    staged = in_plan(READ, "v2", is_default=False, default_version=named("v3", WRITE))
    created = change(KIND, None, version(READ, is_default=True), "create")
    report = of_plan(tmp_path, change(KIND, staged, staged, "no-op", address=f"{KIND}.two"), created)
    access = decided(report)
    assert (access.verdict, access.against) == (Verdict.NARROWER, "v3")
    assert not report.fails(Level.ERROR)
    assert decided(of_plan(tmp_path, created)).verdict is Verdict.UNDECIDED


def test_a_demotion_is_compared_with_the_version_that_takes_over(tmp_path: Path) -> None:
    own = named("v2", READ)
    before = in_plan(READ, "v2", is_default=True, default_version=own, fallback_version=named("v1", ADMIN))
    after = {**before, "set_as_default": False, "default_version": named("v1", ADMIN)}
    report = of_plan(tmp_path, change(KIND, before, after))
    assert decided(report).verdict is Verdict.WIDER
    assert {"RV221", "RV324"} <= set(codes(report))
    assert message(report, "RV324") == "the version is staged, and not the default; v1 takes over"


def test_destroying_the_default_version_is_compared_with_the_one_that_takes_over(tmp_path: Path) -> None:
    own = named("v2", READ)
    before = in_plan(
        READ, "v2", is_default=True, default_version=own, fallback_version_on_destroy=named("v1", READ)
    )
    report = of_plan(tmp_path, change(KIND, before, None, "delete"))
    assert decided(report).verdict is Verdict.EQUIVALENT
    assert message(report, "RV325") == "the version is removed; v1 takes over as the default version"


def test_an_older_version_of_a_resource_may_be_the_default_that_goes_along(tmp_path: Path) -> None:
    before = in_plan(
        READ,
        "v3",
        is_default=False,
        default_version=named("v2", READ),
        fallback_version_on_destroy=named("v1", ADMIN),
    )
    report = of_plan(tmp_path, change(KIND, before, None, "delete"))
    assert decided(report).verdict is Verdict.WIDER


@pytest.mark.parametrize(
    "other",
    [
        change(KIND, in_plan(ADMIN, "v1", is_default=False), None, "delete", address=f"{KIND}.two"),
        change(KIND, None, version(ADMIN), "create", address=f"{KIND}.two"),
    ],
)
def test_a_version_that_may_go_itself_takes_over_from_nobody(tmp_path: Path, other: dict[str, Any]) -> None:
    before = in_plan(READ, "v2", is_default=True, fallback_version_on_destroy=named("v1", READ))
    report = of_plan(tmp_path, change(KIND, before, None, "delete"), other)
    assert "RV222" in codes(report)


def test_a_default_version_that_another_one_follows_is_reported_once(tmp_path: Path) -> None:
    own = named("v2", READ)
    before = in_plan(READ, "v2", is_default=True, default_version=own, fallback_version=named("v1", ADMIN))
    after = version(WRITE, is_default=True)
    report = of_plan(
        tmp_path,
        change(KIND, before, {**before, "set_as_default": False}),
        change(KIND, None, after, "create", address=f"{KIND}.two"),
    )
    access = decided(report)
    assert (access.verdict, access.against) == (Verdict.WIDER, "v2")
    assert [grant.actions for grant in access.gained] == [("oss:PutObject",)]


def test_two_answers_to_which_version_was_the_default_leave_it_undecided(tmp_path: Path) -> None:
    before = in_plan(READ, "v2", is_default=True, default_version=named("v1", ADMIN))
    report = of_plan(tmp_path, change(KIND, before, {**before, "policy_document": document(allow(WRITE))}))
    assert decided(report).verdict is Verdict.UNDECIDED


def test_what_takes_effect_between_the_destruction_and_the_creation_is_named(tmp_path: Path) -> None:
    own = named("v2", READ)
    before = in_plan(
        READ, "v2", is_default=True, default_version=own, fallback_version_on_destroy=named("v1", ADMIN)
    )
    report = of_plan(tmp_path, change(KIND, before, version(READ, is_default=True), "delete", "create"))
    assert decided(report).verdict is Verdict.EQUIVALENT
    assert "in between v1 may take effect" in message(report, "RV325")


# ------------------------------------------------------------ switched outside, or asked for twice


@pytest.mark.parametrize("actions", [["no-op"], ["update"]])
def test_a_default_version_that_was_switched_outside_is_an_error(tmp_path: Path, actions: list[str]) -> None:
    before = {**in_plan(READ, "v2", is_default=False), "set_as_default": True}
    changed = {"policy_document": document(allow(WRITE))} if actions == ["update"] else {}
    report = of_plan(tmp_path, change(KIND, before, {**before, **changed}, *actions))
    assert "RV224" in codes(report)
    assert report.fails(Level.ERROR)


def test_two_resources_that_ask_to_be_the_default_version_are_an_error(tmp_path: Path) -> None:
    old = versions(a=version(READ, is_default=True))
    new = versions(a=version(READ, is_default=True), b=version(READ, is_default=True))
    report = reviewed(tmp_path, new, old)
    assert message(report, "RV223") == f"{KIND}.a and {KIND}.b of policy reader"
    assert decided(report).verdict is Verdict.UNDECIDED


def test_versions_of_several_stacks_are_put_together_by_the_name_of_the_policy(tmp_path: Path) -> None:
    def side(name: str, a: bool, b: bool) -> Path:
        one = versions(a=version(READ, is_default=a))
        return cdktf_out(tmp_path / name, one=one, two=versions(b=version(ADMIN, is_default=b)))

    report = review(read_input(side("new", False, True), side("old", True, False)), at=AT)
    access = decided(report)
    assert (access.verdict, access.against) == (Verdict.WIDER, f"the old one of {KIND}.a")
    assert "RV222" not in codes(report)
    both = review(read_input(side("new", True, True), side("old", True, False)), at=AT)
    assert {"RV222", "RV223"} <= set(codes(both))


def test_stacks_of_one_account_have_the_same_policies(tmp_path: Path) -> None:
    def side(name: str, **bodies: dict[str, Any]) -> Path:
        account = {"provider": {"alipolicy": {"account_id": "1"}}}
        return cdktf_out(tmp_path / name, one={**account, **versions(**bodies)}, two=account)

    old, new = side("old", a=version(READ, is_default=True)), side("new", a=version(READ))
    promoted = versions(b=version(WRITE, is_default=True))
    written(new, "stacks/two/cdk.tf.json", {"provider": {"alipolicy": {"account_id": "1"}}, **promoted})
    assert decided(review(read_input(new, old), at=AT)).verdict is Verdict.WIDER


def test_two_default_versions_of_the_same_document_say_what_took_effect(tmp_path: Path) -> None:
    old = versions(a=version(READ, is_default=True), b=version(READ, is_default=True))
    report = reviewed(tmp_path, versions(b=version(WRITE, is_default=True)), old)
    assert decided(report).verdict is Verdict.WIDER


# ------------------------------------------------------------ whole policies beside versions


def test_a_policy_that_a_plan_leaves_as_it_is_asks_for_nothing(tmp_path: Path) -> None:
    whole = ram_policy(allow(READ), default_version="v1")
    promoted = change(KIND, None, version(WRITE, is_default=True), "create")
    report = of_plan(tmp_path, change("alicloud_ram_policy", whole, whole, "no-op"), promoted)
    assert decided(report).verdict is Verdict.WIDER
    assert not {"RV222", "RV223"} & set(codes(report))


def test_a_version_may_be_beside_the_policy_that_terraform_leaves_alone(tmp_path: Path) -> None:
    whole = ram_policy(allow(READ), lifecycle={"ignore_changes": ["policy_document"]})
    side = {"ram__p": whole, f"{KIND}__a": version(READ, is_default=True)}
    changed = {**side, f"{KIND}__a": version(WRITE, is_default=True)}
    report = reviewed(tmp_path, configuration(**changed), configuration(**side))
    assert decided(report).verdict is Verdict.WIDER
    assert not {"RV222", "RV223"} & set(codes(report))
    without = {key: {**body, "lifecycle": {}} for key, body in changed.items()}
    assert "RV223" in codes(reviewed(tmp_path, configuration(**without), configuration(**side)))


def test_a_policy_that_terraform_leaves_alone_from_now_on_stays_as_it_is(tmp_path: Path) -> None:
    whole = ram_policy(allow(READ))
    left_alone = {**whole, "lifecycle": {"ignore_changes": ["policy_document"]}}
    report = reviewed(tmp_path, configuration(ram__p=left_alone), configuration(ram__p=whole))
    assert only(report).action is Action.CHANGED
    assert "RV222" not in codes(report)


def test_a_policy_that_is_destroyed_takes_its_versions_along(tmp_path: Path) -> None:
    old = {"ram__p": ram_policy(allow(READ)), f"{KIND}__a": version(WRITE)}
    report = reviewed(tmp_path, configuration(), configuration(**old))
    assert [access.verdict for access in [decided(report)]] == [Verdict.NARROWER]
    kept = configuration(**{f"{KIND}__a": version(WRITE)})
    assert "RV222" in codes(reviewed(tmp_path, kept, configuration(**old)))


# ------------------------------------------------------------ approvals


def deltas(report: Report) -> list[str | None]:
    return [resource.delta for resource in report.resources()]


def test_an_approval_covers_the_version_that_is_compared_with() -> None:
    first, second = of_case("appr1"), of_case("appr2")
    approvals = [delta for delta in deltas(first) if delta]
    assert not set(approvals) & set(deltas(second))
    path = CASES / "appr2"
    again = review(read_input(path / "new.tf.json", path / "old.tf.json"), at=AT, approve=approvals)
    assert again.fails(Level.ERROR)


def test_an_approval_covers_the_version_that_takes_over(tmp_path: Path) -> None:
    def destroyed(fallback: Any) -> Report:
        before = in_plan(READ, "v2", is_default=True, fallback_version_on_destroy=named("v1", fallback))
        return of_plan(tmp_path, change(KIND, before, None, "delete"))

    assert deltas(destroyed(WRITE)) != deltas(destroyed(ADMIN))


# ------------------------------------------------------------ renames


def renamed(tmp_path: Path, new: dict[str, Any], old: dict[str, Any]) -> tuple[Report, str]:
    """The report, and what to add to the configuration."""
    report = reviewed(tmp_path, configuration(**new), configuration(**old))
    (finding,) = [finding for finding in report.all_findings() if finding.code == "RV332"]
    return report, finding.hint.removeprefix("Add ").removesuffix(" to the configuration to keep it.")


def test_a_policy_that_gets_another_address_is_recognised(tmp_path: Path) -> None:
    body = ram_policy(allow(WRITE))
    report, hint = renamed(tmp_path, {"ram__b": body}, {"ram__a": body})
    resource = only(report)
    assert (resource.action, resource.old_address) == (Action.REPLACED, "alicloud_ram_policy.a")
    assert decided(report).verdict is Verdict.EQUIVALENT
    assert codes(report) == ["RV325", "RV332"]
    assert json.loads(hint) == {"moved": [{"from": "alicloud_ram_policy.a", "to": "alicloud_ram_policy.b"}]}


def test_the_moved_block_that_is_written_out_avoids_it(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition())
    for new_type in ("hbr", "alipolicy_backup_policy"):
        old, new = {"hbr__a": policy}, {f"{new_type}__b": policy}
        report, hint = renamed(tmp_path, new, old)
        assert "RV207" in codes(report)
        moved = reviewed(tmp_path, configuration(**new) | json.loads(hint), configuration(**old))
        assert (only(moved).action, codes(moved)) == (Action.UNCHANGED, [])


def test_a_version_that_gets_another_address_is_the_same_afterwards(tmp_path: Path) -> None:
    body = version(WRITE, is_default=True)
    report, _ = renamed(tmp_path, {f"{KIND}__b": body}, {f"{KIND}__a": body})
    assert decided(report).verdict is Verdict.EQUIVALENT
    assert {"RV325", "RV332"} <= set(codes(report))


@pytest.mark.parametrize("text", [READ, WRITE])
def test_a_version_is_recognised_with_another_document_and_in_another_stack(
    tmp_path: Path, text: Any
) -> None:
    before = configuration(**{f"{KIND}__a": version(WRITE, is_default=True)})
    after = configuration(**{f"{KIND}__b": version(text, is_default=True)})
    document = "the same document" if text is WRITE else "another document"
    report = reviewed(tmp_path, after, before)
    gone = f"{KIND}.a is destroyed, and {KIND}.b is created"
    assert message(report, "RV332") == f"{gone} with {document}"
    assert only(report).action is Action.REPLACED

    old, new = cdktf_out(tmp_path / "o", x=before, y={}), cdktf_out(tmp_path / "n", x={}, y=after)
    elsewhere = review(read_input(new, old), at=AT)
    assert message(elsewhere, "RV332") == f"{gone} in stack y with {document}"
    assert '"removed"' in next(each.hint for each in elsewhere.all_findings() if each.code == "RV332")


@pytest.mark.parametrize(
    ("kind", "id"), [("alicloud_ram_policy", "reader"), (KIND, "reader:VERSION"), ("hbr", "POLICY_ID")]
)
def test_a_policy_is_imported_into_another_stack_by_its_own_id(tmp_path: Path, kind: str, id: str) -> None:
    body = backup_policy(backup_rule()) if kind == "hbr" else version(WRITE, is_default=True)
    old = cdktf_out(tmp_path / "o", x=configuration(**{f"{kind}__a": body}), y={})
    new = cdktf_out(tmp_path / "n", x={}, y=configuration(**{f"{kind}__b": body}))
    findings = review(read_input(new, old), at=AT).all_findings()
    (hint,) = [finding.hint for finding in findings if finding.code == "RV332"]
    assert f'"id": "{id}"}}' in hint


def test_a_backup_policy_is_imported_into_another_type_by_the_id_that_it_has(tmp_path: Path) -> None:
    """What cannot be moved: ours back to the official one."""
    body = backup_policy(backup_rule(), transition())
    report = of_plan(
        tmp_path,
        change("alipolicy_backup_policy", {**body, "id": "po-1"}, None, "delete"),
        change("alicloud_hbr_policy", None, body, "create"),
    )
    (finding,) = [finding for finding in report.all_findings() if finding.code == "RV332"]
    assert '"import": [{"to": "alicloud_hbr_policy.one", "id": "po-1"}]' in finding.hint
    assert "Terraform 1.8" not in finding.received
    moved, _ = renamed(tmp_path, {"alipolicy_backup_policy__b": body}, {"hbr__a": body})
    assert message(moved, "RV332").endswith("is created; to move it between types needs Terraform 1.8")


def test_two_versions_that_come_and_go_are_not_mistaken_for_one_another(tmp_path: Path) -> None:
    report = reviewed(
        tmp_path,
        configuration(**{f"{KIND}__b": version(READ), f"{KIND}__d": version(WRITE)}),
        configuration(**{f"{KIND}__a": version("oss:List*"), f"{KIND}__c": version("oss:Put*")}),
    )
    assert {resource.action for resource in report.resources()} == {Action.ADDED, Action.REMOVED}


def test_two_default_versions_in_two_stacks_are_named_with_these(tmp_path: Path) -> None:
    body = configuration(**{f"{KIND}__a": version(READ, is_default=True)})
    report = review(read_input(cdktf_out(tmp_path, one=body, two=body)), at=AT)
    assert message(report, "RV223").startswith(f"{KIND}.a of stack one and {KIND}.a of stack two")


def test_a_policy_of_another_type_is_recognised_and_what_takes_effect_is_undecided(tmp_path: Path) -> None:
    report, hint = renamed(
        tmp_path, {f"{KIND}__b": version(READ, is_default=True)}, {"ram__a": ram_policy(allow(READ))}
    )
    assert {"RV222", "RV325"} <= set(codes(report))
    assert message(report, "RV325").startswith("the policy is destroyed")
    assert json.loads(hint) == {
        "removed": [{"from": "alicloud_ram_policy.a", "lifecycle": {"destroy": False}}],
        "import": [{"to": f"{KIND}.b", "id": "reader:VERSION"}],
    }


def test_other_policies_with_the_same_content_are_no_rename(tmp_path: Path) -> None:
    report = reviewed(
        tmp_path,
        configuration(ram__b=ram_policy(allow(READ), policy_name="other")),
        configuration(ram__a=ram_policy(allow(READ))),
    )
    assert {resource.action for resource in report.resources()} == {Action.ADDED, Action.REMOVED}
