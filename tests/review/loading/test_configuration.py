"""Configuration is decided as Terraform would decide it, or said to be undecided."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from constructs_lib.review.command import review as command
from constructs_lib.review.loading.files import read_input, read_side
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.loading.variables import Variables
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    backup_policy,
    backup_rule,
    codes,
    configuration,
    document,
    message,
    only,
    ram_policy,
    reviewed,
    transition,
    written,
)

DATA = Path(__file__).parents[2] / "data/review"
READ, ALL = document(allow("oss:Get*")), document(allow("*"))


def of_folders(folder: Path, new: Json, old: Json, **variables: Any) -> Report:
    """The report of two folders, each given as its files."""
    for side, files in (("new", new), ("old", old)):
        for name, content in files.items():
            written(folder / side, name, content)
    return review(read_input(folder / "new", folder / "old", Variables(**variables)), at=AT)


def of_main(folder: Path, new: Json, old: Json) -> Report:
    return of_folders(folder, {"main.tf.json": new}, {"main.tf.json": old})


def policy(document: Any, **others: Any) -> Json:
    return configuration(ram__a={**ram_policy(policy_document=document), **others})


def backups(days: int = 30, **others: Any) -> Json:
    return configuration(hbr__n=backup_policy(backup_rule(), transition(days), **others))


def is_clean(report: Report) -> bool:
    return not codes(report) and all(one.action is Action.UNCHANGED for one in report.resources())


# ------------------------------------------------------------ the cases that were passed over


def of_case(name: str) -> Report:
    folder = DATA / name
    if name == "two-folders":
        return review(read_input(folder / "head", folder / "base"), at=AT)
    return review(read_input(folder / "new.tf.json", folder / "old.tf.json"), at=AT)


def test_a_document_in_a_local_is_compared() -> None:
    report = of_case("local")
    assert {"RV221", "RV322"} <= set(codes(report))
    assert report.fails(Level.ERROR)


def test_an_instance_that_is_gone_is_a_policy_destroyed() -> None:
    report = of_case("foreach")
    assert codes(report) == ["RV207"]
    assert {one.address: one.action for one in report.resources()} == {
        'alicloud_hbr_policy.n["a"]': Action.UNCHANGED,
        'alicloud_hbr_policy.n["b"]': Action.REMOVED,
    }


def test_statement_blocks_are_the_document_that_they_make() -> None:
    report = of_case("statement-blocks")
    assert {"RV221", "RV322"} <= set(codes(report))
    assert "PV100" not in [one.code for one in report.all_findings()]


def test_two_folders_are_one_stack() -> None:
    report = of_case("two-folders")
    assert codes(report) == ["RV201", "RV202", "RV203"]
    assert [stack.name for stack in report.stacks] == ["head"]


def test_what_is_no_longer_managed_is_a_note() -> None:
    report = of_case("removed-keep")
    assert codes(report) == ["RV541"]
    assert only(report).action is Action.FORGOTTEN
    assert not report.fails(Level.WARNING)


# ------------------------------------------------------------ what stays an expression

HIDING: dict[str, tuple[str, Json, Json]] = {
    "data": (
        "${data.http.x.body}",
        {"data": {"http": {"x": {"url": "https://a"}}}},
        {"data": {"http": {"x": {"url": "https://b"}}}},
    ),
    "data through locals": (
        "${local.a}",
        {"locals": {"a": "${local.b}", "b": "${data.http.x.body}"}, "data": {"http": {"x": {"url": "a"}}}},
        {"locals": {"a": "${local.b}", "b": "${data.http.x.body}"}, "data": {"http": {"x": {"url": "b"}}}},
    ),
    "another resource": (
        "${random_pet.x.id}",
        {"resource": {"random_pet": {"x": {"length": 1}}}},
        {"resource": {"random_pet": {"x": {"length": 2}}}},
    ),
    "a function that is not computed": (
        "${base64decode(local.a)}",
        {"locals": {"a": "QQ=="}},
        {"locals": {"a": "Qg=="}},
    ),
    "a variable without a default": (
        "${var.doc}",
        {"variable": {"doc": {"type": "string", "sensitive": True}}},
        {"variable": {"doc": {"type": "string"}}},
    ),
    "a template directive": (
        "%{ if local.on }a%{ else }b%{ endif }",
        {"locals": {"on": True}},
        {"locals": {"on": False}},
    ),
    "a module of a registry": (
        "${module.m.json}",
        {"module": {"m": {"source": "a/b/c", "version": "1.0.0"}}},
        {"module": {"m": {"source": "a/b/c", "version": "2.0.0"}}},
    ),
    "a computed name": (
        "${local.all[data.http.x.id]}",
        {"locals": {"all": {"a": "1"}}, "data": {"http": {"x": {}}}},
        {"locals": {"all": {"a": "2"}}, "data": {"http": {"x": {}}}},
    ),
}


def joined(*contents: Json) -> Json:
    found: Json = {}
    for content in contents:
        for key, value in content.items():
            found[key] = {**found.get(key, {}), **value}
    return found


@pytest.mark.parametrize(("text", "before", "after"), HIDING.values(), ids=HIDING.keys())
@pytest.mark.parametrize("inside", [False, True])
def test_what_an_expression_hides_is_undecided_where_it_differs(
    tmp_path: Path, text: str, before: Json, after: Json, inside: bool
) -> None:
    whole = document(allow("oss:*", "RESOURCE")).replace("RESOURCE", text) if inside else text
    old, new = (joined(content, policy(whole)) for content in (before, after))
    report = of_main(tmp_path, new, old)
    assert "RV241" in codes(report)
    assert report.fails(Level.ERROR)
    same = of_main(tmp_path / "same", old, old)
    assert is_clean(same)
    assert any("the plan knows more" in line for line in same.assumptions)


@pytest.mark.parametrize(
    "text",
    [
        "${timestamp()}",
        "${uuid()}",
        '${file("/etc/hostname")}',
        '${file("../x.json")}',
        "${local.missing}",
        "${var.missing}",
        "${module.missing.x}",
        "${data.http.missing.body}",
        "${missing}",
    ],
)
def test_what_is_never_proven_the_same_is_undecided(tmp_path: Path, text: str) -> None:
    written(tmp_path, "x.json", ALL)
    report = of_main(tmp_path, policy(text), policy(text))
    assert "RV241" in codes(report)
    assert message(report, "RV241").startswith(text)


def test_the_id_of_a_policy_stays_while_it_is_not_made_anew(tmp_path: Path) -> None:
    def side(days: int, kind: str = "STANDARD") -> Json:
        binding = {"policy_id": "${alicloud_hbr_policy.n.id}", "source_type": "OSS", "disabled": False}
        resources = {"resource": {"alicloud_hbr_policy_binding": {"b": binding}}}
        return joined(backups(days, policy_type=kind), resources)

    assert "RV256" not in codes(of_main(tmp_path / "a", side(30), side(31)))
    assert "RV256" in codes(of_main(tmp_path / "b", side(30), side(30, "UDM_ECS_ONLY")))


def test_other_resources_of_concern_are_never_passed_over(tmp_path: Path) -> None:
    def side(**binding: Any) -> Json:
        given = {"policy_id": "p-1", "source_type": "OSS", **binding}
        return {"resource": {"alicloud_hbr_policy_binding": {"b": given}}}

    assert codes(of_main(tmp_path / "a", {"resource": {}}, side())) == ["RV254"]
    assert codes(of_main(tmp_path / "b", side(disabled=True), side())) == ["RV254"]
    assert is_clean(of_main(tmp_path / "c", side(), side()))


# ------------------------------------------------------------ instances


def test_each_instance_has_its_own_values(tmp_path: Path) -> None:
    documents = {"reader": READ, "writer": document(allow("oss:Put*"))}
    body = ram_policy(policy_name="${each.key}", policy_document="${each.value}")
    old = {
        "locals": {"all": documents},
        **configuration(ram__a={**body, "for_each": "${local.all}"}),
    }
    side = read_side(written(tmp_path, "a.tf.json", old))
    assert [(one.address, one.props.policy_name) for one in side.resources] == [
        ('alicloud_ram_policy.a["reader"]', "reader"),
        ('alicloud_ram_policy.a["writer"]', "writer"),
    ]
    new = {**old, "locals": {"all": {**documents, "writer": ALL}}}
    report = of_main(tmp_path, new, old)
    changed = [one.address for one in report.resources() if one.action is not Action.UNCHANGED]
    assert changed == ['alicloud_ram_policy.a["writer"]']


@pytest.mark.parametrize(("was", "now"), [(None, 1), (1, None), (1, 1)])
def test_count_that_comes_or_goes_moves_the_first_instance(tmp_path: Path, was: Any, now: Any) -> None:
    old, new = (backups(**({} if count is None else {"count": count})) for count in (was, now))
    assert is_clean(of_main(tmp_path, new, old))


def test_fewer_by_count_are_destroyed(tmp_path: Path) -> None:
    report = of_main(tmp_path, backups(count=1), backups(count=2))
    assert codes(report) == ["RV207"]


@pytest.mark.parametrize("write", [lambda value: value, lambda value: [{"enabled": value["enabled"]}]])
def test_what_is_not_enabled_any_more_is_destroyed(tmp_path: Path, write: Any) -> None:
    of_value = [backups(lifecycle=write({"enabled": value})) for value in (True, False)]
    assert codes(of_main(tmp_path / "value", *reversed(of_value))) == ["RV207"]
    of_variable = [
        joined({"variable": {"on": {"default": value}}}, backups(lifecycle=write({"enabled": "${var.on}"})))
        for value in ("true", "false")
    ]
    assert codes(of_main(tmp_path / "variable", *reversed(of_variable))) == ["RV207"]
    calls = [
        {"module": {"m": {"source": "./m", "lifecycle": write({"enabled": on})}}} for on in (True, False)
    ]
    new, old = ({"main.tf.json": call, "m/a.tf.json": backups()} for call in reversed(calls))
    assert codes(of_folders(tmp_path / "module", new, old)) == ["RV207"]


@pytest.mark.parametrize(
    "setting",
    [
        {"count": "${data.x.y.n}"},
        {"for_each": "${toset(data.x.y.n)}"},
        {"lifecycle": {"enabled": "${data.x.y.n}"}},
    ],
)
def test_an_undecided_number_of_instances_is_told_where_it_may_differ(tmp_path: Path, setting: Json) -> None:
    old, new = (joined({"data": {"x": {"y": {"z": z}}}}, backups(**setting)) for z in "ab")
    report = of_main(tmp_path / "a", new, old)
    assert codes(report) == ["RV241"]
    assert is_clean(of_main(tmp_path / "b", old, old))


def test_too_many_instances_are_undecided(tmp_path: Path) -> None:
    report = of_main(tmp_path, backups(count=10**9), backups(count=10**9 + 1))
    assert report.fails(Level.ERROR)


def test_dynamic_blocks_are_the_blocks_that_they_make(tmp_path: Path) -> None:
    def side(days: list[int]) -> Json:
        transitions = {"rule_type": "TRANSITION", "retention": "${days.value}"}
        dynamic = [
            {"rules": {"for_each": [1], "content": backup_rule()}},
            {"rules": {"for_each": days, "iterator": "days", "content": transitions}},
        ]
        return configuration(hbr__n={"policy_name": "a", "policy_type": "STANDARD", "dynamic": dynamic})

    assert codes(of_main(tmp_path, side([7]), side([30]))) == ["RV201", "RV202", "RV203"]


# ------------------------------------------------------------ moved, removed, ignored, elsewhere


def test_a_moved_block_moves_all_instances(tmp_path: Path) -> None:
    old = backups(for_each={"a": "1", "b": "2"})
    resource = old["resource"]["alicloud_hbr_policy"]["n"]
    new = {
        "resource": {"alicloud_hbr_policy": {"m": resource}},
        "moved": {"from": "alicloud_hbr_policy.n", "to": "alicloud_hbr_policy.m"},
    }
    assert is_clean(of_main(tmp_path, new, old))


def test_a_removed_block_that_destroys_is_no_note(tmp_path: Path) -> None:
    for lifecycle in ({}, {"lifecycle": {"destroy": True}}):
        new = {"removed": [{"from": "alicloud_hbr_policy.n", **lifecycle}]}
        assert codes(of_main(tmp_path, new, backups())) == ["RV207"]


def test_what_is_ignored_stays_and_is_a_note(tmp_path: Path) -> None:
    lifecycle = {"lifecycle": {"ignore_changes": ["rules"]}}
    report = of_main(tmp_path, backups(7, **lifecycle), backups(30, **lifecycle))
    assert codes(report) == ["RV542"]
    assert only(report).action is Action.UNCHANGED


ECS = {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648605600|P1D"}
LOCKED, ARCHIVED = {**ECS, "immutable": True}, {**transition(400), "archive_days": 90}


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ([LOCKED, transition(400)], [ECS, transition(400)], ["rules[0].immutable"]),
        ([ECS, ARCHIVED], [ECS, transition(400)], ["rules[1].archive_days"]),
        ([LOCKED], ECS, ["rules[0].immutable"]),
        (
            [LOCKED, ARCHIVED],
            [{**ECS, "immutable": None}, transition(400)],
            ["rules[0].immutable", "rules[1].archive_days"],
        ),
    ],
)
def test_what_a_rule_leaves_out_stays_with_the_official_provider(
    tmp_path: Path, before: Any, after: Any, kept: list[str]
) -> None:
    sides = [backup_policy(policy_type="UDM_ECS_ONLY") | {"rules": rules} for rules in (after, before)]
    report = reviewed(tmp_path, *(configuration(hbr__a=side) for side in sides))
    told = [(each.code, each.path) for each in report.all_findings() if each.is_about_change]
    assert told == [("RV341", path) for path in kept]
    assert only(report).action is Action.UNCHANGED
    # Our own provider takes it away, and written out so does the official one.
    report = reviewed(tmp_path, *(configuration(alipolicy_backup_policy__a=side) for side in sides))
    assert "RV341" not in codes(report)
    zeros = {"immutable": False, "archive_days": 0}
    rules = [{**rule, **zeros} for rule in (after if isinstance(after, list) else [after])]
    report = reviewed(
        tmp_path, configuration(hbr__a={**sides[0], "rules": rules}), configuration(hbr__a=sides[1])
    )
    assert "RV341" not in codes(report)


def test_a_lock_wanders_to_the_rule_that_takes_its_place(tmp_path: Path) -> None:
    first = {**ECS, "schedule": "I|1648605600|P2D", "retention": 3}
    new, old = (backup_policy(*rules, policy_type="UDM_ECS_ONLY") for rules in ([first, LOCKED], [LOCKED]))
    report = reviewed(tmp_path, configuration(hbr__a=new), configuration(hbr__a=old))
    assert message(report, "RV341") == "left out, and True stood at this place before: it stays"


def test_what_is_made_anew_keeps_nothing(tmp_path: Path) -> None:
    new, old = backup_policy(ECS, policy_type="STANDARD"), backup_policy(LOCKED, policy_type="UDM_ECS_ONLY")
    assert "RV341" not in codes(reviewed(tmp_path, configuration(hbr__a=new), configuration(hbr__a=old)))


def test_what_was_ignored_and_takes_effect_is_undecided(tmp_path: Path) -> None:
    lifecycle = {"lifecycle": [{"ignore_changes": ["rules"]}]}
    assert codes(of_main(tmp_path, backups(30), backups(30, **lifecycle))) == ["RV244"]


def test_a_part_that_is_ignored_is_undecided_where_it_differs(tmp_path: Path) -> None:
    lifecycle = {"lifecycle": {"ignore_changes": ["rules[1].retention"]}}
    report = of_main(tmp_path, backups(7, **lifecycle), backups(30, **lifecycle))
    assert "RV244" in codes(report)


def provided(region: str, **others: Any) -> Json:
    providers = [{"region": region}, {"alias": "west", "region": "cn-beijing"}]
    return joined({"provider": {"alicloud": providers}}, backups(**others))


def test_another_region_is_another_place(tmp_path: Path) -> None:
    report = of_main(tmp_path, provided("cn-hangzhou"), provided("cn-shanghai"))
    assert only(report).action is Action.REPLACED
    assert {"RV207", "RV242"} <= set(codes(report))
    assert "cn-hangzhou" in message(report, "RV242")


def test_another_alias_is_another_place_unless_it_is_the_same(tmp_path: Path) -> None:
    aliased = {"provider": "alicloud.west"}
    report = of_main(tmp_path / "a", provided("cn-shanghai", **aliased), provided("cn-shanghai"))
    assert "RV242" in codes(report)
    assert is_clean(of_main(tmp_path / "b", provided("cn-beijing", **aliased), provided("cn-beijing")))


def test_ram_is_the_same_in_every_region_but_not_in_every_account(tmp_path: Path) -> None:
    def side(**provider: str) -> Json:
        return joined({"provider": {"alicloud": {"region": "a", **provider}}}, policy(READ))

    assert is_clean(of_main(tmp_path / "a", side(region="b"), side()))
    assert "RV242" in codes(of_main(tmp_path / "b", side(profile="b"), side(profile="a")))


# ------------------------------------------------------------ files, modules, variables


def test_files_of_the_folder_are_read_and_no_others(tmp_path: Path) -> None:
    main = policy('${file("${path.module}/doc.json")}')
    report = of_folders(
        tmp_path, {"main.tf.json": main, "doc.json": ALL}, {"main.tf.json": main, "doc.json": READ}
    )
    assert "RV221" in codes(report)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    written(tmp_path, "secret.json", ALL)
    main = policy('${file("doc.json")}')
    written(tmp_path / "new", "main.tf.json", main)
    (tmp_path / "new/doc.json").symlink_to(tmp_path / "secret.json")
    (one,) = read_side(tmp_path / "new").resources
    assert one.props.policy_document == '${file("doc.json")}'  # type: ignore[union-attr]


def module(**given: Any) -> Json:
    return {"module": {"m": {"source": "./m", **given}}}


INNER = {
    "variable": {"actions": {"type": "list(string)"}, "name": {"default": "inner"}},
    **configuration(
        ram__p=ram_policy(
            policy_name="${var.name}",
            policy_document='${jsonencode({Version = "1", Statement = [{Effect = "Allow", '
            'Action = var.actions, Resource = "*"}]})}',
        )
    ),
    "output": {"policy": {"value": "${alicloud_ram_policy.p.policy_name}"}},
}


def test_a_module_of_the_folder_is_read(tmp_path: Path) -> None:
    def side(*actions: str) -> Json:
        return {"main.tf.json": module(actions=list(actions)), "m/main.tf.json": INNER}

    report = of_folders(tmp_path, side("*"), side("oss:Get*"))
    assert only(report).address == "module.m.alicloud_ram_policy.p"
    assert "RV221" in codes(report)


def test_a_module_has_instances_too(tmp_path: Path) -> None:
    def side(*names: str) -> Json:
        called = module(actions=["oss:Get*"], name="${each.key}", for_each=dict.fromkeys(names, ""))
        return {"main.tf.json": called, "m/main.tf.json": INNER}

    report = of_folders(tmp_path, side("a"), side("a", "b"))
    removed = [one.address for one in report.resources() if one.action is Action.REMOVED]
    assert removed == ['module.m["b"].alicloud_ram_policy.p']


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"source": "a/b/c", "version": "2"}, {"source": "a/b/c", "version": "1"}),
        ({"source": "a/b/c", "x": 1}, None),
        (None, {"source": "a/b/c"}),
        ({"source": "./hcl", "x": 2}, {"source": "./hcl", "x": 1}),
        ({"source": "./hcl", "x": "${timestamp()}"}, {"source": "./hcl", "x": "${timestamp()}"}),
        ({"source": "./leaves"}, {"source": "./leaves"}),
        ({"source": "./missing"}, {"source": "./missing"}),
    ],
)
def test_a_module_that_is_not_read_is_undecided_and_can_be_approved(
    tmp_path: Path, new: Json | None, old: Json | None
) -> None:
    hcl = {"hcl/main.tf": "", "leaves/main.tf": 'a = file("../x")'}
    sides = [{"main.tf.json": {"module": {"m": side} if side else {}}, **hcl} for side in (new, old)]
    report = of_folders(tmp_path, *sides)
    assert codes(report) == ["RV243"]
    (finding,) = report.findings
    delta = finding.hint.rpartition(" ")[2].removesuffix(".")
    given = read_input(tmp_path / "new", tmp_path / "old")
    assert not review(given, at=AT, approve=[delta]).fails(Level.NOTE)


def test_a_module_in_hcl_is_the_same_where_its_files_are(tmp_path: Path) -> None:
    main = {"main.tf.json": {"module": {"m": {"source": "./m"}}}}
    old, new = ({**main, "m/main.tf": f"# {text}"} for text in ("a", "b"))
    assert is_clean(of_folders(tmp_path / "a", old, old))
    assert codes(of_folders(tmp_path / "b", new, old)) == ["RV243"]


def test_a_state_says_neither_the_region_nor_what_is_ignored(tmp_path: Path) -> None:
    body = backup_policy(backup_rule(), transition(30))
    address = {"address": "alicloud_hbr_policy.n", "type": "alicloud_hbr_policy", "mode": "managed"}
    values = {"root_module": {"resources": [{**address, "values": body}]}}
    state = written(tmp_path, "state.json", {"format_version": "1.0", "values": values})
    new = written(tmp_path, "new.tf.json", provided("cn-x", lifecycle={"ignore_changes": ["id"]}))
    assert is_clean(review(read_input(new, state), at=AT))


def test_a_module_that_is_not_read_and_stays_is_an_assumption(tmp_path: Path) -> None:
    called = {"module": {"m": {"source": "a/b/c", "version": "1"}}}
    report = of_main(tmp_path, called, called)
    assert is_clean(report)
    assert "calls modules, which are not looked into" in report.assumptions[0]


def test_variables_have_their_defaults_unless_they_are_given(tmp_path: Path) -> None:
    def side(default: str) -> Json:
        content = joined({"variable": {"doc": {"default": default}}}, policy("${var.doc}"))
        return {"main.tf.json": content}

    report = of_folders(tmp_path, side(ALL), side(READ))
    assert "RV221" in codes(report)
    assert any(line.endswith(": doc.") for line in report.assumptions)
    for where in ({"given": {"doc": READ}}, {"environment": {"doc": READ}}):
        assert is_clean(of_folders(tmp_path, side(ALL), side(READ), **where))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terraform.tfvars.json", json.dumps({"doc": ALL})),
        ("x.auto.tfvars.json", json.dumps({"doc": ALL})),
        ("terraform.tfvars", f"# everything\ndoc = {json.dumps(ALL)}\nother = [1, 2]\n"),
    ],
)
def test_files_of_variables_in_the_folder_are_read_as_terraform_does(
    tmp_path: Path, name: str, text: str
) -> None:
    main = joined({"variable": {"doc": {"default": READ}}}, policy("${var.doc}"))
    report = of_folders(tmp_path, {"main.tf.json": main, name: text}, {"main.tf.json": main})
    assert "RV221" in codes(report)


def test_the_command_takes_variables(tmp_path: Path) -> None:
    main = joined({"variable": {"doc": {"type": "string"}}}, policy("${var.doc}"))
    new = written(tmp_path, "a.tf.json", main)
    old = written(tmp_path, "b.tf.json", policy(READ))
    values = written(tmp_path, "v.tfvars.json", {"doc": READ})

    def run(*arguments: object, **env: str) -> int:
        given = [str(new), "--against", str(old), *map(str, arguments)]
        return CliRunner().invoke(command, given, env={"SOURCE_DATE_EPOCH": str(AT), **env}).exit_code

    assert run() == 1
    assert run("--var-file", values) == 0
    assert run(TF_VAR_doc=READ) == 1
    assert run("--tf-vars", TF_VAR_doc=READ) == 0
    assert run("--var-file", tmp_path / "none.json") == 2


def test_an_override_file_overrides(tmp_path: Path) -> None:
    override = {"resource": {"alicloud_ram_policy": {"a": {"policy_document": ALL}}}}
    files = {"main.tf.json": policy(READ)}
    report = of_folders(tmp_path, {**files, "x_override.tf.json": override}, files)
    assert "RV221" in codes(report)


def test_a_resource_that_is_defined_twice_is_bad_input(tmp_path: Path) -> None:
    for name in ("a", "b"):
        written(tmp_path, f"{name}.tf.json", policy(READ))
    with pytest.raises(InputError, match="defined twice"):
        read_side(tmp_path)


# ------------------------------------------------------------ hostile

DEEP = json.loads("[" * 400 + "]" * 400)
HOSTILE: dict[str, Json] = {
    "a circle of locals": {"locals": {"a": "${local.b}", "b": "${local.a}"}, **policy("${local.a}")},
    "a long chain of locals": {
        "locals": {f"a{index}": f"${{local.a{index + 1}}}" for index in range(5000)},
        **policy("${local.a0}"),
    },
    "locals that grow": {
        "locals": {
            **{f"a{index}": f"${{local.a{index + 1}}}${{local.a{index + 1}}}" for index in range(40)},
            "a40": "x" * 100,
        },
        **policy("${local.a0}"),
    },
    "lists that grow": {
        "locals": {
            **{f"a{index}": [f"${{local.a{index + 1}}}"] * 10 for index in range(25)},
            "a25": ["x"],
        },
        **policy("${jsonencode(local.a0)}"),
    },
    "a huge expression": policy("${" + "local.a," * 100_000 + "}"),
    "many expressions": policy("${local.a}" * 8_000),
    "open expressions": policy("${" * 50_000),
    "open strings": policy('${"' * 20_000),
    "deep values": {"locals": {"a": DEEP}, **policy("${jsonencode(local.a)}")},
    "deep arguments": policy(DEEP),
    "a deep document": policy(json.dumps({"Version": "1", "Statement": DEEP})),
    "many instances": policy(READ, for_each={str(index): "${local.a}" for index in range(4_000)}),
    "odd numbers": policy(READ, count=1e300),
    "odd blocks": {"locals": 7, "variable": [1], "module": {"a": 7, "b": [[]]}, "moved": {"from": 1}},
    "odd keys": {"locals": {"": {}, "\ud800": "${local}"}, **policy('${local["\ud800"]}')},
    "surrogates": policy("\ud800${local.a}"),
    "a module that calls itself": {"module": {"a": {"source": "./"}, "b": {"source": "./."}}},
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_configuration_is_read_soon_or_refused_in_a_line(tmp_path: Path, content: Json) -> None:
    for side in ("new", "old"):
        written(tmp_path / side, "main.tf.json", json.dumps(content))
    started = time.process_time()
    arguments = [str(tmp_path / "new"), "--against", str(tmp_path / "old"), "--at", str(AT)]
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, (SystemExit, type(None)))
    assert done.exit_code in (0, 1, 2)
    if done.exit_code == 2:
        assert done.stderr.startswith("Error: ")
        assert len(done.stderr.splitlines()) == 1
    assert time.process_time() - started < 10


def test_the_deep_case_is_reviewed() -> None:
    done = CliRunner().invoke(command, [str(DATA / "deep.tf.json"), "--at", str(AT)])
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)


def test_a_folder_of_many_files_is_refused_in_a_line(tmp_path: Path) -> None:
    for index in range(2_100):
        (tmp_path / f"{index}.tf.json").write_text("{}", "utf-8")
    with pytest.raises(InputError, match="more than 2000 files"):
        read_side(tmp_path)


def test_nothing_is_ignored_of_what_is_created_anew(tmp_path: Path) -> None:
    lifecycle = {"ignore_changes": ["policy_document"]}
    old = configuration(ram__one=ram_policy(allow("oss:GetObject"), lifecycle=lifecycle))
    new = configuration(ram__one=ram_policy(allow("*"), lifecycle=lifecycle, policy_name="other"))
    found = codes(reviewed(tmp_path, new, old))
    assert "RV221" in found
    assert "RV542" not in found
