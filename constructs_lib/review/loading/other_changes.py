"""Changes of resources that are no policies, but decide what is protected and who may do what.

Each is understood, or named as not judged. What no check here says is an error unless it is proven harmless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from constructs_lib.backup.binding_types import BINDING_TYPES
from constructs_lib.backup.vault_types import VAULT_TYPES
from constructs_lib.findings import Phrase, Problem, Problems, check, checks_of, shown
from constructs_lib.ram.canonical import canonical, in_order, json_text
from constructs_lib.ram.grammar import parse
from constructs_lib.review.loading.json_text import is_same
from constructs_lib.review.loading.resource import OtherChange
from constructs_lib.review.report import Action, Edit, EditedValue
from constructs_lib.tokens import holds_token, is_token

SOURCE = "aliyun/alicloud, its resources beside the policies"

# Of these every change is one of what is protected, or of who may do what.
_OF_CONCERN = re.compile(
    r"alipolicy_.*|alicloud_(hbr_.*|ram_.*|ecs_ram_role_attachment|ims_.*|cloud_sso_.*|governance_account|"
    r"kms_(key|instance|policy|application_access_point|client_key)|"
    r"resource_manager_(account|control_policy.*|delegated_administrator|folder|handshake.*|policy.*|"
    r"resource_directory.*|resource_share|role|service_linked_role|shared_.*)|"
    r"oss_(bucket(_policy|_acl|_public_access_block|_object)?|account_public_access_block|access_point.*))"
)
VAULTS, BINDINGS = ({each.name: each for each in types.values()} for types in (VAULT_TYPES, BINDING_TYPES))
# Of these only the attributes that say who may reach it.
_IN_PART = {"alicloud_oss_bucket": ("acl", "policy"), "alicloud_oss_bucket_object": ("acl",)}
_OLD_PLAN = re.compile(r"alicloud_hbr_\w*backup_plan")
_ATTACHMENT = re.compile(r"alicloud_ram_(user|group|role)_policy_attachment")
_OWN_ATTACHMENT = "alipolicy_policy_attachment"
MEMBERSHIPS = ("alicloud_ram_group_membership", "alicloud_ram_user_group_attachment")
# What gives nobody access and protects nothing by itself.
_HARMLESS_WHEN_MADE = frozenset({*VAULTS, "alicloud_kms_key", "alicloud_ram_user", "alicloud_ram_group"})
_OF_NO_CONCERN = frozenset(
    [
        "acknowledge",
        "comments",
        "create_date",
        "create_time",
        "create_timestamp",
        "description",
        "display_name",
        "ecs_backup_plan_name",
        "ecs_server_backup_plan_name",
        "id",
        "nas_backup_plan_name",
        "oss_backup_plan_name",
        "ots_backup_plan_name",
        "plan_name",
        "policy_binding_description",
        "tags",
        "timeouts",
        "update_date",
        "update_time",
        "updated_time",
        "vault_name",
    ]
)
_DOCUMENTS = ("assume_role_policy_document", "document", "policy", "policy_document")
_SETS = ("user_names", "ram_users", "services")

# A change of these makes Terraform destroy a vault, and create another one.
_OF_ONE_VAULT = {name for each in VAULTS.values() for name in each.forces_new_resource}
# What the service's pages say of an attribute that is switched on, and off.
_LOCK = (
    "neither the vault nor a backup in it can be deleted before its retention is over",
    "backups in it can be deleted before their retention is over",
)

_WHAT: Mapping[str, str] = {
    "alicloud_ram_role": "a role, and who may assume it",
    "alicloud_oss_bucket_policy": "who may reach a bucket",
    "alicloud_oss_bucket": "who may reach a bucket",
    "alicloud_oss_bucket_object": "who may reach an object",
    "alicloud_kms_key": "a key, without which nothing that it has encrypted can be read",
    **dict.fromkeys(VAULTS, "a vault, where recovery points are kept"),
    **dict.fromkeys(BINDINGS, "what a backup policy protects"),
}


def is_of_concern(type_name: str) -> bool:
    """Whether a change of such a resource may concern what is protected, or who may do what."""
    return _OF_CONCERN.fullmatch(type_name) is not None


def is_attachment(type_name: str) -> bool:
    """Whether such a resource gives a policy to a user, a group or a role."""
    return type_name == _OWN_ATTACHMENT or _ATTACHMENT.fullmatch(type_name) is not None


def kind_of_principal(type_name: str, attached: Mapping[str, Any]) -> str | None:
    """Who gets the policy by an attachment: a `user`, a `group` or a `role`; None where that is not said."""
    if official := _ATTACHMENT.fullmatch(type_name):
        return official[1]
    kinds = [kind for kind in ("user", "group", "role") if attached.get(f"{kind}_name")]
    return kinds[0] if type_name == _OWN_ATTACHMENT and len(kinds) == 1 else None


def is_protection(type_name: str) -> bool:
    """Whether such a resource says which source is backed up, and how."""
    return type_name in BINDINGS or _OLD_PLAN.fullmatch(type_name) is not None


def changed_names(change: OtherChange) -> list[str]:
    """The attributes that differ, and whose change is of concern."""
    # The official provider has no default for it.
    filled = {"policy_type": "Custom"} if change.type_name == _OWN_ATTACHMENT else {}
    before, after = ({**filled, **_given(side)} for side in (change.before, change.after))
    names = [name for name in dict.fromkeys([*before, *after]) if name not in _OF_NO_CONCERN]
    if change.type_name.startswith("alicloud_hbr_") or change.type_name in VAULTS:
        names = [name for name in names if name != "status"]  # computed; of a key or a user it can be set
    names = [name for name in names if name in _IN_PART.get(change.type_name, names)]
    return [
        name
        for name in names
        if holds_token([before.get(name), after.get(name)])
        or not is_same(_as_meant(name, before.get(name)), _as_meant(name, after.get(name)))
    ]


def _as_meant(name: str, value: Any) -> Any:
    """The value, whatever the order and the spelling of a set and of a document."""
    if name in _SETS and isinstance(value, list):
        return in_order(value)
    if name in _DOCUMENTS and isinstance(value, str):
        parsed = parse(value)
        if parsed.elements is not None and not parsed.repeated_keys and not parsed.flaws:
            return json_text(canonical(parsed.elements))
    return value


def _given(side: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (side or {}).items() if value is not None}


def is_of_no_concern(change: OtherChange) -> bool:
    """A bucket of which nothing changes that says who may reach it is of as little concern as any other; so
    is what lies in it."""
    return change.type_name in _IN_PART and not any(
        (side or {}).get(name) not in (None, "", "private")
        for name in changed_names(change)
        for side in (change.before, change.after)
    )


def _protects(change: OtherChange) -> bool:
    return change.type_name in VAULTS or is_protection(change.type_name)


def is_disabled(side: Mapping[str, Any] | None) -> bool | None:
    """None where it is not known."""
    value = (side or {}).get("disabled")
    return None if holds_token(value) else value in (True, "true")


def is_harmless(change: OtherChange) -> bool:
    """Whether it is certain that nobody loses protection, and nobody gains access."""
    if change.action is Action.ADDED and not change.is_drift:
        is_on = is_disabled(change.after) is False
        return change.type_name in _HARMLESS_WHEN_MADE or (_protects(change) and is_on)
    is_shown = change.action is Action.CHANGED and change.before not in (None, change.after)
    return is_shown and not changed_names(change)


def _ends(change: OtherChange) -> str | None:
    """How a protection ends; None where it does not."""
    if change.fate:
        return change.fate.ends
    if not _protects(change):
        return None
    if change.action is Action.REMOVED:
        return "it is removed" if not change.is_drift else "somebody removed it"
    is_other = change.type_name in VAULTS and _OF_ONE_VAULT & set(changed_names(change))
    if change.action is Action.REPLACED or (change.action is Action.CHANGED and change.before and is_other):
        return "it is destroyed, and another one is created"
    if change.before is not None and not is_disabled(change.before) and is_disabled(change.after):
        return "it is disabled"
    return None


@check("RV254", "A protection ends", source=SOURCE)
def protection_ends(change: OtherChange) -> Problems:
    """A vault, a policy binding or a backup plan of the old kind is destroyed or disabled: what it protects
    is backed up no more, or loses its recovery points."""
    if how := _ends(change):
        about = _told(change, "policy_id", "source_type", "data_source_id", "vault_name", "vault_id")
        hint = "See that another policy protects it first, or approve the change."
        lost = "; all recovery points in it are deleted" if change.type_name in VAULTS else ""
        yield Problem("", Phrase(f"{how}{about}{lost}"), "a protection that goes on", hint)


@check("RV256", "A change is not judged", source=SOURCE)
def not_judged(change: OtherChange) -> Problems:
    """It may end a protection or give somebody access, and what it means is not worked out here: trust
    documents of roles, policies of buckets, members of groups, settings of vaults, bindings and backup plans,
    and any other resource of Cloud Backup and RAM."""
    if change.fate:
        if change.fate.undecided:
            received = Phrase(f"not judged: {change.fate.undecided}")
            yield Problem("", received, "a change that is judged", "Look at it yourself, and approve it.")
        return
    is_said = _ends(change) or is_attachment(change.type_name) or change.action is Action.FORGOTTEN
    if is_said or is_harmless(change):
        return
    what = _WHAT.get(change.type_name, change.type_name)
    where = "outside of Terraform, " if change.is_drift else ""
    names = changed_names(change)
    which = f": {', '.join(names[:6])}{' and more' if len(names) > 6 else ''}" if names else ""
    received = Phrase(f"not judged: {where}{what} ({change.action}){which}{_of_lock(change)}")
    yield Problem("", received, "a change that is judged", "Look at it yourself, and approve it.")


def _of_lock(change: OtherChange) -> str:
    """What it means that the lock of a vault is switched on or off."""
    if change.type_name not in VAULTS or "worm_enabled" not in changed_names(change):
        return ""
    value = (change.after or {}).get("worm_enabled")
    return "" if holds_token(value) else f"; {_LOCK[value not in (True, 'true')]}"


@check("RV555", "A change of no concern beside the policies", source=SOURCE)
def harmless(change: OtherChange) -> Problems:
    """A vault, a binding or a backup plan is made, a user or group is created, or only names, descriptions
    and tags change: nobody loses protection, and nobody gains access."""
    if change.fate and change.fate.harmless:
        yield Problem("", Phrase(change.fate.harmless), "", "Nothing has to be done.")
    elif not change.fate and is_harmless(change) and not change.is_drift:
        is_made = change.action is Action.ADDED
        what = "it is created" if is_made else "only what neither protection nor access depends on"
        yield Problem("", Phrase(what), "", "Nothing has to be done.")


def _told(change: OtherChange, *names: str) -> str:
    side = change.before or change.after or {}
    parts = [f"{name} {shown(side[name])}" for name in names if side.get(name) not in (None, "")]
    return f" ({', '.join(parts)})" if parts else ""


def differences(change: OtherChange) -> Iterator[tuple[str, str, str]]:
    """The attributes that differ, in short texts."""
    for name in changed_names(change) if change.before is not None and change.after is not None else ():
        sides = [side.get(name) for side in (change.before, change.after) if side is not None]
        was, now = map(_as_written, sides)
        if was == now:  # two spellings
            was, now = map(shown, sides)
        yield name, was, now


def _as_written(value: object) -> str:
    """A value as Terraform writes it; of a document what it says, and not how it stands in a string."""
    if isinstance(value, str) and value.startswith("{") and not is_token(value):
        with suppress(ValueError, RecursionError):
            return shown(json.loads(value))
    return str(value).lower() if isinstance(value, bool) else shown(value)


def edits(change: OtherChange) -> tuple[Edit, ...]:
    """The same, as what was edited."""
    values = tuple(EditedValue(*difference) for difference in differences(change))
    return (Edit(title="", action=Action.CHANGED, values=values),) if values else ()


CHECKS = checks_of(globals())
"""Every check of a change of another resource, by code."""
