"""`alipolicy adopt`, from an account to an app whose imports change nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.adopt.adopting import adopt_estate
from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.estate import EstateKind
from constructs_lib.adopt.files import read_file
from constructs_lib.localcloud import LocalCloud, sandbox
from constructs_lib.localcloud.sandbox import POLICIES
from tests.adopt.estates import EstateMaker, account_of, fill
from tests.adopt.written import adopt_into, found_in, spelled, synthesise
from tests.e2e.deploy_local import settings_of_the_repository
from tests.e2e.installed import ALIPOLICY, Workspace, document, writes
from tests.e2e.node import ROOT
from tests.provider.conftest import Elsewhere
from tests.terraform import named_for_cdktf

BIN = Path(sys.executable).parent


def run(*command: str, cwd: Path, local: LocalCloud) -> str:
    """What a command says, which has to succeed; it knows the local cloud and no other account."""
    environment = sandbox.without_accounts(named_for_cdktf() | os.environ) | sandbox.variables(local)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


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
    fill(cloud, account_of(cloud), EstateMaker(seed).objects(count))
    cloud.forget_requests()
    said = run(ALIPOLICY, "adopt", "--output", "app", "--versions", cwd=tmp_path, local=cloud)
    folder = tmp_path / "app"
    check_code(folder, cloud)
    run(ALIPOLICY, "synth", cwd=folder, local=cloud)
    assert "AD301" not in said
    assert writes(cloud) == []
    ledger = json.loads((folder / "adopted.json").read_text("utf-8"))["adopted"]
    assert len(ledger["backup-policy"]) + len(ledger["policy"]) == count
    total = sum(map(len, ledger.values()))
    applied = apply_imports(folder, workspace)
    assert f"Apply complete! Resources: {total} imported, 0 added, 0 changed, 0 destroyed." in applied
    assert writes(cloud) == []


@pytest.mark.parametrize("target", ["alipolicy", "alicloud"])
def test_two_thousand_policies_say_what_was_read(target: str, cloud: LocalCloud, tmp_path: Path) -> None:
    objects = EstateMaker(2000).objects(2000)
    folder = tmp_path / "app"
    adoption = adopt_into(folder, objects, target)
    left_out = {finding.subject for finding in adoption.findings if finding.code == "AD301"}
    expected = {each.key: spelled(each.kind, each.state) for each in objects if str(each) not in left_out}
    policies = [key for key in expected if key[0] in (EstateKind.BACKUP_POLICY, EstateKind.POLICY)]
    assert len(policies) == 2000 if target == "alipolicy" else len(policies) > 1800
    assert found_in(synthesise(folder)) == expected
    check_code(folder, cloud)


# ------------------------------------------------------------ the stacks and examples of this repository


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What our own app synthesises for our provider."""
    folder = tmp_path_factory.mktemp("stacks")
    (folder / "cdktf.json").write_text(json.dumps(settings_of_the_repository()))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([ALIPOLICY, "synth"], cwd=folder, env=environment, capture_output=True, check=True)
    return folder / "cdktf.out" / "stacks"


def use(file: Path, workspace: Workspace) -> None:
    """Put a configuration into the place of the one that is there, with its state beside it."""
    (workspace.directory / "main.tf").unlink()
    if file.suffix == ".json":
        content = json.loads(file.read_text("utf-8"))
        content["terraform"].pop("backend", None)
        (workspace.directory / "main.tf.json").write_text(json.dumps(content))
    else:
        shutil.copy(file, workspace.directory / "main.tf")
    done = workspace.run("init", "-no-color", "-input=false")
    assert done.status == 0, done.text


def read_back(folder: Path, shown: str) -> dict[Any, Any]:
    """What the app says that is made of what `terraform show -json` prints."""
    file = folder.with_suffix(".json")
    file.write_text(shown)
    adoption = adopt_estate(AdoptedApp.read(folder, "alipolicy"), read_file(file))
    assert [str(each) for each in adoption.findings if each.code not in ("AD304", "AD305")] == []
    return synthesise(folder)


def attributes_of(content: Mapping[str, Any]) -> list[Any]:
    """The resources of Terraform JSON, without their names, and without what only the constructs add."""
    bodies = [
        (
            type_name,
            {key: value for key, value in body.items() if key not in ("//", "lifecycle", "acknowledge")},
        )
        for type_name, resources in content["resource"].items()
        for body in resources.values()
    ]
    text = [json.dumps([type_name, _without_references(body)], sort_keys=True) for type_name, body in bodies]
    return sorted(text)


def _without_references(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_references(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_references(item) for item in value]
    return "a reference" if isinstance(value, str) and value.startswith("${") else value


@pytest.mark.parametrize("stack", ["access", "backups", "protection"])
def test_our_own_stacks_come_back(
    stack: str, stacks: Path, workspace: Workspace, elsewhere: Elsewhere, cloud: LocalCloud, tmp_path: Path
) -> None:
    """As a plan, before anything exists; as the state, after an apply; as the account that holds it."""
    for policy in POLICIES:
        elsewhere.create_policy(policy, document())
    cloud.add_principal("Role", "report-reader")
    use(stacks / stack / "cdk.tf.json", workspace)
    assert workspace.plan(None, "-out=plan.bin").status == 2
    planned = read_back(tmp_path / "planned", workspace.run("show", "-json", "plan.bin").stdout)
    own = json.loads((workspace.directory / "main.tf.json").read_text())
    assert attributes_of(planned) == attributes_of(own)
    assert workspace.apply().status == 0
    stored = read_back(tmp_path / "stored", workspace.run("show", "-json").stdout)
    assert len(stored["import"]) == sum(map(len, own["resource"].values()))
    # In a state that knows nothing, the imports change nothing.
    for folder in ("stored", "account"):
        if folder == "account":
            run(ALIPOLICY, "adopt", "--output", "account", "--versions", cwd=tmp_path, local=cloud)
        run(ALIPOLICY, "synth", cwd=tmp_path / folder, local=cloud)
        (workspace.directory / "terraform.tfstate").unlink()
        (workspace.directory / "main.tf.json").unlink()
        (workspace.directory / "main.tf").touch()
        use(tmp_path / folder / "cdktf.out" / "stacks" / "estate" / "cdk.tf.json", workspace)
        cloud.forget_requests()
        applied = workspace.apply()
        # What no import reads, the rotate_strategy of a version, comes into the state.
        changed = 2 if (stack, folder) == ("access", "stored") else 0
        said = f"imported, 0 added, {changed} changed, 0 destroyed."
        assert said in applied.stdout, applied.text[-4000:]
        assert writes(cloud) == []


@pytest.mark.parametrize(
    "example",
    sorted((ROOT / "examples" / "resources").rglob("resource.tf")),
    ids=lambda path: path.parent.name,
)
def test_hcl_comes_back_by_its_plan(
    example: Path, workspace: Workspace, elsewhere: Elsewhere, cloud: LocalCloud, tmp_path: Path
) -> None:
    elsewhere.create_policy("oss-readers", document())
    cloud.add_principal("Role", "app")
    use(example, workspace)
    planned = workspace.plan(None, "-out=plan.bin")
    assert planned.status == 2, planned.text
    shown = workspace.run("show", "-json", "plan.bin").stdout
    content = read_back(tmp_path / "app", shown)
    changes = [each for each in json.loads(shown)["resource_changes"] if each["mode"] == "managed"]
    assert sum(map(len, content["resource"].values())) == len(changes)
