"""What there is of RAM, for `terraform query`: policies, their versions, and who has them."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.provider import policy, policy_version, ram_policies
from constructs_lib.provider.cloud import CUSTOM, SYSTEM, Cloud
from constructs_lib.provider.data_sources import check_policy_type, refuse_empty
from constructs_lib.provider.operations import cloud_of
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.resource import Listed, ListResource
from constructs_lib.provider.protocol.schema import Schema, optional
from constructs_lib.provider.protocol.types import BOOL, STRING, map_of
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.provider.ram_policies import Attachment


class ListPolicies(ListResource):
    type_name = "alipolicy_policy"
    schema = Schema(
        {
            "name_prefix": optional("Only those whose names begin so."),
            "tags": optional("Only those that have all of these tags.", map_of(STRING)),
        },
        "The custom policies of the account.",
    )

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        cloud, prefix = cloud_of(ctx), config["name_prefix"] or ""
        for found in ram_policies.each_policy(cloud, CUSTOM, config["tags"] or {}):
            name = found.policy_name
            if not name.startswith(prefix):
                continue
            if not is_complete:
                yield Listed({"id": name}, name)
            elif whole := ram_policies.find_policy(cloud, name):
                yield Listed(policy.listed_state(whole, found.tags), name)


class ListPolicyVersions(ListResource):
    type_name = "alipolicy_policy_version"
    schema = Schema(
        {
            "policy_name": optional("Only those of this policy."),
            "name_prefix": optional("Only those of policies whose names begin so."),
            "is_default_version": optional(
                "`true`: only those that are the default version; `false`: only those that are not.", BOOL
            ),
        },
        "The versions of the custom policies of the account, the oldest of each first.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        refuse_empty(ctx, config, "policy_name", "versions")

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        cloud, is_default = cloud_of(ctx), config["is_default_version"]
        blank = dict.fromkeys(policy_version.SCHEMA.body)
        for name in _names(cloud, config["policy_name"]):
            if not name.startswith(config["name_prefix"] or ""):
                continue
            for version in cloud.policy_versions(name) or ():
                if is_default not in (None, version.is_default_version):
                    continue
                whole = cloud.with_document(name, version) if is_complete else version
                if is_complete and whole.policy_document is None:
                    continue  # it has gone meanwhile
                state = policy_version.to_state({**blank, "policy_name": name}, whole, whole.policy_document)
                yield Listed(state, f"{name} {version.version_id}")


def _names(cloud: Cloud, name: str | None) -> Iterator[str]:
    if name is not None:
        yield name
    else:
        yield from (found.policy_name for found in ram_policies.each_policy(cloud, CUSTOM, {}))


class ListPolicyAttachments(ListResource):
    type_name = "alipolicy_policy_attachment"
    schema = Schema(
        {
            "policy_name": optional("Only those of this policy."),
            "policy_type": optional("Only those of `Custom`, or of `System` policies. Left out, of both."),
            "kind": optional("Only those to a `user`, to a `group` or to a `role`."),
            "name": optional("Only those to the user, group or role of this name."),
        },
        "Who has which policy, those of Alibaba Cloud too.",
    )

    def validate(self, ctx: Context, config: State) -> None:
        check_policy_type(ctx, config)
        refuse_empty(ctx, config, "policy_name", "attachments")
        refuse_empty(ctx, config, "name", "attachments")
        if config["kind"] not in (None, UNKNOWN, *ram_policies.KINDS):
            allowed = ", ".join(ram_policies.KINDS)
            ctx.error("RAM has no such kind", f"received {config['kind']!r}; allowed: {allowed}.", "kind")

    def list(self, ctx: Context, config: State, *, is_complete: bool) -> Iterator[Listed]:
        cloud, kind, holder = cloud_of(ctx), config["kind"], config["name"]
        for policy_type, name in _attached(cloud, config["policy_type"], config["policy_name"]):
            for principal in ram_policies.holders(cloud, name, policy_type):
                if kind in (None, principal.kind) and holder in (None, principal.name):
                    state = {
                        "id": Attachment(policy_type, name, principal).id,
                        "policy_name": name,
                        "policy_type": policy_type,
                        f"{principal.kind}_name": principal.name,
                    }
                    yield Listed(state, f"{name}, {principal}")


def _attached(cloud: Cloud, policy_type: str | None, name: str | None) -> Iterator[tuple[str, str]]:
    """The policies that somebody may have, by type and name."""
    if name is not None:
        yield from ((each, name) for each in (CUSTOM, SYSTEM) if policy_type in (None, each))
        return
    for found in ram_policies.each_policy(cloud, policy_type, {}):
        if found.attachment_count:
            yield found.policy_type, found.policy_name
