"""What is far too large is named by its size and a digest, from one more than there may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading import expansion
from constructs_lib.review.loading.expansion import Filling
from constructs_lib.review.loading.module_tree import ModuleTree
from constructs_lib.review.loading.oversized import MOST_RULES, without_oversized
from constructs_lib.review.loading.terraform_module import TerraformModule
from constructs_lib.tokens import Deferred, Oversized


def named(name: str, value: Any) -> str | None:
    """What an attribute is called instead; None where it stays."""
    found = without_oversized({name: value, "other": 1})
    assert found["other"] == 1
    if isinstance(found[name], Oversized):
        return str(found[name]).partition(", SHA-256 ")[0]
    assert found[name] is value
    return None


def test_the_limits_are_exact() -> None:
    few, many = (list(range(size)) for size in (MOST_RULES, MOST_RULES + 1))
    assert named("rules", few) is None
    assert named("rules", many) == f"too large to be looked into: {MOST_RULES + 1} rules"
    assert named("bound", many) is None
    assert named("rules", dict.fromkeys(map(str, many))) is None
    assert named("a", " " * 1_000_000) is None
    assert named("a", " " * 1_000_001) == "too large to be looked into: 1,000,001 characters"
    assert named("a", [" " * 1_000_001]) is None


def test_each_kind_of_value_has_a_size() -> None:
    large = "a" * 100_001
    assert named("a", large) == "too large to be looked into: 100,001 characters"
    assert named("rules", large) == "too large to be looked into: 100,001 characters"
    assert named("a", [large]) == "too large to be looked into: 1 values"
    assert named("a", {large: 1}) == "too large to be looked into: 1 values"
    for small in (1, None, True, "a", Deferred("${a}")):
        assert named("a", small) is None


def test_equal_values_alone_are_called_alike() -> None:
    def called(value: Any) -> str:
        return str(without_oversized({"a": value})["a"])

    first, second = {"a": "a" * 100_001, "b": 1}, {"b": 1, "a": "a" * 100_001}
    assert called(first) == called(second)
    text = json.dumps(first)
    different = [text, text[1:], first, [first], {**first, "b": 2}, called(first)]
    assert len({*map(called, different)}) == len(different)
    assert called(called(first)).startswith("too large to be looked into: ")


def test_of_too_many_statements_no_document_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "MOST_STATEMENTS", 2)
    module = TerraformModule(ModuleTree(tmp_path, "new", is_old=False), [("new/main.tf.json", {})], tmp_path)

    def made(number: int, **others: Any) -> Any:
        statement = {"effect": "Allow", "action": ["oss:*"], "resource": ["*"]}
        body = {"policy_name": "a", "statement": [statement] * number, **others}
        return Filling(module, {}).attributes(body, "alicloud_ram_policy").get("policy_document")

    assert len(json.loads(made(2))["Statement"]) == 2
    assert str(made(3)).startswith("too large to be looked into: 3 statements")
    dynamic = {"statement": [{"for_each": ["x"], "content": {"action": ["oss:Get*"]}}]}
    assert made(3, dynamic=dynamic) == "${alicloud_ram_policy.statement}"
