"""Where a resource of the old side is on the new one: as it was, moved, or in a module that is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from constructs_lib.review.loading.resource import Key, LoadedResource, OtherResource, Side

_INSTANCE = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')


def find_moves(before: Iterable[Key], after: Set[Key], moved: Mapping[Key, str]) -> Iterator[tuple[Key, str]]:
    """The new address of each old resource that Terraform moves.

    As `moved` blocks say, also of a whole module, or of all instances; and the first one where `count` comes
    or goes.
    """
    there = set(before)
    for stack, address in there - after:
        target = _moved(stack, address, moved)
        if target == address:
            target = address.removesuffix("[0]") if address.endswith("[0]") else f"{address}[0]"
        if (stack, target) in after and (stack, target) not in there:
            yield (stack, address), target


def _moved(stack: str, address: str, moved: Mapping[Key, str]) -> str:
    for _ in range(len(moved) + 1):
        for (other, start), to in moved.items():
            # Where one of the two is an instance, so is the other one: `a` is not all of `a` then.
            parts = (f"{start}.",) if start.endswith("]") or to.endswith("]") else (f"{start}.", f"{start}[")
            if other == stack and (address == start or address.startswith(parts)):
                address = f"{to}{address[len(start) :]}"
                break
        else:
            break
    return address


def is_within(key: Key, named: frozenset[Key]) -> bool:
    """Whether it is one of these addresses, an instance of one, or in a module of that address."""
    stack, address = key
    plain = _INSTANCE.sub("", address)
    return any(other == stack and (plain == start or plain.startswith(f"{start}.")) for other, start in named)


def has_taint(was: LoadedResource | OtherResource, old: Side, is_applied: bool) -> bool:
    """Whether Terraform destroys a resource, and makes it anew, whatever configuration says."""
    return not is_applied and (was.stack, was.address) in old.tainted
