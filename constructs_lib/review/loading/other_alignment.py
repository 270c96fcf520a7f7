"""Other resources on both sides, such as vaults, bindings and attachments: compared as they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from constructs_lib.review.loading.marks import find_marks, mark, tell_apart
from constructs_lib.review.loading.moved_addresses import find_moves, has_taint, is_within
from constructs_lib.review.loading.policy_alignment import NOT_IN_A_STATE, is_named
from constructs_lib.review.loading.resource import OtherChange, OtherResource, Side, SurroundingKind
from constructs_lib.review.report import Action

# Optional in other resources of concern, and not computed by the provider.
_NOT_COMPUTED = frozenset(
    [
        *("advanced_options", "client_ids", "cross_account_role_name", "cross_account_user_id", "detail"),
        *("disabled", "exclude", "fingerprints", "include", "instance_name", "kms_key_id"),
        *("login_network_masks", "options", "ots_detail", "path", "permission_policies", "policy"),
        *("policy_type", "prefix", "public_access_block_configuration", "resource_arns", "rules"),
        *("schedule", "source", "speed_limit", "targets", "vault_id", "verification_types"),
        *("vpc_configuration", "worm_enabled"),
    ]
)
_NOTHING: tuple[Any, ...] = (None, "", False, [], {})


def other_changes(new: Side, old: Side) -> Iterator[OtherChange]:
    before = {(other.stack, other.address): other for other in old.others}
    after = {(other.stack, other.address): other for other in new.others}
    origins = {(key[0], to): key for key, to in find_moves(before, after.keys(), new.moved)}
    for key, other in after.items():
        was = before.pop(origins.get(key, key), None)
        values, settings = dict(other.attributes), dict(other.settings)
        if was is None:
            # What is imported becomes what the files say, whatever it was.
            action = Action.CHANGED if is_within(key, new.imported) else Action.ADDED
        else:
            marks = find_marks(was, other)
            values, settings = mark(values, marks), mark(settings, marks)
            if was.body is not None and other.body is not None:
                values = tell_apart(was.body, other.body, values)
            elif was.body is not None:  # a state has more than is written, and not where the provider works
                was = as_written(was, values)
                settings = {name: settings[name] for name in settings.keys() - NOT_IN_A_STATE}
            is_tainted = has_taint(was, old, other.body is not None)
            if (
                not is_tainted
                and settings == was.settings
                and all(
                    is_named(settings.get("ignore_changes", ()), name)
                    for name in {*values, *was.attributes}
                    if values.get(name) != was.attributes.get(name)
                )
            ):
                continue
            is_elsewhere = settings.get("provider") != was.settings.get("provider")
            action = Action.REPLACED if is_elsewhere or is_tainted else Action.CHANGED
        yield other_change(was, other, action, values | settings)
    for key, was in before.items():
        action = Action.FORGOTTEN if is_within(key, new.forgotten) else Action.REMOVED
        yield other_change(was, None, action, None)


def as_written(was: OtherResource, values: Mapping[str, Any]) -> OtherResource:
    """A resource of a state, without what configuration leaves out and the provider computes."""
    written = {name: value for name, value in was.attributes.items() if name in values}
    return evolve(was, attributes=written | dict(_taken_away(was, values)))


def _taken_away(was: OtherResource, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a state has that Terraform takes away where configuration leaves it out: the rest is computed."""
    for name, value in was.attributes.items():
        is_default = value in _NOTHING or (name, value) == ("policy_type", "Custom")
        if name in _NOT_COMPUTED and name not in values and not is_default:
            yield name, value


def count_unrelated(new: Side, old: Side) -> Counter[str]:
    """How many resources of no concern are written otherwise, by type; a state is not looked at."""
    if not (is_configuration(old) and is_configuration(new)):
        return Counter()
    sides = new.unrelated, old.unrelated
    return Counter(
        next(side[key][0] for side in sides if key in side)
        for key in {**sides[0], **sides[1]}
        if sides[0].get(key) != sides[1].get(key)
    )


def is_configuration(side: Side) -> bool:
    return any(each.kind is SurroundingKind.STATE for each in side.surroundings)


def other_change(
    old: OtherResource | None, new: OtherResource | None, action: Action, after: Mapping[str, Any] | None
) -> OtherChange:
    shown = new or old
    assert shown is not None
    return OtherChange(
        stack=shown.stack,
        address=shown.address,
        type_name=shown.type_name,
        action=action,
        before=None if old is None else {**old.attributes, **old.settings},
        after=after,
        file=shown.file,
        parts=shown.parts,
        old=old,
        new=new,
    )
