from constructs_lib import AlipolicyProvider, DataBackupPolicies, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        nightly = DataBackupPolicies(self, "nightly", policy_name="nightly")
        cdktf.TerraformOutput(self, "ids", value=nightly.ids)


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
