"""What `terraform show -json` prints: a plan, which has both sides of a review, or a state, which is one.

What Terraform will only know later, and what is sensitive, becomes an expression: unknown, and never printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.resource_types import ALIPOLICY
from constructs_lib.review.loading.attributes import RESOURCE_TYPES, props_of
from constructs_lib.review.loading.json_text import InputError, pointer
from constructs_lib.review.loading.resource import KnownVersion, LoadedResource, Side
from constructs_lib.tokens import Deferred

# The data source that reads the versions of a policy, and what each of them would be as a resource.
VERSIONS = "alipolicy_policy_versions"
_VERSION = RESOURCE_TYPES[ALIPOLICY.name]
_AGAIN = "Create it anew: `terraform show -json PLAN`."


# Neither a plan nor a state names its stack, and the file's name does not stand for it: wherever a run of CI
# writes its plan, the same change has the same delta.
_STACK = "root module"


def is_plan(content: Mapping[str, Any]) -> bool:
    return "resource_changes" in content or ("planned_values" in content and "format_version" in content)


def is_state(content: Mapping[str, Any]) -> bool:
    return "format_version" in content and not is_plan(content)


def sides(name: str, text: str, content: Mapping[str, Any]) -> tuple[Side, Side, frozenset[tuple[str, str]]]:
    """After, before, and what is created anew. Raises `InputError`."""
    changes = content.get("resource_changes", [])
    if not isinstance(changes, list):
        raise InputError(name, "/resource_changes", "it is not a list", _AGAIN)
    if content.get("errored") is True:
        advice = "Fix the configuration, and plan anew."
        raise InputError(name, "/errored", "the plan failed half-way", advice)
    resources: dict[str, list[LoadedResource]] = {"before": [], "after": []}
    replaced: set[tuple[str, str]] = set()
    moved: dict[tuple[str, str], str] = {}
    for index, entry in enumerate(changes):
        at = ("resource_changes", index)
        if not isinstance(entry, dict) or not isinstance(entry.get("change"), dict):
            raise InputError(name, pointer(at), "it is not a resource change", _AGAIN)
        type_name = _type(entry)
        if type_name is None:
            continue
        address, change = entry.get("address"), entry["change"]
        if not isinstance(address, str):
            raise InputError(name, pointer((*at, "address")), "it is not a string", _AGAIN)
        was = entry.get("previous_address")
        was = was if isinstance(was, str) else address
        if was != address:
            moved[_STACK, was] = address
        if set(_actions(change)) >= {"create", "delete"}:
            replaced.add((_STACK, address))
        for side, own in (("before", was), ("after", address)):
            if change.get(side) is not None:
                resources[side].append(_load(name, own, type_name, change, side, (*at, "change", side)))
    before, after = (
        Side(name=name, stacks=(_STACK,), resources=tuple(of_side), texts={name: text}, moved=moved)
        for of_side in resources.values()
    )
    return after, evolve(before, versions=tuple(_versions(content))), frozenset(replaced)


def _versions(content: Mapping[str, Any]) -> Iterator[KnownVersion]:
    """The versions of policies that a data source has read, as far as they are known."""
    prior = content.get("prior_state")
    values = prior.get("values") if isinstance(prior, dict) else None
    module = values.get("root_module") if isinstance(values, dict) else None
    for source in _data(module, VERSIONS) if module is not None else ():
        values = source.get("values")
        if not isinstance(values, dict) or values.get("policy_type") == "System":  # it may have the same name
            continue
        versions = values.get("versions")
        for version in versions if isinstance(versions, list) else ():
            if isinstance(version, dict) and isinstance(version.get("version_id"), str):
                attributes = {
                    "policy_name": values.get("policy_name"),
                    "policy_document": version.get("policy_document"),
                    "set_as_default": version.get("is_default_version"),
                }
                props = props_of(_VERSION, attributes, is_applied=True)
                if isinstance(props, PolicyVersionProps):
                    yield KnownVersion(_STACK, version["version_id"], props)


def _data(module: object, type_name: str) -> Iterator[Mapping[str, Any]]:
    """The data sources of a type, in all modules."""
    if not isinstance(module, dict):
        return
    resources, children = module.get("resources"), module.get("child_modules")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and (resource.get("mode"), resource.get("type")) == ("data", type_name):
            yield resource
    for child in children if isinstance(children, list) else ():
        yield from _data(child, type_name)


def _type(resource: Mapping[str, Any]) -> str | None:
    """The type of a managed resource that is looked at, else None."""
    name = resource.get("type")
    is_ours = isinstance(name, str) and name in RESOURCE_TYPES and resource.get("mode") != "data"
    return name if is_ours else None


def _actions(change: Mapping[str, Any]) -> list[str]:
    actions = change.get("actions")
    return [action for action in actions if isinstance(action, str)] if isinstance(actions, list) else []


def _load(
    name: str, address: str, type_name: str, change: Mapping[str, Any], side: str, at: tuple[str | int, ...]
) -> LoadedResource:
    body = change[side]
    if not isinstance(body, dict):
        raise InputError(name, pointer(at), "it is not an object", _AGAIN)
    values = body
    for why in ("unknown", "sensitive"):
        values = _hide(values, change.get(f"{side}_{why}"), address)
    resource_type = RESOURCE_TYPES[type_name]
    return LoadedResource(
        stack=_STACK,
        address=address,
        type=resource_type,
        file=name,
        parts=at,
        body=body,
        props=props_of(resource_type, values, is_applied=True),
        is_applied=True,
    )


def _hide(value: Any, hidden: Any, path: str) -> Any:
    """The value, with an expression in each place that the second argument marks by true."""
    if hidden is True:
        return Deferred(f"${{{path}}}")
    if isinstance(hidden, dict):
        old = value if isinstance(value, dict) else {}
        return {
            **old,
            **{key: _hide(old.get(key), mark, f"{path}.{key}") for key, mark in hidden.items() if mark},
        }
    if isinstance(hidden, list) and isinstance(value, list):
        marks = [*hidden, *[None] * (len(value) - len(hidden))]
        return [
            _hide(item, mark, f"{path}[{at}]")
            for at, (item, mark) in enumerate(zip(value, marks, strict=False))
        ]
    return value


def state(name: str, text: str, content: Mapping[str, Any]) -> Side:
    """The resources of a state. Raises `InputError`."""
    values = content.get("values")
    module = values.get("root_module") if isinstance(values, dict) else None
    resources = tuple(_of_module(name, module, ("values", "root_module")) if module is not None else ())
    versions = tuple(_versions({"prior_state": content}))
    return Side(name=name, stacks=(_STACK,), resources=resources, texts={name: text}, versions=versions)


def _of_module(name: str, module: object, at: tuple[str | int, ...]) -> Iterator[LoadedResource]:
    if not isinstance(module, dict):
        raise InputError(name, pointer(at), "it is not an object", _AGAIN)
    for index, resource in enumerate(_list(name, module, "resources", at)):
        if isinstance(resource, dict) and (type_name := _type(resource)):
            address = resource.get("address")
            parts = (*at, "resources", index)
            if not isinstance(address, str):
                raise InputError(name, pointer((*parts, "address")), "it is not a string", _AGAIN)
            change = {"values": resource.get("values"), "values_sensitive": resource.get("sensitive_values")}
            yield _load(name, address, type_name, change, "values", (*parts, "values"))
    for index, child in enumerate(_list(name, module, "child_modules", at)):
        yield from _of_module(name, child, (*at, "child_modules", index))


def _list(name: str, module: Mapping[str, Any], key: str, at: tuple[str | int, ...]) -> list[Any]:
    value = module.get(key, [])
    if not isinstance(value, list):
        raise InputError(name, pointer((*at, key)), "it is not a list", _AGAIN)
    return value
