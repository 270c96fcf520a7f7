"""Where Terraform has started this process: in which workspace, with which state, in which run.

Read from what Terraform keeps in its data directory. Nothing here raises.
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attrs import frozen

from constructs_lib.provider.pending_creates.matching import fingerprint

# What says where a backend keeps its state; what else stands there may be credentials, which change.
_PLACES = (
    *("address", "bucket", "container_name", "hostname", "key", "namespace", "organization", "path"),
    *("prefix", "region", "schema_name", "secret_suffix", "storage_account_name", "workspace_dir"),
    *("workspace_key_prefix", "workspaces"),
)

# A string of JSON, with its quotes.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Seconds in which Terraform has written a state file that it has emptied.
_WRITE_TIME = 0.25


@frozen
class WorkingDirectory:
    """* `data`: Terraform's data directory. `workspace`: the selected one.
    * `state`: differs for each state of a workspace of the same name: one directory may be initialised for
      several, one after the other. Empty for the one beside the data directory.
    * `state_file`: the local one; None where the state is elsewhere.
    """

    data: Path
    workspace: str
    state: str
    state_file: Path | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> WorkingDirectory:
        given = Path(environment.get("TF_DATA_DIR") or ".terraform")
        data = given.absolute()
        workspace = environment.get("TF_WORKSPACE") or _read(data / "environment").strip() or "default"
        try:
            backend = json.loads(_read(data / "terraform.tfstate") or "{}")["backend"]
            kind, config = str(backend["type"]), dict(backend.get("config") or {})
        except (ValueError, LookupError, TypeError, RecursionError):
            kind, config = "local", {}
        place = {name: config[name] for name in _PLACES if config.get(name)}
        if kind == "local" and given.is_absolute():
            # A data directory elsewhere may be shared, and a local state is beside the configuration.
            place["directory"] = os.getcwd()
        is_beside = kind == "local" and not place
        state = "" if is_beside else fingerprint(kind, json.dumps(place, sort_keys=True))
        return cls(data, workspace, state, _state_file(config, workspace) if kind == "local" else None)


def _state_file(config: Mapping[str, object], workspace: str) -> Path:
    """Where the local backend keeps its state; `-state` cannot be seen."""
    if workspace == "default":
        return Path(str(config.get("path") or "terraform.tfstate")).absolute()
    directory = str(config.get("workspace_dir") or "terraform.tfstate.d")
    return Path(directory, workspace, "terraform.tfstate").absolute()


def is_emptied(state_file: Path, terraform: int) -> bool:
    """Whether an earlier Terraform has emptied its state file and not written it, since it was killed between
    the two. `terraform`: the process that runs now, which makes an empty file where there is none, but no
    sooner than a hundredth of a second after it began.

    False where the system does not say when a process began.
    """
    began = seconds_of_start(terraform)
    if began is None or not _is_empty_since(state_file, began):
        return False
    # While it is written, too, it may be empty, and for a moment as old as before.
    time.sleep(_WRITE_TIME)
    return _is_empty_since(state_file, began)


def _is_empty_since(path: Path, moment: float) -> bool:
    """Whether a file is empty, and has been before a moment of CLOCK_BOOTTIME."""
    try:
        there = path.stat()
    except OSError:
        return False
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return not there.st_size and there.st_mtime < booted + moment


def is_in_state_file(state_file: Path | None, name: str) -> bool:
    """Whether a local state has the object of this name, as the journal writes it; False where it has none.

    A plan of some resources only, or one that fails, does not see what the others' state knows.
    """
    return state_file is not None and bool(name) and _is_in(_read(state_file), name)


def _is_in(strings: Container[str], name: str) -> bool:
    """Whether a text of JSON, or a set of its strings with their quotes, has all parts of a name."""
    resource, _, created = name.partition(" of ")
    return all(json.dumps(part) in strings for part in (resource, created) if part)


def serial_without(state_file: Path | None, names: Iterable[str]) -> int | None:
    """The serial of a local state that does not have all objects of these names; None where it has them, or
    there is none.

    Source: OpenTofu, `internal/backend/local`: it writes a local state every 20 seconds and at the end, and
    Terraform after each resource. Encrypted or not, a serial goes up when another state is written.
    """
    text = _read(state_file) if state_file else ""
    # A set: where thousands are created, to look through the text for each would take longer than Terraform
    # waits for a provider that ends.
    strings = frozenset(_STRING.findall(text))
    return None if not text or all(_is_in(strings, name) for name in names) else _serial(text)


def serial_of(state_file: Path | None) -> int | None:
    """The serial of a local state; None where there is none."""
    return _serial(_read(state_file)) if state_file else None


def _serial(text: str) -> int | None:
    try:
        serial = json.loads(text)["serial"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return serial if isinstance(serial, int) else None


class StoredObject(NamedTuple):
    """An object as a state has it: its address, its attributes, and what its provider keeps with it."""

    address: str
    attributes: Mapping[str, Any]
    private: Mapping[str, Any]


def find_in_state_file(state_file: Path | None, type_name: str) -> Iterator[StoredObject]:
    """The objects of a type that a local state has; none where the state is elsewhere, or is encrypted."""
    try:
        resources = json.loads(_read(state_file))["resources"] if state_file else []
        for resource in resources:
            if resource["mode"] != "managed" or resource["type"] != type_name:
                continue
            module = f"{resource['module']}." if "module" in resource else ""
            for instance in resource["instances"]:
                key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
                private = json.loads(base64.b64decode(instance.get("private") or "") or b"{}")
                address = f"{module}{type_name}.{resource['name']}{key}"
                yield StoredObject(address, dict(instance["attributes"]), dict(private))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return


def identify_run(terraform: int) -> str:
    """A name for a run of Terraform: the number of its process alone would be used again, in containers soon.
    Where the system does not say when it began, the number alone."""
    ticks = _start(terraform)
    return str(terraform) if ticks is None else f"{terraform} {ticks}"


def is_over(terraform: int, run: str) -> bool:
    """Whether a run of this name has ended."""
    return not is_running(terraform) or identify_run(terraform) != run


def names_a_state(terraform: int, environment: Mapping[str, str]) -> bool:
    """Whether the command line, or the variables beside it, may say that a local state is not where the
    configuration says. True where the system does not show the command line."""
    words = _command_line(terraform)
    more = " ".join(text for name, text in environment.items() if name.startswith("TF_CLI_ARGS"))
    return not words or any(re.match("--?state", word) for word in [*words, *more.split()])


def seconds_of_start(process: int) -> float | None:
    """When a process began, at the latest, by CLOCK_BOOTTIME; None where the system does not say."""
    ticks = _start(process)
    return None if ticks is None else (ticks + 1) / os.sysconf("SC_CLK_TCK")


def makes_one_plan(terraform: int) -> bool:
    """Whether its command line says that Terraform plans one configuration: the runs of `terraform test` may
    be planned side by side, and have nothing to do with each other. False where it cannot be seen."""
    words = _command_line(terraform)
    return next((word for word in words if word in ("plan", "apply", "test")), "") in ("plan", "apply")


def children_of(process: int) -> frozenset[int] | None:
    """The processes that a process has started and that are not over; None where the system does not say."""
    # Source: proc(5): each thread has those that it started.
    try:
        lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
        return frozenset(int(number) for text in lists for number in text.split()) if lists else None
    except (OSError, ValueError):
        return None


def _command_line(process: int) -> list[str]:
    """The words that a process was started with; none where the system does not say."""
    return [word for word in _read(Path(f"/proc/{process}/cmdline")).split("\0") if word]


def _start(process: int) -> int | None:
    """When a process began, in ticks since the boot."""
    words = _read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    # Source: proc(5): field 22 is the start; the name, field 2, is in parentheses.
    return int(words[19]) if len(words) > 19 else None


def is_running(process: int) -> bool:
    """Whether a process of this number is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
