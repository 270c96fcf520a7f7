"""No secret is shown, whichever way the credentials come: the ways that `make test` has no time for."""

from __future__ import annotations

import pytest

from tests.provider import test_secrets
from tests.provider.conftest import State
from tests.provider.test_secrets import Marked, live_without_mishap

marked, given, log_as_before = test_secrets.marked, test_secrets.given, test_secrets.log_as_before


@pytest.mark.parametrize(
    "given", ["environment", "session", "sts", "assumed", "environment role"], indirect=True
)
def test_a_life_without_mishap_shows_no_secret(
    marked: Marked, given: State, capfd: pytest.CaptureFixture[str]
) -> None:
    live_without_mishap(marked, given, capfd)
