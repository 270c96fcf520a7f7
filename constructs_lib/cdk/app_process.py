"""Runs the command of an app, which ends with whoever started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

# How long an app may take to end when it is told to (seconds).
GRACE = 5.0


def run_here(app: str, folder: Path, environment: Mapping[str, str]) -> int:
    """Run the command of an app in this terminal, and return its exit status.

    Where this process is told to end (SIGTERM, SIGHUP), so is the app, and `SystemExit` is raised.
    """
    # At a terminal it stays in the foreground group, which Ctrl-C reaches; elsewhere all that it starts
    # can be told to end at once.
    own_group = os.name == "posix" and not _is_at_terminal()
    with signals_as_exit():
        process = subprocess.Popen(
            app, shell=True, cwd=folder, env=dict(environment), process_group=0 if own_group else None
        )
        try:
            return process.wait()
        except BaseException:
            _end(process, own_group)
            raise


@contextlib.contextmanager
def signals_as_exit() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP raise `SystemExit`, so that what has to be cleaned up is."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # only the main thread hears of signals
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_at_terminal() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def _end(process: subprocess.Popen[bytes], own_group: bool) -> None:
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(ProcessLookupError):
            if own_group:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
            if not own_group:
                return
