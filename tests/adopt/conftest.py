"""A local cloud, and the calls to it."""

from __future__ import annotations

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.cloud import Cloud
from tests.adopt.estates import account_of
from tests.provider import conftest

direct, cloud = conftest.direct, conftest.cloud


@pytest.fixture
def account(cloud: LocalCloud) -> Cloud:
    return account_of(cloud)
