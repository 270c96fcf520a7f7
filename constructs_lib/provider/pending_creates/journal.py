"""The journal: what a process is about to create, on disk before the request goes out.

A process that is killed between a request and Terraform's next write of the state leaves an object that
nobody knows. Its journal knows: the next process reads what earlier ones began and did not finish, and
`create_once` decides what became of it.

Each process has a log of its own, `<TF_DATA_DIR>/alipolicy/<name>.jsonl`: one JSON object a line, appended
and synced, mode 0600. It holds names, ids, dates, and digests of what was asked for: no document, no rules,
no credentials. A process keeps its log locked as long as it lives. A log goes when nothing in it is
unfinished.

An operation is finished when Terraform's state is seen to know its object (`confirm_in_state`), when the
object is gone, when the create was refused, or when a later process has taken it over (`claim`).

Nothing here raises: where the directory cannot be used `take_problems` says so, and creates go on as if there
were no journal; an unreadable line is passed over. There is no journal on disk in reattach mode
(`--debug`), whose working directory is not Terraform's, and on Windows, which has no such locks.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import asdict, evolve

from constructs_lib.provider.pending_creates.log import (
    Log,
    PendingOperation,
    Scope,
    create_locked,
    is_locked,
    lock_directory,
)
from constructs_lib.provider.pending_creates.plan_messages import PlanMessages
from constructs_lib.provider.pending_creates.terraform_run import (
    StoredObject,
    WorkingDirectory,
    find_in_state_file,
    identify_run,
    is_emptied,
    is_in_state_file,
    is_over,
    is_running,
    names_a_state,
    serial_of,
    serial_without,
)

# In how many processes an object that nobody claims is reported.
REPORTS = 3
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
        self._state_file, self._directory = state_file, directory
        self._problems: list[str] = []
        self._parent = os.getppid()
        self._run = identify_run(self._parent)
        self.plan_messages = PlanMessages(directory, self._parent, os.getpid())
        self._guard, self._is_exclusive = threading.RLock(), False
        self._syncing = threading.Lock()
        self._own, self._lock_of_own = Log(uuid.uuid4().hex), -1
        self._others: dict[str, Log] = {}
        self._is_loaded = False
        self._numbers = 0
        self._busy: set[int] = set()
        self._wanted: set[tuple[str, str]] = set()
        self._scope_of: Callable[[str], Scope] | None = None  # once this process plans
        self._reported: set[tuple[str, int]] = set()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Journal:
        """That of the working directory and workspace in which Terraform has started this process."""
        here = WorkingDirectory.from_environment(environment)
        return cls(
            here.data / "alipolicy",
            workspace=here.workspace,
            state=here.state,
            keeps_state=here.state_file is not None,
            state_file=here.state_file,
        )

    @property
    def is_on_disk(self) -> bool:
        return self._directory is not None

    @property
    def is_orphaned(self) -> bool:
        """Whether Terraform was killed, and another one may have begun."""
        return self.is_on_disk and os.getppid() != self._parent

    def find_lost_state(self) -> Path | None:
        """Terraform's state file, where an earlier run was killed between emptying it and writing it anew;
        None where it has no backup that could be lost.

        What processes have created that ended in order is no longer taken for known to the state then, nor
        where OpenTofu was killed before it wrote the state.
        """
        state = self._state_file
        if state is None:
            return None
        is_lost = is_emptied(state, self._parent)
        with self._exclusive():
            for log in self._ended():
                if log.closed and self._is_of_this_state(log) and (is_lost or self._is_unwritten(log)):
                    self._write(log, do="reopened")
        if not is_lost:
            return None
        backup = Path(f"{state}.backup")
        return state if backup.is_file() and backup.stat().st_size else None

    def find_in_state(self, type_name: str) -> Iterator[StoredObject]:
        """The objects of a type that Terraform's state has, where that is a local file."""
        return find_in_state_file(self._state_file, type_name)

    def reload(self) -> None:
        """Look at the directory again: a new run of Terraform begins."""
        with self._guard:
            self._others, self._is_loaded = {}, False

    # -- what this process does

    def begin(self, pending: PendingOperation, *, origin: tuple[str, int] | None = None) -> PendingOperation:
        """An operation is about to be asked for. When this returns, the disk knows. `origin`: the key of the
        one that it takes over."""
        with self._guard:
            self._numbers += 1
            if self._own.path is None:
                self._open_own()
            if pending.before not in self._own.names:
                self._write(self._own, do="there", names=sorted(pending.before))
            pending = evolve(pending, log=self._own.name, number=self._numbers)
            record = asdict(pending, filter=lambda attribute, _: attribute.name not in ("log", "before"))
            record |= {"before": self._own.names.index(pending.before), "origin": origin}
            self._busy.add(pending.number)
            self._write(self._own, do="begin", **record)
            log, size = self._own, self._own.size
        self._sync(log, size)
        return pending

    def record_created(self, pending: PendingOperation, name: str) -> None:
        """The answer is here: the object has this name."""
        with self._guard:
            self._write(self._own, do="made", number=pending.number, name=name)
            log, size = self._own, self._own.size
        self._sync(log, size)

    def release(self, pending: PendingOperation) -> None:
        """The operation is over; where no name is known by now, a later create may claim it."""
        with self._guard:
            self._busy.discard(pending.number)

    def finish(self, pending: PendingOperation) -> None:
        """Nothing came of it, or nothing is left of it."""
        with self._exclusive():
            if log := self._append(pending, do="end"):
                self._remove_if_finished(log)

    def confirm_in_state(self, kind: str, scope: Scope, name: str) -> None:
        """Terraform's state knows the object of this name."""
        with self._exclusive():
            removable = [self._own, *self._ended()]
            for log in self._logs():
                pending = log.entries.values()
                if (kind, name) not in log.owned and any(scope.matches(entry.scope) for entry in pending):
                    # Whose it is will be asked when the others are looked for.
                    self._write(log, do="state", kind=kind, name=name)
                for entry in [log.entries[number] for number in log.named.get((kind, name), ())]:
                    if scope.matches(entry.scope):
                        self._write(log, do="end", number=entry.number)
                if log in removable:
                    self._remove_if_finished(log)

    def record_plan(self, kind: str, digest: str, scope_of: Callable[[str], Scope]) -> None:
        """A plan wants this to be created; an empty digest: what, is not known yet."""
        with self._guard:
            self._wanted.add((kind, digest))
        self.record_planning(scope_of)

    def record_planning(self, scope_of: Callable[[str], Scope]) -> None:
        """This process plans: when it ends in order, it has seen each create that is wanted in its scopes."""
        self._scope_of = scope_of

    def close(self, *, is_complete: bool = True) -> None:
        """The process ends because Terraform is done with it. `is_complete`: nobody stopped it before; else
        Terraform may have left without waiting for the last answers."""
        with self._exclusive():
            if self._scope_of and is_complete:
                for entry in self.find_unclaimed():
                    # What another configuration of the provider plans, or has just created, is not seen here.
                    is_of_this_run = self._log_of(entry).run == self._run
                    if is_of_this_run or not self._scope_of(entry.kind).matches(entry.scope):
                        continue
                    wanted = {(entry.kind, entry.digest), (entry.kind, "")} & self._wanted
                    is_passed = not wanted or self._is_answered(entry)
                    self._append(entry, do="passed" if is_passed else "wanted", run=self._run)
            if self._own.entries and is_complete:
                names = [entry.name for entry in self._own.entries.values() if entry.name]
                is_elsewhere = names_a_state(self._parent, os.environ)
                serial = None if is_elsewhere else serial_without(self._state_file, names)
                self._write(self._own, do="closed", **({} if serial is None else {"serial": serial}))
            self._remove_if_finished(self._own)

    # -- what earlier processes left

    def is_idle(self) -> bool:
        """Whether there is nothing unfinished: a state need not be compared with the journal."""
        with self._guard:
            if not self._is_loaded:
                with self._exclusive():
                    self._load()
            return not self._own.entries and not self._others

    def find_unclaimed(self) -> list[PendingOperation]:
        """What is unfinished, of processes that have ended and of failed operations of this one."""
        with self._exclusive():
            left = [entry for log in self._ended() for entry in log.entries.values()]
            claimed = set().union(*(log.origins for log in self._logs()))
            for entry in left:
                if entry.key in claimed:
                    # Whoever took it over was killed meanwhile, and its own log may go first.
                    self.finish(entry)
            idle = [self._own.entries[number] for number in self._own.nameless - self._busy]
            return idle + [entry for entry in left if entry.key not in claimed]

    def claim(self, kind: str, scope: Scope, digest: str) -> PendingOperation | None:
        """The oldest unfinished operation that asked for the same, which is this process's from now on.

        What ended in order with a name is not among them: the state knew it (`find_answered`).
        """
        with self._exclusive():
            same = [entry for entry in self.find_unclaimed() if entry.is_same(kind, scope, digest)]
            claimable = [entry for entry in same if not self._is_answered(entry)]
            if not claimable:
                return None
            entry = min(claimable, key=lambda entry: (not entry.name, entry.began))
            if entry.log == self._own.name:
                self._busy.add(entry.number)
                return entry
            # What is known of other objects may go with the log.
            before = entry.before | self.names_of_others(entry)
            own = self.begin(evolve(entry, before=before), origin=entry.key)
            self.finish(entry)
            return own

    def find_answered(self, kind: str, scope: Scope, digest: str) -> list[PendingOperation]:
        """The unfinished operations that asked for the same, whose process ended in order with an answer."""
        with self._guard:
            # Another process of this run, for another configuration of the provider, is no loss.
            return [
                entry
                for entry in self.find_unclaimed()
                if entry.is_same(kind, scope, digest)
                and self._is_answered(entry)
                and self._log_of(entry).run != self._run
            ]

    def is_orphan_at_work(self, kind: str, scope: Scope, digest: str) -> bool:
        """Whether a process whose Terraform was killed is still busy with the same create."""
        with self._exclusive():
            self._ended()
            return any(
                any(entry.is_same(kind, scope, digest) for entry in log.entries.values())
                for log in self._others.values()
                if is_locked(log.path) and not is_running(log.parent)
            )

    def find_about(self, scope: Scope, resource: str) -> list[PendingOperation]:
        """What earlier processes left that a note says was done to this resource (`of`)."""
        return [
            entry
            for entry in self.find_unclaimed()
            if entry.note.get("of") == resource and scope.matches(entry.scope)
        ]

    def names_of_others(self, pending: PendingOperation) -> set[str]:
        """The names of all objects of that kind that are another operation's, or in the state."""
        with self._exclusive():
            self._ended()
            # A process has one account. In another, what is called the same is something else.
            names = {
                name
                for log in self._logs()
                if any(pending.scope.matches(scope) for scope in log.scopes)
                for kind, name in log.owned
                if kind == pending.kind
            }
            return names - {pending.name}

    def path_of(self, pending: PendingOperation) -> str:
        """The file that holds an operation."""
        return f"{self._directory}/{pending.log}.jsonl"

    # -- what nobody claims

    def take_problems(self) -> list[str]:
        """What is wrong with the journal itself, once."""
        with self._guard:
            taken, self._problems = self._problems, []
            return taken

    def find_unreported(
        self, scope_of: Callable[[str], Scope], *, is_applying: bool = False
    ) -> list[PendingOperation]:
        """What a complete plan has not asked for, each operation once in a process.

        A run has one process for each configuration of the provider: no plan is complete before all have
        ended, which is certain when something is applied.
        """
        with self._guard:
            if not any(log.passed for log in self._others.values()):
                return []
            found = [
                entry
                for entry in self.find_unclaimed()
                if entry.log != self._own.name
                and self._is_passed(entry, is_applying)
                and entry.key not in self._reported
                and scope_of(entry.kind).matches(entry.scope)
                and not is_in_state_file(self._state_file, entry.name)
            ]
            self._reported |= {entry.key for entry in found}
            return found

    def record_report(self, pending: PendingOperation) -> None:
        """The user has read of it; the last report finishes it."""
        with self._exclusive():
            log = self._append(pending, do="told")
            if log is not None and log.reports.get(pending.number, 0) >= REPORTS:
                self.finish(pending)

    # -- logs

    def _logs(self) -> list[Log]:
        return [self._own, *self._others.values()]

    def _log_of(self, entry: PendingOperation) -> Log:
        return self._own if entry.log == self._own.name else self._others[entry.log]

    def _append(self, entry: PendingOperation, **record: Any) -> Log | None:
        """Add to the log of an operation, and return it; None: it has gone meanwhile."""
        self._ended()
        log = self._own if entry.log == self._own.name else self._others.get(entry.log)
        if log is not None:
            self._write(log, number=entry.number, **record)
        return log

    def _is_passed(self, entry: PendingOperation, is_applying: bool) -> bool:
        log = self._log_of(entry)
        passed = log.passed.get(entry.number, set()) - log.wanted.get(entry.number, set())
        return bool(passed if is_applying else passed - {self._run})

    def _is_of_this_state(self, log: Log) -> bool:
        # A scope's place is workspace and state, which are compared, then endpoint and region.
        return any(scope.place.rsplit(" ", 2)[0] == self.place for scope in log.scopes)

    def _is_unwritten(self, log: Log) -> bool:
        """Whether the state did not know of a log's objects, and its run ended before another was written."""
        if log.serial is None or not is_over(log.parent, log.run):
            return False
        return serial_of(self._state_file) == log.serial

    def _is_answered(self, entry: PendingOperation) -> bool:
        return bool(entry.name) and self._log_of(entry).closed

    def _ended(self) -> list[Log]:
        """The logs of processes that have ended; all logs are up to date then."""
        if not self._is_loaded:
            self._load()
        ended = []
        for log in list(self._others.values()):
            is_alive = is_locked(log.path)
            try:
                log.read()
            except OSError:
                del self._others[log.name]
                continue
            if not is_alive:
                ended.append(log)
        return ended

    def _load(self) -> None:
        self._others, self._is_loaded = {}, True
        if self._directory is None:
            return
        try:
            for path in sorted(self._directory.glob("*.jsonl")):
                if path.stem != self._own.name:
                    log = self._others[path.stem] = Log(path.stem, path)
                    log.read()
                    if log.is_unreadable:
                        self._report(f"{path} holds unreadable lines; the others are used.")
                    if not is_locked(log.path):
                        if path.stat().st_mtime < time.time() - KEPT:
                            log.clear()
                        self._remove_if_finished(log)
        except (OSError, ImportError) as error:
            self._give_up(error)

    def _remove_if_finished(self, log: Log) -> None:
        if log.entries or log.path is None:
            return
        with suppress(OSError):
            log.path.unlink()
        if log is self._own:
            os.close(self._lock_of_own)
            self._own, self._lock_of_own = Log(uuid.uuid4().hex), -1
        else:
            self._others.pop(log.name, None)

    def _write(self, log: Log, **record: Any) -> None:
        """Add a record; what is on disk may lag behind where the disk refuses it."""
        log.apply(record)
        if self._directory is None or log.path is None:
            return
        try:
            line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
            if log.torn:
                line, log.torn = b"\n" + line, False
            descriptor = os.open(log.path, os.O_WRONLY | os.O_APPEND)
            try:
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            finally:
                os.close(descriptor)
            log.size += len(line)
        except OSError as error:
            self._give_up(error)

    def _sync(self, log: Log, size: int) -> None:
        """Wait until so much of a log is on disk. Threads that wait for each other are served by one sync."""
        with self._syncing:
            if self._directory is None or log.path is None or log.synced >= size:
                return
            written = log.size
            try:
                descriptor = os.open(log.path, os.O_WRONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                log.synced = written
            except FileNotFoundError:
                return  # nothing in it was unfinished
            except OSError as error:
                self._give_up(error)

    def _open_own(self) -> None:
        if self._directory is None:
            return
        path = self._directory / f"{self._own.name}.jsonl"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._exclusive():
                self._lock_of_own = create_locked(path)
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
        """The directory for oneself: logs are read, and operations change hands, in one thread of one process
        at a time. One may ask for it while one has it."""
        with self._guard:
            lock = None
            if not self._is_exclusive and self._directory is not None and self._directory.is_dir():
                try:
                    lock = lock_directory(self._directory)
                except (OSError, ImportError) as error:
                    self._give_up(error)
            before, self._is_exclusive = self._is_exclusive, True
            try:
                yield
            finally:
                self._is_exclusive = before
                if lock is not None:
                    os.close(lock)

    def _give_up(self, error: Exception) -> None:
        if self._directory is not None:
            self._report(f"{self._directory} cannot be used: {error}.")
            self._directory = None

    def _report(self, problem: str) -> None:
        logger.warning("the journal of creates: %s", problem)
        self._problems.append(problem)
