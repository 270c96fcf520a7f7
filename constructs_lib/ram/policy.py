"""A custom policy as a whole, and who has it: the props of both, and what their checks look at."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.tokens import Boolean, Resolvable

PRINCIPALS = ("user_name", "group_name", "role_name")
"""The props of an attachment of which one says who has the policy."""


class PolicyOrigin(enum.StrEnum):
    """Whose a policy is."""

    CUSTOM = "Custom"  # the account's
    SYSTEM = "System"  # Alibaba Cloud's


@frozen(kw_only=True, slots=False)  # the version is read once
class PolicyProps:
    """The parameters of CreatePolicy. Source: RAM, CreatePolicy (2015-05-01), request parameters.

    * `policy_name`: 1 to 128 letters, digits and `-`; unique in the account (API: PolicyName).
    * `policy_document`: what its first version says; see `PolicyVersionProps` (API: PolicyDocument).
    * `description`: 1 to 1,024 characters (API: Description).
    * `tags`: at most 20, by key (API: Tag).
    * `force_destroy`: of the resource alone: whether destroying it takes what is in its way along.
    """

    policy_name: str | Resolvable
    policy_document: PolicyDocument | Mapping[str, Any] | str | Resolvable
    description: str | Resolvable | None = None
    tags: Mapping[str, str | Resolvable] | Resolvable | None = None
    force_destroy: Boolean | None = None

    @cached_property
    def version(self) -> PolicyVersionProps:
        """Its first version, as the checks of versions look at it."""
        return PolicyVersionProps(
            policy_name=self.policy_name, policy_document=self.policy_document, set_as_default=True
        )


@frozen(kw_only=True)
class PolicyAttachmentProps:
    """The parameters of AttachPolicyToUser, AttachPolicyToGroup and AttachPolicyToRole (RAM, 2015-05-01).

    * `policy_name`: the policy (API: PolicyName).
    * `policy_type`: whose it is; left out, CUSTOM (API: PolicyType).
    * `user_name`, `group_name`, `role_name`: who gets it; exactly one of them (API: UserName, GroupName,
      RoleName).
    """

    policy_name: str | Resolvable
    policy_type: PolicyOrigin | str | Resolvable | None = None
    user_name: str | Resolvable | None = None
    group_name: str | Resolvable | None = None
    role_name: str | Resolvable | None = None
