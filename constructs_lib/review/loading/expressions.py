"""Terraform's expressions and templates, parsed: what they refer to, and trees for `evaluation`.

    parse_template("acs:oss:*:*:${local.bucket}/*")

Source: HCL, "HCL Native Syntax Specification", and "Expressions" of Terraform's documentation. What this
parser does not know (template directives, strip markers, heredocs, fractions) is an `Expression` without a
tree: it is unknown, and so is what it refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from textwrap import dedent
from typing import Any, NamedTuple

import attrs
from attrs import frozen

# What an expression may nest: far more than a person writes, far less than the stack holds.
MAX_LEVELS = 40
MAX_LENGTH = 200_000

Path = tuple[str | int, ...]


class ParseError(ValueError):
    """An expression cannot be read; the text says why."""


class Expression(NamedTuple):
    """One `${…}` of a template; `tree` is None where it cannot be read."""

    source: str
    tree: Any


# ------------------------------------------------------------ trees


@frozen
class Constant:
    value: str | int | bool | None


@frozen
class Name:
    name: str


@frozen
class GetAttribute:
    owner: Any
    name: str


@frozen
class GetIndex:
    owner: Any
    index: Any


@frozen
class Splat:
    """`owner[*].name` and `owner.*.name`: the steps are trees over `SplatItem`."""

    owner: Any
    item: Any


@frozen
class SplatItem:
    """The item that a splat is at."""


@frozen
class FunctionCall:
    name: str
    arguments: tuple[Any, ...]
    expands_last: bool


@frozen
class UnaryOperation:
    operator: str
    operand: Any


@frozen
class BinaryOperation:
    operator: str
    left: Any
    right: Any


@frozen
class Conditional:
    condition: Any
    if_true: Any
    if_false: Any


@frozen
class TupleConstructor:
    items: tuple[Any, ...]


@frozen
class ObjectConstructor:
    items: tuple[tuple[Any, Any], ...]


@frozen
class ForExpression:
    """`[for names in collection : value if condition]`; with `key` the one that makes an object."""

    names: tuple[str, ...]
    collection: Any
    key: Any
    value: Any
    condition: Any
    groups: bool


@frozen
class QuotedTemplate:
    """A quoted string with expressions: constants and other trees."""

    parts: tuple[Any, ...]


# ------------------------------------------------------------ templates


def has_expression(text: str) -> bool:
    """Whether a string of Terraform's JSON configuration holds an expression, or an escape of one."""
    return "${" in text or "%{" in text


@lru_cache(maxsize=8192)
def parse_template(text: str) -> tuple[str | Expression, ...]:
    """The parts of a string of the JSON configuration: literal text, and expressions.

    A policy variable of RAM, `${acs:…}`, is text.
    """
    parts: list[str | Expression] = []
    literal: list[str] = []
    place = 0
    while match := _MARKER.search(text, place):
        literal.append(text[place : match.start()])
        if len(match["signs"]) > 2:  # nobody writes it, and Terraform's scanner has rules of its own
            return (Expression(text, None),)
        if len(match["signs"]) == 2:
            literal.append(match.group()[1:])
            place = match.end()
            continue
        expression, place = _parse_marked(text, match.start())
        if "".join(literal):
            parts.append("".join(literal))
        literal.clear()
        parts.append(expression)
    if rest := "".join((*literal, text[place:])):
        parts.append(rest)
    return tuple(parts)


# One sign begins an expression, two are its escape.
_MARKER = re.compile(r"(?P<signs>\$\$+|%+|\$(?=\{(?!acs:)))\{")


def _parse_marked(text: str, start: int) -> tuple[Expression, int]:
    if text.startswith("${", start) and len(text) <= MAX_LENGTH:
        parser = _ExpressionParser(text, start + 2)
        try:
            tree = parser.interpolation()
            return Expression(text[start : parser.place], tree), parser.place
        except (ParseError, RecursionError):
            pass
    end = end_of_expression(text, start)
    return Expression(text[start:end], None), end


_BRACE_OR_QUOTE = re.compile(r'\\.|["{}]', re.DOTALL)


def end_of_expression(text: str, start: int) -> int:
    """Behind the brace that closes the expression at `start`; the end of the text if none does."""
    depth, quoted = 0, False
    for match in _BRACE_OR_QUOTE.finditer(text, start):
        if match.group() == '"':
            quoted = not quoted
        elif not quoted and match.group() in "{}":
            depth += 1 if match.group() == "{" else -1
            if not depth:
                return match.end()
    return len(text)


# ------------------------------------------------------------ parsing

_BLANK = re.compile(r"(?:[ \t\r]+|/\*.*?\*/|#[^\n]*|//[^\n]*)+", re.DOTALL)
_BLANK_OR_NEWLINE = re.compile(r"(?:\s+|/\*.*?\*/|#[^\n]*|//[^\n]*)+", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d][\w-]*)"
    r"|(?P<sign>==|!=|<=|>=|=>|&&|\|\||\.\.\.|::|[-+*/%!<>?:=.,()\[\]{}\"\n])"
)
_OPERATORS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
_PRECEDENCE = {operator: level for level, operators in enumerate(_OPERATORS) for operator in operators}
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _ExpressionParser:
    """Reads one expression at a place of a text. Raises `ParseError`."""

    def __init__(self, text: str, place: int = 0) -> None:
        self.text, self.place = text, place
        self._depth = 0
        self._newlines_count = False  # whether a newline ends what stands before it, as in an object

    # ---- tokens

    def _next(self) -> tuple[str, str]:
        """The kind and the text of the token ahead, which is not taken."""
        blank = _BLANK if self._newlines_count else _BLANK_OR_NEWLINE
        if skipped := blank.match(self.text, self.place):
            self.place = skipped.end()
        match = _TOKEN.match(self.text, self.place)
        if match is None or match.lastgroup is None:
            return "", ""
        return match.lastgroup, match.group()

    def _take(self, *texts: str) -> str:
        """The token ahead if it is one of these, taken; else the empty string."""
        kind, text = self._next()
        if kind in ("sign", "name") and text in texts:
            self.place += len(text)
            return text
        return ""

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise ParseError(f"{text} is missing")

    def _take_kind(self, kind: str) -> str:
        found, text = self._next()
        if found != kind:
            raise ParseError(f"a {kind} is missing")
        self.place += len(text)
        return text

    # ---- expressions

    def interpolation(self) -> Any:
        """What stands between `${` and `}`."""
        tree = self._inside()
        self._expect("}")
        return tree

    def whole(self) -> Any:
        """The one expression that is all of the text."""
        tree = self._inside()
        if self.text[self.place :].strip():
            raise ParseError("something follows the expression")
        return tree

    def _inside(self) -> Any:
        """An expression in brackets of its own, and the blanks behind it."""
        before, self._newlines_count = self._newlines_count, False
        tree = self.expression()
        self._newlines_count = before
        return tree

    def expression(self) -> Any:
        self._depth += 1
        if self._depth > MAX_LEVELS:
            raise ParseError("it is nested too deeply")
        tree = self._binary(0)
        if self._take("?"):
            if_true = self.expression()
            self._expect(":")
            tree = Conditional(tree, if_true, self.expression())
        self._depth -= 1
        return tree

    def _binary(self, lowest: int) -> Any:
        """Operators that bind at least so tightly, and what they are between."""
        tree = self._unary()
        for _ in range(MAX_LEVELS):
            operator = self._next()[1]
            level = _PRECEDENCE.get(operator, -1)
            if level < lowest:
                return tree
            self._take(operator)
            tree = BinaryOperation(operator, tree, self._binary(level + 1))
        raise ParseError("it has too many operators")

    def _unary(self) -> Any:
        if operator := self._take("!", "-"):
            self._depth += 1
            if self._depth > MAX_LEVELS:
                raise ParseError("it is nested too deeply")
            tree = UnaryOperation(operator, self._unary())
            self._depth -= 1
            return tree
        return self._traversal(self._term())

    def _term(self) -> Any:
        kind, text = self._next()
        if kind == "number":
            self.place += len(text)
            return Constant(_whole_number(text))
        if kind == "name":
            return self._name()
        if self._take('"'):
            return self._quoted()
        if self._take("("):
            tree = self._inside()
            self._expect(")")
            return tree
        if self._take("["):
            return self._tuple()
        if self._take("{"):
            return self._object()
        if heredoc := _HEREDOC.match(self.text, self.place):
            self.place = heredoc.end()
            return _read_heredoc(heredoc)
        raise ParseError("an expression is missing")

    def _name(self) -> Any:
        name = self._take_kind("name")
        while self._take("::"):
            name = f"{name}::{self._take_kind('name')}"
        if self._take("("):
            return self._call(name)
        if name in _KEYWORDS:
            return Constant(_KEYWORDS[name])
        if "::" in name:
            raise ParseError("a function has no arguments")
        return Name(name)

    def _call(self, name: str) -> Any:
        arguments: list[Any] = []
        expands = False
        while not self._take_closing(")"):
            arguments.append(self._inside())
            expands = bool(self._take_closing("..."))
            if expands or not self._take_closing(","):
                self._expect_closing(")")
                break
        return FunctionCall(name, tuple(arguments), expands)

    def _take_closing(self, text: str) -> str:
        """A sign inside of brackets, where newlines do not count."""
        before, self._newlines_count = self._newlines_count, False
        taken = self._take(text)
        self._newlines_count = before
        return taken

    def _expect_closing(self, text: str) -> None:
        if not self._take_closing(text):
            raise ParseError(f"{text} is missing")

    def _tuple(self) -> Any:
        if self._next_is_for():
            return self._for("]")
        items = []
        while not self._take_closing("]"):
            items.append(self._inside())
            if not self._take_closing(","):
                self._expect_closing("]")
                break
        return TupleConstructor(tuple(items))

    def _next_is_for(self) -> bool:
        return bool(self._take_closing("for"))

    def _object(self) -> Any:
        if self._next_is_for():
            return self._for("}")
        items = []
        before, self._newlines_count = self._newlines_count, True
        while not self._take_closing("}"):
            key = self._key()
            if not self._take("=", ":"):
                raise ParseError("= is missing")
            items.append((key, self.expression()))
            if self._next()[1] != "}" and not self._take(",", "\n"):
                raise ParseError("an object's items are not separated")
        self._newlines_count = before
        return ObjectConstructor(tuple(items))

    def _key(self) -> Any:
        kind, text = self._next() if self._skip_newlines() else ("", "")
        if kind == "name":
            self.place += len(text)
            return Constant(text)
        if self._take("("):
            tree = self._inside()
            self._expect(")")
            return tree
        if self._take('"'):
            return self._quoted()
        raise ParseError("an object's key is missing")

    def _skip_newlines(self) -> bool:
        if skipped := _BLANK_OR_NEWLINE.match(self.text, self.place):
            self.place = skipped.end()
        return True

    def _for(self, closing: str) -> Any:
        before, self._newlines_count = self._newlines_count, False
        names = [self._take_kind("name")]
        if self._take(","):
            names.append(self._take_kind("name"))
        self._expect("in")
        collection = self.expression()
        self._expect(":")
        key, value = None, self.expression()
        if closing == "}":
            self._expect("=>")
            key, value = value, self.expression()
        groups = bool(self._take("..."))
        condition = self.expression() if self._take("if") else None
        self._expect(closing)
        self._newlines_count = before
        return ForExpression(tuple(names), collection, key, value, condition, groups)

    def _traversal(self, tree: Any) -> Any:
        steps = 0
        while True:
            steps += 1
            if steps > MAX_LEVELS:
                raise ParseError("it has too many steps")
            if self._next_is_index_of_all():
                item = self._steps_of_splat(SplatItem(), ("name", "index"))
                return Splat(tree, item)
            if self._take("["):
                index = self._inside()
                self._expect_closing("]")
                tree = GetIndex(tree, index)
            elif self._take("."):
                if self._take("*"):
                    tree = Splat(tree, self._steps_of_splat(SplatItem(), ("name",)))
                else:
                    tree = self._step(tree)
            else:
                return tree

    def _next_is_index_of_all(self) -> bool:
        self._next()
        match = _INDEX_OF_ALL.match(self.text, self.place)
        self.place = match.end() if match else self.place
        return match is not None

    def _steps_of_splat(self, tree: Any, kinds: tuple[str, ...]) -> Any:
        for _ in range(MAX_LEVELS):
            if self._take("."):
                tree = GetAttribute(tree, self._take_kind("name"))
            elif "index" in kinds and self._take("["):
                tree = GetIndex(tree, self._inside())
                self._expect_closing("]")
            else:
                break
        return tree

    def _step(self, tree: Any) -> Any:
        kind, text = self._next()
        self.place += len(text)
        if kind == "name":
            return GetAttribute(tree, text)
        if kind == "number" and text.isdecimal():
            return GetIndex(tree, Constant(int(text)))
        raise ParseError("a name is missing")

    # ---- quoted strings

    def _quoted(self) -> Any:
        parts: list[Any] = []
        literal: list[str] = []
        while True:
            match = _QUOTED.match(self.text, self.place)
            if match is None:
                raise ParseError("a string has no end")
            self.place = match.end()
            if match.lastgroup == "end":
                break
            if match.lastgroup == "expression":
                if literal:
                    parts.append(Constant("".join(literal)))
                    literal = []
                parts.append(self.interpolation())
                continue
            literal.append(_unescape(match))
        if literal or not parts:
            parts.append(Constant("".join(literal)))
        return parts[0] if len(parts) == 1 else QuotedTemplate(tuple(parts))


_INDEX_OF_ALL = re.compile(r"\[\s*\*\s*\]")
_QUOTED = re.compile(
    r'(?P<end>")|(?P<signs>\$\$+\{|%%+\{)|(?P<expression>\$\{(?!~))|(?P<not_read>%\{|\$\{)'
    r"|(?P<escape>\\(?:[nrt\"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))|(?P<character>[^\\\n])",
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


_HEREDOC = re.compile(
    r"<<(?P<dash>-?)(?P<end>[^\W\d][\w-]*)[ \t]*\r?\n(?P<text>(?:.*\n)*?)[ \t]*(?P=end)(?=[ \t]*(?:\r?\n|\Z))"
)


def _read_heredoc(match: re.Match[str]) -> Constant:
    """The text of a heredoc, without its indentation where that is asked for."""
    text = match["text"]
    if "${" in text or "%{" in text:
        raise ParseError("a heredoc holds an expression")
    return Constant(dedent(text) if match["dash"] else text)


def _unescape(match: re.Match[str]) -> str:
    text = match.group()
    if match.lastgroup == "character":
        return text
    if match.lastgroup == "signs" and len(text) == 3:
        return text[1:]
    if match.lastgroup == "escape":
        if text[1] in _ESCAPES:
            return _ESCAPES[text[1]]
        number = int(text[2:], 16)
        if number < 0x110000 and not 0xD800 <= number < 0xE000:
            return chr(number)
    raise ParseError("a string holds what is not read here")


def _whole_number(text: str) -> int:
    if text.isdecimal() and len(text) <= 15:
        return int(text)
    raise ParseError("a number is not whole")


def parse_expression(source: str) -> Any:
    """The tree of an expression that is the whole of a text. Raises `ParseError`."""
    if len(source) > MAX_LENGTH:
        raise ParseError("it is too long")
    return _ExpressionParser(source).whole()


# ------------------------------------------------------------ references


@lru_cache(maxsize=8192)
def references(text: str) -> tuple[frozenset[Path], frozenset[FunctionCall]] | None:
    """What a string refers to, such as `("local", "doc")`, and the calls of functions in it.

    None if it cannot be read.
    """
    paths: set[Path] = set()
    calls: set[FunctionCall] = set()
    for part in parse_template(text):
        if isinstance(part, str):
            continue
        if part.tree is None:
            return None
        for found in _references(part.tree, frozenset()):
            if isinstance(found, FunctionCall):
                calls.add(found)
            else:
                paths.add(found)
    return frozenset(paths), frozenset(calls)


def _references(tree: Any, bound: frozenset[str]) -> Iterator[Path | FunctionCall]:
    if isinstance(tree, tuple):
        for item in tree:
            yield from _references(item, bound)
        return
    if not attrs.has(type(tree)):
        return
    path = static_path(tree)
    if path is not None:
        if path[0] not in bound:
            yield path
        return
    if isinstance(tree, ForExpression):
        yield from _references(tree.collection, bound)
        yield from _references((tree.key, tree.value, tree.condition), bound | set(tree.names))
        return
    if isinstance(tree, FunctionCall):
        yield tree
    for field in attrs.fields(type(tree)):
        yield from _references(getattr(tree, field.name), bound)


def static_path(tree: Any) -> Path | None:
    """The steps of a reference in which nothing has to be computed; None where it is something else."""
    steps: list[str | int] = []
    while not isinstance(tree, Name):
        if isinstance(tree, GetAttribute):
            steps.append(tree.name)
        elif isinstance(tree, GetIndex) and isinstance(tree.index, Constant):
            key: Any = tree.index.value
            if type(key) not in (str, int):
                return None
            steps.append(key)
        else:
            return None
        tree = tree.owner
    return (tree.name, *reversed(steps))
