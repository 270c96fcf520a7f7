"""Which version of a policy was the default before: who gets the default back when a version leaves."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from constructs_lib.provider.api_models import RemotePolicyVersion, version_name
from constructs_lib.provider.cloud import CREATE_VERSION, SET_DEFAULT, Cloud
from constructs_lib.provider.pending_creates import PendingOperation, StoredObject
from constructs_lib.provider.protocol.context import Context
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.unclaimed_creates import find_created_versions

# The resources that keep such a history.
VERSION_TYPE, POLICY_TYPE = "alipolicy_policy_version", "alipolicy_policy"
# What is said of a version that no resource of the run has made.
OUTSIDE = "made outside"
# … and of one that the resource itself has made.
OWN = "made by this resource"


class DefaultHistory:
    """What a resource's private state knows: the versions it created, and the defaults before them.

    Each with its date, since a number might be used again: `{"made": {id: date}, "defaults": [[id, date]]}`,
    the defaults in the order in which they were it.

    * `own`: the resource's version as the journal names it; empty where it has none yet.
    * `is_policy`: whether the resource is the policy itself.

    Terraform forgets the private state of a tainted resource before it plans its replacement, and asks to
    destroy it with what that plan left. So such a plan carries, as `beside`, what all resources of the policy
    know that the run has read.
    """

    def __init__(
        self, ctx: Context, cloud: Cloud, policy_name: str, own: str = "", *, is_policy: bool = False
    ) -> None:
        self._is_policy = is_policy
        self._private, self._cloud, self._policy, self._own = ctx.private, cloud, policy_name, own
        self._journal = cloud.creates.journal

    @property
    def knows_defaults(self) -> bool:
        """Whether anything was recorded about defaults: not so after an import."""
        return "defaults" in self._private

    @property
    def _created(self) -> dict[str, str]:
        return dict(self._private.get("made", {}))

    @property
    def _defaults(self) -> list[list[str]]:
        return list(self._private.get("defaults", []))

    @property
    def _shared(self) -> dict[str, Mapping[str, Any]]:
        """What the resources of the policy know that this run has read, by version."""
        return self._cloud.creates.histories.setdefault(self._policy, {})

    # -- what happens

    def add_created(self, version: RemotePolicyVersion) -> None:
        """The resource created this version."""
        self._private.setdefault("made", {})[version.version_id] = version.create_date

    def add_default(self, version: RemotePolicyVersion | None) -> None:
        """This version is the default one, and another is about to be."""
        # Each version stands in it once, so that promotions do not make the list grow.
        entries = [] if version is None else [[version.version_id, version.create_date]]
        self._private["defaults"] = [old for old in self._defaults if old not in entries] + entries

    def adopt(self, note: Mapping[str, Any], version: RemotePolicyVersion) -> None:
        """This version is taken over from a run that was killed; `note`: what that run recorded."""
        itself = [version.version_id, version.create_date]
        self._private["defaults"] = [earlier for earlier in self._defaults if earlier != itself]
        own = self.as_note()
        self._learn(note)
        if not version.is_default_version:
            # Had it become the default, only that run could have seen which one was it before.
            self._learn(own)

    def set_default(self, version_id: str) -> None:
        """Make this version the default one, after the journal knows which one was it before."""
        pending = self._begin(self.as_note())
        try:
            self._cloud.set_default_policy_version(self._policy, version_id)
        finally:
            self._journal.release(pending)

    # -- what is asked

    def has_created_others(self, own_id: str) -> bool:
        """Whether the resource created versions besides this one; they may be gone."""
        return bool(self._created.keys() - {own_id})

    def find_created(self, versions: Iterable[RemotePolicyVersion], own_id: str) -> list[RemotePolicyVersion]:
        """The versions that the resource created; its own one (`own_id`) last, so that a deletion that fails
        halfway can be repeated."""
        created = [
            version
            for version in versions
            if version.version_id == own_id or self._created.get(version.version_id) == version.create_date
        ]
        return sorted(created, key=lambda version: version.version_id == own_id)

    def describe_owner(self, version_id: str, create_date: str) -> str:
        """Which resource created a version, in words."""
        if self._created.get(version_id) == create_date:
            return OWN
        if version_id == "v1":
            return "which came with the policy"
        if owner := self.find_owner(version_id, create_date):
            return f"made by {owner.address}"
        for own, note in [*self._shared.items()]:
            if note["made"].get(version_id) == create_date:
                return f"made by the resource with the id {own.partition(' of ')[0]}"
        return OUTSIDE

    def find_owner(self, version_id: str, create_date: str) -> StoredObject | None:
        """The resource in Terraform's state that created a version; None also where that is not at hand."""
        for type_name in (VERSION_TYPE, POLICY_TYPE):
            for stored in self._journal.find_in_state(type_name):
                has, made = stored.attributes.get, dict(stored.private.get("made", {}))
                if type_name == VERSION_TYPE:
                    made[has("version_id")] = has("create_date")
                if has("policy_name") == self._policy and made.get(version_id) == create_date:
                    return stored
        return None

    def find_fallback(
        self, versions: Sequence[RemotePolicyVersion], leaving: Sequence[str], path: str = ""
    ) -> str:
        """The id of the version that gets the default back: the last one that had it, of those that are there
        and do not leave. Failure: there is none; `path`: the attribute to blame."""
        if fallback := self.last_default(versions, leaving):
            return fallback
        default = find_default(versions)
        others = [version for version in versions if version.version_id not in leaving]
        if others:
            newest = others[-1]
            step = (
                f"The newest other version is {newest.version_id} of {newest.create_date}. If it is to take "
                f"over: aliyun ram SetDefaultPolicyVersion --PolicyName {self._policy} --VersionId "
                f"{newest.version_id}; then plan again."
            )
        else:
            step = "Create another version and make it the default one, or delete the policy itself."
        keep = "" if path else " To leave the version as it is, apply `skip_destroy = true` first."
        raise Failure(
            f"Policy {self._policy} has no version to fall back to",
            f"{default.version_id if default else leaving[-1]} is the default version, and no earlier one "
            f"is left; nothing was changed. {step}{keep}",
            path,
        )

    def find_fallback_on_destroy(
        self, versions: Sequence[RemotePolicyVersion], going: Sequence[RemotePolicyVersion]
    ) -> str:
        """The id of the version that is the default once those that go are gone: one of theirs where the
        policy has no others, as it needs one. Failure: another one has to be chosen."""
        default = find_default(going)
        if default is not None and len(going) == len(versions):
            return default.version_id
        return self.find_fallback(versions, [version.version_id for version in going])

    def last_default(self, versions: Iterable[RemotePolicyVersion], leaving: Iterable[str]) -> str | None:
        """The id of the last version that had the default, of those that are there and do not leave."""
        there = {
            (version.version_id, version.create_date)
            for version in versions
            if version.version_id not in leaving
        }
        last = next((entry[0] for entry in reversed(self._defaults) if tuple(entry) in there), None)
        return last or self._own_of_policy(there)

    def _own_of_policy(self, there: Iterable[tuple[str, str]]) -> str | None:
        """The id of the version that the resource of the policy itself has made, if it is there. It gets the
        default where none that had it before is known or left, as after an import."""
        made = [dict(note["made"]) for note in [*self._shared.values()] if note.get("is_policy")]
        for stored in self._journal.find_in_state(POLICY_TYPE) if not made else ():
            if stored.attributes.get("policy_name") == self._policy:
                made.append(dict(stored.private.get("made", {})))
        own = {entry for versions in made for entry in versions.items()}
        return next((entry[0] for entry in there if entry in own), None)

    # -- between the resources of one run

    def share(self) -> None:
        """Learn from the other resources of this run, and tell them what this one knows: where several are
        destroyed together, they have to know which version was the default before the ones that leave."""
        before: list[list[str]] = []
        while self._defaults != before:
            before = self._defaults
            earlier = {own: note["defaults"] for own, note in [*self._shared.items()]}
            self._private["defaults"] = self._insert_earlier(before, earlier)
        self._shared[self._own] = self.as_note() | ({"is_policy": True} if self._is_policy else {})

    def carry_over(self) -> None:
        """In the plan of a new resource: keep what the others know, one of which may have to make way."""
        if self._shared:
            self._private["beside"] = [*self._shared.values()]

    def take_back(self) -> None:
        """Learn what this resource knew, where `carry_over` kept it for the destruction of a tainted one."""
        for note in self._private.pop("beside", []):
            if note.get("of") == self._own:
                self._learn(note)

    # -- beyond a kill -9

    def as_note(self) -> dict[str, Any]:
        """All of it, for the journal: what a killed run knew, Terraform does not store."""
        return {"of": self._own, "made": self._created, "defaults": self._defaults}

    @contextmanager
    def kept_in_journal(self) -> Iterator[None]:
        """Meanwhile the journal holds the history: Terraform drops the private state of a resource whose
        provider is killed while it changes it."""
        earlier = self._journal.find_about(self._cloud.scope(SET_DEFAULT), self._own)
        pending = self._begin(self.as_note())
        for entry in earlier:
            if entry.kind == SET_DEFAULT:
                self._journal.finish(entry)  # all that it knows has been recalled, and stands in the new one
        try:
            yield
        except Exception:
            self._journal.finish(pending)
            raise
        self._journal.finish(pending)

    def recall(self, *, is_stored: bool = False) -> None:
        """Learn what runs that were killed have done to this resource, and its private state cannot know.

        `is_stored`: what is known already comes from Terraform's state.
        """
        if self._journal.is_idle():
            return
        for pending in self._journal.find_about(self._cloud.scope(SET_DEFAULT), self._own):
            self._journal.record_plan(pending.kind, pending.digest, self._cloud.scope)
            created = find_created_versions(self._cloud, pending) if pending.kind == CREATE_VERSION else []
            if pending.kind == CREATE_VERSION and len(created) != 1:
                continue
            dates = {version.version_id: version.create_date for version in created}
            note = {**pending.note, "made": {**pending.note.get("made", {}), **dates}}
            if not self._knows(note):
                self._learn(note)
            elif is_stored:
                self._journal.finish(pending)

    def hand_over(self, versions: Iterable[RemotePolicyVersion], gone: Iterable[RemotePolicyVersion]) -> None:
        """Leave in the journal what the other resources of this policy have to know, whose fallback is gone:
        which versions were the default before it."""
        earlier = dict.fromkeys(self._names(gone), self._defaults)
        left = set(self._names(versions)) - earlier.keys()
        for own, note in [*self._shared.items()]:
            if own in left and any(
                version_name(self._policy, *entry) in earlier for entry in note["defaults"]
            ):
                self._journal.record_plan(SET_DEFAULT, "", self._cloud.scope)
                defaults = self._insert_earlier(note["defaults"], earlier)
                self._journal.release(self._begin({"of": note["of"], "made": {}, "defaults": defaults}))

    def _begin(self, note: Mapping[str, Any]) -> PendingOperation:
        scope, now = self._cloud.scope(SET_DEFAULT), time.time()
        pending = PendingOperation(kind=SET_DEFAULT, scope=scope, subject=self._policy, began=now, note=note)
        return self._journal.begin(pending)

    def _knows(self, note: Mapping[str, Any]) -> bool:
        """Whether a note holds nothing new."""
        created, defaults = note.get("made", {}), note.get("defaults", [])
        return created.items() <= self._created.items() and all(entry in self._defaults for entry in defaults)

    def _learn(self, note: Mapping[str, Any]) -> None:
        """Add what a note holds; its defaults count as later than what was known."""
        defaults = note.get("defaults", [])
        self._private["made"] = self._created | note.get("made", {})
        self._private["defaults"] = [*(entry for entry in self._defaults if entry not in defaults), *defaults]

    def _names(self, versions: Iterable[RemotePolicyVersion]) -> list[str]:
        """What the journal calls these versions."""
        return [version_name(self._policy, version.version_id, version.create_date) for version in versions]

    def _insert_earlier(
        self, defaults: list[list[str]], earlier: Mapping[str, list[list[str]]]
    ) -> list[list[str]]:
        """Each default after those that were the default before it, `earlier` by its name; what stands in the
        list keeps its place."""
        result: list[list[str]] = []
        for entry in defaults:
            before = earlier.get(version_name(self._policy, *entry), [])
            result += [old for old in before if old not in defaults and old not in result]
            result.append(entry)
        return result


def find_default(
    versions: Iterable[RemotePolicyVersion], *, other_than: str | None = None
) -> RemotePolicyVersion | None:
    """The default version; None where it is `other_than`, an id."""
    defaults = (version for version in versions if version.is_default_version)
    return next((version for version in defaults if version.version_id != other_than), None)


def find_rotated(
    versions: Iterable[RemotePolicyVersion], new: Iterable[bool], limit: int
) -> RemotePolicyVersion | None:
    """The version that is deleted to make room for the last of the `new` ones, which are created one after
    the other; each becomes the default version or not. None: one of the new ones is deleted itself.

    * `limit`: how many versions a policy holds.
    """
    there: list[tuple[RemotePolicyVersion | None, bool]] = [
        (version, version.is_default_version) for version in versions
    ]
    rotated: tuple[RemotePolicyVersion | None, bool] = (None, False)
    for becomes_default in new:
        if len(there) >= limit:
            rotated = next(entry for entry in there if not entry[1])
            there.remove(rotated)
        there = [(version, is_default and not becomes_default) for version, is_default in there]
        there.append((None, becomes_default))
    return rotated[0]
