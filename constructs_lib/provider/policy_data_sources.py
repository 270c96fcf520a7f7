"""`alipolicy_policies` and `alipolicy_policy_attachments`: which policies there are, and who has one."""

from __future__ import annotations

from attrs import asdict

from constructs_lib.provider import ram_policies
from constructs_lib.provider.cloud import CUSTOM
from constructs_lib.provider.data_sources import check_policy_type
from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import DataSource
from constructs_lib.provider.protocol.schema import Nested, Nesting, Schema, computed, optional, required
from constructs_lib.provider.protocol.types import NUMBER, STRING, list_of, map_of
from constructs_lib.provider.ram_policies import Attachment, RemotePolicy

_POLICY = {
    "policy_name": computed("Its name."),
    "policy_type": computed("`Custom` or `System`."),
    "description": computed("What it is for."),
    "default_version": computed("The id of its default version."),
    "create_date": computed("When it was created."),
    "update_date": computed("When it was changed last."),
    "attachment_count": computed("How many users, groups and roles have it.", NUMBER),
    "tags": computed("Its tags, but for those of Alibaba Cloud itself.", map_of(STRING)),
}


class Policies(DataSource):
    type_name = "alipolicy_policies"
    schema = Schema(
        {
            "id": computed("What was asked for."),
            "policy_name": optional("Only policies with exactly this name."),
            "policy_type": optional(
                "Only those of the account, `Custom`, or of Alibaba Cloud, `System`. Left out, both."
            ),
            "tags": optional("Only policies that have all of these tags.", map_of(STRING)),
            "names": computed("The names of the policies that were found.", list_of(STRING)),
            "policies": computed(
                "The policies that were found, all pages of them; none is no error.",
                Nested(Nesting.LIST, _POLICY),
            ),
        },
        "The policies of RAM, those of the account and those of Alibaba Cloud, without their documents.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        check_policy_type(ctx, config)

    def read(self, ctx: Context, config: State) -> State:
        cloud, name, policy_type = cloud_of(ctx), config["policy_name"], config["policy_type"]
        found = ram_policies.list_policies(cloud, policy_type, config["tags"] or {})
        policies = [policy for policy in found if name in (None, policy.policy_name)]
        return {
            "id": name or policy_type or "all",
            "names": [policy.policy_name for policy in policies],
            "policies": [_to_state(policy) for policy in policies],
        }


def _to_state(policy: RemotePolicy) -> State:
    return {name: value for name, value in asdict(policy).items() if name in _POLICY}


class PolicyAttachments(DataSource):
    type_name = "alipolicy_policy_attachments"
    schema = Schema(
        {
            "id": computed("The type and the name of the policy."),
            "policy_name": required("The policy."),
            "policy_type": optional(
                "Whose it is: `Custom`, the account's, or `System`, Alibaba Cloud's. Default: `Custom`.",
                default=CUSTOM,
            ),
            "attachments": computed(
                "Who has it: users, then groups, then roles.",
                Nested(
                    Nesting.LIST,
                    {
                        "id": computed("The id of the `alipolicy_policy_attachment`, to import it by."),
                        "kind": computed("`user`, `group` or `role`."),
                        "name": computed("The name of the user, group or role."),
                        "attach_date": computed("Since when."),
                    },
                ),
            ),
        },
        "Who has a policy of RAM: the users, groups and roles that it is attached to.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        check_policy_type(ctx, config)

    def read(self, ctx: Context, config: State) -> State:
        cloud, name, policy_type = cloud_of(ctx), config["policy_name"], config["policy_type"]
        holders = ram_policies.find_holders(cloud, name, policy_type)
        if holders is None:
            raise Failure(
                f"There is no {policy_type.lower()} policy {name}",
                "Correct policy_name, or say with policy_type whether the policy is Custom or System.",
                "policy_name",
            )
        attachments = [
            {
                "id": Attachment(policy_type, name, principal).id,
                **principal._asdict(),
                "attach_date": date or None,
            }
            for principal, date in holders.items()
        ]
        return {"id": f"{policy_type}:{name}", "attachments": attachments}
