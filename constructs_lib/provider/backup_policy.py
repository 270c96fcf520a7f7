"""`alipolicy_backup_policy`: a backup policy of Cloud Backup.

Source: Cloud Backup, CreatePolicyV2, UpdatePolicyV2, DescribePoliciesV2, DeletePolicyV2 (2017-09-08).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from constructs_lib.provider import acknowledgements
from constructs_lib.provider.acknowledgements import check_acknowledge, report
from constructs_lib.provider.api_client import flag
from constructs_lib.provider.api_models import ApiRule, RemoteBackupPolicy, wire_name
from constructs_lib.provider.cloud import CREATE_POLICY, Cloud
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.foreign_fields import Known, keep_foreign_fields
from constructs_lib.provider.identities import IdentifiedResource, in_region
from constructs_lib.provider.operations import (
    LOOK_AHEAD,
    cloud_of,
    is_just_created,
    note_creation,
    props_of,
)
from constructs_lib.provider.pending_creates import backup_policy_request, has_let_go, same_rules
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import MoveSource, PlannedChange
from constructs_lib.provider.protocol.schema import (
    Attribute,
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
from constructs_lib.provider.unclaimed_creates import (
    begin_plan,
    confirm_in_state,
    record_plan,
    warn_after_create,
    warn_of_unclaimed,
)

# What the API takes, and gives, for what is not set.
FILLERS: tuple[Any, ...] = ("", 0, False, [])

# How often a write is looked for until it is seen (seconds).
LOOK = 0.5


_field = partial(optional, fillers=FILLERS)

RULE: SchemaBody = {
    "rule_type": required(
        "What the rule is for: `BACKUP`, `TRANSITION`, `REPLICATION`, `TAG` or `SECURITY`."
    ),
    "schedule": _field(
        "When backups start; for `BACKUP`. `I|<UNIX seconds>|<ISO 8601 interval>`, such as "
        "`I|1648647166|P1D`, or `C|<UNIX seconds>|<Quartz cron>`, such as `C|1648647166|0 0 2 ? * 3,5,7` "
        "(weekday 1 is Sunday)."
    ),
    "backup_type": _field(
        "How a backup is taken; for `BACKUP`. `COMPLETE`; the API's metadata also has `INCREMENTAL`, "
        "`DIFFERENTIAL`, `LOG`, `INDEX`, `ARCHIVE` and `ARCHIVE_BY_SEARCH`."
    ),
    "retention": _field(
        "How long backups are kept, in days, 1 to 364635; for `BACKUP`, `TRANSITION` (which overrides that "
        "of `BACKUP`) and `REPLICATION`.",
        NUMBER,
    ),
    "replication_region_id": _field("Where copies go, such as `cn-shanghai`; for `REPLICATION`."),
    "vault_id": _field("The vault to back up into; for `BACKUP` in a policy of type `STANDARD`."),
    "keep_latest_snapshots": _field(
        "`1` keeps the newest backup forever, `0` does not. Default: `0`.", NUMBER, default=0
    ),
    "immutable": _field(
        "Whether backups are locked; for policies of type `UDM_ECS_ONLY`. Default: `false`.",
        BOOL,
        default=False,
    ),
    "archive_days": _field(
        "Days until a backup moves to the archive tier, at least 30; for `TRANSITION`. `0`: never. "
        "Default: `0`.",
        NUMBER,
        default=0,
    ),
    "rule_id": computed("The rule's id. A rule keeps it when it is moved."),
    "retention_rules": Block(
        Nesting.LIST,
        {
            "advanced_retention_type": required("The period: `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`."),
            "retention": required(
                "How long the first backup of each period is kept, in days, at least 1.", NUMBER
            ),
            "which_snapshot": _field(
                "Which backup of the period: `1`, the first, is the only value. Default: `1`.",
                NUMBER,
                default=1,
            ),
        },
        "The first backup of each period is kept longer; at most 99, for `TRANSITION`.",
    ),
    "data_source_filters": Block(
        Nesting.LIST,
        {
            "source_type": required(
                "The kind of data source: `UDM_ECS` with `UDM_ECS_ONLY`; `OSS`, `NAS`, `ECS_FILE` or `OTS` "
                "with `STANDARD`."
            ),
            "data_source_ids": _field(
                "Their ids. The API has deprecated this: choose by `tag_filters`.", list_of(STRING)
            ),
            "account_scope": _field(
                "Whose data sources. Only the SDK has it: its values, and what it does with `accounts`, are "
                "not documented."
            ),
            "accounts": Block(
                Nesting.LIST,
                {
                    "cross_account_user_id": _field("The account's id.", NUMBER),
                    "cross_account_type": _field(
                        "How its backups are allowed. By the SDK's texts on other operations: "
                        "`SELF_ACCOUNT`, `CROSS_ACCOUNT` (by a RAM role there) or `CROSS_ACCOUNT_BY_RD` (by "
                        "the resource directory)."
                    ),
                    "cross_account_role_name": _field("The RAM role there, for `CROSS_ACCOUNT`."),
                },
                "The accounts whose data sources are meant; as `account_scope`.",
            ),
        },
        "Which kinds of data sources are backed up; for `TAG`.",
    ),
    "tag_filters": Block(
        Nesting.LIST,
        {
            "key": required("The tag's key."),
            "value": _field("The tag's value; left out, any value matches."),
            "operator": _field(
                "`EQUAL`: key and value match; `NOT`: the key, but not the value. Default: `EQUAL`.",
                default="EQUAL",
            ),
        },
        "Which tags a data source must have; for `TAG`. Whether it must match all of them, or any, is not "
        "documented.",
    ),
}
SCHEMA = Schema(
    {
        "id": computed("The policy's id, such as `po-000zemnuyx2li3y9y`."),
        "policy_name": optional("The name shown in the console."),
        "policy_type": optional(
            "`STANDARD`: everything but ECS instances, into a vault; `UDM_ECS_ONLY`: ECS instances. Left "
            "out, the service decides: with a vault in the rules `STANDARD`. A change makes a new policy.",
            computed=True,
            force_new=True,
            fillers=("",),
        ),
        "policy_description": optional("Free text."),
        "acknowledge": acknowledgements.ATTRIBUTE,
        "create_time": computed("When the policy was created, in UNIX seconds."),
        "rules": Block(Nesting.LIST, RULE, "The rules, 1 to 10. Their order is kept."),
    },
    "A backup policy of Cloud Backup: when data is backed up, and how long it is kept.",
    timeouts={"create": 300, "update": 300, "delete": 300},
)


class BackupPolicyResource(IdentifiedResource):
    type_name = "alipolicy_backup_policy"
    schema = SCHEMA
    identity = in_region(policy_id="The policy's id.")

    def validate(self, ctx: Context, config: State) -> None:
        from constructs_lib.backup.checks import CHECKS, check_backup_policy
        from constructs_lib.backup.resource_types import CODES

        check_acknowledge(ctx, config, CODES)
        report(ctx, config, check_backup_policy(_props(config)), CHECKS)

    def plan(self, ctx: Context, change: PlannedChange) -> None:
        if ctx.client is not None:
            _record_plan(ctx, change)
            _warn_of_own_region(ctx, change.planned)
        prior, planned = change.prior, change.planned
        from constructs_lib.provider import policy_changes

        if "rules" in change.changed and planned["rules"] is not UNKNOWN:
            before, after = _props(prior) if prior else None, _props(planned)
            policy_changes.refuse_new_retentions(ctx, prior, planned, before, after)
            if prior and before:
                policy_changes.warn_of_changed_rules(ctx, prior, planned, before, after)
        if prior is None:
            return
        if ctx.client is not None and "policy_type" in change.changed:
            policy_changes.warn_of_destruction(ctx, cloud_of(ctx, LOOK_AHEAD), prior, "policy_type")

    def plan_destroy(self, ctx: Context, prior: State) -> None:
        if ctx.client is not None:
            from constructs_lib.provider.policy_changes import warn_of_destruction

            confirm_in_state(ctx, cloud_of(ctx), CREATE_POLICY, prior["id"])
            warn_of_destruction(ctx, cloud_of(ctx, LOOK_AHEAD), prior)

    def create(self, ctx: Context, planned: State) -> State:
        cloud, rules = cloud_of(ctx), to_api(planned["rules"])
        created = cloud.create_backup_policy(
            planned["policy_name"] or "",
            policy_description=planned["policy_description"],
            policy_type=None if planned["policy_type"] is UNKNOWN else planned["policy_type"],
            rules=rules,
        )
        state = {**planned, "id": created.value}
        note_creation(ctx)
        ctx.save(state)
        warn_after_create(ctx, cloud, created, created.value)
        return _complete(state, _read_back(ctx, cloud, created.value, rules))

    def read(self, ctx: Context, state: State) -> State | None:
        cloud = cloud_of(ctx)
        confirm_in_state(ctx, cloud, CREATE_POLICY, state["id"])
        policy = cloud.recent_backup_policy(state["id"], is_new=is_just_created(ctx))
        return None if policy is None else to_state(policy, state)

    def update(self, ctx: Context, prior: State, planned: State) -> State:
        from constructs_lib.provider.retention import with_rule_ids

        cloud, with_ids = cloud_of(ctx), with_rule_ids(prior["rules"], planned["rules"])
        rules, before = to_api(with_ids), to_api(prior["rules"])
        is_rewritten = rules != before
        changed = {
            name: planned[name] or ""
            for name in ("policy_name", "policy_description")
            if (planned[name] or "") != (prior[name] or "")
        }
        if not is_rewritten:
            planned = {**planned, "rules": with_ids}
        if not changed and not is_rewritten:
            return _complete(planned, None)
        if is_rewritten and (current := cloud.backup_policy(planned["id"])):
            rules = keep_foreign_fields(rules, current.rules, _KNOWN)
        cloud.update_backup_policy(planned["id"], **changed, rules=rules if is_rewritten else None)
        ctx.save(planned)
        if not is_rewritten:
            return _complete(planned, None)
        return _complete(planned, _read_back(ctx, cloud, planned["id"], rules, before))

    def delete(self, ctx: Context, state: State) -> None:
        cloud = cloud_of(ctx)
        warn_of_unclaimed(ctx, cloud, is_applying=True)
        cloud.delete_backup_policy(state["id"], state["policy_type"] or "")

    def import_(self, ctx: Context, id: str) -> State:
        if not id.strip():
            raise Failure("The id is empty", "Import by the policy's id, such as po-000zemnuyx2li3y9y.")
        return {"id": id.strip()}

    def move(self, ctx: Context, source: MoveSource) -> State | None:
        """From the official resource, which has the same attributes and stores fillers."""
        if source.type_name != "alicloud_hbr_policy" or not source.provider.endswith("/aliyun/alicloud"):
            return None
        rules = source.state.get("rules") or []
        names = ("policy_name", "policy_type", "policy_description", "create_time")
        return {
            "id": source.state["id"],
            **{name: source.state.get(name) or None for name in names},
            "rules": [from_api(rule, {}) for rule in to_api(rules)],
        }


# ------------------------------------------------------------ what earlier runs left


def _warn_of_own_region(ctx: Context, planned: State) -> None:
    """What only a configured provider knows: BP212."""
    from constructs_lib.backup.checks import check_backup_policy
    from constructs_lib.backup.place_checks import copies_in_own_region

    if planned["rules"] is not UNKNOWN and any(
        rule["rule_type"] == "REPLICATION" for rule in planned["rules"]
    ):
        own = (copies_in_own_region,)
        report(ctx, planned, check_backup_policy(_props(planned), own, cloud_of(ctx).region), own)


def _record_plan(ctx: Context, change: PlannedChange) -> None:
    """Tell the journal what is planned, and what is there already."""
    cloud, config = cloud_of(ctx, LOOK_AHEAD), change.config
    begin_plan(ctx, cloud, CREATE_POLICY, change.prior["id"] if change.prior else "")
    if change.prior is not None:
        return
    not_sent = ("acknowledge", "timeouts")
    if holds_unknown({name: value for name, value in config.items() if name not in not_sent}):
        record_plan(cloud, CREATE_POLICY, None)
        return
    name, description, kind = config["policy_name"], config["policy_description"], config["policy_type"]
    request = backup_policy_request(name, description, kind, to_api(change.planned["rules"]))
    record_plan(cloud, CREATE_POLICY, request)


# ------------------------------------------------------------ the mapping, in both directions


def _known(body: SchemaBody) -> Known:
    return {
        wire_name(name): _known(node.body) if isinstance(node, Block) else {} for name, node in body.items()
    }


_KNOWN = _known(RULE)


def to_api(rules: Sequence[State], body: SchemaBody = RULE) -> list[ApiRule]:
    """Rules as the API takes them: without what is not set, and without ids that are not known."""
    return [
        {
            wire_name(name): to_api(rule[name], node.body) if isinstance(node, Block) else rule[name]
            for name, node in body.items()
            if not _is_filler(rule.get(name))
        }
        for rule in rules
    ]


def from_api(rule: ApiRule, written: State, body: SchemaBody = RULE) -> State:
    """A rule as the API gives it. Where it gives a filler, what was `written` for it stays: null, "", 0."""
    return {name: _value(node, rule.get(wire_name(name)), written.get(name)) for name, node in body.items()}


def _value(node: Attribute | Block, given: Any, written: Any) -> Any:
    if isinstance(node, Block):
        beside = [*(written or []), *[{}] * len(given or [])]
        pairs = zip(given or [], beside, strict=False)
        return [from_api(element, before, node.body) for element, before in pairs]
    if _is_filler(given):
        if written in FILLERS:
            return written
        return False if given is False and node.computed else node.default
    kind = node.value_type.kind
    if kind == "number":
        return int(given)
    return flag(given) if kind == "bool" else given


def _is_filler(value: Any) -> bool:
    """Whether the API takes, or gives, a value for what is not set."""
    return value is None or value is UNKNOWN or value in FILLERS


def create_time(policy: RemoteBackupPolicy) -> str | None:
    """When the policy was created, as the official provider writes it."""
    return str(policy.created_time) if policy.created_time else None


def to_state(policy: RemoteBackupPolicy, state: State) -> State:
    """The state as the API gives it, written as the state before wrote it."""
    before: list[State] = state["rules"] or []
    by_id = {rule["rule_id"]: rule for rule in before}
    beside = [*before, *[{}] * len(policy.rules)]
    texts = {
        name: getattr(policy, name) or ("" if state[name] == "" else None)
        for name in ("policy_name", "policy_description")
    }
    return {
        **state,
        **texts,
        "id": policy.policy_id,
        "policy_type": policy.policy_type or None,
        "create_time": create_time(policy),
        "rules": [
            from_api(rule, by_id.get(rule.get("RuleId"), written))
            for rule, written in zip(policy.rules, beside, strict=False)
        ],
    }


# ------------------------------------------------------------ after a write


def _read_back(
    ctx: Context, cloud: Cloud, policy_id: str, rules: Sequence[ApiRule], before: Sequence[ApiRule] = ()
) -> RemoteBackupPolicy | None:
    """The policy as soon as the service gives these rules, and no longer those from before; else, with a
    warning, as it was last seen.

    The write itself is done: nothing that goes wrong here may spoil it.
    """
    until, policy = time.monotonic() + cloud.settle, None
    try:
        while True:
            policy = cloud.backup_policy(policy_id)
            seen = policy.rules if policy is not None else ()
            if same_rules(rules, seen) and has_let_go(before, rules, seen):
                return policy
            if time.monotonic() >= until:
                reason = f"For {cloud.settle:g} s the service answered something else."
                break
            ctx.sleep(LOOK)
    except (CloudError, Failure) as error:
        reason = str(error)
    ctx.warn(
        "The policy could not be read back",
        f"{policy_id} is written, but what the service adds to it (rule ids, the time of creation) is not "
        f"known yet: the next plan reads it. {reason}",
    )
    return policy


def _complete(planned: State, policy: RemoteBackupPolicy | None) -> State:
    """The planned state, with what only the service knows."""
    rules: list[State] = planned["rules"]
    written = policy.rules if policy and len(policy.rules) == len(rules) else [{}] * len(rules)
    known = {
        "policy_type": policy.policy_type if policy else None,
        "create_time": create_time(policy) if policy else None,
        "rules": [
            {**rule, "rule_id": given.get("RuleId") or None} if rule["rule_id"] is UNKNOWN else rule
            for rule, given in zip(rules, written, strict=True)
        ],
    }
    return {**planned, **{name: known[name] for name in known if holds_unknown(planned[name])}}


# ------------------------------------------------------------ the checks' view


def _props(config: State) -> Any:
    from constructs_lib.backup.policy import BLOCKS, BackupPolicyProps

    return props_of(BackupPolicyProps, config, BLOCKS)
