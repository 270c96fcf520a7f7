"""`alipolicy synth`, run as a user runs it: as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

APP = """
from constructs_lib import AlicloudProvider, BackupPolicy, BackupPolicyRule, Schedule, cdktf

class Backups(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlicloudProvider(self, "provider", region=self.node.try_get_context("region"))
        BackupPolicy(self, "daily", rules=[
            BackupPolicyRule.backup(schedule=Schedule.cron("0 0 2 ? * 7", start=0), vault_id="v-1"),
            BackupPolicyRule.transition(retention=RETENTION),
        ])

app = cdktf.App()
Backups(app, "backups")
app.synth()
"""


def project(folder: Path, app: str = APP, **settings: Any) -> Path:
    (folder / "main.py").write_text(app.replace("RETENTION", "5"))
    config = {"language": "python", "app": "python main.py", "context": {"region": "cn-hangzhou"}, **settings}
    (folder / "cdktf.json").write_text(json.dumps(config))
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("alipolicy")), *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_synth_writes_the_files_and_shows_what_is_in_them(tmp_path: Path) -> None:
    done = run(project(tmp_path), "synth")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert rows[0] == ["Stack", "Construct", "path", "Terraform", "address", "Findings"]
    assert rows[2] == ["backups", "backups/daily", "alicloud_hbr_policy.daily", "BP303"]
    assert "backups/daily: BP303 rules[1].retention: received 5;" in done.stdout
    assert done.stdout.rstrip().endswith("cdktf.out/stacks/backups/cdk.tf.json")
    content = json.loads((tmp_path / "cdktf.out/stacks/backups/cdk.tf.json").read_text())
    assert content["provider"]["alicloud"] == [{"region": "cn-hangzhou"}]


def test_synth_needs_no_node_on_the_path(tmp_path: Path) -> None:
    done = run(project(tmp_path), "synth", PATH="/usr/bin-without-node:/bin", JSII_NODE="")
    assert (done.returncode, done.stderr) == (0, "")


def test_synth_takes_another_output_folder(tmp_path: Path) -> None:
    done = run(project(tmp_path, output="from-settings"), "synth", "--output", "elsewhere")
    assert done.returncode == 0
    assert (tmp_path / "elsewhere/stacks/backups/cdk.tf.json").exists()
    assert not (tmp_path / "from-settings").exists()


def test_a_second_synth_gives_the_same_bytes_and_leaves_terraforms_files(tmp_path: Path) -> None:
    run(project(tmp_path), "synth")
    file = tmp_path / "cdktf.out/stacks/backups/cdk.tf.json"
    first = file.read_bytes()
    lock = file.with_name(".terraform.lock.hcl")
    lock.write_text("# terraform's own")
    assert run(tmp_path, "synth").returncode == 0
    assert file.read_bytes() == first
    assert lock.exists()


def test_a_stack_that_is_gone_does_not_stay(tmp_path: Path) -> None:
    run(project(tmp_path), "synth")
    (tmp_path / "main.py").write_text(
        APP.replace("RETENTION", "5").replace('"backups")\napp', '"others")\napp')
    )
    assert run(tmp_path, "synth").returncode == 0
    assert [one.name for one in (tmp_path / "cdktf.out/stacks").iterdir()] == ["others"]


def test_old_hcl_does_not_stay_beside_new_json(tmp_path: Path) -> None:
    assert run(project(tmp_path), "synth", SYNTH_HCL_OUTPUT="true").returncode == 0
    folder = tmp_path / "cdktf.out/stacks/backups"
    assert (folder / "cdk.tf").exists()
    assert run(tmp_path, "synth").returncode == 0
    assert (folder / "cdk.tf.json").exists()
    assert not (folder / "cdk.tf").exists()


@pytest.mark.parametrize(
    "broken",
    [
        APP.replace("RETENTION", "0"),
        APP.replace("app.synth()", "raise SystemExit(3)"),
        APP.replace("app.synth()", ""),
        "def (",
    ],
)
def test_a_failing_app_leaves_the_files_as_they_were(tmp_path: Path, broken: str) -> None:
    run(project(tmp_path), "synth")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    (tmp_path / "main.py").write_text(broken)
    done = run(tmp_path, "synth")
    assert done.returncode == 1
    assert "Error: `python main.py` " in done.stderr
    after = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert {**after, tmp_path / "main.py": None} == {**before, tmp_path / "main.py": None}


def test_a_mistake_in_props_is_a_python_error_at_the_users_line(tmp_path: Path) -> None:
    done = run(project(tmp_path, APP.replace("RETENTION", "0")), "synth")
    assert 'main.py", line 8, in __init__' in done.stderr
    assert "InvalidPropsError: BackupPolicy 'daily' has 1 finding to fix:" in done.stderr
    assert "BP103 rules[1].retention" in done.stderr
    assert not [word for word in ("node_modules", "jsii-runtime", ".js:") if word in done.stderr]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no cdktf.json in"),
        ("{", "cannot read"),
        ("[]", '"app" is missing'),
        ('{"app": 1}', '"app" is missing'),
        ('{"app": "true", "context": []}', '"context" is []'),
        ('{"app": "true", "output": ""}', "\"output\" is ''; it must be a folder of its own"),
        ('{"app": "true", "output": ".."}', "it must be a folder of its own"),
        ('{"app": "true", "output": 1}', "it must be a folder of its own"),
        ('{"app": "true"}', "`true` wrote nothing: does it call app.synth()?"),
    ],
)
def test_a_cdktf_json_that_will_not_do(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "cdktf.json").write_text(text)
    done = run(tmp_path, "synth")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "cdktf.out").exists()


def test_help_and_version() -> None:
    assert "Run the app of ./cdktf.json" in run(Path.cwd(), "synth", "--help").stdout
    assert run(Path.cwd(), "--version").stdout.startswith("alipolicy, version ")
