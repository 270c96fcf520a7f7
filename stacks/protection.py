"""`ProtectionStack`: from an empty account to a bucket that is backed up and a role that may read it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attrs import frozen

from constructs_lib import (
    BackupPolicy,
    BackupVault,
    Effect,
    OssBucket,
    Policy,
    PolicyDocument,
    PolicyStatement,
    PolicyVersion,
    RotateStrategy,
    Schedule,
    cdktf,
)
from stacks.target import ProviderName, Target

if TYPE_CHECKING:
    import constructs  # at run time this would start Node before the right one is chosen

ROTATE = RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED
START = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))


@frozen(kw_only=True)
class ProtectionInputs:
    """What a team sets: the names of a bucket and of a role, which both exist.

    * `bucket`: the OSS bucket that is backed up and read.
    * `reader_role`: the RAM role that may read it.
    """

    bucket: str
    reader_role: str


class ProtectionStack(cdktf.TerraformStack):
    """All that protects one bucket, and all that lets one role read it.

    * `vault`, `nightly`: a vault, and a policy that backs the bucket up every night, kept longer the rarer.
    * `readers`: a policy that allows to read the bucket, attached to the role.
    """

    def __init__(
        self, scope: constructs.Construct, id_: str, *, target: Target, inputs: ProtectionInputs
    ) -> None:
        super().__init__(scope, id_)
        target.prepare(self)
        bucket = inputs.bucket

        self.vault = BackupVault(self, "vault", vault_name=f"{bucket}-backups")
        self.nightly = BackupPolicy.tiered(
            self,
            "nightly",
            policy_name=f"{bucket} every night",
            schedule=Schedule.cron("0 0 2 * * ?", start=START),
            retention=14,
            weekly=60,
            monthly=365,
            vault_id=self.vault.vault_id,
        )
        self.nightly.bind(OssBucket(bucket))

        reading = PolicyStatement(
            effect=Effect.ALLOW,
            actions=["oss:GetObject", "oss:ListObjects"],
            resources=[f"acs:oss:*:*:{bucket}", f"acs:oss:*:*:{bucket}/*"],
        )
        # With the official provider a policy and its version are one resource.
        is_official = target.provider is ProviderName.ALICLOUD
        make_policy = (
            partial(PolicyVersion, set_as_default=True, rotate_strategy=ROTATE) if is_official else Policy
        )
        self.readers = make_policy(
            self, "readers", policy_name=f"{bucket}-readers", policy_document=PolicyDocument([reading])
        )
        self.readers.attach_to_role(inputs.reader_role)

        cdktf.TerraformOutput(self, "vault_id", value=self.vault.vault_id)
        cdktf.TerraformOutput(self, "nightly_policy_id", value=self.nightly.policy_id)
