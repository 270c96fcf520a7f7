"""What earlier runs left unfinished, seen from a resource: what its state knows, what a plan wants, and what
nobody asks for any more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from constructs_lib.provider.api_models import version_name
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates.create_once import Created
from constructs_lib.provider.pending_creates.log import PendingOperation
from constructs_lib.provider.pending_creates.matching import digest_of, is_young, version_request
from constructs_lib.provider.protocol.context import Context

POLICY, VERSION, DEFAULT = "CreatePolicyV2", "CreatePolicyVersion", "SetDefaultPolicyVersion"


def in_state(cloud: Cloud, operation: str, name: str) -> None:
    """Terraform's state has this object: its create is finished, and it is nobody else's."""
    journal = cloud.creations.journal
    if not journal.is_idle():
        journal.saw(operation, cloud.scope(operation), name)


def planned(cloud: Cloud, operation: str, request: Mapping[str, Any] | None) -> None:
    """A plan wants this; None: parts of it are not known yet."""
    cloud.creations.journal.plans(operation, "" if request is None else digest_of(operation, request))


def tell(ctx: Context, cloud: Cloud, *, is_applying: bool = False) -> None:
    """Warn of what no resource asks for, and of a journal that cannot be kept. Each once in a process."""
    journal = cloud.creations.journal
    for problem in journal.take_problems():
        ctx.warn(
            "The journal of creates is not complete",
            f"{problem} Should a run be killed, the next one may not know what it has created.",
        )
    if journal.is_idle():
        return
    for entry in journal.to_tell(cloud.scope, is_applying=is_applying):
        try:
            names = _left_of(cloud, entry)
        except CloudError as error:
            ctx.log.info("what became of %s could not be seen: %s", entry.subject, error)
            continue
        if names:
            _warn(ctx, entry, names)
            journal.told(entry)
        else:
            journal.end(entry)


def tell_of_adoption(ctx: Context, created: Created[Any], name: str) -> None:
    """Say so where an earlier run has made what this one was asked for."""
    if created.note is not None:
        ctx.warn(
            f"{name} was created by an earlier run",
            "That run was killed, or lost sight of it; as nothing in it differs from what is asked for now, "
            "it was taken over, and not created again.",
        )


def _warn(ctx: Context, entry: PendingOperation, names: list[str]) -> None:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(entry.began))
    ids = " or ".join(name.partition(" of ")[0] for name in names)
    was = "was" if entry.name else "may have been"
    ctx.warn(
        f"{ids} {was} created by an earlier run and is in no state",
        f"The run of {when} asked for {entry.subject or 'a policy without a name'}, and did not end, or its "
        "state was lost or changed. No resource of the last plan takes the object. If it is yours, import it "
        f"(terraform import ADDRESS {ids}); if nobody needs it, delete it.",
    )


def _left_of(cloud: Cloud, entry: PendingOperation) -> list[str]:
    """The objects that the entry's create has made, or may have made, and that nobody has."""
    if entry.kind == POLICY:
        if entry.name:
            return [entry.name] if cloud.backup_policy(entry.name) else []
        taken = entry.before | cloud.creations.journal.others(entry)
        return [
            one.policy_id
            for one in cloud.backup_policies()
            if one.policy_id not in taken
            and one.policy_name == (entry.subject or one.policy_name)
            and is_young(one.created_time, entry.began, entry.ends)
        ]
    return versions_of(cloud, entry) if entry.kind == VERSION else []


def versions_of(cloud: Cloud, entry: PendingOperation) -> list[str]:
    """The names of the versions that an unfinished create has made."""
    name, found = entry.subject, []
    taken = entry.before | cloud.creations.journal.others(entry)
    for listed in cloud.policy_versions(name) or []:
        called = version_name(name, listed)
        if called == entry.name:
            return [called]
        if entry.name or called in taken or listed.version_id == "v1":
            continue
        if is_young(listed.create_date, entry.began, entry.ends):
            told = cloud.policy_version(name, listed.version_id)
            document = told.policy_document if told else None
            if document and digest_of(VERSION, version_request(name, document)) == entry.digest:
                found.append(called)
    return found
