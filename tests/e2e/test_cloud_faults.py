"""Hundreds of runs of the provider's API client against a cloud that fails at random."""

from __future__ import annotations

import pytest

from tests.provider.test_cloud import only_this_machine as only_this_machine
from tests.provider.test_cloud import pytestmark as pytestmark
from tests.provider.test_cloud import run_with_faults

RUNS, GROUPS = 210, 6


@pytest.mark.parametrize("group", range(GROUPS))
def test_whatever_happens_each_create_leaves_one_object(group: int) -> None:
    run_with_faults(range(group, RUNS, GROUPS))
