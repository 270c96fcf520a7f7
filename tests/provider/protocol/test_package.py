from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from constructs_lib.provider import protocol
from tests.terraform import REPOSITORY

FILES = sorted(Path(protocol.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_it_knows_nothing_of_the_rest_of_the_package(file: Path) -> None:
    imported = {
        node.module or ""
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    ours = {module for module in imported if module.startswith("constructs_lib")}
    assert all(module.startswith("constructs_lib.provider.protocol") for module in ours)


def test_until_the_handshake_little_is_imported() -> None:
    script = (
        "import sys; from constructs_lib.provider.protocol import server, handshake;"
        "from constructs_lib.provider.protocol import transport, certificate;"
        "print(*sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    loaded = set(shown.stdout.split())
    assert "grpc" in loaded
    keys = "cryptography.hazmat.primitives.serialization"
    assert not loaded & {"attrs", "cryptography.x509", keys, "decimal", "google.protobuf", "msgpack"}
