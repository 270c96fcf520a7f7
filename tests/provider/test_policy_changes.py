"""What a plan says of the change of a backup policy: what a review of it would say."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from constructs_lib.provider.api_client import HBR
from tests.provider.conftest import Core, Elsewhere, Managed
from tests.provider.test_retention import Rules, backup, copies

DAYS = 86_400
TRANSITION = {"rule_type": "TRANSITION", "retention": 30}


def planned(backup_policy: Managed, before: Rules, after: Rules, **more: Any) -> list[str]:
    backup_policy.apply({"policy_name": "p", "policy_type": "STANDARD", "rules": before})
    backup_policy.plan({"policy_name": "p", "policy_type": "STANDARD", "rules": after, **more})
    assert backup_policy.core.errors == []
    return backup_policy.core.messages


REGION = copies("cn-shanghai", 30)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            [backup(2, 30), REGION],
            [backup(2, 30)],
            "WARNING RV205: A replication is lost: rules: received no",
        ),
        ([backup(2, 30)], [backup(2, 30, vault_id="v-2")], "received v-2, before v-1"),
        ([backup(2, 30), backup(14, 30)], [backup(2, 30)], "received 1 BACKUP rule, before 2"),
        ([backup(2, 30)], [backup(2, 7)], "WARNING RV201: A retention is shortened: rules[0].retention"),
        ([backup(2, 30, keep_latest_snapshots=1)], [backup(2, 30)], "WARNING RV301"),
    ],
    ids=["replication", "vault", "fewer rules", "retention", "newest"],
)
def test_what_the_rules_take_away(backup_policy: Managed, before: Rules, after: Rules, words: str) -> None:
    (reported,) = planned(backup_policy, before, after)
    assert words in reported
    assert "To apply it is to approve it: the next plan does not say it again." in reported


def tag(source_type: str = "OSS", *keys: str) -> dict[str, Any]:
    filters = [{"key": key, "value": "prod"} for key in keys]
    return {"rule_type": "TAG", "data_source_filters": [{"source_type": source_type}], "tag_filters": filters}


# The same as `tag("OSS", "env")`, by a module that fills in what it leaves out.
FILLED = {
    "rule_type": "TAG",
    "data_source_filters": [{"source_type": "OSS", "data_source_ids": [], "account_scope": ""}],
    "tag_filters": [{"key": "env", "value": "prod", "operator": ""}],
}


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (tag("OSS", "env"), FILLED, []),
        (FILLED, tag("OSS", "env"), []),
        (tag("OSS", "env"), tag("OSS", "team"), ["RV261"]),
        (tag("OSS", "env"), tag("OSS", "env", "team"), ["RV261"]),
        (tag("OSS", "env"), tag("NAS", "env"), ["RV261"]),
        (tag("OSS", "env"), None, ["RV204", "RV261"]),
        (tag("OSS", "env", "team"), tag("OSS", "team", "env"), []),
        (tag("OSS", "env", "team"), tag("OSS", "env"), []),
        (None, tag("OSS", "env"), []),
    ],
    ids=[
        "filled in",
        "left out",
        "another tag",
        "one more",
        "another type",
        "no rule",
        "another order",
        "one less",
        "a new rule",
    ],
)
def test_whom_tags_choose(backup_policy: Managed, before: Any, after: Any, codes: list[str]) -> None:
    sides = ([backup(2, 30), *([rule] if rule else [])] for rule in (before, after))
    reported = planned(backup_policy, *sides)
    assert sorted(message.split()[1].rstrip(":") for message in reported) == codes
    if codes:
        assert "what rules[1] chose before may not be chosen any more" in "".join(reported)


def test_no_reason_that_stays_quiets_the_next_one(backup_policy: Managed) -> None:
    reasons = {"RV205": "the other region is given up"}
    (reported,) = planned(backup_policy, [backup(2, 30), REGION], [backup(2, 30)], acknowledge=reasons)
    assert "RV205" in reported
    assert "acknowledge" not in reported
    backup_policy.validate({"policy_name": "p", "rules": [backup(2, 30)], "acknowledge": reasons})
    (error,) = backup_policy.core.errors
    assert "a change is approved in a review" in error


def every(days: int, start: int = 1648647166) -> dict[str, Any]:
    return {**backup(2, 30), "schedule": f"I|{start}|P{days}D"}


def test_fewer_runs(backup_policy: Managed) -> None:
    (reported,) = planned(backup_policy, [every(1)], [every(2)])
    assert reported.startswith("WARNING Backups become rarer: So far at most 24 hours lie between two")
    assert "from now on up to 2 days" in reported


def test_more_runs_are_fine(backup_policy: Managed) -> None:
    assert planned(backup_policy, [every(2)], [every(1)]) == []


def test_a_start_that_moves(backup_policy: Managed) -> None:
    (reported,) = planned(backup_policy, [every(1)], [every(1, int(time.time()) + 30 * DAYS)])
    assert reported.startswith("WARNING There will be no backup for a while: The last backup was due")


def test_another_policy_type(backup_policy: Managed) -> None:
    rule = backup(2, 30)
    (reported,) = planned(backup_policy, [rule], [rule], policy_type="UDM_ECS_ONLY")[-1:]
    assert reported.startswith("WARNING Backup policy p will be destroyed")
    assert "nor by the policy that takes its place" in reported
    assert reported.endswith("[policy_type]")


def test_a_destroyed_policy_to_which_something_is_bound(backup_policy: Managed, elsewhere: Elsewhere) -> None:
    id = backup_policy.apply({"policy_name": "p", "rules": [backup(2, 30)]})["id"]
    bindings = json.dumps([{"SourceType": "OSS", "DataSourceId": name} for name in ("oss-1", "oss-2")])
    given = {"PolicyId": id, "PolicyBindingList": bindings}
    elsewhere.calls.change(HBR, "CreatePolicyBindings", given)
    (reported,) = backup_policy.plan_destroy()
    assert (
        "2 data sources are no longer backed up by it. DescribePolicyBindings names what is bound."
        in reported
    )


def test_of_many_destroyed_policies_those_without_data_sources_are_counted(
    core: Core, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("constructs_lib.provider.protocol.context.ONE_BY_ONE", 1)
    choosing = {
        "rule_type": "TAG",
        "data_source_filters": [{"source_type": "OSS"}],
        "tag_filters": [{"key": "k"}],
    }
    rules = {"empty": [], "further": [], "bound": [], "choosing": [choosing]}
    first = {}
    for name, more in rules.items():
        policy = Managed(core, "alipolicy_backup_policy")
        policy.apply({"policy_name": name, "rules": [backup(2, 30), *more]})
        if name == "bound":
            binding = json.dumps([{"SourceType": "OSS", "DataSourceId": "oss-1"}])
            given = {"PolicyId": policy.id, "PolicyBindingList": binding}
            elsewhere.calls.change(HBR, "CreatePolicyBindings", given)
        first[name] = policy.plan_destroy()[0].partition(":")[0]
    assert first.pop("further") == "WARNING Further backup policies without data sources will be destroyed"
    assert first == {name: f"WARNING Backup policy {name} will be destroyed" for name in first}


def test_a_destroyed_policy(core: Core, backup_policy: Managed) -> None:
    backup_policy.apply({"policy_name": "p", "rules": [backup(2, 30)]})
    (reported,) = backup_policy.plan_destroy()
    assert reported.startswith("WARNING Backup policy p will be destroyed")
    assert "recovery points that it has made is not documented" in reported
