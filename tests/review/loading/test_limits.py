"""What is too much, or hidden, or outside, is said: of modules and files, of values, and in plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.resource_type import ResourceType
from constructs_lib.review.loading import command_files, masking, module_tree
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.command_files import named_files
from constructs_lib.review.loading.dependencies import fingerprint
from constructs_lib.review.loading.files import read_side
from constructs_lib.review.loading.module_tree import Files, ModuleFiles, ModuleTree
from constructs_lib.review.loading.plan_completeness import incomplete
from constructs_lib.review.loading.state import known_versions
from constructs_lib.review.loading.terraform_module import TerraformModule
from constructs_lib.review.loading.unseen import unseen
from constructs_lib.review.loading.values import Budget, UnresolvedError, as_one_kind, as_one_type, weigh
from constructs_lib.tokens import Literal
from tests.review.configurations import Json, allow, backup_policy, document, ram_policy, written

HBR = RESOURCE_TYPES["alicloud_hbr_policy"]


def tree_at(folder: Path, references: int = 100) -> ModuleTree:
    return ModuleTree(folder, "new", is_old=False, references=references)


# ------------------------------------------------------------ modules and files


def test_references_are_followed_as_long_as_there_is_budget(tmp_path: Path) -> None:
    chain: dict[str, str] = {f"a{number}": f"${{local.a{number + 1}}}" for number in range(9)}
    for budget, is_decided in ((20, True), (5, False)):
        files: Files = [("new/main.tf.json", {"locals": {**chain, "a9": "${data.http.x.body}"}})]
        module = TerraformModule(tree_at(tmp_path, references=budget), files, tmp_path)
        assert fingerprint(module, "${local.a0}", {}).startswith("new side only") is not is_decided


def test_files_of_commands_are_looked_up_as_long_as_there_is_budget(tmp_path: Path) -> None:
    for number in range(9):
        written(tmp_path, f"{number}.sh", f"sh {number + 1}.sh")
    for budget, is_decided in ((100, True), (5, False)):
        tree = ModuleTree(tmp_path, "new", is_old=False, words=budget)
        module = TerraformModule(tree, [("new/main.tf.json", {})], tmp_path)
        found = named_files(module, {}, {"command": "sh 0.sh"})
        assert "0.sh" in found
        assert any(name.startswith("new side only") for name in found.values()) is not is_decided
        assert ("8.sh" in found) is is_decided


def test_what_a_command_names_outside_of_a_checkout_goes_by_its_path(tmp_path: Path) -> None:
    written(tmp_path, "x.sh", "secret")
    written(tmp_path, "live/y.sh", "a")
    (tmp_path / "live/z.sh").symlink_to(tmp_path / "x.sh")
    module = TerraformModule(tree_at(tmp_path / "live"), [("new/main.tf.json", {})], tmp_path / "live")
    outside = str((tmp_path / "x.sh").resolve())
    content = {"command": f"sh ../x.sh; ./z.sh; {outside}; cat ../../../../../../etc"}
    found = named_files(module, {}, content)
    assert found["../x.sh"] == found["./z.sh"] == outside
    assert outside not in found
    written(tmp_path, "cdktf.json", "{}")
    assert named_files(module, {}, content)["../x.sh"] != outside


def test_a_command_names_what_is_there_and_what_is_where_it_changes_to(tmp_path: Path) -> None:
    written(tmp_path, "cdktf.json", "{}")
    for name in ("x.sh", "live/y.sh", "live/s/z.sh"):
        written(tmp_path, name, "a")
    module = TerraformModule(tree_at(tmp_path / "live"), [("new/main.tf.json", {})], tmp_path / "live")
    assert set(named_files(module, {}, {"command": "sh y.sh"})) == {"y.sh"}
    assert set(named_files(module, {}, {"command": "sh x.sh .."})) == {".."}
    assert set(named_files(module, {}, {"command": "cd .. && sh x.sh"})) == {"../x.sh"}
    assert set(named_files(module, {}, {"command": "run s"})) == {"s"}


def test_an_absolute_path_inside_of_the_checkout_is_never_the_same(tmp_path: Path) -> None:
    written(tmp_path, "cdktf.json", "{}")
    written(tmp_path, "live/x.sh", "a")
    module = TerraformModule(tree_at(tmp_path / "live"), [("new/main.tf.json", {})], tmp_path / "live")
    names = (tmp_path / "live/x.sh", tmp_path / "live", tmp_path / "live/y.sh", "/bin/sh", "/", "~/")
    found = named_files(module, {}, {"command": " ".join(map(str, names))})
    assert found == {str(name): f"new side only: {name}" for name in names[:2]}


def test_a_folder_around_a_command_is_compared_without_the_configuration(tmp_path: Path) -> None:
    for name in ("main.tf.json", "x.sh"):
        written(tmp_path, name, "{}")
    found = []
    for name in ("main.tf.json", "x.sh"):
        tree = ModuleTree(tmp_path, "new", is_old=False)
        module = TerraformModule(tree, tree.module(tmp_path) or [], tmp_path)
        found.append(named_files(module, {}, {"command": "run ."}))
        written(tmp_path, name, '{"locals": {}}')
    tree = ModuleTree(tmp_path, "new", is_old=False)
    last = named_files(TerraformModule(tree, tree.module(tmp_path) or [], tmp_path), {}, {"command": "run ."})
    assert found[0] == found[1] != last
    assert found[0].keys() == {"."}


def test_a_folder_of_a_command_that_is_too_much_is_never_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_files, "MAX_FILES", 3)
    monkeypatch.setattr(command_files, "MAX_FOLDER_BYTES", 100_000)
    for folder, size, number in (("few", 1, 3), ("many", 1, 4), ("large", 60_000, 2)):
        for name in range(number):
            written(tmp_path, f"{folder}/{name}", "x" * size)
    written(tmp_path, "linked/a", "")
    (tmp_path / "linked/b").symlink_to(tmp_path / "few/0")
    module = TerraformModule(tree_at(tmp_path), [("new/main.tf.json", {})], tmp_path)
    found = named_files(module, {}, {"command": "run few many large linked"})
    assert {name for name, content in found.items() if content.startswith("new side only")} == {
        *("many", "large", "linked")
    }
    assert "few" in found


def test_a_folder_of_much_is_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_tree, "MAX_FOLDER_BYTES", 200)
    for name in "ab":
        written(tmp_path, f"m/{name}.tf", "#" * 150)
    assert tree_at(tmp_path).contents(tmp_path / "m") is None
    (tmp_path / "m/b.tf").unlink()
    assert tree_at(tmp_path).contents(tmp_path / "m") is not None


def test_a_folder_of_many_files_is_no_name_and_another_file_makes_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_tree, "MAX_FILES", 3)
    for number in range(3):
        written(tmp_path, f"m/{number}.tf", "")
    found = {tree_at(tmp_path).contents(tmp_path / "m")}
    for number in range(3):
        written(tmp_path, f"m/{number}.tf", "#")
        found.add(tree_at(tmp_path).contents(tmp_path / "m"))
    assert None not in found
    assert len(found) == 4
    written(tmp_path, "m/3.tf", "")
    assert tree_at(tmp_path).contents(tmp_path / "m") is None


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_tree, "MAX_BYTES", 10)
    files = ModuleFiles(tree_at(tmp_path), tmp_path)
    for length in (10, 11):
        written(tmp_path, f"{length}.json", "x" * length)
    assert files.text("10.json") == "x" * 10
    with pytest.raises(UnresolvedError):
        files.text("11.json")


def test_of_a_folder_of_many_files_no_names_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_tree, "MAX_FILES", 3)
    files = ModuleFiles(tree_at(tmp_path), tmp_path)
    for number in range(3):
        written(tmp_path, f"p/{number}.json", "")
    assert len(files.names("p", "*.json")) == 3
    written(tmp_path, "p/4.json", "")
    with pytest.raises(UnresolvedError):
        files.names("p", "*.json")


def test_a_module_beside_the_root_has_a_name_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, "live/main.tf.json", {"module": {"m": {"source": "../m"}}})
    resource = {"resource": {"alicloud_ram_policy": {"a": ram_policy(allow("oss:*"))}}}
    written(tmp_path, "m/main.tf.json", resource)
    (found,) = read_side(tmp_path / "live").resources
    assert found.file == f"{tmp_path}/live/../m/main.tf.json"


def test_no_path_is_too_strange(tmp_path: Path) -> None:
    files = ModuleFiles(tree_at(tmp_path), tmp_path)
    for path in ("\0", "\ud800", "a" * 2_000):
        assert not files.is_file(path)
        assert not files.is_folder(path)


# ------------------------------------------------------------ values


def test_a_long_string_weighs_more() -> None:
    weigh("x" * 300, Budget(10))
    with pytest.raises(UnresolvedError):
        weigh("x" * 8_000, Budget(10))


def test_elements_become_one_type() -> None:
    assert as_one_kind(["a", 1, True]) == ["a", "1", "true"]
    assert as_one_kind([1, 2]) == [1, 2]
    assert as_one_kind([]) == []
    objects = [{"a": 1, "b": 2}, {"b": 2, "a": 1}]
    assert as_one_kind(objects) == objects
    for items in ([None], [1, True], [["a"], [1]], ["a", ["b"]]):
        with pytest.raises(UnresolvedError):
            as_one_kind(items)


def test_a_branch_stays_as_it_is_beside_one_of_its_type() -> None:
    assert as_one_type(["a"], ["b", "c"]) == ["a"]
    assert as_one_type([True], []) == [True]
    for value, other in (([None], [None, None]), (["a"], [1, 2]), ([["a"]], [["b"], ["c"]])):
        with pytest.raises(UnresolvedError):
            as_one_type(value, other)


# ------------------------------------------------------------ plans


def test_marks_of_both_sides_are_laid_over_each_other() -> None:
    assert masking.merged([{"a": True}], [{}, {"b": True}]) == [{"a": True}, {"b": True}]
    assert masking.merged([{"a": True}], True) is True
    assert masking.merged({"a": True}, [True]) is True


def test_what_is_marked_is_hidden_and_nothing_else() -> None:
    def hide(path: str) -> Any:
        return f"hidden {path}"

    assert masking.masked({"a": [1, 2]}, {"a": [True], "b": False, "c": True}, "p", hide) == {
        "a": ["hidden p.a[0]", 2],
        "c": "hidden p.c",
    }
    assert masking.masked([1], [False, True], "p", hide) == [1]
    assert masking.masked([1], {"a": True}, "p", hide) == "hidden p"


def test_what_is_hidden_is_named_by_its_path() -> None:
    marks = {"rules": [{}, {"retention": True}, {"vault_id": True}]}
    before, after = {"rules": [{}, {"retention": 1}]}, {"rules": [{}, {}, {"vault_id": "v"}]}
    assert list(masking.marked_values(marks, before, after)) == [
        ("rules[1].retention", 1, None),
        ("rules[2].vault_id", None, "v"),
    ]
    assert list(masking.marked_values(marks, None, {"rules": "x"})) == [("rules", None, "x")]
    assert list(masking.marked_values(marks, {"rules": None}, after)) == [
        ("rules[1].retention", None, None),
        ("rules[2].vault_id", None, "v"),
    ]


def test_what_is_not_seen_is_said_with_its_path() -> None:
    policy = backup_policy({"rule_type": "BACKUP", "schedule": "I|1|P1D"})
    later = {"rules": [{"schedule": True}]}
    assert list(unseen(HBR, policy, policy, {}, later)) == [
        "rules[0].schedule is known to Terraform only later"
    ]
    assert list(unseen(HBR, policy, policy, True, {})) == ["all of it is sensitive"]
    assert list(unseen(HBR, policy, {}, {}, True)) == ["all of it is known to Terraform only later"]


RAM, VERSION = RESOURCE_TYPES["alicloud_ram_policy"], RESOURCE_TYPES["alipolicy_policy_version"]


@pytest.mark.parametrize(
    ("resource_type", "before", "after", "later", "expected"),
    [
        (
            RAM,
            {"policy_document": "a", "document": "a"},
            {"policy_document": "b", "document": "b"},
            {},
            False,
        ),
        (RAM, {"policy_document": "a", "document": "a"}, {"policy_document": "a", "document": "b"}, {}, True),
        (RAM, {"document": "a"}, {"document": "b"}, {}, False),
        (RAM, {"x": "a"}, {}, {"x": True}, True),
        (VERSION, {"x": "a"}, {}, {"x": True}, False),
        (VERSION, {"x": "a"}, {"x": "b"}, {}, True),
        (VERSION, {"x": "a"}, {"x": "a"}, {}, False),
        (HBR, {"rules": [{"x": ""}]}, {"rules": [{}]}, {}, False),
        (HBR, {"rules": [{"x": "a"}]}, {"rules": [{}]}, {}, True),
    ],
)
def test_what_differs_and_has_no_place_is_said(
    resource_type: ResourceType, before: Json, after: Json, later: Json, expected: bool
) -> None:
    assert bool(list(unseen(resource_type, before, after, {}, later))) is expected


def test_of_many_that_are_passed_over_some_are_named() -> None:
    entries = [{"resource_change": {"address": f"a.{number}"}} for number in range(7)]
    (reason,) = incomplete({"deferred_changes": entries}, has_changes=False)
    assert reason.endswith("a.0, a.1, a.2, a.3, a.4 and 2 more")
    (reason,) = incomplete({"deferred_changes": entries[:5]}, has_changes=False)
    assert reason.endswith("a.3, a.4")


def test_a_version_that_was_read_is_no_template() -> None:
    text = document(allow("oss:*", "${foo}$${acs:SourceIp}"))
    version = {"version_id": "v1", "is_default_version": True, "policy_document": text}
    source = {
        "mode": "data",
        "type": "alipolicy_policy_versions",
        "values": {"policy_name": "reader", "versions": [version]},
    }
    content = {"prior_state": {"values": {"root_module": {"resources": [source]}}}}
    (known,) = known_versions(content)
    assert known.props.policy_document == text
    assert isinstance(known.props.policy_document, Literal)


@pytest.mark.parametrize(
    "source",
    [
        {"type": "alipolicy_policy_versions", "values": None},
        {"type": "alipolicy_policy_versions", "values": {"versions": [7, {"version_id": 5}, {}]}},
        {"type": "other", "values": {"versions": [{"version_id": "v1"}]}},
    ],
)
def test_what_is_no_version_of_a_policy_is_passed_over(source: dict[str, Any]) -> None:
    content = {"prior_state": {"values": {"root_module": {"resources": [{"mode": "data", **source}]}}}}
    assert list(known_versions(content)) == []
