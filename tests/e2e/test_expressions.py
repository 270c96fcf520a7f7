"""Terraform itself says what the expressions are that a review computes."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.review.loading.terraform_expressions import LOCALS, REFUSED, expressions
from tests.review.loading.test_evaluation import ANSWERS
from tests.terraform import command


def ask(folder: Path, expression: str) -> subprocess.CompletedProcess[str]:
    program = command()
    assert program is not None
    return subprocess.run(
        [*program, "console"],
        cwd=folder,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull},
        input=f"{expression}\n",
        capture_output=True,
        text=True,
        check=False,
    )


def in_one_line(listed: Sequence[str]) -> str:
    return ", ".join(f"jsonencode({' '.join(each.splitlines())})" for each in listed)


def test_terraform_says_of_every_expression_what_is_written_down(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(json.dumps({"locals": LOCALS}), "utf-8")
    listed = expressions()
    done = ask(tmp_path, f"base64encode(jsonencode([{in_one_line(listed)}]))")
    assert done.returncode == 0, done.stderr
    answers = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
    assert {text: json.loads(answer) for text, answer in zip(listed, answers, strict=True)} == ANSWERS


def test_terraform_refuses_what_has_no_value(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(json.dumps({"locals": LOCALS}), "utf-8")
    answers = {text: ask(tmp_path, text) for text in REFUSED}
    # OpenTofu waits for the rest of what has no end, and ends well without an answer.
    assert [text for text, done in answers.items() if done.returncode == 0 and done.stdout] == []
