"""The journal: what a process is about to create, on disk before the request goes out.

A process that is killed between a request and Terraform's next write of the state leaves an object that
nobody knows. Its journal tells of it: the next process reads what earlier ones began and did not finish, and
`creation` decides what became of it.

Each process has a log of its own, `<TF_DATA_DIR>/alipolicy/<name>.jsonl`: one JSON object a line, appended
and synced, mode 0600. It holds names, ids, dates, and digests of what was asked for: no document, no rules,
no credentials. A process keeps its log locked as long as it lives. A log goes when nothing in it is
unfinished.

An entry is finished when Terraform's state is seen to know its object (`saw`), when the object is gone, when
the create was refused, or when a later process has taken the entry over (`claim`).

Nothing here raises: where the directory cannot be used `problems` says so, and creates go on as if there
were no journal; a line that is damaged is passed over. There is no journal on disk in reattach mode
(`--debug`), whose working directory is not Terraform's, and on Windows, which has no such locks.
"""

from __future__ import annotations

import errno
import json
import logging
import math
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import asdict, evolve

from constructs_lib.provider.pending_creates.log import (
    Lock,
    Log,
    PendingOperation,
    created_and_locked,
    is_locked,
)
from constructs_lib.provider.pending_creates.log import Scope as Scope
from constructs_lib.provider.pending_creates.terraform_run import WorkingDirectory, is_emptied, run_of, runs

# In how many processes an object that nobody claims is told of.
TELLINGS = 3
# How long a log is kept that nobody asks for, since its account or its workspace is used no more (seconds).
KEPT = 30 * 86_400

logger = logging.getLogger(__name__)


class Journal:
    """What this process begins, and what earlier ones left unfinished. May be used by many threads.

    * `directory`: where the logs are; None: nothing is kept beyond this process.
    * `workspace`: of Terraform; one directory may have several. `state`: see `WorkingDirectory`.
    * `keeps_state`: whether Terraform's state is a local file, which is written after each resource. A remote
      one may be lost though the provider has ended in order. `state_file`: that file.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        workspace: str = "default",
        state: str = "",
        keeps_state: bool = True,
        state_file: Path | None = None,
    ) -> None:
        self.place, self.keeps_state = f"{workspace} {state}".strip(), keeps_state
        self._state_file = state_file
        self.problems: list[str] = []
        self._directory = directory
        self._parent = os.getppid()
        self._run = run_of(self._parent)
        self._guard = threading.RLock()
        self._own = Log(uuid.uuid4().hex)
        self._lock_of_own = -1
        self._lock = Lock()
        self._numbers = 0
        self._busy: set[int] = set()
        self._others: dict[str, Log] | None = None
        self._wanted: set[tuple[str, str]] = set()
        self._planned = False
        self._told_here: set[tuple[str, int]] = set()

    @classmethod
    def of_terraform(cls, environment: Mapping[str, str]) -> Journal:
        """That of the working directory and workspace in which Terraform has started this process."""
        here = WorkingDirectory.of(environment)
        return cls(
            here.data / "alipolicy",
            workspace=here.workspace,
            state=here.state,
            keeps_state=here.keeps_state,
            state_file=here.state_file,
        )

    @property
    def is_on_disk(self) -> bool:
        return self._directory is not None

    @property
    def is_orphaned(self) -> bool:
        """Whether Terraform was killed, and another one may have begun."""
        return self.is_on_disk and os.getppid() != self._parent

    def lost_state(self) -> Path | None:
        """Terraform's state file, where an earlier run was killed between emptying it and writing it anew;
        None where it has no backup that could be lost.

        What processes have made that ended in order is no longer taken for known to the state.
        """
        state = self._state_file
        if state is None or not is_emptied(state, self._parent):
            return None
        with self._guard, self._exclusive():
            for holder in self._dead():
                if holder.closed and any(self._is_here(scope) for scope in holder.scopes):
                    self._write(holder, do="reopened")
        backup = Path(f"{state}.backup")
        return state if backup.is_file() and backup.stat().st_size else None

    def reload(self) -> None:
        """Look at the directory again: a new run of Terraform begins."""
        with self._guard:
            self._others = None

    # -- what this process does

    def begin(
        self,
        kind: str,
        scope: Scope,
        subject: str,
        digest: str,
        *,
        began: float,
        ends: float = math.inf,
        before: frozenset[str] = frozenset(),
        note: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> PendingOperation:
        """A create is about to be asked for. When this returns, the disk knows."""
        with self._guard:
            self._numbers += 1
            entry = PendingOperation(
                log=self._own.name,
                number=self._numbers,
                kind=kind,
                scope=scope,
                subject=subject,
                digest=digest,
                began=began,
                ends=ends,
                before=before,
                name=name,
                note=note or {},
            )
            self._begin(entry)
            return entry

    def _begin(self, entry: PendingOperation, origin: tuple[str, int] | None = None) -> None:
        if self._own.path is None:
            self._open_own()
        if entry.before not in self._own.names:
            self._write(self._own, do="there", names=sorted(entry.before))
        record = asdict(entry, filter=lambda attribute, _: attribute.name not in ("log", "before"))
        record |= {"before": self._own.names.index(entry.before), "origin": origin}
        self._busy.add(entry.number)
        self._write(self._own, sync=True, do="begin", **record)

    def made(self, entry: PendingOperation, name: str) -> None:
        """The answer is here: the object has this name."""
        with self._guard:
            self._write(self._own, sync=True, do="made", number=entry.number, name=name)

    def release(self, entry: PendingOperation) -> None:
        """The operation is over; where no name is known by now, a later create may claim the entry."""
        with self._guard:
            self._busy.discard(entry.number)

    def end(self, entry: PendingOperation) -> None:
        """Nothing came of it, or nothing is left of it."""
        with self._guard, self._exclusive():
            self._note(entry, do="end")
            holder = self._own if entry.log == self._own.name else (self._others or {}).get(entry.log)
            if holder is not None:
                self._remove_if_finished(holder)

    def saw(self, kind: str, scope: Scope, name: str) -> None:
        """Terraform's state knows the object of this name."""
        with self._guard, self._exclusive():
            dead = self._dead()
            for holder in [self._own, *(self._others or {}).values()]:
                entries = holder.entries.values()
                if (kind, name) not in holder.owned and any(scope.matches(one.scope) for one in entries):
                    # Whose it is will be asked when the others are looked for.
                    self._write(holder, do="state", kind=kind, name=name)
                for entry in [holder.entries[number] for number in holder.named.get((kind, name), ())]:
                    if scope.matches(entry.scope):
                        self._write(holder, do="end", number=entry.number)
                if holder is self._own or holder in dead:
                    self._remove_if_finished(holder)

    def plans(self, kind: str, digest: str) -> None:
        """A plan wants this to be created; an empty digest: what, is not known yet."""
        with self._guard:
            self._wanted.add((kind, digest))
        self.plans_something()

    def plans_something(self) -> None:
        """This process plans: when it ends in order, every create that is wanted has been seen."""
        self._planned = True

    def close(self, *, is_complete: bool = True) -> None:
        """The process ends because Terraform is done with it. `is_complete`: nobody stopped it before; else
        Terraform may have left without waiting for the last answers."""
        with self._guard, self._exclusive():
            if self._planned and is_complete:
                for entry in self.unclaimed():
                    wanted = {(entry.kind, entry.digest), (entry.kind, "")} & self._wanted
                    is_passed = not wanted or self._is_answered(entry)
                    self._note(entry, do="passed" if is_passed else "wanted", run=self._run)
            if self._own.entries and is_complete:
                self._write(self._own, do="closed")
            self._remove_if_finished(self._own)

    # -- what earlier processes left

    def is_idle(self) -> bool:
        """Whether there is nothing unfinished: a state need not be compared with the journal."""
        with self._guard:
            if self._others is None:
                with self._exclusive():
                    self._load()
            return not self._own.entries and not self._others

    def unclaimed(self) -> list[PendingOperation]:
        """What is unfinished, of processes that have ended and of failed operations of this one."""
        with self._guard, self._exclusive():
            dead = self._dead()
            claimed = set().union(*(one.origins for one in [self._own, *(self._others or {}).values()]))
            idle = [self._own.entries[number] for number in self._own.nameless - self._busy]
            left = [entry for holder in dead for entry in holder.entries.values()]
            for entry in left:
                if entry.key in claimed:
                    # Whoever took it over was killed meanwhile, and its own log may go first.
                    self.end(entry)
            return idle + [entry for entry in left if entry.key not in claimed]

    def claim(self, kind: str, scope: Scope, digest: str) -> PendingOperation | None:
        """The oldest unfinished entry of the same create, which is this process's from now on.

        What ended in order with a name is not among them: the state knew it (`answered`).
        """
        with self._guard, self._exclusive():
            found = [
                one
                for one in self._alike(kind, scope, digest, self.unclaimed())
                if not self._is_answered(one)
            ]
            if not found:
                return None
            entry = min(found, key=lambda one: (not one.name, one.began))
            if entry.log == self._own.name:
                self._busy.add(entry.number)
                return entry
            self._numbers += 1
            # What is known of other objects may go with the log.
            before = entry.before | self.others(entry)
            mine = evolve(entry, log=self._own.name, number=self._numbers, before=before)
            self._begin(mine, entry.key)
            self.end(entry)
            return mine

    def answered(self, kind: str, scope: Scope, digest: str) -> list[PendingOperation]:
        """The unfinished entries of the same create whose process ended in order with an answer."""
        with self._guard:
            # Another process of this run, for another configuration of the provider, is no loss.
            return [
                one
                for one in self._alike(kind, scope, digest, self.unclaimed())
                if self._is_answered(one) and self._holder(one).run != self._run
            ]

    def is_orphan_at_work(self, kind: str, scope: Scope, digest: str) -> bool:
        """Whether a process whose Terraform was killed is still busy with the same create."""
        with self._guard, self._exclusive():
            self._dead()
            return any(
                self._alike(kind, scope, digest, holder.entries.values())
                for holder in (self._others or {}).values()
                if is_locked(holder.path) and not runs(holder.parent)
            )

    def about(self, scope: Scope, resource: str) -> list[PendingOperation]:
        """What earlier processes left that a note says was done to this resource (`of`)."""
        with self._guard:
            return [
                one for one in self.unclaimed() if one.note.get("of") == resource and scope.matches(one.scope)
            ]

    def others(self, entry: PendingOperation) -> set[str]:
        """The names of all objects of that kind that are another entry's, or in the state."""
        with self._guard, self._exclusive():
            self._dead()
            # A process has one account. In another, what is called the same is something else.
            holders = [
                one
                for one in [self._own, *(self._others or {}).values()]
                if any(entry.scope.matches(scope) for scope in one.scopes)
            ]
            names = {name for one in holders for kind, name in one.owned if kind == entry.kind}
            return names - {entry.name}

    def place_of(self, entry: PendingOperation) -> str:
        """The file that holds an entry."""
        return f"{self._directory}/{entry.log}.jsonl"

    # -- what nobody claims

    def take_problems(self) -> list[str]:
        """What is wrong with the journal itself, once."""
        with self._guard:
            taken, self.problems = self.problems, []
            return taken

    def to_tell(
        self, scope_of: Callable[[str], Scope], *, is_applying: bool = False
    ) -> list[PendingOperation]:
        """What a complete plan has not asked for, each entry once in a process.

        A run has one process for each configuration of the provider: no plan is complete before all have
        ended, which is certain when something is applied.
        """
        with self._guard:
            if not any(holder.passed for holder in (self._others or {}).values()):
                return []
            found = [
                entry
                for entry in self.unclaimed()
                if entry.log != self._own.name
                and self._is_passed(entry, is_applying)
                and entry.key not in self._told_here
                and scope_of(entry.kind).matches(entry.scope)
            ]
            self._told_here |= {entry.key for entry in found}
            return found

    def told(self, entry: PendingOperation) -> None:
        """The user has been told of it; the last time ends it."""
        with self._guard, self._exclusive():
            self._note(entry, do="told")
            holder = (self._others or {}).get(entry.log)
            if holder is not None and holder.told.get(entry.number, 0) >= TELLINGS:
                self.end(entry)

    # -- logs

    def _holder(self, entry: PendingOperation) -> Log:
        return self._own if entry.log == self._own.name else (self._others or {})[entry.log]

    def _note(self, entry: PendingOperation, **record: Any) -> None:
        """Add to the log of an entry, unless it has gone meanwhile."""
        self._dead()
        holder = self._own if entry.log == self._own.name else (self._others or {}).get(entry.log)
        if holder is not None:
            self._write(holder, number=entry.number, **record)

    def _is_passed(self, entry: PendingOperation, is_applying: bool) -> bool:
        holder = self._holder(entry)
        if entry.number not in holder.passed:
            return False
        passed = holder.passed[entry.number] - holder.wanted.get(entry.number, set())
        return bool(passed if is_applying else passed - {self._run})

    def _is_answered(self, entry: PendingOperation) -> bool:
        return bool(entry.name) and self._holder(entry).closed

    def _is_here(self, scope: Scope) -> bool:
        """Whether a scope is of this workspace and state; endpoint and region follow them."""
        return scope.place.rsplit(" ", 2)[0] == self.place

    @staticmethod
    def _alike(
        kind: str, scope: Scope, digest: str, entries: Iterable[PendingOperation]
    ) -> list[PendingOperation]:
        return [
            one for one in entries if (one.kind, one.digest) == (kind, digest) and scope.matches(one.scope)
        ]

    def _dead(self) -> list[Log]:
        """The logs of processes that have ended, up to date."""
        if self._others is None:
            self._load()
        dead = []
        for holder in list((self._others or {}).values()):
            is_alive = is_locked(holder.path)
            try:
                holder.read()
            except OSError:
                del (self._others or {})[holder.name]
                continue
            if not is_alive:
                dead.append(holder)
        return dead

    def _load(self) -> None:
        self._others = {}
        if self._directory is None:
            return
        try:
            for path in sorted(self._directory.glob("*.jsonl")):
                if path.stem != self._own.name:
                    holder = self._others[path.stem] = Log(path.stem, path)
                    holder.read()
                    if holder.damaged:
                        self._report(f"{path} is damaged; what can be read of it is used.")
                    if not is_locked(holder.path):
                        if path.stat().st_mtime < time.time() - KEPT:
                            holder.clear()
                        self._remove_if_finished(holder)
        except (OSError, ImportError) as error:
            self._give_up(error)

    def _remove_if_finished(self, holder: Log) -> None:
        if holder.entries or holder.path is None:
            return
        with suppress(OSError):
            holder.path.unlink()
        if holder is self._own:
            os.close(self._lock_of_own)
            self._lock_of_own = -1
            self._own = Log(uuid.uuid4().hex)
        elif self._others is not None:
            self._others.pop(holder.name, None)

    def _write(self, holder: Log, *, sync: bool = False, **record: Any) -> None:
        """Add a record; what is on disk may lag behind where the disk refuses it."""
        holder.apply(record)
        if self._directory is None or holder.path is None:
            return
        try:
            line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
            if holder.torn:
                line, holder.torn = b"\n" + line, False
            descriptor = os.open(holder.path, os.O_WRONLY | os.O_APPEND)
            try:
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if sync:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            holder.size += len(line)
        except OSError as error:
            self._give_up(error)

    def _open_own(self) -> None:
        if self._directory is None:
            return
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._exclusive():
                path = self._directory / f"{self._own.name}.jsonl"
                self._lock_of_own = created_and_locked(path)
            descriptor = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except (OSError, ImportError) as error:
            self._give_up(error)
            return
        self._own.path = path
        self._write(self._own, do="process", parent=self._parent, run=self._run)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """The directory for oneself: logs are read, and entries change hands, in one process at a time."""
        try:
            self._lock.acquire(self._directory)
        except (OSError, ImportError) as error:
            self._give_up(error)
        try:
            yield
        finally:
            self._lock.release()

    def _give_up(self, error: Exception) -> None:
        if self._directory is not None:
            self._report(f"{self._directory} cannot be used: {error}.")
            self._directory = None

    def _report(self, problem: str) -> None:
        logger.warning("the journal of creates: %s", problem)
        self.problems.append(problem)
