from constructs_lib import AlipolicyProvider, BackupPolicy, Schedule, cdktf


class Regions(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        # The access key is not written here: it comes from ALIBABA_CLOUD_ACCESS_KEY_ID and
        # ALIBABA_CLOUD_ACCESS_KEY_SECRET, or from a profile of the aliyun CLI.
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou", max_retry_timeout=120)
        shanghai = AlipolicyProvider(self, "shanghai", alias="shanghai", region="cn-shanghai")
        BackupPolicy.tiered(
            self,
            "nightly",
            policy_name="nightly",
            vault_id="v-0001aaaa",
            retention=14,
            schedule=Schedule.every("P1D", start=1631685600),
            provider=shanghai,
        )


app = cdktf.App()
Regions(app, "regions")
app.synth()
