"""The cloud as the resources need it: typed calls to Cloud Backup (HBR), RAM and STS; nothing of Terraform.

    cloud = Cloud(Configuration.read(arguments, os.environ, Path.home()))
    created = cloud.during(Pace(deadline=…, stopping=…)).create_backup_policy("daily", rules=[…])

Sources: Cloud Backup, API version 2017-09-08; RAM, API version 2015-05-01; STS, API version 2015-04-01.
Rules travel as the API spells them (`{"RuleType": "BACKUP", …}`), documents as JSON text.

Every method raises `CloudError`; what is not there is None, and deleting it succeeds. Changes other than
creates may be carried out twice without harm, so they are simply repeated; creates see `creation`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.provider import errors
from constructs_lib.provider.calls import (
    CHANGE_TIME,
    HBR,
    RAM,
    STS,
    Answer,
    Calls,
    Pace,
    flag,
    part,
    parts,
    text,
    unreadable,
)
from constructs_lib.provider.configuration import Configuration
from constructs_lib.provider.creation import Created, Creations, Creator, is_young, same_document, same_rules
from constructs_lib.provider.errors import CloudError

CUSTOM, SYSTEM = "Custom", "System"
STANDARD = "STANDARD"
PAGE = 100
# So many policies nobody has: a NextToken that leads this far leads in a circle.
MAX_PAGES = 1000
# How long a new object may take to be visible everywhere (seconds); never seen longer than a moment.
SETTLE = 10.0

Rule = Mapping[str, Any]


@frozen(kw_only=True)
class BackupPolicy:
    """A policy as DescribePoliciesV2 tells it. Times are UNIX seconds; what the API leaves out is 0 or ""."""

    policy_id: str
    policy_name: str
    policy_description: str
    policy_type: str
    rules: tuple[Rule, ...]
    created_time: int = 0
    updated_time: int = 0
    business_status: str = ""
    policy_binding_count: int = 0


@frozen(kw_only=True)
class Policy:
    """A RAM policy. Dates are texts such as `2015-01-23T12:33:18Z`."""

    policy_name: str
    policy_type: str
    default_version: str
    description: str = ""
    create_date: str = ""
    update_date: str = ""
    attachment_count: int = 0


@frozen(kw_only=True)
class PolicyVersion:
    """A version of a RAM policy. `policy_document` is None where the API did not tell it."""

    version_id: str
    is_default_version: bool
    create_date: str
    policy_document: str | None = None


@frozen(kw_only=True)
class Identity:
    """Who the credentials in use belong to."""

    account_id: str
    arn: str
    identity_type: str


@frozen
class Cloud:
    """One account in one region. May be used by many threads.

    * `settle`: how long to look for an object whose creation got no answer before it counts as not created,
      and for a new object to become visible (seconds).
    """

    _calls: Calls
    _creations: Creations = field(factory=Creations, repr=False)
    settle: float = SETTLE

    @classmethod
    def of(cls, configuration: Configuration, *, pace: Pace | None = None, settle: float = SETTLE) -> Cloud:
        return cls(Calls.of(configuration, pace or Pace()), settle=settle)

    def during(self, pace: Pace) -> Cloud:
        """The same cloud, for one operation that has so much time."""
        return evolve(self, calls=self._calls.during(pace))

    # -- Cloud Backup

    def create_backup_policy(
        self,
        policy_name: str | None,
        *,
        policy_description: str | None = None,
        policy_type: str | None = None,
        rules: Sequence[Rule] = (),
    ) -> Created[str]:
        """Create a policy, once, and return its id.

        Where the answer is lost, a policy that was not there before, with these rules and with this name and
        type where they are given, is taken for it. CloudError `CreateAmbiguous`: there are several.
        """
        parameters = {
            "PolicyName": policy_name,
            "PolicyDescription": policy_description,
            "PolicyType": policy_type,
            "Rules": _json(rules),
        }
        began = self._calls.pace.clock()

        def create() -> str:
            answer = self._calls.once(HBR, "CreatePolicyV2", parameters)
            return text(answer, "CreatePolicyV2", "PolicyId")

        def may_be_called(name: str) -> bool:
            """A policy without a name may be given one by the service: any that is no other create's."""
            if policy_name:
                return name == policy_name
            return not name or not self._creations.knows(("backup policy", name))

        def alike() -> list[str]:
            return [
                policy.policy_id
                for policy in self.backup_policies()
                if may_be_called(policy.policy_name)
                and policy.policy_type == (policy_type or policy.policy_type)
                and is_young(policy.created_time, began)
                and same_rules(rules, policy.rules)
            ]

        creator = Creator(
            operation="CreatePolicyV2",
            what=f"the backup policy {policy_name!r}",
            create=create,
            alike=alike,
            existing=self._backup_policy_ids,
            name_of=str,
        )
        key = ("backup policy", policy_name or "")
        return self._creations.once(creator, key, self._calls, self.settle)

    def _backup_policy_ids(self) -> frozenset[str]:
        def listed() -> frozenset[str]:
            return frozenset(policy.policy_id for policy in self.backup_policies())

        return self._creations.snapshot("backup policies", listed, self._calls.pace)

    def backup_policy(self, policy_id: str) -> BackupPolicy | None:
        """The policy with this id."""
        if not policy_id:
            raise ValueError("policy_id is empty: that would ask for all policies")
        found, _ = self._page({"PolicyId": policy_id, "MaxResults": str(PAGE)})
        return next((policy for policy in found if policy.policy_id == policy_id), None)

    def visible_backup_policy(self, policy_id: str) -> BackupPolicy | None:
        """The policy with this id, waiting up to `settle` seconds for a new one to become visible."""
        pace, attempt = self._calls.pace, 0
        until = min(self._calls.until(self.settle), pace.monotonic() + self.settle)
        while (policy := self.backup_policy(policy_id)) is None:
            if pace.wait(pace.backoff(attempt) / 4, until):
                break
            attempt += 1
        return policy

    def backup_policies(self) -> list[BackupPolicy]:
        """All policies of the region, page by page."""
        policies: dict[str, BackupPolicy] = {}
        token = ""
        for _ in range(MAX_PAGES):
            page, token = self._page({"MaxResults": str(PAGE), "NextToken": token or None})
            policies |= {policy.policy_id: policy for policy in page}
            if not token:
                return list(policies.values())
        raise unreadable("DescribePoliciesV2", f"there are more than {MAX_PAGES} pages")

    def _page(self, parameters: Mapping[str, str | None]) -> tuple[list[BackupPolicy], str]:
        answer = self._calls.read(HBR, "DescribePoliciesV2", parameters)
        page = [_backup_policy(one) for one in parts(answer, "DescribePoliciesV2", "Policies")]
        return page, str(answer.get("NextToken") or "")

    def update_backup_policy(
        self,
        policy_id: str,
        *,
        policy_name: str | None = None,
        policy_description: str | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> None:
        """Change what is given; `rules` replaces the whole list. A rule without RuleId may get a new one."""
        parameters = {
            "PolicyId": policy_id,
            "PolicyName": policy_name,
            "PolicyDescription": policy_description,
            "Rules": None if rules is None else _json(rules),
        }
        self._calls.change(HBR, "UpdatePolicyV2", parameters)

    def delete_backup_policy(self, policy_id: str, policy_type: str = "") -> None:
        """Delete the policy and detach it from its data sources; return when it is gone.

        The service deletes one of type UDM_ECS_ONLY some time after its answer. CloudError
        `DeleteTimedOut`: it is still there at the deadline.
        """
        try:
            self._calls.change(HBR, "DeletePolicyV2", {"PolicyId": policy_id})
        except CloudError as error:
            if not error.is_not_found:
                raise
        if policy_type != STANDARD:
            self._wait_until_gone(policy_id)

    def _wait_until_gone(self, policy_id: str) -> None:
        pace, until, attempt = self._calls.pace, self._calls.until(CHANGE_TIME), 0
        while self.backup_policy(policy_id) is not None:
            if reason := pace.wait(pace.backoff(attempt), until):
                message = f"Deletion of {policy_id} was ordered, but it is still listed. {reason}"
                raise CloudError("DeletePolicyV2", errors.STILL_THERE, message)
            attempt += 1

    # -- RAM

    def create_policy_version(
        self,
        policy_name: str,
        policy_document: str,
        *,
        set_as_default: bool = False,
        rotate_strategy: str | None = None,
    ) -> Created[PolicyVersion]:
        """Create a version of a custom policy, once.

        Where the answer is lost, a version that was not there before with the same document (order and
        formatting do not count) is taken for it. CloudError `CreateAmbiguous`: there are several.
        """
        parameters = {
            "PolicyName": policy_name,
            "PolicyDocument": policy_document,
            "SetAsDefault": "true" if set_as_default else "false",
            "RotateStrategy": rotate_strategy,
        }
        began = self._calls.pace.clock()

        def create() -> PolicyVersion:
            answer = self._calls.once(RAM, "CreatePolicyVersion", parameters)
            made = part(answer, "CreatePolicyVersion", "PolicyVersion")
            return evolve(_version("CreatePolicyVersion", made), policy_document=policy_document)

        def alike() -> list[PolicyVersion]:
            young = [one for one in self._versions(policy_name) if is_young(one.create_date, began)]
            # v1 comes with its policy, never from CreatePolicyVersion.
            told = [self._told(policy_name, one) for one in young if one.version_id != "v1"]
            return [one for one in told if same_document(policy_document, one.policy_document)]

        creator = Creator(
            operation="CreatePolicyVersion",
            what=f"the version of policy {policy_name!r}",
            create=create,
            alike=alike,
            existing=lambda: frozenset(map(_version_name, self._versions(policy_name))),
            name_of=_version_name,
        )
        return self._creations.once(creator, ("policy", policy_name), self._calls, self.settle)

    def _versions(self, policy_name: str) -> list[PolicyVersion]:
        """The versions; none where the policy is not there, which may be because it is so new."""
        return self.policy_versions(policy_name) or []

    def _told(self, policy_name: str, version: PolicyVersion) -> PolicyVersion:
        """The version with its document; as it is where it has gone meanwhile."""
        if version.policy_document is not None:
            return version
        return self.policy_version(policy_name, version.version_id) or version

    def policy(self, policy_name: str, policy_type: str = CUSTOM) -> Policy | None:
        """The policy, without its document: its default version has that."""
        answer = self._ram("GetPolicy", PolicyName=policy_name, PolicyType=policy_type)
        return None if answer is None else _policy(part(answer, "GetPolicy", "Policy"))

    def policy_version(
        self, policy_name: str, version_id: str, policy_type: str = CUSTOM
    ) -> PolicyVersion | None:
        """One version with its document; None where the version or the policy is not there."""
        operation = "GetPolicyVersion"
        answer = self._ram(operation, PolicyName=policy_name, PolicyType=policy_type, VersionId=version_id)
        return None if answer is None else _version(operation, part(answer, operation, "PolicyVersion"))

    def policy_versions(self, policy_name: str, policy_type: str = CUSTOM) -> list[PolicyVersion] | None:
        """All versions, at most 5, the oldest first; None where the policy is not there.

        The documents may be missing: ask `policy_version` for them.
        """
        operation = "ListPolicyVersions"
        answer = self._ram(operation, PolicyName=policy_name, PolicyType=policy_type)
        if answer is None:
            return None
        listed = parts(part(answer, operation, "PolicyVersions"), operation, "PolicyVersion")
        versions = [_version(operation, one) for one in listed]
        return sorted(versions, key=lambda one: (len(one.version_id), one.version_id))

    def set_default_policy_version(self, policy_name: str, version_id: str) -> None:
        """Put this version in force for all that the policy is attached to."""
        parameters = {"PolicyName": policy_name, "VersionId": version_id}
        self._calls.change(RAM, "SetDefaultPolicyVersion", parameters)

    def delete_policy_version(self, policy_name: str, version_id: str) -> None:
        """Delete this version. CloudError `DeleteConflict.Policy.Version.Default`: it is in force."""
        try:
            parameters = {"PolicyName": policy_name, "VersionId": version_id}
            self._calls.change(RAM, "DeletePolicyVersion", parameters)
        except CloudError as error:
            if not error.is_not_found:
                raise

    def _ram(self, operation: str, **parameters: str) -> Answer | None:
        try:
            return self._calls.read(RAM, operation, parameters)
        except CloudError as error:
            if not error.is_not_found:
                raise
            return None

    # -- STS

    def caller_identity(self) -> Identity:
        """Who calls; also the cheapest proof that the credentials are right."""
        operation = "GetCallerIdentity"
        answer = self._calls.read(STS, operation, {})
        return Identity(
            account_id=text(answer, operation, "AccountId"),
            arn=text(answer, operation, "Arn"),
            identity_type=str(answer.get("IdentityType") or ""),
        )


# ------------------------------------------------------------ the API's forms


def _json(rules: Sequence[Rule]) -> str:
    return json.dumps(list(rules), ensure_ascii=False, separators=(",", ":"))


def _backup_policy(told: Answer) -> BackupPolicy:
    operation = "DescribePoliciesV2"
    return BackupPolicy(
        policy_id=text(told, operation, "PolicyId"),
        policy_name=_text(told, "PolicyName"),
        policy_description=_text(told, "PolicyDescription"),
        policy_type=_text(told, "PolicyType"),
        rules=tuple(parts({"Rules": told.get("Rules") or []}, operation, "Rules")),
        created_time=_number(told, operation, "CreatedTime"),
        updated_time=_number(told, operation, "UpdatedTime"),
        business_status=_text(told, "BusinessStatus"),
        policy_binding_count=_number(told, operation, "PolicyBindingCount"),
    )


def _policy(told: Answer) -> Policy:
    return Policy(
        policy_name=text(told, "GetPolicy", "PolicyName"),
        policy_type=_text(told, "PolicyType"),
        default_version=text(told, "GetPolicy", "DefaultVersion"),
        description=_text(told, "Description"),
        create_date=_text(told, "CreateDate"),
        update_date=_text(told, "UpdateDate"),
        attachment_count=_number(told, "GetPolicy", "AttachmentCount"),
    )


def _version(operation: str, told: Answer) -> PolicyVersion:
    return PolicyVersion(
        version_id=text(told, operation, "VersionId"),
        is_default_version=flag(told.get("IsDefaultVersion")),
        create_date=_text(told, "CreateDate"),
        policy_document=_text(told, "PolicyDocument") or None,
    )


def _version_name(version: PolicyVersion) -> str:
    """A number that is used again makes another name: the date tells the two apart."""
    return f"{version.version_id} of {version.create_date}"


def _text(told: Answer, name: str) -> str:
    value = told.get(name)
    return "" if value is None else str(value)


def _number(told: Answer, operation: str, name: str) -> int:
    try:
        return int(told.get(name) or 0)
    except (TypeError, ValueError):
        raise unreadable(operation, f"{name} is no number") from None
