"""Times synthesis: our construct beside the bindings that `cdktf get` generates, and the floor below both.

`make bench`, or `python -m tests.benchmarks.synth --counts 1 100 --rounds 3`. Every run is a process of its
own; the libraries take turns, so that a busy moment of the machine meets all of them. Medians are shown.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from attrs import frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.benchmarks.program import LIBRARIES
from tests.e2e.bindings import generate_bindings

ROOT = Path(__file__).resolve().parents[2]
MEBIBYTE = 2**20
COLUMNS = ("", "total", "ratio", "cpu", "ratio", "import", "ms each", "synth", "trips", "MiB")

Environment = dict[str, str]


@frozen
class Run:
    """One process: seconds on the clock, seconds of processors, and what it said about itself."""

    total: float
    cpu: float
    measured: dict[str, float]


Runs = dict[tuple[int, str], list[Run]]


def main(counts: list[int], rounds: int, libraries: list[str]) -> None:
    with tempfile.TemporaryDirectory() as bytecode:
        # As after an installation: Python need not compile anything, whatever the shell says about bytecode.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(generate_bindings())]),
            "PYTHONPYCACHEPREFIX": bytecode,
            "PYTHONDONTWRITEBYTECODE": "",
        }
        assert_same_content(libraries, environment)
        runs = measure(counts, rounds, libraries, environment)
    for count in counts:
        Console().print(table(count, {name: runs[count, name] for name in libraries}))


def measure(counts: list[int], rounds: int, libraries: list[str], environment: Environment) -> Runs:
    runs: Runs = {(count, name): [] for count in counts for name in libraries}
    for _ in track(range(rounds), "measuring", transient=True):
        for count, name in runs:
            with tempfile.TemporaryDirectory() as folder:
                runs[count, name].append(run(name, count, folder, environment))
    return runs


def run(library: str, count: int, folder: str, environment: Environment) -> Run:
    command = [sys.executable, "-m", "tests.benchmarks.program", library, str(count), folder]
    started, used = time.perf_counter(), cpu()
    printed = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return Run(time.perf_counter() - started, cpu() - used, json.loads(printed.stdout))


def cpu() -> float:
    """Seconds that finished child processes have used: what a busy machine hardly changes."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def assert_same_content(libraries: list[str], environment: Environment) -> None:
    """What is compared has to be the same Terraform."""
    written = []
    for name in libraries:
        with tempfile.TemporaryDirectory() as folder:
            run(name, 2, folder, environment)
            text = Path(folder, "stacks", "stack", "cdk.tf.json").read_text()
            written.append(json.loads(text, object_hook=without_notes).get("resource"))
    contents = [resources for resources in written if resources]  # the floor has none
    assert all(resources == contents[0] for resources in contents), contents


def without_notes(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != "//"}


def table(count: int, runs: dict[str, list[Run]]) -> Table:
    created = Table(
        title=f"{count:,} policies of three rules: seconds, and their ratio to the last",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title_justify="left",
    )
    for column in COLUMNS:
        created.add_column(column, justify="right" if column else "left", no_wrap=True)
    yardstick = list(runs.values())[-1]
    for name, measured in runs.items():
        of = {
            key: median(measurement.measured[key] for measurement in measured) for key in measured[0].measured
        }
        created.add_row(
            name,
            *compared(measured, yardstick, "total"),
            *compared(measured, yardstick, "cpu"),
            f"{of['import']:.2f}",
            f"{of['construct'] / count * 1000:.2f}",
            f"{of['synth']:.2f}",
            f"{of['trips']:.0f}",
            f"{of['memory'] / MEBIBYTE:.0f}",
        )
    return created


def compared(measured: list[Run], yardstick: list[Run], what: str) -> tuple[str, str]:
    seconds, others = (median(getattr(run, what) for run in runs) for runs in (measured, yardstick))
    return f"{seconds:.2f}", f"{seconds / others:.2f}"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--counts", type=int, nargs="+", default=[1, 100, 1000, 5000], metavar="COUNT")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--libraries", nargs="+", default=list(LIBRARIES), choices=LIBRARIES)
    main(**vars(arguments.parse_args()))
