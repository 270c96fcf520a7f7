"""Cloud Backup: which data sources a policy is bound to."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import BACKUP, Answer, Client, refused
from tests.localcloud.conftest import Clock
from tests.localcloud.sdk import list_unset_fields, make_client, models

OSS = {"SourceType": "OSS", "DataSourceId": "bucket"}


def create(client: Client, policy_type: str = "STANDARD") -> str:
    return str(client("CreatePolicyV2", PolicyName="n", PolicyType=policy_type, Rules=[BACKUP])["PolicyId"])


def bind(client: Client, policy_id: str, *bindings: dict[str, Any]) -> None:
    client("CreatePolicyBindings", PolicyId=policy_id, PolicyBindingList=list(bindings))


def bindings_of(client: Client, policy_id: str, **parameters: Any) -> list[Answer]:
    listed: list[Answer] = client("DescribePolicyBindings", PolicyId=policy_id, **parameters)[
        "PolicyBindings"
    ]
    return listed


def sources(answer: Answer) -> list[str]:
    return [binding["DataSourceId"] for binding in answer["PolicyBindings"]]


def test_the_official_sdk_binds_reads_changes_and_unbinds(cloud: LocalCloud, client: Client) -> None:
    sdk, policy_id = make_client(cloud), create(client)
    binding = models.CreatePolicyBindingsRequestPolicyBindingList(
        source_type="OSS",
        data_source_id="bucket",
        source="logs/",
        disabled="true",
        policy_binding_description="d",
        include="i",
        exclude="e",
        speed_limit="0:24:1024",
        cross_account_type="CROSS_ACCOUNT",
        cross_account_user_id=1589753000000001,
        cross_account_role_name="hbrcrossrole",
        advanced_options=models.CreatePolicyBindingsRequestPolicyBindingListAdvancedOptions(
            oss_detail=models.CreatePolicyBindingsRequestPolicyBindingListAdvancedOptionsOssDetail(
                inventory_id="inventory", inventory_cleanup_policy="NO_CLEANUP", ignore_archive_object=True
            ),
            udm_detail=models.CreatePolicyBindingsRequestPolicyBindingListAdvancedOptionsUdmDetail(
                disk_id_list=["d-1"], timeout_in_seconds=30, snapshot_group=True
            ),
            file_detail=models.CreatePolicyBindingsRequestPolicyBindingListAdvancedOptionsFileDetail(
                use_vss=True
            ),
            common_nas_detail=models.CreatePolicyBindingsRequestPolicyBindingListAdvancedOptionsCommonNasDetail(
                cluster_id="c"
            ),
            common_file_system_detail=(
                models.CreatePolicyBindingsRequestPolicyBindingListAdvancedOptionsCommonFileSystemDetail(
                    fetch_slice_size=2
                )
            ),
        ),
    )
    request = models.CreatePolicyBindingsRequest(policy_id=policy_id, policy_binding_list=[binding])
    assert sdk.create_policy_bindings(request).body.success
    answer = sdk.describe_policy_bindings(models.DescribePolicyBindingsRequest(policy_id=policy_id)).body
    assert list(list_unset_fields(answer)) == []
    [read] = answer.policy_bindings
    assert (read.disabled, read.cross_account_user_id, read.source) == (True, 1589753000000001, "logs/")
    sent = {name: text for name, text in binding.to_map().items() if isinstance(text, str)}
    assert sent | {"Disabled": True} == {name: read.to_map()[name] for name in sent}
    options = read.advanced_options
    assert (options.oss_detail.inventory_id, options.udm_detail.disk_id_list) == ("inventory", ["d-1"])
    assert (options.file_detail.use_vss, options.common_nas_detail.cluster_id) == (True, "c")
    assert options.common_file_system_detail.fetch_slice_size == 2

    sdk.update_policy_binding(
        models.UpdatePolicyBindingRequest(
            policy_id=policy_id,
            source_type="OSS",
            data_source_id="bucket",
            disabled=False,
            source="",
            advanced_options=models.UpdatePolicyBindingRequestAdvancedOptions(
                oss_detail=models.UpdatePolicyBindingRequestAdvancedOptionsOssDetail(inventory_id="other")
            ),
        )
    )
    answer = sdk.describe_policy_bindings(models.DescribePolicyBindingsRequest(policy_id=policy_id)).body
    [changed] = answer.policy_bindings
    assert (changed.disabled, changed.source, changed.include) == (False, "", "i")
    assert changed.advanced_options.oss_detail.to_map() == {
        "InventoryId": "other",
        "InventoryCleanupPolicy": "",
        "IgnoreArchiveObject": False,
    }
    assert changed.advanced_options.udm_detail is None
    assert changed.policy_binding_id == read.policy_binding_id

    gone = models.DeletePolicyBindingRequest(
        policy_id=policy_id, source_type="OSS", data_source_ids=["bucket"]
    )
    sdk.delete_policy_binding(gone)
    assert bindings_of(client, policy_id) == []


def test_a_policy_counts_its_bindings_and_takes_them_along(client: Client) -> None:
    first, second = create(client), create(client)
    bind(client, first, OSS, OSS | {"DataSourceId": "other"})
    bind(client, second, OSS)
    counts = {
        each["PolicyId"]: each["PolicyBindingCount"] for each in client("DescribePoliciesV2")["Policies"]
    }
    assert counts == {first: 2, second: 1}
    client("DeletePolicyV2", PolicyId=first)
    assert client("DescribePolicyBindings")["TotalCount"] == 1
    assert bindings_of(client, first) == []


def test_a_policy_that_is_being_deleted_takes_no_more_bindings(client: Client, clock: Clock) -> None:
    policy_id, instance = create(client, "UDM_ECS_ONLY"), {"SourceType": "UDM_ECS", "DataSourceId": "i-1"}
    bind(client, policy_id, instance)
    client("DeletePolicyV2", PolicyId=policy_id)
    with refused("InvalidResourceId.NotFound", 404):
        bind(client, policy_id, instance | {"DataSourceId": "i-2"})
    with refused("InvalidResourceId.NotFound", 404):
        client("UpdatePolicyBinding", PolicyId=policy_id, SourceType="UDM_ECS", DataSourceId="i-1")
    clock.ahead = 5
    assert client("DescribePolicyBindings")["TotalCount"] == 0


def test_a_source_is_bound_once_to_a_policy_and_an_instance_to_one_policy(client: Client) -> None:
    first, second = create(client), create(client)
    bind(client, first, OSS)
    with refused("PolicyAlreadyBoundWithThisDataSource", 400):
        bind(client, first, OSS | {"DataSourceId": "new"}, OSS)
    assert [each["DataSourceId"] for each in bindings_of(client, first)] == ["bucket"]
    bind(client, second, OSS)
    of_instances = [create(client, "UDM_ECS_ONLY") for _ in range(2)]
    bind(client, of_instances[0], {"SourceType": "UDM_ECS", "DataSourceId": "i-1"})
    with refused("PolicyAlreadyBoundWithThisDataSource", 400):
        bind(client, of_instances[1], {"SourceType": "UDM_ECS", "DataSourceId": "i-1"})


def test_the_type_of_a_source_fits_that_of_the_policy(client: Client) -> None:
    with refused("InvalidParameter", 400):
        bind(client, create(client, "UDM_ECS_ONLY"), OSS)
    with refused("InvalidParameter", 400):
        bind(client, create(client), {"SourceType": "UDM_ECS", "DataSourceId": "i-1"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SourceType": ""}, "MissingSourceType"),
        ({"SourceType": "FTP"}, "InvalidParameter.SourceType"),
        ({"DataSourceId": ""}, "MissingDataSourceId"),
        ({"DataSourceId": 7}, "InvalidParameter.DataSourceId"),
        ({"Disabled": "perhaps"}, "InvalidParameter.Disabled"),
        ({"Include": "i" * 256}, "InvalidParameter.Include.Length"),
        ({"CrossAccountType": "OTHER"}, "InvalidParameter.CrossAccountType"),
        ({"CrossAccountType": "CROSS_ACCOUNT"}, "MissingCrossAccountUserId"),
        ({"CrossAccountUserId": "1"}, "InvalidParameter.CrossAccountUserId"),
        ({"SourceType": "COMMON_NAS"}, "MissingSource"),
        ({"AdvancedOptions": [1]}, "InvalidParameter.AdvancedOptions"),
        ({"AdvancedOptions": {"OssDetail": [1]}}, "InvalidParameter.OssDetail"),
        ({"AdvancedOptions": {"OssDetail": {"InventoryId": 1}}}, "InvalidParameter.InventoryId"),
        ({"AdvancedOptions": {"UdmDetail": {"DiskIdList": [1]}}}, "InvalidParameter.DiskIdList"),
        ({"AdvancedOptions": {"UdmDetail": {"TimeoutInSeconds": True}}}, "InvalidParameter.TimeoutInSeconds"),
    ],
)
def test_a_malformed_binding_is_refused(client: Client, changes: dict[str, Any], code: str) -> None:
    policy_id = create(client)
    with refused(code, 400):
        bind(client, policy_id, OSS | {"DataSourceId": "first"}, OSS | changes)
    assert bindings_of(client, policy_id) == []


@pytest.mark.parametrize("text", ["", "[]"])
def test_there_is_something_to_bind(client: Client, text: str) -> None:
    with refused("MissingPolicyBindingList", 400):
        client("CreatePolicyBindings", PolicyId=create(client), PolicyBindingList=text)
    with refused("InvalidParameter.PolicyBindingList", 400):
        client("CreatePolicyBindings", PolicyId=create(client), PolicyBindingList=[1])


def test_what_is_not_there_is_not_found(client: Client) -> None:
    with refused("InvalidResourceId.NotFound", 404):
        bind(client, "po-none", OSS)
    policy_id = create(client)
    bind(client, policy_id, OSS)
    other = {"PolicyId": policy_id, "SourceType": "NAS"}
    with refused("InvalidResourceId.NotFound", 404):
        client("UpdatePolicyBinding", **other, DataSourceId="bucket")
    with refused("InvalidResourceId.NotFound", 404):
        client("DeletePolicyBinding", PolicyId=policy_id, SourceType="OSS", DataSourceIds=["bucket", "none"])
    with refused("MissingDataSourceIds", 400):
        client("DeletePolicyBinding", PolicyId=policy_id, SourceType="OSS")
    assert len(bindings_of(client, policy_id)) == 1
    assert bindings_of(client, "po-none") == []


def test_the_101st_binding_is_on_the_second_page(client: Client) -> None:
    policy_id = create(client)
    names = [f"b{number}" for number in range(101)]
    bind(client, policy_id, *(OSS | {"DataSourceId": name} for name in names))
    bind(client, create(client), OSS)
    first = client("DescribePolicyBindings", PolicyId=policy_id, MaxResults=100)
    assert (first["TotalCount"], first["MaxResults"]) == (101, 100)
    token = first["NextToken"]
    second = client("DescribePolicyBindings", PolicyId=policy_id, MaxResults=100, NextToken=token)
    assert sources(first) + sources(second) == names
    assert second["NextToken"] == ""


def test_filters_are_applied_and_combined(cloud: LocalCloud, client: Client) -> None:
    policy_id = create(client)
    bind(client, policy_id, OSS, {"SourceType": "OTS", "DataSourceId": "table"})
    bind(client, create(client), OSS | {"DataSourceId": "other"})

    def found(**parameters: Any) -> list[str]:
        return sources(client("DescribePolicyBindings", **parameters))

    assert found(SourceType="OTS") == ["table"]
    assert found(DataSourceIds=["bucket", "table"]) == ["bucket", "table"]
    assert found(DataSourceIds=["bucket"], SourceType="OTS") == []
    flat = {"Filters.1.Key": "DataSourceType", "Filters.1.Values.1": "OSS"}
    assert found(**flat) == ["bucket", "other"]
    more = {"Filters.2.Key": "PolicyId", "Filters.2.Operator": "NOT_EQUAL", "Filters.2.Values.1": policy_id}
    assert found(**flat, **more) == ["other"]
    assert found(Filters=[{"Key": "DataSourceId", "Operator": "BETWEEN", "Values": ["b", "p"]}]) == [
        "bucket",
        "other",
    ]
    request = models.DescribePolicyBindingsRequest(
        filters=[models.DescribePolicyBindingsRequestFilters(key="DataSourceId", values=["table", "x"])],
        data_source_ids=["table"],
    )
    [read] = make_client(cloud).describe_policy_bindings(request).body.policy_bindings
    assert read.data_source_id == "table"


@pytest.mark.parametrize(
    "given",
    [
        {"Key": "Colour", "Values": ["x"]},
        {"Key": "PolicyId", "Operator": "LIKE", "Values": ["x"]},
        {"Key": "PolicyId", "Values": []},
        {"Key": "PolicyId", "Operator": "BETWEEN", "Values": ["x"]},
        {"Key": "PolicyId", "Values": "x"},
        "x",
    ],
)
def test_a_filter_that_cannot_be_applied_is_refused(client: Client, given: Any) -> None:
    with refused("InvalidParameter.Filters", 400):
        client("DescribePolicyBindings", Filters=[given])
