"""What a plan says of its configuration: what a value refers to, and in which account a provider works."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import frozen

from constructs_lib.review.loading.module_tree import digest
from constructs_lib.review.loading.provider_arguments import ACCOUNT, PROVIDERS
from constructs_lib.tokens import Deferred, is_token

_INSTANCE = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')


@frozen
class PlanConfiguration:
    """The `configuration` of a plan.

    * `_resources`: by address without instances. `_providers`: by key.
    """

    _resources: Mapping[str, Mapping[str, Any]]
    _providers: Mapping[str, Any]

    @classmethod
    def of(cls, configuration: object) -> PlanConfiguration:
        found = _object(configuration)
        return cls(dict(_resources(found.get("root_module"), "")), _object(found.get("provider_config")))

    def reference(self, address: str, attribute: str) -> str | None:
        """What an attribute refers to, such as `alicloud_ram_policy.a.id`, if that is one thing."""
        expressions = _object(self._resource(address).get("expressions"))
        names = _object(expressions.get(attribute)).get("references")
        names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
        # The resource itself follows each attribute of it.
        attributes = [name for name in names if not any(other.startswith(f"{name}.") for other in names)]
        return attributes[0] if len(attributes) == 1 else None

    def filled_in(self, attributes: Mapping[str, Any], address: str, has_accounts: bool) -> Mapping[str, Any]:
        """An attachment, with a reference to the policy if its name is not known, and with its account."""
        found: dict[str, Any] = {}
        is_unknown = is_token(attributes.get("policy_name"))
        if is_unknown and (reference := self.reference(address, "policy_name")):
            found["policy_name"] = Deferred(f"${{{reference}}}")
        if has_accounts and (account := self.account(address)):
            found["provider"] = account
        return {**attributes, **found}

    def accounts(self, addresses: Collection[str]) -> Mapping[str, str | None]:
        """The accounts of resources; empty where all are of one."""
        known = {address: self.account(address) for address in addresses if self._resource(address)}
        found = set(known.values())
        if len(known) < len(addresses):
            providers = map(_object, self._providers.values())
            found |= {_account(each) for each in providers if each.get("name") in PROVIDERS}
        return {address: self.account(address) for address in addresses} if len(found) > 1 else {}

    def account(self, address: str) -> str | None:
        """A name for all that says in which account a provider works; None where nothing does.

        What is gone is in no configuration: then it is that of the address alone.
        """
        resource = self._resource(address)
        if not resource:
            return f"of {address}"
        return _account(_object(self._providers.get(str(resource.get("provider_config_key")))))

    def _resource(self, address: str) -> Mapping[str, Any]:
        return self._resources.get(_INSTANCE.sub("", address), {})


def _resources(module: object, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    resources, calls = _object(module).get("resources"), _object(_object(module).get("module_calls"))
    for resource in map(_object, resources if isinstance(resources, list) else ()):
        yield f"{prefix}{resource.get('address')}", resource
    for name, call in calls.items():
        yield from _resources(_object(call).get("module"), f"{prefix}module.{name}.")


def _account(provider: Mapping[str, Any]) -> str | None:
    expressions = _object(provider.get("expressions"))
    account = {name: _of_role(expressions[name]) for name in ACCOUNT if name in expressions}
    # A digest, as there may be a key among these.
    return digest(account) if account else None


def _of_role(value: Any) -> Any:
    """Of a role that is assumed, its ARN: the name of the session is in the same account."""
    if isinstance(value, list):
        return [_object(role).get("role_arn", role) for role in value]
    return value


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
