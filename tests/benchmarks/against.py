"""Times this commit beside an older one, in turn, in processes of their own: ratios of CPU seconds.

`make bench-against REV=f1c8760`, or `python -m tests.benchmarks.against f1c8760 --rounds 7`. Both run
Python and the packages of this checkout, so that only the project's own code differs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.benchmarks.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests/benchmarks/workloads.py"


@contextmanager
def checkout(reference: str) -> Iterator[Path]:
    """The tree of a commit, in a folder that goes again."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        subprocess.run(
            ["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", tree, reference], check=True
        )
        try:
            yield tree
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", tree], check=True)


def run(tree: Path, workload: str, bytecode: str) -> float:
    """The CPU seconds of one workload in a tree."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "PYTHONPYCACHEPREFIX": bytecode,
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONHASHSEED": "0",
    }
    done = subprocess.run(
        [sys.executable, PROGRAM, workload],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{workload} in {tree} failed:\n{done.stderr}")
    return float(done.stdout.split()[-1])


def main(reference: str, rounds: int, names: list[str], most: float | None) -> None:
    table = Table(
        title=f"CPU seconds beside {reference}: medians of {rounds}, the trees in turn",
        box=SIMPLE_HEAD,
        title_justify="left",
    )
    target = [] if most is None else [f"target {most:g}"]
    for heading in ("", reference, "here", "ratio", "lowest", "highest", *target):
        table.add_column(heading, justify="left" if not heading else "right")
    with checkout(reference) as old, tempfile.TemporaryDirectory() as bytecode:
        for workload in names:
            run(old, workload, bytecode), run(ROOT, workload, bytecode)  # compiles, and warms the disk
            pairs = []
            for turn in range(rounds):
                order = (old, ROOT) if turn % 2 else (ROOT, old)
                seconds = {tree: run(tree, workload, bytecode) for tree in order}
                pairs.append((seconds[old], seconds[ROOT]))
            ratios = [here / before for before, here in pairs]
            table.add_row(
                workload,
                *(f"{median(pair[side] for pair in pairs):.3f}" for side in (0, 1)),
                *(f"{value:.2f}" for value in (median(ratios), min(ratios), max(ratios))),
                *("met" if most is not None and median(ratios) <= most else "NOT MET" for _ in target),
            )
    Console().print(table)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("reference", help="a commit, such as f1c8760")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--only", nargs="+", default=[workload.__name__ for workload in WORKLOADS])
    arguments.add_argument("--most", type=float, help="the ratio that the medians are held to")
    given = arguments.parse_args()
    main(given.reference, given.rounds, given.only, given.most)
