"""The resources and the journal of creates: what a state knows, what a plan wants, and what an earlier run
created that nobody asks for any more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from constructs_lib.provider import ram_policies
from constructs_lib.provider.api_models import RemotePolicyVersion, version_name
from constructs_lib.provider.cloud import CREATE_POLICY, CREATE_VERSION, HBR_CREATES, Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates import (
    Created,
    PendingOperation,
    digest_of,
    is_young,
    version_request,
)
from constructs_lib.provider.protocol.context import Context
from constructs_lib.provider.vaults import vault, vaults


def confirm_in_state(ctx: Context, cloud: Cloud, operation: str, name: str) -> None:
    """Terraform's state has this object: its create is finished, and it is nobody else's."""
    journal = cloud.creates.journal
    if not journal.is_idle():
        journal.confirm_in_state(operation, cloud.scope(operation), name)
    warn_of_unclaimed(ctx, cloud)


def begin_plan(ctx: Context, cloud: Cloud, operation: str, prior: str) -> None:
    """A resource is planned, which the state knows by this name; empty: a new one."""
    if prior:
        confirm_in_state(ctx, cloud, operation, prior)
        cloud.creates.journal.record_planning(cloud.scope)
    else:
        warn_of_unclaimed(ctx, cloud)


def record_plan(cloud: Cloud, operation: str, request: Mapping[str, Any] | None) -> None:
    """A plan wants this; None: parts of it are not known yet."""
    digest = "" if request is None else digest_of(operation, request)
    cloud.creates.journal.record_plan(operation, digest, cloud.scope)


def warn_of_unclaimed(ctx: Context, cloud: Cloud, *, is_applying: bool = False) -> None:
    """Warn of objects that no resource asks for, and of a journal that cannot be kept. Each once in a
    process."""
    journal = cloud.creates.journal
    for problem in journal.take_problems():
        ctx.warn(
            "The journal of creates is incomplete",
            f"{problem} If this run is killed, the next one may not know what it has created.",
        )
    if journal.is_idle():
        return
    for pending in journal.find_unreported(cloud.scope, is_applying=is_applying):
        try:
            names = _find_created(cloud, pending)
        except CloudError as error:
            ctx.log.info("what became of %s could not be looked up: %s", pending.subject, error)
            continue
        if names:
            _warn(ctx, pending, names, sees_state=journal.keeps_state)
            journal.record_report(pending)
        else:
            journal.finish(pending)


def warn_after_create(ctx: Context, cloud: Cloud, created: Created[Any], name: str) -> None:
    """Say so where an earlier run has created what this one was asked for, or where equal objects appeared
    beside it; and warn of what is unclaimed by now."""
    if names := ", ".join(created.possible_duplicates):
        ctx.warn(
            "It may have been created twice",
            f"An answer was lost on the way, and beside the new object an equal one appeared: {names}. "
            "If nobody else created it, delete it.",
        )
    if created.note is not None:
        ctx.warn(
            f"{name} was created by an earlier run",
            "That run was killed, or got no answer. The object is exactly what is asked for now, so it was "
            "taken over instead of creating a second one.",
        )
    warn_of_unclaimed(ctx, cloud, is_applying=True)


def _warn(ctx: Context, pending: PendingOperation, names: list[str], *, sees_state: bool) -> None:
    """`sees_state`: whether the state is a local file, so that it is known what a partial plan leaves out."""
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(pending.began))
    ids = " or ".join(name.partition(" of ")[0] for name in names)
    was = "was" if pending.name else "may have been"
    where, partly = "is in no state", ""
    if not sees_state:
        where = "was not seen in the state"
        partly = " A plan with -target sees only a part of that: terraform state list tells."
    ctx.warn(
        f"{ids} {was} created by an earlier run and {where}",
        f"The run of {when} asked for {pending.subject or 'a policy without a name'}, and was killed, or its "
        f"state was lost or changed. No resource of the last plan takes the object.{partly} If it is yours, "
        f"import it (terraform import ADDRESS {ids}); if nobody needs it, delete it.",
    )


def _find_created(cloud: Cloud, pending: PendingOperation) -> list[str]:
    """The names of the objects that a create has made, or may have made, and that nobody has."""
    if pending.kind == CREATE_VERSION:
        return [
            version_name(pending.subject, version.version_id, version.create_date)
            for version in find_created_versions(cloud, pending)
        ]
    if pending.kind == ram_policies.CREATE:
        policy = ram_policies.find_policy(cloud, pending.subject)
        names = [] if policy is None else [ram_policies.policy_id(policy.policy_name, policy.create_date)]
        return [name for name in names if name == (pending.name or name) and name not in pending.before]
    if pending.kind not in HBR_CREATES:
        return []
    is_vault = pending.kind != CREATE_POLICY
    if pending.name:
        there = vault(cloud, pending.name) if is_vault else cloud.backup_policy(pending.name)
        return [pending.name] if there else []
    taken = pending.before | cloud.creates.journal.names_of_others(pending)
    if is_vault:
        return [
            each.vault_id
            for each in vaults(cloud)
            if each.vault_id not in taken
            and each.vault_name == pending.subject
            and is_young(each.created_time, pending.began, pending.ends)
        ]
    return [
        policy.policy_id
        for policy in cloud.backup_policies()
        if policy.policy_id not in taken
        and policy.policy_name == (pending.subject or policy.policy_name)
        and is_young(policy.created_time, pending.began, pending.ends)
    ]


def find_created_versions(cloud: Cloud, pending: PendingOperation) -> list[RemotePolicyVersion]:
    """The versions that an unfinished create has made, or may have made."""
    policy, found = pending.subject, []
    taken = pending.before | cloud.creates.journal.names_of_others(pending)
    for version in cloud.existing_versions(policy):
        name = version_name(policy, version.version_id, version.create_date)
        if name == pending.name:
            return [version]
        # v1 comes with its policy, never from CreatePolicyVersion.
        if pending.name or name in taken or version.version_id == "v1":
            continue
        if is_young(version.create_date, pending.began, pending.ends):
            document = cloud.with_document(policy, version).policy_document
            if document and digest_of(CREATE_VERSION, version_request(policy, document)) == pending.digest:
                found.append(version)
    return found
