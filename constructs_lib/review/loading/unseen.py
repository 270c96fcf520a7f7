"""What changes of a policy without being shown: hidden values, and attributes that nobody knows here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.backup.policy import BLOCKS, PROPS
from constructs_lib.resource_type import ResourceType
from constructs_lib.review.loading.attributes import FORMER_NAMES, judged_names
from constructs_lib.review.loading.blocks import listed
from constructs_lib.review.loading.json_text import is_same
from constructs_lib.review.loading.masking import is_marked, marked_values

# What the service gives, or the user says, and what neither recovery nor access depends on.
_OF_NO_CONCERN = frozenset(
    [
        "//",
        "acknowledge",
        "attachment_count",
        "create_date",
        "create_time",
        "default_version",
        "description",
        "dynamic",
        "fallback_version",
        "fallback_version_on_destroy",
        "force",
        "id",
        "is_default_version",
        "lifecycle",
        "policy_description",
        "rule_id",
        "skip_destroy",
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
    for current, former in FORMER_NAMES.items():
        is_current_same = current in before and is_same(before[current], after.get(current))
        is_same_too = former in _OF_NO_CONCERN or is_same(before.get(former), after.get(former))
        if is_current_same and not is_same_too:
            yield former
    later = unknown if isinstance(unknown, dict) else {}
    was, now = (beside_props(resource_type, side, is_applied=True) for side in (before, after))
    for name in dict.fromkeys([*was, *now]):
        # Of our own provider all that can be written is judged; the rest is computed.
        is_computed = resource_type.provider_name == "alipolicy" and is_marked(later.get(name))
        if not is_same(was.get(name), now.get(name)) and not is_computed:
            yield name


def beside_props(
    resource_type: ResourceType, attributes: Mapping[str, Any], *, is_applied: bool
) -> dict[str, Any]:
    """The attributes of a resource that its props have no place for.

    Of nested blocks those that have such arguments, whatever their order: what these mean may depend on the
    others.
    """
    names = judged_names(resource_type)
    found = {
        name: value for name, value in attributes.items() if name not in names and name not in _OF_NO_CONCERN
    }
    nothing = _NOTHING if is_applied else (None,)
    for name in names & BLOCKS.keys():
        blocks = [block for block in listed(attributes.get(name)) if _has_more(block, name, nothing)]
        if blocks:
            found[f"what stands in {name} beside the arguments"] = sorted(blocks, key=repr)
    return found


def _has_more(block: Mapping[str, Any], name: str, nothing: tuple[object, ...]) -> bool:
    """Whether a nested block has something beside the arguments that are known."""
    return any(
        any(_has_more(inside, key, nothing) for inside in listed(value))
        if key in BLOCKS
        else key not in PROPS[BLOCKS[name]] and key not in _OF_NO_CONCERN and value not in nothing
        for key, value in block.items()
    )
