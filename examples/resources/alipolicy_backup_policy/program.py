from constructs_lib import (
    AdvancedRetention,
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    Schedule,
    TagFilter,
    cdktf,
)


class Production(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        nightly = BackupPolicy(
            self,
            "nightly",
            policy_name="nightly",
            policy_type="STANDARD",
            policy_description="File systems of production; copies in Shanghai.",
            rules=[
                BackupPolicyRule.backup(
                    schedule=Schedule.cron("0 0 2 ? * 3,5,7", start=1631685600),  # Tue, Thu, Sat at 02:00
                    vault_id="v-0001aaaa",
                ),
                BackupPolicyRule.transition(
                    retention=14,
                    retention_rules=[
                        AdvancedRetention(advanced_retention_type="WEEKLY", retention=60),
                        AdvancedRetention(advanced_retention_type="MONTHLY", retention=730),
                    ],
                ),
                BackupPolicyRule.replication(replication_region_id="cn-shanghai", retention=30),
                BackupPolicyRule.tag(
                    source_types=["NAS"], tag_filters=[TagFilter(key="env", value="production")]
                ),
            ],
        )
        cdktf.TerraformOutput(self, "policy_id", value=nightly.policy_id)


app = cdktf.App()
Production(app, "production")
app.synth()
