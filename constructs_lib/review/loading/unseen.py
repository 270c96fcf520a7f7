"""What a plan changes of a policy and does not show: hidden values, and attributes that nobody knows here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.backup.policy import BLOCKS, PROPS
from constructs_lib.resource_type import ResourceType
from constructs_lib.review.loading.attributes import FORMER_NAMES, judged_names
from constructs_lib.review.loading.json_text import is_same
from constructs_lib.review.loading.masking import is_marked, marked_values

# What the service gives, or the user says, and what neither recovery nor access depends on.
_OF_NO_CONCERN = frozenset(
    [
        "acknowledge",
        "attachment_count",
        "create_date",
        "create_time",
        "default_version",
        "description",
        "fallback_version",
        "fallback_version_on_destroy",
        "force",
        "id",
        "is_default_version",
        "policy_description",
        "rule_id",
        "tags",
        "timeouts",
        "update_date",
        "version_id",
    ]
)
# An unknown document has a finding of its own (RV222), and so has an unknown vault (RV303).
_DOCUMENTS = ("document", "policy_document")
_NOTHING: tuple[object, ...] = (None, "", 0, False, [], {})


def unseen(
    resource_type: ResourceType,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    hidden: Any,
    unknown: Any,
) -> Iterator[str]:
    """The reasons why it cannot be said what an update changes; none if all of it is seen.

    * `hidden`, `unknown`: the marks of what is sensitive, and of what Terraform knows only later.
    """
    names = judged_names(resource_type)
    for path, *values in marked_values(hidden, before, after):
        if _is_judged(path, names) and any(value is not None for value in values):
            yield f"{path or 'all of it'} is sensitive"
    for path, was, _ in marked_values(unknown, before, after):
        if _is_judged(path, names) and not path.endswith("vault_id") and was not in _NOTHING:
            yield f"{path or 'all of it'} is known to Terraform only later"
    for name in _not_judged(resource_type, before or {}, after or {}, unknown):
        yield f"{name} is not known here"


def _is_judged(path: str, names: frozenset[str]) -> bool:
    """Whether recovery or access may depend on what stands at a path."""
    top = path.partition(".")[0].partition("[")[0]
    if not path:
        return True
    return top in names and top not in _DOCUMENTS and path.rpartition(".")[2] not in _OF_NO_CONCERN


def _not_judged(
    resource_type: ResourceType, before: Mapping[str, Any], after: Mapping[str, Any], unknown: Any
) -> Iterator[str]:
    """The attributes that differ and that the props have no place for."""
    names = judged_names(resource_type)
    later = unknown if isinstance(unknown, dict) else {}
    for name in dict.fromkeys([*before, *after]):
        if name in _OF_NO_CONCERN or is_same(before.get(name), after.get(name)):
            continue
        if name in BLOCKS and name in names:
            if _rest(before.get(name), name) != _rest(after.get(name), name):
                yield f"what stands in {name} beside the arguments"
        elif name in FORMER_NAMES.values():
            current = next(key for key, former in FORMER_NAMES.items() if former == name)
            if current in before and is_same(before[current], after.get(current)):
                yield name
        # Of our own provider all that can be written is judged; the rest is computed.
        elif name not in names and not (
            resource_type.provider_name == "alipolicy" and is_marked(later.get(name))
        ):
            yield name


def _rest(blocks: Any, name: str) -> list[str]:
    """What stands in nested blocks and is no argument that is known, in one form whatever their order."""
    found = []
    for block in blocks if isinstance(blocks, list) else ():
        for key, value in block.items() if isinstance(block, dict) else ():
            if key in BLOCKS:
                found += [f"{key}.{rest}" for rest in _rest(value, key)]
            elif key not in PROPS[BLOCKS[name]] and key not in _OF_NO_CONCERN and value not in _NOTHING:
                found.append(f"{key}={value!r}")
    return sorted(found)
