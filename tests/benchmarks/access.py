"""Times the comparison of policy documents beside z3, which is asked the same as a formula over strings.

`make bench`, or `python -m tests.benchmarks.access --sizes 5 100 --rounds 3`. Milliseconds of processor time,
the median of the rounds, with empty caches; z3 is asked once each way. Ours finds every grant with its
witness, z3 only whether there is one. The verdict is that of both. A question that z3 has not answered in
time counts as undecided, and the ratio is a lower bound then, with a >. Time is up by the clock: on a busy
machine z3 had less than that.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import reduce
from importlib import import_module
from ipaddress import ip_network
from statistics import median
from typing import Any

from attrs import evolve, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from constructs_lib.ram.access import AccessComparison, Verdict, compare
from constructs_lib.ram.analysis import patterns
from constructs_lib.ram.analysis.redundancy import redundant_parts
from constructs_lib.ram.document import PolicyDocument, PolicyStatement

COLUMNS = ("size", "", "grants", "ours", "z3", "ratio", "verdict", "redundant", "minimise")
AT_MOST_MS = 30
AT_LEAST_TIMES = 20
OF_PATTERNS = 300


def main(sizes: list[int], rounds: int, seconds: int) -> None:
    solver = Z3(seconds)
    pairs = [(size, kind, *documents(size, kind)) for size in sizes for kind in ("unrelated", "a change")]
    runs = [measure(*pair, rounds, solver) for pair in track(pairs, "comparing", transient=True)]
    Console().print(table(runs))
    for line in targets(runs):
        Console().print(line)
    for run in runs:
        assert run.theirs in (run.comparison.verdict, Verdict.UNDECIDED), run


# ------------------------------------------------------------ documents

SERVICES = ("ecs", "oss", "rds", "vpc", "slb", "kms", "log", "ram", "hbr")
VERBS = ("Get", "List", "Describe", "Create", "Delete", "Update", "Put", "Modify")
NOUNS = (
    "Instance",
    "Bucket",
    "Object",
    "Disk",
    "Image",
    "Snapshot",
    "Vault",
    "Policy",
    "Rule",
    "User",
    "Key",
)
REGIONS = ("*", "cn-hangzhou", "cn-shanghai")
TYPES = ("instance", "bucket", "disk", "vault", "policy", "project", "key")
CONDITIONS: tuple[Any, ...] = (
    {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}},
    {"Bool": {"acs:MFAPresent": "true"}},
    {"StringEquals": {"acs:ResourceTag/team": ["shop", "search"]}},
    {"StringLike": {"acs:Service": "*.aliyuncs.com"}},
    {"DateLessThan": {"acs:CurrentTime": "2027-01-01T00:00:00Z"}},
)
# What is shared by all wildcards and conditions: one of seven patterns, one of four statements.
WILD, CONDITIONAL = 0.15, 0.25


def documents(size: int, kind: str) -> tuple[PolicyDocument, PolicyDocument]:
    """Two documents of so many patterns each: quite different ones, or one with a few changes."""
    draw = random.Random(size)
    one = document(draw, size)
    return one, changed(draw, one) if kind == "a change" else document(draw, size)


def document(draw: random.Random, size: int) -> PolicyDocument:
    """A document of so many patterns: each fifth statement is a Deny, each fourth has a condition."""
    statements: list[PolicyStatement] = []
    while size > 0:
        effect = "Deny" if len(statements) % 5 == 4 else "Allow"
        count = size if size < 9 else draw.choice((5, 6, 7))
        statements.append(statement(draw, effect, max(count, 2)))
        size -= count
    return PolicyDocument(statements)


def statement(draw: random.Random, effect: str, count: int) -> PolicyStatement:
    service = draw.choice(SERVICES)
    resources = max(1, count // 3)
    return PolicyStatement(
        effect=effect,
        actions=distinct(lambda: action(draw, service), count - resources),
        resources=distinct(lambda: resource(draw, service), resources),
        conditions=draw.choice(CONDITIONS) if draw.random() < CONDITIONAL else None,
    )


def distinct(make: Callable[[], str], count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[make()] = None
    return list(found)


def action(draw: random.Random, service: str) -> str:
    verb = draw.choice(VERBS)
    return f"{service}:{verb}*" if draw.random() < WILD else f"{service}:{verb}{draw.choice(NOUNS)}"


def resource(draw: random.Random, service: str) -> str:
    name = f"{draw.choice(TYPES)}/{draw.choice(('prod', 'test', 'shop'))}-"
    name += "*" if draw.random() < WILD else str(draw.randrange(100))
    return f"acs:{service}:{draw.choice(REGIONS)}:*:{name}"


def changed(draw: random.Random, before: PolicyDocument) -> PolicyDocument:
    """The document with an action and a resource more, a Deny less, and its statements in another order."""
    statements = list(before.statements)
    first, second = (draw.randrange(len(statements)) for _ in range(2))
    actions = [*listed(statements[first].actions), "oss:DeleteBucket"]
    statements[first] = evolve(statements[first], actions=actions)
    resources = [*listed(statements[second].resources), "acs:oss:*:*:bucket/other-*"]
    statements[second] = evolve(statements[second], resources=resources)
    denies = [statement for statement in statements if statement.effect == "Deny"]
    if denies:
        statements.remove(draw.choice(denies))
    draw.shuffle(statements)
    return PolicyDocument(statements)


# ------------------------------------------------------------ z3


class Z3:
    """The same question as a formula over strings and regular expressions; conditions in their own theories.

    A literal is an equality, which z3 decides sooner than a regular expression of one word.
    """

    def __init__(self, seconds: int) -> None:
        self.z3: Any = import_module("z3")
        self.seconds = seconds
        self.request = (self.z3.String("action"), self.z3.String("resource"))

    def verdict(self, before: PolicyDocument, after: PolicyDocument) -> Verdict:
        gained, lost = self.allows_more(after, before), self.allows_more(before, after)
        if None in (gained, lost):
            return Verdict.UNDECIDED
        if gained:
            return Verdict.CHANGED if lost else Verdict.WIDER
        return Verdict.NARROWER if lost else Verdict.EQUIVALENT

    def allows_more(self, one: PolicyDocument, other: PolicyDocument) -> bool | None:
        """Whether one document allows what the other does not; None where time runs out."""
        solver = self.z3.Solver()
        solver.set("timeout", self.seconds * 1000)
        solver.add(self.allowed(one), self.z3.Not(self.allowed(other)))
        return {"sat": True, "unsat": False}.get(str(solver.check()))

    def allowed(self, document: PolicyDocument) -> Any:
        applying: dict[Any, list[Any]] = {"Allow": [], "Deny": []}
        for statement in document.statements:
            applying[statement.effect].append(self.applies(statement))
        return self.z3.And(self.z3.Or(applying["Allow"]), self.z3.Not(self.z3.Or(applying["Deny"])))

    def applies(self, statement: PolicyStatement) -> Any:
        action, resource = self.request
        folded = [text.lower() for text in listed(statement.actions)]
        lists = (self.is_one_of(action, folded), self.is_one_of(resource, listed(statement.resources)))
        conditions: Any = statement.conditions or {}
        tests = [
            self.holds(operator, key, [values] if isinstance(values, str) else values)
            for operator, keys in conditions.items()
            for key, values in keys.items()
        ]
        return self.z3.And(*lists, *tests)

    def is_one_of(self, text: Any, patterns: Iterable[str]) -> Any:
        return self.z3.Or([self.matches(text, pattern) for pattern in patterns])

    def matches(self, text: Any, pattern: str) -> Any:
        if "*" not in pattern:
            return text == self.z3.StringVal(pattern)
        anything = self.z3.Full(self.z3.ReSort(self.z3.StringSort()))
        first, *rest = [self.z3.Re(part) for part in pattern.split("*")]
        parts = reduce(lambda done, part: [*done, anything, part], rest, [first])
        return self.z3.InRe(text, self.z3.Concat(*parts))

    def holds(self, operator: str, key: str, values: Sequence[str]) -> Any:
        """A test of a key that the request may not have."""
        is_there = self.z3.Bool(f"{key} is there")
        return self.z3.And(is_there, self.z3.Or([self.passes(operator, key, value) for value in values]))

    def passes(self, operator: str, key: str, value: str) -> Any:
        if operator == "Bool":
            return self.z3.Bool(key) == (value == "true")
        if operator == "IpAddress":
            network, address = ip_network(value), self.z3.Int(key)
            first, last = int(network.network_address), int(network.broadcast_address)
            return self.z3.And(address >= first, address <= last)
        if operator == "DateLessThan":
            return self.z3.Real(key) < datetime.fromisoformat(value).timestamp()
        assert operator in ("StringEquals", "StringLike"), operator
        return self.matches(self.z3.String(key), value)


def listed(texts: Any) -> list[str]:
    assert isinstance(texts, tuple)
    return list(texts)


# ------------------------------------------------------------ measuring


@frozen
class Run:
    """One pair of documents; times in milliseconds."""

    size: int
    kind: str
    comparison: AccessComparison
    theirs: Verdict
    ours_ms: float
    z3_ms: float
    redundant_ms: float
    minimised_ms: float


def measure(
    size: int, kind: str, before: PolicyDocument, after: PolicyDocument, rounds: int, solver: Z3
) -> Run:
    started = time.process_time()
    theirs = solver.verdict(before, after)
    z3_ms = (time.process_time() - started) * 1000
    return Run(
        size=size,
        kind=kind,
        comparison=compare(before, after),
        theirs=theirs,
        ours_ms=timed(lambda: compare(before, after), rounds),
        z3_ms=z3_ms,
        redundant_ms=timed(lambda: redundant_parts(before.as_written()), rounds),
        minimised_ms=timed(before.minimised, rounds),
    )


def timed(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds, the median of some rounds, each as if it were the first."""
    took = []
    for _ in range(rounds):
        patterns.intersection.cache_clear()
        started = time.process_time()
        work()
        took.append((time.process_time() - started) * 1000)
    return median(took)


def table(runs: list[Run]) -> Table:
    created = Table(
        title="two policy documents of so many patterns: milliseconds",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title_justify="left",
    )
    for column in COLUMNS:
        created.add_column(column, justify="left" if column in ("", "verdict") else "right", no_wrap=True)
    for run in runs:
        created.add_row(
            str(run.size),
            run.kind,
            str(len(run.comparison.gained) + len(run.comparison.lost)),
            f"{run.ours_ms:.1f}",
            f"{run.z3_ms:,.0f}",
            f"{'>' if run.theirs is Verdict.UNDECIDED else ''}{run.z3_ms / run.ours_ms:,.0f}",
            run.comparison.verdict,
            f"{run.redundant_ms:.1f}",
            f"{run.minimised_ms:.1f}",
        )
    return created


def targets(runs: list[Run]) -> list[str]:
    """What was aimed at, and whether it was met; for the pairs of the size that it is about."""
    aimed = [run for run in runs if run.size == OF_PATTERNS]
    if not aimed:
        return []
    slowest = max(run.ours_ms for run in aimed)
    times = min(run.z3_ms / run.ours_ms for run in aimed)
    return [
        f"{OF_PATTERNS} patterns in at most {AT_MOST_MS} ms: {met(slowest <= AT_MOST_MS)}, {slowest:.1f} ms",
        f"{AT_LEAST_TIMES} times faster than z3 there: {met(times >= AT_LEAST_TIMES)}, {times:,.0f} times",
    ]


def met(is_met: bool) -> str:
    return "met" if is_met else "NOT met"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[5, 20, 100, 300], metavar="PATTERNS")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--seconds", type=int, default=10, help="how long z3 may think about a question")
    main(**vars(arguments.parse_args()))
