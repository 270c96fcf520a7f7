"""Security Token Service (STS), version 2015-04-01: role sessions of limited time.

A session acts for its account like the account's own key: nothing is permitted or refused by policies here.
A role trusts its own account and no other; or, on request, everybody.
"""

from __future__ import annotations

import math
import re

from constructs_lib.localcloud import errors, operation_parameters
from constructs_lib.localcloud.documents import find_grammar_problem
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall, format_date
from constructs_lib.localcloud.store import Identity, Stored

MAX_POLICY_BYTES = 2048
USER = "local-cloud"

_ROLE_ARN = re.compile(r"acs:ram::([0-9]+):role/([A-Za-z0-9.@_-]{1,64})", re.ASCII)
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}", re.ASCII)


def assume_role(call: OperationCall) -> Answer:
    parameters = call.parameters
    arn = _ROLE_ARN.fullmatch(parameters.required("RoleArn"))
    session = parameters.required("RoleSessionName")
    if arn is None:
        raise ApiError(errors.WRONGLY_FORMED, "RoleArn")
    if not _SESSION_NAME.fullmatch(session):
        raise ApiError(errors.WRONGLY_FORMED, "RoleSessionName")
    seconds = parameters.whole("DurationSeconds", 3600, low=900, high=43_200, refusal=errors.WRONG_DURATION)
    _check_policy(parameters.string("Policy"))
    owner, role = arn.groups()
    account = call.caller.account
    if owner != account and not call.any_role:
        raise ApiError(errors.NO_PERMISSION)
    stored = call.objects.get("Role", role)
    if stored is None and not call.any_role:
        raise ApiError(errors.PRINCIPAL_MISSING, "Role")
    # The answer has whole seconds: the session ends no earlier than that.
    expires = float(math.ceil(call.now + seconds))
    identity = Identity(
        account=account,
        access_key=f"STS.{call.ids.secret(24)}",
        secret_key=call.ids.secret(44),
        security_token=call.ids.secret(160),
        expires=expires,
        role=role,
        session=session,
    )
    call.store.add_identity(identity)
    return {
        "Credentials": {
            "AccessKeyId": identity.access_key,
            "AccessKeySecret": identity.secret_key,
            "SecurityToken": identity.security_token,
            "Expiration": format_date(expires),
        },
        "AssumedRoleUser": {
            "Arn": _format_session_arn(account, role, session),
            "AssumedRoleId": f"{_find_role_id(stored)}:{session}",
        },
    }


def _check_policy(text: str) -> None:
    if len(text.encode()) > MAX_POLICY_BYTES:
        raise ApiError(errors.POLICY_SIZE)
    if text and find_grammar_problem(text):
        raise ApiError(errors.POLICY_GRAMMAR)


def get_caller_identity(call: OperationCall) -> Answer:
    caller = call.caller
    if caller.role is None or caller.session is None:
        user_id = f"2{caller.account}"
        return {
            "AccountId": caller.account,
            "Arn": f"acs:ram::{caller.account}:user/{USER}",
            "IdentityType": "RAMUser",
            "PrincipalId": user_id,
            "UserId": user_id,
        }
    role_id = _find_role_id(call.objects.get("Role", caller.role))
    return {
        "AccountId": caller.account,
        "Arn": _format_session_arn(caller.account, caller.role, caller.session),
        "IdentityType": "AssumedRoleUser",
        "PrincipalId": f"{role_id}:{caller.session}",
        "RoleId": role_id,
    }


def _find_role_id(stored: Stored | None) -> str:
    """Empty for a role that was removed, or never existed."""
    return str(stored.body["id"]) if stored else ""


def _format_session_arn(account: str, role: str, session: str) -> str:
    return f"acs:ram::{account}:assumed-role/{role}/{session}"


STS = LocalService(
    name="STS",
    version="2015-04-01",
    host="sts.aliyuncs.com",
    operations={"AssumeRole": assume_role, "GetCallerIdentity": get_caller_identity},
    parameters=operation_parameters.STS,
    envelope={},
)
