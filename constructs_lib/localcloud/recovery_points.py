"""The recovery points of vaults, which the API calls snapshots: each job that has ended well made one."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.backup_objects import expire_time, list_recovery_points
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.filters import read_query
from constructs_lib.localcloud.jobs import describe_job
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

# What a query has to name beside the vault, by the type of the source.
_REQUIRED = {"ECS_FILE": ("InstanceId",), "OSS": ("Bucket",), "NAS": ("FileSystemId", "CreateTime")}
# uncertain: Status, which the official provider sends.
QUERY_KEYS = (
    *("VaultId", "InstanceId", "Bucket", "FileSystemId", "CreateTime", "CompleteTime", "PlanId", "Status"),
)
# uncertain: by what the service can sort.
SORT_KEYS = ("CreatedTime", "StartTime", "CompleteTime", "UpdatedTime", "ExpireTime", "Retention")

# What is known of one, most of it from its job.
_FIELDS = (
    *("ActualBytes", "ActualItems", "BackupType", "Bucket", "BytesDone", "BytesTotal", "ClientId"),
    *("CompleteTime", "CreatedTime", "Exclude", "FileSystemId", "Include", "InstanceId", "InstanceName"),
    *(
        "ItemsDone",
        "ItemsTotal",
        "JobId",
        "Paths",
        "Prefix",
        "SourceType",
        "StartTime",
        "Status",
        "TableName",
    ),
    *("UpdatedTime", "VaultId", "SnapshotId", "SnapshotHash", "Path", "Retention", "ExpireTime"),
    "UseCommonNas",
)
# What none here has. uncertain: which of these the service leaves out where they mean nothing.
_FILLERS: dict[str, Any] = {
    **dict.fromkeys(("ArchiveTime", "CreateTime", "ProtectedDataSize", "RangeEnd", "RangeStart"), 0),
    **dict.fromkeys(
        ("ErrorFile", "ParentSnapshotHash", "SourceParentSnapshotHash", "SourceSnapshotHash"), ""
    ),
    "StorageClass": "STANDARD",
}


def search_historical_snapshots(call: OperationCall) -> Answer:
    """Those of one vault that have not expired.

    No file system is here: whatever a query says of its creation is taken for right.
    uncertain: how a query is answered that is not complete, and what Limit is at most.
    """
    parameters = call.parameters
    source_type = parameters.choice("SourceType", ("", *_REQUIRED))
    edition = parameters.choice("Edition", ("STANDARD", "BASIC"))
    order, sort_by = parameters.choice("Order", ("ASC", "DESC")), parameters.choice("SortBy", SORT_KEYS)
    limit, after = parameters.whole("Limit", 10, low=0, high=1000), parameters.position("NextToken")
    parameters.required("Query")
    conditions = read_query(parameters, QUERY_KEYS)
    if not {"VaultId", *_REQUIRED.get(source_type, ())} <= {each.key for each in conditions}:
        raise ApiError(errors.INVALID, "Query")
    compared = [each for each in conditions if each.key != "CreateTime"]
    matching = [
        point
        for point in (_describe(call, job) for job in list_recovery_points(call))
        if edition == "STANDARD"
        and source_type in ("", point["SourceType"])
        and all(each.matches(point) for each in compared)
    ]
    matching.sort(key=lambda point: point[sort_by], reverse=order == "DESC")
    page, following = matching[after : after + limit], after + limit
    return {
        "Snapshots": {"Snapshot": [_FILLERS | {name: point[name] for name in _FIELDS} for point in page]},
        "Limit": limit,
        "NextToken": str(following) if limit and following < len(matching) else "",
        "TotalCount": len(matching),
    }


def _describe(call: OperationCall, job: Stored) -> dict[str, Any]:
    described = describe_job(call, job)
    return described | {
        "SnapshotId": job.name.replace("job-", "s-", 1),
        "SnapshotHash": sha256(job.name.encode()).hexdigest(),
        "Path": "".join(described["Paths"]["Path"][:1]),
        "Retention": job.body["Retention"],
        "ExpireTime": expire_time(job.body),
        "UseCommonNas": job.body["SourceType"] == "COMMON_NAS",
    }


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "SearchHistoricalSnapshots": search_historical_snapshots,
}
