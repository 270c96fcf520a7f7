"""Mutants of the review, and whether its tests notice them: verdicts, laws, and the rest of tests/review.

A mutant is one function with one small error in its syntax tree. `python -m tests.review.mutants` prints the
names of those that nothing notices; with arguments, of all whose names begin so. Each is tried in a process
of its own, with the questions that come by the line that is changed, those first that noticed most others.
What is noticed depends on the questions alone, but for one that takes so much of a processor's time that the
process is stopped: then it is noticed, too.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from time import perf_counter
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple, TextIO

import pytest
from _pytest.runner import runtestprotocol

import constructs_lib.review
from constructs_lib.review import wording
from constructs_lib.review.loading.expressions import parse_template, references
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.render.html import environment
from constructs_lib.review.report import Level
from constructs_lib.review.reviewing import review
from tests.ram.analysis.mutants import Walk
from tests.review.configurations import AT
from tests.review.loading.test_configuration_law import is_lawful
from tests.review.test_plan_accounting import broken
from tests.review.test_takes_effect import decide_configuration, decide_plan
from tests.review.verdicts import every_case
from tests.review.verdicts.building import CLEAN, FAILS, REFUSED, Case, written
from tests.review.verdicts.recorded import lines, recorded

PACKAGE = "constructs_lib.review"
PARTS = 2
SECONDS = 10
_QUIET = (
    "-pno:terminal",
    "-pno:xdist",
    "-pno:unraisableexception",
    "-Wignore::pytest.PytestAssertRewriteWarning",
)
# What holds the questions that are asked without pytest, and what only takes long.
LEFT_OUT = ("test_verdicts.py", "test_sizes.py", "test_of_constructs.py")
# Beside those of the review, a module that says what a change takes away.
BESIDE = "backup.policy_change_checks"
# How charts are laid out: where a label stands, and which.
LAYOUT = {f"render.charts.{name}" for name in ("_Axis.marks", "_ages", "_legend", "_losses")}
_LIMIT = "one more, or one less, before it is cut, folded or counted"
_AROUND = "only quick: where a member stands is found from what is around it"
# Changes that need not be noticed, and why; they are not tried.
EQUIVALENT = {
    "attachments.loss_undecided: and -> or #1": "only more alarm: of what somebody gains RV255 tells",
    "backup.policy_change_checks.RulesChange.can_count: and -> or #1": "only more alarm: beside RV207",
    "backup.policy_change_checks.RulesChange.pairs: and -> or #1": "a rule was one of its own type",
    "backup.policy_change_checks.replication_lost: and -> or #1": "only more alarm: a rule without a region",
    "command.review: gc.set_threshold(…) dropped #1": "only quick",
    "command._track: < -> <= #1": "a bar for one resource more",
    "command._track: True -> False #2": "the bar stays on the screen",
    "command._write: os.dup2(…) dropped #1": "the end of a process of its own, where there is no mutant",
    "loading.command_files._NamedFiles.read: <= -> < #1": "a guard against work",
    "loading.command_files._NamedFiles.read: or -> and #1": "only more alarm: of words that are no paths",
    "loading.command_files._NamedFiles._meet_file: < -> <= #1": _LIMIT,
    "loading.command_files._NamedFiles._meet_file: and -> or #1": (
        "only more alarm: of files that a binary or a very large file names"
    ),
    "loading.terraform_module.TerraformModule._data: > -> >= #1": _LIMIT,
    "loading.policy_alignment.is_made_anew: not dropped #1": "RV207 or RV325 tells of it",
    "loading.policy_alignment.find_unseen: or -> and #1": "only one more reason beside a reviewed change",
    "loading.module_tree.ModuleTree._read: + -> - #1": "a guard against work",
    "loading.module_tree.ModuleTree.calls_others: True -> False #1": "RV243 tells of what cannot be read",
    "loading.other_changes.not_judged: > -> >= #1": _LIMIT,
    "loading.plan_configuration.PlanConfiguration.accounts: < -> <= #1": "only more work: one more account",
    "loading.alignment.align: and -> or #1": "what is moved is in no `removed` block",
    "loading.alignment.align: replaced.add(…) dropped #1": "RV242 tells of the other account or region",
    "loading.other_changes.is_harmless: or -> and #1": "only more alarm: a vault is created",
    "loading.other_changes.is_protection: or -> and #1": "RV256 instead of RV254",
    "loading.git_base._run_apart: printer.join(…) dropped #1": "the last words of an app, mostly in time",
    "loading.git_base._run_apart: process.wait(…) dropped #1": "it is killed already",
    "loading.git_base.side_at: True -> False #1": "root can remove every folder",
    "loading.plan._Change.values: == -> != #1": "the two sides swap the names of what is hidden",
    "loading.plan_completeness._passed_over: and -> or #2": "only more alarm: of a whole plan",
    "loading.plan_completeness.incomplete: and -> or #2": "only more alarm: an empty field",
    "pairing._pair: is not -> is #1": "RV332, beside an error",
    "protection._own_policy: not dropped #1": "an expression that is no number is undecided, too",
    "reviewing._is_certain_beside: <= -> < #1": "only more alarm: of a policy with two settings",
    "reviewing._Reviewer._backup_policy: not dropped #1": "which sources RV207 names",
    "reviewing._Reviewer._of_plan: and -> or #1": "the note RV554",
    "reviewing._Reviewer._of_plan: is not -> is #1": "the note RV554",
    "reviewing._Reviewer._of_plan: is not -> is #2": "the note RV554",
    "reviewing._Reviewer._of_plan: not dropped #1": "the note RV554",
    "loading.dependencies._DependencyWalk._meet: == -> != #4": "only more work: one content, more names",
    "loading.plan._Read.read_configuration: < -> <= #1": "only more work: no name is there twice",
    "loading.plan._Read.read_places: & -> | #1": "only more work: no name is on both sides",
    "loading.terraform_module.TerraformModule._lookup: or -> and #1": "a circle ends at MAX_STEPS, too",
    "loading.terraform_module.TerraformModule._lookup: == -> != #1": (
        "only more alarm: what is too far from one local stays undecided for all"
    ),
    "loading.terraform_module.TerraformModule._call: > -> >= #1": "a guard against work",
    "loading.dependencies._DependencyWalk._visit: + -> - #1": "a guard against work",
    "loading.expansion._is_large: True -> False #2": "a guard against work",
    "loading.expansion._is_large: nodes_of(…) dropped #1": "a guard against work",
    "loading.terraform_module.TerraformModule._lookup: or -> and #2": "only more work: it is asked for again",
    "loading.terraform_module.TerraformModule.dynamic_blocks: > -> >= #1": _LIMIT,
    "loading.terraform_module._small: nodes_of(…) dropped #1": "a guard against work",
    "loading.values.nodes_of: > -> >= #1": _LIMIT,
    "loading.values.as_number: <= -> < #1": "only more alarm: of a number of 15 digits",
    "loading.expansion.expand: in -> not in #1": "only more alarm: of resources of no concern",
    "loading.other_changes._protects: or -> and #1": "RV256 instead of RV254",
    "loading.terraform_module.TerraformModule.__init__: + -> - #1": "a guard against work",
    "loading.expansion.Filling._string: weigh(…) dropped #1": "a guard against work",
    "loading.expansion.moved_blocks: and -> or #1": "a block that Terraform refuses",
    "loading.expressions._ExpressionParser.__init__: False -> True #1": "set before it is asked for",
    "loading.expressions.end_of_expression: + -> - #1": "counts the other way round",
    "loading.expressions.end_of_expression: == -> != #2": "counts the other way round",
    "loading.json_text._place_of_wrong: False -> True #1": "no object is open yet",
    "loading.json_text._PieceReader._load: + -> - #2": "a piece may as well end before a character",
    "loading.json_text._PieceReader._members: or -> and #2": _AROUND,
    "loading.json_text._PieceReader._members: is -> is not #1": _AROUND,
    "loading.json_text._PieceReader._members: not dropped #1": _AROUND,
    "loading.json_text._PieceReader._whole_members: is -> is not #2": _AROUND,
    "loading.json_text._PieceReader._value: <= -> < #1": "only more work: it is read once more",
    "loading.json_text._PieceReader._value: > -> >= #1": "only more work: it is read once more",
    "loading.json_text._PieceReader._key: == -> != #1": "in which line a key stands that is there twice",
    "loading.surroundings._providers: or -> and #2": "what is said where no version is asked for",
    "loading.oversized._oversized: or -> and #1": "only more work: nothing of these is large",
    "loading.resource.LoadedResource.acknowledge: and -> or #1": "Terraform refuses a string for a map",
    "loading.terraform_module._counted: < -> <= #1": "so many instances are not decided either way",
    "loading.ram_statements._statement: in -> not in #2": "only more alarm: a document is undecided",
    "versions.is_new_document: False -> True #1": "only more alarm: of what stays as it is",
    "versions._reported: or -> and #2": "the provider names both, or neither",
    "versions._PolicyChange._promoted: is -> is not #1": "the same document by another label",
    "versions._PolicyChange._fallback: and -> or #3": "only more alarm: nobody rotates",
    "edits._matches: > -> >= #1": _LIMIT,
    "edits._string: <= -> < #1": _LIMIT,
    "render.markdown._body: > -> >= #1": _LIMIT,
    "render.markdown._cut: <= -> < #1": _LIMIT,
    "render.markdown._edits: > -> >= #1": _LIMIT,
    "render.markdown._edits: > -> >= #2": _LIMIT,
    "render.markdown._fitted: + -> - #1": _LIMIT,
    "render.markdown._fitted: + -> - #2": _LIMIT,
    "render.markdown._fitted: - -> + #1": _LIMIT,
    "render.markdown._fitted: > -> >= #1": _LIMIT,
    "render.markdown._grants: > -> >= #1": _LIMIT,
    "render.markdown._summary: > -> >= #1": _LIMIT,
    "wording.cut: <= -> < #1": _LIMIT,
    "wording.describe_risks: > -> >= #1": _LIMIT,
    "render.charts._by_day: >= -> > #1": "a point at the midnight with which the first day begins",
    "render.html._access_tile: or -> and #1": "how red a tile is beside an error of something else",
    "wording.length: < -> <= #1": "100 days have no tenths",
    "wording.risks_opened: > -> >= #1": "what opens a single risk is named, too",
}

# ------------------------------------------------------------ the questions


class Question(NamedTuple):
    """What a test asks: its name, and whether the answer is the right one."""

    name: str
    ask: Callable[[], bool]


def questions(folder: Path, items: Iterable[pytest.Item]) -> list[Question]:
    """The verdicts that changes deserve, the laws, and the tests beside them."""
    asked: list[Question] = []
    known = recorded()
    for number, (name, case) in enumerate(sorted(every_case().items())):
        at = folder / str(number)
        old = None if case.old is None else written(at / "old", case.old)
        ask = partial(_is_deserved, case, known.get(name), written(at / "new", case.new), old)
        asked.append(Question(name, ask))
    asked += [Question(f"plan {seed}", partial(_is_plan_lawful, seed)) for seed in range(250)]
    asked += [Question(f"configuration {seed}", partial(is_lawful, seed)) for seed in range(80)]
    asked += [Question(f"effect {seed}", partial(_is_effect_right, seed)) for seed in range(40)]
    return asked + [Question(item.nodeid, partial(_passes, item)) for item in items]


def _is_deserved(case: Case, known: list[str] | None, new: Path, old: Path | None) -> bool:
    try:
        report = review(read_input(new, old), at=AT)
    except InputError:
        return case.expected == REFUSED
    if known is not None and lines(report) != known:
        return False
    if case.expected == FAILS and "nothing to look at" in wording.headline(report):
        return False
    return case.expected == (FAILS if report.fails(Level.ERROR) else CLEAN)


def _is_plan_lawful(seed: int) -> bool:
    with TemporaryDirectory() as folder:
        return broken(seed, Path(folder)) is None


def _is_effect_right(seed: int) -> bool:
    with TemporaryDirectory() as folder:
        for has_attributes in (True, False):
            decide_plan(Path(folder), seed, has_attributes=has_attributes)
        decide_configuration(Path(folder), seed)
    return True


def _passes(item: pytest.Item) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)


Place = tuple[str, int]


class Covered(NamedTuple):
    """The questions that come by each line of some files, and how many seconds each question takes."""

    places: dict[Place, list[int]]
    seconds: list[float]


def covering(asked: list[Question], files: set[str]) -> Covered:
    found = Covered({}, [0.0] * len(asked))
    for answer in at_once(
        partial(_covered, asked, files, range(part, len(asked), PARTS)) for part in range(PARTS)
    ):
        for number, seconds, places in json.loads(answer):
            found.seconds[number] = seconds
            for file, file_lines in places.items():
                for line in file_lines:
                    found.places.setdefault((file, line), []).append(number)
    wrong = [question.name for question, seconds in zip(asked, found.seconds, strict=True) if not seconds]
    assert not wrong, f"not answered as they deserve, without any mutant: {wrong}"
    return found


def _covered(asked: list[Question], files: set[str], numbers: Iterable[int]) -> str:
    """The places that each question comes by, and its seconds, as JSON; none of a question that fails."""
    answers = []
    for number in numbers:
        places: dict[str, set[int]] = {file: set() for file in files}
        forget()
        begin = perf_counter()
        for trace in (threading.settrace, sys.settrace):
            trace(_tracer(places))
        is_right = asked[number].ask()
        sys.settrace(None)
        by_file = {file: sorted(come_by) for file, come_by in places.items()}
        answers.append((number, is_right and perf_counter() - begin, by_file))
    return json.dumps(answers)


def forget() -> None:
    """Nothing is remembered from one question to the next one."""
    for function in (parse_template, references, environment):
        function.cache_clear()


def _tracer(lines_by_file: dict[str, set[int]]) -> Callable[[FrameType, str, Any], Any]:
    """Notes the lines of some files that are come by."""

    def at_line(frame: FrameType, event: str, argument: Any) -> Any:
        lines_by_file[frame.f_code.co_filename].add(frame.f_lineno)
        return at_line

    def at_call(frame: FrameType, event: str, argument: Any) -> Any:
        return at_line(frame, event, argument) if frame.f_code.co_filename in lines_by_file else None

    return at_call


# ------------------------------------------------------------ the mutants


class Mutant(NamedTuple):
    """A change of a module: its name, its number in the module, and its line."""

    name: str
    file: str
    number: int
    line: int


def all_modules() -> list[str]:
    """The names of all modules of the review, without the package's."""
    found = walk_packages(constructs_lib.review.__path__, f"{PACKAGE}.")
    return sorted(each.name.removeprefix(f"{PACKAGE}.") for each in found if not each.ispkg)


def _file(module: str) -> str:
    package = "constructs_lib" if module.startswith("backup.") else PACKAGE
    return str(import_module(f"{package}.{module}").__file__)


def mutants(modules: Iterable[str]) -> Iterator[Mutant]:
    """Every change of some modules; equal names are numbered."""
    for module in modules:
        file = _file(module)
        walk = Walk()
        walk.visit(ast.parse(Path(file).read_text("utf-8")))
        seen: dict[str, int] = {}
        for number, (what, line) in enumerate(zip(walk.names, walk.lines, strict=True)):
            seen[what] = seen.get(what, 0) + 1
            yield Mutant(f"{module}.{what} #{seen[what]}", file, number, line)


Named = tuple[str, str, int]


def functions_of(files: set[str]) -> dict[Named, list[FunctionType]]:
    """The functions and methods of some files, by file, name and line."""
    found: dict[Named, list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename in files:
            code = each.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(each)
    return found


def _codes(file: str, tree: ast.Module) -> dict[Named, CodeType]:
    left = [compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)]
    found = {}
    while left:
        code = left.pop()
        if "<" not in code.co_qualname:
            found[file, code.co_qualname, code.co_firstlineno] = code
        left += [each for each in code.co_consts if isinstance(each, CodeType)]
    return found


@cache
def _plain(file: str) -> tuple[str, dict[Named, CodeType]]:
    source = Path(file).read_text("utf-8")
    return source, _codes(file, ast.parse(source))


def apply(mutant: Mutant, functions: dict[Named, list[FunctionType]]) -> None:
    """Put the changed code into the function that the mutant changes."""
    source, plain = _plain(mutant.file)
    for name, code in _codes(mutant.file, Walk(mutant.number).visit(ast.parse(source))).items():
        for function in functions.get(name, ()) if code != plain[name] else ():
            function.__code__ = code


class Given(NamedTuple):
    """The questions, which of them come by each line, and the functions that are changed."""

    asked: list[Question]
    covered: Covered
    functions: dict[Named, list[FunctionType]]


def forked(work: Callable[[], str]) -> tuple[int, TextIO]:
    """A process that works, and what it answers."""
    end, start = os.pipe()
    child = os.fork()
    if not child:
        try:
            with os.fdopen(start, "w") as stream:
                stream.write(work())
        finally:
            os._exit(0)
    os.close(start)
    return child, os.fdopen(end)


def at_once(works: Iterable[Callable[[], str]]) -> list[str]:
    """What some processes answer that work at the same time."""
    answers = []
    for child, stream in [forked(work) for work in works]:
        with stream:
            answers.append(stream.read())
        os.waitpid(child, 0)
    return answers


def noticed_by(mutant: Mutant, given: Given, order: list[int]) -> str:
    """The number of the first question, in this order, whose answer is wrong with the mutant, or nothing."""
    os.setsid()  # what is wrong may end all processes of its group
    apply(mutant, given.functions)
    return next((str(number) for number in order if not _is_right(given.asked[number])), "nothing")


def _is_right(question: Question) -> bool:
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    forget()
    try:
        return question.ask()
    except BaseException:
        return False


def silent(chosen: list[Mutant], given: Given) -> str:
    """As JSON the names of those that nothing notices; the questions that noticed others are asked first, and
    before all those that noticed one of the same function."""
    names, noticed = [], [0] * len(given.asked)
    near: dict[str, set[int]] = {}
    for mutant in chosen:
        numbers = given.covered.places.get((mutant.file, mutant.line), ())
        order = sorted(numbers, key=lambda number: (-noticed[number], given.covered.seconds[number]))
        of_function = near.setdefault(mutant.name.partition(": ")[0], set())
        order.sort(key=of_function.__contains__, reverse=True)
        _plain(mutant.file)  # once, before the processes part
        (by,) = at_once([partial(noticed_by, mutant, given, order)])
        if by == "nothing":
            names.append(mutant.name)
        elif by:
            noticed[int(by)] += 1
            of_function.add(int(by))
    return json.dumps(names)


def chosen(begins: tuple[str, ...]) -> list[Mutant]:
    """Those whose names begin so; without any, all but those that need not be noticed."""
    every = mutants((*all_modules(), BESIDE))
    if begins:
        return [mutant for mutant in every if mutant.name.startswith(begins)]
    return [
        mutant
        for mutant in every
        if mutant.name not in EQUIVALENT and mutant.name.partition(": ")[0] not in LAYOUT
    ]


class Trial:
    """Runs the tests of the review with each mutant, instead of once."""

    def __init__(self, begins: tuple[str, ...]) -> None:
        self.tried = chosen(begins)
        self.silent: list[str] = []
        self.problem = ""

    def pytest_internalerror(self, excrepr: object) -> bool:
        self.problem = str(excrepr)
        return True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        files = {mutant.file for mutant in self.tried}
        with TemporaryDirectory() as folder:
            asked = questions(Path(folder), session.items)
            given = Given(asked, covering(asked, files), functions_of(files))
            gc.freeze()  # what is there by now is not copied into every process
            parts = at_once(partial(silent, self.tried[part::PARTS], given) for part in range(PARTS))
            self.silent = [name for part in parts for name in json.loads(part)]
        return True


def main(begins: tuple[str, ...]) -> None:
    trial = Trial(begins)
    left_out = [f"--ignore=tests/review/{name}" for name in LEFT_OUT]
    pytest.main([*_QUIET, *left_out, "tests/review"], [trial])
    if trial.problem:
        sys.exit(trial.problem)
    print("".join(f"{name}\n" for name in trial.silent), end="")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
