"""`alipolicy_policy_attachment`: a policy of RAM, attached to one user, group or role.

Source: RAM, AttachPolicyToUser, AttachPolicyToGroup, AttachPolicyToRole, DetachPolicyFrom…,
ListEntitiesForPolicy (2015-05-01); see `ram_policies`.
"""

from __future__ import annotations

import re

from constructs_lib.provider import acknowledgements, ram_policies
from constructs_lib.provider.acknowledgements import check_acknowledge, report
from constructs_lib.provider.cloud import CUSTOM, SYSTEM, Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.identities import IdentifiedResource, in_account
from constructs_lib.provider.operations import (
    LOOK_AHEAD,
    cloud_of,
    is_just_created,
    note_creation,
    props_of,
)
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import MoveSource, PlannedChange
from constructs_lib.provider.protocol.schema import Schema, computed, optional, required
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.provider.ram_policies import Attachment, Principal

_ID = re.compile(r"(user|group|role):([^:]+):(Custom|System):([^:]+)")
# What makes one attachment differ from another.
_IDENTITY = ("policy_type", "policy_name", *(f"{kind}_name" for kind in ram_policies.KINDS))
# The private note of the attachment that a resource had before.
_REPLACES = "replaces"
_OF_OFFICIAL = re.compile(r"alicloud_ram_(user|group|role)_policy_attachment")


def _principal(kind: str) -> str:
    return f"The {kind} that gets the policy. Exactly one of `user_name`, `group_name` and `role_name`."


SCHEMA = Schema(
    {
        "id": computed("`<kind>:<name>:<policy_type>:<policy_name>`, such as `role:app:Custom:oss-readers`."),
        "policy_name": required("The policy; it must exist.", force_new=True),
        "policy_type": optional(
            "Whose it is: `Custom`, the account's, or `System`, Alibaba Cloud's. Default: `Custom`.",
            default=CUSTOM,
            force_new=True,
        ),
        "user_name": optional(_principal("user"), force_new=True),
        "group_name": optional(_principal("group"), force_new=True),
        "role_name": optional(_principal("role"), force_new=True),
        "acknowledge": acknowledgements.ATTRIBUTE,
    },
    "A policy of RAM, attached to one user, group or role. What is attached already, by hand or by a run "
    "that was killed, is taken over with a warning; what somebody detached is attached again. A resource "
    "that is destroyed in the apply in which another takes its attachment over leaves it there.",
    timeouts={"create": 300, "delete": 300},
)


class PolicyAttachmentResource(IdentifiedResource):
    type_name = "alipolicy_policy_attachment"
    schema = SCHEMA
    identity = in_account(
        kind="Who has the policy: `user`, `group` or `role`.",
        name="The name of the user, group or role.",
        policy_type="`Custom` or `System`.",
        policy_name="The name of the policy.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.ram import policy_checks
        from constructs_lib.ram.policy import PolicyAttachmentProps

        check_acknowledge(ctx, config, policy_checks.CODES_OF_ATTACHMENT)
        found = policy_checks.check_policy_attachment(props_of(PolicyAttachmentProps, config, {}))
        report(ctx, config, found, policy_checks.ATTACHMENT_CHECKS)

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        """Two resources of one attachment are refused. A system policy is there before any plan, or never."""
        if ctx.client is not None:
            _claim(ctx, cloud_of(ctx), change)
        name, policy_type = change.planned["policy_name"], change.planned["policy_type"]
        is_new = change.prior is None or change.changed & {"policy_name", "policy_type"}
        if ctx.client is None or not is_new or name is UNKNOWN or policy_type != SYSTEM:
            return
        cloud = cloud_of(ctx, LOOK_AHEAD)
        try:
            policy = cloud.creates.snapshot(
                ("system policy", name),
                lambda: ram_policies.find_policy(cloud, name, SYSTEM),
                cloud.calls.pace,
            )
        except CloudError as error:
            ctx.log.info("whether there is a system policy %s could not be looked up: %s", name, error)
            return
        if policy is None:
            raise _no_system_policy(name)

    def create(self, ctx: Context, planned: State) -> State:
        cloud, attachment = cloud_of(ctx), _attachment(planned)
        cloud.claims.drop(_claimed(attachment), ctx.private.pop(_REPLACES, ""), "")
        with ram_policies.alone_with(cloud, attachment):
            try:
                is_new = ram_policies.attach(cloud, attachment)
            except CloudError as error:
                raise _explain(attachment, error) from error
            if not is_new:
                cloud.claims.take_over(_claimed(attachment))
        note_creation(ctx)
        if not is_new:
            ctx.warn(
                f"Policy {attachment.policy_name} was attached to {attachment.principal} already",
                "By hand, by another configuration, or by an earlier run that was killed. This resource has "
                "taken it over: destroying it detaches the policy, whoever attached it.",
            )
        return {**planned, "id": attachment.id}

    def read(self, ctx: Context, state: State) -> State | None:
        cloud, attachment = cloud_of(ctx), _attachment(state)
        found = ram_policies.recent_holders(cloud, attachment, is_new=is_just_created(ctx))
        return {**state, "id": attachment.id} if attachment.principal in found else None

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        """Only what is sent nowhere changes in place."""
        return planned

    def delete(self, ctx: Context, state: State) -> None:
        """A resource at another address, or a neighbour that now has the principal, keeps it."""
        cloud, attachment = cloud_of(ctx), _attachment(state)
        with ram_policies.alone_with(cloud, attachment):
            if not cloud.claims.is_taken_over(_claimed(attachment)):
                ram_policies.detach(cloud, attachment)

    def import_(self, ctx: Context, id: str) -> State:
        parsed = _ID.fullmatch(id.strip())
        if parsed is None:
            raise Failure(
                f"{id!r} is not an attachment",
                "Import by <kind>:<name>:<policy_type>:<policy_name>: role:app:Custom:oss-readers.",
            )
        kind, name, policy_type, policy_name = parsed.groups()
        return {
            "id": parsed[0],
            f"{kind}_name": name,
            "policy_type": policy_type,
            "policy_name": policy_name,
        }

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        """From the three official resources."""
        official = _OF_OFFICIAL.fullmatch(source.type_name)
        if official is None or not source.provider.endswith("/aliyun/alicloud"):
            return None
        names = ("policy_name", "policy_type", f"{official[1]}_name")
        state = {name: source.state[name] for name in names}
        return {**state, "id": _attachment(state).id}


def _attachment(state: State) -> Attachment:
    kind = next(kind for kind in ram_policies.KINDS if state.get(f"{kind}_name"))
    return Attachment(state["policy_type"], state["policy_name"], Principal(kind, state[f"{kind}_name"]))


def _claimed(attachment: Attachment) -> str:
    """Under which name it stands beside the policies whose default version is claimed."""
    return f"attachment {attachment.id}"


def _claim(ctx: Context, cloud: Cloud, change: PlannedChange) -> None:
    """Refuse a plan in which another resource has, or makes, the same attachment."""
    planned = change.planned
    if UNKNOWN in (planned[name] for name in _IDENTITY):
        return
    attachment, own = _attachment(planned), ctx.private.get(_REPLACES, "")
    if change.prior is not None:
        own = ctx.private[_REPLACES] = change.prior["id"]
    operation = ram_policies.KINDS[attachment.principal.kind].attach
    if cloud.claims.add(_claimed(attachment), own, "", lambda: cloud.scope(operation)):
        ctx.error(
            f"Policy {attachment.policy_name} is attached to {attachment.principal} by two resources",
            "Another resource of this run is the same attachment: destroying either of them detaches the "
            "policy for both. Take one of the two out; one that only has a new address needs a moved block.",
            f"{attachment.principal.kind}_name",
        )


def _explain(attachment: Attachment, error: CloudError) -> CloudError | Failure:
    """What RAM refuses, at the attribute that is to be changed."""
    name, (kind, principal) = attachment.policy_name, attachment.principal
    if error.code.startswith("EntityNotExist.Policy"):
        if attachment.policy_type == SYSTEM:
            return _no_system_policy(name)
        hint = "Create it first, or, if it is Alibaba Cloud's, set policy_type to System."
        return Failure(f"There is no policy {name} in this account", f"{hint}\n{error}", "policy_name")
    if error.is_not_found:
        return Failure(
            f"There is no {kind} {principal} in this account",
            f"Create the {kind} first, or correct the name.\n{error}",
            f"{kind}_name",
        )
    return error


def _no_system_policy(name: str) -> Failure:
    return Failure(
        f"There is no system policy {name}",
        "Correct the name: the data source alipolicy_policies with policy_type = System lists all of them. A "
        "policy of the account has the policy_type Custom.",
        "policy_name",
    )
