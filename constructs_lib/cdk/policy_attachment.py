"""The construct `PolicyAttachment`: AttachPolicyToUser, AttachPolicyToGroup and AttachPolicyToRole of RAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from constructs_lib.cdk.comment import write_reasons
from constructs_lib.cdk.element import MetaArguments, ResourceConstruct, annotate
from constructs_lib.cdk.engine import constructs
from constructs_lib.cdk.providers import find_provider_name
from constructs_lib.findings import approved, shown
from constructs_lib.ram.policy import PRINCIPALS, PolicyAttachmentProps, PolicyOrigin
from constructs_lib.ram.policy_checks import CODES_OF_ATTACHMENT, check_policy_attachment
from constructs_lib.ram.resource_types import ATTACHMENT, OFFICIAL_ATTACHMENTS
from constructs_lib.tokens import Resolvable, is_token


class PolicyAttachment(ResourceConstruct):
    """A policy of RAM, attached to one user, group or role.

    * `policy_name`: the policy; a token of the construct that makes it, such as `policy.policy_name`, lets it
      come first (API: PolicyName).
    * `policy_type`: `Custom`, the account's own, or `System`, Alibaba Cloud's. Default: `Custom`
      (API: PolicyType).
    * `user_name`, `group_name`, `role_name`: who gets it; exactly one of them (API: UserName, GroupName,
      RoleName).
    * `acknowledge`: reasons by finding code, for 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    Every value may be a CDKTF token. A change makes Terraform detach the policy, and attach the other.
    Becomes `alipolicy_policy_attachment`, or one of `alicloud_ram_user_policy_attachment`,
    `alicloud_ram_group_policy_attachment` and `alicloud_ram_role_policy_attachment`. The provider of the
    stack (or `provider=`) decides.

    Raises `InvalidPropsError` with all findings at once; ValueError and TypeError as `PolicyVersion`.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_name: str | Resolvable,
        policy_type: PolicyOrigin | str | Resolvable | None = None,
        user_name: str | Resolvable | None = None,
        group_name: str | Resolvable | None = None,
        role_name: str | Resolvable | None = None,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        props = PolicyAttachmentProps(
            policy_name=policy_name,
            policy_type=policy_type,
            user_name=user_name,
            group_name=group_name,
            role_name=role_name,
        )
        subject, findings = f"PolicyAttachment {id_!r}", check_policy_attachment(props)
        warnings = approved(subject, findings, acknowledge, CODES_OF_ATTACHMENT)
        principals = {name: getattr(props, name) for name in PRINCIPALS if getattr(props, name) is not None}
        is_official = find_provider_name(scope, meta.get("provider")) == "alicloud"
        resource_type = OFFICIAL_ATTACHMENTS[next(iter(principals))] if is_official else ATTACHMENT
        if is_official and policy_type is None:
            policy_type = PolicyOrigin.CUSTOM  # it has no default there
        attributes = {"policy_name": policy_name, "policy_type": policy_type, **principals}
        super().__init__(
            scope,
            id_,
            terraform_type=resource_type.name,
            provider_name=resource_type.provider_name,
            attributes=attributes | write_reasons(acknowledge, resource_type),
            blocks={},
            **meta,
        )
        annotate(self, warnings)

    @property
    def id(self) -> str:
        """Terraform's id, such as `role:app:Custom:oss-readers`. A token."""
        return self.string_attribute("id")

    @property
    def policy_name(self) -> str:
        """The policy's name. A token."""
        return self.string_attribute("policy_name")


class Attachable:
    """A construct that makes a policy, or a version of one: `policy.attach_to_role("app")`.

    The attachment is made beside the construct, after what it is attached from, and for the same provider.
    Its id is that of the construct, the kind and the name: `readers-role-app`; `id_` chooses another, and has
    to where the name is a token.

    ValueError: the id is taken, since the policy is attached there already, or cannot be made of a token.
    """

    def attach_to_user(
        self, name: str | Resolvable, id_: str | None = None, acknowledge: Mapping[str, str] | None = None
    ) -> PolicyAttachment:
        """Attach the policy to a user."""
        return PolicyAttachment(user_name=name, acknowledge=acknowledge, **self._describe("user", name, id_))

    def attach_to_group(
        self, name: str | Resolvable, id_: str | None = None, acknowledge: Mapping[str, str] | None = None
    ) -> PolicyAttachment:
        """Attach the policy to a group."""
        return PolicyAttachment(
            group_name=name, acknowledge=acknowledge, **self._describe("group", name, id_)
        )

    def attach_to_role(
        self, name: str | Resolvable, id_: str | None = None, acknowledge: Mapping[str, str] | None = None
    ) -> PolicyAttachment:
        """Attach the policy to a role."""
        return PolicyAttachment(role_name=name, acknowledge=acknowledge, **self._describe("role", name, id_))

    def _describe(self, kind: str, name: str | Resolvable, id_: str | None) -> dict[str, Any]:
        """What an attachment has of this construct."""
        assert isinstance(self, ResourceConstruct)
        own = self.node.id
        if id_ is None and (not isinstance(name, str) or is_token(name)):
            raise ValueError(
                f"{type(self).__name__} {own!r}: the {kind} is {shown(name)}; write id_=…, as no id of the "
                "attachment can be made of that"
            )
        return {
            "scope": self.node.scope,
            "id_": id_ or f"{own}-{kind}-{name}",
            "policy_name": self.string_attribute("policy_name"),
            "provider": self.provider,
        }
