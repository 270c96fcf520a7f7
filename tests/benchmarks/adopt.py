"""Times the way from an account to files for Terraform: adopt, ruff, mypy and synth, in seconds of CPU.

`make bench`, or `python -m tests.benchmarks.adopt --counts 500`: so many policies of both kinds, with the
vaults, bindings, versions and attachments that belong to them, in a local cloud. Its own work is not counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from constructs_lib.localcloud import LocalCloud, sandbox
from tests.adopt.estates import EstateMaker, account_of, fill

BIN = Path(sys.executable).parent
MOST_SECONDS = 60
STEPS = {
    "adopt": ("alipolicy", "adopt", "--output", ".", "--versions"),
    "ruff": ("ruff", "check", "--isolated", "--no-cache", "estate"),
    "mypy --strict": ("mypy", "--strict", "--cache-dir", os.devnull, "estate"),
    "synth": ("alipolicy", "synth"),
}


def run(cloud: LocalCloud, folder: Path, program: str, *arguments: str) -> tuple[float, float]:
    """The seconds of CPU, and on the clock, of a command that succeeds; SystemExit: it did not."""
    environment = sandbox.without_accounts(dict(os.environ)) | sandbox.variables(cloud)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [str(BIN / program), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", nargs="+", type=int, default=[500])
    table = Table(
        title=f"Adopt an account: seconds of CPU (and on the clock); {MOST_SECONDS} at most for 500 policies",
        box=SIMPLE_HEAD,
        title_justify="left",
    )
    for heading in ("policies", "objects", *STEPS, "all"):
        table.add_column(heading, justify="right")
    for count in parser.parse_args().counts:
        objects = EstateMaker(2).objects(count)
        with LocalCloud() as cloud, tempfile.TemporaryDirectory() as folder:
            fill(cloud, account_of(cloud), objects)
            took = [run(cloud, Path(folder), *step) for step in STEPS.values()]
        total = sum(used for used, _ in took), sum(clock for _, clock in took)
        cells = [f"{used:.1f} ({clock:.1f})" for used, clock in (*took, total)]
        table.add_row(f"{count:,}", f"{len(objects):,}", *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
