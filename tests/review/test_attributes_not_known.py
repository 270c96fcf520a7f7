"""An attribute that is not known here, such as a new one of the provider: undecided where it differs."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    backup_policy,
    backup_rule,
    change,
    codes,
    configuration,
    document,
    only,
    plan,
    ram_policy,
    reviewed,
    transition,
    written,
)

HBR = "alicloud_hbr_policy"


def at_top(value: Any) -> Json:
    return backup_policy(backup_rule(), transition(30), new_thing=value)


def in_a_rule(value: Any) -> Json:
    return backup_policy(backup_rule(new_thing=value), transition(30))


def in_a_part_of_a_rule(value: Any) -> Json:
    tag = {"rule_type": "TAG", "data_source_filters": [{"source_type": "OSS", "new_thing": value}]}
    return backup_policy(backup_rule(), transition(30), tag)


def in_a_single_block(value: Any) -> Json:
    return {**backup_policy(), "rules": backup_rule(new_thing=value)}


PLACES = [at_top, in_a_rule, in_a_part_of_a_rule, in_a_single_block]


def of_bodies(folder: Path, new: Json, old: Json, kind: str = "hbr") -> Report:
    return reviewed(folder, *(configuration(**{f"{kind}__a": side}) for side in (new, old)))


def of_plan(folder: Path, new: Json, old: Json) -> Report:
    return review(read_input(written(folder, "plan.json", plan(change(HBR, old, new))), None), at=AT)


# A plan always has lists of blocks.
@pytest.mark.parametrize(("read", "place"), [*product([of_bodies], PLACES), *product([of_plan], PLACES[:3])])
def test_another_value_is_undecided_and_in_the_delta(tmp_path: Path, read: Any, place: Any) -> None:
    first, second = (read(tmp_path, place(value), place("a")) for value in "bc")
    assert "RV251" in codes(first)
    assert first.fails(Level.ERROR)
    assert only(first).delta != only(second).delta


@pytest.mark.parametrize("place", PLACES)
def test_the_same_value_is_no_change(tmp_path: Path, place: Any) -> None:
    assert only(of_bodies(tmp_path, place("a"), place("a"))).action is Action.UNCHANGED


def test_a_value_that_is_left_out_is_another_one(tmp_path: Path) -> None:
    assert "RV251" in codes(of_bodies(tmp_path, in_a_rule(None), in_a_rule(False)))


def test_of_a_policy_of_ram_too(tmp_path: Path) -> None:
    new, old = (ram_policy(allow("oss:Get*"), new_thing=value) for value in "ab")
    assert "RV251" in codes(of_bodies(tmp_path, new, old, "ram"))


def test_what_is_ignored_and_what_a_document_is_made_of_is_known(tmp_path: Path) -> None:
    new, old = ({**at_top(value), "lifecycle": {"ignore_changes": ["new_thing"]}} for value in "ab")
    assert "RV251" not in codes(of_bodies(tmp_path, new, old))
    blocks = [{"effect": "Allow", "action": [f"oss:Get{name}"], "resource": ["*"]} for name in "AB"]
    new, old = ({"policy_name": "P", "statement": [block]} for block in blocks)
    assert "RV251" not in codes(of_bodies(tmp_path, new, old, "ram"))


@pytest.mark.parametrize("read", [of_bodies, of_plan])
def test_values_that_change_places_are_not_the_same(tmp_path: Path, read: Any) -> None:
    rules = [backup_rule(), backup_rule(schedule="I|1648605600|P1W")]
    new, old = (
        backup_policy(*({**rule, "new_thing": value} for rule, value in zip(rules, values, strict=True)))
        for values in ("ab", "ba")
    )
    assert "RV251" in codes(read(tmp_path, new, old))


def test_a_state_has_more_than_is_written(tmp_path: Path) -> None:
    values = {**at_top("a"), "computed_by_the_service": "x"}
    resource = {"address": f"{HBR}.a", "mode": "managed", "type": HBR, "name": "a", "values": values}
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}
    same, other = (
        reviewed(tmp_path, configuration(hbr__a=side), state) for side in (at_top("a"), at_top("b"))
    )
    assert "RV251" not in codes(same)
    assert "RV251" in codes(other)


def test_the_former_names_are_known(tmp_path: Path) -> None:
    text = document(allow("oss:Get*"))
    new, old = ({"name": "P", "document": text, "description": value} for value in "ab")
    assert "RV251" not in codes(of_bodies(tmp_path, new, old, "ram"))


def of_data(**others: Any) -> Json:
    source = {"alicloud_ram_policy_document": {"d": {"statement": [STATEMENT], **others}}}
    document = "${data.alicloud_ram_policy_document.d.document}"
    return {"data": source, **configuration(ram__a={"policy_name": "P", "policy_document": document})}


def of_blocks(**others: Any) -> Json:
    return configuration(ram__a={"policy_name": "P", "statement": [{**STATEMENT, **others}]})


def of_conditions(**others: Any) -> Json:
    condition = {"operator": "Bool", "variable": "acs:SecureTransport", "values": ["true"], **others}
    return of_blocks(condition=[condition])


STATEMENT = {"effect": "Allow", "action": ["oss:Get*"], "resource": ["*"]}


@pytest.mark.parametrize("write", [of_data, of_blocks, of_conditions])
def test_what_a_document_may_be_made_of_is_undecided(tmp_path: Path, write: Any) -> None:
    new, old = (write(new_thing=[value]) for value in "ab")
    assert "RV222" in codes(reviewed(tmp_path, new, old))
    assert "RV222" not in codes(reviewed(tmp_path, old, old))
    assert "RV222" not in codes(reviewed(tmp_path, write(new_thing=None), write()))
