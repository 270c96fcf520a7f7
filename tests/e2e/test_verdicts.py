"""Every verdict of the table is the one that the change deserves; `make test` tries a part of them."""

from __future__ import annotations

from pathlib import Path

from tests.review.test_verdicts import assert_deserved
from tests.review.verdicts import every_case
from tests.review.verdicts.building import written
from tests.review.verdicts.recorded import found, recorded


def test_every_verdict_is_deserved(tmp_path: Path) -> None:
    for name, case in every_case().items():
        assert_deserved(tmp_path / name.replace("/", "_"), name, case)


def test_what_is_found_is_what_was_recorded(tmp_path: Path) -> None:
    """Where it is meant to change: `python -m tests.review.verdicts.recorded`, and read the difference."""
    known = recorded()
    for number, (name, case) in enumerate(every_case().items()):
        at = tmp_path / str(number)
        old = None if case.old is None else written(at / "old", case.old)
        assert name not in known or found(written(at / "new", case.new), old) == known[name], name
