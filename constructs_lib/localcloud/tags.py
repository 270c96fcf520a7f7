"""The tags of policies, users and roles in RAM."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.policies import POLICY
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

# What the API calls each kind of object that can have tags.
TAGGED_KINDS = {"policy": POLICY, "user": "User", "role": "Role"}
MAX_TAGS = 20


def tag_resources(call: OperationCall) -> Answer:
    """Tags are added; a key that is there gets the new value."""
    tags = call.parameters.tags()
    if not tags:
        raise ApiError(errors.MISSING, "Tag")
    for kind, stored in _find_named(call):
        _replace_tags(call, kind, stored, stored.body["Tags"] | tags)
    return {}


def untag_resources(call: OperationCall) -> Answer:
    keys = call.parameters.strings("TagKeys", "TagKey")
    is_all = call.parameters.boolean("All")
    if not keys and not is_all:
        raise ApiError(errors.MISSING, "TagKeys")
    for kind, stored in _find_named(call):
        # uncertain: which of the two counts where both are given. The keys do here.
        left = {key: value for key, value in stored.body["Tags"].items() if keys and key not in keys}
        _replace_tags(call, kind, stored, left)
    return {}


def list_tag_resources(call: OperationCall) -> Answer:
    resource_type, wanted = _read_type(call), call.parameters.tags()
    names = call.parameters.strings("ResourceNames", "ResourceName")
    size = call.parameters.whole("PageSize", 50, low=1, high=1000)
    after = call.parameters.position("NextToken")
    listed = [
        {"ResourceId": stored.name, "ResourceType": resource_type, "TagKey": key, "TagValue": value}
        for stored in call.objects.all(TAGGED_KINDS[resource_type])
        if not names or stored.name in names
        for key, value in stored.body["Tags"].items()
        if not wanted or wanted.get(key) in ("", value)
    ]
    answer: Answer = {"TagResources": {"TagResource": listed[after : after + size]}}
    is_truncated = len(listed) > after + size
    return answer | {"IsTruncated": is_truncated} | ({"NextToken": str(after + size)} if is_truncated else {})


def _read_type(call: OperationCall) -> str:
    resource_type = call.parameters.required("ResourceType")
    if resource_type not in TAGGED_KINDS:
        raise ApiError(errors.INVALID, "ResourceType")
    return resource_type


def _find_named(call: OperationCall) -> Iterator[tuple[str, Stored]]:
    """The objects that ResourceNames names, each of which exists."""
    resource_type = _read_type(call)
    kind = TAGGED_KINDS[resource_type]
    names = call.parameters.strings("ResourceNames", "ResourceName")
    if not names:
        raise ApiError(errors.MISSING, "ResourceNames")
    for name in names:
        if (stored := call.objects.get(kind, name)) is None:
            raise ApiError(errors.PRINCIPAL_MISSING, resource_type.capitalize())
        yield kind, stored


def _replace_tags(call: OperationCall, kind: str, stored: Stored, tags: dict[str, str]) -> None:
    # uncertain: the code for more tags than an object can have.
    if len(tags) > MAX_TAGS:
        raise ApiError(errors.TOO_MANY_TAGS)
    call.objects.replace(kind, stored.name, stored.body | {"Tags": tags})


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "TagResources": tag_resources,
    "UntagResources": untag_resources,
    "ListTagResources": list_tag_resources,
}
