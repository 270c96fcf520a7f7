"""The same said in another way: no version, no drift, no error, and no call that changes anything.

Modules fill in "", 0, false and [] for what is left out; editors and checkouts change ends of lines.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.provider.conftest import Elsewhere, Managed, State
from tests.provider.test_backup_policy import BACKUP, TRANSITION
from tests.provider.test_policy_version import NAME, document

TAG: State = {
    "rule_type": "TAG",
    "data_source_filters": [{"source_type": "OSS"}],
    "tag_filters": [{"key": "env", "value": "prod"}],
}
LADDER = {"advanced_retention_type": "WEEKLY", "retention": 60}
PLAIN: State = {
    "policy_name": "daily",
    "policy_type": "STANDARD",
    "rules": [BACKUP, {**TRANSITION, "retention_rules": [LADDER]}, TAG],
}
TEXTS = ("schedule", "backup_type", "replication_region_id", "vault_id")
OF_RULE: State = {
    **dict.fromkeys(TEXTS, ""),
    **{"retention": 0, "keep_latest_snapshots": 0, "archive_days": 0, "immutable": False},
    **{"retention_rules": [], "data_source_filters": [], "tag_filters": []},
}
OF_SOURCE: State = {"data_source_ids": [], "account_scope": "", "accounts": []}


def rules(fill: State, **of_source: Any) -> list[State]:
    """The rules of `PLAIN`, with something for what they leave out."""
    own = PLAIN["rules"]
    source = {**OF_SOURCE, **TAG["data_source_filters"][0], **of_source}
    ladder = {**LADDER, "which_snapshot": 1 if fill.get("retention") == 0 else None}
    return [
        {**fill, **own[0]},
        {**fill, **own[1], "retention_rules": [ladder]},
        {**fill, **own[2], "data_source_filters": [source]},
    ]


BACKUP_POLICIES: dict[str, State] = {
    "left out": PLAIN,
    "null": {"policy_description": None, "acknowledge": None, "rules": rules(dict.fromkeys(OF_RULE))},
    "fillers": {"policy_description": "", "acknowledge": {}, "rules": rules(OF_RULE)},
    "some of them": {"rules": rules({"archive_days": 0, "vault_id": "", "immutable": False})},
    "an empty type": {"policy_type": ""},
    "null in a list": {"rules": rules(OF_RULE, data_source_ids=None, accounts=None)},
    "another order of keys": {
        name: [dict(reversed(rule.items())) for rule in value] if name == "rules" else value
        for name, value in reversed(PLAIN.items())
    },
}
STATEMENT = {"Effect": "Allow", "Action": ["oss:Get*"], "Resource": ["acs:oss:*:*:*"]}
SAID = {"Version": "1", "Statement": [STATEMENT]}
VERSION: State = {"policy_name": NAME, "policy_document": json.dumps(SAID), "set_as_default": False}


def of_text(text: str) -> State:
    return {"policy_document": text}


def of_statement(**members: Any) -> State:
    return of_text(json.dumps({**SAID, "Statement": [{**STATEMENT, **members}]}))


VERSIONS: dict[str, State] = {
    "left out": VERSION,
    "null": {"rotate_strategy": None, "skip_destroy": None, "acknowledge": None},
    "fillers": {"rotate_strategy": "None", "skip_destroy": False, "acknowledge": {}},
    "an empty text": {"rotate_strategy": ""},
    "default left out": {"set_as_default": None, "acknowledge": {"PV311": "later"}},
    "ends of line of Windows": of_text(json.dumps(SAID, indent=2).replace("\n", "\r\n")),
    "of old Macs": of_text(json.dumps(SAID, indent="\t").replace("\n", "\r") + "\r"),
    "a byte order mark": of_text("\ufeff" + json.dumps(SAID)),
    "another order of keys": of_text(
        json.dumps({"Statement": [dict(reversed(STATEMENT.items()))], "Version": "1"})
    ),
    "no lists": of_statement(Action="oss:Get*", Resource="acs:oss:*:*:*"),
    "a condition without operators": of_statement(Condition={}),
}


def changes(cloud: LocalCloud) -> list[str]:
    """The operations that changed something since the last look."""
    names = [each.operation for each in cloud.requests()]
    cloud.forget_requests()
    return [name for name in names if not name.startswith(("Describe", "Get", "List"))]


def say_the_same(managed: Managed, cloud: LocalCloud, first: State, then: State) -> None:
    """Apply one spelling and then the other: only the first changes anything."""
    managed.apply(first)
    assert managed.core.messages == []
    assert managed.drift(first) == {}
    changes(cloud)
    assert managed.validate(then) == []
    planned = managed.drift(then)
    assert managed.core.messages == []
    assert not {name for name in planned if name in ("id", "version_id", "create_date")}
    managed.apply(then)
    assert managed.core.messages == []
    assert changes(cloud) == []
    assert managed.drift(then) == {}


@pytest.mark.parametrize("spelling", BACKUP_POLICIES)
def test_a_backup_policy(backup_policy: Managed, cloud: LocalCloud, spelling: str) -> None:
    say_the_same(backup_policy, cloud, PLAIN, {**PLAIN, **BACKUP_POLICIES[spelling]})


@pytest.mark.parametrize("spelling", BACKUP_POLICIES)
def test_a_backup_policy_the_other_way_round(
    backup_policy: Managed, cloud: LocalCloud, spelling: str
) -> None:
    say_the_same(backup_policy, cloud, {**PLAIN, **BACKUP_POLICIES[spelling]}, PLAIN)


def test_a_description_keeps_its_ends_of_line(backup_policy: Managed) -> None:
    for text in ("one\r\ntwo\r\n", "one\ntwo\n", "one\rtwo"):
        config = {**PLAIN, "policy_description": text}
        assert backup_policy.apply(config)["policy_description"] == text
        assert backup_policy.drift(config) == {}


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("spelling", VERSIONS)
def test_a_policy_version(
    policy_version: Managed, elsewhere: Elsewhere, cloud: LocalCloud, spelling: str, is_first: bool
) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    both = VERSION, {**VERSION, **VERSIONS[spelling]}
    say_the_same(policy_version, cloud, *(both[::-1] if is_first else both))
