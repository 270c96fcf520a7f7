"""Mutants of the analysis: copies of its modules, each with one small error made in the syntax tree.

A mutant has a name that tells where it is and what is changed, `search.Search._cell: and -> or #1`. Which
mutants there are depends on the source alone, and so does which of them are noticed: a loop without an end is
stopped after so many turns, not after so many seconds.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

PACKAGE = "constructs_lib.ram.analysis"
# Each imports only those before it.
MODULES = (
    "patterns",
    "conditions",
    "evaluator",
    "grants",
    "policy_variables",
    "pattern_walk",
    "pattern_index",
    "request_space",
    "demands",
    "request_finder",
    "search",
    "difference",
    "redundancy",
)
# What is not changed, since no answer depends on it.
UNTOUCHED = {
    "grants": "names that a person knows; a witness that does not hold is not shown",
    "spend": "counts work, and so do its calls",
    "__str__": "for people",
}
# Changes that no answer shows, and why. The long run (tests/e2e/test_mutants.py) fails where one is noticed.
EQUIVALENT = {
    "patterns.intersection: or -> and #1": "only quick: what has nothing in common merges to nothing",
    "patterns._ends_agree: and -> or #1": "only quick, as above",
    "patterns._merge: + -> - #3": "counts work",
    "patterns._merge: or -> and #1": "a guard against work",
    "patterns.representatives: - -> + #1": "a guard: what is too much for it is decided by a walk",
    "conditions._between_numbers: + -> - #1": "a whole number is only nicer than the middle",
    "conditions._texts: in -> not in #1": "likely texts only come first",
    "conditions._texts: == -> != #2": "likely texts only come first",
    "conditions._spellings: > -> >= #1": "a guard against work",
    "evaluator.Patterns.head: + -> - #1": "only quick: a shorter head lets more statements be asked",
    "evaluator.Patterns.head: + -> - #2": "only quick: a shorter head lets more statements be asked",
    "evaluator._Request.meets: or -> and #1": "only quick: without requirements there is nothing more to ask",
    "evaluator._read_statement: <= -> < #1": "no statement may have all elements at once",
    "pattern_index.Dimension._membership: and -> or #1": (
        "a known pattern leaves no statement possible without being certain"
    ),
    "pattern_index.Dimension.matching: > -> <= #1": "only quick: two ways to the same patterns",
    "pattern_index.Dimension.matching: > -> >= #1": "only quick: two ways to the same patterns",
    "redundancy.are_equivalent: True -> False #2": "a guard against work",
    "redundancy._Rest.can_spare: <= -> < #1": "a guard against work",
    "pattern_index.Dimension.among: & -> | #1": "only quick: more patterns are asked",
    "pattern_index.PatternIndex.beginning: >= -> > #1": "only quick: one more pattern is asked",
    "pattern_index.PatternIndex.near: < -> <= #1": "only quick: patterns are asked twice",
    "pattern_walk.PatternWalk.__init__: - -> + #1": "only quick: less is reached behind a star",
    "pattern_walk.PatternWalk.__init__: | -> & #3": (
        "only quick: patterns that end with a star are seen later"
    ),
    "pattern_walk.PatternWalk.find: & -> | #1": "only quick: more patterns are taken to be needed",
    "pattern_walk.PatternWalk._walk: & -> | #4": "only quick: more patterns are taken to be needed",
    "pattern_walk.PatternWalk._walk: & -> | #7": "only quick: more patterns are taken to be needed",
    "pattern_walk.PatternWalk._walk: - -> + #1": "only quick: the order of the walks",
    "pattern_walk.PatternWalk._together: & -> | #1": "only quick: more places are kept",
    "pattern_walk.PatternWalk._closed: ~ dropped #1": "only quick: less is reached behind a star",
    "pattern_walk.PatternWalk._reachable_from: & -> | #1": "only quick: more places are kept",
    "pattern_walk.PatternWalk._reachable_from: & -> | #2": "only quick: more places are kept",
    "pattern_walk.PatternWalk._reachable_from: & -> | #3": "only quick: more places are kept",
    "pattern_walk.PatternWalk._opened: & -> | #1": "only quick: more places are kept",
    "pattern_walk.PatternWalk._shortened: < -> >= #1": "only nicer",
    "pattern_walk.PatternWalk._shortened: < -> <= #1": "only nicer",
    "pattern_walk._is_new: & -> | #2": "only quick: more walks are remembered",
    "pattern_walk._is_new: ~ dropped #2": "only quick: fewer walks are remembered",
    "demands.Demands.choose: > -> >= #1": "no literal is 0",
    "demands.Demands._open: > -> >= #1": "no literal is 0",
    "demands.Demands._add: > -> >= #1": "what is always true is watched, too",
    "demands.Demands._propagated: + -> - #3": "only quick: clauses are watched twice",
    "demands.Demands._learn: learned.sort(…) dropped #1": "only quick: it goes back further than it has to",
    "demands.Demands._learn: + -> - #1": "only quick: another alternative is tried first",
    "demands.Demands._learn: self._reasons.pop(…) dropped #1": "the reason of a decision is not asked for",
    "demands.Demands._learn: self._add(…) dropped #1": "only quick: nothing is learned",
    "request_finder.TextFinder._likely: or -> and #1": "only quick: a likely text is another one",
    "request_finder.TextFinder._likely: or -> and #2": "only quick: a likely text is another one",
    "request_finder.TextFinder._likely: not dropped #1": "only quick: more or fewer likely texts",
    "request_finder.TextFinder._found: others.remove(…) dropped #1": "only keeps what is wrong from going on",
    "request_finder.TextFinder._least: - -> + #1": "only quick: less is left out",
    "request_finder.RequestFinder.__init__: is not -> is #1": "only quick: both readings are tried",
    "request_finder.RequestFinder._matching: True -> False #1": (
        "what nothing makes match does not match, so that to demand it adds nothing"
    ),
    "request_finder.RequestFinder._other: & -> | #6": "a witness has values that nothing asks for",
    "request_finder._value: != -> == #1": "only quick: less is learned from a conflict",
    "request_finder._value: and -> or #1": "only quick: less is learned from a conflict",
    "search.Search._add_common: & -> | #1": "only quick: more patterns are tried",
    "policy_variables.holds_variables_only: and -> or #1": "a subject is text, or values are tried in vain",
    "policy_variables.can_be: and -> or #1": "values are tried in vain, and the witness stays",
    "policy_variables._can_be: in -> not in #1": "only quick: values that do not fit are tried, too",
    "policy_variables._can_be.is_true_of: in -> not in #2": "only quick: what is denied is seen at the end",
    "policy_variables._can_be.is_true_of: False -> True #1": "a guard against work",
    "policy_variables._parts: - -> + #1": "parts that are there already",
    "policy_variables.with_values: and -> or #1": "lists of resources are lists",
    "difference.Difference._witness: is -> is not #3": "the witness of the last resort is another one",
    "difference.Difference._with_values: - -> + #1": "a guard against work",
    "difference.Difference._with_values: is not -> is #1": "what is not needed is dropped again",
    "request_space._has_both_cases: and -> or #1": "only quick: both readings of case are looked at",
    "request_space.distinct_options: & -> | #1": "an assumption too many is dropped from the witness",
    "request_space.distinct_options: is not -> is #2": "an assumption too many is dropped from the witness",
    "request_space.is_implied: & -> | #1": "only quick: what is implied is also seen in each environment",
    "search.Search.__init__: & -> | #1": "only quick: more exceptions are looked at",
    "search.Search._meeting: not dropped #1": "only quick: more is taken for overlapping",
    "search.Search._meeting: and -> or #1": "only quick: more is taken for overlapping",
    "search.Search._meeting: & -> | #1": "only quick: more is taken for overlapping",
    "search.Search._meeting: & -> | #2": "only quick: more is taken for overlapping",
    "search.Search._meeting: & -> | #3": "only quick: more is taken for overlapping",
    "search.Search._meeting: & -> | #4": "only quick: more is taken for overlapping",
    "search.Search._overlaps: & -> | #1": "only quick: more is taken for overlapping",
    "search.Search._overlaps: & -> | #2": "only quick: more is taken for overlapping",
    "search.Search._outcome: or -> and #1": "only quick: what is implied is also seen in each environment",
    "search.Search._environments: & -> | #1": "only quick: more values are told apart",
    "search.Search._environments: & -> | #3": "only quick: more values are told apart",
    "search.Search._environments: is not -> is #1": "only quick: both readings are tried one by one",
    "search.Search._product: == -> != #1": "counts work",
    "difference.Difference._search: & -> | #3": "only quick: more is looked at",
    "difference.Difference._bases: and -> or #1": "only quick: more statements are looked at",
    "difference.Difference._grant: and -> or #1": "of several without an example another is told",
    "difference.Difference._with_values: + -> - #2": "counts work",
    "difference.Difference._with_values: + -> - #1": "counts work",
    "difference.Difference._with_values: <= -> < #1": "a guard against work",
    "difference.Difference._with_values: True -> False #1": "a guard against work",
    "difference.Difference._witness: and -> or #1": "other values are tried where these are good already",
}
MAX_TURNS = 200_000


class EndlessLoopError(Exception):
    """The loops of the analysis took more turns than any question needs."""


class Turns:
    """How many turns the loops of all copies have left, until `reset`."""

    left = MAX_TURNS

    def reset(self) -> None:
        self.left = MAX_TURNS

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise EndlessLoopError


turns = Turns()


class Engine(NamedTuple):
    """A copy of the analysis, by the names of its modules."""

    modules: dict[str, ModuleType]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.modules[name]
        except KeyError:
            raise AttributeError(name) from None


class Mutant(NamedTuple):
    """One change of a module: its name, and which of the module's changes it is."""

    name: str
    module: str
    number: int

    def __str__(self) -> str:
        return self.name


# ------------------------------------------------------------ what is changed

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OTHER_OPERATOR: dict[type[ast.operator], type[ast.operator]] = {
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.And: "and",
    ast.Or: "or",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Not: "not",
    ast.Invert: "~",
}


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may be done to a node, in words, and the node that then stands in its place."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        (sign,) = node.ops
        is_guard = isinstance(node.comparators[0], ast.Name) and node.comparators[0].id.startswith("MAX_")
        for table in (_OPPOSITE,) if is_guard else (_OPPOSITE, _BOUNDARY):
            if type(sign) in table:
                other = table[type(sign)]
                yield _instead(sign, other), ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield _instead(node.op, swapped), ast.BoolOp(swapped(), node.values)
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _OTHER_OPERATOR:
        operator = _OTHER_OPERATOR[type(node.op)]
        changed = copy.copy(node)
        changed.op = operator()
        yield _instead(node.op, operator), changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
        yield f"{_SIGNS[type(node.op)]} dropped", node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} -> {not node.value}", ast.Constant(not node.value)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield f"{ast.unparse(node.value.func)}(…) dropped", ast.Pass()


def _instead(operator: ast.AST, other: type[ast.AST]) -> str:
    return f"{_SIGNS[type(operator)]} -> {_SIGNS[other]}"


class Walk(ast.NodeTransformer):
    """Visits what functions do, in the order of the source, and makes the change of one number.

    * `names`, `lines`: of all changes, where it is and what is changed, and the line of the source.
    """

    def __init__(self, number: int | None = None) -> None:
        self.number = number
        self.names: list[str] = []
        self.lines: list[int] = []
        self._within: list[str] = []
        self._functions = 0

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._visit_body(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in UNTOUCHED:
            return node
        self._functions += 1
        self._visit_body(node)
        self._functions -= 1
        return node

    def _visit_body(self, node: Any) -> ast.AST:
        self._within.append(node.name)
        node.body = [self.visit(statement) for statement in node.body]
        self._within.pop()
        return node  # type: ignore[no-any-return]

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg == "strict" else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        is_count = isinstance(called, ast.Attribute) and called.attr == "spend"
        return node if is_count else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        instead = None
        if self._functions:
            for what, changed in _changes(node):
                if len(self.names) == self.number:
                    instead = changed
                self.names.append(f"{'.'.join(self._within)}: {what}")
                self.lines.append(getattr(node, "lineno", 0))
        super().generic_visit(node)
        return node if instead is None else ast.fix_missing_locations(ast.copy_location(instead, node))


class _CountTurns(ast.NodeTransformer):
    """Lets each turn of a `while` count."""

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, ast.parse("_count_turn()").body[0])
        return node


# ------------------------------------------------------------ which there are, and how they are loaded


@cache
def source(module: str) -> str:
    """The text of a module."""
    spec = find_spec(f"{PACKAGE}.{module}")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text("utf-8")


def all_mutants() -> Iterator[Mutant]:
    """Every mutant, in the order of the sources; equal names are numbered."""
    for module in MODULES:
        if module in UNTOUCHED:
            continue
        walk = Walk()
        walk.visit(ast.parse(source(module)))
        seen: dict[str, int] = {}
        for number, name in enumerate(walk.names):
            seen[name] = seen.get(name, 0) + 1
            yield Mutant(f"{module}.{name} #{seen[name]}", module, number)


def _code(module: str, number: int | None = None) -> CodeType:
    tree = ast.parse(source(module))
    if number is not None:
        tree = Walk(number).visit(tree)
    tree = ast.fix_missing_locations(_CountTurns().visit(tree))
    return compile(tree, f"{PACKAGE}.{module}", "exec")


_plain_code = cache(_code)


def load(mutant: Mutant | None = None) -> Engine:
    """A copy of the analysis, with one error or without; what the changed module imports is shared."""
    if mutant is None:
        return _load({module: _plain_code(module) for module in MODULES}, {})
    plain = plain_engine()
    first = MODULES.index(mutant.module)
    codes = {module: _plain_code(module) for module in MODULES[first:]}
    codes[mutant.module] = _code(mutant.module, mutant.number)
    return _load(codes, {module: plain.modules[module] for module in MODULES[:first]})


@cache
def plain_engine() -> Engine:
    return load()


def _load(codes: dict[str, CodeType], shared: dict[str, ModuleType]) -> Engine:
    modules = dict(shared)
    with patch.dict(sys.modules, {f"{PACKAGE}.{name}": module for name, module in shared.items()}):
        for name, code in codes.items():
            module = modules[name] = ModuleType(f"{PACKAGE}.{name}")
            module.__dict__["_count_turn"] = turns.count
            sys.modules[module.__name__] = module
            exec(code, module.__dict__)
    return Engine(modules)
