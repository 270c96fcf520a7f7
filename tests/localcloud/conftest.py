from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from constructs_lib.localcloud import Delays, LocalCloud
from tests.localcloud.clients import Client


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """From Python 3.12 on the SDK's way to tell the time is deprecated; that is not ours to fix."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            mark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
            item.add_marker(mark)


@pytest.fixture(autouse=True)
def direct_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy between client and cloud.

    No TLS either, though the SDK reads all certificates of the machine once per port: 60 ms.
    """
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)


class Clock:
    """The machine's clock, set forward by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(clock: Clock) -> Iterator[LocalCloud]:
    with LocalCloud(clock=clock, delays=Delays(vault=5, job=5, ecs_policy=5)) as cloud:
        yield cloud


@pytest.fixture
def client(cloud: LocalCloud) -> Client:
    return Client(cloud)
