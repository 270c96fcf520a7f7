"""HTTP as it goes over the wire: whole answers in one piece, and clients that mean no good."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import Client, Raw, acs3, headers_of, send


@contextmanager
def connected(cloud: LocalCloud) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=5) as connection:
        yield connection


def exchanged(cloud: LocalCloud, data: bytes) -> bytes:
    """What comes back until the server closes."""
    with connected(cloud) as connection:
        connection.sendall(data)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def request(cloud: LocalCloud, *, close: bool = False) -> bytes:
    headers = acs3(cloud, headers_of(cloud, "GetCallerIdentity"))
    lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, *(["Connection: close"] if close else []), "", ""]).encode()


def refusal(received: bytes) -> tuple[int, str]:
    head, _, body = received.partition(b"\r\n\r\n")
    answer = json.loads(body)
    assert len(answer["RequestId"]) == 36
    return int(head.split()[1]), answer["Code"]


def test_an_answer_is_one_write(cloud: LocalCloud) -> None:
    with connected(cloud) as connection:
        connection.sendall(request(cloud))
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["AccountId"] == cloud.account_id


def test_a_connection_serves_many_requests_also_sent_ahead(cloud: LocalCloud) -> None:
    received = exchanged(cloud, request(cloud) + request(cloud) + request(cloud, close=True))
    assert received.count(b"HTTP/1.1 200") == 3


def test_a_long_url_is_taken(cloud: LocalCloud) -> None:
    headers = acs3(cloud, headers_of(cloud, "GetCallerIdentity"), {"X": "{" * 6144})
    assert send(cloud, "POST", f"/?X={'%7B' * 6144}", headers).status == 200


def test_a_body_in_chunks_is_taken(cloud: LocalCloud) -> None:
    sent = headers_of(cloud, "GetCallerIdentity") | {"content-type": "application/x-www-form-urlencoded"}
    signed = acs3(cloud, sent, body=b"A=1")
    lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in signed.items())]
    head = "\r\n".join([*lines, "Transfer-Encoding: chunked", "Connection: close", "", ""])
    assert exchanged(cloud, head.encode() + b"3\r\nA=1\r\n0\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_a_client_may_ask_before_it_sends_a_body(cloud: LocalCloud) -> None:
    with connected(cloud) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(b"A=1")
        assert refusal(connection.recv(65536)) == (400, "MissingAction")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01 this is TLS\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /" + b"a" * 300_000, 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 1_100_000, 413),
    ],
)
def test_what_is_no_http_or_too_much_of_it_is_refused(cloud: LocalCloud, data: bytes, status: int) -> None:
    try:
        received = exchanged(cloud, data)
    except ConnectionResetError:
        received = b""  # the rest of what was sent met a closed connection
    if received:
        code = "InvalidParameter" if status == 400 else "RequestEntityTooLarge"
        assert refusal(received) == (400 if status == 400 else 413, code)
    assert Client(cloud)("GetCallerIdentity")
    assert [request.status for request in cloud.requests()] == [400 if status == 400 else 413, 200]


def test_a_client_that_goes_away_is_no_trouble(cloud: LocalCloud) -> None:
    for data in (b"", b"POST / HT", request(cloud)[:-10], request(cloud)):
        with connected(cloud) as connection:
            connection.sendall(data)
    assert Client(cloud)("GetCallerIdentity")


def test_a_client_that_only_reads_gets_its_answer(cloud: LocalCloud) -> None:
    cloud.set_faults([{"kind": "latency", "seconds": 0.05}])
    with connected(cloud) as connection:
        connection.sendall(request(cloud))
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def code_of(answer: Raw) -> tuple[int, str]:
    assert answer.json["RequestId"]
    return answer.status, answer.json["Code"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(cloud: LocalCloud, method: str) -> None:
    assert code_of(send(cloud, method, "/")) == (405, "UnsupportedHTTPMethod")


def test_head_has_no_body(cloud: LocalCloud) -> None:
    answer = send(cloud, "HEAD", "/")
    assert (answer.status, answer.body) == (405, b"")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", (400, "MissingAction")),
        ("/?Action=GetPolicy", (400, "MissingVersion")),
        ("/?Action=GetPolicy&Version=1", (400, "InvalidVersion")),
        ("/?Action=GetPolicy&Version=2017-09-08", (404, "InvalidAction.NotFound")),
        ("/x?Action=GetPolicy&Version=2015-05-01", (404, "InvalidAction.NotFound")),
        ("/?Action=GetPolicy&Version=2015-05-01", (400, "MissingAccessKeyId")),
        ("/?A=%ff", (400, "InvalidParameter")),
        ("/?" + "A&" * 1001 + "B=1", (400, "InvalidParameter")),
    ],
)
def test_an_operation_has_to_be_named(cloud: LocalCloud, target: str, expected: tuple[int, str]) -> None:
    assert code_of(send(cloud, "GET", target)) == expected


def test_a_target_may_be_the_whole_url(cloud: LocalCloud) -> None:
    """As a client sends it that takes the local cloud for a proxy."""
    elsewhere = "hbr.cn-shanghai.aliyuncs.com"
    headers = acs3(cloud, headers_of(cloud, "DescribeVaults", host=elsewhere))
    assert send(cloud, "POST", f"http://{elsewhere}", headers).json["TotalCount"] == 0
    assert cloud.requests()[-1].region == "cn-shanghai"
    target = f"HTTP://{cloud.endpoint}/?Action=GetPolicy&Version=2015-05-01"
    assert code_of(send(cloud, "GET", target)) == (400, "MissingAccessKeyId")
    assert send(cloud, "GET", f"{cloud.url}/_local/faults").status == 200
    local = send(cloud, "GET", "http://example.com/_local/faults", {"Host": cloud.endpoint})
    assert local.status == 403


def test_a_form_is_ascii(cloud: LocalCloud) -> None:
    assert code_of(send(cloud, "POST", "/", body="A=é".encode())) == (400, "InvalidParameter")
