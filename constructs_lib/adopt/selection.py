"""`--select`: which of all that was found is adopted."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from attrs import evolve, frozen

from constructs_lib.adopt.estate import AdoptError, Estate, EstateKind, EstateObject

_FORMS = "Write name=prod-*, tag=team=web, tag=team, or type=vault."


@frozen
class Selector:
    """What fits; of each that is empty, everything does."""

    names: tuple[str, ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    kinds: frozenset[EstateKind] = frozenset(EstateKind)

    @classmethod
    def parse(cls, given: Sequence[str]) -> Selector:
        """AdoptError: one of them is malformed."""
        names, tags, kinds = [], [], set()
        for each in given:
            what, equals, value = each.partition("=")
            if not equals or not value or what not in ("name", "tag", "type"):
                raise AdoptError(f"--select {each!r} is not understood. {_FORMS}")
            if what == "name":
                names.append(value)
            elif what == "tag":
                key, has_value, wanted = value.partition("=")
                tags.append((key, wanted if has_value else None))
            elif value in tuple(EstateKind):
                kinds.add(EstateKind(value))
            else:
                raise AdoptError(f"--select {each!r}: the types are {', '.join(EstateKind)}.")
        return cls(tuple(names), tuple(tags), frozenset(kinds or EstateKind))

    def choose(self, estate: Estate) -> Estate:
        """The estate without what does not fit. A binding, a version and an attachment have the name and the
        tags of their policy."""
        owners = {each.key: each for each in estate.objects}
        owners |= {(each.kind, each.name): each for each in estate.objects if each.kind is EstateKind.POLICY}
        chosen = [
            each for each in estate.objects if each.kind in self.kinds and self._fits(_owner(each, owners))
        ]
        return evolve(estate, objects=tuple(chosen))

    def _fits(self, owner: EstateObject) -> bool:
        given = owner.state.get("tags") or {}
        has_name = not self.names or any(fnmatchcase(owner.name, each) for each in self.names)
        has_tag = not self.tags or any(
            key in given and value in (None, given[key]) for key, value in self.tags
        )
        return has_name and has_tag


def _owner(found: EstateObject, owners: dict[tuple[EstateKind, str], EstateObject]) -> EstateObject:
    if found.kind is EstateKind.BINDING:
        return owners.get((EstateKind.BACKUP_POLICY, str(found.state.get("policy_id"))), found)
    if found.kind in (EstateKind.VERSION, EstateKind.ATTACHMENT):
        alone = EstateObject(
            kind=EstateKind.POLICY, id="", state={"policy_name": found.state.get("policy_name")}
        )
        return owners.get((EstateKind.POLICY, str(found.state.get("policy_name"))), alone)
    return found
