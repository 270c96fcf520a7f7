"""What the processes of one plan tell each other: there is one for each configuration of the provider.

They share a file of the run, in the journal's directory. What another process has told is of the same plan if
it did so after this one began: Terraform starts the processes of a plan before it plans with any of them, as
it locks their use meanwhile, and is done with all of them before it plans or applies next. Only a process
whose configuration comes from another resource is started later, and may miss what was told before.

Nothing here raises. No messages are in reattach mode, and where the system does not tell of processes.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from constructs_lib.provider.pending_creates.log import Record, lock_directory
from constructs_lib.provider.pending_creates.terraform_run import (
    children_of,
    identify_run,
    makes_one_plan,
    seconds_of_start,
)

_SUFFIX = ".plan"


class PlanMessages:
    """* `directory`: the journal's; None: there is none.
    * `terraform`, `process`: the numbers of Terraform's process and of this one.
    """

    def __init__(self, directory: Path | None, terraform: int, process: int) -> None:
        self._terraform, self._process = terraform, process
        self._path = directory / _file_name(terraform) if directory else None
        self._size_read = 0
        self._told: list[Record] = []

    @cached_property
    def is_alone(self) -> bool:
        """Whether there is no other process of this plan to tell anything, and none that has told something:
        Terraform ends each as soon as all of its resources are planned."""
        # Twice: while a child ends, another may be left out. Source: proc(5), /proc/pid/task/tid/children.
        alone = frozenset({self._process})
        if any(children_of(self._terraform) != alone for _ in range(2)):
            return False
        # Afterwards: who was there a moment ago, and is over now, has told what there is.
        return self._path is None or not self._path.exists()

    def exchange(self, message: Record) -> list[Record]:
        """Tell the other processes of this plan something; what they have told by now."""
        path = self._path
        if path is None or self._began is None or not self._makes_one_plan:
            return []
        line = {"process": self._process, "at": time.clock_gettime(time.CLOCK_BOOTTIME), "message": message}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = lock_directory(path.parent)
            try:
                if not path.exists():
                    _remove_ended(path.parent)
                with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
                    file.seek(self._size_read)
                    new = [json.loads(each) for each in file.read().splitlines()]
                    others = [each for each in new if each["process"] != self._process]
                    self._told += [dict(each["message"]) for each in others if each["at"] > self._began]
                    file.write(json.dumps(line).encode() + b"\n")
                    self._size_read = file.tell()
            finally:
                os.close(lock)
            return self._told
        except (OSError, ImportError, ValueError, LookupError, TypeError):
            return []

    @cached_property
    def _began(self) -> float | None:
        return seconds_of_start(self._process)

    @cached_property
    def _makes_one_plan(self) -> bool:
        return makes_one_plan(self._terraform)


def _remove_ended(directory: Path) -> None:
    """Remove the files of runs that are over."""
    for path in directory.glob(f"*{_SUFFIX}"):
        with suppress(OSError, ValueError):
            if _file_name(int(path.stem.partition("-")[0])) != path.name:
                path.unlink()


def _file_name(terraform: int) -> str:
    return f"{identify_run(terraform).replace(' ', '-')}{_SUFFIX}"
