"""What takes effect, over many more plans and configurations than `make test` has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.test_takes_effect import decide_configuration, decide_plan


@pytest.mark.parametrize("part", range(4))
def test_what_is_decided_is_right(tmp_path: Path, part: int) -> None:
    for seed in range(1_000 + 1_000 * part, 2_000 + 1_000 * part):
        decide_plan(tmp_path, seed, has_attributes=True)
        decide_plan(tmp_path, seed, has_attributes=False)
        decide_configuration(tmp_path, seed)
