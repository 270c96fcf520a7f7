"""Python code as a tree, and its text, as a formatter would leave it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import field, frozen

WIDTH = 88
"""Columns of a line: what ruff and black take where nobody has told them."""
_STEP = 4


def _arguments(given: Iterable[tuple[str, Code]]) -> tuple[tuple[str, Code], ...]:
    return tuple(given)


def _items(given: Iterable[Code]) -> tuple[Code, ...]:
    return tuple(given)


@frozen
class Atom:
    """Code that stays on one line."""

    text: str


@frozen
class Call:
    """A call; an argument without a name is given by its place."""

    function: str
    arguments: tuple[tuple[str, Code], ...] = field(converter=_arguments)


@frozen
class Items:
    """A list."""

    items: tuple[Code, ...] = field(converter=_items)


@frozen
class Pairs:
    """A dict."""

    pairs: tuple[tuple[str, Code], ...] = field(converter=_arguments)


@frozen
class Shared:
    """A value that becomes a constant where it is there more than once.

    * `name`: of the constant. `comment`: stands above it.
    """

    code: Code
    name: str
    comment: str = ""


Code = Atom | Call | Items | Pairs | Shared


def string(value: str) -> Atom:
    """A string, in the quotes that need fewer escapes; nothing in it is hidden, or ends it."""
    quote = "'" if value.count('"') > value.count("'") else '"'
    return Atom(quote + "".join(_character(each, quote) for each in value) + quote)


_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _character(character: str, quote: str) -> str:
    if character == quote:
        return f"\\{quote}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else repr(character)[1:-1]


def strings(values: Iterable[str]) -> Items:
    """A list of strings."""
    return Items(map(string, values))


def flat(code: Code) -> str:
    """The code on one line."""
    if isinstance(code, Atom):
        return code.text
    if isinstance(code, Shared):
        return flat(code.code)
    opening, members, closing = _parts(code)
    return opening + ", ".join(f"{label}{flat(member)}" for label, member in members) + closing


def lines(code: Code, indent: int, before: str = "", after: str = "") -> Iterator[str]:
    """The lines of code that begins at a column, with what stands before and after it."""
    line = f"{' ' * indent}{before}{flat(code)}{after}"
    while isinstance(code, Shared):
        code = code.code
    opening, members, closing = ("", [], "") if isinstance(code, Atom) else _parts(code)
    if columns(line) <= WIDTH or not members:
        yield line
        return
    head = f"{' ' * indent}{before}{opening}"
    if columns(head) > WIDTH and before.endswith(" = "):
        yield f"{' ' * indent}{before}("
        yield from lines(code, indent + _STEP)
        yield f"{' ' * indent}){after}"
        return
    yield head
    for label, member in members:
        yield from lines(member, indent + _STEP, label, ",")
    yield f"{' ' * indent}{closing}{after}"


def _parts(code: Call | Items | Pairs) -> tuple[str, Sequence[tuple[str, Code]], str]:
    match code:
        case Call():
            named = [(f"{name}=" if name else "", value) for name, value in code.arguments]
            return f"{code.function}(", named, ")"
        case Items():
            return "[", [("", item) for item in code.items], "]"
        case Pairs():
            return "{", [(f"{key}: ", value) for key, value in code.pairs], "}"


def columns(line: str) -> int:
    """How wide a line is on a screen."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)


def shared_in(code: Code) -> Iterator[Shared]:
    """All values in the code that may become constants, those inside of others too."""
    if isinstance(code, Shared):
        yield code
        yield from shared_in(code.code)
    elif not isinstance(code, Atom):
        for _, member in _parts(code)[1]:
            yield from shared_in(member)


def replaced(code: Code, constant: Callable[[Shared], Code]) -> Code:
    """The code with what a function makes of each value that may become a constant."""
    match code:
        case Shared():
            return constant(code)
        case Call():
            arguments = [(name, replaced(value, constant)) for name, value in code.arguments]
            return Call(code.function, arguments)
        case Items():
            return Items([replaced(item, constant) for item in code.items])
        case Pairs():
            return Pairs([(key, replaced(value, constant)) for key, value in code.pairs])
        case _:
            return code
