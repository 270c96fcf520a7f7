"""The real `cdktf` CLI on this repository's app, as a platform engineer runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bindings import SCHEMA
from tests.e2e.difference import assert_same
from tests.e2e.hcl import assert_blocks, content, parsed
from tests.e2e.node import CACHE, LOCK, MODULES, ROOT, cdktf
from tests.schema import assert_accepts

STACKS = ("access", "backups", "protection")
ALICLOUD = json.loads(SCHEMA.read_text())


@pytest.fixture(scope="module")
def synth(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What `cdktf synth` printed, and the Terraform JSON of each stack."""
    folder = tmp_path_factory.mktemp("json")
    before = set(os.listdir(ROOT))
    printed = cdktf("synth", "-o", str(folder))
    ours = {"__pycache__", CACHE.name, MODULES.name}  # in a new checkout, the CLI itself has to come first
    assert set(os.listdir(ROOT)) - ours <= before, "cdktf synth left files in the repository"
    return printed, _stacks(folder)


def test_synth_writes_every_stack(synth: tuple[str, dict[str, Any]]) -> None:
    printed, stacks = synth
    assert tuple(stacks) == STACKS
    assert printed.strip() == "Generated Terraform code for the stacks: access, backups, protection"


def test_synth_writes_what_the_app_alone_writes(synth: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    _, stacks = synth
    subprocess.run(
        [sys.executable, "-m", "stacks"],
        cwd=ROOT,
        env={**os.environ, "CDKTF_OUTDIR": str(tmp_path)},
        check=True,
    )
    assert_same(stacks, _stacks(tmp_path))


def test_the_provider_accepts_what_synth_writes(synth: tuple[str, dict[str, Any]]) -> None:
    _, stacks = synth
    for terraform in stacks.values():
        assert_accepts(terraform, ALICLOUD)


def test_synth_to_hcl_says_the_same_as_the_json(synth: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    _, stacks = synth
    cdktf("synth", "--hcl", "-o", str(tmp_path))
    texts = {name: (tmp_path / "stacks" / name / "cdk.tf").read_text() for name in STACKS}
    for name, terraform in parsed(texts).items():
        assert_same(content(terraform), content(stacks[name]))
        assert_blocks(texts[name])
        assert_accepts(terraform, ALICLOUD)


APP = """
from constructs_lib import AlicloudProvider, BackupPolicy, BackupPolicyRule, cdktf

app = cdktf.App()
stack = cdktf.TerraformStack(app, "one")
AlicloudProvider(stack, "alicloud", region="cn-hangzhou")
BackupPolicy(stack, "daily", policy_name="daily", policy_type="STANDARD", rules=[
    BackupPolicyRule.backup(schedule="I|1648647166|{interval}", vault_id="v-1", retention={retention}),
    BackupPolicyRule.transition(retention={retention}),
])
app.synth()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    settings = {
        "language": "python",
        "app": "python main.py",
        "projectId": "e2e",
        "sendCrashReports": "false",
    }
    (tmp_path / "cdktf.json").write_text(json.dumps(settings))
    return tmp_path


def test_a_warning_is_shown_with_its_construct(project: Path) -> None:
    (project / "main.py").write_text(APP.format(interval="P30D", retention=7))
    printed = cdktf("synth", cwd=project, PYTHONPATH=str(ROOT))
    assert "WARN [one/daily]: BP303 rules[1].retention: received 7; allowed: at least 30 days" in printed


def test_an_error_is_shown_with_its_findings(project: Path) -> None:
    (project / "main.py").write_text(APP.format(interval="P1D", retention=0))
    with pytest.raises(AssertionError, match=r"BP1\d\d rules\[1\]\.retention"):
        cdktf("synth", cwd=project, PYTHONPATH=str(ROOT))


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in LOCK.read_text(), "renew it with `npm run lock`"


def _stacks(folder: Path) -> dict[str, Any]:
    files = sorted(folder.glob("stacks/*/cdk.tf.json"))
    return {file.parent.name: json.loads(file.read_text()) for file in files}
