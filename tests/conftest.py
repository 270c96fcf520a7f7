from __future__ import annotations

import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import AlicloudProvider, AlipolicyProvider, cdktf
from constructs_lib.testing import TerraformSnapshot
from tests.properties import FUZZ, draw_the_same

# From the day on which a Node is too old for it, jsii says so on stderr, in every process.
os.environ["JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION"] = "true"
os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "20,22,24,26"


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--hypothesis-profile") != FUZZ:
        draw_the_same()


@pytest.fixture
def app(tmp_path: Path) -> cdktf.App:
    return cdktf.App(outdir=str(tmp_path / "cdktf.out"))


@pytest.fixture
def bare_stack(app: cdktf.App) -> cdktf.TerraformStack:
    """A stack without a provider."""
    return cdktf.TerraformStack(app, "stack")


@pytest.fixture
def stack(bare_stack: cdktf.TerraformStack) -> cdktf.TerraformStack:
    """A stack for the official provider."""
    AlicloudProvider(bare_stack, "provider", region="cn-hangzhou")
    return bare_stack


@pytest.fixture
def own_stack(app: cdktf.App) -> cdktf.TerraformStack:
    """A stack for our provider."""
    stack = cdktf.TerraformStack(app, "own")
    AlipolicyProvider(stack, "provider", region="cn-hangzhou")
    return stack


@pytest.fixture
def terraform(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TerraformSnapshot)
