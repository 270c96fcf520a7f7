"""HTTP/1.1 on asyncio and h11: one connection, its requests one after the other, one write per answer.

Not an ASGI server: those write head and body apart, and hide the socket, which a fault has to reset or to
close in the middle of an answer. h11 does the parsing, strictly.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import h11
from attrs import define, field

from constructs_lib.localcloud.faults import FaultKind
from constructs_lib.localcloud.gateway import HttpRequest, HttpResponse

# A document of 6,144 bytes becomes a URL of up to 18 kB; SDKs send it there.
MAX_HEAD_BYTES = 256 * 1024
MAX_BODY_BYTES = 1024 * 1024
# How long a client may take for one request, and keep a connection without one (seconds).
MAX_WAIT = 75.0

_CHUNK = 256 * 1024
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@define(eq=False, repr=False)
class Connection:
    """One connection of a client.

    * `answer`: called for each request.
    * `refusal`: what to say, by the HTTP status, where something is no request.
    """

    _answer: Callable[[HttpRequest], Awaitable[HttpResponse]]
    _refusal: Callable[[int], HttpResponse]
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _http: h11.Connection = field(init=False)
    _is_answering: bool = field(default=False, init=False)
    _is_ending: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)

    async def serve(self) -> None:
        """Answer requests until the client, or `close`, ends the connection."""
        try:
            while request := await self._read_request():
                self._is_answering = True
                # It goes on where the client leaves, as in a real cloud: only its answer is lost.
                response = await self._answer(request)
                self._is_answering = False
                if self._writer.is_closing():
                    break
                self._send(response, has_body=request.method != "HEAD")
                is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
                if self._is_ending or not is_done:
                    break
                self._http.start_next_cycle()
        finally:
            self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def close(self) -> None:
        """Take no more requests; the one under way, if any, is still answered."""
        self._is_ending = True
        if not self._is_answering:
            self._writer.close()

    def abort(self) -> None:
        """Close without waiting for anything."""
        self._writer.transport.abort()

    # -- reading

    async def _read_request(self) -> HttpRequest | None:
        """The next request. None: there is no more, or what came is no HTTP, or too much of it; that is
        answered as far as HTTP allows."""
        try:
            async with asyncio.timeout(MAX_WAIT):
                return await self._receive()
        except h11.RemoteProtocolError as error:
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                self._send(self._refusal(error.error_status_hint))
        except OSError:
            pass  # the client is gone, or took too long
        return None

    async def _receive(self) -> HttpRequest | None:
        head, body = None, bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(_CHUNK))
            elif isinstance(event, h11.Request):
                head = event
                if self._http.they_are_waiting_for_100_continue:
                    proceed = h11.InformationalResponse(status_code=100, headers=[])
                    self._writer.write(self._http.send(proceed) or b"")
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY_BYTES:
                    raise h11.RemoteProtocolError("the body is too large", error_status_hint=413)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return self._make_request(head, bytes(body))
            else:  # ConnectionClosed
                return None

    def _make_request(self, head: h11.Request, body: bytes) -> HttpRequest:
        headers: dict[str, list[str]] = {}
        for name, value in head.headers:
            headers.setdefault(name.decode("ascii"), []).append(value.decode("latin-1").strip())
        # A header that comes twice is signed like this.
        joined = {name: ",".join(sorted(values)) for name, values in headers.items()}
        authority, path, query = _split_target(head.target.decode("latin-1"))
        host = joined.get("host", "")
        is_local = self._is_local(host) and (not authority or self._is_local(authority))
        return HttpRequest(head.method.decode("ascii"), path, query, joined, body, is_local)

    def _is_local(self, host: str) -> bool:
        """Whether the client is on this machine, and named it so. A web page that was made to resolve to this
        machine names another host."""
        peer = self._writer.get_extra_info("peername")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return bool(peer) and ip_address(peer[0]).is_loopback and name in _LOCAL_NAMES

    # -- answering

    def _send(self, response: HttpResponse, *, has_body: bool = True) -> None:
        if response.fault is FaultKind.CUT:
            connection: socket.socket = self._writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.abort()
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
            self._writer.write(data[: len(data) - (len(body) + 1) // 2])
            self._writer.close()
        else:
            self._writer.write(data)


def _split_target(target: str) -> tuple[str, str, str]:
    """Authority, path and query. A client that takes this machine for a proxy names the whole URL; for others
    the authority is empty."""
    absolute = _ABSOLUTE.match(target)
    authority, rest = (absolute[1], target[absolute.end() :]) if absolute else ("", target)
    path, _, query = rest.partition("?")
    return authority, path or "/", query
