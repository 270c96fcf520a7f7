"""Create happens once, though neither API has an idempotency token.

Before a create we note what is there. Where its answer is lost (a timeout, a reset, an answer of 5xx or none
that can be read) we look, for a while, for an object like the one asked for that was not there before, and
take it; only if there is none do we create again.

The same holds beyond the life of this process. The `journal` has every create on disk before its request
goes out, so a create first asks what an earlier process, which was killed or did not know in the end, left
of the same request, by the same account, in the same workspace. Where that object is there, it is adopted:
by its id where the answer came, else as above. Each is adopted once, and never where Terraform's state was
seen to know it.

`terraform state rm` and apply makes a second object, as Terraform promises: a provider that ended in order,
and that nobody stopped, has given its answers to a living Terraform, which has written them into a local
state before it let the provider go. So such an object is never adopted but reported, unless that state was
seen to be lost since (`Journal.find_lost_state`). OpenTofu writes a local state later: where that is still
the one from the provider's end, the run was killed, and the object is adopted. A remote state is written
later, and may be lost: there nobody knows which of the two it was, and it is an error.

What cannot be decided:

* Somebody else creates an equal object at the same time; where our run was killed: within the time that our
  create might have taken, and as far as clocks may differ. Two candidates are an error that names both; but
  if ours was not created at all, theirs is the only candidate, and is taken for ours.
* An object that stays invisible for longer than we look is created again. If it shows up by the end of the
  second create, `Created.possible_duplicates` names it.
* Without its directory the journal knows nothing: a run elsewhere, or in a fresh checkout, creates again.
* What nobody asks for any more after a kill, since the configuration changed or all was destroyed, can only
  be reported, once a complete plan has not asked for it: to import it, or to delete it
  (`unclaimed_creates`). Where no resource of ours is left, Terraform does not even start us.
* After a kill, `-target` hides from us what the state knows of other resources: of two that are equal in
  everything, the one applied alone may be given the object of the other.

Creates of one name wait for each other, so in one process no object is taken for two.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from constructs_lib.provider import errors
from constructs_lib.provider.api_client import CHANGE_TIME, HBR, SLICE, STS, Api, Calls, Pace
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates.journal import Journal
from constructs_lib.provider.pending_creates.log import PendingOperation, Scope
from constructs_lib.provider.pending_creates.matching import digest_of, fingerprint

# How long a list of what is there serves the creates that follow it (seconds).
SNAPSHOT_AGE = 10.0
# How long the account's id may take (seconds): where STS cannot be reached, the credentials stand for it.
IDENTITY_TIME = 5.0
# How long a process whose Terraform was killed may still take to end (seconds).
ORPHAN_TIME = 60.0

T = TypeVar("T")
QueueKey = tuple[str, str]

log = logging.getLogger(__name__)


@frozen
class Created(Generic[T]):
    """What was created.

    * `adopted`: the answer was lost, and the object was found instead.
    * `note`: what was recorded when an earlier process began it; None where this one created it.
    * `possible_duplicates`: names of equal objects that appeared meanwhile. An earlier attempt may have made
      them after all: tell the user, who can delete them.
    """

    value: T
    adopted: bool = False
    possible_duplicates: tuple[str, ...] = ()
    note: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Creator(Generic[T]):
    """How to create one object, and how to find it again.

    * `api`, `operation`: what is called. `what`: the object in words, for messages.
    * `subject`: the policy's name. `request`: what tells this create from others, as the plan records it.
    * `create`: one attempt.
    * `find_same`: the objects that are there now and look as if they came from this create, which was under
      way between these times (UNIX seconds).
    * `list_names`: the names of those that are there before it.
    * `name_of`: what identifies an object.
    """

    api: Api
    operation: str
    what: str
    subject: str
    request: Mapping[str, Any]
    create: Callable[[], T]
    find_same: Callable[[float, float], list[T]]
    list_names: Callable[[], frozenset[str]]
    name_of: Callable[[T], str]


class CreateOnce:
    """What this process has created, and is creating, in one account. May be used by many threads.

    `histories`: what private states say that this process has read or written, by policy and object.
    `lookups`: counts the backup policies that were looked up.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.histories: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.lookups = itertools.count()
        self._guard = threading.Lock()
        self._queues: dict[QueueKey, threading.Lock] = {}
        self._created: dict[QueueKey, set[str]] = {}
        self._planned: dict[QueueKey, dict[str, bool]] = {}
        self._snapshots: dict[Hashable, tuple[float, Any]] = {}
        self._reading: dict[Hashable, threading.Lock] = {}
        self._account: str | None = None
        self._account_guard = threading.Lock()

    def snapshot(self, kind: Hashable, read: Callable[[], T], pace: Pace, age: float = SNAPSHOT_AGE) -> T:
        """What was there at most `age` seconds ago: one list for many operations, which would otherwise each
        read every page. `forget` what this process changes."""
        with self._guard:
            lock = self._reading.setdefault(kind, threading.Lock())
        with lock:
            taken_at, value = self._snapshots.get(kind, (float("-inf"), None))
            if pace.monotonic() - taken_at > age:
                taken_at, value = pace.monotonic(), read()
                self._snapshots[kind] = (taken_at, value)
            result: T = value
            return result

    def forget(self, kind: Hashable) -> None:
        """The next `snapshot` of this kind reads anew."""
        self._snapshots.pop(kind, None)

    def planned_before(self, key: QueueKey, digest: str, becomes_default: bool) -> list[bool]:
        """Record what is planned, and return what else was planned under this key and is not created yet:
        whether each becomes the default version."""
        with self._guard:
            planned = self._planned.setdefault(key, {})
            planned[digest] = becomes_default
            return [*planned.values()][len(self._created.get(key, ())) : [*planned].index(digest)]

    def note_plan(self, key: QueueKey) -> None:
        """A plan of this process creates what has this key."""
        with self._guard:
            self._planned.setdefault(key, {})

    def is_planned(self, key: QueueKey) -> bool:
        """Whether a plan of this process creates, or has created, something under this key."""
        return key in self._planned

    def knows(self, key: QueueKey) -> bool:
        """Whether this process has created, or is creating, something under this key."""
        return key in self._queues

    def has_created(self, key: QueueKey, names: set[str]) -> bool:
        """Whether this process has created one of these under this key, so that it applies."""
        return not names.isdisjoint(self._created.get(key, ()))

    def note_created(self, key: QueueKey, name: str) -> None:
        """This process has created one of this name, without `create`."""
        self._created.setdefault(key, set()).add(name)

    def scope(self, api: Api, calls: Calls) -> Scope:
        """Where the objects of an API are, for the journal."""
        configuration, role = calls.configuration, calls.configuration.assume_role
        region = configuration.region if api is HBR else ""
        return Scope(
            f"{self.journal.place} {getattr(configuration, api.name)} {region}",
            self.account_of(calls) if self.journal.is_on_disk else "",
            fingerprint(configuration.credentials.access_key, role.role_arn if role else ""),
        )

    def account_of(self, calls: Calls) -> str:
        """The account's id, which stays where its keys change; empty where it cannot be found out."""
        with self._account_guard:
            if self._account is None:
                deadline, timeout = calls.pace.monotonic() + IDENTITY_TIME, round(IDENTITY_TIME * 500)
                brief = evolve(
                    calls.during(evolve(calls.pace, deadline=deadline)),
                    configuration=evolve(calls.configuration, read_timeout=timeout, connect_timeout=timeout),
                )
                try:
                    answer = brief.read(STS, "GetCallerIdentity", {})
                except CloudError as error:
                    log.info("the account is not known: %s", error)
                    answer = {}
                self._account = str(answer.get("AccountId") or "")
            return self._account

    def create(
        self,
        creator: Creator[T],
        key: QueueKey,
        calls: Calls,
        settle: float,
        note: Mapping[str, Any] | None = None,
    ) -> Created[T]:
        """Create one object, once. `key`: creates with the same one wait for each other. `note`: what a later
        process has to know if this one is killed.

        CloudError: it was refused; `CreateAmbiguous`, with `candidates`; or `CreateUnknown`.
        """
        patience = calls.pace.until(CHANGE_TIME)
        not_begun = f"{creator.what} was not created."
        with self.exclusive(key, calls.pace, patience, creator.operation, not_begun):
            # Who waits for others repeats nothing: the time for that begins now.
            until = calls.until(CHANGE_TIME)
            scope, digest = self.scope(creator.api, calls), digest_of(creator.operation, creator.request)
            own = self._created.setdefault(key, set())
            create = _Create(creator, scope, digest, calls.pace, settle, self.journal)
            create.wait_for_orphans(patience)
            created = create.take_over(own)
            if created is None:
                create.refuse_lost_state()
                pending = PendingOperation(
                    kind=creator.operation,
                    scope=scope,
                    subject=creator.subject,
                    digest=digest,
                    before=creator.list_names(),
                    began=calls.pace.clock(),
                    ends=_end_of(calls, until),
                    note=note or {},
                )
                if self.journal.is_orphaned:
                    message = f"{not_begun} The run was killed."
                    raise CloudError(creator.operation, errors.INTERRUPTED, message)
                created = create.run(self.journal.begin(pending), own, until)
            own.add(creator.name_of(created.value))
            return created

    @contextmanager
    def exclusive(
        self, key: QueueKey, pace: Pace, until: float, operation: str, not_begun: str
    ) -> Iterator[None]:
        """Wait until nobody else works under this key, and do. CloudError, with `not_begun` and the reason:
        the caller stops, or `until` has passed."""
        with self._guard:
            queue = self._queues.setdefault(key, threading.Lock())
        has_turn = False
        try:
            while not has_turn:
                has_turn = queue.acquire(timeout=SLICE)
                if reason := pace.wait(0, until):
                    raise CloudError(operation, errors.INTERRUPTED, f"{not_begun} {reason}")
            yield
        finally:
            if has_turn:
                self.forget(key)
                queue.release()


class _Create(Generic[T]):
    """One create, from the first attempt to its end."""

    def __init__(
        self, creator: Creator[T], scope: Scope, digest: str, pace: Pace, settle: float, journal: Journal
    ) -> None:
        self._creator, self._pace, self._settle, self._journal = creator, pace, settle, journal
        self._same = (creator.operation, scope, digest)
        self._began, self._ends = 0.0, math.inf
        self._before: frozenset[str] = frozenset()
        self._lost: CloudError | None = None

    # -- what earlier processes left

    def wait_for_orphans(self, until: float) -> None:
        """Where Terraform was killed its provider may still be creating this: let it come to its end."""
        until = min(until, self._pace.monotonic() + ORPHAN_TIME)
        while self._journal.is_orphan_at_work(*self._same):
            if reason := self._pace.wait(SLICE, until):
                raise CloudError(
                    self._creator.operation,
                    errors.UNKNOWN,
                    f"An earlier run was killed, and its provider is still creating {self._creator.what}. "
                    f"{reason}",
                    next_step="Apply again in a minute.",
                    is_final=True,
                )

    def take_over(self, own: set[str]) -> Created[T] | None:
        """What an earlier process, or a failed attempt of this one, has left of the same create. `own`: what
        this process has created already."""
        while pending := self._journal.claim(*self._same):
            try:
                self._before = pending.before | self._journal.names_of_others(pending) | own
                self._began, self._ends = pending.began, math.inf if pending.name else pending.ends
                if created := self._take_over(pending):
                    return created
            finally:
                self._journal.release(pending)
        return None

    def _take_over(self, pending: PendingOperation) -> Created[T] | None:
        lost = CloudError(self._creator.operation, errors.LOST, "An earlier run was killed meanwhile.")
        if found := self._look_for_lost(lost, pending.name):
            created = self._adopt(found)
            if not pending.name:
                self._journal.record_created(pending, self._creator.name_of(created.value))
            return evolve(created, note=pending.note)
        if not pending.name:
            # It may still come: what appears beside the new one is a possible duplicate.
            self._lost = lost
        if not pending.name or pending.name not in self._creator.list_names():
            self._journal.finish(pending)
        return None

    def refuse_lost_state(self) -> None:
        """CloudError: an equal object is there, made in an orderly run whose state may have been lost."""
        creator = self._creator
        if self._journal.keeps_state:
            return
        left = self._journal.find_answered(*self._same)
        same = creator.find_same(left[0].began, math.inf) if left else []
        names = {creator.name_of(found) for found in same}
        if there := [pending for pending in left if pending.name in names]:
            raise CloudError(
                creator.operation,
                errors.AMBIGUOUS,
                f"An earlier run created {there[0].name}, which is equal to {creator.what}, but the state "
                "does not have it: the state was not written, or the object was taken out of it.",
                next_step="Import it, or delete it; or, to have a second one, delete the journal that names "
                f"it: {self._journal.path_of(there[0])}.",
                candidates=tuple(pending.name for pending in there),
            )

    # -- this one

    def run(self, pending: PendingOperation, own: set[str], until: float) -> Created[T]:
        """Create it. `own`: what this process has created already. `until`: no further attempt begins after
        it (monotonic seconds)."""
        self._began, self._ends, self._before = pending.began, math.inf, pending.before | own
        try:
            created = self._attempt_until(until)
        except CloudError as error:
            if self._lost is None and error.code not in (errors.UNKNOWN, errors.AMBIGUOUS):
                self._journal.finish(pending)
            raise
        else:
            self._journal.record_created(pending, self._creator.name_of(created.value))
            return created
        finally:
            self._journal.release(pending)

    def _attempt_until(self, until: float) -> Created[T]:
        count = 0
        while True:
            try:
                value = self._creator.create()
            except CloudError as error:
                failed = error
            else:
                return Created(value, possible_duplicates=self._find_duplicates(value))
            # The call that renews a session may fail too, but makes nothing of this kind.
            if failed.may_have_acted and failed.operation == self._creator.operation:
                self._lost = failed
            if self._lost and (found := self._look_for_lost(self._lost)):
                return self._adopt(found)
            if not failed.is_retryable:
                raise self._explain_refusal(failed)
            if reason := self._pace.wait(self._pace.backoff(count, failed.retry_after), until):
                raise failed.noting(f"Given up after {count + 1} attempts; nothing was created. {reason}")
            count += 1

    def _look_for_lost(self, lost: CloudError, name: str = "") -> list[T]:
        """What the lost attempt has made, by its name where that is known. An empty list is certain, as far
        as `settle` seconds make it so; CloudError `CreateUnknown`: there was no time, or no way, to look so
        long."""
        pace, count = self._pace, 0
        end = pace.monotonic() + self._settle
        until = pace.until(self._settle + 1)
        while True:
            try:
                found = self._find_new(name)
            except CloudError as error:
                raise self._unknown_outcome(lost, f"Looking for it failed: {error.message}") from None
            if found or pace.monotonic() >= end:
                return found
            left = max(end - pace.monotonic(), 0.0)
            if reason := pace.wait(min(pace.backoff(count) / 4, left), until):
                raise self._unknown_outcome(lost, reason)
            count += 1

    def _find_new(self, name: str = "") -> list[T]:
        """The objects that may come from this create: the one of this name, or all that were not there."""
        name_of, same = self._creator.name_of, self._creator.find_same(self._began, self._ends)
        if name:
            return [found for found in same if name_of(found) == name]
        return [found for found in same if name_of(found) not in self._before]

    def _adopt(self, found: list[T]) -> Created[T]:
        creator = self._creator
        if len(found) == 1:
            return Created(found[0], adopted=True)
        names = [creator.name_of(candidate) for candidate in found]
        raise CloudError(
            creator.operation,
            errors.AMBIGUOUS,
            f"The answer was lost, and {len(found)} equal objects have appeared since: {', '.join(names)}. "
            f"Which of them is {creator.what} is not known.",
            next_step="Import the one that is yours, and delete those that nobody needs.",
            candidates=tuple(names),
        )

    def _find_duplicates(self, value: T) -> tuple[str, ...]:
        """Equal objects that are new too, where an earlier attempt got no answer."""
        if self._lost is None:
            return ()
        own = self._creator.name_of(value)
        try:
            names = [self._creator.name_of(found) for found in self._find_new()]
        except CloudError as error:
            log.warning("whether %s was created twice could not be looked up: %s", self._creator.what, error)
            return ()
        return tuple(name for name in names if name != own)

    def _explain_refusal(self, failed: CloudError) -> CloudError:
        if self._lost in (None, failed):
            return failed
        return failed.noting(
            f"An earlier attempt got no answer, and nothing it created appeared within {self._settle:g} s."
        )

    def _unknown_outcome(self, lost: CloudError, reason: str) -> CloudError:
        next_step = "Check whether it exists: if so, import it; if not, apply again."
        if self._journal.is_on_disk:
            next_step = "Apply again: if it is there, it will be found and taken over."
        return CloudError(
            self._creator.operation,
            errors.UNKNOWN,
            f"It is not known whether {self._creator.what} was created. {lost.message} {reason}",
            request_id=lost.request_id,
            status=lost.status,
            next_step=next_step,
            is_final=True,
        )


def _end_of(calls: Calls, until: float) -> float:
    """When no request of a create is on its way any more (UNIX seconds); no attempt begins after `until`."""
    of_attempt = (calls.configuration.connect_timeout + calls.configuration.read_timeout) / 1000
    return calls.pace.clock() + max(until - calls.pace.monotonic(), 0.0) + of_attempt
