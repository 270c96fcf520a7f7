"""What Terraform fills in: which values are unknown until it runs, and what is certain of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from constructs_lib.tokens import Deferred, Literal, is_marker, is_token

_UNKNOWN = re.compile(r"(?<!\$)\$\{(?!acs:)|(?<!%)%\{|[#&]\{TfToken\[")
_HAND_WRITTEN = re.compile(r"(?<!\$)\$\{(?!acs:|TfToken\[)|(?<!%)%\{")
# In what is final nothing escapes an expression.
_LEFT_OVER = re.compile(r"\$\{(?!acs:)|%\{")
_POLICY_VARIABLE = re.compile(r"(?<!\$)\$\{(?=acs:)")
# Escapes and policy variables stay; a token goes, and any other expression up to the last brace.
_PIECE = re.compile(r"\$(\$\{)|%(%\{)|(\$\{acs:)|[$#&]\{TfToken\[[^\]]*\]\}|[$%]\{.*\}", re.DOTALL)

# A policy variable ends at its own brace, whatever else may be filled in at the last one, or at the end;
# `~` in a marker takes the blanks beside it away.
_LEFT_OPEN = re.compile(
    r"\$+\{acs:[^{}*?]*\}|(?<!\s)\s*(?:[$%]+\{|[#&]\{TfToken\[)(?:.*\}\s*|.*\Z)", re.DOTALL
)


def is_unknown(value: object) -> bool:
    """Whether this very value is unknown until Terraform runs.

    Not quite `is_token`: a policy variable of RAM is known text, and a map token stands alone in its map.
    """
    if isinstance(value, str) and not isinstance(value, (Literal, Deferred)):
        return "{" in value and _UNKNOWN.search(value) is not None
    if isinstance(value, dict):
        return len(value) == 1 and is_marker(next(iter(value)), "&{TfToken[")
    return is_token(value)


def holds_expression(text: str) -> bool:
    """Whether a string holds an expression of Terraform that is no CDKTF token; in a final one, any."""
    pattern = _LEFT_OVER if isinstance(text, Literal) else _HAND_WRITTEN
    return pattern.search(text) is not None and not isinstance(text, Deferred)


def escaped(text: str) -> str:
    """A text whose policy variables Terraform leaves alone."""
    return _POLICY_VARIABLE.sub("$${", text) if "${acs:" in text else text


def widest(text: str, anything: str) -> str:
    """A string with `anything` in the place of whatever may be filled in, policy variables included."""
    return _LEFT_OPEN.sub(anything, text) if "{" in text else text


def with_symbols(text: str, symbols: dict[str, str]) -> str:
    """A string with a character of the private use area for whatever is filled in, the same for the same."""
    return _LEFT_OPEN.sub(lambda piece: symbols.setdefault(piece[0], chr(0xE000 + len(symbols))), text)


def certain(value: Any) -> Any:
    """A value without what Terraform fills in, its escapes undone: what RAM receives in any case."""
    if isinstance(value, Literal):
        return value
    if isinstance(value, str):
        return _PIECE.sub(lambda piece: piece[1] or piece[2] or piece[3] or "", value)
    if is_unknown(value):
        return ""
    if isinstance(value, Mapping):
        return {certain(key): certain(item) for key, item in value.items()}
    return [certain(item) for item in value] if isinstance(value, (list, tuple)) else value


def holds_unknown(value: Any) -> bool:
    """Whether anything in a value is unknown until Terraform runs."""
    if isinstance(value, Mapping):
        return is_unknown(value) or any(holds_unknown(key) or holds_unknown(value[key]) for key in value)
    if isinstance(value, (list, tuple)):
        return any(map(holds_unknown, value))
    return is_unknown(value)
