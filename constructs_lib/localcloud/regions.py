"""The regions of Cloud Backup, and opening the service."""

from __future__ import annotations

from collections.abc import Callable

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.service import Answer, OperationCall

REGIONS = {
    "cn-qingdao": "China (Qingdao)",
    "cn-beijing": "China (Beijing)",
    "cn-zhangjiakou": "China (Zhangjiakou)",
    "cn-huhehaote": "China (Hohhot)",
    "cn-wulanchabu": "China (Ulanqab)",
    "cn-hangzhou": "China (Hangzhou)",
    "cn-shanghai": "China (Shanghai)",
    "cn-shenzhen": "China (Shenzhen)",
    "cn-heyuan": "China (Heyuan)",
    "cn-guangzhou": "China (Guangzhou)",
    "cn-chengdu": "China (Chengdu)",
    "cn-hongkong": "China (Hong Kong)",
    "ap-northeast-1": "Japan (Tokyo)",
    "ap-northeast-2": "South Korea (Seoul)",
    "ap-southeast-1": "Singapore",
    "ap-southeast-3": "Malaysia (Kuala Lumpur)",
    "ap-southeast-5": "Indonesia (Jakarta)",
    "ap-southeast-6": "Philippines (Manila)",
    "ap-southeast-7": "Thailand (Bangkok)",
    "us-east-1": "US (Virginia)",
    "us-west-1": "US (Silicon Valley)",
    "eu-west-1": "UK (London)",
    "eu-central-1": "Germany (Frankfurt)",
    "me-east-1": "UAE (Dubai)",
    "me-central-1": "SAU (Riyadh - Partner Region)",
    "cn-hangzhou-finance": "China East 1 Finance",
    "cn-shanghai-finance-1": "China East 2 Finance",
    "cn-shenzhen-finance-1": "China South 1 Finance",
    "cn-beijing-finance-1": "China North 2 Finance",
}


def describe_regions(call: OperationCall) -> Answer:
    regions = [{"RegionId": region, "LocalName": name} for region, name in REGIONS.items()]
    return {"Regions": {"Region": regions}}


def describe_vault_replication_regions(call: OperationCall) -> Answer:
    """Every region but the caller's. uncertain: which regions replicate to which, and what VaultId and Token
    change."""
    return {"Regions": {"RegionId": [region for region in REGIONS if region != call.region]}}


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
