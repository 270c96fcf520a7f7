"""Hostile documents of the size that RAM takes: each comparison is decided, and each witness shows it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.ram.access import compare
from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES, size_of
from constructs_lib.ram.document import PolicyDocument
from tests.ram.test_access import recheck

Draw = random.Random
Form = dict[str, Any]


def starred(draw: Draw, letters: str = "ab") -> str:
    """A pattern such as `*a?????*b*`."""
    parts = (
        draw.choice(letters) + draw.choice(("?" * draw.randint(1, 7) + "*", "*"))
        for _ in range(draw.randint(1, 4))
    )
    return "*" + "".join(parts)


def long_run(draw: Draw) -> str:
    return f"*a{'?' * draw.randint(1, 60)}*b*"


def condition(draw: Draw) -> Form:
    keys = {f"k{draw.randint(0, 30)}": draw.choice(("true", "false")) for _ in range(2)}
    return {"Condition": {"Bool": keys}}


def statement(
    draw: Draw,
    pattern: Callable[[Draw], str],
    *,
    most: int,
    excepted: float = 0.2,
    denied: float = 0.35,
    conditions: bool = False,
) -> Form:
    action, resource = (
        f"{'Not' if draw.random() < excepted else ''}{name}" for name in ("Action", "Resource")
    )
    return {
        "Effect": "Deny" if draw.random() < denied else "Allow",
        action: [pattern(draw) for _ in range(draw.randint(1, most))],
        resource: [pattern(draw) for _ in range(draw.randint(1, most))],
        **(condition(draw) if conditions else {}),
    }


KINDS: dict[str, Callable[[Draw], Form]] = {
    "few patterns": lambda draw: statement(draw, starred, most=3),
    "many patterns": lambda draw: statement(draw, starred, most=40),
    "Allows only": lambda draw: statement(draw, starred, most=5, excepted=0, denied=0),
    "exceptions": lambda draw: statement(draw, starred, most=3, excepted=0.5),
    "long runs of ?": lambda draw: statement(draw, long_run, most=3),
    "conditions": lambda draw: statement(draw, starred, most=2, conditions=True),
    "conditions only": lambda draw: statement(draw, lambda _: "*", most=1, excepted=0, conditions=True),
}


def filled(draw: Draw, kind: Callable[[Draw], Form]) -> list[Form]:
    """As many statements as RAM takes."""
    statements: list[Form] = []
    while size_of({"Version": "1", "Statement": statements}).bytes <= MAX_DOCUMENT_BYTES:
        statements.append(kind(draw))
    return statements[:-1]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_hostile_document_of_the_size_that_ram_takes_is_decided(kind: Callable[[Draw], Form]) -> None:
    draw = Draw(1)
    old = filled(draw, kind)
    new = [*old[1:-1], kind(draw)]
    before, after = (
        PolicyDocument.from_json({"Version": "1", "Statement": statements}) for statements in (old, new)
    )
    comparison = compare(before, after)
    assert comparison.undecided is None
    recheck(before, after, comparison)
