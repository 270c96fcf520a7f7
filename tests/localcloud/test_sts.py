"""STS: who am I, and sessions of limited time."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.localcloud import Account, LocalCloud
from tests.localcloud.clients import DOCUMENT, Answer, Client, refused
from tests.localcloud.conftest import Clock


@pytest.fixture
def role(cloud: LocalCloud) -> str:
    cloud.add_principal("Role", "deployer")
    return f"acs:ram::{cloud.account_id}:role/deployer"


def assume(client: Client, role: str, **changes: Any) -> Answer:
    return client("AssumeRole", **({"RoleArn": role, "RoleSessionName": "ci"} | changes))


def session(cloud: LocalCloud, credentials: Answer, **changes: str) -> Client:
    account = Account(credentials["AccessKeyId"], credentials["AccessKeySecret"], "")
    return Client(cloud, account, **({"token": credentials["SecurityToken"]} | changes))


def test_the_caller_of_a_key(cloud: LocalCloud, client: Client) -> None:
    answer = client("GetCallerIdentity")
    assert answer["AccountId"] == cloud.account_id
    assert answer["IdentityType"] == "RAMUser"
    assert answer["Arn"] == f"acs:ram::{cloud.account_id}:user/local-cloud"


@pytest.mark.parametrize("algorithm", ["", "v2"])
def test_a_session_acts_for_its_account(cloud: LocalCloud, client: Client, role: str, algorithm: str) -> None:
    answer = assume(client, role)
    assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/deployer/ci")
    assumed = session(cloud, answer["Credentials"], algorithm=algorithm)
    identity = assumed("GetCallerIdentity")
    assert (identity["IdentityType"], identity["AccountId"]) == ("AssumedRoleUser", cloud.account_id)
    assert identity["PrincipalId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assumed("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT)
    assert client("GetPolicy", PolicyName="p", PolicyType="Custom")["Policy"]["PolicyName"] == "p"


def test_an_expired_session_is_called_expired(clock: Clock) -> None:
    clock.ahead = -600
    with LocalCloud(clock=clock) as cloud:
        cloud.add_principal("Role", "deployer")
        role = f"acs:ram::{cloud.account_id}:role/deployer"
        credentials = assume(Client(cloud), role, DurationSeconds=900)["Credentials"]
        clock.ahead = 400
        with refused("InvalidSecurityToken.Expired", 400):
            session(cloud, credentials)("GetCallerIdentity")


def test_a_session_needs_its_own_token(cloud: LocalCloud, client: Client, role: str) -> None:
    one, other = (assume(client, role)["Credentials"] for _ in range(2))
    with refused("InvalidSecurityToken.MismatchWithAccessKey", 400):
        session(cloud, one, token=other["SecurityToken"])("GetCallerIdentity")
    with refused("InvalidSecurityToken.MismatchWithAccessKey", 400):
        Client(cloud, token=one["SecurityToken"])("GetCallerIdentity")
    account = Account(one["AccessKeyId"], one["AccessKeySecret"], "")
    with refused("MissingSecurityToken", 400):
        Client(cloud, account)("GetCallerIdentity")


def test_a_role_trusts_its_own_account_alone(cloud: LocalCloud, role: str) -> None:
    stranger = Client(cloud, cloud.add_account())
    with refused("NoPermission", 403):
        assume(stranger, role)


def test_on_request_every_role_can_be_assumed() -> None:
    with LocalCloud(any_role=True) as cloud:
        answer = assume(Client(cloud), "acs:ram::1234567890123456:role/of-somebody-else")
        identity = session(cloud, answer["Credentials"])("GetCallerIdentity")
        assert (identity["AccountId"], identity["RoleId"]) == (cloud.account_id, "")
        with refused("InvalidParameter.RoleArn", 400):
            assume(Client(cloud), "acs:ram::x:role/y")


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"RoleArn": ""}, "MissingRoleArn", 400),
        ({"RoleSessionName": ""}, "MissingRoleSessionName", 400),
        ({"RoleArn": "deployer"}, "InvalidParameter.RoleArn", 400),
        ({"RoleSessionName": "x"}, "InvalidParameter.RoleSessionName", 400),
        ({"RoleSessionName": "a b"}, "InvalidParameter.RoleSessionName", 400),
        ({"DurationSeconds": 899}, "InvalidParameter.DurationSeconds", 400),
        ({"DurationSeconds": 43_201}, "InvalidParameter.DurationSeconds", 400),
        ({"DurationSeconds": "soon"}, "InvalidParameter.DurationSeconds", 400),
        ({"Policy": "{"}, "InvalidParameter.PolicyGrammar", 400),
        ({"Policy": "x" * 2049}, "InvalidParameter.PolicySize", 400),
    ],
)
def test_a_malformed_request_is_refused(
    client: Client, role: str, changes: dict[str, Any], code: str, status: int
) -> None:
    with refused(code, status):
        assume(client, role, **changes)


def test_a_role_that_is_not_there(client: Client, role: str) -> None:
    with refused("EntityNotExist.Role", 404):
        assume(client, role.replace("deployer", "nobody"))
    assume(client, role, Policy=DOCUMENT, DurationSeconds=43_200)
