"""What there is of Cloud Backup, for `terraform query`: its policies, vaults and bindings."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.provider import (
    backup_policy,
    backup_policy_binding,
    backup_vault,
    bindings,
    vaults,
)
from constructs_lib.provider.data_sources import refuse_empty
from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.resource import Listed, ListResource
from constructs_lib.provider.protocol.schema import Schema, optional
from constructs_lib.provider.protocol.types import STRING, map_of

_PREFIX = "Only those whose names begin so."


class ListBackupPolicies(ListResource):
    type_name = "alipolicy_backup_policy"
    schema = Schema(
        {
            "name_prefix": optional(_PREFIX),
            "policy_type": optional("Only those of this type, `STANDARD` or `UDM_ECS_ONLY`."),
            "vault_id": optional("Only those that back up into this vault."),
        },
        "The backup policies of the region.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        refuse_empty(ctx, config, "vault_id", "policies")

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        prefix, policy_type, vault_id = (config[name] for name in self.schema.body)
        for policy in cloud_of(ctx).each_backup_policy():
            if (
                policy.policy_name.startswith(prefix or "")
                and policy_type in (None, policy.policy_type)
                and (vault_id is None or any(rule.get("VaultId") == vault_id for rule in policy.rules))
            ):
                state = backup_policy.to_state(policy, dict.fromkeys(backup_policy.SCHEMA.body))
                yield Listed(state, policy.policy_name or policy.policy_id)


class ListBackupVaults(ListResource):
    type_name = "alipolicy_backup_vault"
    schema = Schema(
        {
            "name_prefix": optional(_PREFIX),
            "vault_type": optional("Only those of this type, `STANDARD` or `OTS_BACKUP`."),
            "tags": optional("Only those that have all of these tags.", map_of(STRING)),
        },
        "The backup vaults of the region.",
    )

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        prefix, vault_type, tags = (config[name] for name in self.schema.body)
        for vault in vaults.each_vault(cloud_of(ctx)):
            if (
                vault.vault_name.startswith(prefix or "")
                and vault_type in (None, vault.vault_type)
                and (tags or {}).items() <= vault.tags.items()
            ):
                state = backup_vault.to_state(vault, dict.fromkeys(backup_vault.SCHEMA.body))
                yield Listed(state, vault.vault_name or vault.vault_id)


class ListBackupPolicyBindings(ListResource):
    type_name = "alipolicy_backup_policy_binding"
    schema = Schema(
        {
            "policy_id": optional("Only those of this policy."),
            "source_type": optional("Only sources of this type, such as `OSS`."),
            "data_source_id": optional("Only the source with exactly this id, such as a bucket's name."),
        },
        "Which data sources the backup policies of the region are bound to. What a `TAG` rule has bound is "
        "left out: it belongs to its rule.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        refuse_empty(ctx, config, "policy_id", "bindings")

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        policy_id, source_type, source_id = (config[name] for name in self.schema.body)
        for binding in bindings.each_binding(cloud_of(ctx), policy_id or "", source_type or ""):
            if source_id in (None, binding.data_source_id) and not binding.created_by_tag:
                blank = dict.fromkeys(backup_policy_binding.SCHEMA.body)
                state = backup_policy_binding.to_state(binding, blank)
                yield Listed(state, f"{binding.source_type} {binding.data_source_id}")
