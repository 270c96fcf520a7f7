"""Processes that hear signals, however the tests themselves were started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def usual_signals() -> Iterator[None]:
    """What is started here ignores no signal, as if from a terminal.

    A process inherits what is ignored: SIGINT in a background job of a script, SIGHUP under `nohup`.
    """
    usual: dict[signal.Signals, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGHUP: signal.SIG_DFL,
        signal.SIGTERM: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
