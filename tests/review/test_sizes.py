"""What is far larger than RAM or Cloud Backup take is undecided at once, whatever its size."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from constructs_lib.ram.access import TOO_LARGE, Verdict, compare, newly_allowed
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.canonical import in_order, is_larger
from constructs_lib.ram.checks import check_policy_version
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.review import differences, normal_form
from constructs_lib.review.loading import dependencies, expansion, oversized, terraform_module
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.oversized import without_oversized
from constructs_lib.review.render import text
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import AT, change, codes, only, plan, reviewed, written


def version(statements: int, action: str, **dumped: Any) -> dict[str, Any]:
    document = {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": f"{action}{number}?*", "Resource": f"acs:oss:*:*:{number}-*/a?*"}
            for number in range(statements)
        ],
    }
    policy = {"policy_name": "p", "policy_document": json.dumps(document, **dumped), "set_as_default": True}
    return {"resource": {"alipolicy_policy_version": {"p": policy}}}


def test_a_document_far_above_the_limit_is_undecided_with_the_reason(tmp_path: Path) -> None:
    report = reviewed(tmp_path, version(600, "oss:Put"), version(600, "oss:Get"))
    access = only(report).access
    assert access is not None
    assert access.verdict is Verdict.UNDECIDED
    assert access.undecided is not None
    assert "RAM takes 6,144 bytes: it is not compared" in access.undecided
    assert "RV222" in codes(report)


def test_blanks_do_not_make_a_document_large(tmp_path: Path) -> None:
    new, old = version(9, "oss:Put", indent=900), version(9, "oss:Get", indent=900)
    access = only(reviewed(tmp_path, new, old)).access
    assert access is not None
    assert access.verdict is Verdict.CHANGED


def all_codes(report: Report) -> set[str]:
    return {finding.code for finding in report.all_findings()}


def one(**elements: Any) -> str:
    statement = {"Effect": "Allow", "Action": "oss:GetObject", "Resource": "*", **elements}
    return json.dumps({"Version": "1", "Statement": [statement]})


def policy(document: Any) -> dict[str, Any]:
    body = {"policy_name": "p", "policy_document": document, "set_as_default": True}
    return {"resource": {"alipolicy_policy_version": {"p": body}}}


# Each is of one resource, and takes a letter that makes another one of it.
FAR_TOO_LARGE: dict[str, Callable[[str], Any]] = {
    "a name": lambda letter: one(Sid=letter * 40_000),
    "many actions": lambda letter: one(Action=[f"oss:{letter}{number:09}" for number in range(3_000)]),
    "values of a condition": lambda letter: one(
        Condition={"StringLike": {"acs:SourceVpc": [f"{letter}{number}*" for number in range(9_000)]}}
    ),
    "numbers": lambda letter: one(Action=[*range(20_000), letter]),
    "objects": lambda letter: one(Action=[*({"a": number} for number in range(5_000)), letter]),
    "no JSON": lambda letter: letter * 40_000,
    "an expression": lambda letter: "${" + letter * 40_000 + "}",
    "an object": lambda letter: {"Statement": [letter * 40_000]},
    "nested deeply": lambda letter: "[" * 40_000 + letter,
    "blanks alone": lambda letter: one(Sid=letter) + " " * 1_000_000,
}


@pytest.mark.parametrize("document", FAR_TOO_LARGE.values(), ids=FAR_TOO_LARGE)
def test_what_is_far_too_large_is_not_read(
    tmp_path: Path, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(
        "constructs_lib.ram.grammar._DECODER",
        type("Decoder", (), {"decode": lambda _, content: read.append(len(content))})(),
    )
    for new, old in (("a", "b"), ("a", None), (None, "a")):
        sides = ({} if side is None else policy(document(side)) for side in (new, old))
        report = reviewed(tmp_path, *sides)
        assert only(report).access.verdict is Verdict.UNDECIDED  # type: ignore[union-attr]
        assert "RV222" in codes(report)
        assert ("PV106" in all_codes(report)) is (new is not None)
        assert len(text.render(report)) < 5_000
    assert not read


@pytest.mark.parametrize("document", FAR_TOO_LARGE.values(), ids=FAR_TOO_LARGE)
def test_what_is_far_too_large_and_equal_is_unchanged(tmp_path: Path, document: Any) -> None:
    report = reviewed(tmp_path, policy(document("a")), policy(document("a")))
    is_open = str(document("a")).startswith("${")  # nobody knows what it stands for
    assert bool(codes(report)) is is_open


def test_an_expression_in_what_is_far_too_large_may_be_another_value(tmp_path: Path) -> None:
    new, old = (
        {
            **policy(one(Sid="a" * 40_000, Resource="${local.r}")),
            "locals": {"r": "${data.x.y.z}"},
            "data": data,
        }
        for data in ({"x": {"y": {"z": 1}}}, {"x": {"y": {"z": 2}}})
    )
    assert "RV222" in codes(reviewed(tmp_path, new, old))


def test_what_is_written_like_something_far_too_large_is_another_document(tmp_path: Path) -> None:
    large = one(Sid="a" * 40_000)
    alike = str(without_oversized({"policy_document": large})["policy_document"])
    for document in (alike, json.dumps(alike)):
        assert "RV222" in codes(reviewed(tmp_path, policy(document), policy(large)))


def backup_policy(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"resource": {"alicloud_hbr_policy": {"b": {"policy_name": "b", "rules": list(rules)}}}}


def backup_rule(number: int, **others: Any) -> dict[str, Any]:
    schedule = {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": f"I|{1648605600 + number}|P1D"}
    return {**schedule, "retention": 30, **others}


def filtered(letter: str) -> dict[str, Any]:
    ids = [f"{letter}-{number}" for number in range(20_000)]
    return backup_rule(0, data_source_filters=[{"source_type": "UDM_ECS", "data_source_ids": ids}])


TOO_MANY_RULES = {
    "rules": ([*map(backup_rule, range(300))], [*map(backup_rule, range(1, 301))]),
    "ids of sources": ([filtered("i")], [filtered("j")]),
    "a schedule": ([backup_rule(0, schedule="1" * 200_000)], [backup_rule(0, schedule="2" * 200_000)]),
}


@pytest.mark.parametrize(("new", "old"), TOO_MANY_RULES.values(), ids=TOO_MANY_RULES)
def test_far_too_many_rules_are_undecided_and_not_simulated(
    tmp_path: Path, new: Any, old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("constructs_lib.backup.recovery.Runs", None)
    assert {"BP107", "RV263"} <= all_codes(reviewed(tmp_path, backup_policy(*new), backup_policy(*old)))
    assert "BP107" in all_codes(reviewed(tmp_path, backup_policy(*new), {}))
    assert "RV207" in codes(reviewed(tmp_path, {}, backup_policy(*new)))
    assert not codes(reviewed(tmp_path, backup_policy(*new), backup_policy(*new)))


def test_each_of_many_sources_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Any] = []
    about = differences._about

    def counted(item: Any) -> str:
        looked_at.append(item)
        return about(item)

    monkeypatch.setattr(differences, "_about", counted)
    new, old = (
        backup_rule(0, data_source_filters=[{"source_type": "UDM_ECS", "data_source_ids": ids}])
        for ids in ([f"{letter}{number}" for number in range(500)] for letter in "ij")
    )
    reviewed(tmp_path, backup_policy(new), backup_policy(old))
    assert 1_000 <= len(looked_at) < 1_100


@pytest.mark.parametrize("kind", ["alipolicy_policy_version", "alicloud_ram_role"])
def test_far_too_large_values_of_any_argument_are_undecided(tmp_path: Path, kind: str) -> None:
    argument = "policy_name" if kind == "alipolicy_policy_version" else "assume_role_policy_document"
    new, old = ({"resource": {kind: {"p": {argument: [letter, *range(60_000)]}}}} for letter in "ab")
    report = reviewed(tmp_path, new, old)
    assert report.fails(Level.ERROR)
    assert len(text.render(report)) < 3_000
    assert not codes(reviewed(tmp_path, new, new))


def test_documents_of_python_that_are_far_too_large_are_undecided() -> None:
    before, after = (PolicyDocument.from_json(FAR_TOO_LARGE["many actions"](letter)) for letter in "ab")
    assert compare(before, after).undecided == TOO_LARGE
    with pytest.raises(TooComplexError):
        newly_allowed(before, after, ["oss:GetObject"])


def test_the_size_of_a_value_takes_as_much_work_whatever_its_size() -> None:
    looked_at = 0

    class Endless(list[Any]):
        def __iter__(self) -> Any:
            nonlocal looked_at
            looked_at += 1
            return super().__iter__()

    assert is_larger(Endless([[]] * 1_000), 100)
    assert is_larger(["a" * 1_000], 100)
    assert not is_larger([" " * 1_000], 100)
    assert not looked_at


def test_values_that_are_no_strings_are_not_all_compared_with_each_other() -> None:
    compared = 0

    class Value:
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return self is other

        __hash__ = None  # type: ignore[assignment]

    in_order([Value() for _ in range(2_000)])
    assert compared < 10_000


def test_of_a_document_far_too_large_only_that_is_said() -> None:
    attributes = without_oversized({"policy_document": FAR_TOO_LARGE["objects"]("a")})
    props = PolicyVersionProps(policy_name="p", policy_document=attributes["policy_document"])
    assert [finding.code for finding in check_policy_version(props)] == ["PV106"]
    assert len(normal_form.text(normal_form.form(props))) < 300


def test_a_very_long_document_is_never_decoded(tmp_path: Path) -> None:
    old, new = policy("a" * 900_000), policy("b" * 900_000)
    report = reviewed(tmp_path, new, old)
    assert all_codes(report) >= {"RV222", "PV106"}
    assert "900,002 bytes, SHA-256" in text.render(report)
    assert not codes(reviewed(tmp_path, new, new))
    template = policy("a" * 500_000 + "${var.a}")
    assert "RV222" in codes(reviewed(tmp_path, template, template))


def test_a_very_long_document_behind_a_reference_is_undecided(tmp_path: Path) -> None:
    new, old = ({**policy("${local.document}"), "locals": {"document": letter * 500_000}} for letter in "ab")
    assert set(codes(reviewed(tmp_path, new, old))) >= {"RV222"}
    assert not {"PV101", "PV106"} & all_codes(reviewed(tmp_path, new, old))
    assert not codes(reviewed(tmp_path, new, new))


def of_blocks(action: str, statements: int = 11, **others: Any) -> dict[str, Any]:
    blocks = [{"effect": "Allow", "action": [f"{action}{i}"], "resource": ["*"]} for i in range(statements)]
    policy = {"policy_name": "p", "rotate_strategy": "None", "statement": blocks, **others}
    return {"resource": {"alicloud_ram_policy": {"p": policy}}}


def of_data(action: str) -> dict[str, Any]:
    blocks = of_blocks(action)["resource"]["alicloud_ram_policy"]["p"]["statement"]
    policy = {"policy_name": "p", "policy_document": "${data.alicloud_ram_policy_document.d.document}"}
    data = {"alicloud_ram_policy_document": {"d": {"version": "1", "statement": blocks}}}
    return {"data": data, "resource": {"alicloud_ram_policy": {"p": policy}}}


DYNAMIC = [{"for_each": ["x"], "content": {"action": ["${statement.value}"]}}]


@pytest.mark.parametrize(
    ("old", "new", "is_undecided"),
    [
        (of_blocks("a"), of_blocks("a"), False),
        (of_blocks("a"), of_blocks("b"), True),
        (of_blocks("a", 3), of_blocks("a"), True),
        (of_blocks("a"), of_blocks("a", version="2"), True),
        (of_blocks("a"), of_blocks("a", dynamic={"statement": DYNAMIC}), True),
        (of_blocks("a", policy_document=one()), of_blocks("b", policy_document=one()), False),
        (
            of_blocks("${local.a}") | {"locals": {"a": "x"}},
            of_blocks("${local.a}") | {"locals": {"a": "y"}},
            True,
        ),
        (
            of_blocks("${local.a}") | {"locals": {"a": "x"}},
            of_blocks("${local.a}") | {"locals": {"a": "x"}},
            False,
        ),
        (of_data("a"), of_data("a"), False),
        (of_data("a"), of_data("b"), True),
    ],
)
def test_of_too_many_blocks_no_document_is_made(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: dict[str, Any],
    new: dict[str, Any],
    is_undecided: bool,
) -> None:
    for module in (expansion, terraform_module):
        monkeypatch.setattr(module, "MOST_STATEMENTS", 10)
    report = reviewed(tmp_path, new, old)
    assert report.fails(Level.ERROR) is is_undecided
    assert ("RV222" in all_codes(report)) is is_undecided


def of_local(values: list[str]) -> dict[str, Any]:
    return {**policy("${jsonencode(local.document)}"), "locals": {"document": {"Statement": values}}}


def of_dynamic(type_name: str, block: str, content: dict[str, Any], values: list[str]) -> dict[str, Any]:
    body = {"policy_name": "p", "dynamic": {block: [{"for_each": "${local.values}", "content": content}]}}
    return {"resource": {type_name: {"p": body}}, "locals": {"values": values}}


def dynamic_rules(values: list[str]) -> dict[str, Any]:
    return of_dynamic("alicloud_hbr_policy", "rules", {"schedule": "${rules.value}"}, values)


def dynamic_statements(values: list[str]) -> dict[str, Any]:
    return of_dynamic("alicloud_ram_policy", "statement", {"action": ["${statement.value}"]}, values)


def of_expressions(second: str) -> dict[str, Any]:
    document = {"Statement": ["${local.first}", "${local.second}"]}
    return {**policy(document), "locals": {"first": "a", "second": second}}


MANY = [str(number) for number in range(20)]
OTHERS = [*MANY[:-1], "x"]


@pytest.mark.parametrize(
    ("made", "module", "limit", "code"),
    [
        (of_local, terraform_module, "MAX_WRITTEN", "RV222"),
        (dynamic_rules, terraform_module, "MOST_STATEMENTS", "RV241"),
        (dynamic_statements, terraform_module, "MOST_STATEMENTS", "RV241"),
        (lambda values: policy({"Statement": values}), expansion, "MAX_VALUE", "RV222"),
    ],
)
def test_what_is_too_large_to_be_filled_in_is_undecided(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[list[str]], Any],
    module: ModuleType,
    limit: str,
    code: str,
) -> None:
    monkeypatch.setattr(module, limit, 19)
    assert code in codes(reviewed(tmp_path, made(OTHERS), made(MANY)))
    assert not codes(reviewed(tmp_path, made(MANY), made(MANY)))


def test_behind_what_is_too_large_expressions_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expansion, "MAX_VALUE", 2)
    new, old = of_expressions("b"), of_expressions("c")
    assert "RV222" in codes(reviewed(tmp_path, new, old))
    assert not codes(reviewed(tmp_path, new, new))
    monkeypatch.setattr(dependencies, "MAX_EXPRESSIONS", 1)
    assert "RV222" in codes(reviewed(tmp_path, new, new))


def role_in_state(values: list[Any]) -> dict[str, Any]:
    role = {"role_name": "r", "paths": values}
    resource = {
        "address": "alicloud_ram_role.a",
        "mode": "managed",
        "type": "alicloud_ram_role",
        "values": role,
    }
    return {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}


def role_in_plan(old: list[Any], new: list[Any]) -> dict[str, Any]:
    before, after = ({"role_name": "r", "paths": values} for values in (old, new))
    return plan(change("alicloud_ram_role", before, after))


@pytest.mark.parametrize("values", [list(range(600)), [{"a": number} for number in range(600)]])
def test_a_large_value_of_another_resource_is_named_by_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any]
) -> None:
    monkeypatch.setattr(oversized, "_MOST_OF_OTHERS", 1_000)
    other = [*values, "x"]
    for name, content in (("old", role_in_state(values)), ("new", role_in_state(other))):
        written(tmp_path, f"{name}.json", content)
    written(tmp_path, "plan.json", role_in_plan(values, other))
    for given in (
        read_input(tmp_path / "new.json", tmp_path / "old.json"),
        read_input(tmp_path / "plan.json"),
    ):
        report = review(given, at=AT)
        assert only(report).differences[0][1].startswith("too large to be looked into")
        assert codes(report) == ["RV256"]
    written(tmp_path, "same.json", role_in_state(values))
    assert not review(read_input(tmp_path / "same.json", tmp_path / "old.json"), at=AT).fails(Level.NOTE)
