"""`alipolicy_policy_versions` and `alipolicy_backup_policies`: what there is already."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from constructs_lib.provider.api_models import RemoteBackupPolicy, RemotePolicyVersion
from constructs_lib.provider.backup_policy import RULE, create_time, from_api
from constructs_lib.provider.cloud import CUSTOM, SYSTEM, Cloud
from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import DataSource
from constructs_lib.provider.protocol.schema import Attribute, Block, Nested, Nesting, Schema
from constructs_lib.provider.protocol.types import BOOL, NUMBER, STRING, list_of
from constructs_lib.provider.protocol.values import UNKNOWN


def _read_only(body: Mapping[str, Attribute | Block]) -> dict[str, Attribute]:
    """What a resource takes as input, as output: nobody sets it, so that it has no default."""
    return {
        name: Attribute(
            Nested(node.nesting, _read_only(node.body)) if isinstance(node, Block) else node.type,
            node.description.partition(" Default: ")[0],
            computed=True,
        )
        for name, node in body.items()
    }


class PolicyVersions(DataSource):
    type_name = "alipolicy_policy_versions"
    schema = Schema(
        {
            "id": Attribute(STRING, "The name of the policy.", computed=True),
            "policy_name": Attribute(STRING, "The name of the policy.", required=True),
            "policy_type": Attribute(
                STRING,
                "Whose it is: `Custom`, the account's, or `System`, Alibaba Cloud's. Default: `Custom`.",
                optional=True,
                default=CUSTOM,
            ),
            "default_version": Attribute(STRING, "The id of the version in force.", computed=True),
            "versions": Attribute(
                Nested(
                    Nesting.LIST,
                    {
                        "version_id": Attribute(STRING, "The version's id, such as `v3`.", computed=True),
                        "is_default_version": Attribute(
                            BOOL, "Whether the version is in force.", computed=True
                        ),
                        "create_date": Attribute(
                            STRING, "When it was created, such as `2015-01-23T12:33:18Z`.", computed=True
                        ),
                        "policy_document": Attribute(STRING, "Its document, as JSON.", computed=True),
                    },
                ),
                "The versions, the oldest first; at most 5.",
                computed=True,
            ),
        },
        "All versions of a policy of RAM, with their documents, and which of them is in force.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        if config["policy_type"] not in (None, UNKNOWN, CUSTOM, SYSTEM):
            received = f"received {config['policy_type']!r}; allowed: {CUSTOM} or {SYSTEM}."
            ctx.error("policy_type is none of those RAM knows", received, "policy_type")

    def read(self, ctx: Context, config: State) -> State:
        cloud, name, kind = cloud_of(ctx), config["policy_name"], config["policy_type"]
        versions = cloud.policy_versions(name, kind)
        if versions is None:
            raise Failure(
                f"There is no {kind.lower()} policy {name}",
                "Correct policy_name, or say with policy_type whether the policy is Custom or System.",
                "policy_name",
            )
        told = [_version(cloud, name, kind, one) for one in versions]
        return {
            "id": name,
            "default_version": next((one.version_id for one in versions if one.is_default_version), None),
            "versions": told,
        }


def _version(cloud: Cloud, name: str, kind: str, version: RemotePolicyVersion) -> State:
    if version.policy_document is None:
        # Deleted since the list was made: without a document.
        told = cloud.policy_version(name, version.version_id, kind)
        version = evolve(version, policy_document=told.policy_document if told else None)
    return {
        "version_id": version.version_id,
        "is_default_version": version.is_default_version,
        "create_date": version.create_date,
        "policy_document": version.policy_document,
    }


class BackupPolicies(DataSource):
    type_name = "alipolicy_backup_policies"
    schema = Schema(
        {
            "id": Attribute(STRING, "What was asked for.", computed=True),
            "policy_id": Attribute(STRING, "Only the policy with this id.", optional=True),
            "policy_name": Attribute(STRING, "Only policies with exactly this name.", optional=True),
            "ids": Attribute(list_of(STRING), "The ids of the policies that were found.", computed=True),
            "policies": Attribute(
                Nested(
                    Nesting.LIST,
                    {
                        "policy_id": Attribute(STRING, "The policy's id.", computed=True),
                        "policy_name": Attribute(STRING, "The name shown in the console.", computed=True),
                        "policy_type": Attribute(STRING, "`STANDARD` or `UDM_ECS_ONLY`.", computed=True),
                        "policy_description": Attribute(STRING, "Free text.", computed=True),
                        "create_time": Attribute(
                            STRING, "When the policy was created, in UNIX seconds.", computed=True
                        ),
                        "policy_binding_count": Attribute(
                            NUMBER, "How many data sources it backs up.", computed=True
                        ),
                        "rules": Attribute(
                            Nested(Nesting.LIST, _read_only(RULE)), "The rules.", computed=True
                        ),
                    },
                ),
                "The policies that were found, all pages of them; none is no error.",
                computed=True,
            ),
        },
        "The backup policies of the region, all of them or by id or name.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        if config["policy_id"] == "":
            ctx.error("policy_id is empty", "Leave it out (null) to find all policies.", "policy_id")

    def read(self, ctx: Context, config: State) -> State:
        cloud, policy_id, name = cloud_of(ctx), config["policy_id"], config["policy_name"]
        found = [cloud.backup_policy(policy_id)] if policy_id else cloud.backup_policies()
        policies = [one for one in found if one is not None and name in (None, one.policy_name)]
        return {
            "id": policy_id or name or "all",
            "ids": [one.policy_id for one in policies],
            "policies": [_policy(one) for one in policies],
        }


def _policy(policy: RemoteBackupPolicy) -> State:
    return {
        "policy_id": policy.policy_id,
        "policy_name": policy.policy_name,
        "policy_type": policy.policy_type,
        "policy_description": policy.policy_description,
        "create_time": create_time(policy),
        "policy_binding_count": policy.policy_binding_count,
        "rules": [from_api(dict(rule), {}) for rule in policy.rules],
    }
