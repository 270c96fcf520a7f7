"""More random backup policies, held against a walk from one backup to the next."""

from __future__ import annotations

import pytest

from tests.backup.test_recovery import check_moved_points, check_points, check_worst_cases


@pytest.mark.parametrize("block", range(4))
def test_more_points_worst_cases_and_moves_are_those_of_the_walk(block: int) -> None:
    check_points(range(160 + block, 320, 4))
    check_worst_cases(range(160 + block, 320, 4))
    check_moved_points(range(50 + block, 100, 4))
