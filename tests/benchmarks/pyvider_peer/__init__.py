"""The six resources of ours once more, written with pyvider: the same attributes and blocks.

It knows no cloud and checks nothing: what is left is what the framework itself takes. pyvider finds it by the
entry point that the benchmark writes.
"""

from __future__ import annotations

import uuid
from typing import Any

from attrs import define, field, make_class
from pyvider.providers import BaseProvider, ProviderMetadata
from pyvider.resources import BaseResource
from pyvider.schema import a_bool, a_list, a_num, a_str, a_unknown, b_list, s_resource

PROVIDER, RESOURCE = "peer", "peer_backup_policy"

SCHEMA = s_resource(
    attributes={
        "id": a_str(computed=True),
        "policy_name": a_str(optional=True),
        "policy_type": a_str(optional=True, computed=True, requires_replace=True),
        "policy_description": a_str(optional=True),
        "create_time": a_str(computed=True),
    },
    block_types=[
        b_list(
            "rules",
            attributes={
                "rule_type": a_str(required=True),
                "schedule": a_str(optional=True),
                "backup_type": a_str(optional=True),
                "retention": a_num(optional=True),
                "replication_region_id": a_str(optional=True),
                "vault_id": a_str(optional=True),
                "keep_latest_snapshots": a_num(optional=True, default=0),
                "immutable": a_bool(optional=True, default=False),
                "archive_days": a_num(optional=True, default=0),
                "rule_id": a_str(computed=True),
            },
            block_types=[
                b_list(
                    "retention_rules",
                    attributes={
                        "advanced_retention_type": a_str(required=True),
                        "retention": a_num(required=True),
                        "which_snapshot": a_num(optional=True, default=1),
                    },
                ),
                b_list(
                    "data_source_filters",
                    attributes={
                        "source_type": a_str(required=True),
                        "data_source_ids": a_list(a_str(), optional=True),
                    },
                ),
                b_list(
                    "tag_filters",
                    attributes={
                        "key": a_str(required=True),
                        "value": a_str(optional=True),
                        "operator": a_str(optional=True, default="EQUAL"),
                    },
                ),
            ],
        )
    ],
)


@define
class Retention:
    advanced_retention_type: str
    retention: int
    which_snapshot: int


@define
class DataSource:
    source_type: str
    data_source_ids: list[str] | None


@define
class Tag:
    key: str
    value: str | None
    operator: str


@define
class Rule:
    rule_type: str
    schedule: str | None
    backup_type: str | None
    retention: int | None
    replication_region_id: str | None
    vault_id: str | None
    keep_latest_snapshots: int
    immutable: bool
    archive_days: int
    rule_id: str | None
    retention_rules: list[Retention]
    data_source_filters: list[DataSource]
    tag_filters: list[Tag]


@define
class Policy:
    id: str | None = None
    policy_name: str | None = None
    policy_type: str | None = None
    policy_description: str | None = None
    create_time: str | None = None
    rules: list[Rule] = field(factory=list)


class BackupPolicy(BaseResource):  # type: ignore[misc]
    config_class = Policy
    state_class = Policy

    @classmethod
    def get_schema(cls) -> Any:
        return SCHEMA

    async def _validate_config(self, config: Policy) -> list[str]:
        return []

    async def _create(self, ctx: Any, base_plan: dict[str, Any]) -> tuple[dict[str, Any], None]:
        for name in ("id", "create_time"):
            base_plan[name] = a_unknown(a_str())
        for rule in base_plan["rules"]:
            rule["rule_id"] = a_unknown(a_str())
        return base_plan, None

    async def _create_apply(self, ctx: Any) -> tuple[Policy, None]:
        created: Policy = ctx.planned_state
        created.id, created.create_time = f"po-{uuid.uuid4().hex}", "1750000000"
        for rule in created.rules:
            rule.rule_id = f"rule-{uuid.uuid4().hex}"
        return created, None

    async def _delete_apply(self, ctx: Any) -> None:
        return None

    async def read(self, ctx: Any) -> Policy | None:
        state: Policy | None = ctx.state
        return state


# The attributes of the other types, which have no blocks that the benchmark uses: texts, but for the flags.
OTHERS = {
    "backup_vault": {
        "required": ["vault_name"],
        "optional": [
            "description",
            "kms_key_id",
            "replication_source_region_id",
            "replication_source_vault_id",
        ],
        "optional_computed": [
            *("vault_type", "vault_storage_class", "encrypt_type", "redundancy_type", "resource_group_id")
        ],
        "flags": ["worm_enabled", "force_destroy"],
        "computed": ["id", "vault_region_id", "status", "create_time"],
    },
    "backup_policy_binding": {
        "required": ["policy_id", "source_type", "data_source_id"],
        "optional": [
            *("source", "include", "exclude", "speed_limit", "policy_binding_description"),
            *("cross_account_type", "cross_account_user_id", "cross_account_role_name"),
        ],
        "flags": ["disabled"],
        "computed": ["id", "create_time"],
    },
    "policy": {
        "required": ["policy_name", "policy_document"],
        "optional_computed": ["description"],
        "flags": ["force_destroy"],
        "computed": [
            *("id", "policy_type", "version_id", "default_version", "create_date", "update_date"),
            "attachment_count",
        ],
    },
    "policy_version": {
        "required": ["policy_name", "policy_document"],
        "optional": ["rotate_strategy"],
        "flags": ["set_as_default", "skip_destroy"],
        "computed": [
            *("id", "version_id", "is_default_version", "create_date"),
            *("default_version", "fallback_version", "fallback_version_on_destroy"),
        ],
    },
    "policy_attachment": {
        "required": ["policy_name"],
        "optional": ["policy_type", "user_name", "group_name", "role_name"],
        "computed": ["id"],
    },
}


def _other(name: str, given: dict[str, list[str]]) -> type[BaseResource]:
    """A resource of attributes alone."""
    computed = given["computed"] + given.get("optional_computed", [])
    schema = s_resource(
        attributes={
            **{each: a_str(required=True) for each in given["required"]},
            **{each: a_str(optional=True) for each in given.get("optional", [])},
            **{each: a_str(optional=True, computed=True) for each in given.get("optional_computed", [])},
            **{each: a_bool(optional=True) for each in given.get("flags", [])},
            **{each: a_str(computed=True) for each in given["computed"]},
        }
    )
    names = [each for group in given.values() for each in group]
    value = make_class(name, {each: field(default=None) for each in names})

    class Other(BaseResource):  # type: ignore[misc]
        config_class = state_class = value

        @classmethod
        def get_schema(cls) -> Any:
            return schema

        async def _validate_config(self, config: Any) -> list[str]:
            return []

        async def _create(self, ctx: Any, base_plan: dict[str, Any]) -> tuple[dict[str, Any], None]:
            for each in computed:
                if base_plan.get(each) is None:
                    base_plan[each] = a_unknown(a_str())
            return base_plan, None

        async def _create_apply(self, ctx: Any) -> tuple[Any, None]:
            created = ctx.planned_state
            for each in given["computed"]:
                setattr(created, each, uuid.uuid4().hex)
            return created, None

        async def _delete_apply(self, ctx: Any) -> None:
            return None

        async def read(self, ctx: Any) -> Any:
            return ctx.state

    return Other


class Peer(BaseProvider):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(metadata=ProviderMetadata(name=PROVIDER, version="0.1.0"))


def register_components(hub: Any) -> None:
    hub.register("provider", PROVIDER, Peer)
    hub.register("resource", RESOURCE, BackupPolicy)
    for name, given in OTHERS.items():
        hub.register("resource", f"{PROVIDER}_{name}", _other(name, given))
