from constructs_lib import AlipolicyProvider, DataPolicies, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        own = DataPolicies(self, "own", policy_type="Custom")
        cdktf.TerraformOutput(self, "names", value=own.names)
        cdktf.TerraformOutput(self, "attachments_of_the_first", value=own.policies[0].attachment_count)


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
