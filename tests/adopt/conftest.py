"""A local cloud, and the calls to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.api_client import Calls, Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from tests.provider import conftest
from tests.provider.conftest import arguments

direct, cloud = conftest.direct, conftest.cloud


@pytest.fixture
def account(cloud: LocalCloud) -> Cloud:
    """The account in its region."""
    configuration = Configuration.read(arguments(cloud), {}, Path("/nowhere"))
    return Cloud(Calls.of(configuration, Pace()), region=configuration.region)
