"""`make dist`: the provider as one folder, which Terraform runs where there is no Python."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from statistics import median

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import ADDRESS
from constructs_lib.provider.installation import block, release
from constructs_lib.provider.protocol.handshake import COOKIE
from tests import terraform
from tests.dist.__main__ import PROGRAM, main
from tests.dist.start import measure
from tests.e2e.installed import DAILY, Workspace
from tests.provider.conftest import Elsewhere

MOST_BYTES = 45_000_000
# Of the C library: everything else comes along.
OF_THE_SYSTEM = re.compile(r"/(ld-linux|libc|libm|libdl|libpthread|librt|libutil|libresolv|libnss_\w+)[-.]")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    main(folder)
    return folder


def test_the_files_of_a_release_are_those_that_a_registry_asks_for(dist: Path) -> None:
    files = {
        file.name.removeprefix(f"terraform-provider-alipolicy_{release()}_"): file
        for file in (dist / "release").iterdir()
    }
    (packed,) = (name for name in files if name.endswith(".zip"))
    assert re.fullmatch(r"(linux|darwin)_(amd64|arm64)\.zip", packed)
    assert set(files) == {packed, "manifest.json", "SHA256SUMS"}
    assert json.loads(files["manifest.json"].read_text())["metadata"]["protocol_versions"] == ["6.0"]
    sums = dict(line.split()[::-1] for line in files["SHA256SUMS"].read_text().splitlines())
    assert sums == {
        files[name].name: hashlib.sha256(files[name].read_bytes()).hexdigest()
        for name in (packed, "manifest.json")
    }
    assert files[packed].stat().st_size <= MOST_BYTES
    (mirrored,) = (dist / "mirror" / ADDRESS).iterdir()
    assert mirrored.read_bytes() == files[packed].read_bytes()
    with zipfile.ZipFile(mirrored) as archive:
        assert archive.getinfo(PROGRAM).external_attr >> 16 == 0o755
        names = archive.namelist()
    assert {"licences/python/LICENSE.txt", "licences/grpcio/LICENSE"} <= set(names)
    assert not [name for name in names if re.search(r"cdktf|jsii|hypothesis|tests|readline|setuptools", name)]


def test_terraform_runs_it_without_python(
    dist: Path, tmp_path: Path, cloud: LocalCloud, elsewhere: Elsewhere
) -> None:
    command = terraform.command()
    assert command is not None
    workspace = Workspace(tmp_path / "w", cloud, block(dist / "mirror"), command)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    ours = {
        name: value
        for name, value in workspace.environment.items()
        if not name.startswith(("PYTHON", "VIRTUAL"))
    }
    workspace.environment = {**ours, "PATH": str(nothing)}
    workspace.init()
    applied = workspace.apply(DAILY)
    assert "1 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    assert [policy.policy_name for policy in elsewhere.backup_policies()] == ["daily"]
    assert workspace.plan().status == 0
    destroyed = workspace.destroy()
    assert destroyed.status == 0, destroyed.text
    assert elsewhere.backup_policies() == []


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has loaded is read from /proc")
def test_nothing_but_the_c_library_comes_from_the_system(dist: Path) -> None:
    folder = dist / "provider"
    with subprocess.Popen(
        [folder / PROGRAM], env=dict([COOKIE]), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("1|6|unix|")
        mapped = set(re.findall(r" (/\S+)$", Path(f"/proc/{process.pid}/maps").read_text(), re.MULTILINE))
        process.kill()
    others = {name for name in mapped if not name.startswith(f"{os.path.realpath(folder)}/")}
    assert len(mapped) > len(others) + 10
    assert [name for name in others if not OF_THE_SYSTEM.search(name) and "/locale/" not in name] == []


def test_it_starts_nearly_as_fast_as_that_of_the_virtual_environment(dist: Path) -> None:
    # By the time of processors: the clock also measures what else the machine does.
    for installed, built in measure(dist / "provider" / PROGRAM, rounds=5).values():
        assert median(each.cpu for each in built) <= 1.5 * median(each.cpu for each in installed)
