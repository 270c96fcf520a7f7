"""1,000 random documents of 6 to 60 kB are split, each proven, judged again, and given one more statement."""

from __future__ import annotations

import random

import pytest

from constructs_lib.ram.analysis.redundancy import are_equivalent
from tests.ram.splits import (
    KINDS,
    MIDDLE,
    SMALL,
    a_large_document,
    a_statement,
    changed,
    fewest,
    read,
    statements_of,
)
from tests.ram.test_split import check


@pytest.mark.parametrize(("count", "rare", "share"), KINDS)
def test_random_documents(count: int, rare: list[tuple[int, int]], share: float) -> None:
    for seed in range(count):
        statements = a_large_document(seed, rare, share)
        parts = check(statements, seed)
        assert len(parts) <= fewest(parts) + (rare is not SMALL)
        draw = random.Random(seed)
        new = a_statement(draw)
        at_the_end = read([*statements, new]).split()
        statements.insert(draw.randrange(len(statements)), new)
        anywhere = read(statements).split(previous=parts)
        assert len(anywhere) == len(at_the_end)
        assert changed(parts, at_the_end) <= 2
        assert changed(parts, anywhere) <= 2


def test_whole_documents_are_proven_too() -> None:
    for seed in range(50):
        document = read(a_large_document(seed, MIDDLE, 0.1))
        assert are_equivalent(document.to_dict(), read(statements_of(*document.split())).to_dict())
