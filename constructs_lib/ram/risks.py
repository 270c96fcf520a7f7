"""Dangerous actions of Alibaba Cloud, and which of them a change of a policy document opens.

    for item in opened(before, after).risks:
        item.risk.id, item.risk.title, item.actions, item.witness

A risk is opened where an action of it is allowed after the change on some resource, under some condition, and
was not before: by the exact comparison of `constructs_lib.ram.access`, not because a word occurs. One
that needs several actions together, such as passing a role to a function, is opened where all of them are
allowed after, and at least one newly.

The catalogue's names were looked up one by one; `Evidence` says where: names of AWS do not carry over.
How calls of resourcemanager are authorised is not documented; they are listed all the same.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import partial

from attrs import field, frozen

from constructs_lib.ram.access import UNDECIDED, Witness, must_not_allow, newly_allowed
from constructs_lib.ram.document import PolicyDocument, PolicyStatement


class RiskLevel(enum.StrEnum):
    """How much a risk can cost. `CRITICAL`: the account, or its last copy of the data."""

    CRITICAL = "critical"
    HIGH = "high"


class Evidence(enum.StrEnum):
    """Where the name of an action was seen."""

    SDK = "in the official SDK of the product"
    SOURCE = "in the Terraform provider or in a policy text of Alibaba Cloud"
    ANALOGY = "by analogy, not verified"


SOURCES = {
    "SDK": "Alibaba Cloud SDK packages: ram, ims, sts, resourcemanager, ecs, fc, hbr, kms",
    "PROVIDER": "terraform-provider-alicloud, resources that take a role",
    "CLOUD CONFIG": "Alibaba Cloud, best practice on identities with ram:*, ram:Create*, ram:Update*",
    "RAM": "RAM, API reference: authorization tables; help page on passing roles (acs:Service)",
    "HBR": "Cloud Backup, authorization table of 2017-09-08",
}


@frozen
class RiskyAction:
    """An action, and where its name was seen."""

    name: str
    evidence: Evidence


@frozen
class Risk:
    """A kind of harm, and the actions each of which can do it.

    * `source`: keys of `SOURCES`.
    * `together`: other actions that are needed beside one of `actions`, all of them.
    """

    id: str
    level: RiskLevel
    title: str
    source: tuple[str, ...]
    actions: tuple[RiskyAction, ...]
    together: tuple[RiskyAction, ...] = ()


def _actions(evidence: Evidence, prefix: str, names: str) -> tuple[RiskyAction, ...]:
    return tuple(RiskyAction(f"{prefix}:{name}", evidence) for name in names.split())


_in_sdk = partial(_actions, Evidence.SDK)
_in_source = partial(_actions, Evidence.SOURCE)
_by_analogy = partial(_actions, Evidence.ANALOGY)


def _risk(level: RiskLevel, id_: str, title: str, *source: str) -> Callable[..., Risk]:
    return partial(Risk, id_, level, title, source)


_critical = partial(_risk, RiskLevel.CRITICAL)
_high = partial(_risk, RiskLevel.HIGH)

PASS_ROLE = RiskyAction("ram:PassRole", Evidence.SOURCE)
PASSED_TO = "acs:Service"
# The services that a role is passed to, as that condition key names them.
_COMPUTE = ("ecs", "fc", "ess", "eci", "oos", "ros", "log", "cs")
SERVICE_OF_PREFIX = {prefix: f"{prefix}.aliyuncs.com" for prefix in _COMPUTE}

CATALOGUE: tuple[Risk, ...] = (
    _critical("ESC01", "Rewrite an attached policy", "SDK")(
        _in_sdk("ram", "CreatePolicyVersion SetDefaultPolicyVersion")
        + _in_sdk("resourcemanager", "CreatePolicyVersion SetDefaultPolicyVersion")
    ),
    _critical("ESC02", "Attach any policy", "SDK", "CLOUD CONFIG")(
        _in_sdk("ram", "AttachPolicyToUser AttachPolicyToGroup AttachPolicyToRole")
        + _in_sdk("resourcemanager", "AttachPolicy")
    ),
    _critical("ESC03", "Join a group", "SDK", "RAM")(_in_sdk("ram", "AddUserToGroup")),
    _critical("ESC04", "Make credentials of others", "SDK", "CLOUD CONFIG")(
        _in_sdk("ram", "CreateAccessKey CreateLoginProfile UpdateLoginProfile CreateServiceCredential")
        + _in_sdk("ram", "CreateAppSecret RestoreAccessKeyFromRecycleBin")
    ),
    _critical("ESC05", "Change whom a role trusts", "SDK")(
        _in_sdk("ram", "UpdateRole") + _in_sdk("resourcemanager", "UpdateRole")
    ),
    _critical("ESC05", "Make a role that one may assume, with any policy", "SDK")(
        _in_sdk("ram", "CreateRole"), together=_in_sdk("ram", "AttachPolicyToRole")
    ),
    _critical("ESC06", "Change who may sign in from outside", "SDK")(
        _in_sdk("ram", "CreateSAMLProvider UpdateSAMLProvider CreateOIDCProvider UpdateOIDCProvider")
        + _in_sdk("ram", "AddFingerprintToOIDCProvider AddClientIdToOIDCProvider SetUserSsoSettings")
    ),
    _high("ESC07", "Weaken the sign-in", "SDK")(
        _in_sdk("ram", "UnbindMFADevice DisableVirtualMFA SetSecurityPreference SetPasswordPolicy")
        + _in_sdk("ram", "SetAccessKeyPolicy SetAccessKeyPolicyForAccount SetVerificationInfo")
    ),
    _high("ESC08", "Take on a role", "SDK")(_in_sdk("sts", "AssumeRole")),
    _critical("ESC09", "Pass a role to compute that one controls", "SDK", "PROVIDER", "RAM")(
        _in_sdk("ecs", "RunInstances CreateInstance AttachInstanceRamRole CreateLaunchTemplate")
        + _in_sdk("fc", "CreateFunction UpdateFunction")
        + _in_source("ess", "CreateScalingConfiguration")
        + _in_source("eci", "CreateContainerGroup")
        + _in_source("oos", "StartExecution")
        + _in_source("ros", "CreateStack CreateChangeSet")
        + _in_source("log", "CreateETL")
        + _by_analogy("cs", "CreateCluster"),
        together=(PASS_ROLE,),
    ),
    _high("ESC10", "Pass a role", "RAM", "PROVIDER")((PASS_ROLE,)),
    _critical("ESC11", "Run code where a role is already attached", "SDK", "PROVIDER")(
        _in_sdk("ecs", "RunCommand InvokeCommand StartTerminalSession SendFile")
        + _in_sdk("ecs", "ModifyInstanceAttribute ReplaceSystemDisk")
        + _in_source("ecs-workbench", "LoginInstance")
        + _in_sdk("fc", "UpdateFunction CreateLayerVersion")
        + _in_source("oos", "StartExecution")
        + _in_source("ros", "CreateStack CreateChangeSet")
        + _by_analogy("swas-open", "RunCommand")
    ),
    _critical("ORG01", "Change the guard rails, or who belongs to the organisation", "SDK")(
        _in_sdk("resourcemanager", "AttachControlPolicy DetachControlPolicy UpdateControlPolicy")
        + _in_sdk("resourcemanager", "DeleteControlPolicy DisableControlPolicy")
        + _in_sdk("resourcemanager", "MoveAccount RemoveCloudAccount")
        + _in_sdk("resourcemanager", "RegisterDelegatedAdministrator DestroyResourceDirectory")
    ),
    _critical("ORG02", "Grant access through CloudSSO", "PROVIDER")(
        _in_source("cloudsso", "CreateAccessAssignment AddPermissionPolicyToAccessConfiguration")
        + _in_source("cloudsso", "CreateSCIMServerCredential")
    ),
    _critical("LOG01", "Hide traces", "PROVIDER")(
        _in_source("actiontrail", "StopLogging DeleteTrail UpdateTrail")
        + _by_analogy("log", "DeleteProject DeleteLogStore")
        + _by_analogy("config", "StopConfigurationRecorder")
    ),
    _critical("BAK01", "Destroy backups", "SDK", "HBR")(
        _in_sdk("hbr", "DeleteVault DeleteSnapshot DeletePolicyV2")
        + _in_sdk("hbr", "DeleteBackupPlan DisableBackupPlan UpdateVault")
        + _in_sdk("ecs", "DeleteSnapshot CancelAutoSnapshotPolicy UnlockSnapshot")
    ),
    _high("BAK02", "Take data out through backups", "SDK", "HBR")(
        _in_sdk("hbr", "CreateRestoreJob BrowseFiles AddCrossAccount")
        + _in_sdk("ecs", "ModifyImageSharePermission ExportImage ExportSnapshot CopySnapshot")
    ),
    _critical("DAT01", "Open data to others", "SDK", "PROVIDER")(
        _in_source("oss", "PutBucketPolicy PutBucketAcl PutObjectAcl PutBucketReplication")
        + _in_source("oss", "PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock")
        + _in_sdk("kms", "SetKeyPolicy SetSecretPolicy")
    ),
    _high("DAT02", "Destroy data", "SDK", "PROVIDER")(
        _in_source("oss", "DeleteObject DeleteObjectVersion DeleteBucket")
        + _in_source("oss", "PutBucketLifecycle PutBucketVersioning")
        + _in_source("rds", "DeleteDBInstance")
        + _in_sdk("kms", "ScheduleKeyDeletion DeleteKeyMaterial DisableKey DeleteSecret")
        + _in_sdk("ecs", "DeleteInstance DeleteDisk")
    ),
    _high("DAT03", "Read secrets", "SDK", "PROVIDER")(
        _in_sdk("kms", "GetSecretValue BatchGetSecretValue Decrypt")
        + _in_source("cs", "DescribeClusterUserKubeconfig")
        + _by_analogy("oos", "GetSecretParameter")
    ),
    _high("NET01", "Open the network", "SDK", "PROVIDER")(
        _in_sdk("ecs", "AuthorizeSecurityGroup")
        + _in_source("rds", "ModifySecurityIps")
        + _in_source("vpc", "CreateVpcPeerConnection")
    ),
)


@frozen
class OpenedRisk:
    """A risk that a change opens.

    * `actions`: those of the risk that are allowed after the change, and newly, or together with what is new.
    * `together`: the other actions that are needed, which are allowed after the change.
    * `witness`: a request that is allowed now, and was not before.
    """

    risk: Risk
    actions: tuple[str, ...]
    witness: Witness
    together: tuple[str, ...] = ()


@frozen
class Opened:
    """The risks that a change opens, critical ones first; `undecided` says why some may be missing."""

    risks: tuple[OpenedRisk, ...]
    undecided: str | None = None


def opened(before: PolicyDocument, after: PolicyDocument) -> Opened:
    """The risks of the catalogue that a change from one document to another opens."""
    names = dict.fromkeys(action.name for risk in CATALOGUE for action in (*risk.actions, *risk.together))
    try:
        new = newly_allowed(before, after, names)
        if not new:
            return Opened(())
        access = _NewAccess(before, after, new, newly_allowed(PolicyDocument([]), after, names))
        risks = [opened for risk in CATALOGUE if (opened := access.opens(risk))]
    except UNDECIDED as error:
        return Opened((), str(error))
    risks.sort(key=lambda opened: opened.risk.level is not RiskLevel.CRITICAL)
    return Opened(tuple(risks))


@frozen
class _NewAccess:
    """`new`: what is allowed after and not before; `allowed`: what is allowed after at all."""

    before: PolicyDocument
    after: PolicyDocument
    new: dict[str, Witness]
    allowed: dict[str, Witness]
    _passed: dict[str, Witness | None] = field(factory=dict)

    def opens(self, risk: Risk) -> OpenedRisk | None:
        by_action = {action.name: self._witness(action.name, risk) for action in risk.actions}
        witnesses = {name: witness for name, witness in by_action.items() if witness}
        if not witnesses:
            return None
        together = tuple(action.name for action in risk.together)
        return OpenedRisk(risk, tuple(witnesses), next(iter(witnesses.values())), together)

    def _witness(self, action: str, risk: Risk) -> Witness | None:
        """What is new, where the action and all that is needed beside it are allowed now."""
        if action not in self.allowed:
            return None
        new = self.new.get(action)
        for other in risk.together:
            if other == PASS_ROLE:
                service = SERVICE_OF_PREFIX[action.split(":")[0]]
                if not self._can_pass(service):
                    return None
                new = new or self._newly_passed(service)
            elif other.name not in self.allowed:
                return None
            else:
                new = new or self.new.get(other.name)
        return new

    def _can_pass(self, service: str) -> bool:
        """Whether some role may be passed to a service now; True, too, where that is undecided."""
        if PASS_ROLE.name not in self.allowed:
            return False
        passing = _statement("Allow", {"StringEquals": {PASSED_TO: service}})
        return must_not_allow(self.after, PolicyDocument([passing])).holds is not True

    def _newly_passed(self, service: str) -> Witness | None:
        """A witness that a role may be passed to a service now, and could not before."""
        if PASS_ROLE.name not in self.new:
            return None
        if service not in self._passed:
            elsewhere = _statement("Deny", {"StringNotEquals": {PASSED_TO: service}})
            only = PolicyDocument([*self.after.statements, elsewhere])
            passed = newly_allowed(self.before, only, [PASS_ROLE.name])
            self._passed[service] = passed.get(PASS_ROLE.name)
        return self._passed[service]


def _statement(effect: str, conditions: dict[str, dict[str, str]]) -> PolicyStatement:
    return PolicyStatement(effect=effect, actions=PASS_ROLE.name, resources="*", conditions=conditions)
