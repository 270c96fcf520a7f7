"""What CreateVault and CreateReplicationVault take: one function per finding code.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from constructs_lib.backup.place_checks import REGIONS, is_vault_id
from constructs_lib.backup.policy_view import is_set, says_something
from constructs_lib.backup.prop_types import prop_type_problems
from constructs_lib.backup.sources import VAULT_SDK
from constructs_lib.backup.vault import (
    BackupVaultProps,
    EncryptType,
    RedundancyType,
    VaultStorageClass,
    VaultType,
)
from constructs_lib.findings import (
    Basis,
    Check,
    Finding,
    Problem,
    Problems,
    check,
    checks_of,
    enum_problems,
    intended,
)
from constructs_lib.tokens import known

MAX_NAME, MAX_DESCRIPTION = 64, 255
_SOURCE = ("replication_source_region_id", "replication_source_vault_id")


@frozen
class BackupVaultView:
    """The props of a vault as its checks look at them. `region`: of the provider; None where unknown."""

    props: BackupVaultProps
    region: str | None = None

    @property
    def is_mirror(self) -> bool:
        """Whether it is known to mirror another vault."""
        return any(is_set(getattr(self.props, name)) for name in _SOURCE)


# ------------------------------------------------------------ 1xx: malformed or out of range


@check("BV100", "A prop of a vault has a type that the API cannot take", source=VAULT_SDK, basis=Basis.SDK)
def wrong_type(vault: BackupVaultView) -> Problems:
    """Strings and booleans go to the API as such, tags as strings by key."""
    yield from prop_type_problems("", vault.props)


@check("BV101", "A value of a vault is none of those the API lists", source=VAULT_SDK, basis=Basis.SDK)
def unknown_value(vault: BackupVaultView) -> Problems:
    """Each of these parameters takes one of a few words, written exactly so; an empty one is left out."""
    kinds = {
        "vault_type": VaultType,
        "vault_storage_class": VaultStorageClass,
        "encrypt_type": EncryptType,
        "redundancy_type": RedundancyType,
    }
    for name, kind in kinds.items():
        yield from enum_problems(name, getattr(vault.props, name) or None, kind)


@check("BV102", "The name or the description of a vault is too long", source=VAULT_SDK, basis=Basis.SDK)
def wrong_length(vault: BackupVaultView) -> Problems:
    """A name has 1 to 64 characters, a description at most 255."""
    name, description = known(vault.props.vault_name, str), known(vault.props.description, str)
    hint = "Shorten it." if name else "Name it."
    if name is not None and not 1 <= len(name) <= MAX_NAME:
        yield Problem("vault_name", name, f"1 to {MAX_NAME} characters", hint)
    if description is not None and len(description) > MAX_DESCRIPTION:
        yield Problem("description", description, f"at most {MAX_DESCRIPTION} characters", "Shorten it.")


@check("BV103", "A vault that KMS encrypts has no key", source=VAULT_SDK, basis=Basis.SDK)
def no_key(vault: BackupVaultView) -> Problems:
    """With KMS the API needs the key, by its id or its alias."""
    if vault.props.encrypt_type == EncryptType.KMS and not is_set(vault.props.kms_key_id):
        yield Problem("kms_key_id", vault.props.kms_key_id, "a key's id or alias", "Write kms_key_id.")


@check("BV104", "Half of the source of a replication vault", source=VAULT_SDK, basis=Basis.SDK)
def half_a_source(vault: BackupVaultView) -> Problems:
    """A replication vault is made of a vault and of its region; the API needs both."""
    given = [is_set(getattr(vault.props, name)) for name in _SOURCE]
    if any(given) and not all(given):
        name = _SOURCE[given.index(False)]
        yield Problem(name, getattr(vault.props, name), "both of them, or none", f"Write {name}, too.")


@check("BV105", "A prop that this kind of vault cannot have", source=VAULT_SDK, basis=Basis.SDK)
def foreign_props(vault: BackupVaultView) -> Problems:
    """CreateReplicationVault has no vault type, since the source's is taken, and takes STANDARD alone for the
    storage class; CreateVault has no redundancy type."""
    props = vault.props
    if not vault.is_mirror:
        if says_something(props.redundancy_type):
            hint = "Leave it out; only a replication vault can choose."
            yield Problem("redundancy_type", props.redundancy_type, "nothing, without a source", hint)
        return
    if says_something(props.vault_type):
        hint = "Leave it out: it is that of the source."
        yield Problem("vault_type", props.vault_type, "nothing, in a replication vault", hint)
    storage = known(props.vault_storage_class, str)
    if storage and storage != VaultStorageClass.STANDARD:
        yield Problem("vault_storage_class", storage, "STANDARD, in a replication vault", "Leave it out.")


# ------------------------------------------------------------ 2xx: against the documented contract


@check("BV201", "A key for a vault that KMS does not encrypt", source=VAULT_SDK, basis=Basis.SDK)
def idle_key(vault: BackupVaultView) -> Problems:
    """kms_key_id counts with KMS alone: the vault is encrypted by the service's own key instead."""
    props = vault.props
    encryption = known(props.encrypt_type, str) if props.encrypt_type is not None else ""
    if says_something(props.kms_key_id) and encryption in ("", EncryptType.HBR_PRIVATE):
        hint = 'Write encrypt_type = "KMS", or leave it out.'
        yield Problem("kms_key_id", props.kms_key_id, "nothing, unless by KMS", hint)


@check("BV202", "A vault for Tablestore cannot be immutable", source=VAULT_SDK, basis=Basis.SDK)
def immutable_tables(vault: BackupVaultView) -> Problems:
    """Only standard vaults, and archive vaults, have immutable backups."""
    if vault.props.worm_enabled is True and vault.props.vault_type == VaultType.OTS_BACKUP:
        yield Problem("worm_enabled", True, "False, for Tablestore", "Leave it out.")


# ------------------------------------------------------------ 3xx: legal, but risky or useless


@check("BV301", "A storage class is deprecated", source=VAULT_SDK, basis=Basis.SDK)
def deprecated_storage(vault: BackupVaultView) -> Problems:
    """The API has deprecated IA, ARCHIVE and COLD_ARCHIVE; backups move to the archive tier by the rules of
    their policy (archive_days)."""
    storage = known(vault.props.vault_storage_class, str)
    if storage in VaultStorageClass.__members__ and storage != VaultStorageClass.STANDARD:
        hint = "Take STANDARD, and archive_days in a TRANSITION rule."
        yield Problem("vault_storage_class", storage, "STANDARD", hint)


@check("BV302", "The source of a replication vault is an odd one", source=VAULT_SDK, basis=Basis.SDK)
def odd_source(vault: BackupVaultView) -> Problems:
    """The ids that the service gives are `v-` and letters and digits; the SDK lists the regions. A region
    that is newer than it is not among them, so this is a warning."""
    source = known(vault.props.replication_source_vault_id, str)
    region = known(vault.props.replication_source_region_id, str)
    if source and not is_vault_id(source):
        hint = "Write the vault's id, such as v-0001a2b3c4d5e6f7g8h9, not its name."
        yield Problem("replication_source_vault_id", source, "v- with letters and digits", hint)
    if region and region not in REGIONS:
        meant = intended(region, REGIONS)
        hint = f'Did you mean "{meant}"?' if meant else "Write the id of a region, such as cn-shanghai."
        yield Problem("replication_source_region_id", region, "a region of Cloud Backup", hint)


@check("BV303", "A replication vault is in the region of its source", source=VAULT_SDK, basis=Basis.HARM)
def mirrors_own_region(vault: BackupVaultView) -> Problems:
    """A mirror is there so that backups outlive their region. That of a vault is its provider's; where it is
    left to the environment, it is known at plan."""
    region = known(vault.props.replication_source_region_id, str)
    if region and region == vault.region:
        hint = "Deploy it with a provider of another region."
        yield Problem("replication_source_region_id", region, "another region than the vault's", hint)


CHECKS = checks_of(globals())


def check_backup_vault(
    props: BackupVaultProps, checks: Iterable[Check] = CHECKS, region: str | None = None
) -> list[Finding]:
    """All findings on the props of one vault, in the order of the checks.

    `region`: of the provider; None where it is not known.
    """
    vault = BackupVaultView(props, region)
    return [finding for each in checks for finding in each(vault)]
