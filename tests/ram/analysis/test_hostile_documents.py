"""Small hostile documents are decided; tests/e2e/test_hostile_documents.py has large ones."""

from __future__ import annotations

import pytest

from tests.ram.analysis.hostile import FAMILIES, decide


@pytest.mark.parametrize("family", FAMILIES)
def test_a_small_hostile_document_is_decided(family: str) -> None:
    decide(family, seed=1, size=400, most=40_000)
