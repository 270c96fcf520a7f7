"""`alipolicy review` as a person, or a build, calls it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from constructs_lib.review.command import review
from tests.review.configurations import (
    AT,
    allow,
    configuration,
    ram_policy,
    written,
)

NARROW = configuration(ram__a=ram_policy(allow("oss:GetObject")))
WIDER = configuration(ram__a=ram_policy(allow(["oss:GetObject", "oss:ListObjects"])))


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    done = CliRunner().invoke(
        review, [str(argument) for argument in arguments], env=env or {"SOURCE_DATE_EPOCH": str(AT)}
    )
    if not isinstance(done.exception, (SystemExit, type(None))):
        raise done.exception
    return done


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    return written(tmp_path, "new.tf.json", WIDER), written(tmp_path, "old.tf.json", NARROW)


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 1), ("note", 1)])
def test_the_exit_status_tells_whether_it_may_go_on(
    sides: tuple[Path, Path], level: str, status: int
) -> None:
    new, old = sides
    assert run(new, "--against", old, "--fail-on", level).exit_code == status


def test_no_change_passes_at_any_level(sides: tuple[Path, Path]) -> None:
    done = run(sides[1], "--against", sides[1], "--fail-on", "note")
    assert (done.exit_code, done.stderr) == (0, "")


def test_an_approval_lets_exactly_this_change_pass(sides: tuple[Path, Path]) -> None:
    new, old = sides
    report = json.loads(run(new, "--against", old, "--format", "json").stdout)
    delta = report["stacks"][0]["resources"][0]["delta"]
    arguments = ("--against", old, "--fail-on", "note", "--approve", delta)
    assert run(new, *arguments).exit_code == 0
    assert run(old, "--against", new, *arguments[2:]).exit_code == 1


@pytest.mark.parametrize("form", ["text", "markdown", "sarif", "junit", "github", "json"])
def test_a_report_goes_into_a_file_as_it_goes_to_stdout(
    tmp_path: Path, sides: tuple[Path, Path], form: str
) -> None:
    arguments = (sides[0], "--against", sides[1], "--format", form)
    done = run(*arguments, "--output", tmp_path / "report")
    assert done.stdout == ""
    assert (tmp_path / "report").read_text("utf-8") == run(*arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["none.json"], "none.json: there is no such file"),
        (["new.tf.json", "--against", "none.json"], "none.json: there is no such file"),
        (
            ["new.tf.json", "--against", "old.tf.json", "--base", "HEAD"],
            "--base HEAD: --against already names",
        ),
        (["new.tf.json", "old.tf.json"], "Then give it as --against old.tf.json."),
        (["new.tf.json", "--against", ""], "it is empty; is a variable not set?"),
        ([""], "it is empty; is a variable not set?"),
        (["new.tf.json", "--base", ""], "--base: it is empty. Is a variable not set?"),
        (["new.tf.json", "--output", ""], "it is empty; is a variable not set?"),
        (["new.tf.json", "--at", ""], '--at "": it is not a time'),
        (["new.tf.json", "--var-file", "none.tfvars"], "none.tfvars: there is no such file"),
        (["new.tf.json", "--zone", "Moon/Sea"], '--zone "Moon/Sea": it is not a time zone'),
        (["new.tf.json", "--zone", "../etc"], "it is not a time zone"),
        (["new.tf.json", "--at", "yesterday"], '--at "yesterday": it is not a time'),
        (["new.tf.json", "--at", "9" * 30], "it is not a time"),
        (["new.tf.json", "--base", "HEAD"], "not a git repository"),
        (["new.tf.json", "--output", "no/such/folder"], "no/such/folder: the report cannot be written"),
        (["new.tf.json", "--format", "pdf"], "Invalid value for '--format'"),
        (["new.tf.json", "--fail-on", "never"], "Invalid value for '--fail-on'"),
        ([], "Missing argument 'NEW'"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_says_why(
    sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str
) -> None:
    monkeypatch.chdir(sides[0].parent)
    done = run(*arguments)
    assert done.exit_code == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_moment_of_the_environment_is_named(sides: tuple[Path, Path]) -> None:
    done = run(sides[0], env={"SOURCE_DATE_EPOCH": "soon"})
    assert (done.exit_code, done.stderr.split(":")[1]) == (2, ' SOURCE_DATE_EPOCH "soon"')
    assert run(sides[0], env={"SOURCE_DATE_EPOCH": ""}).exit_code == 0


def test_a_report_that_was_there_stays_whole(
    sides: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = written(tmp_path, "reports/review.txt", "the report before")
    report.chmod(0o640)
    (tmp_path / "link").symlink_to(report)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", fail)
        done = run(sides[0], "--output", report)
    assert (done.exit_code, report.read_text()) == (2, "the report before")
    assert "review.txt: the report cannot be written: No space left on device" in done.stderr
    assert [path.name for path in report.parent.iterdir()] == ["review.txt"]
    assert run(sides[0], "--output", tmp_path / "link").exit_code == 0
    assert (tmp_path / "link").is_symlink()
    assert report.read_text("utf-8") == run(sides[0]).stdout
    assert report.stat().st_mode & 0o777 == 0o640


def test_a_report_goes_into_what_is_no_file_and_stays_none(sides: tuple[Path, Path], tmp_path: Path) -> None:
    """Such as `/dev/stdout`: here a pipe, which nobody misses."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert run(sides[0], "--format", "github", "--output", pipe).exit_code == 0
    assert os.read(reader, 60_000).decode() == run(sides[0], "--format", "github").stdout
    os.close(reader)
    assert pipe.is_fifo()


def test_a_report_goes_to_whatever_stdout_is(sides: tuple[Path, Path]) -> None:
    program = "from constructs_lib.review.command import review; review()"
    command = [sys.executable, "-c", program, str(sides[0])]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True
    )
    assert "·" in done.stdout.decode()
    with open("/dev/full", "w") as full:
        full_disk = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert full_disk.returncode == 2
    assert full_disk.stderr.startswith("Error: stdout: the report cannot be written: No space left")
    assert full_disk.stderr.count("\n") == 1


def test_the_moment_may_be_given_in_several_ways(sides: tuple[Path, Path]) -> None:
    new, old = sides

    def at(*arguments: str, **env: str) -> int:
        done = run(new, "--against", old, "--format", "json", *arguments, env=env or None)
        found = json.loads(done.stdout)["at"]
        assert isinstance(found, int)
        return found

    assert at() == AT
    assert at("--at", "2026-11-18T19:06:40") == AT
    assert at("--at", "2026-11-18T11:06:40", "--zone", "UTC") == AT
    assert at("--at", "2026-11-18T12:06:40+01:00") == AT
    assert at("--at", "5", SOURCE_DATE_EPOCH="7") == 5


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [(MemoryError, 2, "Error: the input needs more memory than there is."), (KeyboardInterrupt, 130, "")],
)
def test_what_ends_a_review_on_its_way_has_a_status_of_its_own(
    sides: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    status: int,
    expected: str,
) -> None:
    def end(*_: object) -> None:
        raise error

    monkeypatch.setattr("constructs_lib.review.command.read_input", end)
    done = run(sides[0])
    assert (done.exit_code, done.stdout, done.stderr[: len(expected)]) == (status, "", expected)
    assert bool(done.stderr) is bool(expected)


def test_nothing_of_node_is_started_for_a_review() -> None:
    program = (
        "import sys, constructs_lib.review.command, constructs_lib.review.reviewing; "
        "print('jsii' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ------------------------------------------------------------ who is watching


def many(folder: Path) -> Path:
    policies: dict[str, Any] = {f"ram__r{index}": ram_policy(allow("oss:GetObject")) for index in range(60)}
    return written(folder, "many.tf.json", configuration(**policies))


def test_nothing_of_progress_stands_in_a_log(tmp_path: Path) -> None:
    assert run(many(tmp_path)).stderr == ""


class Terminal(io.TextIOWrapper):
    """A stream that a person is watching."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8", write_through=True)

    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        self.seek(0)
        return self.read()


def watched(monkeypatch: pytest.MonkeyPatch, *arguments: object, **env: str) -> tuple[str, str]:
    """What a person sees on stdout and on stderr."""
    streams = Terminal(), Terminal()
    with monkeypatch.context() as patch:
        patch.delenv("NO_COLOR", raising=False)
        for name, value in ({"SOURCE_DATE_EPOCH": str(AT), "TERM": "xterm", "COLUMNS": "80"} | env).items():
            patch.setenv(name, value)
        for name, stream in zip(("stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        with contextlib.suppress(SystemExit):
            review([str(argument) for argument in arguments])
    stdout, stderr = (stream.shown() for stream in streams)
    return stdout, stderr


def test_a_person_sees_progress_beside_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = many(tmp_path)
    stdout, stderr = watched(monkeypatch, file, "--format", "json")
    assert "Reviewing" in stderr
    assert "100%" in stderr
    assert stdout == run(file, "--format", "json").stdout


def test_a_person_sees_colour_and_a_page_as_wide_as_the_terminal(
    sides: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (sides[0], "--against", sides[1])
    coloured, stderr = watched(monkeypatch, *arguments)
    plain, _ = watched(monkeypatch, *arguments, NO_COLOR="1")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert "\x1b" not in plain + stderr
    rules = [line for line in plain.splitlines() if line.endswith("─")]
    assert {len(line) for line in rules} == {80}
    file = tmp_path / "report"
    assert watched(monkeypatch, *arguments, "--output", file) == ("", "")
    assert file.read_text("utf-8") == run(*arguments).stdout
    comment, _ = watched(monkeypatch, *arguments, "--format", "markdown")
    assert comment == run(*arguments, "--format", "markdown").stdout
