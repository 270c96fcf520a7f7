"""`alipolicy_backup_vault`: a backup vault of Cloud Backup, or one that mirrors a vault of another region.

Source: Cloud Backup, CreateVault, CreateReplicationVault, UpdateVault, DescribeVaults, DeleteVault
(2017-09-08).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from constructs_lib.provider import acknowledgements, vaults
from constructs_lib.provider.acknowledgements import check_acknowledge, report
from constructs_lib.provider.api_models import RemoteVault, wire_name
from constructs_lib.provider.identities import IdentifiedResource, in_region
from constructs_lib.provider.operations import (
    LOOK_AHEAD,
    cloud_of,
    is_just_created,
    note_creation,
    props_of,
)
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import MoveSource, PlannedChange
from constructs_lib.provider.protocol.schema import Schema, computed, optional, required
from constructs_lib.provider.protocol.types import BOOL, STRING, map_of
from constructs_lib.provider.protocol.values import UNKNOWN, holds_unknown
from constructs_lib.provider.unclaimed_creates import (
    begin_plan,
    confirm_in_state,
    record_plan,
    warn_after_create,
    warn_of_unclaimed,
)

_fixed = partial(optional, fillers=("",), force_new=True)
_chosen = partial(_fixed, computed=True)

SCHEMA = Schema(
    {
        "id": computed("The vault's id, such as `v-0001a2b3c4d5e6f7g8h9`."),
        "vault_name": required("The name shown in the console, 1 to 64 characters."),
        "vault_type": _chosen(
            "`STANDARD`, or `OTS_BACKUP` for Tablestore. Left out, the service decides; a replication vault "
            "has that of its source. A change makes a new vault."
        ),
        "vault_storage_class": _chosen(
            "`STANDARD`; `IA`, `ARCHIVE` and `COLD_ARCHIVE` are deprecated. Left out, the service decides. "
            "A change makes a new vault."
        ),
        "description": optional("Free text, at most 255 characters."),
        "encrypt_type": _chosen(
            "`HBR_PRIVATE`: by the service's own key; `KMS`: by `kms_key_id`. Left out, the service decides; "
            "a replication vault needs that of its source. A change makes a new vault."
        ),
        "kms_key_id": _fixed("The id or the alias of the key in KMS, for `KMS`. A change makes a new vault."),
        "worm_enabled": optional(
            "Whether backups are immutable: nobody can delete them, nor the vault, before they expire. It "
            "cannot be switched off again. Default: `false`.",
            BOOL,
            default=False,
        ),
        "redundancy_type": _chosen(
            "`LRS`: copies in one zone; `ZRS`: in three. Only a replication vault can choose. A change makes "
            "a new vault."
        ),
        "replication_source_region_id": _fixed(
            "Where the vault is that this one mirrors, such as `cn-shanghai`; with "
            "`replication_source_vault_id`. A change makes a new vault."
        ),
        "replication_source_vault_id": _fixed(
            "The vault that this one mirrors: it holds copies of all its backups. A change makes a new vault."
        ),
        "resource_group_id": optional(
            "The resource group. Left out, the service chooses the default one.",
            computed=True,
            fillers=("",),
        ),
        "tags": optional("The tags, by key.", map_of(STRING)),
        "force_destroy": optional(
            "Whether a destroy may delete recovery points with the vault. Else a vault that holds any is not "
            "destroyed. It has to be applied before the destroy. Default: `false`.",
            BOOL,
            default=False,
        ),
        "acknowledge": acknowledgements.ATTRIBUTE,
        "vault_region_id": computed("Where the vault is: the region of the provider."),
        "status": computed("`CREATED`; of a vault that could not be made `ERROR`."),
        "create_time": computed("When the vault was created, in UNIX seconds."),
    },
    "A backup vault of Cloud Backup: where the backups of policies of type `STANDARD` are kept.",
    timeouts={"create": 600, "update": 300, "delete": 600},
)
# What a create sends, under the API's names. What only an update can set follows it.
_SENT = (
    *("vault_name", "vault_type", "vault_storage_class", "description", "encrypt_type", "kms_key_id"),
    *("worm_enabled", "redundancy_type", "replication_source_region_id", "replication_source_vault_id"),
)
_UPDATED = ("vault_name", "description", "worm_enabled", "resource_group_id")
# What the service answers as it was sent, or fills.
_READ = tuple(name for name in _SENT if name not in ("description", "worm_enabled"))


class BackupVaultResource(IdentifiedResource):
    type_name = "alipolicy_backup_vault"
    schema = SCHEMA
    identity = in_region(vault_id="The vault's id.")

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.backup.vault_checks import CHECKS, check_backup_vault
        from constructs_lib.backup.vault_types import CODES

        check_acknowledge(ctx, config, CODES)
        report(ctx, config, check_backup_vault(_props(config)), CHECKS)

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        prior, planned = change.prior, change.planned
        if prior is not None and not _is_replaced(prior, planned):
            _refuse_to_unlock(ctx, prior, planned)
        if ctx.client is None:
            return
        _record_plan(ctx, change)
        _warn_of_own_region(ctx, planned)
        if prior is not None and (forced := _is_replaced(prior, planned)):
            _warn_of_destruction(ctx, prior, forced)

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        if ctx.client is not None:
            confirm_in_state(ctx, cloud_of(ctx), _operation(prior), prior["id"])
            _warn_of_destruction(ctx, prior)

    def create(self, ctx: Context, planned: State) -> State:
        cloud = cloud_of(ctx)
        created = vaults.create_vault(cloud, _request(planned))
        state = {**planned, "id": created.value}
        note_creation(ctx)
        ctx.save(state)
        warn_after_create(ctx, cloud, created, created.value)
        found = vaults.wait_until_created(cloud, created.value)
        state = _complete(state, found)
        late = {"worm_enabled": found.worm_enabled, "resource_group_id": found.resource_group_id}
        ctx.save({**state, **late, "tags": None})
        if request := _changes({**state, **late}, state):
            vaults.update_vault(cloud, created.value, request)
        vaults.change_tags(cloud, created.value, found.tags, state["tags"] or {})
        return state

    def read(self, ctx: Context, state: State) -> State | None:
        cloud = cloud_of(ctx)
        confirm_in_state(ctx, cloud, _operation(state), state["id"])
        found = vaults.vault(cloud, state["id"], is_new=is_just_created(ctx))
        return None if found is None else to_state(found, state)

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        cloud = cloud_of(ctx)
        if request := _changes(prior, planned):
            vaults.update_vault(cloud, prior["id"], request)
            ctx.save({**planned, "tags": prior["tags"]})
        vaults.change_tags(cloud, prior["id"], prior["tags"] or {}, planned["tags"] or {})
        return planned

    def delete(self, ctx: Context, state: State) -> None:
        cloud, vault_id = cloud_of(ctx), state["id"]
        warn_of_unclaimed(ctx, cloud, is_applying=True)
        found = vaults.vault(cloud, vault_id)
        if found is None:
            return
        from constructs_lib.provider.vault_changes import explain_use, refuse_loss

        if found.status == "INITIALIZING":  # the service deletes none that is being made
            found = vaults.wait_until_created(cloud, vault_id)
        if not state["force_destroy"]:
            refuse_loss(found)
        with explain_use(cloud, vault_id):
            vaults.delete_vault(cloud, vault_id)

    def generate(self, config: State) -> State:
        """A mirror has the type of its source, and alone chooses its redundancy: BV105."""
        own = ("vault_type",) if config["replication_source_vault_id"] else ("redundancy_type",)
        return {**config, **dict.fromkeys(own)}

    def import_(self, ctx: Context, id: str) -> State:
        if not id.strip():
            raise Failure("The id is empty", "Import by the vault's id, such as v-0001a2b3c4d5e6f7g8h9.")
        return {"id": id.strip()}

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        """From the official resources, which have the same attributes and store fillers."""
        names = ("alicloud_hbr_vault", "alicloud_hbr_replication_vault")
        if source.type_name not in names or not source.provider.endswith("/aliyun/alicloud"):
            return None
        taken = (*_SENT, "resource_group_id", "tags", "status", "create_time")
        return {
            **{name: source.state.get(name) or None for name in taken},
            "id": source.state["id"],
            "worm_enabled": bool(source.state.get("worm_enabled")),
            "force_destroy": False,
            "vault_region_id": source.state.get("region_id") or None,
        }


# ------------------------------------------------------------ plans


def _operation(state: State) -> str:
    return vaults.create_operation(state["replication_source_vault_id"])


def _record_plan(ctx: Context, change: PlannedChange) -> None:
    """Tell the journal what is planned, and what is there already."""
    cloud, config, operation = cloud_of(ctx, LOOK_AHEAD), change.config, _operation(change.planned)
    begin_plan(ctx, cloud, operation, change.prior["id"] if change.prior else "")
    if change.prior is None:
        is_open = holds_unknown([config[name] for name in _SENT])
        record_plan(cloud, operation, None if is_open else _request(change.planned))


def _refuse_to_unlock(ctx: Context, prior: State, planned: State) -> None:
    if prior["worm_enabled"] and planned["worm_enabled"] is False:
        detail = "worm_enabled cannot be switched off: leave it true, or make another vault."
        ctx.error("An immutable vault stays immutable", detail, "worm_enabled")


def _is_replaced(prior: State, planned: State) -> str:
    """The attribute whose change makes a new vault; empty where the vault stays."""
    forcing = (name for name, node in SCHEMA.body.items() if getattr(node, "force_new", False))
    return next((name for name in forcing if prior[name] != planned[name]), "")


def _warn_of_own_region(ctx: Context, planned: State) -> None:
    """What only a configured provider knows: BV303."""
    if planned["replication_source_region_id"] not in (None, UNKNOWN):
        from constructs_lib.backup.vault_checks import check_backup_vault, mirrors_own_region

        own = (mirrors_own_region,)
        report(ctx, planned, check_backup_vault(_props(planned), own, cloud_of(ctx).region), own)


def _warn_of_destruction(ctx: Context, prior: State, path: str = "") -> None:
    from constructs_lib.provider.vault_changes import warn_of_destruction

    warn_of_destruction(ctx, cloud_of(ctx, LOOK_AHEAD), prior, path)


# ------------------------------------------------------------ the mapping, in both directions


def _request(planned: State) -> dict[str, str]:
    """The parameters of a create, without what is not set."""
    is_mirror = bool(planned["replication_source_vault_id"])
    return {
        wire_name(name): _written(planned[name])
        for name in _SENT
        if planned[name] not in (None, "", False, UNKNOWN) and not (is_mirror and name == "worm_enabled")
    }


def _changes(prior: State, planned: State) -> dict[str, str]:
    """The parameters of an update: what changes."""
    return {
        wire_name(name): _written(planned[name])
        for name in _UPDATED
        if (planned[name] or "") != (prior[name] or "")
    }


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value or "")


def to_state(found: RemoteVault, state: State) -> State:
    """The state as the API gives it, written as the state before wrote it."""
    return {
        **state,
        **{name: getattr(found, name) or ("" if state[name] == "" else None) for name in _READ},
        "id": found.vault_id,
        "description": found.description or ("" if state["description"] == "" else None),
        "worm_enabled": found.worm_enabled,
        "resource_group_id": found.resource_group_id or None,
        "tags": dict(found.tags) or ({} if state["tags"] == {} else None),
        "force_destroy": bool(state["force_destroy"]),
        "vault_region_id": found.vault_region_id or None,
        "status": found.status or None,
        "create_time": str(found.created_time) if found.created_time else None,
    }


def _complete(planned: State, found: RemoteVault) -> State:
    """The planned state, with what only the service knows."""
    known = to_state(found, planned)
    return {name: known[name] if value is UNKNOWN else value for name, value in planned.items()}


def _props(config: State) -> Any:
    from constructs_lib.backup.vault import BackupVaultProps

    return props_of(BackupVaultProps, config, {})
