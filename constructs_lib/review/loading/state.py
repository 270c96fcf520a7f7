"""A state, as `terraform show -json` prints it, and what a plan has in the same form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.resource_types import ALIPOLICY
from constructs_lib.review.loading import masking
from constructs_lib.review.loading.attributes import RESOURCE_TYPES, props_of
from constructs_lib.review.loading.json_text import InputError, JsonText, pointer
from constructs_lib.review.loading.other_changes import is_of_concern
from constructs_lib.review.loading.oversized import without_oversized
from constructs_lib.review.loading.plan_completeness import resources
from constructs_lib.review.loading.resource import KnownVersion, LoadedResource, OtherResource, Side
from constructs_lib.tokens import Sensitive, literal

# The data source that reads the versions of a policy, and what each of them would be as a resource.
VERSIONS = "alipolicy_policy_versions"
_VERSION = RESOURCE_TYPES[ALIPOLICY.name]
AGAIN = "Create it anew: `terraform show -json PLAN`."

# Neither a plan nor a state names its stack, and the file's name does not stand for it: wherever a run of CI
# writes its plan, the same change has the same delta.
STACK = "root module"


def check_format(name: str, content: Mapping[str, Any]) -> None:
    """Raises `InputError` for another major version of Terraform's JSON than 1."""
    version = content.get("format_version")
    if not (isinstance(version, str) and version.partition(".")[0] == "1"):
        problem = f"its format version is {version!r}, and only 1.x is known here"
        raise InputError(name, "/format_version", problem, "Use a release of alipolicy that knows it.")


def read_state(name: str, text: JsonText, content: Mapping[str, Any]) -> Side:
    """The resources of a state. Raises `InputError`."""
    check_format(name, content)
    values = content.get("values")
    module = values.get("root_module") if isinstance(values, dict) else None
    found = list(_of_module(name, module, ("values", "root_module"))) if module is not None else []
    seen: set[str] = set()
    for each in found:
        if each.address in seen:
            raise InputError(name, pointer(each.parts), "another resource has the same address", AGAIN)
        seen.add(each.address)
    return Side(
        name=name,
        stacks=(STACK,),
        resources=tuple(each for each in found if isinstance(each, LoadedResource)),
        others=tuple(each for each in found if isinstance(each, OtherResource)),
        texts={name: text},
        versions=tuple(known_versions({"prior_state": content})),
        tainted=frozenset(
            (STACK, str(each.get("address"))) for each in resources(module) if each.get("tainted") is True
        ),
    )


def _of_module(
    name: str, module: object, at: tuple[str | int, ...]
) -> Iterator[LoadedResource | OtherResource]:
    if not isinstance(module, dict):
        raise InputError(name, pointer(at), "it is not an object", AGAIN)
    for index, resource in enumerate(list_in(name, module, "resources", at)):
        parts = (*at, "resources", index)
        if isinstance(resource, dict) and (type_name := _type(resource)):
            address, values = resource.get("address"), resource.get("values")
            if not isinstance(address, str):
                raise InputError(name, pointer((*parts, "address")), "it is not a string", AGAIN)
            if resource.get("deposed_key") is not None:
                address = f"{address} (deposed {resource['deposed_key']})"
            if not isinstance(values, dict):
                raise InputError(name, pointer((*parts, "values")), "it is not an object", AGAIN)
            marks = resource.get("sensitive_values")
            attributes = masked_attributes(values, marks, address, lambda path: Sensitive(f"${{{path}}}"))
            yield _resource(name, (*parts, "values"), type_name, address, values, attributes)
    for index, child in enumerate(list_in(name, module, "child_modules", at)):
        yield from _of_module(name, child, (*at, "child_modules", index))


def _resource(
    file: str,
    parts: tuple[str | int, ...],
    type_name: str,
    address: str,
    values: Mapping[str, Any],
    attributes: Mapping[str, Any],
) -> LoadedResource | OtherResource:
    if resource_type := RESOURCE_TYPES.get(type_name):
        return LoadedResource(
            stack=STACK,
            address=address,
            type=resource_type,
            file=file,
            parts=parts,
            body=values,
            attributes=attributes,
            is_applied=True,
        )
    return OtherResource(
        stack=STACK,
        address=address,
        type_name=type_name,
        attributes=without_oversized(literal(attributes)),
        settings={},
        refers_to={},
        file=file,
        parts=parts,
        body=values,
    )


def _type(resource: Mapping[str, Any]) -> str | None:
    """The type of a managed resource that is looked at, else None."""
    name = resource.get("type")
    if not isinstance(name, str) or resource.get("mode") == "data":
        return None
    return name if is_of_concern(name) else None


def list_in(name: str, module: Mapping[str, Any], key: str, at: tuple[str | int, ...]) -> list[Any]:
    """A list inside of an object; empty where there is none. Raises `InputError`."""
    value = module.get(key, [])
    if not isinstance(value, list):
        raise InputError(name, pointer((*at, key)), "it is not a list", AGAIN)
    return value


def masked_attributes(
    value: Mapping[str, Any], marks: Any, path: str, hide: masking.Hide
) -> Mapping[str, Any]:
    """As `masking.masked`; always with a key for each attribute."""
    if masking.is_marked(marks) and not isinstance(marks, dict):
        names = dict.fromkeys([*value, *_ALL_NAMES])
        return {key: hide(f"{path}.{key}") for key in names}
    hidden = masking.masked(value, marks, path, hide)
    assert isinstance(hidden, Mapping)
    return hidden


_ALL_NAMES = (
    "policy_name",
    "policy_type",
    "policy_description",
    "rules",
    "policy_document",
    "set_as_default",
)


# ------------------------------------------------------------ what a data source has read


def known_versions(content: Mapping[str, Any]) -> Iterator[KnownVersion]:
    """The versions of policies that a data source has read, as far as they are known."""
    prior = content.get("prior_state")
    values = prior.get("values") if isinstance(prior, dict) else None
    module = values.get("root_module") if isinstance(values, dict) else None
    for source in resources(module):
        values = source.get("values")
        if (source.get("mode"), source.get("type")) != ("data", VERSIONS) or not isinstance(values, dict):
            continue
        if values.get("policy_type") == "System":  # it may have the same name
            continue
        values = masked_attributes(
            values, source.get("sensitive_values"), VERSIONS, lambda path: Sensitive(f"${{{path}}}")
        )
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
                    yield KnownVersion(STACK, version["version_id"], props)
