"""The law of a plan: "nothing to look at" is said only where nothing matters; held by random plans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review import wording
from constructs_lib.review.command import review as command
from constructs_lib.review.loading import masking
from constructs_lib.review.loading import plan as plan_loading
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.report import Level
from constructs_lib.review.reviewing import review
from tests.properties import examples
from tests.review.configurations import AT
from tests.review.random_plans import changed, gravity, random_plan

# ------------------------------------------------------------ the law


def verdict(plan: dict[str, Any], folder: Path) -> str:
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    try:
        report = review(read_input(path), at=AT)
    except InputError:
        return "refused"
    if report.fails(Level.ERROR):
        return "error"
    headline = wording.headline(report)
    return "clean" if headline == "no change; nothing to look at" else "passed"


def broken(seed: int, folder: Path) -> str | None:
    """What contradicts the law in the plan of a seed; None where nothing does."""
    random = Random(seed)
    plan = random_plan(random)
    if verdict(plan, folder) != "clean":
        return "a plan without a change is not clean"
    changed(random, plan)
    expected, got = gravity(plan), verdict(plan, folder)
    allowed = {"grave": ("error", "refused"), "told": ("error", "refused", "passed")}.get(expected)
    return f"{expected}, but {got}: {json.dumps(plan)}" if allowed and got not in allowed else None


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@examples(300)
@given(seed=st.integers(0, 2**32))
def test_a_plan_is_clean_only_where_nothing_differs(seed: int, folder: Path) -> None:
    assert broken(seed, folder) is None


def test_the_command_has_the_same_verdict(folder: Path) -> None:
    for seed in range(40):
        random = Random(seed)
        plan = random_plan(random)
        changed(random, plan)
        expected = verdict(plan, folder)
        result = CliRunner().invoke(command, [str(folder / "plan.json"), "--at", str(AT)])
        assert result.exit_code == {"error": 1, "refused": 2}.get(expected, 0)
        assert ("no change; nothing to look at" in result.output) == (expected == "clean")


MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "hides nothing": (masking, "is_marked", lambda marks: False),
    "sees nothing unseen": (plan_loading, "unseen", lambda *arguments: ()),
    "takes all for untouched": (plan_loading, "is_same", lambda first, second: True),
    "knows no neighbours": (plan_loading, "is_of_concern", lambda name: False),
    "takes all for complete": (plan_loading, "incomplete", lambda content, has_changes: ()),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_review_that_overlooks_something_is_caught(
    mutant: tuple[Any, str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*mutant)
    assert any(broken(seed, folder) for seed in range(400))
