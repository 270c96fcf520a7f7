"""Which source is backed up by which policy, before and after: by bindings, and by old backup plans.

Where a source loses one of these, the question is whether another one protects all of it, and what the source
gets instead of what it had.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.resource_types import ALICLOUD
from constructs_lib.backup.rule import SourceType
from constructs_lib.findings import shown
from constructs_lib.review import normal_form
from constructs_lib.review.affected import Affected
from constructs_lib.review.loading.attributes import props_of
from constructs_lib.review.loading.other_changes import BINDINGS, changed_names, is_disabled
from constructs_lib.review.loading.plan_references import without_instances
from constructs_lib.review.loading.provider_arguments import PROVIDER_CONFIGURATION
from constructs_lib.review.loading.resource import Input, LoadedResource, OtherChange, OtherResource
from constructs_lib.review.pairing import Pair
from constructs_lib.review.report import Action
from constructs_lib.tokens import Deferred, holds_token

# Of each backup plan of the old kind that is understood: its source type, the argument that names the source,
# and the one that names a part of it.
_OLD_PLANS: Mapping[str, tuple[str, str, str]] = {
    "alicloud_hbr_ecs_backup_plan": (SourceType.ECS_FILE, "instance_id", "path"),
    "alicloud_hbr_nas_backup_plan": (SourceType.NAS, "file_system_id", "path"),
    "alicloud_hbr_oss_backup_plan": (SourceType.OSS, "bucket", "prefix"),
}
_OF_ACCOUNT = ("cross_account_type", "cross_account_user_id", "cross_account_role_name")
_OF_RULE = ("schedule", "retention", "backup_type", "vault_id", "keep_latest_snapshots")
# What chooses a part of a source.
_PARTS = ("source", "include", "exclude", "speed_limit", "advanced_options")
_UNDERSTOOD = frozenset(
    [
        *(
            *_OF_ACCOUNT,
            *_OF_RULE,
            *_PARTS,
            "policy_id",
            "source_type",
            "data_source_id",
            "disabled",
            "provider",
        ),
        *(name for _, *names in _OLD_PLANS.values() for name in names),
    ]
)
_NOTHING: tuple[object, ...] = (None, "", [], {}, ())


@frozen
class BoundPolicy:
    """A backup policy, as a source has it; `resource`: None for that of a backup plan of the old kind."""

    name: str
    props: BackupPolicyProps = field(repr=False)
    resource: LoadedResource | None = field(repr=False)


@frozen(eq=False)
class Protection:
    """That a source is backed up.

    * `resource`: the binding or backup plan.
    * `source`: which one it is, in one text; `label`: the same for a reader.
    * `parts`: what of it is backed up. `policies`: by one of these; none where that is not known.
    * `policy`: the id, which is equal where it is the same policy for certain.
    * `is_on`: None where it is not known.
    """

    resource: OtherResource
    source: str
    label: str
    parts: Mapping[str, Any] = field(repr=False)
    policies: Sequence[BoundPolicy]
    policy: str
    is_on: bool | None

    def lacks(self, other: Protection) -> list[str]:
        """The arguments by which less of the source may be backed up than by the other one."""
        return [name for name in _PARTS if not _covers(name, self.parts.get(name), other.parts.get(name))]

    @property
    def affected(self) -> Affected:
        """The source, to be counted."""
        return Affected(self.label, self.source)

    @property
    def policy_name(self) -> str:
        """The names of its policies, or the id."""
        names = " or ".join(policy.name for policy in self.policies)
        return names or shown(self.resource.attributes.get("policy_id"))


@frozen(eq=False)
class SourceChange:
    """What becomes of the protection that one resource gives or gave.

    * `before`, `after`: what it says on each side. `instead`: what protects all of the same source from then
      on, itself or another one, the one with the same policy first.
    * `lacking`: where nothing does, the arguments by which the closest one backs up less; empty if there is
      none.
    """

    before: Protection | None
    after: Protection | None
    instead: Sequence[Protection] = ()
    lacking: Sequence[str] = ()

    @property
    def forms(self) -> list[Any]:
        """All that the verdict rests on, beside the resource itself, as plain values."""
        sides = [each for each in (self.before, *self.instead) if each]
        return [
            [each.policy, each.parts, [normal_form.form(p.props) for p in each.policies]] for each in sides
        ]


@frozen(eq=False)
class Protections:
    """All of both sides of a review."""

    given: Input
    pairs: Sequence[Pair] = field(repr=False)

    def of_change(self, change: OtherChange) -> SourceChange | None:
        """What a change means for its source; None where that is not understood."""
        before, after = self._of(change.old, is_new=False), self._of(change.new, is_new=True)
        is_whole = (before is None) is (change.before is None) and (after is None) is (change.after is None)
        is_shown = change.before != change.after
        if not is_whole or not is_shown or change.is_drift or change.action is Action.FORGOTTEN:
            return None
        if before and after and not _UNDERSTOOD.issuperset(changed_names(change)):
            return None
        if before is None or before.is_on is False:
            return SourceChange(before, after) if after and after.is_on else None
        of_source = self._after_by_source.get(before.source, [])
        instead = [each for each in of_source if not each.lacks(before)]
        instead.sort(key=lambda each: not self.is_same_policy(before, each))
        lacking = min((each.lacks(before) for each in of_source), key=len, default=[])
        return SourceChange(before, after, instead, [] if instead else lacking)

    def is_same_policy(self, before: Protection, after: Protection) -> bool:
        """Whether all that becomes of the policy is said where the policy is reviewed."""
        olds, news = ([each.resource for each in side.policies] for side in (before, after))
        if not olds and not news:
            return before.policy == after.policy
        if len(olds) != 1 or len(news) != 1 or olds[0] is None or news[0] is None:
            return False
        return (id(olds[0]), id(news[0])) in self._paired

    def bound_to(self, resource: LoadedResource | None) -> list[Protection]:
        """What protected sources by a policy of the old side."""
        return [] if resource is None else self._bound.get(id(resource), [])

    def whole_sources(self, policy: LoadedResource) -> dict[str, list[str]]:
        """The ids of all sources, by source type, that are bound as a whole to a policy of the new side."""
        found: dict[str, list[str]] = {}
        for each in self._after:
            is_one = len(each.policies) == 1 and each.policies[0].resource is policy
            given = each.resource.attributes
            is_own = not any(given.get(name) for name in _OF_ACCOUNT[1:])
            if is_one and each.is_on and is_own and not each.lacks(evolve(each, parts={})):
                found.setdefault(str(given.get("source_type")), []).append(str(given.get("data_source_id")))
        return found

    @cached_property
    def _bound(self) -> dict[int, list[Protection]]:
        """The protections of the old side, by the `id` of each policy that they may be of."""
        bound: dict[int, list[Protection]] = {}
        for each in self._before:
            for policy in each.policies if each.is_on is not False else ():
                bound.setdefault(id(policy.resource), []).append(each)
        return bound

    def is_protected_after(self, before: Protection) -> bool:
        """Whether a source is protected as a whole from then on, whatever by."""
        return any(not each.lacks(before) for each in self._after_by_source.get(before.source, ()))

    @cached_property
    def _after_by_source(self) -> dict[str, list[Protection]]:
        """What protects each source from then on."""
        found: dict[str, list[Protection]] = {}
        for each in self._after:
            if each.is_on:
                found.setdefault(each.source, []).append(each)
        return found

    @cached_property
    def _paired(self) -> set[tuple[int, int]]:
        return {(id(pair.old), id(pair.new)) for pair in self.pairs}

    @cached_property
    def _before(self) -> list[Protection]:
        return self._of_side(self.given.old.others if self.given.old else (), is_new=False)

    @cached_property
    def _after(self) -> list[Protection]:
        return self._of_side(self.given.new.others, is_new=True)

    def _of_side(self, others: Iterable[OtherResource], *, is_new: bool) -> list[Protection]:
        return [each for other in others if (each := self._of(other, is_new=is_new))]

    def _of(self, resource: OtherResource | None, *, is_new: bool) -> Protection | None:
        """The protection that a binding or a backup plan is; None where it is not understood."""
        if resource is None or resource.settings.keys() - {"provider", PROVIDER_CONFIGURATION}:
            return None
        given = _with_fingerprints(resource)
        if resource.type_name in BINDINGS:
            names, kind, part = ("data_source_id",), given.get("source_type"), "source"
            policies = list(self._policies(resource, is_new=is_new))
        elif resource.type_name in _OLD_PLANS:
            kind, name, part = _OLD_PLANS[resource.type_name]
            names, policies = (name,), [_own_policy(resource)]
        else:
            return None
        id = given.get(names[0])
        if isinstance(id, Deferred) or id in _NOTHING or kind in _NOTHING or "dynamic" in given:
            return None
        account = [given.get(name) or None for name in _OF_ACCOUNT]
        if account[0] == "SELF_ACCOUNT":
            account[0] = None
        return Protection(
            resource=resource,
            source=normal_form.text([_place(resource), kind, id, account]),
            label=f"{kind} {shown(resource.attributes.get(names[0]))}",
            parts={**{name: given.get(name) for name in _PARTS}, "source": given.get(part)},
            policies=policies,
            policy=normal_form.text(given.get("policy_id")),
            is_on=None if (is_off := is_disabled(resource.attributes)) is None else not is_off,
        )

    def _policies(self, binding: OtherResource, *, is_new: bool) -> Iterator[BoundPolicy]:
        """The policies on the page of which a binding's is one; none where it may be another."""
        policies = self._new_policies if is_new else self._old_policies
        given = binding.attributes.get("policy_id")
        keys = [("address", name) for name in sorted(binding.policies or ())]
        if not keys and isinstance(given, str):
            keys = [("id", given)]
        for key in keys:
            for resource in policies.get((binding.stack, *key), ()):
                if isinstance(resource.props, BackupPolicyProps):
                    name = resource.policy_name or resource.address
                    yield BoundPolicy(name, resource.props, resource)

    @cached_property
    def _old_policies(self) -> _Policies:
        return _indexed(self.given.old.resources if self.given.old else ())

    @cached_property
    def _new_policies(self) -> _Policies:
        return _indexed(self.given.new.resources)


_Policies = dict[tuple[str, str, str], list[LoadedResource]]


def _indexed(resources: Iterable[LoadedResource]) -> _Policies:
    """The policies by stack and address without instances, and those that there are by their id."""
    found: _Policies = {}
    for resource in resources:
        found.setdefault((resource.stack, "address", without_instances(resource.address)), []).append(
            resource
        )
        id = resource.body.get("id")
        if isinstance(id, str):
            found.setdefault((resource.stack, "id", id), []).append(resource)
    return found


def _own_policy(plan: OtherResource) -> BoundPolicy:
    """What a backup plan of the old kind does, as the policy that does the same."""
    given = {"rule_type": "BACKUP", **{name: plan.attributes.get(name) for name in _OF_RULE}}
    props = props_of(ALICLOUD, {"rules": [given]}, is_applied=not plan.refers_to)
    assert isinstance(props, BackupPolicyProps)
    return BoundPolicy(plan.address, props, None)


def _place(resource: OtherResource) -> Any:
    """Where the provider works; a region that no file names is that of the stack."""
    place = resource.settings.get("provider") or {}
    stack = () if "region" in place else (resource.stack,)
    return [place, resource.settings.get(PROVIDER_CONFIGURATION), *stack]


def _with_fingerprints(resource: OtherResource) -> dict[str, Any]:
    """The attributes; an expression stands with all that it refers to: it is equal only to its like."""
    given = {}
    for name, value in resource.attributes.items():
        text = normal_form.text(value)
        # What stands in one stack is another thing than what is called alike in another one.
        behind = {key: to for key, to in resource.refers_to.items() if normal_form.text(key)[1:-1] in text}
        given[name] = {"expression": value, "behind": behind, "stack": resource.stack} if behind else value
    return given


# ------------------------------------------------------------ parts of a source


def _covers(name: str, own: Any, other: Any) -> bool:
    """Whether one value of an argument is certain to choose all that another one chooses."""
    if normal_form.text(own or None) == normal_form.text(other or None):
        return True
    if holds_token([own, other]) or isinstance(own, dict) or isinstance(other, dict):
        return False
    if name == "advanced_options":
        return _covers_options(own, other)
    if name == "exclude":  # what is left out by one has to be left out by the other
        return own in _NOTHING or _has_all(_listed(other), _listed(own))
    if own in _NOTHING:
        return True
    if name == "include":
        return other not in _NOTHING and _has_all(_listed(own), _listed(other))
    return name == "source" and other not in _NOTHING and _holds_all(_listed(own), _listed(other))


def _has_all(own: list[str] | None, other: list[str] | None) -> bool:
    return own is not None and other is not None and set(own) >= set(other)


def _holds_all(own: list[str] | None, other: list[str] | None) -> bool:
    """Whether each path lies in a folder of the own ones, or is one of them."""
    if own is None or other is None:
        return False
    return all(
        any(path == at or (at.endswith("/") and path.startswith(at) and ".." not in path) for at in own)
        for path in other
    )


def _covers_options(own: Any, other: Any) -> bool:
    """Of the disks of an instance: all where none is named; what is not understood has to be the same."""
    sides = []
    for value in (own, other):
        block = value[0] if isinstance(value, list) and len(value) == 1 else value or {}
        udm = block.get("udm_detail") if isinstance(block, dict) else None
        detail = udm[0] if isinstance(udm, list) and len(udm) == 1 else udm or {}
        if not isinstance(detail, dict) or not isinstance(block, dict):
            return False
        other = {key: item for key, item in detail.items() if not key.endswith("disk_id_list") and item}
        rest = {**block, "udm_detail": other}
        sides.append((detail, {key: item for key, item in rest.items() if item not in _NOTHING}))
    (mine, my_rest), (its, its_rest) = sides
    disks = mine.get("disk_id_list") or None
    is_chosen = disks is None or (bool(its.get("disk_id_list")) and _has_all(disks, its["disk_id_list"]))
    is_left_out = _has_all(its.get("exclude_disk_id_list") or [], mine.get("exclude_disk_id_list") or [])
    return my_rest == its_rest and is_chosen and is_left_out


def _listed(value: Any) -> list[str] | None:
    """The paths in a list, or in the JSON of one; one path alone; None where it is nothing of these."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    value = [value] if isinstance(value, str) and value else value or []
    is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return value if is_list else None
