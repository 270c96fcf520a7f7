"""This repository's stacks as Terraform JSON and as HCL: real Terraform plans the same from both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.sandbox import POLICIES
from tests.e2e.deploy_local import settings_of_the_repository
from tests.e2e.installed import ALIPOLICY, Workspace, document, writes
from tests.e2e.node import ROOT, cdktf
from tests.provider.conftest import Elsewhere


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with our app, written by `alipolicy synth` and by `cdktf synth --hcl`."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "cdktf.json").write_text(json.dumps(settings_of_the_repository()))
    subprocess.run(
        [ALIPOLICY, "synth", "--output", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    cdktf("synth", "--hcl", "--output", "hcl", cwd=folder, PYTHONPATH=str(ROOT))
    return folder


@pytest.mark.parametrize("stack", ["access", "backups"])
def test_hcl_plans_what_json_plans_and_finds_what_json_applied(
    stack: str, project: Path, workspace: Workspace, elsewhere: Elsewhere, cloud: LocalCloud
) -> None:
    def use(file: str) -> None:
        for old in (*workspace.directory.glob("*.tf"), *workspace.directory.glob("*.tf.json")):
            old.unlink()
        shutil.copy(project / file, workspace.directory)

    def planned(file: str) -> dict[str, Any]:
        use(file)
        done = workspace.plan(None, f"-out={Path(file).name}.plan")
        assert done.status == 2, done.text
        shown: dict[str, Any] = json.loads(workspace.run("show", "-json", f"{Path(file).name}.plan").stdout)
        return shown

    for policy in POLICIES:
        elsewhere.create_policy(policy, document())
    # The stack says where its state is: in the project.
    (project / f"terraform.{stack}.tfstate").unlink(missing_ok=True)
    of_json, of_hcl = f"json/stacks/{stack}/cdk.tf.json", f"hcl/stacks/{stack}/cdk.tf"
    use(of_json)
    initialised = workspace.run("init", "-no-color", "-input=false")
    assert initialised.status == 0, initialised.text
    from_json, from_hcl = planned(of_json), planned(of_hcl)
    for part in ("resource_changes", "output_changes", "planned_values"):
        assert from_hcl[part] == from_json[part]
    assert [change["change"]["actions"] for change in from_json["resource_changes"]] == [
        ["create"],
        ["create"],
    ]

    use(of_json)
    applied = workspace.run("apply", "-no-color", "cdk.tf.json.plan")
    assert "2 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    cloud.forget_requests()
    use(of_hcl)
    again = workspace.plan()
    assert again.status == 0, again.text
    assert writes(cloud) == []
