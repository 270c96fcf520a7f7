"""`alipolicy_backup_policy_binding` against the local cloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.provider import bindings
from constructs_lib.provider.api_client import HBR
from constructs_lib.provider.api_models import binding_of
from constructs_lib.provider.bindings import BindingKey
from tests.provider.conftest import Core, Elsewhere, Managed, Run, arguments

Names = Callable[[str], list[str]]
BINDING, KIND = "alipolicy_backup_policy_binding", "policy binding"
BACKUP = {"RuleType": "BACKUP", "BackupType": "COMPLETE", "Schedule": "I|1648647166|P1D", "Retention": 7}


@pytest.fixture
def policy_id(elsewhere: Elsewhere) -> str:
    return elsewhere.create_backup_policy("daily", policy_type="STANDARD", rules=[BACKUP]).value


@pytest.fixture
def ecs_policy_id(elsewhere: Elsewhere) -> str:
    return elsewhere.create_backup_policy("ecs", policy_type="UDM_ECS_ONLY", rules=[BACKUP]).value


@pytest.fixture
def bound(core: Core) -> Managed:
    return Managed(core, BINDING)


def bucket(policy_id: str, **more: Any) -> dict[str, Any]:
    return {"policy_id": policy_id, "source_type": "OSS", "data_source_id": "logs", **more}


def bind(elsewhere: Elsewhere, policy_id: str, *sources: dict[str, Any]) -> None:
    given = [{"SourceType": "OSS", "DataSourceId": "logs", **source} for source in sources]
    parameters = {"PolicyId": policy_id, "PolicyBindingList": json.dumps(given)}
    elsewhere.calls.once(HBR, "CreatePolicyBindings", parameters)


UDM = {
    "disk_id_list": ["d-1", "d-2"],
    "snapshot_group": True,
    "app_consistent": True,
    "enable_fs_freeze": True,
    "enable_writers": False,
    "timeout_in_seconds": 45,
    "pre_script_path": "/pre.sh",
    "post_script_path": "/post.sh",
    "ram_role_name": "snapshots",
    "destination_kms_key_id": "key",
}
SLICES = {"fetch_slice_size": 1000, "full_on_increment_fail": True}
# By type of source: what can be said of it.
EVERYTHING: dict[str, dict[str, Any]] = {
    "UDM_ECS": {"data_source_id": "i-1", "advanced_options": [{"udm_detail": [UDM]}]},
    "OSS": {
        "data_source_id": "logs",
        "source": "2026/",
        "advanced_options": [
            {
                "oss_detail": [
                    {
                        "inventory_id": "weekly",
                        "inventory_cleanup_policy": "DELETE_CURRENT",
                        "ignore_archive_object": True,
                    }
                ]
            }
        ],
    },
    "NAS": {"data_source_id": "0a1b", "source": "/", "include": '["*.sh"]', "exclude": '["*.tmp"]'},
    "ECS_FILE": {
        "data_source_id": "i-1",
        "source": '["/a","/b"]',
        "include": '["*.sh"]',
        "speed_limit": "0:24:1024",
        "advanced_options": [{"file_detail": [{"adv_policy": True, "use_vss": True}]}],
    },
    "File": {"data_source_id": "c-1", "source": "/root", "speed_limit": "0:8:4096|8:24:1024"},
    "COMMON_NAS": {
        "data_source_id": "nas",
        "source": '["/"]',
        "advanced_options": [{"common_nas_detail": [{"cluster_id": "cl-1", **SLICES}]}],
    },
    "COMMON_FILE_SYSTEM": {
        "data_source_id": "cpfs",
        "source": '["/"]',
        "advanced_options": [{"common_file_system_detail": [SLICES]}],
    },
    "OTS": {"data_source_id": "tables", "source": '["a","b"]'},
}
ABOUT = {
    "policy_binding_description": "every field",
    "disabled": True,
    "cross_account_type": "CROSS_ACCOUNT",
    "cross_account_user_id": 1589753000000001,
    "cross_account_role_name": "hbrcrossrole",
}


class TestLife:
    def test_what_a_module_fills_in_is_left_out(self, bound: Managed, policy_id: str) -> None:
        texts = ("cross_account_type", "cross_account_role_name", "source", "policy_binding_description")
        filled = bucket(policy_id, **dict.fromkeys(texts, ""), cross_account_user_id=0, disabled=False)
        bound.apply(filled)
        assert bound.core.messages == []
        assert bound.drift(filled) == {}

    @pytest.mark.parametrize("source_type", EVERYTHING)
    def test_every_field_is_sent_and_comes_back(
        self, source_type: str, bound: Managed, elsewhere: Elsewhere, policy_id: str, ecs_policy_id: str
    ) -> None:
        policy = ecs_policy_id if source_type == "UDM_ECS" else policy_id
        config = {"policy_id": policy, "source_type": source_type, **EVERYTHING[source_type], **ABOUT}
        state = bound.apply(config)
        assert bound.core.messages == []
        assert state["id"] == f"{policy}:{source_type}:{config['data_source_id']}"
        assert int(state["create_time"]) > 0
        assert bound.drift(config) == {}

        found = bindings.binding(elsewhere, BindingKey(policy, source_type, config["data_source_id"]))
        assert found is not None
        for name, value in config.items():
            if name != "advanced_options":
                assert getattr(found, name) == value

        imported = Managed(bound.core, BINDING)
        imported.import_(state["id"])
        assert imported.plan(config) == {}

    def test_with_nothing_but_its_source(self, bound: Managed, policy_id: str) -> None:
        bound.apply(bucket(policy_id))
        assert bound.core.messages == []
        assert bound.drift(bucket(policy_id)) == {}

    def test_what_the_service_takes_for_what_is_left_out_is_no_drift(
        self, bound: Managed, ecs_policy_id: str, elsewhere: Elsewhere
    ) -> None:
        config = {"policy_id": ecs_policy_id, "source_type": "UDM_ECS", "data_source_id": "i-1"}
        bound.apply(config)
        usual = {"EnableFsFreeze": True, "EnableWriters": True, "TimeoutInSeconds": 30, "DiskIdList": []}
        bindings.update_binding(elsewhere, key(bound), {"AdvancedOptions": {"UdmDetail": usual}})
        assert bound.drift(config) == {}

    def test_until_it_is_unbound(self, bound: Managed, policy_id: str, names: Names) -> None:
        bound.apply(bucket(policy_id))
        (warning,) = bound.plan_destroy()
        assert bound.destroy() == []
        assert warning.startswith(f"WARNING logs loses its backups by {policy_id}")
        assert names(KIND) == []

    def test_what_somebody_else_has_unbound_is_bound_again(
        self, bound: Managed, policy_id: str, elsewhere: Elsewhere, names: Names
    ) -> None:
        bound.apply(bucket(policy_id))
        bindings.delete_binding(elsewhere, key(bound))
        assert bound.refresh() is None
        bound.apply(bucket(policy_id))
        assert len(names(KIND)) == 1
        bindings.delete_binding(elsewhere, key(bound))
        assert not [message for message in bound.destroy() if message.startswith("ERROR")]

    def test_whose_source_is_gone(
        self, bound: Managed, policy_id: str, cloud: LocalCloud, elsewhere: Elsewhere, names: Names
    ) -> None:
        """Whatever the service makes of that: no binding is let go that is there, none made is invented."""
        bound.apply(bucket(policy_id))
        gone: Any = {"kind": "error", "status": 404, "code": "DataSourceNotExist", "message": "no bucket"}
        cloud.set_faults([Fault(operation="DeletePolicyBinding", **gone)])
        assert "no bucket" in bound.destroy()[-1], "the service keeps the binding"
        assert len(names(KIND)) == 1
        cloud.set_faults([])
        bindings.delete_binding(elsewhere, key(bound))
        assert bound.refresh() is None, "the service has taken the binding away"
        cloud.set_faults([Fault(operation="CreatePolicyBindings", **gone)])
        bound.apply(bucket(policy_id))
        assert "no bucket" in bound.core.errors[-1]
        assert names(KIND) == []

    def test_with_its_policy_it_is_gone(self, bound: Managed, policy_id: str, elsewhere: Elsewhere) -> None:
        bound.apply(bucket(policy_id))
        elsewhere.delete_backup_policy(policy_id, "STANDARD")
        assert bound.refresh() is None


def key(bound: Managed) -> BindingKey:
    return BindingKey(*bound.id.split(":", 2))


class TestChange:
    def test_in_place(self, bound: Managed, policy_id: str, cloud: LocalCloud) -> None:
        oss = EVERYTHING["OSS"]
        bound.apply({**bucket(policy_id), **oss})
        cloud.forget_requests()
        wanted = bucket(
            policy_id,
            source="logs/",
            policy_binding_description="new",
            disabled=True,
            advanced_options=[{"oss_detail": [{"inventory_id": "daily"}]}],
        )
        bound.apply(wanted)
        assert not bound.replaced
        assert [message for message in bound.core.messages if "not backed up for now" in message]
        assert bound.core.errors == []
        assert cloud.requests("UpdatePolicyBinding")
        assert bound.drift(wanted) == {}
        bound.apply(bucket(policy_id))
        assert bound.drift(bucket(policy_id)) == {}

    def test_sends_only_what_changes(self, bound: Managed, policy_id: str, cloud: LocalCloud) -> None:
        bound.apply(bucket(policy_id, source="a/"))
        cloud.forget_requests()
        bound.apply(bucket(policy_id, source="a/", policy_binding_description="d"))
        (request,) = cloud.requests("UpdatePolicyBinding")
        named = {"PolicyId", "SourceType", "DataSourceId", "RegionId"}
        assert set(request.parameters) - named == {"PolicyBindingDescription"}

    @pytest.mark.parametrize(
        "change",
        [{"data_source_id": "other"}, {"cross_account_type": "CROSS_ACCOUNT"}, {"policy_id": "po-2"}],
    )
    def test_of_what_it_is_binds_anew(self, change: dict[str, str], bound: Managed, policy_id: str) -> None:
        bound.apply(bucket(policy_id))
        bound.plan({**bucket(policy_id), **change})
        assert bound.replaced

    def test_of_options_that_no_update_takes_binds_anew(self, bound: Managed, policy_id: str) -> None:
        files = {"policy_id": policy_id, "source_type": "ECS_FILE", **EVERYTHING["ECS_FILE"]}
        bound.apply(files)
        bound.plan({**files, "advanced_options": [{"file_detail": [{"adv_policy": True}]}]})
        assert bound.replaced

    def test_the_same_list_written_otherwise_is_none(self, bound: Managed, policy_id: str) -> None:
        files = {"policy_id": policy_id, "source_type": "ECS_FILE", **EVERYTHING["ECS_FILE"]}
        bound.apply(files)
        assert bound.plan({**files, "source": '[ "/a", "/b" ]'}) == {}


class TestAlreadyBound:
    def test_as_asked_for_it_is_taken_over(
        self, bound: Managed, policy_id: str, elsewhere: Elsewhere, names: Names
    ) -> None:
        bind(elsewhere, policy_id, {"Source": "2026/"})
        config = bucket(policy_id, source="2026/")
        bound.apply(config)
        (warning,) = bound.core.messages
        assert "was bound already" in warning
        assert bound.drift(config) == {}
        assert len(names(KIND)) == 1

    def test_a_new_address_keeps_what_the_old_one_gives_up(
        self, bound: Managed, policy_id: str, cloud: LocalCloud, names: Names
    ) -> None:
        bound.apply(bucket(policy_id))
        core = Core(**arguments(cloud))
        old, new = Managed(core, BINDING), Managed(core, BINDING)
        old.state, old.private = bound.state, bound.private
        new.apply(bucket(policy_id))
        old.destroy()
        assert core.errors == []
        assert len(names(KIND)) == 1

    def test_in_another_way_it_is_an_error_that_says_how_to_import_it(
        self, bound: Managed, policy_id: str, elsewhere: Elsewhere
    ) -> None:
        bind(elsewhere, policy_id, {"Source": "2025/", "Disabled": "true"})
        bound.apply(bucket(policy_id, source="2026/"))
        (error,) = bound.core.errors
        assert "with another source, disabled." in error
        assert f"terraform import ADDRESS {policy_id}:OSS:logs" in error
        assert bound.state is None

    def test_by_another_resource_of_the_same_run_it_is_an_error(
        self, bound: Managed, policy_id: str, core: Core
    ) -> None:
        bound.apply(bucket(policy_id))
        twin = Managed(core, BINDING)
        twin.apply(bucket(policy_id))
        assert f"{policy_id}:OSS:logs is bound by two resources" in core.errors[0]
        assert twin.state is None

        bound.destroy()
        twin.apply(bucket(policy_id))
        assert core.errors == []

    def test_by_a_tag_rule_it_is_an_error_that_says_so(
        self, bound: Managed, policy_id: str, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bind(elsewhere, policy_id, {})
        by_tag = {"CreatedByTag": True}
        monkeypatch.setattr(
            "constructs_lib.provider.bindings.binding_of", lambda given: binding_of({**given, **by_tag})
        )
        bound.apply(bucket(policy_id))
        assert f"{policy_id}:OSS:logs is bound by a TAG rule" in bound.core.errors[0]

    def test_an_instance_that_another_policy_has_is_an_error(
        self, bound: Managed, ecs_policy_id: str, elsewhere: Elsewhere
    ) -> None:
        other = elsewhere.create_backup_policy("other", policy_type="UDM_ECS_ONLY", rules=[BACKUP]).value
        bind(elsewhere, other, {"SourceType": "UDM_ECS", "DataSourceId": "i-1"})
        bound.apply({"policy_id": ecs_policy_id, "source_type": "UDM_ECS", "data_source_id": "i-1"})
        assert "PolicyAlreadyBoundWithThisDataSource" in bound.core.errors[0]


class TestFaults:
    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "error", "status": 429, "code": "Throttling.User"},
            {"kind": "error", "status": 404, "code": "InvalidResourceId.NotFound"},
            {"kind": "cut"},
            {"kind": "error", "status": 503, "code": "ServiceUnavailable"},
        ],
    )
    @pytest.mark.parametrize("operation", ["CreatePolicyBindings", "DescribePolicyBindings"])
    def test_is_waited_out(
        self, fault: Any, operation: str, bound: Managed, policy_id: str, cloud: LocalCloud, names: Names
    ) -> None:
        cloud.set_faults([Fault(operation=operation, count=1, **fault)])
        bound.apply(bucket(policy_id))
        assert bound.core.errors == []
        assert len(names(KIND)) == 1
        assert bound.drift(bucket(policy_id)) == {}

    def test_a_policy_that_is_not_there_is_an_error(self, bound: Managed) -> None:
        bound.apply(bucket("po-000none"))
        assert "InvalidResourceId.NotFound" in bound.core.errors[0]

    def test_what_a_killed_run_has_bound_is_taken_over(
        self, run: Callable[..., Run], policy_id: str, names: Names
    ) -> None:
        run().killed(BINDING, bucket(policy_id), after="CreatePolicyBindings")
        second = run()
        second.resource(BINDING).apply(bucket(policy_id))
        assert second.reported("was bound already")
        assert len(names(KIND)) == 1


class TestPaging:
    def test_the_101st_binding_is_found(self, bound: Managed, policy_id: str, elsewhere: Elsewhere) -> None:
        bind(elsewhere, policy_id, *({"DataSourceId": f"bucket-{number:03}"} for number in range(101)))
        assert len(bindings.bindings(elsewhere, policy_id)) == 101
        assert bound.import_(f"{policy_id}:OSS:bucket-100") is not None


class TestImportAndMove:
    @pytest.mark.parametrize("id", ["", "po-1", "po-1:OSS", "po-1::logs", "::"])
    def test_by_an_id_of_three_parts(self, id: str, bound: Managed) -> None:
        bound.import_(id)
        assert "The id is none of a binding" in bound.core.errors[0]

    def test_from_the_official_resource(self, bound: Managed, policy_id: str) -> None:
        config = {**bucket(policy_id), **EVERYTHING["OSS"]}
        binding_id = bound.apply(config)["id"]
        detail = {"inventory_id": "weekly", "inventory_cleanup_policy": "DELETE_CURRENT"}
        official = {
            **bucket(policy_id, id=binding_id, source="2026/", include="", cross_account_user_id=0),
            "cross_account_type": "SELF_ACCOUNT",
            "disabled": None,
            "advanced_options": [
                {"oss_detail": [{**detail, "ignore_archive_object": True}], "udm_detail": []}
            ],
        }
        moved = Managed(bound.core, BINDING)
        moved.move("registry.terraform.io/aliyun/alicloud", "alicloud_hbr_policy_binding", official)
        assert moved.core.errors == []
        assert moved.drift(config) == {}


class TestDataSource:
    def test_all_or_of_a_policy_a_type_or_a_source(
        self, bound: Managed, policy_id: str, ecs_policy_id: str, core: Core
    ) -> None:
        logs = {**bucket(policy_id), **EVERYTHING["OSS"]}
        first = bound.apply(logs)["id"]
        server = {"policy_id": ecs_policy_id, "source_type": "UDM_ECS", "data_source_id": "i-1"}
        second = Managed(core, BINDING).apply(server)["id"]
        for given, ids in (
            ({}, [first, second]),
            ({"policy_id": policy_id}, [first]),
            ({"source_type": "UDM_ECS"}, [second]),
            ({"data_source_id": "logs"}, [first]),
            ({"policy_id": "po-none"}, []),
        ):
            assert core.data(f"{BINDING}s", **given)["ids"] == ids
        (found,) = core.data(f"{BINDING}s", policy_id=policy_id)["bindings"]
        assert {name: found[name] for name in bucket("")} == bucket(policy_id)
        (options,) = found["advanced_options"]
        assert options["oss_detail"][0]["inventory_id"] == "weekly"
        assert found["created_by_tag"] is False

    def test_an_empty_id_is_not_all(self, core: Core) -> None:
        core.data(f"{BINDING}s", policy_id="")
        assert "policy_id is empty" in core.errors[0]


class TestChecks:
    def test_speak_at_validate(self, bound: Managed) -> None:
        config = {"policy_id": "po-1", "source_type": "UDM_ECS", "data_source_id": "i-1", "source": "/a"}
        (message,) = bound.validate(config)
        assert message.startswith("WARNING BB201: A prop that belongs to another type of source")
        assert bound.validate({**config, "acknowledge": {"BB201": "as before"}}) == []

    def test_the_type_of_a_policy_that_is_there_is_known_at_plan(
        self, bound: Managed, policy_id: str, cloud: LocalCloud
    ) -> None:
        bound.plan({"policy_id": policy_id, "source_type": "UDM_ECS", "data_source_id": "i-1"})
        assert "WARNING BB202" in bound.core.messages[0]
        cloud.forget_requests()
        bound.plan(bucket(policy_id))
        assert bound.core.messages == []
        assert cloud.requests() == [], "one list serves a plan"
