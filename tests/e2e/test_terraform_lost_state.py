"""Terraform empties its state file before it writes it anew: what is said where it was killed in between."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.provider.conftest import Workspace
from tests.provider.test_backup_policy import HCL, Names


@pytest.fixture
def emptied(own_process: Workspace) -> Workspace:
    """Two applies; the second looks as if it was killed when it wrote the state for the last time."""
    own_process.apply(HCL)
    own_process.apply(HCL + HCL.replace("daily", "second"))
    os.truncate(own_process.directory / "terraform.tfstate", 0)
    return own_process


def test_nothing_is_created_twice_and_the_backup_loses_nothing(emptied: Workspace, names: Names) -> None:
    applied = emptied.apply()
    assert applied.status == 1
    reported = re.sub(r"[\s│]+", " ", applied.text)
    assert "Error: Terraform has lost its state" in reported
    assert len(names("backup policy")) == 2

    command = re.search(r"(cp .*\.backup .*\.tfstate), and apply again", reported)
    assert command is not None
    subprocess.run(command[1], shell=True, check=True)
    applied = emptied.apply()
    assert applied.status == 0, applied.text
    assert "was created by an earlier run" in applied.text
    assert emptied.plan().status == 0
    assert len(names("backup policy")) == 2


def test_a_first_apply_has_no_backup_and_is_taken_over(own_process: Workspace, names: Names) -> None:
    own_process.apply(HCL)
    os.truncate(own_process.directory / "terraform.tfstate", 0)
    applied = own_process.apply()
    assert applied.status == 0, applied.text
    assert "was created by an earlier run" in applied.text
    assert len(names("backup policy")) == 1


def test_both_files_removed_is_a_new_beginning(emptied: Workspace) -> None:
    for name in ("terraform.tfstate", "terraform.tfstate.backup"):
        (emptied.directory / name).unlink()
    assert emptied.plan().status == 2


def test_a_state_that_was_removed_is_a_new_beginning_too(emptied: Workspace) -> None:
    """While it plans, Terraform keeps an empty file in its place."""
    (emptied.directory / "terraform.tfstate").unlink()
    assert emptied.plan().status == 2
