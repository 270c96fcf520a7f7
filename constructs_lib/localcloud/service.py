"""What a service of the local cloud is made of: operations, and what each of them is given."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from attrs import field, frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.operation_parameters import COMMON, FLATTENED
from constructs_lib.localcloud.parameters import ITEM, Fields, Parameters
from constructs_lib.localcloud.store import AccountObjects, Identity, Store

Answer = dict[str, Any]
T = TypeVar("T")

# Where a client is that does not say it.
DEFAULT_REGION = "cn-hangzhou"

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits


@frozen(kw_only=True)
class Delays:
    """How long the services take for what they do after they have answered (seconds).

    * `vault`: until a new vault is CREATED.
    * `job`: until a backup job is COMPLETE.
    * `ecs_policy`: until a deleted policy of type UDM_ECS_ONLY is really gone. uncertain: how long.
    """

    vault: float = 0.5
    job: float = 0.5
    ecs_policy: float = 1.0


class Ids:
    """Names that the services invent, in the shapes that were seen."""

    def __init__(self, source: random.Random) -> None:
        self._random = source

    def request_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4)).upper()

    def resource(self, prefix: str) -> str:
        """Such as `po-000000zemnuyx2li3y9y`."""
        characters = string.ascii_lowercase + string.digits
        return f"{prefix}-000{''.join(self._random.choices(characters, k=17))}"

    def number(self, digits: int) -> str:
        return "".join(self._random.choices("123456789", k=digits))

    def secret(self, length: int) -> str:
        return "".join(self._random.choices(_LETTERS_AND_DIGITS, k=length))


@frozen
class OperationCall:
    """One call of an operation, inside one transaction.

    * `objects`: what the caller's account has, of a regional service in one region; the only way to it.
    * `any_role`: whether every role can be assumed.
    """

    parameters: Parameters
    objects: AccountObjects
    caller: Identity
    store: Store
    ids: Ids
    delays: Delays
    any_role: bool = False

    @property
    def now(self) -> float:
        return self.objects.now

    @property
    def region(self) -> str:
        """Where a regional service is asked; empty for the others."""
        return self.objects.region

    @property
    def date(self) -> str:
        return format_date(self.now)


@frozen
class LocalService:
    """One API of one version.

    * `operations`: what it serves. `parameters`: by operation, those that it has, separated by spaces.
    * `fields`: by operation and parameter, the fields of what travels as JSON.
    * `envelope`: stands around each answer. `is_regional`: each region has its own objects.
    * `not_served`: by operation that is not, what it needs that is not here.
    """

    name: str
    version: str
    host: str
    operations: Mapping[str, Callable[[OperationCall], Answer]]
    parameters: Mapping[str, str]
    envelope: Answer
    is_regional: bool = False
    not_served: Mapping[str, str] = field(factory=dict)
    fields: Mapping[str, Mapping[str, Fields]] = field(factory=dict)

    def check_parameters(self, operation: str, parameters: Parameters) -> None:
        """ApiError where a request has a parameter that the operation has not, or a field that one of its
        parameters has not, as a strict cloud wants it."""
        known, fields = COMMON.union(self.parameters[operation].split()), self.fields.get(operation, {})
        for name in parameters.as_dict():
            top, dot, rest = name.partition(".")
            unknown: str | None = name
            if top in known and (not dot or (top in FLATTENED and ITEM.fullmatch(rest))):
                unknown = parameters.unknown_field(name, fields[top]) if top in fields else None
            if unknown is not None:
                raise ApiError(errors.UNKNOWN_PARAMETER, f"{unknown[:100]!a} of {operation}")

    @staticmethod
    def reads(operation: str) -> bool:
        """Whether an operation changes nothing, so that it may be answered from the past."""
        return operation.startswith(("Get", "List", "Describe", "Search"))


def cut_page(call: OperationCall, items: Sequence[tuple[int, T]]) -> tuple[list[T], Answer]:
    """Of items with their positions, the page that Marker and MaxItems ask for, and how the answer begins."""
    size = call.parameters.whole("MaxItems", 100, low=1, high=1000)
    marker = call.parameters.position("Marker")
    left = [item for item in items if item[0] > marker]
    page, is_truncated = left[:size], len(left) > size
    answer: Answer = {"IsTruncated": is_truncated}
    if is_truncated:
        answer["Marker"] = str(page[-1][0])
    return [item for _, item in page], answer


def format_date(seconds: float) -> str:
    """Such as `2015-01-23T12:33:18Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
