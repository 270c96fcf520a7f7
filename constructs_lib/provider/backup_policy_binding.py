"""`alipolicy_backup_policy_binding`: a data source that a backup policy backs up.

Source: Cloud Backup, CreatePolicyBindings, UpdatePolicyBinding, DescribePolicyBindings, DeletePolicyBinding
(2017-09-08).
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from constructs_lib.provider import acknowledgements, bindings
from constructs_lib.provider.acknowledgements import check_acknowledge, report
from constructs_lib.provider.api_models import RemoteBinding, wire_name
from constructs_lib.provider.backup_policy import FILLERS, from_api, to_api
from constructs_lib.provider.bindings import BindingKey
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.errors import CloudError
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
from constructs_lib.provider.protocol.schema import (
    Block,
    Nesting,
    Schema,
    SchemaBody,
    computed,
    optional,
    required,
)
from constructs_lib.provider.protocol.types import BOOL, NUMBER, STRING, list_of
from constructs_lib.provider.protocol.values import UNKNOWN, holds_unknown


def _same_list(one: str, other: str) -> bool:
    """Whether two strings are the same list, as JSON. ValueError: one of them is none."""
    try:
        return one.startswith("[") and bool(json.loads(one) == json.loads(other))
    except RecursionError:
        return False


_field = partial(optional, fillers=FILLERS)
_key = partial(required, force_new=True)
_fixed = partial(optional, fillers=FILLERS, force_new=True)


def _options(body: SchemaBody, description: str) -> Block:
    return Block(Nesting.LIST, body, description, max_items=1)


_SLICES = {
    "fetch_slice_size": ("How many files one task backs up.", NUMBER),
    "full_on_increment_fail": ("Whether a full backup follows an incremental one that failed.", BOOL),
}
ADVANCED_OPTIONS: SchemaBody = {
    "udm_detail": _options(
        {
            "disk_id_list": _field("The disks to back up. Left out: all.", list_of(STRING)),
            "exclude_disk_id_list": _field(
                "The disks not to back up; ignored where there is a `disk_id_list`.", list_of(STRING)
            ),
            "snapshot_group": _field(
                "Whether the disks are backed up at one moment; all of them have to be ESSDs.", BOOL
            ),
            "app_consistent": _field(
                "Whether snapshots are application-consistent; all disks have to be ESSDs.", BOOL
            ),
            "enable_fs_freeze": _field(
                "Whether Linux' FsFreeze is used; for `app_consistent`. Left out: as the service does.",
                BOOL,
                computed=True,
            ),
            "enable_writers": _field(
                "Whether snapshots are consistent for applications (`true`) or for file systems; for "
                "`app_consistent`. Left out: as the service does.",
                BOOL,
                computed=True,
            ),
            "timeout_in_seconds": _field(
                "How long I/O may be frozen; for `app_consistent`. Left out: as the service does.",
                NUMBER,
                computed=True,
            ),
            "pre_script_path": _field("The script to run before the freeze; for `app_consistent`."),
            "post_script_path": _field("The script to run after the thaw; for `app_consistent`."),
            "ram_role_name": _field("The RAM role that `app_consistent` needs."),
            "destination_kms_key_id": _field(
                "The key that encrypts copies in another region. The SDK has it in answers alone; the "
                "official provider sends it."
            ),
        },
        "For an ECS instance (`UDM_ECS`).",
    ),
    "oss_detail": _options(
        {
            "inventory_id": _field("The inventory by which the bucket is listed."),
            "inventory_cleanup_policy": _field(
                "Which files of the inventory are deleted after a backup: `NO_CLEANUP`, `DELETE_CURRENT` or "
                "`DELETE_CURRENT_AND_PREVIOUS`."
            ),
            "ignore_archive_object": _field(
                "Whether objects in the archive tier are left out of statistics and of failures.", BOOL
            ),
        },
        "For a bucket (`OSS`).",
    ),
    "file_detail": _options(
        {
            "adv_policy": _fixed("Whether an advanced policy is used.", BOOL),
            "use_vss": _fixed("Whether the Volume Shadow Copy Service of Windows is used.", BOOL),
        },
        "For files (`ECS_FILE`, `File`). UpdatePolicyBinding has no such options: a change binds anew.",
    ),
    "common_nas_detail": _options(
        {
            "cluster_id": _fixed("The group of clients that back up the NAS."),
            **{name: _fixed(*declared) for name, declared in _SLICES.items()},
        },
        "For a NAS on the premises (`COMMON_NAS`). UpdatePolicyBinding has no such options: a change binds "
        "anew.",
    ),
    "common_file_system_detail": _options(
        {name: _field(*declared) for name, declared in _SLICES.items()}, "For CPFS (`COMMON_FILE_SYSTEM`)."
    ),
}
SCHEMA = Schema(
    {
        "id": computed("`<policy_id>:<source_type>:<data_source_id>`."),
        "policy_id": _key("The policy. A change binds the source anew."),
        "source_type": _key(
            "What the source is: `UDM_ECS` (an ECS instance) with a policy of type `UDM_ECS_ONLY`; `OSS`, "
            "`NAS`, `ECS_FILE`, `OTS`, `File`, `COMMON_NAS` or `COMMON_FILE_SYSTEM` with `STANDARD`. A "
            "change binds the source anew."
        ),
        "data_source_id": _key(
            "The source: a bucket's name, or the id of an instance (`UDM_ECS`, `ECS_FILE`), a file system "
            "(`NAS`), a client (`File`) or a data source of Cloud Backup. A change binds it anew."
        ),
        "source": _field(
            'Which part of it. `OSS`: one prefix, such as `logs/`. Files: paths, as JSON: `["/a","/b"]`. '
            "`OTS`: tables, as JSON. Left out: all of it.",
            same=_same_list,
        ),
        "include": _field('Which files, such as `["*.sh"]`; at most 255 characters.', same=_same_list),
        "exclude": _field("Which files not; at most 255 characters.", same=_same_list),
        "speed_limit": _field(
            "How fast files are backed up: from hour to hour KB/s, such as `0:24:1024`; several are "
            "separated by `|`. For `ECS_FILE` and `File`."
        ),
        "disabled": optional(
            "Whether the policy makes no backups of this source for now. Default: `false`.",
            BOOL,
            default=False,
        ),
        "policy_binding_description": _field("Free text."),
        "cross_account_type": _fixed(
            "Whose source it is: `SELF_ACCOUNT`, or `CROSS_ACCOUNT` by a RAM role there. A change binds it "
            "anew. Default: `SELF_ACCOUNT`.",
            default="SELF_ACCOUNT",
        ),
        "cross_account_user_id": _fixed("The other account's id. A change binds it anew.", NUMBER),
        "cross_account_role_name": _fixed("The RAM role there. A change binds it anew."),
        "acknowledge": acknowledgements.ATTRIBUTE,
        "create_time": computed("When the source was bound, in UNIX seconds."),
        "advanced_options": _options(ADVANCED_OPTIONS, "Options for one type of source."),
    },
    "A data source that a backup policy of Cloud Backup backs up.",
    timeouts={"create": 300, "update": 300, "delete": 300},
)
_TEXTS = ("source", "include", "exclude", "speed_limit", "policy_binding_description")
_ACCOUNT = ("cross_account_user_id", "cross_account_role_name")
# What the service is known to fill where a group of options leaves it out, beside the usual fillers.
_DEFAULTS = {"EnableFsFreeze": (True,), "EnableWriters": (True,), "TimeoutInSeconds": (30,)}


class BackupPolicyBindingResource(IdentifiedResource):
    type_name = "alipolicy_backup_policy_binding"
    schema = SCHEMA
    identity = in_region(
        policy_id="The policy's id.",
        source_type="The type of the source, such as `OSS`.",
        data_source_id="The source, such as a bucket's name.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.backup.binding_checks import CHECKS, check_binding
        from constructs_lib.backup.binding_types import CODES

        check_acknowledge(ctx, config, CODES)
        report(ctx, config, check_binding(_props(config)), CHECKS)

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        prior, planned = change.prior, change.planned
        if prior is None:
            if ctx.client is not None:
                _warn_of_policy_type(ctx, planned)
            return
        if planned["disabled"] is True and not prior["disabled"]:
            ctx.warn(
                f"{prior['data_source_id']} is not backed up for now",
                f"Policy {prior['policy_id']} makes no backups of it until disabled is false again.",
                "disabled",
            )
        if any(planned[name] != prior[name] for name in BindingKey._fields):
            _warn_of_end(ctx, prior)

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        _warn_of_end(ctx, prior)

    def create(self, ctx: Context, planned: State) -> State:
        cloud, key = cloud_of(ctx), _key_of(planned)
        with bindings.alone_with(cloud, key):
            there = bindings.create_binding(cloud, key, _request(planned))
            if there is not None:
                _take_over(ctx, cloud, there, planned)
                cloud.claims.take_over(_claimed(key))
            cloud.creates.note_created(bindings.queue_of(key), str(key))
        state = {**planned, "id": str(key)}
        note_creation(ctx)
        ctx.save(state)
        return _complete(state, there or bindings.binding(cloud, key, is_new=True))

    def read(self, ctx: Context, state: State) -> State | None:
        found = bindings.binding(cloud_of(ctx), _key_of(state), is_new=is_just_created(ctx))
        return None if found is None else to_state(found, state)

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        cloud, key = cloud_of(ctx), _key_of(prior)
        before, after = _request(prior), _request(planned)
        request = {
            wire_name(name): planned[name] or ""
            for name in _TEXTS
            if (planned[name] or "") != (prior[name] or "")
        }
        if before.get("AdvancedOptions") != after.get("AdvancedOptions"):
            request["AdvancedOptions"] = after.get("AdvancedOptions", {})
        if planned["disabled"] != bool(prior["disabled"]):
            request["Disabled"] = planned["disabled"]
        if request:
            bindings.update_binding(cloud, key, request)
            ctx.save(planned)
        return _complete(planned, bindings.binding(cloud, key) if holds_unknown(planned) else None)

    def delete(self, ctx: Context, state: State) -> None:
        """A resource that got another address leaves the binding to the new one."""
        cloud, key = cloud_of(ctx), _key_of(state)
        with bindings.alone_with(cloud, key):
            if not cloud.claims.is_taken_over(_claimed(key)):
                bindings.delete_binding(cloud, key)

    def import_(self, ctx: Context, id: str) -> State:
        parts = id.strip().split(":", 2)
        if len(parts) != 3 or not all(parts):
            raise Failure(
                "The id is none of a binding",
                "Import by <policy_id>:<source_type>:<data_source_id>, po-000zemnuyx2li3y9y:OSS:logs.",
            )
        return {"id": id.strip(), **dict(zip(BindingKey._fields, parts, strict=True))}

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        """From the official resource, which has the same attributes and stores fillers."""
        is_official = source.provider.endswith("/aliyun/alicloud")
        if source.type_name != "alicloud_hbr_policy_binding" or not is_official:
            return None
        given = source.state
        names = (*BindingKey._fields, *_TEXTS, *_ACCOUNT, "id", "cross_account_type", "create_time")
        options = to_api(given.get("advanced_options") or [], ADVANCED_OPTIONS)
        return {
            **{name: given.get(name) or None for name in names},
            "disabled": bool(given.get("disabled")),
            "cross_account_type": given.get("cross_account_type") or "SELF_ACCOUNT",
            "advanced_options": options_to_state(_flat(options), []),
        }


# ------------------------------------------------------------ plans


def _warn_of_policy_type(ctx: Context, planned: State) -> None:
    """What only the cloud knows of a policy that is there: BB202. One list serves all bindings of a plan."""
    if planned["policy_id"] is UNKNOWN or planned["source_type"] is UNKNOWN:
        return
    from constructs_lib.backup.binding_checks import check_binding, wrong_policy_type

    cloud = cloud_of(ctx, LOOK_AHEAD)
    try:
        policies = cloud.creates.snapshot("all backup policies", cloud.backup_policies, cloud.calls.pace)
    except CloudError as error:
        ctx.log.info("the type of %s could not be looked up: %s", planned["policy_id"], error)
        return
    kinds = {policy.policy_id: policy.policy_type for policy in policies}
    checks = (wrong_policy_type,)
    report(ctx, planned, check_binding(_props(planned), checks, kinds.get(planned["policy_id"])), checks)


def _warn_of_end(ctx: Context, prior: State) -> None:
    ctx.warn(
        f"{prior['data_source_id']} loses its backups by {prior['policy_id']}",
        "The policy makes no further backups of it. What becomes of the recovery points that it has made is "
        "not documented.",
    )


def _take_over(ctx: Context, cloud: Cloud, there: RemoteBinding, planned: State) -> None:
    """Say that the binding was there before. Failure: it is another one, or another resource's."""
    key = bindings.key_of(there)
    if cloud.creates.has_created(bindings.queue_of(key), {str(key)}):
        raise Failure(
            f"{key} is bound by two resources",
            "Another resource of this run has just bound it: each destroy would unbind it for both. Take one "
            "of the two out.",
        )
    if there.created_by_tag:
        raise Failure(
            f"{key} is bound by a TAG rule",
            "The policy has chosen the source by its tags: it is backed up already, and unbound where the "
            "tags change. Take this resource out, or the source out of the TAG rule.",
        )
    found = to_state(there, planned)
    names = (*_TEXTS, "disabled", "cross_account_type", *_ACCOUNT, "advanced_options")
    asked = _filled(planned, found)
    wrong = [name for name in names if (found[name] or None) != (asked[name] or None)]
    if wrong:
        raise Failure(
            f"{key} is bound already, in another way",
            f"Somebody else has bound it, with another {', '.join(wrong)}. To take the binding over, import "
            f"it (terraform import ADDRESS {key}), and the next apply changes it.",
        )
    ctx.warn(
        f"{key} was bound already",
        "An attempt whose answer was lost, an earlier run that was killed, or somebody else has bound it. It "
        "is exactly what is asked for, so it was taken over.",
    )


# ------------------------------------------------------------ the mapping, in both directions


def _key_of(state: State) -> BindingKey:
    return BindingKey(*(state[name] for name in BindingKey._fields))


def _claimed(key: BindingKey) -> str:
    """Under which name it stands among what resources take over."""
    return f"binding {key}"


def _flat(options: list[dict[str, Any]]) -> dict[str, Any]:
    """Blocks are lists of one; the API has objects."""
    return {name: groups[0] for name, groups in (options[0] if options else {}).items() if groups}


def _request(planned: State) -> dict[str, Any]:
    """What a create says of the binding, without what is not set."""
    names = (*_TEXTS, *_ACCOUNT)
    given = {wire_name(name): planned[name] for name in names if planned[name]}
    if planned["cross_account_type"] not in ("", "SELF_ACCOUNT"):
        given["CrossAccountType"] = planned["cross_account_type"]
    if planned["disabled"]:
        given["Disabled"] = "true"
    if options := _flat(to_api(planned["advanced_options"] or [], ADVANCED_OPTIONS)):
        given["AdvancedOptions"] = options
    return given


def options_to_state(options: Any, before: list[State]) -> list[State]:
    """Advanced options as blocks. A group that was not written, and in which the service gives nothing but
    what it takes where nothing is said, is none."""
    written = before[0] if before else {}
    wrapped = {
        wire_name(name): [given]
        for name in ADVANCED_OPTIONS
        if isinstance(given := options.get(wire_name(name)), dict)
        and (written.get(name) or any(not _is_usual(field, value) for field, value in given.items()))
    }
    # A block that was written stays one, whatever the service makes of it.
    if not wrapped and not before:
        return []
    kept: dict[str, Any] = {wire_name(name): [{}] for name in ADVANCED_OPTIONS if written.get(name)}
    return [from_api(kept | wrapped, written, ADVANCED_OPTIONS)]


def _is_usual(field: str, value: Any) -> bool:
    return value is None or value in FILLERS or value in _DEFAULTS.get(field, ())


def to_state(found: RemoteBinding, state: State) -> State:
    """The state as the API gives it, written as the state before wrote it."""
    return {
        **state,
        "id": str(bindings.key_of(found)),
        **{name: getattr(found, name) for name in BindingKey._fields},
        **{
            name: getattr(found, name) or (state[name] if state[name] in FILLERS else None)
            for name in (*_TEXTS, *_ACCOUNT)
        },
        "disabled": found.disabled,
        "cross_account_type": found.cross_account_type or "SELF_ACCOUNT",
        "advanced_options": options_to_state(found.advanced_options, state["advanced_options"] or []),
        "create_time": str(found.created_time) if found.created_time else None,
    }


def _complete(planned: State, found: RemoteBinding | None) -> State:
    """The planned state, with what only the service knows."""
    known = to_state(found, planned) if found else {}
    completed: State = _filled(planned, known)
    return completed


def _filled(planned: Any, known: Any) -> Any:
    """A planned value, where what is unknown is as known, or null."""
    if planned is UNKNOWN:
        return None if known is UNKNOWN else known
    if isinstance(planned, dict):
        given = known if isinstance(known, dict) else {}
        return {name: _filled(value, given.get(name)) for name, value in planned.items()}
    if isinstance(planned, list):
        beside = [*(known if isinstance(known, list) else ()), *[None] * len(planned)]
        return [_filled(value, other) for value, other in zip(planned, beside, strict=False)]
    return planned


def _props(config: State) -> Any:
    from constructs_lib.backup.binding import BINDING_BLOCKS, BackupPolicyBindingProps

    return props_of(BackupPolicyBindingProps, config, BINDING_BLOCKS)
