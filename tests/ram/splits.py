"""Documents that are too large, and a plain judge of requests: it shares nothing with what is tested."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from constructs_lib.ram.document import PolicyDocument

Statement = dict[str, Any]
Request = tuple[str, str, bool]
"""An action, a resource, and whether it meets every condition there is."""

SERVICES = ("oss", "ecs", "rds", "ram", "log", "kms")
EMPTY = len('{"Statement":[],"Version":"1"}')
SMALL = [(count, other) for count in range(1, 7) for other in range(1, 7)]
MIDDLE = [(2, 20), (10, 30), (3, 60), (30, 3), (1, 90)]
LARGE = [(2, 150), (30, 60), (3, 400), (60, 3), (150, 200)]
KINDS = [(700, SMALL, 0.0), (200, MIDDLE, 0.3), (60, MIDDLE, 1.0), (40, LARGE, 0.03)]
"""How many documents, which sizes are rare in them, and their share."""


def a_name(draw: random.Random) -> str:
    return "".join(draw.choice("abcdefghijklmnop-") for _ in range(draw.randint(3, 14)))


def a_statement(draw: random.Random, sizes: Sequence[tuple[int, int]] = SMALL) -> Statement:
    service = draw.choice(SERVICES)
    few, many = draw.choice(sizes)
    is_long = few * many > 50
    actions = [
        f"{service}:{draw.choice(('Get', 'Put'))}{a_name(draw)}{draw.choice('* ').strip()}"
        for _ in range(few)
    ]
    arn = f"acs:{service}:cn-hangzhou:{draw.choice(('1', '1234567890123456'))}"
    resources = [f"{arn}:{a_name(draw)}/{a_name(draw)}{draw.choice('* ').strip()}" for _ in range(many)]
    statement: Statement = {
        "Effect": "Deny" if draw.random() < 0.25 else "Allow",
        "NotAction" if draw.random() < 0.05 and not is_long else "Action": actions,
        "NotResource" if draw.random() < 0.05 and not is_long else "Resource": resources,
    }
    if draw.random() < 0.2 and not is_long:
        statement["Resource"] = ["*"]
        statement.pop("NotResource", None)
    if draw.random() < 0.25:
        statement["Condition"] = {"StringEquals": {"acs:SourceVpc": [a_name(draw) for _ in range(2)]}}
    return statement


def a_large_document(seed: int, rare: Sequence[tuple[int, int]], share: float) -> list[Statement]:
    """The statements of a document of 6 to 60 kB, so many of them of rare sizes."""
    draw = random.Random(seed)
    size = draw.randint(6_000, 60_000)
    statements: list[Statement] = []
    while size > 0:
        statements.append(a_statement(draw, rare if draw.random() < share else SMALL))
        size -= len(json.dumps(statements[-1], separators=(",", ":"))) + 1
    return statements


def read(statements: Sequence[Any]) -> PolicyDocument:
    return PolicyDocument.from_json({"Version": "1", "Statement": list(statements)})


def fewest(parts: Sequence[PolicyDocument]) -> int:
    """Fewer cannot hold these statements: each has to stand somewhere, with a comma between two."""
    return -(-sum(part.size_bytes - EMPTY + 1 for part in parts) // (6144 - EMPTY + 1))


def changed(before: Sequence[PolicyDocument], after: Sequence[PolicyDocument]) -> int:
    """How many documents are not as they were, those that are gone or new included."""
    texts = [{each.to_json() for each in documents} for documents in (before, after)]
    return max(len(texts[0] - texts[1]), len(texts[1] - texts[0]))


def statements_of(*documents: PolicyDocument) -> list[Statement]:
    return [statement for each in documents for statement in each.to_dict()["Statement"]]


# ------------------------------------------------------------ the judge


def is_allowed(statements: Sequence[Statement], request: Request) -> bool:
    effects = {statement["Effect"] for statement in statements if applies(statement, request)}
    return effects == {"Allow"}


def applies(statement: Mapping[str, Any], request: Request) -> bool:
    action, resource, meets = request
    return (
        _is_listed(statement, "Action", action.lower())
        and _is_listed(statement, "Resource", resource)
        and (meets or "Condition" not in statement)
    )


def _is_listed(statement: Mapping[str, Any], element: str, text: str) -> bool:
    listed = tuple(statement.get(element) or statement[f"Not{element}"])
    names, heads = _read(listed, element == "Action")
    return (text in names or text.startswith(heads)) is (element in statement)


@lru_cache(5000)
def _read(patterns: tuple[str, ...], is_action: bool) -> tuple[set[str], tuple[str, ...]]:
    """Whole names, and how others begin: the patterns of these documents have a `*` at the end alone."""
    texts = [each.lower() if is_action else each for each in patterns]
    return {each for each in texts if "*" not in each}, tuple(each[:-1] for each in texts if each[-1] == "*")


def requests(draw: random.Random, statements: Sequence[Statement], count: int) -> Iterator[Request]:
    """Requests that lie in some statement, or by its action or its resource in two."""
    for _ in range(count):
        one, other = draw.choice(statements), draw.choice(statements)
        near = other if draw.random() < 0.4 else one
        action = draw.choice(one.get("Action") or one["NotAction"])
        resource = draw.choice(near.get("Resource") or near["NotResource"])
        yield action.replace("*", "X"), resource.replace("*", "x"), draw.random() < 0.5
