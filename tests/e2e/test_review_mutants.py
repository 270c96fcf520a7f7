"""Every mutant of what decides a verdict of the review is noticed, but for what does no harm."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from types import ModuleType
from unittest.mock import patch

from constructs_lib.backup import source_selection
from tests.backup.test_source_selection import answers
from tests.ram.analysis.mutants import Walk
from tests.review.mutants import BESIDE, EQUIVALENT, LAYOUT, all_modules, mutants
from tests.terraform import REPOSITORY

# It is right as well: without a filter everything is chosen, also what an unknown filter chose.
RIGHT_AS_WELL = {"Selection._covers_tags: and -> or 8"}


def test_every_mutant_of_what_says_that_all_sources_are_chosen_still_is_noticed() -> None:
    walk = Walk()
    source = inspect.getsource(source_selection)
    walk.visit(ast.parse(source))
    expected = answers(source_selection)
    silent = set()
    for number, name in enumerate(walk.names):
        module = ModuleType("constructs_lib.backup.a_mutant")
        tree = ast.fix_missing_locations(Walk(number).visit(ast.parse(source)))
        with patch.dict(sys.modules, {module.__name__: module}):
            exec(compile(tree, "<mutant>", "exec"), module.__dict__)
        try:
            if answers(module) == expected:
                silent.add(f"{name} {number}")
        except (AttributeError, TypeError):
            continue
    assert silent == RIGHT_AS_WELL


def test_every_mutant_of_what_decides_is_noticed() -> None:
    """By the table of verdicts and the laws, in processes of their own."""
    tried = subprocess.run(
        [sys.executable, "-m", "tests.review.mutants"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert tried.stdout == ""


def test_all_that_is_named_is_there() -> None:
    names = {mutant.name for mutant in mutants((*all_modules(), BESIDE))}
    assert EQUIVALENT.keys() <= names
    assert {name.partition(": ")[0] for name in names} >= LAYOUT
