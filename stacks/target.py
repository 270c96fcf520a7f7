"""Where a stack is deployed: the provider, the region and the place of its state."""

from __future__ import annotations

import enum

from attrs import frozen

from constructs_lib import AlicloudProvider, AlipolicyProvider, cdktf


class ProviderName(enum.StrEnum):
    """Which Terraform provider deploys a stack."""

    ALICLOUD = "alicloud"
    ALIPOLICY = "alipolicy"


@frozen(kw_only=True)
class RemoteState:
    """The OSS bucket that holds the state of all stacks, each under its own name.

    * `bucket`: its name.
    * `region`: where it is, such as `cn-hangzhou`.
    * `prefix`: the folder of the states in the bucket.
    """

    bucket: str
    region: str
    prefix: str = "alipolicy"


@frozen(kw_only=True)
class Target:
    """Where a stack is deployed.

    * `provider`: the official provider, or ours.
    * `region`: of the provider, such as `cn-hangzhou`.
    * `state`: left out, the state is a file beside the app.
    """

    provider: ProviderName = ProviderName.ALICLOUD
    region: str = "cn-hangzhou"
    state: RemoteState | None = None

    def prepare(self, stack: cdktf.TerraformStack) -> None:
        """Add the provider and, where there is one, the remote state to a stack."""
        construct = AlicloudProvider if self.provider is ProviderName.ALICLOUD else AlipolicyProvider
        construct(stack, "provider", region=self.region)
        if self.state is not None:
            cdktf.OssBackend(
                stack,
                bucket=self.state.bucket,
                region=self.state.region,
                prefix=self.state.prefix,
                key=f"{stack.node.id}.tfstate",
                encrypt=True,
            )
