from constructs_lib import AlipolicyProvider, DataBackupPolicyBindings, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        buckets = DataBackupPolicyBindings(self, "buckets", source_type="OSS")
        cdktf.TerraformOutput(self, "ids", value=buckets.ids)


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
