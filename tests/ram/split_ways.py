"""Ways to split that need no earlier documents, side by side: `python -m tests.ram.split_ways`.

Each of 1,000 random documents is split, and again with one more statement at the end, or anywhere: how often
do more than two change? None of these ways is stable by itself, which is why `PolicyDocument.split` takes the
earlier documents.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import accumulate, pairwise

from constructs_lib.ram import split
from constructs_lib.ram.canonical import canonical_statements
from constructs_lib.ram.split import ROOM, _filled, _packed, _pieces, _Sized
from tests.ram.splits import KINDS, Statement, a_large_document, a_statement

Documents = list[list[_Sized]]


def drawn(text: str) -> float:
    """A number from 0 to 1 that only the text decides."""
    return int.from_bytes(sha256(text.encode()).digest()[:6], "big") / 2**48


def size(statements: Iterable[_Sized]) -> int:
    return sum(each.size for each in statements)


def as_written(statements: Sequence[_Sized]) -> Documents:
    """That of the library: one statement after the other is added, as they are written."""
    return _packed(statements, [])


def by_hash(statements: Sequence[_Sized]) -> Documents:
    """The same, in an order that has nothing to do with where a statement is written."""
    return _packed(sorted(statements, key=lambda each: drawn(each.text)), [])


def by_rank(statements: Sequence[_Sized]) -> Documents:
    """Each document has a first statement, and is filled with those that rank highest for it (rendezvous)."""
    left = sorted(statements, key=lambda each: drawn(each.text))
    documents: Documents = []
    while size(left) > ROOM:
        first, *others = left
        ranked = sorted(others, key=lambda each: drawn(first.text + each.text))
        full, _ = _filled(ranked, ROOM - first.size)
        documents.append([first, *full])
        taken = {each.text for each in documents[-1]}
        left = [each for each in left if each.text not in taken]
    return [*documents, left]


def by_cuts(statements: Sequence[_Sized]) -> Documents:
    """Stretches of what is written, cut where the drawn numbers have the least sum (content-defined chunks).

    Where no stretches are as few as the bytes allow, as the library does.
    """
    ends = list(accumulate((each.size for each in statements), initial=0))
    # The least sum, and where the cuts of it are, of so many stretches that end at each statement.
    best: list[tuple[float, tuple[int, ...]] | None] = [(0, (0,)), *([None] * len(statements))]
    for _ in range(-(-ends[-1] // ROOM)):
        following: list[tuple[float, tuple[int, ...]] | None] = [None]
        for end in range(1, len(ends)):
            starts = [best[start] for start in range(end) if ends[end] - ends[start] <= ROOM]
            least = min((each for each in starts if each), default=None)
            cost = drawn(statements[end - 1].text) if end < len(statements) else 0
            following.append(least and (least[0] + cost, (*least[1], end)))
        best = following
    if best[-1] is None:
        return as_written(statements)
    cuts = best[-1][1]
    return [list(statements[start:end]) for start, end in pairwise(cuts)]


WAYS: tuple[Callable[[Sequence[_Sized]], Documents], ...] = (as_written, by_hash, by_rank, by_cuts)


def sized(statements: Iterable[Statement]) -> list[_Sized]:
    """The statements as they are packed, each once and in pieces where it is too large."""
    found: dict[str, _Sized] = {}
    for whole in (split._sized(*canonical_statements([each])) for each in statements):
        found |= {each.text: each for each in _pieces(whole) or ()}
    return list(found.values())


def changed(before: Documents, after: Documents) -> int:
    old, new = ({frozenset(each.text for each in part) for part in parts} for parts in (before, after))
    return max(len(old - new), len(new - old))


def main() -> None:
    cases = []
    for count, rare, share in KINDS:
        for seed in range(count):
            statements, draw = a_large_document(seed, rare, share), random.Random(seed)
            new = a_statement(draw)
            place = draw.randrange(len(statements))
            anywhere = [*statements[:place], new, *statements[place:]]
            cases.append([sized(each) for each in (statements, [*statements, new], anywhere)])
    print(f"{len(cases)} documents; more than two change by one more statement:")
    for way in WAYS:
        at_the_end = anywhere_else = larger = 0
        for whole, with_last, with_another in cases:
            parts = way(whole)
            at_the_end += changed(parts, way(with_last)) > 2
            anywhere_else += changed(parts, way(with_another)) > 2
            larger += len(parts) > -(-size(whole) // ROOM)
        print(
            f"{way.__name__:>10}: {at_the_end} at the end, {anywhere_else} anywhere; {larger} above the bound"
        )


if __name__ == "__main__":
    main()
