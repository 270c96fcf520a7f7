from constructs_lib import AlipolicyProvider, BackupVault, cdktf


class Production(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        gold = BackupVault(
            self,
            "gold",
            vault_name="gold",
            description="Buckets and file systems of production.",
            tags={"team": "storage"},
        )
        cdktf.TerraformOutput(self, "vault_id", value=gold.vault_id)


app = cdktf.App()
Production(app, "production")
app.synth()
