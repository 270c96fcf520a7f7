"""The examples of the README do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from attrs import fields

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.rule import BackupPolicyRule
from constructs_lib.ram.policy_version import PolicyVersionProps

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
# Each example with the block of what it prints, where there is one.
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", README, re.MULTILINE | re.DOTALL)
FIRST_SCREEN = README.partition("\n## ")[0]


def title(example: str) -> str:
    return example.splitlines()[0].lstrip("# ") if example.startswith("#") else "what it prints"


def lines_of_code(example: str) -> list[str]:
    return [line for line in example.splitlines()[1:] if line]


@pytest.mark.parametrize(("example", "printed"), EXAMPLES, ids=title)
def test_an_example_runs_as_written(example: str, printed: str, tmp_path: Path) -> None:
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
    expected = printed.splitlines() or re.findall(r"#> (.*)", example)
    assert done.stdout.splitlines() == expected or "def test_" in example


def test_the_first_screen_says_what_it_is_and_shows_it() -> None:
    """In this order: what it is, the picture, what is not proven, how to install it, ten lines of code."""
    order = (
        "With alipolicy, ",
        "![A review",
        "never been run against a live account",
        "pip install",
        "```python",
    )
    places = [FIRST_SCREEN.index(part) for part in order]
    assert places == sorted(places)
    assert "make " not in FIRST_SCREEN
    example, printed = EXAMPLES[0]
    assert len(lines_of_code(example)) <= 10
    assert printed


def test_the_first_policy_is_short() -> None:
    first = next(example for example, _ in EXAMPLES if title(example) == "first_policy.py")
    assert len(first.splitlines()) <= 21


@pytest.mark.parametrize(
    ("before", "props", "others"),
    [
        ("### `BackupPolicy`\n\n| prop |", BackupPolicyProps, {"acknowledge"}),
        ("| `BackupPolicyRule` |", BackupPolicyRule, set()),
        (
            "### `PolicyVersion`\n\n| prop |",
            PolicyVersionProps,
            {"acknowledge", "skip_destroy", "keep_order"},
        ),
    ],
)
def test_a_table_lists_every_prop(before: str, props: type, others: set[str]) -> None:
    table = README.partition(before)[2].partition("\n\n")[0]
    listed = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(listed) == sorted({field.name for field in fields(props)} | others)


@pytest.mark.parametrize("target", ["synth", "test", "e2e", "fuzz", "bench", "help"])
def test_the_targets_that_the_readme_names_exist(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "docs/guides/review.md"])
def test_a_workflow_pins_the_version_that_it_installs(name: str) -> None:
    version = metadata.version("alipolicy")
    text = (ROOT / name).read_text("utf-8")
    (workflow,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert re.findall(r"pip install (\S+)", workflow) == [f"./wheels/alipolicy-{version}-py3-none-any.whl"]
    assert f"alipolicy=={version}" in text
