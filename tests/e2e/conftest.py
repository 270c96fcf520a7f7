"""What the end-to-end tests need before they start: the cdktf CLI, and the official bindings."""

from __future__ import annotations

import pytest

from tests.e2e.bindings import generate_bindings


@pytest.fixture(scope="session", autouse=True)
def official_bindings(pytestconfig: pytest.Config) -> str:
    """The folder of the generated bindings; making it tells of its progress, past pytest's capture."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        bindings = generate_bindings()
    return str(bindings)
