"""What a construct says of itself under `//`: its acknowledgements, and the Python line that made it."""

from __future__ import annotations

import inspect
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from constructs_lib import AlicloudProvider, BackupPolicy, BackupPolicyRule, PolicyVersion, cdktf
from constructs_lib.cdk.comment import make_comment
from constructs_lib.testing import synth

RULES = [
    BackupPolicyRule.backup(schedule="I|1648605600|P1D", vault_id="v-1"),
    BackupPolicyRule.transition(retention=30),
]
LONE = [BackupPolicyRule.backup(schedule="I|1648605600|P1D", vault_id="v-1", retention=7)]
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}'
REASONS = {"BP309": 'kept by the "BACKUP" rule, for ${var.x} days'}

# A module of a team, which makes a policy; it is put into several places.
MAKER = """
from constructs_lib import BackupPolicy
from tests.cdk.test_comment import RULES

def nightly(stack):
    return BackupPolicy(stack, "nightly", rules=RULES)
"""


def comment_of(stack: cdktf.TerraformStack, name: str) -> Any:
    """What stands under `//` in the resource of this name."""
    resources = stack.to_terraform()["resource"]
    (body,) = (of[name] for of in resources.values() if name in of)
    return body["//"]


def source_of(stack: cdktf.TerraformStack, name: str) -> str | None:
    found: str | None = comment_of(stack, name).get("alipolicy", {}).get("source")
    return found


def here(back: int = 1) -> str:
    """The place of the line that many lines before the caller's."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return f"tests/cdk/test_comment.py:{frame.f_back.f_lineno - back}"


def module(path: Path, name: str) -> ModuleType:
    """A module of this name, run from a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MAKER, "utf-8")
    found = ModuleType(name)
    vars(found).update(runpy.run_path(str(path), run_name=name))
    return found


def test_it_names_the_python_line_and_the_reasons_beside_what_cdktf_says(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "lone", rules=LONE, acknowledge=REASONS)
    assert comment_of(stack, "lone") == {
        "alipolicy": {"acknowledge": REASONS, "source": here(2)},
        "metadata": {"path": "stack/lone", "uniqueId": "lone"},
    }


def test_every_way_of_making_a_construct_names_the_line_of_whoever_makes_it(
    stack: cdktf.TerraformStack,
) -> None:
    BackupPolicy.tiered(stack, "tiered", schedule="I|0|P1D", retention=14, vault_id="v-1")
    assert source_of(stack, "tiered") == here()
    PolicyVersion(stack, "version", policy_name="a", policy_document=DOCUMENT, set_as_default=True)
    assert source_of(stack, "version") == here()

    class Own(BackupPolicy):
        def __init__(self, scope: Any, id_: str) -> None:
            super().__init__(scope, id_, rules=RULES)

    Own(stack, "own")
    # The line in the class: what is written there is what the policy says.
    assert source_of(stack, "own") == here(4)


def test_tokens_and_meta_arguments_change_nothing_about_it(stack: cdktf.TerraformStack) -> None:
    days = cdktf.TerraformVariable(stack, "days", type="number").number_value
    rules = [RULES[0], BackupPolicyRule.transition(retention=days)]
    BackupPolicy(stack, "counted", rules=rules, count=2)
    assert source_of(stack, "counted") == here()


def test_what_a_user_adds_to_the_comment_stays(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "noted", rules=RULES).add_override("//.team", "storage")
    said = comment_of(stack, "noted")
    assert set(said) == {"alipolicy", "metadata", "team"}


def test_a_path_outside_of_the_project_is_never_shown(
    stack: cdktf.TerraformStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = module(tmp_path / "acme.py", "acme.backups")
    maker.nightly(stack)
    # The line here called it.
    assert source_of(stack, "nightly") == here(2)
    monkeypatch.chdir(tmp_path / "..")
    monkeypatch.setattr("constructs_lib.cdk.comment._find_in_folder", lambda file, folder: None)
    assert make_comment() == {"//": {"alipolicy": {"source": __name__}}}


def test_a_line_in_an_installed_package_is_none_of_the_project(
    stack: cdktf.TerraformStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    installed = module(tmp_path / ".venv" / "lib" / "site-packages" / "acme.py", "acme")
    installed.nightly(stack)
    assert source_of(stack, "nightly") == "acme"
    own = module(tmp_path / "stacks" / "own.py", "own")
    other = cdktf.TerraformStack(cdktf.App.of(stack), "other")
    AlicloudProvider(other, "alicloud")
    own.nightly(other)
    assert source_of(other, "nightly") == "stacks/own.py:6"


def test_a_program_outside_of_any_project_has_no_source(tmp_path: Path) -> None:
    program = "from constructs_lib.cdk.comment import make_comment as m; print(m(), m({'BP309': 'x'}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "{} {'//': {'alipolicy': {'acknowledge': {'BP309': 'x'}}}}"


def test_hcl_has_none(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "lone", rules=LONE, acknowledge=REASONS)
    assert "BP309" not in cdktf.Testing.synth_hcl(stack)


def test_a_snapshot_has_the_reasons_and_no_lines(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "lone", rules=LONE, acknowledge=REASONS)
    BackupPolicy(stack, "daily", rules=RULES)
    policies = synth(stack)["resource"]["alicloud_hbr_policy"]
    assert policies["lone"]["//"] == {"alipolicy": {"acknowledge": REASONS}}
    assert "//" not in policies["daily"]


def test_a_reason_of_any_string_stands_there_in_utf_8(stack: cdktf.TerraformStack) -> None:
    BackupPolicy(stack, "lone", rules=LONE, acknowledge={"BP309": "half \ud800, \0, \u2028, \u202e"})
    reasons = comment_of(stack, "lone")["alipolicy"]["acknowledge"]
    assert reasons == {"BP309": "half \\ud800, \0, \u2028, \u202e"}


def test_a_file_of_any_name_is_a_printable_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_lib.cdk.comment._find_in_folder", lambda file, folder: "\udc80\u202e.py")
    assert make_comment()["//"]["alipolicy"]["source"].startswith(r"\udc80\u202e.py:")
