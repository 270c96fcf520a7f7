"""Key Management Service (KMS), version 2016-01-20: the keys that a vault may be encrypted with.

Nothing is encrypted here. Keys are symmetric ones that KMS makes, outside of an instance of one's own.
"""

from __future__ import annotations

from typing import Any

from constructs_lib.localcloud import errors, operation_parameters
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall, format_date
from constructs_lib.localcloud.store import Stored
from constructs_lib.localcloud.tags import TAG_FIELDS, TaggedResources

KEY = "key"
MAX_DESCRIPTION = 8192

# What of a key can be chosen elsewhere, and is the same for all here.
_FIXED = {
    "KeySpec": "Aliyun_AES_256",
    "KeyUsage": "ENCRYPT/DECRYPT",
    "Origin": "Aliyun_KMS",
    "ProtectionLevel": "SOFTWARE",
}
_NOT_SERVED = ("DKMSInstanceId", "KeyStorageMechanism", "Policy", "RotationInterval", "Tags")
# uncertain: which of these the service leaves out where they mean nothing.
_FILLERS: dict[str, Any] = {
    **dict.fromkeys(("DKMSInstanceId", "DeletionProtectionDescription", "MaterialExpireTime"), ""),
    **dict.fromkeys(("LastRotationDate", "NextRotationDate", "RotationInterval"), ""),
    "AutomaticRotation": "Disabled",
    "DeletionProtection": "Disabled",
}


def create_key(call: OperationCall) -> Answer:
    parameters = call.parameters
    for name, value in _FIXED.items():
        if parameters.string(name) not in ("", value):
            raise ApiError(errors.NOT_SERVED, name)
    for name in _NOT_SERVED:
        if parameters.string(name):
            raise ApiError(errors.NOT_SERVED, name)
    if parameters.boolean("EnableAutomaticRotation"):
        raise ApiError(errors.NOT_SERVED, "EnableAutomaticRotation")
    description = parameters.string("Description")
    if len(description) > MAX_DESCRIPTION:
        raise ApiError(errors.TOO_LONG, "Description")
    # uncertain: the shape of both ids.
    key_id, account = call.ids.resource("key"), call.objects.account
    key = {
        **_FIXED,
        "Arn": f"acs:kms:{call.region}:{account}:key/{key_id}",
        "CreationDate": call.date,
        "Creator": account,
        "DeleteDate": "",
        "Description": description,
        "KeyState": "Enabled",
        "PrimaryKeyVersion": call.ids.request_id().lower(),
        "Tags": {},
    }
    call.objects.add(KEY, key_id, key)
    return describe_key(call, key_id)


def describe_key(call: OperationCall, key_id: str | None = None) -> Answer:
    """The key that the request names, or the one that was just made."""
    stored = _find_key(call, key_id or call.parameters.required("KeyId"))
    fields = {name: value for name, value in stored.body.items() if name != "Tags"}
    return {"KeyMetadata": _FILLERS | {"KeyId": stored.name} | fields}


def schedule_key_deletion(call: OperationCall) -> Answer:
    """Until then it is there, and of no use. uncertain: the code for a key that is being deleted already."""
    stored = _find_key(call, call.parameters.required("KeyId"))
    call.parameters.required("PendingWindowInDays")
    seconds = 86_400 * call.parameters.whole("PendingWindowInDays", 0, low=7, high=366)
    if stored.leaving:
        raise ApiError(errors.KEY_IS_LEAVING)
    leaving = {"KeyState": "PendingDeletion", "DeleteDate": format_date(call.now + seconds)}
    call.objects.replace(KEY, stored.name, stored.body | leaving)
    call.objects.remove(KEY, stored.name, after=seconds)
    return {}


def _find_key(call: OperationCall, key_id: str) -> Stored:
    stored = call.objects.get(KEY, key_id)
    if stored is None:
        raise ApiError(errors.KEY_MISSING)
    return stored


_TAGGED = TaggedResources({"key": KEY}, "ResourceId", "ResourceId", errors.KEY_MISSING)


def list_tag_resources(call: OperationCall) -> Answer:
    answer = _TAGGED.list_tag_resources(call)
    return answer | {"TagResources": {"TagResource": answer["TagResources"]}}


KMS = LocalService(
    name="KMS",
    version="2016-01-20",
    host="kms.aliyuncs.com",
    operations={
        "CreateKey": create_key,
        "DescribeKey": describe_key,
        "ScheduleKeyDeletion": schedule_key_deletion,
        **_TAGGED.operations(),
        "ListTagResources": list_tag_resources,
    },
    parameters=operation_parameters.KMS,
    fields={name: {"Tag": TAG_FIELDS} for name in ("TagResources", "ListTagResources")},
    envelope={},
    is_regional=True,
)
