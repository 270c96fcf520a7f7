"""`make dist`: the provider as one folder, which Terraform runs where there is no Python."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from statistics import median

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import ADDRESS
from constructs_lib.provider.installation import release
from constructs_lib.provider.protocol.handshake import COOKIE
from tests import terraform
from tests.dist.__main__ import PROGRAM, ROOT, main
from tests.dist.start import measure
from tests.docs.dist_page import dist_page
from tests.e2e.installed import DAILY, Workspace
from tests.provider.conftest import Elsewhere

# Where the guide has the mirror.
MIRROR = "/opt/alipolicy/mirror"
MOST_BYTES = 45_000_000
# In namespaces of its own, a process may mount and change its root folder without being root.
APART = ("unshare", "--map-root-user", "--mount")
# Of the C library: everything else comes along.
OF_THE_SYSTEM = re.compile(r"/(ld-linux|libc|libm|libdl|libpthread|librt|libutil|libresolv|libnss_\w+)[-.]")
# What the program itself needs before it finds what comes along.
TO_START = re.compile(rf"{OF_THE_SYSTEM.pattern}|/libz\.so")


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


def test_the_workflow_of_a_release_sums_up_all_files_of_the_version_of_its_tag(
    dist: Path, tmp_path: Path
) -> None:
    """Its only step of a shell that no other test runs."""
    written = (ROOT / ".github/workflows/release.yml").read_text("utf-8")
    (script,) = re.findall(r"(?m)^ +run: \|\n((?: {10}.*\n)+)", written)
    release_of, ours = tmp_path / "release", f"terraform-provider-alipolicy_{release()}"
    shutil.copytree(dist / "release", release_of, ignore=shutil.ignore_patterns("*SUMS"))
    (linux,) = release_of.glob("*.zip")
    shutil.copy(linux, release_of / f"{ours}_darwin_arm64.zip")

    def step(tag: str) -> int:
        tagged = {**os.environ, "GITHUB_REF_NAME": tag}
        return subprocess.run(
            ["bash", "-e", "-c", script], cwd=release_of, env=tagged, check=False
        ).returncode

    assert step(f"v{release()}") == 0
    checked = subprocess.run(["sha256sum", "--check", f"{ours}_SHA256SUMS"], cwd=release_of, check=False)
    assert checked.returncode == 0
    assert len((release_of / f"{ours}_SHA256SUMS").read_text().splitlines()) == 3
    assert step("v99.0.0") != 0


def as_its_page_says(mirror: Path | str = MIRROR) -> str:
    """The CLI configuration of the guide."""
    (example,) = re.findall(r"(?s)```terraform\n(.*?)```", dist_page())
    assert MIRROR in example
    return str(example.replace(MIRROR, str(mirror)))


@pytest.fixture
def without_path(dist: Path, tmp_path: Path, cloud: LocalCloud) -> Workspace:
    """A workspace where no program is found by its name."""
    command = terraform.command()
    assert command is not None
    workspace = Workspace(tmp_path / "w", cloud, as_its_page_says(dist / "mirror"), command)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    ours = {
        name: value
        for name, value in workspace.environment.items()
        if not name.startswith(("PYTHON", "VIRTUAL"))
    }
    workspace.environment = {**ours, "PATH": str(nothing)}
    return workspace


@pytest.fixture
def bare(dist: Path, tmp_path: Path, cloud: LocalCloud) -> Workspace:
    """A workspace with a root folder of its own: C library, zlib, Terraform and mirror, and nothing else."""
    command, root = terraform.command() or (), tmp_path / "root"
    if (
        len(command) != 1
        or subprocess.run([*APART, "true"], stderr=subprocess.DEVNULL, check=False).returncode
    ):
        pytest.skip("no terraform or tofu on PATH, or a root folder of one's own is not allowed here")
    workspace = Workspace(root / "w", cloud, as_its_page_says(), ("terraform",))
    for folder in ("dev", "proc", "tmp", "bin"):
        (root / folder).mkdir()
    shutil.copy(command[0], root / "bin" / "terraform")
    shutil.copytree(dist / "mirror", root / MIRROR[1:])
    loaded = [dist / "provider" / PROGRAM, *(dist / "provider").rglob("*.so*")]
    needed = subprocess.run(["ldd", *loaded], stdout=subprocess.PIPE, text=True, check=False).stdout
    for library in filter(TO_START.search, set(re.findall(r"\t.*?(/\S+) \(0x", needed))):
        (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, root / library[1:])
    enter = 'for each in dev proc; do mount --rbind /$each "$0/$each"; done; exec chroot "$0" "$@"'
    workspace.terraform = (*APART, "sh", "-c", enter, str(root), "/bin/terraform", "-chdir=/w")
    workspace.environment = {
        **{name: value for name, value in workspace.environment.items() if name.startswith("ALIBABA_CLOUD_")},
        **{"PATH": os.environ["PATH"], "HOME": "/w", "TF_CLI_CONFIG_FILE": "/w/cli.tfrc"},
    }
    return workspace


@pytest.mark.parametrize("place", ["without_path", "bare"])
def test_terraform_runs_it_without_python(
    place: str, request: pytest.FixtureRequest, elsewhere: Elsewhere
) -> None:
    workspace: Workspace = request.getfixturevalue(place)
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
