"""Backup jobs: a run of a policy makes one, which ends well after a moment. Nothing is backed up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.backup_objects import BINDING, JOB, POLICY, SOURCE_TYPES, find_lasting
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.filters import read_filters
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import Stored

# uncertain: which of these are documented for Filters but mean something else than the field of this name.
FILTER_KEYS = (
    "RegionId",
    "PlanId",
    "JobId",
    "VaultId",
    "InstanceId",
    "Bucket",
    "FileSystemId",
    "Status",
    "CreatedTime",
    "CompleteTime",
    "InstanceName",
    "BackupType",
    "ParentId",
)

# Where a job says what it backs up, by the type of the source.
_SOURCE_FIELDS = {
    "UDM_ECS": "InstanceId",
    "ECS_FILE": "InstanceId",
    "OSS": "Bucket",
    "NAS": "FileSystemId",
    "COMMON_FILE_SYSTEM": "FileSystemId",
    "OTS": "InstanceName",
    "File": "ClientId",
    "COMMON_NAS": "ClientId",
}
_ZEROES = (
    *("ActualBytes", "ActualFiles", "ActualItems", "BytesDone", "BytesTotal", "FilesDone", "FilesTotal"),
    *("ItemsDone", "ItemsTotal", "Speed"),
)
_EMPTY = (
    *("Bucket", "ChangeListPath", "ClientId", "DestDataSourceDetail", "DestDataSourceId", "DestSourceType"),
    *("ErrorMessage", "FileSystemId", "Identifier", "InstanceId", "InstanceName", "Prefix", "TableName"),
)
_DETAIL = {
    "DestinationNativeSnapshotErrorMessage": "",
    "DestinationNativeSnapshotId": "",
    "DestinationNativeSnapshotProgress": 0,
    "DestinationNativeSnapshotStatus": "",
    "DestinationRetention": 0,
    "DestinationSnapshotId": "",
    "DiskNativeSnapshotIdList": {"DiskNativeSnapshotId": []},
    "DoCopy": False,
    "InstanceInfos": {},
    "NativeSnapshotId": "",
}
_REPORT = dict.fromkeys(("FailedFiles", "ReportTaskStatus", "SkippedFiles", "SuccessFiles", "TotalFiles"), "")


def execute_policy(call: OperationCall) -> Answer:
    """Run a BACKUP rule for one bound source, or for each; the answer names the first job.

    uncertain: what is run where no source is named, and whether a suspended binding is. It is here.
    """
    policy = find_lasting(call, POLICY, call.parameters.required("PolicyId"))
    rule_id = call.parameters.required("RuleId")
    rules = [rule for rule in policy.body["Rules"] if rule["RuleId"] == rule_id]
    if not rules:
        raise ApiError(errors.RESOURCE_MISSING, rule_id)
    if rules[0]["RuleType"] != "BACKUP":
        raise ApiError(errors.NO_BACKUP_RULE, rule_id)
    source_type = call.parameters.choice("SourceType", ("", *SOURCE_TYPES))
    source_id = call.parameters.string("DataSourceId")
    bindings = [
        binding
        for binding in call.objects.all(BINDING, policy.name)
        if source_type in ("", binding.body["SourceType"]) and source_id in ("", binding.body["DataSourceId"])
    ]
    if not bindings:
        raise ApiError(errors.RESOURCE_MISSING, source_id or "DataSourceId")
    job_ids = [_start(call, policy, rules[0], binding.body) for binding in bindings]
    return {"JobId": job_ids[0]}


def _start(call: OperationCall, policy: Stored, rule: dict[str, Any], binding: dict[str, Any]) -> str:
    # A TRANSITION rule says how long all is kept, and overrides the BACKUP rule.
    kept = [each for each in policy.body["Rules"] if each["RuleType"] == "TRANSITION"]
    job_id, source_type = call.ids.resource("job"), binding["SourceType"]
    job = {
        # uncertain: whether PlanId is the policy's id.
        "PlanId": policy.name,
        "JobName": policy.body["PolicyName"],
        "SourceType": source_type,
        "BackupType": rule.get("BackupType", ""),
        "TriggerMode": "MANUAL",
        "VaultId": rule.get("VaultId", ""),
        "Include": binding["Include"],
        "Exclude": binding["Exclude"],
        "SpeedLimit": binding["SpeedLimit"],
        "Options": json.dumps(binding["AdvancedOptions"]),
        "Source": binding["Source"],
        "Retention": (kept[0] if kept else rule).get("Retention", 0),
        "StartTime": int(call.now),
        "CompleteTime": int(call.now + call.delays.job),
        "ready": call.now + call.delays.job,
        "RegionId": call.region,
        "ParentId": "",
        **{name: binding[name] for name in binding if name.startswith("CrossAccount")},
        _SOURCE_FIELDS[source_type]: binding["DataSourceId"],
    }
    call.objects.add(JOB, job_id, job)
    return job_id


def describe_backup_jobs(call: OperationCall) -> Answer:
    parameters = call.parameters
    number = parameters.whole("PageNumber", 1, low=1, high=10**9)
    size = parameters.whole("PageSize", 10, low=1, high=99)
    edition = parameters.choice("Edition", ("STANDARD", "BASIC"))
    direction = parameters.choice("SortDirection", ("DESCEND", "ASCEND"))
    # Also documented are UDM_ECS_DISK and SYNC, of which there are no jobs here.
    source_type = parameters.choice("SourceType", ("", *SOURCE_TYPES, "UDM_ECS_DISK", "SYNC"))
    filters = read_filters(parameters, FILTER_KEYS)
    jobs = [
        job
        for job in (describe_job(call, stored) for stored in call.objects.all(JOB))
        if edition == "STANDARD"
        and source_type in ("", job["SourceType"])
        and all(each.matches(job) for each in filters)
    ]
    if direction == "DESCEND":
        jobs.reverse()
    first = (number - 1) * size
    page = [
        {name: value for name, value in job.items() if name not in ("RegionId", "ParentId")}
        for job in jobs[first : first + size]
    ]
    return {
        "BackupJobs": {"BackupJob": page},
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(jobs),
    }


def describe_job(call: OperationCall, job: Stored) -> dict[str, Any]:
    """uncertain: what the service fills where nothing is known, as in all figures here."""
    body = dict(job.body)
    source, _, is_complete = body.pop("Source"), body.pop("Retention"), call.now >= body.pop("ready")
    is_list = body["SourceType"] not in ("OSS", "OTS") and source.startswith("[")
    described = dict.fromkeys(_ZEROES, 0) | dict.fromkeys(_EMPTY, "") | body
    return described | {
        "JobId": job.name,
        "Status": "COMPLETE" if is_complete else "RUNNING",
        "Progress": 10_000 if is_complete else 0,
        "CompleteTime": body["CompleteTime"] if is_complete else 0,
        "UpdatedTime": body["CompleteTime"] if is_complete else body["StartTime"],
        "CreatedTime": body["StartTime"],
        "CreateTime": body["StartTime"],
        "Prefix": source if body["SourceType"] == "OSS" else "",
        "Paths": {"Path": json.loads(source) if is_list else [source] if source else []},
        "OtsDetail": {"TableNames": {"TableName": []}},
        "Detail": _DETAIL,
        "Report": _REPORT,
    }


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "ExecutePolicyV2": execute_policy,
    "DescribeBackupJobs2": describe_backup_jobs,
}
