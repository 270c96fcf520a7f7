"""Times a provider's start as Terraform sees it: until the handshake, and until it has sent its schema."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from ssl import DER_cert_to_PEM_cert

import grpc  # type: ignore[import-untyped]
from attrs import frozen

from constructs_lib.provider.protocol.certificate import Certificate, self_signed
from constructs_lib.provider.protocol.handshake import COOKIE, PROTOCOL
from tests import terraform
from tests.benchmarks.provider_contenders import PEER, Contender, peer_environment


@frozen
class Start:
    """Seconds from the start of the process: on the clock, and of processors."""

    total: float
    cpu: float


def start(contender: Contender, bytecode: str, *, with_schema: bool) -> Start:
    """One fresh process, which is ended at the handshake, or when it has answered GetProviderSchema."""
    client = self_signed()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
            COOKIE[0]: COOKIE[1],
            "PLUGIN_PROTOCOL_VERSIONS": str(PROTOCOL),
            "PLUGIN_CLIENT_CERT": client.certificate_pem.decode(),
            "PYTHONPATH": str(terraform.REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": bytecode,
            "TMPDIR": folder,
            **(peer_environment(Path(folder)) if contender is PEER else {}),
        }
        return _timed(contender.program, environment, client if with_schema else None)


def _timed(program: tuple[str, ...], environment: Mapping[str, str], client: Certificate | None) -> Start:
    began = time.perf_counter()
    process = subprocess.Popen(
        program,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        try:
            if client is not None:
                _ask_for_schema(line, client)
            total = time.perf_counter() - began
        finally:
            process.kill()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    assert line.startswith(f"1|{PROTOCOL}|"), line
    return Start(total, usage.ru_utime + usage.ru_stime)


def _ask_for_schema(line: str, client: Certificate) -> None:
    _, _, network, address, _, certificate = line.strip().split("|")
    server = DER_cert_to_PEM_cert(b64decode(certificate + "=" * (-len(certificate) % 4)))
    credentials = grpc.ssl_channel_credentials(server.encode(), client.key_pem, client.certificate_pem)
    options = [
        ("grpc.ssl_target_name_override", "localhost"),
        ("grpc.default_authority", "localhost"),
        ("grpc.max_receive_message_length", -1),
    ]
    target = f"unix:{address}" if network == "unix" else address
    with grpc.secure_channel(target, credentials, options) as channel:
        answer: bytes = channel.unary_unary("/tfplugin6.Provider/GetProviderSchema")(b"", timeout=30)
    assert b"backup_policy" in answer
