"""What is far larger than the API takes: a review names it by its size and a digest, and looks no further.

It is unknown, so that whatever rests on it is undecided; only equal values are known to be equal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.backup.checks import MAX_RULES
from constructs_lib.ram.canonical import FAR_TOO_LARGE, is_larger
from constructs_lib.review.loading.json_text import LongText
from constructs_lib.tokens import Deferred, Oversized

# In characters, besides blanks. A rule may list many sources; what else there is says little of a policy.
_MOST = {"policy_document": FAR_TOO_LARGE, "document": FAR_TOO_LARGE}
_MOST_OF_OTHERS = 100_000
_MOST_WITH_BLANKS = 1_000_000
MOST_RULES = 4 * MAX_RULES
# The shortest statement is `{"Effect":"Allow"}`.
MOST_STATEMENTS = FAR_TOO_LARGE // 18
_BLOCKS = {"rules": "rules", "statement": "statements"}
_START = "too large to be looked into: "
_PIECE = 1_000_000


def without_oversized(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes of a resource, with `Oversized` for what is far too large."""
    oversized = dict(_oversized(attributes))
    return {**attributes, **oversized} if oversized else attributes


def _oversized(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Oversized]]:
    for name, value in attributes.items():
        if not isinstance(value, (str, list, dict)) or isinstance(value, Deferred):
            continue
        most = _MOST.get(name, _MOST_OF_OTHERS)
        if isinstance(value, LongText):
            yield name, Oversized(f"{_START}{value!s}")
            continue
        # What is written like an `Oversized` becomes one of its own: it never looks equal to another.
        is_like_one = isinstance(value, str) and value.startswith(_START)
        is_long = name == "rules" and isinstance(value, list) and len(value) > MOST_RULES
        is_blank = isinstance(value, str) and len(value) > _MOST_WITH_BLANKS
        if is_like_one or is_long or is_blank or is_larger(value, most):
            yield name, Oversized(f"{_START}{_size(name, value)}, SHA-256 {_digest(value)}")


def named_by_size(name: str, value: Any, behind: Any) -> Oversized:
    """What stands for an attribute that is too large; `behind`: what else it depends on."""
    return Oversized(f"{_START}{_size(name, value)}, SHA-256 {_digest([value, behind])}")


def _size(name: str, value: Any) -> str:
    if name in _BLOCKS and isinstance(value, list):
        return f"{len(value):,} {_BLOCKS[name]}"
    return f"{len(value):,} {'characters' if isinstance(value, str) else 'values'}"


def _digest(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    digest = hashlib.sha256()
    for start in range(0, len(text), _PIECE):
        digest.update(text[start : start + _PIECE].encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
