"""How Terraform and a plugin meet: a secret word, a socket, and one line on stdout."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping

PROTOCOL = 6

# Not a secret: it tells a plugin that it was started as one, and is the same for every Terraform.
COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")

# What a socket's address holds, less the terminating zero (108 on Linux, 104 on macOS).
_LONGEST_SOCKET = 103


class NotStartedByTerraformError(Exception):
    """The program was started by hand, or by a Terraform that speaks another protocol."""


def check_caller(environment: Mapping[str, str]) -> None:
    """Raise `NotStartedByTerraformError`, with what to do, where no Terraform is on the other side."""
    name, value = COOKIE
    if environment.get(name) != value:
        raise NotStartedByTerraformError(
            "This is a provider plugin: Terraform starts it. Name the provider in required_providers and run "
            "`terraform init`, or start it with --debug to attach it to a running Terraform."
        )
    versions = environment.get("PLUGIN_PROTOCOL_VERSIONS", "")
    if versions and str(PROTOCOL) not in versions.split(","):
        raise NotStartedByTerraformError(
            f"This provider speaks plugin protocol {PROTOCOL}; the caller knows {versions}. "
            "Use Terraform 1.0 or newer."
        )


def make_socket_directory(environment: Mapping[str, str]) -> str:
    """A new directory that only this user can enter, for a socket `s`. OSError: none could be made."""
    name = f"tfp-{os.getpid()}-{os.urandom(6).hex()}"
    bases = [environment.get("PLUGIN_UNIX_SOCKET_DIR"), environment.get("TMPDIR"), "/tmp"]
    fitting = [base for base in bases if base and _fits(f"{base}/{name}/s")]
    failed: OSError | None = None
    for base in fitting:
        try:
            os.mkdir(f"{base}/{name}", 0o700)
            return f"{base}/{name}"
        except OSError as error:
            failed = error
    raise failed or OSError(f"no directory among {bases} is short enough for a socket")


def _fits(socket: str) -> bool:
    """Whether it can be the address of a socket, in gRPC (where `%` escapes) and in the handshake line."""
    return len(os.fsencode(socket)) <= _LONGEST_SOCKET and not set(socket) & set("%|\n")


def handshake_line(socket: str, certificate: bytes | None) -> str:
    """What Terraform reads first. `certificate`: DER; None where the connection is plain."""
    encoded = base64.b64encode(certificate).rstrip(b"=").decode() if certificate else ""
    return f"1|{PROTOCOL}|unix|{socket}|grpc|{encoded}"


def reattach_json(address: str, socket: str) -> str:
    """The value of TF_REATTACH_PROVIDERS for the provider of that source address."""
    where = {"Network": "unix", "String": socket}
    entry = {"Protocol": "grpc", "ProtocolVersion": PROTOCOL, "Pid": os.getpid(), "Test": True, "Addr": where}
    return json.dumps({address: entry})
