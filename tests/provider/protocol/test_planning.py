from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.provider.protocol.planning import Plan, Planner
from constructs_lib.provider.protocol.schema import (
    Attribute,
    Block,
    Nested,
    Nesting,
    Schema,
    inner_body,
    nesting_of,
)
from constructs_lib.provider.protocol.states import States
from constructs_lib.provider.protocol.types import NUMBER, STRING, Type, list_of, set_of
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.properties import examples
from tests.provider.protocol.plan_rules import violations
from tests.provider.protocol.strategies import configurations

RULE = {
    "days": Attribute(NUMBER, required=True),
    "label": Attribute(STRING, optional=True, default="none"),
    "rule_id": Attribute(STRING, computed=True),
}


def same_case(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def plan(
    body: Mapping[str, Attribute | Block], config: dict[str, Any], prior: dict[str, Any] | None = None
) -> Plan:
    """The plan, after Terraform's own rules were held against it."""
    schema = Schema(body)
    config = States(schema).conform(config)
    prior = None if prior is None else States(schema).conform(prior)
    found = Planner(schema).plan(config, prior)
    assert list(violations(schema.body, config, prior, found.value)) == []
    return found


def replaced(body: Mapping[str, Attribute | Block], prior: Any, config: Any) -> list[tuple[str | int, ...]]:
    schema = Schema(body)
    prior = States(schema).conform(prior)
    return Planner(schema).replacements(plan(body, config, prior).value, prior)


def rules(*days: int, ids: str = "") -> list[dict[str, Any]]:
    return [
        {"days": day, "label": "none" if ids else None, "rule_id": f"{ids}{day}" if ids else None}
        for day in days
    ]


RULES: dict[str, Attribute | Block] = {"rules": Block(Nesting.LIST, RULE)}


def planned_ids(prior: list[int], config: list[int]) -> list[Any]:
    before = {"rules": rules(*prior, ids="r")}
    return [rule["rule_id"] for rule in plan(RULES, {"rules": rules(*config)}, before).value["rules"]]


def test_a_default_fills_what_the_configuration_leaves_out() -> None:
    body = {"a": Attribute(STRING, optional=True, default="x")}
    assert plan(body, {}).value == {"a": "x"}
    assert plan(body, {}, {"a": "y"}).value == {"a": "x"}
    assert plan(body, {"a": "z"}).value == {"a": "z"}


def test_a_default_is_not_shared_between_resources() -> None:
    body = {"a": Attribute(list_of(STRING), optional=True, default=["x"])}
    plan(body, {}).value["a"].append("y")
    assert plan(body, {}).value == {"a": ["x"]}


def test_a_computed_value_is_unknown_at_first_and_kept_afterwards() -> None:
    body = {"id": Attribute(STRING, computed=True), "a": Attribute(STRING, optional=True)}
    assert plan(body, {"a": "x"}).value["id"] is UNKNOWN
    assert plan(body, {"a": "y"}, {"id": "1", "a": "x"}).value["id"] == "1"


def test_an_optional_computed_value_stays_when_it_is_taken_out_of_the_configuration() -> None:
    body = {"a": Attribute(STRING, optional=True, computed=True)}
    assert plan(body, {}, {"a": "x"}) == Plan({"a": "x"}, frozenset())


def test_an_optional_value_goes_when_it_is_taken_out_of_the_configuration() -> None:
    body = {"a": Attribute(STRING, optional=True)}
    assert plan(body, {}, {"a": "x"}) == Plan({"a": None}, frozenset({"a"}))


def test_a_value_that_is_not_kept_becomes_unknown_with_any_change_and_only_then() -> None:
    body = {"a": Attribute(STRING, optional=True), "n": Attribute(NUMBER, computed=True, keep=False)}
    prior = {"a": "x", "n": 1}
    assert plan(body, {"a": "y"}, prior).value["n"] is UNKNOWN
    assert plan(body, {"a": "x"}, prior).changed == frozenset()


def test_a_value_follows_others_in_a_chain() -> None:
    body = {
        "third": Attribute(STRING, computed=True, follows=("second",)),
        "second": Attribute(STRING, computed=True, follows=("first",)),
        "first": Attribute(STRING, optional=True),
        "other": Attribute(STRING, optional=True),
    }
    prior = {"first": "a", "second": "b", "third": "c", "other": "d"}
    assert plan(body, {"first": "a", "other": "e"}, prior).value["third"] == "c"
    assert plan(body, {"first": "z", "other": "d"}, prior).value["third"] is UNKNOWN


def test_new_timeouts_alone_recompute_nothing() -> None:
    schema = Schema({"n": Attribute(NUMBER, computed=True, keep=False)}, timeouts={"create": 1})
    prior = {"n": 1, "timeouts": None}
    assert Planner(schema).plan({"n": None, "timeouts": {"create": "1s"}}, prior).value["n"] == 1


def test_what_means_the_same_stays_as_it_is_written_in_the_state() -> None:
    body = {"a": Attribute(STRING, required=True, same=same_case)}
    assert plan(body, {"a": "ABC"}, {"a": "abc"}) == Plan({"a": "abc"}, frozenset())
    assert plan(body, {"a": "ABD"}, {"a": "abc"}).value == {"a": "ABD"}
    assert plan(body, {"a": UNKNOWN}, {"a": "abc"}).value["a"] is UNKNOWN


def test_a_value_that_cannot_be_compared_is_a_change() -> None:
    def same(one: str, other: str) -> bool:
        return bool(json.loads(one) == json.loads(other))

    body = {"a": Attribute(STRING, required=True, same=same)}
    assert plan(body, {"a": "{"}, {"a": "{}"}).value == {"a": "{"}


def test_the_order_of_a_set_is_no_change() -> None:
    body = {"a": Attribute(set_of(STRING), optional=True)}
    assert plan(body, {"a": ["x", "y"]}, {"a": ["y", "x"]}).changed == frozenset()
    assert plan(body, {"a": ["x", "x"]}, {"a": ["y", "x"]}).changed == {"a"}


def test_a_new_rule_has_an_unknown_id_and_its_default() -> None:
    found = plan(RULES, {"rules": rules(7)}).value["rules"]
    assert found == [{"days": 7, "label": "none", "rule_id": UNKNOWN}]


def test_computed_values_travel_with_a_rule_that_moves() -> None:
    assert planned_ids([1, 2, 3], [3, 1, 2]) == ["r3", "r1", "r2"]
    assert planned_ids([1, 2], [2]) == ["r2"]
    assert planned_ids([1, 2], [9, 1, 2]) == [UNKNOWN, "r1", "r2"]


def test_a_changed_rule_gets_an_unknown_id_and_the_others_keep_theirs() -> None:
    assert planned_ids([1, 2, 3], [1, 9, 3]) == ["r1", UNKNOWN, "r3"]


def test_of_two_equal_rules_each_keeps_one_id() -> None:
    before = {"rules": [{"days": 1, "label": "none", "rule_id": id} for id in "ab"]}
    found = plan(RULES, {"rules": rules(5, 1, 1)}, before).value["rules"]
    assert [rule["rule_id"] for rule in found] == [UNKNOWN, "b", "a"]


def test_a_rule_whose_text_only_looks_different_keeps_its_id() -> None:
    body = {"rules": Block(Nesting.LIST, {**RULE, "text": Attribute(STRING, optional=True, same=same_case)})}
    before = {"rules": [{"days": 1, "label": "none", "rule_id": "a", "text": "abc"}]}
    assert plan(body, {"rules": [{"days": 1, "text": "ABC"}]}, before).changed == frozenset()
    moved = plan(body, {"rules": [{"days": 9}, {"days": 1, "text": "ABC"}]}, before).value["rules"]
    assert moved[1] == {"days": 1, "label": "none", "rule_id": "a", "text": "ABC"}


def test_inside_a_changed_element_nothing_computed_is_kept() -> None:
    part = Block(
        Nesting.LIST, {"key": Attribute(STRING, required=True), "id": Attribute(STRING, computed=True)}
    )
    body = {"rules": Block(Nesting.LIST, {**RULE, "parts": part})}
    before = {"rules": [{"days": 1, "label": "none", "rule_id": "r", "parts": [{"key": "k", "id": "p"}]}]}
    same = plan(body, {"rules": [{"days": 1, "parts": [{"key": "k"}]}]}, before)
    assert same.changed == frozenset()
    other = plan(body, {"rules": [{"days": 2, "parts": [{"key": "k"}]}]}, before).value["rules"][0]
    assert other["parts"] == [{"key": "k", "id": UNKNOWN}]


def test_blocks_are_never_null_but_a_single_one_may_be() -> None:
    body = {"l": Block(Nesting.LIST, RULE), "s": Block(Nesting.SET, RULE), "o": Block(Nesting.SINGLE, RULE)}
    assert plan(body, {}).value == {"l": [], "s": [], "o": None}


def test_an_unknown_block_is_planned_as_unknown() -> None:
    assert plan(RULES, {"rules": UNKNOWN}, {"rules": rules(1, ids="r")}).value["rules"] is UNKNOWN


def test_a_set_block_that_is_only_written_in_another_order_is_no_change() -> None:
    body = {"rules": Block(Nesting.SET, RULE)}
    before = {"rules": rules(1, 2, 3, ids="r")}
    assert plan(body, {"rules": rules(3, 1, 2)}, before).changed == frozenset()
    changed = plan(body, {"rules": rules(3, 1, 9)}, before).value["rules"]
    assert {rule["days"]: rule["rule_id"] for rule in changed} == {3: "r3", 1: "r1", 9: UNKNOWN}


def test_nested_attributes_may_be_null_unknown_and_hold_both() -> None:
    body: dict[str, Attribute | Block] = {
        "l": Attribute(Nested(Nesting.LIST, RULE), optional=True),
        "m": Attribute(Nested(Nesting.MAP, RULE), optional=True),
        "c": Attribute(Nested(Nesting.LIST, RULE), computed=True),
    }
    assert plan(body, {}).value == {"l": None, "m": None, "c": UNKNOWN}
    found = plan(body, {"l": [None, UNKNOWN, {"days": 1}], "m": {"a": {"days": 1}, "b": None}}).value
    assert found["l"][:2] == [None, UNKNOWN]
    assert found["m"] == {"a": {"days": 1, "label": "none", "rule_id": UNKNOWN}, "b": None}


def test_an_element_of_a_nested_map_keeps_its_values_by_key() -> None:
    body = {"m": Attribute(Nested(Nesting.MAP, RULE), optional=True)}
    before = {"m": {"a": {"days": 1, "label": "none", "rule_id": "r"}}}
    assert plan(body, {"m": {"a": {"days": 1}}}, before).changed == frozenset()
    assert plan(body, {"m": {"b": {"days": 1}}}, before).value["m"]["b"]["rule_id"] is UNKNOWN


def test_a_forcing_attribute_is_named_where_it_changes() -> None:
    body: dict[str, Attribute | Block] = {
        "name": Attribute(STRING, required=True, force_new=True),
        "place": Block(Nesting.SINGLE, {"region": Attribute(STRING, required=True, force_new=True)}),
        "rules": Block(
            Nesting.LIST,
            {
                "kind": Attribute(STRING, required=True, force_new=True),
                "days": Attribute(NUMBER, optional=True),
            },
        ),
        "marks": Block(Nesting.SET, {"kind": Attribute(STRING, required=True, force_new=True)}),
    }
    before = {
        "name": "a", "place": {"region": "x"}, "rules": [{"kind": "k", "days": 1}], "marks": [{"kind": "m"}],
    }  # fmt: skip
    assert replaced(body, before, before) == []
    assert replaced(body, before, {**before, "name": "b"}) == [("name",)]
    assert replaced(body, before, {**before, "name": UNKNOWN}) == [("name",)]
    assert replaced(body, before, {**before, "place": {"region": "y"}}) == [("place", "region")]
    assert replaced(body, before, {**before, "place": None}) == [("place", "region")]
    assert replaced(body, before, {**before, "rules": [{"kind": "k", "days": 2}]}) == []
    assert replaced(body, before, {**before, "rules": [{"kind": "l"}]}) == [("rules", 0, "kind")]
    assert replaced(body, before, {**before, "rules": []}) == [("rules", 0, "kind")]
    assert replaced(body, before, {**before, "rules": UNKNOWN}) == [("rules",)]
    assert replaced(body, before, {**before, "marks": []}) == [("marks",)]


def test_an_answer_is_written_as_the_state_wrote_it() -> None:
    text = Attribute(STRING, optional=True, same=same_case)
    elements = Attribute(Nested(Nesting.MAP, {"a": text}), optional=True)
    schema = Schema({"a": text, "l": Block(Nesting.LIST, {"a": text}), "m": elements})
    old = {"a": "abc", "l": [{"a": "x"}], "m": {"k": {"a": "y"}}}
    new = {"a": "ABC", "l": [{"a": "X"}, {"a": "Z"}], "m": {"k": {"a": "Y"}}}
    expected = {"a": "abc", "l": [{"a": "x"}, {"a": "Z"}], "m": {"k": {"a": "y"}}}
    assert Planner(schema).respell(new, old) == expected
    assert Planner(schema).respell({"a": "q"}, old) == {"a": "q"}


def test_a_rule_whose_inner_blocks_are_as_before_keeps_its_id() -> None:
    inner = {"days": Attribute(NUMBER, required=True)}
    blocks = {"one": Block(Nesting.SINGLE, inner), "many": Block(Nesting.SET, inner)}
    body = {"rules": Block(Nesting.LIST, {"id": Attribute(STRING, computed=True), **blocks})}
    written = {"id": None, "one": {"days": 1}, "many": [{"days": 2}, {"days": 3}]}
    before = {"rules": [{**written, "id": "r1"}]}
    other = {**written, "many": [{"days": 3}, {"days": 2}]}
    assert plan(body, {"rules": [other]}, before).value["rules"][0]["id"] == "r1"


# Laws, for any schema.

texts = st.sampled_from(["a", "A", "b"])
leaves = st.sampled_from(
    [
        Attribute(STRING, required=True),
        Attribute(STRING, optional=True),
        Attribute(STRING, optional=True, same=same_case),
        Attribute(STRING, optional=True, default="a"),
        Attribute(STRING, optional=True, computed=True),
        Attribute(STRING, computed=True),
        Attribute(set_of(STRING), optional=True),
    ]
)


def few_texts(kind: Type) -> st.SearchStrategy[Any]:
    return st.lists(texts, max_size=2, unique=True) if kind.kind == "set" else texts


letters = st.sampled_from("pqrs")
attributes = st.dictionaries(letters, leaves, min_size=1, max_size=3)
nested = st.builds(
    lambda nesting, inside, computed: Attribute(Nested(nesting, inside), optional=True, computed=computed),
    st.sampled_from(list(Nesting)),
    attributes,
    st.booleans(),
)
block_nestings = st.sampled_from([Nesting.LIST, Nesting.SET, Nesting.SINGLE])
blocks = st.recursive(
    attributes,
    lambda inside: st.dictionaries(
        letters,
        st.one_of(
            leaves,
            nested,
            st.builds(lambda nesting, body: Block(nesting, body), block_nestings, inside),
        ),
        min_size=1,
        max_size=3,
    ),
    max_leaves=8,
)


schemas = blocks.map(Schema)
cases = schemas.flatmap(
    lambda schema: st.tuples(
        st.just(schema), configurations(schema.body, few_texts), configurations(schema.body, few_texts)
    )
)


def applied(value: Any, ids: Any) -> Any:
    """The planned value as a faithful provider makes it real."""
    if value is UNKNOWN:
        return f"made-{next(ids)}"
    if isinstance(value, dict):
        return {name: applied(item, ids) for name, item in value.items()}
    return [applied(item, ids) for item in value] if isinstance(value, list) else value


@examples(100)
@given(cases)
def test_terraform_accepts_every_plan(case: tuple[Schema, dict[str, Any], dict[str, Any]]) -> None:
    schema, first, second = case
    planner, states = Planner(schema), States(schema)
    created = planner.plan(first, None).value
    assert list(violations(schema.body, first, None, created)) == []
    states.write(created)
    if _has_unknown_structure(schema.body, created):
        return
    prior = applied(created, count())
    changed = planner.plan(second, prior)
    assert list(violations(schema.body, second, prior, changed.value)) == []
    states.write(changed.value)
    for path in planner.replacements(changed.value, prior):
        assert path


@examples(100)
@given(cases)
def test_after_an_apply_nothing_is_left_to_do(case: tuple[Schema, dict[str, Any], dict[str, Any]]) -> None:
    schema, config, _ = case
    created = Planner(schema).plan(config, None).value
    if _has_unknown_structure(schema.body, created):
        return
    prior = applied(created, count())
    again = Planner(schema).plan(_learned(schema.body, config, prior), prior)
    assert again.changed == frozenset()
    assert again.value == prior


def _has_unknown_structure(body: Mapping[str, Attribute | Block], value: Any) -> bool:
    """Whether an unknown stands where the test's `applied` would have to invent more than a text."""
    for name, node in body.items():
        inside = value[name]
        if inside is UNKNOWN and node.value_type != STRING:
            return True
        for element in _elements_of(nesting_of(node), inside):
            if element is UNKNOWN or (element and _has_unknown_structure(inner_body(node), element)):
                return True
    return False


def _elements_of(nesting: Nesting | None, value: Any) -> list[Any]:
    if nesting is None or value is None:
        return []
    if nesting is Nesting.SINGLE:
        return [value]
    return list(value.values()) if isinstance(value, dict) else list(value)


def _learned(body: Mapping[str, Attribute | Block], config: Any, prior: Any) -> Any:
    """The configuration with its unknowns as they turned out; lists and sets are in the order of the plan."""
    found = {}
    for name, node in body.items():
        inside, was = config[name], prior[name]
        nesting = nesting_of(node)
        if inside is UNKNOWN:
            found[name] = was
        elif nesting is None or inside is None:
            found[name] = inside
        elif nesting is Nesting.SINGLE:
            found[name] = _learned(inner_body(node), inside, was)
        elif nesting is Nesting.MAP:
            found[name] = {key: _learned(inner_body(node), each, was[key]) for key, each in inside.items()}
        else:
            pairs = zip(inside, was, strict=True)
            found[name] = [_learned(inner_body(node), each, before) for each, before in pairs]
    return found


@given(st.permutations(range(6)), st.integers(0, 6))
def test_every_unchanged_rule_keeps_its_id_in_any_order(order: list[int], kept: int) -> None:
    found = planned_ids(list(range(6)), [*order[:kept], 99])
    assert found == [*(f"r{day}" for day in order[:kept]), UNKNOWN]


@pytest.mark.parametrize("nesting", [Nesting.LIST, Nesting.SET])
def test_a_hundred_rules_in_reverse_are_planned_at_once(nesting: Nesting) -> None:
    body = {"rules": Block(nesting, RULE)}
    before = {"rules": rules(*range(100), ids="r")}
    found = plan(body, {"rules": rules(*reversed(range(100)))}, before).value["rules"]
    assert UNKNOWN not in [rule["rule_id"] for rule in found]
