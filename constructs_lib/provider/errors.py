"""What the cloud, or the way to it, refuses: one error class, and what to do about the common ones."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace

# Codes of our own, for what no service answers.
NOT_SENT = "NotSent"  # no connection: the request never left
LOST = "AnswerLost"  # sent, but the answer did not arrive: it may have been carried out
UNREADABLE = "AnswerUnreadable"  # an answer arrived that is none of this API
INTERRUPTED = "Interrupted"  # the caller wants to stop
AMBIGUOUS = "CreateAmbiguous"  # several objects could be the one that was created
UNKNOWN = "CreateUnknown"  # it could not be seen in time whether the object was created
STILL_THERE = "DeleteTimedOut"  # deletion was ordered, but the object is still listed

# The call before the calls, where the provider acts as a role.
ASSUME_ROLE = "AssumeRole"

# Codes of RAM that somebody acts on.
IS_DEFAULT = "DeleteConflict.Policy.Version.Default"
# Codes of Cloud Backup that somebody acts on.
BINDING_EXISTS = "PolicyAlreadyBoundWithThisDataSource"
VAULT_IN_USE = ("VaultBoundPolicyCannotBeDeleted", "CannotDeleteReplicationSourceVault")

# The gateway refused, or never reached, the service: nothing was looked for, so nothing is "not found".
_GATEWAY = ("InvalidAccessKeyId", "InvalidAction", "InvalidVersion", "InvalidApi", "InvalidProduct")
_MAY_HAVE_ACTED = ("ServiceUnavailable", "InternalError", "SignatureNonceUsed", LOST, UNREADABLE)
_EXPIRED = ("InvalidSecurityToken", "InvalidAccessKeyId.NotFound")

_ALLOW = "Allow this operation to the RAM user or role in use."
_OTHER_SERVICE = "Correct the endpoint: it belongs to another service, or to a region without it."
_FEWER_POLICIES = (
    "A user, group or role has at most 10 custom and 20 system policies: merge some, or use a group."
)
_SLOWER = "Apply again later, or with less -parallelism."

# What to do, by the beginning of the code; the first one that fits counts.
_NEXT_STEPS = {
    "EntityNotExist.Policy.Version": "List the versions of the policy: it was deleted, or rotated away by a "
    "newer one.",
    "EntityNotExist.Policy": "Create the policy first (alipolicy_policy), or correct policy_name; only "
    "custom policies of this account have versions that can be changed.",
    "EntityNotExist.Role": "Correct assume_role.role_arn, or create the role.",
    "LimitExceeded.Policy.Version": "A policy holds 5 versions. Delete one, or set rotate_strategy to "
    "DeleteOldestNonDefaultVersionWhenLimitExceeded.",
    "LimitExceeded.Policy": "An account holds 1,500 custom policies. Delete one, or ask for more.",
    "LimitExceeded.User.Policy": _FEWER_POLICIES,
    "LimitExceeded.Group.Policy": _FEWER_POLICIES,
    "LimitExceeded.Role.Policy": _FEWER_POLICIES,
    "MalformedPolicyDocument": "Correct policy_document: RAM does not accept its grammar.",
    "InvalidParameter.PolicyDocument.Length": "Shorten policy_document to at most 6,144 bytes, or split it "
    "into two policies.",
    VAULT_IN_USE[0]: "Destroy the policies that back up into it first, or let them use another vault.",
    VAULT_IN_USE[1]: "Destroy the vault that mirrors it first.",
    BINDING_EXISTS: "Import the binding (<policy_id>:<source_type>:<data_source_id>), or delete it.",
    IS_DEFAULT: "Make another version of the policy the default one first.",
    "NoPermission": f"{_ALLOW} After many changes in a row RAM was seen to answer so for up to a minute: "
    "then apply again.",
    "Forbidden": _ALLOW,
    "Inactive": "Activate the service in the console of this account.",
    "InvalidAccessKeyId": "Correct access_key: it does not exist, or is disabled.",
    "SignatureDoesNotMatch": "Correct secret_key: it does not belong to access_key.",
    "IncompleteSignature": "Correct access_key and secret_key: they could not be signed with.",
    "InvalidTimeStamp": "Set this machine's clock: it is more than 15 minutes off.",
    "InvalidSecurityToken": "Renew security_token; it has to come from the same session as access_key and "
    "secret_key.",
    "InvalidAction": _OTHER_SERVICE,
    "InvalidVersion": _OTHER_SERVICE,
    "Throttling": _SLOWER,
    "Rejected.Throttling": _SLOWER,
    "ServiceUnavailable": "Apply again later.",
    "InternalError": "Apply again later; if it lasts, give the request id to the support of Alibaba Cloud.",
    NOT_SENT: "Check the network, the proxy variables (HTTPS_PROXY), region, protocol and the "
    "endpoints block.",
    UNREADABLE: "Check that the endpoint is the service itself and no proxy or web page, then apply again.",
    LOST: "Apply again.",
    INTERRUPTED: "Apply again to go on.",
    STILL_THERE: "Apply again later, or allow more time in the timeouts block.",
}


@dataclass(eq=False, repr=False)
class CloudError(Exception):
    """A call that failed.

    * `operation`: of the API, such as `CreatePolicyV2`.
    * `code`: of the service, such as `EntityNotExist.Policy`, or one of this module.
    * `message`: the service's own words, without secrets.
    * `request_id`: for the support; empty where no answer arrived.
    * `status`: of HTTP; None where no answer, or no readable one, arrived.
    * `retry_after`: seconds that the service asks to wait; None where it does not.
    * `next_step`: what to do about it; empty where that is not known.
    * `is_final`: whether a further attempt cannot help, whatever the code says.
    * `candidates`: the ids of objects that the failed create may have made.
    """

    operation: str
    code: str
    message: str
    _: KW_ONLY
    request_id: str = ""
    status: int | None = None
    retry_after: float | None = None
    next_step: str = ""
    is_final: bool = False
    candidates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.next_step = self.next_step or _next_step(self.code, self.status)

    def __str__(self) -> str:
        status = "" if self.status is None else f"HTTP {self.status}"
        request = self.request_id and f"request {self.request_id}"
        parts = filter(None, [self.code or "no code", status, request])
        return f"{self.operation}: {self.message} ({', '.join(parts)})\n{self.next_step}".rstrip("\n")

    @property
    def is_not_found(self) -> bool:
        """Whether the service looked, and the object is not there; a role that is not there hides it only."""
        if self.code.startswith(_GATEWAY) or self.operation == ASSUME_ROLE:
            return False
        says_so = "NotFound" in self.code or "NotExist" in self.code
        return says_so or (self.status == 404 and bool(self.code))

    @property
    def is_throttled(self) -> bool:
        """Whether there were too many requests; a request that is throttled is not carried out."""
        return "Throttling" in self.code

    @property
    def may_have_acted(self) -> bool:
        """Whether the operation may have been carried out all the same: its answer was lost on the way."""
        return self.code.startswith(_MAY_HAVE_ACTED) or (self.status or 0) >= 500

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed a little later."""
        may_pass = self.is_throttled or self.may_have_acted or self.code == NOT_SENT
        return may_pass and not self.is_final

    @property
    def has_expired_credentials(self) -> bool:
        """Whether a session's credentials are no longer, or not yet, accepted."""
        return self.code.startswith(_EXPIRED)

    def noting(self, note: str) -> CloudError:
        """The same error with one more sentence; no further attempt is made after it."""
        return replace(self, message=f"{self.message} {note}", is_final=True)


def _next_step(code: str, status: int | None) -> str:
    for prefix, step in _NEXT_STEPS.items():
        if code.startswith(prefix):
            return step
    if status == 403:
        return _ALLOW
    return "Apply again later." if status is not None and status >= 500 else ""
