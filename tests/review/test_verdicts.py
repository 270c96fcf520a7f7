"""What a change deserves, it gets: exit status 1 for whatever ends a backup or opens an account, or may."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from constructs_lib.review.command import review
from tests.review.verdicts import every_case
from tests.review.verdicts.building import FAILS, Case, written

# `make e2e` tries them all.
EVERY = 9


def verdict(folder: Path, case: Case) -> tuple[int, str]:
    """The exit status of the command, and what it prints."""
    sides = [str(written(folder / "new", case.new))]
    if case.old is not None:
        sides += ["--against", str(written(folder / "old", case.old))]
    result = CliRunner().invoke(review, [*sides, "--at", "2026-11-29"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.output


def assert_deserved(folder: Path, name: str, case: Case) -> None:
    status, output = verdict(folder / "case", case)
    assert status == case.expected, (name, output)
    if case.expected == FAILS:
        assert "nothing to look at" not in output, name


def test_a_verdict_is_deserved(tmp_path: Path) -> None:
    for name in sorted(every_case())[::EVERY]:
        assert_deserved(tmp_path / name.replace("/", "_"), name, every_case()[name])
