"""`alipolicy adopt`, from an account to an app whose imports change nothing."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from constructs_lib.localcloud import LocalCloud, sandbox
from constructs_lib.provider.api_client import Calls, Pace
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.configuration import Configuration
from tests.adopt.estates import EstateMaker, fill
from tests.e2e.installed import ALIPOLICY, Workspace, writes
from tests.provider.conftest import arguments

BIN = Path(sys.executable).parent


def cloud_of(local: LocalCloud) -> Cloud:
    configuration = Configuration.read(arguments(local), {}, Path("/nowhere"))
    return Cloud(Calls.of(configuration, Pace()), region=configuration.region)


def run(*command: str, cwd: Path, local: LocalCloud) -> str:
    """What a command says, which has to succeed; it knows the local cloud and no other account."""
    environment = sandbox.without_accounts(dict(os.environ)) | sandbox.variables(local)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def seconds_of_work() -> float:
    """How long the programs of this test have worked, whatever else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check_code(folder: Path, local: LocalCloud) -> None:
    """That the code is what linters, formatters and type checkers take, with their own settings."""
    run(
        str(BIN / "ruff"),
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "E4,E7,E9,F,I",
        ".",
        cwd=folder,
        local=local,
    )
    run(str(BIN / "ruff"), "format", "--isolated", "--no-cache", "--check", ".", cwd=folder, local=local)
    run(str(BIN / "mypy"), "--strict", "--cache-dir", os.devnull, "estate", cwd=folder, local=local)


def apply_imports(folder: Path, workspace: Workspace) -> str:
    """What Terraform says of the app's first apply, after which a plan has nothing to do."""
    shutil.copy(folder / "cdktf.out" / "stacks" / "estate" / "cdk.tf.json", workspace.directory)
    (workspace.directory / "main.tf").unlink()
    done = workspace.run("init", "-no-color", "-input=false")
    assert done.status == 0, done.text
    applied = workspace.apply()
    assert applied.status == 0, applied.text[-4000:]
    again = workspace.plan()
    assert again.status == 0, again.text[-4000:]
    return applied.stdout


@pytest.mark.parametrize(("count", "seed"), [(40, 1), (500, 2)])
def test_an_account_becomes_code_whose_imports_change_nothing(
    count: int, seed: int, workspace: Workspace, cloud: LocalCloud, tmp_path: Path
) -> None:
    fill(cloud, cloud_of(cloud), EstateMaker(seed).objects(count))
    cloud.forget_requests()
    before = seconds_of_work()
    said = run(ALIPOLICY, "adopt", "--output", "app", "--versions", cwd=tmp_path, local=cloud)
    folder = tmp_path / "app"
    check_code(folder, cloud)
    run(ALIPOLICY, "synth", cwd=folder, local=cloud)
    took = seconds_of_work() - before
    assert "AD301" not in said
    assert writes(cloud) == []
    ledger = json.loads((folder / "adopted.json").read_text("utf-8"))["adopted"]
    assert len(ledger["backup-policy"]) + len(ledger["policy"]) == count
    total = sum(map(len, ledger.values()))
    applied = apply_imports(folder, workspace)
    assert f"Apply complete! Resources: {total} imported, 0 added, 0 changed, 0 destroyed." in applied
    assert took < 60, took
    assert writes(cloud) == []
