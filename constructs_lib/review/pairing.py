"""Which resource of the old side has become which of the new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from attrs import evolve

from constructs_lib.review.loading.files import Input
from constructs_lib.review.loading.resource import LoadedResource, Side


class Pair(NamedTuple):
    """A resource on both sides; one of the two may be None."""

    old: LoadedResource | None
    new: LoadedResource | None

    @property
    def shown(self) -> LoadedResource:
        """The side that is shown: the new one, if it is there."""
        one = self.new or self.old
        assert one is not None
        return one


def pairs(given: Input) -> list[Pair]:
    """All resources of both sides, by stack and address.

    Paired are those of the same address, then those that a `moved` block names, then those of the same
    construct, whose resource type has changed.
    """
    if given.old is None:
        found = [Pair(None, one) for one in given.new.resources]
    else:
        found = list(_paired(_renamed(given.old, given.new), given.new))
    return sorted(found, key=lambda pair: (pair.shown.stack, pair.shown.address))


def _renamed(old: Side, new: Side) -> Side:
    """The old side; of two single files the stacks are the same, whatever the files are called."""
    if not (old.is_single and new.is_single and old.stacks != new.stacks):
        return old
    stack = new.stacks[0]
    return evolve(
        old,
        stacks=new.stacks,
        resources=tuple(evolve(one, stack=stack) for one in old.resources),
        versions=tuple(one._replace(stack=stack) for one in old.versions),
    )


def _paired(old: Side, new: Side) -> Iterator[Pair]:
    before = {(one.stack, one.address): one for one in old.resources}
    origins = {(stack, to): address for (stack, address), to in new.moved.items()}
    left: list[LoadedResource] = []
    for one in new.resources:
        was = before.pop((one.stack, one.address), None)
        origin = origins.get((one.stack, one.address))
        if was is None and origin is not None:
            was = before.pop((one.stack, origin), None)
        if was is None:
            left.append(one)
        else:
            yield Pair(was, one)
    by_construct = {_construct(one): key for key, one in before.items() if one.construct_path}
    for one in left:
        key = by_construct.pop(_construct(one), None) if one.construct_path else None
        yield Pair(before.pop(key) if key else None, one)
    for one in before.values():
        yield Pair(one, None)


def _construct(one: LoadedResource) -> tuple[str, str | None, str]:
    return (one.stack, one.construct_path, one.kind)
