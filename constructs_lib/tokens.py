"""Is this value still unknown? Answered from the value alone, without a call to Node.

CDKTF marks what only Terraform will know (a *token*) inside ordinary Python values: text with a
marker in it, a float from a reserved range, a list or map of one marker, or an object with
`resolve`. Text in which the user wrote a Terraform expression is as unknown as a token.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

# `${…}` and `%{…}` are Terraform's own expressions (`$${` and `%%{` are their escapes); `#{TfToken[…]}`
# and `&{TfToken[…]}` mark CDKTF's lists and maps.
_EXPRESSION = re.compile(r"(?<!\$)(?:\$\$)*\$\{|(?<!%)(?:%%)*%\{|[#&]\{TfToken\[")

# CDKTF encodes number tokens as floats whose upper 16 bits are 0xFDFF (numbers) or 0xFBFF (lists of
# numbers): all lie below this bound, far from any number a policy can hold.
_HIGHEST_NUMBER_TOKEN = -1e280
_INFINITY = float("inf")

# A number token within text, as CDKTF looks for it there.
_NUMBER_IN_TEXT = re.compile(r"-\d(?:\.\d+)?e\+2[89]\d")

T = TypeVar("T")


class Resolvable(Protocol):
    """CDKTF's `IResolvable`: a value that is computed at synthesis or by Terraform."""

    def resolve(self, context: Any) -> Any: ...


# What a prop takes where the API takes a number or a boolean. Number tokens are floats.
Number = int | float | Resolvable
Boolean = bool | Resolvable


def is_token(value: object) -> bool:
    """Whether this very value is unknown until Terraform runs (its elements are not looked at)."""
    if isinstance(value, str):
        if "{" in value and _EXPRESSION.search(value):
            return True
        return "e+2" in value and _NUMBER_IN_TEXT.search(value) is not None
    if value is None or isinstance(value, int):
        return False
    if isinstance(value, float):
        return -_INFINITY < value < _HIGHEST_NUMBER_TOKEN
    if isinstance(value, (list, tuple)):
        return len(value) == 1 and (
            (isinstance(value[0], float) and is_token(value[0]))
            or (isinstance(value[0], str) and value[0].startswith("#{TfToken["))
        )
    if isinstance(value, Mapping):
        return any(isinstance(key, str) and key.startswith("&{TfToken[") for key in value)
    if hasattr(value, "resolve"):
        return not isinstance(value, os.PathLike)  # a path has a `resolve` of its own
    # What lives in Node and is of no known class, such as `variable.value` and `Fn.conditional(…)`.
    return hasattr(value, "__jsii_ref__") and not hasattr(type(value), "__jsii_type__")


def holds_token(value: object) -> bool:
    """Whether this value, or anything inside it, is unknown until Terraform runs."""
    if is_token(value):
        return True
    if isinstance(value, Mapping):
        return any(holds_token(key) or holds_token(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return any(holds_token(item) for item in value)
    return False


def known(value: object, kind: type[T]) -> T | None:
    """The value if it is of this kind and known; None where it is unset, unknown or something else.

    What has the wrong type is a finding of its own, so every other check steps over it.
    """
    if value.__class__ is kind:  # the common case
        return None if is_token(value) else value
    if isinstance(value, kind) and not isinstance(value, bool) and not is_token(value):
        return value
    return None
