"""What Cloud Backup remembers: the kinds of its objects, how one is found, and how many recovery points a
vault holds."""

from __future__ import annotations

from collections import Counter
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


def count_recovery_points(call: OperationCall) -> Counter[str]:
    """By vault: each job that has ended well made one, which is kept as long as its rule says."""
    return Counter(
        job.body["VaultId"]
        for job in call.objects.all(JOB)
        if call.now >= job.body["ready"] and not _has_expired(job.body, call.now)
    )


def _has_expired(job: dict[str, Any], now: float) -> bool:
    # uncertain: how long a recovery point of a policy without any retention is kept. Forever here.
    return bool(job["Retention"]) and now > job["CompleteTime"] + job["Retention"] * 86_400
