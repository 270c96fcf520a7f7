"""`make fuzz`: the property tests with new examples, round after round, until the time is over.

FUZZ_MINUTES: for how long; 5 if not given. FUZZ_SEED: of the first round, to see it again; each of the next
rounds has one more.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

import pytest


class TimeIsOverError(KeyboardInterrupt):
    """What the alarm clock raises: to pytest it is a Ctrl-C."""


class Round:
    """What one run of pytest came to; a failure is shown as soon as it is known, with its smallest input."""

    def __init__(self) -> None:
        self.passed, self.failed = 0, 0
        self.interrupted_by: type[BaseException] | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Iterator[None]:
        """Ctrl-C is for this process: its workers begin while it is ignored."""
        yield
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.passed and report.when == "call"
        self._show(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._show(report)

    def _show(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            self.failed += 1
            print(f"\nFAILED {report.nodeid}\n{report.longreprtext}\n", flush=True)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.interrupted_by = excinfo.type


def ring(number: int, frame: FrameType | None) -> None:
    raise TimeIsOverError


def run_rounds(seed: int) -> int:
    """Rounds until one fails, somebody presses Ctrl-C or the time is over; the exit status."""
    began = time.monotonic()
    arguments = [
        "-p",
        "no:terminal",
        "-p",
        "no:syrupy",
        "-m",
        "hypothesis",
        "--numprocesses=auto",
        "--dist=worksteal",
    ]
    # Each round after the first finds the plugins imported by the one before.
    arguments += ["--hypothesis-profile=fuzz", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    while True:
        this = Round()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = pytest.main([*arguments, f"--hypothesis-seed={seed}"], plugins=[this])
        minutes = (time.monotonic() - began) / 60
        print(
            f"{minutes:5.1f} min, seed {seed}: {this.passed} properties held, {this.failed} did not",
            flush=True,
        )
        if this.failed or status in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            print(f"Once more: make fuzz FUZZ_SEED={seed}")
            return 1
        if this.interrupted_by is TimeIsOverError:
            return 0
        if this.interrupted_by:
            sys.unraisablehook = lambda unraisable: None  # jsii, at exit: Ctrl-C has ended its Node as well
            return 130
        seed += 1


def main() -> int:
    minutes = float(os.environ.get("FUZZ_MINUTES") or 5)
    seed = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(10**9))
    print(f"Seed {seed}, {minutes:g} minutes", flush=True)
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, minutes * 60)
    try:
        return run_rounds(seed)
    except TimeIsOverError:  # between two rounds
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
