"""Cloud Backup: vaults, their groups, tags and mirrors, and what stands around them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import BACKUP, VERSIONS, Answer, Client, refused
from tests.localcloud.conftest import Clock
from tests.localcloud.sdk import list_unset_fields, make_client, models


def create(client: Client, name: str = "v", **parameters: Any) -> str:
    region = parameters.pop("VaultRegionId", "cn-hangzhou")
    return str(client("CreateVault", VaultRegionId=region, VaultName=name, **parameters)["VaultId"])


def vaults(client: Client, **parameters: Any) -> list[Answer]:
    listed: list[Answer] = client("DescribeVaults", **parameters)["Vaults"]["Vault"]
    return listed


def groups_of(client: Client) -> list[str]:
    return [group["Id"] for group in client("ListResourceGroups")["ResourceGroups"]["ResourceGroup"]]


# -- vaults


def test_the_official_sdk_reads_every_field(cloud: LocalCloud) -> None:
    sdk = make_client(cloud)
    created = sdk.create_vault(
        models.CreateVaultRequest(vault_region_id="cn-hangzhou", vault_name="v", worm_enabled=True)
    )
    answer = sdk.describe_vaults(models.DescribeVaultsRequest(vault_id=created.body.vault_id)).body
    assert list(list_unset_fields(answer)) == []
    [vault] = answer.vaults.vault
    assert (vault.vault_owner_id, vault.worm_enabled) == (int(cloud.account_id), True)
    assert "OSS" in vault.source_types.source_type


def test_a_vault_changes_in_place(cloud: LocalCloud, client: Client) -> None:
    vault_id = create(client, Description="first")
    [before] = vaults(client)
    update = models.UpdateVaultRequest(vault_id=vault_id, vault_name="w", worm_enabled=True)
    make_client(cloud).update_vault(update)
    [after] = vaults(client)
    changes = {"VaultName": "w", "WormEnabled": True, "UpdatedTime": after["UpdatedTime"]}
    assert after == before | changes
    client("UpdateVault", VaultId=vault_id, Description="", ResourceGroupId=groups_of(client)[1])
    [last] = vaults(client)
    assert (last["VaultName"], last["Description"], last["ResourceGroupId"]) == (
        "w",
        "",
        groups_of(client)[1],
    )


def test_a_change_that_cannot_be_is_refused(client: Client) -> None:
    vault_id = create(client, WormEnabled=True)
    with refused("InvalidParameter.WormEnabled", 400):
        client("UpdateVault", VaultId=vault_id, WormEnabled=False)
    with refused("InvalidParameter.VaultName.Length", 400):
        client("UpdateVault", VaultId=vault_id, VaultName="v" * 65)
    with refused("EntityNotExists.ResourceGroup", 404):
        client("UpdateVault", VaultId=vault_id, ResourceGroupId="rg-none")
    with refused("InvalidResourceId.NotFound", 404):
        client("UpdateVault", VaultId="v-none", VaultName="w")
    assert vaults(client)[0]["VaultName"] == "v"


def test_every_filter_is_applied(client: Client, cloud: LocalCloud, clock: Clock) -> None:
    first, second = create(client), create(client, "w", VaultType="OTS_BACKUP", Replication=True)
    group = groups_of(client)[1]
    client("ChangeResourceGroup", ResourceId=first, ResourceType="vault", NewResourceGroupId=group)
    clock.ahead = 5

    def found(**parameters: Any) -> list[str]:
        return [vault["VaultId"] for vault in vaults(client, **parameters)]

    assert found(ResourceGroupId=group) == [first]
    assert found(ResourceGroupId="rg-none") == []
    assert found(VaultOwnerId=cloud.account_id) == [first, second]
    assert found(VaultOwnerId=1) == []
    assert (found(Replication=True), found(Replication=False)) == ([second], [first])
    assert found(VaultType="OTS_BACKUP") == [second]
    assert found(Status="ERROR") == []
    for name in ("Status", "VaultType", "Replication"):
        with refused(f"InvalidParameter.{name}", 400):
            found(**{name: "x"})


def test_a_vault_has_tags_which_filter(cloud: LocalCloud, client: Client, monkeypatch: Any) -> None:
    first, _ = create(client), create(client, "w")
    for operation in ("TagResources", "UntagResources", "ListTagResources"):
        monkeypatch.setitem(VERSIONS, operation, "2017-09-08")
    of_first = {"ResourceType": "vault", "ResourceId.1": first}
    tags = {"Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "b", "Tag.2.Value": "2"}
    client("TagResources", **of_first, **tags)
    assert vaults(client, VaultId=first)[0]["Tags"]["Tag"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    request = models.DescribeVaultsRequest(tag=[models.DescribeVaultsRequestTag(key="a", value="1")])
    [tagged] = make_client(cloud).describe_vaults(request).body.vaults.vault
    assert tagged.vault_id == first
    assert len(vaults(client, **{"Tag.1.Key": "a"})) == 1
    assert vaults(client, **{"Tag.1.Key": "a", "Tag.1.Value": "2"}) == []
    client("UntagResources", **of_first, **{"TagKey.1": "a"})
    [left] = client("ListTagResources", ResourceType="vault")["TagResources"]
    assert (left["ResourceId"], left["TagKey"], left["TagValue"]) == (first, "b", "2")
    with refused("InvalidResourceId.NotFound", 404):
        client("TagResources", ResourceType="vault", **{"ResourceId.1": "v-none"}, **tags)


# -- mirrors in other regions


def test_a_vault_is_mirrored_in_another_region(cloud: LocalCloud, clock: Clock) -> None:
    here, there = (Client(cloud, region=region) for region in ("cn-hangzhou", "cn-shanghai"))
    source_id, sdk = create(here), make_client(cloud, "cn-shanghai")
    request = models.CreateReplicationVaultRequest(
        replication_source_region_id="cn-hangzhou",
        replication_source_vault_id=source_id,
        vault_region_id="cn-shanghai",
        vault_name="mirror",
        redundancy_type="ZRS",
    )
    created = sdk.create_replication_vault(request).body
    [mirror] = vaults(there, VaultId=created.vault_id)
    assert (mirror["Replication"], mirror["ReplicationSourceVaultId"]) == (True, source_id)
    assert (mirror["RedundancyType"], mirror["ReplicationSourceRegionId"]) == ("ZRS", "cn-hangzhou")
    [source] = vaults(here)
    assert (source["ReplicationSourceVault"], source["ReplicationTargetVaultId"]) == (True, created.vault_id)
    with refused("CannotDeleteReplicationSourceVault", 400):
        here("DeleteVault", VaultId=source_id)
    with refused("VaultInitializing", 400):
        there("DeleteVault", VaultId=created.vault_id)
    clock.ahead = 5
    there("DeleteVault", VaultId=created.vault_id)
    assert not vaults(here)[0]["ReplicationSourceVault"]
    here("DeleteVault", VaultId=source_id)


def test_a_client_that_names_no_region_mirrors_too(client: Client, clock: Clock) -> None:
    """The official provider, which relies on an endpoint for each region."""
    source_id = create(client, VaultRegionId="cn-beijing")
    mirror_id = client(
        "CreateReplicationVault",
        VaultRegionId="cn-shanghai",
        VaultName="m",
        ReplicationSourceRegionId="cn-beijing",
        ReplicationSourceVaultId=source_id,
    )["VaultId"]
    source, mirror = vaults(client)
    assert source["ReplicationTargetRegionId"] == "cn-shanghai"
    assert mirror["ReplicationSourceVaultId"] == source_id
    clock.ahead = 5
    for vault_id in (mirror_id, source_id):
        client("DeleteVault", VaultId=vault_id)


def test_what_cannot_be_mirrored_is_refused(cloud: LocalCloud) -> None:
    here, there = (Client(cloud, region=region) for region in ("cn-hangzhou", "cn-shanghai"))
    parameters = {
        "VaultRegionId": "cn-shanghai",
        "VaultName": "m",
        "ReplicationSourceRegionId": "cn-hangzhou",
    }
    with refused("InvalidResourceId.NotFound", 404):
        there("CreateReplicationVault", **parameters, ReplicationSourceVaultId="v-none")
    source_id = create(here)
    same = parameters | {"VaultRegionId": "cn-hangzhou", "ReplicationSourceVaultId": source_id}
    with refused("InvalidParameter.ReplicationSourceVaultId", 400):
        here("CreateReplicationVault", **same)
    there("CreateReplicationVault", **parameters, ReplicationSourceVaultId=source_id)
    with refused("InvalidParameter.ReplicationSourceVaultId", 400):
        there("CreateReplicationVault", **parameters, ReplicationSourceVaultId=source_id)


def test_regions_and_the_service(cloud: LocalCloud, client: Client) -> None:
    sdk = make_client(cloud)
    regions = sdk.describe_regions().body.regions.region
    assert {"cn-hangzhou", "cn-shanghai"} <= {region.region_id for region in regions}
    assert all(region.local_name for region in regions)
    request = models.DescribeVaultReplicationRegionsRequest()
    targets = sdk.describe_vault_replication_regions(request).body.regions.region_id
    assert "cn-hangzhou" not in targets
    assert sdk.open_hbr_service().body.order_id
    with refused("ORDER.OPEND", 400):
        Client(cloud, region="cn-shanghai")("OpenHbrService")


# -- resource groups


def test_an_account_has_two_resource_groups(cloud: LocalCloud, client: Client) -> None:
    default, other = groups_of(client)
    assert vaults(client, VaultId=create(client))[0]["ResourceGroupId"] == default
    group = client("GetResourceGroup", ResourceGroupId=other, IncludeTags=True)["ResourceGroup"]
    assert (group["Id"], group["AccountId"], group["Tags"]) == (other, cloud.account_id, {"Tag": []})
    assert {"RegionId": "cn-hangzhou", "Status": "OK"} in group["RegionStatuses"]["RegionStatus"]
    with refused("EntityNotExists.ResourceGroup", 404):
        client("GetResourceGroup", ResourceGroupId="rg-none")
    filters: list[tuple[dict[str, Any], int]] = [
        ({"PageSize": 1}, 1),
        ({"ResourceGroupId": other}, 1),
        ({"ResourceGroupIds": json.dumps([default, other])}, 2),
        ({"Name": "default"}, 1),
        ({"Status": "Creating"}, 0),
        ({"Tag.1.Key": "a"}, 0),
    ]
    for parameters, count in filters:
        answer = client("ListResourceGroups", **parameters)
        assert len(answer["ResourceGroups"]["ResourceGroup"]) == count, parameters


def test_what_cannot_be_moved_is_refused(client: Client) -> None:
    vault_id, group = create(client), groups_of(client)[1]
    move = {"ResourceId": vault_id, "ResourceType": "vault", "NewResourceGroupId": group}
    for changes, code in (
        ({"ResourceType": "client"}, "InvalidResourceId.NotFound"),
        ({"ResourceId": "v-none"}, "InvalidResourceId.NotFound"),
        ({"NewResourceGroupId": "rg-none"}, "EntityNotExists.ResourceGroup"),
    ):
        with refused(code, 404):
            client("ChangeResourceGroup", **(move | changes))
    with refused("InvalidParameter.ResourceType", 400):
        client("ChangeResourceGroup", **(move | {"ResourceType": "disk"}))


# -- runs


def run(client: Client, policy_id: str, **parameters: Any) -> str:
    [policy] = client("DescribePoliciesV2", PolicyId=policy_id)["Policies"]
    rule_id = policy["Rules"][0]["RuleId"]
    return str(client("ExecutePolicyV2", PolicyId=policy_id, RuleId=rule_id, **parameters)["JobId"])


def bound_policy(client: Client, *rules: dict[str, Any]) -> str:
    policy_id = client("CreatePolicyV2", PolicyName="n", PolicyType="STANDARD", Rules=list(rules))["PolicyId"]
    sources = [
        {"SourceType": "OSS", "DataSourceId": "bucket", "Source": "logs/"},
        {"SourceType": "ECS_FILE", "DataSourceId": "i-1", "Source": '["/a", "/b"]'},
    ]
    client("CreatePolicyBindings", PolicyId=policy_id, PolicyBindingList=sources)
    return str(policy_id)


def jobs(client: Client, **parameters: Any) -> list[Answer]:
    listed: list[Answer] = client("DescribeBackupJobs2", **parameters)["BackupJobs"]["BackupJob"]
    return listed


def test_a_run_makes_a_job_and_a_recovery_point(cloud: LocalCloud, client: Client, clock: Clock) -> None:
    vault_id = create(client, WormEnabled=True)
    policy_id, sdk = bound_policy(client, BACKUP | {"VaultId": vault_id}), make_client(cloud)
    [policy] = client("DescribePoliciesV2")["Policies"]
    request = models.ExecutePolicyV2Request(
        policy_id=policy_id,
        rule_id=policy["Rules"][0]["RuleId"],
        source_type="OSS",
        data_source_id="bucket",
    )
    job_id = sdk.execute_policy_v2(request).body.job_id
    assert [job["Status"] for job in jobs(client)] == ["RUNNING"]
    assert vaults(client)[0]["SnapshotCount"] == 0
    clock.ahead = 5
    answer = sdk.describe_backup_jobs_2(models.DescribeBackupJobs2Request(source_type="OSS")).body
    assert list(list_unset_fields(answer)) == []
    [job] = answer.backup_jobs.backup_job
    assert (job.job_id, job.status, job.bucket, job.prefix) == (job_id, "COMPLETE", "bucket", "logs/")
    assert vaults(client)[0]["SnapshotCount"] == 1
    client("DeletePolicyV2", PolicyId=policy_id)
    with refused("VaultWormEnabled", 400):
        client("DeleteVault", VaultId=vault_id)
    clock.ahead = 8 * 86_400
    cloud.set_faults([{"kind": "clock_skew", "seconds": -clock.ahead}])
    assert vaults(client)[0]["SnapshotCount"] == 0
    client("DeleteVault", VaultId=vault_id)


def test_jobs_are_filtered_sorted_and_paged(client: Client, clock: Clock) -> None:
    policy_id = bound_policy(client, BACKUP | {"VaultId": "v-1"})
    run(client, policy_id)
    assert [job["SourceType"] for job in jobs(client)] == ["ECS_FILE", "OSS"]
    assert [job["SourceType"] for job in jobs(client, SortDirection="ASCEND")] == ["OSS", "ECS_FILE"]
    assert [job["Paths"] for job in jobs(client, SourceType="ECS_FILE")] == [{"Path": ["/a", "/b"]}]
    assert jobs(client, Edition="BASIC") == []
    assert len(jobs(client, PageSize=1, PageNumber=2)) == 1

    def found(key: str, *values: str, operator: str = "IN") -> int:
        flat = {f"Filters.1.Values.{number}": value for number, value in enumerate(values, 1)}
        return len(jobs(client, **{"Filters.1.Key": key, "Filters.1.Operator": operator}, **flat))

    assert found("VaultId", "v-1", "v-2") == 2
    assert found("InstanceId", "i-1") == 1
    assert found("RegionId", "cn-hangzhou") == 2
    assert found("CreatedTime", "1000", "9999999999", operator="BETWEEN") == 2
    assert found("CreatedTime", "1000", operator="LESS_THAN") == 0
    with refused("InvalidParameter.Filters", 400):
        found("CreatedTime", "yesterday", operator="LESS_THAN")
    clock.ahead = 5
    assert found("Status", "COMPLETE") == 2


def test_what_cannot_run_is_refused(client: Client) -> None:
    policy_id = bound_policy(client, BACKUP, {"RuleType": "TRANSITION", "Retention": 30})
    [policy] = client("DescribePoliciesV2")["Policies"]
    with refused("InvalidParameter.RuleId", 400):
        client("ExecutePolicyV2", PolicyId=policy_id, RuleId=policy["Rules"][1]["RuleId"])
    with refused("InvalidResourceId.NotFound", 404):
        client("ExecutePolicyV2", PolicyId=policy_id, RuleId="rule-none")
    for parameters in ({"DataSourceId": "none"}, {"SourceType": "NAS"}):
        with refused("InvalidResourceId.NotFound", 404):
            run(client, policy_id, **parameters)
    assert jobs(client) == []


@pytest.mark.parametrize("name", ["AccountScope", "RuleScope", "Accounts"])
def test_a_filter_that_nothing_documents_is_refused(client: Client, name: str) -> None:
    with refused(f"InvalidParameter.{name}", 400):
        client("DescribePoliciesV2", **{name: '[{"CrossAccountUserId": 1}]' if name == "Accounts" else "ALL"})
