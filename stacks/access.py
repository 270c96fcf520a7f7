"""`AccessStack`: an administrator's policy version, and a least-privilege one with conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from constructs_lib import Effect, PolicyDocument, PolicyStatement, PolicyVersion, RotateStrategy, cdktf
from stacks.target import Target

if TYPE_CHECKING:
    import constructs  # at run time this would start Node before the right one is chosen


@frozen(kw_only=True)
class AccessInputs:
    """What a team sets.

    * `report_bucket`: the OSS bucket whose objects may be read.
    * `report_reader_networks`: from where, as CIDR blocks.
    * `set_as_default`: whether the versions take effect at once; False stages them, which only the alipolicy
      provider can.
    """

    report_bucket: str
    report_reader_networks: Sequence[str]
    set_as_default: bool = True


class AccessStack(cdktf.TerraformStack):
    """Two versions of permission policies.

    * `oss_administrator`: the example of the CreatePolicyVersion page.
    * `report_reader`: read one bucket, over TLS and from known networks only.
    """

    def __init__(
        self, scope: constructs.Construct, id_: str, *, target: Target, inputs: AccessInputs
    ) -> None:
        super().__init__(scope, id_)
        target.prepare(self)
        rotate = RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED
        self.oss_administrator = PolicyVersion(
            self,
            "oss-administrator",
            policy_name="OSS-Administrator",
            policy_document=PolicyDocument(
                [PolicyStatement(effect=Effect.ALLOW, actions=["oss:*"], resources=["acs:oss:*:*:*"])]
            ),
            set_as_default=inputs.set_as_default,
            rotate_strategy=rotate,
        )
        bucket = f"acs:oss:*:*:{inputs.report_bucket}"
        self.report_reader = PolicyVersion(
            self,
            "report-reader",
            policy_name="OSS-Report-Reader",
            policy_document=PolicyDocument(
                [
                    PolicyStatement(
                        effect=Effect.ALLOW,
                        actions=["oss:GetObject", "oss:ListObjects"],
                        resources=[bucket, f"{bucket}/*"],
                        conditions={"IpAddress": {"acs:SourceIp": list(inputs.report_reader_networks)}},
                    ),
                    PolicyStatement(
                        effect=Effect.DENY,
                        actions=["oss:*"],
                        resources=[bucket, f"{bucket}/*"],
                        conditions={"Bool": {"acs:SecureTransport": "false"}},
                    ),
                ]
            ),
            set_as_default=inputs.set_as_default,
            rotate_strategy=rotate,
        )
        cdktf.TerraformOutput(self, "oss_administrator_version", value=self.oss_administrator.version_id)
        cdktf.TerraformOutput(self, "report_reader_version", value=self.report_reader.version_id)
