"""Every mutant of the analysis of policy documents is noticed, but for those that no answer can show."""

from __future__ import annotations

import pytest

from tests.ram.analysis.mutants import EQUIVALENT, MODULES, UNTOUCHED, all_mutants
from tests.ram.analysis.questions import is_noticed

PAIRS_OF_A_KIND = 60


@pytest.mark.parametrize("module", [module for module in MODULES if module not in UNTOUCHED])
def test_exactly_the_mutants_that_no_answer_can_show_are_not_noticed(module: str) -> None:
    mutants = [mutant for mutant in all_mutants() if mutant.module == module]
    silent = {mutant.name for mutant in mutants if not is_noticed(mutant, PAIRS_OF_A_KIND)}
    assert silent == {name for name in EQUIVALENT if name.startswith(f"{module}.")}
