"""Which Python values can travel to Node: as one JSON string, and a list of what lives in Node already."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from enum import Enum
from typing import NoReturn

from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import MAX_WHOLE_NUMBER, is_encodable, shown
from constructs_lib.tokens import advise_on_part, is_computed, is_token

# The key of what stands for an object that lives in Node; no map of Terraform's has a NUL. As in index.js.
REFERENCE = "\0reference"


def encode(description: Mapping[str, object]) -> tuple[str, list[object]]:
    """The description of an element as JSON, and the objects that it refers to by their number.

    `attributes` may hold strings, numbers, booleans, lists, tuples, dicts, enum members and tokens; None is
    left out. TypeError, ValueError: anything else, with its path.
    """
    references: list[object] = []
    text = _encode_attributes(description, references)
    if ("e+2" in text or "DynamicProxy" in text) and (broken := _BROKEN_TOKEN.search(text)):
        raise ValueError(
            f"expected in a string what Token.as_string(…) gives; got what Python makes of it: {broken[0]}"
        )
    _check_tokens_are_whole(text)
    return text, references


def _check_tokens_are_whole(text: str) -> None:
    """ValueError: Python has taken a list or map token apart, or computed with a number token."""
    for number in _LOWEST_NUMBERS.findall(text) if "e+" in text else ():
        if is_computed(float(number)) and not is_token([float(number)]):
            advice = advise_on_part(float(number))
            raise ValueError(f"expected a number token as it is; got {number}. {advice}")
    if ("#{TfToken[" in text or "Map Token Value" in text) and _PART_OF_TOKEN.search(text):
        raise ValueError(
            "expected a whole list or map; got what Python takes out of one that only Terraform knows: write "
            "Fn.element(list, 0) instead of list[0], Fn.lookup(map, key) instead of map[key], and an "
            "iterator instead of a loop"
        )


def _encode_attributes(description: Mapping[str, object], references: list[object]) -> str:
    try:
        text = _to_json(description)
        if "null" not in text and "\\ud" not in text and not _LONG_NUMBER.search(text):
            return text
    except (TypeError, ValueError):
        pass  # `to_plain` knows what it was, or what to do with it
    attributes = to_plain(description["attributes"], "", references)
    return _to_json({**description, "attributes": attributes})


def to_plain(value: object, path: str, references: list[object]) -> object:
    """The value as JSON has it. What lives in Node goes to `references`, and its number stays."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _check_string(value, path)
    if isinstance(value, (int, float)):
        return _check_number(value, path)
    if isinstance(value, Mapping):
        return {
            _check_key(name, path): to_plain(item, f"{path}.{name}" if path else str(name), references)
            for name, item in value.items()
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        items = enumerate(value)
        return [to_plain(item, f"{path}[{at}]", references) for at, item in items if item is not None]
    if _is_token(value):
        references.append(value)
        return {REFERENCE: len(references) - 1}
    raise TypeError(f"{path}: {_advise(value)}; got {value!r}")


def _refuse(value: object) -> NoReturn:
    raise TypeError


# Written in C, it takes what nearly every attribute is.
_to_json = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_refuse).encode
# A token that CDKTF will not find again: an object's `repr`, or a number next to what looks like more of it.
_BROKEN_TOKEN = re.compile(
    r"[^\" ]*InterfaceDynamicProxy object|[-|\d.+]-\d\.\d+e\+2[89]\d|-\d\.\d+e\+2[89]\d[-|.eE+]"
)
# Numbers near the end of their range, with the digits that a computation gives.
_LOWEST_NUMBERS = re.compile(r"-?\d\.\d{9,}e\+(?:2[89]\d|30\d)")
# The marker of a list that does not stand alone in its list, and the value of a map token without its key.
_PART_OF_TOKEN = re.compile(
    r"""(?<!\[")\#\{TfToken\[ | \#\{TfToken\[[^\]]*\]\}(?!"\])
      | (?<!\]\}":")(?:String|Any)\ Map\ Token\ Value"(?=[,\]}])""",
    re.VERBOSE,
)
_LONG_NUMBER = re.compile(r"[:,\[]-?[0-9]{16}")


def _is_token(value: object) -> bool:
    if hasattr(type(value), "__jsii_type__"):  # of the engine, or of somebody who implements what it has
        return hasattr(value, "resolve")
    return hasattr(value, "__jsii_ref__")  # of no known class, such as `variable.value`


def _check_string(value: str, path: str) -> str:
    """Terraform would read U+FFFD where there is half of a surrogate pair."""
    if not is_encodable(value):
        raise ValueError(f"{path}: expected a string that UTF-8 can encode; got {value!r}")
    return value


def _check_number(value: float, path: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{path}: expected a number that Terraform has; got {value}")
    if isinstance(value, int) and abs(value) > MAX_WHOLE_NUMBER:
        if advice := advise_on_part(value):
            raise ValueError(f"{path}: expected a number token as it is; got {shown(value)}. {advice}")
        raise ValueError(f"{path}: expected a number up to 2**53, beyond it JSON loses digits; got {value}")
    return value


def _check_key(name: object, path: str) -> str:
    if isinstance(name, str):
        return _check_string(name, path)
    if isinstance(name, int):
        return _to_json(name)
    raise TypeError(f"{path}: expected strings as the keys of a dict; got {name!r}")


def _advise(value: object) -> str:
    if isinstance(value, constructs.Construct):
        return "expected an attribute of a construct, such as its id, not the construct"
    if isinstance(value, cdktf.TerraformIterator):
        return "expected what an iterator has, such as its value or dynamic({…}), not the iterator"
    if isinstance(value, (set, frozenset)):
        return "expected a list: a set has no order"
    return "expected a string, a number, a boolean, a list, a dict or a token"
