from constructs_lib import AlipolicyProvider, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        nightly = cdktf.TerraformDataSource(
            self, "nightly", terraform_resource_type="alipolicy_backup_policies"
        )
        nightly.add_override("policy_name", "nightly")
        cdktf.TerraformOutput(self, "ids", value=nightly.get_list_attribute("ids"))


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
