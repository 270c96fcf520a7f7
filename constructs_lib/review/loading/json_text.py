"""JSON files: read strictly, with an error that names the place, and asked where a value stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
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
    """The JSON object in a text. Raises `InputError`."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        problem = f"it is not JSON: {error.msg}" if text.strip() else "it is empty"
        raise InputError(name, f"line {error.lineno} column {error.colno}", problem, _JSON_ADVICE) from None
    except RecursionError:
        raise InputError(name, "", "it is nested too deeply", _JSON_ADVICE) from None
    except ValueError as error:
        raise InputError(name, _place_of_wrong(text), f"it is not JSON: {error}", _JSON_ADVICE) from None
    if not isinstance(value, dict):
        raise InputError(name, "line 1 column 1", "it is not a JSON object", _JSON_ADVICE)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Terraform reads every one of several equal keys, so none of them may be passed over."""
    members = dict(pairs)
    if len(members) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"an object has the key {twice!r} twice")
    return members


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
    _walk(text, trie, offsets)
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


def _walk(text: str, trie: dict[str, Any], offsets: dict[str, int]) -> None:
    """Note where each place of the trie begins. Every open object or list is a level of the stack."""
    # What is wanted inside, the pointer, the next index of a list or None, what is wanted of the next value.
    levels: list[list[Any]] = []
    wanted: dict[str, Any] | None = trie
    at = ""
    expects_key = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in "}]":
            if levels:
                levels.pop()
            expects_key = False
            continue
        if token == ",":
            expects_key = bool(levels) and levels[-1][2] is None
            continue
        if token == ":":
            continue
        level: Sequence[Any] | None = levels[-1] if levels else None
        if expects_key and level is not None:
            wanted, at = _inside(level, json.loads(token) if level[0] else "")
            if wanted is not None:
                offsets.setdefault(at, match.start())
            expects_key = False
            continue
        if level is not None and level[2] is not None:
            wanted, at = _inside(level, str(level[2]))
            levels[-1][2] += 1
            if wanted is not None:
                offsets.setdefault(at, match.start())
        if token in "{[":
            levels.append([wanted, at, None if token == "{" else 0])
            expects_key = token == "{"


def _inside(level: Sequence[Any], key: str) -> tuple[dict[str, Any] | None, str]:
    wanted, at = level[0], level[1]
    part = key.replace("~", "~0").replace("/", "~1")
    if not wanted or part not in wanted:
        return None, at
    return wanted[part], f"{at}/{part}"
