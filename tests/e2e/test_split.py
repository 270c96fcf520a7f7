"""1,000 random documents of 6 to 60 kB are split, each proven, judged again, and given one more statement."""

from __future__ import annotations

import random

import pytest

from constructs_lib.ram.analysis.redundancy import are_equivalent
from tests.ram.splits import LARGE, MIDDLE, SMALL, a_large_document, a_statement, read, statements_of
from tests.ram.test_split import changed, check, fewest

# How many documents, which sizes are rare, their share; of how many more than two change, to save one.
KINDS = [(700, SMALL, 0.0, 1), (200, MIDDLE, 0.3, 2), (60, MIDDLE, 1.0, 2), (40, LARGE, 0.03, 2)]


@pytest.mark.parametrize(("count", "rare", "share", "most"), KINDS)
def test_random_documents(count: int, rare: list[tuple[int, int]], share: float, most: int) -> None:
    more_than_two = 0
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
        more_than_two += changed(parts, at_the_end) > 2 or changed(parts, anywhere) > 2
    assert more_than_two <= most


def test_whole_documents_are_proven_too() -> None:
    for seed in range(50):
        document = read(a_large_document(seed, MIDDLE, 0.1))
        assert are_equivalent(document.to_dict(), read(statements_of(*document.split())).to_dict())
