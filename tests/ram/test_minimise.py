"""What is minimised is proven to mean the same: no wrong step is returned, and none is given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.ram import minimise
from constructs_lib.ram.analysis import request_space
from constructs_lib.ram.canonical import canonical_statements
from tests.ram.analysis.oracle import pairs, written
from tests.ram.test_access import BUCKET, document, statement


def test_the_proof_of_random_minimised_documents_is_never_given_up() -> None:
    shorter = 0
    for statements, _ in pairs(11, 400, action="abB*?", resource="aAb*", conditions=1):
        full = written(statements)
        merged = canonical_statements(minimise.merged(full.to_dict()["Statement"]))
        assert full.minimised().to_dict()["Statement"] == merged
        shorter += merged != full.to_dict()["Statement"]
    assert shorter > 100


def drop(statements: list[Any]) -> list[Any]:
    return statements[:-1]


def widen(statements: list[Any]) -> list[Any]:
    return [{**each, "Resource": ["*"]} for each in statements]


def refuse_more(statements: list[Any]) -> list[Any]:
    return [*statements, {"Effect": "Deny", "Action": ["ram:*"], "Resource": ["*"]}]


@pytest.mark.parametrize("wrongly", [drop, widen, refuse_more])
def test_what_is_wrongly_minimised_is_not_returned(
    wrongly: Callable[[list[Any]], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    of = document(statement("oss:Put*", BUCKET), statement("oss:Get*", BUCKET))
    monkeypatch.setattr("constructs_lib.ram.minimise.merged", wrongly)
    assert of.minimised().to_dict() == of.to_dict()


def test_what_cannot_be_proven_is_put_into_order_only(monkeypatch: pytest.MonkeyPatch) -> None:
    of = document(statement(["oss:Put*", "oss:Get*"], [BUCKET, "acs:oss:*:*:*"]), statement("ecs:*", BUCKET))
    assert of.minimised().size_bytes < of.size_bytes
    monkeypatch.setattr(request_space, "MAX_WORK", 3)
    assert of.minimised().to_dict() == of.to_dict()
    assert of.minimised().statements[0].actions == ("ecs:*",)
