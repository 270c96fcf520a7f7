"""A plan, as `terraform show -json` prints it: both sides of a review.

Every change of a plan is accounted for: of a policy, of another resource of concern, or counted.
What Terraform will only know later, and what is sensitive on either side, is unknown, and never printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from constructs_lib.findings import shown
from constructs_lib.ram.resource_types import ALIPOLICY as VERSION
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.loading import masking
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.json_text import InputError, JsonText, is_same, pointer
from constructs_lib.review.loading.other_changes import (
    is_attachment,
    is_of_concern,
    is_of_no_concern,
    is_protection,
)
from constructs_lib.review.loading.oversized import without_oversized
from constructs_lib.review.loading.plan_commands import commands
from constructs_lib.review.loading.plan_completeness import incomplete
from constructs_lib.review.loading.plan_configuration import PlanConfiguration
from constructs_lib.review.loading.plan_providers import providers
from constructs_lib.review.loading.plan_references import PlanReferences
from constructs_lib.review.loading.resource import (
    Drift,
    Input,
    Key,
    LoadedResource,
    OtherChange,
    OtherResource,
    Side,
)
from constructs_lib.review.loading.state import (
    AGAIN,
    STACK,
    check_format,
    known_versions,
    list_in,
    masked_attributes,
)
from constructs_lib.review.loading.unseen import unseen
from constructs_lib.review.report import Action
from constructs_lib.tokens import Deferred, Sensitive, is_token, literal

# What each combination of actions makes of a resource, and whether it is there before, and after.
_ACTIONS: dict[tuple[str, ...], tuple[Action, bool, bool]] = {
    ("no-op",): (Action.UNCHANGED, True, True),
    ("create",): (Action.ADDED, False, True),
    ("update",): (Action.CHANGED, True, True),
    ("delete", "create"): (Action.REPLACED, True, True),
    ("create", "delete"): (Action.REPLACED, True, True),
    ("delete",): (Action.REMOVED, True, False),
    ("forget",): (Action.FORGOTTEN, True, False),
    # The old one is let go and stays, another one is made beside it.
    ("forget", "create"): (Action.FORGOTTEN, True, True),
    ("create", "forget"): (Action.FORGOTTEN, True, True),
}


def is_plan(content: Mapping[str, Any]) -> bool:
    return "resource_changes" in content or ("planned_values" in content and "format_version" in content)


def is_state(content: Mapping[str, Any]) -> bool:
    return "format_version" in content and not is_plan(content)


def read_plan(name: str, text: JsonText, content: Mapping[str, Any]) -> Input:
    """Both sides, and what else the plan says. Raises `InputError`."""
    check_format(name, content)
    if content.get("errored", False) is not False:
        advice = "Fix the configuration, and plan anew."
        raise InputError(name, "/errored", "the plan failed half-way", advice)
    read = _Read(name, PlanReferences(content.get("configuration")))
    for change in _changes(name, content, "resource_changes"):
        read.add(change)
    drift = list(_changes(name, content, "resource_drift"))
    read.drifted = {change.address for change in drift if not isinstance(change, str)}
    for change in drift:
        read.add_drift(change)
    read.read_configuration(content.get("configuration"))
    read.read_protections()
    read.read_places()
    before, after = (
        Side(
            name=name,
            stacks=(STACK,),
            resources=tuple(of_side),
            texts={name: text},
            moved=read.moved,
            others=tuple(others),
        )
        for of_side, others in ((read.before, read.others_before), (read.after, read.others_after))
    )
    has_changes = any(action is not Action.UNCHANGED for action in read.actions)
    return Input(
        new=after,
        old=evolve(before, versions=tuple(known_versions(content))),
        replaced=frozenset(read.replaced),
        forgotten=frozenset(read.forgotten),
        unseen=read.unseen,
        drift=read.drift,
        others=tuple(read.others),
        unrelated=dict(read.unrelated),
        incomplete=tuple(incomplete(content, has_changes=has_changes)),
        surroundings=(*providers(name, content), *commands(name, content, read.references)),
    )


# ------------------------------------------------------------ the changes, one by one


@frozen
class _Change:
    """One entry of a list of changes.

    * `before`, `after`: as they stand there. `hidden`: the marks of what is sensitive on either side.
    * `is_untouched`: Terraform will do nothing, and both sides are the same to the last character.
    """

    address: str
    previous_address: str
    type_name: str
    action: Action
    before: Mapping[str, Any] | None = field(repr=False)
    after: Mapping[str, Any] | None = field(repr=False)
    hidden: Any = field(repr=False)
    unknown: Any = field(repr=False)
    parts: tuple[str | int, ...]

    @property
    def is_untouched(self) -> bool:
        return self.action is Action.UNCHANGED and is_same(self.before, self.after)

    def values(self, side: str) -> Mapping[str, Any] | None:
        """The attributes of one side; hidden are what is unknown there, and what is sensitive on either side.

        The same hidden value of both sides is equal only where Terraform does nothing.
        """
        value: Mapping[str, Any] | None = getattr(self, side)
        if value is None:
            return None
        which = "" if side == "after" or self.is_untouched else ", before"
        if side == "after":
            value = masked_attributes(
                value, self.unknown, self.address, lambda path: Deferred(f"${{{path}}}")
            )
        return masked_attributes(
            value, self.hidden, self.address, lambda path: Sensitive(f"${{{path}{which}}}")
        )


# What a state of ours has that the official provider's has not, by type: a move leaves it to the next read.
_READ_AFTER_MOVE = {
    "alipolicy_backup_vault": ("redundancy_type",),
    "alipolicy_policy": (
        *("attachment_count", "create_date", "default_version", "policy_type", "update_date", "version_id"),
    ),
}


def _is_read_after_move(change: _Change) -> bool:
    """Whether nobody has changed anything: what was moved from another type has only been read."""
    before, after = change.before, change.after
    is_moved = f"{change.type_name}." not in change.previous_address
    if not is_moved or change.action is not Action.CHANGED or before is None or after is None:
        return False
    left = [name for name in _READ_AFTER_MOVE.get(change.type_name, ()) if before.get(name) is None]
    return is_same({**before, **{name: after[name] for name in left if name in after}}, after)


def _changes(name: str, content: Mapping[str, Any], key: str) -> Iterator[_Change | str]:
    """The changes of resources of concern; of the others only the types, where something changes."""
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(list_in(name, content, key, ())):
        at = (key, index)
        change = entry.get("change") if isinstance(entry, dict) else None
        if not isinstance(change, dict):
            raise InputError(name, pointer(at), "it is not a resource change", AGAIN)
        if entry.get("mode") == "data":
            if change.get("actions") not in (["read"], ["no-op"]):
                problem = f"{change.get('actions')!r}: a data source is only read"
                raise InputError(name, pointer((*at, "change", "actions")), problem, AGAIN)
            continue  # what is not known of it is unknown where it is used
        type_name = entry.get("type")
        if not (isinstance(type_name, str) and is_of_concern(type_name)):
            if change.get("actions") != ["no-op"] or not is_same(change.get("before"), change.get("after")):
                yield str(type_name)
            continue
        address = entry.get("address")
        if not isinstance(address, str):
            raise InputError(name, pointer((*at, "address")), "it is not a string", AGAIN)
        was = entry.get("previous_address")
        if entry.get("deposed") is not None:
            address = was = f"{address} (deposed {entry['deposed']})"
        was = was if isinstance(was, str) else address
        sides = {(address, "after"), *([(was, "before")] if change.get("before") is not None else ())}
        if not seen.isdisjoint(sides):
            raise InputError(name, pointer((*at, "address")), "another change has the same address", AGAIN)
        seen |= sides
        yield _read_change(name, address, was, type_name, change, (*at, "change"))


def _read_change(
    name: str,
    address: str,
    was: str,
    type_name: str,
    change: Mapping[str, Any],
    at: tuple[str | int, ...],
) -> _Change:
    actions = change.get("actions")
    known = _ACTIONS.get(tuple(map(str, actions))) if isinstance(actions, list) else None
    if known is None:
        raise InputError(name, pointer((*at, "actions")), f"{actions!r} are no known actions", AGAIN)
    action, has_before, has_after = known
    for side, is_there in (("before", has_before), ("after", has_after)):
        value = change.get(side)
        if value is not None and not isinstance(value, dict):
            raise InputError(name, pointer((*at, side)), "it is not an object", AGAIN)
        if (value is not None) != is_there:
            problem = f"the actions {actions!r} say that there is {'one' if is_there else 'none'}"
            raise InputError(name, pointer((*at, side)), problem, AGAIN)
    return _Change(
        address=address,
        previous_address=was,
        type_name=type_name,
        action=action,
        before=change.get("before"),
        after=change.get("after"),
        hidden=masking.merged(change.get("before_sensitive"), change.get("after_sensitive")),
        unknown=change.get("after_unknown"),
        parts=at,
    )


@define
class _Read:
    """What has been read of the changes so far."""

    name: str
    references: PlanReferences
    before: list[LoadedResource] = field(factory=list)
    after: list[LoadedResource] = field(factory=list)
    replaced: set[Key] = field(factory=set)
    forgotten: set[Key] = field(factory=set)
    addresses: set[str] = field(factory=set)
    moved: dict[Key, str] = field(factory=dict)
    unseen: dict[Key, tuple[str, ...]] = field(factory=dict)
    drift: dict[Key, Drift] = field(factory=dict)
    drifted: set[str] = field(factory=set)
    others: list[OtherChange] = field(factory=list)
    others_before: list[OtherResource] = field(factory=list)
    others_after: list[OtherResource] = field(factory=list)
    unrelated: Counter[str] = field(factory=Counter)
    actions: set[Action] = field(factory=set)

    def add(self, change: _Change | str) -> None:
        if isinstance(change, str):
            self.unrelated[change] += 1
            self.actions.add(Action.CHANGED)
            return
        self.actions.add(change.action)
        if change.type_name not in RESOURCE_TYPES:
            self._add_other(change, is_drift=False)
            return
        address, was, key = change.address, change.previous_address, (STACK, change.address)
        self.addresses.add(address)
        if change.action is Action.FORGOTTEN:
            was = f"{was} (no longer managed)" if change.after is not None else was
            self.forgotten.add((STACK, was))
        elif was != address:
            self.moved[STACK, was] = address
        if change.action is Action.REPLACED:
            self.replaced.add(key)
        if change.is_untouched and was == address:
            resource = self._load(change, "after", address)
            self.before.append(resource)
            self.after.append(resource)
            return
        if change.before is not None:
            self.before.append(self._load(change, "before", was))
        if change.after is not None:
            self.after.append(self._load(change, "after", address))
        is_updated = change.action is Action.UNCHANGED and not change.is_untouched
        if is_updated or change.action in (Action.CHANGED, Action.REPLACED):
            reasons = _unseen(change)
            if change.action is Action.CHANGED and is_same(change.before, change.after):
                reasons += ("no difference is shown",)
            if reasons or change.action is not Action.REPLACED:
                self.unseen[key] = reasons

    def add_drift(self, change: _Change | str) -> None:
        if isinstance(change, str) or change.is_untouched or _is_read_after_move(change):
            return
        if change.type_name not in RESOURCE_TYPES or change.address not in self.addresses:
            self._add_other(change, is_drift=True)
            return
        old, new = (
            None if getattr(change, side) is None else self._load(change, side, change.address)
            for side in ("before", "after")
        )
        drift = Drift(old, new, (*_unseen(change), *self._switched(change)))
        if drift.is_told:
            self.drift[STACK, change.address] = drift

    def _switched(self, change: _Change) -> Iterator[str]:
        """How somebody made another version the default: none that a resource here asks for."""
        before, after = change.before or {}, change.after or {}
        if True in (before.get("set_as_default"), after.get("set_as_default")):
            return  # that it is not the default any more is seen, and whether the plan switches it back
        was, now = (side.get("default_version") for side in (before, after))
        if isinstance(was, dict) and isinstance(now, dict) and not is_same(was, now):
            if not self._is_asked_for(after.get("policy_name"), now):
                ids = [side.get("version_id") for side in (was, now)]
                yield f"the default version: {shown(ids[0])} → {shown(ids[1])}"
        elif [side.get("is_default_version") for side in (before, after)] == [False, True]:
            yield "the version was made the default"

    def _is_asked_for(self, policy_name: object, default: Mapping[str, Any]) -> bool:
        """Whether a resource asks for a default version, or did so when somebody planned last: an apply of
        it, and nobody by hand, has made the version the default."""
        before = [side for side in self.before if side.address not in self.drifted]
        return any(
            side.attributes.get("policy_name") == policy_name and side.is_default_version(default)
            for side in (*self.after, *before)
            if side.kind is ResourceKind.POLICY_VERSION
        )

    def _load(self, change: _Change, side: str, address: str) -> LoadedResource:
        body, attributes = getattr(change, side), change.values(side)
        assert attributes is not None
        is_version = change.type_name == VERSION.name
        return LoadedResource(
            stack=STACK,
            address=address,
            type=RESOURCE_TYPES[change.type_name],
            file=self.name,
            parts=(*change.parts, side),
            body=body,
            attributes=attributes,
            is_applied=True,
            is_staging_written=self.references.is_written(change.address, "set_as_default")
            if is_version
            else None,
        )

    def _add_other(self, change: _Change, *, is_drift: bool) -> None:
        if not is_drift:
            self._add_sides(change)
        if change.is_untouched:
            return
        if change.action is Action.FORGOTTEN and change.after is not None:
            # The old one stays, and another one is made.
            self._add_other(evolve(change, action=Action.ADDED, before=None), is_drift=is_drift)
            change = evolve(change, after=None)
        other = OtherChange(
            stack=STACK,
            address=change.address,
            type_name=change.type_name,
            # Something is different, whatever the plan says.
            action=Action.CHANGED if change.action is Action.UNCHANGED else change.action,
            before=_looked_at(change, "before"),
            after=_looked_at(change, "after"),
            file=self.name,
            parts=change.parts,
            is_drift=is_drift,
        )
        if is_of_no_concern(other):
            self.unrelated[change.type_name] += 1
        else:
            self.others.append(other)

    def _add_sides(self, change: _Change) -> None:
        """The resource on both sides: it may be attached, in a group, or protect a source."""
        for side, others in (("before", self.others_before), ("after", self.others_after)):
            attributes = _looked_at(change, side)
            if attributes is not None:
                other = OtherResource(
                    stack=STACK,
                    address=change.address,
                    type_name=change.type_name,
                    attributes=attributes,
                    settings={},
                    refers_to={},
                    file=self.name,
                    parts=change.parts,
                )
                others.append(other)

    def read_configuration(self, given: object) -> None:
        """Fill in what only the configuration tells: which policy is attached whose name is known later, and
        the accounts, where versions of one name are of several."""
        is_unknown = any(is_token(other.attributes.get("policy_name")) for other in self.others_after)
        resources = [*self.before, *self.after]
        versions = [each for each in resources if each.kind is ResourceKind.POLICY_VERSION]
        names = {(each.address, each.policy_name) for each in versions if each.policy_name}
        has_same = len({name for _, name in names}) < len(names)
        if not (is_unknown or has_same):
            return
        configuration = PlanConfiguration.of(given)
        addresses = {self.moved.get((STACK, address), address) for address, _ in names}
        accounts = configuration.accounts(addresses) if has_same else {}
        has_accounts = bool(accounts)
        for others in (self.others_before, self.others_after):
            others[:] = [
                evolve(
                    other, attributes=configuration.filled_in(other.attributes, other.address, has_accounts)
                )
                for other in others
            ]
        for place, other in enumerate(self.others):
            if is_attachment(other.type_name):
                before, after = (
                    side and configuration.filled_in(side, other.address, has_accounts)
                    for side in (other.before, other.after)
                )
                self.others[place] = evolve(other, before=before, after=after)
        placed = {
            id(resource): evolve(resource, settings={"provider": account})
            for of_side, moved in ((self.before, self.moved), (self.after, {}))
            for resource in of_side
            if (account := accounts.get(moved.get((STACK, resource.address), resource.address)))
        }
        for of_side in (self.before, self.after):
            of_side[:] = [placed.get(id(resource), resource) for resource in of_side]

    def read_protections(self) -> None:
        """Fill in which policy a binding is of that is known later, and where their providers work."""
        if not any(is_protection(change.type_name) for change in self.others):
            return
        for others in (self.others_before, self.others_after):
            others[:] = [
                evolve(
                    other,
                    settings={"provider": place}
                    if (place := self.references.provider(other.address))
                    else {},
                    policies=self.references.policies(other.address, "policy_id")
                    if is_token(other.attributes.get("policy_id"))
                    else None,
                )
                if is_protection(other.type_name)
                else other
                for other in others
            ]
        olds, news = (
            {each.address: each for each in side} for side in (self.others_before, self.others_after)
        )
        self.others[:] = [
            evolve(change, old=olds.get(change.address), new=news.get(change.address))
            if is_protection(change.type_name)
            else change
            for change in self.others
        ]

    def read_places(self) -> None:
        """Fill in where the providers of backup policies work that may be one under two addresses."""
        before, after = (
            {each.address: each for each in side if each.kind is ResourceKind.BACKUP_POLICY}
            for side in (self.before, self.after)
        )
        moved = {*(was for _, was in self.moved), *self.moved.values()}
        gone, come = (
            [side[address] for address in side.keys() - other.keys() - moved]
            for side, other in ((before, after), (after, before))
        )
        if not {each.policy_name for each in gone} & {each.policy_name for each in come}:
            return
        places = {id(each): self.references.provider(each.address) for each in (*gone, *come)}
        for side in (self.before, self.after):
            side[:] = [
                evolve(each, settings={"provider": place}) if (place := places.get(id(each))) else each
                for each in side
            ]


def _looked_at(change: _Change, side: str) -> Mapping[str, Any] | None:
    """The attributes of one side of another resource, without what is far too large."""
    values = change.values(side)
    return None if values is None else without_oversized(literal(values))


def _unseen(change: _Change) -> tuple[str, ...]:
    resource_type = RESOURCE_TYPES[change.type_name]
    return tuple(unseen(resource_type, change.before, change.after, change.hidden, change.unknown))
