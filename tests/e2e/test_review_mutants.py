"""Every mutant of what says that all sources are chosen still is noticed, but for what does no harm."""

from __future__ import annotations

import ast
import inspect
import sys
from types import ModuleType
from unittest.mock import patch

from constructs_lib.review import source_selection
from tests.ram.analysis.mutants import _Walk as Walk
from tests.review.test_source_selection import answers

# It is right as well: without a filter everything is chosen, also what an unknown filter chose.
EQUIVALENT = {"Selection._covers_tags: and -> or 12"}


def test_every_mutant_is_noticed() -> None:
    walk = Walk()
    source = inspect.getsource(source_selection)
    walk.visit(ast.parse(source))
    expected = answers(source_selection)
    silent = set()
    for number, name in enumerate(walk.names):
        module = ModuleType("constructs_lib.review.a_mutant")
        tree = ast.fix_missing_locations(Walk(number).visit(ast.parse(source)))
        with patch.dict(sys.modules, {module.__name__: module}):
            exec(compile(tree, "<mutant>", "exec"), module.__dict__)
        try:
            if answers(module) == expected:
                silent.add(f"{name} {number}")
        except (AttributeError, TypeError):
            continue
    assert silent == EQUIVALENT
