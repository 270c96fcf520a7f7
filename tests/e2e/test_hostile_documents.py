"""Hostile documents of the size that RAM takes: each comparison is decided, and each witness shows it."""

from __future__ import annotations

import pytest

from tests.ram.analysis.hostile import FAMILIES, decide


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_hostile_document_is_decided(family: str, seed: int) -> None:
    decide(family, seed)
