"""What was found: each object with its attributes by the names of our provider, whoever told of it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from constructs_lib.findings import printable
from constructs_lib.tokens import Deferred


class AdoptError(Exception):
    """Nothing was written; the text says why, and what to do."""


class EstateKind(enum.StrEnum):
    """What can be adopted, as `--select type=…` calls it; in the order in which modules need each other."""

    VAULT = "vault"
    BACKUP_POLICY = "backup-policy"
    BINDING = "binding"
    POLICY = "policy"
    VERSION = "version"
    ATTACHMENT = "attachment"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    EstateKind.VAULT: "backup vault",
    EstateKind.BACKUP_POLICY: "backup policy",
    EstateKind.BINDING: "binding",
    EstateKind.POLICY: "policy",
    EstateKind.VERSION: "policy version",
    EstateKind.ATTACHMENT: "attachment",
}


class Reference(Deferred):
    """The id or the name of another object that is not known yet; the string is that object's address."""


@frozen(kw_only=True)
class EstateObject:
    """One object.

    * `id`: what our provider imports it by; empty where it does not exist yet.
    * `state`: its attributes, as our provider's resource has them after an import.
    * `address`: of the resource that it was read from; empty for what comes from an account.
    """

    kind: EstateKind
    id: str
    state: Mapping[str, Any] = field(repr=False)
    address: str = ""

    @property
    def key(self) -> tuple[EstateKind, str]:
        """What tells it from all others, in each run. A policy is its name, wherever it is read."""
        name = self.name if self.kind is EstateKind.POLICY else ""
        return self.kind, self.id or name or self.address

    @property
    def name(self) -> str:
        """What people call it."""
        has = self.state.get
        match self.kind:
            case EstateKind.VAULT:
                name = has("vault_name")
            case EstateKind.BINDING:
                name = f"{has('source_type')} {has('data_source_id')}"
            case EstateKind.VERSION:
                name = f"{has('policy_name')} {has('version_id') or ''}".strip()
            case EstateKind.ATTACHMENT:
                name = f"{has('policy_name')} {principal_of(self.state)[1]}"
            case _:
                name = has("policy_name")
        return str(name or "")

    def __str__(self) -> str:
        name = f' "{self.name}"' if self.name else ""
        place = self.id or self.address
        return printable(f"{self.kind.words}{name}" + (f" ({place})" if place != self.name else ""))


def principal_of(state: Mapping[str, Any]) -> tuple[str, str]:
    """Who has the policy of an attachment: `user`, `group` or `role`, and the name."""
    for kind in ("user", "group", "role"):
        if name := state.get(f"{kind}_name"):
            return kind, str(name)
    return "", ""


@frozen
class AdoptFinding:
    """Something that a person has to know, under a stable code.

    AD301: it is not in the code, but for a comment. AD302: a rule of its policy makes it, so that nobody has
    to. AD304: it is against the contract, which is acknowledged. AD305: the first apply writes something into
    the state that no import reads. AD306: the app makes it, so that nothing is written.
    """

    code: str
    subject: str
    message: str

    def __str__(self) -> str:
        return printable(f"{self.code} {self.subject}: {self.message}")


@frozen
class Estate:
    """All that was found. `region`: where its backups are; `account`: whose it is; empty where that is not
    known."""

    objects: tuple[EstateObject, ...]
    region: str = ""
    account: str = ""
    findings: tuple[AdoptFinding, ...] = ()

    @classmethod
    def of(
        cls,
        objects: Iterable[EstateObject],
        region: str = "",
        account: str = "",
        findings: Iterable[AdoptFinding] = (),
    ) -> Estate:
        """In an order that the same objects always have: those that others refer to come first."""
        kinds = list(EstateKind)
        ordered = sorted(objects, key=lambda each: (kinds.index(each.kind), each.name, each.key[1]))
        return cls(tuple(ordered), region, account, tuple(findings))
