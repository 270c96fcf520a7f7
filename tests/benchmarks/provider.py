"""Times our provider beside one of the same shape written with pyvider, and beside Terraform's own floor.

`make bench`, or `python -m tests.benchmarks.provider --sizes 1 100`. A fresh Terraform, with fresh providers,
runs every command; the contenders take turns, so that a busy moment of the machine meets all of them. Medians
are shown. Ours creates and reads its policies in a local cloud, over HTTP; the others keep theirs in memory.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import linear_regression, median

from attrs import frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.benchmarks.provider_contenders import (
    ALIPOLICY,
    CONTENDERS,
    FLOOR,
    MEBIBYTE,
    MIXED,
    PEER,
    Arena,
    Contender,
    Run,
    arena,
)
from tests.benchmarks.provider_growth import seconds_of_plan
from tests.benchmarks.provider_start import Start, start

# What is done one after the other, and the words of Terraform for it.
OPERATIONS = {
    "plan": ("plan",),
    "apply": ("apply", "-auto-approve"),
    "replan": ("plan", "-detailed-exitcode"),  # fails where it finds a change
}
SIZES = (1, 100, 500, 2000)
# A command that would take longer than this is left out (seconds).
LONGEST = 45.0
STARTS = 5
# How many resources the plan of all six types has, and how often it is timed.
MIXED_SIZE, MIXED_ROUNDS = 500, 3

Runs = dict[tuple[int, str, str], list[Run]]
Row = tuple[str, ...]


@frozen
class Target:
    """What the issue asks for, and what came out."""

    what: str
    limit: float
    measured: float | None

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not run"
        return "met" if self.measured <= self.limit else "MISSED"


def main(sizes: Sequence[int], starts: int) -> None:
    console = Console()
    sizes = sorted(set(sizes))
    with tempfile.TemporaryDirectory() as bytecode:
        for contender in CONTENDERS:
            with arena(contender, 1, bytecode) as warm:
                warm.run("plan")  # Python compiles what it imports
        began = measure_starts(starts, bytecode)
        console.print(start_table(began))
        runs, skipped = measure(sizes, bytecode)
        mixed = measure_mixed(bytecode)
    alone = {count: seconds_of_plan(count) for count in track(sizes[1:], "planning alone", transient=True)}
    for count in sizes:
        console.print(size_table(count, runs))
    for line in skipped:
        console.print(line)
    if len(sizes) > 2:
        console.print(growth_table(sizes, runs, alone))
    console.print(target_table([*targets(sizes, began, runs, alone), *mixed_targets(mixed)]))


# ------------------------------------------------------------ measuring


def measure_starts(rounds: int, bytecode: str) -> dict[tuple[str, bool], list[Start]]:
    found: dict[tuple[str, bool], list[Start]] = {}
    for _ in track(range(rounds), "starting", transient=True):
        for contender in (ALIPOLICY, PEER):
            for with_schema in (False, True):
                one = start(contender, bytecode, with_schema=with_schema)
                found.setdefault((contender.name, with_schema), []).append(one)
    return found


def measure(sizes: Sequence[int], bytecode: str) -> tuple[Runs, list[str]]:
    """The runs by size, contender and operation; and which were left out."""
    runs: Runs = {}
    skipped: dict[str, None] = {}
    rounds = [count for count in sizes for _ in range(rounds_of(count))]
    for count in track(rounds, "planning and applying", transient=True):
        for contender in CONTENDERS:
            with arena(contender, count, bytecode) as one:
                skipped.update(dict.fromkeys(measure_one(one, contender, count, runs)))
    return runs, list(skipped)


def measure_mixed(bytecode: str) -> list[list[Run]]:
    """Plans of all six types: ours, pyvider's; and pyvider's plan of as many policies."""
    contenders = (*MIXED, PEER)
    runs: list[list[Run]] = [[] for _ in contenders]
    for _ in track(range(MIXED_ROUNDS), "planning six types", transient=True):
        for contender, measured in zip(contenders, runs, strict=True):
            with arena(contender, MIXED_SIZE, bytecode) as one:
                measured.append(one.run("plan"))
    return runs


def rounds_of(count: int) -> int:
    # The fewer there are, the more a busy moment of the machine weighs: the growth is seen above these.
    return 5 if count <= 100 else 2 if count <= 500 else 1


def measure_one(place: Arena, contender: Contender, count: int, runs: Runs) -> Iterator[str]:
    for operation, words in OPERATIONS.items():
        likely = expected(count, contender, operation, runs)
        if likely > LONGEST:
            yield f"{operation} of {count:,} with {contender.name} was left out: some {likely:.0f} s."
            return  # what follows needs it
        runs.setdefault((count, contender.name, operation), []).append(place.run(*words))


def expected(count: int, contender: Contender, operation: str, runs: Runs) -> float:
    """What the next smaller size took, times as much as there is more of it (seconds)."""
    smaller = [
        size for size, name, what in runs if (name, what) == (contender.name, operation) and size < count
    ]
    if not smaller:
        return 0.0
    size = max(smaller)
    return middle(runs[size, contender.name, operation], "total") * count / size if size >= 100 else 0.0


def middle(measured: Sequence[Run] | Sequence[Start], what: str) -> float:
    return float(median(getattr(measurement, what) for measurement in measured))


# ------------------------------------------------------------ what came out


def start_table(began: dict[tuple[str, bool], list[Start]]) -> Table:
    table = new_table(
        "Start of one process: seconds, and their ratio to pyvider",
        ("", "handshake", "ratio", "cpu", "ratio", "schema", "ratio", "cpu", "ratio"),
    )
    for contender in (ALIPOLICY, PEER):
        cells = [contender.name]
        for with_schema in (False, True):
            own, others = (began[each.name, with_schema] for each in (contender, PEER))
            for what in ("total", "cpu"):
                cells += [f"{middle(own, what):.3f}", f"{middle(own, what) / middle(others, what):.2f}"]
        table.add_row(*cells)
    return table


def size_table(count: int, runs: Runs) -> Table:
    table = new_table(
        f"{count:,} of two rules each: seconds in all, of CPU, of the provider's own CPU; and ratios",
        ("", "", "total", "ratio", "cpu", "ratio", "own", "ratio", "ms each", "MiB"),
    )
    for operation in OPERATIONS:
        for contender in CONTENDERS:
            own = runs.get((count, contender.name, operation))
            others = runs.get((count, PEER.name, operation))
            word = operation if contender is FLOOR else ""
            table.add_row(word, contender.name, *(size_cells(count, own, others) if own else ["-"] * 8))
        table.add_section()
    return table


def size_cells(count: int, own: list[Run], others: list[Run] | None) -> Row:
    cells: list[str] = []
    for what in ("total", "cpu", "own"):
        ratio = f"{middle(own, what) / middle(others, what):.2f}" if others else "-"
        cells += [f"{middle(own, what):.2f}", ratio]
    memory = middle(own, "memory") / MEBIBYTE
    return (*cells, f"{middle(own, 'total') / count * 1000:.1f}", f"{memory:.0f}" if memory else "-")


def growth_table(sizes: Sequence[int], runs: Runs, alone: Mapping[int, float]) -> Table:
    table = new_table(
        f"Growth: milliseconds of the provider's own CPU for each one above {sizes[0]}, and the exponent",
        ("", "", *(f"to {count:,}" for count in sizes[1:]), "exponent"),
    )

    def add(word: str, name: str, added: Sequence[tuple[int, float]]) -> None:
        cells = [f"{seconds / more * 1000:.1f}" for more, seconds in added]
        cells += ["-"] * (len(sizes) - 1 - len(cells))
        power = exponent(added)
        table.add_row(word, name, *cells, "-" if power is None else f"{power:.2f}")

    for operation in OPERATIONS:
        for contender in (ALIPOLICY, PEER):
            word = operation if contender is ALIPOLICY else ""
            add(word, contender.name, list(additions(sizes, contender, operation, runs)))
        table.add_section()
    add("plan, without Terraform", ALIPOLICY.name, [*alone.items()])
    return table


def additions(
    sizes: Sequence[int], contender: Contender, operation: str, runs: Runs
) -> Iterator[tuple[int, float]]:
    """How many more than the smallest size there are, and how many more seconds the provider itself takes.

    Terraform's own share is left out: it grows faster than the number, whatever the provider.
    """
    least = middle(runs[sizes[0], contender.name, operation], "own")
    for count in sizes[1:]:
        if own := runs.get((count, contender.name, operation)):
            yield count - sizes[0], max(middle(own, "own") - least, 1e-3)


def exponent(added: Sequence[tuple[int, float]]) -> float | None:
    """The power of the number with which the seconds grow: 1 is linear. None: too few sizes."""
    if len(added) < 2:
        return None
    numbers, seconds = ([math.log(value) for value in values] for values in zip(*added, strict=True))
    return float(linear_regression(numbers, seconds).slope)


def targets(
    sizes: Sequence[int],
    began: dict[tuple[str, bool], list[Start]],
    runs: Runs,
    alone: Mapping[int, float],
) -> Iterator[Target]:
    yield Target("start to handshake, seconds of CPU", 0.15, middle(began[ALIPOLICY.name, False], "cpu"))
    own, others = (runs.get((500, contender.name, "plan")) for contender in (ALIPOLICY, PEER))
    for what, words in (("total", "seconds"), ("cpu", "seconds of CPU")):
        ratio = middle(own, what) / middle(others, what) if own and others else None
        yield Target(f"plan of 500, {words}, ratio to pyvider", 0.30, ratio)
    for operation in OPERATIONS:
        power = exponent(list(additions(sizes, ALIPOLICY, operation, runs)))
        yield Target(f"{operation}, exponent of the growth", 1.15, power)
    yield Target("plan without Terraform, exponent of the growth", 1.15, exponent([*alone.items()]))


def mixed_targets(runs: Sequence[list[Run]]) -> Iterator[Target]:
    """Held to the ratio of the plan of policies alone. The five other types have no blocks, so pyvider plans
    all six with less CPU than policies, and nearly a third of that is Terraform's own."""
    own, same, policies = runs
    for others, peers in ((policies, "policies"), (same, "six types")):
        for what, words in (("total", "seconds"), ("cpu", "CPU")):
            ratio = middle(own, what) / middle(others, what)
            yield Target(f"plan of {MIXED_SIZE} mixed, {words}, to pyvider's {peers}", 0.30, ratio)


def target_table(found: Iterable[Target]) -> Table:
    table = new_table("Targets", ("", "at most", "measured", ""))
    for each in found:
        measured = "-" if each.measured is None else f"{each.measured:.2f}"
        table.add_row(each.what, f"{each.limit:.2f}", measured, each.verdict)
    return table


def new_table(title: str, columns: Row) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    return table


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="COUNT")
    arguments.add_argument("--starts", type=int, default=STARTS, help="fresh processes of each")
    main(**vars(arguments.parse_args()))
