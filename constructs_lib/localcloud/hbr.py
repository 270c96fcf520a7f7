"""Cloud Backup (HBR), version 2017-09-08: backup policies and the vaults they back up into.

Nothing is ever backed up here; a policy is what the API returns of it. Each region has its own.
"""

from __future__ import annotations

from typing import Any

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.rules import derive_policy_type, describe_rule, keep_rules
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall
from constructs_lib.localcloud.store import Stored

POLICY, VAULT = "backup policy", "vault"
VAULT_TYPES = ("STANDARD", "OTS_BACKUP")
ENCRYPTIONS = ("HBR_PRIVATE", "KMS")
MAX_VAULT_DESCRIPTION = 255


# ------------------------------------------------------------ policies


def create_policy(call: OperationCall) -> Answer:
    # uncertain: whether a policy name has to be unique, and which characters and length it may have.
    # uncertain: whether a vault that does not exist is refused. It is taken here.
    name, rules = call.parameters.string("PolicyName"), call.parameters.json_list("Rules")
    policy_type = derive_policy_type(name, call.parameters.string("PolicyType"), rules)
    policy_id, rules = call.ids.resource("po"), rules or []
    policy = {
        "PolicyName": name,
        "PolicyDescription": call.parameters.string("PolicyDescription"),
        "PolicyType": policy_type,
        "CreatedTime": int(call.now),
        "UpdatedTime": int(call.now),
        "Rules": keep_rules(rules, [call.ids.resource("rule") for _ in rules]),
    }
    call.objects.add(POLICY, policy_id, policy)
    return {"PolicyId": policy_id}


def update_policy(call: OperationCall) -> Answer:
    """What is left out stays; Rules replaces the whole list."""
    policy_id = call.parameters.required("PolicyId")
    stored = _find(call, POLICY, policy_id)
    # uncertain: whether a policy that is being deleted can still be changed.
    if stored.leaving:
        raise ApiError(errors.RESOURCE_MISSING, policy_id)
    policy = dict(stored.body)
    # uncertain: whether an empty string clears a name or a description, or is taken as left out.
    for name in ("PolicyName", "PolicyDescription"):
        if (text := call.parameters.optional(name)) is not None:
            policy[name] = text
    rules = call.parameters.json_list("Rules")
    if rules is not None:
        derive_policy_type(policy["PolicyName"], policy["PolicyType"], rules)
        policy["Rules"] = keep_rules(rules, _assign_rule_ids(call, policy["Rules"], rules))
    policy["UpdatedTime"] = int(call.now)
    call.objects.replace(POLICY, policy_id, policy)
    return {}


def _assign_rule_ids(call: OperationCall, before: list[dict[str, Any]], rules: list[Any]) -> list[str]:
    """A rule that names its id keeps it. uncertain: whether a rule without one keeps the id it had."""
    left = {rule["RuleId"] for rule in before}
    rule_ids = []
    for rule in rules:
        rule_id = rule.get("RuleId") or call.ids.resource("rule")
        if rule.get("RuleId"):
            # uncertain: what an id leads to that no rule of the policy has, or that comes twice.
            if not isinstance(rule_id, str) or rule_id not in left:
                raise ApiError(errors.RESOURCE_MISSING, "RuleId")
            left.remove(rule_id)
        rule_ids.append(rule_id)
    return rule_ids


def delete_policy(call: OperationCall) -> Answer:
    """A policy of type UDM_ECS_ONLY is still described for a while, as the live API was seen to do."""
    policy = _find(call, POLICY, call.parameters.required("PolicyId"))
    lasts = call.delays.ecs_policy if policy.body["PolicyType"] == "UDM_ECS_ONLY" else 0
    # uncertain: how a second deletion is answered while the first is under way. It succeeds here.
    call.objects.remove(POLICY, policy.name, after=lasts)
    return {}


def describe_policies(call: OperationCall) -> Answer:
    """A policy that does not exist is an empty list, not an error."""
    size = call.parameters.whole("MaxResults", 10, low=10, high=100)
    if policy_id := call.parameters.string("PolicyId"):
        policy = call.objects.get(POLICY, policy_id)
        page, total, following = [policy] if policy else [], 1 if policy else 0, ""
    else:
        page = call.objects.page(POLICY, call.parameters.position("NextToken"), size + 1)
        total = call.objects.count(POLICY)
        following = str(page[size - 1].position) if len(page) > size else ""
        page = page[:size]
    return {
        "Policies": [_describe_policy(policy) for policy in page],
        "NextToken": following,
        "MaxResults": size,
        "TotalCount": total,
    }


def _describe_policy(policy: Stored) -> dict[str, Any]:
    rules = [describe_rule(rule) for rule in policy.body["Rules"]]
    # uncertain: the BusinessStatus of a policy that is being deleted.
    status = {"PolicyId": policy.name, "BusinessStatus": "ACTIVE", "PolicyBindingCount": 0}
    return status | policy.body | {"Rules": rules}


def _find(call: OperationCall, kind: str, resource_id: str) -> Stored:
    stored = call.objects.get(kind, resource_id)
    if stored is None:
        raise ApiError(errors.RESOURCE_MISSING, resource_id)
    return stored


# ------------------------------------------------------------ vaults


def create_vault(call: OperationCall) -> Answer:
    parameters = call.parameters
    region, name = parameters.required("VaultRegionId"), parameters.required("VaultName")
    vault_type = parameters.choice("VaultType", VAULT_TYPES)
    encryption = parameters.choice("EncryptType", ENCRYPTIONS)
    if encryption == "KMS":
        parameters.required("KmsKeyId")
    if len(description := parameters.string("Description")) > MAX_VAULT_DESCRIPTION:
        raise ApiError(errors.TOO_LONG, "Description")
    vault = {
        "VaultName": name,
        "VaultType": vault_type,
        "VaultStorageClass": parameters.string("VaultStorageClass") or "STANDARD",
        "VaultRegionId": region,
        "Description": description,
        "EncryptType": encryption,
        "KmsKeyId": parameters.string("KmsKeyId"),
        "WormEnabled": parameters.boolean("WormEnabled"),
        "Replication": parameters.boolean("Replication"),
        "CreatedTime": int(call.now),
        "UpdatedTime": int(call.now),
        "ready": call.now + call.delays.vault,
    }
    vault_id = call.ids.resource("v")
    call.objects.add(VAULT, vault_id, vault)
    return {"VaultId": vault_id, "TaskId": call.ids.resource("t")}


def describe_vaults(call: OperationCall) -> Answer:
    parameters = call.parameters
    number = parameters.whole("PageNumber", 1, low=1, high=10**9)
    size = parameters.whole("PageSize", 10, low=1, high=100)
    vaults = [_describe_vault(call, vault) for vault in call.objects.all(VAULT)]
    if vault_id := parameters.string("VaultId"):
        vaults = [vault for vault in vaults if vault["VaultId"] == vault_id]
        if not vaults:
            raise ApiError(errors.RESOURCE_MISSING, vault_id)
    for name in ("VaultName", "VaultRegionId", "VaultType", "Status"):
        if wanted := parameters.string(name):
            vaults = [vault for vault in vaults if vault[name] == wanted]
    first = (number - 1) * size
    return {
        "Vaults": {"Vault": vaults[first : first + size]},
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(vaults),
    }


def _describe_vault(call: OperationCall, vault: Stored) -> dict[str, Any]:
    fields = {name: value for name, value in vault.body.items() if name != "ready"}
    status = "CREATED" if call.now >= vault.body["ready"] else "INITIALIZING"
    return {"VaultId": vault.name, "Status": status, "Tags": {"Tag": []}} | fields


def delete_vault(call: OperationCall) -> Answer:
    vault_id = _find(call, VAULT, call.parameters.required("VaultId")).name
    policies = call.objects.all(POLICY)
    if any(rule.get("VaultId") == vault_id for policy in policies for rule in policy.body["Rules"]):
        raise ApiError(errors.VAULT_IN_USE)
    call.objects.remove(VAULT, vault_id)
    return {}


HBR = LocalService(
    name="HBR",
    version="2017-09-08",
    host="hbr.aliyuncs.com",
    operations={
        "CreatePolicyV2": create_policy,
        "UpdatePolicyV2": update_policy,
        "DeletePolicyV2": delete_policy,
        "DescribePoliciesV2": describe_policies,
        "CreateVault": create_vault,
        "DescribeVaults": describe_vaults,
        "DeleteVault": delete_vault,
    },
    envelope={"Success": True, "Code": "200", "Message": "successful"},
    is_regional=True,
)
