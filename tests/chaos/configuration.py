"""Small configurations, each made from the one before at random, and what they promise."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve, field, frozen

ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
# RAM policies that are there from the start, and how many versions of others each has. The newest of these
# is the default.
POLICIES = {"alone": 1, "equals": 1, "full": 5}


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


NO_VERSIONS = {name: Version() for name in POLICIES}


@frozen(kw_only=True)
class Configuration:
    """`one`: the retention of a single policy, 0 without it. `equals`: how many equal ones there are, by
    `count`. `named`: retentions by name, by `for_each`; all have one name in the cloud."""

    one: int = 0
    equals: int = 0
    equals_retention: int = 7
    named: dict[str, int] = field(factory=dict)
    versions: dict[str, Version] = field(factory=lambda: dict(NO_VERSIONS))

    def changed(self, chance: random.Random) -> Configuration:
        """One, two or three changes later."""
        after = self
        changes: list[Change] = [_one, _equals, _named, *(partial(_versions, name) for name in POLICIES)]
        for change in chance.sample(changes, chance.randint(1, 3)):
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

    def policy_versions(self) -> dict[str, str]:
        """The document of each version that has to be, by its address in the state."""
        return {
            f"alipolicy_policy_version.{name}[{at}]": document(version.document)
            for name, version in self.versions.items()
            for at in range(version.count)
        }

    def hcl(self, aliases: Mapping[str, str] | None = None) -> str:
        """`aliases`: by label of a resource, the alias of its provider."""
        provider = {label: f"provider = alipolicy.{alias}" for label, alias in (aliases or {}).items()}
        parts = []
        if self.one:
            parts.append(_backup_policy("one", "one", self.one, provider.get("one", "")))
        count = f"count = {self.equals}\n  {provider.get('equals', '')}"
        parts.append(_backup_policy("equals", "equal", self.equals_retention, count))
        pairs = ", ".join(f"{name} = {days}" for name, days in self.named.items())
        for_each = f"for_each = {{ {pairs} }}\n  {provider.get('named', '')}"
        parts.append(_backup_policy("named", "named", "each.value", for_each))
        versions = (
            _version(name, version, provider.get(name, "")) for name, version in self.versions.items()
        )
        return "\n".join([*parts, *versions])


Change = Callable[[Configuration, random.Random], Configuration]


def document(number: int) -> str:
    statement = {"Effect": "Allow", "Action": [f"oss:Get{number}"], "Resource": ["acs:oss:*:*:*"]}
    return json.dumps({"Version": "1", "Statement": [statement]})


def _backup_policy(label: str, name: str, retention: int | str, meta: str = "") -> str:
    return f"""resource "alipolicy_backup_policy" "{label}" {{
  {meta}
  policy_name        = "{name}"
  policy_description = "chaos"
  rules {{
    rule_type   = "BACKUP"
    backup_type = "COMPLETE"
    schedule    = "I|1648647166|P1D"
    vault_id    = "v-000one"
  }}
  rules {{
    rule_type = "TRANSITION"
    retention = {retention}
  }}
}}
"""


def _version(name: str, version: Version, provider: str) -> str:
    rotation = f'rotate_strategy = "{ROTATES}"' if name == "full" else ""
    return f"""resource "alipolicy_policy_version" "{name}" {{
  {provider}
  count           = {version.count}
  policy_name     = "{name}"
  set_as_default  = {str(version.is_default).lower()}
  policy_document = {json.dumps(document(version.document))}
  {rotation}
}}
"""


# ------------------------------------------------------------ one change


def _one(before: Configuration, chance: random.Random) -> Configuration:
    return evolve(before, one=chance.choice((0, chance.randint(1, 99), chance.randint(1, 99))))


def _equals(before: Configuration, chance: random.Random) -> Configuration:
    return evolve(
        before,
        equals=chance.randint(0, 3),
        equals_retention=chance.choice((before.equals_retention, chance.randint(1, 99))),
    )


def _named(before: Configuration, chance: random.Random) -> Configuration:
    names = chance.sample("abc", chance.randint(0, 3))
    return evolve(before, named={name: chance.choice((7, before.named.get(name, 30))) for name in names})


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
