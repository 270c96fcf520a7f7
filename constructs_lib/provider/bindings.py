"""Which data sources a backup policy is bound to, in the cloud: create, read, change, delete.

Sources: Cloud Backup, CreatePolicyBindings, DescribePolicyBindings, UpdatePolicyBinding, DeletePolicyBinding
(2017-09-08). Every function raises `CloudError`; what is not there is None, and deleting it succeeds.

Creates need no journal: a binding is its policy, its type and its source, which the service refuses to bind a
second time. So none is ever made twice, and what a killed run has made is found by these three.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from constructs_lib.provider import errors
from constructs_lib.provider.api_client import CHANGE_TIME, HBR, parts, unreadable
from constructs_lib.provider.api_models import RemoteBinding, binding_of
from constructs_lib.provider.cloud import MAX_PAGES, PAGE, Cloud
from constructs_lib.provider.errors import CloudError

_DESCRIBE = "DescribePolicyBindings"


class BindingKey(NamedTuple):
    """What identifies a binding."""

    policy_id: str
    source_type: str
    data_source_id: str

    def __str__(self) -> str:
        return ":".join(self)


def create_binding(cloud: Cloud, key: BindingKey, request: Mapping[str, Any]) -> RemoteBinding | None:
    """Bind a source. `request`: what is said of the binding, as the API spells it, without the key.

    Returns the binding that is there already, which an attempt without an answer, an earlier run or somebody
    else has made; None where this one has made it. A policy that is not seen yet is waited for up to
    `settle` seconds.
    """
    source = {"SourceType": key.source_type, "DataSourceId": key.data_source_id}
    parameters = {"PolicyId": key.policy_id, "PolicyBindingList": _json([{**source, **request}])}
    for _ in cloud.tries():
        try:
            cloud.calls.change(HBR, "CreatePolicyBindings", parameters)
            return None
        except CloudError as error:
            if error.code.startswith(errors.BINDING_EXISTS) and (there := binding(cloud, key)):
                return there
            if not error.is_not_found:
                raise
            refused = error
    raise refused


def queue_of(key: BindingKey) -> tuple[str, str]:
    """Under what `CreateOnce` knows a binding."""
    return "binding", str(key)


def alone_with(cloud: Cloud, key: BindingKey) -> AbstractContextManager[None]:
    """Meanwhile nobody else in this process binds the same."""
    pace, not_begun = cloud.calls.pace, f"{key} was not bound."
    until = pace.until(CHANGE_TIME)
    return cloud.creates.exclusive(queue_of(key), pace, until, "CreatePolicyBindings", not_begun)


def binding(cloud: Cloud, key: BindingKey, *, is_new: bool = False) -> RemoteBinding | None:
    """The binding of this source. `is_new`: it may take up to `settle` seconds to become visible."""
    if not all(key):
        raise ValueError(f"{key}: a part of it is empty, which would ask for more bindings than one")
    filters = {
        "PolicyId": key.policy_id,
        "SourceType": key.source_type,
        "DataSourceIds": _json([key.data_source_id]),
    }
    for _ in cloud.tries(is_new):
        for each in _listed(cloud, filters):
            if key_of(each) == key:
                return each
    return None


def bindings(cloud: Cloud, policy_id: str = "", source_type: str = "") -> list[RemoteBinding]:
    """All bindings of a policy, or of the region."""
    return list(each_binding(cloud, policy_id, source_type))


def each_binding(cloud: Cloud, policy_id: str = "", source_type: str = "") -> Iterator[RemoteBinding]:
    """The same; a page is asked for when its first binding is."""
    seen: set[BindingKey] = set()
    for each in _listed(cloud, {"PolicyId": policy_id or None, "SourceType": source_type or None}):
        if key_of(each) not in seen:
            seen.add(key_of(each))
            yield each


def key_of(found: RemoteBinding) -> BindingKey:
    return BindingKey(found.policy_id, found.source_type, found.data_source_id)


def _listed(cloud: Cloud, filters: Mapping[str, str | None]) -> Iterator[RemoteBinding]:
    """What a policy that is not there binds is nothing."""
    token = ""
    for _ in range(MAX_PAGES):
        parameters = {**filters, "MaxResults": str(PAGE), "NextToken": token or None}
        try:
            answer = cloud.calls.read(HBR, _DESCRIBE, parameters)
        except CloudError as error:
            if not error.is_not_found:
                raise
            return
        yield from map(binding_of, parts(answer, _DESCRIBE, "PolicyBindings"))
        token = str(answer.get("NextToken") or "")
        if not token:
            return
    raise unreadable(_DESCRIBE, f"there are more than {MAX_PAGES} pages")


def update_binding(cloud: Cloud, key: BindingKey, request: Mapping[str, Any]) -> None:
    """Change what is given; `AdvancedOptions` replaces all of them."""
    values = {name: value if isinstance(value, str) else _json(value) for name, value in request.items()}
    named = {**_named(key), "DataSourceId": key.data_source_id}
    cloud.calls.change(HBR, "UpdatePolicyBinding", {**named, **values})


def delete_binding(cloud: Cloud, key: BindingKey) -> None:
    """Take a source off its policy. Not found may be the source alone: its binding may be there still."""
    parameters = {**_named(key), "DataSourceIds": _json([key.data_source_id])}
    try:
        cloud.calls.change(HBR, "DeletePolicyBinding", parameters)
    except CloudError as error:
        if not error.is_not_found or all(binding(cloud, key) for _ in cloud.tries()):
            raise


def _named(key: BindingKey) -> dict[str, str]:
    return {"PolicyId": key.policy_id, "SourceType": key.source_type}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
