"""The old side out of Git: the app, synthesised as it was at a commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from constructs_lib.review.loading.files import read_side
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.loading.resource import Side
from constructs_lib.review.loading.variables import NO_VARIABLES, Variables

_ADVICE = (
    "Give a branch, a tag or a commit that is here, such as origin/main; a shallow clone has few of them."
)


def side_at(reference: str, folder: Path, variables: Variables = NO_VARIABLES) -> Side:
    """What the app in this folder synthesised at a commit. Raises `InputError`.

    `variables`: values of Terraform's variables.

    The commit is checked out into a temporary worktree, which is removed again, after Ctrl-C too; the working
    tree and the index stay as they are. The app runs with the Python of this process, and what it prints goes
    to stderr.
    """
    top = Path(_git(folder, reference, "rev-parse", "--show-toplevel"))
    commit = _git(
        folder, reference, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}"
    )
    label = commit[:12] if commit.startswith(reference) else f"{reference} ({commit[:12]})"
    with tempfile.TemporaryDirectory(prefix="alipolicy-base-") as temporary:
        worktree = Path(temporary) / "tree"
        try:
            _git(top, reference, "worktree", "add", "--detach", "--quiet", str(worktree), commit)
            side = _synthesize(worktree / folder.resolve().relative_to(top.resolve()), label, variables)
        finally:
            # Not `worktree remove`, which refuses what was interrupted half-way.
            shutil.rmtree(worktree, ignore_errors=True)
            _git(top, reference, "worktree", "prune")
        return evolve(side, name=label)


def _git(folder: Path, reference: str, *arguments: str) -> str:
    # Hooks are for people: one that follows a checkout has no business here.
    command = ["git", "-C", str(folder), "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
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


def _synthesize(folder: Path, label: str, variables: Variables) -> Side:
    # Imported here: no other review needs the app.
    from constructs_lib.cdk import synthesis

    try:
        project = synthesis.Project.read(folder)
        with _stdout_to_stderr():
            synthesis.synthesize(project)
    except synthesis.SynthesisError as error:
        advice = "The app must synthesise at that commit; try another, or use --against."
        raise InputError(label, "", str(error).replace(str(folder), "the app's folder"), advice) from None
    return read_side(project.output, label, variables, is_old=True)


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Let what the app prints not stand in the report, which may go to stdout."""
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
