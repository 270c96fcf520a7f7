"""`alipolicy_backup_vaults` and `alipolicy_backup_policy_bindings`: where backups are kept, and of what."""

from __future__ import annotations

from attrs import asdict

from constructs_lib.provider import bindings, vaults
from constructs_lib.provider.api_models import RemoteBinding, RemoteVault
from constructs_lib.provider.backup_policy_binding import SCHEMA as BINDING
from constructs_lib.provider.backup_policy_binding import options_to_state
from constructs_lib.provider.backup_vault import SCHEMA as VAULT
from constructs_lib.provider.data_sources import read_only, refuse_empty
from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.resource import DataSource
from constructs_lib.provider.protocol.schema import Attribute, Nested, Nesting, Schema, computed, optional
from constructs_lib.provider.protocol.types import BOOL, NUMBER, STRING, list_of

_VAULT: dict[str, Attribute] = {
    "vault_id": computed("The vault's id."),
    **read_only(
        VAULT.body,
        *("vault_name", "vault_type", "vault_storage_class", "description", "encrypt_type", "kms_key_id"),
        *("worm_enabled", "redundancy_type", "replication_source_region_id", "replication_source_vault_id"),
        *("resource_group_id", "tags", "vault_region_id", "status", "create_time"),
    ),
    "replication": computed("Whether it mirrors another vault.", BOOL),
    "vault_status_message": computed("Why it could not be made."),
    "snapshot_count": computed("How many recovery points it holds.", NUMBER),
    "bytes_done": computed("How much was backed up into it, in bytes.", NUMBER),
    "source_types": computed("The types of sources that it takes.", list_of(STRING)),
}
_NOT_OF_BINDINGS = ("acknowledge", "timeouts")
_BINDING: dict[str, Attribute] = {
    **read_only(BINDING.body, *(name for name in BINDING.body if name not in _NOT_OF_BINDINGS)),
    "created_by_tag": computed("Whether a `TAG` rule of the policy made it.", BOOL),
}


class BackupVaults(DataSource):
    type_name = "alipolicy_backup_vaults"
    schema = Schema(
        {
            "id": computed("What was asked for."),
            "vault_id": optional("Only the vault with this id."),
            "vault_name": optional("Only vaults with exactly this name."),
            "vault_type": optional("Only vaults of this type, `STANDARD` or `OTS_BACKUP`."),
            "ids": computed("The ids of the vaults that were found.", list_of(STRING)),
            "vaults": computed(
                "The vaults that were found, all pages of them; none is no error.",
                Nested(Nesting.LIST, _VAULT),
            ),
        },
        "The backup vaults of the region, all of them or by id, name or type.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        refuse_empty(ctx, config, "vault_id", "vaults")

    def read(self, ctx: Context, config: State) -> State:
        cloud, vault_id = cloud_of(ctx), config["vault_id"]
        name, vault_type = config["vault_name"], config["vault_type"]
        there = [vaults.vault(cloud, vault_id)] if vault_id else vaults.vaults(cloud)
        found = [
            vault
            for vault in there
            if vault is not None
            and name in (None, vault.vault_name)
            and vault_type in (None, vault.vault_type)
        ]
        return {
            "id": vault_id or name or vault_type or "all",
            "ids": [vault.vault_id for vault in found],
            "vaults": [_vault_state(vault) for vault in found],
        }


class BackupPolicyBindings(DataSource):
    type_name = "alipolicy_backup_policy_bindings"
    schema = Schema(
        {
            "id": computed("What was asked for."),
            "policy_id": optional("Only bindings of this policy."),
            "source_type": optional("Only sources of this type, such as `OSS`."),
            "data_source_id": optional("Only the source with exactly this id, such as a bucket's name."),
            "ids": computed("The ids of the bindings that were found, to import them by.", list_of(STRING)),
            "bindings": computed(
                "The bindings that were found, all pages of them; none is no error.",
                Nested(Nesting.LIST, _BINDING),
            ),
        },
        "Which data sources the backup policies of the region are bound to, by their TAG rules, too.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        refuse_empty(ctx, config, "policy_id", "bindings")

    def read(self, ctx: Context, config: State) -> State:
        given = [config[name] for name in ("policy_id", "source_type", "data_source_id")]
        policy_id, source_type, source_id = given
        found = [
            binding
            for binding in bindings.bindings(cloud_of(ctx), policy_id or "", source_type or "")
            if source_id in (None, binding.data_source_id)
        ]
        return {
            "id": ":".join(filter(None, given)) or "all",
            "ids": [str(bindings.key_of(binding)) for binding in found],
            "bindings": [_binding_state(binding) for binding in found],
        }


def _vault_state(vault: RemoteVault) -> State:
    given = asdict(vault)
    created = given.pop("created_time")
    return {name: value for name, value in given.items() if name in _VAULT} | {
        "create_time": str(created) if created else None,
        "tags": dict(vault.tags),
    }


def _binding_state(binding: RemoteBinding) -> State:
    given = asdict(binding, recurse=False)
    created = given.pop("created_time")
    options = options_to_state(given.pop("advanced_options"), [])
    return given | {
        "id": str(bindings.key_of(binding)),
        "create_time": str(created) if created else None,
        "advanced_options": options,
    }
