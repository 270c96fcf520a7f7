"""The regions of Cloud Backup, and opening the service."""

from __future__ import annotations

from collections.abc import Callable

from constructs_lib.backup.place_checks import METADATA_REGIONS
from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import Answer, OperationCall


def describe_regions(call: OperationCall) -> Answer:
    regions = [{"RegionId": region, "LocalName": name} for region, name in METADATA_REGIONS.items()]
    return {"Regions": {"Region": regions}}


def describe_vault_replication_regions(call: OperationCall) -> Answer:
    """Every region but the caller's. uncertain: which regions replicate to which, and what VaultId and Token
    change."""
    return {"Regions": {"RegionId": [region for region in METADATA_REGIONS if region != call.region]}}


def open_hbr_service(call: OperationCall) -> Answer:
    """Once for an account. Nothing here needs it: whether the service is open is not looked at elsewhere."""
    everywhere = call.store.objects_of(call.objects.account)
    if everywhere.get("opened service", "HBR"):
        raise ApiError(errors.SERVICE_OPEN)
    everywhere.add("opened service", "HBR", {})
    return {"OrderId": call.ids.number(15)}


OPERATIONS: dict[str, Callable[[OperationCall], Answer]] = {
    "DescribeRegions": describe_regions,
    "DescribeVaultReplicationRegions": describe_vault_replication_regions,
    "OpenHbrService": open_hbr_service,
}
