"""KMS: the keys that a vault may be encrypted with."""

from __future__ import annotations

import json

import pytest

from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.kms import KMS
from tests.localcloud.clients import Answer, Client, get, refused, v1
from tests.localcloud.conftest import Clock


def test_a_key_encrypts_a_vault_until_it_is_gone(cloud: LocalCloud, client: Client, clock: Clock) -> None:
    key = client("CreateKey", Description="of the vault")["KeyMetadata"]
    assert client("DescribeKey", KeyId=key["KeyId"])["KeyMetadata"] == key
    assert key["Arn"] == f"acs:kms:cn-hangzhou:{cloud.account_id}:key/{key['KeyId']}"
    assert (key["KeyState"], key["Description"], key["KeySpec"]) == (
        "Enabled",
        "of the vault",
        "Aliyun_AES_256",
    )
    made = {"VaultRegionId": "cn-hangzhou", "VaultName": "n", "EncryptType": "KMS", "KmsKeyId": key["KeyId"]}
    vault_id = client("CreateVault", **made)["VaultId"]
    (vault,) = client("DescribeVaults", VaultId=vault_id)["Vaults"]["Vault"]
    assert vault["KmsKeyId"] == key["KeyId"]
    client("ScheduleKeyDeletion", KeyId=key["KeyId"], PendingWindowInDays=7)
    assert client("DescribeKey", KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    with refused("Rejected.PendingDeletion", 409):
        client("ScheduleKeyDeletion", KeyId=key["KeyId"], PendingWindowInDays=7)
    with refused("Forbidden.KeyNotFound", 404):
        Client(cloud, region="cn-shanghai")("DescribeKey", KeyId=key["KeyId"])
    clock.ahead = 7 * 86_400 + 1
    # The client's own clock stays behind, which the service would not take.
    cloud.set_faults([{"kind": "clock_skew", "seconds": -clock.ahead}])
    with refused("Forbidden.KeyNotFound", 404):
        client("DescribeKey", KeyId=key["KeyId"])


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"KeySpec": "RSA_2048"}, "KeySpec"),
        ({"DKMSInstanceId": "kst-1"}, "DKMSInstanceId"),
        ({"Tags": '[{"TagKey":"a","TagValue":"b"}]'}, "Tags"),
        ({"EnableAutomaticRotation": True}, "EnableAutomaticRotation"),
    ],
)
def test_a_key_that_cannot_be_made_here_is_refused(
    client: Client, parameters: dict[str, object], name: str
) -> None:
    with refused(f"InvalidParameter.{name}", 400):
        client("CreateKey", **parameters)


def test_a_key_has_tags(cloud: LocalCloud, client: Client) -> None:
    key_id = client("CreateKey")["KeyMetadata"]["KeyId"]

    def call(operation: str, **parameters: str) -> Answer:
        sent = {"Version": KMS.version, "ResourceType": "key", "ResourceId.1": key_id, **parameters}
        return get(cloud, v1(cloud, operation, **sent)).json

    call("TagResources", **{"Tag.1.Key": "a", "Tag.1.Value": "b"})
    (tag,) = call("ListTagResources")["TagResources"]["TagResource"]
    assert tag == {"ResourceId": key_id, "ResourceType": "key", "TagKey": "a", "TagValue": "b"}
    call("UntagResources", TagKeys=json.dumps(["a"]))
    assert call("ListTagResources")["TagResources"]["TagResource"] == []
