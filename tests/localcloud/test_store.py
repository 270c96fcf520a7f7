"""The store: states in time, transactions, and databases that are not ours."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.localcloud.store import MEMORY, MEMORY_OF_SESSIONS, AccountObjects, Identity, Store


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(time: Time) -> Iterator[Store]:
    store = Store(MEMORY, time)
    yield store
    store.close()


def names(objects: AccountObjects) -> list[str]:
    return [stored.name for stored in objects.all("k")]


def test_an_object_is_seen_from_its_beginning_to_its_end(store: Store, time: Time) -> None:
    store.objects_of("a").add("k", "x", {"n": 1})
    time.now = 1010
    store.objects_of("a").replace("k", "x", {"n": 2})
    time.now = 1020
    store.objects_of("a").remove("k", "x", after=5)
    seen = {}
    for time.now in (1020, 1024, 1025):
        stored = store.objects_of("a").get("k", "x")
        seen[time.now] = stored and (stored.body["n"], stored.leaving)
    assert seen == {1020: (2, True), 1024: (2, True), 1025: None}
    past = {ago: store.objects_of("a", ago).get("k", "x") for ago in (6, 16, 26)}
    assert {ago: stored and stored.body["n"] for ago, stored in past.items()} == {6: 2, 16: 1, 26: None}


@given(st.lists(st.sampled_from(["add", "replace", "remove", "wait"]), max_size=30))
def test_every_past_is_what_was_once_the_present(actions: list[str]) -> None:
    time = Time()
    store = Store(MEMORY, time)
    history: dict[float, list[tuple[str, object]]] = {}
    try:
        for number, action in enumerate(actions):
            objects = store.objects_of("a")
            there = names(objects)
            if action == "add":
                objects.add("k", f"x{number}", {"n": number})
            elif action == "replace" and there:
                objects.replace("k", there[0], {"n": number})
            elif action == "remove" and there:
                objects.remove("k", there[-1])
            else:
                time.now += 1
            history[time.now] = [(stored.name, stored.body) for stored in store.objects_of("a").all("k")]
        for moment, seen in history.items():
            past = store.objects_of("a", time.now - moment).all("k")
            assert [(stored.name, stored.body) for stored in past] == seen
    finally:
        store.close()


def test_the_oldest_states_go(store: Store, time: Time) -> None:
    store.objects_of("a").add("k", "x", {})
    for _ in range(50):
        time.now += 100
        store.objects_of("a").replace("k", "x", {})
    [count] = store._connection.execute("SELECT count(*) FROM objects").fetchone()
    assert count == 8


def test_accounts_do_not_meet(store: Store) -> None:
    store.objects_of("a").add("k", "x", {"of": "a"})
    store.objects_of("b").add("k", "x", {"of": "b"})
    store.objects_of("a").remove("k", "x")
    assert names(store.objects_of("a")) == []
    assert [stored.body for stored in store.objects_of("b").all("k")] == [{"of": "b"}]
    assert (store.objects_of("a").count("k"), store.objects_of("b").count("k")) == (0, 1)
    assert store.objects_of("a").page("k", 0, 10) == []


def test_regions_do_not_meet(store: Store) -> None:
    store.objects_of("a", region="here").add("k", "x", {})
    store.objects_of("a", region="there").add("k", "y", {})
    store.objects_of("a", region="there").remove("k", "x")
    assert names(store.objects_of("a", region="here")) == ["x"]
    assert store.objects_of("a", region="there").count("k") == 1
    assert names(store.objects_of("a")) == []
    assert [(each["region"], each["name"]) for each in store.list_objects()] == [
        ("here", "x"),
        ("there", "y"),
    ]


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def fail(name: str) -> None:
        store.objects_of("a").add("k", name, {})
        raise RuntimeError

    with pytest.raises(RuntimeError), store.transaction():
        fail("x")
    with store.transaction():
        store.objects_of("a").add("k", "y", {})
        with pytest.raises(RuntimeError), store.attempt():
            fail("z")
    assert names(store.objects_of("a")) == ["y"]


def test_time_never_runs_backwards_also_across_restarts(tmp_path: Path, time: Time) -> None:
    store = Store(tmp_path / "db", time)
    store.objects_of("a").add("k", "x", {})
    time.now = 500
    store.objects_of("a").replace("k", "x", {"n": 2})
    store.close()
    store = Store(tmp_path / "db", time)
    assert [stored.body for stored in store.objects_of("a").all("k")] == [{"n": 2}]
    store.objects_of("a").remove("k", "x")
    assert names(store.objects_of("a")) == []
    store.close()


def test_a_nonce_is_new_once_for_each_key(store: Store, time: Time) -> None:
    assert store.use_nonce("a", "n", 10)
    assert not store.use_nonce("a", "n", 10)
    assert store.use_nonce("b", "n", 10)
    time.now += 11
    assert store.use_nonce("a", "n", 10)


def test_sessions_long_over_are_forgotten(store: Store, time: Time) -> None:
    store.add_identity(Identity("a", "session", "s", "token", expires=1100))
    time.now = 1100 + MEMORY_OF_SESSIONS + 1
    store.add_identity(Identity("a", "key", "s"))
    assert store.identity("session") is None
    assert [identity.access_key for identity in store.accounts()] == ["key"]


def test_a_file_is_for_its_owner_alone(tmp_path: Path, time: Time) -> None:
    store = Store(tmp_path / "db", time)
    store.add_identity(Identity("a", "key", "the-secret"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    store.close()
    assert set(modes.values()) == {0o600}
    assert "the-secret" not in repr(Identity("a", "key", "the-secret"))


def test_another_database_is_left_alone(tmp_path: Path, time: Time) -> None:
    foreign, later, text = tmp_path / "foreign", tmp_path / "later", tmp_path / "text"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    Store(later, time).close()
    with sqlite3.connect(later) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    text.write_text("This is no database at all, but a text that someone has written by hand. " * 20)
    for path, message in ((foreign, "another program"), (later, "schema 99"), (text, "not a database")):
        before = path.read_bytes()
        with pytest.raises(ValueError, match=message):
            Store(path, time)
        assert path.read_bytes() == before
    with pytest.raises(OSError, match="No such file"):
        Store(tmp_path / "none" / "db", time)


def test_a_database_without_regions_gets_them(tmp_path: Path, time: Time) -> None:
    store = Store(tmp_path / "db", time)
    for kind in ("backup policy", "vault", "policy"):
        store.objects_of("a").add(kind, "x", {})
    store._connection.executescript("ALTER TABLE objects DROP COLUMN region; PRAGMA user_version = 1")
    store.close()
    for _ in range(2):
        store = Store(tmp_path / "db", time)
        regions = {each["kind"]: each["region"] for each in store.list_objects()}
        assert regions == {"backup policy": "cn-hangzhou", "vault": "cn-hangzhou", "policy": ""}
        store.close()


def test_many_may_open_a_new_file_at_once(tmp_path: Path, time: Time) -> None:
    barrier = Barrier(8)

    def opened(number: int) -> None:
        for attempt in range(5):
            barrier.wait(30)
            store = Store(tmp_path / f"db{attempt}", time)
            with store.transaction():
                store.add_identity(Identity("a", f"key{number}", "s"))
            store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(opened, range(8)))
    for attempt in range(5):
        store = Store(tmp_path / f"db{attempt}", time)
        assert len(store.accounts()) == 8
        store.close()


def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("constructs_lib.localcloud.store.BUSY_TIMEOUT", 0.1)
    with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(
            ValueError, match=r"db cannot be used: for 0\.1 s another process has been writing"
        ):
            Store(tmp_path / "db", time)
    with pytest.raises(ValueError, match="/dev/full cannot be used: database or disk is full"):
        Store("/dev/full", time)
    assert stat.S_IMODE(Path("/dev/full").stat().st_mode) == 0o666


def test_the_file_is_private_whatever_was_there(tmp_path: Path) -> None:
    database = tmp_path / "db"
    database.touch()
    database.chmod(0o666)
    Store(database, lambda: 1.0).close()
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["db", "db-wal", "db-journal", "db-shm"])
def test_no_link_is_followed(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / name).symlink_to(victim)
    with pytest.raises(ValueError, match=f"{name} is a symbolic link; name the file itself"):
        Store(tmp_path / "db", lambda: 1.0)
    assert victim.read_text() == "mine"
