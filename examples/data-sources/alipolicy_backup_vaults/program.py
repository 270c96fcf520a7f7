from constructs_lib import AlipolicyProvider, DataBackupVaults, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        standard = DataBackupVaults(self, "standard", vault_type="STANDARD")
        cdktf.TerraformOutput(self, "vault_ids", value=standard.ids)


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
