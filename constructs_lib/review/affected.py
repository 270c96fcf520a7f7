"""Who gains access by a change, and which sources lose protection: each is counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen


@frozen
class Affected:
    """A principal or a source.

    * `label`: in words, such as `the role "app"`. `place`: the account, and of a source the region, where it
      is; what is called alike in another place is another one.
    """

    label: str
    place: str = ""


def each_once(affected: Iterable[tuple[str, Affected]]) -> list[str]:
    """The labels, sorted. What has the same label in several places is told apart by the resource that
    affects it, which comes first in each pair."""
    found: dict[Affected, str] = {}
    for resource, each in affected:
        found.setdefault(each, resource)
    alike = Counter(each.label for each in found)
    return sorted(
        each.label if alike[each.label] == 1 else f"{each.label} (by {resource})"
        for each, resource in found.items()
    )
