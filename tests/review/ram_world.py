"""A small RAM with a small Terraform over it: what takes effect after an apply, found by carrying it out.

It knows nothing of the review and of the provider's code: only what their pages say. A document is a set of
actions. Each operation of an apply may come before or after any other; what is true of one order only is not
certain.
"""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from attrs import define, field, frozen

Document = frozenset[str]
Json = dict[str, Any]
MOST = 5
OURS, WHOLE = "alipolicy_policy_version", "alicloud_ram_policy"
ROTATES = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


class RefusedError(Exception):
    """RAM or the provider refuses an operation: the apply fails."""


@frozen
class Wanted:
    """A resource as its configuration says."""

    type: str
    policy: str
    document: Document
    is_default: bool = False
    rotates: bool = True
    ignores_document: bool = False


@define
class Deployed:
    """A resource as the state has it; `created` and `defaults` are what the provider remembers."""

    wanted: Wanted
    version: str = ""
    created: set[str] = field(factory=set)
    defaults: list[str] = field(factory=list)


@define
class Policy:
    """`versions`: documents by id, the oldest first; `last`: the number of the newest one there ever was."""

    versions: dict[str, Document] = field(factory=dict)
    default: str = ""
    last: int = 0

    def create(self, document: Document, *, is_default: bool, rotates: bool) -> str:
        if len(self.versions) >= MOST:
            if not rotates:
                raise RefusedError("LimitExceeded")
            del self.versions[next(name for name in self.versions if name != self.default)]
        self.last += 1
        name = f"v{self.last}"
        self.versions[name] = document
        if is_default or not self.default:
            self.default = name
        return name

    def switch(self, name: str) -> None:
        if name not in self.versions:
            raise RefusedError("EntityNotExist")
        self.default = name

    def delete(self, name: str) -> None:
        if name == self.default:
            raise RefusedError("DeleteConflict")
        self.versions.pop(name, None)


@define
class World:
    """Everything: the policies by name, and Terraform's state by address."""

    policies: dict[str, Policy] = field(factory=dict)
    state: dict[str, Deployed] = field(factory=dict)

    def takes_effect(self) -> dict[str, Document]:
        return {name: policy.versions[policy.default] for name, policy in self.policies.items()}

    def refresh(self) -> None:
        """Terraform looks: what is gone leaves the state."""
        for address, deployed in list(self.state.items()):
            policy = self.policies.get(deployed.wanted.policy)
            if policy is None or (deployed.wanted.type == OURS and deployed.version not in policy.versions):
                del self.state[address]

    # -- what the provider finds

    def is_default(self, deployed: Deployed) -> bool:
        return self.policies[deployed.wanted.policy].default == deployed.version

    def fallback(self, deployed: Deployed, leaving: set[str]) -> str | None:
        """The last version that was the default, of those that are there and stay."""
        there = self.policies[deployed.wanted.policy].versions
        chain = self._earlier(deployed, frozenset())
        return next((name for name in reversed(chain) if name in there and name not in leaving), None)

    def _earlier(self, deployed: Deployed, seen: frozenset[str]) -> list[str]:
        """The defaults that it knows, each after those that the resource of that version knows."""
        chain: list[str] = []
        for name in deployed.defaults:
            for other in self.state.values():
                is_its = other.wanted.policy == deployed.wanted.policy and other.version == name
                if is_its and name not in seen and other is not deployed:
                    chain += [
                        each
                        for each in self._earlier(other, seen | {name})
                        if each not in deployed.defaults and each not in chain
                    ]
            chain.append(name)
        return chain

    # -- an apply

    def steps(self, address: str, new: Wanted | None) -> list[str]:
        """What a plan wants of a resource."""
        old = self.state.get(address)
        if old is None:
            return ["create"]
        if new is None:
            return ["destroy"]
        if (old.wanted.type, old.wanted.policy) != (new.type, new.policy):
            return ["destroy", "create"]
        policy = self.policies[new.policy]
        if new.type == WHOLE:
            is_same = new.ignores_document or policy.versions[policy.default] == new.document
        else:
            is_same = (old.wanted.document, self.is_default(old)) == (new.document, new.is_default)
        return [] if is_same else ["update"]

    def apply(self, wanted: dict[str, Wanted], order: random.Random) -> World:
        """The world after Terraform has made it so, in some order. RefusedError: it stops half-way."""
        after = copy.deepcopy(self)
        pending = [
            (address, step)
            for address in {**after.state, **wanted}
            for step in self.steps(address, wanted.get(address))
        ]
        while pending:
            ready = [entry for entry in pending if after.may_go(entry, pending, wanted)]
            entry = order.choice(ready or pending)
            pending.remove(entry)
            getattr(after, f"_{entry[1]}")(entry[0], wanted.get(entry[0]))
        return after

    def may_go(
        self, entry: tuple[str, str], pending: list[tuple[str, str]], wanted: dict[str, Wanted]
    ) -> bool:
        """Whether nothing that it depends on is pending: the policy of a version; what makes way for it."""
        address, step = entry
        if step == "create" and (address, "destroy") in pending:
            return False
        here = wanted[address] if step != "destroy" else self.state[address].wanted
        for other, what in pending:
            there = wanted[other] if what != "destroy" else self.state[other].wanted
            if (other, what) == entry or there.policy != here.policy:
                continue
            if step == "create" and here.type == OURS and there.type == WHOLE and what == "create":
                return False
            if step == "destroy" and here.type == WHOLE and there.type == OURS and what == "destroy":
                return False
        return True

    def _create(self, address: str, wanted: Wanted | None) -> None:
        assert wanted is not None
        deployed = Deployed(wanted)
        if wanted.type == WHOLE:
            if wanted.policy in self.policies:
                raise RefusedError("EntityAlreadyExists")
            self.policies[wanted.policy] = Policy()
            self.policies[wanted.policy].create(wanted.document, is_default=True, rotates=False)
        else:
            self._create_version(deployed, wanted)
        self.state[address] = deployed

    def _create_version(self, deployed: Deployed, wanted: Wanted) -> None:
        policy = self.policies.get(wanted.policy)
        if policy is None:
            raise RefusedError("EntityNotExist")
        if wanted.is_default or not deployed.version:
            self._remember(deployed, policy.default)
        rotates, is_default = wanted.rotates, wanted.is_default
        deployed.version = policy.create(wanted.document, is_default=is_default, rotates=rotates)
        deployed.created.add(deployed.version)
        deployed.wanted = wanted

    def _remember(self, deployed: Deployed, name: str) -> None:
        deployed.defaults = [*(each for each in deployed.defaults if each != name), name]

    def _update(self, address: str, wanted: Wanted | None) -> None:
        assert wanted is not None
        deployed, policy = self.state[address], self.policies.get(wanted.policy)
        if policy is None:
            raise RefusedError("EntityNotExist")
        if wanted.type == WHOLE:
            policy.create(wanted.document, is_default=True, rotates=wanted.rotates)
        elif deployed.wanted.document != wanted.document:
            self._create_version(deployed, wanted)
        elif wanted.is_default:
            if not self.is_default(deployed):
                self._remember(deployed, policy.default)
            policy.switch(deployed.version)
        elif self.is_default(deployed):
            fallback = self.fallback(deployed, {deployed.version})
            if fallback is None:
                raise RefusedError("no version to fall back to")
            policy.switch(fallback)
        deployed.wanted = wanted

    def _destroy(self, address: str, _: Wanted | None) -> None:
        deployed = self.state[address]
        policy = self.policies.get(deployed.wanted.policy)
        if policy is not None and deployed.wanted.type == WHOLE:
            del self.policies[deployed.wanted.policy]
        elif policy is not None:
            going = {name for name in deployed.created if name in policy.versions}
            if policy.default in going:
                fallback = self.fallback(deployed, going)
                if fallback is None:
                    raise RefusedError("no version to fall back to")
                policy.switch(fallback)
            for name in going:
                policy.delete(name)
        del self.state[address]


# ------------------------------------------------------------ as Terraform prints it


def document(actions: Document) -> str:
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return json.dumps({"Version": "1", "Statement": [statement] if actions else []})


def configuration(wanted: dict[str, Wanted]) -> Json:
    found: Json = {}
    for address, resource in wanted.items():
        body = _body(resource)
        if resource.type == OURS:
            body["set_as_default"] = resource.is_default
        elif resource.ignores_document:
            body["lifecycle"] = {"ignore_changes": ["policy_document"]}
        kind, name = address.split(".")
        found.setdefault(kind, {})[name] = body
    return {"resource": found}


def _body(resource: Wanted) -> Json:
    return {
        "policy_name": resource.policy,
        "policy_document": document(resource.document),
        "rotate_strategy": ROTATES if resource.rotates else "None",
    }


def plan(world: World, wanted: dict[str, Wanted], *, has_attributes: bool, listed: set[str]) -> Json:
    """What `terraform show -json` prints of a plan. `listed`: policies whose versions a data source reads."""
    changes = []
    for address in sorted({**world.state, **wanted}):
        old, new = world.state.get(address), wanted.get(address)
        before = None if old is None else _before(world, old, has_attributes=has_attributes)
        after = None if new is None else _after(world, old, new, before)
        names = {"create": "create", "destroy": "delete", "update": "update"}
        actions = [names[step] for step in world.steps(address, new)] or [
            "no-op" if before == after else "update"
        ]
        kind = address.split(".")[0]
        marks: Json = {"after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}
        change = {"actions": actions, "before": before, "after": after, **marks}
        changes.append({"address": address, "mode": "managed", "type": kind, "change": change})
    data = [_data(name, world.policies[name]) for name in sorted(listed & world.policies.keys())]
    prior = {"values": {"root_module": {"resources": data}}}
    return {"format_version": "1.2", "resource_changes": changes, "prior_state": prior}


def _before(world: World, old: Deployed, *, has_attributes: bool) -> Json:
    policy = world.policies[old.wanted.policy]
    if old.wanted.type == WHOLE:
        body = _body(old.wanted)
        text = document(policy.versions[policy.default])
        return {**body, "policy_document": text, "default_version": policy.default}
    is_default = world.is_default(old)
    body = {**_body(old.wanted), "set_as_default": is_default, "is_default_version": is_default}
    body["version_id"] = old.version
    if has_attributes:
        going = {name for name in old.created if name in policy.versions}
        fallback = world.fallback(old, {old.version}) if is_default else None
        on_destroy = world.fallback(old, going) if policy.default in going else None
        body["default_version"] = _named(policy, policy.default)
        body["fallback_version"] = _named(policy, fallback)
        body["fallback_version_on_destroy"] = _named(policy, on_destroy)
    return body


def _after(world: World, old: Deployed | None, new: Wanted, before: Json | None) -> Json:
    body = _body(new)
    if new.type == WHOLE:
        if new.ignores_document and before is not None and new.policy == before["policy_name"]:
            body["policy_document"] = before["policy_document"]
        same = before is not None and {**before, **body} == before
        return {**before, **body} if same and before else body
    body["set_as_default"] = new.is_default
    if old is None or before is None or before["policy_name"] != new.policy:
        return body
    if {**before, **body} == before:
        return before
    keeps = body["policy_document"] == before["policy_document"]
    if keeps and before["set_as_default"] == new.is_default:
        return {**before, **body}
    if keeps:
        body["version_id"] = old.version
    if "default_version" in before and keeps and not new.is_default:
        body["default_version"] = before["fallback_version"]
    return body


def _named(policy: Policy, name: str | None) -> Json | None:
    if name is None:
        return None
    return {"version_id": name, "create_date": name, "policy_document": document(policy.versions[name])}


def _data(name: str, policy: Policy) -> Json:
    versions = [
        {
            "version_id": each,
            "is_default_version": each == policy.default,
            "policy_document": document(actions),
        }
        for each, actions in policy.versions.items()
    ]
    values = {"policy_name": name, "policy_type": "Custom", "versions": versions}
    address = f"data.alipolicy_policy_versions.{name}"
    return {"address": address, "mode": "data", "type": "alipolicy_policy_versions", "values": values}
