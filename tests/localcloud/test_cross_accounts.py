"""Cloud Backup: the accounts whose data may be backed up from another one."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import Answer, Client, refused
from tests.localcloud.sdk import list_unset_fields, make_client, models

OTHER = {"CrossAccountUserId": 1589753000000625, "CrossAccountRoleName": "hbrcrossrole"}


def listed(client: Client, **parameters: Any) -> list[Answer]:
    accounts: list[Answer] = client("DescribeCrossAccounts", **parameters)["CrossAccounts"]["CrossAccount"]
    return accounts


def test_an_account_is_added_listed_and_deleted(cloud: LocalCloud, client: Client) -> None:
    client("AddCrossAccount", **OTHER, Alias="other")
    with refused("CrossAccountAlreadyExist", 400):
        client("AddCrossAccount", **OTHER)
    answer = make_client(cloud).describe_cross_accounts(models.DescribeCrossAccountsRequest()).body
    assert list(list_unset_fields(answer)) == []
    [account] = answer.cross_accounts.cross_account
    assert (account.alias, account.cross_account_type) == ("other", "CROSS_ACCOUNT")
    assert account.owner_id == int(cloud.account_id)
    by_directory = {"CrossAccountType": "CROSS_ACCOUNT_BY_RD", "CrossAccountUserId": 2}
    client("AddCrossAccount", **by_directory)
    assert [each["CrossAccountUserId"] for each in listed(client, PageSize=1, PageNumber=2)] == [2]
    client("DeleteCrossAccount", **OTHER)
    with refused("InvalidResourceId.NotFound", 404):
        client("DeleteCrossAccount", **OTHER)
    client("DeleteCrossAccount", **by_directory)
    assert listed(client) == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingCrossAccountUserId"),
        ({"CrossAccountUserId": 1}, "MissingCrossAccountRoleName"),
        (OTHER | {"CrossAccountUserId": "one"}, "InvalidParameter.CrossAccountUserId"),
        (OTHER | {"CrossAccountType": "SELF_ACCOUNT"}, "InvalidParameter.CrossAccountType"),
        (OTHER | {"Alias": "a" * 33}, "InvalidParameter.Alias.Length"),
    ],
)
def test_a_wrong_account_is_refused(client: Client, parameters: dict[str, Any], code: str) -> None:
    with refused(code, 400):
        client("AddCrossAccount", **parameters)
