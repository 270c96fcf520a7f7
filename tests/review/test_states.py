"""States, as `terraform show -json` prints them, against each other and against configuration."""

from __future__ import annotations

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
    codes,
    configuration,
    document,
    transition,
    written,
)

HBR, VERSION, BINDING = "alicloud_hbr_policy", "alipolicy_policy_version", "alicloud_hbr_policy_binding"
ROLE, USER = "alicloud_ram_role", "alicloud_ram_user_policy_attachment"
BOUND = {"policy_id": "po-1", "source_type": "OSS", "data_source_id": "b", "disabled": False}
BACKUPS = backup_policy(backup_rule(), transition(30))


def state(hidden: Any = None, **resources: Json) -> Json:
    listed = [
        {
            "address": key.replace("__", "."),
            "mode": "managed",
            "type": key.partition("__")[0],
            "name": key.partition("__")[2],
            "values": values,
            "sensitive_values": hidden or {},
        }
        for key, values in resources.items()
    ]
    return {"format_version": "1.0", "values": {"root_module": {"resources": listed}}}


def compared(folder: Path, new: Json, old: Json) -> Report:
    paths = [written(folder, f"{name}.json", side) for name, side in (("new", new), ("old", old))]
    return review(read_input(paths[0], paths[1]), at=AT)


def version(**others: Any) -> Json:
    body = {"policy_name": "P", "policy_document": document(allow("oss:Get*")), "set_as_default": True}
    return {**body, "is_default_version": True, "version_id": "v1", **others}


NEIGHBOURS = {
    "a binding is gone": ({BINDING: BOUND}, {}, "RV254"),
    "a policy is attached": (
        {},
        {USER: {"policy_name": "P", "policy_type": "Custom", "user_name": "u"}},
        "RV255",
    ),
    "a role is assumed by another": (
        {ROLE: {"assume_role_policy_document": "{}"}},
        {ROLE: {"assume_role_policy_document": "[]"}},
        "RV256",
    ),
}


@pytest.mark.parametrize(("before", "after", "code"), NEIGHBOURS.values(), ids=NEIGHBOURS.keys())
def test_what_stands_beside_the_policies_is_seen(
    tmp_path: Path, before: Json, after: Json, code: str
) -> None:
    old, new = ({f"{kind}__x": body for kind, body in side.items()} for side in (before, after))
    of_states = compared(tmp_path, *(state(**{f"{HBR}__n": BACKUPS}, **side) for side in (new, old)))
    assert code in codes(of_states)
    files = configuration(hbr__n=BACKUPS, **new)
    assert code in codes(compared(tmp_path, files, state(**{f"{HBR}__n": BACKUPS}, **old)))


def test_configuration_need_not_say_what_a_state_has_computed(tmp_path: Path) -> None:
    old = state(**{f"{BINDING}__x": {**BOUND, "id": "x", "create_time": "1"}})
    assert not codes(compared(tmp_path, configuration(**{f"{BINDING}__x": BOUND}), old))


@pytest.mark.parametrize("kind", [VERSION, ROLE])
def test_hidden_values_are_the_same_only_where_nothing_differs(tmp_path: Path, kind: str) -> None:
    name = {VERSION: "policy_document", ROLE: "assume_role_policy_document"}[kind]
    first, other = (
        state({name: True}, **{f"{kind}__x": version(**{name: document(allow(action))})})
        for action in ("oss:Get*", "*")
    )
    assert not codes(compared(tmp_path, first, first))
    assert compared(tmp_path, other, first).fails(Level.ERROR)


def test_blocks_that_the_document_does_not_say_are_compared(tmp_path: Path) -> None:
    def official(*actions: str, **others: Any) -> Json:
        blocks = [{"effect": "Allow", "action": [action], "resource": ["*"]} for action in actions]
        return state(alicloud_ram_policy__x={"policy_name": "P", "statement": blocks, **others})

    assert "RV251" in codes(compared(tmp_path, official("*"), official("oss:Get*")))
    same = {"policy_document": document(allow("oss:Get*"))}
    assert "RV251" in codes(compared(tmp_path, official("*", **same), official("oss:Get*", **same)))
    assert not codes(compared(tmp_path, official("*"), official("*")))
    other = {"policy_document": document(allow("*"))}
    assert "RV251" not in codes(compared(tmp_path, official("*", **other), official("oss:Get*", **same)))


@pytest.mark.parametrize(
    "attribute", [{"is_default_version": False}, {"default_version": {"version_id": "v2"}}]
)
def test_a_default_version_that_somebody_switched_is_no_clean_review(tmp_path: Path, attribute: Json) -> None:
    old, new = (state(**{f"{VERSION}__x": version(**others)}) for others in ({}, attribute))
    report = compared(tmp_path, new, old)
    assert "RV251" in codes(report)
    assert [each.action for each in compared(tmp_path, old, old).resources()] == [Action.UNCHANGED]


def test_configuration_switches_it_back(tmp_path: Path) -> None:
    asked = {name: value for name, value in version().items() if name != "is_default_version"}
    files = configuration(**{f"{VERSION}__x": {**asked, "version_id": None}})
    switched, same = (
        compared(tmp_path, files, state(**{f"{VERSION}__x": version(is_default_version=value)}))
        for value in (False, True)
    )
    assert {"RV224", "RV251"} <= set(codes(switched))
    assert not same.fails(Level.ERROR)
