from constructs_lib import AlipolicyProvider, DataPolicyVersions, cdktf


class Inventory(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        readers = DataPolicyVersions(self, "readers", policy_name="oss-readers")
        cdktf.TerraformOutput(self, "default_version", value=readers.default_version)
        cdktf.TerraformOutput(self, "oldest_document", value=readers.versions[0].policy_document)


app = cdktf.App()
Inventory(app, "inventory")
app.synth()
