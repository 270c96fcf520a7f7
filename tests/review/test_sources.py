"""Who is protected by which policy: bindings, and backup plans of the old kind, in files and in plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    backup_policy,
    backup_rule,
    cdktf_out,
    change,
    codes,
    configuration,
    message,
    plan,
    reviewed,
    transition,
    written,
)

TYPES = ("alicloud_hbr_policy", "alipolicy_backup_policy")
BINDING, OWN_BINDING = "alicloud_hbr_policy_binding", "alipolicy_backup_policy_binding"
OLD_PLAN = "alicloud_hbr_oss_backup_plan"


def policy(days: int = 30, name: str = "daily", **rule: Any) -> Json:
    return backup_policy(backup_rule(**rule), transition(days), policy_name=name)


def binding(policy_id: str = "${alicloud_hbr_policy.p.id}", **others: Any) -> Json:
    return {"policy_id": policy_id, "source_type": "OSS", "data_source_id": "photos", **others}


def side(
    policies: Json, bindings: Json, kind: str = TYPES[0], others: Json | None = None, bound: str = BINDING
) -> Json:
    text = {
        name: {**body, "policy_id": body["policy_id"].replace(TYPES[0], kind)}
        for name, body in bindings.items()
    }
    return {"resource": {kind: policies, bound: text}, **(others or {})}


def errors(report: Report) -> list[str]:
    return sorted(
        {each.code for each in report.all_findings() if each.level is Level.ERROR and each.is_about_change}
    )


BOTH = {"p": policy(), "q": policy(name="other")}
OTHER = "${alicloud_hbr_policy.q.id}"
# Bindings before and after, and the errors: of two policies that do the same.
CHANGES: dict[str, tuple[Json, Json, list[str]]] = {
    "removed": ({"a": binding()}, {}, ["RV254"]),
    "disabled": ({"a": binding()}, {"a": binding(disabled=True)}, ["RV254"]),
    "disabled by text": ({"a": binding()}, {"a": binding(disabled="true")}, ["RV254"]),
    "perhaps disabled": ({"a": binding()}, {"a": binding(disabled="${var.off}")}, ["RV254"]),
    "another source": ({"a": binding()}, {"a": binding(data_source_id="videos")}, ["RV254"]),
    "another source type": ({"a": binding()}, {"a": binding(source_type="NAS")}, ["RV254"]),
    "another account": ({"a": binding()}, {"a": binding(cross_account_user_id=1)}, ["RV254"]),
    "a part": ({"a": binding()}, {"a": binding(source="2026/")}, ["RV264"]),
    "another part": ({"a": binding(source="a/")}, {"a": binding(source="b/")}, ["RV264"]),
    "a wider part": ({"a": binding(source="a/b/")}, {"a": binding(source="a/")}, []),
    "a part that leads out of it": ({"a": binding(source="a/../b")}, {"a": binding(source="a/")}, ["RV264"]),
    "all of it": ({"a": binding(source="a/")}, {"a": binding()}, []),
    "left out": ({"a": binding()}, {"a": binding(exclude='["/tmp"]')}, ["RV264"]),
    "left out no more": ({"a": binding(exclude='["/tmp","/x"]')}, {"a": binding(exclude='["/x"]')}, []),
    "included only": ({"a": binding()}, {"a": binding(include='["/x"]')}, ["RV264"]),
    "one less included": ({"a": binding(include='["/x","/y"]')}, {"a": binding(include='["/x"]')}, ["RV264"]),
    "slower": ({"a": binding()}, {"a": binding(speed_limit="0:24:1")}, ["RV264"]),
    "another policy": ({"a": binding()}, {"a": binding(OTHER)}, []),
    "an unknown policy": ({"a": binding()}, {"a": binding("po-1")}, ["RV256"]),
    "one that may be unknown": (
        {"a": binding()},
        {"a": binding("${var.off ? alicloud_hbr_policy.q.id : 1}")},
        ["RV256"],
    ),
    "another address": ({"a": binding()}, {"b": binding()}, []),
    "another address and policy": ({"a": binding()}, {"b": binding(OTHER)}, []),
    "another address and part": ({"a": binding()}, {"b": binding(OTHER, source="x/")}, ["RV264"]),
    "one of two": ({"a": binding(), "b": binding(OTHER)}, {"b": binding(OTHER)}, []),
    "one of two, the other is disabled": (
        {"a": binding(), "b": binding(OTHER, disabled=True)},
        {"b": binding(OTHER, disabled=True)},
        ["RV254"],
    ),
    "one of two parts": (
        {"a": binding(), "b": binding(OTHER, source="x/")},
        {"b": binding(OTHER, source="x/")},
        ["RV264"],
    ),
    "new": ({}, {"a": binding()}, []),
    "new, and disabled": ({}, {"a": binding(disabled=True)}, ["RV256"]),
    "enabled": ({"a": binding(disabled=True)}, {"a": binding(disabled=False)}, []),
    "of a source that is known now": ({"a": binding(data_source_id="")}, {"a": binding()}, ["RV256"]),
    "of a source that is not known now": (
        {"a": binding(), "b": binding(OTHER)},
        {"a": binding(data_source_id=""), "b": binding(OTHER)},
        ["RV256"],
    ),
    "two, of which one is unknown": ({"a": binding()}, {"b": binding("po-1"), "c": binding(OTHER)}, []),
    "the same that nobody knows": ({"a": binding("po-1")}, {"b": binding("po-1")}, []),
    "another one that nobody knows": ({"a": binding("po-1")}, {"b": binding("po-2")}, ["RV256"]),
    "perhaps enabled": ({"a": binding(disabled=True)}, {"a": binding(disabled="${var.off}")}, ["RV256"]),
    "disabled, and removed": ({"a": binding(disabled=True)}, {}, ["RV254"]),
    "disabled, of another policy": (
        {"a": binding(disabled=True)},
        {"a": binding(OTHER, disabled=True)},
        ["RV256"],
    ),
    "what nobody knows": ({"a": binding()}, {"a": binding(something="x")}, ["RV256"]),
}


@pytest.mark.parametrize(
    ("kind", "bound"), [(TYPES[0], BINDING), (TYPES[1], BINDING), (TYPES[1], OWN_BINDING)]
)
@pytest.mark.parametrize(("old", "new", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_the_unit_is_the_source(
    tmp_path: Path, old: Json, new: Json, expected: list[str], kind: str, bound: str
) -> None:
    variable = {"variable": {"off": {"type": "bool"}}}
    report = reviewed(tmp_path, *(side(BOTH, each, kind, variable, bound) for each in (new, old)))
    assert errors(report) == expected


ENDED = {**binding("po-1"), "disabled": False}
ANOTHER = {**ENDED, "data_source_id": "x"}


@pytest.mark.parametrize(
    ("after", "actions", "how"),
    [
        (None, ["delete"], "it is removed"),
        (
            {**ENDED, "data_source_id": "x"},
            ["delete", "create"],
            "it is destroyed, and another one is created",
        ),
        ({**ENDED, "disabled": True}, ["update"], "it is disabled"),
        ({**ENDED, "disabled": "true"}, ["update"], "it is disabled"),
        (ANOTHER, ["update"], "it changes"),
        ({**ANOTHER, "disabled": "false"}, ["update"], "it changes"),
        ({**ANOTHER, "disabled": None}, ["update"], "it changes"),
    ],
)
def test_how_a_protection_ends_is_said(
    tmp_path: Path, after: Json | None, actions: list[str], how: str
) -> None:
    content = plan(change(BINDING, ENDED, after, *actions))
    report = review(read_input(written(tmp_path, "plan.json", content)), at=AT)
    assert message(report, "RV254").startswith(f'{how}, and nothing else here protects OSS "photos"')
    assert "RV362" not in codes(report)


@pytest.mark.parametrize(("name", "is_said"), [("a", False), ("b", True)])
def test_that_a_binding_is_made_anew_is_said(tmp_path: Path, name: str, *, is_said: bool) -> None:
    report = reviewed(tmp_path, *(side(BOTH, each) for each in ({name: binding(OTHER)}, {"a": binding()})))
    assert ("RV362" in codes(report)) is is_said


def test_what_protects_a_source_from_now_on_is_named(tmp_path: Path) -> None:
    report = reviewed(tmp_path, side(BOTH, {"a": binding()}), side({"q": BOTH["q"]}, {}))
    assert message(report, "RV555") == 'OSS "photos" is protected by daily from now on'


def test_a_source_may_get_a_policy_whose_rules_nobody_knows(tmp_path: Path) -> None:
    variable: Json = {"variable": {"off": {}}}
    policies = {**BOTH, "q": {**BOTH["q"], "rules": "${var.off}"}}
    new, old = (side(policies, {"a": body}, others=variable) for body in (binding(OTHER), binding()))
    assert "RV263" in errors(reviewed(tmp_path, new, old))


def test_why_a_change_is_harmless_is_said(tmp_path: Path) -> None:
    new, named = ({"alicloud_hbr_vault": {"v": {"vault_name": name}}} for name in ("v", "w"))
    report = reviewed(tmp_path / "a", {"resource": new}, {"resource": {}})
    assert message(report, "RV555") == "it is created"
    report = reviewed(tmp_path / "b", {"resource": named}, {"resource": new})
    assert message(report, "RV555") == "only what neither protection nor access depends on"


def test_a_source_gets_another_policy_and_the_two_are_compared(tmp_path: Path) -> None:
    policies = {"p": policy(30), "q": policy(7, "weekly", schedule="I|1648605600|P7D")}
    report = reviewed(tmp_path, side(policies, {"a": binding(OTHER)}), side(policies, {"a": binding()}))
    assert {"RV201", "RV203"} <= set(errors(report))
    assert "OSS 'photos', by weekly instead of daily: " in message(report, "RV201").replace('"', "'")


def test_a_gap_from_the_old_policy_to_the_new_one_is_found(tmp_path: Path) -> None:
    policies = {"p": policy(30), "q": policy(30, "later", schedule=f"I|{AT + 40 * 86_400}|P1D")}
    report = reviewed(tmp_path, side(policies, {"a": binding(OTHER)}), side(policies, {"a": binding()}))
    assert any("without a new one" in each.received for each in report.all_findings() if each.code == "RV203")


def test_the_better_of_two_is_what_a_source_gets(tmp_path: Path) -> None:
    policies = {"p": policy(30), "q": policy(7, "a"), "r": policy(90, "b")}
    rest = {"b": binding(OTHER), "c": binding("${alicloud_hbr_policy.r.id}")}
    report = reviewed(tmp_path, side(policies, rest), side(policies, {"a": binding(), **rest}))
    assert errors(report) == []
    assert "by b instead of daily" in message(report, "RV555")


def test_every_instance_that_a_binding_may_mean_counts(tmp_path: Path) -> None:
    def bound(days: Json) -> Json:
        one = {**policy(), "for_each": days}
        one["rules"] = [backup_rule(), transition("${each.value}")]
        return {"p": policy(30, "before"), "q": one}

    def of(days: Json) -> Report:
        new = side(bound(days), {"a": binding('${alicloud_hbr_policy.q["a"].id}')})
        return reviewed(tmp_path, new, side(bound(days), {"a": binding()}))

    assert errors(of({"a": 30, "b": 60})) == []
    assert "RV201" in errors(of({"a": 30, "b": 7}))


def test_a_policy_that_goes_names_the_sources_that_nothing_protects(tmp_path: Path) -> None:
    old = side(
        BOTH,
        {"a": binding(), "b": binding(data_source_id="videos"), "c": binding(OTHER, data_source_id="videos")},
    )
    new = side({"q": policy(name="other")}, {"c": binding(OTHER, data_source_id="videos")})
    report = reviewed(tmp_path, new, old)
    assert errors(report) == ["RV207", "RV254"]
    assert message(report, "RV207").endswith('no longer protected: OSS "photos"')
    assert message(report, "RV563") == 'bound to it: OSS "photos", OSS "videos"'


def test_a_policy_that_changes_names_its_sources(tmp_path: Path) -> None:
    sides = (side({"p": policy(days)}, {"a": binding()}) for days in (7, 30))
    report = reviewed(tmp_path, *sides)
    assert "RV201" in errors(report)
    assert message(report, "RV563") == 'bound to it: OSS "photos"'


def test_the_same_source_in_another_region_is_another_source(tmp_path: Path) -> None:
    providers = {"provider": {"alicloud": [{"region": "a"}, {"alias": "b", "region": "b"}]}}
    old = side(BOTH, {"a": binding(source_type="NAS")}, others=providers)
    new = side(BOTH, {"b": binding(OTHER, source_type="NAS", provider="alicloud.b")}, others=providers)
    assert errors(reviewed(tmp_path, new, old)) == ["RV254"]


def test_a_binding_in_a_module_finds_the_policy_outside(tmp_path: Path) -> None:
    written(
        tmp_path,
        "m/main.tf.json",
        {"variable": {"id": {}}, "resource": {BINDING: {"a": binding("${var.id}")}}},
    )

    def of(name: str) -> Json:
        call = {"module": {"m": {"source": "./m", "id": f"${{local.ids.{name}}}"}}}
        ids = {"locals": {"ids": {key: f"${{alicloud_hbr_policy.{key}.id}}" for key in "pq"}}}
        return {"resource": {TYPES[0]: {"p": policy(30), "q": policy(90, "other")}}, **call, **ids}

    # Which of the two a local means is not followed: both count.
    assert "RV201" in errors(reviewed(tmp_path, of("q"), of("p")))


def test_a_binding_in_another_stack_protects_only_where_the_region_is_the_same(tmp_path: Path) -> None:
    def stacks(first: Json, second: Json, region: Json) -> dict[str, Json]:
        provider = {"provider": {"alicloud": [region]}}
        return {"one": side(BOTH, first, others=provider), "two": side(BOTH, second, others=provider)}

    for region, expected in (({}, ["RV254"]), ({"region": "cn-beijing"}, [])):
        old = cdktf_out(tmp_path / f"old{len(region)}", **stacks({"a": binding()}, {}, region))
        new = cdktf_out(tmp_path / f"new{len(region)}", **stacks({}, {"a": binding()}, region))
        assert errors(review(read_input(new, old), at=AT)) == expected


# ------------------------------------------------------------ backup plans of the old kind


def old_plan(**others: Any) -> Json:
    given = {"oss_backup_plan_name": "n", "bucket": "photos", "backup_type": "COMPLETE", "vault_id": "v-1"}
    return {**given, "schedule": "I|1648605600|P1D", "retention": "30", **others}


OLD_PLANS: dict[str, tuple[Json | None, list[str]]] = {
    "removed": (None, ["RV254"]),
    "disabled": (old_plan(disabled=True), ["RV254"]),
    "shorter": (old_plan(retention="7"), ["RV201", "RV203"]),
    "longer": (old_plan(retention="60"), []),
    "less often": (old_plan(schedule="I|1648605600|P7D"), ["RV203"]),
    "more often": (old_plan(schedule="I|1648605600|PT12H"), []),
    "a part": (old_plan(prefix="a/"), ["RV264"]),
    "another bucket": (old_plan(bucket="b"), ["RV254"]),
    "what nobody knows": (old_plan(something="b"), ["RV256"]),
}


@pytest.mark.parametrize(("new", "expected"), OLD_PLANS.values(), ids=OLD_PLANS.keys())
def test_a_backup_plan_is_compared_as_the_policy_that_does_the_same(
    tmp_path: Path, new: Json | None, expected: list[str]
) -> None:
    old = {"resource": {OLD_PLAN: {"a": old_plan()}}}
    after = {"resource": {OLD_PLAN: {"a": new}}} if new else {"resource": {}}
    assert errors(reviewed(tmp_path, after, old)) == expected


@pytest.mark.parametrize(("days", "expected"), [(30, []), (7, ["RV201", "RV203"])])
def test_a_backup_plan_gives_way_to_a_policy_and_its_binding(
    tmp_path: Path, days: int, expected: list[str]
) -> None:
    old = {"resource": {OLD_PLAN: {"a": old_plan()}}}
    report = reviewed(tmp_path, side({"p": policy(days)}, {"a": binding()}), old)
    assert errors(report) == expected


# ------------------------------------------------------------ plans


def applied(id: str, days: int = 30, **others: Any) -> Json:
    return {"id": id, **policy(days, **others)}


def planned(kind: str, name: str, before: Any, after: Any, *actions: str, **others: Any) -> Json:
    return {**change(kind, before, after, *actions, **others), "address": f"{kind}.{name}"}


def of_plan(folder: Path, *changes: Json, **others: Any) -> Report:
    return review(read_input(written(folder, "plan.json", {**plan(*changes), **others})), at=AT)


def configured(kind: str, name: str, *references: str) -> Json:
    expressions = {"policy_id": {"references": list(references)}}
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "expressions": expressions}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("days", "expected"), [(30, []), (7, ["RV201", "RV203"])])
def test_a_plan_moves_a_source_to_a_policy_that_is_there(
    tmp_path: Path, kind: str, days: int, expected: list[str]
) -> None:
    p, q = applied("po-1"), applied("po-2", days, name="other")
    before, after = ({**binding(id), "disabled": False} for id in ("po-1", "po-2"))
    report = of_plan(
        tmp_path,
        planned(kind, "p", p, p, "no-op"),
        planned(kind, "q", q, q, "no-op"),
        planned(BINDING, "a", before, after, "delete", "create"),
    )
    assert errors(report) == expected
    assert "RV362" in codes(report)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("references", "days", "expected"),
    [
        ((".q.id", ".q"), 30, []),
        ((".q.id", ".q"), 7, ["RV201", "RV203"]),
        ((".q", "each.key"), 30, []),
        ((".q.id", ".q", "var.other"), 30, ["RV256"]),
        ((), 30, ["RV256"]),
    ],
)
def test_a_plan_moves_a_source_to_a_policy_that_it_makes(
    tmp_path: Path, kind: str, references: tuple[str, ...], days: int, expected: list[str]
) -> None:
    p, q = applied("po-1"), policy(days, name="other")
    named = [f"{kind}{each}" if each.startswith(".") else each for each in references]
    before = {**binding("po-1"), "disabled": False}
    after = {key: value for key, value in before.items() if key != "policy_id"}
    report = of_plan(
        tmp_path,
        planned(kind, "p", p, p, "no-op"),
        planned(kind, "q", None, q, "create", unknown={"id": True}),
        planned(BINDING, "a", before, after, "delete", "create", unknown={"policy_id": True}),
        configuration={"root_module": {"resources": [configured(BINDING, "a", *named)]}},
    )
    assert errors(report) == expected


def test_a_plan_finds_the_policy_through_modules(tmp_path: Path) -> None:
    kind = TYPES[0]
    q = {**planned(kind, "q", None, policy(7, "other"), "create", unknown={"id": True})}
    q["address"] = f"module.policies.{kind}.q"
    p = applied("po-1")
    before = {**binding("po-1"), "disabled": False}
    moved = planned(
        BINDING, "a", before, {**before, "policy_id": None}, "delete", "create", unknown={"policy_id": True}
    )
    moved["address"] = f'module.bindings["x"].{BINDING}.a'
    policies = {"outputs": {"id": {"expression": {"references": [f"{kind}.q.id", f"{kind}.q"]}}}}
    bindings = {"resources": [configured(BINDING, "a", "var.id")]}
    calls = {
        "policies": {"module": policies},
        "bindings": {
            "module": bindings,
            "expressions": {"id": {"references": ["module.policies.id", "module.policies"]}},
        },
    }
    configuration = {"root_module": {"module_calls": calls}}
    others = {"configuration": configuration, "complete": True}
    report = of_plan(tmp_path, planned(kind, "p", p, p, "no-op"), q, moved, **others)
    assert errors(report) == ["RV201", "RV203"]


def test_an_untouched_binding_of_a_plan_protects_what_another_one_gives_up(tmp_path: Path) -> None:
    p, q = applied("po-1"), applied("po-2", name="other")
    gone, stays = ({**binding(id), "disabled": False} for id in ("po-1", "po-2"))
    changes = [
        planned(TYPES[0], "p", p, p, "no-op"),
        planned(TYPES[0], "q", q, q, "no-op"),
        planned(BINDING, "a", gone, None, "delete"),
    ]
    assert errors(of_plan(tmp_path, *changes)) == ["RV254"]
    report = of_plan(tmp_path, *changes, planned(BINDING, "b", stays, stays, "no-op"))
    assert errors(report) == []


def test_an_approval_covers_the_policies_that_a_source_has_and_gets(tmp_path: Path) -> None:
    def delta(days: int) -> str | None:
        policies = {"p": policy(30), "q": policy(days, "other")}
        report = reviewed(tmp_path, side(policies, {"a": binding(OTHER)}), side(policies, {"a": binding()}))
        return next(each.delta for each in report.resources() if each.address.startswith(BINDING))

    assert delta(7) == delta(7) != delta(8)


# ------------------------------------------------------------ a policy at another address

ELSEWHERE: dict[str, tuple[str, str]] = {
    "another name": ("alicloud_hbr_policy__a", "alicloud_hbr_policy__b"),
    "ours for the official one": ("alicloud_hbr_policy__a", "alipolicy_backup_policy__b"),
    "the official one for ours": ("alipolicy_backup_policy__a", "alicloud_hbr_policy__b"),
}


@pytest.mark.parametrize(("old", "new"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_policy_that_gets_another_address_and_content_is_recognised(
    tmp_path: Path, old: str, new: str
) -> None:
    report = reviewed(tmp_path, configuration(**{new: policy(7)}), configuration(**{old: policy(30)}))
    (found,) = report.resources()
    assert found.action is Action.REPLACED
    assert {"RV201", "RV202", "RV207", "RV332"} <= set(codes(report))
    hint = next(each.hint for each in report.all_findings() if each.code == "RV332")
    assert ('"moved"' in hint) is (new.startswith("alipolicy") or old.partition("__")[0] in new)


def test_a_policy_that_gets_into_another_stack_is_recognised(tmp_path: Path) -> None:
    old = cdktf_out(tmp_path / "old", one=configuration(hbr__a=policy(30)), two=configuration())
    new = cdktf_out(tmp_path / "new", one=configuration(), two=configuration(hbr__a=policy(7)))
    report = review(read_input(new, old), at=AT)
    assert {"RV201", "RV332"} <= set(codes(report))
    assert '"removed"' in next(each.hint for each in report.all_findings() if each.code == "RV332")


def test_a_policy_of_the_same_name_in_another_region_is_another_policy(tmp_path: Path) -> None:
    providers = {"provider": {"alicloud": [{"region": "a"}, {"alias": "b", "region": "b"}]}}

    def of(**policies: Json) -> Json:
        return {**configuration(**policies), **providers}

    there = {**policy(30), "provider": "alicloud.b"}
    old = of(hbr__a=policy(30), hbr__b=there)
    report = reviewed(tmp_path, of(hbr__c=there, hbr__d=policy(30)), old)
    pairs = {each.address.rpartition(".")[2]: each.old_address for each in report.resources()}
    assert pairs == {"c": "alicloud_hbr_policy.b", "d": "alicloud_hbr_policy.a"}
    moved_away = reviewed(tmp_path, of(hbr__b=there), of(hbr__a=policy(30)))
    assert [each.action for each in moved_away.resources()] == [Action.REMOVED, Action.ADDED]


@pytest.mark.parametrize("is_there", [False, True])
def test_a_plan_recognises_a_policy_only_where_the_region_may_be_the_same(
    tmp_path: Path, is_there: bool
) -> None:
    kind = TYPES[0]
    resource = {"address": f"{kind}.b", "mode": "managed", "type": kind, "provider_config_key": "alicloud.b"}
    providers = {"alicloud": {"name": "alicloud"}, "alicloud.b": {"name": "alicloud", "alias": "b"}}
    configured = {"provider_config": providers if is_there else {}, "root_module": {"resources": [resource]}}
    changes = (
        planned(kind, "a", applied("po-1"), None, "delete"),
        planned(kind, "b", None, policy(7), "create"),
    )
    report = of_plan(tmp_path, *changes, configuration=configured, complete=True)
    assert ("RV332" in codes(report)) is not is_there
    assert ("RV201" in codes(report)) is not is_there
    assert "RV207" in codes(report)


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({"a": binding(data_source_id="x"), "b": binding(data_source_id="y")}, []),
        ({"a": binding(data_source_id="x")}, ["RV204", "RV261"]),
        (
            {"a": binding(data_source_id="x"), "b": binding(data_source_id="y", source="z/")},
            ["RV204", "RV261"],
        ),
        (
            {"a": binding(data_source_id="x"), "b": binding(data_source_id="y", disabled=True)},
            ["RV204", "RV256", "RV261"],
        ),
    ],
)
def test_bindings_count_for_what_a_tag_rule_chose_by_id(
    tmp_path: Path, bound: Json, expected: list[str]
) -> None:
    chosen = [{"source_type": "OSS", "data_source_ids": ["x", "y"]}]
    tag = {"rule_type": "TAG", "tag_filters": [], "data_source_filters": chosen}
    kind = TYPES[1]
    old = {"resource": {kind: {"p": backup_policy(backup_rule(), transition(30), tag)}}}
    assert errors(reviewed(tmp_path, side({"p": policy()}, bound, kind), old)) == expected


VAULT = {"vault_name": "v", "vault_type": "STANDARD"}


@pytest.mark.parametrize(
    ("new", "code", "words"),
    [
        ({**VAULT, "vault_type": "OTS_BACKUP"}, "RV254", "all recovery points in it are deleted"),
        ({**VAULT, "redundancy_type": "LRS"}, "RV254", "all recovery points in it are deleted"),
        (None, "RV254", "all recovery points in it are deleted"),
        ({**VAULT, "worm_enabled": True}, "RV256", "can be deleted before its retention is over"),
        ({**VAULT, "resource_group_id": "g"}, "RV256", "resource_group_id"),
    ],
)
def test_what_the_change_of_a_vault_means_is_said(
    tmp_path: Path, new: Json | None, code: str, words: str
) -> None:
    sides = ({"resource": {"alicloud_hbr_vault": {"v": each}} if each else {}} for each in (new, VAULT))
    assert message(reviewed(tmp_path, *sides), code).endswith(words)


def test_another_vault_of_any_rule_is_said(tmp_path: Path) -> None:
    rules = [{"rule_type": "REPLICATION", "replication_region_id": "r", "vault_id": vault} for vault in "ab"]
    sides = (configuration(hbr__a=backup_policy(backup_rule(), transition(30), rule)) for rule in rules)
    assert "RV303" in codes(reviewed(tmp_path, *sides))


def test_a_lock_of_another_type_of_rule_is_said(tmp_path: Path) -> None:
    locked, lock = backup_rule(immutable=True), {**transition(30), "immutable": True}
    sides = (configuration(hbr__a=backup_policy(locked, rule)) for rule in (lock, transition(30)))
    assert "RV262" in codes(reviewed(tmp_path, *sides))


def test_an_instance_of_another_stack_is_another_source(tmp_path: Path) -> None:
    one = binding(source_type="UDM_ECS", data_source_id="${alicloud_instance.i.id}")

    def of(bindings: Json) -> Json:
        stack = side(BOTH, bindings, others={"provider": {"alicloud": [{"region": "r"}]}})
        stack["resource"]["alicloud_instance"] = {"i": {"instance_name": "i"}}
        return stack

    old = cdktf_out(tmp_path / "old", one=of({"a": one}), two=of({}))
    new = cdktf_out(tmp_path / "new", one=of({}), two=of({"a": one}))
    assert errors(review(read_input(new, old), at=AT)) == ["RV254"]
