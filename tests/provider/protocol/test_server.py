"""The program itself: handshake, sockets, signals, goodbye."""

from __future__ import annotations

import base64
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from constructs_lib.provider.protocol import handshake, transport
from constructs_lib.provider.protocol.certificate import self_signed
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.provider.protocol import caller
from tests.provider.protocol.caller import MESSAGES, NULL
from tests.provider.protocol.conftest import EXAMPLE
from tests.provider.protocol.example import NOTE, Lab
from tests.signals import usual_signals
from tests.terraform import REPOSITORY, wait_for

SETTINGS = States(Lab.schema).write({})


def environment(store: Path, **more: str) -> dict[str, str]:
    name, value = handshake.COOKIE
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "LAB_STORE": str(store), name: value, **more}


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the example provider as Terraform does."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        with usual_signals():
            process = subprocess.Popen(
                [sys.executable, str(EXAMPLE), *arguments],
                env=environment(tmp_path / "store", **more),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.terminate()
        process.communicate(timeout=10)


def shaken(process: subprocess.Popen[bytes]) -> list[str]:
    """The fields of the handshake line."""
    assert process.stdout is not None
    return process.stdout.readline().decode().rstrip("\n").split("|")


def call(socket: str, path: str, data: bytes = b"") -> bytes:
    import grpc  # type: ignore[import-untyped]

    with grpc.insecure_channel(f"unix:{socket}") as channel:
        answer: bytes = channel.unary_unary(path)(data, timeout=20)
    return answer


def test_it_answers_until_it_is_asked_to_go(start: Start, tmp_path: Path) -> None:
    process = start(PLUGIN_PROTOCOL_VERSIONS="5,6", TMPDIR=str(tmp_path))
    core, protocol, network, socket, kind, certificate = shaken(process)
    assert (core, protocol, network, kind, certificate) == ("1", "6", "unix", "grpc", "")
    directory = Path(socket).parent
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for ignored in (signal.SIGINT, signal.SIGHUP):
        process.send_signal(ignored)
    answer = call(socket, "/tfplugin6.Provider/GetMetadata")
    assert MESSAGES["GetMetadata.Response"].FromString(answer).resources[0].type_name == "lab_note"
    call(socket, "/plugin.GRPCController/Shutdown")
    assert process.wait(10) == 0
    assert not directory.exists()


def test_what_it_does_not_know_is_unimplemented(start: Start) -> None:
    import grpc

    socket = shaken(start())[3]
    with pytest.raises(grpc.RpcError) as caught:
        call(socket, "/tfplugin6.Provider/OpenEphemeralResource")
    refused: Any = caught.value
    assert refused.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_list_is_streamed_until_it_is_left(start: Start, tmp_path: Path) -> None:
    import grpc

    socket = shaken(start())[3]
    call(socket, "/tfplugin6.Provider/ConfigureProvider", _request("ConfigureProvider", config=SETTINGS))
    store = tmp_path / "store"
    for name in ("a", "b"):
        (store / name).write_bytes(pickle.dumps({"id": name, "name": name}))
    request = _request("ListResource", type_name="lab_note", limit=5)
    with grpc.insecure_channel(f"unix:{socket}") as channel:
        path = "/tfplugin6.Provider/ListResource"
        events = [
            MESSAGES["ListResource.Event"].FromString(each) for each in channel.unary_stream(path)(request)
        ]
        assert [event.display_name for event in events] == ["a", "b"]
        stream = channel.unary_stream(path)(request)
        next(stream)
        stream.cancel()
    assert call(socket, "/tfplugin6.Provider/GetMetadata")


def test_nothing_but_the_handshake_is_on_stdout(start: Start) -> None:
    process = start()
    socket = shaken(process)[3]
    request = MESSAGES["ConfigureProvider.Request"]()
    request.config.msgpack = b"\x82\xa5store\xc0\xa5token\xc0"
    call(socket, "/tfplugin6.Provider/ConfigureProvider", request.SerializeToString())
    call(socket, "/plugin.GRPCController/Shutdown")
    out, error = process.communicate(timeout=10)
    assert out == b""
    assert b"this is no handshake" in error


def test_without_terraform_it_says_what_to_do(start: Start) -> None:
    process = start(TF_PLUGIN_MAGIC_COOKIE="")
    out, error = process.communicate(timeout=10)
    assert (process.returncode, out) == (1, b"")
    assert b"Terraform starts it" in error


def test_what_its_python_lacks_is_reported_where_terraform_looks(start: Start, tmp_path: Path) -> None:
    (tmp_path / "grpc.py").write_text("raise ImportError('no grpc here')")
    process = start(PYTHONPATH=f"{tmp_path}:{REPOSITORY}", TMPDIR=str(tmp_path))
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert out.decode() == f"the provider does not run in {sys.executable}: no grpc here\n"
    assert not list(tmp_path.glob("tfp-*"))


def test_another_protocol_is_refused() -> None:
    cookie = dict([handshake.COOKIE])
    handshake.check_caller({**cookie, "PLUGIN_PROTOCOL_VERSIONS": "5,6"})
    with pytest.raises(handshake.NotStartedByTerraformError, match="the caller knows 4,5"):
        handshake.check_caller({**cookie, "PLUGIN_PROTOCOL_VERSIONS": "4,5"})


def test_for_debugging_it_prints_how_to_attach(start: Start) -> None:
    process = start("--debug", TF_PLUGIN_MAGIC_COOKIE="")
    assert process.stdout is not None
    name, _, value = process.stdout.readline().decode().partition("=")
    entry = json.loads(value.strip().strip("'"))["example.com/lab/lab"]
    assert name == "TF_REATTACH_PROVIDERS"
    assert (entry["Pid"], entry["Protocol"], entry["ProtocolVersion"]) == (process.pid, "grpc", 6)
    assert call(entry["Addr"]["String"], "/tfplugin6.Provider/GetMetadata")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def test_it_goes_when_terraform_is_gone(tmp_path: Path) -> None:
    script = f"""
import subprocess, sys
process = subprocess.Popen([sys.executable, {str(EXAMPLE)!r}], stdout=subprocess.PIPE)
print(process.pid, process.stdout.readline().decode(), flush=True)
"""
    shown = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path, LAB_GRACE="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=20,
    )
    socket = Path(shown.stdout.decode().split("|")[3])
    until = datetime.now(UTC).timestamp() + 10
    while socket.parent.exists():
        assert datetime.now(UTC).timestamp() < until
        signal.sigtimedwait([], 0.05)


def test_a_long_temporary_directory_is_left_for_a_short_one(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    directory = handshake.make_socket_directory({"TMPDIR": str(long)})
    assert directory.startswith("/tmp/tfp-")
    os.rmdir(directory)


def test_a_directory_that_cannot_be_written_is_left_for_another(tmp_path: Path) -> None:
    directory = handshake.make_socket_directory({"TMPDIR": str(tmp_path / "missing")})
    assert directory.startswith("/tmp/tfp-")
    os.rmdir(directory)


@pytest.mark.parametrize("name", ["a%20b", "a|b", "a\nb"])
def test_a_directory_that_no_address_can_name_is_left_for_another(
    start: Start, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    socket = shaken(start(TMPDIR=str(tmp_path / name)))[3]
    assert socket.startswith("/tmp/tfp-")
    assert call(socket, "/tfplugin6.Provider/GetMetadata")


def _request(rpc: str, **fields: Any) -> bytes:
    data: bytes = caller.request_of(rpc, **fields).SerializeToString()
    return data


def slow_creates(socket: str, store: Path, number: int) -> list[Future[bytes]]:
    """That many creates that go on until they are stopped; they have begun, as many as there are threads."""
    call(socket, "/tfplugin6.Provider/ConfigureProvider", _request("ConfigureProvider", config=SETTINGS))
    planned = States(NOTE).write(States(NOTE).conform({"name": "slow", "revision": 1}) | {"id": UNKNOWN})
    request = _request(
        "ApplyResourceChange", type_name="lab_note", prior_state=NULL, planned_state=planned, config=planned
    )
    pool = ThreadPoolExecutor(number)
    path = "/tfplugin6.Provider/ApplyResourceChange"
    creates = [pool.submit(call, socket, path, request) for _ in range(number)]
    wait_for(lambda: store.exists() and len(list(store.iterdir())) == min(number, transport.THREADS))
    return creates


def test_a_stop_is_heard_however_much_runs(start: Start, tmp_path: Path) -> None:
    socket = shaken(start(LAB_GRACE="0.5"))[3]
    creates = slow_creates(socket, tmp_path / "store", transport.THREADS + 3)
    assert call(socket, "/tfplugin6.Provider/StopProvider") == b""
    for create in creates:
        assert b"Interrupted" in create.result(20)


def test_a_create_stopped_at_shutdown_still_returns_what_it_created(start: Start, tmp_path: Path) -> None:
    process = start(LAB_GRACE="0")
    socket = shaken(process)[3]
    (create,) = slow_creates(socket, tmp_path / "store", 1)
    call(socket, "/plugin.GRPCController/Shutdown")
    response = MESSAGES["ApplyResourceChange.Response"].FromString(create.result(20))
    assert (States(NOTE).read(response.new_state) or {})["id"].startswith("note-")
    assert process.wait(10) == 0


def test_the_certificate_is_one_for_localhost() -> None:
    now = datetime(2049, 6, 1, tzinfo=UTC)
    created = self_signed(now)
    certificate = x509.load_der_x509_certificate(created.der)
    assert certificate == x509.load_pem_x509_certificate(created.certificate_pem)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    certificate.verify_directly_issued_by(certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "localhost"
    assert certificate.not_valid_before_utc == now - timedelta(days=3_650)
    assert certificate.not_valid_after_utc == now + timedelta(days=3_650)
    assert certificate.serial_number > 0


def test_the_key_is_that_of_the_certificate_as_openssl_writes_it() -> None:
    created = self_signed()
    key = serialization.load_pem_private_key(created.key_pem, None)
    assert key.public_key() == x509.load_der_x509_certificate(created.der).public_key()
    openssl = serialization.PrivateFormat.TraditionalOpenSSL
    assert created.key_pem == key.private_bytes(
        serialization.Encoding.PEM, openssl, serialization.NoEncryption()
    )


def test_each_process_has_its_own_certificate() -> None:
    assert self_signed().der != self_signed().der


def test_the_handshake_carries_the_certificate_without_padding() -> None:
    line = handshake.handshake_line("/s", b"\x01")
    assert line == "1|6|unix|/s|grpc|AQ"
    assert base64.b64decode(line.rpartition("|")[2] + "==") == b"\x01"
