"""The examples of the README do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def title(example: str) -> str:
    return example.splitlines()[0].lstrip("# ")


@pytest.mark.parametrize("example", EXAMPLES, ids=title)
def test_an_example_runs_as_written(example: str, tmp_path: Path) -> None:
    file = tmp_path / ("test_example.py" if "def test_" in example else "example.py")
    file.write_text(example, "utf-8")
    command = [sys.executable, str(file)]
    if "def test_" in example:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--snapshot-update",
            str(file),
        ]
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    told = re.findall(r"#> (.*)", example)
    assert done.stdout.splitlines() == told or "def test_" in example


def test_the_first_policy_is_short() -> None:
    first = next(example for example in EXAMPLES if title(example) == "first_policy.py")
    assert len(first.splitlines()) <= 21


@pytest.mark.parametrize("target", ["synth", "test", "e2e", "bench", "help"])
def test_the_targets_that_the_readme_names_exist(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_links_to_files_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
