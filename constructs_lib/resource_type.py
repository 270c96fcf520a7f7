"""How one Terraform provider expresses one of the two APIs."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from attrs import field, frozen

from constructs_lib.findings import Check


class ResourceKind(enum.StrEnum):
    """Which of the two APIs a resource stands for; `OTHER`: one that is reviewed beside the policies."""

    BACKUP_POLICY = "backup policy"
    POLICY_VERSION = "policy version"
    OTHER = "other resource"


@frozen(kw_only=True)
class ResourceType:
    """A resource type of a Terraform provider, and what cannot be said with it.

    * `kind`: the API that it stands for. `provider_name`: such as `alicloud`. `name`: such as
      `alicloud_hbr_policy`.
    * `forces_new_resource`: attributes of which a change makes Terraform destroy it and make another.
    * `checks`: its own, such as the 4xx codes; they look at what the other checks of the same API look at.
    * `is_whole_policy`: whether it is a RAM policy as a whole, whose changed document is the default version
      at once, and not one of its versions.
    * `moves_from`: the types of the official provider from which a `moved` block brings it.
    * `has_acknowledge`: whether it has an attribute `acknowledge`.
    * `kept_in_rules`: attributes of a rule that keep, where they are left out, the value of the rule that was
      at the same place in the list before; and what says that nothing is wanted there.
    """

    kind: ResourceKind
    provider_name: str
    name: str
    forces_new_resource: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    is_whole_policy: bool = False
    moves_from: tuple[str, ...] = ()
    has_acknowledge: bool = False
    kept_in_rules: Mapping[str, object] = field(factory=dict)
