"""How the package is built: no import circle, one class for one name, functions that fit on a screen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

import constructs_lib

PACKAGE = Path(constructs_lib.__file__).parent
LONGEST_FUNCTION = 50


def definitions(node: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """The classes and functions below a node: statements only, never an expression."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        for inner in getattr(node, field, ()):
            if isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield inner
            yield from definitions(inner)


@cache
def defined() -> list[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The classes and functions of the package, each with the path of its module."""
    return [
        (path.relative_to(PACKAGE).as_posix(), definition)
        for path in sorted(PACKAGE.rglob("*.py"))
        for definition in definitions(ast.parse(path.read_text("utf-8")))
    ]


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports inside functions and those for type checkers are counted too."""
    graph = grimp.build_graph("constructs_lib", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1][::-1]))


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path, node in defined():
        if isinstance(node, ast.ClassDef):
            places.setdefault(node.name.lstrip("_"), []).append(path)
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        f"{path}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, node in defined()
        if not isinstance(node, ast.ClassDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
