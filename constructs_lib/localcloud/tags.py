"""Tags: of policies, users and roles in RAM, of vaults in Cloud Backup, of keys in KMS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError, ErrorCode
from constructs_lib.localcloud.parameters import Fields
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

MAX_TAGS = 20
TAG_FIELDS: Fields = {"Key": {}, "Value": {}}


@frozen
class TaggedResources:
    """What has tags in one service.

    * `kinds`: by what the API calls each kind of object.
    * `parameter`, `flattened`: what the list of resources is called, as JSON and flattened.
    * `missing`: the refusal where one is not there; RAM's names the kind.
    """

    kinds: Mapping[str, str]
    parameter: str
    flattened: str
    missing: ErrorCode

    def operations(self) -> dict[str, Callable[[OperationCall], Answer]]:
        return {
            "TagResources": self.tag_resources,
            "UntagResources": self.untag_resources,
            "ListTagResources": self.list_tag_resources,
        }

    def tag_resources(self, call: OperationCall) -> Answer:
        """Tags are added; a key that is there gets the new value."""
        tags = call.parameters.tags()
        if not tags:
            raise ApiError(errors.MISSING, "Tag")
        for kind, stored in self._find_named(call):
            _replace_tags(call, kind, stored, stored.body["Tags"] | tags)
        return {}

    def untag_resources(self, call: OperationCall) -> Answer:
        keys = call.parameters.strings("TagKeys", "TagKey")
        is_all = call.parameters.boolean("All")
        if not keys and not is_all:
            raise ApiError(errors.MISSING, "TagKeys")
        for kind, stored in self._find_named(call):
            # uncertain: which of the two counts where both are given. The keys do here.
            left = {key: value for key, value in stored.body["Tags"].items() if keys and key not in keys}
            _replace_tags(call, kind, stored, left)
        return {}

    def list_tag_resources(self, call: OperationCall) -> Answer:
        resource_type, wanted = self._read_type(call), call.parameters.tags()
        names = call.parameters.strings(self.parameter, self.flattened)
        size = call.parameters.whole("PageSize", 50, low=1, high=1000)
        after = call.parameters.position("NextToken")
        listed = [
            {self.flattened: stored.name, "ResourceType": resource_type, "TagKey": key, "TagValue": value}
            for stored in call.objects.all(self.kinds[resource_type])
            if not names or stored.name in names
            for key, value in stored.body["Tags"].items()
            if not wanted or wanted.get(key) in ("", value)
        ]
        answer: Answer = {"TagResources": listed[after : after + size]}
        return answer | ({"NextToken": str(after + size)} if len(listed) > after + size else {})

    def _read_type(self, call: OperationCall) -> str:
        resource_type = call.parameters.required("ResourceType")
        if resource_type not in self.kinds:
            raise ApiError(errors.INVALID, "ResourceType")
        return resource_type

    def _find_named(self, call: OperationCall) -> Iterator[tuple[str, Stored]]:
        """The objects that are named, each of which exists."""
        resource_type = self._read_type(call)
        names = call.parameters.strings(self.parameter, self.flattened)
        if not names:
            raise ApiError(errors.MISSING, self.parameter)
        for name in names:
            if (stored := call.objects.get(self.kinds[resource_type], name)) is None:
                raise ApiError(self.missing, resource_type.capitalize())
            yield self.kinds[resource_type], stored


def describe_tags(tags: Mapping[str, str]) -> Answer:
    """As lists of RAM's objects have them."""
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}


def _replace_tags(call: OperationCall, kind: str, stored: Stored, tags: dict[str, str]) -> None:
    # uncertain: the code for more tags than an object can have.
    if len(tags) > MAX_TAGS:
        raise ApiError(errors.TOO_MANY_TAGS)
    call.objects.replace(kind, stored.name, stored.body | {"Tags": tags})
