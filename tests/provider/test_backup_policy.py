"""`alipolicy_backup_policy` against the local cloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.localcloud import rules as localcloud_rules
from constructs_lib.provider.backup_policy import RULE, from_api, to_api
from constructs_lib.provider.foreign_fields import keep_foreign_fields
from constructs_lib.provider.protocol.planning import compile_body
from constructs_lib.provider.protocol.values import UNKNOWN, without_unknowns
from constructs_lib.provider.retention import with_rule_ids
from tests.backup.test_acceptance import NUMBERS, REQUESTS, rules_of
from tests.properties import examples
from tests.provider.conftest import Core, Elsewhere, Managed, Workspace
from tests.provider.protocol.strategies import configurations

Names = Callable[[str], list[str]]

BACKUP = {
    "rule_type": "BACKUP",
    "backup_type": "COMPLETE",
    "schedule": "I|1648647166|P1D",
    "vault_id": "v-000one",
}
TRANSITION = {"rule_type": "TRANSITION", "retention": 30}
DAILY = {"policy_name": "daily", "rules": [BACKUP, TRANSITION]}
EVERYTHING = {
    "policy_name": "Täglich, 每天",
    "policy_type": "STANDARD",
    "policy_description": "every field of the API",
    "rules": [
        {**BACKUP, "retention": 7, "keep_latest_snapshots": 1, "immutable": False},
        {
            **TRANSITION,
            "retention": 200,
            "archive_days": 30,
            "retention_rules": [
                {"advanced_retention_type": "WEEKLY", "retention": 300, "which_snapshot": 1},
                {"advanced_retention_type": "YEARLY", "retention": 730},
            ],
        },
        {"rule_type": "REPLICATION", "replication_region_id": "cn-shanghai", "retention": 7},
        {
            "rule_type": "TAG",
            "data_source_filters": [
                {"source_type": "OSS", "data_source_ids": ["a", "b"]},
                {
                    "source_type": "NAS",
                    "account_scope": "CROSS_ACCOUNT",
                    "accounts": [
                        {"cross_account_type": "SELF_ACCOUNT"},
                        {
                            "cross_account_user_id": 1589753000000001,
                            "cross_account_type": "CROSS_ACCOUNT",
                            "cross_account_role_name": "hbrcrossrole",
                        },
                    ],
                },
            ],
            "tag_filters": [
                {"key": "env", "value": "prod", "operator": "NOT"},
                {"key": "team", "value": ""},
                {"key": "any"},
            ],
        },
    ],
}
HCL = """
resource "alipolicy_backup_policy" "daily" {
  policy_name = "daily"
  rules {
    rule_type   = "BACKUP"
    backup_type = "COMPLETE"
    schedule    = "I|1648647166|P1D"
    vault_id    = "v-000one"
  }
  rules {
    rule_type = "TRANSITION"
    retention = 30
    retention_rules {
      advanced_retention_type = "WEEKLY"
      retention               = 90
      which_snapshot          = 1
    }
  }
}
"""


def rule_ids(state: dict[str, Any] | None) -> list[str]:
    assert state is not None
    return [rule["rule_id"] for rule in state["rules"]]


def with_rules(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**DAILY, "rules": list(rules)}


class TestRealTerraform:
    def test_from_the_first_apply_to_the_end(self, workspace: Workspace, names: Names) -> None:
        workspace.change(HCL)
        first = workspace.state()["alipolicy_backup_policy.daily"]
        assert names("backup policy") == [first["id"]]
        assert first["policy_type"] == "STANDARD"
        assert int(first["create_time"]) > 0

        changed = workspace.apply(HCL.replace("retention = 30", "retention = 7"))
        assert "~ retention             = 30 -> 7" in changed.text
        assert "RV201: A retention is shortened" in changed.text
        assert "received 7 days for every backup, before 30 days" in changed.text
        assert workspace.plan().status == 0
        second = workspace.state()["alipolicy_backup_policy.daily"]
        assert (second["id"], rule_ids(second)) == (first["id"], rule_ids(first))

        assert workspace.destroy().status == 0
        assert names("backup policy") == []

    def test_terraform_starts_the_provider_itself(self, own_process: Workspace, names: Names) -> None:
        applied = own_process.apply(HCL)
        assert applied.status == 0, applied.text
        assert len(names("backup policy")) == 1

    def test_an_error_points_at_its_line(self, workspace: Workspace) -> None:
        workspace.write(HCL.replace("retention = 30", "retention = 0"))
        outcome = workspace.run("validate", "-no-color")
        assert outcome.status == 1
        assert "Error: BP103: A retention is out of range" in outcome.text
        assert "retention = 0" in outcome.text
        assert "rules[1].retention: received 0; allowed: 1 to 364,635 days." in " ".join(outcome.text.split())

    def test_an_import_block_writes_the_configuration(
        self, workspace: Workspace, backup_policy: Managed
    ) -> None:
        state = backup_policy.apply(EVERYTHING)
        block = f'import {{\n  to = alipolicy_backup_policy.all\n  id = "{state["id"]}"\n}}\n'
        named = block.replace("{", "{\n  provider = alipolicy", 1)  # as Terraform 1.17 wants it
        generated = workspace.plan(named, "-generate-config-out=generated.tf")
        assert "1 to import, 0 to add, 0 to change" in generated.text, generated.text
        applied = workspace.apply(block)
        assert applied.status == 0, applied.text
        assert workspace.plan().status == 0


class TestApply:
    def test_every_field_comes_back_as_it_was_written(self, backup_policy: Managed) -> None:
        backup_policy.apply(EVERYTHING)
        assert backup_policy.core.errors == []
        assert backup_policy.drift(EVERYTHING) == {}

    def test_every_field_is_sent(self, backup_policy: Managed, elsewhere: Elsewhere) -> None:
        state = backup_policy.apply(EVERYTHING)
        policy = elsewhere.backup_policy(state["id"])
        assert policy is not None
        assert (policy.policy_name, policy.policy_description) == ("Täglich, 每天", "every field of the API")
        backup, transition, replication, tag = policy.rules
        assert (backup["KeepLatestSnapshots"], backup["VaultId"]) == (1, "v-000one")
        assert transition["ArchiveDays"] == 30
        assert [each["WhichSnapshot"] for each in transition["RetentionRules"]] == [1, 1]
        assert replication["ReplicationRegionId"] == "cn-shanghai"
        assert tag["DataSourceFilters"][0]["DataSourceIds"] == ["a", "b"]
        assert [each["Operator"] for each in tag["TagFilters"]] == ["NOT", "EQUAL", "EQUAL"]

    def test_a_policy_without_a_name_and_with_empty_texts(self, backup_policy: Managed) -> None:
        config = {"policy_description": "", "rules": [{**BACKUP, "replication_region_id": ""}, TRANSITION]}
        backup_policy.apply(config)
        assert backup_policy.core.errors == []
        assert backup_policy.drift(config) == {}

    def test_an_ecs_policy_is_gone_when_its_destruction_returns(
        self, backup_policy: Managed, names: Names
    ) -> None:
        ecs = {name: value for name, value in BACKUP.items() if name != "vault_id"}
        state = backup_policy.apply(with_rules({**ecs, "immutable": True}, TRANSITION))
        assert state["policy_type"] == "UDM_ECS_ONLY"
        backup_policy.destroy()
        assert names("backup policy") == []

    def test_only_what_changed_is_sent(self, backup_policy: Managed, cloud: LocalCloud) -> None:
        backup_policy.apply(DAILY)
        cloud.forget_requests()
        backup_policy.apply({**DAILY, "policy_description": "new"})
        backup_policy.apply(DAILY)
        assert backup_policy.drift(DAILY) == {}
        sent = [sorted(request.parameters) for request in cloud.requests("UpdatePolicyV2")]
        assert sent == [["PolicyDescription", "PolicyId"]] * 2

    def test_another_type_makes_another_policy(self, backup_policy: Managed) -> None:
        backup_policy.apply({**DAILY, "policy_type": "STANDARD"})
        backup_policy.plan({**DAILY, "policy_type": "UDM_ECS_ONLY"})
        assert backup_policy.replaced

    def test_other_timeouts_change_nothing_in_the_cloud(
        self, backup_policy: Managed, cloud: LocalCloud
    ) -> None:
        backup_policy.apply(DAILY)
        backup_policy.apply({**DAILY, "timeouts": {"delete": "9m"}})
        assert cloud.requests("UpdatePolicyV2") == []


class TestRuleIds:
    def test_a_rule_keeps_its_id_wherever_it_moves(self, backup_policy: Managed) -> None:
        first = rule_ids(backup_policy.apply(with_rules(BACKUP, TRANSITION)))
        assert rule_ids(backup_policy.apply(with_rules(TRANSITION, BACKUP))) == first[::-1]
        assert backup_policy.drift(with_rules(TRANSITION, BACKUP)) == {}

    def test_a_changed_rule_keeps_its_id(self, backup_policy: Managed) -> None:
        first = rule_ids(backup_policy.apply(DAILY))
        changed = with_rules({**TRANSITION, "retention": 40}, BACKUP)
        assert rule_ids(backup_policy.apply(changed)) == first[::-1]

    def test_a_new_rule_gets_one(self, backup_policy: Managed) -> None:
        first = rule_ids(backup_policy.apply(DAILY))
        copies = {"rule_type": "REPLICATION", "replication_region_id": "cn-beijing", "retention": 7}
        more = rule_ids(backup_policy.apply(with_rules(copies, BACKUP, TRANSITION)))
        assert more[1:] == first
        assert more[0] not in first
        assert backup_policy.drift(with_rules(copies, BACKUP, TRANSITION)) == {}

    def test_one_that_goes_takes_its_id_along(self, backup_policy: Managed) -> None:
        first = rule_ids(backup_policy.apply(with_rules({**BACKUP, "retention": 7}, TRANSITION)))
        assert rule_ids(backup_policy.apply(with_rules({**BACKUP, "retention": 7}))) == first[:1]

    def test_no_id_is_given_twice(self) -> None:
        prior: list[dict[str, Any]] = [{**BACKUP, "rule_id": "a"}, {**BACKUP, "rule_id": "b"}]
        changed, kept = {**BACKUP, "rule_id": UNKNOWN}, {**BACKUP, "rule_id": "a"}
        planned: list[dict[str, Any]] = [changed, kept, changed]
        assert [rule["rule_id"] for rule in with_rule_ids(prior, planned)] == ["b", "a", None]


TAG: dict[str, Any] = {
    "rule_type": "TAG",
    "data_source_filters": [{"source_type": "NAS"}, {"source_type": "OSS"}],
    "tag_filters": [{"key": "env", "value": "prod"}],
}


class TestForeignFields:
    """What the cloud says of a rule and the schema does not know."""

    def test_fields_of_lists_in_lists(self) -> None:
        known: dict[str, Any] = {"RuleId": {}, "Filters": {"Kind": {}, "Accounts": {"Id": {}}}}
        accounts = [{"Id": 2}, {"Id": 1}]
        sent = [{"RuleId": "r", "Filters": [{"Kind": "A", "Accounts": accounts}]}]
        now = [{"RuleId": "r", "Filters": [{"Kind": "A", "Accounts": [{"Id": 1, "Own": 3}, {"Id": 9}]}]}]
        (kept,) = keep_foreign_fields(sent, now, known)
        assert kept["Filters"] == [{"Kind": "A", "Accounts": [{"Id": 2}, {"Id": 1, "Own": 3}]}]

    @pytest.mark.usefixtures("foreign_fields")
    def test_an_update_keeps_them_wherever_the_rule_moves(
        self, backup_policy: Managed, elsewhere: Elsewhere
    ) -> None:
        config = {"policy_name": "daily", "rules": [BACKUP, TRANSITION, TAG]}
        backup_policy.apply(config)
        (policy,) = elsewhere.backup_policies()
        rules = [dict(rule) for rule in policy.rules]
        rules[1]["ColdArchiveDays"] = 90
        rules[2]["DataSourceFilters"][1]["SomeField"] = "x"
        elsewhere.update_backup_policy(policy.policy_id, rules=to_api_again(rules))
        backup_policy.apply({**config, "rules": [TAG, BACKUP, {**TRANSITION, "retention": 60}]})
        (policy,) = elsewhere.backup_policies()
        assert [each["SomeField"] for each in policy.rules[0]["DataSourceFilters"]] == ["", "x"]
        assert (policy.rules[2]["Retention"], policy.rules[2]["ColdArchiveDays"]) == (60, 90)

    def test_fields_of_a_rule_and_of_its_lists(self) -> None:
        sent = [{"RuleId": "r-2", "Retention": 60, "Filters": [{"Kind": "B"}, {"Kind": "A"}]}]
        current = [
            {"RuleId": "r-1", "Foreign": 1},
            {
                "RuleId": "r-2",
                "Retention": 30,
                "Foreign": 2,
                "Empty": "",
                "Filters": [{"Kind": "A", "Own": 3}],
            },
        ]
        known: dict[str, Any] = {"RuleId": {}, "Retention": {}, "Filters": {"Kind": {}}}
        kept = keep_foreign_fields(sent, current, known)
        assert kept == [{**sent[0], "Foreign": 2, "Filters": [{"Kind": "B"}, {"Kind": "A", "Own": 3}]}]


def to_api_again(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules that the cloud has told, as they may be sent: without fillers."""
    return [
        {name: value for name, value in rule.items() if value not in ("", 0, False, [])} for rule in rules
    ]


class TestDrift:
    @pytest.mark.parametrize(
        ("change", "drifted"),
        [
            ({"policy_name": "renamed"}, "policy_name"),
            ({"policy_description": "described"}, "policy_description"),
            ({"rules": to_api([BACKUP, {**TRANSITION, "retention": 31}])}, "rules"),
            ({"rules": to_api([BACKUP])}, "rules"),
            ({"rules": to_api([TRANSITION, BACKUP])}, "rules"),
            ({"rules": to_api([{**BACKUP, "keep_latest_snapshots": 1}, TRANSITION])}, "rules"),
        ],
    )
    def test_what_others_change_is_found_and_put_right(
        self, backup_policy: Managed, elsewhere: Elsewhere, change: dict[str, Any], drifted: str
    ) -> None:
        state = backup_policy.apply(DAILY)
        elsewhere.update_backup_policy(state["id"], **change)
        assert backup_policy.drift(DAILY).keys() == {drifted}
        backup_policy.apply(DAILY)
        assert backup_policy.drift(DAILY) == {}

    @pytest.mark.parametrize(
        "foreign", [{"AccountScope": "CROSS_ACCOUNT"}, {"Accounts": [{"CrossAccountUserId": 1}]}]
    )
    def test_accounts_that_others_set_are_found_and_not_erased_silently(
        self, backup_policy: Managed, elsewhere: Elsewhere, foreign: dict[str, Any]
    ) -> None:
        config = {"policy_name": "daily", "rules": [BACKUP, TRANSITION, TAG]}
        state = backup_policy.apply(config)
        tag = to_api([TAG])[0]
        tag["DataSourceFilters"][1] |= foreign
        elsewhere.update_backup_policy(state["id"], rules=[*to_api([BACKUP, TRANSITION]), tag])
        assert backup_policy.drift(config).keys() == {"rules"}
        given = {**TAG["data_source_filters"][1], "account_scope": foreign.get("AccountScope")}
        given["accounts"] = [{"cross_account_user_id": 1}] if "Accounts" in foreign else []
        followed = {**TAG, "data_source_filters": [TAG["data_source_filters"][0], given]}
        assert backup_policy.drift({**config, "rules": [BACKUP, TRANSITION, followed]}) == {}
        backup_policy.apply(config)
        assert backup_policy.drift(config) == {}

    def test_a_policy_that_others_deleted_leaves_the_state(
        self, backup_policy: Managed, elsewhere: Elsewhere
    ) -> None:
        elsewhere.delete_backup_policy(backup_policy.apply(DAILY)["id"], "STANDARD")
        assert backup_policy.refresh() is None
        assert backup_policy.core.messages == []

    def test_many_are_found_in_one_list(
        self, core: Core, cloud: LocalCloud, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (("FEW", 1), ("RECENT", 1e9)):
            monkeypatch.setattr(f"constructs_lib.provider.cloud.{name}", value)
        policies = [Managed(core, "alipolicy_backup_policy") for _ in range(4)]
        for policy in policies[:3]:
            policy.apply(DAILY)
        cloud.forget_requests()
        for policy in policies[:3]:
            assert policy.refresh() == policy.state
        asked = [request.parameters.get("PolicyId") for request in cloud.requests()]
        assert asked == [policies[0].id, None]
        policies[3].apply(DAILY)
        assert policies[3].refresh(), "the list is older than it"
        elsewhere.delete_backup_policy(policies[3].id, "STANDARD")
        assert policies[3].refresh() is None

    def test_destroying_what_is_gone_succeeds(self, backup_policy: Managed, elsewhere: Elsewhere) -> None:
        elsewhere.delete_backup_policy(backup_policy.apply(DAILY)["id"], "STANDARD")
        assert backup_policy.destroy() == []


class TestImport:
    @pytest.mark.parametrize("config", [DAILY, EVERYTHING])
    def test_there_is_nothing_to_do_after_it(self, backup_policy: Managed, config: dict[str, Any]) -> None:
        imported = Managed(backup_policy.core, backup_policy.type_name)
        imported.import_(backup_policy.apply(config)["id"])
        assert imported.plan({**config, "rules": without_empty_texts(config["rules"])}) == {}

    @pytest.mark.parametrize("number", NUMBERS)
    def test_what_the_live_api_takes_is_imported_without_an_error(
        self, backup_policy: Managed, elsewhere: Elsewhere, number: int
    ) -> None:
        """The configuration is the imported state, as `plan -generate-config-out` writes it."""
        request = REQUESTS[number]
        id = elsewhere.create_backup_policy(
            f"p{number}", policy_description=None, policy_type=request["policy_type"], rules=request["rules"]
        ).value
        state = backup_policy.import_(id)
        assert state is not None
        rules = [{**rule, "rule_id": None} for rule in state["rules"]]
        config = {**DAILY, "policy_name": state["policy_name"], "policy_type": None, "rules": rules}
        backup_policy.validate(config)
        assert backup_policy.core.errors == []
        assert backup_policy.plan(config) == {}
        assert backup_policy.core.errors == []

    def test_a_retention_of_minus_one_stays_and_is_told(
        self, backup_policy: Managed, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the live API tells about itself is no error; written newly it is."""
        monkeypatch.setattr(localcloud_rules, "_ENFORCED", ())
        kept = [{"advanced_retention_type": "YEARLY", "retention": -1}]
        rules: list[dict[str, Any]] = [BACKUP, {**TRANSITION, "retention": -1, "retention_rules": kept}]
        config = {**DAILY, "rules": rules}
        id = elsewhere.create_backup_policy("daily", rules=to_api(rules)).value
        backup_policy.import_(id)
        told = backup_policy.validate(config)
        assert [each.partition(":")[0] for each in told if "BP213" in each] == ["WARNING BP213"] * 2
        assert backup_policy.core.errors == []
        assert backup_policy.validate({**config, "acknowledge": {"BP213": "as it was"}}) == [
            each for each in told if "BP213" not in each
        ]
        assert backup_policy.plan(config) == {}
        assert backup_policy.core.messages == []
        assert backup_policy.apply({**config, "rules": [*rules, TAG]})["rules"][1]["retention"] == -1
        backup_policy.plan({**config, "rules": [{**BACKUP, "retention": -1}, *rules[1:], TAG]})
        (error,) = backup_policy.core.errors
        assert error.startswith("ERROR A new retention of -1: rules[0].retention: To keep for good, write")

    def test_a_new_policy_with_a_retention_of_minus_one_is_refused(self, backup_policy: Managed) -> None:
        backup_policy.plan(with_rules(BACKUP, {**TRANSITION, "retention": -1}))
        assert [each[:30] for each in backup_policy.core.errors] == ["ERROR A new retention of -1: r"]

    def test_one_that_is_not_there(self, backup_policy: Managed) -> None:
        assert backup_policy.import_("po-000nowhere") is None
        assert backup_policy.core.messages == []

    def test_an_empty_id(self, backup_policy: Managed) -> None:
        backup_policy.import_(" ")
        assert backup_policy.core.errors[0].startswith("ERROR The id is empty")


class TestMove:
    OFFICIAL = "registry.terraform.io/aliyun/alicloud"

    def test_from_the_official_provider_nothing_is_touched(
        self, backup_policy: Managed, cloud: LocalCloud
    ) -> None:
        created = backup_policy.apply(EVERYTHING)
        cloud.forget_requests()
        moved = Managed(backup_policy.core, backup_policy.type_name)
        moved.move(self.OFFICIAL, "alicloud_hbr_policy", official(created))
        assert cloud.requests() == []
        assert moved.state == {**created, "rules": without_empty_texts(created["rules"])}
        config = {**EVERYTHING, "rules": without_empty_texts(EVERYTHING["rules"])}
        assert moved.drift(config) == {}

    @pytest.mark.parametrize("number", NUMBERS)
    def test_what_the_live_api_takes_moves_without_an_error(
        self, backup_policy: Managed, elsewhere: Elsewhere, number: int
    ) -> None:
        """The configuration is that of the acceptance test, or what the state has after the move."""
        request = REQUESTS[number]
        id = elsewhere.create_backup_policy(
            f"p{number}", policy_description=None, policy_type=request["policy_type"], rules=request["rules"]
        ).value
        policy = elsewhere.backup_policy(id)
        assert policy is not None
        kept = [
            without(rule, "which_snapshot", "data_source_ids", "account_scope", "accounts")
            for rule in rules_of({"rules": policy.rules})
        ]
        state = {
            "id": id,
            "policy_name": f"p{number}",
            "policy_type": policy.policy_type,
            "policy_description": "",
            "create_time": str(policy.created_time),
            "rules": kept,
        }
        backup_policy.move(self.OFFICIAL, "alicloud_hbr_policy", state)
        assert backup_policy.core.errors == []
        moved = backup_policy.state
        assert moved is not None
        for rules in (
            without_fillers(rules_of(request)),
            [{**rule, "rule_id": None} for rule in moved["rules"]],
        ):
            config = {"policy_name": f"p{number}", "rules": rules}
            backup_policy.validate(config)
            assert backup_policy.core.errors == []
            assert backup_policy.drift(config) == {}
            assert backup_policy.core.errors == []

    @pytest.mark.parametrize(
        ("provider", "type_name"),
        [(OFFICIAL, "alicloud_ram_policy"), ("else.where/x/y", "alicloud_hbr_policy")],
    )
    def test_from_nowhere_else(self, backup_policy: Managed, provider: str, type_name: str) -> None:
        backup_policy.move(provider, type_name, {"id": "x"})
        assert backup_policy.core.errors[0].startswith("ERROR The resource cannot be moved")


def without_fillers(value: Any) -> Any:
    """What the acceptance test writes, of what the official provider sends."""
    if isinstance(value, dict):
        return {name: without_fillers(item) for name, item in value.items() if item not in ("", 0, [])}
    return [without_fillers(item) for item in value] if isinstance(value, list) else value


def without(value: Any, *names: str) -> Any:
    """A value, nested ones too, without what the official provider does not keep."""
    if isinstance(value, dict):
        return {name: without(item, *names) for name, item in value.items() if name not in names}
    return [without(item, *names) for item in value] if isinstance(value, list) else value


def official(state: dict[str, Any]) -> dict[str, Any]:
    """The state of a policy as the official provider keeps it: what is not set is a filler, and it keeps
    neither which_snapshot nor timeouts that nobody set."""
    zeros = {"retention": 0, "immutable": False}

    def fillers(rule: dict[str, Any]) -> dict[str, Any]:
        return {name: zeros.get(name, "") if value is None else value for name, value in rule.items()}

    written = {name: "" if value is None else value for name, value in state.items() if name != "timeouts"}
    return {**written, "rules": [fillers(rule) for rule in state["rules"]]}


def without_empty_texts(rules: Any) -> Any:
    """An empty text and none are the same to the API."""
    return json.loads(json.dumps(rules).replace('"value": ""', '"value": null'))


class TestChecks:
    def test_values_that_are_not_known_are_not_judged(self, backup_policy: Managed) -> None:
        unknown = {**dict.fromkeys(RULE, UNKNOWN), "rule_type": "BACKUP", "rule_id": None}
        for config in (
            with_rules(unknown, TRANSITION),
            {"rules": UNKNOWN},
            with_rules({**TRANSITION, "rule_type": UNKNOWN}),
            {**DAILY, "policy_name": UNKNOWN, "policy_type": UNKNOWN},
        ):
            assert backup_policy.validate(config) == []
            backup_policy.plan(config)
            assert backup_policy.core.messages == []

    def test_what_is_known_beside_them_is(self, backup_policy: Managed) -> None:
        reported = backup_policy.validate(
            with_rules({**BACKUP, "vault_id": UNKNOWN, "retention": -2}, TRANSITION)
        )
        assert [each for each in reported if "[rules 0 retention]" in each and each.startswith("ERROR BP103")]

    def test_what_the_live_api_was_seen_to_take_is_a_warning(self, backup_policy: Managed) -> None:
        (reported,) = backup_policy.validate(with_rules({**BACKUP, "retention": 7}))
        assert reported.startswith("WARNING BP309")

    def test_copies_in_the_providers_own_region(self, backup_policy: Managed) -> None:
        copy = {"rule_type": "REPLICATION", "replication_region_id": "cn-hangzhou", "retention": 30}
        config = with_rules(BACKUP, TRANSITION, copy)
        assert backup_policy.validate(config) == []
        backup_policy.plan(config)
        assert [message.startswith("WARNING BP212") for message in backup_policy.core.messages] == [True]

    def test_what_a_module_fills_in_is_left_out(self, backup_policy: Managed) -> None:
        fillers = {"archive_days": 0, "keep_latest_snapshots": 0, "replication_region_id": ""}
        lifecycle = {**TRANSITION, **fillers, "backup_type": "", "schedule": "", "vault_id": ""}
        assert backup_policy.validate(with_rules({**BACKUP, **fillers, "retention": 0}, lifecycle)) == []

    @pytest.mark.parametrize("number", NUMBERS)
    def test_what_the_live_api_takes_is_validated_without_an_error(
        self, backup_policy: Managed, number: int
    ) -> None:
        request = REQUESTS[number]
        backup_policy.validate({**with_rules(*rules_of(request)), "policy_type": request["policy_type"]})
        assert backup_policy.core.errors == []

    def test_a_text_that_looks_like_an_expression_is_a_text(self, backup_policy: Managed) -> None:
        (reported,) = backup_policy.validate(with_rules(BACKUP, {**TRANSITION, "rule_type": "${x}"}))[:1]
        assert reported.startswith("ERROR BP101")
        assert 'received "${x}"' in reported

    def test_a_fraction_of_a_day(self, backup_policy: Managed) -> None:
        reported = backup_policy.validate(with_rules(BACKUP, {**TRANSITION, "retention": Decimal("1.5")}))
        assert reported[0].startswith("ERROR BP100")

    def test_the_id_of_a_rule_cannot_be_written(self, backup_policy: Managed) -> None:
        reported = backup_policy.validate(with_rules({**BACKUP, "rule_id": "rule-000"}, TRANSITION))
        assert reported[0].startswith("ERROR rule_id cannot be set")


WEEKLY = {"advanced_retention_type": "WEEKLY", "retention": 90}


class TestShorterRetention:
    def warnings(self, backup_policy: Managed, before: list[Any], after: list[Any]) -> list[str]:
        backup_policy.apply(with_rules(*before))
        backup_policy.plan(with_rules(*after))
        return backup_policy.core.messages

    def test_of_a_transition_rule(self, backup_policy: Managed) -> None:
        (reported,) = self.warnings(
            backup_policy, [BACKUP, TRANSITION], [BACKUP, {**TRANSITION, "retention": 7}]
        )
        assert "received 7 days for every backup, before 30 days;" in reported
        assert reported.endswith("[rules 1 retention]")

    def test_by_a_new_transition_rule(self, backup_policy: Managed) -> None:
        before = {**BACKUP, "retention": 90}
        (reported,) = self.warnings(backup_policy, [before], [before, TRANSITION])
        assert "30 days for every backup, before 90 days" in reported

    def test_of_the_first_backup_of_a_period(self, backup_policy: Managed) -> None:
        before = {**TRANSITION, "retention_rules": [WEEKLY]}
        (reported,) = self.warnings(backup_policy, [BACKUP, before], [BACKUP, TRANSITION])
        assert "no retention of its own for the first backup of each week, before 90 days" in reported

    def test_of_the_newest_backup(self, backup_policy: Managed) -> None:
        before = {**BACKUP, "keep_latest_snapshots": 1}
        (reported,) = self.warnings(backup_policy, [before, TRANSITION], [BACKUP, TRANSITION])
        assert "it is off for the newest backup, before on" in reported

    def test_of_copies(self, backup_policy: Managed) -> None:
        copies = {"rule_type": "REPLICATION", "replication_region_id": "cn-beijing", "retention": 7}
        fewer = {**copies, "retention": 3}
        (reported,) = self.warnings(backup_policy, [BACKUP, TRANSITION, copies], [BACKUP, TRANSITION, fewer])
        assert "3 days for every copy in cn-beijing, before 7 days" in reported

    def test_a_retention_that_stays_grows_or_moves_is_no_warning(self, backup_policy: Managed) -> None:
        before = [{**BACKUP, "keep_latest_snapshots": 1}, {**TRANSITION, "retention_rules": [WEEKLY]}]
        longer = [before[0], {**before[1], "retention": 60}]
        assert self.warnings(backup_policy, before, before[::-1]) == []
        backup_policy.plan(with_rules(*longer))
        assert backup_policy.core.messages == []
        backup_policy.plan(with_rules(before[0], {**before[1], "retention": UNKNOWN}))
        assert backup_policy.core.messages == []


class TestFaults:
    @pytest.mark.parametrize("kind", ["cut", "truncated", "not_json"])
    def test_a_lost_answer_leaves_one_policy(
        self, backup_policy: Managed, cloud: LocalCloud, names: Names, kind: str
    ) -> None:
        cloud.set_faults([Fault(kind=kind, operation="CreatePolicyV2", count=1)])
        state = backup_policy.apply(DAILY)
        assert backup_policy.core.errors == []
        assert names("backup policy") == [state["id"]]

    def test_what_cannot_be_read_back_is_not_tainted(
        self, backup_policy: Managed, cloud: LocalCloud, names: Names
    ) -> None:
        refuse = Fault(kind="error", operation="DescribePoliciesV2", skip=1, status=403, code="NoPermission")
        cloud.set_faults([refuse])
        state = backup_policy.apply(DAILY)
        assert backup_policy.core.errors == []
        assert any("could not be read back" in each for each in backup_policy.core.messages)
        cloud.set_faults()
        assert backup_policy.drift(DAILY) == {}
        assert rule_ids(backup_policy.state) != [None, None]
        assert names("backup policy") == [state["id"]]

    def test_a_read_of_the_past_loses_no_new_policy(self, backup_policy: Managed, cloud: LocalCloud) -> None:
        backup_policy.apply(DAILY)
        cloud.set_faults([Fault(kind="stale_read", operation="DescribePoliciesV2", seconds=9, count=1)])
        assert backup_policy.drift(DAILY) == {}

    def test_a_refusal_says_what_to_do(self, backup_policy: Managed, cloud: LocalCloud) -> None:
        refuse = Fault(kind="error", operation="CreatePolicyV2", status=403, code="NoPermission")
        cloud.set_faults([refuse])
        backup_policy.apply(DAILY)
        (reported,) = backup_policy.core.errors
        assert reported.startswith("ERROR CreatePolicyV2 failed: CreatePolicyV2: ")
        assert "Allow this operation to the RAM user or role in use." in reported
        assert backup_policy.state is None

    def test_a_failed_update_leaves_the_state(self, backup_policy: Managed, cloud: LocalCloud) -> None:
        before = backup_policy.apply(DAILY)
        cloud.set_faults([Fault(kind="error", operation="UpdatePolicyV2", status=403, code="NoPermission")])
        assert backup_policy.apply({**DAILY, "policy_name": "other"}) == before
        assert backup_policy.core.errors


# ------------------------------------------------------------ laws

WRITTEN = {
    "string": st.sampled_from([None, "", "x"]),
    "number": st.sampled_from([None, 0, 7]),
    "bool": st.sampled_from([None, False, True]),
    "list": st.sampled_from([None, [], ["a"]]),
}


@given(configurations(RULE, lambda kind: WRITTEN[kind.kind]))
@examples(150)
def test_what_is_written_comes_back_as_it_was(config: dict[str, Any]) -> None:
    rule = compile_body(RULE).plan(without_unknowns(config), None, None, False) | {"rule_id": None}
    (sent,) = to_api([rule])
    assert from_api(sent, rule) == rule
