"""Which operations there are, and which parameters they have."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.gateway import SERVICES
from constructs_lib.localcloud.service import LocalService
from tests.localcloud.clients import BACKUP, DOCUMENT, Client, Refused, get, refused, v1
from tests.localcloud.sdk import make_client, models, ram_models


def test_what_is_not_served_is_told_in_words_once_on_stderr(
    cloud: LocalCloud, caplog: pytest.LogCaptureFixture
) -> None:
    told = "The local cloud does not serve HBR 2017-09-08 'DescribeClients'; see docs/guides/local-cloud.md."
    for _ in range(2):
        answer = get(cloud, v1(cloud, "DescribeClients", Version="2017-09-08"))
        assert told in answer.json["Message"]
    assert [record.message for record in caplog.records if told in record.message] != []
    assert len(caplog.records) == 1
    answer = get(cloud, v1(cloud, "CreateAccessKey"))
    assert "'CreateAccessKey': it needs the access key of a user, which is not here" in answer.json["Message"]
    answer = get(cloud, v1(cloud, "DescribeInstances", Version="2014-05-26"))
    assert "2020-03-31 (ResourceManager)" in answer.json["Message"]


def test_a_strict_cloud_refuses_a_parameter_that_an_operation_has_not() -> None:
    with LocalCloud(strict=True) as cloud:
        client = Client(cloud, region="cn-shanghai")
        client("DescribeVaults", **{"Tag.1.Key": "a"})
        with pytest.raises(Refused, match="There is no parameter 'VaultIds' of DescribeVaults"):
            client("DescribeVaults", VaultIds="v")
        with refused("UnknownParameter", 400):
            client("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, Tags="[]")
        assert client("ListPolicies", PolicyType="Custom")["Policies"]["Policy"] == []


DEEP = {"DataSourceFilters": [{"SourceType": "OSS", "Accounts": [{"CrossAccountId": 1}]}]}


@pytest.mark.parametrize(
    ("operation", "parameters", "unknown"),
    [
        ("CreatePolicyV2", {"Rules": [BACKUP, {"Retentions": 7}]}, "Rules[1].Retentions"),
        ("CreatePolicyV2", {"Rules": [BACKUP | {"RuleId": "r"}]}, "Rules[0].RuleId"),
        ("CreatePolicyV2", {"Rules": [BACKUP | DEEP]}, "DataSourceFilters[0].Accounts[0].CrossAccountId"),
        ("UpdatePolicyV2", {"Rules": [{"TagFilters": [{"key": "a"}]}]}, "Rules[0].TagFilters[0].key"),
        ("CreatePolicyBindings", {"PolicyBindingList": [{"Sources": "a"}]}, "PolicyBindingList[0].Sources"),
        (
            "CreatePolicyBindings",
            {"PolicyBindingList": [{"AdvancedOptions": {"OssDetail": {"inventoryId": "a"}}}]},
            "PolicyBindingList[0].AdvancedOptions.OssDetail.inventoryId",
        ),
        ("UpdatePolicyBinding", {"AdvancedOptions": {"Oss": {}}}, "AdvancedOptions.Oss"),
        ("DescribePolicyBindings", {"Filters.1.Name": "a"}, "Filters.1.Name"),
        ("DescribeBackupJobs2", {"Filters": [{"Key": "a", "Value": "b"}]}, "Filters[0].Value"),
        ("DescribeVaults", {"Tag.1.TagKey": "a"}, "Tag.1.TagKey"),
        ("CreateRole", {"Tag": [{"Key": "a", "Values": "b"}]}, "Tag[0].Values"),
        # The aliyun CLI sends these as they are typed; what they say would be left out.
        ("UpdatePolicyV2", {"Rules.1.RuleType": "BACKUP"}, "Rules.1.RuleType"),
        ("SearchHistoricalSnapshots", {"Query.1.field": "VaultId"}, "Query.1.field"),
        ("ListTagResources", {"ResourceNames.1": "a"}, "ResourceNames.1"),
        ("ListPolicies", {"Tag.0.Key": "a"}, "Tag.0.Key"),
    ],
)
def test_a_strict_cloud_refuses_a_field_that_a_parameter_has_not(
    operation: str, parameters: dict[str, Any], unknown: str
) -> None:
    with LocalCloud(strict=True) as cloud:
        client = Client(cloud)
        with pytest.raises(Refused, match=rf"There is no parameter '.*{re.escape(unknown)}' of {operation}"):
            client(operation, **parameters)


def test_a_strict_cloud_takes_what_the_official_sdk_sends() -> None:
    with LocalCloud(strict=True) as cloud:
        sdk = make_client(cloud)
        rule = models.CreatePolicyV2RequestRules(
            rule_type="BACKUP",
            schedule=BACKUP["Schedule"],
            backup_type="COMPLETE",
            retention=7,
            retention_rules=[],
            data_source_filters=[models.CreatePolicyV2RequestRulesDataSourceFilters(source_type="OSS")],
        )
        request = models.CreatePolicyV2Request(policy_name="p", policy_type="STANDARD", rules=[rule])
        policy_id = sdk.create_policy_v2(request).body.policy_id
        changed = models.UpdatePolicyV2RequestRules(
            rule_type="BACKUP", schedule=BACKUP["Schedule"], backup_type="COMPLETE", cold_archive_days=90
        )
        sdk.update_policy_v2(models.UpdatePolicyV2Request(policy_id=policy_id, rules=[changed]))
        tag = models.DescribeVaultsRequestTag(key="a", value="1")
        assert sdk.describe_vaults(models.DescribeVaultsRequest(tag=[tag])).body.total_count == 0


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_every_operation_names_its_parameters(service: LocalService) -> None:
    assert service.operations.keys() == service.parameters.keys()


# What a list is called that comes flattened: the SDK of RAM sends JSON.
FLATTENED = {"ResourceName", "TagKey"}


@pytest.mark.parametrize(
    ("version", "sdk", "flattened"), [("2017-09-08", models, set()), ("2015-05-01", ram_models, FLATTENED)]
)
def test_the_parameters_are_those_of_the_official_sdk(version: str, sdk: Any, flattened: set[str]) -> None:
    compared = 0
    for operation, parameters in SERVICES[version].parameters.items():
        if model := getattr(sdk, f"{operation}Request", None):
            fields = set(re.findall(r"result\['(\w+)'\]", inspect.getsource(model.to_map)))
            assert fields == set(parameters.split()) - flattened, operation
            compared += 1
    assert compared > 15
