from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.provider.protocol.durations import seconds_of
from constructs_lib.provider.protocol.messages import Messages
from constructs_lib.provider.protocol.paths import parse_path, path_text, wire_steps
from constructs_lib.provider.protocol.schema import Attribute, Block, Nested, Nesting, Schema
from constructs_lib.provider.protocol.types import NUMBER, STRING, list_of, map_of, set_of, type_as_json
from constructs_lib.provider.protocol.wire_schema import fill_schema
from tests.provider.protocol.example import NOTE


def on_the_wire(schema: Schema) -> Any:
    message = Messages()["Schema"]()
    fill_schema(message, schema)
    return message


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"A": Attribute(STRING, optional=True)}, "no name"),
        ({"a": Attribute(STRING)}, "one of required, optional, computed"),
        ({"a": Attribute(STRING, required=True, computed=True)}, "required excludes"),
        ({"a": Attribute(STRING, required=True, default="x")}, "required excludes"),
        ({"a": Attribute(STRING, computed=True, default="x")}, "only an optional"),
        ({"a": Attribute(STRING, optional=True, keep=False)}, "computed attributes at the top level"),
        ({"a": Attribute(STRING, computed=True, follows=("b",))}, "which the schema does not have"),
        ({"a": Block(Nesting.MAP, {})}, "a block comes"),
        ({"a": Block(Nesting.SINGLE, {}, max_items=1)}, "no number of items"),
        ({"a": Block(Nesting.LIST, {"b": Attribute(STRING)})}, r"a\.b: one of required"),
        ({"a": Block(Nesting.LIST, {"b": Attribute(STRING, computed=True, keep=False)})}, "at the top level"),
    ],
)
def test_a_schema_that_contradicts_itself_is_refused(body: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Schema(body)


def test_timeouts_are_a_block_for_the_operations_named() -> None:
    schema = Schema({}, timeouts={"create": 600})
    block = schema.body["timeouts"]
    assert isinstance(block, Block)
    assert list(block.body) == ["create"]
    assert "`600s`" in block.body["create"].description
    with pytest.raises(ValueError, match="destroy"):
        Schema({}, timeouts={"destroy": 1})


def test_everything_declared_can_be_read_back_in_order() -> None:
    names = [".".join(path) for path, _ in NOTE.walk()]
    assert names[:2] == ["id", "name"]
    assert names[names.index("rules") :][:6] == [
        "rules", "rules.days", "rules.label", "rules.document", "rules.rule_id", "rules.parts",
    ]  # fmt: skip
    assert names[-3:] == ["timeouts", "timeouts.create", "timeouts.delete"]


def test_the_type_follows_from_the_declaration() -> None:
    schema = Schema(
        {
            "a": Attribute(Nested(Nesting.MAP, {"b": Attribute(NUMBER, computed=True)}), computed=True),
            "c": Block(Nesting.SET, {"d": Attribute(list_of(STRING), optional=True)}),
            "e": Block(Nesting.SINGLE, {}),
        }
    )
    assert type_as_json(schema.value_type) == [
        "object",
        {
            "a": ["map", ["object", {"b": "number"}]],
            "c": ["set", ["object", {"d": ["list", "string"]}]],
            "e": ["object", {}],
        },
    ]


def test_terraform_reads_what_was_declared() -> None:
    message = on_the_wire(NOTE)
    assert message.version == message.block.version == 2
    assert (message.block.description, message.block.description_kind) == ("A **note**.", 1)
    attributes = {each.name: each for each in message.block.attributes}
    assert attributes["name"].required
    assert (attributes["title"].optional, attributes["title"].computed) == (True, True)
    assert attributes["secret"].sensitive
    assert attributes["old"].deprecated
    assert attributes["old"].description == "**Deprecated:** Use `title`."
    assert attributes["labels"].type == b'["map","string"]'
    blocks = {each.type_name: each for each in message.block.block_types}
    assert {name: each.nesting for name, each in blocks.items()} == {
        "rules": 2, "filters": 3, "place": 1, "timeouts": 1,
    }  # fmt: skip
    assert blocks["rules"].max_items == 9
    assert [each.type_name for each in blocks["rules"].block.block_types] == ["parts"]


def test_nested_attributes_are_described_with_their_flags() -> None:
    inner = {"b": Attribute(STRING, optional=True, sensitive=True)}
    message = on_the_wire(Schema({"a": Attribute(Nested(Nesting.LIST, inner), required=True)}))
    (attribute,) = message.block.attributes
    assert attribute.nested_type.nesting == 2
    assert attribute.nested_type.attributes[0].sensitive
    assert not attribute.type


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("rules[0].retention", ("rules", 0, "retention")),
        ('tags["env"]', ("tags", "env")),
        ("a.b.c", ("a", "b", "c")),
        ("a[x]", ("a",)),
        ("", ()),
    ],
)
def test_a_path_is_read_from_text(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_path(text) == path


def test_a_path_is_written_as_a_person_writes_it() -> None:
    assert path_text(("rules", 0, "days")) == "rules[0].days"


BODY: dict[str, Attribute | Block] = {
    "rules": Block(Nesting.LIST, {"days": Attribute(NUMBER, required=True)}),
    "filters": Block(Nesting.SET, {"key": Attribute(STRING, required=True)}),
    "place": Block(Nesting.SINGLE, {"region": Attribute(STRING, required=True)}),
    "tags": Attribute(map_of(STRING), optional=True),
    "marks": Attribute(set_of(STRING), optional=True),
    "steps": Attribute(list_of(STRING), optional=True),
    "document": Attribute(STRING, optional=True),
}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("rules[1].days", [{"attribute_name": "rules"}, {"element_key_int": 1}, {"attribute_name": "days"}]),
        ("place.region", [{"attribute_name": "place"}, {"attribute_name": "region"}]),
        ('tags["env"]', [{"attribute_name": "tags"}, {"element_key_string": "env"}]),
        ("steps[2]", [{"attribute_name": "steps"}, {"element_key_int": 2}]),
        ("document.Statement[0].Action", [{"attribute_name": "document"}]),
        ("filters[0].key", [{"attribute_name": "filters"}]),
        ("marks[0]", [{"attribute_name": "marks"}]),
        ("rules", [{"attribute_name": "rules"}]),
        ("nothing.here", []),
    ],
)
def test_a_path_goes_as_deep_as_terraform_can_follow(path: str, steps: list[dict[str, str | int]]) -> None:
    assert list(wire_steps(BODY, parse_path(path))) == steps


def test_a_place_that_the_wire_cannot_hold_ends_the_path() -> None:
    assert list(wire_steps(BODY, ("steps", 2**63))) == [{"attribute_name": "steps"}]
    assert list(wire_steps(BODY, ("steps", -1))) == [{"attribute_name": "steps"}]


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25), ("1µs", 1e-6)]
)
def test_a_duration_is_read_as_go_reads_it(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "10", "s", "1x", "-1s", "0s", "1s ", "5 m", "9" * 400 + "h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds_of(text)
