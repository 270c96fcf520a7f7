"""Where Terraform has started this process: in which workspace, with which state, in which run.

Read from what Terraform keeps in its data directory. Nothing here raises.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from constructs_lib.provider.sameness import fingerprint

# What says where a backend keeps its state; what else stands there may be credentials, which change.
_PLACES = (
    *("address", "bucket", "container_name", "hostname", "key", "namespace", "organization", "path"),
    *("prefix", "region", "schema_name", "secret_suffix", "storage_account_name", "workspace_dir"),
    *("workspace_key_prefix", "workspaces"),
)


@frozen
class WorkingDirectory:
    """* `data`: Terraform's data directory. `workspace`: the selected one.
    * `state`: tells the state from others of a workspace of the same name: one directory may be initialised
      for several, one after the other. Empty for the one beside the data directory.
    * `keeps_state`: whether the state is a local file.
    """

    data: Path
    workspace: str
    state: str
    keeps_state: bool

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> WorkingDirectory:
        given = Path(environment.get("TF_DATA_DIR") or ".terraform")
        data = given.absolute()
        workspace = environment.get("TF_WORKSPACE") or _text(data / "environment").strip() or "default"
        try:
            backend = json.loads(_text(data / "terraform.tfstate") or "{}")["backend"]
            kind, config = str(backend["type"]), dict(backend.get("config") or {})
        except (ValueError, LookupError, TypeError):
            kind, config = "local", {}
        place = {name: config[name] for name in _PLACES if config.get(name)}
        if kind == "local" and given.is_absolute():
            # A data directory elsewhere may be shared, and a local state is beside the configuration.
            place["directory"] = os.getcwd()
        is_beside = kind == "local" and not place
        state = "" if is_beside else fingerprint(kind, json.dumps(place, sort_keys=True))
        return cls(data, workspace, state, kind == "local")


def run_of(terraform: int) -> str:
    """What tells a run of Terraform, by the number of its process, from all others: numbers are used again,
    in containers soon. Where the system does not say when it began, the number alone."""
    words = _text(Path(f"/proc/{terraform}/stat")).rpartition(")")[2].split()
    # Source: proc(5): field 22 is the start, in ticks since the boot; the name, field 2, is in parentheses.
    return f"{terraform} {words[19]}" if len(words) > 19 else str(terraform)


def runs(process: int) -> bool:
    """Whether a process of this number is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
