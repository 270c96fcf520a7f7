"""The value of an expression, where what it refers to decides it: never a guess.

The value follows Terraform's rules for what is computed here; anything else raises `UnresolvedError`, with
the reason. Values are those of JSON, whole numbers only, and `SetValue`. All work is paid from a `Budget`, so
that no configuration takes forever.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

from constructs_lib.review.loading import expressions as syntax
from constructs_lib.review.loading.expressions import Expression, Path

# In characters, and in nodes: far beyond what a document or a policy can hold.
MAX_STRING = 1_000_000
MAX_VALUE = 100_000

Lookup = Callable[[Path], tuple[Any, int]]
"""Gives the value that the beginning of a path stands for, and how many steps of the path that takes."""


class UnresolvedError(ValueError):
    """The files do not decide the value; the text says which part, and why."""


class SetValue(tuple[Any, ...]):
    """A set of Terraform: strings, or whole numbers, in order, each once."""


@define
class Budget:
    """How much work one side of a review may take: a step is a node of an expression, or 100 characters."""

    steps: int = 3_000_000

    def spend(self, steps: int) -> None:
        """Raises `UnresolvedError` once nothing is left."""
        self.steps -= steps
        if self.steps < 0:
            raise UnresolvedError("the configuration takes too much work to be resolved")


@frozen
class EvaluationScope:
    """What the names in an expression stand for: `names` first, then what `lookup` finds.

    * `read_file`: gives the text of a file that `file` and `templatefile` name. Raises `UnresolvedError`.
    """

    lookup: Lookup
    budget: Budget
    read_file: Callable[[str], str]
    names: Mapping[str, Any] = field(factory=dict)

    def with_names(self, names: Mapping[str, Any]) -> EvaluationScope:
        return EvaluationScope(self.lookup, self.budget, self.read_file, {**self.names, **names})


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
    return _value(tree, EvaluationScope(_refuse_reference, Budget(), _refuse_file))


def _refuse_reference(path: Path) -> tuple[Any, int]:
    raise UnresolvedError(f"{path[0]} is not known here")


def _refuse_file(path: str) -> str:
    raise UnresolvedError(f"{path} is not read here")


def value_of(expression: Expression, scope: EvaluationScope) -> Any:
    """The value of one expression. Raises `UnresolvedError`."""
    if expression.tree is None:
        raise UnresolvedError(f"{expression.source} cannot be read here")
    return _value(expression.tree, scope)


def _joined(parts: Iterator[str], scope: EvaluationScope) -> str:
    pieces: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        scope.budget.spend(1 + len(part) // 100)
        if length > MAX_STRING:
            raise UnresolvedError("a string becomes too long")
        pieces.append(part)
    return _normal("".join(pieces))


def _normal(text: str) -> str:
    """As Terraform keeps strings: in Unicode's form NFC."""
    if text.isascii():
        return text
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnresolvedError("a string is no Unicode text")
    return unicodedata.normalize("NFC", text)


# ------------------------------------------------------------ trees


def _value(tree: Any, scope: EvaluationScope) -> Any:
    scope.budget.spend(1)
    path = syntax.static_path(tree)
    if path is not None:
        return _reference(path, scope)
    match tree:
        case syntax.Constant(value):
            return _normal(value) if isinstance(value, str) else value
        case syntax.QuotedTemplate(parts):
            return _joined((as_string(_value(part, scope)) for part in parts), scope)
        case syntax.GetAttribute(owner, name):
            return _member(_value(owner, scope), name)
        case syntax.GetIndex(owner, index):
            return _member(_value(owner, scope), _value(index, scope))
        case syntax.SplatItem():
            return scope.names[""]
        case syntax.Splat(owner, item):
            return _splat(_value(owner, scope), item, scope)
        case syntax.FunctionCall():
            return _call(tree, scope)
        case syntax.UnaryOperation(operator, operand):
            return _unary(operator, _value(operand, scope))
        case syntax.BinaryOperation(operator, left, right):
            return _binary(operator, _value(left, scope), _value(right, scope))
        case syntax.Conditional():
            return _conditional(tree, scope)
        case syntax.TupleConstructor(items):
            return [_value(item, scope) for item in items]
        case syntax.ObjectConstructor(items):
            return _object([(as_string(_value(key, scope)), _value(item, scope)) for key, item in items])
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
    if isinstance(value, Mapping) and isinstance(step, str) and step in value:
        return value[step]
    if isinstance(value, list):
        if isinstance(step, str) and step.isascii() and step.isdecimal():
            step = int(step)
        if isinstance(step, int) and not isinstance(step, bool) and 0 <= step < len(value):
            return value[step]
    raise UnresolvedError("a value has no such member")


def _splat(owner: Any, item: Any, scope: EvaluationScope) -> list[Any]:
    if owner is None:
        return []
    values = list(owner) if isinstance(owner, (list, SetValue)) else [owner]
    return [_value(item, scope.with_names({"": value})) for value in values]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise UnresolvedError("an object has a key twice")
    return members


def _unary(operator: str, value: Any) -> Any:
    if operator == "!":
        return not as_boolean(value)
    return -_as_number(value)


def _binary(operator: str, left: Any, right: Any) -> Any:
    if operator in ("==", "!="):
        return _are_equal(left, right) is (operator == "==")
    if operator in ("&&", "||"):
        values = as_boolean(left), as_boolean(right)
        return all(values) if operator == "&&" else any(values)
    left, right = _as_number(left), _as_number(right)
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
    if abs(value) > 10**15:
        raise UnresolvedError("a number is too large")
    return value


def _are_equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if type(left) is not type(right) or not isinstance(left, (str, int)):
        raise UnresolvedError("== between such values is not computed here")
    return bool(left == right)


def _conditional(tree: syntax.Conditional, scope: EvaluationScope) -> Any:
    is_true = as_boolean(_value(tree.condition, scope))
    chosen, other = (tree.if_true, tree.if_false) if is_true else (tree.if_false, tree.if_true)
    value = _value(chosen, scope)
    # Both branches become one type. A string stays one, whatever the other may become.
    if isinstance(value, str):
        return value
    other_value = _value(other, scope)
    weigh([value, other_value], scope.budget)
    return _as_one_type(value, other_value)


def _as_one_type(value: Any, other: Any) -> Any:
    """The value, where a conversion to the type of both changes nothing."""
    if value is None or other is None:
        # The type of what is null is unknown here; nothing but null is null.
        return value
    if type(value) is type(other):
        if not isinstance(value, (list, dict, SetValue)):
            return value
        if _shape(value) == _shape(other):
            return value
        kinds = {type(item) for each in (value, other) for item in _items_of(each)}
        if len(kinds) <= 1 and kinds <= {str, int, bool}:
            return value
    raise UnresolvedError("both branches of a conditional become one type")


def _items_of(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return type(value).__name__


def _for(tree: syntax.ForExpression, scope: EvaluationScope) -> Any:
    if tree.groups:
        raise UnresolvedError("grouping by key is not computed here")
    pairs: list[tuple[str, Any]] = []
    items: list[Any] = []
    for key, item in _pairs(_value(tree.collection, scope)):
        values = (item,) if len(tree.names) == 1 else (key, item)
        inner = scope.with_names(dict(zip(tree.names, values, strict=True)))
        if tree.condition is not None and not as_boolean(_value(tree.condition, inner)):
            continue
        if tree.key is None:
            items.append(_value(tree.value, inner))
        else:
            pairs.append((as_string(_value(tree.key, inner)), _value(tree.value, inner)))
    return items if tree.key is None else _object(pairs)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return sorted(value.items(), key=lambda pair: pair[0])
    if isinstance(value, SetValue):
        return [(item, item) for item in value]
    if isinstance(value, list):
        return list(enumerate(value))
    raise UnresolvedError("it is no collection")


# ------------------------------------------------------------ conversions


def as_string(value: Any) -> str:
    """As a template has it. Raises `UnresolvedError`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise UnresolvedError("it is not a string, whole number or boolean")


def as_boolean(value: Any) -> bool:
    """As a condition has it. Raises `UnresolvedError`."""
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise UnresolvedError("it is no boolean")
    return value


def _as_number(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 15:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnresolvedError("it is no whole number")
    return value


def _as_list(value: Any) -> list[Any]:
    if not isinstance(value, (list, SetValue)):
        raise UnresolvedError("it is not a list")
    return list(value)


def _as_map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnresolvedError("it is no map")
    return value


def _as_strings(value: Any) -> list[str]:
    return [as_string(item) for item in _as_list(value)]


def _as_text(value: Any) -> str:
    """A string of which Terraform and Python count the characters alike."""
    text = as_string(value)
    if not text.isascii():
        raise UnresolvedError("a string beyond ASCII is not computed here")
    return text


def _as_one_kind(items: list[Any]) -> list[Any]:
    """The elements of a list or a set, which have one type."""
    kinds = {type(item) for item in items}
    if len(kinds) <= 1 and kinds <= {str, int, bool}:
        return items
    if kinds <= {str, int, bool} and str in kinds:
        return [as_string(item) for item in items]
    if len({json.dumps(_shape(item), sort_keys=True) for item in items}) == 1 and None not in items:
        return items
    raise UnresolvedError("elements of several types become one")


def as_set(value: Any) -> SetValue:
    """As `toset` makes it. Raises `UnresolvedError`."""
    items = _as_one_kind(_as_list(value))
    if any(isinstance(item, bool) or not isinstance(item, (str, int)) for item in items):
        raise UnresolvedError("a set of such elements is not computed here")
    return SetValue(sorted(set(items)))


def convert(value: Any, wanted: Any, scope: EvaluationScope) -> Any:
    """A value as a type constraint makes it; `wanted` is its tree. Raises `UnresolvedError`."""
    if value is None or wanted is None:
        return value
    if isinstance(wanted, syntax.Name):
        kinds: dict[str, Callable[[Any], Any]] = {
            "any": lambda value: value,
            "string": as_string,
            "number": _as_number,
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
        return [convert(item, inner, scope) for item in _as_list(value)]
    if name == "set":
        return as_set([convert(item, inner, scope) for item in _as_list(value)])
    if name == "map":
        return {key: convert(item, inner, scope) for key, item in sorted(_as_map(value).items())}
    if name == "object" and isinstance(inner, syntax.ObjectConstructor):
        given = _as_map(value)
        return {key.value: _converted_attribute(given, key.value, item, scope) for key, item in inner.items}
    raise UnresolvedError("a type is not read here")


def _converted_attribute(given: Mapping[str, Any], name: str, wanted: Any, scope: EvaluationScope) -> Any:
    if isinstance(wanted, syntax.FunctionCall) and wanted.name == "optional":
        inner, *default = wanted.arguments
        if given.get(name) is None:
            return convert(_value(default[0], scope), inner, scope) if default else None
        wanted = inner
    if name not in given:
        raise UnresolvedError(f"an object has no attribute {name}")
    return convert(given[name], wanted, scope)


# ------------------------------------------------------------ functions


def _call(tree: syntax.FunctionCall, scope: EvaluationScope) -> Any:
    name = tree.name.removeprefix("core::")
    arguments = [_value(argument, scope) for argument in tree.arguments]
    if tree.expands_last:
        arguments += _as_list(arguments.pop())
    if name in ("file", "templatefile"):
        return _of_file(name, arguments, scope)
    function = _FUNCTIONS.get(name)
    if function is None:
        raise UnresolvedError(f"the function {name} is not computed here")
    weigh(arguments, scope.budget)
    try:
        value = function(*arguments)
    except UnresolvedError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        raise UnresolvedError(f"{name} cannot be computed of these values") from None
    return _normal(value) if isinstance(value, str) else value


def weigh(value: Any, budget: Budget) -> None:
    """Pay for a value as if nothing in it were shared. Raises `UnresolvedError` where it is too large."""
    left = [value]
    nodes = 0
    while left:
        item = left.pop()
        nodes += 1 + (len(item) // 100 if isinstance(item, str) else 0)
        if nodes > MAX_VALUE:
            raise UnresolvedError("a value becomes too large")
        if isinstance(item, (dict, list, SetValue)):
            left += _items_of(item)
    budget.spend(nodes // 4)


def _bounded_length(length: int) -> None:
    if length > MAX_STRING:
        raise UnresolvedError("a string becomes too long")


def _of_file(name: str, arguments: list[Any], scope: EvaluationScope) -> str:
    text = _normal(scope.read_file(as_string(arguments[0])))
    if name == "file" and len(arguments) == 1:
        return text
    if name == "templatefile" and len(arguments) == 2:
        inner = EvaluationScope(_refuse_reference, scope.budget, scope.read_file, _as_map(arguments[1]))
        return as_string(evaluate(text, inner))
    raise UnresolvedError(f"{name} cannot be computed of these values")


def json_text(value: Any) -> str:
    """As Terraform's `jsonencode` writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _refuse_number(text: str) -> int:
    raise UnresolvedError(f"{text} is no whole number")


def _from_json(text: str) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return _object([(_normal(key), item) for key, item in pairs])

    return json.loads(
        text, parse_float=_refuse_number, parse_constant=_refuse_number, object_pairs_hook=members
    )


def _merge(*values: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for value in values:
        merged.update(_as_map(value) if value is not None else {})
    return merged


def _flatten(values: Any) -> list[Any]:
    return [
        item
        for value in _as_list(values)
        for item in (_flatten(value) if isinstance(value, (list, SetValue)) else [value])
    ]


def _find(value: Any, key: Any, *default: Any) -> Any:
    found = _as_map(value)
    if key in found:
        # The default and the values have one type.
        return _as_one_type(found[key], default[0]) if default else found[key]
    kinds = {type(item) for item in found.values()} | {type(default[0])}
    if len(kinds) > 1:
        raise UnresolvedError("a default of another type is converted")
    return default[0]


def _coalesce(*values: Any) -> Any:
    given = [value for value in values if value is not None]
    if len({type(value) for value in given}) != 1 or not isinstance(given[0], (str, int)):
        raise UnresolvedError("values of several types become one")
    return next(value for value in (*given, None) if value != "")


_VERB = re.compile(r"%(.?)", re.DOTALL)


def _format(template: Any, *values: Any) -> str:
    """`format` with `%s`, `%d` and `%%` only."""
    left = list(values)

    def fill(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        if match[1] not in ("s", "d") or not left:
            raise UnresolvedError("such a format is not computed here")
        value = left.pop(0)
        return as_string(value) if match[1] == "s" else str(_as_number(value))

    text = _VERB.sub(fill, as_string(template))
    if left:
        raise UnresolvedError("such a format is not computed here")
    return text


def _replace(text: Any, old: Any, new: Any) -> str:
    whole, pattern, replacement = as_string(text), as_string(old), as_string(new)
    if not pattern or (len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")):
        raise UnresolvedError("a regular expression is not computed here")
    _bounded_length(len(whole) + whole.count(pattern) * len(replacement))
    return whole.replace(pattern, replacement)


def _contains(values: Any, wanted: Any) -> bool:
    items = _as_list(values)
    if any(type(item) is not type(wanted) or not isinstance(item, (str, int)) for item in items):
        raise UnresolvedError("values of several types are compared")
    return wanted in items


def _distinct(values: Any) -> list[Any]:
    items = _as_one_kind(_as_list(values))
    if any(not isinstance(item, (str, int)) for item in items):
        raise UnresolvedError("such elements are not compared here")
    return list(dict.fromkeys(items))


def _length(value: Any) -> int:
    return len(_as_text(value)) if isinstance(value, str) else len(_items_of(value))


def _sort(values: Any) -> list[str]:
    return sorted(_as_strings(values))


def _to_map(value: Any) -> dict[str, Any]:
    members = _as_map(value)
    return dict(zip(members, _as_one_kind(list(members.values())), strict=True))


def _range(*limits: Any) -> list[int]:
    numbers = [_as_number(limit) for limit in limits]
    if len(numbers) > 2 or len(found := range(*numbers)) > 1024 or numbers[-1] < (numbers[:-1] or [0])[0]:
        raise UnresolvedError("such a range is not computed here")
    return list(found)


def _split(separator: Any, text: Any) -> list[str]:
    return as_string(text).split(as_string(separator))


def _join(separator: Any, first: Any, *others: Any) -> str:
    between = as_string(separator)
    items = [item for each in (first, *others) for item in _as_strings(each)]
    _bounded_length(len(between) * len(items) + sum(map(len, items)))
    return between.join(items)


def _compact(values: Any) -> list[str]:
    items = _as_list(values)
    if any(not isinstance(item, (str, type(None))) for item in items):
        raise UnresolvedError("elements of several types become one")
    return [item for item in items if item]


def _concat(first: Any, *others: Any) -> list[Any]:
    return [item for each in (first, *others) for item in _as_list(each)]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "endswith": lambda text, end: as_string(text).endswith(as_string(end)),
    "flatten": _flatten,
    "format": _format,
    "join": _join,
    "jsondecode": lambda text: _from_json(as_string(text)),
    "jsonencode": json_text,
    "keys": lambda value: sorted(_as_map(value)),
    "length": _length,
    "lookup": _find,
    "lower": lambda text: _as_text(text).lower(),
    "max": lambda *numbers: max(map(_as_number, numbers)),
    "merge": _merge,
    "min": lambda *numbers: min(map(_as_number, numbers)),
    "nonsensitive": lambda value: value,
    "range": _range,
    "replace": _replace,
    "sensitive": lambda value: value,
    "sort": _sort,
    "split": _split,
    "startswith": lambda text, start: as_string(text).startswith(as_string(start)),
    "tobool": lambda value: None if value is None else as_boolean(value),
    "tolist": lambda value: _as_one_kind(_as_list(value)),
    "tomap": _to_map,
    "tonumber": lambda value: None if value is None else _as_number(value),
    "toset": as_set,
    "tostring": lambda value: None if value is None else as_string(value),
    "trimprefix": lambda text, start: as_string(text).removeprefix(as_string(start)),
    "trimspace": lambda text: _as_text(text).strip(" \t\n\r\v\f"),
    "trimsuffix": lambda text, end: as_string(text).removesuffix(as_string(end)),
    "upper": lambda text: _as_text(text).upper(),
    "values": lambda value: [item for _, item in sorted(_as_map(value).items())],
}
