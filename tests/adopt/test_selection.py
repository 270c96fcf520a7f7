"""`--select`: by name, tag and type; what belongs to a policy goes with it."""

from __future__ import annotations

import pytest

from constructs_lib.adopt.estate import AdoptError, Estate, EstateKind, EstateObject
from constructs_lib.adopt.selection import Selector

WEB = {"team": "web"}
OBJECTS = [
    EstateObject(kind=EstateKind.VAULT, id="v-1", state={"vault_name": "gold", "tags": WEB}),
    EstateObject(kind=EstateKind.BACKUP_POLICY, id="po-1", state={"policy_name": "nightly"}),
    EstateObject(
        kind=EstateKind.BINDING,
        id="po-1:OSS:logs",
        state={"policy_id": "po-1", "source_type": "OSS", "data_source_id": "logs"},
    ),
    EstateObject(kind=EstateKind.POLICY, id="readers", state={"policy_name": "readers", "tags": WEB}),
    EstateObject(
        kind=EstateKind.ATTACHMENT,
        id="role:app:Custom:readers",
        state={"policy_name": "readers", "role_name": "app"},
    ),
]


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ([], ["v-1", "po-1", "po-1:OSS:logs", "readers", "role:app:Custom:readers"]),
        (["name=night*"], ["po-1", "po-1:OSS:logs"]),
        (["name=gold", "name=nightly"], ["v-1", "po-1", "po-1:OSS:logs"]),
        (["tag=team=web"], ["v-1", "readers", "role:app:Custom:readers"]),
        (["tag=team"], ["v-1", "readers", "role:app:Custom:readers"]),
        (["tag=team=data"], []),
        (["tag=team=web", "type=vault"], ["v-1"]),
        (["type=binding", "type=attachment"], ["po-1:OSS:logs", "role:app:Custom:readers"]),
        (["type=binding", "name=nightly"], ["po-1:OSS:logs"]),
    ],
)
def test_what_fits(given: list[str], chosen: list[str]) -> None:
    found = Selector.parse(given).choose(Estate.of(OBJECTS))
    assert [each.id for each in found.objects] == chosen


@pytest.mark.parametrize("given", ["gold", "name=", "type=", "type=vaults", "region=x", "=x", "\ud800"])
def test_what_is_not_understood(given: str) -> None:
    with pytest.raises(AdoptError, match="--select"):
        Selector.parse([given])
