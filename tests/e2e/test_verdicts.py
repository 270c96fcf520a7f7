"""Every verdict of the table is the one that the change deserves; `make test` tries a part of them."""

from __future__ import annotations

from pathlib import Path

from tests.review.test_verdicts import assert_deserved
from tests.review.verdicts import every_case


def test_every_verdict_is_deserved(tmp_path: Path) -> None:
    for name, case in every_case().items():
        assert_deserved(tmp_path / name.replace("/", "_"), name, case)
