"""Both sides of a configuration, laid side by side: one stack, one address, and what an expression hides.

What stays an expression is the same on both sides only where all that it refers to is. Where it is not, the
new side's expression is marked, so that whoever compares the two sees two unknown values, never the same one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from attrs import evolve

from constructs_lib.review.loading.known_ids import with_ids_of_state, with_moved_vaults
from constructs_lib.review.loading.marks import tell_apart
from constructs_lib.review.loading.moved_addresses import find_moves, has_taint, is_within
from constructs_lib.review.loading.other_alignment import count_unrelated, is_configuration, other_changes
from constructs_lib.review.loading.other_changes import is_of_no_concern
from constructs_lib.review.loading.policy_alignment import (
    as_terraform_takes_it,
    beside_a_state,
    find_change,
    find_unseen,
)
from constructs_lib.review.loading.resource import (
    AT_DESTROY,
    ConfigurationChange,
    Input,
    Key,
    ModuleChange,
    Side,
    SurroundingChange,
    SurroundingKind,
    UnreadModule,
)


def align(new: Side, old: Side) -> Input:
    """Both sides, as Terraform would go from the old one to the new one."""
    old = with_moved_vaults(_in_same_stack(old, new), new)
    new = with_ids_of_state(new, old)
    before = {(resource.stack, resource.address): resource for resource in old.resources}
    moved = dict(find_moves(before, {(each.stack, each.address) for each in new.resources}, new.moved))
    origins = {(stack, to): (stack, address) for (stack, address), to in moved.items()}
    changes: dict[Key, ConfigurationChange] = {}
    unseen: dict[Key, tuple[str, ...]] = {}
    replaced = set()
    resources = []
    for resource in new.resources:
        key = (resource.stack, resource.address)
        was = before.get(key) or before.get(origins.get(key, key))
        if was is not None:
            ignored = resource.settings.get("ignore_changes", ())
            resource = beside_a_state(resource) if was.is_applied else resource
            if was.is_applied:
                told_apart = tell_apart(was.body, resource.body, resource.attributes)
                resource = evolve(resource, attributes=told_apart)
            if reasons := tuple(find_unseen(was, resource, new.resources, ignored)):
                unseen[key] = reasons
            change = find_change(was, resource, ignored)
            resource = as_terraform_takes_it(was, resource, change)
            if change.is_told:
                changes[key] = change
            if change.place or has_taint(was, old, resource.is_applied):
                replaced.add(key)
        elif is_within(key, new.imported):
            changes[key] = ConfigurationChange(is_imported=True)
        resources.append(resource)
    others = list(other_changes(new, old))
    after = {(resource.stack, resource.address) for resource in resources}
    gone = [key for key in before if key not in after and key not in moved]
    return Input(
        new=evolve(new, resources=tuple(resources), moved=moved),
        old=old,
        replaced=frozenset(replaced),
        forgotten=frozenset(key for key in gone if is_within(key, new.forgotten)),
        configuration=changes,
        unseen=unseen,
        modules=tuple(_modules(new.modules, old.modules)),
        surroundings=tuple(_surroundings(new, old)),
        others=tuple(each for each in others if not is_of_no_concern(each)),
        unrelated=count_unrelated(new, old)
        + Counter(each.type_name for each in others if is_of_no_concern(each)),
    )


def with_no_old_side(new: Side) -> Input:
    """One side alone: all of it is added."""
    nothing = Side(name="")
    others = other_changes(new, nothing)
    return Input(
        new=new,
        old=None,
        others=tuple(each for each in others if not is_of_no_concern(each)),
        surroundings=tuple(_surroundings(new, nothing)),
    )


def _in_same_stack(old: Side, new: Side) -> Side:
    """The old side; two single configurations are one stack, whatever their files and folders are called."""
    if not (old.is_single and new.is_single and old.stacks != new.stacks):
        return old
    stack = new.stacks[0]
    return evolve(
        old,
        stacks=new.stacks,
        resources=tuple(evolve(resource, stack=stack) for resource in old.resources),
        versions=tuple(version._replace(stack=stack) for version in old.versions),
        tainted=frozenset((stack, address) for _, address in old.tainted),
        others=tuple(evolve(other, stack=stack) for other in old.others),
        modules=tuple(evolve(module, stack=stack) for module in old.modules),
        surroundings=tuple(evolve(each, stack=stack) for each in old.surroundings),
        unrelated={(stack, address): value for (_, address), value in old.unrelated.items()},
    )


def _modules(new: Iterable[UnreadModule], old: Iterable[UnreadModule]) -> Iterator[ModuleChange]:
    before = {(module.stack, module.address): module for module in old}
    for module in new:
        was = before.pop((module.stack, module.address), None)
        if was is None:
            yield ModuleChange(module, "is new", (None, module.name))
        elif was.name != module.name:
            yield ModuleChange(module, "may have changed", (was.name, module.name))
        elif not module.is_fixed:
            yield ModuleChange(module, "is called as before", (was.name, module.name))
    for module in before.values():
        yield ModuleChange(module, "is gone", (module.name, None))


def _surroundings(new: Side, old: Side) -> Iterator[SurroundingChange]:
    """What is another one than before; of what runs also what is new.

    A provider and a state matter where there was something before. A state only says which provider it was.
    """
    is_state = old.resources and not is_configuration(old)
    there = {each.stack for each in old.resources} | {each.stack for each in old.others}
    there |= {module.stack for module in old.modules}
    before = {(each.kind, each.stack, each.address): each for each in old.surroundings}
    for each in new.surroundings:
        was = before.pop((each.kind, each.stack, each.address), None)
        is_left_out = each.name == f"hashicorp/{each.address}"  # as by a single file, beside a state
        if is_state and (was is None or is_left_out):
            continue
        is_command = each.kind is SurroundingKind.COMMAND
        if is_command and was is None:
            yield SurroundingChange(None, each)
        elif was is not None and was.name != each.name and (is_command or each.stack in there):
            yield SurroundingChange(was, each)
    for was in before.values():
        if was.shown == AT_DESTROY:
            yield SurroundingChange(was, None)
