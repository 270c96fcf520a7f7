"""The program that Terraform starts: `sys.exit(serve(load, address="example.com/acme/lab"))`.

It listens before it loads: Terraform connects while the provider is being imported.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from constructs_lib.provider.protocol import handshake

if TYPE_CHECKING:
    from constructs_lib.provider.protocol.resource import Provider
    from constructs_lib.provider.protocol.service import RpcService

GRACE = 20.0
"""Seconds that running operations may go on waiting once the user asked to stop."""

_ANSWERING = 1.0
"""Seconds that operations have, after the grace period, to say what they leave behind."""

RPCS = frozenset(
    (
        *("GetMetadata", "GetProviderSchema", "ValidateProviderConfig", "ConfigureProvider", "StopProvider"),
        *("ValidateResourceConfig", "UpgradeResourceState", "ReadResource", "PlanResourceChange"),
        *("ApplyResourceChange", "ImportResourceState", "MoveResourceState", "GenerateResourceConfig"),
        *("ValidateDataResourceConfig", "ReadDataSource", "GetFunctions", "CallFunction"),
        *("GetResourceIdentitySchemas", "UpgradeResourceIdentity", "ValidateListResourceConfig"),
    )
)
STREAMED_RPCS = frozenset({"ListResource"})
"""The calls that are answered, the latter with a stream; gRPC says UNIMPLEMENTED to every other."""

_SHUTDOWN = "/plugin.GRPCController/Shutdown"
# They end what keeps the threads busy.
_URGENT = frozenset({"/tfplugin6.Provider/StopProvider", _SHUTDOWN})


def serve(
    load: Callable[[], Provider],
    *,
    address: str,
    arguments: Sequence[str] | None = None,
    grace: float = GRACE,
) -> int:
    """Serve the provider that `load` gives until Terraform is done; then the process ends.

    Returns 1, with a message on stderr, where it was not Terraform that started the program.

    * `address`: the provider's source, such as `registry.terraform.io/acme/lab`.
    * `arguments`: of the command line. `--debug` waits for Terraform to attach and ends with Ctrl-C.
    * `grace`: seconds that running operations may go on waiting once the user asked to stop.
    """
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    if not debug:
        try:
            handshake.check_caller(os.environ)
        except handshake.NotStartedByTerraformError as error:
            print(error, file=sys.stderr)
            return 1
    # What is loaded stays, and calls leave few circles behind: looking for garbage as often as Python does
    # takes a twentieth of the process's time.
    gc.set_threshold(50_000)
    _Server(load, address, grace, debug).run()


class _Server:
    def __init__(self, load: Callable[[], Provider], address: str, grace: float, debug: bool) -> None:
        self._load, self._address, self._grace, self._debug = load, address, grace, debug
        self._service: Future[RpcService] = Future()
        self._done = threading.Event()
        self._is_dismissed = False
        self._parent = os.getppid()

    def run(self) -> NoReturn:
        stdout = _protected_stdout()
        self._listen_to_signals()
        directory = handshake.make_socket_directory(os.environ)
        try:
            grpc_server = self._start(directory, stdout)
            stopping = self._load_service()
            self._wait()
            interrupted = stopping.requested
            stopping.request()
            grpc_server.stop(self._grace + _ANSWERING).wait(self._grace + _ANSWERING)
            if self._is_dismissed:
                self._service.result().close(interrupted=interrupted)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        sys.stderr.flush()
        # Without the interpreter's farewell, which waits for every thread: Terraform kills after two seconds.
        os._exit(0)

    def _listen_to_signals(self) -> None:
        # Ctrl-C, and a terminal that is closed, reach the whole process group. Terraform handles the first
        # and says so with StopProvider; it dies of the second, which is seen.
        end = signal.SIGINT if self._debug else signal.SIGTERM
        if not self._debug:
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        for number in {end, signal.SIGTERM}:
            signal.signal(number, self._end)

    def _end(self, number: int, frame: object) -> None:
        # By another thread: this one may hold the lock of the event, which it waits for.
        threading.Thread(target=self._done.set).start()

    def _start(self, directory: str, stdout: int) -> Any:
        try:
            from constructs_lib.provider.protocol import transport

            certificate = None
            # A certificate of Terraform's asks for ours.
            if not self._debug and os.environ.get("PLUGIN_CLIENT_CERT"):
                from constructs_lib.provider.protocol.certificate import self_signed

                certificate = self_signed()
        except ImportError as error:
            # In the place of the handshake: Terraform shows it, and nothing of stderr.
            os.write(stdout, f"the provider does not run in {sys.executable}: {error}\n".encode())
            raise
        socket = f"{directory}/s"
        handlers: dict[str, Callable[[bytes], bytes]] = {_SHUTDOWN: self._shutdown}
        handlers |= {f"/tfplugin6.Provider/{rpc}": partial(self._answer, rpc) for rpc in RPCS}
        streams = {f"/tfplugin6.Provider/{rpc}": partial(self._stream, rpc) for rpc in STREAMED_RPCS}
        server = transport.start(socket, certificate, handlers, streams, _URGENT)
        if self._debug:
            line = f"TF_REATTACH_PROVIDERS='{handshake.reattach_json(self._address, socket)}'"
        else:
            line = handshake.handshake_line(socket, certificate.der if certificate else None)
        os.write(stdout, f"{line}\n".encode())
        return server

    def _answer(self, rpc: str, data: bytes) -> bytes:
        return self._service.result().answer(rpc, data)

    def _stream(self, rpc: str, data: bytes) -> Iterator[bytes]:
        return self._service.result().stream(rpc, data)

    def _shutdown(self, data: bytes) -> bytes:
        self._is_dismissed = True
        self._done.set()
        return b""

    def _load_service(self) -> Any:
        """Import what answers the calls, while Terraform already connects."""
        try:
            from constructs_lib.provider.protocol.context import Stopping
            from constructs_lib.provider.protocol.logs import Secrets, start_logging
            from constructs_lib.provider.protocol.service import RpcService

            secrets, stopping = Secrets(), Stopping(self._grace)
            start_logging(self._address.rpartition("/")[2], secrets)
            self._service.set_result(RpcService(self._load, stopping, secrets))
        except BaseException as error:
            # Whoever waits for the service gets it too.
            self._service.set_exception(error)
            raise
        return stopping

    def _wait(self) -> None:
        """Until Terraform says goodbye, or is gone without having said so."""
        while not self._done.wait(1.0):
            if not self._debug and os.getppid() != self._parent:
                return


def _protected_stdout() -> int:
    """A file descriptor for the handshake; whatever else writes to stdout from now on reaches stderr."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return kept
