"""HTTP/1.1 on asyncio and h11: one connection, its requests one after the other, one write per answer.

Not an ASGI server: those write head and body apart, and hide the socket, which a fault has to reset or to
close in the middle of an answer. h11 does the parsing, strictly.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import h11

from constructs_lib.localcloud.faults import FaultKind
from constructs_lib.localcloud.gateway import HttpRequest, HttpResponse

# A document of 6,144 bytes becomes a URL of up to 18 kB; SDKs send it there.
MAX_HEAD_BYTES = 256 * 1024
MAX_BODY_BYTES = 1024 * 1024
# How long a client may take for one request, and keep a connection without one (seconds).
MAX_WAIT = 75.0

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection(asyncio.Protocol):
    """One connection of a client.

    * `answer`: called for each request.
    * `refusal`: what to say, by the HTTP status, where something is no request.
    * `connections`: the open ones; this one enters and leaves by itself.
    """

    def __init__(
        self,
        answer: Callable[[HttpRequest], Awaitable[HttpResponse]],
        refusal: Callable[[int], HttpResponse],
        connections: set[Connection],
    ) -> None:
        self._answer = answer
        self._refusal = refusal
        self._connections = connections
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._transport: asyncio.Transport
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_ending = False

    # -- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        # A request under way goes on, as in a real cloud: only its answer is lost.
        self._connections.discard(self)
        self._stop_timer()

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        self._read()

    def eof_received(self) -> bool:
        self._http.receive_data(b"")
        self._read()
        return self._task is not None  # an answer may still be on its way to a client that only reads

    def close(self) -> asyncio.Task[None] | None:
        """Take no more requests; the one under way, if any, is returned."""
        self._is_ending = True
        if self._task is None:
            self._transport.close()
        return self._task

    def abort(self) -> None:
        """Close without waiting for anything."""
        self._transport.abort()

    # -- reading

    def _read(self) -> None:
        while self._task is None and not self._transport.is_closing():
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error.error_status_hint)
                return
            if isinstance(event, h11.Request):
                self._head = event
                self._body.clear()
                if self._http.they_are_waiting_for_100_continue:
                    proceed = h11.InformationalResponse(status_code=100, headers=[])
                    self._transport.write(self._http.send(proceed) or b"")
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY_BYTES:
                    self._refuse(413)
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._begin()
            elif isinstance(event, h11.ConnectionClosed):
                self._transport.close()
            else:  # NEED_DATA, or PAUSED before the next request
                return

    def _begin(self) -> None:
        assert self._head is not None
        self._stop_timer()
        # What a client sends ahead stays in the kernel's buffer, where it cannot fill the memory.
        self._transport.pause_reading()
        self._task = asyncio.get_running_loop().create_task(self._respond(self._request(self._head)))

    def _request(self, head: h11.Request) -> HttpRequest:
        headers: dict[str, list[str]] = {}
        for name, value in head.headers:
            headers.setdefault(name.decode("ascii"), []).append(value.decode("latin-1").strip())
        # A header that comes twice is signed like this.
        joined = {name: ",".join(sorted(values)) for name, values in headers.items()}
        path, _, query = head.target.decode("latin-1").partition("?")
        is_local = self._is_local(joined.get("host", ""))
        return HttpRequest(head.method.decode("ascii"), path, query, joined, bytes(self._body), is_local)

    def _is_local(self, host: str) -> bool:
        """Whether the client is on this machine, and named it so. A web page that was made to resolve to this
        machine names another host."""
        peer = self._transport.get_extra_info("peername")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return bool(peer) and ip_address(peer[0]).is_loopback and name in _LOCAL_NAMES

    # -- answering

    async def _respond(self, request: HttpRequest) -> None:
        response = await self._answer(request)
        self._task = None
        if self._transport.is_closing():
            return
        self._send(response, has_body=request.method != "HEAD")
        if self._transport.is_closing():
            return
        is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if is_done and not self._is_ending:
            self._http.start_next_cycle()
            self._start_timer()
            self._transport.resume_reading()
            self._read()
        else:
            self._transport.close()

    def _send(self, response: HttpResponse, *, has_body: bool = True) -> None:
        if response.fault is FaultKind.CUT:
            connection: socket.socket = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()
            return
        headers = [
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            *response.headers,
        ]
        body = response.body if has_body else b""
        events = (
            h11.Response(status_code=response.status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )
        # In two writes, Nagle's algorithm and delayed acknowledgements would cost 40 ms.
        data = b"".join(self._http.send(event) or b"" for event in events)
        if response.fault is FaultKind.TRUNCATED:
            self._transport.write(data[: len(data) - (len(body) + 1) // 2])
            self._transport.close()
        else:
            self._transport.write(data)

    def _refuse(self, status: int) -> None:
        """Answer what is no HTTP, or too much of it, as far as HTTP allows; then close."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._send(self._refusal(status))
        self._transport.close()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(MAX_WAIT, self._transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
