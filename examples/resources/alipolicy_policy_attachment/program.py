from constructs_lib import AlipolicyProvider, PolicyAttachment, cdktf


class Access(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        # The policy oss-readers and the role app exist already. Of a policy of this stack it would be
        # policy.attach_to_role("app").
        app = PolicyAttachment(self, "app", policy_name="oss-readers", role_name="app")
        cdktf.TerraformOutput(self, "attachment", value=app.id)


app = cdktf.App()
Access(app, "access")
app.synth()
