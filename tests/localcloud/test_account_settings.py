"""RAM: the alias of an account, its password policy and its security preference."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.localcloud import LocalCloud
from tests.localcloud.clients import Client, refused


def test_an_alias_is_set_changed_and_cleared(cloud: LocalCloud, client: Client) -> None:
    assert client("GetAccountAlias")["AccountAlias"] == ""
    for alias in ("first", "first", "sec-0nd"):
        client("SetAccountAlias", AccountAlias=alias)
        assert client("GetAccountAlias")["AccountAlias"] == alias
    other = Client(cloud, cloud.add_account())
    with refused("EntityAlreadyExists.AccountAlias", 409):
        other("SetAccountAlias", AccountAlias="sec-0nd")
    other("SetAccountAlias", AccountAlias="first")
    for _ in range(2):
        client("ClearAccountAlias")
        assert client("GetAccountAlias")["AccountAlias"] == ""


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("", "MissingAccountAlias"),
        ("ab", "InvalidParameter.AccountAlias.Length"),
        ("a" * 33, "InvalidParameter.AccountAlias.Length"),
        *(
            (alias, "InvalidParameter.AccountAlias.Format")
            for alias in ("Abc", "-abc", "abc-", "a--b", "a.b")
        ),
    ],
)
def test_an_alias_that_no_account_may_have_is_refused(client: Client, alias: str, code: str) -> None:
    with refused(code, 400):
        client("SetAccountAlias", AccountAlias=alias)


def test_a_password_policy_is_set_as_a_whole(client: Client) -> None:
    default = client("GetPasswordPolicy")["PasswordPolicy"]
    assert (default["MinimumPasswordLength"], default["HardExpiry"], default["MaxPasswordAge"]) == (
        8,
        False,
        0,
    )
    changed = client("SetPasswordPolicy", MinimumPasswordLength=12, RequireNumbers=True, HardExpiry="true")
    wanted = default | {"MinimumPasswordLength": 12, "RequireNumbers": True, "HardExpiry": True}
    assert changed["PasswordPolicy"] == client("GetPasswordPolicy")["PasswordPolicy"] == wanted
    assert client("SetPasswordPolicy")["PasswordPolicy"] == default


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"MinimumPasswordLength": 7}, "InvalidParameter.MinimumPasswordLength.Range"),
        ({"MinimumPasswordLength": 33}, "InvalidParameter.MinimumPasswordLength.Range"),
        ({"MaxPasswordAge": -1}, "InvalidParameter.MaxPasswordAge.Range"),
        ({"RequireSymbols": "yes"}, "InvalidParameter.RequireSymbols"),
    ],
)
def test_a_wrong_password_policy_is_refused(client: Client, parameters: dict[str, Any], code: str) -> None:
    before = client("GetPasswordPolicy")["PasswordPolicy"]
    with refused(code, 400):
        client("SetPasswordPolicy", **parameters)
    assert client("GetPasswordPolicy")["PasswordPolicy"] == before


def test_a_security_preference_reads_back_in_its_groups(client: Client) -> None:
    default = client("GetSecurityPreference")["SecurityPreference"]
    sign_in = default["LoginProfilePreference"]
    assert (sign_in["AllowUserToChangePassword"], sign_in["LoginSessionDuration"]) == (True, 6)
    changed = client(
        "SetSecurityPreference",
        AllowUserToChangePassword=False,
        AllowUserToManageAccessKeys=True,
        AllowUserToManageMFADevices=False,
        AllowUserToManagePublicKeys=True,
        EnableSaveMFATicket=True,
        LoginNetworkMasks="192.168.0.0/16;10.0.0.0/8",
        LoginSessionDuration=24,
    )["SecurityPreference"]
    assert changed == client("GetSecurityPreference")["SecurityPreference"]
    assert changed == {
        "AccessKeyPreference": {"AllowUserToManageAccessKeys": True},
        "LoginProfilePreference": {
            "AllowUserToChangePassword": False,
            "EnableSaveMFATicket": True,
            "LoginNetworkMasks": "192.168.0.0/16;10.0.0.0/8",
            "LoginSessionDuration": 24,
        },
        "MFAPreference": {"AllowUserToManageMFADevices": False},
        "PublicKeyPreference": {"AllowUserToManagePublicKeys": True},
    }


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"LoginSessionDuration": 25}, "InvalidParameter.LoginSessionDuration.Range"),
        ({"LoginNetworkMasks": "10.0.0.0/8,11.0.0.0/8"}, "InvalidParameter.LoginNetworkMasks.Format"),
        ({"LoginNetworkMasks": ";".join(["10.0.0.0/8"] * 41)}, "InvalidParameter.LoginNetworkMasks.Length"),
    ],
)
def test_a_wrong_security_preference_is_refused(
    client: Client, parameters: dict[str, Any], code: str
) -> None:
    with refused(code, 400):
        client("SetSecurityPreference", **parameters)


def test_no_diagnostic_message_was_given_out_here(client: Client) -> None:
    with refused("MissingEncodedDiagnosticMessage", 400):
        client("DecodeDiagnosticMessage")
    with refused("InvalidParameter.EncodedDiagnosticMessage", 400):
        client("DecodeDiagnosticMessage", EncodedDiagnosticMessage="AQFA")
