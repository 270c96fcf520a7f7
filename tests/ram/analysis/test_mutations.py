"""An error in the analysis is noticed: mutants of it answer some question otherwise than the oracle."""

from __future__ import annotations

import pytest

from tests.ram.analysis.mutants import EQUIVALENT, UNTOUCHED, Mutant, all_mutants, load, source
from tests.ram.analysis.questions import documents, is_noticed, is_right_in_all, spares_what_it_may

PAIRS_OF_A_KIND = 30
# Of the mutants one in so many; tests/e2e/test_mutants.py asks them all.
ONE_IN = 16
MUTANTS = list(all_mutants())
NOTICED = [mutant for mutant in MUTANTS if mutant.name not in EQUIVALENT]


def test_the_analysis_itself_is_right() -> None:
    assert is_right_in_all(load(), PAIRS_OF_A_KIND)
    assert all(spares_what_it_may(before) for before, _ in documents(PAIRS_OF_A_KIND))


@pytest.mark.parametrize("mutant", NOTICED[::ONE_IN], ids=str)
def test_a_mutant_is_noticed(mutant: Mutant) -> None:
    assert is_noticed(mutant, PAIRS_OF_A_KIND)


def test_what_nothing_shows_is_there() -> None:
    assert EQUIVALENT.keys() <= {mutant.name for mutant in MUTANTS}
    for name in UNTOUCHED.keys() - {"grants"}:
        assert any(f"def {name}(" in source(module) for module in ("evaluator", "request_space"))


def test_names_of_mutants_are_unique() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) > 400
