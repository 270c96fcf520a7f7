"""What Cloud Backup remembers: the kinds of its objects, how one is found, and the recovery points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import OperationCall
from constructs_lib.localcloud.store import Stored

POLICY, VAULT = "backup policy", "vault"
BINDING = "policy binding"
JOB = "backup job"

# uncertain: which source types ExecutePolicyV2 takes; it is documented for UDM_ECS alone.
SOURCE_TYPES = ("UDM_ECS", "OSS", "NAS", "COMMON_NAS", "ECS_FILE", "File", "COMMON_FILE_SYSTEM", "OTS")


def find(call: OperationCall, kind: str, resource_id: str) -> Stored:
    """The object of a kind that has this id; what is being deleted is found too."""
    stored = call.objects.get(kind, resource_id)
    if stored is None:
        raise ApiError(errors.RESOURCE_MISSING, resource_id)
    return stored


def find_lasting(call: OperationCall, kind: str, resource_id: str) -> Stored:
    """As `find`, but what is being deleted counts as gone.

    uncertain: whether a policy that is being deleted can still be changed, bound or run.
    """
    stored = find(call, kind, resource_id)
    if stored.leaving:
        raise ApiError(errors.RESOURCE_MISSING, resource_id)
    return stored


def list_recovery_points(call: OperationCall) -> list[Stored]:
    """The jobs that made them: each that has ended well made one, which is kept as long as its rule says."""
    return [
        job
        for job in call.objects.all(JOB)
        if call.now >= job.body["ready"] and not 0 < expire_time(job.body) < call.now
    ]


def expire_time(job: Mapping[str, Any]) -> int:
    """When the recovery point of a job expires (UNIX seconds), 0 where it never does."""
    # uncertain: how long a recovery point of a policy without any retention is kept. Forever here.
    return int(job["CompleteTime"] + job["Retention"] * 86_400) if job["Retention"] else 0
