"""Cloud Backup: the recovery points that a vault holds, and when they expire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import BACKUP, Answer, Client, refused
from tests.localcloud.conftest import Clock
from tests.localcloud.sdk import list_unset_fields, make_client, models

DAY = 86_400
SOURCES = [
    {"SourceType": "OSS", "DataSourceId": "bucket", "Source": "logs/"},
    {"SourceType": "ECS_FILE", "DataSourceId": "i-1", "Source": '["/a", "/b"]'},
    {"SourceType": "NAS", "DataSourceId": "nas-1"},
]


def condition(field: str, value: Any, operation: str = "MATCH_TERM", **more: Any) -> dict[str, Any]:
    return {"field": field, "value": value, "operation": operation} | more


@pytest.fixture
def vault_id(client: Client, clock: Clock) -> str:
    """A vault with a recovery point of each source, kept for 7 days."""
    vault_id = str(client("CreateVault", VaultRegionId="cn-hangzhou", VaultName="v")["VaultId"])
    policy_id = client("CreatePolicyV2", PolicyName="p", Rules=[BACKUP | {"VaultId": vault_id}])["PolicyId"]
    client("CreatePolicyBindings", PolicyId=policy_id, PolicyBindingList=SOURCES)
    [policy] = client("DescribePoliciesV2")["Policies"]
    client("ExecutePolicyV2", PolicyId=policy_id, RuleId=policy["Rules"][0]["RuleId"])
    clock.ahead = 5.5
    return vault_id


def search(client: Client, vault_id: str, *conditions: dict[str, Any], **parameters: Any) -> Answer:
    query = [condition("VaultId", vault_id), *conditions]
    return client("SearchHistoricalSnapshots", Query=query, **parameters)


def sources(client: Client, vault_id: str, *conditions: dict[str, Any], **parameters: Any) -> list[str]:
    answer = search(client, vault_id, *conditions, **parameters)
    return [point["SourceType"] for point in answer["Snapshots"]["Snapshot"]]


def test_the_official_sdk_reads_every_field(cloud: LocalCloud, vault_id: str) -> None:
    query = [condition("VaultId", vault_id), condition("Bucket", "bucket")]
    request = models.SearchHistoricalSnapshotsRequest(source_type="OSS", query=query)
    answer = make_client(cloud).search_historical_snapshots(request).body
    assert list(list_unset_fields(answer)) == []
    [point] = answer.snapshots.snapshot
    assert (point.bucket, point.prefix, point.vault_id, point.retention) == ("bucket", "logs/", vault_id, 7)
    assert point.expire_time == point.complete_time + 7 * DAY
    assert point.snapshot_id.startswith("s-")


def test_a_recovery_point_is_there_until_it_expires(
    cloud: LocalCloud, client: Client, clock: Clock, vault_id: str
) -> None:
    assert search(client, vault_id)["TotalCount"] == 3
    assert search(client, "v-other")["TotalCount"] == 0
    for ahead, left in ((7 * DAY, 3), (7 * DAY + 10, 0)):
        clock.ahead = ahead
        # The client's own clock stays behind, which the service would not take.
        cloud.set_faults([{"kind": "clock_skew", "seconds": -ahead}])
        assert search(client, vault_id)["TotalCount"] == left


def test_a_query_is_applied(client: Client, vault_id: str) -> None:
    assert sources(client, vault_id, condition("InstanceId", "i-1"), SourceType="ECS_FILE") == ["ECS_FILE"]
    nas = [condition("FileSystemId", "nas-1"), condition("CreateTime", 1607436917)]
    assert sources(client, vault_id, *nas, SourceType="NAS") == ["NAS"]
    assert sources(client, vault_id, condition("InstanceId", ["i-1", "i-2"], "IN")) == ["ECS_FILE"]
    assert sources(client, vault_id, condition("InstanceId", ["i-1"], "NOT_IN")) == ["OSS", "NAS"]
    assert len(sources(client, vault_id, condition("CompleteTime", 1607436917, "GREATER_THAN"))) == 3
    assert sources(client, vault_id, condition("CompleteTime", ["1", "2"], "BETWEEN")) == []
    assert len(sources(client, vault_id, condition("CompleteTime", 1, "BETWEEN", value2=9999999999))) == 3
    assert sources(client, vault_id, Edition="BASIC") == []


def test_recovery_points_are_sorted_and_paged(client: Client, vault_id: str) -> None:
    first = search(client, vault_id, Limit=2)
    assert [point["SourceType"] for point in first["Snapshots"]["Snapshot"]] == ["OSS", "ECS_FILE"]
    assert sources(client, vault_id, Limit=2, NextToken=first["NextToken"]) == ["NAS"]
    counted = search(client, vault_id, Limit=0)
    assert (counted["TotalCount"], counted["Snapshots"]["Snapshot"], counted["NextToken"]) == (3, [], "")
    assert len(sources(client, vault_id, SortBy="ExpireTime", Order="DESC")) == 3


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingQuery"),
        ({"Query": [condition("Bucket", "b")]}, "InvalidParameter.Query"),
        ({"Query": [condition("VaultId", "v")], "SourceType": "OSS"}, "InvalidParameter.Query"),
        ({"Query": [condition("Vault", "v")]}, "InvalidParameter.Query"),
        ({"Query": [condition("VaultId", "v", "LIKE")]}, "InvalidParameter.Query"),
        ({"Query": [{"field": "VaultId", "value": "v", "operation": ["IN"]}]}, "InvalidParameter.Query"),
        ({"Query": [{"field": ["VaultId"], "value": "v"}]}, "InvalidParameter.Query"),
        ({"Query": ["VaultId"]}, "InvalidParameter.Query"),
        ({"Query": "{"}, "InvalidParameter.Query"),
        ({"Query": [condition("VaultId", "v")], "Order": "UP"}, "InvalidParameter.Order"),
        ({"Query": [condition("VaultId", "v")], "SourceType": "UDM_ECS"}, "InvalidParameter.SourceType"),
    ],
)
def test_a_wrong_search_is_refused(client: Client, parameters: dict[str, Any], code: str) -> None:
    with refused(code, 400):
        client("SearchHistoricalSnapshots", **parameters)


def test_a_filter_whose_operator_is_no_text_is_refused(client: Client) -> None:
    filters = json.dumps([{"Key": "VaultId", "Operator": ["IN"], "Values": ["v"]}])
    with refused("InvalidParameter.Filters", 400):
        client("DescribeBackupJobs2", Filters=filters)


def test_a_vault_takes_its_recovery_points_along(client: Client, vault_id: str) -> None:
    [policy] = client("DescribePoliciesV2")["Policies"]
    with refused("VaultBoundPolicyCannotBeDeleted", 400):
        client("DeleteVault", VaultId=vault_id)
    client("DeletePolicyV2", PolicyId=policy["PolicyId"])
    assert search(client, vault_id)["TotalCount"] == 3
    client("DeleteVault", VaultId=vault_id)
    assert search(client, vault_id)["TotalCount"] == 0
    assert client("DescribeBackupJobs2")["TotalCount"] == 0
