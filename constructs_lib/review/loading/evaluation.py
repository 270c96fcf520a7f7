"""The value of an expression, where what it refers to decides it: never a guess.

The value follows Terraform's rules for what is computed here; anything else raises `UnresolvedError`, with
the reason. All work is paid from a `Budget`, so that no configuration takes forever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from attrs import evolve, field, frozen

from constructs_lib.review.loading import expressions as syntax
from constructs_lib.review.loading.expressions import Expression, Path
from constructs_lib.review.loading.functions import FUNCTIONS
from constructs_lib.review.loading.values import (
    MAX_NUMBER,
    UNDECIDED,
    Budget,
    NoMemberError,
    SetValue,
    UnresolvedError,
    as_boolean,
    as_list,
    as_map,
    as_number,
    as_one_type,
    as_set,
    as_string,
    check_length,
    normalized,
    object_of,
    pairs_of,
    weigh,
)


class FileAccess(Protocol):
    """The files that expressions may read."""

    def text(self, path: str) -> str:
        """The text of a file. Raises `UnresolvedError`."""
        ...

    def names(self, folder: str, pattern: str) -> list[str]:
        """The files of a folder whose names match a pattern of `fileset`. Raises `UnresolvedError`."""
        ...


class NoFiles:
    """Where no file may be read."""

    def text(self, path: str) -> str:
        raise UnresolvedError(f"{path} is not read here")

    def names(self, folder: str, pattern: str) -> list[str]:
        raise UnresolvedError(f"{folder} is not read here")


Lookup = Callable[[Path], tuple[Any, int]]
"""Gives the value that the beginning of a path stands for, and how many steps of the path that takes."""


@frozen
class EvaluationScope:
    """What the names in an expression stand for: `names` first, then what `lookup` finds.

    * `files`: what `file`, `templatefile` and `fileset` read.
    """

    lookup: Lookup
    budget: Budget
    files: FileAccess
    names: Mapping[str, Any] = field(factory=dict)

    def with_names(self, names: Mapping[str, Any]) -> EvaluationScope:
        return evolve(self, names={**self.names, **names})


def evaluate(text: str, scope: EvaluationScope) -> Any:
    """The value of a string of the JSON configuration: one expression keeps its type, anything else is text.

    Raises `UnresolvedError`.
    """
    parts = syntax.parse_template(text)
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return value_of(parts[0], scope)
    return _joined(
        (part if isinstance(part, str) else as_string(value_of(part, scope)) for part in parts), scope
    )


def constant(tree: Any) -> Any:
    """The value of a tree that refers to nothing. Raises `UnresolvedError`."""
    return value_of_tree(tree, EvaluationScope(_refuse_reference, Budget(), NoFiles()))


def _refuse_reference(path: Path) -> tuple[Any, int]:
    raise UnresolvedError(f"{path[0]} is not known here")


def value_of(expression: Expression, scope: EvaluationScope) -> Any:
    """The value of one expression. Raises `UnresolvedError`."""
    if expression.tree is None:
        raise UnresolvedError(f"{expression.source} cannot be read here")
    return value_of_tree(expression.tree, scope)


def _joined(parts: Iterator[str], scope: EvaluationScope) -> str:
    pieces: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        scope.budget.spend(1 + len(part) // 100)
        check_length(length)
        pieces.append(part)
    return normalized("".join(pieces))


def value_of_tree(tree: Any, scope: EvaluationScope) -> Any:
    """The value of a tree. Raises `UnresolvedError`."""
    scope.budget.spend(1)
    path = syntax.static_path(tree)
    if path is not None:
        return _reference(path, scope)
    match tree:
        case syntax.Constant(value):
            return normalized(value) if isinstance(value, str) else value
        case syntax.QuotedTemplate(parts):
            return _joined((as_string(value_of_tree(part, scope)) for part in parts), scope)
        case syntax.GetAttribute(owner, name):
            return _member(value_of_tree(owner, scope), name)
        case syntax.GetIndex(owner, index):
            return _member(value_of_tree(owner, scope), value_of_tree(index, scope))
        case syntax.SplatItem():
            return scope.names[""]
        case syntax.Splat(owner, item):
            return _splat(value_of_tree(owner, scope), item, scope)
        case syntax.FunctionCall():
            return _call(tree, scope)
        case syntax.UnaryOperation(operator, operand):
            return _unary(operator, value_of_tree(operand, scope))
        case syntax.BinaryOperation(operator, left, right):
            return _binary(operator, value_of_tree(left, scope), value_of_tree(right, scope))
        case syntax.Conditional():
            return _conditional(tree, scope)
        case syntax.TupleConstructor(items):
            return [value_of_tree(item, scope) for item in items]
        case syntax.ObjectConstructor(items):
            return object_of(
                [(as_string(value_of_tree(key, scope)), value_of_tree(item, scope)) for key, item in items]
            )
        case syntax.ForExpression():
            return _for(tree, scope)
    raise UnresolvedError("such an expression is not computed here")


def _reference(path: Path, scope: EvaluationScope) -> Any:
    if path[0] in scope.names:
        value, used = scope.names[str(path[0])], 1
    else:
        value, used = scope.lookup(path)
    for step in path[used:]:
        value = _member(value, step)
    return value


def _member(value: Any, step: Any) -> Any:
    if isinstance(value, Mapping) and step is not None and (name := as_string(step)) in value:
        return value[name]
    if isinstance(value, list):
        if isinstance(step, str) and step.isascii() and step.isdecimal():
            step = int(step)
        if isinstance(step, int) and not isinstance(step, bool) and 0 <= step < len(value):
            return value[step]
    if isinstance(value, Mapping) and UNDECIDED in value:
        raise UnresolvedError("a value is not decided")
    raise NoMemberError("a value has no such member")


def _splat(owner: Any, item: Any, scope: EvaluationScope) -> list[Any]:
    if owner is None:
        return []
    values = list(owner) if isinstance(owner, (list, SetValue)) else [owner]
    return [value_of_tree(item, scope.with_names({"": value})) for value in values]


def _unary(operator: str, value: Any) -> Any:
    if operator == "!":
        return not as_boolean(value)
    return -as_number(value)


def _binary(operator: str, left: Any, right: Any) -> Any:
    if operator in ("==", "!="):
        return _are_equal(left, right) is (operator == "==")
    if operator in ("&&", "||"):
        values = as_boolean(left), as_boolean(right)
        return all(values) if operator == "&&" else any(values)
    left, right = as_number(left), as_number(right)
    if operator in _ARITHMETIC:
        return _bounded(_ARITHMETIC[operator](left, right))
    if operator == "/" and right != 0 and left % right == 0:
        return left // right
    if operator == "%" and right > 0 and left >= 0:
        return left % right
    raise UnresolvedError(f"{operator} is not computed here for such numbers")


_ARITHMETIC: dict[str, Callable[[int, int], Any]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "<": int.__lt__,
    ">": int.__gt__,
    "<=": int.__le__,
    ">=": int.__ge__,
}


def _bounded(value: Any) -> Any:
    if abs(value) > MAX_NUMBER:
        raise UnresolvedError("a number is too large")
    return value


def _are_equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if type(left) is not type(right) or not isinstance(left, (str, int)):
        raise UnresolvedError("== between such values is not computed here")
    return bool(left == right)


def _conditional(tree: syntax.Conditional, scope: EvaluationScope) -> Any:
    is_true = as_boolean(value_of_tree(tree.condition, scope))
    chosen, other = (tree.if_true, tree.if_false) if is_true else (tree.if_false, tree.if_true)
    value = value_of_tree(chosen, scope)
    # Both branches become one type. A string stays one, whatever the other may become.
    if isinstance(value, str):
        return value
    other_value = value_of_tree(other, scope)
    weigh([value, other_value], scope.budget)
    return as_one_type(value, other_value)


def _for(tree: syntax.ForExpression, scope: EvaluationScope) -> Any:
    if tree.groups:
        raise UnresolvedError("grouping by key is not computed here")
    pairs: list[tuple[str, Any]] = []
    items: list[Any] = []
    for key, item in pairs_of(value_of_tree(tree.collection, scope)):
        values = (item,) if len(tree.names) == 1 else (key, item)
        inner = scope.with_names(dict(zip(tree.names, values, strict=True)))
        if tree.condition is not None and not as_boolean(value_of_tree(tree.condition, inner)):
            continue
        if tree.key is None:
            items.append(value_of_tree(tree.value, inner))
        else:
            pairs.append((as_string(value_of_tree(tree.key, inner)), value_of_tree(tree.value, inner)))
    return items if tree.key is None else object_of(pairs)


def convert(value: Any, wanted: Any, scope: EvaluationScope) -> Any:
    """A value as a type constraint makes it; `wanted` is its tree. Raises `UnresolvedError`."""
    if value is None or wanted is None:
        return value
    if isinstance(wanted, syntax.Name):
        kinds: dict[str, Callable[[Any], Any]] = {
            "any": lambda value: value,
            "string": as_string,
            "number": as_number,
            "bool": as_boolean,
        }
        if wanted.name in kinds:
            return kinds[wanted.name](value)
    if isinstance(wanted, syntax.FunctionCall) and len(wanted.arguments) == 1:
        return _converted_collection(value, wanted.name, wanted.arguments[0], scope)
    raise UnresolvedError("a type is not read here")


def _converted_collection(value: Any, name: str, inner: Any, scope: EvaluationScope) -> Any:
    if inner == syntax.Name("any"):
        raise UnresolvedError("a type of any element is not computed here")
    if name == "list":
        return [convert(item, inner, scope) for item in as_list(value)]
    if name == "set":
        return as_set([convert(item, inner, scope) for item in as_list(value)])
    if name == "map":
        return {key: convert(item, inner, scope) for key, item in sorted(as_map(value).items())}
    if name == "object" and isinstance(inner, syntax.ObjectConstructor):
        given = as_map(value)
        return {key.value: _converted_attribute(given, key.value, item, scope) for key, item in inner.items}
    raise UnresolvedError("a type is not read here")


def _converted_attribute(given: Mapping[str, Any], name: str, wanted: Any, scope: EvaluationScope) -> Any:
    if isinstance(wanted, syntax.FunctionCall) and wanted.name == "optional":
        inner, *default = wanted.arguments
        if given.get(name) is None:
            return convert(value_of_tree(default[0], scope), inner, scope) if default else None
        wanted = inner
    if name not in given:
        raise UnresolvedError(f"an object has no attribute {name}")
    return convert(given[name], wanted, scope)


def _call(tree: syntax.FunctionCall, scope: EvaluationScope) -> Any:
    name = tree.name.removeprefix("core::")
    if name in ("try", "can") and tree.arguments:
        return _try(name, tree.arguments, scope)
    arguments = [value_of_tree(argument, scope) for argument in tree.arguments]
    if tree.expands_last:
        arguments += as_list(arguments.pop())
    if name in ("file", "fileset", "templatefile"):
        return _of_files(name, arguments, scope)
    function = FUNCTIONS.get(name)
    if function is None:
        raise UnresolvedError(f"the function {name} is not computed here")
    weigh(arguments, scope.budget)
    try:
        value = function(*arguments)
    except UnresolvedError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        raise UnresolvedError(f"{name} cannot be computed of these values") from None
    return normalized(value) if isinstance(value, str) else value


def _try(name: str, arguments: tuple[Any, ...], scope: EvaluationScope) -> Any:
    """`try` and `can`, as far as nothing else can fail than that a value has no such member."""
    for argument in arguments:
        try:
            value = value_of_tree(argument, scope)
        except NoMemberError:
            continue
        return value if name == "try" else True
    if name == "try":
        raise NoMemberError("none of the arguments has a value")
    return False


def _of_files(name: str, arguments: list[Any], scope: EvaluationScope) -> Any:
    path, *others = arguments or [None]
    if name == "fileset" and len(others) == 1:
        return as_set(scope.files.names(as_string(path), as_string(others[0])))
    text = normalized(scope.files.text(as_string(path)))
    if name == "file" and not others:
        return text
    if name == "templatefile" and len(others) == 1:
        inner = evolve(scope, lookup=_refuse_reference, names=as_map(others[0]))
        return as_string(evaluate(text, inner))
    raise UnresolvedError(f"{name} cannot be computed of these values")
