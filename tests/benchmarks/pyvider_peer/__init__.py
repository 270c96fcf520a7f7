"""The resource `alipolicy_backup_policy` once more, written with pyvider: the same attributes and blocks.

It knows no cloud and checks nothing: what is left is what the framework itself takes. pyvider finds it by the
entry point that the benchmark writes.
"""

from __future__ import annotations

import uuid
from typing import Any

from attrs import define, field
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


class Peer(BaseProvider):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(metadata=ProviderMetadata(name=PROVIDER, version="0.1.0"))


def register_components(hub: Any) -> None:
    hub.register("provider", PROVIDER, Peer)
    hub.register("resource", RESOURCE, BackupPolicy)
