"""One log of the journal: what one process has begun, record by record; and the locks of the journal."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

# How long to wait for another process that reads or writes the journal (seconds).
PATIENCE = 5.0

Record = dict[str, Any]


@frozen
class Scope:
    """Where an object is: `place` is workspace, endpoint and region.

    * `account`: its id; empty where it could not be found out. `credentials`: a digest that stands for it.
    """

    place: str = ""
    account: str = ""
    credentials: str = ""

    def matches(self, other: Scope) -> bool:
        if self.account and other.account:
            return (self.place, self.account) == (other.place, other.account)
        return (self.place, self.credentials) == (other.place, other.credentials)


@frozen(kw_only=True)
class PendingOperation:
    """A create, or a change of the default version, that was begun.

    * `kind`: the operation. `subject`: the name of the policy. `digest`: of what was asked for.
    * `began`: UNIX seconds; `ends`: when its last request was answered at the latest. `before`: the names of
      what was there.
    * `name`: of what was created; empty while that is not known.
    * `note`: what else the next process has to know; JSON.
    * `log`, `number`: where it stands; the journal gives them.
    """

    kind: str
    scope: Scope
    subject: str
    digest: str = ""
    began: float
    ends: float = math.inf
    before: frozenset[str] = field(default=frozenset(), repr=False)
    name: str = ""
    note: Mapping[str, Any] = field(factory=dict, repr=False)
    log: str = ""
    number: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return self.log, self.number

    def is_same(self, kind: str, scope: Scope, digest: str) -> bool:
        """Whether it asks for the same in the same place."""
        return (self.kind, self.digest) == (kind, digest) and scope.matches(self.scope)


class Log:
    """What one process has begun, as its records say.

    * `entries`: the unfinished operations, by number. `nameless`, `named`: the numbers of those whose object
      is not known, and of the others by kind and name.
    """

    def __init__(self, name: str, path: Path | None = None) -> None:
        self.name, self.path = name, path
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.entries: dict[int, PendingOperation] = {}
        self.nameless: set[int] = set()
        self.named: dict[tuple[str, str], set[int]] = {}
        self.parent, self.run = 0, ""
        self.scopes: set[Scope] = set()
        self.closed = self.is_unreadable = self.torn = False
        # Of the state when the process ended, where that did not know all of this yet.
        self.serial: int | None = None
        self.size = self.synced = 0
        self.names: list[frozenset[str]] = []
        self.owned: set[tuple[str, str]] = set()  # what was created, or is in the state: (kind, name)
        self.origins: set[tuple[str, int]] = set()
        # In which runs of Terraform a plan passed an operation by, or wanted it.
        self.passed: dict[int, set[str]] = {}
        self.wanted: dict[int, set[str]] = {}
        self.reports: dict[int, int] = {}

    def read(self) -> None:
        """Read the file anew, if it has changed. OSError: it is gone."""
        assert self.path is not None
        if self.path.stat().st_size == self.size:
            return
        text = self.path.read_bytes()
        self.clear()
        self.size = len(text)
        # What follows the last line end was not written to its end: its request never went out.
        *lines, rest = text.split(b"\n")
        self.torn = bool(rest)
        for line in filter(None, lines):
            try:
                self.apply(json.loads(line))
            except (ValueError, LookupError, TypeError, AttributeError):
                self.is_unreadable = True

    def apply(self, record: Record) -> None:
        """Take a record into account: `do` names the method, the rest are its arguments."""
        arguments = {name: value for name, value in record.items() if name != "do"}
        getattr(self, f"_on_{record['do']}")(**arguments)

    def _on_process(self, parent: int, run: str = "") -> None:
        self.parent, self.run = parent, run

    def _on_there(self, names: list[str]) -> None:
        self.names.append(frozenset(names))

    def _on_begin(
        self, number: int, scope: Record, before: int, began: float, origin: Any, note: Record, **rest: Any
    ) -> None:
        entry = PendingOperation(
            log=self.name,
            number=int(number),
            scope=Scope(**scope),
            before=self.names[before],
            began=float(began),
            note=dict(note),
            **rest,
        )
        self._add(entry)
        self.scopes.add(entry.scope)
        if origin:
            self.origins.add((str(origin[0]), int(origin[1])))

    def _on_made(self, number: int, name: str) -> None:
        if entry := self._remove(number):
            self._add(evolve(entry, name=name))

    def _on_end(self, number: int) -> None:
        self._remove(number)

    def _add(self, entry: PendingOperation) -> None:
        self.entries[entry.number] = entry
        if entry.name:
            self.named.setdefault((entry.kind, entry.name), set()).add(entry.number)
            self.owned.add((entry.kind, entry.name))
        else:
            self.nameless.add(entry.number)

    def _remove(self, number: int) -> PendingOperation | None:
        entry = self.entries.pop(number, None)
        if entry is not None:
            self.nameless.discard(number)
            self.named.get((entry.kind, entry.name), set()).discard(number)
        return entry

    def _on_state(self, kind: str, name: str) -> None:
        self.owned.add((kind, name))

    def _on_passed(self, number: int, run: str = "") -> None:
        self.passed.setdefault(number, set()).add(run)

    def _on_wanted(self, number: int, run: str) -> None:
        self.wanted.setdefault(number, set()).add(run)

    def _on_told(self, number: int) -> None:
        self.reports[number] = self.reports.get(number, 0) + 1

    def _on_closed(self, serial: int | None = None) -> None:
        self.closed, self.serial = True, serial

    def _on_reopened(self) -> None:
        self.closed, self.serial = False, None


# ------------------------------------------------------------ locks


def create_locked(path: Path) -> int:
    """A new file that is locked until its descriptor is closed, at the latest when the process ends.

    OSError; ImportError where there are no such locks.
    """
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def is_locked(path: Path | None) -> bool:
    """Whether the process that has locked this file still runs. ImportError."""
    import fcntl

    assert path is not None
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def lock_directory(directory: Path) -> int:
    """The directory for this process alone, until the descriptor is closed.

    OSError: another process does not let go of it; ImportError.
    """
    import fcntl

    until = time.monotonic() + PATIENCE
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(descriptor)
                raise
            time.sleep(0.01)
        else:
            return descriptor
