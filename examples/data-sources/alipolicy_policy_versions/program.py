from constructs_lib import AlipolicyProvider, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        readers = cdktf.TerraformDataSource(
            self, "readers", terraform_resource_type="alipolicy_policy_versions"
        )
        readers.add_override("policy_name", "oss-readers")
        cdktf.TerraformOutput(self, "default_version", value=readers.get_string_attribute("default_version"))


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
