"""What the resource of a version remembers in its private state: what it made, and who was in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from constructs_lib.provider.api_models import RemotePolicyVersion
from constructs_lib.provider.protocol.context import Context
from constructs_lib.provider.protocol.diagnostics import Failure


class Memory:
    """What the private state knows: which versions the resource made, and which were in force before them.

    Each with its date, since a number might be used again: `{"made": {id: date}, "defaults": [[id, date]]}`.

    Terraform forgets the private state of a tainted resource before it plans what comes instead, and asks to
    destroy it with what that plan left. So such a plan takes along, as `beside`, what all resources of the
    policy know that the run has read.
    """

    def __init__(self, ctx: Context) -> None:
        self._private = ctx.private

    @property
    def knows_defaults(self) -> bool:
        return "defaults" in self._private

    def note_made(self, version: RemotePolicyVersion) -> None:
        self._private.setdefault("made", {})[version.version_id] = version.create_date

    def note(self, of: str) -> dict[str, Any]:
        """All of it, for the journal: a run that is killed does not store it. `of`: the resource."""
        return {"of": of, "made": dict(self._made), "defaults": [*self._defaults]}

    def take_along(self, notes: Sequence[Mapping[str, Any]]) -> None:
        """In a plan: what the resources of the policy know, one of which may have to make way."""
        if notes:
            self._private["beside"] = [*notes]

    def recognise(self, of: str) -> None:
        """Afterwards: learn what this resource knew, where `take_along` has brought it."""
        for note in self._private.pop("beside", []):
            if note.get("of") == of:
                self.learn(note)

    def inherit(self, name: str, notes: Mapping[str, Mapping[str, Any]]) -> None:
        """Add who was in force before those that were before this one, and so on, as this run knows."""
        before: list[list[str]] = []
        while self._defaults != before:
            before = self._defaults
            told = {(one, date): notes.get(f"{name}:{one} of {date}", {}) for one, date in before}
            earlier = {one: note.get("defaults", []) for one, note in told.items()}
            self._private["defaults"] = _with_earlier(before, earlier)

    def bequests(
        self, notes: Iterable[Mapping[str, Any]], gone: Iterable[RemotePolicyVersion]
    ) -> list[dict[str, Any]]:
        """What other resources have to know, now that these versions are gone which were in force before."""
        earlier = {(one.version_id, one.create_date): self._defaults for one in gone}
        return [
            {"of": note["of"], "made": {}, "defaults": _with_earlier(note["defaults"], earlier)}
            for note in notes
            if any((one[0], one[1]) in earlier for one in note["defaults"])
        ]

    def knows(self, note: Mapping[str, Any]) -> bool:
        """Whether a note of the journal holds nothing new."""
        made, defaults = note.get("made", {}), note.get("defaults", [])
        return made.items() <= self._made.items() and all(one in self._defaults for one in defaults)

    def learn(self, note: Mapping[str, Any]) -> None:
        """What a run that was killed had noted."""
        defaults = note.get("defaults", [])
        self._private["made"] = self._made | note.get("made", {})
        self._private["defaults"] = [*(one for one in self._defaults if one not in defaults), *defaults]

    @property
    def _made(self) -> dict[str, str]:
        made: dict[str, str] = self._private.get("made", {})
        return made

    @property
    def _defaults(self) -> list[list[str]]:
        defaults: list[list[str]] = self._private.get("defaults", [])
        return defaults

    def note_default(self, version: RemotePolicyVersion | None) -> None:
        """This version is in force, and another one is about to be."""
        defaults = self._private.setdefault("defaults", [])
        if version is not None:
            entry = [version.version_id, version.create_date]
            # No list that grows with every promotion: each version stands in it once.
            defaults[:] = [one for one in defaults if one != entry] + [entry]

    def adopt(self, note: Mapping[str, Any], version: RemotePolicyVersion) -> None:
        """What the run had noted that made this version, which is adopted now."""
        itself = [version.version_id, version.create_date]
        self._private["defaults"] = [one for one in self._defaults if one != itself]
        if version.is_default_version:
            # Who had the default before, only that run could see.
            self.learn(note)
        else:
            own = {"made": self._made, "defaults": self._defaults}
            self.learn(note)
            self.learn(own)

    def made_among(self, versions: Iterable[RemotePolicyVersion], current: str) -> list[RemotePolicyVersion]:
        """Those of the versions that the resource made; the current one last, so that a deletion that fails
        halfway can be repeated."""
        mine = [
            one
            for one in versions
            if one.version_id == current or self._made.get(one.version_id) == one.create_date
        ]
        return sorted(mine, key=lambda one: one.version_id == current)

    def last_default(self, versions: Sequence[RemotePolicyVersion], not_these: Sequence[str]) -> str | None:
        """The version that was in force last, of those that are there and not ruled out."""
        there = [[one.version_id, one.create_date] for one in versions if one.version_id not in not_these]
        return next((one[0] for one in reversed(self._defaults) if one in there), None)


def _with_earlier(
    defaults: list[list[str]], earlier: Mapping[tuple[str, str], list[list[str]]]
) -> list[list[str]]:
    """Each after those that were in force before it; what stands in the list already keeps its place."""
    result: list[list[str]] = []
    for one in defaults:
        before = earlier.get((one[0], one[1]), [])
        result += [*(each for each in before if each not in defaults and each not in result), one]
    return result


def heir_of(
    ctx: Context, name: str, versions: Sequence[RemotePolicyVersion], leaving: Sequence[str], path: str = ""
) -> str:
    """The version to be in force instead of those that leave. Failure: there is none that once was."""
    heir = Memory(ctx).last_default(versions, leaving)
    if heir is not None:
        return heir
    others = ", ".join(one.version_id for one in versions if one.version_id not in leaving)
    step = (
        f"Put one of {others} in force in the console, or with `aliyun ram SetDefaultPolicyVersion`"
        if others
        else "Create another version and put it in force, or delete the policy itself"
    )
    raise Failure(
        f"No version of policy {name} can take over",
        f"{', '.join(leaving)} is in force, and no version that was in force before it is left; nothing was "
        f"changed. {step}; or take this resource out of the state with `terraform state rm`.",
        path,
    )


def default_of(
    versions: Iterable[RemotePolicyVersion], other_than: str | None = None
) -> RemotePolicyVersion | None:
    return next((one for one in versions if one.is_default_version and one.version_id != other_than), None)


def rotated(
    versions: Iterable[RemotePolicyVersion], new: Iterable[bool], most: int
) -> RemotePolicyVersion | None:
    """The version that goes for the last of these `new` ones, which come one after the other; each is put in
    force or not. None: one of them goes itself. `most`: how many versions a policy holds."""
    there: list[tuple[RemotePolicyVersion | None, bool]] = [(one, one.is_default_version) for one in versions]
    goes: tuple[RemotePolicyVersion | None, bool] = (None, False)
    for in_force in new:
        if len(there) >= most:
            goes = next(one for one in there if not one[1])
            there.remove(goes)
        there = [(one, is_default and not in_force) for one, is_default in there] + [(None, in_force)]
    return goes[0]
