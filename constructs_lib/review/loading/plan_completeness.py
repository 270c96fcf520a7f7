"""Why a plan is not all that will change: what it says itself, and what it does not list.

Source: Terraform, `internal/command/jsonplan`, and OpenTofu's, which writes fewer fields: what is absent says
nothing. A plan with `-target`, `-exclude` or `-refresh-only` is known by the resources that it passes over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.review.loading.json_text import LISTED, UNREAD
from constructs_lib.review.loading.other_changes import is_of_concern
from constructs_lib.review.loading.plan_references import without_instances

# What will happen, or may, beside the changes of resources; and where in an entry the object itself stands.
_BESIDE = {
    "deferred_changes": ("puts off changes, and does not say how they end", "resource_change"),
    "deferred_action_invocations": ("puts off actions of providers", "action_invocation"),
    "action_invocations": ("runs actions of providers, which are not looked at", None),
}
FIELDS = frozenset(
    [
        *("format_version", "terraform_version", "timestamp", "resource_changes", "resource_drift"),
        *("applyable", "complete", "errored", *_BESIDE, *LISTED, *UNREAD),
    ]
)
"""All fields of a plan that are known here, of Terraform through 1.17 and OpenTofu through 1.12."""


def incomplete(content: Mapping[str, Any], *, has_changes: bool) -> Iterator[str]:
    """Each reason why the plan is not all that will change."""
    if content.get("complete", True) is not True:
        yield "it says itself that it is not complete, as with -target: after it, there is more to plan"
    if has_changes and content.get("applyable", True) is not True:
        yield "it has changes, and says that it cannot be applied"
    for key, (what, inside) in _BESIDE.items():
        if entries := content.get(key):
            yield f"it {what}: {_named(_addresses(entries, inside))}"
    if passed_over := sorted(_passed_over(content)):
        why = "as with -target, -exclude or -refresh-only"
        yield f"it passes over resources, {why}: {_named(passed_over)}"
    for key in content.keys() - FIELDS:
        if isinstance(content[key], (dict, list)) and content[key]:
            yield f"it has {key}, which is not known here, and may be changes"


def _addresses(entries: Any, inside: str | None) -> list[str]:
    found = []
    for entry in entries if isinstance(entries, list) else ():
        item = entry.get(inside) if inside and isinstance(entry, dict) else entry
        if isinstance(item, dict):
            found.append(str(item.get("address")))
    return found


def _named(addresses: list[str]) -> str:
    """A few of them."""
    more = f" and {len(addresses) - 5:,} more" if len(addresses) > 5 else ""
    return f"{', '.join(addresses[:5])}{more}" if addresses else "something that cannot be read"


# ------------------------------------------------------------ what is not listed


def _passed_over(content: Mapping[str, Any]) -> set[str]:
    """Resources of concern that are there, or shall be, and are not among the changes.

    Each resource of the state has an entry in a whole plan, `no-op` if nothing else; so has each resource of
    the configuration, unless it may have no instance, or everything is destroyed.
    """
    changes = [entry for entry in content.get("resource_changes", ()) if isinstance(entry, dict)]
    listed = {
        (str(entry.get(name)), str(entry.get("deposed")))
        for entry in changes
        for name in ("address", "previous_address")
    }
    actions = [entry.get("change", {}).get("actions") for entry in changes]
    there = [
        resource
        for values in (content.get("planned_values"), _inside(content, "prior_state", "values"))
        for resource in resources(_inside(values, "root_module"))
    ]
    found = {
        str(resource.get("address"))
        for resource in there
        if _is_of_concern(resource)
        and (str(resource.get("address")), str(resource.get("deposed_key"))) not in listed
    }
    if "complete" not in content and any(action != ["delete"] for action in actions):
        # OpenTofu leaves out a for_each that refers to nothing and is no constant, as in toset(["a"]). It is
        # there where an instance stays.
        stays = {
            without_instances(str(entry.get("address")))
            for entry, action in zip(changes, actions, strict=True)
            if entry.get("deposed") is None and action not in (["delete"], ["forget"])
        }
        configured = set(_configured(_inside(content, "configuration", "root_module"), "")) - stays
        found |= {address for address in configured if (address, "None") not in listed}
    return found


def _configured(module: Any, at: str) -> Iterator[str]:
    """The addresses of what a module has one instance of, and the modules that it calls once."""
    for resource in resources(module):
        if _is_of_concern(resource) and not _is_repeated(resource):
            yield f"{at}{resource.get('address')}"
    calls = _inside(module, "module_calls")
    for name, call in calls.items() if isinstance(calls, dict) else ():
        if not _is_repeated(call):
            yield from _configured(_inside(call, "module"), f"{at}module.{name}.")


def _is_repeated(block: Any) -> bool:
    """Whether there may be several instances, or none."""
    return not isinstance(block, dict) or "count_expression" in block or "for_each_expression" in block


def _is_of_concern(resource: Mapping[str, Any]) -> bool:
    name = resource.get("type")
    return isinstance(name, str) and is_of_concern(name) and resource.get("mode") != "data"


def _inside(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def resources(module: Any) -> Iterator[Mapping[str, Any]]:
    """What a module of a plan or a state lists, and the modules in it."""
    found, children = (_inside(module, key) for key in ("resources", "child_modules"))
    for resource in found if isinstance(found, list) else ():
        if isinstance(resource, dict):
            yield resource
    for child in children if isinstance(children, list) else ():
        yield from resources(child)
