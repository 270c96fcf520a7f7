"""What the provider may have to do in an account, as RAM policy documents.

    permissions(policy_names=["oss-readers"], account_id="1234567890123456").to_json()
    permission_to_assume("acs:ram::1234567890123456:role/deployer").to_json()

One action for each operation that the provider calls, and no other. Sources: the section "RAM authorization"
of each operation's page (Cloud Backup 2017-09-08, RAM 2015-05-01, STS 2015-04-01). No document of this module
was ever tried on a live account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.grammar import Effect

# The action, and what the provider does with it. Cloud Backup authorises whole operations: it knows no
# resources to which these could be limited.
BACKUP_POLICIES = {
    "hbr:CreatePolicyV2": "create an `alipolicy_backup_policy`",
    "hbr:DescribePoliciesV2": "plan, create, destroy and import one; read `alipolicy_backup_policies`",
    "hbr:UpdatePolicyV2": "change one",
    "hbr:DeletePolicyV2": "destroy one",
}
BACKUP_VAULTS = {
    "hbr:CreateVault": "create an `alipolicy_backup_vault`",
    "hbr:CreateReplicationVault": "create one that mirrors another vault",
    "hbr:DescribeVaults": "plan, create, destroy and import one; read `alipolicy_backup_vaults`",
    "hbr:UpdateVault": "change one",
    "hbr:TagResources": "give one tags",
    "hbr:UntagResources": "take tags off one",
    "hbr:DeleteVault": "destroy one",
}
BACKUP_POLICY_BINDINGS = {
    "hbr:CreatePolicyBindings": "create an `alipolicy_backup_policy_binding`",
    "hbr:DescribePolicyBindings": "plan, create and import one; read `alipolicy_backup_policy_bindings`",
    "hbr:UpdatePolicyBinding": "change one",
    "hbr:DeletePolicyBinding": "destroy one",
}
CLOUD_BACKUP = {**BACKUP_POLICIES, **BACKUP_VAULTS, **BACKUP_POLICY_BINDINGS}
# These can be limited to policies by name.
READ_VERSIONS = {
    "ram:ListPolicyVersions": "plan, create, destroy and import an `alipolicy_policy_version`; read "
    "`alipolicy_policy_versions`",
    "ram:GetPolicyVersion": "plan and import one; read `alipolicy_policy_versions`",
}
WRITE_VERSIONS = {
    "ram:CreatePolicyVersion": "create one, or change its document",
    "ram:SetDefaultPolicyVersion": "make one the default version; on destroy, another one again",
    "ram:DeletePolicyVersion": "destroy one",
}
READ_POLICIES = {
    "ram:GetPolicy": "plan, create and import an `alipolicy_policy`; attach a system policy",
    "ram:ListEntitiesForPolicy": "plan, create and import an `alipolicy_policy_attachment`; destroy a policy",
}
WRITE_POLICIES = {
    "ram:CreatePolicy": "create an `alipolicy_policy`",
    "ram:UpdatePolicyDescription": "change its description",
    "ram:ListTagResources": "plan and import one",
    "ram:TagResources": "change its tags",
    "ram:UntagResources": "change its tags",
    "ram:DeletePolicy": "destroy one",
}
LIST_POLICIES = {"ram:ListPolicies": "read `alipolicy_policies`; list what RAM has"}
# These are limited by who gets the policy, too.
ATTACH = {
    f"ram:{verb}{kind}": f"{purpose} an `alipolicy_policy_attachment` to a {kind.lower()}"
    for verb, purpose in (("AttachPolicyTo", "create"), ("DetachPolicyFrom", "destroy"))
    for kind in ("User", "Group", "Role")
}
# Whoever has an access key may call it.
NEEDS_NONE = {"sts:GetCallerIdentity": "find out which account an object is in"}
ASSUME_ROLE = {"sts:AssumeRole": "act as the role of `assume_role`, or of a profile's `RamRoleArn`"}

_NAME = re.compile(r"[A-Za-z0-9*?-]{1,128}")
_PRINCIPAL = re.compile(r"(?:user|group|role)/[A-Za-z0-9.@_*?-]{1,64}")
_ACCOUNT = re.compile(r"[0-9]+|\*")
_ROLE = re.compile(r"acs:ram:[^:]*:([0-9]+|\*):role/([!-~]+)")


def permissions(
    *,
    policy_names: Iterable[str] = ("*",),
    principals: Iterable[str] = ("user/*", "group/*", "role/*"),
    system_policies: Iterable[str] = (),
    account_id: str = "*",
    backup_policies: bool = True,
) -> PolicyDocument:
    """The document for whoever plans and applies: for the role, where the provider assumes one.

    * `policy_names`: the RAM policies that are managed, and attached; `*` and `?` stand for other characters.
      Who may make versions of a policy that is attached to themselves, or may attach it to themselves, may
      allow themselves anything: name them.
    * `principals`: who gets them, such as `role/app` and `user/*`. `system_policies`: which of Alibaba
      Cloud's policies they may get, too.
    * `account_id`: the account that has them; `*`: whichever the caller belongs to.
    * `backup_policies`: whether backup policies, their vaults and their bindings are managed.

    ValueError: a name or the account is malformed, or nothing is managed.
    """
    names, holders, of_system = map(_listed, (policy_names, principals, system_policies))
    forms = [(name, _NAME) for name in (*names, *of_system)] + [(holder, _PRINCIPAL) for holder in holders]
    for value, form in [*forms, (account_id, _ACCOUNT)]:
        if not form.fullmatch(value):
            raise ValueError(
                f"{value!r} is neither a name of a policy nor a principal, such as role/app, nor an "
                "account's number"
            )
    statements = [_allow(CLOUD_BACKUP, ["*"])] if backup_policies else []
    if names:
        own = [f"acs:ram:*:{account_id}:policy/{name}" for name in names]
        # System policies belong to no account and hold no secret; they are only ever read.
        statements += [
            _allow(LIST_POLICIES, ["*"]),
            _allow({**READ_VERSIONS, **READ_POLICIES}, [*own, "acs:ram:*:system:policy/*"]),
            _allow({**WRITE_VERSIONS, **WRITE_POLICIES}, own),
        ]
    if holders and (names or of_system):
        attached = [
            f"acs:ram:*:{account_id}:{each}" for each in (*(f"policy/{name}" for name in names), *holders)
        ]
        attached += [f"acs:ram:*:system:policy/{name}" for name in of_system]
        statements.append(_allow(ATTACH, attached))
    if not statements:
        raise ValueError("nothing is managed: name a policy, or let backup_policies be true")
    # A name such as `*` covers what another statement says, too.
    return PolicyDocument(statements).minimised()


def permissions_to_read(account_id: str = "*") -> PolicyDocument:
    """The document for whoever only looks at what there is, as `alipolicy adopt` does, and the plan after it.

    ValueError: the account is malformed.
    """
    if not _ACCOUNT.fullmatch(account_id):
        raise ValueError(f"{account_id!r} is no account's number")
    backups = [action for action in CLOUD_BACKUP if action.startswith("hbr:Describe")]
    own = [f"acs:ram:*:{account_id}:policy/*", "acs:ram:*:system:policy/*"]
    policies = [*READ_VERSIONS, *READ_POLICIES, "ram:ListTagResources"]
    return PolicyDocument([_allow([*backups, *LIST_POLICIES], ["*"]), _allow(policies, own)])


def permission_to_assume(role_arn: str) -> PolicyDocument:
    """The document for the access key that assumes a role; the role itself has to trust its owner.

    ValueError: it is no ARN of a role.
    """
    parsed = _ROLE.fullmatch(role_arn)
    if parsed is None:
        raise ValueError(f"{role_arn!r} is not a role: write acs:ram::<account>:role/<name>")
    account, name = parsed.groups()
    return PolicyDocument([_allow(ASSUME_ROLE, [f"acs:ram:*:{account}:role/{name}"])])


def _listed(names: Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _allow(actions: Iterable[str], resources: list[str]) -> PolicyStatement:
    return PolicyStatement(effect=Effect.ALLOW, actions=list(actions), resources=resources)
