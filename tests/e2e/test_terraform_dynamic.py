"""Lists of blocks that only Terraform knows become `dynamic` blocks that a real Terraform takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.installed import Workspace
from tests.e2e.node import ROOT

PROGRAM = """
import sys
from constructs_lib import AlipolicyProvider, BackupPolicy, BackupPolicyRule, cdktf

stack = cdktf.TerraformStack(cdktf.App(outdir="out"), "stack")
AlipolicyProvider(stack, "provider")
rules = cdktf.TerraformVariable(stack, "rules", type="any").list_value
periods = cdktf.TerraformVariable(stack, "periods", type="any").list_value
backup = BackupPolicyRule.backup(schedule="I|1648647166|P1D", vault_id="v-000one")
kept = BackupPolicyRule.transition(retention=7, retention_rules=periods)
BackupPolicy(stack, "all", policy_name="all", policy_type="STANDARD", rules=rules)
BackupPolicy(stack, "some", policy_name="some", policy_type="STANDARD", rules=[backup, kept])
print(cdktf.Testing.synth_hcl(stack) if sys.argv[1] == "hcl" else cdktf.Testing.synth(stack))
"""
BACKUP = {
    "rule_type": "BACKUP",
    "backup_type": "COMPLETE",
    "schedule": "I|1648647166|P1D",
    "vault_id": "v-000one",
}
PERIODS = [{"advanced_retention_type": "WEEKLY", "retention": 60}]
TAGGED = {
    "rule_type": "TAG",
    "data_source_filters": [{"source_type": "OSS"}],
    "tag_filters": [{"key": "env", "operator": "EQUAL", "value": "prod"}],
}
RULES = [BACKUP, {"rule_type": "TRANSITION", "retention": 30, "retention_rules": PERIODS}, TAGGED]


def synthesized(form: str, engine: str, folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, form],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ALIPOLICY_ENGINE": engine},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("engine", ["cdktf", "cdktn"])
@pytest.mark.parametrize("form", ["json", "hcl"])
def test_list_tokens_become_dynamic_blocks(
    form: str, engine: str, workspace: Workspace, tmp_path: Path
) -> None:
    text = synthesized(form, engine, tmp_path)
    for name in ("main.tf", "main.tf.json"):
        (workspace.directory / name).unlink(missing_ok=True)
    (workspace.directory / {"json": "main.tf.json", "hcl": "main.tf"}[form]).write_text(text)
    variables = {"rules": RULES, "periods": PERIODS}
    (workspace.directory / "terraform.tfvars.json").write_text(json.dumps(variables))
    initialised = workspace.run("init", "-no-color", "-input=false")
    assert initialised.status == 0, initialised.text
    applied = workspace.apply()
    assert applied.status == 0, applied.text
    assert workspace.plan().status == 0

    state = workspace.state()
    of_all, of_some = (state[f"alipolicy_backup_policy.{name}"]["rules"] for name in ("all", "some"))
    assert [rule["rule_type"] for rule in of_all] == ["BACKUP", "TRANSITION", "TAG"]
    assert of_all[2]["tag_filters"] == [{"key": "env", "operator": "EQUAL", "value": "prod"}]
    periods = [
        [(each["advanced_retention_type"], each["retention"]) for each in rules[1]["retention_rules"]]
        for rules in (of_all, of_some)
    ]
    assert periods == [[("WEEKLY", 60)]] * 2
