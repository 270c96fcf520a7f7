"""Small configurations, each made from the one before at random, and what they promise."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from attrs import evolve, field, frozen

ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
# RAM policies that are there from the start, and how many versions of others each has. The newest of these
# is the default.
POLICIES = {"alone": 1, "equals": 1, "full": 5}
# The RAM policy that a configuration makes itself, and who may get it. They are there from the start.
OWN = "own"
PRINCIPALS = {"user": "alice", "group": "admins", "role": "app"}


@frozen(kw_only=True)
class Version:
    """The version resources of one policy: `count` of them, all the same.

    `made`: how many versions they have made so far, since they were last destroyed. `default`: the document
    that has to be the default, and `defaults`: those that were before it; 0 is that of others.
    """

    count: int = 0
    document: int = 0
    is_default: bool = False
    created: int = 0
    default: int = 0
    defaults: tuple[int, ...] = ()

    def rewritten(self) -> Version:
        """A new document, the default if the resource is to be."""
        after = evolve(self, document=self.document + 1, created=self.created + self.count)
        return after.promoted() if self.is_default else after

    def promoted(self) -> Version:
        """The document becomes the default."""
        defaults = *(number for number in self.defaults if number != self.default), self.default
        return evolve(self, is_default=True, default=self.document, defaults=defaults)

    def demoted(self) -> Version:
        """The default goes back to the document that had it before."""
        back = next(number for number in reversed(self.defaults) if number != self.document)
        return evolve(self, is_default=False, default=back)


NO_VERSIONS = {name: Version() for name in (*POLICIES, OWN)}


@frozen(kw_only=True)
class Vault:
    """`storage_class`: another one makes another vault."""

    storage_class: str = "STANDARD"
    description: int = 1


@frozen(kw_only=True)
class OwnPolicy:
    """A RAM policy that the configuration makes; `document` is 0 without it. `attached`: to which kinds of
    principals."""

    document: int = 0
    description: int = 1
    attached: tuple[str, ...] = ()


@frozen(kw_only=True)
class Configuration:
    """What there has to be.

    * `one`: the retention of a single backup policy, 0 without it. `equals`: how many equal ones there are,
      by `count`. `named`: retentions by name, by `for_each`; all have one name in the cloud.
    * `vaults`: by name, by `for_each`; all have one name in the cloud. The policy `one` backs up into `a`.
    * `bound`: the buckets that `one` backs up, and the number in the description of each binding.
    * `versions`: by RAM policy; those of `own` may only be where that is.
    * `has_system_policy`: whether a role has one of Alibaba Cloud's policies.
    """

    one: int = 0
    equals: int = 0
    equals_retention: int = 7
    named: dict[str, int] = field(factory=dict)
    vaults: dict[str, Vault] = field(factory=dict)
    bound: dict[str, int] = field(factory=dict)
    versions: dict[str, Version] = field(factory=lambda: dict(NO_VERSIONS))
    own: OwnPolicy = OwnPolicy()
    has_system_policy: bool = False

    def changed(self, chance: random.Random) -> Configuration:
        """One to four changes later."""
        after = self
        changes: list[Change] = [
            *(_one, _equals, _named, _vaults, _bound, _own, _attached),
            *(partial(_versions, name) for name in POLICIES),
        ]
        for change in chance.sample(changes, chance.randint(1, 4)):
            after = change(after, chance)
        return after

    def backup_policies(self) -> dict[str, int]:
        """The retention of each backup policy that has to be, by its address in the state."""
        reported = {"alipolicy_backup_policy.one": self.one} if self.one else {}
        reported |= {
            f"alipolicy_backup_policy.equals[{at}]": self.equals_retention for at in range(self.equals)
        }
        return reported | {
            f'alipolicy_backup_policy.named["{name}"]': days for name, days in self.named.items()
        }

    def backup_vaults(self) -> dict[str, Vault]:
        """Each vault that has to be, by its address in the state."""
        return {f'alipolicy_backup_vault.one["{name}"]': vault for name, vault in self.vaults.items()}

    def bindings(self) -> dict[str, int]:
        """The number in the description of each binding that has to be, by its address in the state."""
        return {
            f'alipolicy_backup_policy_binding.one["{bucket}"]': number
            for bucket, number in self.bound.items()
        }

    def policy_versions(self) -> dict[str, int]:
        """The document of each version that has to be, by its address in the state."""
        return {
            f"alipolicy_policy_version.{name}[{at}]": version.document
            for name, version in self.versions.items()
            for at in range(version.count)
        }

    def attachments(self) -> list[str]:
        """The address in the state of each attachment that has to be."""
        own = [f'alipolicy_policy_attachment.own["{kind}"]' for kind in self.own.attached]
        return [*own, *["alipolicy_policy_attachment.system"] * self.has_system_policy]


Change = Callable[[Configuration, random.Random], Configuration]


# ------------------------------------------------------------ one change


def _one(before: Configuration, chance: random.Random) -> Configuration:
    retention = chance.choice((0, *(chance.randint(1, 99) for _ in range(3))))
    return evolve(before, one=retention, bound=before.bound if retention else {})


def _equals(before: Configuration, chance: random.Random) -> Configuration:
    return evolve(
        before,
        equals=chance.randint(0, 3),
        equals_retention=chance.choice((before.equals_retention, chance.randint(1, 99))),
    )


def _named(before: Configuration, chance: random.Random) -> Configuration:
    names = chance.sample("abc", chance.randint(0, 3))
    return evolve(before, named={name: chance.choice((7, before.named.get(name, 30))) for name in names})


def _vaults(before: Configuration, chance: random.Random) -> Configuration:
    vaults = {}
    for name in chance.sample("abc", chance.randint(0, 3)):
        vault = before.vaults.get(name, Vault())
        change = chance.choice(("none", "described", "described", "replaced"))
        if change == "described":
            vault = evolve(vault, description=vault.description + 1)
        elif change == "replaced":
            vault = evolve(vault, storage_class={"STANDARD": "IA", "IA": "STANDARD"}[vault.storage_class])
        vaults[name] = vault
    return evolve(before, vaults=vaults)


def _bound(before: Configuration, chance: random.Random) -> Configuration:
    buckets = chance.sample(("logs", "photos", "mail"), chance.randint(0, 3) if before.one else 0)
    return evolve(
        before, bound={bucket: before.bound.get(bucket, 0) + chance.randint(0, 1) for bucket in buckets}
    )


def _own(before: Configuration, chance: random.Random) -> Configuration:
    """The policy, or its version: a document changes only where the policy has no other version."""
    own, version = before.own, before.versions[OWN]
    change = chance.choice(("gone", "described", "rewritten", "version", "version", "version"))
    if not own.document:
        own = OwnPolicy(document=chance.randint(200, 209))
    elif change == "gone":
        own, version = OwnPolicy(), Version()
    elif change == "described":
        own = evolve(own, description=own.description + 1)
    elif change == "rewritten" and not version.count:
        own = evolve(own, document=own.document + 1)
    else:
        version = _changed_version(OWN, version, chance)
    return evolve(before, own=own, versions={**before.versions, OWN: version})


def _attached(before: Configuration, chance: random.Random) -> Configuration:
    after = evolve(before, has_system_policy=chance.random() < 0.5)
    if not before.own.document:
        return after
    kinds = sorted(chance.sample(list(PRINCIPALS), chance.randint(0, 3)))
    return evolve(after, own=evolve(before.own, attached=tuple(kinds)))


def _versions(name: str, before: Configuration, chance: random.Random) -> Configuration:
    after = _changed_version(name, before.versions[name], chance)
    return evolve(before, versions={**before.versions, name: after})


def _changed_version(name: str, before: Version, chance: random.Random) -> Version:
    """Within what a policy holds: beside one version of others there is room for four of ours, and of the
    five of others the default one must not be the next to make room.

    A new document that is only staged leaves the old one the default, so that does not change at once.
    """
    is_alone = name != "equals"
    if not before.count:
        count = 1 if is_alone else chance.randint(1, 3)
        created = Version(count=count, document=chance.randint(1, 9), created=count, defaults=(0,))
        return created.promoted() if is_alone and chance.random() < 0.5 else created
    change = chance.choice(("gone", "rewritten", "promoted", "switched" if is_alone else "resized"))
    after = Version() if change == "gone" else before
    if change in ("rewritten", "promoted"):
        after = evolve(
            before, is_default=before.is_default or (is_alone and change == "promoted")
        ).rewritten()
    if is_alone and change == "switched":
        after = before.demoted() if before.is_default else before.promoted()
    if change == "resized":
        count = chance.randint(1, 3)
        after = evolve(after, count=count, created=before.created + max(0, count - before.count))
    return after if after.created <= (3 if name == "full" else 4) else Version()
