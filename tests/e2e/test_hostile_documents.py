"""Hostile documents: each comparison is decided, and each witness shows it."""

from __future__ import annotations

import random

import pytest

from constructs_lib.ram.access import compare
from tests.ram.analysis.hostile import FAMILIES, documents
from tests.ram.test_access import recheck


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_hostile_document_is_decided(family: str, seed: int) -> None:
    before, after = documents(family, random.Random(seed), 2_000)
    comparison = compare(before, after)
    assert comparison.undecided is None
    recheck(before, after, comparison)
