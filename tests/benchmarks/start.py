"""Times what needs no Node: a fresh Python that imports the library and parses, beside a bare Python."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

PROGRAMS = {
    "bare Python": "pass",
    "a schedule": "from constructs_lib import Schedule; Schedule.parse('C|1631685600|0 0 2 ? * 3,5,7')",
    "a document": "from constructs_lib import PolicyDocument; PolicyDocument.from_json("
    '\'{"Statement":[{"Action":["oss:*"],"Effect":"Allow","Resource":["*"]}],"Version":"1"}\')',
}


def main(rounds: int = 5) -> None:
    table = Table(
        title="Import and parse, no Node: milliseconds, medians of 5", box=SIMPLE_HEAD, title_justify="left"
    )
    for heading in ("", "total", "cpu", "total above bare Python"):
        table.add_column(heading, justify="left" if not heading else "right")
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        runs = {
            name: [run(code, environment) for _ in range(rounds + 1)][1:] for name, code in PROGRAMS.items()
        }
    bare = median(total for total, _ in runs["bare Python"])
    for name, measured in runs.items():
        total, cpu = (median(measurement[at] for measurement in measured) for at in (0, 1))
        table.add_row(name, f"{total * 1000:.0f}", f"{cpu * 1000:.0f}", f"{(total - bare) * 1000:.0f}")
    Console().print(table)


def run(code: str, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds on the clock and of processors that one fresh process takes."""
    before = os.times()
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    total = time.perf_counter() - began
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return total, cpu


if __name__ == "__main__":
    main()
