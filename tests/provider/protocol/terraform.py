"""A real Terraform with the example provider."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from tests import terraform
from tests.provider.protocol.example import ADDRESS

FULL = """
  document = jsonencode({ a = 1 })
  weight   = 0.1
  labels   = { x = "y" }
  places   = ["b", "a"]
  steps    = [1, 2.5, 123456789012345678901234567890]
  extra    = { a = [1, "x", null], b = true }
  secret   = "hunter2hunter2"
  rules {
    days     = 7
    document = "{ \\"b\\": 1 }"
    parts {
      key = "k"
    }
  }
  rules {
    days = 9
  }
  filters {
    key = "z"
  }
  filters {
    key      = "q"
    operator = "NOT"
  }
  place {
    region = "r"
  }
  timeouts {
    create = "1m"
  }
"""


def note(body: str = "", name: str = "one") -> str:
    return f'resource "lab_note" "a" {{\n  name = "{name}"\n{body}\n}}\n'


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
