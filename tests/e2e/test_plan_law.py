"""The law of plans over many more of them than `make test` has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.test_plan_accounting import broken


@pytest.mark.parametrize("part", range(4))
def test_a_plan_is_clean_only_where_nothing_differs(tmp_path: Path, part: int) -> None:
    seeds = range(1_000_000 + 5_000 * part, 1_005_000 + 5_000 * part)
    assert [problem for seed in seeds if (problem := broken(seed, tmp_path))] == []
