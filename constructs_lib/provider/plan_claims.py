"""Which resources of a plan ask for the same, such as the default version of a policy: one of them may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from attrs import asdict

from constructs_lib.provider.pending_creates import Scope
from constructs_lib.provider.pending_creates.plan_messages import PlanMessages


class _DefaultClaim(NamedTuple):
    """* `own`: the resource's version as the journal names it; empty where it is new.
    * `digest`: of the version that it plans; empty while its document is not known.
    """

    own: str
    digest: str


class PlanClaims:
    """What the resources of this process ask for, and those of the others of its plan. May be used by many
    threads.

    * `messages`: between the processes of one plan.
    * `makes_one_plan`: whether all that is planned belongs to one plan; else nothing can be said of it.
    """

    def __init__(self, messages: PlanMessages | None = None, *, makes_one_plan: bool = True) -> None:
        self._messages, self._makes_one_plan = messages, makes_one_plan
        self._guard = threading.Lock()
        self._claims: dict[str, list[_DefaultClaim]] = {}
        self._taken_over: set[str] = set()

    def add(self, policy_name: str, own: str, digest: str, scope: Callable[[], Scope]) -> list[str]:
        """Record that a resource asks for the default version. Which others do: their versions as the journal
        names them, empty for a new one. `scope`: asked for only where there is another process, since it may
        take a call of the API."""
        if not self._makes_one_plan:
            return []
        with self._guard:
            claims = self._claims.setdefault(policy_name, [])
            others = [other for other in claims if not own or other.own != own]
            self._claims[policy_name] = [*others, _DefaultClaim(own, digest)]
            return [other.own for other in others] + self._add_elsewhere(policy_name, own, scope)

    def drop(self, policy_name: str, own: str, digest: str) -> None:
        """The resource asks no more, or has it."""
        with self._guard:
            claims = self._claims.get(policy_name, [])
            of_it = [other for other in claims if other.own == own and (own or other.digest == digest)]
            if of_it:
                claims.remove(of_it[0])

    def take_over(self, name: str) -> None:
        """A new resource has what was there before."""
        if self._makes_one_plan:
            self._taken_over.add(name)

    def is_taken_over(self, name: str) -> bool:
        """Whether a resource of this plan has it now, so that another that is destroyed leaves it there."""
        return name in self._taken_over

    def _add_elsewhere(self, policy_name: str, own: str, find_scope: Callable[[], Scope]) -> list[str]:
        """The same for the resources of other processes."""
        if self._messages is None or self._messages.is_alone:
            return []
        scope = find_scope()
        told = self._messages.exchange({"policy": policy_name, "own": own, "scope": asdict(scope)})
        # What is replaced is planned twice.
        others = dict.fromkeys(
            other["own"]
            for other in told
            if other["policy"] == policy_name and scope.matches(Scope(**other["scope"]))
        )
        return [other for other in others if not own or other != own]
