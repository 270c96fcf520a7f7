"""Dangerous actions of Alibaba Cloud, and which of them a change of a policy document opens.

    for risk in opened(before, after).risks:
        risk.id, risk.title, risk.actions, risk.witness

A risk is opened where an action of it is allowed after the change on some resource, under some condition, and
was not before: by the exact comparison of `constructs_lib.ram.access`, not because a word occurs. One
that needs several actions together, such as passing a role to a function, is opened where all of them are
allowed after, and at least one newly.

The catalogue's names were looked up one by one, and `Evidence` tells where: names of AWS do not carry over.
How calls of resourcemanager are authorised is not documented; they are listed all the same.
"""

from __future__ import annotations

import enum

from attrs import field, frozen

from constructs_lib.ram.access import Pair, must_not_allow
from constructs_lib.ram.analysis.conditions import TooComplexError
from constructs_lib.ram.analysis.evaluator import UnreadableError, Witness
from constructs_lib.ram.document import PolicyDocument, PolicyStatement


class Level(enum.StrEnum):
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
class Action:
    """An action, and where its name was seen."""

    name: str
    evidence: Evidence


@frozen
class Risk:
    """A kind of damage, and the actions each of which can do it.

    * `together`: other actions that are needed beside one of `actions`, all of them.
    * `source`: keys of `SOURCES`.
    """

    id: str
    level: Level
    title: str
    actions: tuple[Action, ...]
    source: tuple[str, ...]
    together: tuple[Action, ...] = ()


def _named(evidence: Evidence, prefix: str, names: str) -> tuple[Action, ...]:
    return tuple(Action(f"{prefix}:{name}", evidence) for name in names.split())


def _seen(prefix: str, names: str) -> tuple[Action, ...]:
    return _named(Evidence.SDK, prefix, names)


def _told(prefix: str, names: str) -> tuple[Action, ...]:
    return _named(Evidence.SOURCE, prefix, names)


def _guessed(prefix: str, names: str) -> tuple[Action, ...]:
    return _named(Evidence.ANALOGY, prefix, names)


PASS_ROLE = Action("ram:PassRole", Evidence.SOURCE)
PASSED_TO = "acs:Service"
# The services that a role is passed to, as that condition key names them.
SERVICE_OF_PREFIX = {
    prefix: f"{prefix}.aliyuncs.com" for prefix in ("ecs", "fc", "ess", "eci", "oos", "ros", "log", "cs")
}

CATALOGUE: tuple[Risk, ...] = (
    Risk(
        "ESC01",
        Level.CRITICAL,
        "Rewrite an attached policy",
        _seen("ram", "CreatePolicyVersion SetDefaultPolicyVersion")
        + _seen("resourcemanager", "CreatePolicyVersion SetDefaultPolicyVersion"),
        ("SDK",),
    ),
    Risk(
        "ESC02",
        Level.CRITICAL,
        "Attach any policy",
        _seen("ram", "AttachPolicyToUser AttachPolicyToGroup AttachPolicyToRole")
        + _seen("resourcemanager", "AttachPolicy"),
        ("SDK", "CLOUD CONFIG"),
    ),
    Risk("ESC03", Level.CRITICAL, "Join a group", _seen("ram", "AddUserToGroup"), ("SDK", "RAM")),
    Risk(
        "ESC04",
        Level.CRITICAL,
        "Make credentials of others",
        _seen("ram", "CreateAccessKey CreateLoginProfile UpdateLoginProfile CreateServiceCredential")
        + _seen("ram", "CreateAppSecret RestoreAccessKeyFromRecycleBin"),
        ("SDK", "CLOUD CONFIG"),
    ),
    Risk(
        "ESC05",
        Level.CRITICAL,
        "Change whom a role trusts",
        _seen("ram", "UpdateRole") + _seen("resourcemanager", "UpdateRole"),
        ("SDK",),
    ),
    Risk(
        "ESC05",
        Level.CRITICAL,
        "Make a role that one may assume, with any policy",
        _seen("ram", "CreateRole"),
        ("SDK",),
        together=_seen("ram", "AttachPolicyToRole"),
    ),
    Risk(
        "ESC06",
        Level.CRITICAL,
        "Change who may sign in from outside",
        _seen("ram", "CreateSAMLProvider UpdateSAMLProvider CreateOIDCProvider UpdateOIDCProvider")
        + _seen("ram", "AddFingerprintToOIDCProvider AddClientIdToOIDCProvider SetUserSsoSettings"),
        ("SDK",),
    ),
    Risk(
        "ESC07",
        Level.HIGH,
        "Weaken the sign-in",
        _seen("ram", "UnbindMFADevice DisableVirtualMFA SetSecurityPreference SetPasswordPolicy")
        + _seen("ram", "SetAccessKeyPolicy SetAccessKeyPolicyForAccount SetVerificationInfo"),
        ("SDK",),
    ),
    Risk("ESC08", Level.HIGH, "Take on a role", _seen("sts", "AssumeRole"), ("SDK",)),
    Risk(
        "ESC09",
        Level.CRITICAL,
        "Pass a role to compute that one controls",
        _seen("ecs", "RunInstances CreateInstance AttachInstanceRamRole CreateLaunchTemplate")
        + _seen("fc", "CreateFunction UpdateFunction")
        + _told("ess", "CreateScalingConfiguration")
        + _told("eci", "CreateContainerGroup")
        + _told("oos", "StartExecution")
        + _told("ros", "CreateStack CreateChangeSet")
        + _told("log", "CreateETL")
        + _guessed("cs", "CreateCluster"),
        ("SDK", "PROVIDER", "RAM"),
        together=(PASS_ROLE,),
    ),
    Risk("ESC10", Level.HIGH, "Pass a role", (PASS_ROLE,), ("RAM", "PROVIDER")),
    Risk(
        "ESC11",
        Level.CRITICAL,
        "Run code where a role is already attached",
        _seen("ecs", "RunCommand InvokeCommand StartTerminalSession SendFile")
        + _seen("ecs", "ModifyInstanceAttribute ReplaceSystemDisk")
        + _told("ecs-workbench", "LoginInstance")
        + _seen("fc", "UpdateFunction CreateLayerVersion")
        + _told("oos", "StartExecution")
        + _told("ros", "CreateStack CreateChangeSet")
        + _guessed("swas-open", "RunCommand"),
        ("SDK", "PROVIDER"),
    ),
    Risk(
        "ORG01",
        Level.CRITICAL,
        "Change the guard rails, or who belongs to the organisation",
        _seen("resourcemanager", "AttachControlPolicy DetachControlPolicy UpdateControlPolicy")
        + _seen("resourcemanager", "DeleteControlPolicy DisableControlPolicy MoveAccount RemoveCloudAccount")
        + _seen("resourcemanager", "RegisterDelegatedAdministrator DestroyResourceDirectory"),
        ("SDK",),
    ),
    Risk(
        "ORG02",
        Level.CRITICAL,
        "Grant access through CloudSSO",
        _told("cloudsso", "CreateAccessAssignment AddPermissionPolicyToAccessConfiguration")
        + _told("cloudsso", "CreateSCIMServerCredential"),
        ("PROVIDER",),
    ),
    Risk(
        "LOG01",
        Level.CRITICAL,
        "Hide traces",
        _told("actiontrail", "StopLogging DeleteTrail UpdateTrail")
        + _guessed("log", "DeleteProject DeleteLogStore")
        + _guessed("config", "StopConfigurationRecorder"),
        ("PROVIDER",),
    ),
    Risk(
        "BAK01",
        Level.CRITICAL,
        "Destroy backups",
        _seen(
            "hbr", "DeleteVault DeleteSnapshot DeletePolicyV2 DeleteBackupPlan DisableBackupPlan UpdateVault"
        )
        + _seen("ecs", "DeleteSnapshot CancelAutoSnapshotPolicy UnlockSnapshot"),
        ("SDK", "HBR"),
    ),
    Risk(
        "BAK02",
        Level.HIGH,
        "Take data out through backups",
        _seen("hbr", "CreateRestoreJob BrowseFiles AddCrossAccount")
        + _seen("ecs", "ModifyImageSharePermission ExportImage ExportSnapshot CopySnapshot"),
        ("SDK", "HBR"),
    ),
    Risk(
        "DAT01",
        Level.CRITICAL,
        "Open data to others",
        _told("oss", "PutBucketPolicy PutBucketAcl PutObjectAcl PutBucketReplication")
        + _told("oss", "PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock")
        + _seen("kms", "SetKeyPolicy SetSecretPolicy"),
        ("SDK", "PROVIDER"),
    ),
    Risk(
        "DAT02",
        Level.HIGH,
        "Destroy data",
        _told("oss", "DeleteObject DeleteObjectVersion DeleteBucket PutBucketLifecycle PutBucketVersioning")
        + _told("rds", "DeleteDBInstance")
        + _seen("kms", "ScheduleKeyDeletion DeleteKeyMaterial DisableKey DeleteSecret")
        + _seen("ecs", "DeleteInstance DeleteDisk"),
        ("SDK", "PROVIDER"),
    ),
    Risk(
        "DAT03",
        Level.HIGH,
        "Read secrets",
        _seen("kms", "GetSecretValue BatchGetSecretValue Decrypt")
        + _told("cs", "DescribeClusterUserKubeconfig")
        + _guessed("oos", "GetSecretParameter"),
        ("SDK", "PROVIDER"),
    ),
    Risk(
        "NET01",
        Level.HIGH,
        "Open the network",
        _seen("ecs", "AuthorizeSecurityGroup")
        + _told("rds", "ModifySecurityIps")
        + _told("vpc", "CreateVpcPeerConnection"),
        ("SDK", "PROVIDER"),
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
    undecided: str | None = field(default=None)


def opened(before: PolicyDocument, after: PolicyDocument) -> Opened:
    """The risks of the catalogue that a change from one document to another opens."""
    found: list[OpenedRisk] = []
    undecided = None
    try:
        new = _witnesses(before, after)
        if new:
            change = _Change(before, after, new, _witnesses(PolicyDocument([]), after))
            found = [one for risk in CATALOGUE if (one := change.opens(risk))]
    except (TooComplexError, UnreadableError) as error:
        undecided = str(error)
    found.sort(key=lambda one: one.risk.level is not Level.CRITICAL)
    return Opened(tuple(found), undecided)


def _witnesses(before: PolicyDocument, after: PolicyDocument) -> dict[str, Witness]:
    """The actions of the catalogue that a change newly allows."""
    names = dict.fromkeys(one.name for risk in CATALOGUE for one in (*risk.actions, *risk.together))
    return dict(Pair(before, after).witnesses(1, names))


@frozen
class _Change:
    """`new`: what is allowed after and not before; `allowed`: what is allowed after at all."""

    before: PolicyDocument
    after: PolicyDocument
    new: dict[str, Witness]
    allowed: dict[str, Witness]
    _passed: dict[str, Witness | None] = field(factory=dict)

    def opens(self, risk: Risk) -> OpenedRisk | None:
        by_action = {one.name: self._witness(one.name, risk) for one in risk.actions}
        witnesses = {name: witness for name, witness in by_action.items() if witness}
        if not witnesses:
            return None
        together = tuple(one.name for one in risk.together)
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
            found = dict(Pair(self.before, only).witnesses(1, [PASS_ROLE.name]))
            self._passed[service] = found.get(PASS_ROLE.name)
        return self._passed[service]


def _statement(effect: str, conditions: dict[str, dict[str, str]]) -> PolicyStatement:
    return PolicyStatement(effect=effect, actions=PASS_ROLE.name, resources="*", conditions=conditions)
