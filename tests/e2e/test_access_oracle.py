"""More random documents, held against the oracle of what one allows and the other does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ram.analysis.oracle import pairs
from tests.ram.test_access import IDS, KINDS, hold_against_the_oracle


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("kind", "count"), KINDS, ids=IDS)
def test_more_random_pairs_have_exactly_the_differences_that_the_oracle_finds(
    kind: dict[str, Any], count: int, seed: int
) -> None:
    for before, after in pairs(seed, 3 * count, **kind):
        hold_against_the_oracle(before, after)
