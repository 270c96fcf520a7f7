"""JSON is read piece by piece, and nobody can tell: the same values, the same errors, the same places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review.loading import json_text
from constructs_lib.review.loading.expressions import references
from constructs_lib.review.loading.json_text import InputError, JsonText, pointer
from tests.properties import examples

KEYS = ("a", "b/c", "~", "é", "😀", 'x"y', "mode", "")
SCALARS = ("", "only ASCII", "déjà\n", "😀" * 9, "\u2028", "\\", "[{,", 0, -12, 3.5, 1e30, True, None)


def random_value(random: Random, depth: int) -> Any:
    kind = random.randrange(4 if depth else 2)
    if kind == 2:
        return [random_value(random, depth - 1) for _ in range(random.randrange(5))]
    if kind == 3:
        return {
            key: random_value(random, depth - 1) for key in random.sample(KEYS, random.randrange(len(KEYS)))
        }
    return random.choice(SCALARS)


def random_text(random: Random) -> str:
    value = {key: random_value(random, 4) for key in KEYS}
    return json.dumps(value, ensure_ascii=random.random() < 0.3, indent=random.choice([None, 0, 2]))


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*at, key))


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        JsonText(data, "file").parse()
    return str(caught.value)


@examples(100)
@given(seed=st.integers(0, 2**32), piece=st.integers(1, 300))
def test_pieces_make_no_difference(seed: int, piece: int) -> None:
    text = random_text(Random(seed))
    content = json.loads(text)
    pointers = [pointer(place) for place in places(content)]
    whole = JsonText(text.encode(), "file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PIECE", piece)
        small = JsonText(text.encode(), "file")
        assert small.parse() == content
    places_in_small, places_in_whole = (text.positions([*pointers, "/a/none/0"]) for text in (small, whole))
    for wanted, place in places_in_small.items():
        # Of a list that does not fit into a piece, what is no object stands where the list does.
        around = [wanted.rsplit("/", ups)[0] for ups in range(wanted.count("/") + 1)]
        assert place in {places_in_whole[each] for each in around if each in places_in_whole}
        assert place == places_in_whole[wanted] or re.search(r"/\d+(/|$)", wanted)


@examples(200)
@given(seed=st.integers(0, 2**32), piece=st.integers(1, 300))
def test_what_is_wrong_is_named_where_it_stands(seed: int, piece: int) -> None:
    random = Random(seed)
    text = random_text(random)
    place = random.randrange(len(text))
    wrong = text[:place] + random.choice(["", "}", ",", '"', "\x01", "NaN", "x", "{"]) + text[place + 1 :]
    try:
        json.loads(wrong)
    except json.JSONDecodeError as error:
        expected = f"line {error.lineno} column {error.colno}: it is not JSON: {error.msg}"
    else:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PIECE", piece)
        message = refused(wrong.encode())
    assert expected in message or " twice" in message or "NaN" in message


def test_what_no_utf_8_is_has_its_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_PIECE", 7)
    assert "byte 19: it is no UTF-8 text" in refused(b'{"a": "\xc3\xa9\xc3\xa9", "b": \xff}')


def test_a_key_is_found_twice_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_PIECE", 7)
    text = json.dumps({"first": {"key": list(range(50)), "kez": 1}}, indent=1).replace('"kez"', '"key"')
    assert "line 55 column 3: it is not JSON: an object has the key 'key' twice" in refused(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}, "c": {"b": [{"b": 2}, "b"], "x": "b", «"b": 3}}',
        '{"a": 1, "b": ["a", "a", {"a": 2}], «"a": {"a": 3}}',
        '{"x": {"a": "b", "b": "c", "c": 1, «"b": 2}}',
        '{"a": "NaN", "Infinity": [1, «NaN]}',
        '{"a": [-1, «-Infinity], "b": NaN}',
    ],
)
def test_what_is_no_json_is_named_where_it_begins(text: str) -> None:
    before, _, _ = text.partition("«")
    assert f"line 1 column {len(before) + 1}: it is not JSON: " in refused(text.replace("«", "").encode())


def test_what_no_review_reads_is_checked_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_PIECE", 100)
    arguments = {"a": {"references": ["var.a"]}, "b": {"constant_value": 1}, "c": [{}], "d": ["references"]}
    managed = [
        {"mode": "managed", "address": str(index), "n": index, "expressions": arguments} for index in range(9)
    ]
    kept = {"mode": "managed", "expressions": {"a": {"references": ["var.a"]}}}
    data = {"mode": "data", "type": "y"}
    content = {"checks": managed, "prior_state": [*managed, data], "z": 1}
    text = json.dumps(content)
    assert JsonText(text.encode(), "file").parse() == {
        "checks": [None] * 9,
        "prior_state": [*({"address": str(index), **kept} for index in range(9)), data],
        "z": 1,
    }
    assert "the key 'n' twice" in refused(text.replace('"n": 7', '"n": 7, "n": 7', 1).encode())
    assert "line 1 column" in refused(text.replace('"n": 7', '"n": 7x', 1).encode())
    assert "the key 'n' twice" in refused(b'{"checks": [{"n": 7, "n": 7}]}')


def test_how_many_values_there_may_be_grows_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'{"a": [1, 2, 3]}'
    monkeypatch.setattr(json_text, "MOST_VALUES", (3, len(text)))
    assert JsonText(text, "file").parse() == {"a": [1, 2, 3]}
    monkeypatch.setattr(json_text, "MOST_VALUES", (2, len(text)))
    assert "too large: more than 3 values" in refused(text)


LONG = 64


def value_of(text: str) -> Any:
    return JsonText(f'{{"before": "x", "value": {text}, "after": [1, "y"]}}'.encode(), "f").parse()


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the limit of a string that is decoded were `LONG` bytes."""
    monkeypatch.setattr(json_text, "_PIECE", 32)
    monkeypatch.setattr(json_text, "_LONG", LONG)


@pytest.mark.usefixtures("short_pieces")
@pytest.mark.parametrize("escaped", [r"\\", r"\"", r"\\\"", r"\u00e9", "é", "[{,"])
def test_a_very_long_string_is_known_by_its_size_and_digest_alone(escaped: str) -> None:
    """Wherever a part ends, also inside of an escape."""
    for shift in range(8):
        inside = "a" * (LONG - 4 - shift) + escaped * 40 + "b" * LONG
        read = value_of(f'"{inside}"')
        assert isinstance(read["value"], json_text.LongText)
        assert read["value"].startswith(f"{len(inside.encode()) + 2:,} bytes, SHA-256 ")
        assert (read["before"], read["after"]) == ("x", [1, "y"])
        assert value_of(f'"{inside}"') == read
        assert value_of(f'"{inside[:-1]}c"') != read


@pytest.mark.usefixtures("short_pieces")
def test_no_string_that_is_written_like_a_very_long_one_is_equal_to_it() -> None:
    long = value_of(f'"{"a" * 8 * LONG}"')["value"]
    written = str(long)
    for first, second in ((long, written), (written, long)):
        assert [first == second, first != second] == [False, True]
        assert not json_text.is_same(first, second)


@pytest.mark.usefixtures("short_pieces")
@pytest.mark.parametrize("wrong", ['"', "\n", "\\", '\\"', '" 7'])
def test_a_very_long_string_that_is_none_is_an_error(wrong: str) -> None:
    """Python's own reader says the same of it."""
    text = '{"value": "' + "a" * 8 * LONG + wrong
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(text)
    place = f"line {caught.value.lineno} column {caught.value.colno}"
    assert f"{place}: it is not JSON: {caught.value.msg}" in refused(text.encode())


@pytest.mark.usefixtures("short_pieces")
def test_very_long_strings_have_so_many_bytes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands before them; what is wrong with one is told as long as there is room for it."""
    before = '{"before": "' + "b" * 30 + '", "value": '
    for rest in ('"' + "a" * 198 + '"', '"' + "a" * 199):
        monkeypatch.setattr(json_text, "MOST_LONG", 200)
        assert "too large" not in refused(f"{before}{rest}".encode())
        monkeypatch.setattr(json_text, "MOST_LONG", 199)
        assert "too large: more than 199 bytes in its long strings" in refused(f"{before}{rest}".encode())


@pytest.mark.usefixtures("short_pieces")
def test_a_string_that_fits_into_no_piece_is_very_long() -> None:
    kinds = [type(value_of(f'"{"a" * size}"')["value"]) for size in (LONG - 40, LONG + 20)]
    assert kinds == [str, json_text.LongText]


def test_members_of_lists_besides_objects_are_read_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many more of these there may be; the list itself is a member, too."""
    monkeypatch.setattr(json_text, "_PIECE", 100)
    monkeypatch.setattr(json_text, "MOST_MEMBERS", (21, 1_000_000))
    for members in (list(range(300)), [{"number": number} for number in range(20)]):
        assert JsonText(json.dumps({"a": members}).encode(), "f").parse() == {"a": members}
    message = refused(json.dumps({"a": [{"number": number} for number in range(21)]}).encode())
    assert "too large: more than 21 values in its large lists and objects" in message


@pytest.mark.usefixtures("short_pieces")
@pytest.mark.parametrize("template", ["${var.a}", "%{ if a }", r"\u0024{var.a}", r"\u0025{ if a }"])
def test_a_very_long_template_is_an_expression(template: str) -> None:
    """Two that are equal may stand for different values."""
    for text in (template + "a" * 8 * LONG, "a" * 8 * LONG + template):
        value = value_of(f'"{text}"')["value"]
        assert isinstance(value, json_text.LongText)
        paths, _ = references(value) or (set(), set())
        assert [path[0] for path in paths] == [f"long_{len(text) + 2}_bytes"]


@pytest.mark.usefixtures("short_pieces")
def test_a_very_long_key_stands_twice() -> None:
    key = "k" * 8 * LONG
    assert "has the key" in refused(f'{{"{key}": 1, "{key}": 2}}'.encode())


@pytest.mark.usefixtures("short_pieces")
@pytest.mark.parametrize("number", ["7" * 5_000, "-0." + "7" * 400, "1e" + "7" * 400])
def test_a_very_long_number_is_an_error(number: str) -> None:
    message = refused(f'{{"before": "x", "value": {number}}}'.encode())
    assert "line 1 column 26: a number has too many digits" in message


def test_escapes_of_many_megabytes_take_no_time() -> None:
    """Each of the parts in which they were looked at ended within an escape."""
    assert JsonText(b'{"a": "' + b"\\\\" * 4_000_000 + b'"}', "f").parse()["a"].startswith("8,000,002 bytes")


@pytest.mark.usefixtures("short_pieces")
def test_a_place_beside_a_very_long_string_is_found() -> None:
    text = JsonText(('{"a": {"' + "k" * 8 * LONG + '": "' + "a" * 8 * LONG + '",\n "b": 1}}').encode(), "f")
    text.parse()
    assert text.positions(["/a", "/a/b"]) == {"/a": (1, 2), "/a/b": (2, 2)}
