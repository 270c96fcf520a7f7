"""What RAM keeps for the whole account: its alias, the password policy and the security preference.

Nobody signs in here: they are what the API returns of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from attrs import frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.parameters import Parameters
from constructs_lib.localcloud.service import Answer, OperationCall

ALIAS, SETTING = "account alias", "account setting"
MAX_NETWORK_MASKS = 40
MAX_NETWORK_MASKS_LENGTH = 512

_ALIAS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# uncertain: whether any of these is required where it was left out, as none is here.
_REQUIRED_CHARACTERS = (
    *("RequireLowercaseCharacters", "RequireUppercaseCharacters"),
    *("RequireNumbers", "RequireSymbols"),
)
# The default, the least and the greatest. uncertain: all but those of the length, and that 0 is the default
# of the two after it.
_PASSWORD_NUMBERS = {
    "MinimumPasswordLength": (8, 8, 32),
    "MaxPasswordAge": (0, 0, 1095),
    "PasswordReusePrevention": (0, 0, 24),
    "MaxLoginAttemps": (5, 0, 32),
}


# ------------------------------------------------------------ the alias


def set_account_alias(call: OperationCall) -> Answer:
    """In the place of the one before; no two accounts have the same."""
    alias = call.parameters.required("AccountAlias")
    # uncertain: the greatest length: 32 as the operation is documented, 63 in the list of error codes.
    if not 3 <= len(alias) <= 32:
        raise ApiError(errors.ALIAS_LENGTH)
    if not _ALIAS.fullmatch(alias):
        raise ApiError(errors.WRONG_FORMAT, "AccountAlias")
    accounts = {each.account for each in call.store.accounts()} - {call.objects.account}
    if any(call.store.objects_of(account).get(ALIAS, alias) for account in accounts):
        raise ApiError(errors.ALIAS_EXISTS)
    clear_account_alias(call)
    call.objects.add(ALIAS, alias, {})
    return {}


def get_account_alias(call: OperationCall) -> Answer:
    """uncertain: how an account without one is answered. The alias is empty here."""
    return {"AccountAlias": "".join(each.name for each in call.objects.all(ALIAS))}


def clear_account_alias(call: OperationCall) -> Answer:
    for each in call.objects.all(ALIAS):
        call.objects.remove(ALIAS, each.name)
    return {}


# ------------------------------------------------------------ passwords and sign-in


def _read_password_policy(parameters: Parameters) -> dict[str, Any]:
    return {
        **{
            name: parameters.whole(name, default, low=low, high=high, refusal=errors.OUT_OF_RANGE)
            for name, (default, low, high) in _PASSWORD_NUMBERS.items()
        },
        **{name: parameters.boolean(name) for name in ("HardExpiry", *_REQUIRED_CHARACTERS)},
    }


def _read_security_preference(parameters: Parameters) -> dict[str, Any]:
    # uncertain: the code for a number of hours out of range.
    hours = parameters.whole("LoginSessionDuration", 6, low=1, high=24, refusal=errors.OUT_OF_RANGE)
    sign_in = {
        "AllowUserToChangePassword": parameters.boolean("AllowUserToChangePassword", default=True),
        "EnableSaveMFATicket": parameters.boolean("EnableSaveMFATicket"),
        "LoginNetworkMasks": _read_network_masks(parameters),
        "LoginSessionDuration": hours,
    }
    flags = {
        "AccessKeyPreference": ("AllowUserToManageAccessKeys", False),
        "MFAPreference": ("AllowUserToManageMFADevices", True),
        "PublicKeyPreference": ("AllowUserToManagePublicKeys", False),
    }
    return {"LoginProfilePreference": sign_in} | {
        group: {name: parameters.boolean(name, default=default)} for group, (name, default) in flags.items()
    }


def _read_network_masks(parameters: Parameters) -> str:
    """Networks that are separated by `;`. uncertain: the codes."""
    text = parameters.string("LoginNetworkMasks")
    masks = text.split(";") if text else []
    if len(text) > MAX_NETWORK_MASKS_LENGTH or len(masks) > MAX_NETWORK_MASKS:
        raise ApiError(errors.TOO_LONG, "LoginNetworkMasks")
    try:
        for mask in masks:
            ip_network(mask, strict=False)
    except ValueError:
        raise ApiError(errors.WRONG_FORMAT, "LoginNetworkMasks") from None
    return text


@frozen
class AccountSetting:
    """What an account has one of. `read`: all of it, as a request says; what is left out has its default.

    uncertain: whether setting one leaves what is left out as it was.
    """

    name: str
    read: Callable[[Parameters], dict[str, Any]]

    def set(self, call: OperationCall) -> Answer:
        setting = self.read(call.parameters)
        if call.objects.get(SETTING, self.name):
            call.objects.replace(SETTING, self.name, setting)
        else:
            call.objects.add(SETTING, self.name, setting)
        return {self.name: setting}

    def get(self, call: OperationCall) -> Answer:
        stored = call.objects.get(SETTING, self.name)
        return {self.name: stored.body if stored else self.read(Parameters(()))}


def decode_diagnostic_message(call: OperationCall) -> Answer:
    """Nothing here is ever denied by a policy, so no message was given out. uncertain: the code."""
    call.parameters.required("EncodedDiagnosticMessage")
    raise ApiError(errors.INVALID, "EncodedDiagnosticMessage")


_PASSWORDS = AccountSetting("PasswordPolicy", _read_password_policy)
_SECURITY = AccountSetting("SecurityPreference", _read_security_preference)

OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "SetAccountAlias": set_account_alias,
    "GetAccountAlias": get_account_alias,
    "ClearAccountAlias": clear_account_alias,
    "SetPasswordPolicy": _PASSWORDS.set,
    "GetPasswordPolicy": _PASSWORDS.get,
    "SetSecurityPreference": _SECURITY.set,
    "GetSecurityPreference": _SECURITY.get,
    "DecodeDiagnosticMessage": decode_diagnostic_message,
}
