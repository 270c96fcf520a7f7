"""A real Terraform with the example provider."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from tests import terraform
from tests.provider.protocol.example import ADDRESS
from tests.terraform import REPOSITORY as REPOSITORY
from tests.terraform import command as command
from tests.terraform import reacts_to_ctrl_c as reacts_to_ctrl_c


class Workspace(terraform.Workspace):
    """A workspace with the example provider, and the store that it keeps its notes in."""

    def __init__(self, directory: Path, program: str = "example.py") -> None:
        super().__init__(directory, ADDRESS, [sys.executable, str(Path(__file__).with_name(program))])
        self.store = directory / "store"
        self.store.mkdir()
        self.environment["LAB_STORE"] = str(self.store)

    def provider_block(self) -> str:
        return f'provider "lab" {{\n  store = "{self.store}"\n}}\n'

    def notes(self) -> list[dict[str, Any]]:
        """What the provider's store holds."""
        return [pickle.loads(path.read_bytes()) for path in sorted(self.store.iterdir())]
