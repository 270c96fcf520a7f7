"""`alipolicy_backup_vault` against the local cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.localcloud import Delays, Fault, LocalCloud
from constructs_lib.provider import vaults
from constructs_lib.provider.api_client import HBR
from constructs_lib.provider.cloud import CREATE_REPLICATION_VAULT, CREATE_VAULT
from tests.provider.conftest import Core, Elsewhere, Managed, Run, arguments, logs, others_in

Names = Callable[[str], list[str]]
VAULT, KIND = "alipolicy_backup_vault", "vault"
GOLD = {"vault_name": "gold", "description": "all of it"}
EVERYTHING = {
    "vault_name": "Tresor, 金库",
    "vault_type": "STANDARD",
    "vault_storage_class": "STANDARD",
    "description": "every field of CreateVault",
    "encrypt_type": "KMS",
    "kms_key_id": "alias/backups",
    "worm_enabled": True,
    "tags": {"team": "db", "empty": ""},
}


@pytest.fixture
def cloud(direct: None) -> Any:
    with LocalCloud(delays=Delays(vault=0.0, job=0.0), strict=True) as cloud:
        yield cloud


@pytest.fixture
def gold(core: Core) -> Managed:
    return Managed(core, VAULT)


def operations(cloud: LocalCloud) -> list[str]:
    return [request.operation for request in cloud.requests()]


def filled(elsewhere: Elsewhere, vault_id: str, points: int = 2, retention: int = 30) -> str:
    """A policy that has made recovery points in the vault; its id."""
    backup = {"RuleType": "BACKUP", "BackupType": "COMPLETE", "Schedule": "I|1648647166|P1D"}
    rules = [{**backup, "VaultId": vault_id, "Retention": retention}]
    policy_id = elsewhere.create_backup_policy("daily", policy_type="STANDARD", rules=rules).value
    (rule,) = elsewhere.backup_policy(policy_id).rules  # type: ignore[union-attr]
    elsewhere.calls.change(
        HBR,
        "CreatePolicyBindings",
        {"PolicyId": policy_id, "PolicyBindingList": '[{"SourceType":"OSS","DataSourceId":"logs"}]'},
    )
    for _ in range(points):
        elsewhere.calls.once(HBR, "ExecutePolicyV2", {"PolicyId": policy_id, "RuleId": rule["RuleId"]})
    return policy_id


class TestLife:
    def test_a_vault_is_there_when_it_can_be_used(self, gold: Managed, elsewhere: Elsewhere) -> None:
        state = gold.apply(GOLD)
        assert gold.core.messages == []
        there = vaults.vault(elsewhere, state["id"])
        assert there is not None
        assert (there.vault_name, there.status) == ("gold", "CREATED")
        assert state["status"] == "CREATED"
        assert state["vault_region_id"] == "cn-hangzhou"
        assert state["vault_type"] == "STANDARD"
        assert int(state["create_time"]) > 0
        assert gold.drift(GOLD) == {}

    def test_what_a_module_fills_in_is_left_out(self, gold: Managed) -> None:
        fixed = ("vault_type", "vault_storage_class", "encrypt_type", "kms_key_id", "redundancy_type")
        mirrored = ("replication_source_region_id", "replication_source_vault_id")
        filled = {**GOLD, **dict.fromkeys((*fixed, *mirrored, "resource_group_id"), "")}
        gold.apply(filled)
        assert gold.core.errors == []
        assert gold.drift(filled) == {}

    def test_every_field_is_sent_and_comes_back(self, gold: Managed, elsewhere: Elsewhere) -> None:
        state = gold.apply(EVERYTHING)
        assert gold.core.errors == []
        there = vaults.vault(elsewhere, state["id"])
        assert there is not None
        for name in EVERYTHING:
            assert getattr(there, name) == EVERYTHING[name]
        assert gold.drift(EVERYTHING) == {}

    def test_it_is_gone_when_it_was_deleted(self, gold: Managed, names: Names, elsewhere: Elsewhere) -> None:
        gold.apply(GOLD)
        vaults.delete_vault(elsewhere, gold.id)
        assert gold.refresh() is None
        gold.apply(GOLD)
        assert gold.destroy() == []
        assert names(KIND) == []

    def test_one_that_is_still_being_made_is_waited_for(self, direct: None) -> None:
        """A run that was killed just after it had ordered the vault leaves such a one."""
        with LocalCloud(delays=Delays(vault=0.5), strict=True) as cloud:
            ordered = {"VaultName": "gold", "VaultRegionId": "cn-hangzhou"}
            others_in(cloud).calls.once(HBR, "CreateVault", ordered)
            (there,) = vaults.vaults(others_in(cloud))
            gold = Managed(Core(**arguments(cloud)), VAULT)
            gold.import_(there.vault_id)
            assert gold.destroy() == []
            assert vaults.vaults(others_in(cloud)) == []


class TestChange:
    def test_in_place(self, gold: Managed, cloud: LocalCloud, elsewhere: Elsewhere) -> None:
        gold.apply({**GOLD, "tags": {"a": "1", "b": "2"}})
        first = gold.id
        cloud.forget_requests()
        wanted = {"vault_name": "silver", "worm_enabled": True, "tags": {"b": "3", "c": "4"}}
        gold.apply(wanted)
        assert gold.core.errors == []
        assert (gold.id, gold.replaced) == (first, False)
        assert {"UpdateVault", "TagResources", "UntagResources"} < set(operations(cloud))
        assert gold.drift(wanted) == {}
        there = vaults.vault(elsewhere, first)
        assert there is not None
        assert (there.vault_name, there.description, there.worm_enabled) == ("silver", "", True)
        assert there.tags == {"b": "3", "c": "4"}

    def test_of_the_description_alone_replaces_nothing(self, gold: Managed) -> None:
        gold.apply(GOLD)
        assert set(gold.plan({**GOLD, "description": "other"})) == {"description"}
        assert not gold.replaced

    @pytest.mark.parametrize(
        "change",
        [
            {"vault_type": "OTS_BACKUP"},
            {"vault_storage_class": "IA"},
            {"encrypt_type": "KMS", "kms_key_id": "k"},
        ],
    )
    def test_of_what_is_fixed_makes_a_new_vault(self, gold: Managed, change: dict[str, str]) -> None:
        gold.apply(GOLD)
        gold.plan({**GOLD, **change})
        assert gold.replaced

    def test_an_immutable_vault_stays_so(self, gold: Managed) -> None:
        gold.apply({**GOLD, "worm_enabled": True})
        gold.plan(GOLD)
        assert "ERROR An immutable vault stays immutable" in gold.core.messages[0]

    def test_what_only_our_state_has_calls_no_api(self, gold: Managed, cloud: LocalCloud) -> None:
        gold.apply(GOLD)
        cloud.forget_requests()
        gold.apply({**GOLD, "force_destroy": True})
        assert "UpdateVault" not in operations(cloud)
        assert gold.core.errors == []

    def test_the_resource_group(self, gold: Managed, cloud: LocalCloud) -> None:
        state = gold.apply(GOLD)
        assert state["resource_group_id"].startswith("rg-")
        assert gold.drift({**GOLD, "resource_group_id": state["resource_group_id"]}) == {}


class TestMirror:
    def test_a_vault_of_another_region_is_mirrored(self, cloud: LocalCloud, gold: Managed) -> None:
        gold.apply(GOLD)
        there = Core(**arguments(cloud) | {"region": "cn-shanghai"})
        mirror = Managed(there, VAULT)
        source = {"replication_source_region_id": "cn-hangzhou", "replication_source_vault_id": gold.id}
        config = {"vault_name": "mirror", "redundancy_type": "ZRS", **source}
        state = mirror.apply(config)
        assert there.errors == []
        assert (state["vault_region_id"], state["vault_type"]) == ("cn-shanghai", "STANDARD")
        assert mirror.drift(config) == {}
        assert "CreateReplicationVault" in operations(cloud)

        messages = gold.destroy()
        assert "CannotDeleteReplicationSourceVault" in messages[-1]
        assert "Destroy the vault that mirrors it first." in messages[-1]
        assert mirror.destroy() == []
        assert gold.destroy() == []

    def test_its_own_region_is_a_warning(self, gold: Managed) -> None:
        source = {"replication_source_region_id": "cn-hangzhou", "replication_source_vault_id": "v-1"}
        gold.plan({"vault_name": "mirror", **source})
        assert "BV303" in gold.core.messages[0]


class TestRecoveryPoints:
    def test_the_plan_says_how_many_and_until_when_and_the_apply_refuses(
        self, gold: Managed, elsewhere: Elsewhere, cloud: LocalCloud, names: Names
    ) -> None:
        gold.apply(GOLD)
        policy_id = filled(elsewhere, gold.id)
        (warning,) = gold.plan_destroy()
        assert warning.startswith("WARNING Vault gold holds 2 recovery points")
        assert f"By the rules of {policy_id}, they are kept until 20" in warning
        assert "force_destroy = true" in warning

        cloud.forget_requests()
        (error,) = [message for message in gold.destroy() if message.startswith("ERROR")]
        assert "Nothing was deleted." in error
        assert "DeleteVault" not in operations(cloud)
        assert gold.state is not None
        assert len(names(KIND)) == 1

    def test_by_name_they_go_with_it(self, gold: Managed, elsewhere: Elsewhere, names: Names) -> None:
        gold.apply({**GOLD, "force_destroy": True})
        elsewhere.delete_backup_policy(filled(elsewhere, gold.id), "STANDARD")
        (warning,) = gold.plan_destroy()
        assert "They are deleted with the vault, as force_destroy says" in warning
        assert "not known: no policy with a retention" in warning
        gold.destroy()
        assert names(KIND) == []

    def test_not_even_by_name_where_it_is_immutable(self, gold: Managed, elsewhere: Elsewhere) -> None:
        gold.apply({**GOLD, "force_destroy": True, "worm_enabled": True})
        elsewhere.delete_backup_policy(filled(elsewhere, gold.id), "STANDARD")
        assert "cannot be destroyed before the last of them has expired" in gold.plan_destroy()[0]
        assert "VaultWormEnabled" in gold.destroy()[-1]
        assert gold.state is not None

    def test_a_new_vault_in_its_place_is_the_same_loss(self, gold: Managed, elsewhere: Elsewhere) -> None:
        gold.apply(GOLD)
        filled(elsewhere, gold.id)
        gold.plan({**GOLD, "vault_type": "OTS_BACKUP"})
        assert "Vault gold holds 2 recovery points" in gold.core.messages[0]
        assert gold.core.messages[0].endswith("[vault_type]")

    def test_a_vault_that_a_policy_uses_is_not_deleted(self, gold: Managed, elsewhere: Elsewhere) -> None:
        gold.apply(GOLD)
        policy_id = filled(elsewhere, gold.id, points=0)
        (error,) = gold.destroy()
        assert "VaultBoundPolicyCannotBeDeleted" in error
        assert f"It is used by {policy_id}." in error
        assert "Destroy the policies that back up into it first" in error


class TestFaults:
    def test_a_throttled_create_is_repeated(self, gold: Managed, cloud: LocalCloud, names: Names) -> None:
        cloud.set_faults(
            [Fault(kind="error", operation="CreateVault", status=429, code="Throttling.User", count=1)]
        )
        gold.apply(GOLD)
        assert gold.core.errors == []
        assert names(KIND) == [gold.id]

    @pytest.mark.parametrize("kind", ["cut", "lost"])
    def test_a_lost_answer_makes_no_second_vault(
        self, kind: str, gold: Managed, cloud: LocalCloud, names: Names
    ) -> None:
        if kind == "lost":
            fault = Fault(
                kind="error", operation="CreateVault", status=503, code="ServiceUnavailable", count=1
            )
        else:
            fault = Fault(kind="cut", operation="CreateVault", count=1)
        cloud.set_faults([fault])
        gold.apply(GOLD)
        assert gold.core.errors == []
        assert names(KIND) == [gold.id]

    def test_a_change_that_is_cut_is_repeated(self, gold: Managed, cloud: LocalCloud) -> None:
        gold.apply(GOLD)
        cloud.set_faults(
            [Fault(kind="cut", operation=each, count=1) for each in ("UpdateVault", "TagResources")]
        )
        wanted = {**GOLD, "vault_name": "silver", "tags": {"a": "1"}}
        gold.apply(wanted)
        assert gold.core.errors == []
        assert gold.drift(wanted) == {}

    def test_tags_that_cannot_be_set_leave_a_vault_that_is_known(
        self, gold: Managed, cloud: LocalCloud, names: Names
    ) -> None:
        cloud.set_faults([Fault(kind="error", operation="TagResources", status=403, code="Forbidden.RAM")])
        gold.apply({**GOLD, "tags": {"a": "1"}})
        assert len(gold.core.errors) == 1
        assert names(KIND) == [gold.id]
        assert gold.state is not None
        assert gold.state["tags"] is None


class TestKilled:
    @pytest.mark.parametrize("when", [{"after": CREATE_VAULT}, {}])
    def test_the_next_run_takes_it_over(
        self, when: dict[str, str], run: Callable[..., Run], names: Names, tmp_path: Any
    ) -> None:
        run().killed(VAULT, GOLD, **when)
        (there,) = names(KIND)
        second = run()
        gold = second.resource(VAULT)
        assert gold.apply(GOLD)["id"] == there
        assert second.reported(f"{there} was created by an earlier run")
        second.end()
        third = run()
        assert third.resource(VAULT, gold).drift(GOLD) == {}
        assert logs(tmp_path) == []
        assert names(KIND) == [there]

    def test_what_nobody_asks_for_any_more_is_reported(self, run: Callable[..., Run], names: Names) -> None:
        run().killed(VAULT, GOLD, after=CREATE_VAULT)
        (there,) = names(KIND)
        other = run().applied(VAULT, {"vault_name": "other"})
        run().planned(VAULT, {"vault_name": "other"})
        last = run()
        last.resource(VAULT, other).refresh()
        assert last.reported(f"{there} may have been created by an earlier run and is in no state")

    def test_a_mirror_is_taken_over_too(
        self, run: Callable[..., Run], cloud: LocalCloud, names: Names
    ) -> None:
        source = Managed(Core(**arguments(cloud) | {"region": "cn-shanghai"}), VAULT)
        source.apply(GOLD)
        config = {
            "vault_name": "mirror",
            "replication_source_region_id": "cn-shanghai",
            "replication_source_vault_id": source.id,
        }
        run().killed(VAULT, config, after=CREATE_REPLICATION_VAULT)
        second = run()
        state = second.resource(VAULT).apply(config)
        assert second.reported(f"{state['id']} was created by an earlier run")
        assert len(names(KIND)) == 2


class TestImportAndMove:
    def test_by_its_id(self, gold: Managed) -> None:
        vault_id = gold.apply(EVERYTHING)["id"]
        other = Managed(gold.core, VAULT)
        assert other.import_(f" {vault_id} ") is not None
        assert other.plan(EVERYTHING) == {}

    def test_of_an_empty_id(self, gold: Managed) -> None:
        gold.import_(" ")
        assert "The id is empty" in gold.core.errors[0]

    @pytest.mark.parametrize("type_name", ["alicloud_hbr_vault", "alicloud_hbr_replication_vault"])
    def test_from_the_official_resource(self, type_name: str, gold: Managed) -> None:
        vault_id = gold.apply(GOLD)["id"]
        state = {"id": vault_id, "vault_name": "gold", "description": "all of it", "kms_key_id": ""}
        moved = Managed(gold.core, VAULT)
        moved.move("registry.terraform.io/aliyun/alicloud", type_name, {**state, "region_id": "cn-hangzhou"})
        assert moved.core.errors == []
        assert moved.drift(GOLD) == {}

    def test_from_nowhere_else(self, gold: Managed) -> None:
        gold.move("registry.terraform.io/aliyun/alicloud", "alicloud_oss_bucket", {"id": "x"})
        assert "cannot be moved" in gold.core.errors[0]


class TestDataSource:
    def test_all_or_by_id_name_or_type(self, gold: Managed) -> None:
        state = gold.apply(EVERYTHING)
        tables = Managed(gold.core, VAULT)
        tables.apply({"vault_name": "tables", "vault_type": "OTS_BACKUP"})
        both, type_name = [gold.id, tables.id], f"{VAULT}s"
        assert gold.core.data(type_name)["ids"] == both
        for given, ids in (
            ({"vault_id": gold.id}, [gold.id]),
            ({"vault_name": "tables"}, [tables.id]),
            ({"vault_type": "STANDARD"}, [gold.id]),
            ({"vault_id": "v-none"}, []),
            ({"vault_name": "tables", "vault_type": "STANDARD"}, []),
        ):
            assert gold.core.data(type_name, **given)["ids"] == ids
        (found,) = gold.core.data(type_name, vault_id=gold.id)["vaults"]
        for name in EVERYTHING:
            assert found[name] == state[name]
        assert (found["vault_id"], found["snapshot_count"], found["replication"]) == (gold.id, 0, False)

    def test_an_empty_id_is_not_all(self, core: Core) -> None:
        core.data(f"{VAULT}s", vault_id="")
        assert "vault_id is empty" in core.errors[0]


def test_the_hundredth_vault_is_found(gold: Managed, elsewhere: Elsewhere) -> None:
    for number in range(101):
        elsewhere.calls.once(
            HBR, "CreateVault", {"VaultName": f"vault {number}", "VaultRegionId": "cn-hangzhou"}
        )
    assert len(vaults.vaults(elsewhere)) == 101


def test_the_checks_speak_at_validate(gold: Managed) -> None:
    messages = gold.validate({"vault_name": "", "encrypt_type": "KMS", "vault_storage_class": "ARCHIVE"})
    assert [message.split(":")[0] for message in messages] == ["ERROR BV102", "ERROR BV103", "WARNING BV301"]
    noted = {"acknowledge": {"BV301": "as it was"}, "vault_storage_class": "ARCHIVE", "vault_name": "old"}
    assert gold.validate(noted) == []
