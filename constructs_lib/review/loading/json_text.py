"""JSON files: read strictly, with an error that names the place, and asked where a value stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from sys import intern
from typing import Any, NoReturn

# No input of Terraform comes near; a file beyond was given by mistake.
MOST_BYTES = 512 * 1024 * 1024

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class InputError(Exception):
    """The review cannot read what it was given; the text names the file, the place and the next step."""

    def __init__(self, file: str, place: str, problem: str, advice: str) -> None:
        self.file, self.place, self.problem, self.advice = file, place, problem, advice
        super().__init__(f"{file}{f' {place}' if place else ''}: {problem}. {advice}")


def read_text(path: Path, name: str) -> str:
    """The text of a file, which messages call `name`. Raises `InputError`."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(name, "", "the file is too large", "Give a plan, or the JSON of one stack.")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            name, "", "there is no such file", "Check the path; `alipolicy synth` writes cdktf.out."
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(name, f"byte {error.start}", "it is no UTF-8 text", _JSON_ADVICE) from None
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise InputError(
            name, "", f"it cannot be read: {problem}", "Check the path and who may read it."
        ) from None


_JSON_ADVICE = "Give cdktf.out, Terraform JSON, or what `terraform show -json` prints."


def parse(text: str, name: str) -> dict[str, Any]:
    """The JSON object in a text. Raises `InputError`.

    Of a plan, what no review reads is checked and passed over: `planned_values`, and the managed resources of
    `prior_state`. A large plan has everything four times.
    """
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        problem = f"it is not JSON: {error.msg}" if text.strip() else "it is empty"
        raise InputError(name, f"line {error.lineno} column {error.colno}", problem, _JSON_ADVICE) from None
    except RecursionError:
        raise InputError(name, "", "it is nested too deeply", _JSON_ADVICE) from None
    except ValueError as error:
        problem = "a number has too many digits" if "digits" in str(error) else f"it is not JSON: {error}"
        raise InputError(name, _place_of_wrong(text), problem, _JSON_ADVICE) from None
    if not isinstance(value, dict):
        raise InputError(name, "line 1 column 1", "it is not a JSON object", _JSON_ADVICE)
    return value


def _decode(text: str) -> Any:
    """The value in a text; of an object, its members one by one. Raises ValueError."""
    start = _blank(text, 0)
    if text[start : start + 1] != "{":
        return _ALL.decode(text)
    pairs: list[tuple[str, Any]] = []
    at = _blank(text, start + 1)
    while text[at : at + 1] == '"':
        key, at = _ALL.raw_decode(text, at)
        at = _blank(text, at)
        if text[at : at + 1] != ":":
            break
        value, at = _DECODERS.get(key, _ALL).raw_decode(text, _blank(text, at + 1))
        pairs.append((key, value))
        at = _blank(text, at)
        if text[at : at + 1] == "}" and _blank(text, at + 1) == len(text):
            return _object(pairs)
        at = _blank(text, at + 1) if text[at : at + 1] == "," else len(text)
    return _ALL.decode(text)  # whatever is wrong, it says where


def _blank(text: str, at: int) -> int:
    """Behind the blanks at a place."""
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def is_same(first: Any, second: Any) -> bool:
    """Whether two JSON values are the same to the last character: `true` is not 1, and 1 is not 1.0."""
    return first is second or (first == second and repr(first) == repr(second))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Terraform reads every one of several equal keys, so none of them may be passed over."""
    members = {intern(key): value for key, value in pairs}
    if len(members) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"an object has the key {twice!r} twice")
    # Both sides of what a plan leaves untouched are one object: that is most of a large plan.
    if "after" in members and "before" in members and is_same(members["before"], members["after"]):
        members["after"] = members["before"]
    return members


def _without_managed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """As `_object`; of managed resources, nothing."""
    members = _object(pairs)
    return {} if members.get("mode") == "managed" else members


def _nothing(pairs: list[tuple[str, Any]]) -> None:
    """As `_object`, only to see that there is nothing wrong."""
    _object(pairs)


_BLANKS = re.compile(r"[ \t\n\r]*")
_ALL, _DATA_ONLY, _UNREAD = (
    json.JSONDecoder(object_pairs_hook=hook, parse_constant=_refuse_constant)
    for hook in (_object, _without_managed, _nothing)
)
_DECODERS = {"planned_values": _UNREAD, "prior_state": _DATA_ONLY}


def _place_of_wrong(text: str) -> str:
    """Line and column of the first constant that is no JSON, or key that its object has twice."""
    levels: list[set[str] | None] = []
    expects_key = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        keys = levels[-1] if levels else None
        if token in ("NaN", "Infinity", "-Infinity") or (expects_key and keys is not None and token in keys):
            before = text[: match.start()]
            start = before.rfind("\n") + 1
            line = before.count("\n") + 1
            return f"line {line} column {len(before) - start + 1}"
        if token in "{[":
            levels.append(set() if token == "{" else None)
        elif token in "}]":
            del levels[-1:]
        elif expects_key and keys is not None:
            keys.add(token)
        expects_key = token == "{" or (token == "," and keys is not None)
    return ""


def pointer(parts: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def positions(text: str, pointers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Line and column, from 1, of each place in a text that is JSON: of the key, or of the value in a list.

    One walk over the text finds them all; what is not there gets the place around it.
    """
    trie: dict[str, Any] = {}
    for wanted in pointers:
        node = trie
        for part in wanted.split("/")[1:]:
            node = node.setdefault(part, {})
    offsets: dict[str, int] = {}
    _locate(text, _blank(text, 0), trie, "", offsets)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    lines = {}
    for wanted in pointers:
        around = wanted
        while around and around not in offsets:
            around = around.rpartition("/")[0]
        offset = offsets.get(around, 0)
        line = bisect_right(starts, offset)
        lines[wanted] = (line, offset - starts[line - 1] + 1)
    return lines


def _locate(text: str, at: int, trie: dict[str, Any], around: str, offsets: dict[str, int]) -> int:
    """Note where each place of the trie begins; behind the value at `at`, around which is that pointer."""
    opening = text[at : at + 1]
    if not trie or opening not in ("{", "["):
        return _SKIPPED.raw_decode(text, at)[1]
    index = 0
    at = _blank(text, at + 1)
    while at < len(text) and text[at] not in "}]":
        begin, key = at, str(index)
        if opening == "{":
            key, at = _SKIPPED.raw_decode(text, at)
            at = _blank(text, _blank(text, at) + 1)
        part = key.replace("~", "~0").replace("/", "~1")
        if part in trie:
            offsets.setdefault(f"{around}/{part}", begin)
        at = _locate(text, at, trie.get(part, {}), f"{around}/{part}", offsets)
        at = _blank(text, at)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)
        index += 1
    return at + 1


_SKIPPED = json.JSONDecoder()
