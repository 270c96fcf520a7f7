"""`BackupStack`: a daily backup with a copy in another region, and a tiered one chosen by tags."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attrs import frozen

from constructs_lib import (
    AdvancedRetention,
    AdvancedRetentionType,
    BackupPolicy,
    BackupPolicyRule,
    PolicyType,
    Schedule,
    SourceType,
    TagFilter,
    cdktf,
)
from stacks.target import Target

if TYPE_CHECKING:
    import constructs  # at run time this would start Node before the right one is chosen

# The service's own examples count in this zone.
ZONE = ZoneInfo("Asia/Shanghai")


@frozen(kw_only=True)
class BackupInputs:
    """What a team sets.

    * `vault_id`: the vault to back up into.
    * `replication_region_id`: where the copies go.
    * `environment`: data sources tagged `env` with this value are backed up by the tiered policy.
    """

    vault_id: str
    replication_region_id: str = "cn-shanghai"
    environment: str = "prod"


class BackupStack(cdktf.TerraformStack):
    """Two backup policies into one vault.

    * `daily`: the example of the CreatePolicyV2 page: every day at 10:00, kept for a week, the first of each
      year for two years, with copies in another region.
    * `tiered`: Tuesday, Thursday and Saturday at 02:00, for every OSS bucket and NAS file system that has the
      tag, kept longer the rarer it is.
    """

    def __init__(
        self, scope: constructs.Construct, id_: str, *, target: Target, inputs: BackupInputs
    ) -> None:
        super().__init__(scope, id_)
        target.prepare(self)
        self.daily = BackupPolicy(
            self,
            "daily",
            policy_name="Daily local backup + cross-region backup",
            policy_type=PolicyType.STANDARD,
            policy_description="Back up once daily at 10:00 AM, with cross-region backup to Shanghai.",
            rules=[
                BackupPolicyRule.backup(
                    # The page's own start, 1648647166, is 21:32 in this zone; its description says 10:00.
                    schedule=Schedule.every("P1D", start=datetime(2022, 3, 30, 10, tzinfo=ZONE)),
                    vault_id=inputs.vault_id,
                    keep_latest_snapshots=1,
                ),
                BackupPolicyRule.transition(
                    retention=7,
                    retention_rules=[
                        AdvancedRetention(advanced_retention_type=AdvancedRetentionType.YEARLY, retention=730)
                    ],
                ),
                BackupPolicyRule.replication(replication_region_id=inputs.replication_region_id, retention=7),
            ],
            acknowledge={
                "BP307": "as on the API's page: the days of a week, and the first of each year",
                "BP319": "which sources it protects is chosen in the console",
            },
        )
        self.tiered = BackupPolicy.tiered(
            self,
            "tiered",
            policy_name="Tiered backup by tag",
            policy_description=f"Tue, Thu and Sat at 02:00, for everything tagged env={inputs.environment}.",
            schedule=Schedule.cron("0 0 2 ? * 3,5,7", start=datetime(2021, 9, 15, 14, tzinfo=ZONE)),
            vault_id=inputs.vault_id,
            retention=14,
            weekly=60,
            monthly=365,
            yearly=2555,
            rules=[
                BackupPolicyRule.tag(
                    source_types=[SourceType.OSS, SourceType.NAS],
                    tag_filters=[TagFilter(key="env", value=inputs.environment)],
                )
            ],
        )
        cdktf.TerraformOutput(self, "daily_policy_id", value=self.daily.policy_id)
        cdktf.TerraformOutput(self, "tiered_policy_id", value=self.tiered.policy_id)
