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

    def is_same_resource(self, other: _DefaultClaim) -> bool:
        """Terraform plans what it replaces twice: as it was, and as a new one."""
        if self.own and other.own:
            return self.own == other.own
        return self.digest == other.digest and bool(self.digest or self.own or other.own)


class DefaultClaims:
    """What the plans of this process ask for. May be used by many threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._claims: dict[str, list[_DefaultClaim]] = {}

    def add(self, policy_name: str, own: str, digest: str) -> list[str]:
        """Record that a resource asks for the default version. Which others do: their versions as the journal
        names them, empty for a new one."""
        claim = _DefaultClaim(own, digest)
        with self._guard:
            claims = self._claims.setdefault(policy_name, [])
            same = [other for other in claims if claim.is_same_resource(other)]
            others = [other.own for other in claims if other not in same]
            if not own and any(other.own for other in same):
                return others  # its replacement: what is known of it says more
            self._claims[policy_name] = [other for other in claims if other not in same] + [claim]
            return others

    def drop(self, policy_name: str, own: str, digest: str) -> None:
        """The resource asks no more, or has it."""
        claim = _DefaultClaim(own, digest)
        with self._guard:
            claims = self._claims.get(policy_name, [])
            self._claims[policy_name] = [other for other in claims if not claim.is_same_resource(other)]
