"""What the state says beside what the cloud says, and both beside the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.cloud import CUSTOM, SYSTEM, Cloud
from constructs_lib.provider.pending_creates.matching import same_document
from tests.chaos.configuration import OWN, POLICIES
from tests.chaos.hcl import SYSTEM_POLICY, VAULT, describe, document

if TYPE_CHECKING:
    from tests.chaos.world import World

Attributes = dict[str, Any]


@frozen
class Verdict:
    """What is wrong after a plain apply: objects that the state has and the cloud has not (`lost`), that the
    cloud has and no state knows (`doubled`), and all that is not as configured (`differing`)."""

    lost: list[str] = field(factory=list)
    doubled: list[str] = field(factory=list)
    differing: list[str] = field(factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.differing)

    def __str__(self) -> str:
        reported = {"lost": self.lost, "doubled": self.doubled, "differing": self.differing}
        return "; ".join(f"{name}: {', '.join(each)}" for name, each in reported.items() if each) or "clean"


def compare(world: World) -> Verdict:
    """All six resources of a world."""
    verdict, resources = Verdict(), world.resources()
    vault_ids = _compare_vaults(verdict, world, _of_type(resources, "alipolicy_backup_vault"))
    _compare_backup_policies(verdict, world, _of_type(resources, "alipolicy_backup_policy"), vault_ids)
    _compare_bindings(verdict, world, _of_type(resources, "alipolicy_backup_policy_binding"))
    own = _compare_own_policy(verdict, world, _of_type(resources, "alipolicy_policy"))
    _compare_versions(verdict, world, _of_type(resources, "alipolicy_policy_version"), own)
    _compare_attachments(verdict, world, _of_type(resources, "alipolicy_policy_attachment"))
    return verdict


def version_dates(cloud: Cloud, name: str) -> dict[str, str]:
    """When each version of a RAM policy was created."""
    return {version.version_id: version.create_date for version in cloud.policy_versions(name) or []}


def _of_type(resources: Mapping[str, Attributes], type_name: str) -> dict[str, Attributes]:
    return {at: resource for at, resource in resources.items() if at.startswith(f"{type_name}.")}


def _places(world: World, known: Mapping[str, Attributes]) -> Iterator[tuple[Cloud, dict[str, Attributes]]]:
    """Each place, and the resources that have to be there."""
    for cloud in world.clouds.values():
        yield cloud, {at: known[at] for at in known if world.cloud_of(_label(at)) is cloud}


def _accounts(world: World, known: Mapping[str, Attributes]) -> Iterator[tuple[Cloud, dict[str, Attributes]]]:
    """Each account, which RAM serves for all regions, and the resources that have to be there."""
    clouds = {account: cloud for (account, _), cloud in world.clouds.items()}
    for account, cloud in clouds.items():
        yield cloud, {at: known[at] for at in known if world.place_of(_label(at))[0] == account}


def _label(address: str) -> str:
    """Such as `equals` of `alipolicy_backup_policy.equals[0]`."""
    return address.partition(".")[2].partition("[")[0]


# ------------------------------------------------------------ Cloud Backup


def _compare_vaults(verdict: Verdict, world: World, known: Mapping[str, Attributes]) -> dict[str, str]:
    """The id of each vault of the state, by its address."""
    wanted = world.configuration.backup_vaults()
    _compare_addresses(verdict, wanted, known)
    for cloud, here in _places(world, known):
        there = {vault.vault_id: vault for vault in vaults.vaults(cloud)}
        _compare_ids(verdict, there, [resource["id"] for resource in here.values()])
        for address, resource in here.items():
            if (vault := there.get(resource["id"])) and address in wanted:
                found = vault.vault_storage_class, vault.description
                expected = wanted[address].storage_class, describe(wanted[address].description)
                if found != expected:
                    verdict.differing.append(f"{address} is {found} and not {expected}")
    return {address: resource["id"] for address, resource in known.items()}


def _compare_backup_policies(
    verdict: Verdict, world: World, known: Mapping[str, Attributes], vault_ids: Mapping[str, str]
) -> None:
    wanted = world.configuration.backup_policies()
    _compare_addresses(verdict, wanted, known)
    for cloud, here in _places(world, known):
        there = {policy.policy_id: policy for policy in cloud.backup_policies()}
        _compare_ids(verdict, there, [resource["id"] for resource in here.values()])
        for address, resource in here.items():
            if (policy := there.get(resource["id"])) and address in wanted:
                vault = vault_ids.get('alipolicy_backup_vault.one["a"]') if _label(address) == "one" else ""
                found = policy.rules[0]["VaultId"], policy.rules[1]["Retention"]
                if found != (vault or VAULT, wanted[address]):
                    expected = f"{wanted[address]} days in {vault or VAULT}"
                    verdict.differing.append(
                        f"{address} keeps {found[1]} days in {found[0]} and not {expected}"
                    )


def _compare_bindings(verdict: Verdict, world: World, known: Mapping[str, Attributes]) -> None:
    wanted = world.configuration.bindings()
    _compare_addresses(verdict, wanted, known)
    for cloud, here in _places(world, known):
        there = {str(bindings.key_of(each)): each for each in bindings.bindings(cloud)}
        _compare_ids(verdict, there, [resource["id"] for resource in here.values()])
        for address, resource in here.items():
            if (binding := there.get(resource["id"])) and address in wanted:
                found = binding.policy_binding_description
                if found != describe(wanted[address]):
                    verdict.differing.append(f"{address} is {found!r} and not {describe(wanted[address])!r}")


# ------------------------------------------------------------ RAM


def _compare_own_policy(verdict: Verdict, world: World, known: Mapping[str, Attributes]) -> Attributes | None:
    """The policy that the configuration makes, as the state has it."""
    own = world.configuration.own
    _compare_addresses(verdict, ["alipolicy_policy.own"] * bool(own.document), known)
    for cloud, here in _accounts(world, known):
        there = {policy.policy_name: policy for policy in ram_policies.list_policies(cloud, CUSTOM, {})}
        made = [name for name in there if name not in POLICIES]
        _compare_ids(verdict, made, [resource["policy_name"] for resource in here.values()])
        for name in made:
            if there[name].description != describe(own.description):
                verdict.differing.append(f"policy {name} is {there[name].description!r}")
    return known.get("alipolicy_policy.own")


def _compare_versions(
    verdict: Verdict, world: World, known: Mapping[str, Attributes], own: Attributes | None
) -> None:
    wanted = world.configuration.policy_versions()
    _compare_addresses(verdict, wanted, known)
    for name in (*POLICIES, OWN):
        cloud = world.cloud_of(name)
        there, foreign = version_dates(cloud, name), world.foreign.get(name, {})
        mine = [resource for resource in known.values() if resource["policy_name"] == name]
        if name == OWN and own is not None:
            mine.append(own)
        current = [resource["version_id"] for resource in mine]
        older = {key for each in mine for key, date in each["made"].items() if there.get(key) == date}
        others = {key for key, date in foreign.items() if there.get(key) == date}
        expected = [*current, *sorted((older | others) - set(current))]
        _compare_ids(
            verdict,
            [f"{name}:{version_id}" for version_id in there],
            [f"{name}:{version_id}" for version_id in expected],
        )
        if there:
            _compare_default(verdict, world, name)
    for address, resource in known.items():
        name = resource["policy_name"]
        reported = world.cloud_of(name).policy_version(name, resource["version_id"])
        if (
            reported
            and address in wanted
            and not same_document(document(wanted[address]), reported.policy_document)
        ):
            verdict.differing.append(f"{address} has another document")


def _compare_default(verdict: Verdict, world: World, name: str) -> None:
    cloud, wanted = world.cloud_of(name), world.configuration.versions[name].default
    if name == OWN:
        wanted = wanted or world.configuration.own.document
    versions = cloud.policy_versions(name)
    [default] = [version.version_id for version in versions or [] if version.is_default_version]
    if wanted:
        version = cloud.policy_version(name, default)
        is_right = version is not None and same_document(document(wanted), version.policy_document)
    else:
        is_right = default == list(world.foreign.get(name, {"": ""}))[-1]
    if not is_right:
        verdict.differing.append(f"of {name}, {default} is the default and not document {wanted}")


def _compare_attachments(verdict: Verdict, world: World, known: Mapping[str, Attributes]) -> None:
    _compare_addresses(verdict, world.configuration.attachments(), known)
    for cloud, here in _accounts(world, known):
        there = {
            ram_policies.Attachment(policy_type, name, holder).id
            for policy_type, name in (*((CUSTOM, name) for name in (*POLICIES, OWN)), (SYSTEM, SYSTEM_POLICY))
            for holder in ram_policies.holders(cloud, name, policy_type)
        }
        _compare_ids(verdict, there, [resource["id"] for resource in here.values()])


# ------------------------------------------------------------ both


def _compare_ids(verdict: Verdict, there: Iterable[str], known: Iterable[str]) -> None:
    there, known = list(there), list(known)
    verdict.lost.extend(sorted(set(known) - set(there)))
    verdict.doubled.extend(sorted(set(there) - set(known)))
    verdict.differing.extend(
        f"{each} is there for two" for each in sorted({x for x in known if known.count(x) > 1})
    )


def _compare_addresses(verdict: Verdict, wanted: Iterable[str], known: Iterable[str]) -> None:
    wanted, known = set(wanted), set(known)
    verdict.differing.extend(f"{address} is in no state" for address in sorted(wanted - known))
    verdict.differing.extend(f"{address} is still in the state" for address in sorted(known - wanted))
