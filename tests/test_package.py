"""What is installed: the wheel's contents, and that it works in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What Python reads at its start.
AT_START = {"_alipolicy_node.py", "alipolicy_node.pth"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return file


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as content:
        return {name for name in content.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Above all no `stacks`: at the top of site-packages it would hide a user's own."""
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "constructs_lib"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    package = {name for name in tracked if (ROOT / name).exists()}
    moved = {name for name in package if Path(name).stem == "startup"}
    assert names(wheel) == AT_START | (package - moved)


def test_the_wheel_is_typed_and_brings_the_bridge_and_the_licence(wheel: Path) -> None:
    assert {"constructs_lib/py.typed", "constructs_lib/cdk/bridge/index.js"} <= names(wheel)
    with zipfile.ZipFile(wheel) as content:
        assert any(name.endswith("licenses/LICENSE") for name in content.namelist())


PROGRAM = """
import sys

sys.path.insert(0, sys.argv[1])
import constructs_lib
from constructs_lib import AlicloudProvider, BackupPolicy, Schedule, cdktf

assert constructs_lib.__file__.startswith(sys.argv[1]), constructs_lib.__file__
app = cdktf.App(outdir="out")
stack = cdktf.TerraformStack(app, "s")
AlicloudProvider(stack, "provider")
BackupPolicy.tiered(stack, "p", schedule=Schedule.every("P1D", start=0), vault_id="v", retention=7)
app.synth()
"""


def test_the_wheel_works_where_the_source_is_not(wheel: Path, tmp_path: Path) -> None:
    # The dependencies of this environment, but the package from the wheel alone.
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*command, str(site), str(wheel)], check=True)
    installed = {path.name for path in site.iterdir() if not path.name.endswith(".dist-info")}
    assert installed - {"__pycache__"} == {"bin", "constructs_lib", *AT_START}
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(site)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out/stacks/s/cdk.tf.json").exists()


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    requirements = [line for line in text.splitlines() if line.startswith('  "') and ("=" in line)]
    assert len(requirements) > 10
    assert [line for line in requirements if "#" not in line] == []


def test_the_metadata_names_licence_and_python() -> None:
    info = metadata("alipolicy")
    assert (info["License-Expression"], info["Requires-Python"]) == ("MPL-2.0", ">=3.11")


@pytest.mark.parametrize(
    "statement",
    [
        "from constructs_lib import Schedule; Schedule.parse('C|0|0 0 2 ? * 3,5,7')",
        "from constructs_lib import PolicyDocument; "
        'PolicyDocument.from_json(\'{"Statement":[{"Action":"*","Effect":"Allow","Resource":"*"}],"Version":"1"}\')',
        "import constructs_lib.backup.checks, constructs_lib.ram.checks, constructs_lib.cli",
    ],
)
def test_what_needs_no_node_starts_none(statement: str) -> None:
    program = f"{statement}\nimport sys; sys.exit('jsii' in sys.modules or 'cdktf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
