"""Times the recovery simulation, and a review of backup policies, beside croniter.

`make bench`, or `python -m tests.benchmarks.recovery`. All figures are seconds of the processor, the best of
some rounds, since a busy machine only ever adds to them.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from croniter import croniter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from constructs_lib import Schedule
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.recovery import simulate
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import text
from constructs_lib.review.reviewing import review
from tests.backup.policies import DAY, START, cron, every, keep, policy
from tests.benchmarks.backups import configurations

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Shanghai")
END = START + 3_652 * DAY + DAY // 2
# The same in Quartz and for croniter, which has the seconds last, and no ?.
EXPRESSIONS = {"hourly": ("0 0 * * * ?", "0 * * * *"), "quarter-hourly": ("0 0/15 * * * ?", "*/15 * * * *")}
INTERVALS = {"hourly": "PT1H", "quarter-hourly": "PT15M"}
MOST_SECONDS_OF_TEN_YEARS = 0.25
MOST_SECONDS_OF_REVIEW = 10.0
AT = 1_795_000_000


def main(counts: list[int], rounds: int) -> None:
    console = Console()
    console.print(expansion())
    console.print(simulation(rounds))
    console.print(reviews(counts, rounds))


def expansion() -> Table:
    """Ten years of starts as datetimes: ours, and croniter's, which are the same.

    croniter is asked for one year of the quarter-hourly ones only, since it needs half a minute for ten.
    """
    created = _table(
        "Ten years of starts: seconds, as aware datetimes", "starts", "ours", "croniter", "ratio"
    )
    for name, (quartz, unix) in EXPRESSIONS.items():
        ours, found = timed(partial(our_starts, quartz))
        share = 10 if name == "quarter-hourly" else 1
        theirs, expected = timed(partial(croniter_starts, unix, START + (END - START) // share))
        assert found[: len(expected)] == expected, f"{name}: ours and croniter's starts differ"
        assert abs(len(found) - share * len(expected)) <= share
        about = "" if share == 1 else f" ({share} × one year)"
        created.add_row(
            name,
            f"{len(found):,}",
            f"{ours:.3f}",
            f"{theirs * share:.1f}{about}",
            f"{theirs * share / ours:.0f} ×",
        )
    return created


def our_starts(expression: str) -> list[datetime]:
    starts = Schedule.cron(expression, start=START).occurrences(tz=ZONE)
    end = datetime.fromtimestamp(END, ZONE)
    return list(takewhile(end.__gt__, starts))


def croniter_starts(expression: str, until: int) -> list[datetime]:
    starts = croniter(expression, datetime.fromtimestamp(START - 1, ZONE), ret_type=datetime)
    end = datetime.fromtimestamp(until, ZONE)
    return list(takewhile(end.__gt__, starts))


def simulation(rounds: int) -> Table:
    """Ten years simulated, with the worst case, and with the counts on top."""
    created = _table(
        f"Ten years simulated: seconds; target {MOST_SECONDS_OF_TEN_YEARS} with the worst case",
        *("zone", "points", "worst case", "and counts", "target"),
    )
    for name, interval in INTERVALS.items():
        for rule in (every(interval), cron(EXPRESSIONS[name][0])):
            for zone in ("Asia/Shanghai", "Europe/Berlin"):
                props = policy(rule, keep(7, daily=30, weekly=90, monthly=365, yearly=2555))
                worst_case, count = best(rounds, partial(ten_years, props, zone))
                counts, _ = best(rounds, partial(ten_years, props, zone, counted=True))
                kind = f"{name}, {'interval' if rule.schedule.is_fixed_interval else 'cron'}"  # type: ignore[union-attr]
                met = verdict(worst_case <= MOST_SECONDS_OF_TEN_YEARS)
                created.add_row(kind, zone, f"{count:,}", f"{worst_case:.4f}", f"{counts:.4f}", met)
    return created


def ten_years(props: BackupPolicyProps, zone: str, *, counted: bool = False) -> int:
    timeline = simulate(props, begin=START, end=END, tz=zone).backups
    assert timeline is not None
    assert timeline.worst_cases
    assert not counted or timeline.counts
    return len(timeline.times)


def reviews(counts: list[int], rounds: int) -> Table:
    """Reviews of so many policies that all change, each in its own way, printed as text."""
    created = _table(
        f"Reviews: seconds; target {MOST_SECONDS_OF_REVIEW:g} for 1,000 policies",
        *("read", "review", "print", "all", "ms each", "target"),
    )
    # What is loaded, and worked out of the calendar, once.
    review_of(10)
    for count in counts:
        parts = min((review_of(count) for _ in range(rounds)), key=sum)
        met = verdict(sum(parts) <= MOST_SECONDS_OF_REVIEW * count / 1_000)
        all_parts = (f"{each:.2f}" for each in (*parts, sum(parts)))
        created.add_row(f"{count:,} policies", *all_parts, f"{sum(parts) / count * 1_000:.1f}", met)
    return created


def review_of(count: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder, "old.tf.json"), Path(folder, "new.tf.json")
        for path, content in zip((old, new), configurations(count), strict=True):
            path.write_text(json.dumps(content, indent=2))
        reading, given = timed(partial(read_input, new, old))
    reviewing, report = timed(partial(review, given, at=AT))
    printing, page = timed(partial(text.render, report))
    assert len(list(report.resources())) == count
    assert page
    return reading, reviewing, printing


def best(rounds: int, work: Callable[[], T]) -> tuple[float, T]:
    return min((timed(work) for _ in range(rounds)), key=lambda one: one[0])


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the processor, and the result."""
    gc.collect()
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def verdict(is_met: bool) -> str:
    return "[green]met[/]" if is_met else "[red]NOT MET[/]"


def _table(title: str, *columns: str) -> Table:
    created = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left")
    for column in ("", *columns):
        created.add_column(column, justify="right" if column else "left", no_wrap=True)
    return created


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--counts", type=int, nargs="+", default=[100, 300, 1000], metavar="COUNT")
    arguments.add_argument("--rounds", type=int, default=1)
    main(**vars(arguments.parse_args()))
