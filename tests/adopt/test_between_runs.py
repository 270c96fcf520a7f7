"""Between two runs: nothing that a person has edited is touched, or the run says why it cannot add to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from constructs_lib.adopt.adopting import adopt_estate
from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.command import adopt
from constructs_lib.adopt.estate import AdoptError, Estate, EstateKind, EstateObject
from constructs_lib.adopt.module import parse_python
from constructs_lib.adopt.syntax import imports_in
from tests.adopt.test_adding import VAULT, backups, texts
from tests.adopt.written import adopt_into, found_in, synthesise


def vault(number: int) -> EstateObject:
    state = {"vault_name": f"vault-{number}", "vault_type": "STANDARD"}
    return EstateObject(kind=EstateKind.VAULT, id=f"v-{number}", state=state)


def imported(folder: Path) -> Counter[str]:
    """How often the code imports each id."""
    modules = (folder / "estate").rglob("*.py")
    trees = [parse_python(path, path.read_text("utf-8-sig")) for path in modules]
    return Counter(id_ for tree in trees for _, id_, _ in imports_in(tree))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app with one vault."""
    adopt_into(tmp_path / "app", [VAULT])
    return tmp_path / "app"


@pytest.fixture
def vaults(app: Path) -> Path:
    return app / "estate" / "vaults.py"


# ------------------------------------------------------------ edited by hand


def test_line_ends_and_a_byte_order_mark_stay(app: Path, vaults: Path) -> None:
    windows = b"\xef\xbb\xbf" + vaults.read_bytes().replace(b"\n", b"\r\n")
    vaults.write_bytes(windows)
    assert adopt_into(app, [VAULT]).new == ()
    assert vaults.read_bytes() == windows
    adopt_into(app, [VAULT, vault(2)])
    after = vaults.read_bytes()
    assert after.startswith(windows)
    assert after.count(b"\n") == after.count(b"\r\n") > windows.count(b"\r\n")


@pytest.mark.parametrize("character", ["\u2028", "\x0c", "\x85", "\x1c"])
def test_what_only_looks_like_the_end_of_a_line_stays(character: str, app: Path, vaults: Path) -> None:
    before = vaults.read_text("utf-8").replace("class Vaults", f"# one{character}two\nclass Vaults")
    vaults.write_text(before, "utf-8", newline="")
    adopt_into(app, [VAULT, vault(2)])
    assert vaults.read_text("utf-8").startswith(before)


def test_a_comment_stays_below_what_it_is_about(app: Path, vaults: Path) -> None:
    own = "        # Ask before this one is deleted.\n\n        # It is the last of its kind.\n"
    before = vaults.read_text("utf-8") + own + "\n\nOWNER = 1  # of all of them\n"
    vaults.write_text(before, "utf-8")
    adopt_into(app, [VAULT, vault(2)])
    after = vaults.read_text("utf-8")
    assert after.index("last of its kind") < after.index("self.vault_2") < after.index("OWNER")
    assert len(imported(app)) == 2


@pytest.mark.parametrize("step", ["  ", "\t"])
def test_another_indentation_is_kept(step: str, app: Path, vaults: Path) -> None:
    lines = vaults.read_text("utf-8").split("\n")
    indented = [step * ((len(line) - len(line.lstrip())) // 4) + line.lstrip() for line in lines]
    vaults.write_text("\n".join(indented), "utf-8")
    adopt_into(app, [VAULT, vault(2)])
    assert f"\n{step * 2}self.vault_2 = " in vaults.read_text("utf-8")
    assert len(found_in(synthesise(app))) == 2


def test_an_import_with_a_comment_stays(app: Path) -> None:
    module = app / "estate" / "backup_policies.py"
    own = "from constructs_lib import cdktf  # the engine\n"
    module.write_text(module.read_text("utf-8").replace("from constructs_lib import cdktf\n", own), "utf-8")
    adopt_into(app, [VAULT, backups(1)])
    assert f"{own}from constructs_lib import BackupPolicy" in module.read_text("utf-8")
    assert len(found_in(synthesise(app))) == 2


def test_a_constructor_on_one_line_is_told(app: Path, vaults: Path) -> None:
    vaults.write_text("class Vaults:\n    def __init__(self, stack, *others): ...\n", "utf-8")
    before = texts(app)
    with pytest.raises(AdoptError, match="the __init__ of Vaults is on one line"):
        adopt_into(app, [vault(2)])
    assert texts(app) == before


def test_what_moved_to_another_file_is_known(app: Path, vaults: Path) -> None:
    """Even where nobody remembers it."""
    text = vaults.read_text("utf-8")
    (app / "estate" / "gold").mkdir()
    (app / "estate" / "gold" / "vaults.py").write_text(text.replace("Vaults", "GoldVaults"), "utf-8")
    vaults.write_text(text[: text.index("        self.gold")], "utf-8")
    ledger = app / "adopted.json"
    ledger.write_text(ledger.read_text("utf-8").replace('"v-1"', ""), "utf-8")
    assert adopt_into(app, [VAULT]).new == ()


def test_a_module_that_was_deleted_stays_away(app: Path, vaults: Path) -> None:
    (app / "estate" / "policy_versions.py").unlink()
    adopt_into(app, [VAULT, vault(2)])
    assert not (app / "estate" / "policy_versions.py").exists()


@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_no_stack_would_have_is_not_written(is_deleted: bool, app: Path, vaults: Path) -> None:
    stack = app / "estate" / "stack.py"
    text = stack.read_text("utf-8").replace("vaults = Vaults(self)", "vaults = None")
    stack.write_text(text, "utf-8")
    if is_deleted:
        vaults.unlink()
        stack.write_text(text.replace("from .vaults import Vaults\n", ""), "utf-8")
    before = texts(app)
    with pytest.raises(AdoptError, match=r"nothing in .*estate makes Vaults\(…\) any more, .*stack.py"):
        adopt_into(app, [VAULT, vault(2)])
    assert texts(app) == before
    stack.write_text(text.replace("import Vaults", "import Vaults as V").replace("None", "V(self)"), "utf-8")
    assert adopt_into(app, [VAULT, vault(2)]).new == (vault(2),)


# ------------------------------------------------------------ made by the app

_OWN = """
from constructs_lib import BackupPolicyBinding, BackupVault, OssBucket, Policy, PolicyAttachment, cdktf


def own(stack: cdktf.TerraformStack) -> None:
    BackupVault(stack, "own", vault_name="own ${x}")
    BackupPolicyBinding(stack, "logs", policy_id="po-1", source=OssBucket("logs"))
    readers: Policy = Policy(stack, "readers", policy_name="readers", policy_document={})
    readers.attach_to_role("app")
    PolicyAttachment(stack, "al", policy_name="readers", user_name="al")
"""


def test_what_the_app_makes_itself_is_told_and_gets_no_second_resource(app: Path) -> None:
    (app / "estate" / "own.py").write_text(_OWN.replace("${", "$${"), "utf-8")
    bound = {"policy_id": "po-1", "source_type": "OSS", "data_source_id": "logs"}
    document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}'
    attached = {"policy_name": "readers", "policy_type": "Custom"}
    made = [
        EstateObject(kind=EstateKind.VAULT, id="v-9", state={"vault_name": "own ${x}"}),
        EstateObject(kind=EstateKind.BINDING, id="po-1:OSS:logs", state=bound),
        EstateObject(
            kind=EstateKind.POLICY,
            id="readers",
            state={"policy_name": "readers", "policy_document": document},
        ),
        EstateObject(
            kind=EstateKind.ATTACHMENT, id="role:app:Custom:readers", state={**attached, "role_name": "app"}
        ),
        EstateObject(
            kind=EstateKind.ATTACHMENT, id="user:al:Custom:readers", state={**attached, "user_name": "al"}
        ),
    ]
    others = [
        vault(2),
        EstateObject(
            kind=EstateKind.ATTACHMENT, id="user:bo:Custom:readers", state={**attached, "user_name": "bo"}
        ),
    ]
    adoption = adopt_into(app, [VAULT, *made, *others])
    assert {each.key for each in adoption.new} == {each.key for each in others}
    assert [each.code for each in adoption.findings] == ["AD306"] * len(made)
    assert adopt_into(app, [VAULT, *made, *others]).findings == ()


@pytest.mark.parametrize("is_taken_out", [False, True])
def test_another_one_of_the_same_name_is_new(is_taken_out: bool, app: Path, vaults: Path) -> None:
    """Whether the import of the first is still there, or was taken out once it was applied."""
    if is_taken_out:
        vaults.write_text(
            vaults.read_text("utf-8").replace('        self.gold.import_from("v-1")\n', ""), "utf-8"
        )
    twin = EstateObject(kind=EstateKind.VAULT, id="v-2", state={"vault_name": "gold"})
    assert adopt_into(app, [VAULT, twin]).new == (twin,)


# ------------------------------------------------------------ the ledger


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('[\n      "v-1"\n    ]', '"v-1"'),
        ('"vault"', '"vualt"'),
        ('"cn-hangzhou"', "null"),
        ('"v-1"', "1"),
        ('"account": "",', ""),
        ("{\n", "<<<<<<< HEAD\n{\n"),
    ],
)
def test_a_ledger_that_was_edited_badly_is_told(right: str, wrong: str, app: Path) -> None:
    ledger = app / "adopted.json"
    assert right in ledger.read_text("utf-8")
    ledger.write_text(ledger.read_text("utf-8").replace(right, wrong, 1), "utf-8")
    before = texts(app)
    with pytest.raises(AdoptError, match=r"adopted\.json is not what `alipolicy adopt` writes: restore it"):
        adopt_into(app, [VAULT, vault(2)])
    assert texts(app) == before


def test_what_was_taken_out_of_the_ledger_is_written_anew(app: Path, vaults: Path) -> None:
    text = vaults.read_text("utf-8")
    vaults.write_text(text[: text.index("        self.gold")], "utf-8")
    assert adopt_into(app, [VAULT]).new == ()
    ledger = app / "adopted.json"
    ledger.write_text(ledger.read_text("utf-8").replace('"v-1"', ""), "utf-8")
    assert adopt_into(app, [VAULT]).new == (VAULT,)
    assert vaults.read_text("utf-8") == text


# ------------------------------------------------------------ while it runs


def test_what_is_saved_meanwhile_is_not_written_over(app: Path, vaults: Path) -> None:
    """Reading an account takes a minute."""
    opened = AdoptedApp.read(app, "alipolicy")
    vaults.write_text(vaults.read_text("utf-8") + "# saved meanwhile\n", "utf-8")
    before = texts(app)
    with pytest.raises(AdoptError, match=r"vaults\.py was changed meanwhile, and stays as it is now"):
        adopt_estate(opened, Estate.of([VAULT, vault(2)], "cn-hangzhou"))
    assert texts(app) == before


@pytest.mark.parametrize("is_new", [True, False])
def test_of_two_runs_at_once_one_is_refused(is_new: bool, tmp_path: Path) -> None:
    if not is_new:
        adopt_into(tmp_path, [VAULT])
    first, second = AdoptedApp.read(tmp_path, "alipolicy"), AdoptedApp.read(tmp_path, "alipolicy")
    adopt_estate(first, Estate.of([vault(2)], "cn-hangzhou"))
    with pytest.raises(AdoptError, match="was changed meanwhile"):
        adopt_estate(second, Estate.of([backups(3, vault_id="v-2")], "cn-hangzhou"))
    adopt_into(tmp_path, [vault(2), backups(3, vault_id="v-2")])
    assert set(imported(tmp_path).values()) == {1}


_KILLED = """
import os, sys
from pathlib import Path
from constructs_lib.adopt import saving
from tests.adopt.test_between_runs import vault
from tests.adopt.test_adding import VAULT, backups
from tests.adopt.written import adopt_into
left = int(sys.argv[2])
replace = os.replace
def replace_or_die(*paths):
    global left
    if not left:
        os.kill(os.getpid(), 9)
    left -= 1
    replace(*paths)
saving.os.replace = replace_or_die
adopt_into(Path(sys.argv[1]), [VAULT, vault(2), backups(3)])
"""


@pytest.mark.parametrize("replaced", [0, 1, 2])
def test_what_a_killed_run_has_left_is_completed(replaced: int, app: Path) -> None:
    """All of its files are whole, and what they import is there once."""
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(app), str(replaced)], cwd=os.getcwd())
    assert killed.returncode == -9
    assert set(imported(app).values()) == {1}
    adopt_into(app, [VAULT, vault(2), backups(3)])
    assert imported(app) == {"v-1": 1, "v-2": 1, "po-3": 1}
    assert len(found_in(synthesise(app))) == 3
    assert list(app.rglob(".alipolicy-*")) == []


def test_what_a_killed_first_run_has_left_is_told(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path / "app"), "3"], cwd=os.getcwd())
    with pytest.raises(AdoptError, match=r"or what an interrupted run has left: it has no adopted\.json"):
        AdoptedApp.read(tmp_path / "app", "alipolicy")


@pytest.mark.parametrize("place", ["file/app", "app"])
def test_a_place_that_cannot_be_written_is_told_in_one_line(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("documents.json").write_text('{"readers": {"Version": "1", "Statement": []}}')
    if place == "app":
        adopt_into(tmp_path / "app", [VAULT])
        Path("app/adopted.json").unlink()
        Path("app/adopted.json").mkdir()
    done = CliRunner().invoke(adopt, ["documents.json", "--output", place])
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {place.partition('/')[0]}")


# ------------------------------------------------------------ in the account


def test_what_is_gone_or_renamed_is_left_to_the_plan(app: Path) -> None:
    adopt_into(app, [VAULT, vault(2)])
    before = texts(app)
    renamed = EstateObject(kind=EstateKind.VAULT, id="v-1", state={"vault_name": "silver"})
    assert adopt_into(app, [renamed]).new == ()
    assert texts(app) == before
