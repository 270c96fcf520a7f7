"""A document is split into the fewest that mean the same, and one more statement leaves most as they are."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence, Set
from itertools import combinations
from typing import Any

import pytest

from constructs_lib import InvalidPropsError, PolicyDocument
from constructs_lib.ram import split
from constructs_lib.ram.access import compare_denials, equivalent
from constructs_lib.ram.split import ROOM, SplitError
from tests.ram.splits import (
    LARGE,
    MIDDLE,
    SMALL,
    Statement,
    a_large_document,
    a_statement,
    changed,
    fewest,
    is_allowed,
    read,
    requests,
    statements_of,
)

ARNS = [f"acs:oss:cn-hangzhou:1:b-{number:04}/*" for number in range(500)]
ACTIONS = [f"oss:GetObjectNumber{number:04}" for number in range(600)]


def check(statements: list[Any], seed: int, *, count: int = 40) -> tuple[PolicyDocument, ...]:
    """The documents: small enough, and the same as the whole by a judge of its own."""
    parts = read(statements).split()
    assert all(part.size_bytes <= 6144 for part in parts)
    union = statements_of(*parts)
    draw = random.Random(seed)
    for request in requests(draw, [*statements, *union], count):
        assert is_allowed(statements, request) is is_allowed(union, request), request
    return parts


@pytest.mark.parametrize("seed", range(6))
def test_a_large_document_becomes_the_fewest_and_one_more_statement_changes_two(seed: int) -> None:
    statements = a_large_document(seed, SMALL, 0)
    parts = check(statements, seed)
    assert len(parts) == fewest(parts)
    draw = random.Random(seed)
    new = a_statement(draw)
    assert changed(parts, read([*statements, new]).split()) <= 2
    statements.insert(draw.randrange(len(statements)), new)
    anywhere = read(statements).split(previous=parts)
    assert changed(parts, anywhere) <= 2
    assert len(anywhere) == fewest(anywhere)


@pytest.mark.parametrize(("rare", "share"), [(MIDDLE, 1), (LARGE, 0.05)])
@pytest.mark.parametrize("seed", range(3))
def test_large_statements_are_divided(rare: list[tuple[int, int]], share: float, seed: int) -> None:
    statements = a_large_document(seed, rare, share)
    parts = check(statements, seed)
    assert len(parts) <= fewest(parts) + 1


def test_what_fits_stays_one_document() -> None:
    document = read([{"Effect": "Allow", "Action": ["oss:Get*"], "Resource": ["*"]}] * 2)
    assert document.split() == (read([{"Effect": "Allow", "Action": ["oss:Get*"], "Resource": ["*"]}]),)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    ("elements", "count"),
    [
        ({"Action": ["oss:Get*"], "Resource": ARNS}, 3),
        ({"NotAction": ["oss:Get*"], "Resource": ARNS}, 3),
        ({"Action": ACTIONS, "Resource": ["*"]}, 3),
        ({"Action": ACTIONS, "NotResource": ARNS[:9]}, 3),
        ({"Action": ACTIONS, "Resource": ARNS[:60]}, 4),
        ({"Action": ACTIONS[:150], "Resource": ARNS[:120]}, 2),
    ],
)
def test_one_statement_is_divided_by_a_list(elements: dict[str, Any], count: int, effect: str) -> None:
    everything = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
    condition = {"Bool": {"acs:MFAPresent": "true"}}
    whole = read([everything, {"Effect": effect, **elements, "Condition": condition}])
    parts = whole.split()
    assert len(parts) == count
    divided = [each for each in statements_of(*parts) if "Condition" in each]
    assert all(each["Condition"] == condition and each["Effect"] == effect for each in divided)
    check(statements_of(whole), 1)


def test_the_denies_of_all_documents_together_are_those_of_the_whole() -> None:
    deny = {"Effect": "Deny", "Action": ["oss:Delete*"], "Resource": ARNS[:200]}
    whole = read([{"Effect": "Allow", "Action": ["oss:*"], "Resource": ARNS[:90]}, deny])
    parts = whole.split()
    assert len(parts) == 2
    union = read(statements_of(*parts))
    assert equivalent(whole, union)
    difference = compare_denials(whole, union)
    assert not difference.gained
    assert not difference.lost


@pytest.mark.parametrize(
    "elements",
    [
        {"NotAction": ACTIONS, "Resource": ["*"]},
        {"Action": ["oss:*"], "NotResource": ARNS},
        {"Action": ["oss:*", "ecs:*"], "Resource": ["acs:oss:*:*:" + "x" * 6200]},
        {"Action": ["oss:*"], "Resource": ARNS, "Condition": {"StringLike": {"oss:Prefix": ARNS}}},
    ],
)
def test_what_cannot_be_divided_is_an_error(elements: dict[str, Any]) -> None:
    with pytest.raises(SplitError, match=r"Statement\[1\] alone is too large"):
        read([{"Effect": "Allow", "Action": "a:b", "Resource": "*"}, {"Effect": "Deny", **elements}]).split()


@pytest.mark.parametrize("forget", ["statement", "pattern", "effect", "condition"])
def test_a_wrong_split_is_never_returned(forget: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def packed(statements: list[Any], before: object) -> list[list[Any]]:
        (first, *rest) = statements
        wrong = {
            "statement": [],
            "pattern": [{**first.statement, "Resource": first.statement["Resource"][1:]}],
            "effect": [{**first.statement, "Effect": "Deny"}],
            "condition": [{name: value for name, value in first.statement.items() if name != "Condition"}],
        }[forget]
        return [[*rest, *map(split._sized, wrong)]]

    monkeypatch.setattr(split, "_packed", packed)
    condition = {"Bool": {"acs:MFAPresent": "true"}}
    document = read(
        [
            {"Effect": "Allow", "Action": ["oss:Get*"], "Resource": ARNS[:9], "Condition": condition},
            {"Effect": "Deny", "Action": ["oss:*"], "Resource": ["*"]},
        ]
    )
    with pytest.raises(SplitError, match="not proven"):
        document.split()


def test_a_size_that_is_not_known_is_an_error() -> None:
    document = read([{"Effect": "Allow", "Action": "oss:Get*", "Resource": "${var.bucket}"}])
    with pytest.raises(SplitError, match="only Terraform knows"):
        document.split()


def test_a_document_far_too_large_is_an_error_at_once() -> None:
    document = read([{"Effect": "Allow", "Action": "oss:Get*", "Resource": ARNS * 10}])
    with pytest.raises(SplitError, match="split it by hand"):
        document.split()


def test_a_malformed_document_is_told_by_its_findings() -> None:
    with pytest.raises(InvalidPropsError, match="PV103"):
        PolicyDocument([]).split()


def test_statements_that_are_gone_leave_the_documents_before() -> None:
    statements = a_large_document(2, SMALL, 0)
    parts = read(statements).split()
    fewer = read(statements[:-1]).split(previous=parts)
    assert changed(parts, fewer) == 1
    assert read(statements[:1]).split(previous=parts) == read(statements[:1]).split()


def test_as_few_documents_change_as_are_found_where_two_cannot_take_a_statement() -> None:
    draw = random.Random(0)

    def sized(size: int) -> Statement:
        statement: Statement = {"Effect": "Allow", "Action": ["oss:Get*"], "Resource": [""]}
        rest = size - len(json.dumps(statement, separators=(",", ":"))) - 1
        return {**statement, "Resource": ["".join(draw.choices("abcdef", k=rest))]}

    before = []
    for _ in range(5):
        sizes = [draw.randrange(300, 600) for _ in range(12)]
        before.append(read([sized(size) for size in (*sizes, ROOM - 150 - sum(sizes))]))
    after = read([*statements_of(*before), sized(400)]).split(previous=before)
    assert len(after) == fewest(after) == 5
    assert changed(before, after) == 3


def full(sizes: Sequence[int], left: Set[int]) -> Iterator[Set[Set[int]]]:
    """All ways to fill documents to the last byte with three of some sizes each."""
    if not left:
        yield frozenset()
    for others in combinations(sorted(left - {min(left, default=0)}), 2) if left else ():
        three = frozenset({min(left), *others})
        if sum(sizes[each] for each in three) == ROOM:
            yield from ({three, *rest} for rest in full(sizes, left - three))


def test_the_fewest_and_two_changed_cannot_both_be_promised() -> None:
    """Two documents, four steps from each other, whose nine parts have to be others, all of them."""
    draw = random.Random(1)
    first, second = [2000, *[0] * 8], [draw.randrange(1950, 2150) for _ in range(9)]
    for number in range(0, 16, 2):
        here, after, later = ((number + more) % 9 for more in range(3))
        first[later] = first[here] + second[after] - second[later]
    third = [ROOM - one - other for one, other in zip(first, second, strict=True)]
    # Each row fills a document, and so do first[i], second[i + 1] and third[i + 2]: either is broken below.
    sizes = [first[0] + 7, *first[1:], *second, *third]
    by_rows, otherwise = sizes.copy(), sizes.copy()
    by_rows[9] -= 7
    otherwise[10] -= 7
    # Nine documents have to be full, and four of these statements are too large for one, two too small.
    assert sum(by_rows) == sum(otherwise) == 9 * ROOM
    assert all(ROOM / 4 < size < ROOM / 2 for size in [*by_rows, *otherwise])
    ((one,), (other,)) = (list(full(each, frozenset(range(27)))) for each in (by_rows, otherwise))
    # Two statements leave and two come: each changes two documents at most, so one of nine had to stay.
    assert sum(one != other for one, other in zip(by_rows, otherwise, strict=True)) == 2
    assert not one & other


def test_a_divided_statement_stays_divided_as_it_was() -> None:
    long = {"Effect": "Allow", "Action": ["oss:Get*"], "Resource": ARNS}
    halves = [read([{**long, "Resource": part}]) for part in (ARNS[::3], ARNS[1::3], ARNS[2::3])]
    assert read([long]).split() != tuple(halves)
    assert read([long]).split(previous=halves) == tuple(halves)
    # Not where a part is missing.
    assert read([long]).split(previous=halves[:2]) == read([long]).split()
