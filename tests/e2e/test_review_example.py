"""`make review`: what it prints and writes, as whoever runs it sees it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from constructs_lib.review.command import review
from tests.review import example


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review") / "cdktf.out"


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    command = [sys.executable, "-m", "tests.review.example", str(folder)]
    done = subprocess.run(command, cwd=example.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_prints_the_verdict_and_why_it_is_no_failure(printed: str, folder: Path) -> None:
    counted = r"^2 policies added, 4 changed, 3 other resources added; \d with errors"
    assert re.search(counted, printed, re.MULTILINE)
    assert "its status 1 is no failure of `make review`" in printed.splitlines()[-3]
    assert printed.splitlines()[-1] == f"The same page for a browser: {folder}/review.html"


def test_it_shows_each_kind_of_thing_worth_seeing(printed: str) -> None:
    codes = set(re.findall(r"[A-Z]{2}\d{3}", printed))
    # Retention shortened, points deleted, promises worse, lock off; and risks by their own ids.
    assert {"RV201", "RV202", "RV203", "RV206", "RV522", "BP307"} <= codes
    for part in ("RISKS OPENED", "NEW ACCESS", "acknowledged: as on the API's page", "stacks/backups.py:"):
        assert part in printed


def test_the_page_is_one_file_that_says_the_same(printed: str, folder: Path) -> None:
    page = (folder / "review.html").read_text("utf-8")
    for code in ("RV201", "RV202", "RV203", "RV206", "RV221", "RV322"):
        assert code in page
    assert not re.search(r"(src|href)=\"(?!#)", page)


def test_every_finding_of_it_knows_its_place_and_its_python_line(printed: str, folder: Path) -> None:
    arguments = [str(folder), "--against", str(example.ROOT / example.OLDER), "--at", example.AT]
    report = json.loads(CliRunner().invoke(review, [*arguments, "--format", "json"]).stdout)
    for resource in report["stacks"][0]["resources"] + report["stacks"][1]["resources"]:
        file, line = resource["source"].split(":")
        assert re.search(r"(BackupPolicy|PolicyVersion)\b", _line(example.ROOT / file, int(line)))
        for finding in resource["findings"]:
            place = finding["place"]
            name = place["pointer"].rpartition("/")[2]
            # An item of a list begins with what it is.
            assert ("{" if name.isdecimal() else f'"{name}"') in _line(Path(place["file"]), place["line"])


def _line(file: Path, number: int) -> str:
    return file.read_text("utf-8").splitlines()[number - 1]


def test_it_is_the_same_every_time(printed: str, folder: Path) -> None:
    page = (folder / "review.html").read_bytes()
    assert example.main(str(folder)) == 0
    assert (folder / "review.html").read_bytes() == page
