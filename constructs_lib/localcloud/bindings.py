"""Which data sources a backup policy is bound to.

No data source exists here: a binding is what the API returns of it, and nothing binds itself by a TAG rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.backup_objects import (
    BINDING,
    POLICY,
    SOURCE_TYPES,
    find,
    find_lasting,
)
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.filters import read_filters
from constructs_lib.localcloud.parameters import Fields, Parameters
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

MAX_PATTERNS = 255
FILTER_KEYS = ("PolicyId", "DataSourceId", "DataSourceType")

# What a binding says beside its source; an update may change each.
_TEXTS = ("PolicyBindingDescription", "Source", "Include", "Exclude", "SpeedLimit")
# uncertain: whether Source is really required of these two, as the documentation says.
_SOURCE_REQUIRED = ("COMMON_NAS", "COMMON_FILE_SYSTEM")
_CROSS_ACCOUNT = {"CrossAccountType": "SELF_ACCOUNT", "CrossAccountUserId": 0, "CrossAccountRoleName": ""}
# By group of advanced options, what each option is where it was left out.
# uncertain: whether a group that was not sent reads back. Here it does not; of one that was, all of it does.
_ADVANCED_OPTIONS: dict[str, dict[str, Any]] = {
    "UdmDetail": {
        "SnapshotGroup": False,
        "AppConsistent": False,
        "EnableFsFreeze": False,
        "EnableWriters": False,
        "PreScriptPath": "",
        "PostScriptPath": "",
        "TimeoutInSeconds": 0,
        "RamRoleName": "",
        "DiskIdList": [],
        "ExcludeDiskIdList": [],
        "DestinationKmsKeyId": "",
    },
    "OssDetail": {"InventoryId": "", "InventoryCleanupPolicy": "", "IgnoreArchiveObject": False},
    "FileDetail": {"AdvPolicy": False, "UseVSS": False},
    "CommonNasDetail": {"ClusterId": "", "ClientId": "", "FetchSliceSize": 0, "FullOnIncrementFail": False},
    "CommonFileSystemDetail": {"FetchSliceSize": 0, "FullOnIncrementFail": False},
}

OPTION_FIELDS: Fields = {
    group: {name: {} for name in options} for group, options in _ADVANCED_OPTIONS.items()
}
BINDING_FIELDS: Fields = {
    **{name: {} for name in ("SourceType", "DataSourceId", "Disabled", *_TEXTS, *_CROSS_ACCOUNT)},
    "AdvancedOptions": OPTION_FIELDS,
}


# ------------------------------------------------------------ create


def create_policy_bindings(call: OperationCall) -> Answer:
    """All of the list, or none."""
    policy = find_lasting(call, POLICY, call.parameters.required("PolicyId"))
    # uncertain: how many there may be in one call, and whether an empty list is refused.
    listed = call.parameters.json_list("PolicyBindingList")
    if not listed:
        raise ApiError(errors.MISSING, "PolicyBindingList")
    for given in listed:
        if not isinstance(given, Mapping):
            raise ApiError(errors.INVALID, "PolicyBindingList")
        _create(call, policy, given)
    return {}


def _create(call: OperationCall, policy: Stored, given: Mapping[str, Any]) -> None:
    source_type, source_id = _read_text(given, "SourceType"), _read_text(given, "DataSourceId")
    for name, value in (("SourceType", source_type), ("DataSourceId", source_id)):
        if not value:
            raise ApiError(errors.MISSING, name)
    if source_type not in SOURCE_TYPES:
        raise ApiError(errors.INVALID, "SourceType")
    # uncertain: the code; that ECS instances, and nothing else, go with policies of their own is documented.
    if (source_type == "UDM_ECS") != (policy.body["PolicyType"] == "UDM_ECS_ONLY"):
        raise ApiError(errors.WRONG_SOURCE_TYPE, f"{source_type} with {policy.body['PolicyType']}")
    key = f"{source_type}/{source_id}"
    # An ECS instance has one policy. uncertain: whether another one is refused with this code.
    # uncertain: whether a bucket can be bound twice, with two prefixes; no update could tell them apart.
    is_taken = any(
        binding.name == key and (source_type == "UDM_ECS" or binding.parent == policy.name)
        for binding in call.objects.all(BINDING)
    )
    if is_taken:
        raise ApiError(errors.BINDING_EXISTS)
    binding = {
        "PolicyBindingId": call.ids.resource("pb"),
        "SourceType": source_type,
        "DataSourceId": source_id,
        "Disabled": _read_flag(given, "Disabled"),
        "CreatedByTag": False,
        "HitTags": [],
        "CreatedTime": int(call.now),
        "UpdatedTime": int(call.now),
        "AdvancedOptions": _read_advanced_options(given.get("AdvancedOptions")),
        **{name: _read_text(given, name) for name in _TEXTS},
        **_read_cross_account(given),
    }
    _check_texts(binding)
    call.objects.add(BINDING, key, binding, parent=policy.name)


def _read_text(given: Mapping[str, Any], name: str) -> str:
    text = given.get(name) or ""
    if not isinstance(text, str):
        raise ApiError(errors.INVALID, name)
    return text


def _read_flag(given: Mapping[str, Any], name: str) -> bool:
    """SDKs send it as a string, the official provider as a boolean."""
    return Parameters([(name, str(given.get(name) or ""))]).boolean(name)


def _read_cross_account(given: Mapping[str, Any]) -> dict[str, Any]:
    # uncertain: how the account reads back where it is the caller's own.
    account = {name: given.get(name) or filler for name, filler in _CROSS_ACCOUNT.items()}
    if account["CrossAccountType"] not in ("SELF_ACCOUNT", "CROSS_ACCOUNT"):
        raise ApiError(errors.INVALID, "CrossAccountType")
    for name, filler in _CROSS_ACCOUNT.items():
        if type(account[name]) is not type(filler):
            raise ApiError(errors.INVALID, name)
        # uncertain: whether the service asks for both of these.
        if account["CrossAccountType"] == "CROSS_ACCOUNT" and not account[name]:
            raise ApiError(errors.MISSING, name)
    return account


def _check_texts(binding: Mapping[str, Any]) -> None:
    for name in ("Include", "Exclude"):
        if len(binding[name]) > MAX_PATTERNS:
            raise ApiError(errors.TOO_LONG, name)
    if binding["SourceType"] in _SOURCE_REQUIRED and not binding["Source"]:
        raise ApiError(errors.MISSING, "Source")


def _read_advanced_options(given: Any) -> dict[str, Any]:
    """The groups that were sent, with all of their options; ApiError where an option has another type."""
    if not isinstance(given or {}, Mapping):
        raise ApiError(errors.INVALID, "AdvancedOptions")
    options: dict[str, Any] = {}
    for group, fillers in _ADVANCED_OPTIONS.items():
        sent = (given or {}).get(group)
        if not sent:
            continue
        if not isinstance(sent, Mapping):
            raise ApiError(errors.INVALID, group)
        options[group] = {
            name: _read_option(name, sent.get(name), filler) for name, filler in fillers.items()
        }
    return options


def _read_option(name: str, value: Any, filler: Any) -> Any:
    if value is None:
        return filler
    is_right = type(value) is type(filler)
    if not is_right or (isinstance(value, list) and not all(isinstance(each, str) for each in value)):
        raise ApiError(errors.INVALID, name)
    return value


# ------------------------------------------------------------ read


def describe_policy_bindings(call: OperationCall) -> Answer:
    """Of one policy, or of all; a policy that does not exist has none, which is no error."""
    parameters = call.parameters
    size = parameters.whole("MaxResults", 10, low=10, high=100)
    after = parameters.position("NextToken")
    source_type = parameters.string("SourceType")
    source_ids = parameters.strings("DataSourceIds", "DataSourceIds")
    filters = read_filters(parameters, FILTER_KEYS)
    matching = [
        binding
        for binding in call.objects.all(BINDING, parameters.string("PolicyId") or None)
        if source_type in ("", binding.body["SourceType"])
        and (not source_ids or binding.body["DataSourceId"] in source_ids)
        and all(each.matches(_filtered_fields(binding)) for each in filters)
    ]
    left = [binding for binding in matching if binding.position > after]
    return {
        "PolicyBindings": [{"PolicyId": binding.parent} | binding.body for binding in left[:size]],
        "NextToken": str(left[size - 1].position) if len(left) > size else "",
        "MaxResults": size,
        "TotalCount": len(matching),
    }


def _filtered_fields(binding: Stored) -> dict[str, str]:
    source_type, source_id = binding.body["SourceType"], binding.body["DataSourceId"]
    return dict(zip(FILTER_KEYS, (binding.parent, source_id, source_type), strict=True))


# ------------------------------------------------------------ change, delete


def update_policy_binding(call: OperationCall) -> Answer:
    """What is left out stays; AdvancedOptions replaces all of them. uncertain: whether an empty string clears
    a text, or is taken as left out."""
    parameters = call.parameters
    source_id = parameters.required("DataSourceId")
    stored = _find_binding(call, source_id)
    binding = stored.body | {"UpdatedTime": int(call.now)}
    for name in _TEXTS:
        if (text := parameters.optional(name)) is not None:
            binding[name] = text
    if parameters.string("Disabled"):
        binding["Disabled"] = parameters.boolean("Disabled")
    if (options := parameters.json_object("AdvancedOptions")) is not None:
        binding["AdvancedOptions"] = _read_advanced_options(options)
    _check_texts(binding)
    call.objects.replace(BINDING, stored.name, binding, stored.parent)
    return {}


def delete_policy_binding(call: OperationCall) -> Answer:
    """All that are named, or none. uncertain: what a binding that is not there leads to."""
    # uncertain: what happens without DataSourceIds, which the documentation does not require.
    source_ids = call.parameters.strings("DataSourceIds", "DataSourceIds")
    if not source_ids:
        raise ApiError(errors.MISSING, "DataSourceIds")
    for source_id in source_ids:
        stored = _find_binding(call, source_id)
        call.objects.remove(BINDING, stored.name, stored.parent)
    return {}


def _find_binding(call: OperationCall, source_id: str) -> Stored:
    policy = find(call, POLICY, call.parameters.required("PolicyId"))
    key = f"{call.parameters.required('SourceType')}/{source_id}"
    stored = call.objects.get(BINDING, key, policy.name)
    if stored is None or stored.leaving:
        raise ApiError(errors.RESOURCE_MISSING, source_id)
    return stored


def unbind_all(call: OperationCall, policy: Stored, after: float) -> None:
    """A policy is detached from all its sources when it is deleted, as its documentation says."""
    for binding in call.objects.all(BINDING, policy.name):
        call.objects.remove(BINDING, binding.name, policy.name, after=after)


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "CreatePolicyBindings": create_policy_bindings,
    "DescribePolicyBindings": describe_policy_bindings,
    "UpdatePolicyBinding": update_policy_binding,
    "DeletePolicyBinding": delete_policy_binding,
}
