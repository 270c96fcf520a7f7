"""What there is, as `terraform query` asks for it: each type, each argument, page by page, up to a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.api_models import binding_of
from constructs_lib.provider.bindings import BindingKey
from constructs_lib.provider.default_versions import ATTRIBUTES
from tests.provider.conftest import Core, Elsewhere, Managed, State
from tests.provider.test_identities import DOCUMENT, OTHER, RULES, called, make_vault


def shown(events: Sequence[Any]) -> list[str]:
    return [event.display_name for event in events]


def make_policies(elsewhere: Elsewhere, *names: str) -> None:
    for name in names:
        elsewhere.create_policy(name, DOCUMENT)


def attach(cloud: LocalCloud, elsewhere: Elsewhere, kind: str, name: str, policy: str) -> None:
    cloud.add_principal(kind, name)
    of_system = policy == "AdministratorAccess"
    principal = ram_policies.Principal(kind.lower(), name)
    ram_policies.attach(
        elsewhere, ram_policies.Attachment("System" if of_system else "Custom", policy, principal)
    )


def test_there_is_a_list_of_every_type(core: Core) -> None:
    offered = {listing.type_name for listing in core.provider.list_resources()}
    assert offered == {resource.type_name for resource in core.provider.resources()}
    assert set(core.call("GetProviderSchema").list_resource_schemas) == offered
    assert {each.type_name for each in core.call("GetMetadata").list_resources} == offered


def test_backup_policies_by_name_type_and_vault(core: Core, elsewhere: Elsewhere) -> None:
    other = [{**RULES[0], "VaultId": "v-2"}]
    for name, rules in (("daily-a", RULES), ("daily-b", other), ("weekly", RULES)):
        elsewhere.create_backup_policy(name, policy_type="STANDARD", rules=rules)
    ecs = [{name: value for name, value in RULES[0].items() if name != "VaultId"}]
    elsewhere.create_backup_policy("", policy_type="UDM_ECS_ONLY", rules=ecs)
    lists: list[tuple[State, Any]] = [
        ({}, 4),
        ({"name_prefix": "daily-"}, ["daily-a", "daily-b"]),
        ({"vault_id": "v-2"}, ["daily-b"]),
        ({"name_prefix": "daily-", "vault_id": "v-1"}, ["daily-a"]),
        ({"policy_type": "STANDARD"}, ["daily-a", "daily-b", "weekly"]),
        ({"name_prefix": "none"}, []),
    ]
    for config, expected in lists:
        found = shown(core.list("alipolicy_backup_policy", **config))
        assert (len(found) if isinstance(expected, int) else found) == expected
    (unnamed,) = shown(core.list("alipolicy_backup_policy", policy_type="UDM_ECS_ONLY"))
    assert unnamed.startswith("po-")


def test_vaults_by_name_type_and_tags(core: Core, elsewhere: Elsewhere) -> None:
    vault = make_vault(elsewhere)
    there = evolve(elsewhere, region="cn-hangzhou")
    vaults.create_vault(there, {"VaultName": "tables", "VaultType": "OTS_BACKUP"})
    vaults.change_tags(elsewhere, vault, {}, {"team": "web", "env": "prod"})
    assert shown(core.list("alipolicy_backup_vault")) == ["main", "tables"]
    for config in ({"name_prefix": "ma"}, {"vault_type": "STANDARD"}, {"tags": {"team": "web"}}):
        assert shown(core.list("alipolicy_backup_vault", **config)) == ["main"]
    assert shown(core.list("alipolicy_backup_vault", tags={"team": "web", "env": "test"})) == []


def test_bindings_by_policy_and_source_but_none_of_a_rule(core: Core, elsewhere: Elsewhere) -> None:
    first, second = (
        elsewhere.create_backup_policy(name, policy_type="STANDARD", rules=RULES).value for name in "ab"
    )
    for key in (
        BindingKey(first, "OSS", "logs"),
        BindingKey(first, "NAS", "nas-1"),
        BindingKey(second, "OSS", "x"),
    ):
        bindings.create_binding(elsewhere, key, {})
    type_name = "alipolicy_backup_policy_binding"
    assert len(core.list(type_name)) == 3
    assert shown(core.list(type_name, policy_id=second)) == ["OSS x"]
    assert shown(core.list(type_name, source_type="NAS")) == ["NAS nas-1"]
    assert shown(core.list(type_name, data_source_id="logs")) == ["OSS logs"]
    assert core.list(type_name, policy_id="po-none") == []


def test_a_binding_of_a_tag_rule_belongs_to_its_rule(
    core: Core, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = elsewhere.create_backup_policy("daily", policy_type="STANDARD", rules=RULES).value
    for source in ("mine", "tagged"):
        bindings.create_binding(elsewhere, BindingKey(policy, "OSS", source), {})

    def read(answer: Any) -> Any:
        return evolve(binding_of(answer), created_by_tag=answer["DataSourceId"] == "tagged")

    monkeypatch.setattr(bindings, "binding_of", read)
    assert shown(core.list("alipolicy_backup_policy_binding")) == ["OSS mine"]


def test_policies_and_versions(core: Core, elsewhere: Elsewhere) -> None:
    make_policies(elsewhere, "readers", "readers-2", "writers")
    ram_policies.change_tags(elsewhere, "writers", {}, {"team": "web"})
    elsewhere.create_policy_version("readers", OTHER, set_as_default=True)
    assert shown(core.list("alipolicy_policy", name_prefix="readers")) == ["readers", "readers-2"]
    assert shown(core.list("alipolicy_policy", tags={"team": "web"})) == ["writers"]
    version = "alipolicy_policy_version"
    assert shown(core.list(version)) == ["readers v1", "readers v2", "readers-2 v1", "writers v1"]
    assert shown(core.list(version, policy_name="readers")) == ["readers v1", "readers v2"]
    assert shown(core.list(version, name_prefix="readers-")) == ["readers-2 v1"]
    assert shown(core.list(version, is_default_version=False)) == ["readers v1"]
    assert shown(core.list(version, policy_name="readers", is_default_version=True)) == ["readers v2"]
    assert core.list(version, policy_name="nobody") == []


def test_attachments_by_policy_and_holder(core: Core, cloud: LocalCloud, elsewhere: Elsewhere) -> None:
    make_policies(elsewhere, "readers", "unused")
    attach(cloud, elsewhere, "Role", "app", "readers")
    attach(cloud, elsewhere, "User", "alice", "readers")
    attach(cloud, elsewhere, "Group", "staff", "AdministratorAccess")
    cloud.forget_requests()
    type_name = "alipolicy_policy_attachment"
    readers = ["readers, user alice", "readers, role app"]
    everything = shown(core.list(type_name))
    assert sorted(everything) == sorted([*readers, "AdministratorAccess, group staff"])
    assert called(cloud).count("ListEntitiesForPolicy") == 2
    assert shown(core.list(type_name, policy_name="readers")) == readers
    assert shown(core.list(type_name, policy_type="System")) == ["AdministratorAccess, group staff"]
    assert shown(core.list(type_name, kind="role")) == ["readers, role app"]
    assert shown(core.list(type_name, name="alice")) == ["readers, user alice"]


@pytest.mark.parametrize(
    ("type_name", "config", "says"),
    [
        ("alipolicy_backup_policy", {"vault_id": ""}, "vault_id is empty"),
        ("alipolicy_backup_policy_binding", {"policy_id": ""}, "policy_id is empty"),
        ("alipolicy_policy_version", {"policy_name": ""}, "policy_name is empty"),
        ("alipolicy_policy_attachment", {"name": ""}, "name is empty"),
        ("alipolicy_policy_attachment", {"kind": "Role"}, "allowed: user, group, role"),
        ("alipolicy_policy_attachment", {"policy_type": "custom"}, "allowed: Custom or System"),
    ],
)
def test_what_would_find_all_or_nothing_is_an_error(
    core: Core, type_name: str, config: State, says: str
) -> None:
    assert core.list(type_name, **config) == []
    assert says in core.errors[0]


def test_a_limit_stops_the_pages_and_says_that_there_are_more(
    core: Core, cloud: LocalCloud, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_policies(elsewhere, *(f"p{number}" for number in range(6)))
    monkeypatch.setattr(ram_policies, "PAGE_OF_POLICIES", 2)
    cloud.forget_requests()
    assert shown(core.list("alipolicy_policy", 3)) == ["p0", "p1", "p2"]
    assert called(cloud).count("ListPolicies") == 2
    (warning,) = core.messages
    assert warning.startswith("WARNING There are more than 3 of list.alipolicy_policy")
    assert len(core.list("alipolicy_policy", 6)) == 6
    assert core.messages == []
    assert len(core.list("alipolicy_policy", 0)) == 6


def test_what_is_listed_completely_is_what_an_import_reads(
    core: Core, cloud: LocalCloud, elsewhere: Elsewhere
) -> None:
    vault = make_vault(elsewhere)
    vaults.change_tags(elsewhere, vault, {}, {"team": "web"})
    policy = elsewhere.create_backup_policy("daily", policy_type="STANDARD", rules=RULES).value
    bindings.create_binding(elsewhere, BindingKey(policy, "OSS", "logs"), {"Source": "a/"})
    make_policies(elsewhere, "readers")
    ram_policies.change_tags(elsewhere, "readers", {}, {"team": "web"})
    attach(cloud, elsewhere, "Role", "app", "readers")
    for resource in core.provider.resources():
        managed = Managed(core, resource.type_name)
        (event,) = core.list(resource.type_name, complete=True)
        listed = managed.states.read(event.resource_object)
        assert listed is not None
        imported = managed.import_(listed["id"])
        assert imported is not None
        # A list does not look up what came before a version, nor does a configuration say it.
        differs = {name for name in listed if listed[name] != imported[name]} - set(ATTRIBUTES)
        assert differs == set(), resource.type_name
        (brief,) = core.list(resource.type_name)
        assert brief.identity == event.identity
        assert not brief.HasField("resource_object")


def test_a_refused_call_ends_the_list_with_an_error(
    core: Core, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_policies(elsewhere, "readers", "writers")
    found = ram_policies.each_policy

    def cut(*arguments: Any) -> Any:
        yield next(found(*arguments))
        raise ZeroDivisionError

    monkeypatch.setattr(ram_policies, "each_policy", cut)
    assert shown(core.list("alipolicy_policy")) == ["readers"]
    assert "ListResource of list.alipolicy_policy failed with ZeroDivisionError" in core.errors[0]


def test_a_list_that_is_not_there_is_an_error_in_words(core: Core) -> None:
    (data,) = core.service.stream("ListResource", b"")
    assert b"There is no list resource" in data


def test_a_generated_configuration_has_nothing_that_excludes_another(
    core: Core, elsewhere: Elsewhere
) -> None:
    vault = Managed(core, "alipolicy_backup_vault")
    state = vault.import_(make_vault(elsewhere)) or {}
    for state_, absent, present in (
        (state, "redundancy_type", "vault_type"),
        ({**state, "replication_source_vault_id": "v-1"}, "vault_type", "redundancy_type"),
    ):
        response = vault._call("GenerateResourceConfig", state=vault.states.write(state_))
        config = vault.states.read(response.config) or {}
        assert (config[absent], config[present]) == (None, state_[present])
        unwritten = ("id", "status", "create_time", "worm_enabled", "force_destroy", "timeouts")
        assert [config[name] for name in unwritten] == [None] * len(unwritten)
        vault.validate(config)
        assert not [message for message in core.errors if "BV105" in message or "excludes" in message]


def test_a_generated_configuration_says_whether_a_version_takes_effect(
    core: Core, elsewhere: Elsewhere
) -> None:
    make_policies(elsewhere, "readers")
    elsewhere.create_policy_version("readers", OTHER, set_as_default=True)
    version = Managed(core, "alipolicy_policy_version")
    for name, takes_effect in (("readers:v1", False), ("readers:v2", True)):
        state = version.import_(name) or {}
        response = version._call("GenerateResourceConfig", state=version.states.write(state))
        config = version.states.read(response.config) or {}
        assert config["set_as_default"] is takes_effect
        version.validate(config)
        assert not [message for message in core.messages if "PV311" in message]
