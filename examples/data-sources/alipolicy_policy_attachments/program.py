from constructs_lib import AlipolicyProvider, DataPolicyAttachments, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        administrators = DataPolicyAttachments(
            self, "administrators", policy_name="AdministratorAccess", policy_type="System"
        )
        cdktf.TerraformOutput(self, "holders", value=administrators.attachments.token)


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
