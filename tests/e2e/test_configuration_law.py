"""The law of configurations over many more of them than `make test` has time for."""

from __future__ import annotations

import pytest

from tests.review.loading.test_configuration_law import broken


@pytest.mark.parametrize("part", range(4))
def test_a_difference_is_never_passed_over(part: int) -> None:
    assert broken(range(1_000 + 5_000 * part, 6_000 + 5_000 * part)) == []
