"""Which accounts Cloud Backup may back up from this one.

A binding of another account does not ask for its account here. uncertain: whether that of the service does.
"""

from __future__ import annotations

from collections.abc import Callable

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import Answer, OperationCall

CROSS_ACCOUNT = "cross account"
TYPES = ("CROSS_ACCOUNT", "CROSS_ACCOUNT_BY_RD")
MAX_ALIAS = 32


def _read_key(call: OperationCall) -> tuple[str, int, str]:
    """Type, account and role; a resource directory needs no role. uncertain: which type is the default."""
    parameters = call.parameters
    account_type = parameters.choice("CrossAccountType", TYPES)
    parameters.required("CrossAccountUserId")
    user_id = parameters.whole("CrossAccountUserId", 0, low=1, high=10**18 - 1)
    is_by_role = account_type == TYPES[0]
    role = parameters.required("CrossAccountRoleName") if is_by_role else ""
    return account_type, user_id, role


def add_cross_account(call: OperationCall) -> Answer:
    account_type, user_id, role = key = _read_key(call)
    alias, name = call.parameters.string("Alias"), "/".join(map(str, key))
    if len(alias) > MAX_ALIAS:
        raise ApiError(errors.TOO_LONG, "Alias")
    if call.objects.get(CROSS_ACCOUNT, name):
        raise ApiError(errors.CROSS_ACCOUNT_EXISTS)
    account = {
        "CrossAccountType": account_type,
        "CrossAccountUserId": user_id,
        "CrossAccountRoleName": role,
        "Alias": alias,
        "CreatedTime": int(call.now),
        "UpdatedTime": int(call.now),
    }
    call.objects.add(CROSS_ACCOUNT, name, account)
    return {}


def describe_cross_accounts(call: OperationCall) -> Answer:
    number = call.parameters.whole("PageNumber", 1, low=1, high=10**9)
    size = call.parameters.whole("PageSize", 10, low=1, high=99)
    accounts = call.objects.all(CROSS_ACCOUNT)
    first, owner = (number - 1) * size, int(call.objects.account)
    page = [{"Id": each.position, "OwnerId": owner} | each.body for each in accounts[first : first + size]]
    return {
        "CrossAccounts": {"CrossAccount": page},
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(accounts),
    }


def delete_cross_account(call: OperationCall) -> Answer:
    name = "/".join(map(str, _read_key(call)))
    if call.objects.get(CROSS_ACCOUNT, name) is None:
        raise ApiError(errors.RESOURCE_MISSING, name)
    call.objects.remove(CROSS_ACCOUNT, name)
    return {}


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "AddCrossAccount": add_cross_account,
    "DescribeCrossAccounts": describe_cross_accounts,
    "DeleteCrossAccount": delete_cross_account,
}
