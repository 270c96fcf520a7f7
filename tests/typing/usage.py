"""Not run: a type checker reads it. What a user writes must type-check, and what is wrong must not."""

from __future__ import annotations

from constructs_lib import (
    AdvancedRetention,
    AdvancedRetentionType,
    AlicloudProvider,
    BackupPolicy,
    BackupPolicyRule,
    DataBackupPolicies,
    DataPolicyVersions,
    Effect,
    PolicyDocument,
    PolicyStatement,
    PolicyType,
    PolicyVersion,
    Schedule,
    TagFilter,
    cdktf,
)


class Stack(cdktf.TerraformStack):
    def __init__(self, scope: cdktf.App) -> None:
        super().__init__(scope, "stack")
        provider = AlicloudProvider(self, "provider", region="cn-hangzhou", alias="hz")
        days = cdktf.TerraformVariable(self, "days", type="number").number_value
        locked = cdktf.TerraformVariable(self, "locked", type="bool").boolean_value
        rules = [
            BackupPolicyRule.backup(
                schedule=Schedule.every("P1D", start=0), retention=days, immutable=locked, vault_id="v-1"
            ),
            BackupPolicyRule.transition(
                retention=days,
                retention_rules=[
                    AdvancedRetention(advanced_retention_type=AdvancedRetentionType.YEARLY, retention=days)
                ],
            ),
            BackupPolicyRule.tag(source_types=["OSS"], tag_filters=[TagFilter(key="env")]),
        ]
        policy = BackupPolicy(
            self,
            "policy",
            policy_type=PolicyType.STANDARD,
            rules=rules,
            provider=provider,
            lifecycle={"prevent_destroy": True},
            count=2,
        )
        name: str = policy.policy_id
        BackupPolicy(self, "lazy", rules=cdktf.Lazy.any_value(None), policy_name=name, depends_on=[policy])  # type: ignore[arg-type]  # None is no producer
        statement = PolicyStatement(effect=Effect.ALLOW, actions=["oss:*"], resources="*")
        version = PolicyVersion(self, "v", policy_name="P", policy_document=PolicyDocument([statement]))
        PolicyVersion(self, "d", policy_name="P", policy_document={"Version": "1", "Statement": []})
        cdktf.TerraformOutput(self, "version", value=version.version_id)
        nightly = DataBackupPolicies(self, "nightly", policy_name="nightly", provider=provider)
        binding_count: float = nightly.policies[0].policy_binding_count
        key: str = nightly.policies[0].rules[1].tag_filters[0].key
        default: str = DataPolicyVersions(self, "readers", policy_name="readers").default_version
        BackupPolicyRule.tag(source_types=["OSS"], tag_filters=[TagFilter(key=key, value=default)])
        BackupPolicyRule.transition(retention=binding_count)

        str(nightly.policies[0].policyName)  # type: ignore[attr-defined]
        DataPolicyVersions(self, "nameless")  # type: ignore[call-arg]
        BackupPolicy(self, "typo", rules=rules, polcy_name="x")  # type: ignore[call-arg]
        BackupPolicy(self, "kind", rules=rules, policy_name=7)  # type: ignore[arg-type]
        BackupPolicy(self, "positional", rules)  # type: ignore[call-arg]
        BackupPolicyRule.transition(schedule="I|0|P1D", retention=7)  # type: ignore[call-arg]
        PolicyVersion(self, "x", policy_document={})  # type: ignore[call-arg]
