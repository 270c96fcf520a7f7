"""Cloud Backup (HBR), version 2017-09-08: backup policies.

Nothing is ever backed up here; a policy is what the API returns of it. Each region has its own. `vaults` has
what they back up into, `bindings` what they are bound to, `jobs` their runs, `recovery_points` what is left
of those, `cross_accounts` whose data may be backed up.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from constructs_lib.localcloud import (
    bindings,
    cross_accounts,
    errors,
    jobs,
    operation_parameters,
    recovery_points,
    regions,
    vaults,
)
from constructs_lib.localcloud.backup_objects import BINDING, POLICY, find, find_lasting
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.filters import FILTER_FIELDS, QUERY_FIELDS
from constructs_lib.localcloud.rules import (
    CHANGED_RULE_FIELDS,
    NEW_RULE_FIELDS,
    derive_policy_type,
    describe_rule,
    keep_rules,
)
from constructs_lib.localcloud.service import Answer, LocalService, OperationCall
from constructs_lib.localcloud.store import Stored
from constructs_lib.localcloud.tags import TAG_FIELDS


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
    policy = dict(find_lasting(call, POLICY, policy_id).body)
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
    """It goes with its bindings. A policy of type UDM_ECS_ONLY is still described for a while, as the live
    API was seen to do; uncertain: whether its bindings are too."""
    policy = find(call, POLICY, call.parameters.required("PolicyId"))
    lasts = call.delays.ecs_policy if policy.body["PolicyType"] == "UDM_ECS_ONLY" else 0
    # uncertain: how a second deletion is answered while the first is under way. It succeeds here.
    call.objects.remove(POLICY, policy.name, after=lasts)
    bindings.unbind_all(call, policy, after=lasts)
    return {}


def describe_policies(call: OperationCall) -> Answer:
    """A policy that does not exist is an empty list, not an error."""
    size = call.parameters.whole("MaxResults", 10, low=10, high=100)
    for name in ("AccountScope", "Accounts", "RuleScope"):
        if call.parameters.string(name) not in ("", "[]"):
            raise ApiError(errors.NOT_SERVED, name)
    if policy_id := call.parameters.string("PolicyId"):
        policy = call.objects.get(POLICY, policy_id)
        page, total, following = [policy] if policy else [], 1 if policy else 0, ""
    else:
        page = call.objects.page(POLICY, call.parameters.position("NextToken"), size + 1)
        total = call.objects.count(POLICY)
        following = str(page[size - 1].position) if len(page) > size else ""
        page = page[:size]
    bound = Counter(binding.parent for binding in call.objects.all(BINDING))
    return {
        "Policies": [_describe_policy(policy, bound[policy.name]) for policy in page],
        "NextToken": following,
        "MaxResults": size,
        "TotalCount": total,
    }


def _describe_policy(policy: Stored, binding_count: int) -> dict[str, Any]:
    rules = [describe_rule(rule) for rule in policy.body["Rules"]]
    # uncertain: the BusinessStatus of a policy that is being deleted.
    status = {"PolicyId": policy.name, "BusinessStatus": "ACTIVE", "PolicyBindingCount": binding_count}
    return status | policy.body | {"Rules": rules}


HBR = LocalService(
    name="HBR",
    version="2017-09-08",
    host="hbr.aliyuncs.com",
    operations={
        "CreatePolicyV2": create_policy,
        "UpdatePolicyV2": update_policy,
        "DeletePolicyV2": delete_policy,
        "DescribePoliciesV2": describe_policies,
        **vaults.OPERATIONS,
        **bindings.OPERATIONS,
        **jobs.OPERATIONS,
        **recovery_points.OPERATIONS,
        **cross_accounts.OPERATIONS,
        **regions.OPERATIONS,
    },
    parameters=operation_parameters.HBR,
    fields={
        "SearchHistoricalSnapshots": {"Query": QUERY_FIELDS},
        "CreatePolicyV2": {"Rules": NEW_RULE_FIELDS},
        "UpdatePolicyV2": {"Rules": CHANGED_RULE_FIELDS},
        "CreatePolicyBindings": {"PolicyBindingList": bindings.BINDING_FIELDS},
        "UpdatePolicyBinding": {"AdvancedOptions": bindings.OPTION_FIELDS},
        **{name: {"Filters": FILTER_FIELDS} for name in ("DescribePolicyBindings", "DescribeBackupJobs2")},
        **{name: {"Tag": TAG_FIELDS} for name in ("DescribeVaults", "TagResources", "ListTagResources")},
    },
    envelope={"Success": True, "Code": "200", "Message": "successful"},
    is_regional=True,
)
