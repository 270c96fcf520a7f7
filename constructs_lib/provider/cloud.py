"""The cloud as the resources need it: typed calls to Cloud Backup (HBR), RAM and STS; nothing of Terraform.

    cloud = Cloud(Configuration.read(arguments, os.environ, Path.home()))
    created = cloud.during(Pace(deadline=…, stopping=…)).create_backup_policy("daily", rules=[…])

Sources: Cloud Backup, API version 2017-09-08; RAM, API version 2015-05-01; STS, API version 2015-04-01.
Rules travel as the API spells them (`{"RuleType": "BACKUP", …}`), documents as JSON text.

Every method raises `CloudError`; what is not there is None, and deleting it succeeds. Changes other than
creates may be carried out twice without harm, so they are simply repeated; creates see `create_once`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.provider import errors
from constructs_lib.provider.api_client import (
    CHANGE_TIME,
    HBR,
    RAM,
    ApiResponse,
    Calls,
    Hide,
    Pace,
    part,
    parts,
    text,
    unreadable,
)
from constructs_lib.provider.api_models import (
    ApiRule,
    RemoteBackupPolicy,
    RemotePolicyVersion,
    backup_policy_of,
    version_name,
    version_of,
)
from constructs_lib.provider.configuration import Configuration
from constructs_lib.provider.errors import CloudError
from constructs_lib.provider.pending_creates import (
    Created,
    CreateOnce,
    Creator,
    Journal,
    Scope,
    backup_policy_request,
    is_young,
    same_document,
    same_rules,
    version_request,
)
from constructs_lib.provider.plan_claims import PlanClaims

# Operations that the journal knows.
CREATE_POLICY, CREATE_VERSION, SET_DEFAULT = (
    "CreatePolicyV2",
    "CreatePolicyVersion",
    "SetDefaultPolicyVersion",
)
CREATE_VAULT, CREATE_REPLICATION_VAULT = "CreateVault", "CreateReplicationVault"
HBR_CREATES = (CREATE_POLICY, CREATE_VAULT, CREATE_REPLICATION_VAULT)
CUSTOM, SYSTEM = "Custom", "System"
STANDARD = "STANDARD"
PAGE = 100
# So many policies nobody has: a NextToken that leads this far leads in a circle.
MAX_PAGES = 1000
# How long a new object may take to be visible everywhere (seconds); never seen longer than a moment.
SETTLE = 10.0
# How old a list of versions may be that a plan or a refresh shows (seconds): the resources of one policy are
# read at about the same time.
RECENT = 2.0
# So many backup policies a process looks up one by one; from then on a page of 100 costs less.
FEW = 10
_LISTED = "listed backup policies"


@frozen
class Cloud:
    """One account in one region. May be used by many threads.

    * `calls`: for what stands in modules of its own, such as `vaults`.
    * `settle`: how long to look for an object whose creation got no answer before it counts as not created,
      and for a new object to become visible (seconds).
    * `region`: where its backup policies are.
    * `claims`: which resources ask for the default version of a policy, or make the same attachment.
    """

    calls: Calls
    creates: CreateOnce = field(factory=CreateOnce, repr=False)
    settle: float = SETTLE
    region: str = ""
    claims: PlanClaims = field(factory=PlanClaims, repr=False)

    @classmethod
    def of(
        cls,
        configuration: Configuration,
        *,
        pace: Pace | None = None,
        settle: float = SETTLE,
        hide: Hide = lambda _: None,
        journal: Journal | None = None,
        makes_one_plan: bool = True,
    ) -> Cloud:
        """`hide`: gets all that logs must not show, now and with each new session of a role. `journal`: of
        creates; left out, there is one for this process alone. `makes_one_plan`: whether all that is planned
        belongs to one plan."""
        calls, creates = Calls.of(configuration, pace or Pace(), hide), CreateOnce(journal)
        claims = PlanClaims(creates.journal.plan_messages, makes_one_plan=makes_one_plan)
        return cls(calls, creates, settle, configuration.region, claims)

    def during(self, pace: Pace) -> Cloud:
        """The same cloud, for one operation that has so much time."""
        return evolve(self, calls=self.calls.during(pace))

    def account_id(self) -> str:
        """The account; empty where STS cannot be reached."""
        return self.creates.account_of(self.calls)

    def scope(self, operation: str) -> Scope:
        """Where what an operation makes is, for the journal."""
        return self.creates.scope(HBR if operation in HBR_CREATES else RAM, self.calls)

    # -- Cloud Backup

    def create_backup_policy(
        self,
        policy_name: str | None,
        *,
        policy_description: str | None = None,
        policy_type: str | None = None,
        rules: Sequence[ApiRule] = (),
    ) -> Created[str]:
        """Create a policy, once, and return its id. Without a name, none is sent.

        Where the answer is lost, a policy that was not there before, with these rules and with this name and
        type where they are given, is taken for it. CloudError `CreateAmbiguous`: there are several.
        """
        parameters = {
            "PolicyName": policy_name or None,
            "PolicyDescription": policy_description,
            "PolicyType": policy_type,
            "Rules": _json(rules),
        }

        def create() -> str:
            return text(self.calls.once(HBR, CREATE_POLICY, parameters), CREATE_POLICY, "PolicyId")

        def find_same(began: float, ends: float) -> list[str]:
            return [
                policy.policy_id
                for policy in self.backup_policies()
                if self._may_be_called(policy.policy_name, policy_name)
                and policy.policy_type == (policy_type or policy.policy_type)
                and is_young(policy.created_time, began, ends)
                and same_rules(rules, policy.rules)
            ]

        creator = Creator(
            api=HBR,
            operation=CREATE_POLICY,
            subject=policy_name or "",
            request=backup_policy_request(policy_name, policy_description, policy_type, rules),
            what=f"the backup policy {policy_name!r}" if policy_name else "the backup policy without a name",
            create=create,
            find_same=find_same,
            list_names=self._backup_policy_ids,
            name_of=str,
        )
        return self.creates.create(creator, ("backup policy", policy_name or ""), self.calls, self.settle)

    def _may_be_called(self, name: str, asked_for: str | None) -> bool:
        """Whether a create that asked for a name may have made a policy with this one. Without a name, the
        service may give one: any that is no other create's."""
        if asked_for:
            return name == asked_for
        return not name or not self.creates.knows(("backup policy", name))

    def _backup_policy_ids(self) -> frozenset[str]:
        def list_ids() -> frozenset[str]:
            return frozenset(policy.policy_id for policy in self.backup_policies())

        return self.creates.snapshot("backup policies", list_ids, self.calls.pace)

    def backup_policy(self, policy_id: str, *, is_new: bool = False) -> RemoteBackupPolicy | None:
        """The policy with this id. `is_new`: it may take up to `settle` seconds to become visible."""
        if not policy_id:
            raise ValueError("policy_id is empty: that would ask for all policies")
        for _ in self.tries(is_new):
            page, _ = self._page({"PolicyId": policy_id, "MaxResults": str(PAGE)})
            if found := [policy for policy in page if policy.policy_id == policy_id]:
                return found[0]
        return None

    def recent_backup_policy(self, policy_id: str, *, is_new: bool = False) -> RemoteBackupPolicy | None:
        """The policy as it was a moment ago: one list serves many. What is not in it is looked up."""

        def read() -> dict[str, RemoteBackupPolicy]:
            return {policy.policy_id: policy for policy in self.each_backup_policy()}

        listed: dict[str, RemoteBackupPolicy] = {}
        if next(self.creates.lookups) >= FEW:
            listed = self.creates.snapshot(_LISTED, read, self.calls.pace, RECENT)
        return listed.get(policy_id) or self.backup_policy(policy_id, is_new=is_new)

    def backup_policies(self) -> list[RemoteBackupPolicy]:
        """All policies of the region."""
        return list(self.each_backup_policy())

    def each_backup_policy(self) -> Iterator[RemoteBackupPolicy]:
        """The same; a page is asked for when its first policy is."""
        seen: set[str] = set()
        token = ""
        for _ in range(MAX_PAGES):
            page, token = self._page({"MaxResults": str(PAGE), "NextToken": token or None})
            for policy in page:
                if policy.policy_id not in seen:
                    seen.add(policy.policy_id)
                    yield policy
            if not token:
                return
        raise unreadable("DescribePoliciesV2", f"there are more than {MAX_PAGES} pages")

    def _page(self, parameters: Mapping[str, str | None]) -> tuple[list[RemoteBackupPolicy], str]:
        answer = self.calls.read(HBR, "DescribePoliciesV2", parameters)
        page = [backup_policy_of(policy) for policy in parts(answer, "DescribePoliciesV2", "Policies")]
        return page, str(answer.get("NextToken") or "")

    def update_backup_policy(
        self,
        policy_id: str,
        *,
        policy_name: str | None = None,
        policy_description: str | None = None,
        rules: Sequence[ApiRule] | None = None,
    ) -> None:
        """Change what is given; `rules` replaces the whole list. A rule without RuleId may get a new one.

        Returns when a new name or description is seen, or after `settle` seconds.
        """
        parameters = {
            "PolicyId": policy_id,
            "PolicyName": policy_name,
            "PolicyDescription": policy_description,
            "Rules": None if rules is None else _json(rules),
        }
        self.calls.change(HBR, "UpdatePolicyV2", parameters)
        self.creates.forget(_LISTED)

        # uncertain: whether an empty text clears anything. It is not waited for.
        given = {"policy_name": policy_name, "policy_description": policy_description}
        wanted = {name: text for name, text in given.items() if text}

        def is_seen(cloud: Cloud) -> bool:
            policy = cloud.backup_policy(policy_id)
            return policy is not None and all(getattr(policy, name) == wanted[name] for name in wanted)

        if wanted:
            self.wait_until(is_seen)

    def delete_backup_policy(self, policy_id: str, policy_type: str = "") -> None:
        """Delete the policy and detach it from its data sources; return when it is gone.

        The service deletes one of type UDM_ECS_ONLY some time after its answer. CloudError
        `DeleteTimedOut`: it is still there at the deadline.
        """
        try:
            self.calls.change(HBR, "DeletePolicyV2", {"PolicyId": policy_id})
        except CloudError as error:
            if not error.is_not_found:
                raise
        self.creates.forget(_LISTED)
        if policy_type != STANDARD:
            self._wait_until_gone(policy_id)

    def _wait_until_gone(self, policy_id: str) -> None:
        pace, attempt = self.calls.pace, 0
        until = pace.until(CHANGE_TIME)
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
        note: Mapping[str, Any] | None = None,
    ) -> Created[RemotePolicyVersion]:
        """Create a version of a custom policy, once. `note`: see `CreateOnce.create`.

        Where the answer is lost, a version that was not there before with the same document (order and
        formatting do not count) is taken for it. CloudError `CreateAmbiguous`: there are several.
        """
        parameters = {
            "PolicyName": policy_name,
            "PolicyDocument": policy_document,
            "SetAsDefault": "true" if set_as_default else "false",
            "RotateStrategy": rotate_strategy or None,
        }

        def create() -> RemotePolicyVersion:
            answer = self.calls.once(RAM, CREATE_VERSION, parameters)
            version = version_of(CREATE_VERSION, part(answer, CREATE_VERSION, "PolicyVersion"))
            return evolve(version, policy_document=policy_document)

        def find_same(began: float, ends: float) -> list[RemotePolicyVersion]:
            # v1 comes with its policy, never from CreatePolicyVersion.
            young = [
                self.with_document(policy_name, version)
                for version in self.existing_versions(policy_name)
                if is_young(version.create_date, began, ends) and version.version_id != "v1"
            ]
            return [version for version in young if same_document(policy_document, version.policy_document)]

        def name_of(version: RemotePolicyVersion) -> str:
            return version_name(policy_name, version.version_id, version.create_date)

        creator = Creator(
            api=RAM,
            operation=CREATE_VERSION,
            subject=policy_name,
            request=version_request(policy_name, policy_document),
            what=f"the version of policy {policy_name!r}",
            create=create,
            find_same=find_same,
            list_names=lambda: frozenset(map(name_of, self.recent_versions(policy_name))),
            name_of=name_of,
        )
        return self.creates.create(creator, ("policy", policy_name), self.calls, self.settle, note)

    def alone_with(self, policy_name: str) -> AbstractContextManager[None]:
        """Meanwhile nobody else in this process makes a version of the policy, or is alone with it."""
        pace, not_begun = self.calls.pace, f"Policy {policy_name!r} was not changed."
        return self.creates.exclusive(
            ("policy", policy_name), pace, pace.until(CHANGE_TIME), SET_DEFAULT, not_begun
        )

    def existing_versions(self, policy_name: str, *, with_new: str = "") -> list[RemotePolicyVersion]:
        """The versions; none where the policy is not there, which may be because it is so new. `with_new`:
        the id of a new one, which may take up to `settle` seconds to be among them."""
        versions: list[RemotePolicyVersion] = []
        for _ in self.tries(bool(with_new)):
            versions = self.policy_versions(policy_name) or []
            if any(version.version_id == with_new for version in versions):
                break
        return versions

    def recent_versions(self, policy_name: str) -> list[RemotePolicyVersion]:
        """The versions as they were a moment ago: one list for all resources of the policy."""
        kind, pace = ("policy", policy_name), self.calls.pace
        return self.creates.snapshot(kind, lambda: self.existing_versions(policy_name), pace, RECENT)

    def with_document(
        self, policy_name: str, version: RemotePolicyVersion, policy_type: str = CUSTOM
    ) -> RemotePolicyVersion:
        """The version with its document; as it is where it has gone meanwhile."""
        if version.policy_document is not None:
            return version
        return self.policy_version(policy_name, version.version_id, policy_type) or version

    def policy_version(
        self, policy_name: str, version_id: str, policy_type: str = CUSTOM
    ) -> RemotePolicyVersion | None:
        """One version with its document; None where the version or the policy is not there."""
        operation = "GetPolicyVersion"
        given = {"PolicyName": policy_name, "PolicyType": policy_type, "VersionId": version_id}
        answer = self.read_ram(operation, **given)
        return version_of(operation, part(answer, operation, "PolicyVersion")) if answer else None

    def policy_versions(
        self, policy_name: str, policy_type: str = CUSTOM
    ) -> list[RemotePolicyVersion] | None:
        """All versions, at most 5, the oldest first; None where the policy is not there.

        The documents may be missing: ask `policy_version` for them.
        """
        operation = "ListPolicyVersions"
        answer = self.read_ram(operation, PolicyName=policy_name, PolicyType=policy_type)
        if answer is None:
            return None
        listed = parts(part(answer, operation, "PolicyVersions"), operation, "PolicyVersion")
        versions = [version_of(operation, version) for version in listed]
        return sorted(versions, key=lambda version: (len(version.version_id), version.version_id))

    def set_default_policy_version(self, policy_name: str, version_id: str, *, wait: bool = True) -> None:
        """Make this version the default one, which takes effect for all that the policy is attached to.

        Returns when that is seen, or after `settle` seconds; where nobody is to wait, at once.
        """
        parameters = {"PolicyName": policy_name, "VersionId": version_id}
        self.calls.change(RAM, SET_DEFAULT, parameters)
        self.creates.forget(("policy", policy_name))

        def is_seen(cloud: Cloud) -> bool:
            version = cloud.policy_version(policy_name, version_id)
            return version is not None and version.is_default_version

        if wait:
            self.wait_until(is_seen)

    def delete_policy_version(self, policy_name: str, version_id: str) -> None:
        """Delete this version. CloudError `DeleteConflict.Policy.Version.Default`: it is the default one.

        Where another version became the default a moment ago, not all of RAM may know it yet: so that
        answer is believed only where it stays the same for `settle` seconds.
        """
        parameters = {"PolicyName": policy_name, "VersionId": version_id}

        for _ in self.tries():
            try:
                self.calls.change(RAM, "DeletePolicyVersion", parameters)
                self.creates.forget(("policy", policy_name))
                return
            except CloudError as error:
                if error.is_not_found:
                    return
                if not error.code.startswith(errors.IS_DEFAULT):
                    raise
                refused = error
        raise refused

    def read_ram(self, operation: str, **parameters: str) -> ApiResponse | None:
        """A call of RAM that changes nothing; None where what it asks for is not there."""
        try:
            return self.calls.read(RAM, operation, parameters)
        except CloudError as error:
            if not error.is_not_found:
                raise
            return None

    # -- what is not everywhere at once

    def tries(self, are_many: bool = True) -> Iterator[None]:
        """Tries, the first at once, the last after at most `settle` seconds; or one alone."""
        pace, attempt = self.calls.pace, 0
        until = min(pace.until(self.settle), pace.monotonic() + self.settle)
        while True:
            yield
            left = until - pace.monotonic()
            if not are_many or left <= 0 or pace.wait(min(pace.backoff(attempt) / 4, left), until + 1):
                return
            attempt += 1

    def wait_until(self, is_seen: Callable[[Cloud], bool]) -> None:
        """Wait up to `settle` seconds until a write is seen. It is done: nothing here may spoil it."""
        pace = self.calls.pace
        end = min(pace.until(self.settle), pace.monotonic() + self.settle)
        hurried = self.during(evolve(pace, deadline=end))
        with suppress(CloudError):
            any(is_seen(hurried) for _ in hurried.tries())


def _json(rules: Sequence[ApiRule]) -> str:
    return json.dumps(list(rules), ensure_ascii=False, separators=(",", ":"))
