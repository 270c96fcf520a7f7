"""Resource Manager, version 2020-03-31: the two resource groups that every account has here.

Real accounts have the default one; the other one is there so that something can be moved.
"""

from __future__ import annotations

from typing import Any

from constructs_lib.backup.place_checks import METADATA_REGIONS
from constructs_lib.localcloud import errors, operation_parameters
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall
from constructs_lib.localcloud.tags import TAG_FIELDS

_CREATED = "2015-04-28T17:12:30Z"
_NAMES = {"default": "default resource group", "local-cloud": "local cloud"}


def default_group_id(account: str) -> str:
    """Such as `rg-acfm1234567890a`: where everything is that was put into no other group."""
    return _list_groups(account)[0]["Id"]


def check_group(account: str, group_id: str) -> str:
    """The id, where the account has such a group."""
    if not any(group["Id"] == group_id for group in _list_groups(account)):
        raise ApiError(errors.GROUP_MISSING, group_id)
    return group_id


def _list_groups(account: str) -> list[dict[str, str]]:
    return [
        {
            "Id": f"rg-acfm{account[-10:]}{letter}",
            "Name": name,
            "DisplayName": title,
            "AccountId": account,
            "Status": "OK",
            "CreateDate": _CREATED,
        }
        for letter, (name, title) in zip("ab", _NAMES.items(), strict=True)
    ]


def list_resource_groups(call: OperationCall) -> Answer:
    parameters = call.parameters
    number = parameters.whole("PageNumber", 1, low=1, high=10**9)
    size = parameters.whole("PageSize", 10, low=1, high=100)
    groups = _list_groups(call.objects.account)
    ids = parameters.strings("ResourceGroupIds", "ResourceGroupIds")
    if ids:
        groups = [group for group in groups if group["Id"] in ids]
    wanted = {"ResourceGroupId": "Id", "Name": "Name", "DisplayName": "DisplayName", "Status": "Status"}
    for parameter, field in wanted.items():
        if value := parameters.string(parameter):
            groups = [group for group in groups if group[field] == value]
    if parameters.tags():  # no group has any
        groups = []
    tags: dict[str, Any] = {"Tags": {"Tag": []}} if parameters.boolean("IncludeTags") else {}
    first = (number - 1) * size
    return {
        "ResourceGroups": {"ResourceGroup": [group | tags for group in groups[first : first + size]]},
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(groups),
    }


def get_resource_group(call: OperationCall) -> Answer:
    group_id = check_group(call.objects.account, call.parameters.required("ResourceGroupId"))
    [group] = [group for group in _list_groups(call.objects.account) if group["Id"] == group_id]
    tags: dict[str, Any] = {"Tags": {"Tag": []}} if call.parameters.boolean("IncludeTags") else {}
    statuses = [{"RegionId": region, "Status": "OK"} for region in METADATA_REGIONS]
    return {"ResourceGroup": group | tags | {"RegionStatuses": {"RegionStatus": statuses}}}


RESOURCE_MANAGER = LocalService(
    name="ResourceManager",
    version="2020-03-31",
    host="resourcemanager.aliyuncs.com",
    operations={
        "ListResourceGroups": list_resource_groups,
        "GetResourceGroup": get_resource_group,
    },
    parameters=operation_parameters.RESOURCE_MANAGER,
    fields={"ListResourceGroups": {"Tag": TAG_FIELDS}},
    envelope={},
)
