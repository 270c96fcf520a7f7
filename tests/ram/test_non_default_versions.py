"""What the non-default versions of a policy would grant if someone brought one of them back."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.ram.access import Verdict
from constructs_lib.ram.analysis import request_space
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.non_default_versions import latent_access


def allowing(*actions: str) -> PolicyDocument:
    return PolicyDocument([PolicyStatement(effect="Allow", actions=actions, resources="*")])


READ, WRITE = allowing("oss:Get*"), allowing("oss:Get*", "oss:Put*")
ADMIN = allowing("*")


def only(found: tuple[Any, ...]) -> Any:
    (one,) = found
    return one


def test_what_a_change_takes_away_stays_within_reach_while_a_non_default_version_gives_it() -> None:
    latent = only(latent_access({"v2": WRITE}, default=WRITE, new_default=READ))
    assert latent.version_id == "v2"
    assert latent.now.verdict is Verdict.EQUIVALENT
    assert [each.actions for each in latent.gained] == [("oss:Put*",)]
    assert latent.is_opened_by_the_change


def test_what_a_non_default_version_gives_anyway_is_not_opened_by_the_change() -> None:
    latent = only(latent_access({"v1": ADMIN}, default=READ, new_default=WRITE))
    assert latent.gained
    assert latent.now.gained
    assert not latent.is_opened_by_the_change


def test_without_a_change_both_comparisons_are_one() -> None:
    latent = only(latent_access({"v1": ADMIN}, default=READ))
    assert latent.afterwards is latent.now
    assert {"ESC01", "DAT02"} <= {each.risk.id for each in latent.risks.risks}


def test_versions_keep_their_order_and_one_that_gives_nothing_more_opens_no_risk() -> None:
    found = latent_access({"v3": READ, "v1": WRITE}, default=WRITE, new_default=WRITE)
    assert [each.version_id for each in found] == ["v3", "v1"]
    assert [each.gained for each in found] == [(), ()]
    assert not any(each.risks.risks or each.undecided for each in found)


def test_a_guard_that_is_hit_is_reported_never_nothing_latent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_space, "MAX_WORK", 1)
    monkeypatch.setattr(request_space, "MAX_DOCUMENT_BYTES", 40)
    latent = only(latent_access({"v1": ADMIN}, default=READ, new_default=WRITE))
    assert latent.undecided
    assert not latent.is_opened_by_the_change
