"""Which resource of the old side has become which of the new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from attrs import evolve

from constructs_lib.review.loading.resource import Input, LoadedResource, Side


class Pair(NamedTuple):
    """A resource on both sides; one of the two may be None."""

    old: LoadedResource | None
    new: LoadedResource | None

    @property
    def shown(self) -> LoadedResource:
        """The side that is shown: the new one, if it is there."""
        shown = self.new or self.old
        assert shown is not None
        return shown


def pairs(given: Input) -> list[Pair]:
    """All resources of both sides, by stack and address.

    Paired are those of the same address, then those that a `moved` block names, then those of the same
    construct, whose resource type has changed.
    """
    if given.old is None:
        paired = [Pair(None, resource) for resource in given.new.resources]
    else:
        paired = list(_pair(_in_same_stack(given.old, given.new), given.new))
    return sorted(paired, key=lambda pair: (pair.shown.stack, pair.shown.address))


def _in_same_stack(old: Side, new: Side) -> Side:
    """The old side; of two single files the stacks are the same, whatever the files are called."""
    if not (old.is_single and new.is_single and old.stacks != new.stacks):
        return old
    stack = new.stacks[0]
    return evolve(
        old,
        stacks=new.stacks,
        resources=tuple(evolve(resource, stack=stack) for resource in old.resources),
        versions=tuple(version._replace(stack=stack) for version in old.versions),
    )


def _pair(old: Side, new: Side) -> Iterator[Pair]:
    left = {(resource.stack, resource.address): resource for resource in old.resources}
    origins = {(stack, to): address for (stack, address), to in new.moved.items()}
    unpaired: list[LoadedResource] = []
    for resource in new.resources:
        before = left.pop((resource.stack, resource.address), None)
        origin = origins.get((resource.stack, resource.address))
        if before is None and origin is not None:
            before = left.pop((resource.stack, origin), None)
        if before is None:
            unpaired.append(resource)
        else:
            yield Pair(before, resource)
    by_construct = {_construct(resource): key for key, resource in left.items() if resource.construct_path}
    for resource in unpaired:
        key = by_construct.pop(_construct(resource), None) if resource.construct_path else None
        yield Pair(left.pop(key) if key else None, resource)
    for resource in left.values():
        yield Pair(resource, None)


def _construct(resource: LoadedResource) -> tuple[str, str | None, str]:
    return (resource.stack, resource.construct_path, resource.kind)
