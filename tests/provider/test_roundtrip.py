"""Whatever is valid comes through plan, apply and read unchanged: a second plan has nothing to do.

The oracle is what the cloud holds: read with another client, and compared by rules that are written here.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.localcloud import Delays, LocalCloud
from constructs_lib.provider.api_client import Calls, Pace
from constructs_lib.provider.configuration import Configuration
from tests.properties import examples
from tests.provider.conftest import Core, Elsewhere, Managed, State, arguments

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
FILLERS: tuple[Any, ...] = (None, "", 0, False, [])


class World:
    """A cloud, the provider that is configured for it, and somebody else's look at it."""

    def __init__(self, server: LocalCloud) -> None:
        self.server = server
        self.core = Core(**arguments(server))
        configuration = Configuration.read(arguments(server), {}, Path("/nowhere"))
        self.elsewhere = Elsewhere(Calls.of(configuration, Pace()))

    def names(self, kind: str) -> list[str]:
        return [item["name"] for item in self.server.objects() if item["kind"] == kind]


@pytest.fixture
def world(direct: None) -> Iterator[World]:
    with LocalCloud(delays=Delays(ecs_policy=0), strict=True) as server:
        yield World(server)


@contextmanager
def applied(world: World, type_name: str, *configs: State) -> Iterator[Managed]:
    """A resource that is each of these in turn, with nothing left to do after each; in the end it goes."""
    managed = Managed(world.core, type_name)
    for config in configs:
        managed = apply(managed, config)
    yield managed
    managed.destroy()
    assert world.core.errors == []


def apply(managed: Managed, config: State) -> Managed:
    if managed.state is not None:  # what is new Terraform plans once
        managed.plan(config)
        assert managed.core.errors == []
    if managed.replaced:
        planned = managed.planned_private
        managed.destroy()
        managed = Managed(managed.core, managed.type_name)
        managed.private = planned
    managed.apply(config)
    assert managed.core.errors == []
    assert managed.plan(config) == {}
    assert managed.drift(config) == {}
    assert managed.core.errors == []
    return managed


def one_of(*valid: Any, filler: Any) -> st.SearchStrategy[Any]:
    """A valid value, what stands for none, or nothing."""
    return st.sampled_from([None, filler, *valid])


# ------------------------------------------------------------ backup policies

NAMES = st.sampled_from(
    ["", "daily", 'Täglich + 每日 "备份" <&>', " padded ", "${literal}", "%41+b&c=d", "null"]
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
ACCOUNT = st.fixed_dictionaries(
    {},
    optional={
        "cross_account_user_id": one_of(1589753000000001, filler=0),
        "cross_account_type": one_of("CROSS_ACCOUNT", "SELF_ACCOUNT", filler=""),
        "cross_account_role_name": one_of("hbrcrossrole", filler=""),
    },
)
BLOCKS = {
    "retention_rules": st.fixed_dictionaries(
        {
            "advanced_retention_type": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
            "retention": st.integers(1, 364_635),
        },
        optional={"which_snapshot": one_of(1, filler=0)},
    ),
    "data_source_filters": st.fixed_dictionaries(
        {"source_type": st.sampled_from(["UDM_ECS", "OSS", "NAS", "ECS_FILE", "OTS"])},
        optional={
            "data_source_ids": st.sampled_from([None, [], ["i-1"], ["i-2", "i-1", "i-2"]]),
            "account_scope": st.sampled_from([None, "", "CROSS_ACCOUNT"]),
            "accounts": st.lists(ACCOUNT, max_size=2),
        },
    ),
    "tag_filters": st.fixed_dictionaries(
        {"key": st.sampled_from(["env", "ключ", "a b"])},
        optional={
            "value": st.none() | WORDS,
            "operator": one_of("EQUAL", "NOT", filler=""),
        },
    ),
}
RULE = st.fixed_dictionaries(
    {"rule_type": st.sampled_from(["BACKUP", "TRANSITION", "REPLICATION", "TAG", "SECURITY"])},
    optional={
        "schedule": one_of("I|1648647166|P1D", "I|0|PT1H", "C|1631685600|0 0 2 ? * 3,5,7", filler=""),
        "backup_type": one_of("COMPLETE", "INCREMENTAL", "ARCHIVE_BY_SEARCH", filler=""),
        "retention": st.sampled_from([None, 1, 7, 364_635]),  # 0 days are refused
        "replication_region_id": one_of("cn-shanghai", filler=""),
        "vault_id": one_of("v-0001", filler=""),
        "keep_latest_snapshots": one_of(1, filler=0),
        "immutable": one_of(True, filler=False),
        "archive_days": one_of(30, 85, filler=0),
        **{name: st.lists(element, max_size=3) for name, element in BLOCKS.items()},
    },
)
BACKUP_POLICY = st.fixed_dictionaries(
    {"rules": st.lists(RULE, min_size=1, max_size=4)},
    optional={
        "policy_name": st.none() | NAMES | WORDS,
        "policy_type": one_of("STANDARD", "UDM_ECS_ONLY", filler=""),
        "policy_description": st.none() | NAMES | WORDS,
    },
)
# What the API tells for what is left out, where that is no filler.
DEFAULTS = {"WhichSnapshot": 1, "Operator": "EQUAL"}


def sent(value: Any) -> Any:
    """What a configuration says, in the API's words, without what says nothing."""
    if isinstance(value, list):
        return [sent(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {"".join(map(str.capitalize, name.split("_"))): sent(each) for name, each in value.items()}
    return {
        name: version
        for name, version in named.items()
        if version not in FILLERS and DEFAULTS.get(name) != version
    }


def reported(value: Any) -> Any:
    """What the API says, without what says nothing."""
    if isinstance(value, (list, tuple)):
        return [reported(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: reported(each) for name, each in value.items()}
    return {
        name: value for name, value in plain.items() if value not in FILLERS and DEFAULTS.get(name) != value
    }


@examples(25)
@given(configs=st.lists(BACKUP_POLICY, min_size=1, max_size=3))
def test_any_backup_policy_becomes_any_other_without_drift(world: World, configs: list[State]) -> None:
    managed = Managed(world.core, "alipolicy_backup_policy")
    for config in configs:
        if refused(world, "alipolicy_backup_policy", config):
            continue
        managed = apply(managed, config)
        assert managed.state is not None
        [policy] = world.elsewhere.backup_policies()
        assert policy.policy_name == (config.get("policy_name") or "")
        assert policy.policy_description == (config.get("policy_description") or "")
        rules = [
            {name: value for name, value in rule.items() if name != "RuleId"}
            for rule in reported(policy.rules)
        ]
        assert rules == sent(config["rules"])
        ids = [rule["RuleId"] for rule in policy.rules]
        assert [rule["rule_id"] for rule in managed.state["rules"]] == ids
        assert managed.state["policy_type"] == policy.policy_type
    if managed.state is not None:
        managed.destroy()
        assert world.core.errors == []
    assert world.names("backup policy") == []


def refused(world: World, type_name: str, config: State) -> bool:
    """Whether validation finds it malformed; few are, or the test would show little."""
    Managed(world.core, type_name).validate(config)
    return bool(world.core.errors)


def test_most_of_those_policies_are_valid(world: World) -> None:
    seen: list[bool] = []

    @examples(50)
    @given(BACKUP_POLICY)
    def look(config: State) -> None:
        seen.append(refused(world, "alipolicy_backup_policy", config))

    look()
    assert seen.count(False) >= 0.9 * len(seen)


@pytest.mark.parametrize(
    "filled",
    [
        {"schedule": "", "vault_id": "", "replication_region_id": ""},
        {"keep_latest_snapshots": 0, "immutable": False, "archive_days": 0},
        {"retention_rules": [], "data_source_filters": [], "tag_filters": []},
        {"tag_filters": [{"key": "k", "value": ""}], "rule_type": "TAG"},
        {"data_source_filters": [{"source_type": "OSS", "data_source_ids": []}], "rule_type": "TAG"},
    ],
)
def test_what_is_left_out_written_out_and_left_out_again(world: World, filled: State) -> None:
    bare = {"rule_type": filled.get("rule_type", "SECURITY")}
    texts: State = {"policy_name": "", "policy_description": ""}
    for step in ({}, texts):
        with applied(
            world,
            "alipolicy_backup_policy",
            {"rules": [bare]},
            {**step, "rules": [{**bare, **filled}]},
            {"rules": [bare]},
        ):
            [policy] = world.elsewhere.backup_policies()
            assert reported(policy.rules) == [
                {"RuleType": bare["rule_type"], "RuleId": policy.rules[0]["RuleId"]}
            ]


def test_a_policy_without_a_name_is_sent_without_one(world: World) -> None:
    rules = [{"rule_type": "BACKUP", "retention": 7, "schedule": "I|0|P1D"}]
    for name in (None, ""):
        with applied(world, "alipolicy_backup_policy", {"policy_name": name, "rules": rules}):
            request = world.server.requests("CreatePolicyV2")[-1]
            assert "PolicyName" not in request.parameters


def test_a_policy_without_a_name_is_found_again_when_its_answer_is_lost(world: World) -> None:
    rules = [{"rule_type": "BACKUP", "retention": 7, "schedule": "I|0|P1D"}]
    with applied(world, "alipolicy_backup_policy", {"rules": rules}):
        world.server.set_faults([{"kind": "cut", "operation": "CreatePolicyV2", "count": 1}])
        with applied(world, "alipolicy_backup_policy", {"rules": rules}) as second:
            assert second.state is not None
            assert sorted(world.names("backup policy")) == sorted(
                policy.policy_id for policy in world.elsewhere.backup_policies()
            )
            assert len(world.names("backup policy")) == 2
            assert second.state["id"] == world.names("backup policy")[-1]


# ------------------------------------------------------------ versions of a RAM policy

ACTIONS = ["oss:Get*", "oss:PutObject", "ecs:*", "*", "ram:List?ser", "OSS:get*"]
RESOURCES = ["*", "acs:oss:*:*:b/*", "acs:oss:*:*:${name}", "acs:ecs:cn-hangzhou:1:i/é"]
VALUES = st.sampled_from(["10.0.0.0/8", "true", 'a\\b"c', "2026-01-01T00:00:00Z", "日本"])
CONDITION = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "NotIpAddress"]),
    st.dictionaries(
        st.sampled_from(["acs:SourceIp", "oss:Prefix", "acs:RequestTag/a"]),
        VALUES | st.lists(VALUES, min_size=1, max_size=3),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


def words(choices: list[str]) -> st.SearchStrategy[Any]:
    return st.sampled_from(choices) | st.lists(st.sampled_from(choices), min_size=1, max_size=4)


def statement(action: str) -> st.SearchStrategy[State]:
    return st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny"]), action: words(ACTIONS), "Resource": words(RESOURCES)},
        optional={"Condition": CONDITION},
    )


DOCUMENT = st.lists(statement("Action") | statement("NotAction"), min_size=1, max_size=4).map(
    lambda statements: {"Version": "1", "Statement": statements}
)


def rewritten(value: Any, chance: random.Random) -> Any:
    """The same document: in another order, with repetitions, a list of one as a text or the other way."""
    if isinstance(value, dict):
        items = [(name, rewritten(each, chance)) for name, each in value.items()]
        chance.shuffle(items)
        created = dict(items)
        for name in {"Action", "NotAction", "Resource"} & set(created):
            if isinstance(created[name], str) and chance.random() < 0.5:
                created[name] = [created[name]]
            elif isinstance(created[name], list) and len(set(created[name])) == 1:
                created[name] = created[name][0]
        return created
    if isinstance(value, list):
        more = value + ([chance.choice(value)] if chance.random() < 0.3 else [])
        return [rewritten(value, chance) for value in chance.sample(more, len(more))]
    return value


def written(document: State, chance: random.Random) -> str:
    return json.dumps(
        document,
        indent=chance.choice([None, 0, 2, "\t"]),
        ensure_ascii=chance.random() < 0.5,
        separators=chance.choice([None, (",", ":"), (" , ", " : ")]),
    )


def meaning(value: Any) -> Any:
    """A document as nested sets: what is left of it without order, repetition and lists of one."""
    if isinstance(value, dict):
        return frozenset((name, meaning(each)) for name, each in value.items() if each not in ({},))
    if isinstance(value, list):
        return frozenset(each if isinstance(each, str) else meaning(each) for each in value)
    return frozenset([value])


@examples(15)
@given(
    documents=st.lists(DOCUMENT, min_size=1, max_size=4),
    defaults=st.lists(st.booleans(), min_size=4, max_size=4),
    seed=st.integers(0, 1000),
)
def test_any_document_becomes_any_other_without_drift(
    world: World, documents: list[State], defaults: list[bool], seed: int
) -> None:
    chance, name = random.Random(seed), f"p-{len(world.names('policy'))}"
    world.elsewhere.create_policy(name, json.dumps({"Version": "1", "Statement": [STATEMENT]}))
    managed = Managed(world.core, "alipolicy_policy_version")
    past: list[str] = []
    for document, default in zip(documents, defaults, strict=False):
        config = {
            "policy_name": name,
            "policy_document": written(document, chance),
            "set_as_default": default,
            "rotate_strategy": ROTATE,
        }
        managed = apply(managed, config)
        assert managed.state is not None
        version = world.elsewhere.policy_version(name, managed.state["version_id"])
        assert version is not None
        assert version.policy_document is not None
        assert meaning(json.loads(version.policy_document)) == meaning(document)
        assert version.is_default_version is config["set_as_default"]
        past.append(managed.state["version_id"])
        other = written(rewritten(document, chance), chance)
        again = config | {"policy_document": other}
        assert managed.plan(again) == {}
        managed.apply(again)
        assert managed.state["version_id"] == past[-1]
        assert managed.drift(config) == {}
    managed.destroy()
    assert world.core.errors == []
    assert [version.version_id for version in world.elsewhere.policy_versions(name) or []] == ["v1"]


STATEMENT = {"Effect": "Deny", "Action": "ots:*", "Resource": "acs:ots:*:*:instance/none"}
