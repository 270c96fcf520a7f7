"""gRPC, and nothing else of it: calls as bytes, over a unix socket."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructs_lib.provider.protocol.certificate import Certificate

# Before the import, which reads them: gRPC's log lines mean nothing to users, and a provider does not fork.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

import grpc  # type: ignore[import-untyped]

THREADS = 64
"""Operations at a time. Terraform asks for 10 unless `-parallelism` says more."""

LARGEST_MESSAGE = 256 * 1024 * 1024  # bytes

Handlers = Mapping[str, Callable[[bytes], bytes]]
Streams = Mapping[str, Callable[[bytes], Iterator[bytes]]]


def start(
    socket: str,
    certificate: Certificate | None,
    handlers: Handlers,
    streams: Streams,
    urgent: Collection[str],
) -> Any:
    """Listen on `socket` and answer; a started `grpc.Server`. `streams` are answered with many messages.

    The `urgent` ones of the calls do not wait for a thread, however many others run.

    The client's certificate is not asked for: Terraform's is of a kind (P-521) that gRPC's TLS cannot verify.
    Who may connect is decided by the directory of the socket.
    """
    options = [(f"grpc.max_{way}_message_length", LARGEST_MESSAGE) for way in ("receive", "send")]
    server = grpc.server(ThreadPoolExecutor(THREADS), options=options)
    server.add_generic_rpc_handlers((_handler_finder(handlers, streams, urgent),))
    if certificate is None:
        server.add_insecure_port(f"unix:{socket}")
    else:
        pair = (certificate.key_pem, certificate.certificate_pem)
        server.add_secure_port(f"unix:{socket}", grpc.ssl_server_credentials([pair]))
    server.start()
    return server


def _handler_finder(handlers: Handlers, streams: Streams, urgent: Collection[str]) -> Any:
    found, aside = {}, ThreadPoolExecutor(1)
    for path, answer in handlers.items():
        behavior: Any = partial(_answered, answer)
        if path in urgent:
            behavior.experimental_thread_pool = aside
        found[path] = grpc.unary_unary_rpc_method_handler(behavior)
    # What a plugin prints travels here; ours goes to stderr instead.
    quiet: Streams = {"/plugin.GRPCStdio/StreamStdio": lambda data: iter(())}
    for path, events in (*quiet.items(), *streams.items()):
        found[path] = grpc.unary_stream_rpc_method_handler(partial(_streamed, events))

    class Finder(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, details: Any) -> Any:
            return found.get(details.method)

    return Finder()


def _streamed(events: Callable[[bytes], Iterator[bytes]], data: bytes, context: Any) -> Iterator[bytes]:
    return events(data)


def _answered(answer: Callable[[bytes], bytes], data: bytes, context: Any) -> bytes:
    return answer(data)
