"""Backup vaults: create, replicate, read, change, delete. All they hold is a number of recovery points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.backup_objects import (
    JOB,
    POLICY,
    SOURCE_TYPES,
    VAULT,
    find,
    list_recovery_points,
)
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.resource_manager import check_group, default_group_id
from constructs_lib.localcloud.service import Answer, OperationCall
from constructs_lib.localcloud.store import AccountObjects, Stored
from constructs_lib.localcloud.tags import TaggedResources

VAULT_TYPES = ("STANDARD", "OTS_BACKUP")
ENCRYPTIONS = ("HBR_PRIVATE", "KMS")
REDUNDANCIES = ("LRS", "ZRS")
MAX_NAME = 64
MAX_DESCRIPTION = 255
STATUSES = ("UNKNOWN", "INITIALIZING", "CREATED", "ERROR")

_STATISTICS = (
    *("Archive", "CommonFileSystem", "CommonNas", "Cpfs", "Csg", "EcsFile", "EcsHana", "Isilon", "LocalFile"),
    *("LocalVm", "MySql", "Nas", "Oracle", "Oss", "Ots", "SqlServer"),
)
# What no vault here has. uncertain: which of these the service leaves out where they mean nothing.
_FILLERS: dict[str, Any] = {
    **dict.fromkeys(("ArchiveBytesDone", "ArchiveStorageSize", "BytesDone", "ChargedStorageSize"), 0),
    **dict.fromkeys(("IndexUpdateTime", "LatestReplicationTime", "StorageSize"), 0),
    **dict.fromkeys(("BucketName", "VaultStatusMessage", "ReplicationStatus"), ""),
    "BackupPlanStatistics": dict.fromkeys(_STATISTICS, 0),
    "ChargeType": "FREE",
    "CompressionAlgorithm": "DISABLE",
    "Dedup": True,
    "IndexAvailable": False,
    "IndexLevel": "OFF",
    "ReplicationProgress": {"HistoricalReplicationProgress": 0, "NewReplicationProgress": 0},
    "ReplicationSourceOwnerId": 0,
    "ReplicationSourceRegionId": "",
    "ReplicationSourceVault": False,
    "ReplicationSourceVaultId": "",
    "ReplicationTargetOwnerId": 0,
    "ReplicationTargetRegionId": "",
    "ReplicationTargetVaultId": "",
    "Retention": 0,
    "RsTargetAccountIds": {"RsTargetAccountId": []},
    "SearchEnabled": False,
    "TrialInfo": {
        "KeepAfterTrialExpiration": False,
        "TrialExpireTime": 0,
        "TrialStartTime": 0,
        "TrialVaultReleaseTime": 0,
    },
}


# ------------------------------------------------------------ create


def create_vault(call: OperationCall) -> Answer:
    vault = _read_new_vault(call) | {
        "VaultType": call.parameters.choice("VaultType", VAULT_TYPES),
        "WormEnabled": call.parameters.boolean("WormEnabled"),
        "Replication": call.parameters.boolean("Replication"),
    }
    return _add_vault(call, call.ids.resource("v"), vault)


def create_replication_vault(call: OperationCall) -> Answer:
    """A vault that mirrors one of another region."""
    parameters = call.parameters
    source_id = parameters.required("ReplicationSourceVaultId")
    source_region = parameters.required("ReplicationSourceRegionId")
    vault_id, vault = call.ids.resource("v"), _read_new_vault(call)
    there, source = _find_source(call, source_region, source_id)
    # uncertain: whether the same region is refused, a mirror of a mirror, and a second mirror of one vault.
    is_mirror, has_mirror = source.body["Replication"], "ReplicationTargetVaultId" in source.body
    if source_region == vault["VaultRegionId"] or is_mirror or has_mirror:
        raise ApiError(errors.INVALID, "ReplicationSourceVaultId")
    owner = int(call.objects.account)
    vault |= {
        "VaultType": source.body["VaultType"],
        "WormEnabled": False,
        "Replication": True,
        "RedundancyType": parameters.choice("RedundancyType", REDUNDANCIES),
        "ReplicationSourceOwnerId": owner,
        "ReplicationSourceRegionId": source_region,
        "ReplicationSourceVaultId": source_id,
    }
    target = {
        "ReplicationSourceVault": True,
        "ReplicationTargetOwnerId": owner,
        "ReplicationTargetRegionId": vault["VaultRegionId"],
        "ReplicationTargetVaultId": vault_id,
    }
    there.replace(VAULT, source_id, source.body | target)
    return _add_vault(call, vault_id, vault)


def _find_source(call: OperationCall, region: str, vault_id: str) -> tuple[AccountObjects, Stored]:
    """A vault in its region, or where the request came: a client that uses one endpoint for all regions, and
    says none, has all of them there."""
    for place in (call.store.objects_of(call.objects.account, region=region), call.objects):
        if source := place.get(VAULT, vault_id):
            return place, source
    raise ApiError(errors.RESOURCE_MISSING, vault_id)


def _read_new_vault(call: OperationCall) -> dict[str, Any]:
    """What vaults of either kind are created with."""
    parameters = call.parameters
    encryption = parameters.choice("EncryptType", ENCRYPTIONS)
    if encryption == "KMS":
        parameters.required("KmsKeyId")
    return {
        "VaultRegionId": parameters.required("VaultRegionId"),
        "VaultName": _check_length(parameters.required("VaultName"), "VaultName", MAX_NAME),
        "VaultStorageClass": parameters.string("VaultStorageClass") or "STANDARD",
        "Description": _check_length(parameters.string("Description"), "Description", MAX_DESCRIPTION),
        "EncryptType": encryption,
        "KmsKeyId": parameters.string("KmsKeyId"),
        "RedundancyType": REDUNDANCIES[0],
    }


def _check_length(text: str, name: str, longest: int) -> str:
    if len(text) > longest:
        raise ApiError(errors.TOO_LONG, name)
    return text


def _add_vault(call: OperationCall, vault_id: str, vault: dict[str, Any]) -> Answer:
    more = {
        "ResourceGroupId": default_group_id(call.objects.account),
        "Tags": {},
        "CreatedTime": int(call.now),
        "UpdatedTime": int(call.now),
        "ready": call.now + call.delays.vault,
    }
    call.objects.add(VAULT, vault_id, vault | more)
    return {"VaultId": vault_id, "TaskId": call.ids.resource("t")}


# ------------------------------------------------------------ read


def describe_vaults(call: OperationCall) -> Answer:
    parameters = call.parameters
    number = parameters.whole("PageNumber", 1, low=1, high=10**9)
    size = parameters.whole("PageSize", 10, low=1, high=100)
    parameters.choice("VaultType", ("", *VAULT_TYPES))
    parameters.choice("Status", ("", *STATUSES))
    points = _count_recovery_points(call)
    vaults = [_describe_vault(call, vault, points[vault.name]) for vault in call.objects.all(VAULT)]
    if vault_id := parameters.string("VaultId"):
        vaults = [vault for vault in vaults if vault["VaultId"] == vault_id]
        if not vaults:
            raise ApiError(errors.RESOURCE_MISSING, vault_id)
    names = ("VaultName", "VaultRegionId", "VaultType", "Status", "ResourceGroupId", "VaultOwnerId")
    for name in names:
        if wanted := parameters.string(name):
            vaults = [vault for vault in vaults if str(vault[name]) == wanted]
    # uncertain: whether false leaves replication vaults out, or is taken as left out.
    if parameters.string("Replication"):
        wants_mirrors = parameters.boolean("Replication")
        vaults = [vault for vault in vaults if vault["Replication"] == wants_mirrors]
    for key, value in parameters.tags().items():
        # uncertain: whether an empty value stands for any.
        vaults = [vault for vault in vaults if _has_tag(vault, key, value)]
    first = (number - 1) * size
    return {
        "Vaults": {"Vault": vaults[first : first + size]},
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(vaults),
    }


def _count_recovery_points(call: OperationCall) -> Counter[str]:
    """By vault."""
    return Counter(job.body["VaultId"] for job in list_recovery_points(call))


def _has_tag(vault: dict[str, Any], key: str, value: str) -> bool:
    return any(tag["Key"] == key and value in ("", tag["Value"]) for tag in vault["Tags"]["Tag"])


def _describe_vault(call: OperationCall, vault: Stored, recovery_points: int) -> dict[str, Any]:
    body = vault.body
    fields = {name: value for name, value in body.items() if name != "ready"}
    is_for_tables = body["VaultType"] == "OTS_BACKUP"
    return _FILLERS | fields | {
        "VaultId": vault.name,
        "VaultOwnerId": int(call.objects.account),
        "Status": "CREATED" if call.now >= body["ready"] else "INITIALIZING",
        "SnapshotCount": recovery_points,
        # uncertain: whether these are the types that a vault could hold, or those that it holds.
        "SourceTypes": {"SourceType": ["OTS"] if is_for_tables else list(SOURCE_TYPES[1:-1])},
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in body["Tags"].items()]},
    }  # fmt: skip


# ------------------------------------------------------------ change, delete


def update_vault(call: OperationCall) -> Answer:
    """What is left out stays. uncertain: whether an empty name or description is taken as left out."""
    parameters = call.parameters
    stored = find(call, VAULT, parameters.required("VaultId"))
    vault = stored.body | {"UpdatedTime": int(call.now)}
    if name := parameters.string("VaultName"):
        vault["VaultName"] = _check_length(name, "VaultName", MAX_NAME)
    if (description := parameters.optional("Description")) is not None:
        vault["Description"] = _check_length(description, "Description", MAX_DESCRIPTION)
    if parameters.string("WormEnabled"):
        vault["WormEnabled"] = parameters.boolean("WormEnabled")
        if stored.body["WormEnabled"] and not vault["WormEnabled"]:
            raise ApiError(errors.VAULT_IS_IMMUTABLE)
    if group_id := parameters.string("ResourceGroupId"):
        vault["ResourceGroupId"] = check_group(call.objects.account, group_id)
    call.objects.replace(VAULT, stored.name, vault)
    return {}


def change_resource_group(call: OperationCall) -> Answer:
    """Of a vault; there are no clients and no SAP HANA instances here."""
    parameters = call.parameters
    resource_id, group_id = parameters.required("ResourceId"), parameters.required("NewResourceGroupId")
    parameters.required("ResourceType")
    if parameters.choice("ResourceType", ("vault", "client", "hanainstance")) != "vault":
        raise ApiError(errors.RESOURCE_MISSING, resource_id)
    stored = find(call, VAULT, resource_id)
    group = {"ResourceGroupId": check_group(call.objects.account, group_id)}
    call.objects.replace(VAULT, stored.name, stored.body | group)
    return {}


def delete_vault(call: OperationCall) -> Answer:
    """Its jobs and recovery points go with it, as the documentation says: only those of an immutable vault
    hold it back. uncertain: what Token and ResourceGroupId do."""
    vault = find(call, VAULT, call.parameters.required("VaultId"))
    policies = call.objects.all(POLICY)
    if any(rule.get("VaultId") == vault.name for policy in policies for rule in policy.body["Rules"]):
        raise ApiError(errors.VAULT_IN_USE)
    if "ReplicationTargetVaultId" in vault.body:
        raise ApiError(errors.VAULT_IS_REPLICATED)
    if call.now < vault.body["ready"]:
        raise ApiError(errors.VAULT_IS_NEW, vault.name)
    if vault.body["WormEnabled"] and (points := _count_recovery_points(call)[vault.name]):
        raise ApiError(errors.VAULT_HOLDS_IMMUTABLE, str(points))
    if source_id := vault.body.get("ReplicationSourceVaultId"):
        there, source = _find_source(call, vault.body["ReplicationSourceRegionId"], source_id)
        kept = {name: value for name, value in source.body.items() if not name.startswith("Replication")}
        there.replace(VAULT, source_id, kept | {"Replication": source.body["Replication"]})
    for job in call.objects.all(JOB):
        if job.body["VaultId"] == vault.name:
            call.objects.remove(JOB, job.name)
    call.objects.remove(VAULT, vault.name)
    return {}


# uncertain: how many tags a vault may have, and the code for a resource that is not there.
_TAGGED = TaggedResources({"vault": VAULT}, "ResourceId", "ResourceId", errors.RESOURCE_MISSING)

OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "CreateVault": create_vault,
    "CreateReplicationVault": create_replication_vault,
    "DescribeVaults": describe_vaults,
    "UpdateVault": update_vault,
    "DeleteVault": delete_vault,
    "ChangeResourceGroup": change_resource_group,
    **_TAGGED.operations(),
}
