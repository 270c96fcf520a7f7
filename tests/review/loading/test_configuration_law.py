"""The law of configurations: where what is deployed differs, a review never says that nothing changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading import files as loading
from constructs_lib.review.loading.alignment import align
from constructs_lib.review.loading.json_text import JsonText
from constructs_lib.review.loading.module_tree import ModuleTree
from constructs_lib.review.loading.resource import Input, Side
from constructs_lib.review.loading.terraform_module import Instances, TerraformModule
from constructs_lib.review.loading.variables import NO_VARIABLES
from constructs_lib.review.pairing import pairs
from constructs_lib.review.report import Action, Level
from constructs_lib.review.reviewing import review
from tests.review.configurations import AT
from tests.review.loading.random_configurations import Module, drawn, files, meaning

_ROOT = Path("/configuration")


def loaded(module: Module, *, is_old: bool) -> Side:
    """A side, as if its folders had been read."""
    contents = dict(files(module))
    tree = ModuleTree(
        _ROOT,
        "root",
        is_old,
        {
            (file := f"{name}/main.tf.json"): JsonText(json.dumps(item).encode(), file)
            for name, item in contents.items()
        },
    )
    for name, content in contents.items():
        folder = Path(f"{_ROOT}{name.removeprefix('root')}").resolve()
        tree._folders[folder] = [(f"{name}/main.tf.json", content)]
    return loading._configuration("root", tree.module(_ROOT) or [], tree, "stack", NO_VARIABLES)


def both(old: Module, new: Module) -> Input:
    return align(loaded(new, is_old=False), loaded(old, is_old=True))


def is_clean(given: Input) -> bool:
    return not given.configuration and all(pair.action is Action.UNCHANGED for pair in pairs(given))


def broken(seeds: range) -> list[int]:
    """The seeds of differences that are passed over."""
    found = []
    for seed in seeds:
        old, new = drawn(seed)
        if meaning(old) != meaning(new) and is_clean(both(old, new)):
            found.append(seed)
    return found


def test_a_difference_is_never_passed_over() -> None:
    assert broken(range(300)) == []


def test_the_same_configuration_is_clean() -> None:
    for seed in range(40):
        assert is_clean(both(drawn(seed)[0], drawn(seed)[0])), seed


def test_new_access_is_never_a_mere_note() -> None:
    for seed in range(40):
        old, new = drawn(seed)
        before, after = meaning(old), meaning(new)
        gained = [key for key in after if set(after[key][1]) - set(before.get(key, ("", []))[1])]
        report = review(both(old, new), at=AT)
        graver = [one for one in report.all_findings() if one.is_about_change and one.level is not Level.NOTE]
        assert graver or not gained, seed


def test_few_changes_without_a_difference_are_alarms() -> None:
    same = [seed for seed in range(120) if meaning(drawn(seed)[0]) == meaning(drawn(seed)[1])]
    alarms = [seed for seed in same if not is_clean(both(*drawn(seed)))]
    assert len(alarms) < len(same) / 25


def no_fingerprint(self: TerraformModule, value: Any, names: Any) -> str:
    return ""


def one_instance(self: TerraformModule, body: Any, names: Any) -> Instances:
    return Instances((("", names),))


def no_variable(self: TerraformModule, name: str) -> Any:
    return "the same"


@pytest.mark.parametrize(
    ("name", "fault"),
    [("fingerprint", no_fingerprint), ("instances", one_instance), ("_variable", no_variable)],
)
def test_the_law_catches_a_review_that_looks_away(
    monkeypatch: pytest.MonkeyPatch, name: str, fault: Any
) -> None:
    monkeypatch.setattr(TerraformModule, name, fault)
    assert broken(range(200)) != []
