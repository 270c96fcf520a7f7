"""Is this value still unknown? Answered from the value alone, without a call to Node.

CDKTF marks what only Terraform will know (a *token*) inside ordinary Python values: a string with a
marker in it, a float from a reserved range, a list or map of one marker, or an object with
`resolve`. A string in which the user wrote a Terraform expression is as unknown as a token.

Whoever reads values from elsewhere (a plan, an API call) knows which of them are final: they come as
`literal`, and what is not known yet as `Deferred`. Nothing is guessed from their look.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, Protocol, TypeVar

# `${…}` and `%{…}` are Terraform's own expressions (`$${` and `%%{` are their escapes); `#{TfToken[…]}`
# and `&{TfToken[…]}` mark CDKTF's lists and maps.
_EXPRESSION = re.compile(r"(?<!\$)(?:\$\$)*\$\{|(?<!%)(?:%%)*%\{|[#&]\{TfToken\[")

# CDKTF encodes number tokens as floats: their upper 16 bits say what they are, the others count them. All lie
# below this bound, far from any number a policy can hold.
_HIGHEST_NUMBER_TOKEN = -1e280
_INFINITY = float("inf")
_NUMBER, _NUMBERS = 0xFDFF, 0xFBFF  # a number, a list of numbers
_MAX_COUNT = 2**32
_LIST_MARKER = "#{TfToken["

# A number token within a string, as CDKTF looks for it there.
_NUMBER_IN_TEXT = re.compile(r"-\d(?:\.\d+)?e\+2[89]\d")

T = TypeVar("T")


class Literal(str):
    """A string that is final, whatever it looks like: `${x}` in it is text."""


class LiteralFloat(float):
    """A float that is final, whatever its range."""


class Deferred(str):
    """What only Terraform knows, and only later; the string names it: `${alicloud_oss_bucket.b.id}`."""


class Sensitive(Deferred):
    """What Terraform knows, and does not show."""


class Oversized(Deferred):
    """What is far larger than the API takes, and not looked into; the string says how large it is."""


class TokenElement(str):
    """What Python takes out of a list token: its marker, which alone in a list would be the whole list."""


class TokenList(list[Any]):
    """A list token; whoever takes an element out of it, or loops over it, gets a `TokenElement`."""

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return list(map(TokenElement, item)) if isinstance(item, list) else TokenElement(item)

    def __iter__(self) -> Iterator[Any]:
        return map(TokenElement, super().__iter__())


class TokenNumber(float):
    """A number token: Python does not know the number, and refuses to compute with it or to compare it."""

    def __format__(self, form: str) -> str:
        return _refuse_to_compute() if form else str(self)


def _refuse_to_compute(*numbers: object) -> NoReturn:
    raise TypeError(f"a number token stands for what only Terraform knows. {_COMPUTE}")


_COMPUTE = "Compute with Op or Fn, such as Op.mul(number, 2): Python does not know the number yet."
_BOTH_WAYS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow")
for _operation in (
    *(f"{side}{name}" for side in ("", "r") for name in _BOTH_WAYS),
    *("neg", "pos", "abs", "int", "trunc", "floor", "ceil", "round", "lt", "le", "gt", "ge", "float"),
):
    setattr(TokenNumber, f"__{_operation}__", _refuse_to_compute)


def whole(value: Any) -> Any:
    """What an ordinary copy of a list token is; anything else as it is."""
    return (list.__getitem__(value, 0),) if isinstance(value, TokenList) else value


def mark(value: Any) -> Any:
    """What comes from CDKTF; a list token as a `TokenList`, a number token as a `TokenNumber`."""
    if isinstance(value, float):
        return TokenNumber(value) if _is_number_token(value, _NUMBER) else value
    is_list_token = isinstance(value, list) and len(value) == 1 and is_marker(value[0], _LIST_MARKER)
    return TokenList(value) if is_list_token else value


def advise_on_part(value: object) -> str | None:
    """What to write instead, where Python took a list token apart or computed with a number token."""
    if isinstance(value, TokenElement) or (isinstance(value, float) and _is_number_token(value, _NUMBERS)):
        return "Write Fn.element(list, 0) instead of list[0], and an iterator instead of a loop."
    if isinstance(value, (float, int)) and is_computed(value):
        return _COMPUTE
    return None


def is_computed(value: float | int) -> bool:
    """Whether Python computed with the marker of a number token, as it can where that is no `TokenNumber`:
    `-n` is as large, and `int(n)` the same. What adds little, such as `n + 1`, is the marker itself."""
    if isinstance(value, (TokenNumber, LiteralFloat)):
        return False
    is_as_large = -_HIGHEST_NUMBER_TOKEN < abs(value) < _INFINITY
    return is_as_large and (isinstance(value, int) or not _is_number_token(value, _NUMBER))


def _is_number_token(value: float, kind: int) -> bool:
    if isinstance(value, TokenNumber):
        return kind == _NUMBER
    if isinstance(value, LiteralFloat) or not -_INFINITY < value < _HIGHEST_NUMBER_TOKEN:
        return False
    bits: int = struct.unpack(">Q", struct.pack(">d", value))[0]
    return bits >> 48 == kind and bits & (2**48 - 1) < _MAX_COUNT


def literal(value: Any) -> Any:
    """JSON's value, final: its strings are `Literal`, its floats `LiteralFloat`."""
    if isinstance(value, str):
        return value if isinstance(value, Deferred) else Literal(value)
    if isinstance(value, float):
        return LiteralFloat(value)
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, dict):
        return {literal(key): literal(item) for key, item in value.items()}
    return value


class Resolvable(Protocol):
    """CDKTF's `IResolvable`: a value that is computed at synthesis or by Terraform."""

    def resolve(self, context: Any) -> Any: ...


# What a prop takes where the API takes a number or a boolean. Number tokens are floats.
Number = int | float | Resolvable
Boolean = bool | Resolvable


def is_token(value: object) -> bool:
    """Whether this very value is unknown until Terraform runs (its elements are not looked at)."""
    if isinstance(value, str):
        if value.__class__ is not str and isinstance(value, (Literal, Deferred)):
            return isinstance(value, Deferred)
        if "{" in value and _EXPRESSION.search(value):
            return True
        return "e+2" in value and _NUMBER_IN_TEXT.search(value) is not None
    if value is None or isinstance(value, int):
        return False
    if isinstance(value, float):
        return _is_number_token(value, _NUMBER)
    if isinstance(value, (list, tuple)):
        if len(value) != 1:
            return False
        item = whole(value)[0]
        if isinstance(item, float):
            return _is_number_token(item, _NUMBERS)
        return is_marker(item, _LIST_MARKER) and not isinstance(item, TokenElement)
    if isinstance(value, Mapping):
        return any(is_marker(key, "&{TfToken[") for key in value)
    if hasattr(value, "resolve"):
        return not isinstance(value, os.PathLike)  # a path has a `resolve` of its own
    # What lives in Node and is of no known class, such as `variable.value` and `Fn.conditional(…)`.
    return hasattr(value, "__jsii_ref__") and not hasattr(type(value), "__jsii_type__")


def is_marker(value: object, start: str) -> bool:
    """Whether a string is CDKTF's marker of a list or a map, which begins so, and nothing else."""
    return (
        isinstance(value, str)
        and value.startswith(start)
        and value.find("]}") == len(value) - 2
        and not isinstance(value, Literal)
    )


def holds_token(value: object) -> bool:
    """Whether this value, or anything inside it, is unknown until Terraform runs."""
    if is_token(value):
        return True
    if isinstance(value, Mapping):
        return any(holds_token(key) or holds_token(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return any(holds_token(item) for item in value)
    return False


def holds_sensitive(value: object) -> bool:
    """Whether this value, or anything inside it, is not to be shown."""
    if isinstance(value, Mapping):
        return any(map(holds_sensitive, value.values()))
    return (
        any(map(holds_sensitive, value)) if isinstance(value, (list, tuple)) else isinstance(value, Sensitive)
    )


def known(value: object, kind: type[T]) -> T | None:
    """The value if it is of this kind and known; None where it is unset, unknown or something else.

    What has the wrong type is a finding of its own, so every other check steps over it.
    """
    if value.__class__ is kind:  # the common case
        return None if is_token(value) else value
    if isinstance(value, kind) and not isinstance(value, bool) and not is_token(value):
        return value
    return None
