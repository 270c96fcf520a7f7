"""The old side out of Git: the app, synthesised as it was at a commit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import IO, NoReturn

from constructs_lib.findings import printable
from constructs_lib.review.loading.files import read_side
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.loading.resource import Side
from constructs_lib.review.loading.variables import NO_VARIABLES, Variables

_ADVICE = (
    "Give a branch, a tag or a commit that is here, such as origin/main; a shallow clone has few of them."
)
# All that the app gets of the environment; whatever else may be a credential.
_KEPT = (
    *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "SOURCE_DATE_EPOCH"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"),
    *("ALIPOLICY_ENGINE", "JSII_NODE", "CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON"),
)
# So long may the app run.
_SECONDS = 900


def side_at(reference: str, folder: Path, variables: Variables = NO_VARIABLES) -> Side:
    """What the app in this folder synthesised at a commit. Raises `InputError`.

    `variables`: values of Terraform's variables.

    The commit is checked out into a temporary worktree, which is removed again, after Ctrl-C too; the working
    tree and the index stay as they are. The app runs with the Python of this process and the rights of its
    user, for 15 minutes at most, without their environment: no credentials, an empty HOME. What it prints
    goes to stderr, and what it leaves running is ended.
    """
    top = Path(_git(folder, reference, "rev-parse", "--show-toplevel"))
    commit = _git(
        folder, reference, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}"
    )
    label = commit[:12] if commit.startswith(reference) else f"{reference} ({commit[:12]})"
    inside = folder.resolve().relative_to(top.resolve())
    with _tidy_when_terminated(reference):
        try:
            with tempfile.TemporaryDirectory(
                prefix="alipolicy-base-", ignore_cleanup_errors=True
            ) as temporary:
                worktree = Path(temporary) / "tree"
                _git(top, reference, "worktree", "add", "--detach", "--quiet", str(worktree), commit)
                return _synthesize(worktree / inside, Path(temporary), label, variables)
        finally:
            # Not `worktree remove`, which refuses what was interrupted half-way.
            _git(top, reference, "worktree", "prune")


def _git(folder: Path, reference: str, *arguments: str) -> str:
    # Hooks are for people: one that follows a checkout has no business here.
    command = ["git", "-C", str(folder), "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="surrogateescape", env=_environment()
        )
    except FileNotFoundError:
        raise InputError(
            f"--base {reference}", "", "there is no git here", "Install it, or use --against."
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        problem = lines[-1] if lines else "Git knows no such commit"
        raise InputError(f"--base {reference}", "", problem, _ADVICE)
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    # In a hook these point to the repository that is just being changed.
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "LC_ALL": "C"
    }


def _synthesize(folder: Path, temporary: Path, label: str, variables: Variables) -> Side:
    # Imported here: no other review needs the app.
    from constructs_lib.cdk import synthesis

    home = temporary / "home"
    home.mkdir()

    def run(app: str, folder: Path, environment: Mapping[str, str]) -> int:
        kept = {name: environment[name] for name in _KEPT if name in environment}
        try:
            return _run_apart(app, folder, kept | {"HOME": str(home), "TMPDIR": str(temporary)})
        except subprocess.TimeoutExpired:
            raise synthesis.SynthesisError(f"the app had not ended after {_SECONDS} seconds") from None

    try:
        project = synthesis.Project.read(folder)
        synthesis.synthesize(project, run=run)
    except (synthesis.SynthesisError, RuntimeError, OSError) as error:
        advice = "The app must synthesise at that commit; try another, or use --against."
        raise InputError(label, "", str(error).replace(str(folder), "the app's folder"), advice) from None
    return read_side(project.output, label, variables, is_old=True)


def _run_apart(command: str, folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command in a session of its own, of which nothing is left afterwards. Raises TimeoutExpired."""
    process = subprocess.Popen(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    # What has left the session may hold the pipe for longer than anybody waits.
    printer = Thread(target=_print, args=(process.stdout,), daemon=True)
    printer.start()
    try:
        return process.wait(_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        printer.join(1)


def _print(stream: IO[bytes]) -> None:
    """Print what an app says, so that no line of it is a command to the system that keeps the log."""
    with stream:
        for line in iter(lambda: stream.readline(4_096), b""):
            text = printable(line.decode("utf-8", "replace").rstrip().expandtabs()).replace("##", r"#\x23")
            with suppress(OSError, ValueError):
                print(f"base: {text}", file=sys.stderr)


@contextmanager
def _tidy_when_terminated(reference: str) -> Iterator[None]:
    """Let SIGTERM be an error, after which everything temporary is removed."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise InputError(f"--base {reference}", "", "the review was ended by SIGTERM", "Start it again.")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
