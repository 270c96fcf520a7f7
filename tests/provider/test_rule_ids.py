"""Rules that a change does not touch keep their ids in its plan, and are not "known after apply"."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.provider.conftest import Managed
from tests.provider.test_retention import backup, copies

WEEKLY = {"advanced_retention_type": "WEEKLY", "retention": 90}
TRANSITION = {"rule_type": "TRANSITION", "retention": 30, "retention_rules": [WEEKLY]}
TAG = {
    "rule_type": "TAG",
    "data_source_filters": [{"source_type": "OSS"}, {"source_type": "NAS", "data_source_ids": []}],
    "tag_filters": [{"key": "env", "value": "prod"}, {"key": "team", "value": "", "operator": "EQUAL"}],
}
FILLED = {
    **copies("cn-shanghai", 30),
    "schedule": "",
    "vault_id": "",
    "archive_days": 0,
    "keep_latest_snapshots": 0,
    "immutable": False,
    "retention_rules": [],
}
RULES: list[dict[str, Any]] = [backup(2, 30), TRANSITION, TAG, FILLED, backup(14, 7)]


@pytest.mark.parametrize("place", range(len(RULES)))
@pytest.mark.parametrize("way", ["change", "insert", "remove", "move"])
@pytest.mark.parametrize("is_imported", [False, True])
def test_only_what_changes_has_an_unknown_id(
    backup_policy: Managed, place: int, way: str, is_imported: bool
) -> None:
    state = backup_policy.apply({"policy_name": "p", "rules": RULES})
    if is_imported:
        state = backup_policy.import_(state["id"]) or {}
    before: list[Any] = state["rules"]
    ids = [rule["rule_id"] for rule in before]
    rules, expected = [*RULES], [*ids]
    if way == "change":
        rules[place] = {**rules[place], "keep_latest_snapshots": 1}
        expected[place] = UNKNOWN
    elif way == "insert":
        rules.insert(place, copies("cn-beijing", 5))
        expected.insert(place, UNKNOWN)
    elif way == "remove":
        del rules[place], expected[place]
    else:
        rules.append(rules.pop(place))
        expected.append(expected.pop(place))
    planned = backup_policy.plan({"policy_name": "p", "rules": rules})
    now = planned.get("rules") or before
    assert [rule["rule_id"] for rule in now] == expected


def test_fillers_beside_an_import_call_no_api(backup_policy: Managed, cloud: LocalCloud) -> None:
    created = backup_policy.apply({"policy_name": "p", "rules": RULES})
    ids = [rule["rule_id"] for rule in created["rules"]]
    backup_policy.import_(created["id"])
    cloud.forget_requests()
    state = backup_policy.apply({"policy_name": "p", "policy_description": "", "rules": RULES})
    assert [rule["rule_id"] for rule in state["rules"]] == ids
    assert cloud.requests() == []
    assert backup_policy.drift({"policy_name": "p", "policy_description": "", "rules": RULES}) == {}
