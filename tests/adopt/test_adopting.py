"""What is found becomes code that says the same, and is added to without being touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.adopt.estate import EstateKind
from tests.adopt.estates import EstateMaker
from tests.adopt.written import adopt_into, found_in, spelled, synthesise


@pytest.mark.parametrize("target", ["alipolicy", "alicloud"])
def test_what_is_synthesised_is_what_was_read(target: str, tmp_path: Path) -> None:
    objects = EstateMaker(7).objects(30)
    adoption = adopt_into(tmp_path / "app", objects, target)
    left_out = [finding.subject for finding in adoption.findings if finding.code == "AD301"]
    expected = {each.key: spelled(each.kind, each.state) for each in objects if str(each) not in left_out}
    assert found_in(synthesise(tmp_path / "app")) == expected
    if target == "alipolicy":
        assert left_out == []
    else:
        staged = [str(each) for each in objects if each.kind is EstateKind.VERSION]
        assert set(staged) <= set(left_out)
