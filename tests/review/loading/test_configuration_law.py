"""The law of configurations: where what is deployed differs, a review never says that nothing changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review import configuration_change_checks, wording
from constructs_lib.review.loading import expansion
from constructs_lib.review.loading import files as loading
from constructs_lib.review.loading.alignment import align
from constructs_lib.review.loading.json_text import JsonText
from constructs_lib.review.loading.module_tree import ModuleTree
from constructs_lib.review.loading.resource import Input, Side
from constructs_lib.review.loading.terraform_module import Instances, TerraformModule
from constructs_lib.review.loading.variables import NO_VARIABLES
from constructs_lib.review.report import Level, Report
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


def is_clean(report: Report) -> bool:
    """Whether the report says that nothing changes; it may speak of what was wrong before, and count what no
    policy depends on."""
    codes = {finding.code for finding in report.all_findings()}
    is_none = wording.describe_actions(report) in ("no change", "no change of a policy")
    return is_none and not codes & {check.code for check in configuration_change_checks.ALL}


def is_lawful(seed: int) -> bool:
    """Whether a difference is told, and new access by more than a note."""
    old, new = drawn(seed)
    before, after = meaning(old), meaning(new)
    if before == after:
        return True
    report = review(both(old, new), at=AT)
    about_change = {finding.level for finding in report.all_findings() if finding.is_about_change}
    if any(set(after[key][1]) - set(before.get(key, ("", []))[1]) for key in after):
        return not about_change <= {Level.NOTE}
    return not is_clean(report)


def broken(seeds: range) -> list[int]:
    """The seeds of differences that are passed over."""
    return [seed for seed in seeds if not is_lawful(seed)]


def test_a_difference_is_never_passed_over() -> None:
    assert broken(range(300)) == []


def test_the_same_configuration_is_clean() -> None:
    for seed in range(40):
        assert is_clean(review(both(drawn(seed)[0], drawn(seed)[0]), at=AT)), seed


def test_few_changes_without_a_difference_are_alarms() -> None:
    same = [seed for seed in range(120) if meaning(drawn(seed)[0]) == meaning(drawn(seed)[1])]
    alarms = [seed for seed in same if not is_clean(review(both(*drawn(seed)), at=AT))]
    assert len(alarms) < len(same) / 25


def no_fingerprint(module: TerraformModule, value: Any, names: Any) -> str:
    return ""


def one_instance(self: TerraformModule, body: Any, names: Any) -> Instances:
    return Instances((("", names),))


def no_variable(self: TerraformModule, name: str) -> Any:
    return "the same"


@pytest.mark.parametrize(
    ("target", "name", "fault"),
    [
        (expansion, "fingerprint", no_fingerprint),
        (TerraformModule, "instances", one_instance),
        (TerraformModule, "_variable", no_variable),
    ],
)
def test_the_law_catches_a_review_that_looks_away(
    monkeypatch: pytest.MonkeyPatch, target: Any, name: str, fault: Any
) -> None:
    monkeypatch.setattr(target, name, fault)
    assert broken(range(200)) != []
