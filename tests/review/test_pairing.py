"""Which resource of the old side has become which of the new one, where the address does not say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.pairing import pairs
from constructs_lib.review.report import Action
from tests.review.configurations import Json, allow, cdktf_out, codes, document, reviewed, written

VERSION = "alipolicy_policy_version"


def version(action: str, **others: Any) -> Json:
    return {"policy_name": "reader", "policy_document": document(allow(action)), **others}


def paired(tmp_path: Path, new: Json, old: Json) -> set[tuple[str | None, ...]]:
    """The labels that belong together."""
    files = written(tmp_path, "new.tf.json", new), written(tmp_path, "old.tf.json", old)
    return {
        tuple(side.address.partition(".")[2] if side else None for side in pair)
        for pair in pairs(read_input(*files))
    }


def versions(**bodies: Json) -> Json:
    return {"resource": {VERSION: bodies}}


@pytest.mark.parametrize(
    ("default", "other", "is_same"),
    [(True, True, True), (False, None, True), (True, False, False), (True, None, False)],
)
def test_a_staged_version_is_not_the_default_version_under_another_address(
    tmp_path: Path, default: bool, other: bool | None, *, is_same: bool
) -> None:
    new = versions(b=version("oss:*", set_as_default=other))
    old = versions(a=version("oss:Get*", set_as_default=default))
    assert paired(tmp_path, new, old) == ({("a", "b")} if is_same else {("a", None), (None, "b")})


def test_of_several_versions_the_one_of_the_same_document_is_the_same(tmp_path: Path) -> None:
    old = versions(a=version("oss:Get*"), b=version("oss:Put*"))
    new = versions(c=version("oss:Put*", rotate_strategy="None"), d=version("oss:Get*", force=True))
    assert paired(tmp_path, new, old) == {("a", "d"), ("b", "c")}


def test_of_several_stacks_the_policy_of_the_same_one_is_the_same(tmp_path: Path) -> None:
    def stacks(label: str, action: str) -> dict[str, Json]:
        return {name: versions(**{label: version(f"{name}:{action}")}) for name in ("oss", "ecs")}

    new, old = (
        cdktf_out(tmp_path / label, **stacks(label, action))
        for label, action in (("b", "Put*"), ("a", "Get*"))
    )
    found = pairs(read_input(new, old))
    assert {(pair.old and pair.old.stack, pair.new and pair.new.stack) for pair in found} == {
        ("oss", "oss"),
        ("ecs", "ecs"),
    }


def test_a_default_version_whose_document_stays_gives_nothing_up(tmp_path: Path) -> None:
    new, old = (
        versions(a=version("oss:*", set_as_default=True, rotate_strategy=strategy))
        for strategy in ("DeleteOldestNonDefaultVersionWhenLimitExceeded", "None")
    )
    report = reviewed(tmp_path, new, old)
    assert report.actions[Action.CHANGED] == 1
    assert not {"RV222", "RV325"} & set(codes(report))


def test_versions_that_stay_and_come_are_counted_together(tmp_path: Path) -> None:
    every = {name: version(f"oss:{name}") for name in "abcdef"}
    old = versions(**{name: every[name] for name in "abc"})
    received = [each.received for each in reviewed(tmp_path, versions(**every), old).all_findings()]
    assert any("gets more than 5 versions" in each for each in received)
