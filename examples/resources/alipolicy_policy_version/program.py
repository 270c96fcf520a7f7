from constructs_lib import (
    AlipolicyProvider,
    Effect,
    PolicyDocument,
    PolicyStatement,
    PolicyVersion,
    RotateStrategy,
    cdktf,
)


class Access(cdktf.TerraformStack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        AlipolicyProvider(self, "alipolicy", region="cn-hangzhou")
        # The policy oss-readers already exists and is attached to the users it is for.
        readers = PolicyVersion(
            self,
            "readers",
            policy_name="oss-readers",
            policy_document=PolicyDocument(
                [
                    PolicyStatement(
                        effect=Effect.ALLOW,
                        actions=["oss:GetObject", "oss:ListObjects"],
                        resources=["acs:oss:*:*:reports", "acs:oss:*:*:reports/*"],
                    ),
                ]
            ),
            # False stages the version: it exists, but does not take effect yet.
            set_as_default=True,
            rotate_strategy=RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED,
        )
        cdktf.TerraformOutput(self, "version_id", value=readers.version_id)


app = cdktf.App()
Access(app, "access")
app.synth()
