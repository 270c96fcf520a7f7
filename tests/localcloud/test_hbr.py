"""Cloud Backup: policies and vaults."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import (
    BACKUP,
    DOCUMENT,
    Answer,
    Client,
    Refused,
    acs3,
    headers_of,
    post,
    refused,
)
from tests.localcloud.conftest import Clock

FILLED = {
    "ReplicationRegionId": "",
    "RetentionRules": [],
    "VaultId": "",
    "KeepLatestSnapshots": 0,
    "Immutable": False,
    "ArchiveDays": 0,
    "DataSourceFilters": [],
    "TagFilters": [],
}


def create(client: Client, *rules: dict[str, Any], **parameters: Any) -> str:
    return str(client("CreatePolicyV2", Rules=list(rules or [BACKUP]), **parameters)["PolicyId"])


def described(client: Client, policy_id: str) -> list[Answer]:
    policies: list[Answer] = client("DescribePoliciesV2", PolicyId=policy_id)["Policies"]
    return policies


def rules_of(client: Client, policy_id: str) -> list[Answer]:
    rules: list[Answer] = described(client, policy_id)[0]["Rules"]
    return rules


# -- regions


@pytest.mark.parametrize("algorithm", ["", "v2"])
def test_each_region_has_its_own_objects(cloud: LocalCloud, algorithm: str) -> None:
    silent = Client(cloud, algorithm=algorithm)
    here, there = (
        Client(cloud, algorithm=algorithm, region=region) for region in ("cn-hangzhou", "cn-shanghai")
    )
    policy_id, vault = create(there, PolicyName="n"), there("CreateVault", VaultRegionId="r", VaultName="v")
    assert [len(described(client, policy_id)) for client in (silent, here, there)] == [0, 0, 1]
    assert [client("DescribePoliciesV2")["TotalCount"] for client in (silent, here, there)] == [0, 0, 1]
    assert [client("DescribeVaults")["TotalCount"] for client in (here, there)] == [0, 1]
    with refused("InvalidResourceId.NotFound", 404):
        here("DeleteVault", VaultId=vault["VaultId"])
    create(silent)
    assert [client("DescribePoliciesV2")["TotalCount"] for client in (silent, here, there)] == [1, 1, 1]
    assert {each["region"] for each in cloud.objects()} == {"cn-hangzhou", "cn-shanghai"}


def test_ram_has_no_regions(cloud: LocalCloud) -> None:
    Client(cloud, region="cn-shanghai")("CreatePolicy", PolicyName="n", PolicyDocument=DOCUMENT)
    assert Client(cloud, region="cn-hangzhou")("GetPolicy", PolicyName="n", PolicyType="Custom")["Policy"]
    assert {each["region"] for each in cloud.objects()} == {""}


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("hbr.cn-shanghai.aliyuncs.com", "cn-shanghai"),
        ("HBR-vpc.us-east-1.aliyuncs.com:443", "us-east-1"),
        ("hbr.cn-shanghai-finance-1.localhost:8080", "cn-shanghai-finance-1"),
        ("hbr.aliyuncs.com", "cn-hangzhou"),
        ("127.0.0.1:8080", "cn-hangzhou"),
        ("build-server.example.com", "cn-hangzhou"),
    ],
)
def test_a_host_says_where_its_region_is(cloud: LocalCloud, host: str, region: str) -> None:
    headers, query = headers_of(cloud, "CreatePolicyV2", host=host), {"Rules": json.dumps([BACKUP])}
    assert post(cloud, acs3(cloud, headers, query), query).status == 200
    assert [each["region"] for each in cloud.objects()] == [region]
    assert [request.region for request in cloud.requests()] == [region]


def test_a_region_is_a_name(client: Client) -> None:
    with refused("InvalidParameter.RegionId", 400):
        client("DescribePoliciesV2", RegionId="cn shanghai'")


# -- policies


def test_an_answer_has_the_envelope_of_the_service(client: Client) -> None:
    answer = client("CreatePolicyV2", PolicyName="n", Rules=[BACKUP])
    policy_id = answer.pop("PolicyId")
    assert answer.pop("RequestId")
    assert answer == {"Success": True, "Code": "200", "Message": "successful"}
    assert policy_id.startswith("po-000")
    assert len(policy_id) == 23


@pytest.mark.parametrize("place", ["body", "query"])
def test_parameters_come_in_query_or_body(cloud: LocalCloud, place: str) -> None:
    client = Client(cloud, place=place)
    policy_id = create(client, PolicyName="täglich + 夜 %&=~", PolicyDescription="")
    assert described(client, policy_id)[0]["PolicyName"] == "täglich + 夜 %&=~"


def test_a_policy_reads_back_with_a_filler_for_all_that_was_left_out(client: Client, clock: Clock) -> None:
    before = int(clock())
    [policy] = described(client, create(client, PolicyName="n"))
    [rule] = policy.pop("Rules")
    assert rule.pop("RuleId").startswith("rule-000")
    assert rule == BACKUP | FILLED
    assert before <= policy["CreatedTime"] == policy["UpdatedTime"] <= clock()
    assert policy["PolicyDescription"] == ""
    assert (policy["BusinessStatus"], policy["PolicyBindingCount"]) == ("ACTIVE", 0)


def test_fillers_that_are_sent_count_as_left_out(client: Client) -> None:
    sent = BACKUP | {"VaultId": "", "Retention": 0, "ReplicationRegionId": "", "ArchiveDays": 0}
    sent |= {"Immutable": False, "TagFilters": [], "RetentionRules": [], "DataSourceFilters": []}
    [policy] = described(client, create(client, sent))
    assert policy["PolicyType"] == "UDM_ECS_ONLY"
    assert policy["Rules"][0]["Retention"] == 0


def test_every_field_of_every_rule_type_reads_back_in_order(client: Client) -> None:
    rules: list[dict[str, Any]] = [
        BACKUP | {"VaultId": "v-1", "KeepLatestSnapshots": 1, "ArchiveDays": 30, "Immutable": True},
        {
            "RuleType": "TRANSITION",
            "Retention": 30,
            "RetentionRules": [{"AdvancedRetentionType": "YEARLY", "WhichSnapshot": 1, "Retention": 730}],
        },
        {"RuleType": "REPLICATION", "ReplicationRegionId": "cn-shanghai", "Retention": 7},
        {
            "RuleType": "TAG",
            "DataSourceFilters": [
                {
                    "SourceType": "OSS",
                    "DataSourceIds": ["b"],
                    "AccountScope": "ALL",
                    "Accounts": [
                        {
                            "CrossAccountUserId": 1589753000000001,
                            "CrossAccountType": "CROSS_ACCOUNT",
                            "CrossAccountRoleName": "hbrcrossrole",
                        }
                    ],
                }
            ],
            "TagFilters": [{"Key": "env", "Value": "prod", "Operator": "NOT"}],
        },
        {"RuleType": "SECURITY", "Immutable": True},
    ]
    read = rules_of(client, create(client, *rules))
    for sent, got in zip(rules, read, strict=True):
        assert sent.items() <= got.items()
    assert len({rule["RuleId"] for rule in read}) == 5


def test_what_nested_objects_leave_out_is_filled(client: Client) -> None:
    rule = {
        "RuleType": "TAG",
        "RetentionRules": [{"AdvancedRetentionType": "DAILY", "Retention": 9}],
        "DataSourceFilters": [{"SourceType": "OSS", "Accounts": [{"CrossAccountUserId": 1, "Other": 2}]}],
        "TagFilters": [{"Key": "env"}],
    }
    [_, read] = rules_of(client, create(client, BACKUP, rule))
    assert read["RetentionRules"] == [{"AdvancedRetentionType": "DAILY", "WhichSnapshot": 1, "Retention": 9}]
    account = {"CrossAccountUserId": 1, "CrossAccountType": "", "CrossAccountRoleName": ""}
    source = {"SourceType": "OSS", "DataSourceIds": [], "AccountScope": "", "Accounts": [account]}
    assert read["DataSourceFilters"] == [source]
    assert read["TagFilters"] == [{"Key": "env", "Operator": "EQUAL", "Value": ""}]


@pytest.mark.parametrize(
    ("sent", "vault", "expected"),
    [("", "v-1", "STANDARD"), ("", "", "UDM_ECS_ONLY"), ("STANDARD", "", "STANDARD")],
)
def test_the_policy_type_is_as_sent_else_by_the_vault(
    client: Client, sent: str, vault: str, expected: str
) -> None:
    policy_id = create(client, BACKUP | {"VaultId": vault}, PolicyType=sent)
    assert described(client, policy_id)[0]["PolicyType"] == expected


@pytest.mark.parametrize(
    "rule",
    [
        {"RuleType": "COPY"},
        {},
        BACKUP | {"BackupType": ""},
        BACKUP | {"Schedule": "every day"},
        BACKUP | {"Retention": -1},
        BACKUP | {"Retention": 364_636},
        BACKUP | {"Retention": "7"},
        BACKUP | {"Retention": 7.5},
        BACKUP | {"Retention": True},
        BACKUP | {"KeepLatestSnapshots": 2},
        BACKUP | {"Immutable": "yes"},
        BACKUP | {"RuleType": "${var.type}"},
        BACKUP | {"Retention": -8.10956221259138e298},
        BACKUP | {"TagFilters": {}},
        BACKUP | {"TagFilters": [{}]},
        BACKUP | {"RetentionRules": [{"AdvancedRetentionType": "DAILY", "Retention": 0}]},
        BACKUP | {"RetentionRules": [{"AdvancedRetentionType": "DAILY", "Retention": 1, "WhichSnapshot": 2}]},
        BACKUP | {"RetentionRules": [{"AdvancedRetentionType": "DAILY", "Retention": 1}] * 100},
        "BACKUP",
        None,
    ],
)
def test_a_malformed_rule_is_refused(client: Client, rule: Any) -> None:
    with refused("InvalidParameter", 400):
        client("CreatePolicyV2", Rules=[rule])


def test_a_refusal_quotes_what_was_sent(client: Client) -> None:
    with pytest.raises(Refused, match=re.escape('rule_type: received "${var.type}"')):
        client("CreatePolicyV2", Rules=[BACKUP | {"RuleType": "${var.type}"}])


def test_a_refusal_tells_where_and_what(client: Client) -> None:
    with pytest.raises(Exception, match=r'rules\[1\].schedule: received "I\|0\|soon"; allowed: I\|'):
        create(client, BACKUP, BACKUP | {"Schedule": "I|0|soon"})


@pytest.mark.parametrize("count", [0, 11])
def test_a_policy_has_one_to_ten_rules(client: Client, count: int) -> None:
    with refused("InvalidParameter", 400):
        client("CreatePolicyV2", Rules=[BACKUP] * count)


@pytest.mark.parametrize("text", ["[", "{}", "7", '["\\ud800"]', "[NaN]", "[" * 900 + "]" * 900])
def test_rules_that_are_no_json_list_are_refused(client: Client, text: str) -> None:
    with refused("InvalidParameter.Rules", 400):
        client("CreatePolicyV2", Rules=text)


def test_an_update_leaves_alone_what_is_left_out(client: Client, clock: Clock) -> None:
    policy_id = create(client, PolicyName="n", PolicyDescription="d", PolicyType="STANDARD")
    [before] = described(client, policy_id)
    clock.ahead = 60
    client("UpdatePolicyV2", PolicyId=policy_id, PolicyName="m")
    [after] = described(client, policy_id)
    assert after["UpdatedTime"] >= before["UpdatedTime"] + 60
    assert after == before | {"PolicyName": "m", "UpdatedTime": after["UpdatedTime"]}


def test_an_update_replaces_all_rules_and_keeps_the_ids_that_are_named(client: Client) -> None:
    policy_id = create(client, BACKUP, BACKUP | {"Retention": 8})
    first, second = rules_of(client, policy_id)
    moved = [BACKUP | {"Retention": 9}, BACKUP | {"Retention": 8, "RuleId": second["RuleId"]}]
    client("UpdatePolicyV2", PolicyId=policy_id, Rules=moved)
    new, kept = rules_of(client, policy_id)
    assert kept == second
    assert new["RuleId"] not in (first["RuleId"], second["RuleId"])


def test_an_update_refuses_what_a_creation_refuses(client: Client) -> None:
    policy_id = create(client, PolicyName="n")
    before = described(client, policy_id)
    with refused("InvalidParameter", 400):
        client("UpdatePolicyV2", PolicyId=policy_id, PolicyName="m", Rules=[BACKUP | {"Schedule": "x"}])
    with refused("InvalidParameter", 400):
        client("UpdatePolicyV2", PolicyId=policy_id, Rules=[])
    with refused("InvalidResourceId.NotFound", 404):
        client("UpdatePolicyV2", PolicyId=policy_id, Rules=[BACKUP | {"RuleId": "rule-none"}])
    rule_id = before[0]["Rules"][0]["RuleId"]
    with refused("InvalidResourceId.NotFound", 404):
        client("UpdatePolicyV2", PolicyId=policy_id, Rules=[BACKUP | {"RuleId": rule_id}] * 2)
    assert described(client, policy_id) == before


def test_a_policy_that_is_not_there(client: Client) -> None:
    assert described(client, "po-none") == []
    for operation in ("UpdatePolicyV2", "DeletePolicyV2"):
        with refused("InvalidResourceId.NotFound", 404):
            client(operation, PolicyId="po-none")
        with refused("MissingPolicyId", 400):
            client(operation, PolicyId="")


def test_a_deleted_standard_policy_is_gone_at_once(client: Client) -> None:
    policy_id = create(client, PolicyType="STANDARD")
    client("DeletePolicyV2", PolicyId=policy_id)
    assert described(client, policy_id) == []
    with refused("InvalidResourceId.NotFound", 404):
        client("DeletePolicyV2", PolicyId=policy_id)


def test_a_deleted_ecs_policy_is_seen_for_a_while(client: Client, clock: Clock) -> None:
    policy_id = create(client, PolicyType="UDM_ECS_ONLY")
    client("DeletePolicyV2", PolicyId=policy_id)
    assert len(described(client, policy_id)) == 1
    client("DeletePolicyV2", PolicyId=policy_id)
    with refused("InvalidResourceId.NotFound", 404):
        client("UpdatePolicyV2", PolicyId=policy_id, PolicyName="too late")
    clock.ahead = 5
    assert described(client, policy_id) == []
    assert client("DescribePoliciesV2")["TotalCount"] == 0


def test_policies_come_in_pages(client: Client) -> None:
    created = [create(client, PolicyName=f"n{index}") for index in range(23)]
    found: list[str] = []
    token, pages = "", 0
    while True:
        answer = client("DescribePoliciesV2", MaxResults=10, NextToken=token)
        assert (answer["TotalCount"], answer["MaxResults"]) == (23, 10)
        found += [policy["PolicyId"] for policy in answer["Policies"]]
        token, pages = answer["NextToken"], pages + 1
        if not token:
            break
    assert (found, pages) == (created, 3)
    assert len(client("DescribePoliciesV2")["Policies"]) == 10
    assert client("DescribePoliciesV2", MaxResults=100)["NextToken"] == ""


def test_a_page_goes_on_after_what_was_deleted_meanwhile(client: Client) -> None:
    created = [create(client, PolicyType="STANDARD") for _ in range(12)]
    token = client("DescribePoliciesV2")["NextToken"]
    client("DeletePolicyV2", PolicyId=created[9])
    client("DeletePolicyV2", PolicyId=created[10])
    rest = client("DescribePoliciesV2", NextToken=token)["Policies"]
    assert [policy["PolicyId"] for policy in rest] == created[11:]


@pytest.mark.parametrize(
    "parameters", [{"MaxResults": 9}, {"MaxResults": 101}, {"MaxResults": "x"}, {"NextToken": "²"}]
)
def test_a_page_that_cannot_be_is_refused(client: Client, parameters: dict[str, Any]) -> None:
    with refused(f"InvalidParameter.{next(iter(parameters))}", 400):
        client("DescribePoliciesV2", **parameters)


# -- vaults


def test_a_vault_is_created_after_a_while(client: Client, clock: Clock) -> None:
    answer = client("CreateVault", VaultRegionId="cn-hangzhou", VaultName="v", Description="d")
    assert answer["TaskId"]
    [vault] = client("DescribeVaults", VaultId=answer["VaultId"])["Vaults"]["Vault"]
    assert vault["Status"] == "INITIALIZING"
    clock.ahead = 5
    [vault] = client("DescribeVaults", Status="CREATED")["Vaults"]["Vault"]
    assert vault["VaultId"] == answer["VaultId"]
    assert (vault["VaultType"], vault["VaultStorageClass"], vault["Description"]) == (
        "STANDARD",
        "STANDARD",
        "d",
    )
    assert "ready" not in vault


def test_vaults_come_in_pages_and_by_name(client: Client) -> None:
    for index in range(12):
        client("CreateVault", VaultRegionId="cn-hangzhou", VaultName=f"v{index}")
    assert len(client("DescribeVaults")["Vaults"]["Vault"]) == 10
    answer = client("DescribeVaults", PageNumber=2)
    assert [vault["VaultName"] for vault in answer["Vaults"]["Vault"]] == ["v10", "v11"]
    assert (answer["TotalCount"], answer["PageNumber"], answer["PageSize"]) == (12, 2, 10)
    assert client("DescribeVaults", VaultName="v7")["TotalCount"] == 1
    assert client("DescribeVaults", VaultRegionId="cn-beijing")["TotalCount"] == 0


def test_a_vault_in_use_or_just_ordered_cannot_be_deleted(client: Client, clock: Clock) -> None:
    vault_id = client("CreateVault", VaultRegionId="cn-hangzhou", VaultName="v")["VaultId"]
    policy_id = create(client, BACKUP | {"VaultId": vault_id})
    with refused("VaultBoundPolicyCannotBeDeleted", 400):
        client("DeleteVault", VaultId=vault_id)
    client("DeletePolicyV2", PolicyId=policy_id)
    with refused("VaultInitializing", 400):
        client("DeleteVault", VaultId=vault_id)
    clock.ahead = 5
    client("DeleteVault", VaultId=vault_id)
    for operation in ("DeleteVault", "DescribeVaults"):
        with refused("InvalidResourceId.NotFound", 404):
            client(operation, VaultId=vault_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"VaultRegionId": ""}, "MissingVaultRegionId"),
        ({"VaultName": ""}, "MissingVaultName"),
        ({"VaultType": "COLD"}, "InvalidParameter.VaultType"),
        ({"EncryptType": "ROT13"}, "InvalidParameter.EncryptType"),
        ({"EncryptType": "KMS"}, "MissingKmsKeyId"),
        ({"Description": "d" * 256}, "InvalidParameter.Description.Length"),
        ({"WormEnabled": "yes"}, "InvalidParameter.WormEnabled"),
    ],
)
def test_a_malformed_vault_is_refused(client: Client, changes: dict[str, str], code: str) -> None:
    with refused(code, 400):
        client("CreateVault", **({"VaultRegionId": "cn-hangzhou", "VaultName": "v"} | changes))
