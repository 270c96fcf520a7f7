"""Backup vaults in the cloud: create once, read, change, delete.

Sources: Cloud Backup, CreateVault, CreateReplicationVault, UpdateVault, DescribeVaults, DeleteVault,
TagResources, UntagResources (2017-09-08). Every function raises `CloudError`; what is not there is None, and
deleting it succeeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from constructs_lib.provider import errors
from constructs_lib.provider.api_client import CHANGE_TIME, HBR, ApiResponse, part, parts, text, unreadable
from constructs_lib.provider.api_models import RemoteVault, vault_of
from constructs_lib.provider.cloud import (
    CREATE_REPLICATION_VAULT,
    CREATE_VAULT,
    MAX_PAGES,
    PAGE,
    Cloud,
)
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates import Created, Creator, is_young

_DESCRIBE = "DescribeVaults"
# What a request has that the service returns, by which a vault is found again.
_SAME = {
    "VaultName": "vault_name",
    "VaultType": "vault_type",
    "VaultStorageClass": "vault_storage_class",
    "EncryptType": "encrypt_type",
    "KmsKeyId": "kms_key_id",
    "ReplicationSourceVaultId": "replication_source_vault_id",
}


def create_operation(replication_source_vault_id: object) -> str:
    """The operation that makes a vault, which mirrors another one where that has an id."""
    return CREATE_REPLICATION_VAULT if replication_source_vault_id else CREATE_VAULT


def create_vault(cloud: Cloud, request: Mapping[str, str]) -> Created[str]:
    """Create a vault in the cloud's region, once, and return its id. `request`: without what is not set.

    Where the answer is lost, a vault that was not there before and that is as asked for is taken for it.
    CloudError `CreateAmbiguous`: there are several.
    """
    operation = create_operation(request.get("ReplicationSourceVaultId"))
    name = request["VaultName"]
    parameters = {**request, "VaultRegionId": cloud.region}

    def create() -> str:
        return text(cloud.calls.once(HBR, operation, parameters), operation, "VaultId")

    def find_same(began: float, ends: float) -> list[str]:
        return [
            vault.vault_id
            for vault in vaults(cloud)
            if is_young(vault.created_time, began, ends)
            and all(
                getattr(vault, field) == request[parameter]
                for parameter, field in _SAME.items()
                if parameter in request
            )
        ]

    def list_ids() -> frozenset[str]:
        return frozenset(vault.vault_id for vault in vaults(cloud))

    creator = Creator(
        api=HBR,
        operation=operation,
        subject=name,
        request=request,
        what=f"the backup vault {name!r}",
        create=create,
        find_same=find_same,
        list_names=lambda: cloud.creates.snapshot("backup vaults", list_ids, cloud.calls.pace),
        name_of=str,
    )
    return cloud.creates.create(creator, ("backup vault", name), cloud.calls, cloud.settle)


def wait_until_created(cloud: Cloud, vault_id: str) -> RemoteVault:
    """The new vault as soon as it can be used. CloudError: it cannot be made, or takes too long."""
    pace, attempt = cloud.calls.pace, 0
    until = pace.until(CHANGE_TIME)
    while True:
        found = vault(cloud, vault_id)
        if found is not None and found.status in ("CREATED", "ERROR"):
            if found.status == "ERROR":
                reason = found.vault_status_message or "The service gives no reason."
                raise CloudError(CREATE_VAULT, "ERROR", f"Vault {vault_id} could not be made. {reason}")
            return found
        if reason := pace.wait(pace.backoff(attempt) / 2, until):
            status = found.status if found is not None else "not seen"
            message = f"Vault {vault_id} was ordered, but it is still {status}. {reason}"
            raise CloudError(CREATE_VAULT, errors.INTERRUPTED, message)
        attempt += 1


def vault(cloud: Cloud, vault_id: str, *, is_new: bool = False) -> RemoteVault | None:
    """The vault with this id. `is_new`: it may take up to `settle` seconds to become visible."""
    if not vault_id:
        raise ValueError("vault_id is empty: that would ask for all vaults")
    for _ in cloud.tries(is_new):
        try:
            page = _page(cloud, {"VaultId": vault_id})
        except CloudError as error:
            if not error.is_not_found:
                raise
            continue
        if found := [each for each in page if each.vault_id == vault_id]:
            return found[0]
    return None


def vaults(cloud: Cloud) -> list[RemoteVault]:
    """All vaults of the region."""
    return list(each_vault(cloud))


def each_vault(cloud: Cloud) -> Iterator[RemoteVault]:
    """All vaults of the region; a page is asked for when its first vault is."""
    seen: set[str] = set()
    for number in range(1, MAX_PAGES + 1):
        page = _page(cloud, {"PageNumber": str(number), "PageSize": str(PAGE - 1)})
        for each in page:
            if each.vault_id not in seen:
                seen.add(each.vault_id)
                yield each
        if len(page) < PAGE - 1:
            return
    raise unreadable(_DESCRIBE, f"there are more than {MAX_PAGES} pages")


def _page(cloud: Cloud, parameters: Mapping[str, str]) -> list[RemoteVault]:
    answer: ApiResponse = cloud.calls.read(HBR, _DESCRIBE, parameters)
    return [vault_of(each) for each in parts(part(answer, _DESCRIBE, "Vaults"), _DESCRIBE, "Vault")]


def update_vault(cloud: Cloud, vault_id: str, request: Mapping[str, str]) -> None:
    """Change what is given. Returns when a new name or description is seen, or after `settle` seconds."""
    cloud.calls.change(HBR, "UpdateVault", {"VaultId": vault_id, **request})
    # uncertain: whether an empty description clears it. It is not waited for.
    fields = {"VaultName": "vault_name", "Description": "description"}
    wanted = {fields[name]: value for name, value in request.items() if name in fields and value}

    def is_seen(hurried: Cloud) -> bool:
        found = vault(hurried, vault_id)
        return found is not None and all(getattr(found, name) == wanted[name] for name in wanted)

    if wanted:
        cloud.wait_until(is_seen)


def change_tags(cloud: Cloud, vault_id: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Give a vault other tags. Each of the two calls may be repeated without harm."""
    named = {"ResourceType": "vault", "ResourceId.1": vault_id}
    if gone := sorted(before.keys() - after.keys()):
        keys = {f"TagKey.{number}": key for number, key in enumerate(gone, 1)}
        cloud.calls.change(HBR, "UntagResources", {**named, **keys})
    changed = sorted(set(after.items()) - set(before.items()))
    if changed:
        tags = [
            (f"Tag.{number}.{part_}", value)
            for number, pair in enumerate(changed, 1)
            for part_, value in zip(("Key", "Value"), pair, strict=True)
        ]
        cloud.calls.change(HBR, "TagResources", {**named, **dict(tags)})


def delete_vault(cloud: Cloud, vault_id: str) -> None:
    """Delete the vault, with all that it holds. CloudError: a policy uses it, or another vault mirrors it.

    Where that has just ended, not all of the service may know it yet: so those answers are believed only
    where they stay the same for `settle` seconds.
    """
    for _ in cloud.tries():
        try:
            cloud.calls.change(HBR, "DeleteVault", {"VaultId": vault_id})
            return
        except CloudError as error:
            if error.is_not_found:
                return
            if not error.code.startswith(errors.VAULT_IN_USE):
                raise
            refused = error
    raise refused
