"""What is in an account: read by the provider's own calls, and by those only that change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from attrs import asdict

from constructs_lib.adopt.estate import AdoptFinding, Estate, EstateKind, EstateObject
from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.api_models import RemoteBackupPolicy, RemoteBinding, RemoteVault
from constructs_lib.provider.backup_policy import from_api
from constructs_lib.provider.backup_policy_binding import options_to_state
from constructs_lib.provider.cloud import CUSTOM, SYSTEM, Cloud
from constructs_lib.provider.ram_policies import Attachment, RemotePolicy

# How many policies are read at a time.
AT_ONCE = 8
Track = Callable[[str, int, int], None]
"""Is told what is read, how many of it are done, and how many there are."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def read_account(
    cloud: Cloud, kinds: frozenset[EstateKind], track: Track, *, with_versions: bool = False
) -> Estate:
    """What of these kinds is in the account, and in the cloud's region. CloudError.

    `with_versions`: the versions beside the default one, too.
    """
    reader = _AccountReader(cloud, track)
    found: list[EstateObject] = []
    if EstateKind.VAULT in kinds:
        found += reader.vaults()
    if kinds & {EstateKind.BACKUP_POLICY, EstateKind.BINDING}:
        found += reader.backup_policies()
    if EstateKind.BINDING in kinds:
        found += reader.bindings()
    if kinds & {EstateKind.POLICY, EstateKind.VERSION, EstateKind.ATTACHMENT}:
        found += reader.policies(with_versions)
    return Estate.of(found, cloud.region, cloud.account_id(), reader.findings)


class _AccountReader:
    def __init__(self, cloud: Cloud, track: Track) -> None:
        self.cloud, self.track = cloud, track
        self.findings: list[AdoptFinding] = []

    # -- Cloud Backup

    def vaults(self) -> Iterator[EstateObject]:
        for vault in vaults.vaults(self.cloud):
            yield EstateObject(kind=EstateKind.VAULT, id=vault.vault_id, state=_vault_state(vault))

    def backup_policies(self) -> Iterator[EstateObject]:
        for policy in self.cloud.backup_policies():
            state = _backup_policy_state(policy)
            yield EstateObject(kind=EstateKind.BACKUP_POLICY, id=policy.policy_id, state=state)

    def bindings(self) -> Iterator[EstateObject]:
        for binding in bindings.bindings(self.cloud):
            key = str(bindings.key_of(binding))
            found = EstateObject(kind=EstateKind.BINDING, id=key, state=_binding_state(binding))
            if binding.created_by_tag:
                reason = "a TAG rule of the policy makes it, and takes it away again; there is no code for it"
                self.findings.append(AdoptFinding("AD302", str(found), reason))
            else:
                yield found

    # -- RAM

    def policies(self, with_versions: bool) -> Iterator[EstateObject]:
        listed = ram_policies.list_policies(self.cloud, None, {})
        own = [policy for policy in listed if policy.policy_type == CUSTOM]
        # Alibaba Cloud has over a thousand policies; of most of them an account uses none.
        used = [policy for policy in listed if policy.policy_type == SYSTEM and policy.attachment_count]
        for found in self._each("policies", own, lambda policy: self._policy(policy, with_versions)):
            yield from found
        for found in self._each("system policies", used, self._attachments):
            yield from found

    def _policy(self, listed: RemotePolicy, with_versions: bool) -> list[EstateObject]:
        name = listed.policy_name
        policy = ram_policies.find_policy(self.cloud, name)
        if policy is None or policy.version is None:  # it has gone meanwhile
            return []
        state = {
            "policy_name": name,
            "policy_document": policy.version.policy_document,
            "description": policy.description or None,
            "tags": dict(listed.tags) or None,
            "version_id": policy.default_version,
        }
        found = [EstateObject(kind=EstateKind.POLICY, id=name, state=state)]
        if with_versions:
            found += self._versions(name)
        return found + (self._attachments(policy) if policy.attachment_count else [])

    def _versions(self, name: str) -> Iterator[EstateObject]:
        for version in self.cloud.policy_versions(name) or ():
            if not version.is_default_version:
                complete = self.cloud.with_document(name, version)
                state = {
                    "policy_name": name,
                    "policy_document": complete.policy_document,
                    "set_as_default": False,
                    "version_id": version.version_id,
                }
                id_ = f"{name}:{version.version_id}"
                yield EstateObject(kind=EstateKind.VERSION, id=id_, state=state)

    def _attachments(self, policy: RemotePolicy) -> list[EstateObject]:
        name, policy_type = policy.policy_name, policy.policy_type
        found = []
        for principal in ram_policies.holders(self.cloud, name, policy_type):
            state = {
                "policy_name": name,
                "policy_type": policy_type,
                f"{principal.kind}_name": principal.name,
            }
            id_ = Attachment(policy_type, name, principal).id
            found.append(EstateObject(kind=EstateKind.ATTACHMENT, id=id_, state=state))
        return found

    def _each(self, what: str, items: Iterable[Item], read: Callable[[Item], Result]) -> Iterator[Result]:
        """What is read of each, in their order, several at a time."""
        listed = list(items)
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            for done, result in enumerate(pool.map(read, listed), 1):
                self.track(what, done, len(listed))
                yield result
        finally:
            pool.shutdown(cancel_futures=True)


# ------------------------------------------------------------ the mapping


def _vault_state(vault: RemoteVault) -> dict[str, Any]:
    given = asdict(vault, recurse=False)
    return {name: value or None for name, value in given.items()} | {"tags": dict(vault.tags) or None}


def _backup_policy_state(policy: RemoteBackupPolicy) -> dict[str, Any]:
    names = ("policy_name", "policy_type", "policy_description")
    rules = [from_api(rule, {}) for rule in policy.rules]
    return {name: getattr(policy, name) or None for name in names} | {"rules": rules}


def _binding_state(binding: RemoteBinding) -> dict[str, Any]:
    given = asdict(binding, recurse=False)
    options = options_to_state(binding.advanced_options, [])
    return {name: value or None for name, value in given.items()} | {"advanced_options": options}
