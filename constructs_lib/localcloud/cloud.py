"""A local cloud to run: in a thread of a test, or as a process of its own."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from ipaddress import ip_address
from pathlib import Path
from typing import Self, TypeVar

from attrs import define, field

from constructs_lib.localcloud.administration import PREFIX, Account, Administration
from constructs_lib.localcloud.connection import Connection
from constructs_lib.localcloud.faults import Faults
from constructs_lib.localcloud.gateway import Gateway, HttpRequest, HttpResponse, LoggedRequest, read_faults
from constructs_lib.localcloud.service import Delays, Ids
from constructs_lib.localcloud.store import MEMORY, Store

LOOPBACK = "127.0.0.1"
# How long requests under way may take to end when the cloud stops (seconds).
GRACE = 2.0

T = TypeVar("T")


@define(eq=False, repr=False)
class LocalCloud:
    """A local cloud in a thread of its own, from `with` to the end of the block.

        with LocalCloud() as cloud:
            config = Config(endpoint=cloud.endpoint, protocol="http",
                            access_key_id=cloud.access_key, access_key_secret=cloud.secret_key)

    * `database`: a file, which survives restarts, or `:memory:`. What has been answered is committed.
    * `host`, `port`: where it listens; by default on loopback, on a free port, which `port` names then.
    * `access_key`, `secret_key`: of the first account; left out, those in the database, else new ones.
    * `faults`: as `set_faults` takes them.
    * `any_role`: whether every role can be assumed, also one that does not exist or is of another account;
      its session acts for the account that assumes it.
    * `strict`: whether an unknown parameter, or an unknown field of one, is refused; the real services ignore
      both.
    * `clock`: UNIX seconds. `source`: of ids and secrets. `delays`: of what happens after the answer.

    Once it has started, `is_exposed` says whether other machines may reach it.

    Raises OSError where it cannot listen or open the file, ValueError where the file is no database of a
    local cloud, the faults cannot be read, or the host is empty.
    """

    _database: str | Path = MEMORY
    _host: str = field(default=LOOPBACK, kw_only=True)
    port: int = field(default=0, kw_only=True)
    _access_key: str | None = field(default=None, kw_only=True)
    _secret_key: str | None = field(default=None, kw_only=True)
    _faults: Faults = field(factory=Faults, converter=read_faults, kw_only=True)
    _any_role: bool = field(default=False, kw_only=True)
    _strict: bool = field(default=False, kw_only=True)
    _clock: Callable[[], float] = field(default=time.time, kw_only=True)
    _source: random.Random = field(factory=random.SystemRandom, kw_only=True)
    _delays: Delays = field(factory=Delays, kw_only=True)
    is_exposed: bool = field(default=False, init=False)
    _account: Account = field(init=False)
    _gateway: Gateway = field(init=False)
    _administration: Administration = field(init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _stop: asyncio.Event = field(init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        if not self._host:  # which asyncio takes for every address of the machine
            raise ValueError("the host to listen on is empty")
        if not self._host.isprintable():
            raise ValueError(f"the host to listen on is {self._host!r}; no machine has such a name")

    # -- where it is, and who may come in

    @property
    def endpoint(self) -> str:
        """Host and port, as an SDK's `endpoint` takes them (with `protocol` http)."""
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.endpoint}"

    @property
    def access_key(self) -> str:
        return self._account.access_key

    @property
    def secret_key(self) -> str:
        return self._account.secret_key

    @property
    def account_id(self) -> str:
        return self._account.account_id

    # -- what its owner may do

    def requests(self, operation: str | None = None) -> list[LoggedRequest]:
        """The requests so far, or those of one operation, in the order of their answers.

        The newest 20,000 are kept, or fewer where they are large.
        """
        logged = self._in_loop(lambda: list(self._gateway.logged))
        return [request for request in logged if operation in (None, request.operation)]

    def forget_requests(self) -> None:
        self._in_loop(lambda: self._gateway.logged.clear())

    def set_faults(self, faults: object = ()) -> None:
        """Put these faults in the place of those before; none without an argument.

        A list of `Fault`s or of their JSON forms, the JSON form `{"seed": …, "faults": […]}`, or the path of
        a JSON or TOML file. ValueError where they cannot be read.
        """
        self._in_loop(lambda: self._administration.set_faults(faults))

    def add_account(self, access_key: str | None = None, secret_key: str | None = None) -> Account:
        """Another account. No account sees what another has."""
        return self._in_loop(lambda: self._administration.add_account(access_key, secret_key))

    def add_principal(self, kind: str, name: str, account: Account | None = None) -> None:
        """A `User`, `Group` or `Role`: policies can be attached to it, and a role can be assumed."""
        owner = account or self._account
        self._in_loop(lambda: self._administration.add_principal(kind, name, owner.access_key))

    def add_policy(self, name: str, document: str) -> None:
        """A custom RAM policy of the first account; nothing where it is there. ApiError: it is refused."""
        self._in_loop(lambda: self._administration.add_policy(name, document, self.access_key))

    def objects(self) -> list[dict[str, str]]:
        """What all accounts have: `account`, `region` (empty where the service has none), `kind`, `parent`,
        `name` and `title` of each object."""
        return self._in_loop(lambda: self._gateway.store.list_objects())

    # -- from start to stop

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; returns when requests are answered."""
        if self._thread is not None:
            raise RuntimeError("this local cloud has been started already")
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="local-cloud", daemon=True)
        self._thread.start()
        try:
            ready.result()
        except BaseException:
            self._thread.join()
            self._thread = None
            raise

    def stop(self) -> None:
        """End requests under way, close the database. Nothing happens where it does not run."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._thread = None

    def _run(self, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            else:
                raise

    async def _serve(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        store = Store(self._database, self._clock)
        try:
            ids = Ids(self._source)
            rules = {"any_role": self._any_role, "is_strict": self._strict}
            gateway = Gateway(store, self._faults, self._clock, ids, self._delays, **rules)
            self._gateway = gateway
            self._administration = administration = Administration(gateway, store, ids)
            if self._access_key is None and self._secret_key is None:
                self._account = administration.first_account()
            else:
                self._account = administration.add_account(self._access_key, self._secret_key)

            async def answer(request: HttpRequest) -> HttpResponse:
                if request.path.startswith(PREFIX):
                    return administration.answer(request)
                return await gateway.answer(request)

            connections: dict[asyncio.Task[None], Connection] = {}

            def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                connection = Connection(answer, gateway.refuse, reader, writer)
                task = asyncio.create_task(connection.serve())
                connections[task] = connection
                task.add_done_callback(connections.pop)

            server = await asyncio.start_server(connect, self._host, self.port, backlog=1024)
            self.port = server.sockets[0].getsockname()[1]
            addresses = [ip_address(socket.getsockname()[0]) for socket in server.sockets]
            self.is_exposed = not all(address.is_loopback for address in addresses)
            ready.set_result(None)
            await self._stop.wait()
            server.close()
            await _end(connections)
        finally:
            store.close()

    def _in_loop(self, action: Callable[[], T]) -> T:
        """What the gateway's thread owns is touched in that thread alone; when it has ended, anywhere."""
        if self._loop is None:
            raise RuntimeError("start the local cloud first")
        if self._thread is None:
            return action()

        async def act() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result()


async def _end(connections: Mapping[asyncio.Task[None], Connection]) -> None:
    """Close them all; what is under way may end first."""
    for connection in connections.values():
        connection.close()
    if connections:
        await asyncio.wait(list(connections), timeout=GRACE)
    for connection in connections.values():
        connection.abort()


def serve(
    host: str = LOOPBACK,
    port: int = 0,
    database: str | Path = MEMORY,
    faults: object = (),
    *,
    access_key: str | None = None,
    secret_key: str | None = None,
    strict: bool = False,
    announce: Callable[[LocalCloud], None] = lambda _: None,
) -> None:
    """Run a local cloud until SIGINT or SIGTERM; for the main thread of a process.

    * `announce`: called once it listens, with its endpoint and keys.

    The other arguments, and what is raised, are those of `LocalCloud`.
    """
    ended = threading.Event()
    cloud = LocalCloud(
        database,
        host=host,
        port=port,
        access_key=access_key,
        secret_key=secret_key,
        faults=faults,
        strict=strict,
    )
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in numbers}
    try:
        with cloud:
            announce(cloud)
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
