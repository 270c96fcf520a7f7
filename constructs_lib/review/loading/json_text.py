"""JSON files: read strictly, with an error that names the place, and asked where a value stands.

A large plan is never in memory as a whole, nor as text beside its bytes: what is larger than a piece is read
member by member.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from sys import intern
from typing import Any, NoReturn, Self

# No input of Terraform comes near: a file beyond was given by mistake. 100,000 resources take 283 MB.
MOST_BYTES = 512 * 1024 * 1024
# How many values there may be, and how many of them that are read one by one, which takes longer: so many,
# and one in so many bytes. A large plan has one in 19 bytes, and reads one in 700 on its own.
MOST_VALUES = (1_000_000, 10)
MOST_MEMBERS = (100_000, 600)
# How many members of lists, besides objects, are read many at a time.
MOST_PLAIN = 600_000
# How many bytes are decoded at a time: hundreds of resources.
_PIECE = 256 * 1024
# A string of more bytes is not decoded: no API takes one of a tenth of it. Such strings may have
# so many bytes together: as many as Terraform takes from a provider at once.
_LONG = _PIECE
MOST_LONG = 64 * 1024 * 1024
# How a template begins, written plainly or with an escape: equal ones may stand for different values.
_TEMPLATES = (b"${", b"%{", b"\\u002")
# What stands so close to the end of a piece may be cut off, and is read again: a number, or a constant.
_CUT = 20
# Of a plan, whose `resource_changes` say it all: what no review reads, and where it only reads which managed
# resources there are.
UNREAD = ("checks", "output_changes", "relevant_attributes", "variables")
LISTED = ("configuration", "planned_values", "prior_state")
_OF_MANAGED = (
    *("address", "mode", "type", "deposed_key", "provider_config_key", "provider_name"),
    *("count_expression", "for_each_expression", "provisioners"),
)
# Planned values do not tell these from what is left out.
_READ_AS_VALUES = ("set_as_default",)

_JSON_ADVICE = "Give cdktf.out, Terraform JSON, or what `terraform show -json` prints."
_SMALLER = "Give a plan, or the JSON of one stack."
_OTHER_FORMS = (
    (b"PK\3\4", "this is Terraform's own plan file", "Give what `terraform show -json PLAN` prints of it."),
    (b"\xff\xfe", "this is UTF-16", "Write it as UTF-8; in PowerShell: `| Out-File -Encoding utf8`."),
    (b"\xfe\xff", "this is UTF-16", "Write it as UTF-8."),
)
_BLANKS = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class InputError(Exception):
    """The review cannot read what it was given; the text names the file, the place and the next step."""

    def __init__(self, file: str, place: str, problem: str, advice: str) -> None:
        self.file, self.place, self.problem, self.advice = file, place, problem, advice
        super().__init__(f"{file}{f' {place}' if place else ''}: {problem}. {advice}")


def read_bytes(path: Path, name: str) -> bytes:
    """What is in a file, which messages call `name`, without a byte order mark. Raises `InputError`."""
    try:
        status = path.stat()
        # A pipe may never say anything, and a device may have no end.
        if not (S_ISREG(status.st_mode) or S_ISDIR(status.st_mode)):
            raise InputError(name, "", "it is a pipe or a device", "Write it into a file, and give that.")
        data = b""
        if status.st_size <= MOST_BYTES:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        if max(status.st_size, len(data)) > MOST_BYTES:
            raise InputError(name, "", f"the file is too large: more than {MOST_BYTES:,} bytes", _SMALLER)
    except FileNotFoundError:
        raise InputError(
            name, "", "there is no such file", "Check the path; `alipolicy synth` writes cdktf.out."
        ) from None
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise InputError(
            name, "", f"it cannot be read: {problem}", "Check the path and who may read it."
        ) from None
    for start, problem, advice in _OTHER_FORMS:
        if data.startswith(start):
            raise InputError(name, "", problem, advice)
    return data.removeprefix(b"\xef\xbb\xbf")


def read_text(path: Path, name: str) -> str:
    """The text of a file, which messages call `name`. Raises `InputError`."""
    try:
        return read_bytes(path, name).decode()
    except UnicodeDecodeError as error:
        raise InputError(name, f"byte {error.start}", "it is no UTF-8 text", _JSON_ADVICE) from None


class JsonText:
    """The JSON of a file, which messages call `name`: what is in it, and where it stands."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self._name = data, name
        self._starts: dict[str, tuple[int, int]] = {}

    @classmethod
    def read(cls, path: Path, name: str) -> JsonText:
        """The JSON of a file. Raises `InputError`."""
        return cls(read_bytes(path, name), name)

    def parse(self) -> dict[str, Any]:
        """The JSON object. Of a plan, what no review reads is passed over. Raises `InputError`."""
        most = _most(MOST_VALUES, self.data)
        if sum(map(self.data.count, (b",", b"[", b"{"))) > most:
            raise self._too_large(f"{most:,} values")
        reader = _PieceReader(self.data)
        try:
            value = reader.whole()
        except json.JSONDecodeError as error:
            problem = f"it is not JSON: {error.msg}" if self.data.strip() else "it is empty"
            raise self._error(reader.offset(error.pos), problem) from None
        except UnicodeDecodeError as error:
            place = f"byte {reader.begin + error.start}"
            raise InputError(self._name, place, "it is no UTF-8 text", _JSON_ADVICE) from None
        except RecursionError:
            raise InputError(self._name, "", "it is nested too deeply", _JSON_ADVICE) from None
        except _TooManyError as error:
            raise self._too_large(str(error)) from None
        except ValueError as error:
            problem = "a number has too many digits" if "digits" in str(error) else f"it is not JSON: {error}"
            raise self._error(reader.offset(_place_of_wrong(reader.text, reader.place)), problem) from None
        if not isinstance(value, dict):
            raise InputError(self._name, "line 1 column 1", "it is not a JSON object", _JSON_ADVICE)
        self._starts = reader.starts
        return value

    def _too_large(self, than: str) -> InputError:
        return InputError(self._name, "", f"the file is too large: more than {than}", _SMALLER)

    def _error(self, offset: int, problem: str) -> InputError:
        line, column = self._lines([offset])[offset]
        return InputError(self._name, f"line {line} column {column}", problem, _JSON_ADVICE)

    def positions(self, pointers: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Line and column, from 1, of each place: of the key, or of the value in a list.

        What is not there gets the place around it.
        """
        groups: dict[str, list[str]] = {}
        for wanted in pointers:
            around = wanted
            while around and around not in self._starts:
                around = around.rpartition("/")[0]
            groups.setdefault(around, []).append(wanted)
        starts = sorted({start for start, _ in self._starts.values()})
        offsets: dict[str, int] = {}
        for around, group in groups.items():
            start, value = self._starts.get(around, (0, 0))
            following = bisect_right(starts, value)
            end = starts[following] if following < len(starts) else len(self.data)
            # What begins here needs no look at what follows, which may be long.
            text = self.data[value:end].decode() if group != [around] else ""
            found = _located(text, around, group)
            found_at = _offsets(text, found.values())
            for wanted in group:
                inside = wanted
                while inside != around and inside not in found:
                    inside = inside.rpartition("/")[0]
                offsets[wanted] = value + found_at[found[inside]] if inside in found else start
        lines = self._lines(offsets.values())
        return {wanted: lines[offset] for wanted, offset in offsets.items()}

    def _lines(self, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Line and column of each byte: one walk over all."""
        lines = {}
        line, column, last = 1, 1, 0
        for offset in sorted(set(offsets)):
            between = self.data[last:offset]
            if newlines := between.count(b"\n"):
                line, column = line + newlines, 1
                between = between[between.rindex(b"\n") + 1 :]
            column += len(between.decode(errors="replace"))
            lines[offset] = (line, column)
            last = offset
        return lines


class LongText(str):
    """What stands for a string of more than `_LONG` bytes, which nothing needs to know: its size and digest.

    It is equal to another of the same bytes alone, and to no string that is written like it. What may be a
    template refers to a block that no configuration has: it is never proven the same on both sides.
    """

    def __new__(cls, data: memoryview, *, is_template: bool) -> Self:
        digest = hashlib.sha256(data).hexdigest()
        name = f"{len(data):,} bytes, SHA-256 {digest}"
        return super().__new__(cls, f"${{long_{len(data)}_bytes.sha256_{digest}}}" if is_template else name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LongText) and str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class _TooManyError(ValueError):
    """There is more than a review reads; the text says of what."""


def _most(limit: tuple[int, int], data: bytes) -> int:
    fixed, bytes_each = limit
    return fixed + len(data) // bytes_each


class _PieceReader:
    """Reads the values in the bytes of a file, as few bytes as possible decoded at a time.

    * `text`: the piece that is decoded. `place`: how far it is read. `begin`: the byte where it begins.
    * `starts`: of what is read member by member, where each member and its value begin, by pointer.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.text, self.place, self.begin, self._end = "", 0, 0, 0
        self._last = (0, 0)  # a place in the piece, and its byte
        self.starts: dict[str, tuple[int, int]] = {}
        self._most_members, self._members_left = (_most(MOST_MEMBERS, data),) * 2
        self._plain_left, self._long_left = MOST_PLAIN, MOST_LONG

    def whole(self) -> Any:
        """The value that is all of the file. Raises ValueError."""
        value = self._members("{", "", _object) if self._ahead() == "{" else self._value("", _object)
        if self._ahead():
            raise self._refuse("Extra data")
        return value

    def offset(self, place: int) -> int:
        """The byte of a place in the piece, behind the one that was asked for last."""
        before, byte = self._last
        self._last = (place, byte + len(self.text[before:place].encode()))
        return self._last[1]

    def _load(self, size: int) -> None:
        """Begin a piece where the last one was left."""
        begin = self.offset(self.place)
        end = min(begin + size, len(self._data))
        while end < len(self._data) and self._data[end] & 0xC0 == 0x80:  # inside of a character
            end += 1
        self.text, self.place, self.begin, self._end, self._last = "", 0, begin, end, (0, begin)
        self.text = self._data[begin:end].decode()

    def _ahead(self) -> str:
        """The character behind the blanks; empty at the end."""
        while True:
            if (ahead := self.text[self.place : self.place + 1]) > " ":
                return ahead
            self.place = _blank(self.text, self.place)
            if self.place < len(self.text) or self._end == len(self._data):
                return self.text[self.place : self.place + 1]
            self._load(_PIECE)

    def _refuse(self, message: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(message, self.text, self.place)

    def _value(self, at: str, hook: Hook) -> Any:
        """The value ahead, which stands at a pointer; one that does not fit into a piece, by its members."""
        opening, size = self._ahead(), _PIECE
        decoder = _DECODERS[hook]
        while True:
            is_last = self._end == len(self._data)
            try:
                value, place = decoder.raw_decode(self.text, self.place)
                if place <= len(self.text) - _CUT or is_last:
                    self.place = place
                    return value
            except json.JSONDecodeError as error:
                is_cut = error.pos > len(self.text) - _CUT or error.msg.startswith("Unterminated")
                if is_last or not is_cut:
                    raise
            if self.place:
                self._load(size)
            elif opening in ("{", "["):
                return self._members(opening, at, hook)
            elif size < _LONG:
                size *= 2
                self._load(size)
            elif opening == '"':
                return self._long_text()
            else:
                raise ValueError("a number has too many digits")

    def _long_text(self) -> Any:
        """The string ahead, which has more than `_LONG` bytes: by its digest, never decoded."""
        begin, left = self.begin, self._long_left
        match = _STRING.match(self._data, begin, begin + left)
        if match is None:
            if len(self._data) - begin > left:
                raise _TooManyError(f"{MOST_LONG:,} bytes in its long strings")
            self._load(left)  # to be told what is wrong with it
            return _SKIPPED.raw_decode(self.text)[0]
        end = match.end()
        self._long_left -= end - begin
        is_template = any(self._data.find(start, begin, end) != -1 for start in _TEMPLATES)
        self.text, self.place, self.begin, self._end, self._last = "", 0, end, end, (0, end)
        return LongText(memoryview(self._data)[begin:end], is_template=is_template)

    def _members(self, opening: str, at: str, hook: Hook) -> Any:
        """An object or a list, one member after the other."""
        members: dict[Any, Any] = {}
        closing = "}" if opening == "{" else "]"
        self.place += 1
        while self._ahead() != closing or members:
            if opening == "[":
                members |= enumerate(self._whole_members(at, hook, len(members)), len(members))
                self._ahead()
            self._members_left -= 1
            if self._members_left < 0:
                raise _TooManyError(f"{self._most_members:,} values in its large lists and objects")
            start, key = self.offset(self.place), self._key(members) if opening == "{" else len(members)
            inside = f"{at}/{_escaped(key)}"
            if not at or hook is _object:
                self.starts[inside] = (start, self.offset(self.place))
            members[key] = self._value(inside, hook if at else _HOOKS.get(str(key), hook))
            if self._ahead() == closing:
                break
            if self._ahead() != ",":
                raise self._refuse("Expecting ',' delimiter")
            self.place += 1
        self.place += 1
        return hook(list(members.items())) if opening == "{" else list(members.values())

    def _whole_members(self, at: str, hook: Hook, index: int) -> Iterator[Any]:
        """The members of a list, from that index, up to the first that is not in the piece as a whole."""
        scan = _DECODERS[hook].raw_decode
        with suppress(ValueError):  # whoever reads on is told what is wrong
            while self._plain_left and self._members_left:
                value, place = scan(self.text, self.place)
                comma = _COMMA.match(self.text, place)
                if comma is None:
                    break
                if self.text[self.place] != "{":
                    self._plain_left -= 1
                else:
                    self._members_left -= 1
                    if hook is _object:
                        start = self.offset(self.place)
                        self.starts[f"{at}/{index}"] = (start, start)
                self.place = comma.end()
                index += 1
                yield value

    def _key(self, members: dict[Any, Any]) -> str:
        if self._ahead() != '"':
            raise self._refuse("Expecting property name enclosed in double quotes")
        begin, place = self.begin, self.place
        key = intern(str(self._value("", _object)))
        if key in members:
            self.place = place if begin == self.begin else 0
            raise self._refuse(_twice(key))
        if self._ahead() != ":":
            raise self._refuse("Expecting ':' delimiter")
        self.place += 1
        return key


def _blank(text: str, at: int) -> int:
    """Behind the blanks at a place."""
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def is_same(first: Any, second: Any) -> bool:
    """Whether two JSON values are the same to the last character: `true` is not 1, and 1 is not 1.0."""
    return first is second or (first == second and repr(first) == repr(second))


def _twice(key: str) -> str:
    return f"an object has the key {key!r} twice"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Terraform reads every one of several equal keys, so none of them may be passed over."""
    members = {intern(key): value for key, value in pairs}
    if len(members) != len(pairs):
        ((key, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(_twice(key))
    # Both sides of what a plan leaves untouched are one object: that is most of a large plan.
    before = members.get("before")
    if before is not None and is_same(before, members.get("after")):
        members["after"] = before
    return members


def _listed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """As `_object`; of managed resources, only which ones there are, what their arguments refer to, and those
    whose value matters."""
    members = dict(pairs)
    if len(members) != len(pairs) or members.get("mode") != "managed":
        return _object(pairs)
    kept = {name: members[name] for name in _OF_MANAGED if name in members}
    if isinstance(expressions := members.get("expressions"), dict):
        read = {
            name: item
            for name, item in expressions.items()
            if isinstance(item, dict) and ("references" in item or name in _READ_AS_VALUES)
        }
        kept |= {"expressions": read} if read else {}
    return kept


def _nothing(pairs: list[tuple[str, Any]]) -> None:
    """Of an object, only whether there is anything wrong with it."""
    if len(dict(pairs)) != len(pairs):
        _object(pairs)


Hook = Callable[[list[tuple[str, Any]]], Any]
_HOOKS: dict[str, Hook] = {**dict.fromkeys(UNREAD, _nothing), **dict.fromkeys(LISTED, _listed)}
_DECODERS: dict[Hook, json.JSONDecoder] = {
    hook: json.JSONDecoder(object_pairs_hook=hook, parse_constant=_refuse_constant)
    for hook in (_object, _listed, _nothing)
}


def _place_of_wrong(text: str, start: int) -> int:
    """Where the first constant stands that is no JSON, or the first key that its object has twice."""
    levels: list[set[str] | None] = []
    expects_key = False
    for match in _TOKEN.finditer(text, start):
        token = match.group()
        keys = levels[-1] if levels else None
        if token in ("NaN", "Infinity", "-Infinity") or (expects_key and keys is not None and token in keys):
            return match.start()
        if token in "{[":
            levels.append(set() if token == "{" else None)
        elif token in "}]":
            del levels[-1:]
        elif expects_key and keys is not None:
            keys.add(token)
        expects_key = token == "{" or (token == "," and keys is not None)
    return start


def pointer(parts: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{_escaped(part)}" for part in parts)


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


# ------------------------------------------------------------ where values stand


def _located(text: str, around: str, pointers: Iterable[str]) -> dict[str, int]:
    """Where in a text, which begins with the value around, each of these stands, and what is around it."""
    trie: dict[str, Any] = {}
    for wanted in pointers:
        node = trie
        for part in wanted[len(around) :].split("/")[1:]:
            node = node.setdefault(part, {})
    places: dict[str, int] = {}
    if trie:
        _locate(text, _blank(text, 0), trie, around, places)
    return places


def _locate(text: str, at: int, trie: dict[str, Any], around: str, places: dict[str, int]) -> int:
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
        part = _escaped(key)
        if part in trie:
            places.setdefault(f"{around}/{part}", begin)
        at = _locate(text, at, trie.get(part, {}), f"{around}/{part}", places)
        at = _blank(text, at)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)
        index += 1
    return at + 1


def _offsets(text: str, places: Iterable[int]) -> dict[int, int]:
    """How many bytes stand before each place."""
    offsets, last, count = {}, 0, 0
    for place in sorted(set(places)):
        count += len(text[last:place].encode())
        offsets[place], last = count, place
    return offsets


_SKIPPED = json.JSONDecoder()
