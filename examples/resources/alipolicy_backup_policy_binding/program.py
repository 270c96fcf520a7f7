from constructs_lib import (
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    BackupVault,
    EcsFiles,
    OssBucket,
    Schedule,
    cdktf,
)


class Production(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        gold = BackupVault(self, "gold", vault_name="gold")
        nightly = BackupPolicy(
            self,
            "nightly",
            policy_name="nightly",
            policy_type="STANDARD",
            rules=[
                BackupPolicyRule.backup(
                    schedule=Schedule.every("P1D", start=1648647166), vault_id=gold.vault_id
                ),
                BackupPolicyRule.transition(retention=30),
            ],
        )
        nightly.bind(OssBucket("company-logs", prefix="2026/"), "logs")
        nightly.bind(
            EcsFiles(
                "i-bp1a2b3c4d5e6f7g8h9i",
                paths=["/etc", "/var/www"],
                exclude=["*.tmp"],
                speed_limit="8:20:4096",
            ),
            "web",
        )


app = cdktf.App()
Production(app, "production")
app.synth()
