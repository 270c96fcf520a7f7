"""The context of one operation: what it may ask for, and how it reports."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

from constructs_lib.provider.protocol.diagnostics import (
    DeadlineError,
    Diagnostic,
    DiagnosticSeverity,
    InterruptedFailure,
    as_path,
)
from constructs_lib.provider.protocol.values import Path

State = dict[str, Any]
"""The value of a resource, data source or configuration: attributes by name."""

ONE_BY_ONE = 10
"""So many warnings of one kind a process shows one by one."""


class Stopping:
    """Whether the user wants Terraform to stop, and how long running operations may still take.

    `grace`: seconds that operations may go on waiting after the request.
    """

    def __init__(self, grace: float = 20.0) -> None:
        self.grace = grace
        self._requested = threading.Event()
        self._until = 0.0

    def request(self) -> None:
        """From now on the grace period runs; a second request does not prolong it."""
        if not self._requested.is_set():
            self._until = time.monotonic() + self.grace
            self._requested.set()

    def reset(self) -> None:
        """A new run of Terraform begins in the same process (reattach mode)."""
        self._requested.clear()

    @property
    def requested(self) -> bool:
        return self._requested.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep; False, at once, when the grace period is over."""
        until = time.monotonic() + seconds
        if not self._requested.wait(seconds):
            return True
        # The request woke the wait: what is left of it still fits into the grace period, or it does not.
        time.sleep(max(0.0, min(until, self._until) - time.monotonic()))
        return until <= self._until


class Context:
    """One operation on one resource or data source.

    * `client`: what `Provider.configure` returned; None where it was not called yet.
    * `terraform_version`: of the Terraform that calls; empty before `configure`.
    * `private`: JSON values stored with the resource, unseen by the user. Change it in place; plan, read and
      apply keep it. Not encrypted: no place for secrets.
    * `log`: a logger; its lines appear under TF_LOG, with secrets masked.
    * `deadline`: when the operation times out (monotonic seconds), from the schema's timeouts; None: never.
    * `timeout`: the seconds that this was from the start.
    * `hide`: takes strings that are masked in logs and messages from then on, besides sensitive attributes.
    * `warned`: how many warnings of each kind the process has shown.
    """

    def __init__(
        self,
        stopping: Stopping,
        diagnostics: list[Diagnostic] | None = None,
        *,
        client: Any = None,
        terraform_version: str = "",
        private: bytes = b"",
        timeout: float | None = None,
        hide: Callable[[Iterable[str]], None] = lambda _: None,
        warned: dict[str, Iterator[int]] | None = None,
    ) -> None:
        self.client, self.terraform_version, self.timeout = client, terraform_version, timeout
        self.hide = hide
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.log = logging.getLogger("provider")
        self.private: dict[str, Any] = _read_private(private)
        self._stored_private, self._private_before = private, _written(self.private)
        self.diagnostics = [] if diagnostics is None else diagnostics
        self.saved: State | None = None
        self._stopping = stopping
        self._warned = {} if warned is None else warned

    def warn(self, summary: str, detail: str = "", path: Path | str = (), *, further: str = "") -> None:
        """Show a warning beside the attribute at `path`.

        `further`: names its kind, and is its summary once `ONE_BY_ONE` were shown. Terraform shows all that
        have one summary as one, with their number; for each that it shows it parses the whole file again.
        """
        if further and next(self._warned.setdefault(further, count())) >= ONE_BY_ONE:
            summary = further
        self.diagnostics.append(Diagnostic(DiagnosticSeverity.WARNING, summary, detail, as_path(path)))

    def error(self, summary: str, detail: str = "", path: Path | str = ()) -> None:
        """Report an error and go on, to report more; to stop at once raise `Failure`."""
        self.diagnostics.append(Diagnostic(DiagnosticSeverity.ERROR, summary, detail, as_path(path)))

    @property
    def failed(self) -> bool:
        """Whether an error was reported."""
        return any(diagnostic.severity is DiagnosticSeverity.ERROR for diagnostic in self.diagnostics)

    def save(self, state: State) -> None:
        """Note what exists by now, in case the rest fails: Terraform stores it.

        Call it in `create` as soon as the object exists: a failure after it leaves a tainted resource, which
        the next apply replaces, instead of an object that nobody knows. In `update` and `delete` a failure
        leaves this state instead of the prior one. Values that are not known yet are stored as null.
        """
        self.saved = dict(state)

    def stopping(self) -> bool:
        """Whether the user asked Terraform to stop: begin nothing new, save what there is."""
        return self._stopping.requested

    def remaining(self) -> float | None:
        """Seconds until the deadline, 0 when it has passed; None: there is none."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def sleep(self, seconds: float) -> None:
        """Wait, for instance between two polls.

        Raises `DeadlineError` where the operation's timeout would pass meanwhile, `InterruptedFailure` where
        the user asked to stop and the grace period is over.
        """
        remaining = self.remaining()
        wanted = seconds if remaining is None else min(seconds, remaining)
        if not self._stopping.wait(wanted):
            raise InterruptedFailure("Interrupted", "Terraform was asked to stop; apply again to go on.")
        if remaining is not None and seconds >= remaining:
            raise DeadlineError(
                "Timed out",
                f"It is not done after {self.timeout:g} s. Apply again, or allow more in the timeouts block.",
            )

    def private_bytes(self) -> bytes:
        """`private` as it is stored; untouched bytes come back as they were."""
        written = _written(self.private)
        return self._stored_private if written == self._private_before else written


def _written(private: dict[str, Any]) -> bytes:
    return json.dumps(private, separators=(",", ":"), sort_keys=True).encode() if private else b""


def _read_private(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data) if data else {}
    except ValueError:
        # Another provider's, after a move: nothing here can read it.
        return {}
    return found if isinstance(found, dict) else {}
