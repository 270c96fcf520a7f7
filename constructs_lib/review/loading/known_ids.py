"""Ids of vaults and backup policies that both sides name differently, though they are the same object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from attrs import evolve

from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.loading.marks import find_marks, mark
from constructs_lib.review.loading.moved_addresses import find_moves
from constructs_lib.review.loading.other_alignment import as_written, other_change
from constructs_lib.review.loading.other_changes import VAULTS, changed_names
from constructs_lib.review.loading.policy_alignment import is_made_anew
from constructs_lib.review.loading.resource import Key, LoadedResource, OtherResource, Side
from constructs_lib.review.report import Action
from constructs_lib.tokens import Deferred

AnyResource = TypeVar("AnyResource", LoadedResource, OtherResource)


def with_moved_vaults(old: Side, new: Side) -> Side:
    """The old side, where a vault that is moved, and stays what it is, has its id of the new one."""
    before = {(other.stack, other.address): other for other in old.others if other.type_name in VAULTS}
    after = {(other.stack, other.address): other for other in new.others if other.type_name in VAULTS}
    referring: list[LoadedResource | OtherResource] = [*new.resources, *new.others]
    behind = {
        (each.stack, source): name
        for each in referring
        if not each.address.startswith("module.")
        for source, name in each.refers_to.items()
    }
    renamed: dict[Key, tuple[str, str]] = {}
    for (stack, address), to in find_moves(before, after.keys(), new.moved):
        source = f"${{{to}.id}}"
        if (stack, source) in behind and _is_same_vault(before[stack, address], after[stack, to]):
            renamed[stack, f"${{{address}.id}}"] = source, behind[stack, source]
    if not renamed:
        return old
    return evolve(
        old,
        resources=tuple(_with_ids_renamed(each, renamed) for each in old.resources),
        others=tuple(_with_ids_renamed(each, renamed) for each in old.others),
    )


def with_ids_of_state(new: Side, old: Side) -> Side:
    """The new side, in which the id of a vault or a backup policy that stays is the one of the state."""
    ids = {
        (now.stack, f"${{{now.address}.id}}"): id
        for was, now in _not_made_anew(new, old)
        if isinstance(id := was.attributes.get("id"), str) and not isinstance(id, Deferred)
        if (was.stack, was.address) not in old.tainted and "replace_triggered_by" not in now.settings
    }
    if not ids:
        return new
    return evolve(
        new,
        resources=tuple(_with_ids(each, ids) for each in new.resources),
        others=tuple(_with_ids(each, ids) for each in new.others),
    )


def _not_made_anew(
    new: Side, old: Side
) -> Iterator[tuple[LoadedResource | OtherResource, LoadedResource | OtherResource]]:
    """The backup policies and vaults whose arguments make nothing anew, on both sides."""
    for policy, same in _on_both_sides(old.resources, new.resources, new.moved):
        is_of_type = policy.type is same.type or policy.type.name in same.type.moves_from
        is_policy = policy.kind is ResourceKind.BACKUP_POLICY
        if is_policy and is_of_type and not is_made_anew(policy, same, ()):
            yield policy, same
    for vault, now in _on_both_sides(old.others, new.others, new.moved):
        if {vault.type_name, now.type_name} <= VAULTS.keys():
            written = as_written(vault, now.attributes)
            if _is_same_vault(written, evolve(now, settings={})):
                yield vault, now


def _on_both_sides(
    olds: Iterable[AnyResource], news: Iterable[AnyResource], moved: Mapping[Key, str]
) -> Iterator[tuple[AnyResource, AnyResource]]:
    before, after = ({(each.stack, each.address): each for each in side} for side in (olds, news))
    targets = dict(find_moves(before, after.keys(), moved))
    for (stack, address), was in before.items():
        now = after.get((stack, targets.get((stack, address), address)))
        if now is not None:
            yield was, now


def _with_ids(resource: AnyResource, ids: Mapping[Key, str]) -> AnyResource:
    """In a module, the same expression names another one."""
    if resource.address.startswith("module."):
        return resource
    known = {source: ids[key] for source in resource.refers_to if (key := (resource.stack, source)) in ids}
    if not known:
        return resource
    rest = {source: name for source, name in resource.refers_to.items() if source not in known}
    return evolve(resource, attributes=mark(resource.attributes, known), refers_to=rest)


def _is_same_vault(old: OtherResource, new: OtherResource) -> bool:
    after = mark({**new.attributes, **new.settings}, find_marks(old, new))
    return not changed_names(other_change(old, new, Action.CHANGED, after))


def _with_ids_renamed(resource: AnyResource, renamed: Mapping[Key, tuple[str, str]]) -> AnyResource:
    """In a module, the same expression names another vault."""
    names = {
        source: renamed[resource.stack, source]
        for source in resource.refers_to
        if (resource.stack, source) in renamed and not resource.address.startswith("module.")
    }
    if not names:
        return resource
    kept = {source: name for source, name in resource.refers_to.items() if source not in names}
    attributes = mark(resource.attributes, {source: to for source, (to, _) in names.items()})
    return evolve(resource, attributes=attributes, refers_to={**kept, **dict(names.values())})
