"""A second run adds what is new, and touches nothing that a person has edited."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from constructs_lib.adopt.adopting import adopt_estate
from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.estate import AdoptError, Estate, EstateKind, EstateObject
from tests.adopt.estates import EstateMaker
from tests.adopt.written import adopt_into, found_in, spelled, synthesise

DAILY = "I|1648647166|P1D"
VAULT = EstateObject(kind=EstateKind.VAULT, id="v-1", state={"vault_name": "gold", "vault_type": "STANDARD"})


def backups(number: int, name: str = "", vault_id: str = "v-1") -> EstateObject:
    rules = [
        {"rule_type": "BACKUP", "schedule": DAILY, "backup_type": "COMPLETE", "vault_id": vault_id},
        {"rule_type": "TRANSITION", "retention": 30},
    ]
    state = {"policy_name": name or f"daily-{number}", "policy_type": "STANDARD", "rules": rules}
    return EstateObject(kind=EstateKind.BACKUP_POLICY, id=f"po-{number}", state=state)


def texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    objects = EstateMaker(3).objects(20)
    assert len(adopt_into(tmp_path / "app", objects).new) == len(objects)
    before = texts(tmp_path / "app")
    assert adopt_into(tmp_path / "app", objects).new == ()
    assert texts(tmp_path / "app") == before
    adopt_into(tmp_path / "again", objects)
    assert texts(tmp_path / "again") == before


def test_what_is_new_comes_to_what_was_edited(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    adopt_into(folder, [VAULT, backups(1), backups(2)])
    module = folder / "estate" / "backup_policies.py"
    edited = module.read_text("utf-8").replace("self.daily_1", "self.every_day")
    edited = edited.replace(
        "    def __init__", "    # Ask the backup team before you change one.\n    def __init__"
    )
    edited += '\n\ndef owners() -> list[str]:\n    """Who to ask."""\n    return ["backup"]\n'
    module.write_text(edited, "utf-8")
    objects = [VAULT, backups(1), backups(2), backups(3, vault_id="v-9")]
    added = adopt_into(folder, objects)
    assert [each.id for each in added.new] == ["po-3"]
    after = module.read_text("utf-8")
    kept = iter(after.splitlines())
    assert all(line in kept for line in edited.splitlines())
    # What it needs is there already: the constant, and the imports.
    assert after.count("Schedule.every(") == 1
    assert "schedule=EVERY_DAY" in after.partition("self.daily_3")[2]
    assert found_in(synthesise(folder)) == {each.key: spelled(each.kind, each.state) for each in objects}


def test_an_import_that_is_taken_out_after_the_apply_is_remembered(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    adopt_into(folder, [VAULT])
    module = folder / "estate" / "vaults.py"
    lines = module.read_text("utf-8").splitlines(keepends=True)
    module.write_text("".join(line for line in lines if "import_from" not in line), "utf-8")
    assert adopt_into(folder, [VAULT]).new == ()


def test_an_import_that_a_person_wrote_is_known(tmp_path: Path) -> None:
    """In another module, on another construct, and without a name."""
    folder = tmp_path / "app"
    adopt_into(folder, [])
    (folder / "estate" / "own.py").write_text(
        "from constructs_lib import BackupVault, Policy, cdktf\n\n\n"
        "def own(stack: cdktf.TerraformStack) -> None:\n"
        '    gold = BackupVault(stack, "gold", vault_name="gold")\n'
        '    gold.import_from("v-1")\n'
        '    Policy(stack, "v", policy_name="v-2", policy_document="").import_from("v-2")\n'
        '    unknown(stack).import_from("po-7")\n',
        "utf-8",
    )
    mine = EstateObject(kind=EstateKind.VAULT, id="v-2", state={"vault_name": "silver"})
    added = adopt_into(folder, [VAULT, mine, backups(7)])
    # The policy is called like the vault, and is another thing; what is not understood may be anything.
    assert [each.id for each in added.new] == ["v-2"]
    assert "gold" not in (folder / "estate" / "vaults.py").read_text("utf-8")
    listed = json.loads((folder / "adopted.json").read_text("utf-8"))["adopted"]
    assert listed == {"vault": ["v-1", "v-2"], "backup-policy": ["po-7"]}
    assert '"silver"' in (folder / "estate" / "vaults.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("estate/vaults.py", "x = 1\n", "has no class Vaults any more"),
        ("estate/vaults.py", "class Vaults:\n    pass\n", "has no __init__(self, stack, …) any more"),
        ("estate/vaults.py", "class Vaults:\n", "is no Python that can be read"),
        ("estate/mine.py", "def (", "is no Python that can be read"),
        ("adopted.json", "[]", "is not what `alipolicy adopt` writes"),
        ("adopted.json", "{", "is not what `alipolicy adopt` writes"),
    ],
)
def test_where_nothing_can_be_added_nothing_is_written(
    path: str, text: str, problem: str, tmp_path: Path
) -> None:
    folder = tmp_path / "app"
    adopt_into(folder, [backups(1)])
    (folder / path).write_text(text, "utf-8")
    before = texts(folder)
    with pytest.raises(AdoptError, match=problem.replace("(", r"\(").replace(")", r"\)")):
        adopt_into(folder, [VAULT, backups(1)])
    assert texts(folder) == before


def test_another_app_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text("{}")
    with pytest.raises(AdoptError, match="holds another app"):
        AdoptedApp.read(tmp_path, "alipolicy")
    adopt_into(tmp_path / "app", [VAULT])
    with pytest.raises(AdoptError, match="was written for --target alipolicy"):
        AdoptedApp.read(tmp_path / "app", "alicloud")


def test_a_module_without_its_parameter_gets_ids(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    adopt_into(folder, [VAULT])
    module = folder / "estate" / "backup_policies.py"
    text = module.read_text("utf-8")
    module.write_text(
        text.replace(", vaults: Vaults", "").replace("\nfrom .vaults import Vaults\n", ""), "utf-8"
    )
    adopt_into(folder, [VAULT, backups(1)])
    assert 'vault_id="v-1"' in module.read_text("utf-8")


def test_equal_names_are_told_apart_by_what_they_stand_for(tmp_path: Path) -> None:
    objects = [VAULT, *(backups(number, "nightly") for number in range(200))]
    adopt_into(tmp_path / "all", objects)
    adopt_into(tmp_path / "few", [*objects[:5], *objects[100:]])
    names = {}
    for folder in ("all", "few"):
        tree = ast.parse((tmp_path / folder / "estate" / "backup_policies.py").read_text("utf-8"))
        held = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
        names[folder] = {
            ast.unparse(each.targets[0]) for each in held if ast.unparse(each).startswith("self.")
        }
    assert len(names["all"]) == 200
    assert names["few"] < names["all"]
    assert len(found_in(synthesise(tmp_path / "all"))) == 201


def test_the_ledger_is_short_and_sorted(tmp_path: Path) -> None:
    adopt_into(tmp_path, [backups(2), VAULT, backups(1)])
    ledger = json.loads((tmp_path / "adopted.json").read_text("utf-8"))
    adopted = {"vault": ["v-1"], "backup-policy": ["po-1", "po-2"]}
    assert ledger == {"target": "alipolicy", "region": "cn-hangzhou", "account": "", "adopted": adopted}


def test_another_region_is_another_app(tmp_path: Path) -> None:
    adopt_into(tmp_path, [VAULT])
    with pytest.raises(AdoptError, match="is for cn-hangzhou, and this is cn-shanghai"):
        adopt_estate(AdoptedApp.read(tmp_path, "alipolicy"), Estate.of([VAULT], "cn-shanghai"))
    # A file does not say where it is from.
    assert adopt_estate(AdoptedApp.read(tmp_path, "alipolicy"), Estate.of([VAULT])).new == ()


def test_another_account_is_another_app(tmp_path: Path) -> None:
    """Its policies are called alike, and are other ones."""

    def adopt_of(account: str, region: str = "cn-hangzhou") -> tuple[EstateObject, ...]:
        app = AdoptedApp.read(tmp_path, "alipolicy")
        return adopt_estate(app, Estate.of([VAULT], region, account)).new

    assert adopt_of("") == (VAULT,)
    assert adopt_of("111") == ()  # from now on, it is known whose it is
    before = texts(tmp_path)
    for account, named in (("222", "222"), ("", "one that STS does not name")):
        with pytest.raises(
            AdoptError, match=f"is for account 111, and this is {named}: give another --output"
        ):
            adopt_of(account)
    assert adopt_of("", region="") == ()  # of a file
    assert texts(tmp_path) == before


@pytest.mark.parametrize("name", ["alipolicy", "alicloud", "estate", "stack"])
def test_no_name_is_that_of_the_frame(name: str, tmp_path: Path) -> None:
    vault = EstateObject(kind=EstateKind.VAULT, id="v-1", state={"vault_name": name})
    for target in ("alipolicy", "alicloud"):
        adopt_into(tmp_path / target, [vault], target)
        assert len(found_in(synthesise(tmp_path / target))) == 1
