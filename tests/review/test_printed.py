"""What is printed is what somebody has looked at, in each format."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.printed import CASES, digests, pages, recorded


@pytest.mark.parametrize("name", CASES)
def test_what_is_printed_is_what_was_recorded(tmp_path: Path, name: str) -> None:
    """Where it is meant to change: `tests.review.printed` says how to compare, and to record it anew."""
    assert digests(pages(name, tmp_path / "case")) == recorded().get(name)


def test_all_that_is_recorded_is_tried() -> None:
    assert recorded().keys() == CASES.keys()
