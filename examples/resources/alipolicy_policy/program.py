from constructs_lib import AlipolicyProvider, Effect, Policy, PolicyDocument, PolicyStatement, cdktf


class Access(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        writers = Policy(
            self,
            "writers",
            policy_name="log-writers",
            description="Write to the project of the web shop, and read nothing.",
            policy_document=PolicyDocument(
                [
                    PolicyStatement(
                        effect=Effect.ALLOW,
                        actions=["log:PostLogStoreLogs"],
                        resources=["acs:log:*:*:project/web-shop/*"],
                    ),
                ]
            ),
            tags={"team": "web"},
        )
        cdktf.TerraformOutput(self, "version_id", value=writers.version_id)


app = cdktf.App()
Access(app, "access")
app.synth()
