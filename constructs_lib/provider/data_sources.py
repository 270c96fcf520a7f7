"""`alipolicy_policy_versions` and `alipolicy_backup_policies`: what there is already."""

from __future__ import annotations

from attrs import asdict

from constructs_lib.provider import backup_policy, policy_version
from constructs_lib.provider.api_models import RemoteBackupPolicy
from constructs_lib.provider.cloud import CUSTOM, SYSTEM
from constructs_lib.provider.default_history import find_default
from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import DataSource
from constructs_lib.provider.protocol.schema import (
    Attribute,
    Block,
    Nested,
    Nesting,
    Schema,
    SchemaBody,
    computed,
    optional,
    required,
)
from constructs_lib.provider.protocol.types import NUMBER, STRING, list_of
from constructs_lib.provider.protocol.values import UNKNOWN


def read_only(body: SchemaBody, *names: str) -> dict[str, Attribute]:
    """What a resource takes as input, as output: nobody sets it, so that it has no default. `names`: of what
    is wanted; all where there are none."""
    return {
        name: computed(
            node.description.partition(" Default: ")[0],
            Nested(node.nesting, read_only(node.body)) if isinstance(node, Block) else node.type,
        )
        for name, node in body.items()
        if name in (names or body)
    }


def check_policy_type(ctx: Context, config: State) -> None:
    if config["policy_type"] not in (None, UNKNOWN, CUSTOM, SYSTEM):
        received = f"received {config['policy_type']!r}; allowed: {CUSTOM} or {SYSTEM}."
        ctx.error("RAM has no such policy_type", received, "policy_type")


def refuse_empty(ctx: Context, config: State, name: str, what: str) -> None:
    """An empty id comes from what is not there, and would stand for all."""
    if config[name] == "":
        ctx.error(f"{name} is empty", f"Leave it out (null) to find all {what}.", name)


class PolicyVersions(DataSource):
    type_name = "alipolicy_policy_versions"
    schema = Schema(
        {
            "id": computed("The name of the policy."),
            "policy_name": required("The name of the policy."),
            "policy_type": optional(
                "Whose it is: `Custom`, the account's, or `System`, Alibaba Cloud's. Default: `Custom`.",
                default=CUSTOM,
            ),
            "default_version": computed("The id of the default version."),
            "versions": computed(
                "The versions, the oldest first; at most 5.",
                Nested(
                    Nesting.LIST,
                    {
                        **read_only(
                            policy_version.SCHEMA.body, "version_id", "is_default_version", "create_date"
                        ),
                        "policy_document": computed("Its document, as JSON."),
                    },
                ),
            ),
        },
        "All versions of a policy of RAM, with their documents, and which of them is the default.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        check_policy_type(ctx, config)

    def read(self, ctx: Context, config: State) -> State:
        cloud, name, kind = cloud_of(ctx), config["policy_name"], config["policy_type"]
        versions = cloud.policy_versions(name, kind)
        if versions is None:
            raise Failure(
                f"There is no {kind.lower()} policy {name}",
                "Correct policy_name, or say with policy_type whether the policy is Custom or System.",
                "policy_name",
            )
        default = find_default(versions)
        return {
            "id": name,
            "default_version": default.version_id if default else None,
            # One that was deleted since the list was made has no document.
            "versions": [asdict(cloud.with_document(name, version, kind)) for version in versions],
        }


class BackupPolicies(DataSource):
    type_name = "alipolicy_backup_policies"
    schema = Schema(
        {
            "id": computed("What was asked for."),
            "policy_id": optional("Only the policy with this id."),
            "policy_name": optional("Only policies with exactly this name."),
            "ids": computed("The ids of the policies that were found.", list_of(STRING)),
            "policies": computed(
                "The policies that were found, all pages of them; none is no error.",
                Nested(
                    Nesting.LIST,
                    {
                        "policy_id": computed("The policy's id."),
                        "policy_name": computed("The name shown in the console."),
                        "policy_type": computed("`STANDARD` or `UDM_ECS_ONLY`."),
                        "policy_description": computed("Free text."),
                        "create_time": computed("When the policy was created, in UNIX seconds."),
                        "policy_binding_count": computed("How many data sources it backs up.", NUMBER),
                        "rules": computed("The rules.", Nested(Nesting.LIST, read_only(backup_policy.RULE))),
                    },
                ),
            ),
        },
        "The backup policies of the region, all of them or by id or name.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        refuse_empty(ctx, config, "policy_id", "policies")

    def read(self, ctx: Context, config: State) -> State:
        cloud, policy_id, name = cloud_of(ctx), config["policy_id"], config["policy_name"]
        found = [cloud.backup_policy(policy_id)] if policy_id else cloud.backup_policies()
        policies = [policy for policy in found if policy is not None and name in (None, policy.policy_name)]
        return {
            "id": policy_id or name or "all",
            "ids": [policy.policy_id for policy in policies],
            "policies": [_to_state(policy) for policy in policies],
        }


def _to_state(policy: RemoteBackupPolicy) -> State:
    names = ("policy_id", "policy_name", "policy_type", "policy_description", "policy_binding_count")
    return {
        **{name: getattr(policy, name) for name in names},
        "create_time": backup_policy.create_time(policy),
        "rules": [backup_policy.from_api(rule, {}) for rule in policy.rules],
    }
