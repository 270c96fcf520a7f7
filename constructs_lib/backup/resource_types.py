"""How the Terraform providers express a backup policy, what they cannot express (BP4xx), and all codes."""

from __future__ import annotations

from constructs_lib.backup.checks import CHECKS
from constructs_lib.backup.policy_view import BackupPolicyView, is_set
from constructs_lib.backup.rule import BackupType
from constructs_lib.backup.stack_checks import protects_nothing
from constructs_lib.findings import Basis, Problem, Problems, check
from constructs_lib.resource_type import ResourceKind, ResourceType
from constructs_lib.tokens import known


@check(
    "BP401",
    "The official provider has no data_source_ids",
    source="aliyun/alicloud, alicloud_hbr_policy",
    basis=Basis.TERRAFORM,
)
def data_source_ids_with_alicloud(policy: BackupPolicyView) -> Problems:
    """alicloud_hbr_policy has no argument for DataSourceIds, which the API has deprecated."""
    for path, source, _ in policy.data_source_filters:
        if is_set(source.data_source_ids):  # a token too: leaving it out would back up more
            hint = "Choose by tag_filters, or deploy with AlipolicyProvider, which sends it."
            yield Problem(f"{path}.data_source_ids", source.data_source_ids, "nothing here", hint)


@check(
    "BP402",
    "The official provider does not take this backup type",
    source="aliyun/alicloud, source",
    basis=Basis.TERRAFORM,
)
def backup_type_with_alicloud(policy: BackupPolicyView) -> Problems:
    """alicloud_hbr_policy takes COMPLETE and INCREMENTAL; the API's metadata has more."""
    for path, rule in policy.rules:
        text = known(rule.backup_type, str)
        if text in BackupType.__members__ and text not in (BackupType.COMPLETE, BackupType.INCREMENTAL):
            hint = "Use one of these, or deploy with AlipolicyProvider."
            yield Problem(f"{path}.backup_type", text, "COMPLETE or INCREMENTAL here", hint)


@check(
    "BP403",
    "The official provider has no account_scope and no accounts",
    source="aliyun/alicloud, alicloud_hbr_policy",
    basis=Basis.TERRAFORM,
)
def accounts_with_alicloud(policy: BackupPolicyView) -> Problems:
    """alicloud_hbr_policy has no argument for AccountScope and Accounts, which the SDK has: a policy would
    look at the sources of other accounts than it says."""
    for path, source, _ in policy.data_source_filters:
        for name in ("account_scope", "accounts"):
            if is_set(value := getattr(source, name)):  # a token too
                hint = "Deploy with AlipolicyProvider, which sends it."
                yield Problem(f"{path}.{name}", value, "nothing here", hint)


ALICLOUD = ResourceType(
    kind=ResourceKind.BACKUP_POLICY,
    provider_name="alicloud",
    name="alicloud_hbr_policy",
    forces_new_resource=("policy_type",),
    # They are optional and computed there. These values are what it sends for what was never set.
    kept_in_rules={"archive_days": 0, "immutable": False},
    checks=(data_source_ids_with_alicloud, backup_type_with_alicloud, accounts_with_alicloud),
)
ALIPOLICY = ResourceType(
    kind=ResourceKind.BACKUP_POLICY,
    provider_name="alipolicy",
    name="alipolicy_backup_policy",
    forces_new_resource=("policy_type",),
    moves_from=("alicloud_hbr_policy",),
    has_acknowledge=True,
)
RESOURCE_TYPES = {each.provider_name: each for each in (ALICLOUD, ALIPOLICY)}
CODES = frozenset(each.code for each in (*CHECKS, *ALICLOUD.checks, protects_nothing))
"""Every code that a backup policy can have, with either provider."""
