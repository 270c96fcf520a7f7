"""Who has a policy: attachments to users, groups and roles, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from constructs_lib.findings import Phrase, Problem, Problems, check, plural, shown
from constructs_lib.ram.access import Verdict
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.review import normal_form
from constructs_lib.review.access_comparison import Accesses
from constructs_lib.review.affected import Affected
from constructs_lib.review.loading.other_changes import (
    MEMBERSHIPS,
    changed_names,
    is_attachment,
    is_harmless,
    kind_of_principal,
)
from constructs_lib.review.loading.resource import Input, OtherChange, OtherResource
from constructs_lib.review.report import AccessReview, Action
from constructs_lib.review.versions import KnownPolicies, Version, VersionsOfPolicy
from constructs_lib.tokens import known

SOURCE = "RAM, AttachPolicyToUser (2015-05-01)"

_EVERYTHING = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# The system policies whose documents are known; source: RAM, "System policies".
_SYSTEM_POLICIES = {
    "AdministratorAccess": PolicyVersionProps(
        policy_name="AdministratorAccess", policy_document=json.dumps(_EVERYTHING)
    )
}
# By whether it is the side after: an attachment, or None where there is none.
_Sides = tuple[tuple[bool, Mapping[str, Any] | None], ...]


@frozen(kw_only=True, eq=False)
class AttachmentChange:
    """A policy that somebody gets, or loses.

    * `who`, `policy`: in words. `account`: where both are. `is_gained`: which of the two it is.
    * `access`: what all of the policy means for somebody who did not have it, or has it no longer.
    * `reported_at`: the resource whose findings tell what the policy allows, where all of that is new.
    * `is_drift`: it happened outside of Terraform.
    """

    who: str
    account: str
    policy: str
    is_gained: bool
    access: AccessReview
    reported_at: str | None = None
    is_drift: bool = False

    @property
    def gives_access(self) -> bool:
        """Whether there is access that was not there before, or may be."""
        return self.is_gained and _gives(self.access)

    def problem(self, what: str, allowed: str, hint: str) -> Problem:
        verb = "now has" if self.is_gained else "no longer has"
        where = "outside of Terraform, " if self.is_drift else ""
        return Problem("", Phrase(f"{where}{self.who} {verb} {self.policy}{what}"), allowed, hint)


def _gives(access: AccessReview) -> bool:
    return bool(access.gained) or access.verdict is Verdict.UNDECIDED


@check("RV211", "What somebody loses with a policy is undecided", source=SOURCE)
def loss_undecided(change: AttachmentChange) -> Problems:
    """A policy is attached to a user, group or role no longer, and its document is not known: a Deny in it
    may have refused what other policies allow."""
    if not change.is_gained and change.access.verdict is Verdict.UNDECIDED:
        hint = "See whether the policy denies anything, and approve the change."
        yield change.problem(f": {change.access.undecided}", "a policy that is known", hint)


@check("RV212", "A Deny no longer holds for somebody", source=SOURCE)
def deny_ends(change: AttachmentChange) -> Problems:
    """A policy with a Deny is attached to a user, group or role no longer: what it refused, other policies of
    the same may now allow."""
    lifted = change.access.no_longer_refused
    if not change.is_gained and lifted:
        what = f", which denies such as {lifted[0].witness}"
        yield change.problem(what, "the same refusals", "Check what else is attached there.")


@check("RV255", "Somebody gets a policy", source=SOURCE)
def attached(change: AttachmentChange) -> Problems:
    """A policy is attached to a user, group or role, which gets all that the policy allows, not only what is
    new in it. A policy that is not in the files or the plan may allow anything; so may system policies, of
    which only the document of AdministratorAccess is known here."""
    access = change.access
    if not change.is_gained:
        return
    if change.reported_at:
        what = f"; what it allows is new, see {change.reported_at}"
    elif access.verdict is Verdict.UNDECIDED:
        what = f"; what it allows is not known: {access.undecided}"
    elif access.gained:
        what = f": {plural(len(access.gained), 'grant')}, such as {access.gained[0].witness}"
    else:
        return
    yield change.problem(what, "the same policies", "Check that this is meant, and approve the change.")


@check("RV311", "Somebody loses access", source=SOURCE)
def access_ends(change: AttachmentChange) -> Problems:
    """A policy is attached to a user, group or role no longer, or one is that only denies."""
    access = change.access
    is_told = access.gained or change.reported_at if change.is_gained else access.no_longer_refused
    if access.verdict is Verdict.UNDECIDED or (is_told and not access.lost):
        return
    lost = f": {plural(len(access.lost), 'grant')}, such as {access.lost[0].witness}" if access.lost else ""
    what = ", which allows nothing" if change.is_gained else lost
    yield change.problem(what, "the same access", "Check that nobody needs it.")


CHECKS = (loss_undecided, deny_ends, attached, access_ends)
"""The checks of what becomes of an attachment, by code."""


@check("RV511", "Who has the policy", source=SOURCE)
def holders_named(holders: tuple[str, ...]) -> Problems:
    """Access changes for each user, group and role that the files or the plan attach the policy to; it may be
    attached to others, of which nothing is known here."""
    if holders:
        more = f" and {len(holders) - 10:,} more" if len(holders) > 10 else ""
        received = Phrase(f"what changes is for {', '.join(holders[:10])}{more}")
        yield Problem("", received, "", "The policy may be attached to others, too.")


# ------------------------------------------------------------ what is on the page


@frozen(eq=False)
class Attachments:
    """All attachments of both sides, and the policies that they are of."""

    _given: Input
    _policies: KnownPolicies
    _holders: Mapping[tuple[str, ...], tuple[str, ...]]
    _holders_after: Mapping[tuple[str, ...], tuple[str, ...]]

    @classmethod
    def of(cls, given: Input, policies: KnownPolicies) -> Attachments:
        holders: dict[tuple[str, ...], set[str]] = {}
        after: dict[tuple[str, ...], set[str]] = {}
        for is_new, side in ((False, given.old), (True, given.new)):
            others = side.others if side else ()
            members = _members(others)
            for other in others:
                if is_attachment(other.type_name):
                    attached = {**other.attributes, **other.settings}
                    if key := policies.key(attached, other.stack, other.address, is_new=is_new):
                        who = _who(other.type_name, attached, members)
                        for found in (holders, after) if is_new else (holders,):
                            found.setdefault(key, set()).add(who)
        sides = [{key: tuple(sorted(names)) for key, names in found.items()} for found in (holders, after)]
        return cls(given, policies, *sides)

    def holders(self, policy: VersionsOfPolicy) -> tuple[str, ...]:
        """Who the page attaches a policy to, before or after."""
        return self._holders.get(policy.key, ())

    def gaining(self, policy: VersionsOfPolicy, access: AccessReview | None) -> Iterator[Affected]:
        """Who gets what a policy allows from then on, where that is more than before, or may be."""
        for who in self._holders_after.get(policy.key, ()) if access and _gives(access) else ():
            yield Affected(who, policy.key[0])

    def changes(self, change: OtherChange, accesses: Accesses) -> Iterator[AttachmentChange]:
        """What a change of an attachment means: who loses which policy, then who gets which."""
        if not is_attachment(change.type_name) or change.action is Action.FORGOTTEN or is_harmless(change):
            return
        for is_new, attached in ((False, change.before), (True, change.after)):
            side = self._given.new if is_new else self._given.old
            if attached is None:
                continue
            version, reason, policy = self._version(change, attached, is_new)
            document = version.props if version else None
            access = accesses.review(*((None, document) if is_new else (document, None)), unknown=reason)
            yield AttachmentChange(
                who=_who(change.type_name, attached, _members(side.others if side else ())),
                account=self._policies.account(attached, change.stack),
                policy=f"the policy {shown(attached.get('policy_name'))} ({shown(_policy_type(attached))})",
                is_gained=is_new,
                access=access,
                reported_at=_reported_at(policy, access, accesses) if is_new and not reason else None,
                is_drift=change.is_drift,
            )

    def keeps_policy(self, change: OtherChange) -> bool:
        """Whether only what the policy is called by is another one: it is the same policy as before."""
        is_called_otherwise = is_attachment(change.type_name) and changed_names(change) == ["policy_name"]
        if not is_called_otherwise or change.action is not Action.CHANGED or change.is_drift:
            return False
        was, now = (
            self._policies.key(side or {}, change.stack, (each or change).address, is_new=is_new)
            for is_new, side, each in ((False, change.before, change.old), (True, change.after, change.new))
        )
        return was is not None and was == now and not self._policies.is_renamed(was)

    def rests_on(self, change: OtherChange) -> list[object]:
        """What the verdict about an attachment comes from, beside the attachment, as plain values."""
        found: list[object] = []
        for is_new, attached in ((False, change.before), (True, change.after)):
            if is_attachment(change.type_name) and attached is not None:
                version, reason, _ = self._version(change, attached, is_new)
                found.append([version and normal_form.document(version.props), reason])
        return found

    def _version(
        self, change: OtherChange, attached: Mapping[str, Any], is_new: bool
    ) -> tuple[Version | None, str | None, VersionsOfPolicy | None]:
        """The version that takes effect of an attached policy, or why it is not known; and the policy."""
        policy_type, name = _policy_type(attached), known(attached.get("policy_name"), str)
        if policy_type == "System":
            props = _SYSTEM_POLICIES.get(name or "")
            reason = "the documents of most system policies are not known here"
            return (Version(str(name), props), None, None) if props else (None, reason, None)
        if policy_type != "Custom":
            return None, "of which type the policy is, is not known", None
        key = self._policies.key(attached, change.stack, change.address, is_new=is_new)
        policy = self._policies.find(key) if key else None
        if policy is None:
            return None, "neither the files nor the plan have the policy", None
        default = policy.after if is_new else policy.before
        missing = None if default.version else "there is no such policy here"
        return default.version, default.unknown or missing, policy


def _policy_type(attached: Mapping[str, Any]) -> Any:
    """Whose the policy is; our provider has a default."""
    return attached.get("policy_type") or "Custom"


def _reported_at(policy: VersionsOfPolicy | None, access: AccessReview, accesses: Accesses) -> str | None:
    """The resource that tells what a policy allows, where its own change is what gives all of it."""
    if policy is None or not policy.is_changed or policy.reported_at is None or policy.before.unknown:
        return None
    before, after = (side.version.props if side.version else None for side in (policy.before, policy.after))
    reported = accesses.review(before, after)
    is_all = (reported.gained, reported.risks) == (access.gained, access.risks)
    return policy.reported_at.shown.address if is_all else None


def _who(type_name: str, attached: Mapping[str, Any], members: Mapping[str, list[str]]) -> str:
    kind = kind_of_principal(type_name, attached)
    if kind is None:
        return "somebody"
    name = attached.get(f"{kind}_name")
    users = members.get(name, []) if kind == "group" and isinstance(name, str) else []
    inside = f" with {plural(len(users), 'user')} ({', '.join(users[:10])})" if users else ""
    return f"the {kind} {shown(name)}{inside}"


def _members(others: tuple[OtherResource, ...]) -> Mapping[str, list[str]]:
    """The users of each group, as far as the page says."""
    members: dict[str, list[str]] = {}
    for other in others:
        group = known(other.attributes.get("group_name"), str)
        if other.type_name in MEMBERSHIPS and group:
            users = other.attributes.get("user_names") or [other.attributes.get("user_name")]
            members.setdefault(group, []).extend(
                shown(user) for user in (users if isinstance(users, list) else [users])
            )
    return {group: sorted(set(users)) for group, users in members.items()}
