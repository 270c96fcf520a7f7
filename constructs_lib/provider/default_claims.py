"""Which resources of a run ask for the default version of a policy: one of them may."""

from __future__ import annotations

import threading
from typing import NamedTuple


class _DefaultClaim(NamedTuple):
    """* `own`: the resource's version as the journal names it; empty where it is new.
    * `digest`: of the version that it plans; empty while its document is not known.
    """

    own: str
    digest: str


class DefaultClaims:
    """What the plans of this process ask for. May be used by many threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._claims: dict[str, list[_DefaultClaim]] = {}

    def add(self, policy_name: str, own: str, digest: str) -> list[str]:
        """Record that a resource asks for the default version. Which others do: their versions as the journal
        names them, empty for a new one."""
        with self._guard:
            claims = self._claims.setdefault(policy_name, [])
            others = [other for other in claims if not own or other.own != own]
            self._claims[policy_name] = [*others, _DefaultClaim(own, digest)]
            return [other.own for other in others]

    def drop(self, policy_name: str, own: str, digest: str) -> None:
        """The resource asks no more, or has it."""
        with self._guard:
            claims = self._claims.get(policy_name, [])
            of_it = [other for other in claims if other.own == own and (own or other.digest == digest)]
            if of_it:
                claims.remove(of_it[0])
