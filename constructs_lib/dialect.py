"""How one Terraform provider expresses one of the two APIs."""

from __future__ import annotations

from attrs import frozen

from constructs_lib.findings import Check


@frozen(kw_only=True)
class Dialect:
    """A resource type of a provider, and what cannot be said with it.

    * `provider_name`: such as `alicloud`. `resource_type`: such as `alicloud_hbr_policy`.
    * `forces_new_resource`: attributes of which a change makes Terraform destroy it and make another.
    * `checks`: the 4xx codes; they look at what the other checks of the same API look at.
    """

    provider_name: str
    resource_type: str
    forces_new_resource: tuple[str, ...]
    checks: tuple[Check, ...] = ()
