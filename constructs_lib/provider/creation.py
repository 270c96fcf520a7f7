"""Create happens once, though neither API has an idempotency token.

Before a create we note what is there. Where its answer is lost (a timeout, a reset, an answer of 5xx or none
that can be read) we look, for a while, for an object like the one asked for that was not there before, and
take it; only if there is none do we create again. What this cannot decide:

* Somebody else creates an equal object within the same seconds. Two candidates are an error that names
  both; but if ours was not created at all, theirs is the only candidate, and is taken for ours.
* An object that stays invisible for longer than we look is created again. If it shows up by the end of the
  second create, `Created.twins` names it.
* A process that is killed between create and answer has noted nothing: the next one creates again.

Creates of one name wait for each other, so in one process no object is taken for two.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar

from attrs import frozen

from constructs_lib.provider import errors
from constructs_lib.provider.calls import CHANGE_TIME, SLICE, Calls, Pace
from constructs_lib.provider.errors import CloudError
from constructs_lib.ram.document import canonical

# How long a list of what is there serves the creates that follow it (seconds).
SNAPSHOT_AGE = 10.0
# How far two clocks may be apart (seconds): the gateway refuses requests whose date is further off.
CLOCKS_APART = 900.0

T = TypeVar("T")
Key = tuple[str, str]

log = logging.getLogger(__name__)


@frozen
class Created(Generic[T]):
    """What was created.

    * `adopted`: the answer was lost, and the object was found instead.
    * `twins`: names of equal objects that appeared meanwhile. An earlier attempt may have made them after
      all: tell the user, who can delete them.
    """

    value: T
    adopted: bool = False
    twins: tuple[str, ...] = ()


@frozen(kw_only=True)
class Creator(Generic[T]):
    """How to create one object, and how to find it again.

    * `operation`: of the API. `what`: the object in words, for messages.
    * `create`: one attempt.
    * `alike`: the objects that are there now and look as if they came from this create.
    * `existing`: the names of those that are there before it.
    * `name_of`: what tells an object from all others.
    """

    operation: str
    what: str
    create: Callable[[], T]
    alike: Callable[[], list[T]]
    existing: Callable[[], frozenset[str]]
    name_of: Callable[[T], str]


class Creations:
    """What this process has created, and is creating, in one account. May be used by many threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: dict[Key, threading.Lock] = {}
        self._taken: dict[Key, set[str]] = {}
        self._snapshots: dict[str, tuple[float, frozenset[str]]] = {}
        self._snapshot_guard = threading.Lock()

    def snapshot(self, kind: str, listed: Callable[[], frozenset[str]], pace: Pace) -> frozenset[str]:
        """What was there at most `SNAPSHOT_AGE` seconds ago: one list for many creates, which would
        otherwise each read every page. What this process made since then is known anyway."""
        with self._snapshot_guard:
            taken_at, names = self._snapshots.get(kind, (float("-inf"), frozenset()))
            if pace.monotonic() - taken_at > SNAPSHOT_AGE:
                taken_at, names = pace.monotonic(), listed()
                self._snapshots[kind] = (taken_at, names)
            return names

    def knows(self, key: Key) -> bool:
        """Whether this process has created, or is creating, something under this key."""
        return key in self._turns

    def once(self, creator: Creator[T], key: Key, calls: Calls, settle: float) -> Created[T]:
        """Create one object, once. `key`: creates with the same one wait for each other.

        CloudError: it was refused; `CreateAmbiguous`, with `candidates`; or `CreateUnknown`.
        """
        until = calls.until(CHANGE_TIME)
        with self._turn(key, creator, calls.pace, until):
            before = creator.existing() | self._taken.get(key, set())
            created = _Creation(creator, before, calls.pace, settle).run(until)
            self._taken.setdefault(key, set()).add(creator.name_of(created.value))
            return created

    @contextmanager
    def _turn(self, key: Key, creator: Creator[T], pace: Pace, until: float) -> Iterator[None]:
        with self._guard:
            turn = self._turns.setdefault(key, threading.Lock())
        while not turn.acquire(timeout=SLICE):
            if reason := pace.wait(0, until):
                raise _not_begun(creator, reason)
        try:
            if reason := pace.wait(0, until):
                raise _not_begun(creator, reason)
            yield
        finally:
            turn.release()


class _Creation(Generic[T]):
    """One create, from the first attempt to its end."""

    def __init__(self, creator: Creator[T], before: frozenset[str], pace: Pace, settle: float) -> None:
        self._creator = creator
        self._before = before
        self._pace = pace
        self._settle = settle
        self._lost: CloudError | None = None

    def run(self, until: float) -> Created[T]:
        """`until`: no further attempt begins after it (monotonic seconds)."""
        count = 0
        while True:
            try:
                made = self._creator.create()
            except CloudError as error:
                failed = error
            else:
                return Created(made, twins=self._twins(made))
            # The call that renews a session may fail too, but makes nothing of this kind.
            if failed.may_have_acted and failed.operation == self._creator.operation:
                self._lost = failed
            if self._lost and (found := self._look(self._lost)):
                return self._adopted(found)
            if not failed.is_retryable:
                raise self._refused(failed)
            if reason := self._pace.wait(self._pace.backoff(count, failed.retry_after), until):
                raise failed.noting(f"Given up after {count + 1} attempts; nothing was created. {reason}")
            count += 1

    def _look(self, lost: CloudError) -> list[T]:
        """What the lost attempt has made. An empty list is certain, as far as `settle` seconds make it so;
        CloudError `CreateUnknown`: there was no time, or no way, to look so long."""
        pace, count = self._pace, 0
        end = pace.monotonic() + self._settle
        until = pace.until(self._settle + 1)
        while True:
            try:
                found = self._new()
            except CloudError as error:
                raise self._unknown(lost, f"Looking for it failed: {error.message}") from None
            if found or pace.monotonic() >= end:
                return found
            left = max(end - pace.monotonic(), 0.0)
            if reason := pace.wait(min(pace.backoff(count) / 4, left), until):
                raise self._unknown(lost, reason)
            count += 1

    def _new(self) -> list[T]:
        name_of = self._creator.name_of
        return [one for one in self._creator.alike() if name_of(one) not in self._before]

    def _adopted(self, found: list[T]) -> Created[T]:
        creator = self._creator
        if len(found) == 1:
            return Created(found[0], adopted=True)
        names = [creator.name_of(one) for one in found]
        raise CloudError(
            creator.operation,
            errors.AMBIGUOUS,
            f"The answer was lost, and {len(found)} equal objects have appeared since: {', '.join(names)}. "
            f"Which of them is {creator.what} cannot be told.",
            next_step="Import the one that is yours, and delete those that nobody needs.",
            candidates=names,
        )

    def _twins(self, made: T) -> tuple[str, ...]:
        """Equal objects that are new too, where an earlier attempt got no answer."""
        if self._lost is None:
            return ()
        name = self._creator.name_of(made)
        try:
            names = [self._creator.name_of(one) for one in self._new()]
        except CloudError as error:
            log.warning("whether %s was created twice could not be seen: %s", self._creator.what, error)
            return ()
        return tuple(one for one in names if one != name)

    def _refused(self, failed: CloudError) -> CloudError:
        if self._lost in (None, failed):
            return failed
        return failed.noting(
            f"An earlier attempt got no answer, and nothing that it made was seen within {self._settle:g} s."
        )

    def _unknown(self, lost: CloudError, reason: str) -> CloudError:
        creator = self._creator
        return CloudError(
            creator.operation,
            errors.UNKNOWN,
            f"It is not known whether {creator.what} was created. {lost.message} {reason}",
            request_id=lost.request_id,
            status=lost.status,
            next_step="Look whether it is there: if so, import it; if not, apply again.",
            is_final=True,
        )


def _not_begun(creator: Creator[Any], reason: str) -> CloudError:
    message = f"{creator.what} was not created. {reason}"
    return CloudError(creator.operation, errors.INTERRUPTED, message)


# ------------------------------------------------------------ is this what was asked for?


def is_young(created: float | str, began: float) -> bool:
    """Whether an object may have come from a call that began at that time (UNIX seconds), though the clocks
    differ; what has no date may."""
    if isinstance(created, str):
        try:
            created = datetime.fromisoformat(created).timestamp()
        except ValueError:
            return True
    return not created or created >= began - CLOCKS_APART


def same_document(sent: str, told: str | None) -> bool:
    """Whether two documents are the same but for order, repetition and formatting."""
    if told is None:
        return False
    try:
        one, other = json.loads(sent), json.loads(told)
    except (ValueError, RecursionError):
        return sent == told
    both_are_objects = isinstance(one, dict) and isinstance(other, dict)
    return bool(canonical(one) == canonical(other)) if both_are_objects else bool(one == other)


_FILLERS: tuple[Any, ...] = (None, "", 0, [], {})


def same_rules(sent: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the API tells the rules that were sent.

    Only what was sent is compared, and of that only what is told: the API adds ids and fillers, and keeps
    some fields to itself. So rules are rather taken for the same than for others, and created once more.
    """
    return len(sent) == len(told) and all(map(_same_object, sent, told))


def _same_object(sent: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    return all(
        _same_value(value, told[name])
        for name, value in sent.items()
        if value not in _FILLERS and name in told and name != "RuleId"
    )


def _same_value(sent: Any, told: Any) -> bool:
    if isinstance(sent, Mapping) and isinstance(told, Mapping):
        return _same_object(sent, told)
    if isinstance(sent, (list, tuple)) and isinstance(told, (list, tuple)):
        return len(sent) == len(told) and all(map(_same_value, sent, told))
    return str(sent).lower() == str(told).lower()
