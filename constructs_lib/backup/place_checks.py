"""Where backups go: regions and vaults. BP212, BP313, BP314.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

import re

from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.rule import RuleType
from constructs_lib.backup.sources import METADATA, PAGE, SDK
from constructs_lib.findings import Basis, Problem, Problems, check, intended
from constructs_lib.tokens import known

# Where the API's metadata has Cloud Backup, an address for each; with the names that people know them by.
METADATA_REGIONS = {
    "cn-qingdao": "China (Qingdao)",
    "cn-beijing": "China (Beijing)",
    "cn-zhangjiakou": "China (Zhangjiakou)",
    "cn-huhehaote": "China (Hohhot)",
    "cn-wulanchabu": "China (Ulanqab)",
    "cn-hangzhou": "China (Hangzhou)",
    "cn-shanghai": "China (Shanghai)",
    "cn-shenzhen": "China (Shenzhen)",
    "cn-heyuan": "China (Heyuan)",
    "cn-guangzhou": "China (Guangzhou)",
    "cn-chengdu": "China (Chengdu)",
    "cn-hongkong": "China (Hong Kong)",
    "ap-northeast-1": "Japan (Tokyo)",
    "ap-northeast-2": "South Korea (Seoul)",
    "ap-southeast-1": "Singapore",
    "ap-southeast-3": "Malaysia (Kuala Lumpur)",
    "ap-southeast-5": "Indonesia (Jakarta)",
    "ap-southeast-6": "Philippines (Manila)",
    "ap-southeast-7": "Thailand (Bangkok)",
    "us-east-1": "US (Virginia)",
    "us-west-1": "US (Silicon Valley)",
    "eu-west-1": "UK (London)",
    "eu-central-1": "Germany (Frankfurt)",
    "me-east-1": "UAE (Dubai)",
    "me-central-1": "SAU (Riyadh - Partner Region)",
    "cn-hangzhou-finance": "China East 1 Finance",
    "cn-shanghai-finance-1": "China East 2 Finance",
    "cn-shenzhen-finance-1": "China South 1 Finance",
    "cn-beijing-finance-1": "China North 2 Finance",
}
# The further regions of the SDK's endpoint map, which have one address together.
SDK_REGIONS = (
    *("ap-northeast-2-pop", "cn-beijing-finance-pop", "cn-beijing-gov-1", "cn-beijing-nu16-b01"),
    *("cn-edge-1", "cn-fujian", "cn-haidian-cm12-c01", "cn-hangzhou-bj-b01", "cn-hangzhou-internal-prod-1"),
    *("cn-hangzhou-internal-test-1", "cn-hangzhou-internal-test-2", "cn-hangzhou-internal-test-3"),
    *("cn-hangzhou-test-306", "cn-hongkong-finance-pop", "cn-huhehaote-nebula-1", "cn-qingdao-nebula"),
    *("cn-shanghai-et15-b01", "cn-shanghai-et2-b01", "cn-shanghai-inner", "cn-shanghai-internal-test-1"),
    *("cn-shenzhen-inner", "cn-shenzhen-st4-d01", "cn-shenzhen-su18-b01", "cn-wuhan", "cn-yushanfang"),
    *("cn-zhangbei", "cn-zhangbei-na61-b01", "cn-zhangjiakou-na62-a01", "cn-zhengzhou-nebula-1"),
    *("eu-west-1-oxs", "rus-west-1-pop"),
)
REGIONS = (*METADATA_REGIONS, *SDK_REGIONS)
_VAULT_ID = re.compile(r"v-[0-9A-Za-z]+")


def is_vault_id(text: str) -> bool:
    """Whether it looks like one that the service gives."""
    return _VAULT_ID.fullmatch(text) is not None


@check(
    "BP212", "Copies go to the region that the backups are in", source=PAGE, basis=(Basis.PAGE, Basis.HARM)
)
def copies_in_own_region(policy: BackupPolicyView) -> Problems:
    """A REPLICATION rule copies to another region, so that backups outlive their own. The region of a policy
    is that of its provider; where that is left to the environment, it is known at plan."""
    for path, rule in policy.of_type(RuleType.REPLICATION):
        region = known(rule.replication_region_id, str)
        if region and region == policy.region:
            hint = "Name another region, or drop the rule."
            yield Problem(f"{path}.replication_region_id", region, "another region than the policy's", hint)


@check("BP313", "A region is none that the SDK knows", source=f"{SDK}; {METADATA}", basis=Basis.SDK)
def unknown_region(policy: BackupPolicyView) -> Problems:
    """The endpoint data of the service's SDK and of its API list the regions. A region that is newer than
    them is not among them, so this is a warning."""
    for path, rule in policy.rules:
        region = known(rule.replication_region_id, str)
        if region and region not in REGIONS:
            meant = intended(region, REGIONS)
            hint = f'Did you mean "{meant}"?' if meant else "Write the id of a region, such as cn-shanghai."
            yield Problem(f"{path}.replication_region_id", region, "a region of Cloud Backup", hint)


@check("BP314", "A vault id does not look like one", source=PAGE, basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS))
def no_vault_id(policy: BackupPolicyView) -> Problems:
    """The ids that the service gives are `v-` and letters and digits. A vault's name, or a masked id of the
    documentation, is none."""
    for path, rule in policy.rules:
        vault = known(rule.vault_id, str)
        if vault and not is_vault_id(vault):
            hint = "Write the vault's id, such as v-0001a2b3c4d5e6f7g8h9, not its name."
            yield Problem(f"{path}.vault_id", vault, "v- with letters and digits", hint)
