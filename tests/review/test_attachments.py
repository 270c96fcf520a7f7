"""Who gets a policy, and who loses one: attachments, in files and in plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.ram.access import Verdict
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Level, Report, ResourceReview
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    change,
    codes,
    configuration,
    document,
    message,
    plan,
    ram_policy,
    reviewed,
    written,
)

USER = "alicloud_ram_user_policy_attachment"
READER = ram_policy(allow("oss:GetObject", "acs:oss:*:*:b/*"))
ALL = ram_policy(allow("*"))
DENYING = ram_policy({"Effect": "Deny", "Action": "oss:*", "Resource": "*"})


def attachment(user: str = "alice", policy: str = "reader", kind: str = "Custom") -> Json:
    return {"user_name": user, "policy_name": policy, "policy_type": kind}


def side(policy: Json | None, *attachments: Json) -> Json:
    bodies = {f"{USER}__a{number}": body for number, body in enumerate(attachments)}
    return configuration(**bodies, **({"ram__x": policy} if policy else {"ram__other": {"policy_name": "o"}}))


def of(report: Report, address: str) -> ResourceReview:
    (resource,) = [each for each in report.resources() if each.address == address]
    return resource


@pytest.mark.parametrize(
    ("policy", "attached", "expected"),
    [
        (READER, attachment(), ["RV255"]),
        (ALL, attachment(), ["RV221", "RV255"]),
        (DENYING, attachment(), ["RV311"]),
        (None, attachment(), ["RV255"]),
        (READER, attachment(policy="AdministratorAccess", kind="System"), ["RV221", "RV255"]),
        (READER, attachment(policy="AliyunOSSFullAccess", kind="System"), ["RV255"]),
        (READER, attachment(policy="${alicloud_ram_policy.x.id}"), ["RV255"]),
        (READER, attachment(policy="${alicloud_ram_policy.x.policy_name}"), ["RV255"]),
    ],
)
def test_an_added_attachment_gives_all_that_the_policy_allows(
    tmp_path: Path, policy: Any, attached: Json, expected: list[str]
) -> None:
    report = reviewed(tmp_path, side(policy, attached), side(policy))
    assert codes(report) == expected
    assert "alice" in report.stacks[0].resources[0].findings[0].received or expected[0] == "RV221"


@pytest.mark.parametrize(
    ("policy", "attached", "expected"),
    [
        (READER, attachment(), ["RV311"]),
        (DENYING, attachment(), ["RV212"]),
        (None, attachment(), ["RV211"]),
        (READER, attachment(policy="AdministratorAccess", kind="System"), ["RV311"]),
        (READER, attachment(policy="AliyunOSSFullAccess", kind="System"), ["RV211"]),
        (READER, attachment(policy="${alicloud_ram_policy.x.id}"), ["RV311"]),
    ],
)
def test_a_removed_attachment_takes_access_or_lifts_a_deny(
    tmp_path: Path, policy: Any, attached: Json, expected: list[str]
) -> None:
    assert codes(reviewed(tmp_path, side(policy), side(policy, attached))) == expected


def test_an_attachment_of_somebody_else_is_both(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(READER, attachment("bob")), side(READER, attachment("alice")))
    assert codes(report) == ["RV255", "RV311"]
    assert "bob" in message(report, "RV255")
    assert "alice" in message(report, "RV311")


def test_the_old_name_of_a_policy_is_another_policy_from_then_on(tmp_path: Path) -> None:
    new = side({**DENYING, "policy_name": "writer"}, attachment(policy="reader"))
    received = message(reviewed(tmp_path, new, side(DENYING)), "RV255")
    assert received.endswith("is not known: neither the files nor the plan have the policy")


def test_a_new_policy_that_is_attached_is_told_once_and_names_who(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(ALL, attachment()), side(None))
    assert codes(report).count("RV221") == 1
    assert message(report, "RV255").endswith("what it allows is new, see alicloud_ram_policy.x")
    assert message(report, "RV511") == 'what changes is for the user "alice"'


def test_a_policy_that_opens_everything_and_is_attached_is_told_once(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(ALL, attachment()), side(READER))
    assert codes(report).count("RV221") == 1
    assert message(report, "RV255").endswith("what it allows is new, see alicloud_ram_policy.x")


def test_a_changed_policy_names_who_it_is_attached_to_and_who_is_in_the_group(tmp_path: Path) -> None:
    def of_group(policy: Json) -> Json:
        return configuration(
            ram__x=policy,
            alicloud_ram_group_policy_attachment__g={
                "group_name": "ops",
                "policy_name": "${alicloud_ram_policy.x.policy_name}",
                "policy_type": "Custom",
            },
            alicloud_ram_group_membership__g={"group_name": "ops", "user_names": ["bob", "carol"]},
        )

    report = reviewed(tmp_path, of_group(ALL), of_group(READER))
    assert message(report, "RV511") == 'what changes is for the group "ops" with 2 users ("bob", "carol")'


def test_a_plan_names_who_is_in_the_group_that_has_a_changed_policy(tmp_path: Path) -> None:
    attached = {"group_name": "ops", "policy_name": "reader", "policy_type": "Custom"}
    members = {"group_name": "ops", "user_names": ["bob", "carol"]}
    report = of_plan(
        tmp_path,
        change("alicloud_ram_policy", READER, ALL, address="alicloud_ram_policy.x"),
        change("alicloud_ram_group_policy_attachment", attached, attached, "no-op"),
        change("alicloud_ram_group_membership", members, members, "no-op"),
    )
    assert message(report, "RV511") == 'what changes is for the group "ops" with 2 users ("bob", "carol")'


def test_a_user_has_no_members_though_a_group_is_called_alike(tmp_path: Path) -> None:
    members = {"alicloud_ram_group_membership__g": {"group_name": "ops", "user_names": ["bob"]}}
    sides = (
        configuration(ram__x=policy, **{f"{USER}__a": attachment("ops")}, **members)
        for policy in (ALL, READER)
    )
    assert message(reviewed(tmp_path, *sides), "RV511") == 'what changes is for the user "ops"'


def test_a_policy_that_goes_is_not_there_for_who_gets_it(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(None, attachment()), side(READER))
    assert message(report, "RV255").endswith("what it allows is not known: there is no such policy here")


def test_what_a_policy_allows_is_not_all_new_where_it_is_not_known_what_it_allowed(tmp_path: Path) -> None:
    def staged(*, is_default: bool) -> Json:
        return {**ALL, "set_as_default": is_default}

    old = configuration(alipolicy_policy_version__x=staged(is_default=False))
    new = configuration(alipolicy_policy_version__x=staged(is_default=True), **{f"{USER}__a": attachment()})
    received = message(reviewed(tmp_path, new, old), "RV255")
    assert "1 grant, such as" in received


def test_the_delta_of_a_policy_and_of_an_attachment_cover_each_other(tmp_path: Path) -> None:
    def delta(name: str, address: str, new: Json, old: Json) -> str | None:
        return of(reviewed(tmp_path / name, new, old), address).delta

    alice, bob = attachment(), attachment("bob")
    policy = "alicloud_ram_policy.x"
    assert delta("a", policy, side(ALL, alice), side(READER, alice)) != delta(
        "b", policy, side(ALL, bob), side(READER, bob)
    )
    attached = f"{USER}.a0"
    assert delta("c", attached, side(ALL, alice), side(ALL)) != delta(
        "d", attached, side(READER, alice), side(READER)
    )
    assert delta("e", attached, side(ALL, alice), side(DENYING)) != delta(
        "f", attached, side(READER, alice), side(DENYING)
    )
    assert delta("g", attached, side(DENYING), side(ALL, alice)) != delta(
        "h", attached, side(DENYING), side(READER, alice)
    )


@pytest.mark.parametrize("is_new", [True, False])
def test_who_has_a_policy_is_found_by_reference_on_its_own_side(tmp_path: Path, *, is_new: bool) -> None:
    named = {**READER, "policy_name": "${var.name}"}
    by_reference = attachment(policy="${alicloud_ram_policy.x.policy_name}")
    variable = {"variable": {"name": {"type": "string"}}}
    sides = [{**side(named, by_reference), **variable}, {**side(None), **variable}]
    report = reviewed(tmp_path, *(sides if is_new else reversed(sides)))
    assert message(report, "RV511") == 'what changes is for the user "alice"'


def test_the_policy_of_another_account_is_another_policy(tmp_path: Path) -> None:
    def two(provider: str | None) -> Json:
        extra = {"provider": provider} if provider else {}
        content = configuration(
            ram__x=READER,
            ram__y={**ALL, "provider": "alicloud.b"},
            **({f"{USER}__a": {**attachment(), **extra}} if provider is not None else {}),
        )
        return {**content, "provider": {"alicloud": [{}, {"alias": "b", "profile": "b"}]}}

    first = reviewed(tmp_path / "a", two(""), two(None))
    assert codes(first) == ["RV255"]
    assert codes(reviewed(tmp_path / "b", two("alicloud.b"), two(None))) == ["RV221", "RV255"]


def test_without_an_old_side_an_attachment_counts_as_added(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(READER, attachment(policy="AdministratorAccess", kind="System")))
    assert {"RV221", "RV255"} <= set(codes(report))


def test_an_attachment_that_follows_a_policy_to_its_new_name_loses_what_is_known(tmp_path: Path) -> None:
    attached = attachment(policy="${alicloud_ram_policy.x.policy_name}")
    report = reviewed(tmp_path, side({**READER, "policy_name": "other"}, attached), side(READER, attached))
    assert codes(report) == ["RV255", "RV311", "RV325"]


# ------------------------------------------------------------ plans


def of_plan(folder: Path, *changes: Json, **others: Any) -> Report:
    return review(read_input(written(folder, "plan.json", {**plan(*changes), **others})), at=AT)


def configured(address: str, **others: Any) -> Json:
    return {"address": address, "type": address.split(".")[0], **others}


def test_a_plan_names_who_has_the_policy_that_changes(tmp_path: Path) -> None:
    report = of_plan(
        tmp_path,
        change("alicloud_ram_policy", READER, ALL),
        change(USER, attachment(), attachment(), "no-op"),
    )
    assert message(report, "RV511") == 'what changes is for the user "alice"'


def test_the_name_of_a_new_policy_is_known_from_what_the_plan_says_it_refers_to(tmp_path: Path) -> None:
    references = {"references": ["alicloud_ram_policy.one.id", "alicloud_ram_policy.one"]}
    attached = configured(f"{USER}.one", expressions={"policy_name": references})
    text = {"configuration": {"root_module": {"resources": [attached]}}}
    unknown = {**attachment(), "policy_name": None}
    added = change(USER, None, unknown, "create", unknown={"policy_name": True, "id": True})
    report = of_plan(tmp_path, change("alicloud_ram_policy", None, ALL, "create"), added, **text)
    assert message(report, "RV255").endswith("what it allows is new, see alicloud_ram_policy.one")
    assert message(report, "RV511") == 'what changes is for the user "alice"'


def test_in_the_one_account_of_a_plan_an_attachment_finds_its_policy(tmp_path: Path) -> None:
    """Whether it names the policy, or refers to it."""
    policy, names = "alicloud_ram_policy.one", (f"{USER}.one", f"{USER}.two")
    references = {"references": [f"{policy}.id", policy]}
    listed = [configured(address, provider_config_key="alicloud") for address in (policy, *names)]
    listed[1]["expressions"] = {"policy_name": references}
    account = {"name": "alicloud", "expressions": {"profile": {"constant_value": "x"}}}
    root = {"provider_config": {"alicloud": account}, "root_module": {"resources": listed}}
    unknown = {**attachment(), "policy_name": None}
    added = [
        change(USER, None, unknown, "create", unknown={"policy_name": True}),
        {**change(USER, None, attachment("bob"), "create"), "address": names[1]},
    ]
    created = change("alicloud_ram_policy", None, ALL, "create")
    report = of_plan(tmp_path, created, *added, configuration=root)
    for name in names:
        (received,) = [each.received for each in of(report, name).findings if each.code == "RV255"]
        assert received.endswith(f"what it allows is new, see {policy}")


def test_what_is_let_go_and_made_anew_is_added(tmp_path: Path) -> None:
    before, after = attachment(policy="reader"), attachment(policy="AdministratorAccess", kind="System")
    report = of_plan(tmp_path, change(USER, before, after, "forget", "create"))
    assert codes(report) == ["RV221", "RV255", "RV541"]
    role = {"role_name": "r", "assume_role_policy_document": "{}"}
    made_anew = change(
        "alicloud_ram_role", role, {**role, "assume_role_policy_document": "x"}, "forget", "create"
    )
    assert codes(of_plan(tmp_path, made_anew)) == ["RV256", "RV541"]


def test_an_attachment_that_somebody_made_by_hand_is_named(tmp_path: Path) -> None:
    drift = change(USER, None, attachment(policy="AdministratorAccess", kind="System"), "create")
    report = of_plan(tmp_path, resource_drift=[drift])
    assert message(report, "RV255").startswith('outside of Terraform, the user "alice" now has')


def test_a_plan_with_two_accounts_has_two_policies_of_one_name(tmp_path: Path) -> None:
    def version(address: str, text: str) -> Json:
        body = {"policy_name": "P", "policy_document": text, "set_as_default": True}
        return {**change("alipolicy_policy_version", None, body, "create"), "address": address}

    one, two = "alipolicy_policy_version.one", "alipolicy_policy_version.two"
    changes = version(one, document(allow("oss:Get*"))), version(two, document(allow("oss:List*")))
    assert "RV223" in codes(of_plan(tmp_path / "a", *changes))

    def providers(**arguments: Json) -> Json:
        root = {"resources": [configured(one, provider_config_key="alipolicy")]}
        root["resources"].append(configured(two, provider_config_key="alipolicy.b"))
        aliased = {"name": "alipolicy", "alias": "b", "expressions": arguments}
        return {"configuration": {"provider_config": {"alipolicy.b": aliased}, "root_module": root}}

    assert "RV223" not in codes(
        of_plan(tmp_path / "b", *changes, **providers(profile={"constant_value": "b"}))
    )
    region = providers(region={"constant_value": "cn-beijing"})
    assert "RV223" in codes(of_plan(tmp_path / "c", *changes, **region)), "RAM is the same in every region"


def of_accounts(folder: Path, *changes: Json, places: dict[str, str], profiles: dict[str, str]) -> Report:
    """The report of a plan; `places`: the provider of each address that the configuration still has."""
    listed = [configured(address, provider_config_key=key) for address, key in places.items()]
    providers = {
        key: {"name": "alipolicy", "expressions": {"profile": {"constant_value": profile}}}
        for key, profile in profiles.items()
    }
    return of_plan(
        folder,
        *changes,
        configuration={"provider_config": providers, "root_module": {"resources": listed}},
    )


def test_a_version_that_moves_stays_in_its_account(tmp_path: Path) -> None:
    read, listing = document(allow("oss:Get*")), document(allow("oss:List*"))
    before = {"policy_name": "P", "policy_document": read, "set_as_default": True, "is_default_version": True}
    moved = {
        **change("alipolicy_policy_version", before, {**before, "policy_document": listing}),
        "address": "alipolicy_policy_version.new",
        "previous_address": "alipolicy_policy_version.old",
    }
    places = {"alipolicy_policy_version.new": "alipolicy"}
    report = of_accounts(tmp_path, moved, places=places, profiles={"alipolicy": "a"})
    assert "RV222" not in codes(report)
    access = of(report, "alipolicy_policy_version.new").access
    assert access is not None
    assert access.verdict is Verdict.CHANGED


def test_a_version_that_goes_is_of_no_certain_account(tmp_path: Path) -> None:
    body = {"policy_name": "P", "policy_document": document(allow("oss:Get*")), "set_as_default": True}
    gone = {
        **change("alipolicy_policy_version", {**body, "is_default_version": True}, None, "delete"),
        "address": "alipolicy_policy_version.gone",
    }
    come = {
        **change("alipolicy_policy_version", None, body, "create"),
        "address": "alipolicy_policy_version.come",
    }
    places = {"alipolicy_policy_version.come": "alipolicy"}
    one = of_accounts(tmp_path / "a", gone, come, places=places, profiles={"alipolicy": "a"})
    assert "RV222" not in codes(one)
    several = of_accounts(tmp_path / "b", gone, come, places=places, profiles={"alipolicy.b": "b"})
    assert several.fails(Level.ERROR)
    assert "RV222" in codes(several)


def test_access_of_an_attachment_is_compared_with_nothing(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(READER, attachment()), side(READER))
    access = of(report, f"{USER}.a0").access
    assert access is not None
    assert access.verdict is Verdict.WIDER
    assert report.fails(Level.ERROR)
