"""What the local cloud remembers: objects, access keys and used nonces, in one SQLite database.

An object is never overwritten: each change closes its state and opens a new one, both with their times. So a
read can ask for the past, which is what eventual consistency looks like from outside, and an object can be
removed at a later time without anything that has to wake up for it.

The store knows no service. One thread uses it; other processes may use the same file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import astuple, field, fields, frozen

MEMORY = ":memory:"
# How far a read can look back (seconds); closed states go afterwards.
MEMORY_OF_THE_PAST = 600.0
# How long to wait for another process that writes to the same file (seconds).
BUSY_TIMEOUT = 5.0
# How long an expired session is still known, so that it is called expired and not unknown (seconds).
MEMORY_OF_SESSIONS = 86_400.0

_APPLICATION = 0x616C6970  # "alip": distinguishes a database of ours from somebody else's
_SCHEMA_VERSION = 2
_SCHEMA = f"""
CREATE TABLE objects (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    since REAL NOT NULL,
    until REAL,
    region TEXT NOT NULL
);
CREATE INDEX objects_by_name ON objects (account, kind, parent, name);
CREATE UNIQUE INDEX objects_open ON objects (account, kind, parent, name) WHERE until IS NULL;
CREATE INDEX objects_by_position ON objects (account, kind, position);
CREATE INDEX objects_closed ON objects (until) WHERE until IS NOT NULL;
CREATE TABLE identities (
    access_key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    secret_key TEXT NOT NULL,
    security_token TEXT,
    expires REAL,
    role TEXT,
    session TEXT
);
CREATE TABLE nonces (
    access_key TEXT NOT NULL,
    nonce TEXT NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (access_key, nonce)
) WITHOUT ROWID;
CREATE INDEX nonces_by_expiry ON nonces (expires);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_SCHEMA_VERSION}
"""
# Schema 1 knew no regions: what was Cloud Backup's is where a client finds it that names none.
_REGIONS_ADDED = f"""
ALTER TABLE objects ADD COLUMN region TEXT NOT NULL DEFAULT '';
UPDATE objects SET region = 'cn-hangzhou' WHERE kind IN ('backup policy', 'vault');
PRAGMA user_version = {_SCHEMA_VERSION}
"""

Body = dict[str, Any]


@frozen
class Identity:
    """Who signs with an access key: an account's own key, or a role session of limited time."""

    account: str
    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    expires: float | None = None
    role: str | None = None
    session: str | None = None


_IDENTITY = ", ".join(column.name for column in fields(Identity))


@frozen
class Stored:
    """One object: `position` orders the objects of a kind by age; `leaving`: its removal has been ordered."""

    parent: str
    name: str
    position: int
    body: Body
    leaving: bool


def _make_private(database: Path) -> None:
    """A file that nobody else reads: it holds secret keys. SQLite gives its side files the same mode.

    ValueError: it, or a side file, is a symbolic link, which may lead anywhere.
    """
    side_files = (database.with_name(f"{database.name}-{end}") for end in ("journal", "wal", "shm"))
    for file in (database, *side_files):
        if file.is_symlink():
            raise ValueError(f"{file} is a symbolic link; name the file itself")
    descriptor = os.open(database, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # a device is everybody's
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


class Store:
    """The database, and the only clock of what is in it.

    * `database`: a path, or `:memory:`. What was committed survives the end of the process, also by kill -9.
    * `clock`: UNIX seconds.

    Raises ValueError where the file is not a database of the local cloud, or cannot be used as one.
    """

    def __init__(self, database: str | Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        if str(database) != MEMORY:
            _make_private(Path(database))
        self._connection = sqlite3.connect(
            str(database), timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare()
            [latest] = self._connection.execute("SELECT coalesce(max(since), 0) FROM objects").fetchone()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ValueError(f"{database} {_explain(error)}") from None
        except ValueError as error:
            self._connection.close()
            raise ValueError(f"{database} {error}") from None
        self._latest: float = latest

    def _prepare(self) -> None:
        """Make the file ready, which another process may be doing too."""
        until = time.monotonic() + BUSY_TIMEOUT
        while True:
            try:
                with self.transaction():
                    self._make_tables()
                # SQLite does not wait here for others that have just opened the file.
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        # The death of the process loses nothing; the loss of power may lose the newest transactions.
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def _make_tables(self) -> None:
        execute = self._connection.execute
        [application] = execute("PRAGMA application_id").fetchone()
        [version] = execute("PRAGMA user_version").fetchone()
        [tables] = execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and application != _APPLICATION:
            raise ValueError("is the database of another program; name another file")
        if tables and version not in (1, _SCHEMA_VERSION):
            raise ValueError(f"was written by another release (schema {version}); delete it, or name another")
        if version != _SCHEMA_VERSION:
            for statement in (_REGIONS_ADDED if tables else _SCHEMA).split(";"):
                execute(statement)

    def close(self) -> None:
        self._connection.close()

    def now(self) -> float:
        """The time, which never runs backwards here even if the machine's clock does."""
        self._latest = max(self._latest, self._clock())
        return self._latest

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; BEGIN IMMEDIATE, so that a read followed by a write cannot be overtaken."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a transaction that is undone alone where it fails."""
        self._connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO attempt")
                self._connection.execute("RELEASE attempt")
            raise
        self._connection.execute("RELEASE attempt")

    # -- access keys

    def add_identity(self, identity: Identity) -> None:
        query = f"INSERT INTO identities ({_IDENTITY}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._connection.execute(query, astuple(identity))
        forgotten = self.now() - MEMORY_OF_SESSIONS
        self._connection.execute("DELETE FROM identities WHERE expires < ?", (forgotten,))

    def identity(self, access_key: str) -> Identity | None:
        return next(self._select_identities("access_key = ?", access_key), None)

    def accounts(self) -> list[Identity]:
        """The accounts' own keys, the oldest first."""
        return list(self._select_identities("session IS ?", None))

    def _select_identities(self, condition: str, value: str | None) -> Iterator[Identity]:
        query = f"SELECT {_IDENTITY} FROM identities WHERE {condition} ORDER BY rowid"
        return (Identity(*row) for row in self._connection.execute(query, (value,)))

    def use_nonce(self, access_key: str, nonce: str, lifetime: float) -> bool:
        """Whether this nonce is new; it is used from now on, for `lifetime` seconds."""
        now = self.now()
        self._connection.execute("DELETE FROM nonces WHERE expires < ?", (now,))
        added = self._connection.execute(
            "INSERT OR IGNORE INTO nonces VALUES (?, ?, ?)", (access_key, nonce, now + lifetime)
        )
        return added.rowcount == 1

    # -- objects

    def objects_of(self, account: str, seconds_ago: float = 0, *, region: str = "") -> AccountObjects:
        """What one account has in one region, or where no region is; now or some time ago."""
        return AccountObjects(self._connection, account, region, self.now(), seconds_ago)

    def list_objects(self) -> list[dict[str, str]]:
        """Every object of every account, for assertions and the eye. A backup policy has its id as the name,
        and its name as the title."""
        now = self.now()
        rows = self._connection.execute(
            "SELECT account, region, kind, parent, name,"
            " iif(kind = 'backup policy', json_extract(body, '$.PolicyName'), '') FROM objects"
            " WHERE since <= ? AND (until IS NULL OR until > ?)"
            " ORDER BY account, region, kind, parent, position",
            (now, now),
        )
        names = ("account", "region", "kind", "parent", "name", "title")
        return [dict(zip(names, row, strict=True)) for row in rows]


def _explain(error: sqlite3.DatabaseError) -> str:
    if not isinstance(error, sqlite3.OperationalError):
        return f"is not a database of the local cloud: {error}"
    if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return f"cannot be used: for {BUSY_TIMEOUT:g} s another process has been writing to it"
    return f"cannot be used: {error}"


class AccountObjects:
    """The objects of one account in one region; no query leaves them, so none sees another's."""

    def __init__(
        self, connection: sqlite3.Connection, account: str, region: str, now: float, seconds_ago: float
    ) -> None:
        self._execute = connection.execute
        self.account = account
        self.region = region
        self._place = account, region
        self.now = now
        self._as_of = now - seconds_ago

    def get(self, kind: str, name: str, parent: str = "") -> Stored | None:
        return next(self._select(kind, "parent = ? AND name = ?", (parent, name)), None)

    def all(self, kind: str, parent: str | None = None) -> list[Stored]:
        """All of a kind, or all of a kind under one parent, the oldest first."""
        if parent is None:
            return list(self._select(kind))
        return list(self._select(kind, "parent = ?", (parent,)))

    def page(self, kind: str, after: int, size: int) -> list[Stored]:
        """Up to so many of a kind, those after a position."""
        return list(self._select(kind, "position > ?", (after,), size))

    def count(self, kind: str) -> int:
        [count] = self._execute(
            "SELECT count(*) FROM objects WHERE account = ? AND region = ? AND kind = ? AND since <= ?"
            " AND (until IS NULL OR until > ?)",
            (*self._place, kind, self._as_of, self._as_of),
        ).fetchone()
        return int(count)

    def add(self, kind: str, name: str, body: Mapping[str, Any], parent: str = "") -> None:
        [position] = self._execute(
            "SELECT coalesce(max(position), 0) + 1 FROM objects WHERE account = ? AND kind = ?",
            (self.account, kind),
        ).fetchone()
        self._open(kind, parent, name, position, body)

    def replace(self, kind: str, name: str, body: Mapping[str, Any], parent: str = "") -> None:
        """A new state of an object that is there."""
        stored = self.get(kind, name, parent)
        assert stored is not None, f"there is no {kind} {name} to replace"
        assert not stored.leaving, f"{kind} {name} is being removed"
        self.remove(kind, name, parent)
        self._open(kind, parent, name, stored.position, body)

    def remove(self, kind: str, name: str, parent: str = "", after: float = 0) -> None:
        """The object goes, now or after so many seconds; until then it can be read."""
        self._execute(
            "UPDATE objects SET until = ? WHERE account = ? AND region = ? AND kind = ? AND parent = ?"
            " AND name = ? AND until IS NULL",
            (self.now + after, *self._place, kind, parent, name),
        )
        self._execute("DELETE FROM objects WHERE until < ?", (self.now - MEMORY_OF_THE_PAST,))

    def _open(self, kind: str, parent: str, name: str, position: int, body: Mapping[str, Any]) -> None:
        self._execute(
            "INSERT INTO objects (account, region, kind, parent, name, position, body, since)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*self._place, kind, parent, name, position, json.dumps(body), self.now),
        )

    def _select(
        self, kind: str, condition: str = "TRUE", values: tuple[str | int, ...] = (), size: int = -1
    ) -> Iterator[Stored]:
        rows = self._execute(
            "SELECT parent, name, position, body, until IS NOT NULL FROM objects"
            f" WHERE account = ? AND region = ? AND kind = ? AND {condition}"
            " AND since <= ? AND (until IS NULL OR until > ?) ORDER BY position LIMIT ?",
            (*self._place, kind, *values, self._as_of, self._as_of, size),
        )
        for parent, name, position, body, leaving in rows:
            yield Stored(parent, name, position, json.loads(body), bool(leaving))
